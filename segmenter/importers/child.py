"""The process in which files are read: a small one that forks a limited worker for each file.

Run as a script. It waits on the socket whose number it is given; each message brings the file, the place for
the result and a socket for the answer. The worker is forked from a process that has never seen a file, sets
its limits, reads, answers and ends; whatever a hostile file does to it, nobody else notices.
"""

import gc
import json
import mmap
import os
import resource
import signal
import socket
import sys
import types
from importlib.abc import MetaPathFinder
from pathlib import Path


class _WithoutPandas(MetaPathFinder):
    """Hides pandas: Arrow would import it at its first conversion, .2 s for each file, without need."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _lend_packages() -> None:
    """Make the package's modules importable without running its `__init__`s, which would load everything."""
    root = Path(__file__).resolve().parents[1]
    for name in ("segmenter", "segmenter.core", "segmenter.importers"):
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    sys.meta_path.insert(0, _WithoutPandas())


def _limit(seconds: int, clock_seconds: int, memory: int, result_bytes: int) -> None:
    """Give this process no more than it needs."""
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE if sys.platform == "linux" else 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (result_bytes, result_bytes))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (in_use + memory, in_use + memory))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(clock_seconds)


def _work(request: dict[str, object], content_fd: int, result_fd: int, answer: socket.socket) -> None:
    """Read one file, or ask one database, and answer; runs in the forked worker."""
    from segmenter.errors import SegmenterError
    from segmenter.importers.exchange import Result, plain_error
    from segmenter.importers.options import ReadOptions
    from segmenter.importers.reading import read_content

    # Its memory goes with the worker: looking for garbage among millions of cells would take a third of the time.
    gc.disable()
    limits = request["limits"]
    assert isinstance(limits, list)
    _limit(*limits)
    size = os.fstat(content_fd).st_size
    content = memoryview(mmap.mmap(content_fd, size, prot=mmap.PROT_READ)) if size else memoryview(b"")
    try:
        result = Result(result_fd)
        if request["source"] == "database":
            # Loaded when needed: .3 s that most files need not wait for.
            from segmenter.importers.connection import answer_request

            parsed = answer_request(content)
        elif request["source"] == "purchases":
            # Loaded in the worker only: polars starts threads, and a process with threads must not be forked.
            from segmenter.importers.summing import add_up

            parsed = add_up(content, ReadOptions(**request["options"]), request["wanted"], result.gather)  # type: ignore[arg-type]
        else:
            parsed = read_content(content, ReadOptions(**request["options"]), result.gather)  # type: ignore[arg-type]
        # Said here as well as by the parent process: taking the worker's memory apart need not be waited for.
        answer.sendall(result.finish(parsed).encode() + b"\n0")
    except SegmenterError as error:
        answer.sendall(plain_error(error).encode())
    except MemoryError:
        answer.sendall(b'{"error": "ReadingTooMuchMemoryError", "facts": []}')


def _fork(control: socket.socket, message: bytes, descriptors: list[int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        control.close()
        content_fd, result_fd, answer_fd = descriptors
        _work(json.loads(message), content_fd, result_fd, socket.socket(fileno=answer_fd))
        status = 0
    except BaseException as error:  # noqa: BLE001 - said by its class only: messages may hold customers' data
        sys.stderr.write(f"reading failed: {type(error).__name__}\n")
    finally:
        os._exit(status)


def _reap(waiting: dict[int, int]) -> None:
    """Tell how workers ended that ended, and forget them."""
    while waiting:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with socket.socket(fileno=waiting.pop(pid)) as answer:
            ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            try:
                answer.sendall(f"\n{ended}".encode())
            except OSError:
                continue


def serve(control: socket.socket) -> None:
    """Fork a worker for each message until the other side is gone."""
    waiting: dict[int, int] = {}
    bell, ring = socket.socketpair()
    ring.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ring.fileno())
    import select

    while True:
        ready, _, _ = select.select([control, bell], [], [])
        if bell in ready:
            bell.recv(4096)
            _reap(waiting)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, 65_536, 3)
            if not message:
                return
            waiting[_fork(control, message, descriptors)] = os.dup(descriptors[2])
            for descriptor in descriptors:
                os.close(descriptor)


if __name__ == "__main__":
    _lend_packages()
    import segmenter.importers.exchange
    import segmenter.importers.reading  # noqa: F401 - loaded once here, shared by all workers

    serve(socket.socket(fileno=int(sys.argv[1])))
