"""Which centres and which scaling does an old pickled K-Means hold? Asked of a limited child process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segmenter.errors import (
    FileNotReadableError,
    InvalidModelError,
    NotAKMeansError,
    PickledModelRefusedError,
)
from segmenter.store import checking
from segmenter.worker import Limits, Worker, WorkerError, WorkerTimeoutError

LARGEST_MB: Final = 50
SECONDS: Final = 60
MOST_CENTRES: Final = 1_000
# Above what NumPy needs to start, a K-Means has kilobytes; and no file to write to.
_LIMITS: Final = Limits(seconds=20, clock_seconds=SECONDS, memory=600_000_000, written=0)


@dataclass(frozen=True, eq=False)
class PickledKMeans:
    """What an old model knows.

    Attributes
    ----------
    centres
        Shape (k, p), in the model's own, usually scaled, space.
    mean, scale
        Of the StandardScaler that came with it, shape (p,); None where none did.
    feature_names
        The columns it was fitted on, if it remembers them.
    made_with
        The scikit-learn version that wrote it, if it says so.
    """

    centres: NDArray[np.float64]
    mean: NDArray[np.float64] | None
    scale: NDArray[np.float64] | None
    feature_names: tuple[str, ...]
    made_with: str


def read_pickled_kmeans(path: Path) -> PickledKMeans:
    """Read a bare KMeans, or a Pipeline of StandardScaler and KMeans, saved with pickle or joblib.

    The file is read in a process of its own, with limited memory and time, by a reader that makes nothing but
    empty stand-ins for three scikit-learn classes and NumPy arrays. Nothing in the file runs.

    Raises
    ------
    FileNotReadableError, PickledModelRefusedError, NotAKMeansError, InvalidModelError
        If it cannot be read, holds anything else, or its numbers make no sense.
    """
    try:
        size_mb = path.stat().st_size / 1e6
    except OSError as error:
        raise FileNotReadableError(str(path)) from error
    if size_mb > LARGEST_MB:
        raise NotAKMeansError(f"it has {size_mb:,.0f} MB, and the centres of a K-Means need far less")
    answer = _asked(path)
    if "refused" in answer:
        raise PickledModelRefusedError(path.name, str(answer["refused"]))
    if "problem" in answer:
        raise NotAKMeansError(str(answer["problem"]))
    return _checked(answer)


def _asked(path: Path) -> dict[str, object]:
    worker = Worker("segmenter.store.pickled_child:read", _LIMITS)
    try:
        return worker.ask({}, [path]).said
    except WorkerTimeoutError:
        return {"problem": f"reading it took longer than {SECONDS} seconds"}
    except WorkerError:
        return {"problem": "it is damaged, or needs more memory than a K-Means does"}
    except OSError as error:
        raise FileNotReadableError(str(path)) from error
    finally:
        worker.end()


def _checked(answer: dict[str, object]) -> PickledKMeans:
    rows = answer.get("centres")
    width = len(rows[0]) if isinstance(rows, list) and rows and isinstance(rows[0], list) else 0
    if not width:
        raise InvalidModelError("centres", "is empty")
    centres = checking.matrix(rows, "centres", most_rows=MOST_CENTRES, width=width)
    mean = _row(answer.get("mean"), "mean", width)
    scale = _row(answer.get("scale"), "scale", width)
    if scale is not None and (scale <= 0).any():
        raise InvalidModelError("scale", "holds a value that is not above zero")
    names = checking.texts(answer.get("feature_names", []), "feature_names", most=width)
    return PickledKMeans(centres, mean, scale, names, checking.text(answer.get("made_with", ""), "made_with"))


def _row(value: object, place: str, width: int) -> NDArray[np.float64] | None:
    return None if value is None else checking.matrix([value], place, most_rows=1, width=width)[0]
