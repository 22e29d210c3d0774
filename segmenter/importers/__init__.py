"""From bytes to a Dataset. Add a kind of file here: an entry in `IMPORTERS`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from segmenter import config
from segmenter.core.columns import build_dataset, guess_file_decimal
from segmenter.core.dataset import Dataset, fingerprint_bytes
from segmenter.errors import FileTooLargeError, TooManyRowsError, UnreadableFileError
from segmenter.importers.delimited import read_delimited
from segmenter.importers.excel import read_excel
from segmenter.importers.options import RawTable, ReadOptions
from segmenter.importers.parquet import read_parquet
from segmenter.importers.recognise import recognise

IMPORTERS: dict[str, Callable[[bytes, ReadOptions], RawTable]] = {
    "text": read_delimited,
    "excel": read_excel,
    "parquet": read_parquet,
}


def read_table(
    source: str | Path | bytes,
    name: str = "",
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
) -> Dataset:
    """Read a customer file; what it is, is decided by its content, never by its name.

    Parameters
    ----------
    source
        A path, or the file's bytes.
    name
        What to call it on the screen; the path's last part when empty.

    Raises
    ------
    SegmenterError
        If the file cannot be read; the text says why, where and what to do.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    _check_size(len(content))
    shown = name or (Path(source).name if not isinstance(source, bytes) else "table")
    raw = IMPORTERS[recognise(content)](content, options)
    if len(raw.cells) > config.MAX_ROWS:
        raise TooManyRowsError(len(raw.cells))
    dialect = raw.dialect
    if dialect and options.decimal is None:
        dialect = replace(dialect, decimal=guess_file_decimal(raw.cells))
    dataset = build_dataset(
        raw.cells,
        shown,
        fingerprint=fingerprint_bytes(content, (options,)),
        notes=raw.notes,
        dialect=dialect,
    )
    return replace(dataset, left_out=raw.left_out)


def _content(path: Path) -> bytes:
    try:
        _check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(str(path), error.strerror or "it cannot be opened") from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFileError(repr(str(path)), "that is no file name") from error


def _check_size(size: int) -> None:
    if size > config.MAX_UPLOAD_MB * 1_000_000:
        raise FileTooLargeError(size / 1e6)
