"""The registry of readers. Add one here: a function from bytes to `Parsed`, and an entry in `IMPORTERS`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.file_type import detect_file_type
from segmenter.io.read.parsed import Parsed, ReadOptions, TableSink, joined

Reader = Callable[[memoryview, ReadOptions, TableSink], Parsed]


def _read_excel(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    # Loaded when needed: most files are text.
    from segmenter.io.read.excel import read_excel

    return read_excel(content, options)


def _read_parquet(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    from segmenter.io.read.parquet import read_parquet

    return read_parquet(content, options)


def _read_markup(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    from segmenter.io.read.markup import read_markup

    return read_markup(content, options)


def _read_sqlite(content: memoryview, options: ReadOptions, gather: TableSink) -> Parsed:  # noqa: ARG001
    from segmenter.io.read.sqlite import read_sqlite

    return read_sqlite(content, options)


@dataclass(frozen=True)
class Importer:
    """One reader.

    Attributes
    ----------
    read
        Turns the bytes into cells.
    begins
        What its files begin with; empty where it takes a closer look, which `detect_file_type` does.
    """

    read: Reader
    begins: tuple[bytes, ...] = ()


IMPORTERS: Final[dict[str, Importer]] = {
    "delimited": Importer(read_delimited),
    "excel": Importer(_read_excel),
    "markup": Importer(_read_markup),
    "parquet": Importer(_read_parquet, (b"PAR1",)),
    "sqlite": Importer(_read_sqlite, (b"SQLite format 3\x00",)),
}


def read_content(content: memoryview, options: ReadOptions, gather: TableSink = joined) -> Parsed:
    """Read a file of any kind, judged by its content."""
    head = bytes(content[:64])
    known = (each for each in IMPORTERS.values() if each.begins and head.startswith(each.begins))
    importer = next(known, None) or IMPORTERS[detect_file_type(content)]
    return importer.read(content, options, gather)
