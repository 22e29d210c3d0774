"""Distinct counts and most frequent values per customer, from lines that arrive in chunks."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from segmenter.purchases.dictionary import MISSING, DictionaryEncoder, EncodedTexts
from segmenter.purchases.lines import Arrays

# Rows that may wait before they are merged: about 60 MB, while merging each piece at once would take twice the time.
_WAITING_ROWS: Final = 2_000_000
_CUSTOMER_BITS: Final = 32
# Odd numbers without a pattern, that spread what they multiply over all 64 bits.
_SPREAD: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


class SortedRuns:
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


class DistinctOrders:
    """The different orders of customers."""

    def __init__(self) -> None:
        self._parts: list[Arrays] = []
        self._waiting = 0

    def add(self, bought: Arrays) -> None:
        """Take the lines of another piece: `customer`, `order`, `store` (0 when there is none), `date`, `worth`."""
        # The lines of one order mostly stand together, so that most of them go here.
        starts = np.flatnonzero(_starts([bought[name] for name in (*_ORDER, "date")]))
        part = _some(bought, starts)
        if len(starts):
            part["worth"] = np.add.reduceat(bought["worth"], starts)
        self._parts.append({**part, "first": part["date"]})
        self._waiting += len(part["date"])
        if self._waiting > _WAITING_ROWS:
            self.merged()

    def merged(self) -> Arrays:
        """Return one entry an order: `date` and `first` of its lines, and `worth`, what they came to in all."""
        names = (*_ORDER, "date", "first", "worth")
        whole = {name: np.concatenate([part[name] for part in self._parts]) for name in names}
        self._parts = []
        in_order = np.argsort(_mixed(whole))
        whole = {name: values[in_order] for name, values in whole.items()}
        starts = np.flatnonzero(_starts([whole[name] for name in _ORDER]))
        if len(starts):
            reduced = {
                "date": np.maximum.reduceat(whole["date"], starts),
                "first": np.minimum.reduceat(whole["first"], starts),
                "worth": np.add.reduceat(whole["worth"], starts),
            }
            whole = {**_some(whole, starts), **reduced}
        self._parts, self._waiting = [whole], 0
        return whole


def cancelled_orders(orders: Arrays, given_back: Arrays) -> np.ndarray:
    """Tell which orders were given back in whole: their customer got back what they came to, on their day or later.

    Parameters
    ----------
    orders, given_back
        One entry an order or a cancellation: `customer`, `date` and `worth`, which is negative for the latter.

    Returns
    -------
    ndarray
        (n_orders,) bool. Each cancellation takes one order, the latest of several that fit.
    """
    found = np.zeros(len(orders["customer"]), np.bool_)
    if not len(given_back["customer"]):
        return found
    concerned = np.flatnonzero(np.isin(orders["customer"], given_back["customer"]))
    waiting: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place in concerned[np.argsort(orders["date"][concerned], kind="stable")].tolist():
        key = (int(orders["customer"][place]), int(orders["worth"][place]))
        waiting.setdefault(key, []).append((int(orders["date"][place].astype("datetime64[D]").astype(int)), place))
    for back in np.argsort(given_back["date"], kind="stable").tolist():
        fitting = waiting.get((int(given_back["customer"][back]), -int(given_back["worth"][back])), [])
        day = int(given_back["date"][back].astype("datetime64[D]").astype(int))
        before = [number for number, (ordered, _) in enumerate(fitting) if ordered <= day]
        if before:
            found[fitting.pop(before[-1])[1]] = True
    return found


class PairCounter:
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


# From this share on of the customers with several lines, a value that stays the same describes the customer.
_CONSTANT_SHARE: Final = 0.95
# 1 January 1970 was a Thursday, so that day 4 was the first Monday.
_FIRST_MONDAY: Final = 4
# Days since 1970 of the year 9999, and more.
_LATEST_DAY: Final = 1 << 22


def favourite(values: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return each customer's most frequent value; of equally frequent ones the latest, then the last in order.

    Parameters
    ----------
    values
        `customer`, `value`, `n` (how often) and `date` (when last).
    """
    counted = values.group_by("customer", "value").agg(pl.col("n").sum(), pl.col("date").max())
    ordered = counted.sort("customer", "n", "date", "value").group_by("customer", maintain_order=True)
    return ordered.agg(pl.col("value").last().alias(name))


