"""The protocol between the product and its workers: frames of JSON and bytes over any two-way stream.

A frame is the length of its JSON, the number of its parts, the length of each part, the JSON, the parts.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any

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
