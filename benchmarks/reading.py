"""How much longer, and with how much more memory, is a clean CSV read than by `pandas.read_csv`?"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

LIMIT = 1.5
_ROUNDS = 3

# Each reader in a process of its own, after its imports; what it starts counts as its own memory.
_MEASURE = """
import json, resource, sys, time
import pandas as pd
{prepare}
start = time.perf_counter()
table = {read}
seconds = time.perf_counter() - start
{finish}
peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([seconds, peak]))
"""
_PANDAS = _MEASURE.format(prepare="", read="pd.read_csv(sys.argv[1], low_memory=False)", finish="")
_OURS = _MEASURE.format(
    prepare="from segmenter.importers import read_table, stop\nread_table(b'a,b\\n1,2\\n3,4\\n')",
    read="read_table(sys.argv[1])",
    finish="assert not table.notes, table.notes\nstop()",
)


def rows(sizes: Sequence[int] = (1_000_000, 5_000_000)) -> list[tuple[str, float, float, bool]]:
    """Return (what, ratio to pandas, limit, whether it is kept) for time and memory at each size."""
    results = []
    for n_rows in sizes:
        with _customers(n_rows) as path:
            # In turns, so that a busy machine slows both alike; the best of each is the least disturbed.
            runs = [(_run(_PANDAS, path), _run(_OURS, path)) for _ in range(_ROUNDS)]
        for at, what in enumerate(("time", "peak memory")):
            ratio = min(ours[at] for _, ours in runs) / min(theirs[at] for theirs, _ in runs)
            results.append((f"reading {n_rows:,} × 10, {what}", ratio, LIMIT, ratio <= LIMIT))
    return results


def _run(code: str, path: Path) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


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
