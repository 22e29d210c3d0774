"""Aggregation of purchase lines to one row per customer: recency, orders, spend, returns, distinct counts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from segmenter.purchases import dictionary as line
from segmenter.purchases.dictionary import CLASS, MISSING, Arrays, Chunk, DictionaryEncoder, EncodedTexts
from segmenter.purchases.spec import LineCounts, Purchases, Returns
from segmenter.table.infer.consent import is_consent_name, is_inverted, permits, says_consent
from segmenter.table.infer.header import names_a_phone

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
        part = line.some(bought, starts)
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
            whole = {**line.some(whole, starts), **reduced}
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


# From this share on of the customers with several lines, a value that stays the same describes the customer.
_CONSTANT_SHARE: Final = 0.95
# The same of addresses and telephone numbers, which people change; a clerk's change from line to line.
_CONTACT_SHARE: Final = 0.5
_MOSTLY: Final = 0.8
# What stands between the former values of a customer: a sign that no address holds.
BETWEEN_FORMER: Final = "\x1f"
# Different cells by which a column of consent is known.
_LOOKED_AT: Final = 200
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
    differ from it wait apart. Of consent, one line that says something else than yes holds for the customer, and so
    does an order of which no line says anything: shops write what belongs to an order on its first line alone.

    Parameters
    ----------
    column
        What the file calls it.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._codes = DictionaryEncoder()
        self._first = np.empty(0, np.int64)
        self._n = np.empty(0, np.int64)
        self._date = np.empty(0, np.int64)
        self._others = SortedRuns()
        # Of what may be consent, which orders say something.
        self._said: list[pl.DataFrame] | None = [] if is_consent_name(column) else None

    def add(
        self, column: EncodedTexts, lines: np.ndarray, customer: np.ndarray, when: np.ndarray, order: np.ndarray
    ) -> None:
        """Take a piece.

        Parameters
        ----------
        lines
            Positions in the column of the lines that count.
        customer, when, order
            Code of the customer, microseconds since 1970 and key of the order of those lines.
        """
        code = self._codes.of(column)[lines]
        known = code >= 0
        if self._said is not None:
            self._said.append(_by_order(pl.DataFrame({"customer": customer, "order": order, "said": known})))
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
        """Whether nearly all customers with several lines have the same value on all of them, or it is consent."""
        if self._is_consent():
            return True
        per_customer = self._counts().group_by("customer").agg(pl.col("n").sum(), pl.len().alias("n_values"))
        several = per_customer.filter(pl.col("n") > 1)
        share = _CONTACT_SHARE if self.is_contact() else _CONSTANT_SHARE
        return len(several) > 0 and len(several.filter(pl.col("n_values") == 1)) >= share * len(several)

    def is_contact(self) -> bool:
        """Whether the column holds e-mail addresses or telephone numbers."""
        some = self._codes.texts.head(_LOOKED_AT)
        at_signs = some.str.contains("@", literal=True).sum()
        return bool(len(some)) and (at_signs >= _MOSTLY * len(some) or names_a_phone(self._column))

    def of_each(self, name: str) -> pl.DataFrame:
        """Return each customer's value as text, in the column `name`."""
        counts = self._counts()
        with_value = counts.with_columns(self._codes.texts.gather(counts["code"]).alias("value"))
        changing = pl.col("customer").is_in(self._changing().implode())
        settled = with_value.filter(~changing).select("customer", pl.col("value").alias(name))
        others = with_value.filter(changing)
        if self._is_consent():
            inverted = is_inverted(self._column)
            texts = others["value"].unique().to_list()
            refusals = [text for text in texts if permits(text, inverted=inverted) is not True]
            doubted = others.filter(pl.col("value").is_in(refusals))
            others = pl.concat([doubted, others.filter(~pl.col("customer").is_in(doubted["customer"].implode()))])
        found = pl.concat([settled, favourite(others, name)])
        if not self._is_consent() or not self._said:
            return found
        silent = _by_order(pl.concat(self._said)).filter(~pl.col("said"))["customer"]
        return found.filter(~pl.col("customer").is_in(silent.implode()))

    def former(self, name: str) -> pl.DataFrame:
        """Return the values that customers have beside the one of `of_each`, in the column `name`."""
        counts = self._counts().filter(pl.col("customer").is_in(self._changing().implode()))
        held = counts.select("customer", self._codes.texts.gather(counts["code"]).alias("value")).unique()
        left = held.join(self.of_each("value"), on=["customer", "value"], how="anti").sort("customer", "value")
        return left.group_by("customer").agg(pl.col("value").str.join(BETWEEN_FORMER).alias(name))

    def _is_consent(self) -> bool:
        """Whether the column says who may be contacted."""
        some = self._codes.texts.head(_LOOKED_AT).to_list()
        return bool(some) and is_consent_name(self._column) and says_consent(some)

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


