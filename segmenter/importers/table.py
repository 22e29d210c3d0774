"""How does any file become a Dataset?"""

import hashlib
import mmap
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
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
_STEP: Final = 1 << 22


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
    warm_up()
    with _opened(source) as descriptor, ThreadPoolExecutor(1) as thread:
        digest = thread.submit(_digest, descriptor, options)
        parsed = parse(descriptor, options)
        fingerprint = digest.result()
    title = name or (Path(source).name if not isinstance(source, bytes) else "table")
    return _dataset(parsed, title, fingerprint, options, kinds)


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


def _digest(descriptor: int, options: ReadOptions) -> str:
    """Return a SHA-256 over the content and the settings it is read with."""
    digest = hashlib.sha256()
    with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as content:
        for at in range(0, len(content), _STEP):
            digest.update(content[at : at + _STEP])
    digest.update(repr(options.settings()).encode())
    return digest.hexdigest()


def _dataset(
    parsed: Parsed, name: str, fingerprint: str, options: ReadOptions, kinds: Mapping[str, ColumnKind] | None
) -> Dataset:
    columns = [_series(parsed.cells.column(at)) for at in range(parsed.cells.num_columns)]
    original = pd.DataFrame(dict(enumerate(columns)), copy=False).set_axis(list(parsed.headers), axis=1)
    dataset = build_dataset(
        original,
        name,
        fingerprint=fingerprint,
        decimal=options.decimal,
        notes=parsed.notes,
        dialect=parsed.dialect,
        kinds=kinds,
        date_order=options.date_order,
        line_of=parsed.line_of if parsed.lines else None,
    )
    left_out = pd.DataFrame(
        {"line": [one.line for one in parsed.left_out], "text": [one.text for one in parsed.left_out]}
    )
    return replace(dataset, left_out=left_out)


def _series(cells: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_large_string(cells.type):
        return to_series(cells)
    if pa.types.is_integer(cells.type) and cells.null_count:
        # float64 would turn customer 17850 into 17850.0 in downloads.
        return pd.Series(cells.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    return pd.Series(cells.to_pandas(), copy=False)
