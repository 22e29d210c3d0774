"""Centres and scaling of an old pickled K-Means, asked of a limited child process."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from segmenter.errors.learning import ClassifierUploadError
from segmenter.errors.models import (
    InvalidModelError,
    NotAKMeansError,
    PickledModelRefusedError,
    PickleRefusedError,
    UnsupportedModelError,
)
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model import codec, schema
from segmenter.typing import FloatArray
from segmenter.worker.client import Worker, WorkerError, WorkerTimeoutError
from segmenter.worker.limits import Limits

LARGEST_MB: Final = 50
SECONDS: Final = 60
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

    centres: FloatArray
    mean: FloatArray | None
    scale: FloatArray | None
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
    worker = Worker("segmenter.io.model.pickled_child:read", _LIMITS)
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
    plain = schema.decoded(json.dumps(answer).encode(), schema.PickledAnswer)
    width = len(plain.centres[0])
    if not width:
        raise InvalidModelError("centres", "is empty")
    codec.distinct(plain.feature_names, "feature_names")
    return PickledKMeans(
        codec.matrix(plain.centres, "centres", (len(plain.centres), width)),
        None if plain.mean is None else codec.row(plain.mean, "mean", width),
        None if plain.scale is None else codec.row(plain.scale, "scale", width),
        plain.feature_names,
        plain.made_with,
    )


PICKLES: Final = (".pkl", ".pickle", ".joblib", ".sav")
_CLASSIFIER = ".segclassifier"
_OTHERS = (".skops", ".onnx", ".h5", ".hdf5", ".keras", ".pt", ".pth")
# Protocols 2 to 5 start with these two bytes; 0 and 1 with the opcodes of a class, a dict, a list or a tuple.
_BINARY = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_CLASSIC = (
    b"ccopy_reg\n",
    b"csklearn",
    b"cnumpy",
    b"cposix\n",
    b"cos\n",
    b"c__builtin__\n",
    b"cbuiltins\n",
    b"(dp",
    b"(lp",
    b"(i",
)


def refuse_foreign(content: bytes, name: str) -> None:
    """Refuse pickles and other model formats, by name or by content, without opening them.

    Raises
    ------
    PickleRefusedError, UnsupportedModelError, ClassifierUploadError
        If it is one.
    """
    ending = name.lower()
    if ending.endswith(PICKLES) or looks_pickled(content):
        raise PickleRefusedError
    if ending.endswith(_CLASSIFIER):
        raise ClassifierUploadError
    if ending.endswith(_OTHERS):
        raise UnsupportedModelError


def looks_pickled(content: bytes) -> bool:
    """Whether the bytes start the way pickles do."""
    return content.startswith(_BINARY) or content.startswith(_CLASSIC)
