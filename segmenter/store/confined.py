"""How does a saved classifier answer without ever being opened in this process?"""

import hashlib
import json
import select
import struct
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from segmenter.errors import ClassifierFailedError, ClassifierRefusedError

Floats = NDArray[np.float64]

# One answer may take so long; a forest tells a million customers in about a minute.
SECONDS: Final = 600
# Rows sent at once: 80 MB of 100 columns.
ROWS_AT_ONCE: Final = 100_000
# Each open classifier is a process of some 200 MB.
MOST_OPEN: Final = 4
_SCRIPT: Final = Path(__file__).with_name("confined_child.py")
# One thread: what a row is told must not depend on how many processors there are.
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_LENGTH: Final = struct.Struct(">Q")
_SHAPE: Final = struct.Struct(">QQ")
_PIECE: Final = 1 << 20


class ConfinedClassifier:
    """A saved classifier that lives in a limited process of its own, started with the first question.

    Attributes
    ----------
    content
        The skops file.
    classes_
        Shape (n_classes,), ascending.
    """

    def __init__(self, content: bytes) -> None:
        """Open a classifier.

        Raises
        ------
        ClassifierRefusedError, ClassifierFailedError
            If it names a type that no classifier needs, or cannot be read.
        """
        self.content = content
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        with self._lock:
            self.classes_: NDArray[np.intp] = self._started()

    def predict_proba(self, X: Floats) -> Floats:
        """Return the probability of each class for each row, shape (n, n_classes).

        Raises
        ------
        ClassifierFailedError
            If the process ends or takes too long.
        """
        pieces = [X[first : first + ROWS_AT_ONCE] for first in range(0, len(X), ROWS_AT_ONCE)]
        with self._lock:
            told = [self._asked(np.ascontiguousarray(piece, dtype=np.float64)) for piece in pieces]
        return np.vstack(told) if told else np.empty((0, len(self.classes_)))

    def _asked(self, X: Floats) -> Floats:
        if self._process is None or self._process.poll() is not None:
            self._started()
        shape = (len(X), len(self.classes_))
        expected = _SHAPE.size + X.itemsize * shape[0] * shape[1]
        told = self._exchanged(_SHAPE.pack(*X.shape) + X.tobytes(), most=expected)
        if len(told) != expected or _SHAPE.unpack(told[: _SHAPE.size]) != shape:
            raise self._failed("it answered something else")
        return np.frombuffer(told, dtype=np.float64, offset=_SHAPE.size).reshape(shape)

    def _started(self) -> NDArray[np.intp]:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
        )
        weakref.finalize(self, _end, self._process)
        said = json.loads(self._exchanged(self.content, most=_PIECE))
        if "refused" in said:
            _end(self._process)
            raise ClassifierRefusedError(str(said["refused"]))
        if "classes" not in said:
            raise self._failed("it is damaged")
        return np.array(said["classes"], dtype=np.intp)

    def _exchanged(self, request: bytes, *, most: int) -> bytes:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(_LENGTH.pack(len(request)) + request)
            process.stdin.flush()
        except OSError as error:
            raise self._failed("its process ended") from error
        until = time.monotonic() + SECONDS
        head = self._read(process.stdout, _LENGTH.size, until)
        length: int = _LENGTH.unpack(head)[0]
        if length > most:
            raise self._failed("it answered something else")
        return self._read(process.stdout, length, until)

    def _read(self, source: IO[bytes], count: int, until: float) -> bytes:
        found = bytearray()
        while len(found) < count:
            ready, _, _ = select.select([source], [], [], max(until - time.monotonic(), 0.0))
            if not ready:
                raise self._failed(f"it took longer than {SECONDS} seconds")
            piece = source.read1(min(count - len(found), _PIECE))  # type: ignore[attr-defined]
            if not piece:
                raise self._failed("its process ended")
            found += piece
        return bytes(found)

    def _failed(self, why: str) -> ClassifierFailedError:
        if self._process is not None:
            _end(self._process)
        return ClassifierFailedError(why)


_OPEN: Final[dict[str, ConfinedClassifier]] = {}
_OPENING: Final = threading.Lock()


def confined(content: bytes) -> ConfinedClassifier:
    """Return a classifier in its own process; the same one for the same content.

    Raises
    ------
    ClassifierRefusedError, ClassifierFailedError
        If it cannot be opened.
    """
    digest = hashlib.sha256(content).hexdigest()
    with _OPENING:
        found = _OPEN.pop(digest, None) or ConfinedClassifier(content)
        _OPEN[digest] = found
        # The one that was asked for longest ago goes; its process ends when nobody holds it any more.
        while len(_OPEN) > MOST_OPEN:
            del _OPEN[next(iter(_OPEN))]
        return found


def close_all() -> None:
    """Forget every open classifier; their processes end once nobody holds them."""
    with _OPENING:
        _OPEN.clear()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                # What it had not yet been sent is lost with it.
                continue
