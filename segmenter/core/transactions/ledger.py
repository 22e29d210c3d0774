"""How are lines of purchases added up, piece by piece, to one row a customer?

A file of 10 million lines never has to be in memory: each piece is reduced to partial sums at once. Dates,
sums of whole millionths and counts of different orders and products come out the same however the lines are
ordered and cut into pieces.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from segmenter.core.transactions import lines as line
from segmenter.core.transactions.codes import Codes, Encoded, Piece
from segmenter.core.transactions.favourites import Attribute, favourite, favourite_weekdays
from segmenter.core.transactions.heaps import Orders, Pairs
from segmenter.core.transactions.measured import measured
from segmenter.core.transactions.purchases import Purchases, Returns, Tally
from segmenter.core.transactions.sums import LARGEST_AMOUNT, Sums


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
        self._codes = {name: Codes() for name in ("customer", "product", "store")}
        self._sums, self._products = Sums(purchases), Pairs()
        self._orders = Orders()
        self._attributes = [Attribute() for _ in purchases.attributes]

    @property
    def n_ids(self) -> int:
        """Number of different customer ids so far, with or without a purchase."""
        return len(self._codes["customer"].texts)

    def add(self, piece: Piece) -> None:
        """Add up another piece of the file.

        Raises
        ------
        AmountTooLargeError
            If an amount can't be added up.
        """
        texts = piece.texts
        lines = self._looked_at(piece)
        self._count(lines)
        kept = np.flatnonzero(lines["class"] >= line.CLASS["cancelled"])
        lines = line.some({name: values for name, values in lines.items() if name != "is_cancelled"}, kept)
        self._sums.add(lines)
        when = lines["date"].astype(np.int64)
        for at, attribute in enumerate(self._attributes):
            attribute.add(texts[f"attribute {at}"], kept, lines["customer"], when)
        self._add_purchases(line.some(lines, lines["class"] == line.CLASS["purchases"]))

    def finish(self) -> tuple[pl.DataFrame, Tally]:
        """Return one row a customer, ordered by id, and the counts of lines.

        Raises
        ------
        UnsettledError
            If the first piece was unlike the whole.
        """
        if self._by_order is not None and self._by_order != self._orders_are_numbers():
            raise UnsettledError
        tally = replace(self._tally, customers_seen=len(self._sums))
        return measured(self._joined(), self._purchases, self._snapshot).sort("customer"), tally

    def _looked_at(self, piece: Piece) -> dict[str, np.ndarray]:
        texts, numbers = piece.texts, piece.numbers
        lines = {name: self._codes[name].of(texts[name]) for name in self._codes if name in texts}
        lines["date"] = numbers["date"]
        lines["quantity"] = numbers.get("quantity", np.ones(len(numbers["date"])))
        lines["spent"] = numbers["amount"] if self._purchases.amount else lines["quantity"] * numbers["price"]
        if bool((np.abs(lines["spent"]) > LARGEST_AMOUNT).any() or (np.abs(lines["quantity"]) > LARGEST_AMOUNT).any()):
            raise AmountTooLargeError
        lines["order"] = self._order_keys(lines["date"], texts.get("order"))
        lines["is_cancelled"] = self._cancelled(len(lines["date"]), texts)
        lines["class"] = line.classes_of(lines, self._purchases, self._snapshot)
        return lines

    def _order_keys(self, when: np.ndarray, order: Encoded | None) -> np.ndarray:
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

    def _cancelled(self, n_lines: int, texts: Mapping[str, Encoded]) -> np.ndarray:
        """Tell which lines are cancelled, by a mark or by their order id."""
        found = np.zeros(n_lines, np.bool_)
        if self._by_order:
            found |= texts["order"].spread(line.are_marked(texts["order"].texts), missing=False)
        if self._purchases.cancelled:
            found |= texts["cancelled"].spread(line.say_cancelled(texts["cancelled"].texts), missing=False)
        return found

    def _count(self, lines: line.Arrays) -> None:
        counts = np.bincount(lines["class"], minlength=len(line.CLASSES)).tolist()
        anywhere = int(np.count_nonzero(lines["is_cancelled"]))
        found = dict(zip(line.CLASSES, counts, strict=True))
        self._tally += Tally(lines=len(lines["class"]), cancelled_anywhere=anywhere, **found)

    def _add_purchases(self, bought: line.Arrays) -> None:
        if self._purchases.product:
            self._products.add(bought["customer"], bought["product"])
        no_store = np.zeros(len(bought["date"]), np.int64)
        names = ("customer", "order", "date")
        self._orders.add({**{name: bought[name] for name in names}, "store": bought.get("store", no_store)})

    def _joined(self) -> pl.DataFrame:
        sums = self._sums.result()
        seen = sums["n_lines"] > 0
        if self._purchases.returns is Returns.LEFT_OUT:
            seen = sums["n_bought"] > 0
        products = {"distinct_products": self._products.counts(len(seen))} if self._purchases.product else {}
        orders = self._orders.merged()
        n_orders, weekdays = favourite_weekdays(orders, len(seen))
        counted = {"orders": n_orders, "favourite_weekday": weekdays, **products}
        customers = pl.DataFrame({"code": np.arange(len(seen)), **sums, **counted}).filter(pl.Series(seen))
        for more in self._described(orders):
            customers = customers.join(more, left_on="code", right_on="customer", how="left")
        texts = self._codes["customer"].texts.gather(customers["code"])
        return customers.with_columns(texts.alias("customer"))

    def _described(self, orders: line.Arrays) -> list[pl.DataFrame]:
        """Return the favourite store and the attributes of those customers that have them."""
        found = []
        if self._purchases.store:
            known = line.some(orders, orders["store"] >= 0)
            names = self._codes["store"].texts.gather(known["store"])
            stores = {"customer": known["customer"], "date": known["date"], "value": names}
            found.append(favourite(pl.DataFrame(stores).with_columns(n=pl.lit(1, pl.Int64)), "favourite_store"))
        described = enumerate(self._attributes)
        return [*found, *(each.of_each(f"attribute {at}") for at, each in described if each.describes())]
