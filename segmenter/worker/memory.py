"""Bytes that two processes share, in memory and never on a disk."""

import contextlib
import io
import mmap
import os
import weakref
from collections.abc import Iterator
from typing import BinaryIO

from segmenter.worker.channel import Buffer

try:
    import fcntl
except ImportError:  # Windows has none, and no files in memory either
    fcntl = None  # type: ignore[assignment]


class _Kept(io.BytesIO):
    """Bytes that stay open: Arrow closes whatever it has written one table to."""

    def close(self) -> None:
        """Keep them."""


class _Lent(io.BufferedWriter):
    """A lent file that stays open likewise."""

    def close(self) -> None:
        """Write what still waits."""
        self.flush()


class MemoryFile:
    """Bytes in memory: a file of the system's that other processes can be lent, or just bytes where it has none.

    Attributes
    ----------
    descriptor
        Of the system's file in memory; None where the bytes are only this process's.
    """

    def __init__(self, content: Buffer = b"", descriptor: int | None = None) -> None:
        self._content = memoryview(content).cast("B")
        self.descriptor = descriptor
        if descriptor is not None:
            weakref.finalize(self, os.close, descriptor)

    @classmethod
    def shared(cls, content: Buffer = b"") -> "MemoryFile":
        """Return a file that can be lent to another process, where the system has such files."""
        if not hasattr(os, "memfd_create"):
            return cls(content)
        descriptor = os.memfd_create("segmenter", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        made = cls(descriptor=descriptor)
        view = memoryview(content).cast("B")
        while view:
            view = view[os.write(descriptor, view) :]
        return made

    @contextlib.contextmanager
    def writer(self) -> Iterator[BinaryIO]:
        """Open it for writing anew; what was written before is gone."""
        if self.descriptor is None:
            kept = _Kept()
            yield kept
            self._content = kept.getbuffer()
            return
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        file = _Lent(io.FileIO(self.descriptor, "wb", closefd=False))
        yield file
        file.flush()

    def view(self, *, at_once: bool = False) -> memoryview:
        """Return the bytes without copying them; `at_once` maps all of them, for who needs all."""
        return self._content if self.descriptor is None else mapped(self.descriptor, at_once=at_once)

    def seal(self) -> None:
        """Keep the bytes as they are, whoever else has the file open.

        A worker that a hostile file has taken over could otherwise change, or cut off, what was already checked.

        Raises
        ------
        OSError
            If somebody still writes to it.
        """
        if self.descriptor is not None and fcntl is not None and hasattr(fcntl, "F_ADD_SEALS"):
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)


def mapped(descriptor: int, *, at_once: bool = False) -> memoryview:
    """Return the content of an open file, mapped for reading."""
    if not os.fstat(descriptor).st_size:
        return memoryview(b"")
    if not hasattr(mmap, "PROT_READ"):
        return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    # Private, which copies nothing of what is only read: a file that is mapped otherwise can't be sealed.
    flags = mmap.MAP_PRIVATE | (getattr(mmap, "MAP_POPULATE", 0) if at_once else 0)
    return memoryview(mmap.mmap(descriptor, 0, flags=flags, prot=mmap.PROT_READ))
