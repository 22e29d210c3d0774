"""How are partial counts of many pieces of a file kept small?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

# Rows that may wait before they are merged: about 60 MB, while merging each piece at once would take twice the time.
_WAITING_ROWS: Final = 2_000_000
_CUSTOMER_BITS: Final = 32


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
        """Take another partial result; its groups may repeat."""
        self._parts.append(part)
        self._waiting += len(part)
        if self._waiting > _WAITING_ROWS:
            self.merged()
            self._waiting = 0

    @property
    def parts(self) -> list[pl.DataFrame]:
        """The partial results, merged as far as they are; none, or one at least."""
        return [self.merged()] if self._parts else []

    def merged(self) -> pl.DataFrame:
        """Return one row a group."""
        self._parts = [pl.concat(self._parts, rechunk=False).group_by(self._keys).agg(self._merging)]
        return self._parts[0]


class Pairs:
    """Pairs of a customer and a product, gathered to count the different ones of each customer."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []

    def add(self, customer: np.ndarray, product: np.ndarray) -> None:
        """Take the pairs of another piece; products below 0 are missing."""
        known = product >= 0
        packed = customer[known].astype(np.uint64) << np.uint64(_CUSTOMER_BITS) | product[known].astype(np.uint64)
        self._parts.append(packed)

    def counts(self, n_customers: int) -> np.ndarray:
        """Return how many different products each customer has; the pairs are forgotten here."""
        if not self._parts:
            return np.zeros(n_customers, np.int64)
        # polars sorts with all processors.
        pairs = pl.Series(np.concatenate(self._parts))
        self._parts = []
        ordered = pairs.sort().to_numpy()
        is_new = np.concatenate([np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1]])
        owners = (ordered[is_new] >> np.uint64(_CUSTOMER_BITS)).astype(np.int64)
        return np.bincount(owners, minlength=n_customers)
