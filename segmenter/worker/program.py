"""What runs on the worker's side; started as a script, so that nothing of the product is loaded but what is needed.

`program.py work MODULE…` loads modules, waits for one request after another on its standard input and answers on its
standard output. `program.py serve SOCKET MODULE…` loads modules once and forks a worker for each message on a
socket; the workers are forked from a process that has never seen a file.
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# What the product's own packages would load at once is loaded here only when it is needed.
_PACKAGES = (
    "segmenter",
    "segmenter.io",
    "segmenter.io.model",
    "segmenter.io.read",
    "segmenter.io.read.csv",
    "segmenter.purchases",
    "segmenter.recipe",
    "segmenter.table",
    "segmenter.table.infer",
)


def _lend_packages() -> None:
    """Make the package's modules importable without running its `__init__`s, which would load everything."""
    root = Path(__file__).resolve().parents[1]
    for name in _PACKAGES:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


if __name__ == "__main__":
    _lend_packages()

from segmenter.worker.channel import BrokenFrameError, Channel, Frame, MemoryFile, mapped  # noqa: E402  # noqa: E402
from segmenter.worker.limits import Limits, apply_limits  # noqa: E402


class Call:
    """One request to a task.

    Attributes
    ----------
    request
        Plain data.
    inputs
        The contents that it is about.
    outputs
        Where its results go.
    """

    def __init__(self, frame: Frame, descriptors: list[int], channel: Channel) -> None:
        self.request: dict[str, Any] = frame.said["request"]
        n_outputs: int = frame.said["outputs"]
        self._channel = channel
        self.inputs: list[memoryview]
        if descriptors:
            lent = len(descriptors) - n_outputs
            self.inputs = [mapped(each) for each in descriptors[:lent]]
            self.outputs = [MemoryFile(descriptor=each) for each in descriptors[lent:]]
        else:
            parts = iter(frame.parts)
            self.inputs = [_read(path) if path else next(parts) for path in frame.said["paths"]]
            self.outputs = [MemoryFile() for _ in range(n_outputs)]

    def tell(self, said: Mapping[str, object]) -> None:
        """Say something before the answer, such as what is to be ended when this process is."""
        self._channel.send({"told": said})

    def answer(self, said: Mapping[str, object]) -> None:
        """Answer, with what was written to the outputs."""
        # What was lent is there already.
        written = [output.view() for output in self.outputs if output.descriptor is None]
        self._channel.send({"answer": said}, written)


Task = Callable[[Iterator[Call]], None]
"""Answers each of the calls that come one after another; most tasks are only ever called once."""


def _read(path: str) -> memoryview:
    with open(path, "rb") as file:  # noqa: PTH123 - as it was named
        return mapped(file.fileno())


def work(channel: Channel, descriptors: list[int]) -> None:
    """Do the task that the first frame names, within its limits, until the other side is gone."""
    from segmenter.errors.base import SegmenterError

    first = channel.receive()
    if first is None:
        return
    # Its memory goes with the worker: looking for garbage among millions of cells would take a third of the time.
    gc.disable()
    module, _, name = str(first.said["task"]).partition(":")
    try:
        call = Call(first, descriptors, channel)
        apply_limits(Limits(**first.said["limits"]))
        task: Task = getattr(importlib.import_module(module), name)
        task(_calls(call, channel))
    except SegmenterError as error:
        channel.send({"error": type(error).__name__, "facts": error.args})
    except MemoryError:
        channel.send({"out_of_memory": True})


def _calls(first: Call, channel: Channel) -> Iterator[Call]:
    yield first
    while frame := channel.receive():
        yield Call(frame, [], channel)


def _without_traceback(channel: Channel, descriptors: list[int]) -> int:
    """Do the work and return an exit status; a fault is said by its class: messages may hold customers' data."""
    try:
        work(channel, descriptors)
    except (BrokenFrameError, BrokenPipeError):
        return 1
    except BaseException as error:  # noqa: BLE001 - said by its class only
        sys.stderr.write(f"a worker failed: {type(error).__name__}\n")
        return 1
    return 0


class _ForkServer:
    """Forks a worker for each message on a socket, tells how it ended, and ends it when nobody waits for it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        # Each running worker with the socket on which its end is told.
        self._running: dict[int, socket.socket] = {}
        self._bell, self._ring = socket.socketpair()
        self._ring.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ring.fileno())
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)

    def serve(self) -> None:
        """Work until the other side is gone."""
        alive = True
        while alive:
            ready = dict(self._poll.poll())
            if self._bell.fileno() in ready:
                self._bell.recv(4096)
            for pid, status in self._running.items():
                if status.fileno() in ready:
                    # Whoever asked has closed the other end.
                    self._poll.unregister(status)
                    os.kill(pid, signal.SIGKILL)
            self._reap()
            if self._control.fileno() in ready:
                alive = self._fork()
        # Nobody reads the bell any more when those below end.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)

    def _fork(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 1, 64)
        if not message:
            return False
        pid = os.fork()
        if not pid:
            for each in (self._control, self._bell, self._ring, *self._running.values()):
                each.close()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _run_forked(*descriptors)
        stream, status, *lent = descriptors
        for descriptor in (stream, *lent):
            os.close(descriptor)
        self._running[pid] = socket.socket(fileno=status)
        # For no event but that the other side has closed it.
        self._poll.register(self._running[pid], 0)
        return True

    def _reap(self) -> None:
        """Tell how workers ended that ended, and forget them."""
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            # Neither of the two is there any more where nobody waits.
            with self._running.pop(pid) as told, contextlib.suppress(KeyError, OSError):
                self._poll.unregister(told)
                told.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _run_forked(stream: int, status: int, *lent: int) -> None:
    """Work with what the message brought, then end without running what the process before the fork has left."""
    ended = 1
    try:
        os.close(status)
        with socket.socket(fileno=stream) as both, both.makefile("rb") as source, both.makefile("wb") as target:
            ended = _without_traceback(Channel(source, target), list(lent))
    finally:
        os._exit(ended)


def _main(what: str, *said: str) -> int:
    if what == "serve":
        number, *modules = said
        _load(modules)
        _ForkServer(socket.socket(fileno=int(number))).serve()
        return 0
    _load(said)
    # What a library prints must not get between the frames.
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return _without_traceback(Channel(source, target), [])


def _load(modules: Sequence[str]) -> None:
    """Load modules and have each do what only has to be done once."""
    for module in modules:
        importlib.import_module(module).prepare()
    # Looking for garbage would write into every page that forked workers share.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
