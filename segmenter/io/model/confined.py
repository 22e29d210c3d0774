"""A saved classifier that predicts in a process of its own and is never opened in this one."""

import hashlib
import threading
from typing import Final

import numpy as np

from segmenter.errors.learning import ClassifierFailedError, ClassifierRefusedError
from segmenter.typing import FloatArray, IntArray
from segmenter.worker.client import Answer, Worker, WorkerEndedError, WorkerMemoryError, WorkerTimeoutError
from segmenter.worker.limits import Limits

# One answer may take so long; a forest tells a million customers in about a minute.
SECONDS: Final = 600
# All answers of one process together may take so much work.
CPU_SECONDS: Final = 3_600
# Above what the libraries need: the largest classifier and the rows that it is asked about.
MEMORY_BYTES: Final = 4_000_000_000
# Rows sent at once: 80 MB of 100 columns.
ROWS_AT_ONCE: Final = 100_000
# Each open classifier is a process of some 200 MB.
MOST_OPEN: Final = 4
# It may write to no file: what it answers goes through a pipe.
_LIMITS: Final = Limits(CPU_SECONDS, SECONDS, MEMORY_BYTES, 0)
_TASK: Final = "segmenter.io.model.confined_child:answer"


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
        with self._lock:
            self.classes_: IntArray = self._started()

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes).

        Raises
        ------
        ClassifierFailedError
            If the process ends or takes too long.
        """
        pieces = [X[first : first + ROWS_AT_ONCE] for first in range(0, len(X), ROWS_AT_ONCE)]
        with self._lock:
            told = [self._probabilities(np.ascontiguousarray(piece, dtype=np.float64)) for piece in pieces]
        return np.vstack(told) if told else np.empty((0, len(self.classes_)))

    def _probabilities(self, X: FloatArray) -> FloatArray:
        if not self._worker.running:
            self._started()
        answer = self._asked({"shape": X.shape}, X.tobytes(), outputs=1)
        told, shape = answer.outputs[0].view(), (len(X), len(self.classes_))
        if len(told) != X.itemsize * shape[0] * shape[1] or answer.said.get("shape") != list(shape):
            self._worker.end()
            raise ClassifierFailedError("it answered something else")
        return np.frombuffer(told, dtype=np.float64).reshape(shape)

    def _started(self) -> IntArray:
        self._worker = Worker(_TASK, _LIMITS)
        said = self._asked({}, self.content, outputs=0).said
        if "classes" in said:
            return np.array(said["classes"], dtype=np.intp)
        self._worker.end()
        if "refused" in said:
            raise ClassifierRefusedError(str(said["refused"]))
        raise ClassifierFailedError("it is damaged")

    def _asked(self, request: dict[str, object], content: bytes, *, outputs: int) -> Answer:
        try:
            return self._worker.ask(request, [content], outputs=outputs)
        except WorkerTimeoutError as error:
            raise ClassifierFailedError(f"it took longer than {SECONDS} seconds") from error
        except WorkerMemoryError as error:
            raise ClassifierFailedError("it needs too much memory") from error
        except WorkerEndedError as error:
            raise ClassifierFailedError("its process ended") from error


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
