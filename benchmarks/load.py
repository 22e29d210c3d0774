"""Hostile files, visitors who leave, and many visitors at once on one core, against a real server.

Each scenario has a server of its own that listens on this machine alone and ends with it. Visitors speak the browser's
protocol; a visitor who fails is counted and told, and stops nobody else.
"""

import http.client
import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import psutil

from benchmarks.measuring import MB, Line, memory_of
from benchmarks.visitors import Visitor, served
from segmenter.explain.cards import name_segments
from segmenter.io.export import EXPORTERS, check_code
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_cells
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation

HEALTHY_SECONDS, ANSWERED_SECONDS = 1.0, 15.0
VISITORS, ROWS, FILES, DOWNLOADS, SEGMENTS = 50, 10_000, 5, 5, 4
MOST_SECONDS, MOST_MEMORY_MB, GONE_WITHIN = 12.0, 1_200.0, 60.0
# What stays after everybody has left: odd ends of the heap.
LEFT_OVER_MB = 150.0
LARGE_ROWS, SMALL_ROWS, SMALL_SECONDS = 300_000, 300, 10.0
# A closed tab may come back for so long, and then its work has so long to end.
RECONNECT_AND_END = 50.0
# Two seconds of watching in which an idle server may still use so much of a core.
IDLE_SHARE = 0.25
# However it goes, the visits have ended by then.
LONGEST_SECONDS = 1_500.0


def load() -> Iterator[Line]:
    yield from _hostile()
    yield from _closed_tabs()
    yield from _many()


def hostile_files() -> dict[str, bytes]:
    """Return files that once stopped everybody, by name."""
    draw = random.Random(0)
    letters = "abcdefgh 0123456789-"
    texts = ["".join(draw.choices(letters, k=100)) * 100 for _ in range(50)]
    header = ",".join(f"c{n}" for n in range(200))
    wide = "\n".join(",".join(draw.choices(texts, k=200)) for _ in range(25))
    lists = "\n".join(f'{n},"[{", ".join(f"{draw.random():.6f}" for _ in range(384))}]"' for n in range(60))
    plain = "\n".join(f"{n},{n * 7 % 31}" for n in range(30))
    return {
        "digits.csv": f"a,b\n{'1' * 3_000},2\n{plain}\n".encode(),
        "dates.csv": ("when\n" + ("2024-01-" * 20_000 + "\n") * 20).encode(),
        "lists.csv": f"id,embedding\n{lists}\n".encode(),
        "wide.csv": f"{header}\n{wide}\n".encode(),
    }


class _Health:
    """Asks for the health page again and again; knows the slowest answer, in seconds."""

    def __init__(self, port: int) -> None:
        self.slowest, self.answers, self.failed = 0.0, 0, 0
        self._port, self._done = port, threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "_Health":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._done.wait(0.05):
            start = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
                connection.request("GET", "/_stcore/health")
                self.failed += connection.getresponse().status != 200
                connection.close()
            except OSError:
                self.failed += 1
            self.answers += 1
            self.slowest = max(self.slowest, time.monotonic() - start)


def _hostile() -> Iterator[Line]:
    with served(2) as (port, _):
        _warmed_up(port, 300)
        for name, content in hostile_files().items():
            tab = Visitor(port)
            with _Health(port) as health:
                seconds = _timed(partial(tab.upload, "data_upload", name, content))
                answered = tab.answered()
                time.sleep(0.5)
            tab.close()
            what = f"{name} ({len(content) / 1e6:.1f} MB)"
            yield Line("load", f"{what}: the page has its table, or a sentence", f"{seconds:.1f} s",
                       f"≤ {ANSWERED_SECONDS:.0f} s", answered and seconds <= ANSWERED_SECONDS)  # fmt: skip
            yield Line("load", f"{what}: the slowest of {health.answers} answers of the health page meanwhile",
                       f"{health.slowest:.2f} s", f"≤ {HEALTHY_SECONDS:.0f} s",
                       not health.failed and health.slowest <= HEALTHY_SECONDS)  # fmt: skip


