"""How are the cells of a column held, counted and sampled?"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.core.kinds.missing import CLEAR_MISSING

# Cells looked at before a column is read as numbers or dates in full.
SAMPLE_CELLS: Final = 1_000

TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)


def to_series(cells: pa.ChunkedArray) -> pd.Series:
    """Wrap Arrow strings as a pandas text column without copying them."""
    return pd.Series(pd.arrays.ArrowStringArray(cells, dtype=TEXT), copy=False)


def to_arrow(column: pd.Series) -> pa.ChunkedArray:
    """Return the Arrow strings of a pandas text column; other columns of text are converted."""
    if column.dtype != TEXT:
        column = column.astype(TEXT)
    cells = pa.chunked_array(column.array.__arrow_array__())
    return cells if pa.types.is_large_string(cells.type) else cells.cast(pa.large_string())


@dataclass(frozen=True, eq=False)
class TextCells:
    """The cells of one column as text, with what is needed to judge them.

    Attributes
    ----------
    cells
        One string a row; null where the source held nothing at all.
    """

    cells: pa.ChunkedArray

    @cached_property
    def filled(self) -> pa.ChunkedArray:
        """The cells with clearly missing ones as null; the same object where none is."""
        trimmed_short = pc.less_equal(pc.binary_length(self.cells), 4)
        if not pc.any(trimmed_short).as_py():
            return self.cells
        return self._without(CLEAR_MISSING)

    @cached_property
    def encoded(self) -> pa.DictionaryArray:
        """The cells as positions in the list of their different values."""
        return pc.dictionary_encode(self.filled.combine_chunks())

    @property
    def values(self) -> pa.LargeStringArray:
        """The different values, in order of appearance, without missing ones."""
        return self.encoded.dictionary

    @cached_property
    def counts(self) -> np.ndarray:
        """(n_values,) how many rows hold each value."""
        positions = self.encoded.indices
        held = (positions.drop_null() if positions.null_count else positions).to_numpy(zero_copy_only=False)
        return np.bincount(held, minlength=len(self.values))

    @cached_property
    def sample(self) -> list[str]:
        """Up to 1,000 cells spread over all rows, missing ones left out."""
        n_rows = len(self.cells)
        rows = np.unique(np.linspace(0, max(n_rows - 1, 0), min(SAMPLE_CELLS, n_rows)).astype(np.int64))
        taken = [cell for cell in self.cells.take(pa.array(rows)).to_pylist() if cell is not None]
        return [cell for cell in taken if cell.strip() not in CLEAR_MISSING]

    def _without(self, words: tuple[str, ...]) -> pa.ChunkedArray:
        absent = pc.is_in(self.cells, value_set=pa.array(words, pa.large_string()))
        if not pc.any(absent).as_py():
            return self._without_blanks(self.cells)
        return self._without_blanks(pc.if_else(absent, pa.scalar(None, pa.large_string()), self.cells))

    @staticmethod
    def _without_blanks(cells: pa.ChunkedArray) -> pa.ChunkedArray:
        blank = pc.utf8_is_space(cells)
        if not pc.any(blank).as_py():
            return cells
        return pc.if_else(blank, pa.scalar(None, pa.large_string()), cells)


def n_distinct(numbers: np.ndarray) -> int:
    """Return how many different values an array of numbers holds; NaN is none.

    Sorting is several times quicker than hashing for millions of float64.
    """
    held = numbers[~np.isnan(numbers)]
    if not held.size:
        return 0
    held.sort()
    return int(1 + np.count_nonzero(held[1:] != held[:-1]))
