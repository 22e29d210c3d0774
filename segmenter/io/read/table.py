"""Any file to a Dataset, read in a worker with limits."""

import hashlib
import mmap
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from segmenter.config import DATABASE_SECONDS, MAX_FILE_MB, MAX_UPLOAD_MB, READING_MEMORY_MB
from segmenter.errors.base import ArgumentTypeError
from segmenter.errors.reading import (
    EmptyFileError,
    FileNotReadableError,
    FileTooLargeError,
    ReadingTooLongError,
    ReadingTooMuchMemoryError,
)
from segmenter.io.read.parsed import Parsed, ReadOptions, read_result
from segmenter.table.columns import Inferred, WordOnColumns, dataset_of
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.in_worker import Cells, plain_word, read_inferred, reading_limits
from segmenter.worker.client import WorkerError, WorkerTimeoutError, run_task
from segmenter.worker.limits import Limits
from segmenter.worker.processes import warm_up

SourceKind = Literal["file", "database", "purchases"]
_MB: Final = 1_000_000
# The worker outlives the database's own time limit by a little, so that its answer says what happened.
_DATABASE_LIMITS: Final = Limits(
    DATABASE_SECONDS, DATABASE_SECONDS + 3, READING_MEMORY_MB * _MB, READING_MEMORY_MB * _MB
)


