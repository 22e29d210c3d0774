"""Recognition of model formats that are never opened."""

from segmenter.errors.learning import ClassifierUploadError
from segmenter.errors.models import PickleRefusedError, UnsupportedModelError

_PICKLES = (".pkl", ".pickle", ".joblib", ".sav")
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
    if ending.endswith(_PICKLES) or looks_pickled(content):
        raise PickleRefusedError
    if ending.endswith(_CLASSIFIER):
        raise ClassifierUploadError
    if ending.endswith(_OTHERS):
        raise UnsupportedModelError


def looks_pickled(content: bytes) -> bool:
    """Whether the bytes start the way pickles do."""
    return content.startswith(_BINARY) or content.startswith(_CLASSIC)
