"""How does any file become a Dataset?"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from segmenter.config import MAX_FILE_MB, MAX_UPLOAD_MB
from segmenter.core.columns import build_dataset
from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.core.kinds.cells import to_series
from segmenter.errors import EmptyFileError, FileNotReadableError, FileTooLargeError
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import Parsed
from segmenter.importers.sandbox import memory_file, parse, warm_up

_MB: Final = 1_000_000
_STEP: Final = 1 << 18


def read_table(
    source: Path | str | bytes,
    name: str = "",
    options: ReadOptions | None = None,
    kinds: Mapping[str, ColumnKind] | None = None,
) -> Dataset:
    """Read a customer file of any kind and say what each column is.

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
    """
    options = options or ReadOptions()
    return read_cells(source, name, options).understood(options, kinds)


@dataclass(frozen=True, eq=False)
class ReadCells:
    """A table as it was read: its columns can be understood one way or another without reading it again.

    Attributes
    ----------
    digest
        SHA-256 over the content.
    """

    parsed: Parsed
    name: str
    digest: "hashlib._Hash"

    def understood(self, options: ReadOptions, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:
        """Say what each column is, by the user's word on decimal marks, order of dates and kinds."""
        dataset = build_dataset(
            cells_frame(self.parsed),
            self.name,
            fingerprint=self._fingerprint(options, kinds or {}),
            decimal=options.decimal,
            notes=self.parsed.notes,
            dialect=self.parsed.dialect,
            kinds=kinds,
            date_order=options.date_order,
            line_of=self.parsed.line_of if self.parsed.lines else None,
        )
        lines = [(one.line, one.reason, one.text) for one in self.parsed.left_out]
        return replace(dataset, left_out=pd.DataFrame(lines, columns=["line", "reason", "text"]))

    def _fingerprint(self, options: ReadOptions, kinds: Mapping[str, ColumnKind]) -> str:
        digest = self.digest.copy()
        digest.update(repr(options.settings()).encode())
        if kinds:
            digest.update(repr(sorted((name, kind.value) for name, kind in kinds.items())).encode())
        return digest.hexdigest()


def read_cells(source: Path | str | bytes, name: str, options: ReadOptions) -> ReadCells:
    """Read a customer file of any kind as it stands.

    Raises
    ------
    SegmenterError
        If the file can't be read, or only by guessing.
    """
    warm_up()
    with _opened(source) as descriptor, ThreadPoolExecutor(1) as thread:
        digest = thread.submit(_digest, descriptor)
        parsed = parse(descriptor, options)
        title = name or (Path(source).name if not isinstance(source, bytes) else "table")
        return ReadCells(parsed, title, digest.result())


@contextmanager
def _opened(source: Path | str | bytes) -> Iterator[int]:
    if isinstance(source, bytes):
        _refuse_size(len(source), MAX_UPLOAD_MB)
        with memory_file() as descriptor:
            view = memoryview(source)
            while view:
                view = view[os.write(descriptor, view) :]
            yield descriptor
        return
    try:
        with Path(source).open("rb") as file:
            _refuse_size(os.fstat(file.fileno()).st_size, MAX_FILE_MB)
            yield file.fileno()
    except (OSError, ValueError) as error:
        raise FileNotReadableError(str(source)) from error


def _refuse_size(size: int, limit_mb: int) -> None:
    if not size:
        raise EmptyFileError
    if size > limit_mb * _MB:
        raise FileTooLargeError(size / _MB, limit_mb)


def _digest(descriptor: int) -> "hashlib._Hash":
    digest = hashlib.sha256()
    # Read and not mapped: the pages of a mapped file would count as ours until the end.
    at = 0
    while part := os.pread(descriptor, _STEP, at):
        digest.update(part)
        at += len(part)
    return digest


def cells_frame(parsed: Parsed) -> pd.DataFrame:
    """Return the cells as they stood as a pandas table that shares their memory."""
    cells = [_series(parsed.cells.column(at)) for at in range(parsed.cells.num_columns)]
    return pd.DataFrame(dict(enumerate(cells)), copy=False).set_axis(list(parsed.headers), axis=1)


def _series(cells: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_large_string(cells.type):
        return to_series(cells)
    if pa.types.is_integer(cells.type) and cells.null_count:
        # float64 would turn customer 17850 into 17850.0 in downloads.
        return pd.Series(cells.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    return pd.Series(cells.to_pandas(), copy=False)
