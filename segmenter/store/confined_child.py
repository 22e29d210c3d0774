"""Run as a program: open one classifier and answer for prepared rows. Imports nothing of the product.

What comes in and goes out are numbers in frames of their own length. The classifier is opened by skops, which makes
nothing but the types of `TRUSTED` and those that it knows to be harmless itself; any other ends the program with
the name that was refused. It lives within limits on memory and time, and may not write to any file.
"""

import json
import resource
import struct
import sys
from typing import BinaryIO

import numpy as np
import skops.io

# What scikit-learn's classifiers are made of, beyond NumPy arrays and scikit-learn's own estimators.
TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
# Above what the libraries need: the largest classifier and the rows that it is asked about.
EXTRA_MEMORY_BYTES = 4_000_000_000
CPU_SECONDS = 3_600
_LENGTH = struct.Struct(">Q")
_SHAPE = struct.Struct(">QQ")


def limit() -> None:
    """Give this process so much memory and time, and no file to write to."""
    limits = [(resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123 - no path is built
            used = int(pages.read().split()[0]) * resource.getpagesize()
        limits.append((resource.RLIMIT_AS, used + EXTRA_MEMORY_BYTES))
    for what, most in limits:
        resource.setrlimit(what, (most, most))


def received(source: BinaryIO) -> bytes | None:
    """Return the next frame; None when the other side is gone."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return source.read(_LENGTH.unpack(head)[0])


def send(target: BinaryIO, content: bytes) -> None:
    """Send one frame."""
    target.write(_LENGTH.pack(len(content)) + content)
    target.flush()


def opened(content: bytes) -> tuple[object, dict[str, object]]:
    """Return the classifier and what to say of it; nothing, and why, where it is refused."""
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED))
        if unknown:
            return None, {"refused": unknown[0]}
        classifier = skops.io.loads(content, trusted=list(TRUSTED))
        return classifier, {"classes": [int(each) for each in classifier.classes_]}
    except Exception as error:  # noqa: BLE001 - whatever a damaged file provokes is an answer
        return None, {"problem": type(error).__name__}


def answer(classifier: object, request: bytes) -> bytes:
    """Return the probabilities for prepared rows, shape first."""
    n_rows, n_columns = _SHAPE.unpack(request[: _SHAPE.size])
    X = np.frombuffer(request, dtype=np.float64, offset=_SHAPE.size).reshape(n_rows, n_columns)
    told = np.ascontiguousarray(classifier.predict_proba(X), dtype=np.float64)  # type: ignore[attr-defined]
    return _SHAPE.pack(*told.shape) + told.tobytes()


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Open the classifier in the first frame and answer all further ones."""
    content = received(source)
    limit()
    classifier, said = opened(content or b"")
    send(target, json.dumps(said).encode())
    while classifier is not None and (request := received(source)):
        send(target, answer(classifier, request))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
