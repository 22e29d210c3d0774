"""How is a file read so that whatever is in it can't harm the server?"""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from segmenter.config import (
    DATABASE_SECONDS,
    READING_MEMORY_MB,
    READING_MEMORY_PER_BYTE,
    READING_SECONDS,
    READING_SECONDS_PER_MB,
)
from segmenter.errors import ReadingTooLongError, ReadingTooMuchMemoryError
from segmenter.importers.exchange import Result, named_error
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import Parsed

_SCRIPT: Final = Path(__file__).with_name("child.py")
_MB: Final = 1_000_000
Source = Literal["file", "database", "purchases"]
Limits = tuple[int, int, int, int]
# The worker outlives the database's own time limit by a little, so that its answer says what happened.
_DATABASE_LIMITS: Final[Limits] = (
    DATABASE_SECONDS,
    DATABASE_SECONDS + 3,
    READING_MEMORY_MB * _MB,
    READING_MEMORY_MB * _MB,
)
# Signals that end a worker which ran out of time: the limit on work, and the clock on the wall.
_TIME_SIGNALS: Final = frozenset({24, 14})
# Parsing takes and gives back large blocks all the time: kept by the process they are used again, which
# halves the time that the kernel spends on clearing pages.
_ENVIRONMENT: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "OMP_NUM_THREADS": "1",
}


@dataclass
class _Server:
    """The process that forks workers, started with the first file."""

    process: subprocess.Popen[bytes] | None = None
    control: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: bytes, descriptors: list[int]) -> None:
        """Hand a message over, starting the process when there is none."""
        with self.lock:
            try:
                socket.send_fds(self._running(), [message], descriptors)
            except OSError:
                self._stop()
                socket.send_fds(self._running(), [message], descriptors)

    def start(self) -> None:
        """Start the process without waiting for it."""
        with self.lock:
            self._running()

    def stop(self) -> None:
        """End the process and wait for its end."""
        with self.lock:
            self._stop()

    def _running(self) -> socket.socket:
        if self.process is not None and self.control is not None and self.process.poll() is None:
            return self.control
        self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # No -m: that would import the package, its pages and all, before the script.
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.control = ours
        return ours

    def _stop(self) -> None:
        if self.control is not None:
            self.control.close()
        if self.process is not None:
            # Its end of the socket is closed, so it ends by itself.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)
        self.process = self.control = None


_SERVER: Final = _Server()
atexit.register(_SERVER.stop)


def warm_up() -> None:
    """Start the reading process ahead of the first file, which then need not wait for it."""
    _SERVER.start()


def stop() -> None:
    """End the reading process; the next file starts another."""
    _SERVER.stop()


def parse(
    content_fd: int, options: ReadOptions, source: Source = "file", wanted: Mapping[str, object] | None = None
) -> Parsed:
    """Read a file, or ask a database, in a worker with limits on time, memory and size of the result.

    Parameters
    ----------
    wanted
        What purchases are added up from; not looked at for other sources.

    Raises
    ------
    SegmenterError
        Whatever the reader says, or that a limit was reached.
    """
    limits = limits_for(os.fstat(content_fd).st_size) if source != "database" else _DATABASE_LIMITS
    with memory_file() as result_fd:
        message = {"source": source, "options": options.as_plain(), "limits": limits, "wanted": wanted}
        answer = _answer(content_fd, result_fd, message)
        # Both the worker and its parent process say how it ended; whoever is first is right.
        said, ended = (*answer.split("\n"), "")[:2]
        error = named_error(said)
        if error is not None:
            raise error
        if ended != "0":
            _raise_why(ended, limits[0])
        return Result(result_fd).read(said)


def limits_for(size: int) -> Limits:
    """Return seconds of work and by the clock, bytes of memory and of result that a file of some size may take."""
    seconds = round(READING_SECONDS + READING_SECONDS_PER_MB * size / _MB)
    memory = READING_MEMORY_MB * _MB + READING_MEMORY_PER_BYTE * size
    # Waiting does not count as work: a wall clock ends what hangs.
    return seconds, 4 * seconds, memory, memory


def _answer(content_fd: int, result_fd: int, message: Mapping[str, object]) -> str:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _SERVER.send(json.dumps(message).encode(), [content_fd, result_fd, theirs.fileno()])
        said = bytearray()
        while not said.endswith(b"\n0") and (part := ours.recv(65_536)):
            said += part
        return said.decode()


def _raise_why(ended: str, seconds: int) -> None:
    if ended.lstrip("-").isdigit() and -int(ended) in _TIME_SIGNALS:
        raise ReadingTooLongError(seconds)
    raise ReadingTooMuchMemoryError


@contextmanager
def memory_file() -> Iterator[int]:
    """Open a file that lives in memory and never reaches a disk, where the system has such files."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("segmenter")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        yield descriptor
    finally:
        os.close(descriptor)