def favourite_weekdays(orders: Arrays, n_customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many orders each customer has, and the weekday of most; of equal ones the latest.

    Parameters
    ----------
    orders
        One entry an order: `customer` (0 to n_customers - 1) and `date`.

    Returns
    -------
    tuple
        (n_customers,) numbers of orders, and 0 for Monday to 6 for Sunday, -1 where there is no order.
    """
    days = orders["date"].astype("datetime64[D]").astype(np.int64)
    place = 7 * orders["customer"] + (days - _FIRST_MONDAY) % 7
    counts = np.bincount(place, minlength=7 * n_customers)
    latest = np.full(7 * n_customers, -_LATEST_DAY)
    np.maximum.at(latest, place, days)
    # Two weekdays never have the same latest day, so that number and day settle it.
    best = (counts * (2 * _LATEST_DAY) + latest).reshape(n_customers, 7).argmax(axis=1)
    n_orders = counts.reshape(n_customers, 7).sum(axis=1)
    return n_orders, np.where(n_orders > 0, best, -1)


class Attribute:
    """The values of a column that may describe customers, with how often and when last each one has them.

    Most lines repeat what is known of their customer: only a first value is kept for each, and those that
    differ from it wait apart.
    """

    def __init__(self) -> None:
        self._codes = DictionaryEncoder()
        self._first = np.empty(0, np.int64)
        self._n = np.empty(0, np.int64)
        self._date = np.empty(0, np.int64)
        self._others = SortedRuns()

    def add(self, column: EncodedTexts, lines: np.ndarray, customer: np.ndarray, when: np.ndarray) -> None:
        """Take a piece.

        Parameters
        ----------
        lines
            Positions in the column of the lines that count.
        customer, when
            Code of the customer and microseconds since 1970 of those lines.
        """
        code = self._codes.of(column)[lines]
        known = code >= 0
        code, customer, when = code[known], customer[known], when[known]
        if not len(code):
            return
        self._make_room(int(customer.max()) + 1)
        new = self._first[customer] < 0
        self._first[customer[new]] = code[new]
        same = self._first[customer] == code
        np.add.at(self._n, customer[same], 1)
        np.maximum.at(self._date, customer[same], when[same])
        others = {"customer": customer[~same], "code": code[~same], "date": when[~same]}
        if len(others["code"]):
            self._others.add(pl.DataFrame({**others, "n": np.ones(len(others["code"]), np.int64)}))

    def describes(self) -> bool:
        """Whether nearly all customers with several lines have the same value on all of them."""
        per_customer = self._counts().group_by("customer").agg(pl.col("n").sum(), pl.len().alias("n_values"))
        several = per_customer.filter(pl.col("n") > 1)
        return len(several) > 0 and len(several.filter(pl.col("n_values") == 1)) >= _CONSTANT_SHARE * len(several)

    def of_each(self, name: str) -> pl.DataFrame:
        """Return each customer's value as text, in the column `name`."""
        counts = self._counts()
        with_value = counts.with_columns(self._codes.texts.gather(counts["code"]).alias("value"))
        changing = pl.col("customer").is_in(self._changing().implode())
        settled = with_value.filter(~changing).select("customer", pl.col("value").alias(name))
        return pl.concat([settled, favourite(with_value.filter(changing), name)])

    def _changing(self) -> pl.Series:
        """Return the customers with several values."""
        parts = [part["customer"] for part in self._others.parts]
        return pl.concat(parts).unique() if parts else pl.Series([], dtype=pl.Int64)

    def _counts(self) -> pl.DataFrame:
        held = np.flatnonzero(self._first >= 0)
        first = {"customer": held, "code": self._first[held], "date": self._date[held], "n": self._n[held]}
        return pl.concat([pl.DataFrame(first), *(part.select(list(first)) for part in self._others.parts)])

    def _make_room(self, n_customers: int) -> None:
        more = max(n_customers, 2 * len(self._first)) - len(self._first)
        if n_customers > len(self._first):
            self._first = np.append(self._first, np.full(more, MISSING, np.int64))
            self._n = np.append(self._n, np.zeros(more, np.int64))
            self._date = np.append(self._date, np.full(more, np.iinfo(np.int64).min))
