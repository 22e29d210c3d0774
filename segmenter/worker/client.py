"""Asking workers, which are ended by the clock, by a cancellation, or when nobody wants them any more."""

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from segmenter import errors
from segmenter.errors.base import SegmenterError
from segmenter.progress import Cancelled
from segmenter.worker.channel import BrokenFrameError, Buffer, Frame, MemoryFile
from segmenter.worker.limits import Limits
from segmenter.worker.processes import SPARE, Forked, Process, Spawned, can_fork

Source = Path | MemoryFile | Buffer
"""What a task is about: a file on disk, which is not read here, or bytes in memory."""
Told = Callable[[Mapping[str, Any]], None]

# Beyond what its outputs may have, an answer has words, and the lines that were left out.
_WORDS_BYTES: Final = 1 << 26
# The signal of a process that used up its processor time.
_OUT_OF_TIME: Final = -24


class WorkerError(Exception):
    """A worker gave no answer; whoever asked it knows what to say about that."""


class WorkerTimeoutError(WorkerError):
    """A worker was ended because it ran out of time."""


class WorkerMemoryError(WorkerError):
    """A worker needed more memory than it may use."""


class WorkerEndedError(WorkerError):
    """A worker ended, or answered something that is no answer."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker says, and what it wrote."""

    said: dict[str, Any]
    outputs: tuple[MemoryFile, ...] = ()


class Cancellation:
    """Ends the workers that are asked within it, from any other thread.

    >>> leaving = Cancellation()
    >>> with leaving:
    ...     pass  # read a file; meanwhile another thread may call leaving.cancel()
    """

    def __init__(self) -> None:
        self.cancelled = False
        self._lock = threading.Lock()
        self._processes: set[Process] = set()
        self._tokens: list[Token[Cancellation | None]] = []

    def cancel(self) -> None:
        """End what runs; whoever waits for it, or asks from now on, gets `Cancelled`."""
        with self._lock:
            self.cancelled = True
            for process in self._processes:
                process.kill()

    def __enter__(self) -> "Cancellation":
        self._tokens.append(_CANCELLATION.set(self))
        return self

    def __exit__(self, *_: object) -> None:
        _CANCELLATION.reset(self._tokens.pop())

    @contextlib.contextmanager
    def watching(self, process: "Process") -> Iterator[None]:
        """Have a process ended by `cancel` while something waits for it."""
        with self._lock:
            if self.cancelled:
                process.kill()
                raise Cancelled
            self._processes.add(process)
        try:
            yield
        finally:
            with self._lock:
                self._processes.discard(process)


_CANCELLATION: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def run_task(
    task: str,
    request: Mapping[str, object],
    inputs: Sequence[Source],
    limits: Limits,
    *,
    outputs: int = 0,
    told: Told | None = None,
) -> Answer:
    """Have one task done by a worker of its own.

    Parameters
    ----------
    task
        "module:function"; the module is one of the product's, loaded in the worker only.
    inputs
        What it is about.
    outputs
        How many contents it writes.
    told
        Called with whatever the task says before its answer.

    Raises
    ------
    SegmenterError
        What the task found wrong.
    WorkerError
        If it gave no answer.
    Cancelled
        If the `Cancellation` around this was cancelled.
    OSError
        If a file on disk can't be opened.
    """
    question = _Question(task, request, limits, outputs)
    if can_fork():
        return _asked_forked(question, inputs, told)
    process = SPARE.take()
    try:
        return _asked_inline(process, question, inputs, told)
    finally:
        process.close()
        SPARE.prepare()


