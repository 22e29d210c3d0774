"""Processes that save into one models folder, for the tests that run several and kill some.

`python -c "from tests.io.model import saving; saving.measure()"` does so at length.
"""

import hashlib
import multiprocessing
import random
import tempfile
import time
from pathlib import Path

from segmenter.io.model.folder import SUFFIX, ModelEntry, ModelFolder, keep, list_models

# Forked from a small process that has loaded the code already, where systems can.
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT = multiprocessing.get_context(_METHOD)
if _METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["tests.io.model.saving"])
FIXED = f"model{SUFFIX}"


def draft(title: str, content: bytes, file: str = "") -> ModelEntry:
    digest = hashlib.sha256(content).hexdigest()
    return ModelEntry(file, title, digest, len(content), "kmeans", 2, ("a",), "tests", "2024-01-01", "", "a test")


def save_many(folder: Path, who: str, count: int, done: Path, file: str = "") -> None:
    """Save models one after the other, and note each that is saved."""
    # Titles are the same everywhere, so that each process has to find a free one beside the others.
    for number in range(count):
        content = f"{who} {number} ".encode() * 5_000
        entry = keep(folder, content, draft("Model", content, file), SUFFIX)
        with done.open("a") as notes:
            notes.write(f"{entry.file}\n")


def save_beside(folder: Path, done: Path, n_processes: int, n_saves: int) -> None:
    """Let several processes save at once, and wait for them."""
    started = [CONTEXT.Process(target=save_many, args=(folder, f"p{n}", n_saves, done)) for n in range(n_processes)]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
        assert process.exitcode == 0


def save_and_kill(folder: Path, done: Path, n_kills: int, file: str = "") -> int:
    """Kill saving processes at any moment, one after the other; return how many of them had begun to save."""
    moments = random.Random(0)
    begun = 0
    for number in range(n_kills):
        before = _seen(folder)
        process = CONTEXT.Process(target=save_many, args=(folder, f"k{number}", 10_000, done, file))
        process.start()
        end = time.monotonic() + 60
        while _seen(folder) == before and process.is_alive() and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.join()
        begun += _seen(folder) != before
    return begun


def noted(done: Path) -> list[str]:
    """Return the files whose saving came back; a note that a kill cut off is none."""
    return [line for line in done.read_text().split("\n")[:-1] if line.endswith(SUFFIX)] if done.exists() else []


def names(folder: ModelFolder) -> set[str]:
    return {entry.file for entry in folder.models}


def _seen(folder: Path) -> tuple[int, int]:
    """What changes as soon as somebody writes into a folder."""
    try:
        return folder.stat().st_mtime_ns, len(list(folder.iterdir()))
    except OSError:
        return 0, 0


def measure(n_kills: int = 100) -> None:
    """Print what is kept of 3 processes × 15 saves, and of saves that are killed."""
    with tempfile.TemporaryDirectory() as place:
        folder, done = Path(place, "beside"), Path(place, "beside.txt")
        save_beside(folder, done, 3, 15)
        kept = len(names(list_models(folder)) & set(noted(done)))
        print(f"3 processes x 15 saves: {kept} of 45 kept")  # noqa: T201
        for kind, file in (("new models", ""), ("one in another's place", FIXED)):
            folder, done = Path(place, kind), Path(place, f"{kind}.txt")
            begun = save_and_kill(folder, done, n_kills, file)
            found = list_models(folder)
            lost = set(noted(done)) - names(found)
            told = f"{len(noted(done))} saved, {len(lost)} lost, {len(found.refused)} refused"
            print(f"{begun} of {n_kills} killed while saving {kind}: {told}")  # noqa: T201
