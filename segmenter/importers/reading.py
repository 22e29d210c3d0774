"""Which reader opens which content?"""

from collections.abc import Callable, Mapping
from typing import Final

from segmenter.importers.content import kind_of_content
from segmenter.importers.delimited import read_delimited
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import Gather, Parsed, joined

Reader = Callable[[memoryview, ReadOptions, Gather], Parsed]


def _read_excel(content: memoryview, options: ReadOptions, gather: Gather) -> Parsed:  # noqa: ARG001
    # Loaded when needed: most files are text.
    from segmenter.importers.excel import read_excel

    return read_excel(content, options)


def _read_parquet(content: memoryview, options: ReadOptions, gather: Gather) -> Parsed:  # noqa: ARG001
    from segmenter.importers.parquet import read_parquet

    return read_parquet(content, options)


def _read_sqlite(content: memoryview, options: ReadOptions, gather: Gather) -> Parsed:  # noqa: ARG001
    from segmenter.importers.sqlite import read_sqlite

    return read_sqlite(content, options)


IMPORTERS: Final[Mapping[str, Reader]] = {
    "delimited": read_delimited,
    "excel": _read_excel,
    "parquet": _read_parquet,
    "sqlite": _read_sqlite,
}


def read_content(content: memoryview, options: ReadOptions, gather: Gather = joined) -> Parsed:
    """Read a file of any kind, judged by its content."""
    return IMPORTERS[kind_of_content(content)](content, options, gather)