def _by_order(lines: pl.DataFrame) -> pl.DataFrame:
    """Return whether some line of each customer's order says something."""
    return lines.group_by("customer", "order").agg(pl.col("said").any())


# Amounts are added up as whole units and whole millionths: sums of floats would depend on the order of lines.
PER_UNIT: Final = 1_000_000
# A larger amount on one line is an error; 10 million of them still fit a sum of 64 bits.
LARGEST_AMOUNT: Final = 1e11
# Above so many units, a float holds no millionths anyway.
_EXACT_UNITS: Final = 1 << 43

# Money is rounded to the smallest coin; amounts of which more than this share is finer are no money of two decimals.
_CENTS, _MILLIONTHS = 2, 6
_FINE_SHARE: Final = 0.01
_CENT_NOISE: Final = 1e-4

_EARLY: Final = np.iinfo(np.int64).min
_LATE: Final = np.iinfo(np.int64).max
_STARTS: Final = {
    "n_bought": 0, "n_returns": 0, "n_free": 0, "spend": 0, "spend_rest": 0, "items": 0, "items_rest": 0,
}  # fmt: skip


class Sums:
    """Sums, minima and maxima, one entry a customer."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases
        self._held = {name: np.full(0, start, np.int64) for name, start in _STARTS.items()}

    def __len__(self) -> int:
        """Return the number of customers so far."""
        return int(np.count_nonzero(self.result()["n_lines"]))

    def add(self, lines: Arrays) -> None:
        """Add lines of known customers."""
        customer, kind = lines["customer"], lines["class"]
        if not len(customer):
            return
        self._make_room(int(customer.max()) + 1)
        bought = kind == CLASS["purchases"]
        np.add.at(self._held["n_bought"], customer[bought], 1)
        self._add_amounts("spend", lines["spent"], lines)
        if self._purchases.quantity:
            self._add_amounts("items", lines["quantity"], lines)
        free = kind == CLASS["free"]
        np.add.at(self._held["n_free"], customer[free], 1)
        np.add.at(self._held["n_returns"], customer[~bought & ~free], 1)

    def result(self) -> dict[str, np.ndarray]:
        """Return one array a measure, one entry a code of a customer."""
        counts = {name: self._held[name] for name in ("n_bought", "n_returns", "n_free")}
        n_lines = np.sum(list(counts.values()), axis=0)
        return {**counts, "n_lines": n_lines, "spend": self._units("spend"), "items": self._units("items")}

    def _make_room(self, n_customers: int) -> None:
        held = len(self._held["n_bought"])
        if n_customers > held:
            more = max(n_customers, 2 * held) - held
            self._held = {
                name: np.concatenate([values, np.full(more, _STARTS[name], np.int64)])
                for name, values in self._held.items()
            }

    def _add_amounts(self, name: str, amounts: np.ndarray, lines: Arrays) -> None:
        counted, customer = self._counted(amounts, lines["class"]), lines["customer"]
        whole = np.floor(counted)
        np.add.at(self._held[name], customer, whole.astype(np.int64))
        rest = np.rint((counted - whole) * PER_UNIT).astype(np.int64)
        if rest.any():
            np.add.at(self._held[f"{name}_rest"], customer, rest)

    def _counted(self, amounts: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Return what each line adds to a sum."""
        if self._purchases.returns is Returns.LEFT_OUT:
            return np.where(kind == CLASS["purchases"], amounts, 0.0)
        return np.where(kind == CLASS["free"], 0.0, amounts)

    def _units(self, name: str) -> np.ndarray:
        whole, rest = self._held[name], self._held[f"{name}_rest"]
        exact = np.abs(whole) < _EXACT_UNITS
        # One division of a whole number gives the float nearest to the sum of cents.
        millionths = np.where(exact, whole, 0) * PER_UNIT + rest
        return np.where(exact, 0.0, whole) + millionths / PER_UNIT


WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rfm_features(customers: pl.DataFrame, purchases: Purchases, snapshot: date | None) -> pl.DataFrame:
    """Turn sums into what is said about a customer."""
    # Who has no order left has no first or last one either.
    ordered = pl.col("orders") > 0
    customers = customers.with_columns(
        _day(pl.when(ordered).then("first")).alias("first_order"),
        _day(pl.when(ordered).then("last")).alias("last_order"),
    )
    day = pl.lit(snapshot or snapshot_after(customers["last_order"]), pl.Date)
    names = [
        "customer",
        "recency_days",
        "orders",
        "spend",
        "average_order_value",
        "first_order",
        "last_order",
        "days_as_customer",
        *(["items"] if purchases.quantity else []),
        *(["distinct_products"] if purchases.product else []),
        "share_of_returns",
        "favourite_weekday",
        *(["favourite_store"] if purchases.store else []),
        *(name for name in customers.columns if name.startswith(("attribute ", "former "))),
    ]
    return customers.with_columns(
        (day - pl.col("last_order")).dt.total_days().alias("recency_days"),
        (day - pl.col("first_order")).dt.total_days().alias("days_as_customer"),
        pl.when(ordered).then(pl.col("spend") / pl.col("orders")).alias("average_order_value"),
        (pl.col("n_returns") / pl.col("n_lines")).alias("share_of_returns"),
        pl.col("favourite_weekday").replace_strict(range(7), WEEKDAYS, default=None, return_dtype=pl.String),
    ).select(names)


def snapshot_after(last_orders: pl.Series) -> date | None:
    """Return the day after the last order; None when there is none."""
    last = last_orders.max()
    if not isinstance(last, date):
        return None
    # Some systems write 9999-12-31 for "never"; there is no day after it.
    return last + timedelta(days=1) if last < date.max else last


def _day(moment: pl.Expr) -> pl.Expr:
    return moment.cast(pl.Datetime("us")).dt.date()


class FirstChunkMismatchError(Exception):
    """A guess from the first piece turned out wrong; the lines have to be added up as a whole."""


class AmountTooLargeError(Exception):
    """A line's amount is beyond what can be added up exactly."""


def _millionths(amounts: np.ndarray) -> int:
    """Return a sum in millionths; whole units and the rest are added apart, so that the order changes nothing."""
    known = amounts[np.isfinite(amounts)]
    whole = np.floor(known)
    return int(whole.astype(np.int64).sum()) * PER_UNIT + int(
        np.rint((known - whole) * PER_UNIT).astype(np.int64).sum()
    )