def parse(
    source: Path | bytes,
    options: ReadOptions,
    kind: SourceKind = "file",
    wanted: Mapping[str, object] | None = None,
    word: WordOnColumns | None = None,
) -> tuple[Parsed, Inferred | None]:
    """Read a file, or ask a database, in a worker with limits on time, memory and size of the result.

    Parameters
    ----------
    source
        A file on disk, or the bytes of one, or of a request to a database.
    wanted
        What purchases are added up from; not looked at for other sources.
    word
        The user's word on the columns; None where nobody asks what they are.

    Returns
    -------
    The cells, and what their columns were inferred to be; None where nobody asked, or customers were added up.

    Raises
    ------
    SegmenterError
        Whatever the reader says, or that a limit was reached.
    OSError
        If the file on disk can't be opened.
    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    limits = _DATABASE_LIMITS if kind == "database" else reading_limits(size)
    request = {
        "source": kind,
        "options": options.as_plain(),
        "wanted": wanted,
        "word": None if word is None else plain_word(word),
        # The worker that reads a file sees nothing of it.
        "environment": dict(os.environ) if kind == "database" else {},
    }
    try:
        answer = run_task("segmenter.io.read.tasks:read", request, [source], limits, outputs=2)
    except WorkerTimeoutError as error:
        raise ReadingTooLongError(limits.seconds) from error
    except WorkerError as error:
        raise ReadingTooMuchMemoryError from error
    parsed = read_result(answer.said, answer.outputs[0])
    if "inferred" not in answer.said:
        return parsed, None
    cells = Cells(parsed.cells, parsed.headers)
    return parsed, read_inferred(answer.said["inferred"], answer.outputs[1], cells)


_STEP: Final = 1 << 18


def read_table(
    source: Path | str | bytes,
    name: str = "",
    options: ReadOptions | None = None,
    kinds: Mapping[str, ColumnKind] | None = None,
) -> Dataset:
    r"""Read a customer file of any kind and say what each column is.

    Parameters
    ----------
    source
        A path, or the bytes of an upload.
    name
        What to call the table on the screen; never used as a path.
    options
        The user's word on separator, encoding, … instead of what is found.
    kinds
        The user's own word for some columns, by name.

    Raises
    ------
    SegmenterError
        If the file can't be read, or only by guessing.
    ArgumentTypeError
        If `source` is neither a path nor bytes.

    Examples
    --------
    >>> from segmenter import read_table
    >>> dataset = read_table(b"age;spend\n31;12,5\n45;80,0\n27;9,9\n", name="three")
    >>> dataset
    <Dataset 'three': 3 customers × 2 columns>
    >>> dataset.frame["spend"].tolist()
    [12.5, 80.0, 9.9]
    """
    if not isinstance(source, str | bytes | PathLike):
        raise ArgumentTypeError("source", "path or the bytes of a file", source)
    options = options or ReadOptions()
    return read_cells(source, name, options, kinds).understood(options, kinds)


@dataclass(frozen=True, eq=False)
class ReadCells:
    """A table as it was read: its columns can be understood one way or another without reading it again.

    Attributes
    ----------
    digest
        SHA-256 over the content.
    inferred
        What was inferred while reading, by which word of the user; taken out by whoever asks first, so that it is not
        kept beside the Dataset that is made of it.
    """

    parsed: Parsed
    name: str
    digest: "hashlib._Hash"
    inferred: dict[str, Inferred] = field(default_factory=dict)

    def understood(self, options: ReadOptions, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:
        """Say what each column is, by the user's word on decimal marks, order of dates and kinds.

        Raises
        ------
        ReadingTooLongError, ReadingTooMuchMemoryError
            If that takes more than it may.
        """
        parsed, word = self.parsed, _word(options, kinds)
        cells = Cells(parsed.cells, parsed.headers, parsed.dialect, parsed.lines, parsed.file)
        dataset = dataset_of(
            cells.frame(),
            self.inferred.pop(repr(word)) if repr(word) in self.inferred else cells.inferred(word),
            self.name,
            fingerprint=self._fingerprint(options, kinds or {}),
            notes=parsed.notes,
            dialect=parsed.dialect,
        )
        lines = [(one.line, one.reason, one.text) for one in parsed.left_out]
        said: dict[str, object] = dict(options.said())
        if kinds:
            said["kind"] = [f"{name}={kind.value}" for name, kind in sorted(kinds.items())]
        return replace(dataset, left_out=pd.DataFrame(lines, columns=["line", "reason", "text"]), reading=said)

    def _fingerprint(self, options: ReadOptions, kinds: Mapping[str, ColumnKind]) -> str:
        digest = self.digest.copy()
        digest.update(repr(options.settings()).encode())
        if kinds:
            digest.update(repr(sorted((name, kind.value) for name, kind in kinds.items())).encode())
        return digest.hexdigest()


def read_cells(
    source: Path | str | bytes,
    name: str,
    options: ReadOptions,
    kinds: Mapping[str, ColumnKind] | None = None,
) -> ReadCells:
    """Read a customer file of any kind as it stands.

    Parameters
    ----------
    kinds
        The user's own word for some columns, by which they are understood first.

    Raises
    ------
    SegmenterError
        If the file can't be read, or only by guessing.
    """
    warm_up()
    content = source if isinstance(source, bytes) else Path(source)
    title = name or (content.name if isinstance(content, Path) else "table")
    word = _word(options, kinds)
    try:
        _refuse_size(content)
        with ThreadPoolExecutor(1) as thread:
            digest = thread.submit(content_digest, content)
            parsed, inferred = parse(content, options, word=word)
            return ReadCells(parsed, title, digest.result(), {repr(word): inferred} if inferred else {})
    except (OSError, ValueError) as error:
        raise FileNotReadableError(str(source)) from error


def content_digest(content: Path | bytes) -> "hashlib._Hash":
    """Return the SHA-256 over a file's content.

    Raises
    ------
    OSError
        If the file can't be read.
    """
    if isinstance(content, bytes):
        return hashlib.sha256(content)
    digest = hashlib.sha256()
    # Read and not mapped: the pages of a mapped file would count as ours until the end.
    with content.open("rb", buffering=0) as file:
        while part := file.read(_STEP):
            digest.update(part)
    return digest


def _word(options: ReadOptions, kinds: Mapping[str, ColumnKind] | None) -> WordOnColumns:
    return WordOnColumns(options.decimal, options.date_order, dict(kinds or {}))


def _refuse_size(content: Path | bytes) -> None:
    size, limit_mb = (
        (len(content), MAX_UPLOAD_MB) if isinstance(content, bytes) else (content.stat().st_size, MAX_FILE_MB)
    )
    if not size:
        raise EmptyFileError
    if size > limit_mb * _MB:
        raise FileTooLargeError(size / _MB, limit_mb)


def cells_frame(parsed: Parsed) -> pd.DataFrame:
    """Return the cells as they stood as a pandas table that shares their memory."""
    return Cells(parsed.cells, parsed.headers).frame()


_PART: Final = 1 << 22
_RELEASE_EVERY: Final = 4


def chunks(text: memoryview) -> Iterator[tuple[int, np.ndarray]]:
    """Go through a text in chunks of 4 MiB: (start, bytes as numbers)."""
    letters = np.frombuffer(text, np.uint8)
    for count, start in enumerate(range(0, len(letters), _PART), 1):
        yield start, letters[start : start + _PART]
        if count % _RELEASE_EVERY == 0:
            release(text)
    release(text)


def release(text: memoryview) -> None:
    """Give back the pages of a mapped file; the system still holds them for another look."""
    if isinstance(text.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        text.obj.madvise(mmap.MADV_DONTNEED)
