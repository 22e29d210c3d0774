"""Print the table, write it to RESULTS.md, and fail where a line falls short."""

import os

# Both sides get the same two threads; the numerical libraries read this when they are first imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "2"

import platform  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402

from benchmarks import engines, learning, load, quality, reading, som, speed, transactions  # noqa: E402
from benchmarks.measuring import Line  # noqa: E402

BENCHMARKS = {
    each.__name__: each
    for each in (
        speed.wcss,
        speed.varied,
        speed.silhouette,
        speed.step,
        speed.growth,
        quality.verdict,
        reading.million,
        reading.five_million,
        transactions.transactions,
        engines.engines,
        som.som,
        learning.learning,
        load.load,
    )
}
RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = ("| | work | measured | needed | |", "|---|---|---|---|---|")


def main(names: Sequence[str]) -> int:
    # Ended from outside, it ends what it has started all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"No benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
        return 2
    lines = []
    print(*HEAD, sep="\n")
    for name in names or BENCHMARKS:
        for line in BENCHMARKS[name]():
            print(_row(line), flush=True)
            lines.append(line)
    if not names:
        RESULTS.write_text(_page(lines), encoding="utf-8")
    return 0 if all(line.passed for line in lines) else 1


def _page(lines: Iterable[Line]) -> str:
    versions = {"Python": platform.python_version(), "NumPy": np.__version__, "SciPy": scipy.__version__}
    known = ", ".join(
        f"{name} {version}" for name, version in (versions | {"scikit-learn": sklearn.__version__}).items()
    )
    facts = f"{_processor()}, {os.cpu_count()} cores of which 2 are used, {known}."
    about = (
        "`python -m benchmarks` wrote this page. The peer is plain scikit-learn with the same two threads: for each k "
        "`KMeans(k, n_init=10)` and `silhouette_score`. Of our own times the fastest of three counts."
    )
    return "\n".join(["# Benchmark results", "", about, "", facts, "", *HEAD, *(_row(line) for line in lines), ""])


def _row(line: Line) -> str:
    return f"| {line.name} | {line.work} | {line.measured} | {line.needed} | {'met' if line.passed else '**missed**'} |"


def _processor() -> str:
    names = [row.split(":", 1)[1].strip() for row in _cpu_lines() if row.startswith("model name")]
    return names[0] if names else platform.machine()


def _cpu_lines() -> list[str]:
    source = Path("/proc/cpuinfo")
    return source.read_text(encoding="utf-8").splitlines() if source.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
