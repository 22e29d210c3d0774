"""A large file in chunks that never stand in memory all at once."""

import mmap
from collections.abc import Iterator
from typing import Final

import numpy as np

_STEP: Final = 1 << 22
_RELEASE_EVERY: Final = 4


def chunks(text: memoryview) -> Iterator[tuple[int, np.ndarray]]:
    """Go through a text in chunks of 4 MiB: (start, bytes as numbers)."""
    letters = np.frombuffer(text, np.uint8)
    for count, start in enumerate(range(0, len(letters), _STEP), 1):
        yield start, letters[start : start + _STEP]
        if count % _RELEASE_EVERY == 0:
            release(text)
    release(text)


def release(text: memoryview) -> None:
    """Give back the pages of a mapped file; the system still holds them for another look."""
    if isinstance(text.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        text.obj.madvise(mmap.MADV_DONTNEED)
