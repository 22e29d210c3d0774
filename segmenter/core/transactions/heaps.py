"""How are partial counts of many pieces of a file kept small?"""

from collections.abc import Sequence

import numpy as np
import polars as pl

# Rows that may wait before they are merged: about 100 MB, while merging each piece at once would take twice the time.
_WAITING_ROWS = 2_000_000


class Heap:
    """Partial results of a group-by, merged from time to time.

    Parameters
    ----------
    keys
        Columns that tell groups apart.
    merging
        How the other columns of two partial results become one: sums, minima, maxima.
    """

    def __init__(self, keys: Sequence[str], merging: Sequence[pl.Expr]) -> None:
        self._keys, self._merging = list(keys), list(merging)
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0

    def add(self, part: pl.DataFrame) -> None:
        """Take another partial result."""
        self._parts.append(part)
        self._waiting += len(part)
        if self._waiting > _WAITING_ROWS and len(self._parts) > 1:
            self.merged()
            self._waiting = 0

    def merged(self) -> pl.DataFrame:
        """Return one row a group."""
        if len(self._parts) > 1:
            self._parts = [pl.concat(self._parts, rechunk=False).group_by(self._keys).agg(self._merging)]
        return self._parts[0]


class Marks:
    """Marks of 64 bits, gathered to count the different ones."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []

    def add(self, marks: pl.Series) -> None:
        """Take the marks of another piece."""
        self._parts.append(marks.to_numpy())

    def sorted(self) -> np.ndarray:
        """Return all marks in order; they are forgotten here."""
        marks = np.concatenate(self._parts) if self._parts else np.empty(0, np.uint64)
        self._parts = []
        marks.sort()
        return marks


def is_new(marks: np.ndarray) -> np.ndarray:
    """Tell for each of ordered marks whether it differs from the one before."""
    return np.concatenate([np.ones(min(len(marks), 1), np.bool_), marks[1:] != marks[:-1]])