def _customers(n: int, seed: int) -> bytes:
    draw = np.random.default_rng(seed)
    group = draw.integers(0, SEGMENTS, n)
    frame = pd.DataFrame(
        {
            "customer": [f"S{seed}-{number:06d}" for number in range(n)],
            "income": (20 + 25 * group + draw.normal(0, 3, n)).round(2),
            "spend": (np.array([10, 90, 30, 60])[group] + draw.normal(0, 3, n)).round(2),
            "visits": draw.poisson(4, n),
            "age": draw.normal(45, 12, n).round(),
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
    tabs: list[Visitor] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, what: str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)

    def at(self, what: str, share: float) -> float:
        return float(np.percentile(self.seconds.get(what, [np.inf]), share))


def _timed(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


class _Meeting:
    """Holds visitors until all who still come are there; who fails is waited for by nobody."""

    def __init__(self, n_expected: int) -> None:
        self._expected, self._there = n_expected, 0
        self._changed = threading.Condition()

    def wait(self) -> None:
        with self._changed:
            self._there += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._there >= self._expected, LONGEST_SECONDS)

    def stay_away(self) -> None:
        with self._changed:
            self._expected -= 1
            self._changed.notify_all()


def _warmed_up(port: int, n_rows: int) -> None:
    """Let one visitor go the whole way, so that everything is loaded, and leave."""
    found = _Measured()
    _visit(port, _customers(n_rows, 99), b"", _Meeting(1), found)
    for tab in found.tabs:
        tab.close()
    if found.failed:
        raise RuntimeError(found.failed[0])


def _many() -> Iterator[Line]:
    contents = [_customers(ROWS, seed) for seed in range(FILES)]
    # The file that the same customers and number of segments give in a process of their own.
    expected = [_labelled(content) for content in contents]
    found, meeting = _Measured(), _Meeting(VISITORS)
    with served(1) as (port, process):
        _warmed_up(port, ROWS)
        before = _at_rest(process.pid)
        with _Memory(process.pid) as memory, _Health(port) as health:
            visits = [
                threading.Thread(
                    target=_visit,
                    args=(port, contents[number % FILES], expected[number % FILES], meeting, found),
                    daemon=True,
                )
                for number in range(VISITORS)
            ]
            for visit in visits:
                visit.start()
            end = time.monotonic() + LONGEST_SECONDS
            for visit in visits:
                visit.join(max(end - time.monotonic(), 0))
        for tab in found.tabs:
            tab.close()
        left = time.monotonic()
        while (now := _memory(process.pid)) > before + LEFT_OVER_MB and time.monotonic() - left < GONE_WITHIN:
            time.sleep(0.5)
        gone = time.monotonic() - left
    for each in found.failed:
        print(each)
    yield from _of_many(found)
    said = f"{VISITORS} visitors × {ROWS:,} rows on one core"
    yield Line("load", f"{said}: most memory of the server and its processes", f"{memory.most:,.0f} MB",
               f"≤ {MOST_MEMORY_MB:,.0f} MB", memory.most <= MOST_MEMORY_MB)  # fmt: skip
    measured = f"{now:,.0f} MB ({before:,.0f} before) after {gone:.0f} s"
    yield Line("load", f"{said}: memory after they have left", measured,
               f"≤ {LEFT_OVER_MB:.0f} MB above within {GONE_WITHIN:.0f} s", now <= before + LEFT_OVER_MB)  # fmt: skip
    yield Line("load", f"{said}: the slowest of {health.answers} answers of the health page", f"{health.slowest:.2f} s",
               "told only", not health.failed)  # fmt: skip


def _of_many(found: _Measured) -> Iterator[Line]:
    said = f"{VISITORS} visitors × {ROWS:,} rows on one core"
    whole = len(found.seconds.get("whole way", []))
    yield Line("load", f"{said}: files with a wrong label", f"{found.wrong} of {whole}", f"0 of {VISITORS}",
               not found.wrong and whole == VISITORS)  # fmt: skip
    words = {
        "upload": "from the upload to its table",
        "compare": "comparing 2 to 10 segments",
        "form": "forming the segments, all at once",
        "export": "from the click to the labelled file",
        "whole way": "from the upload to the last download",
    }
    for what, word in words.items():
        middle, p95 = found.at(what, 50), found.at(what, 95)
        held = what in ("upload", "form", "export")
        needed = f"≤ {MOST_SECONDS:.0f} s" if held else "told only"
        yield Line("load", f"{said}: 95 % {word} within (half within)", f"{p95:.1f} s ({middle:.1f} s)", needed,
                   not held or p95 <= MOST_SECONDS)  # fmt: skip
    wanted = VISITORS * DOWNLOADS
    yield Line("load", "downloads under load whose bytes are not those of a process of their own",
               f"{found.bytes_wrong} of {found.downloads}", f"0 of {wanted}",
               not found.bytes_wrong and found.downloads == wanted)  # fmt: skip


def _labelled(content: bytes) -> bytes:
    customers = read_cells(content, "c.csv", ReadOptions()).understood(ReadOptions())
    recipe = Recipe(suggest_features(customers), n_segments=SEGMENTS)
    formed = name_segments(customers, fit_segmentation(customers, recipe))
    return EXPORTERS["customers-csv"].export(Result(customers, formed))


def _visit(port: int, content: bytes, expected: bytes, meeting: _Meeting, found: _Measured) -> None:
    """Go the whole way once, each step timed; all visitors form their segments at the same moment."""
    met = False
    try:
        begun = time.monotonic()
        tab = Visitor(port)
        with found.lock:
            found.tabs.append(tab)
        found.took("upload", _timed(lambda: _upload(tab, content)))
        found.took("compare", _timed(lambda: _compare(tab)))
        met = True
        meeting.wait()
        found.took("form", _timed(lambda: _form(tab)))
        tab.go("export")
        for _ in range(DOWNLOADS):
            begin = time.monotonic()
            labelled = tab.download("export_customers-csv_download")[1]
            found.took("export", time.monotonic() - begin)
            with found.lock:
                found.downloads += 1
                found.bytes_wrong += check_code(labelled) != check_code(expected)
        if expected:
            with found.lock:
                found.wrong += _labels(labelled) != _labels(expected)
        found.took("whole way", time.monotonic() - begun)
    except Exception as error:  # noqa: BLE001 - a visitor who fails is a line of the table
        if not met:
            meeting.stay_away()
        with found.lock:
            found.failed.append(f"a visitor failed: {type(error).__name__} {error}"[:600])


def _upload(tab: Visitor, content: bytes) -> None:
    tab.upload("data_upload", "c.csv", content)
    tab.until(lambda: tab.answered())


def _compare(tab: Visitor) -> None:
    tab.go("choose")
    tab.until(lambda: tab.has("choose_k"))


def _form(tab: Visitor) -> None:
    tab.go("segments")
    tab.until(lambda: tab.has("segments_pick"))


def _labels(content: bytes) -> list[int]:
    return list(pd.read_csv(io.BytesIO(content), usecols=["segment"])["segment"])


class _Memory:
    """The most memory of a process and its children while it is watched, in MB."""

    def __init__(self, pid: int) -> None:
        self.most = 0.0
        self._pid, self._done = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self.most = max(self.most, _memory(self._pid))


def _memory(pid: int) -> float:
    return memory_of(psutil.Process(pid)) / MB


def _at_rest(pid: int) -> float:
    """Return the memory once the last visitor is gone and what they left is given back."""
    time.sleep(RECONNECT_AND_END + 15)
    return _memory(pid)


def _closed_tabs() -> Iterator[Line]:
    with served(2) as (port, process):
        _warmed_up(port, SMALL_ROWS)
        for seed in range(2):
            tab = Visitor(port)
            tab.upload("data_upload", "large.csv", _customers(LARGE_ROWS, seed))
            tab.until(tab.answered)
            tab.go("choose")
            tab.close()
        closed = time.monotonic()
        tab = Visitor(port)
        start = time.monotonic()
        with _Health(port) as health:
            _upload(tab, _customers(SMALL_ROWS, 7))
            _compare(tab)
            _form(tab)
        seconds = time.monotonic() - start
        busy = _idle_share(process.pid)
        work = (
            f"two closed tabs whose {LARGE_ROWS:,} rows are being compared, then {SMALL_ROWS} rows, upload to segments"
        )
        yield Line("load", work, f"{seconds:.1f} s", f"< {SMALL_SECONDS:.0f} s", seconds < SMALL_SECONDS)
        yield Line("load", f"meanwhile: the slowest of {health.answers} answers of the health page",
                   f"{health.slowest:.2f} s", "told only", not health.failed)  # fmt: skip
        yield Line("load", "the closed tabs' work is under way all the while", f"{busy:.0%} of a core", "> 25 %",
                   busy > IDLE_SHARE)  # fmt: skip
        ended = _idle_after(process.pid, closed)
        yield Line("load", "the closed tabs' work has ended", f"{ended:.0f} s after", f"≤ {RECONNECT_AND_END:.0f} s",
                   ended <= RECONNECT_AND_END)  # fmt: skip


def _idle_share(pid: int) -> float:
    """Return the share of a core that a process uses in two seconds."""
    return psutil.Process(pid).cpu_percent(2.0) / 100


def _idle_after(pid: int, since: float) -> float:
    """Return how long after a moment the process came to rest, at most two minutes."""
    while time.monotonic() - since < 120:
        if _idle_share(pid) < IDLE_SHARE:
            return time.monotonic() - since - 2
    return time.monotonic() - since
