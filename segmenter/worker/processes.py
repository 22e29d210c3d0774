"""Starting the process of a worker, in one of two ways, and ending it."""

import atexit
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from segmenter.worker.channel import Channel

_SCRIPT: Final = Path(__file__).with_name("program.py")
# Loaded once, before there is anything to read.
_PRELOADED: Final = ("segmenter.io.read.tasks",)
# A process whose stream has closed is about to end.
_SECONDS_TO_END: Final = 5
# Parsing takes and gives back large blocks all the time: kept by the process they are used again, which
# halves the time that the kernel spends on clearing pages. One thread each: there are many workers, and what a
# classifier tells of a row must not depend on how many processors there are.
_SETTINGS: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
# What finding libraries, folders and time zones takes. Nothing else of the environment reaches a worker: it may hold
# the passwords of databases.
_KEPT: Final = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "TMPDIR"),
)


def can_fork() -> bool:
    """Whether this system has all that lending files to forked processes takes; neither macOS nor Windows has."""
    needed = (
        (os, "fork"),
        (os, "memfd_create"),
        (socket, "AF_UNIX"),
        (socket, "SOCK_SEQPACKET"),
        (socket, "send_fds"),
        (socket, "recv_fds"),
        (select, "poll"),
        (signal, "set_wakeup_fd"),
    )
    return sys.platform == "linux" and all(hasattr(module, name) for module, name in needed)


def _environment() -> dict[str, str]:
    return {**{name: os.environ[name] for name in _KEPT if name in os.environ}, **_SETTINGS}


class Process(Protocol):
    """A worker's process, however it was started."""

    channel: Channel

    def kill(self) -> None:
        """End it, from any thread; whoever waits for its answer is told that it ended."""

    def ended(self) -> int | None:
        """Wait for its end, which is near; return its status, negative for a signal, None when that is unknown."""

    def close(self) -> None:
        """End it where it still runs, and let everything of it go."""


class Spawned:
    """A new Python that is talked to over pipes: what every system has."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT), "work", *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.channel = Channel(self._process.stdout, self._process.stdin)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it, from any thread."""
        self._process.kill()

    def ended(self) -> int | None:
        """Wait for its end; return its status, None when that is unknown."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(_SECONDS_TO_END)
        return None

    def close(self) -> None:
        """End it where it still runs, and let everything of it go."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What it had not yet been sent is lost with it.
                with contextlib.suppress(OSError):
                    pipe.close()


class Forked:
    """A worker forked by the fork server, which is lent the files that it reads and writes."""

    def __init__(self, lent: Sequence[int]) -> None:
        self._stream, theirs = socket.socketpair()
        self._status, their_status = socket.socketpair()
        self._files = (self._stream.makefile("rb"), self._stream.makefile("wb"))
        self.channel = Channel(*self._files)
        with theirs, their_status:
            FORK_SERVER.send([theirs.fileno(), their_status.fileno(), *lent])

    def kill(self) -> None:
        """End it, from any thread."""
        # The fork server sees that nobody listens any more, and ends the worker.
        for each in (self._status, self._stream):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def ended(self) -> int | None:
        """Wait for its end; return its status, None when that is unknown."""
        self._status.settimeout(_SECONDS_TO_END)
        try:
            return int(self._status.recv(16))
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """End it where it still runs, and let everything of it go."""
        for each in (*self._files, self._stream, self._status):
            with contextlib.suppress(OSError):
                each.close()


class ForkServer:
    """The process that forks workers, started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lock = threading.Lock()

    def send(self, descriptors: list[int]) -> None:
        """Have a worker forked that gets these files, starting the process when there is none."""
        with self._lock:
            try:
                socket.send_fds(self._running(), [b"f"], descriptors)
            except OSError:
                self._stop()
                socket.send_fds(self._running(), [b"f"], descriptors)

    def start(self) -> None:
        """Start the process without waiting for it."""
        with self._lock:
            self._running()

    def stop(self) -> None:
        """End the process and wait for its end."""
        with self._lock:
            self._stop()

    def _running(self) -> socket.socket:
        if self._process is not None and self._control is not None and self._process.poll() is None:
            return self._control
        self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_SCRIPT), "serve", str(theirs.fileno()), *_PRELOADED],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
            )
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            # Its end of the socket is closed, so it ends by itself.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        self._process = self._control = None


class Spare:
    """One new Python that has loaded all it needs and waits for work, where nothing can be forked."""

    def __init__(self) -> None:
        self._process: Spawned | None = None
        self._lock = threading.Lock()

    def take(self) -> Spawned:
        """Return a process that nobody has used."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and process.running:
            return process
        return Spawned(_PRELOADED)

    def prepare(self) -> None:
        """Start the next one without waiting for it."""
        with self._lock:
            if self._process is None or not self._process.running:
                self._process = Spawned(_PRELOADED)

    def stop(self) -> None:
        """End the one that waits."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()


FORK_SERVER: Final = ForkServer()
SPARE: Final = Spare()


def warm_up() -> None:
    """Start what the first worker needs ahead of it, which then need not wait."""
    if can_fork():
        FORK_SERVER.start()
    else:
        SPARE.prepare()


def stop() -> None:
    """End what `warm_up` started; the next worker starts it again."""
    FORK_SERVER.stop()
    SPARE.stop()


atexit.register(stop)
