"""How long, and with how much memory, are more customers than fit into memory segmented by DuckDB?

    python -m benchmarks.engines [MILLIONS …]

measures other sizes than `make bench` does, each from a Parquet file to a labelled one.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.measuring import Line

N_COLUMNS, N_SEGMENTS = 6, 5
SIZES = (10, 100)
MOST_SECONDS, MOST_MB, MOST_TIMES = 180.0, 2_000.0, 11.0
# Five round groups of unequal size; a column of whole numbers tells the rows apart.
_CUSTOMERS = """
COPY (
    SELECT i AS customer_id, {columns}
    FROM (SELECT i, CAST(LEAST(FLOOR(5 * POWER(hash(i) % 1000003 / 1000003.0, 1.3)), 4) AS INTEGER) AS g
          FROM range({rows}) AS t(i))
) TO '{path}' (FORMAT PARQUET, ROW_GROUP_SIZE 250000)
"""
# The sum of twelve equal distributions is normal enough, and the same in every run.
_NORMAL = "(" + " + ".join(f"hash(i, {{c}}, {turn}) % 65536 / 65536.0" for turn in range(4)) + " - 2) * 1.7"


def segmented(millions: int, folder: Path) -> tuple[float, float, float]:
    """Return the seconds, the processor's seconds and the peak MB of segmenting so many million customers."""
    source = folder / f"customers{millions}.parquet"
    columns = ", ".join(
        f"((g * {7 * c + 3}) % 5) * 3.0 + {_NORMAL.format(c=c)} AS f{c}" for c in range(1, N_COLUMNS + 1)
    )
    with duckdb.connect() as database:
        database.execute(f"SET memory_limit = '1GB'; SET temp_directory = '{folder}/spill'")
        database.execute(_CUSTOMERS.format(columns=columns, rows=millions * 1_000_000, path=source))
    names = ",".join(f"f{c}" for c in range(1, N_COLUMNS + 1))
    command = [
        sys.executable, "-m", "segmenter", "segment", str(source), "--engine", "duckdb", "--columns", names,
        "--segments", str(N_SEGMENTS), "--no-evening-out", "--out", str(folder / "out"),
    ]  # fmt: skip
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "2"}, stdout=subprocess.DEVNULL)
    _, code, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if code:
        raise RuntimeError(" ".join(command))
    source.unlink()
    return seconds, used.ru_utime + used.ru_stime, _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def engines() -> Iterator[Line]:
    """Segment 10 and 100 million customers."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (segmented(millions, Path(folder)) for millions in SIZES)
    rows = f"{SIZES[1]:,},000,000 × {N_COLUMNS} on DuckDB, from Parquet to labelled Parquet, k given"
    yield Line(
        "engines", f"seconds of {rows}", f"{large[0]:.0f} s", f"≤ {MOST_SECONDS:.0f} s", large[0] <= MOST_SECONDS
    )
    yield Line("engines", f"peak memory of {rows}", f"{large[2]:,.0f} MB", f"≤ {MOST_MB:,.0f} MB", large[2] <= MOST_MB)
    times = large[0] / small[0]
    yield Line(
        "engines", "time from 10 to 100 million customers", f"{times:.1f}×", f"≤ {MOST_TIMES:.0f}×", times <= MOST_TIMES
    )


if __name__ == "__main__":
    for size in [int(each) for each in sys.argv[1:]] or [SIZES[0]]:
        with tempfile.TemporaryDirectory() as place:
            wall, processor, peak = segmented(size, Path(place))
        print(f"{size} million: {wall:.1f} s ({processor:.1f} s of the processor), {peak:,.0f} MB")
