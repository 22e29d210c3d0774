"""Recognition of purchase lines: which columns are customer, order, date, amount and product."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from segmenter.errors.reading import NoPurchasesError
from segmenter.purchases import recognition
from segmenter.purchases.spec import Purchases, Returns
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.table.infer.header import names_customers, words_of
from segmenter.table.infer.kind_rules import UNIQUE_SHARE

_WHO: Final = frozenset(
    {"customer", "cust", "client", "member", "user", "buyer", "shopper", "kunde", "kunden", "household"}
)
# Words of columns that tell something about customers, not which customer it is.
_ABOUT_CUSTOMERS: Final = frozenset(
    {"type", "segment", "group", "class", "category", "status", "tier", "level", "city", "state", "country", "region"}
    | {"zip", "postcode", "age", "gender", "sex", "income", "since", "value", "score", "rating", "birthday", "dob"}
)
_WHEN: Final = frozenset(
    {"invoice", "order", "purchase", "purchased", "transaction", "trans", "txn", "sale", "sales", "bought", "paid"}
)
# Dates that belong to a customer, such as that of the last of all purchases, or to something else than the purchase.
_OTHER_DATES: Final = frozenset(
    {"dob", "birth", "birthday", "birthdate", "born", "joined", "join", "signup", "registered", "registration"}
    | {
        "enrolled",
        "since",
        "last",
        "first",
        "latest",
        "expiry",
        "expires",
        "due",
        "delivery",
        "delivered",
        "shipped",
        "updated",
        "geburtsdatum",
    }
)
_QUANTITY: Final = frozenset({"quantity", "qty", "quantities", "units", "items", "pieces", "pcs", "menge", "anzahl"})
_PRICE: Final = frozenset({"price", "unitprice", "preis", "einzelpreis", "prix", "precio"})
_AMOUNT: Final = frozenset(
    {"amount", "amt", "total", "spend", "spent", "sale", "sales", "revenue", "value", "paid", "payment", "turnover"}
    | {"betrag", "umsatz", "montant", "importe", "monetary", "subtotal"}
)
_ORDER: Final = frozenset(
    {"invoice", "order", "transaction", "trans", "txn", "receipt", "basket", "ticket", "bill", "bon", "rechnung"}
)
_PRODUCT: Final = frozenset({"product", "item", "stock", "sku", "article", "ean", "isbn", "upc", "asin", "artikel"})
_STORE: Final = frozenset({"store", "shop", "branch", "outlet", "filiale", "stockcode"})
_CANCELLED: Final = frozenset(
    {"cancelled", "canceled", "cancellation", "cancel", "returned", "refunded", "refund", "void", "voided", "storno"}
)
_NAMING: Final = frozenset({"id", "ids", "no", "nr", "num", "number", "code", "ref", "reference", "key", "nummer"})
# Words of columns that describe a purchase, so that they never describe the customer.
_OF_PURCHASES: Final = frozenset(
    _WHEN
    | _QUANTITY
    | _PRICE
    | _AMOUNT
    | _ORDER
    | _PRODUCT
    | _STORE
    | _CANCELLED
    | {"till", "terminal", "register", "promo", "promotion", "discount", "coupon", "voucher", "description", "tax"}
    | {"shipping", "cashier", "line", "time", "date", "category", "brand", "method"}
)
_STOCKCODE: Final = "stockcode"
_BIRTH: Final = frozenset({"dob", "birth", "birthday", "birthdate", "born", "geburtsdatum", "geburtstag"})


def fit_customer(header: str) -> int:
    """Return how well a name fits the column that tells customers apart; 0 when not at all."""
    words = set(words_of(header))
    if words & _ABOUT_CUSTOMERS:
        return 0
    if words & _WHO:
        return 3 if names_customers(header) or words & _NAMING else 2
    return 1 if names_customers(header) else 0


def fit_date(header: str) -> int:
    """Return how well a name fits the date of a purchase."""
    words = set(words_of(header))
    if words & _OTHER_DATES:
        return 0
    return 2 if words & _WHEN else 1


def fit_quantity(header: str) -> int:
    """Return how well a name fits the number of pieces."""
    words = set(words_of(header))
    return int(bool(words & _QUANTITY) and not words & (_PRICE | _AMOUNT))


def fit_price(header: str) -> int:
    """Return how well a name fits the price of a piece."""
    words = set(words_of(header))
    return 0 if not words & _PRICE else 2 if "unit" in words or "unitprice" in words else 1


def fit_amount(header: str) -> int:
    """Return how well a name fits what a line came to."""
    words = set(words_of(header))
    if not words & _AMOUNT or words & (_NAMING | {"discount", "tax", "shipping", "method"}):
        return 0
    return 2 if words & {"amount", "total", "spend", "revenue", "betrag", "umsatz"} else 1


def fit_order(header: str) -> int:
    """Return how well a name fits what the lines of one order share."""
    words = words_of(header)
    if len(words) == 1 and words[0] in _ORDER:
        return 1
    return 2 if set(words) & _ORDER and set(words) & _NAMING else 0


def fit_product(header: str) -> int:
    """Return how well a name fits the product."""
    words = set(words_of(header))
    if words == {_STOCKCODE} or words & {"sku", "ean", "isbn", "upc", "asin"}:
        return 3
    if not words & _PRODUCT or words & (_PRICE | _AMOUNT | {"category", "discount", "type", "group", "count"}):
        return 0
    return 2 if words & _NAMING else 1


def fit_store(header: str) -> int:
    """Return how well a name fits the store; its name rather than its number."""
    words = set(words_of(header))
    if not words & (_STORE - {_STOCKCODE}) or words & {"type", "size"}:
        return 0
    return 1 if words & _NAMING else 2


def fit_cancelled(header: str) -> int:
    """Return how well a name fits a mark of cancelled lines."""
    words = set(words_of(header))
    return 2 if words & _CANCELLED else int(words == {"status"} or words == {"order", "status"})


def may_describe_customers(header: str) -> bool:
    """Whether a column may hold something about the customer rather than about the purchase."""
    words = set(words_of(header))
    return bool(words & _BIRTH) or not words & _OF_PURCHASES


def names_a_birth(header: str) -> bool:
    """Whether a column is called like one of birth dates."""
    return bool(set(words_of(header)) & _BIRTH)


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
    sure = [each for each in names if recognition.fit_customer(each.header or each.name) >= _SURELY]
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
    customer = finder.take(recognition.fit_customer, _can_name)
    date = finder.take(recognition.fit_date, finder.is_dated)
    quantity = finder.take(recognition.fit_quantity, finder.is_numeric)
    amount = finder.take(recognition.fit_amount, finder.is_numeric)
    price = finder.take(recognition.fit_price, finder.is_numeric)
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
        order=finder.take(recognition.fit_order, _can_name),
        product=finder.take(recognition.fit_product, _can_name),
        store=finder.take(recognition.fit_store, _can_name),
        cancelled=finder.take(recognition.fit_cancelled, lambda column: column.kind is not ColumnKind.DATE),
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
            if column.kind not in _NOT_ATTRIBUTES and recognition.may_describe_customers(column.header or column.name)
        ]
        return tuple(found[:_MOST_ATTRIBUTES])
