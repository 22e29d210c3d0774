"""How long, and with how much memory, are more customers than fit into memory segmented by DuckDB and by Spark?

    python -m benchmarks.engines [MILLIONS …]
    python -m benchmarks.engines --spark [MILLIONS]

measure other sizes than `make bench` does, each from a Parquet file to a labelled one. The files are written and read
as streams: 100 million customers need 13 GB of disk at most, and leave nothing behind.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.measuring import Line
from tests.engines import spark

N_COLUMNS, N_SEGMENTS = 6, 5
SIZES = (10, 100)
SPARK_MILLIONS = 5
MOST_SECONDS, MOST_MB, MOST_TIMES = 180.0, 2_000.0, 11.0
WORST_WCSS, LEAST_TIMES = 1.001, 5.0
# Bytes of disk that a customer takes, in the source and in the labelled file.
_BYTES = 130
NAMES = [f"f{c}" for c in range(1, N_COLUMNS + 1)]
# Five round groups of unequal size; a column of whole numbers tells the rows apart.
_CUSTOMERS = """
COPY (
    SELECT i AS customer_id, {columns}
    FROM (SELECT i, CAST(LEAST(FLOOR(5 * POWER(hash(i) % 1000003 / 1000003.0, 1.3)), 4) AS INTEGER) AS g
          FROM range({rows}) AS t(i))
) TO '{path}' (FORMAT PARQUET, ROW_GROUP_SIZE 250000)
"""
# The sum of some equal distributions is normal enough, and the same in every run. Each number is hashed by itself: the
# low bits of a hash of several values depend on the low bits of each, and 65,536 different rows come again and again.
_NORMAL = (
    "(" + " + ".join(f"hash(64 * i + 8 * {{c}} + {turn}) % 16777216 / 16777216.0" for turn in range(4)) + " - 2) * 1.7"
)
# What whoever has Spark would write: the same file, the same k, labels to Parquet.
_MLLIB = """
import json, sys
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
source, target, names, k = sys.argv[1], sys.argv[2], sys.argv[3].split(","), int(sys.argv[4])
session = (SparkSession.builder.master("local[2]").config("spark.driver.memory", "4g").config("spark.ui.enabled", False)
           .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
session.sparkContext.setLogLevel("ERROR")
rows = VectorAssembler(inputCols=names, outputCol="features").transform(session.read.parquet(source)).cache()
model = KMeans(k=k, seed=1).fit(rows)
model.transform(rows).drop("features").write.mode("overwrite").parquet(target)
print(json.dumps({"wcss": model.summary.trainingCost}))
session.stop()
"""


_SMALL = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps([time.perf_counter() - start, most]))
"""


@dataclass(frozen=True)
class Run:
    """What one run took: seconds, the processor's seconds, the peak memory, and what it said of its segments."""

    seconds: float
    processor: float
    megabytes: float
    record: dict[str, object]

    @property
    def wcss(self) -> float:
        """The within-cluster sum of squares."""
        return float(self.record["scores"]["wcss"])  # type: ignore[index]


def write_customers(millions: float, path: Path) -> None:
    """Write so many million customers as a stream."""
    rows = int(millions * 1_000_000)
    free = shutil.disk_usage(path.parent).free
    if free < rows * _BYTES:
        message = f"{rows:,} customers take {rows * _BYTES / 1e9:.0f} GB of disk, and {free / 1e9:.0f} GB are free."
        raise OSError(message)
    columns = ", ".join(
        f"((g * {7 * c + 3}) % 5) * 3.0 + {_NORMAL.format(c=c)} AS {name}" for c, name in enumerate(NAMES, 1)
    )
    with duckdb.connect() as database:
        database.execute(f"SET memory_limit = '1GB'; SET temp_directory = '{path.parent}/spill'; SET threads = 2")
        database.execute(_CUSTOMERS.format(columns=columns, rows=rows, path=path))


def segmented(source: Path, out: Path, engine: str = "duckdb") -> Run:
    """Return what segmenting a file took, standing in for a user at the command line."""
    command = [
        sys.executable, "-m", "segmenter", "segment", str(source), "--engine", engine, "--columns", ",".join(NAMES),
        "--segments", str(N_SEGMENTS), "--no-evening-out", "--scaling", "none", "--out", str(out),
    ]  # fmt: skip
    # Through a small program: a process counts what the one that started it held as its own at first.
    _, used, said = _waited([sys.executable, "-c", _SMALL, *command])
    seconds, megabytes = json.loads(said.splitlines()[-1])
    return Run(seconds, used.ru_utime + used.ru_stime, megabytes, json.loads((out / "run.json").read_text()))


def of_size(millions: float, folder: Path) -> Run:
    """Return what so many million customers take on DuckDB."""
    source = folder / "customers.parquet"
    write_customers(millions, source)
    try:
        return segmented(source, folder / "out")
    finally:
        source.unlink()
        shutil.rmtree(folder / "out", ignore_errors=True)


def _waited(command: list[str]) -> tuple[float, resource.struct_rusage, str]:
    start = time.perf_counter()
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "2",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, env=environment, stdout=said)
        _, code, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if code:
            raise RuntimeError(" ".join(command))
        said.seek(0)
        return seconds, used, said.read()


