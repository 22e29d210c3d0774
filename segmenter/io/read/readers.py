"""The registry of readers. Add one here: an entry in `IMPORTERS`."""

from collections.abc import Callable, Mapping
from typing import Final

from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.file_type import detect_file_type
from segmenter.io.read.options import ReadOptions
from segmenter.io.read.parsed import Parsed, TableSink, joined

Reader = Callable[[memoryview, ReadOptions, TableSink], Parsed]


def _read_excel(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    # Loaded when needed: most files are text.
    from segmenter.io.read.excel import read_excel

    return read_excel(content, options)


def _read_parquet(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    from segmenter.io.read.parquet import read_parquet

    return read_parquet(content, options)


def _read_sqlite(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    from segmenter.io.read.sqlite import read_sqlite

    return read_sqlite(content, options)


IMPORTERS: Final[Mapping[str, Reader]] = {
    "delimited": read_delimited,
    "excel": _read_excel,
    "parquet": _read_parquet,
    "sqlite": _read_sqlite,
}


def read_content(content: memoryview, options: ReadOptions, gather: TableSink = joined) -> Parsed:
    """Read a file of any kind, judged by its content."""
    return IMPORTERS[detect_file_type(content)](content, options, gather)
