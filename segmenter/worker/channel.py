"""The protocol between the product and its workers: frames of JSON and bytes over any two-way stream.

A frame is the length of its JSON, the number of its parts, the length of each part, the JSON, the parts.
"""

import contextlib
import io
import json
import mmap
import os
import struct
import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, BinaryIO

_LENGTH = struct.Struct(">Q")
_MOST_PARTS = 1_000
# One write of more than this fails on some systems.
_PIECE = 1 << 26
Buffer = bytes | bytearray | memoryview


class Frame:
    """What one side says: plain data, and bytes that go with it."""

    def __init__(self, said: dict[str, Any], parts: Sequence[memoryview] = ()) -> None:
        self.said = said
        self.parts = tuple(parts)


class BrokenFrameError(Exception):
    """The stream ended within a frame, or holds something that is none."""


class Channel:
    """Sends and receives frames."""

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        self._source, self._target = source, target

    def send(self, said: Mapping[str, object], parts: Sequence[Buffer] = ()) -> None:
        """Send one frame.

        Raises
        ------
        OSError
            If the other side is gone.
        """
        words = json.dumps(said).encode()
        views = [memoryview(part).cast("B") for part in parts]
        lengths = [len(words), len(views), *(len(view) for view in views)]
        self._target.write(b"".join(map(_LENGTH.pack, lengths)) + words)
        for view in views:
            for start in range(0, len(view), _PIECE):
                self._target.write(view[start : start + _PIECE])
        self._target.flush()

    def receive(self, most: int | None = None) -> Frame | None:
        """Return the next frame; None when the other side has closed the stream.

        Parameters
        ----------
        most
            Bytes that it may have: a worker must not make the product take more.

        Raises
        ------
        BrokenFrameError
            If it closed it within a frame, or sent something that is none.
        """
        start = self._source.read(_LENGTH.size)
        if not start:
            return None
        if len(start) < _LENGTH.size:
            raise BrokenFrameError
        n_words = _LENGTH.unpack(start)[0]
        n_parts = self._number()
        if n_parts > _MOST_PARTS:
            raise BrokenFrameError
        lengths = [self._number() for _ in range(n_parts)]
        if most is not None and n_words + sum(lengths) > most:
            raise BrokenFrameError
        try:
            said = json.loads(bytes(self._exactly(n_words)))
        except (ValueError, RecursionError) as error:
            raise BrokenFrameError from error
        if not isinstance(said, dict):
            raise BrokenFrameError
        return Frame(said, [self._exactly(length) for length in lengths])

    def _number(self) -> int:
        number: int = _LENGTH.unpack(self._exactly(_LENGTH.size))[0]
        return number

    def _exactly(self, count: int) -> memoryview:
        content = memoryview(bytearray(count))
        at = 0
        while at < count:
            taken = self._source.readinto(content[at : at + _PIECE])  # type: ignore[attr-defined]
            if not taken:
                raise BrokenFrameError
            at += taken
        return content


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
