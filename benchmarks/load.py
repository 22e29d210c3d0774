"""Many visitors at once on one core, visitors who leave, and one who comes after them, against a real server.

Two scenarios, each on a server of its own that listens on this machine alone and ends with it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import psutil

from benchmarks.measuring import MB, Line
from benchmarks.visitors import Visitor, served
from segmenter.io.export import EXPORTERS, check_code
from segmenter.io.read.options import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation

VISITORS, ROWS, FILES, DOWNLOADS = 50, 10_000, 5, 5
MOST_SECONDS, MOST_MEMORY_MB, GONE_WITHIN = 12.0, 1_200.0, 60.0
# What stays after everybody has left: libraries that were loaded for the first work, and odd ends of the heap.
LEFT_OVER_MB = 150.0
LARGE_ROWS, SMALL_ROWS, SMALL_SECONDS = 300_000, 300, 10.0
RECONNECT_AND_END = 50.0
# Two seconds of watching in which an idle server may still use so much of a core.
IDLE_SHARE = 0.25


def load() -> Iterator[Line]:
    yield from _many()
    yield from _closed_tabs()


def _customers(n: int, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    group = random.integers(0, 4, n)
    frame = pd.DataFrame(
        {
            "customer": [f"S{seed}-{number:06d}" for number in range(n)],
            "income": (20 + 25 * group + random.normal(0, 3, n)).round(2),
            "spend": (np.array([10, 90, 30, 60])[group] + random.normal(0, 3, n)).round(2),
            "visits": random.poisson(4, n),
            "age": random.normal(45, 12, n).round(),
        }
    )
    return frame.to_csv(index=False).encode()


@dataclass
class _Measured:
    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: int = 0
    bytes_wrong: int = 0
    downloads: int = 0
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, what: str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)

    def p95(self, what: str) -> float:
        return float(np.percentile(self.seconds.get(what, [np.inf]), 95))


def _timed(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _many() -> Iterator[Line]:
    contents = [_customers(ROWS, seed) for seed in range(FILES)]
    # The file that the same customers and number of segments give in a process of their own.
    expected = [_labelled(content, 4) for content in contents]
    found, memory = _Measured(), _Memory()
    everybody = threading.Barrier(VISITORS)
    with served(1) as (port, process):
        first = Visitor(port)
        first.upload("data_upload", "warm.csv", _customers(300, 99))
        before = _memory(process.pid)
        with memory.watching(process.pid), ThreadPoolExecutor(VISITORS) as pool:
            visits = [
                pool.submit(_visit, port, contents, expected, number, everybody, found) for number in range(VISITORS)
            ]
            tabs = [visit.result() for visit in visits]
        for tab in tabs:
            if tab is not None:
                tab.close()
        left = time.monotonic()
        while (now := _memory(process.pid)) > before + LEFT_OVER_MB and time.monotonic() - left < GONE_WITHIN:
            time.sleep(1)
        gone = time.monotonic() - left
        first.close()
    for each in found.failed:
        print(each)
    visits_said = f"{VISITORS} visitors × {ROWS:,} rows on one core"
    whole = VISITORS - len(found.failed)
    yield Line("load", f"{visits_said}: files that differ", f"{found.wrong} of {whole}", f"0 of {VISITORS}",
               not found.wrong and not found.failed)  # fmt: skip
    for what in ("upload", "compare", "form", "export"):
        p95, needed = found.p95(what), f"≤ {MOST_SECONDS:.0f} s" if what == "form" else "told only"
        yield Line("load", f"{visits_said}: 95 % {what} within", f"{p95:.1f} s", needed,
                   what != "form" or p95 <= MOST_SECONDS)  # fmt: skip
    yield Line("load", f"{visits_said}: memory", f"{memory.most:,.0f} MB", f"≤ {MOST_MEMORY_MB:,.0f} MB",
               memory.most <= MOST_MEMORY_MB)  # fmt: skip
    yield Line("load", "memory after they have left", f"{now:,.0f} MB ({before:,.0f} before) after {gone:.0f} s",
               f"≤ {LEFT_OVER_MB:.0f} MB above within {GONE_WITHIN:.0f} s", now <= before + LEFT_OVER_MB)  # fmt: skip
    wanted = VISITORS * DOWNLOADS
    yield Line("load", "downloads under load whose bytes are not of the shown code",
               f"{found.bytes_wrong} of {found.downloads}", f"0 of {wanted}",
               not found.bytes_wrong and found.downloads == wanted)  # fmt: skip


def _labelled(content: bytes, k: int) -> bytes:
    customers = read_cells(content, "c.csv", ReadOptions()).understood(ReadOptions())
    recipe = Recipe(suggest_features(customers), n_segments=k)
    return EXPORTERS["customers-csv"].export(Result(customers, fit_segmentation(customers, recipe)))


def _visit(
    port: int, contents: list[bytes], expected: list[bytes], number: int, everybody: threading.Barrier, found: _Measured
) -> Visitor | None:
    try:
        tab = Visitor(port)
        found.took("upload", _timed(lambda: tab.upload("data_upload", "c.csv", contents[number % FILES])))
        tab.go("choose")
        start = time.monotonic()
        tab.click("choose_run")
        tab.until(lambda: tab.has("choose_k"))
        found.took("compare", time.monotonic() - start)
        everybody.wait(300)
        start = time.monotonic()
        tab.go("segments")
        tab.until(lambda: tab.says("Customers in segments"))
        found.took("form", time.monotonic() - start)
        tab.go("export")
        found.took("export", _timed(lambda: tab.click("export_customers-csv_build")))
        for _ in range(DOWNLOADS):
            content = tab.download("export_customers-csv_download")[1]
            shown = tab.says(f"check code {check_code(content)}")
            with found.lock:
                found.downloads += 1
                found.bytes_wrong += not shown
        with found.lock:
            found.wrong += content != expected[number % FILES]
    except Exception as error:  # noqa: BLE001 - a visitor who fails is a line of the table
        everybody.abort()
        found.failed.append(f"visitor {number}: {type(error).__name__} {error}"[:300])
        return None
    return tab


class _Memory:
    """The most memory of a process and its children while it is watched, in MB."""

    def __init__(self) -> None:
        self.most = 0.0
        self._done = threading.Event()

    def watching(self, pid: int) -> "_Memory":
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        return self

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._done.wait(0.5):
            self.most = max(self.most, _memory(pid))


def _memory(pid: int) -> float:
    process = psutil.Process(pid)
    total = process.memory_info().rss
    for child in process.children(recursive=True):
        held = child.memory_info()
        total += held.rss - held.shared
    return float(total) / MB


def _closed_tabs() -> Iterator[Line]:
    with served(2) as (port, process):
        for seed in range(2):
            tab = Visitor(port)
            tab.upload("data_upload", "large.csv", _customers(LARGE_ROWS, seed))
            tab.go("choose")
            tab.click("choose_run")
            tab.until(lambda tab=tab: tab.has("choose_k"))
            tab.go("compare")
            tab.click("compare_all")
            tab.click("compare_run")
            tab.close()
        closed = time.monotonic()
        tab = Visitor(port)
        start = time.monotonic()
        tab.upload("data_upload", "small.csv", _customers(SMALL_ROWS, 7))
        tab.go("choose")
        tab.click("choose_run")
        tab.until(lambda: tab.has("choose_k"))
        tab.go("segments")
        tab.until(lambda: tab.says("Customers in segments"))
        seconds = time.monotonic() - start
        yield Line("load", f"two closed tabs of {LARGE_ROWS:,} rows, then {SMALL_ROWS} rows from upload to segments",
                   f"{seconds:.1f} s", f"< {SMALL_SECONDS:.0f} s", seconds < SMALL_SECONDS)  # fmt: skip
        ended = _idle_after(process.pid, closed)
        yield Line("load", "the closed tabs' work has ended", f"{ended:.0f} s after", f"≤ {RECONNECT_AND_END:.0f} s",
                   ended <= RECONNECT_AND_END)  # fmt: skip


def _idle_after(pid: int, since: float) -> float:
    """Return how long after a moment the process came to rest, at most two minutes."""
    process = psutil.Process(pid)
    while time.monotonic() - since < 120:
        if process.cpu_percent(2.0) / 100 < IDLE_SHARE:
            return time.monotonic() - since - 2
    return time.monotonic() - since
