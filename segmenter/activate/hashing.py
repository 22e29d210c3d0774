"""SHA-256 of many texts at once."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from segmenter.threads import n_threads
from segmenter.typing import IntArray

_SIZE = 32
# Texts from which on a compiled loop, in all threads, is worth its import.
_MANY: Final = 50_000
# FIPS 180-4, 5.3.3 and 4.2.2.
_START: Final = np.array([
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
], dtype=np.uint32)  # fmt: skip
_ROUNDS: Final = np.array([
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
], dtype=np.uint32)  # fmt: skip


def digests(texts: Sequence[str] | pd.Series, salt: str = "") -> bytes:
    """Return the digests of salt and text, 32 bytes each, one after the other."""
    if len(texts) < _MANY:
        sha256, salted = hashlib.sha256, salt.encode()
        return b"".join([sha256(salted + text.encode()).digest() for text in texts])
    written = pa.array(texts, pa.large_string())
    written = written.combine_chunks() if isinstance(written, pa.ChunkedArray) else written
    _, ends, characters = written.buffers()
    bounds = np.frombuffer(ends, dtype=np.int64)[written.offset : written.offset + len(written) + 1]
    data = np.frombuffer(characters, dtype=np.uint8) if characters else np.empty(0, dtype=np.uint8)
    start_bytes = np.frombuffer(salt.encode(), dtype=np.uint8)
    found = np.empty((len(written), _SIZE // 4), dtype=">u4")
    loop, words = _compiled_loop(), np.empty((len(written), _SIZE // 4), dtype=np.uint32)
    shares = pairwise(np.linspace(0, len(written), n_threads() + 1).astype(int).tolist())
    with ThreadPoolExecutor(n_threads()) as pool:
        waiting = [pool.submit(loop, data, bounds, start_bytes, words, first, last) for first, last in shares]
        for each in waiting:
            each.result()
    found[:] = words
    return found.tobytes()


@cache
def _compiled_loop() -> Callable[..., None]:
    # Numba takes half a second to import.
    from segmenter.lloyd import compiled

    return compiled(_digest_rows)


def _digest_rows(  # noqa: C901
    data: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    salt: NDArray[np.uint8],
    found: NDArray[np.uint32],
    first: int,
    last: int,
) -> None:
    """Fill in the digests of some rows, eight words each (FIPS 180-4, 6.2); the interpreter is free meanwhile.

    Parameters
    ----------
    data, bounds
        The characters of all texts, and where each begins and ends: row i has `data[bounds[i]:bounds[i + 1]]`.
    salt
        What stands before each text.
    """
    w = np.empty(64, dtype=np.uint32)
    block = np.empty(64, dtype=np.uint8)
    n_salt = len(salt)
    for row in range(first, last):
        start, length = bounds[row], n_salt + bounds[row + 1] - bounds[row]
        for i in range(8):
            found[row, i] = _START[i]
        for begin in range(0, (length + 9 + 63) // 64 * 64, 64):
            for i in range(64):
                place = begin + i
                if place < n_salt:
                    block[i] = salt[place]
                elif place < length:
                    block[i] = data[start + place - n_salt]
                else:
                    block[i] = 128 if place == length else 0
            if begin + 64 >= length + 9:
                for i in range(8):
                    block[56 + i] = (8 * length) >> (8 * (7 - i)) & 255
            for i in range(16):
                w[i] = (
                    np.uint32(block[4 * i]) << np.uint32(24) | np.uint32(block[4 * i + 1]) << np.uint32(16)
                    | np.uint32(block[4 * i + 2]) << np.uint32(8) | np.uint32(block[4 * i + 3])
                )  # fmt: skip
            for i in range(16, 64):
                x, y = w[i - 15], w[i - 2]
                s0 = (
                    (x >> np.uint32(7) | x << np.uint32(25))
                    ^ (x >> np.uint32(18) | x << np.uint32(14))
                    ^ x >> np.uint32(3)
                )
                s1 = (
                    (y >> np.uint32(17) | y << np.uint32(15))
                    ^ (y >> np.uint32(19) | y << np.uint32(13))
                    ^ y >> np.uint32(10)
                )
                w[i] = w[i - 16] + s0 + w[i - 7] + s1
            a, b, c, d = found[row, 0], found[row, 1], found[row, 2], found[row, 3]
            e, f, g, h = found[row, 4], found[row, 5], found[row, 6], found[row, 7]
            for i in range(64):
                s1 = (
                    (e >> np.uint32(6) | e << np.uint32(26)) ^ (e >> np.uint32(11) | e << np.uint32(21))
                    ^ (e >> np.uint32(25) | e << np.uint32(7))
                )  # fmt: skip
                t1 = np.uint32(h + s1 + ((e & f) ^ (~e & g)) + _ROUNDS[i] + w[i])
                s0 = (
                    (a >> np.uint32(2) | a << np.uint32(30)) ^ (a >> np.uint32(13) | a << np.uint32(19))
                    ^ (a >> np.uint32(22) | a << np.uint32(10))
                )  # fmt: skip
                t2 = np.uint32(s0 + ((a & b) ^ (a & c) ^ (b & c)))
                h, g, f, e = g, f, e, np.uint32(d + t1)
                d, c, b, a = c, b, a, np.uint32(t1 + t2)
            found[row, 0] += a
            found[row, 1] += b
            found[row, 2] += c
            found[row, 3] += d
            found[row, 4] += e
            found[row, 5] += f
            found[row, 6] += g
            found[row, 7] += h


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
