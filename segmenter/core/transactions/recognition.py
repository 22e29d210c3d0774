"""Is this a file of purchase lines rather than of customers, and which column holds what?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from segmenter.core.dataset import Column, ColumnKind, Dataset
from segmenter.core.kinds.verdicts import UNIQUE_SHARE
from segmenter.core.transactions import words
from segmenter.core.transactions.purchases import Purchases, Returns
from segmenter.errors import NoPurchasesError

_NOT_ATTRIBUTES: Final = frozenset({ColumnKind.TEXT, ColumnKind.PERSONAL})
# Beyond these, more columns about the customer make counting slow and say little.
_MOST_ATTRIBUTES: Final = 12
# How well a name fits that says both customer and id.
_SURELY: Final = 3


@dataclass(frozen=True)
class Recognised:
    """The columns of a file of purchase lines, and why it was taken for one."""

    purchases: Purchases
    reason: str


def recognise_purchases(dataset: Dataset) -> Recognised | None:
    """Return the columns of purchases when the rows are purchases and not customers, else None."""
    try:
        purchases = find_purchases(dataset)
    except NoPurchasesError:
        return None
    customer = dataset.column(purchases.customer)
    n_known = dataset.n_customers - customer.missing
    if not come_back(customer.distinct, n_known) or have_a_row_each(dataset, purchases):
        return None
    return Recognised(purchases, reason_for(purchases, customer.distinct, n_known))


def have_a_row_each(dataset: Dataset, purchases: Purchases) -> bool:
    """Whether another column names a customer on each row, as where households repeat in a file of customers."""
    n_rows = dataset.n_customers
    names = [each for each in dataset.columns if each.name != purchases.customer and not each.missing]
    sure = [each for each in names if words.fit_customer(each.header or each.name) >= _SURELY]
    return any(not come_back(each.distinct, n_rows) for each in sure)


def come_back(n_ids: int, n_rows: int) -> bool:
    """Whether customers have several rows each, as in purchases; `n_rows` are those with a customer."""
    return n_rows >= 2 and n_ids < UNIQUE_SHARE * n_rows


def find_purchases(dataset: Dataset) -> Purchases:
    """Return the columns of purchases, whether or not customers come back.

    Raises
    ------
    NoPurchasesError
        If there is no column for the customer, the date or the amount.
    """
    purchases = guess_purchases(dataset)
    absent = missing_parts(purchases)
    if absent:
        raise NoPurchasesError(absent)
    return purchases


def missing_parts(purchases: Purchases) -> tuple[str, ...]:
    """Return which of customer, date and amount have no column."""
    worth = purchases.amount or (purchases.quantity and purchases.price)
    found = {"customer": purchases.customer, "date": purchases.date, "amount": worth}
    return tuple(role for role, column in found.items() if not column)


def guess_purchases(dataset: Dataset) -> Purchases:
    """Return the columns that may hold purchases, empty where there is none for a part."""
    finder = _Finder(dataset)
    customer = finder.take(words.fit_customer, _can_name)
    date = finder.take(words.fit_date, finder.is_dated)
    quantity = finder.take(words.fit_quantity, finder.is_numeric)
    amount = finder.take(words.fit_amount, finder.is_numeric)
    price = finder.take(words.fit_price, finder.is_numeric)
    if not quantity and not amount:
        amount, price = price, ""
    if quantity and price:
        # Of an amount beside both nobody knows whether it is for the line or for the whole order.
        amount = ""
    purchases = Purchases(
        customer,
        date,
        amount,
        quantity,
        price if not amount else "",
        order=finder.take(words.fit_order, _can_name),
        product=finder.take(words.fit_product, _can_name),
        store=finder.take(words.fit_store, _can_name),
        cancelled=finder.take(words.fit_cancelled, lambda column: column.kind is not ColumnKind.DATE),
    )
    only_amounts = not (purchases.quantity or purchases.cancelled)
    returns = Returns.SUBTRACTED if only_amounts else Returns.LEFT_OUT
    return replace(purchases, returns=returns, attributes=finder.attributes())


def reason_for(purchases: Purchases, n_ids: int, n_rows: int) -> str:
    """Say why rows are taken for purchases."""
    worth = purchases.amount or f"{purchases.quantity} × {purchases.price}"
    named = f"a customer ({purchases.customer}), a date ({purchases.date}) and an amount ({worth})"
    return f"each row has {named}, and {n_ids:,} customers have {n_rows:,} rows"


def _can_name(column: Column) -> bool:
    return column.kind not in {ColumnKind.DATE, ColumnKind.MONEY, ColumnKind.PERCENTAGE, ColumnKind.PERSONAL}


class _Finder:
    """The columns that have no part yet."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._left = list(dataset.columns)

    def take(self, fit: Callable[[str], int], suits: Callable[[Column], bool]) -> str:
        """Take the column whose name fits best, the first of equals; "" when none does."""
        fits = [(fit(column.header or column.name), column) for column in self._left if suits(column)]
        best = max(fits, key=lambda one: one[0], default=None)
        if best is None or not best[0]:
            return ""
        self._left.remove(best[1])
        return best[1].name

    def is_numeric(self, column: Column) -> bool:
        """Whether a column holds numbers that measure."""
        values = self._dataset.frame[column.name]
        named = column.kind in {ColumnKind.CODE, ColumnKind.IDENTIFIER}
        return pd.api.types.is_numeric_dtype(values.dtype) and not named

    def is_dated(self, column: Column) -> bool:
        """Whether a column holds dates, be it the same one in every row."""
        held = column.kind in {ColumnKind.DATE, ColumnKind.CONSTANT}
        return held and pd.api.types.is_datetime64_any_dtype(self._dataset.frame[column.name].dtype)

    def attributes(self) -> tuple[str, ...]:
        """Return the columns left over that may describe the customer."""
        found = [
            column.name
            for column in self._left
            if column.kind not in _NOT_ATTRIBUTES and words.may_describe_customers(column.header or column.name)
        ]
        return tuple(found[:_MOST_ATTRIBUTES])
