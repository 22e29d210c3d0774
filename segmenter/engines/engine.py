"""What an engine is asked for: rows of a query, a repeatable sample, and files that it writes itself."""

import contextlib
import re
import shutil
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import duckdb
import pandas as pd
import sqlglot
from sqlglot import exp

from segmenter import config
from segmenter.errors.engines import EngineAddressError, EngineFailedError, EngineMissingError, EngineSourceError
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import UnwritableFolderError
from segmenter.io.export.sql.dialects import DIALECTS, SqlDialect, table_of
from segmenter.progress import Progress, silent
from segmenter.threads import n_threads

Answer = TypeVar("Answer")

LOCAL: Final = config.LOCAL_ENGINE
# A hash of a row is divided into so many equal parts, of which a sample takes the first.
_PARTS: Final = 1_000_000
# What a row is called in its own key.
_ROW: Final = "keyed_row"
_KEYS: Final = {
    "postgres": f"HASHTEXTEXTENDED(CAST({_ROW} AS TEXT), 0)",
    "bigquery": f"FARM_FINGERPRINT(TO_JSON_STRING({_ROW}))",
    "snowflake": "HASH(*)",
    "databricks": "XXHASH64(*)",
}
_LONGEST_MESSAGE: Final = 300
_CALL_SECONDS: Final = 0.2
# Where a Spark server listens unless an address says otherwise.
_SPARK_PORT: Final = 15_002
_SPARK_SECONDS: Final = 8.0
# A lost connection is tried again for some four seconds; by itself it would be for ten minutes.
_SPARK_RETRIES: Final = 4
_PARQUET: Final = (".parquet", ".pq")
_TEXT: Final = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".csv.zst")
_DATABASE: Final = (".duckdb", ".ddb")