class RfmAggregator:
    """Sums of purchases, one customer each.

    Parameters
    ----------
    purchases
        Which columns there are; `add` takes them under the names of `Purchases.sources`.
    snapshot
        The day from which recency counts; None for the day after the last purchase.
    """

    def __init__(self, purchases: Purchases, snapshot: date | None = None) -> None:
        self._purchases, self._snapshot = purchases, snapshot
        self._tally = LineCounts()
        self._by_order: bool | None = None
        self._n_orders_seen = self._n_plain_orders = 0
        self._codes = {name: DictionaryEncoder() for name in ("customer", "product", "store")}
        self._sums, self._products = Sums(purchases), PairCounter()
        self._orders, self._given_back = DistinctOrders(), DistinctOrders()
        self._n_amounts = self._n_fractions = 0
        self._attributes = [Attribute(column) for column in purchases.attributes]

    @property
    def n_ids(self) -> int:
        """Number of different customer ids so far, with or without a purchase."""
        return len(self._codes["customer"].texts)

    def add(self, piece: Chunk) -> None:
        """Add up another piece of the file.

        Raises
        ------
        AmountTooLargeError
            If an amount can't be added up.
        """
        texts = piece.texts
        lines = self.classified(piece)
        self._count(lines)
        kept = np.flatnonzero(lines["class"] >= line.CLASS["cancelled"])
        # By a mark, the sale itself is cancelled: it was never one. A cancellation of its own gives money back.
        taken_back = (lines["class"] == line.CLASS["cancelled"]) & (lines["spent"] > 0)
        lines["spent"] = np.where(taken_back, np.where(lines["by_number"], -lines["spent"], 0.0), lines["spent"])
        lines["quantity"] = np.where(
            taken_back, np.where(lines["by_number"], -lines["quantity"], 0.0), lines["quantity"]
        )
        dropped = ("is_cancelled", "by_number")
        lines = line.some({name: values for name, values in lines.items() if name not in dropped}, kept)
        lines["worth"] = np.rint(lines["spent"] * PER_UNIT).astype(np.int64)
        counted = lines["class"] == line.CLASS["purchases"]
        if self._purchases.returns is Returns.SUBTRACTED:
            counted = lines["class"] != line.CLASS["free"]
        self._tally += LineCounts(worth_counted=_millionths(lines["spent"][counted]))
        self._count_fractions(lines["spent"])
        self._sums.add(lines)
        when = lines["date"].astype(np.int64)
        for at, attribute in enumerate(self._attributes):
            attribute.add(texts[f"attribute {at}"], kept, lines["customer"], when, lines["order"])
        self._add_purchases(line.some(lines, lines["class"] == line.CLASS["purchases"]))
        if self._purchases.returns is Returns.SUBTRACTED:
            back = (lines["class"] != line.CLASS["purchases"]) & (lines["worth"] < 0)
            self._add_orders(self._given_back, line.some(lines, back))

    def finish(self) -> tuple[pl.DataFrame, LineCounts]:
        """Return one row a customer, ordered by id, and the counts of lines.

        Raises
        ------
        UnsettledError
            If the first piece was unlike the whole.
        """
        if self._by_order is not None and self._by_order != self._orders_are_numbers():
            raise FirstChunkMismatchError
        customers, n_cancelled = self._joined()
        tally = replace(self._tally, customers_seen=len(self._sums), orders_cancelled=n_cancelled)
        return rfm_features(customers, self._purchases, self._snapshot).sort("customer"), tally

    def classified(self, piece: Chunk) -> dict[str, np.ndarray]:
        """Return each line's customer, moment, amount, order and class, as arrays of one entry a line."""
        texts, numbers = piece.texts, piece.numbers
        lines = {name: self._codes[name].of(texts[name]) for name in self._codes if name in texts}
        lines["date"] = numbers["date"]
        lines["quantity"] = numbers.get("quantity", np.ones(len(numbers["date"])))
        lines["spent"] = numbers["amount"] if self._purchases.amount else lines["quantity"] * numbers["price"]
        # What goes back gives money back, also where the amount has no sign, or the price has one as well.
        lines["spent"] = np.where(lines["quantity"] < 0, -np.abs(lines["spent"]), lines["spent"])
        if bool((np.abs(lines["spent"]) > LARGEST_AMOUNT).any() or (np.abs(lines["quantity"]) > LARGEST_AMOUNT).any()):
            raise AmountTooLargeError
        lines["order"] = self._order_keys(lines["date"], texts.get("order"))
        lines["is_cancelled"], lines["by_number"] = self._cancelled(len(lines["date"]), texts)
        lines["class"] = line.classes_of(lines, self._purchases, self._snapshot)
        return lines

    def _order_keys(self, when: np.ndarray, order: EncodedTexts | None) -> np.ndarray:
        """Return a number for each order: of 5 million orders, two of one customer never share their 64 bits."""
        by_day = when.astype("datetime64[D]").astype(np.int64).astype(np.uint64)
        if order is None:
            return by_day
        plain = order.spread(line.are_numbers(order.texts), missing=False)
        self._n_orders_seen += int(np.count_nonzero(~order.is_missing))
        self._n_plain_orders += int(np.count_nonzero(plain))
        if self._by_order is None:
            self._by_order = self._orders_are_numbers()
        return np.where(order.is_missing, by_day, order.spread(order.texts.hash(2).to_numpy(), 0))

    def _orders_are_numbers(self) -> bool:
        """Whether an order id such as C536379 stands out, as most others are plain numbers."""
        return 2 * self._n_plain_orders > self._n_orders_seen

    def _cancelled(self, n_lines: int, texts: Mapping[str, EncodedTexts]) -> tuple[np.ndarray, np.ndarray]:
        """Tell which lines are cancelled, by a mark or by their order id, and which by the latter."""
        by_number = by_mark = np.zeros(n_lines, np.bool_)
        if self._by_order:
            by_number = texts["order"].spread(line.are_marked(texts["order"].texts), missing=False)
        if self._purchases.cancelled:
            by_mark = texts["cancelled"].spread(line.say_cancelled(texts["cancelled"].texts), missing=False)
        return by_number | by_mark, by_number

    def _count(self, lines: line.Arrays) -> None:
        counts = np.bincount(lines["class"], minlength=len(line.CLASSES)).tolist()
        anywhere = int(np.count_nonzero(lines["is_cancelled"]))
        found = dict(zip(line.CLASSES, counts, strict=True))
        worth = {f"worth_{name}": _millionths(lines["spent"][lines["class"] == at]) for name, at in line.CLASS.items()}
        self._tally += LineCounts(lines=len(lines["class"]), cancelled_anywhere=anywhere, **found, **worth)

    def _count_fractions(self, spent: np.ndarray) -> None:
        """Count the amounts that are no whole cents, to know the smallest coin."""
        self._n_amounts += len(spent)
        self._n_fractions += int(np.count_nonzero(np.abs(spent * 100 - np.rint(spent * 100)) > _CENT_NOISE))

    @property
    def _decimals(self) -> int:
        """How many decimals money has: two, but where the amounts themselves are written with more."""
        finer = self._n_fractions > _FINE_SHARE * self._n_amounts
        return _MILLIONTHS if finer and not self._purchases.price else _CENTS

    def _add_purchases(self, bought: line.Arrays) -> None:
        if self._purchases.product:
            self._products.add(bought["customer"], bought["product"])
        self._add_orders(self._orders, bought)

    def _add_orders(self, orders: DistinctOrders, lines: line.Arrays) -> None:
        no_store = np.zeros(len(lines["date"]), np.int64)
        names = ("customer", "order", "date", "worth")
        orders.add({**{name: lines[name] for name in names}, "store": lines.get("store", no_store)})

    def _joined(self) -> tuple[pl.DataFrame, int]:
        """Return what was summed up for each customer, and how many orders were cancelled in whole."""
        sums = self._sums.result()
        seen = sums["n_lines"] > 0
        if self._purchases.returns is Returns.LEFT_OUT:
            seen = sums["n_bought"] > 0
        products = {"distinct_products": self._products.counts(len(seen))} if self._purchases.product else {}
        orders = self._orders.merged()
        if self._purchases.returns is Returns.SUBTRACTED:
            cancelled = cancelled_orders(orders, self._given_back.merged())
            orders = line.some(orders, ~cancelled)
            n_cancelled = int(np.count_nonzero(cancelled))
        else:
            n_cancelled = 0
        n_orders, weekdays = favourite_weekdays(orders, len(seen))
        first, last = np.full(len(seen), _LATE), np.full(len(seen), _EARLY)
        np.minimum.at(first, orders["customer"], orders["first"].astype(np.int64))
        np.maximum.at(last, orders["customer"], orders["date"].astype(np.int64))
        sums["spend"] = np.round(sums["spend"], self._decimals) + 0.0
        counted = {"orders": n_orders, "favourite_weekday": weekdays, "first": first, "last": last, **products}
        customers = pl.DataFrame({"code": np.arange(len(seen)), **sums, **counted}).filter(pl.Series(seen))
        for more in self._described(orders):
            customers = customers.join(more, left_on="code", right_on="customer", how="left")
        texts = self._codes["customer"].texts.gather(customers["code"])
        return customers.with_columns(texts.alias("customer")), n_cancelled

    def _described(self, orders: line.Arrays) -> list[pl.DataFrame]:
        """Return the favourite store and the attributes of those customers that have them."""
        found = []
        if self._purchases.store:
            known = line.some(orders, orders["store"] >= 0)
            names = self._codes["store"].texts.gather(known["store"])
            stores = {"customer": known["customer"], "date": known["date"], "value": names}
            found.append(favourite(pl.DataFrame(stores).with_columns(n=pl.lit(1, pl.Int64)), "favourite_store"))
        described = [(at, each) for at, each in enumerate(self._attributes) if each.describes()]
        found += [each.of_each(f"attribute {at}") for at, each in described]
        return [*found, *(each.former(f"former {at}") for at, each in described if each.is_contact())]