def engines() -> Iterator[Line]:
    """Segment 10 and 100 million customers."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (of_size(millions, Path(folder)) for millions in SIZES)
    rows = f"{SIZES[1]:,},000,000 × {N_COLUMNS} on DuckDB, from Parquet to labelled Parquet, k given"
    fits = large.seconds <= MOST_SECONDS
    yield Line("engines", f"seconds of {rows}", f"{large.seconds:.0f} s", f"≤ {MOST_SECONDS:.0f} s", fits)
    fits = large.megabytes <= MOST_MB
    yield Line("engines", f"peak memory of {rows}", f"{large.megabytes:,.0f} MB", f"≤ {MOST_MB:,.0f} MB", fits)
    times = large.seconds / small.seconds
    yield Line(
        "engines", "time from 10 to 100 million customers", f"{times:.1f}×", f"≤ {MOST_TIMES:.0f}×", times <= MOST_TIMES
    )
    yield from on_spark(SPARK_MILLIONS)


def on_spark(millions: float) -> Iterator[Line]:
    """Compare with Spark's own K-Means on the same file, and label it through Spark Connect."""
    if why := spark.why_not():
        print(f"Spark is not measured: {why}")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = folder / "customers.parquet"
        write_customers(millions, source)
        rows = f"{millions * 1_000_000:,.0f} × {N_COLUMNS}"
        own = segmented(source, folder / "out")
        arguments = [str(source), str(folder / "mllib"), ",".join(NAMES), str(N_SEGMENTS)]
        seconds, _, said = _waited([sys.executable, "-c", _MLLIB, *arguments])
        theirs = float(json.loads(said.splitlines()[-1])["wcss"])
        yield Line(
            "engines", f"WCSS of {rows}, of MLlib's", f"{own.wcss / theirs:.5f}", f"≤ {WORST_WCSS}",
            own.wcss <= WORST_WCSS * theirs,
        )  # fmt: skip
        times = seconds / own.seconds
        yield Line(
            "engines", f"{rows} from Parquet to labels: MLlib {seconds:.0f} s, DuckDB {own.seconds:.0f} s",
            f"{times:.1f}×", f"≥ {LEAST_TIMES:.0f}×", times >= LEAST_TIMES,
        )  # fmt: skip
        model = folder / "out" / "model.segmodel.json"
        with spark.running(folder, codegen=True, memory="3g") as (address, _):
            command = [sys.executable, "-m", "segmenter", "assign", str(model), str(source), "--engine", address]
            # Forming places everybody; placing leaves out who fits no segment unless told otherwise.
            seconds, _, _ = _waited([*command, "--nearest", "--no-check", "--out", str(folder / "spark")])
        differ = duckdb.sql(
            "SELECT COUNT(*) - COUNT(CASE WHEN a.segment = b.segment THEN 1 END) "
            f"FROM '{folder}/out/customers.parquet' AS a "
            f"JOIN '{folder}/spark/customers.parquet/*.parquet' AS b USING (customer_id)"
        ).fetchone()
        wrong = int(differ[0]) if differ else -1
        yield Line(
            "engines", f"labels through Spark Connect unlike DuckDB's, of {rows}, in {seconds:.0f} s",
            f"{wrong:,}", "0", wrong == 0,
        )  # fmt: skip


if __name__ == "__main__":
    sizes = [float(each) for each in sys.argv[1:] if each != "--spark"]
    if "--spark" in sys.argv:
        for line in on_spark(sizes[0] if sizes else SPARK_MILLIONS):
            print(line)
    else:
        for size in sizes or [SIZES[0]]:
            with tempfile.TemporaryDirectory() as place:
                run = of_size(size, Path(place))
            took = f"{run.seconds:.1f} s ({run.processor:.1f} s of the processor), {run.megabytes:,.0f} MB"
            print(f"{size:g} million: {took}")
