"""What do the names of columns say about purchases?"""

from typing import Final

from segmenter.core.kinds.header import names_customers, words_of

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
