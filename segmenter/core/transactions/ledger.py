"""How are lines of purchases added up, piece by piece, to one row a customer?

A file of 10 million lines never has to be in memory: each piece is reduced to partial sums at once. Dates,
sums of whole millionths and counts of different orders and products come out the same however the lines are
ordered and cut into pieces.
"""

import operator
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from segmenter.core.transactions import lines as line
from segmenter.core.transactions.favourites import attributes_of, favourite, merging_values
from segmenter.core.transactions.heaps import Heap, Marks, is_new
from segmenter.core.transactions.measured import measured
from segmenter.core.transactions.purchases import Purchases, Returns, Tally

_TEXTS: Final = frozenset({"customer", "order", "product", "store", "cancelled"})
_SUMS: Final = ("n_lines", "n_returns", "n_bought", "spend", "items")
_CUSTOMER_BITS: Final = 32


class UnsettledError(Exception):
    """A guess from the first piece turned out wrong; the lines have to be added up as a whole."""


class AmountTooLargeError(Exception):
    """A line's amount is beyond what can be added up exactly."""


class Ledger:
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
        self._tally = Tally()
        self._by_order: bool | None = None
        self._n_orders_seen = self._n_plain_orders = 0
        # Mappings of their own: a shared one would keep one visitor's ids in memory for the next.
        self._categories = {name: pl.Categorical(pl.Categories.random()) for name in ("customer", "product", "store")}
        # polars forgets a mapping that no column uses, and would number the products of each piece anew.
        self._kept = [pl.Series([], dtype=kind) for kind in self._categories.values()]
        extremes = [pl.col("first", "first_seen").min(), pl.col("last", "last_seen").max()]
        self._sums = Heap(["customer"], [pl.col(*_SUMS).sum(), *extremes])
        self._orders = Heap(["customer", "order", "store"], [pl.col("date").max()])
        self._values = [Heap(["customer", "value"], merging_values()) for _ in purchases.attributes]
        self._products, self._lines = Marks(), Marks()

    @property
    def repeats(self) -> float:
        """Share of lines so far whose customer has another line; 0 in a table of customers."""
        held = self._tally.lines - self._tally.without_customer
        return 1 - len(self._sums.merged()) / held if held else 0.0

    def add(self, piece: pl.DataFrame) -> None:
        """Add up another piece of the file.

        Parameters
        ----------
        piece
            Text, float64 and datetime columns named as in `Purchases.sources`.

        Raises
        ------
        AmountTooLargeError
            If an amount can't be added up.
        """
        seen = self._classified(piece)
        self._count(seen)
        seen = seen.filter(pl.col("class") >= line.CLASS["cancelled"])
        self._sums.add(self._summed(seen))
        self._add_values(seen)
        self._lines.add(seen.select(self._mark_of_line()).to_series())
        bought = seen.filter(line.is_class("purchases"))
        self._orders.add(bought.group_by("customer", "order", "store").agg(pl.col("date").max()))
        if self._purchases.product:
            self._products.add(bought.filter(pl.col("product").is_not_null()).select(_packed()).to_series().unique())

    def finish(self) -> tuple[pl.DataFrame, Tally]:
        """Return one row a customer, ordered by id, and the counts of lines.

        Raises
        ------
        UnsettledError
            If the first piece was unlike the whole.
        """
        if self._by_order is not None and self._by_order != self._orders_are_numbers():
            raise UnsettledError
        customers = self._sums.merged()
        tally = replace(
            self._tally,
            repeated=int(np.count_nonzero(~is_new(self._lines.sorted()))),
            customers_seen=len(customers),
        )
        if self._purchases.returns is Returns.LEFT_OUT:
            customers = customers.filter(pl.col("n_bought") > 0)
        customers = self._joined(customers).with_columns(pl.col("customer").cast(pl.String))
        return measured(customers, self._purchases, self._snapshot).sort("customer"), tally

    def attributes(self) -> list[bool]:
        """Tell for each attribute whether it is one: the same on nearly all lines of a customer."""
        return [attributes_of(heap.merged()) for heap in self._values]

    def _classified(self, piece: pl.DataFrame) -> pl.DataFrame:
        texts = [name for name in piece.columns if name in _TEXTS or name.startswith("attribute ")]
        piece = piece.with_columns([line.cleaned(name) for name in texts])
        if self._purchases.order:
            self._look_at_orders(piece)
        piece = piece.with_columns(line.amount(self._purchases).alias("spent"))
        if bool((piece["spent"].abs() > line.LARGEST_AMOUNT).any()):
            raise AmountTooLargeError
        by_order = bool(self._by_order)
        piece = piece.with_columns(line.cancelled(self._purchases, by_order=by_order).alias("is_cancelled"))
        coded = [pl.col(name).cast(kind) for name, kind in self._categories.items() if name in piece.columns]
        return piece.with_columns(line.class_of(self._purchases, self._snapshot), *coded, *self._order_key(piece))

    def _look_at_orders(self, piece: pl.DataFrame) -> None:
        self._n_orders_seen += piece["order"].count()
        self._n_plain_orders += int(piece.select(line.plain_numbers("order").sum()).item() or 0)
        if self._by_order is None:
            self._by_order = self._orders_are_numbers()

    def _orders_are_numbers(self) -> bool:
        """Whether an order id such as C536379 stands out, as most others are plain numbers."""
        return 2 * self._n_plain_orders > self._n_orders_seen

    def _order_key(self, piece: pl.DataFrame) -> list[pl.Expr]:
        """Return a number for each order: of 5 million orders, two of one customer never share their 64 bits."""
        by_day = pl.col("date").dt.date().hash(1)
        made = [by_day.alias("order")]
        if self._purchases.order:
            made = [pl.when(pl.col("order").is_null()).then(by_day).otherwise(pl.col("order").hash(2)).alias("order")]
        return made if "store" in piece.columns else [*made, pl.lit(None, pl.String).alias("store")]

    def _count(self, seen: pl.DataFrame) -> None:
        counts = dict(seen["class"].value_counts().iter_rows())
        found = {name: counts.get(number, 0) for name, number in line.CLASS.items()}
        anywhere = int(seen["is_cancelled"].sum() or 0)
        self._tally += Tally(lines=len(seen), cancelled_anywhere=anywhere, **found)

    def _summed(self, seen: pl.DataFrame) -> pl.DataFrame:
        bought, when = line.is_class("purchases"), pl.col("date")
        counted = seen.select(
            "customer",
            "date",
            bought.alias("bought"),
            line.is_class("cancelled", "returned").alias("given_back"),
            line.millionths("spent", self._purchases).alias("spend"),
            (line.millionths("quantity", self._purchases) if self._purchases.quantity else pl.lit(0, pl.Int128)).alias(
                "items"
            ),
        )
        return counted.group_by("customer").agg(
            pl.len().cast(pl.Int64).alias("n_lines"),
            pl.col("given_back").sum().cast(pl.Int64).alias("n_returns"),
            pl.col("bought").sum().cast(pl.Int64).alias("n_bought"),
            pl.col("spend", "items").sum(),
            when.filter(pl.col("bought")).min().alias("first"),
            when.min().alias("first_seen"),
            when.filter(pl.col("bought")).max().alias("last"),
            when.max().alias("last_seen"),
        )

    def _add_values(self, seen: pl.DataFrame) -> None:
        for at, heap in enumerate(self._values):
            value = pl.col(f"attribute {at}")
            lines = seen.select("customer", value.alias("value"), "date").filter(pl.col("value").is_not_null())
            heap.add(lines.group_by("customer", "value").agg(pl.len().cast(pl.Int64).alias("n"), pl.col("date").max()))

    def _mark_of_line(self) -> pl.Expr:
        used = ["date", "order", "store", *(name for name in ("product", "quantity", "price", "amount"))]
        held = [name for name in used if name in {"date", "order"} or getattr(self._purchases, name)]
        coded = {"customer", "product", "store"}
        columns = [pl.col(name).to_physical() if name in coded else pl.col(name) for name in ("customer", *held)]
        mark: pl.Expr = pl.reduce(operator.xor, [column.hash(at) for at, column in enumerate(columns, 3)])
        return mark

    def _joined(self, customers: pl.DataFrame) -> pl.DataFrame:
        orders = self._orders.merged()
        per_customer = orders.group_by("customer").agg(pl.len().cast(pl.Int64).alias("orders"))
        customers = customers.join(per_customer, on="customer", how="left").with_columns(pl.col("orders").fill_null(0))
        if self._purchases.product:
            code = pl.col("customer").to_physical().alias("code")
            customers = customers.with_columns(code).join(self._product_counts(), on="code", how="left")
        weekdays = orders.with_columns(pl.col("date").dt.weekday().alias("value"))
        customers = customers.join(favourite(weekdays, "favourite_weekday"), on="customer", how="left")
        if self._purchases.store:
            stores = orders.with_columns(pl.col("store").cast(pl.String).alias("value"))
            customers = customers.join(favourite(stores, "favourite_store"), on="customer", how="left")
        for at, (heap, is_one) in enumerate(zip(self._values, self.attributes(), strict=True)):
            if is_one:
                best = favourite(heap.merged(), f"attribute {at}")
                customers = customers.join(best, on="customer", how="left")
        return customers

    def _product_counts(self) -> pl.DataFrame:
        marks = self._products.sorted()
        codes, counts = np.unique(marks[is_new(marks)] >> np.uint64(_CUSTOMER_BITS), return_counts=True)
        return pl.DataFrame({"code": codes.astype(np.uint32), "distinct_products": counts.astype(np.int64)})


def _packed() -> pl.Expr:
    packed: pl.Expr = _number_of("customer") * 2**_CUSTOMER_BITS + _number_of("product")
    return packed


def _number_of(name: str) -> pl.Expr:
    return pl.col(name).to_physical().cast(pl.UInt64)
