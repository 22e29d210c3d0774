"""How much longer, and with how much more memory, is a clean CSV read than by `pandas.read_csv`?"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measuring import Line, measured_apart

LIMIT = 1.5
_ROUNDS = 5

# Each reader in a process of its own, after its imports.
_MEASURE = """
import sys, time
import pandas as pd
{prepare}
start = time.perf_counter()
table = {read}
print(time.perf_counter() - start)
{finish}
"""
_PANDAS = _MEASURE.format(prepare="", read="pd.read_csv(sys.argv[1], low_memory=False)", finish="")
_OURS = _MEASURE.format(
    prepare="from segmenter.io.read import read_table\nread_table(b'a,b\\n1,2\\n3,4\\n')",
    read="read_table(sys.argv[1])",
    finish="assert not table.notes, table.notes",
)


def million() -> Iterator[Line]:
    """Read 1,000,000 clean customers with all checks on."""
    yield from _lines(1_000_000)


def five_million() -> Iterator[Line]:
    """Read 5,000,000 clean customers with all checks on."""
    yield from _lines(5_000_000)


def _lines(n_rows: int) -> Iterator[Line]:
    with _customers(n_rows) as path:
        # In turns, so that a busy machine slows both alike; the best of each is the least disturbed.
        runs = [(measured_apart(_PANDAS, path), measured_apart(_OURS, path)) for _ in range(_ROUNDS)]
    for at, (what, unit) in enumerate((("time", "s"), ("peak memory", "MB"))):
        theirs, ours = (min(run[side][at] for run in runs) for side in (0, 1))
        yield Line(
            f"{what} of reading",
            f"clean CSV, {n_rows:,} × 10, all checks on, against pandas.read_csv(low_memory=False)",
            f"{ours:,.2f} : {theirs:,.2f} {unit}, {ours / theirs:.2f} ×",
            f"at most {LIMIT} ×",
            ours <= LIMIT * theirs,
        )


@contextmanager
def _customers(n_rows: int) -> Iterator[Path]:
    """Write a made-up customer file: an id, numbers, money, words, a date and a yes or no."""
    random = np.random.default_rng(0)
    joined = np.datetime64("2015-01-01") + random.integers(0, 3000, n_rows).astype("timedelta64[D]")
    table = pd.DataFrame(
        {
            "customer_id": np.arange(n_rows) + 100_000,
            "age": random.integers(18, 90, n_rows),
            "income": random.normal(50_000, 9_000, n_rows).round(2),
            "spend": random.gamma(2, 100, n_rows).round(2),
            "orders": random.poisson(5, n_rows),
            "gender": random.choice(["Male", "Female"], n_rows),
            "city": random.choice([f"City {number}" for number in range(40)], n_rows),
            "joined": joined,
            "member": random.choice(["Yes", "No"], n_rows),
            "score": random.normal(0, 1, n_rows).round(6),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        table.to_csv(path, index=False)
        yield path
