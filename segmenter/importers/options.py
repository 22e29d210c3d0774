"""What may a user switch about reading, and what comes back?"""

from dataclasses import dataclass, field

import pandas as pd

from segmenter.core.dataset import Dialect, Note


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; None means: find out.

    Attributes
    ----------
    separator, encoding, decimal
        Of a text file.
    header_line
        Line of the column names, from 1; 0 when the file has none.
    sheet
        Of a workbook; the first one with cells when None.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    header_line: int | None = None
    sheet: str | None = None


def no_lines() -> pd.DataFrame:
    """Return an empty list of lines that were left out."""
    return pd.DataFrame({"line": pd.Series(dtype=int), "text": pd.Series(dtype=str)})


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before its columns are understood: cells as they stood, headers as they stood."""

    cells: pd.DataFrame
    notes: tuple[Note, ...] = ()
    dialect: Dialect | None = None
    left_out: pd.DataFrame = field(default_factory=no_lines)
