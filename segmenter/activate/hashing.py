"""SHA-256 of many texts at once."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from segmenter.typing import IntArray

_SIZE = 32


def digests(texts: Iterable[str], salt: str = "") -> bytes:
    """Return the digests of salt and text, 32 bytes each, one after the other."""
    sha256, salted = hashlib.sha256, salt.encode()
    if not salted:
        return b"".join([sha256(text.encode()).digest() for text in texts])
    return b"".join([sha256(salted + text.encode()).digest() for text in texts])


def hexadecimal(found: bytes) -> pd.Series:
    """Return digests as text, 64 digits in small letters each."""
    n = len(found) // _SIZE
    offsets = np.arange(n + 1, dtype=np.int64) * 2 * _SIZE
    written = pa.py_buffer(found.hex().encode())
    texts = pa.Array.from_buffers(pa.large_string(), n, [None, pa.py_buffer(offsets), written])
    return pd.Series(texts.to_pandas(), dtype="str")


def remainders(found: bytes, divisor: int) -> IntArray:
    """Return each digest, read as one number, modulo a divisor below 2**32, shape (n,)."""
    words = np.frombuffer(found, dtype=">u4").reshape(-1, _SIZE // 4)
    rest = np.zeros(len(words), dtype=np.uint64)
    for place in range(words.shape[1]):
        rest = ((rest << np.uint64(32)) + words[:, place]) % np.uint64(divisor)
    return rest.astype(np.intp)
