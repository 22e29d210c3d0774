"""Which different texts does a column hold, and how often each?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts with each different one held once, so that a million rows cost little more than their values.

    Attributes
    ----------
    values
        The different texts, without surrounding white space and never empty, in order of appearance.
    counts
        Shape (n_values,): rows that hold each.
    codes
        Shape (n_rows,): position in `values`, -1 where the cell is empty.
    """

    values: pd.Series
    counts: NDArray[np.intp]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, cells: pd.Series) -> Self:
        """Return the texts of a column of any type."""
        encoded = pc.dictionary_encode(to_arrow(cells))
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        raw = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
        stripped = pd.Series(encoded.dictionary.to_pandas(), dtype="str").str.strip()
        places, values = pd.factorize(stripped.where(stripped != ""))
        codes = np.append(places, -1)[raw]  # the cell code -1 finds the -1 that was appended
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        return cls(pd.Series(values, dtype="str"), counts, codes)

    @property
    def n_known(self) -> int:
        """Number of cells that are not empty."""
        return int(self.counts.sum())

    def rows(self, chosen: Bools) -> Bools:
        """Return which rows hold one of the chosen values, shape (n_rows,)."""
        return np.append(chosen, False)[self.codes]

    def share(self, chosen: Bools) -> float:
        """Return the share of the filled cells that hold one of the chosen values, 0-1."""
        return float(self.counts[chosen].sum() / max(self.n_known, 1))

    def fits(self, pattern: str) -> Bools:
        """Return which values match a pattern from end to end, shape (n_values,)."""
        matched = pc.match_substring_regex(to_arrow(self.values), rf"\A(?:{pattern})\z")
        return np.asarray(matched.to_numpy(zero_copy_only=False), dtype=bool)

    def spread(self, numbers: Floats) -> Floats:
        """Return a number per value as a number per row, NaN where the cell is empty."""
        return np.append(numbers, np.nan)[self.codes]

    def without(self, dropped: Bools) -> "Texts":
        """Return the same rows with some values counting as empty."""
        places = np.full(len(self.values) + 1, -1, dtype=np.intp)
        places[:-1][~dropped] = np.arange((~dropped).sum())
        return Texts(self.values[~dropped].reset_index(drop=True), self.counts[~dropped], places[self.codes])

    def series(self, index: pd.Index) -> pd.Series:
        """Return the column again, empty cells as NaN."""
        taken = self.values.reindex(pd.Index(self.codes))
        return taken.set_axis(index).astype("str")


def to_arrow(cells: pd.Series) -> pa.Array | pa.ChunkedArray:
    """Return a column of any type as Arrow texts."""
    return pa.array(cells.astype("str"), type=pa.large_string(), from_pandas=True)
