"""What an engine is asked for: rows of a query, a repeatable sample, and files that it writes itself."""

import contextlib
import glob
import importlib.util
import os
import re
import secrets
import shutil
import socket
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import urlsplit

import duckdb
import numpy as np
import pandas as pd
import sqlglot
from sqlglot import exp

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import UnwritableFolderError
from segmenter.errors.reading import EngineAddressError, EngineFailedError, EngineMissingError, EngineSourceError
from segmenter.io.export.csv import HYPHEN, RISKY, SIGNED_NUMBER, escaped
from segmenter.io.export.sql.dialects import DIALECTS, SqlDialect, case, table_of, text
from segmenter.io.read.csv.delimited import open_text
from segmenter.io.read.parsed import ReadOptions
from segmenter.progress import Progress, silent
from segmenter.table.columns import unique_names
from segmenter.threads import n_threads

Answer = TypeVar("Answer")

LOCAL: Final = config.LOCAL_ENGINE
# A hash of a row is divided into so many equal parts, of which a sample takes the first.
_PARTS: Final = 1_000_000
# What a row and its key are called in a query; none of the customers' columns is called so.
_ROW: Final = "segmenter_row"
_KEY: Final = "segmenter_row_key"
_PLAIN_KEYS: Final = {"duckdb": f"hash({_ROW})", "spark": "xxhash64(*)"}
_KEYS: Final = {
    "postgres": f"HASHTEXTEXTENDED(CAST({_ROW} AS TEXT), 0)",
    "bigquery": f"FARM_FINGERPRINT(TO_JSON_STRING({_ROW}))",
    "snowflake": "HASH(*)",
    "databricks": "XXHASH64(*)",
}
# What is read beside the customers' own columns.
_HIDDEN: Final = ("segmenter_file", "file_row_number")
_WRITING: Final = "Writing the labelled customers"
# What the engines call a column of texts.
_TEXT_TYPES: Final = ("VARCHAR", "STRING", "TEXT", "CHAR", "!STRING")
# Of numbers and dates.
_TYPED: Final = frozenset(
    """TINYINT SMALLINT INT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT DECIMAL FLOAT REAL
    DOUBLE DATE TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_NTZ""".split()  # noqa: SIM905
) | {"TIMESTAMP WITH TIME ZONE"}
# And of lists, records or bytes.
_NESTED: Final = (
    "STRUCT", "ROW(", "MAP", "UNION", "VARIANT", "ARRAY", "LIST", "BLOB", "BYTEA", "BINARY", "VARBINARY", "BIT",
    "GEO", "OBJECT",
)  # fmt: skip
_LONGEST_MESSAGE: Final = 300
_CALL_SECONDS: Final = 0.2
# So often a server that is at work is asked whether it is there; a query that is stopped has so long to end.
_LOOK_SECONDS: Final = 3.0
_STOPPED_SECONDS: Final = 10.0
# And what is said to a server at the end is waited for no longer than this.
_END_SECONDS: Final = 2.0
# Where a Spark server listens unless an address says otherwise.
_SPARK_PORT: Final = 15_002
_SPARK_SECONDS: Final = 8.0
# The server of a bucket is waited for so many seconds.
_SERVER_SECONDS: Final = 8
# A lost connection is tried again for some four seconds; by itself it would be for ten minutes.
_SPARK_RETRIES: Final = 4
# Marks inside a text are doubled, and blanks around it are its own, as in every other CSV.
_SPARK_CSV: Final = {"escape": '"', "ignoreLeadingWhiteSpace": False, "ignoreTrailingWhiteSpace": False}
_GONE: Final = "the connection to it was lost; try again when its server answers"
# What stands where a byte meant no letter.
_LOST: Final = "\ufffd"
_UNEVEN: Final = (
    "its rows have different numbers of columns, or a mark of quotation is not closed; mend it, or write Parquet"
)
# Of a table of one column, so many rows tell whether it was meant to be one.
_FIRST: Final = 10
# So many rows are handed over at a time.
_BLOCK_ROWS: Final = 65_536
# Lines of a file in which the names of its columns are looked for.
_HEAD_LINES: Final = 200
# Bytes at both ends of a file whose line ends are looked at.
_LOOKED_AT: Final = 1 << 16
_SEPARATORS: Final = (";", "\t", "|")
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
    types
        What the engine calls the columns' types.
    database
        The file of DuckDB's that holds the tables; empty for files of customers.
    held
        What was worked out and is kept by the engine until the connection ends.
    address
        Of its server, as it may be shown; empty where none is asked whether it is still there.
    left_out
        What is true of the rows that are none of the customers; empty where all are.
    """

    title: str
    dialect: SqlDialect
    backend: Any
    source: exp.Table | exp.Subquery
    key: str
    columns: tuple[str, ...] = ()
    as_text: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    held: list[str] = field(default_factory=list)
    address: str = ""
    left_out: str = ""

    # Whether the engine is inside this process, so that its rows are handed over for nothing.
    in_process: ClassVar[bool] = False

    @property
    def nested(self) -> tuple[str, ...]:
        """The columns of lists, records or bytes, which hold no one value a customer."""
        kinds = {name: kind.upper().lstrip("!") for name, kind in self.types.items()}
        return tuple(name for name, kind in kinds.items() if kind.startswith(_NESTED) or kind.endswith("]"))

    def on(self, source: str = "", table: str = "") -> "Engine":
        """Return the same connection on some customers.

        Parameters
        ----------
        source, table
            As for `open_engine`.

        Raises
        ------
        EngineSourceError
            If the engine does not find them.
        """
        found = self._found(source, table)
        try:
            types = found._types(f"SELECT * FROM {found.source.sql(dialect=self.dialect.key)}")
        except Exception as error:
            raise EngineSourceError(source or table, _why(error)) from error
        names = [name for name in types if name not in _HIDDEN]
        if found.as_text and len(names) == 1:
            query = exp.select(exp.column(names[0], quoted=True)).from_(found.source).limit(_FIRST)
            cells = found.rows(query).iloc[:, 0].dropna().astype("str")
            if any(mark in text for text in (names[0], *cells) for mark in (",", *_SEPARATORS)):
                raise EngineSourceError(source, _UNEVEN)
        # What stands around a name, and names that come twice, are read as in a file.
        readable = unique_names(names)
        if readable != names:
            hidden = [exp.column(name) for name in types if name in _HIDDEN]
            renamed = [
                exp.alias_(exp.column(name, quoted=True), shown, quoted=True)
                for name, shown in zip(names, readable, strict=True)
            ]
            found = replace(found, source=exp.select(*renamed, *hidden).from_(found.source).subquery("named"))
        return found._of_types({shown: types[name] for name, shown in zip(names, readable, strict=True)})

    def _of_types(self, types: Mapping[str, str]) -> "Engine":
        typed = frozenset(name for name, kind in types.items() if kind.upper().partition("(")[0] in _TYPED)
        return replace(self, types=types, columns=tuple(types), dialect=replace(self.dialect, typed=typed))

    def without(self, condition: str) -> "Engine":
        """Return the same customers but for those of whom a condition, in the engine's SQL, is true."""
        if not condition:
            return self
        others = exp.not_(exp.func("COALESCE", exp.condition(condition, dialect=self.dialect.key), exp.false()))
        kept = exp.select("*").from_(self.source.copy()).where(others).subquery("kept")
        return replace(self, source=kept, left_out=condition)

    def _found(self, source: str, table: str) -> "Engine":
        if source:
            raise EngineSourceError(source, "this engine reads its own tables only; name one with --table")
        return replace(self, source=table_of(table, self.dialect))

    def rows(self, query: exp.Query, progress: Progress = silent, share: float = 0.0, doing: str = "") -> pd.DataFrame:
        """Return what a query answers: aggregates and samples only, for it comes into this process' memory.

        Raises
        ------
        EngineFailedError
            If the engine gives up.
        """
        written = query.sql(dialect=self.dialect.key)
        frame: pd.DataFrame = self._watched(lambda: self._asked(written), progress, share, doing)
        for place, name in enumerate(frame.columns):
            # Decimals come as objects, and are the doubles here that files make of them.
            cells = frame.iloc[:, place]
            if cells.dtype == object and pd.api.types.infer_dtype(cells, skipna=True) == "decimal":
                frame[name] = cells.astype(np.float64)
        return frame

    def each_block(
        self, query: exp.Query, take: Callable[..., bool], progress: Progress = silent, share: float = 0.0,
        doing: str = "",
    ) -> None:  # fmt: skip
        """Hand over all rows of a query of numbers, a block at a time: the columns of some ten thousand as arrays.

        Only what is inside this process does; missing numbers are NaN.

        Parameters
        ----------
        take
            Is called with the columns of a block, and returns whether it wants more.

        Raises
        ------
        EngineFailedError
            If the engine gives up.
        """
        written = query.sql(dialect=self.dialect.key)
        self._watched(lambda: self._hand_over(written, take), progress, share, doing)

    def count(self, progress: Progress = silent) -> int:
        """Return how many customers there are."""
        query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(self.source)
        return int(self.rows(query, progress, 0.0, "Counting the customers")["n"].iloc[0])

    def sample(self, n_rows: int, wanted: int, progress: Progress = silent) -> pd.DataFrame:
        """Return about so many customers, the same ones every time, in an order that does not depend on the engine.

        Columns that are `nested` stay where they are.

        Parameters
        ----------
        n_rows
            How many customers there are; with no more than `wanted`, all of them come.
        """
        nested = self.nested
        names = [exp.column(name, quoted=True) for name in self.columns if name not in nested]
        keyed = exp.select(*names, exp.alias_(exp.maybe_parse(self.key, dialect=self.dialect.key), _KEY))
        query: exp.Select = exp.select(*names).from_(keyed.from_(self.source.copy().as_(_ROW)).subquery("keyed"))
        if n_rows > wanted:
            part = exp.Mod(this=exp.column(_KEY), expression=exp.Literal.number(_PARTS))
            query = query.where(
                exp.LT(this=exp.Abs(this=part), expression=exp.Literal.number(max(wanted * _PARTS // n_rows, 1)))
            )
        # Never more than is said, though a part of all hashes may be.
        query = query.order_by(exp.column(_KEY)).limit(wanted)
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
        written = (self._guarded(query) if kind == "csv" else query).sql(dialect=self.dialect.key)
        try:
            self._watched(lambda: self._write(written, partial, kind), progress, share, _WRITING)
            if path.is_dir() or partial.is_dir():
                _remove(path)
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                _remove(partial)
            raise

    def write_table(self, query: exp.Query, name: str, progress: Progress = silent, share: float = 0.0) -> None:
        """Let the engine keep what a query answers as a new table; it is there as a whole or not at all.

        Parameters
        ----------
        name
            As it would stand after FROM; a table of that name is never replaced.

        Raises
        ------
        EngineFailedError, InvalidSettingError
            If the engine gives up, one is there already, or `name` is no name of a table.
        """
        table = table_of(name, self.dialect).sql(dialect=self.dialect.key)
        written = query.sql(dialect=self.dialect.key)
        self._watched(lambda: self._keep(written, table), progress, share, _WRITING)

    def hold(self, written: str, progress: Progress = silent, share: float = 0.0, doing: str = "") -> "Engine":
        """Return the same connection on what a query answers, worked out once and kept while the connection lasts.

        Raises
        ------
        EngineFailedError, InvalidSettingError
            If the engine gives up, or is one that holds nothing.
        """
        name = f"segmenter_{secrets.token_hex(4)}"
        self._watched(lambda: self._hold(written, name), progress, share, doing)
        return self.seen_as(f"SELECT * FROM {name}")

    def seen_as(self, written: str) -> "Engine":
        """Return the same connection on what a query answers, which is asked whenever they are looked at."""
        asked = exp.Subquery(this=sqlglot.parse_one(written, read=self.dialect.key))
        found = replace(self, source=asked, as_text=False, key=_PLAIN_KEYS[self.dialect.key])
        return found._of_types(found._types(written))

    def tables(self) -> tuple[str, ...]:
        """Return the names of the engine's own tables."""
        return tuple(self._watched(self._listed, silent, 0.0, "Listing the tables"))

    def _hold(self, written: str, name: str) -> None:  # noqa: ARG002 - others hold it
        message = f"Purchases become customers on DuckDB and Spark; on {self.title}, name a table of customers."
        raise InvalidSettingError(message)

    def _listed(self) -> list[str]:
        return sorted(map(str, self.backend.list_tables()))

    def _keep(self, written: str, table: str) -> None:
        self.backend.raw_sql(f"CREATE TABLE {table} AS {written}")

    def _guarded(self, query: exp.Query) -> exp.Select:
        """Return a query whose texts no spreadsheet would run, as in the files that this program writes itself."""
        found = self._watched(lambda: self._types(query.sql(dialect=self.dialect.key)), silent, 0.0, _WRITING)
        cells = []
        for name, kind in found.items():
            cell: exp.Expression = exp.column(name, quoted=True)
            if kind.upper() in _TEXT_TYPES:
                risky = exp.and_(
                    exp.RegexpLike(this=cell.copy(), expression=text(RISKY)),
                    exp.not_(exp.RegexpLike(this=cell.copy(), expression=text(SIGNED_NUMBER))),
                    exp.NEQ(this=cell.copy(), expression=text(HYPHEN)),
                )
                cell = case([(risky, exp.DPipe(this=text("'"), expression=cell.copy(), safe=True))], cell)
            cells.append(exp.alias_(cell, exp.to_identifier(escaped(name), quoted=True)))
        return exp.select(*cells).from_(query.subquery("labelled"))

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.sql(written).to_pandas()
        return frame

    def _hand_over(self, written: str, take: Callable[..., bool]) -> None:
        raise NotImplementedError

    def _types(self, written: str) -> dict[str, str]:
        """Return the names and types of a query's columns."""
        return {str(name): str(kind) for name, kind in self.backend.sql(written).schema().items()}

    def _write(self, written: str, path: Path, kind: str) -> None:
        asked = self.backend.sql(written)
        (asked.to_parquet if kind == "parquet" else asked.to_csv)(path)

    def _interrupt(self) -> None:
        """Stop the query that runs; engines that cannot be told go on by themselves."""

    def _look(self) -> None:
        """Raise ConnectionError where the server is no longer there; one inside this process always is."""

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
        looked = time.monotonic()
        try:
            progress(share, doing)
            thread.start()
            while thread.is_alive():
                thread.join(_CALL_SECONDS)
                progress(share, doing)
                if time.monotonic() > looked + _LOOK_SECONDS:
                    self._look()
                    looked = time.monotonic()
        except BaseException as error:  # noqa: BLE001 - raised again as soon as the query ends
            gone = isinstance(error, ConnectionError)
            if thread.is_alive() and not gone and _within(_END_SECONDS, self._interrupt):
                thread.join(_STOPPED_SECONDS)
            raise _as_failure(self.title, doing, error) from error.__cause__
        if failed:
            raise _as_failure(self.title, doing, failed[0]) from failed[0]
        return answers[0]


class DuckDBEngine(Engine):
    """Files on this machine or in a bucket, read by an engine inside this process."""

    in_process = True

    def on(self, source: str = "", table: str = "") -> Engine:
        """Return the same connection on some customers, as other engines do.

        A bucket's server that is silent is waited for once and not, as by itself, four times for half a minute.
        """
        if "://" not in source:
            return super().on(source, table)
        # Without the extension for such addresses there is nothing to set, and what is missing is said below.
        with contextlib.suppress(duckdb.Error):
            self.backend.execute(f"SET http_timeout = {_SERVER_SECONDS}; SET http_retries = 0")
        try:
            return super().on(source, table)
        finally:
            with contextlib.suppress(duckdb.Error):
                # Rows take their time.
                self.backend.execute("RESET http_timeout; RESET http_retries")

    def _found(self, source: str, table: str) -> Engine:
        if source.endswith(_DATABASE) and not table:
            raise EngineSourceError(source, "it holds tables; name one with --table")
        if table:
            return replace(self, source=table_of(table, self.dialect))
        pattern, kind = _files(source)
        if kind == "csv":
            files = (
                f"SELECT * FROM read_csv({_literal(pattern)}, all_varchar = true, header = true, "
                f"skip = {self._lines_above(pattern)}, "
                f"union_by_name = true{', strict_mode = false' if _line_ends_differ(pattern) else ''})"
            )
            return replace(self, source=_subquery(files), key="hash(ROW_NUMBER() OVER ())", as_text=True)
        files = f"SELECT * FROM read_parquet({_literal(pattern)}, file_row_number = true, filename = 'segmenter_file')"
        # The file's own name without its folder: a copy elsewhere gives the same sample.
        return replace(self, source=_subquery(files), key="hash(parse_filename(segmenter_file), file_row_number)")

    def _lines_above(self, pattern: str) -> int:
        """Return how many lines stand above the names of the columns, the same number in all files.

        DuckDB itself takes customers that are alike for such lines, and titles that fill a row for names.
        """
        above: dict[int, str] = {}
        known = ""
        try:
            files = [str(row[0]) for row in self.backend.execute(f"FROM glob({_literal(pattern)})").fetchall()]
            for file in files or [pattern]:
                lines = self.backend.execute(
                    f"FROM read_csv({_literal(file)}, columns = {{'line': 'VARCHAR'}}, auto_detect = false, "
                    f"header = false, delim = '\\0', quote = '', escape = '', skip = 0) LIMIT {_HEAD_LINES}"
                ).fetchall()
                first = str(lines[0][0] or "") if lines else ""
                if not first or first != known:
                    above.setdefault(_lines_above_names([str(line or "") for (line,) in lines], file), file)
                    known = first if 0 in above else ""
        except duckdb.Error as error:
            if _SILENT in str(error):
                raise EngineSourceError(pattern, _why(error)) from error
            # What else is wrong with a file is said when its rows are asked for.
            return 0
        if len(above) > 1:
            (least, one), (most, other), *_ = sorted(above.items())
            why = f"its columns' names stand on line {most + 1}, those of {one} on line {least + 1}; read them apart"
            raise EngineSourceError(other, why)
        return next(iter(above), 0)

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.execute(written).df()
        return frame

    def _hand_over(self, written: str, take: Callable[..., bool]) -> None:
        for block in self.backend.execute(written).to_arrow_reader(_BLOCK_ROWS):
            if not take(*(column.to_numpy(zero_copy_only=False) for column in block.columns)):
                return

    def _types(self, written: str) -> dict[str, str]:
        found = self.backend.execute(f"DESCRIBE {written}").fetchall()
        return {name: kind for name, kind, *_ in found}

    def _write(self, written: str, path: Path, kind: str) -> None:
        # The first level takes half the time of the usual third and a sixth more room, less than Snappy's.
        packed = "COMPRESSION ZSTD, COMPRESSION_LEVEL 1"
        options = f"FORMAT PARQUET, {packed}" if kind == "parquet" else "FORMAT CSV, HEADER"
        self.backend.execute(f"COPY ({written}) TO {_literal(str(path))} ({options})")

    def _hold(self, written: str, name: str) -> None:
        # In the database that is in memory, which spills to the disk: one that is only read takes no table.
        self.backend.execute(f"CREATE TEMP TABLE {name} AS {written}")

    def _keep(self, written: str, table: str) -> None:
        if not self.database:
            message = "files have no place for a table: write Parquet or CSV, or keep the customers in a .duckdb file"
            raise ValueError(message)
        self.backend.execute(f"CREATE TABLE {table} AS {written}")

    def _listed(self) -> list[str]:
        return [str(row[0]) for row in self.backend.execute("SHOW TABLES").fetchall()]

    def _interrupt(self) -> None:
        self.backend.interrupt()


class SparkEngine(Engine):
    """A cluster, through Spark Connect: this process holds no Java and no rows but samples."""

    def _found(self, source: str, table: str) -> Engine:
        if table:
            return replace(self, source=table_of(table, self.dialect))
        pattern, kind = _files(source)
        # The cluster reads folders by themselves, and knows no pattern for every folder below.
        folder = pattern.split("/**/")[0]
        where = str(Path(folder).absolute()) if "://" not in pattern else folder
        # A text may hold line ends, and a file whose columns stand in another order is refused, not misread.
        # So is one with rows of other lengths, which would be filled up with nothing.
        reader = self.backend.read.options(
            header=True, multiLine=True, enforceSchema=False, mode="FAILFAST", **_SPARK_CSV
        )
        reader = reader.option("recursiveFileLookup", "/**/" in pattern)
        view = f"segmenter_{secrets.token_hex(4)}"
        try:
            found = reader.csv(where) if kind == "csv" else reader.parquet(where)
            if kind == "csv" and len(found.columns) == 1:
                # Other engines look for what stands between the columns; this one takes a comma.
                mark = next((each for each in _SEPARATORS if each in found.columns[0]), ",")
                found = reader.option("sep", mark).csv(where)
            lines: list[str] = []
            if kind == "csv":
                texts = self.backend.read.option("recursiveFileLookup", "/**/" in pattern).text(where)
                lines = [row[0] for row in texts.limit(_HEAD_LINES).collect()]
            found.createOrReplaceTempView(view)
        except Exception as error:
            raise EngineSourceError(source, _why(error)) from error
        above = _lines_above_names(lines, source)
        # Spark passes over blank lines by itself.
        if any(line.strip() for line in lines[:above]):
            why = f"the names of its columns stand on line {above + 1}; take away what stands above, or write Parquet"
            raise EngineSourceError(source, why)
        return replace(self, source=table_of(view, self.dialect), as_text=kind == "csv")

    def sample(self, n_rows: int, wanted: int, progress: Progress = silent) -> pd.DataFrame:
        """Return a sample as other engines do; what is not written in UTF-8 is refused, as those refuse it.

        Raises
        ------
        EngineSourceError
            If letters were lost in reading.
        """
        rows = super().sample(n_rows, wanted, progress)
        for name in rows.columns if self.as_text else ():
            if _LOST in name or rows[name].astype("str").str.contains(_LOST, regex=False).any():
                raise EngineSourceError(
                    name, "its letters are not written in UTF-8; write the file as UTF-8 or Parquet"
                )
        return rows

    def _asked(self, written: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.backend.sql(written).toPandas()
        # What the query has cost is nobody's business, and no part of a table.
        frame.attrs.clear()
        return frame

    def _types(self, written: str) -> dict[str, str]:
        return dict(self.backend.sql(written).dtypes)

    def _write(self, written: str, path: Path, kind: str) -> None:
        writer = self.backend.sql(written).write.mode("overwrite")
        if kind == "csv":
            writer = writer.options(header=True, quoteAll=True, **_SPARK_CSV)
        # Written by the cluster's machines: a folder of files on a disk that they share with this one.
        (writer.parquet if kind == "parquet" else writer.csv)(str(path.absolute()))

    def _hold(self, written: str, name: str) -> None:
        self.backend.sql(f"CREATE TEMPORARY VIEW {name} AS {written}")
        self.held.append(name)
        self.backend.sql(f"CACHE TABLE {name}")

    def seen_as(self, written: str) -> Engine:
        """Return the same connection on what a query answers, as a view of this session."""
        # Of a query with steps of its own, Spark takes no two in one.
        name = f"segmenter_{secrets.token_hex(4)}"
        self._watched(lambda: self.backend.sql(f"CREATE TEMPORARY VIEW {name} AS {written}"), silent, 0.0, "Looking")
        found = replace(self, source=table_of(name, self.dialect), as_text=False, key=_PLAIN_KEYS["spark"])
        return found._of_types(found._types(written))

    def _keep(self, written: str, table: str) -> None:
        partial = exp.to_table(table, dialect="spark")
        partial.set("this", exp.to_identifier(f"{partial.name}__partial", quoted=True))
        unfinished = partial.sql(dialect="spark")
        if self.backend.catalog.tableExists(table):
            message = f"there is a table {table} already"
            raise ValueError(message)
        self.backend.sql(f"DROP TABLE IF EXISTS {unfinished}")
        try:
            self.backend.sql(f"CREATE TABLE {unfinished} USING parquet AS {written}").collect()
            self.backend.sql(f"ALTER TABLE {unfinished} RENAME TO {table}")
        except BaseException:
            with contextlib.suppress(Exception):
                self.backend.sql(f"DROP TABLE IF EXISTS {unfinished}")
            raise

    def _listed(self) -> list[str]:
        return [row["tableName"] for row in self.backend.sql("SHOW TABLES").collect() if not row["isTemporary"]]

    def _look(self) -> None:
        # A machine that was cut off says nothing, and a call would wait for its answer for ever.
        try:
            _knock(*_host_and_port(self.address), self.address)
        except EngineAddressError as error:
            raise ConnectionError(_GONE) from error

    def _interrupt(self) -> None:
        self.backend.interruptAll()


def _as_failure(title: str, doing: str, error: BaseException) -> BaseException:
    if not isinstance(error, Exception) or isinstance(error, SegmenterError):
        return error
    return EngineFailedError(title, doing[:1].lower() + doing[1:] or "answering", _why(error))


# What the servers of buckets mean.
_SILENT: Final = "Timeout was reached"
_OF_SERVERS: Final = {
    "HTTP 404": "no such file or bucket is there",
    _SILENT: "its server does not answer",
    "Could not connect to server": "nobody listens at the address of its server",
    "Could not resolve hostname": "there is no server of that name",
}
_NO_BUCKETS: Final = ("FileSystem not found", "No FileSystem for scheme")
# What helps where an engine's message holds such words.
_ADVICE: Final = {
    "install the required extension": (
        "; where there is a network, DuckDB loads it once by INSTALL httpfs; elsewhere, "
        "`pip install duckdb-extension-httpfs` brings the file to INSTALL"
    ),
    **dict.fromkeys(
        ("HTTP 401", "HTTP 403"),
        "; a bucket's credentials are those of the engine's own secrets (CREATE PERSISTENT SECRET)",
    ),
    **dict.fromkeys(_NO_BUCKETS, "; start it with the package for such buckets, for s3a:// hadoop-aws"),
    "Task failed while writing": "; its disk may be full, or its machines may not write there",
    "TIMESTAMP(NANOS": "; Spark knows no nanoseconds: write the file's moments in microseconds",
}


def _why(error: BaseException) -> str:
    """Return the first line of an engine's message, without its own code and the full stop."""
    code = getattr(error, "getGrpcStatusCode", lambda: None)()
    if getattr(code, "name", "") in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        return _GONE
    # Errors of a remote call say what matters in a field of their own.
    details = getattr(error, "details", None)
    said = str(details() if callable(details) else "") or str(error)
    # Or in the middle of what they print of themselves.
    if (inner := re.search(r'^\s*details = "(.+)"$', said, re.MULTILINE)) is not None:
        said = inner[1]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    why = lines[0] if lines else type(error).__name__
    why = (
        re.sub(r"^(\[[\w.]+\]|[\w ]+ Error:) *", "", why)
        .partition(" SQLSTATE: ")[0]
        .replace(": : ", ": ")[:_LONGEST_MESSAGE]
        .rstrip(".:! ")
    )
    if why.startswith("Error when sniffing file") or "MALFORMED_RECORD" in said or "Malformed records" in said:
        # Spark shows the row, which is somebody's.
        why = _UNEVEN
    if re.match("No files found that match|Path does not exist", why):
        why = "no such file is there"
    if isinstance(error, UnicodeDecodeError):
        why = "it holds other bytes than letters"
    if isinstance(error, UnicodeDecodeError) or "Invalid unicode" in said or "not utf-8" in said.lower():
        why += "; its letters are not written in UTF-8: write it as UTF-8 or Parquet"
    why = next((meant for words, meant in _OF_SERVERS.items() if words in said), why)
    if any(words in said for words in _NO_BUCKETS):
        why = "its server reads no such address"
    why += next((advice for words, advice in _ADVICE.items() if words in why or words in said), "")
    # Spark keeps the cause to itself.
    unread = "; it is damaged, or its columns stand in another order than in the other files"
    return f"{why}{unread}" if why.startswith("Encountered error while reading file") else why


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _lines_above_names(lines: Sequence[str], source: str) -> int:
    """Return how many of a file's first lines stand above the names of its columns, as files are read without engines.

    Raises
    ------
    EngineSourceError
        If there are no names, or they stand on several lines.
    """
    try:
        found = open_text(memoryview("\n".join(lines).encode()), "utf-8", ReadOptions())
    except SegmenterError:
        return 0
    layout = found.layout
    if found.spans or layout.body >= len(found.head):
        return 0
    if layout.header is None:
        raise EngineSourceError(source, "no names stand above its columns; write them into its first line")
    if layout.levels or layout.extra_headers:
        raise EngineSourceError(source, "the names of its columns stand on several lines; write them on one")
    return found.head[layout.header].line - 1


def _line_ends_differ(pattern: str) -> bool:
    """Whether lines of a file end in two ways, as where another program has added the last one.

    DuckDB takes that for damage unless it is told to be less strict.
    """
    packed = pattern.lower().endswith((".gz", ".zst"))
    for path in glob.iglob(pattern, recursive=True) if "://" not in pattern and not packed else ():  # noqa: PTH207
        with contextlib.suppress(OSError), Path(path).open("rb") as file:
            seen = file.read(_LOOKED_AT)
            file.seek(max(file.seek(0, os.SEEK_END) - _LOOKED_AT, 0))
            seen += file.read()
            if 0 < seen.count(b"\r\n") < seen.count(b"\n"):
                return True
    return False


def _literal(value: str) -> str:
    return exp.Literal.string(value).sql(dialect="duckdb")


def address_in(path: Path | str) -> str:
    """Return an address such as s3://bucket/key, of which a path has swallowed a stroke."""
    return re.sub(r"^([a-z][a-z0-9+.-]+):/(?!/)", r"\1://", str(path))


@contextlib.contextmanager
def open_engine(address: str, source: str = "", table: str = "", *, writes: bool = False) -> Iterator[Engine]:
    """Open an engine on its customers, and close its session at the end.

    Parameters
    ----------
    address
        "duckdb", "sc://host:port" for Spark Connect, or the URL of another database that ibis knows.
    source
        A file, a folder or a pattern such as data/*.parquet, Parquet or CSV; also s3://… where the engine reads that.
    table
        A table of the engine instead of files, or of the DuckDB database that `source` is.
    writes
        Whether a table may be written; a DuckDB database is opened to be read alone otherwise.

    Raises
    ------
    EngineAddressError, EngineMissingError, EngineSourceError, InvalidSettingError
        If there is no such engine, or it does not find the customers.
    """
    if bool(source) == bool(table) and not source.endswith(_DATABASE):
        message = "Name the file, folder or pattern that the engine reads, or one of its tables with --table."
        raise InvalidSettingError(message)
    with connected(address, source if source.endswith(_DATABASE) else "", writes=writes) as engine:
        yield engine.on(source, table)


@contextlib.contextmanager
def connected(address: str, database: str = "", *, writes: bool = False) -> Iterator[Engine]:
    """Connect to an engine, and close its session at the end; `Engine.on` says which customers are meant.

    Parameters
    ----------
    address
        As for `open_engine`.
    database
        A file of DuckDB's, whose tables are the engine's.
    writes
        Whether a table may be written into it.

    Raises
    ------
    EngineAddressError, EngineMissingError, EngineSourceError, InvalidSettingError
        If there is no such engine, or no such file.
    """
    if address == "duckdb":
        opened = _duckdb(database, writes=writes)
    else:
        opened = _spark(address) if address.startswith("sc://") else _other(address)
    with opened as engine:
        yield engine


@contextlib.contextmanager
def _duckdb(database: str, *, writes: bool) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="segmenter-") as spill:
        options = {
            "memory_limit": f"{config.ENGINE_MEMORY_MB}MB",
            "threads": n_threads(),
            "temp_directory": spill,
        }
        with duckdb.connect(":memory:", config=options) as backend:
            dialect = DIALECTS["duckdb"]
            # Moments with a zone are read as files are, whatever the zone of this machine.
            backend.execute("SET TimeZone = 'UTC'")
            engine = DuckDBEngine("DuckDB", dialect, backend, table_of("customers", dialect), _PLAIN_KEYS["duckdb"])
            if database:
                if not Path(database).is_file():
                    raise EngineSourceError(database, "there is no such file")
                try:
                    backend.execute(f"ATTACH {_literal(database)} AS customers_db{'' if writes else ' (READ_ONLY)'}")
                    backend.execute("USE customers_db")
                except Exception as error:
                    raise EngineSourceError(database, _why(error)) from error
                engine.database = database
            yield engine


def _subquery(written: str) -> exp.Subquery:
    return exp.Subquery(this=sqlglot.parse_one(written, read="duckdb"))


def is_engine_file(name: str) -> bool:
    """Whether engines read files of such a name."""
    return name.lower().endswith((*_PARQUET, *_TEXT))


def _files(source: str) -> tuple[str, str]:
    """Return the pattern of some files, and whether they are Parquet or CSV."""
    path = Path(source)
    if "://" not in source and path.is_dir():
        there = [ending for ending in (*_PARQUET, *_TEXT) if next(path.rglob(f"*{ending}"), None) is not None]
        # A text beside tables is mostly one to be read by people.
        there = [ending for ending in there if ending != ".txt"] or there
        if len(there) > 1:
            kinds = f"{', '.join(there[:-1])} and {there[-1]}"
            why = f"the folder holds files that end in {kinds}; name those that are meant, such as '{path}/*{there[0]}'"
            raise EngineSourceError(source, why)
        if not there:
            raise EngineSourceError(source, "the folder holds neither Parquet nor CSV files")
        return str(path / "**" / f"*{there[0]}"), "parquet" if there[0] in _PARQUET else "csv"
    lowered = source.lower()
    if "://" in source and "." not in source.rstrip("/").rpartition("/")[2]:
        # A folder in a bucket; a path has lost the stroke at its end.
        return f"{source.rstrip('/')}/**/*.parquet", "parquet"
    if lowered.endswith(_PARQUET):
        return source, "parquet"
    if lowered.endswith(_TEXT):
        return source, "csv"
    raise EngineSourceError(source, "engines read Parquet and CSV files, and the name ends like neither")


@contextlib.contextmanager
def _spark(address: str) -> Iterator[Engine]:
    # What follows the port may be a token.
    shown = re.sub(r"//[^/@]*@", "//", address.partition(";")[0].rstrip("/"))
    session = _spark_session(address, shown)
    dialect = DIALECTS["spark"]
    engine = SparkEngine("Spark", dialect, session, table_of("customers", dialect), _PLAIN_KEYS["spark"], address=shown)

    def release() -> None:
        _retry(session, 0)
        try:
            for name in engine.held:
                session.catalog.uncacheTable(name)
        finally:
            session.client.release_session()

    try:
        yield engine
    finally:
        # A server that has gone is not waited for, least of all in `stop`: no other session begins meanwhile.
        _within(_END_SECONDS, release)
        session.release_session_on_close = False
        _within(_END_SECONDS, session.stop)


def _within(seconds: float, act: Callable[[], object]) -> bool:
    """Do something in which failing does not matter; return whether it was over within so many seconds."""

    def run() -> None:
        with contextlib.suppress(Exception):
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def _spark_session(address: str, shown: str) -> Any:  # noqa: ANN401 - pyspark is not always there
    """Return a session, or say within seconds that there is none: by itself it would try for 20 minutes."""
    host, port = _host_and_port(shown)
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("grpc") is None:
        raise EngineMissingError("Spark")
    # Before anything is imported, which takes seconds.
    _knock(host, port, shown)
    # It reads, adds up and writes all the same; the sentence would stand before every answer.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    # That it tried in vain is said in a sentence of our own.
    warnings.filterwarnings("ignore", message=r"\[RETRIES_EXCEEDED\]")
    try:
        import grpc
        from pyspark.sql.connect.client.core import DefaultChannelBuilder
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise EngineMissingError("Spark") from error
    try:
        # With TLS and a token where the address has them, as the session will.
        channel = DefaultChannelBuilder(address).toChannel()
        try:
            grpc.channel_ready_future(channel).result(timeout=_SPARK_SECONDS / 2)
        finally:
            channel.close()
    except grpc.FutureTimeoutError as error:
        raise EngineAddressError(shown, "what listens there is no Spark Connect server") from error
    except Exception as error:
        raise EngineAddressError(shown, _why(error).replace(address, shown)) from error
    try:
        session = SparkSession.builder.remote(address).create()
        _retry(session, _SPARK_RETRIES)
        # Who listens there is known by what it answers. Moments with a zone are read as files are.
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception as error:
        raise EngineAddressError(shown, _why(error).replace(address, shown)) from error
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
def _other(address: str) -> Iterator[Engine]:
    """Open any other database that ibis knows; not tested by this project."""
    if "://" not in address:
        message = f"There is no engine {address!r}: local, duckdb, sc://host:port, or a database's URL that ibis knows."
        raise InvalidSettingError(message)
    # Addresses may hold a password in front of the host.
    shown = re.sub(r"//[^/@]*@", "//", address.split("?")[0])
    try:
        import ibis
    except ImportError as error:
        raise EngineMissingError(shown) from error
    _probe(address, shown)
    try:
        backend = ibis.connect(address)
    except Exception as error:
        raise EngineAddressError(shown, _why(error).replace(address, shown)) from error
    key = {"pyspark": "spark"}.get(backend.name, backend.name)
    if key not in _KEYS:
        raise EngineAddressError(shown, f"{backend.name} is none of {', '.join(_KEYS)}")
    try:
        yield Engine(DIALECTS[key].title, DIALECTS[key], backend, table_of("customers", DIALECTS[key]), _KEYS[key])
    finally:
        with contextlib.suppress(Exception):
            backend.disconnect()


def _probe(address: str, shown: str) -> None:
    """Refuse the address of a server that does not answer: drivers wait for minutes."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EngineAddressError(shown, str(error).lower()) from error
    if host and port:
        _knock(host, port, shown)


def _knock(host: str, port: int, shown: str) -> None:
    """Refuse an address where nobody listens, in half of the seconds that there are.

    A name that no server resolves takes longer by itself, and each of a name's addresses is tried for as long.
    """
    failed: list[OSError] = []
    thread = threading.Thread(target=_reach, args=(host, port, failed), daemon=True)
    thread.start()
    thread.join(_SPARK_SECONDS / 2)
    if thread.is_alive():
        raise EngineAddressError(shown, "it does not answer")
    if failed:
        raise EngineAddressError(shown, (failed[0].strerror or str(failed[0])).lower()) from failed[0]


def _reach(host: str, port: int, failed: list[OSError]) -> None:
    try:
        socket.create_connection((host, port), timeout=_SPARK_SECONDS / 2).close()
    except OSError as error:
        failed.append(error)