@dataclass(eq=False)
class Engine:
    """Customers where they live.

    Attributes
    ----------
    title
        What it is called in a sentence.
    backend
        The connection: DuckDB's, a Spark session, or ibis'.
    source
        The customers, as they stand after FROM.
    columns
        Names of their columns.
    key
        A whole number from each row, the same every time, that has nothing to do with its values.
    as_text
        Whether every cell is a text, as in a CSV.
    """

    title: str
    dialect: SqlDialect
    backend: Any
    source: exp.Table | exp.Subquery
    key: str
    columns: tuple[str, ...] = ()
    as_text: bool = False
    types: Mapping[str, str] = field(default_factory=dict)

    def rows(self, query: exp.Query, progress: Progress = silent, share: float = 0.0, doing: str = "") -> pd.DataFrame:
        """Return what a query answers: aggregates and samples only, for it comes into this process' memory.

        Raises
        ------
        EngineFailedError
            If the engine gives up.
        """
        written = query.sql(dialect=self.dialect.key)
        frame: pd.DataFrame = self._watched(lambda: self._asked(written), progress, share, doing)
        return frame

    def count(self, progress: Progress = silent) -> int:
        """Return how many customers there are."""
        query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(self.source)
        return int(self.rows(query, progress, 0.0, "Counting the customers")["n"].iloc[0])

    def sample(self, n_rows: int, wanted: int, progress: Progress = silent) -> pd.DataFrame:
        """Return about so many customers, the same ones every time, in an order that does not depend on the engine.

        Parameters
        ----------
        n_rows
            How many customers there are; with no more than `wanted`, all of them come.
        """
        names = [exp.column(name, quoted=True) for name in self.columns]
        keyed = exp.select(*names, exp.alias_(exp.maybe_parse(self.key, dialect=self.dialect.key), "row_key"))
        query: exp.Select = exp.select(*names).from_(keyed.from_(self.source.copy().as_(_ROW)).subquery("keyed"))
        if n_rows > wanted:
            part = exp.Mod(this=exp.column("row_key"), expression=exp.Literal.number(_PARTS))
            query = query.where(
                exp.LT(this=exp.Abs(this=part), expression=exp.Literal.number(max(wanted * _PARTS // n_rows, 1)))
            )
        query = query.order_by(exp.column("row_key"))
        return self.rows(query, progress, 0.0, "Taking a sample")

    def write(self, query: exp.Query, path: Path, kind: str, progress: Progress = silent, share: float = 0.0) -> None:
        """Let the engine write what a query answers; the name stands for the whole file or is not there.

        Parameters
        ----------
        path
            Of the file, or of the folder that engines of many machines write instead.
        kind
            "parquet" or "csv".

        Raises
        ------
        EngineFailedError, UnwritableFolderError
            If the engine gives up, or cannot write there.
        """
        partial = path.with_name(f".{path.name}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove(partial)
        except OSError as error:
            raise UnwritableFolderError(str(path.parent), error.strerror or "it cannot be written to") from error
        written = query.sql(dialect=self.dialect.key)
        try:
            self._watched(
                lambda: self._write(written, partial, kind), progress, share, "Writing the labelled customers"
            )
            if path.is_dir() or partial.is_dir():
                _remove(path)
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                _remove(partial)
            raise

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.sql(written).to_pandas()
        return frame

    def _types(self, written: str) -> dict[str, str]:
        """Return the names and types of a query's columns."""
        return {str(name): str(kind) for name, kind in self.backend.sql(written).schema().items()}

    def _write(self, written: str, path: Path, kind: str) -> None:
        asked = self.backend.sql(written)
        (asked.to_parquet if kind == "parquet" else asked.to_csv)(path)

    def _interrupt(self) -> None:
        """Stop the query that runs; engines that cannot be told go on by themselves."""

    def _watched(self, ask: Callable[[], Answer], progress: Progress, share: float, doing: str) -> Answer:
        """Return an answer; while it is waited for, `progress` is called and may cancel the query."""
        answers: list[Answer] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(ask())
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        try:
            progress(share, doing)
            thread.start()
            while thread.is_alive():
                thread.join(_CALL_SECONDS)
                progress(share, doing)
        except BaseException:
            if thread.is_alive():
                self._interrupt()
                thread.join(10)
            raise
        if failed:
            raise _as_failure(self.title, doing, failed[0]) from failed[0]
        return answers[0]


class DuckDBEngine(Engine):
    """Files on this machine or in a bucket, read by an engine inside this process."""

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.execute(written).df()
        return frame

    def _types(self, written: str) -> dict[str, str]:
        found = self.backend.execute(f"DESCRIBE {written}").fetchall()
        return {name: kind for name, kind, *_ in found}

    def _write(self, written: str, path: Path, kind: str) -> None:
        options = "FORMAT PARQUET, COMPRESSION ZSTD" if kind == "parquet" else "FORMAT CSV, HEADER"
        self.backend.execute(f"COPY ({written}) TO {_quoted(str(path))} ({options})")

    def _interrupt(self) -> None:
        self.backend.interrupt()


class SparkEngine(Engine):
    """A cluster, through Spark Connect: this process holds no Java and no rows but samples."""

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.sql(written).toPandas()
        return frame

    def _types(self, written: str) -> dict[str, str]:
        return dict(self.backend.sql(written).dtypes)

    def _write(self, written: str, path: Path, kind: str) -> None:
        writer = self.backend.sql(written).write.mode("overwrite")
        if kind == "csv":
            writer = writer.option("header", True)
        # Written by the cluster's machines: a folder of files on a disk that they share with this one.
        (writer.parquet if kind == "parquet" else writer.csv)(str(path.absolute()))

    def _interrupt(self) -> None:
        self.backend.interruptAll()


def _as_failure(title: str, doing: str, error: BaseException) -> BaseException:
    if not isinstance(error, Exception):
        return error
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = lines[0] if lines else type(error).__name__
    why = re.sub(r"^(\[[\w.]+\]|[\w ]+ Error:) *", "", why).rstrip(".")
    return EngineFailedError(title, doing[:1].lower() + doing[1:] or "answering", why[:_LONGEST_MESSAGE])


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    return exp.Literal.string(value).sql(dialect="duckdb")


def address_in(path: Path | str) -> str:
    """Return an address such as s3://bucket/key, of which a path has swallowed a stroke."""
    return re.sub(r"^([a-z][a-z0-9+.-]+):/(?!/)", r"\1://", str(path))


@contextlib.contextmanager
def open_engine(address: str, source: str = "", table: str = "") -> Iterator[Engine]:
    """Open an engine on its customers, and close its session at the end.

    Parameters
    ----------
    address
        "duckdb", "sc://host:port" for Spark Connect, or the URL of another database that ibis knows.
    source
        A file, a folder or a pattern such as data/*.parquet, Parquet or CSV; also s3://… where the engine reads that.
    table
        A table of the engine instead of files.

    Raises
    ------
    EngineAddressError, EngineMissingError, EngineSourceError, InvalidSettingError
        If there is no such engine, or it does not find the customers.
    """
    if bool(source) == bool(table) and not source.endswith(_DATABASE):
        message = "Name the file, folder or pattern that the engine reads, or one of its tables with --table."
        raise InvalidSettingError(message)
    opened = _duckdb if address == "duckdb" else _spark if address.startswith("sc://") else _other
    with opened(address, source, table) as engine:
        try:
            found = engine._types(f"SELECT * FROM {engine.source.sql(dialect=engine.dialect.key)}")
        except Exception as error:
            failure = _as_failure(engine.title, "reading", error)
            raise EngineSourceError(source or table, getattr(failure, "why", str(error))) from error
        hidden = ("segmenter_file", "file_row_number")
        engine.types = {name: kind for name, kind in found.items() if name not in hidden}
        engine.columns = tuple(engine.types)
        yield engine


@contextlib.contextmanager
def _duckdb(address: str, source: str, table: str) -> Iterator[Engine]:  # noqa: ARG001 - one signature for all
    with tempfile.TemporaryDirectory(prefix="segmenter-") as spill:
        options = {
            "memory_limit": f"{config.ENGINE_MEMORY_MB}MB",
            "threads": n_threads(),
            "temp_directory": spill,
        }
        with duckdb.connect(":memory:", config=options) as backend:
            yield _duckdb_on(backend, source, table)


def _duckdb_on(backend: duckdb.DuckDBPyConnection, source: str, table: str) -> DuckDBEngine:
    dialect = DIALECTS["duckdb"]
    if source.endswith(_DATABASE):
        if not table:
            raise EngineSourceError(source, "it holds tables; name one with --table")
        try:
            backend.execute(f"ATTACH {_quoted(source)} AS customers_db (READ_ONLY)")
            backend.execute("USE customers_db")
        except Exception as error:
            raise EngineSourceError(source, str(error).splitlines()[0].rstrip(".")) from error
    if table:
        return DuckDBEngine("DuckDB", dialect, backend, table_of(table, dialect), f"hash({_ROW})")
    pattern, kind = _files(source)
    if kind == "csv":
        files = f"SELECT * FROM read_csv({_quoted(pattern)}, all_varchar = true, header = true, union_by_name = true)"
        return DuckDBEngine("DuckDB", dialect, backend, _subquery(files), "hash(ROW_NUMBER() OVER ())", as_text=True)
    files = f"SELECT * FROM read_parquet({_quoted(pattern)}, file_row_number = true, filename = 'segmenter_file')"
    # The file's own name without its folder: a copy elsewhere gives the same sample.
    key = "hash(parse_filename(segmenter_file), file_row_number)"
    return DuckDBEngine("DuckDB", dialect, backend, _subquery(files), key)


def _subquery(written: str) -> exp.Subquery:
    return exp.Subquery(this=sqlglot.parse_one(written, read="duckdb"))


def _files(source: str) -> tuple[str, str]:
    """Return the pattern of some files, and whether they are Parquet or CSV."""
    path = Path(source)
    if "://" not in source and path.is_dir():
        for kind, endings in (("parquet", _PARQUET), ("csv", _TEXT)):
            for ending in endings:
                if next(path.rglob(f"*{ending}"), None) is not None:
                    return str(path / "**" / f"*{ending}"), kind
        raise EngineSourceError(source, "the folder holds neither Parquet nor CSV files")
    lowered = source.lower()
    if lowered.endswith(_PARQUET):
        return source, "parquet"
    if lowered.endswith(_TEXT):
        return source, "csv"
    raise EngineSourceError(source, "engines read Parquet and CSV files, and the name ends like neither")


@contextlib.contextmanager
def _spark(address: str, source: str, table: str) -> Iterator[Engine]:
    session = _spark_session(address)
    try:
        dialect = DIALECTS["spark"]
        as_text = False
        if source:
            pattern, kind = _files(source)
            # The cluster reads folders by themselves, and knows no pattern for every folder below.
            where = str(Path(pattern.split("/**/")[0]).absolute()) if "://" not in pattern else pattern
            reader = session.read.option("header", True).option("recursiveFileLookup", "/**/" in pattern)
            as_text = kind == "csv"
            try:
                (reader.csv if as_text else reader.parquet)(where).createOrReplaceTempView("customers")
            except Exception as error:
                raise EngineSourceError(source, getattr(_as_failure("", "", error), "why", "")) from error
        where_from = table_of(table or "customers", dialect)
        yield SparkEngine("Spark", dialect, session, where_from, "xxhash64(*)", as_text=as_text)
    finally:
        with contextlib.suppress(Exception):
            # A server that has gone is not waited for.
            _retry(session, 0)
            session.stop()


def _spark_session(address: str) -> Any:  # noqa: ANN401 - pyspark is not always there
    """Return a session, or say within seconds that there is none: by itself it would try for 20 minutes."""
    host, port = _host_and_port(address)
    try:
        import grpc
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise EngineMissingError("Spark") from error
    # It reads, adds up and writes all the same; the sentence would stand before every answer.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        socket.create_connection((host, port), timeout=_SPARK_SECONDS / 2).close()
    except OSError as error:
        raise EngineAddressError(address, (error.strerror or str(error)).lower()) from error
    channel = grpc.insecure_channel(f"{host}:{port}")
    try:
        if ";use_ssl=true" not in address.lower():
            grpc.channel_ready_future(channel).result(timeout=_SPARK_SECONDS / 2)
    except grpc.FutureTimeoutError as error:
        raise EngineAddressError(address, "what listens there is no Spark Connect server") from error
    finally:
        channel.close()
    try:
        session = SparkSession.builder.remote(address).create()
        _retry(session, _SPARK_RETRIES)
    except Exception as error:
        raise EngineAddressError(address, str(error).splitlines()[0][:_LONGEST_MESSAGE].rstrip(".")) from error
    return session


def _retry(session: Any, times: int) -> None:  # noqa: ANN401 - pyspark is not always there
    for policy in session.client.get_retry_policies():
        policy.max_retries = times


def _host_and_port(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address.split(";")[0])
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise EngineAddressError(address, "it names no host; write sc://host:15002")
    return host, port or _SPARK_PORT


@contextlib.contextmanager
def _other(address: str, source: str, table: str) -> Iterator[Engine]:
    """Open any other database that ibis knows; not tested by this project."""
    import ibis

    if "://" not in address:
        message = f"There is no engine {address!r}: local, duckdb, sc://host:port, or a database's URL that ibis knows."
        raise InvalidSettingError(message)
    if source:
        raise EngineSourceError(source, "this engine reads its own tables only; name one with --table")
    shown = address.split("@")[-1]
    try:
        backend = ibis.connect(address)
    except Exception as error:
        raise EngineAddressError(shown, str(error).splitlines()[0][:_LONGEST_MESSAGE].rstrip(".")) from error
    key = {"pyspark": "spark"}.get(backend.name, backend.name)
    if key not in _KEYS:
        raise EngineAddressError(shown, f"{backend.name} is none of {', '.join(_KEYS)}")
    try:
        yield Engine(DIALECTS[key].title, DIALECTS[key], backend, table_of(table, DIALECTS[key]), _KEYS[key])
    finally:
        with contextlib.suppress(Exception):
            backend.disconnect()