class Worker:
    """A process of its own that answers one request after another.

    It is a new Python also where others are forked: what it loads is loaded by nobody else.
    """

    def __init__(self, task: str, limits: Limits) -> None:
        self._task, self._limits = task, limits
        self._process = Spawned()
        weakref.finalize(self, self._process.close)

    @property
    def running(self) -> bool:
        """Whether it can still be asked."""
        return self._process.running

    def ask(self, request: Mapping[str, object], inputs: Sequence[Source] = (), *, outputs: int = 0) -> Answer:
        """Ask it, and wait for the answer; it ends if there is none.

        Raises
        ------
        SegmenterError, WorkerError, Cancelled, OSError
            As `run_task` does.
        """
        try:
            return _asked_inline(self._process, _Question(self._task, request, self._limits, outputs), inputs)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End it."""
        self._process.close()


@dataclass(frozen=True)
class _Question:
    """What a worker is asked, but for the contents."""

    task: str
    request: Mapping[str, object]
    limits: Limits
    outputs: int

    def plain(self, paths: Sequence[str]) -> dict[str, object]:
        """Return the first frame: contents that are no files on disk have an empty path, and go along."""
        return {**vars(self), "limits": asdict(self.limits), "paths": list(paths)}


def _asked_forked(question: _Question, inputs: Sequence[Source], told: Told | None) -> Answer:
    written = [MemoryFile.shared() for _ in range(question.outputs)]
    with contextlib.ExitStack() as opened:
        # Held until they are lent.
        read = [opened.enter_context(_lendable(source)) for source in inputs]
        process = Forked([*read, *(file.descriptor for file in written if file.descriptor is not None)])
    try:
        frame = _exchanged(process, question, question.plain([""] * len(inputs)), (), told)
        for file in written:
            file.seal()
    except OSError as error:
        raise WorkerEndedError from error
    finally:
        process.close()
    return Answer(frame.said["answer"], tuple(written))


@contextlib.contextmanager
def _lendable(source: Source) -> Iterator[int]:
    if isinstance(source, Path):
        with source.open("rb") as on_disk:
            yield on_disk.fileno()
        return
    file = source if isinstance(source, MemoryFile) else MemoryFile(source)
    if file.descriptor is None:
        file = MemoryFile.shared(file.view())
    assert file.descriptor is not None
    yield file.descriptor


def _asked_inline(process: Process, question: _Question, inputs: Sequence[Source], told: Told | None = None) -> Answer:
    """Ask a process that can't be lent files: contents in memory go along with the frames."""
    paths = [str(source.resolve(strict=True)) if isinstance(source, Path) else "" for source in inputs]
    in_memory = [source for source in inputs if not isinstance(source, Path)]
    parts = [source.view() if isinstance(source, MemoryFile) else source for source in in_memory]
    frame = _exchanged(process, question, question.plain(paths), parts, told)
    if len(frame.parts) != question.outputs:
        raise WorkerEndedError
    return Answer(frame.said["answer"], tuple(MemoryFile(part) for part in frame.parts))


def _exchanged(
    process: Process, question: _Question, said: Mapping[str, object], parts: Sequence[Buffer], told: Told | None
) -> Frame:
    """Send a question and return the frame that answers it."""
    out_of_time = threading.Event()

    def end() -> None:
        out_of_time.set()
        process.kill()

    cancellation = _CANCELLATION.get()
    clock = threading.Timer(question.limits.clock_seconds, end)
    clock.daemon = True
    with cancellation.watching(process) if cancellation else contextlib.nullcontext():
        clock.start()
        try:
            frame = _answer(process, question, said, parts, told)
        finally:
            clock.cancel()
    if frame is not None and isinstance(frame.said.get("answer"), dict):
        return frame
    if cancellation is not None and cancellation.cancelled:
        raise Cancelled
    if out_of_time.is_set():
        raise WorkerTimeoutError
    raise _why_none(process, frame)


def _answer(
    process: Process, question: _Question, said: Mapping[str, object], parts: Sequence[Buffer], told: Told | None
) -> Frame | None:
    with contextlib.suppress(OSError):
        # A worker that has ended may still have said why.
        process.channel.send(said, parts)
    most = question.limits.written + _WORDS_BYTES
    try:
        while frame := process.channel.receive(most):
            if "told" not in frame.said:
                return frame
            if told is not None:
                told(frame.said["told"])
    except (OSError, BrokenFrameError):
        pass
    return None


def _why_none(process: Process, frame: Frame | None) -> Exception:
    """Return the error that a frame without an answer, or none at all, stands for."""
    if frame is None:
        return WorkerTimeoutError() if process.ended() == _OUT_OF_TIME else WorkerEndedError()
    if frame.said.get("out_of_memory"):
        return WorkerMemoryError()
    kind, facts = getattr(errors, str(frame.said.get("error")), None), frame.said.get("facts")
    if not (isinstance(kind, type) and issubclass(kind, SegmenterError) and isinstance(facts, list)):
        return WorkerEndedError()
    try:
        return kind(*facts)
    except TypeError:
        return WorkerEndedError()
