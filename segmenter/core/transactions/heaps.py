"""How is what many pieces of a file tell about the same orders and products counted once?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from segmenter.core.transactions.lines import Arrays

# Rows that may wait before they are merged: about 60 MB, while merging each piece at once would take twice the time.
_WAITING_ROWS: Final = 2_000_000
_CUSTOMER_BITS: Final = 32
# Odd numbers without a pattern, that spread what they multiply over all 64 bits.
_SPREAD: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


class Heap:
    """Counts of a customer's values, merged from time to time."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0

    def add(self, part: pl.DataFrame) -> None:
        """Take `customer`, `code`, `n` and `date` of another piece; pairs of the first two may repeat."""
        self._parts.append(part)
        self._waiting += len(part)
        if self._waiting > _WAITING_ROWS:
            self._merge()

    @property
    def parts(self) -> list[pl.DataFrame]:
        """The counts, one row a pair; none, or one table."""
        self._merge()
        return self._parts

    def _merge(self) -> None:
        if self._parts:
            found = pl.concat(self._parts, rechunk=False).group_by("customer", "code")
            self._parts = [found.agg(pl.col("n").sum(), pl.col("date").max())]
        self._waiting = 0


class Orders:
    """The different orders of customers."""

    def __init__(self) -> None:
        self._parts: list[Arrays] = []
        self._waiting = 0

    def add(self, bought: Arrays) -> None:
        """Take the purchases of another piece: `customer`, `order`, `store` (0 when there is none) and `date`."""
        # The lines of one order mostly stand together, so that most of them go here.
        self._parts.append(_some(bought, _starts([bought[name] for name in (*_ORDER, "date")])))
        self._waiting += len(self._parts[-1]["date"])
        if self._waiting > _WAITING_ROWS:
            self.merged()

    def merged(self) -> Arrays:
        """Return one entry an order, its date the latest of its lines."""
        names = (*_ORDER, "date")
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in names}
        self._parts = []
        in_order = np.argsort(_mixed(whole))
        whole = {name: values[in_order] for name, values in whole.items()}
        starts = np.flatnonzero(_starts([whole[name] for name in _ORDER]))
        if len(starts):
            latest = np.maximum.reduceat(whole["date"], starts)
            whole = {**_some(whole, starts), "date": latest}
        self._parts, self._waiting = [whole], 0
        return whole


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
        owners = (ordered[_starts([ordered])] >> np.uint64(_CUSTOMER_BITS)).astype(np.int64)
        return np.bincount(owners, minlength=n_customers)


_ORDER: Final = ("customer", "order", "store")


def _starts(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Tell which entries differ from the one before in any column."""
    changes = [column[1:] != column[:-1] for column in columns]
    first = np.ones(min(len(columns[0]), 1), np.bool_)
    return np.concatenate([first, np.logical_or.reduce(changes)])


def _mixed(orders: Arrays) -> np.ndarray:
    """Return 64 bits that are the same for the lines of one order, and differ for nearly all others."""
    customer, store = (orders[name].astype(np.uint64) for name in ("customer", "store"))
    mixed: np.ndarray = orders["order"] ^ (customer * _SPREAD[0]) ^ (store * _SPREAD[1])
    return mixed


def _some(arrays: Arrays, chosen: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[chosen] for name, values in arrays.items()}
