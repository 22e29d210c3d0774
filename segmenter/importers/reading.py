"""Which reader opens which content?"""

from collections.abc import Callable, Mapping
from typing import Final

from segmenter.importers.content import kind_of_content
from segmenter.importers.delimited import read_delimited
from segmenter.importers.options import ReadOptions
from segmenter.importers.parsed import Parsed

Reader = Callable[[memoryview, ReadOptions], Parsed]


def _read_excel(content: memoryview, options: ReadOptions) -> Parsed:
    # Loaded when needed: most files are text.
    from segmenter.importers.excel import read_excel

    return read_excel(content, options)


def _read_parquet(content: memoryview, options: ReadOptions) -> Parsed:
    from segmenter.importers.parquet import read_parquet

    return read_parquet(content, options)


IMPORTERS: Final[Mapping[str, Reader]] = {
    "delimited": read_delimited,
    "excel": _read_excel,
    "parquet": _read_parquet,
}


def read_content(content: memoryview, options: ReadOptions) -> Parsed:
    """Read a file of any kind, judged by its content."""
    return IMPORTERS[kind_of_content(content)](content, options)
