"""Read one pickled K-Means and tell its numbers as plain data; runs in a worker.

Every class that a file names is looked up in `ALLOWED`, and scikit-learn's are replaced by empty stand-ins, so
that not even scikit-learn's own code runs. Anything else ends the reading with the name that was refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import joblib.numpy_pickle as joblib_format
import numpy as np

if TYPE_CHECKING:
    from segmenter.worker.program import Call

UNPACKED_BYTES = 200_000_000


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The file names something that a K-Means does not need."""


class Kept:
    """Stands in for a scikit-learn object and keeps its attributes."""

    def __setstate__(self, state: object) -> None:
        """Keep what the object knew."""
        if isinstance(state, dict):
            self.__dict__.update(state)


class KMeans(Kept):
    """Stands in for sklearn.cluster.KMeans."""


class StandardScaler(Kept):
    """Stands in for sklearn.preprocessing.StandardScaler."""


class Pipeline(Kept):
    """Stands in for sklearn.pipeline.Pipeline."""


def _encode(text: str, encoding: str = "latin1") -> bytes:
    # Protocol 2 writes bytes as text; only that encoding is ever used.
    return text.encode("latin1") if encoding in ("latin1", "latin-1") else b""


_MULTIARRAY = np.empty(0).__reduce__()[0]
_SCALAR = np.float64(0).__reduce__()[0]
_FROMBUFFER = np.empty(0).__reduce_ex__(5)[0]

ALLOWED: dict[tuple[str, str], object] = {
    # The three classes, under the names that the versions since 0.20 gave their modules.
    ("sklearn.cluster._kmeans", "KMeans"): KMeans,
    ("sklearn.cluster.k_means_", "KMeans"): KMeans,
    ("sklearn.preprocessing._data", "StandardScaler"): StandardScaler,
    ("sklearn.preprocessing.data", "StandardScaler"): StandardScaler,
    ("sklearn.pipeline", "Pipeline"): Pipeline,
    # NumPy's arrays and numbers, in the spellings of NumPy 1 and 2.
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _MULTIARRAY,
    ("numpy._core.multiarray", "_reconstruct"): _MULTIARRAY,
    ("numpy.core.multiarray", "scalar"): _SCALAR,
    ("numpy._core.multiarray", "scalar"): _SCALAR,
    ("numpy.core.numeric", "_frombuffer"): _FROMBUFFER,
    ("numpy._core.numeric", "_frombuffer"): _FROMBUFFER,
    ("_codecs", "encode"): _encode,
    # joblib's description of an array that follows in the same file.
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): joblib_format.NumpyArrayWrapper,
}


class RestrictedReader(joblib_format.NumpyUnpickler):
    """Reads pickles and joblib files, and makes nothing that is not in `ALLOWED`."""

    def find_class(self, module: str, name: str) -> object:
        """Return the stand-in for a name, or refuse it."""
        if (module, name) not in ALLOWED:
            message = f"{module}.{name}"
            raise Refused(message)
        return ALLOWED[module, name]

    def persistent_load(self, pid: object) -> object:  # noqa: ARG002 - the signature is pickle's
        """Refuse references to things outside the file."""
        message = "a persistent reference"
        raise Refused(message)


def read(calls: Iterator[Call]) -> None:
    """Tell what the files hold."""
    for call in calls:
        call.answer(answer(bytes(call.inputs[0])))


def unpacked(content: bytes) -> bytes:
    """Return what a compressed file holds, up to a limit; others as they are."""
    openers: dict[bytes, Callable[[io.BytesIO], object]] = {
        b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
        b"BZh": bz2.BZ2File,
        b"\xfd7zXZ": lzma.LZMAFile,
        b"\x5d\x00": lzma.LZMAFile,
    }
    for magic, opener in openers.items():
        if content.startswith(magic):
            return opener(io.BytesIO(content)).read(UNPACKED_BYTES)  # type: ignore[attr-defined,no-any-return]
    if content[:1] == b"\x78" and content[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        return zlib.decompressobj().decompress(content, UNPACKED_BYTES)
    return content


def answer(content: bytes) -> dict[str, object]:
    """Return the model's numbers, or why there are none."""
    stream = io.BytesIO(unpacked(content))
    try:
        found = RestrictedReader("", stream, ensure_native_byte_order=True).load()
    except Refused as refused:
        return {"refused": str(refused)}
    except Exception:  # noqa: BLE001 - whatever a hostile file provokes is an answer
        return {"problem": "it is damaged"}
    return described(found)


def described(found: object) -> dict[str, object]:
    """Return the numbers of a bare KMeans or of a Pipeline of StandardScaler and KMeans."""
    steps = [step[1] for step in vars(found).get("steps", [])] if isinstance(found, Pipeline) else [found]
    kinds = [type(step) for step in steps]
    if kinds not in ([KMeans], [StandardScaler, KMeans]):
        return {"problem": "it is neither a KMeans nor a Pipeline of StandardScaler and KMeans"}
    model = vars(steps[-1])
    if "cluster_centers_" not in model:
        return {"problem": "it was never fitted"}
    centres = np.asarray(model["cluster_centers_"], dtype=np.float64)
    if centres.ndim != 2:
        return {"problem": "its centres are no table"}
    scaler = vars(steps[0]) if len(steps) == 2 else None
    names = (scaler or model).get("feature_names_in_", [])
    return {
        "centres": centres.tolist(),
        "mean": None if scaler is None else _statistic(scaler, "mean_", "with_mean", centres.shape[1], 0.0),
        "scale": None if scaler is None else _statistic(scaler, "scale_", "with_std", centres.shape[1], 1.0),
        "feature_names": [str(name) for name in names],
        "made_with": str(model.get("_sklearn_version", "")),
    }


def _statistic(scaler: dict[str, object], name: str, switch: str, width: int, default: float) -> list[float]:
    value = scaler.get(name)
    if value is None or scaler.get(switch, True) is False:
        return [default] * width
    return [float(each) for each in np.asarray(value, dtype=np.float64).ravel()]
