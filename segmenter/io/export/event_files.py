"""Learning curves as TensorBoard event files, written without TensorBoard.

A file is a row of records: the length, its masked CRC-32C, the event, its masked CRC-32C; an event is a small protocol
buffer (https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto).
"""

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from segmenter.networks.curve import LearningCurve

_POLYNOMIAL: Final = 0x82F63B78
_MASK: Final = 0xA282EAD8
# Zip files begin in 1980; the same curve gives the same bytes on every day.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def _table() -> tuple[int, ...]:
    found = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


_CRC: Final = _table()


def crc32c(content: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of some bytes."""
    value = 0xFFFFFFFF
    for byte in content:
        value = _CRC[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def event_file(series: Mapping[str, Sequence[float]]) -> bytes:
    """Return an event file of numbers per epoch.

    Parameters
    ----------
    series
        Tag, such as "loss", to its value after each epoch from 1 on.
    """
    return b"".join(_record(event) for event in _events(series))


def event_files_zip(curve: LearningCurve) -> bytes:
    """Return a folder for `tensorboard --logdir`: training and validation as two runs, so that they share charts."""
    runs = {
        "training": {"loss": curve.training, "accuracy": curve.training_accuracy, "learning_rate": curve.rates},
        "validation": {"loss": curve.validation, "accuracy": curve.validation_accuracy},
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, series in runs.items():
            known = {tag: values for tag, values in series.items() if values}
            file = zipfile.ZipInfo(f"{name}/events.out.tfevents.0000000000.segmenter", _DAY)
            folder.writestr(file, event_file(known), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _events(series: Mapping[str, Sequence[float]]) -> Iterator[bytes]:
    yield _double(1, 0.0) + _bytes(3, b"brain.Event:2")
    for tag, values in series.items():
        for epoch, value in enumerate(values, start=1):
            scalar = _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", value)
            yield _double(1, float(epoch)) + _key(2, 0) + _varint(epoch) + _bytes(5, _bytes(1, scalar))


def _record(event: bytes) -> bytes:
    length = struct.pack("<Q", len(event))
    return length + _masked(length) + event + _masked(event)


def _masked(content: bytes) -> bytes:
    value = crc32c(content)
    return struct.pack("<I", (((value >> 15) | (value << 17)) + _MASK) & 0xFFFFFFFF)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _double(field: int, value: float) -> bytes:
    return _key(field, 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
