"""Recognition of purchase lines: which columns are customer, order, date, amount and product."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.forming import UnknownColumnError, UnknownWordError
from segmenter.errors.reading import NoPurchasesError
from segmenter.purchases import recognition
from segmenter.purchases.amounts import (
    AMOUNT,
    PRICE,
    QUANTITY,
    REFUNDS,
    Worth,
    fit_amount,
    fit_price,
    fit_quantity,
    is_discount,
    is_per_unit,
    names_a_unit,
)
from segmenter.purchases.spec import MEASURES, ROLES, Purchases, Returns
from segmenter.table.dataset import Column, ColumnKind, Dataset, Note
from segmenter.table.infer.header import (
    WHO_WORDS,
    known_words,
    names_a_birth,
    names_a_company,
    names_a_customer_card,
    names_a_person,
    names_an_email,
    names_customers,
    names_who,
    word_set,
    words_of,
)
from segmenter.table.infer.kind_rules import UNIQUE_SHARE
from segmenter.table.infer.personal_data import EMAILS
from segmenter.table.repeats import RepeatKind, find_repeated_customers

# All words are without capitals and accents, as `known_words` returns them.
# Words of columns that tell something about customers, not which customer it is.
_ABOUT_CUSTOMERS: Final = word_set(
    """
type segment group class category status tier level city state country region zip postcode age gender sex income since
value score rating birthday dob stadt ort land ville pays ciudad pais citta paese typ gruppe plz count number_of care
satisfaction lifetime count returns calls
"""
)
_WHEN: Final = word_set(
    """
invoice order ordered purchase purchased transaction trans txn trx trxn sale sales bought paid payment receipt beleg
bestell bestellung rechnungs rechnung kauf kaufdatum bestelldatum rechnungsdatum belegdatum commande achat facture vente
pedido compra factura venta ordine acquisto fattura vendita encomenda fatura venda bestelling aankoop factuur verkoop
zakup zamowienie faktura kop order siparis satis ostos tilaus objednavka nakup
booked booking reservation gebucht buchung reservierung reserva prenotazione boeking rezerwacja bokning
заказ заказа покупки продажи документа 注文 受注 購入 订单 訂單 购买 付款 支付 주문 결제 구매
"""
)
# Dates that belong to a customer, such as that of the last of all purchases, or to something else than the purchase.
_OTHER_DATES: Final = word_set(
    """
dob birth birthday birthdate born joined join signup registered registration enrolled since last first latest expiry
expires due delivery delivered shipped shipping updated modified created geburtsdatum geburtstag letzte letzter erste
lieferdatum naissance dernier derniere premiere nacimiento ultima ultimo primera nascita nascimento laatste eerste
cancelled canceled return returned refund checkin checkout arrival departure ostatni ostatnia ostatniego ostatnie
pierwszy pierwsza pierwszego senaste forsta siste forste sidste posledni prvni viimeisin viimeinen ensimmainen ilk
последняя последнеи последнии последнего первая первои первыи первого
рождения регистрации доставки отгрузки 生年月日 誕生日 登録 発送
生日 注册 发货 생년월일 가입 배송
"""
)
# Where words are not set apart: 最終購入日.
_FIRST_OR_LAST: Final = ("最終", "最近", "最后", "最後", "初回", "首次", "마지막", "최근", "최초")
# Where an order is told by its price, these say when it was placed.
_RECORDED: Final = word_set("created creation erstellt angelegt creado creada cree creee creato aangemaakt")
_ORDER: Final = word_set(
    """
invoice order orders transaction trans txn receipt basket ticket bill bon rechnung rechnungs beleg bestell bestellung
auftrag commande facture pedido factura ordine fattura encomenda fatura bestelling factuur zamowienie faktura
objednavka siparis tilaus zamowienia objednavky bestallning bestilling
booking reservation buchung reservierung reserva prenotazione boeking rezerwacja bokning rezervace
rezervasyon varaus kvitto kvittering paragon scontrino kuitti
заказ заказа чек чека документа накладная накладной 注文 受注 伝票 订单 訂單 주문
"""
)
_PRODUCT: Final = word_set(
    """
product item stock sku article ean isbn upc asin artikel produkt produit producto prodotto produto urun tuote
товар товара номенклатура 商品 商品名 品名 製品 产品 產品 宝贝 상품 상품명 제품 품목
"""
)
_STORE: Final = word_set(
    "store shop branch outlet filiale stockcode magasin tienda negozio loja winkel sklep butik magaza"
)
_CANCELLED: Final = word_set(
    """
cancelled canceled cancellation cancel returned refunded refund void voided storno storniert annule annulee cancelado
annullato geannuleerd anulowane
"""
)
_STATUS: Final = word_set(
    "status state statut estado stato statusname stav tila durum durumu статус 状态 状態 ステータス 상태 zustand"
)
_OF_STATUS: Final = word_set("name of do de del della da van pembayaran payment transaction item line")
_NAMING: Final = word_set(
    """
id ids no nr num number code ref reference key nummer numero n codigo codice kod numer cislo numara sku номер код 番号
编号 編號 号 號 번호
"""
)
_NUMBERS: Final = frozenset({"nummer", "nr", "numero", "no", "number", "num", "id", "cislo", "numarasi"})
# Words of columns that describe a purchase, so that they never describe the customer.
_OF_PURCHASES: Final = frozenset(
    _WHEN
    | QUANTITY
    | PRICE
    | AMOUNT
    | _ORDER
    | _PRODUCT
    | _STORE
    | _CANCELLED
    | {"till", "terminal", "register", "promo", "promotion", "discount", "coupon", "voucher", "description", "tax"}
    | {"shipping", "cashier", "line", "time", "date", "category", "brand", "method", "msrp"}
)
_STOCKCODE: Final = "stockcode"
# How well a name fits that says both customer and id; e-mail addresses tell customers apart better than their names.
_SURELY, _WHO, _BY_E_MAIL, _BY_NAME, _ID_ALONE, _PERSON, _BY_CARD, _BY_FIRM = 12, 8, 6, 5, 4, 2, 1, 1
_LOGIN: Final = word_set("login nick username account konto")


def fit_customer(header: str) -> int:
    """Return how well a name fits the column that tells customers apart; 0 when not at all."""
    words = set(known_words(header))
    if words & _ABOUT_CUSTOMERS:
        return 0
    if names_customers(header):
        return _SURELY if words & WHO_WORDS else _ID_ALONE
    if "by" in words and words & _WHEN and not words & _OTHER_DATES:
        # "Booked by", "Ordered by": a name, as most tools write it.
        return _BY_NAME
    if names_an_email(header):
        return _BY_E_MAIL
    if names_who(header):
        return _BY_NAME if names_a_person(header) else _WHO
    if "to" in words and words & {"sold", "bill"}:
        # "Sold-to party", "Bill-to no."; their names tell less.
        return _BY_NAME if words & {"name", "address", "city"} else _SURELY
    if words & WHO_WORDS and words & (_NAMING | _LOGIN) and not words & _OF_PURCHASES:
        return _SURELY
    if names_a_person(header):
        return _PERSON
    if names_a_company(header):
        return _BY_FIRM
    return _BY_CARD if names_a_customer_card(header) else 0


def fit_date(header: str) -> int:
    """Return how well a name fits the date of a purchase."""
    words = set(known_words(header))
    if words & _OTHER_DATES or any(word.startswith(_FIRST_OR_LAST) for word in words):
        return 0
    return 2 if words & _WHEN else 1


def fit_recorded(header: str) -> int:
    """Return how well a name fits the day on which a shop recorded an order."""
    return int(bool(set(known_words(header)) & _RECORDED))


def fit_stay(header: str) -> int:
    """Return how well a name fits the first day of a stay or a journey, where no day of booking is known."""
    return int(bool(set(known_words(header)) & {"checkin", "arrival", "departure"}))


def fit_order(header: str) -> int:
    """Return how well a name fits what the lines of one order share."""
    words = known_words(header)
    if "line" in words or set(words) & {"date", "status", "type", "value", "count"}:
        return 0
    if len(words) == 1 and words[0] in _ORDER:
        return 1
    if any(_is_numbered_order(word) for word in words) or {"po"} < set(words) <= {"po"} | _NAMING:
        return 2
    return 2 if set(words) & _ORDER and set(words) & _NAMING else 0


def _is_numbered_order(word: str) -> bool:
    """Whether a word is one for an order run together with one for its number: Bonnummer, Buchungsnr, tilausnumero."""
    return any(
        word.startswith(order) and word[len(order) :].removeprefix("s") in _NUMBERS
        for order in _ORDER
        if len(order) < len(word)
    )


def fit_product(header: str) -> int:
    """Return how well a name fits the product."""
    words = set(known_words(header))
    if "".join(words_of(header)) == _STOCKCODE or words & {"sku", "ean", "isbn", "upc", "asin"}:
        return 3
    if "item" in words and words & {"name", "title"}:
        # "Lineitem name", as shops export it.
        words -= {"line"}
    if not words & _PRODUCT or words & (PRICE | AMOUNT | {"category", "discount", "type", "group", "count", "line"}):
        return 0
    return 2 if words & _NAMING else 1


def fit_store(header: str) -> int:
    """Return how well a name fits the store; its name rather than its number."""
    words = set(known_words(header))
    if not words & (_STORE - {_STOCKCODE}) or words & {"type", "size"}:
        return 0
    return 1 if words & _NAMING else 2


def fit_cancelled(header: str) -> int:
    """Return how well a name fits a mark of cancelled lines."""
    words = set(known_words(header))
    if words & REFUNDS and words & AMOUNT:
        # How much was paid back.
        return 0
    if words & _CANCELLED:
        return 2
    return int(bool(words & _STATUS) and words <= _STATUS | _ORDER | _WHEN | _OF_STATUS)


def may_describe_customers(header: str) -> bool:
    """Whether a column may hold something about the customer rather than about the purchase."""
    return names_a_birth(header) or not set(known_words(header)) & _OF_PURCHASES


# Of customers who are told apart by a name, fewer rows may be namesakes.
_ROWS_OF_A_NAME: Final = 2.0
# Fewer customers come back on the same days by chance.
_FEWEST_SNAPSHOTS: Final = 10
# Without names: customers have no more than 20 rows on average, and dates go back in one row of twenty at most.
_FEWEST_PER_ROW: Final = 0.05
_MOST_RUNS: Final = 1.1
_FEWEST_STEPS: Final = 5
_FORWARDS: Final = 0.95
_FEW_PIECES: Final = 20
# Orders are told by their lines where some have several; so few may be of two customers or days.
_FEWEST_ORDERS: Final = 5
_MOST_MIXED: Final = 0.01
_LOOKED_AT: Final = 20_000
# Beyond these, more columns about the customer make counting slow and say little.
_MOST_ATTRIBUTES: Final = 12


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
    if not ids_repeat(customer.distinct, n_known) or have_a_row_each(dataset, purchases):
        return None
    if are_snapshots(dataset, purchases):
        return None
    return Recognised(purchases, reason_for(purchases, customer.distinct, n_known))


def have_a_row_each(dataset: Dataset, purchases: Purchases) -> bool:
    """Whether another column names a customer on each row, as where households repeat in a file of customers."""
    n_rows = dataset.n_customers
    names = [each for each in dataset.columns if each.name != purchases.customer and not each.missing]
    sure = [each for each in names if recognition.fit_customer(each.header or each.name) >= _SURELY]
    if any(not ids_repeat(each.distinct, n_rows) for each in sure):
        return True
    # People and firms share names; whose rows hold nothing of a purchase but a day and money are as many as their ids.
    customer = dataset.column(purchases.customer)
    fit = recognition.fit_customer(customer.header or customer.name)
    if fit > _BY_NAME or purchases.order or purchases.product or purchases.quantity:
        return False
    own = [
        each
        for each in names
        if each.kind is ColumnKind.IDENTIFIER and not set(known_words(each.header or each.name)) & _OF_PURCHASES
    ]
    return n_rows < _ROWS_OF_A_NAME * customer.distinct and any(not ids_repeat(each.distinct, n_rows) for each in own)


def are_snapshots(dataset: Dataset, purchases: Purchases) -> bool:
    """Whether the rows are the same customers at several times, such as at the end of each month, and no purchases."""
    named = set(known_words(dataset.column(purchases.date).header or purchases.date)) & _WHEN
    if purchases.order or purchases.product or purchases.price or named:
        return False
    found = find_repeated_customers(dataset)
    return found is not None and found.kind is RepeatKind.SNAPSHOTS and found.n_customers >= _FEWEST_SNAPSHOTS


def ids_repeat(n_ids: int, n_rows: int) -> bool:
    """Whether customers have several rows each, as in purchases; `n_rows` are those with a customer."""
    return n_rows >= 2 and n_ids < UNIQUE_SHARE * n_rows


def find_purchases(
    dataset: Dataset, columns: Mapping[str, str] | None = None, returns: Returns | None = None
) -> Purchases:
    """Return the columns of purchases, whether or not customers come back.

    Parameters
    ----------
    columns
        The user's word: part ("customer", "date", "amount", …) to column; the other parts are found.
    returns
        Whether spend is net (SUBTRACTED) or gross (LEFT_OUT); net where nothing is said.

    Raises
    ------
    NoPurchasesError
        If there is no column for the customer, the date or the amount.
    UnknownColumnError, UnknownWordError
        If the table lacks a column that was named, or there is no such part.
    """
    purchases = _as_named(guess_purchases(dataset), columns or {}, dataset)
    purchases = replace(purchases, returns=returns or purchases.returns)
    absent = missing_parts(purchases)
    if absent:
        raise NoPurchasesError(absent)
    return purchases


def _as_named(found: Purchases, columns: Mapping[str, str], dataset: Dataset) -> Purchases:
    """Return what was found with the parts that the user has named; a column plays one part."""
    names = [column.name for column in dataset.columns]
    for role, column in columns.items():
        if role not in ROLES:
            raise UnknownWordError("a part of purchases", role, ROLES)
        if column not in names:
            raise UnknownColumnError([column], names)
    taken = set(columns.values())
    kept = {role: column for role, column in found.roles.items() if column not in taken}
    if "quantity" in columns and "price" not in columns and fit_price(_header(dataset, kept.get("amount", ""))):
        # What was taken for an amount for want of pieces is the price of one now.
        kept["price"] = kept.pop("amount")
    if "amount" in columns:
        kept = {role: column for role, column in kept.items() if role not in ("quantity", "price")}
    elif {"quantity", "price"} <= {*kept, *columns} or "price" in columns:
        # Who names pieces and price wants their product; who names pieces alone keeps the amount.
        kept.pop("amount", None)
    parts = {**dict.fromkeys(ROLES, ""), **kept, **columns}
    attributes = tuple(name for name in found.attributes if name not in taken)
    return Purchases(**parts, returns=found.returns, attributes=attributes)


def missing_parts(purchases: Purchases) -> tuple[str, ...]:
    """Return which of customer, date and amount have no column."""
    worth = purchases.amount or (purchases.quantity and purchases.price)
    found = {"customer": purchases.customer, "date": purchases.date, "amount": worth}
    return tuple(role for role, column in found.items() if not column)


def guess_purchases(dataset: Dataset) -> Purchases:
    """Return the columns that may hold purchases, empty where there is none for a part.

    Parameters
    ----------
    dataset
        The file's own rows.
    """
    nameless = all(column.name == f"Column {at}" for at, column in enumerate(dataset.columns, 1))
    if nameless and (found := _guess_by_values(dataset)):
        return found
    finder = _Finder(dataset)
    customer = finder.take_customer() or finder.take_e_mails()
    date = finder.take(recognition.fit_date, finder.is_dated)
    quantity = finder.take(fit_quantity, finder.measures)
    amount = finder.take(fit_amount, finder.measures)
    price = finder.take(fit_price, finder.measures)
    if not date and (amount or price):
        date = finder.take(fit_recorded, finder.is_dated) or finder.take(fit_stay, finder.is_dated)
    named = Purchases(
        customer,
        date,
        amount,
        quantity,
        price,
        order=finder.take(recognition.fit_order, _can_name),
        product=finder.take(recognition.fit_product, _can_name),
        store=finder.take(recognition.fit_store, _can_name),
        cancelled=finder.take(recognition.fit_cancelled, finder.is_a_mark),
    )
    settled = named
    if customer and price:
        settled = _settled(dataset, named, finder)
    elif (
        customer
        and quantity
        and amount
        and Worth(dataset, customer, named.order, named.product).is_of_a_piece(amount, quantity)
    ):
        # The same for a product however many are bought: what is called a value is the price of one.
        settled = replace(named, amount="", price=amount)
    if customer and date and not settled.order:
        settled = replace(settled, order=finder.take_order(customer, date))
    return replace(settled, returns=Returns.SUBTRACTED, attributes=finder.attributes())


def _settled(dataset: Dataset, named: Purchases, finder: "_Finder") -> Purchases:
    """Return the parts with what lines came to settled by the values: an amount, or pieces and the price of one."""
    worth = Worth(dataset, named.customer, named.order, named.product)
    amount, quantity, price = named.amount, named.quantity, named.price
    amounts = [amount, *finder.numeric(fit_amount)] if amount else []
    discounts = finder.numeric(lambda header: int(is_discount(header)))
    if not quantity:
        pieces = worth.pieces(finder.numeric_columns())
        # An order's total proves nothing of a line, and is no amount of it.
        of_lines = [one for one in amounts if not worth.is_of_the_order(one)]
        quantity = _pieces_of(dataset, worth, pieces, price, of_lines) or _called_amount(worth, price, of_lines)
        finder.drop(quantity)
        amounts = [one for one in amounts if one != quantity]
    if not quantity:
        return replace(named, amount=amount or price, price="")
    if not amount and not is_per_unit(_header(dataset, price)) and worth.is_of_a_piece(price, quantity) is False:
        # It grows with the pieces: what is called a price is the line's.
        return replace(named, amount=price, quantity=quantity, price="")
    proved = {one for one in amounts if worth.proves(one, quantity, price)}
    if proved and worth.is_weighed(quantity):
        # What is weighed was charged in whole coins, line by line.
        return replace(named, amount=next(one for one in amounts if one in proved), quantity=quantity, price="")
    for one in amounts:
        # Beside an amount that is pieces times price, what is above it holds a tax, and what is below a discount.
        if one not in proved and (
            worth.proves(one, quantity, price, discounts) or worth.is_near(one, quantity, price, taxed=not proved)
        ):
            return replace(named, amount=one, quantity=quantity, price="")
    # Of an amount that is not pieces times price nobody knows whether it is for the line or for the whole order.
    return replace(named, amount="", quantity=quantity)


def _pieces_of(dataset: Dataset, worth: Worth, pieces: list[Column], price: str, amounts: list[str]) -> str:
    """Return which column says how many were bought though its name does not; "" where none does."""
    if amounts:
        proved = [each.name for each in pieces if any(worth.proves(one, each.name, price) for one in amounts)]
        return proved[0] if proved else ""
    if not pieces:
        return ""
    if is_per_unit(_header(dataset, price)):
        return pieces[0].name
    # A price may be that of the line: a column counts pieces where its name or the values say so.
    if any(worth.grows_with(price, each.name) for each in pieces):
        return ""
    told = [each.name for each in pieces if names_a_unit(each) or worth.is_of_a_piece(price, each.name) is not None]
    return told[0] if told else ""


def _called_amount(worth: Worth, price: str, amounts: Sequence[str]) -> str:
    """Return which of the amounts is a number of pieces: "itemAmount", where another amount is that times the price."""
    for pieces in amounts:
        if any(worth.proves(one, pieces, price) for one in amounts if one != pieces):
            return pieces
    return ""


def doubts_about(dataset: Dataset, purchases: Purchases, named: Collection[str] = ()) -> tuple[Note, ...]:
    """Say what neither names nor values nor the user settle of what lines came to; nothing where all is settled.

    Parameters
    ----------
    named
        The parts whose columns are the user's word.
    """
    doubt = "" if MEASURES & set(named) else _doubt(dataset, purchases)
    doubts = [doubt, *_paid_back(dataset, purchases)]
    return tuple(Note(each, warning=True) for each in doubts if each)


def _paid_back(dataset: Dataset, purchases: Purchases) -> list[str]:
    """Say which columns hold money that was paid back and that no line of its own subtracts."""
    return [
        f"{column.name} says how much was paid back; it is not subtracted from what customers spent. Subtract it in "
        "the file, and name the result as amount."
        for column in dataset.columns
        if column.name not in purchases.roles.values()
        and _is_numeric(dataset, column)
        and (words := set(known_words(column.header or column.name))) & REFUNDS
        and not words & (QUANTITY | {"count"})
        and (dataset.frame[column.name].fillna(0) != 0).any()
    ]


def _doubt(dataset: Dataset, purchases: Purchases) -> str:
    worth = Worth(dataset, purchases.customer, purchases.order, purchases.product)
    taken = set(purchases.roles.values())
    free = [column for column in dataset.columns if column.name not in taken and _is_numeric(dataset, column)]
    amount, quantity, price = purchases.amount, purchases.quantity, purchases.price
    if amount and worth.is_of_the_order(amount):
        return (
            f"{amount} is the same on all lines of an order, as the total of an order is; it was added up line by "
            "line. Name the column with the amount of the line, or quantity and unit price."
        )
    if amount and fit_price(_header(dataset, amount)) and not quantity:
        pieces = worth.pieces(free)
        if pieces:
            names = " or ".join(each.name for each in pieces)
            return (
                f"Whether {amount} is the price of one piece is not certain; it was taken for what the line came to. "
                f"If {names} says how many were bought, name it as quantity and {amount} as unit price."
            )
        if is_per_unit(_header(dataset, amount)):
            return f"No column says how many were bought, so that each line counts as one piece at {amount}."
    if price and quantity and not amount and not fit_quantity(_header(dataset, quantity)):
        unit = names_a_unit(dataset.column(quantity))
        others = [each.name for each in worth.pieces(free) if names_a_unit(each) or not unit]
        if others:
            return (
                f"Whether {quantity} or {' or '.join(others)} says how many were bought is not certain; spend is "
                f"{quantity} × {price}. Name the right one as quantity."
            )
    return ""


def _header(dataset: Dataset, name: str) -> str:
    return name and (dataset.column(name).header or name)


def _guess_by_values(dataset: Dataset) -> Purchases | None:
    """Return the columns of purchases that have no names, as tills and course material write them; None for other rows.

    A customer's number that comes back, one column of dates that run forwards in each customer's rows or in the whole
    file, and money: customers with a date each have no such order.
    """
    finder = _Finder(dataset)
    dated = [column.name for column in dataset.columns if finder.is_dated(column)]
    coming = [column.name for column in dataset.columns if _may_be_customers(column, dataset.n_customers)]
    numeric = {column.name: dataset.frame[column.name] for column in dataset.columns if finder.is_numeric(column)}
    whole = {name: bool((numbers.dropna() % 1 == 0).all()) for name, numbers in numeric.items()}
    money = [name for name in numeric if not whole[name]]
    if len(dated) != 1 or not coming or not money:
        return None
    customer, date = coming[0], dated[0]
    if not _run_forwards(dataset.original[customer], dataset.frame[date]):
        return None
    pieces = [
        name for name in numeric if whole[name] and name not in coming and 0 < numeric[name].median() <= _FEW_PIECES
    ]
    quantity = pieces[0] if len(pieces) == 1 else ""
    return Purchases(customer, date, money[-1], quantity, returns=Returns.SUBTRACTED)


def _may_be_customers(column: Column, n_rows: int) -> bool:
    named = column.kind in {ColumnKind.CODE, ColumnKind.IDENTIFIER, ColumnKind.NUMBER, ColumnKind.TEXT}
    return named and not column.missing and _FEWEST_PER_ROW * n_rows <= column.distinct < UNIQUE_SHARE * n_rows


def _run_forwards(customers: pd.Series, dates: pd.Series) -> bool:
    """Whether dates rarely go back from a customer's row to the next one, or from each row of the file to the next."""
    order = customers.ne(customers.shift()).cumsum()
    together = order.iloc[-1] <= _MOST_RUNS * customers.nunique()
    again = (
        customers.eq(customers.shift()) if together else pd.Series(True, index=customers.index).shift(fill_value=False)
    )
    steps = dates.diff()[again].dropna()
    return len(steps) >= _FEWEST_STEPS and bool((steps >= pd.Timedelta(0)).mean() >= _FORWARDS)


def reason_for(purchases: Purchases, n_ids: int, n_rows: int) -> str:
    """Say why rows are taken for purchases."""
    worth = purchases.amount or f"{purchases.quantity} × {purchases.price}"
    named = f"a customer ({purchases.customer}), a date ({purchases.date}) and an amount ({worth})"
    return f"each row has {named}, and {n_ids:,} customers have {n_rows:,} rows"


def _can_name(column: Column) -> bool:
    return column.kind not in {ColumnKind.DATE, ColumnKind.MONEY, ColumnKind.PERCENTAGE, ColumnKind.PERSONAL}


def _is_numeric(dataset: Dataset, column: Column) -> bool:
    values = dataset.frame[column.name]
    named = column.kind in {ColumnKind.CODE, ColumnKind.IDENTIFIER}
    return pd.api.types.is_numeric_dtype(values.dtype) and not named


_TELL_NOBODY: Final = {ColumnKind.YES_NO, ColumnKind.CONSENT, ColumnKind.NEAR_EMPTY}


class _Finder:
    """The columns that have no part yet."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._left = list(dataset.columns)

    def take(self, fit: Callable[[str], int], suits: Callable[[Column], bool]) -> str:
        """Take the column whose name fits best, the first of equals; "" when none does."""
        return self._take_best([(fit(column.header or column.name), column) for column in self._left if suits(column)])

    def take_customer(self) -> str:
        """Take the column that tells customers apart best; "" when none does.

        A column of names may be called "Customer", as one of their numbers is.
        """
        fits = []
        for column in filter(self.tells_apart, self._left):
            fit = recognition.fit_customer(column.header or column.name)
            if fit == _WHO and column.kind is ColumnKind.PERSONAL:
                fit = _BY_NAME
            # Forms write "anonymous" in place of every address.
            elif fit <= _BY_E_MAIL and column.kind is ColumnKind.CONSTANT:
                fit = 0
            fits.append((fit, column))
        return self._take_best(fits)

    def _take_best(self, fits: list[tuple[int, Column]]) -> str:
        best = max(fits, key=lambda one: one[0], default=None)
        if best is None or not best[0]:
            return ""
        self._left.remove(best[1])
        return best[1].name

    def take_e_mails(self) -> str:
        """Take the only column of e-mail addresses, whatever it is called; "" where there is none, or several."""
        held = [column for column in self._left if column.reason == EMAILS]
        if len(held) != 1:
            return ""
        self._left.remove(held[0])
        return held[0].name

    def tells_apart(self, column: Column) -> bool:
        """Whether a column can tell customers apart: ids, names and e-mail addresses, not a few words for many rows."""
        header = column.header or column.name
        if column.kind is ColumnKind.PERSONAL:
            return recognition.fit_customer(header) > 0
        return _can_name(column) and column.kind not in _TELL_NOBODY

    def take_order(self, customer: str, date: str) -> str:
        """Take the column that tells orders apart by its values, whatever it is called; "" where none does.

        Lines that share such a value stand together, and are of one customer and one day.
        """
        original = self._dataset.original.iloc[:_LOOKED_AT]
        whose, _ = pd.factorize(original[customer].to_numpy())
        when, _ = pd.factorize(self._dataset.frame[date].iloc[:_LOOKED_AT].dt.normalize().to_numpy())
        for column in self._left:
            if not self._may_number_orders(column):
                continue
            codes, values = pd.factorize(original[column.name].to_numpy())
            n_runs = int(np.count_nonzero(np.diff(codes, prepend=-2)))
            n_several = int(np.count_nonzero(np.bincount(codes[codes >= 0]) > 1))
            if n_several < _FEWEST_ORDERS or n_runs > _MOST_RUNS * len(values):
                continue
            told = pd.DataFrame({"order": codes, "customer": whose, "day": when})
            if len(told.drop_duplicates()) <= (1 + _MOST_MIXED) * len(values):
                self._left.remove(column)
                return column.name
        return ""

    def _may_number_orders(self, column: Column) -> bool:
        """Whether a column may hold the numbers of orders: codes and whole numbers that measure nothing."""
        header = column.header or column.name
        words = set(known_words(header))
        if column.missing or not _can_name(column) or words & (_OF_PURCHASES - _ORDER - _WHEN - {"sku"}):
            return False
        cells = self._dataset.original[column.name].iloc[:_LOOKED_AT].astype("str")
        # A time of day tells orders apart as well.
        if not cells.str.contains(r"\d", regex=True).all() or cells.str.contains(":", regex=False).any():
            return False
        if not self.is_numeric(column):
            return True
        numbers = self._dataset.frame[column.name].iloc[:_LOOKED_AT]
        return bool((numbers % 1 == 0).all() and numbers.min() >= _FEWEST_ORDERS and len(words) > 0)

    def numeric_columns(self) -> list[Column]:
        """Return the columns that hold numbers and have no part yet."""
        return [column for column in self._left if self.measures(column)]

    def numeric(self, fit: Callable[[str], int]) -> list[str]:
        """Return those of them whose name fits, the best first."""
        fits = [(fit(column.header or column.name), column.name) for column in self.numeric_columns()]
        return [name for fitting, name in sorted(fits, key=lambda one: -one[0]) if fitting]

    def drop(self, name: str) -> None:
        """Forget a column that has a part now."""
        self._left = [column for column in self._left if column.name != name]

    def is_numeric(self, column: Column) -> bool:
        """Whether a column holds numbers that measure, or 0 and 1 for no and yes."""
        return _is_numeric(self._dataset, column)

    def measures(self, column: Column) -> bool:
        """Whether a column holds numbers that measure."""
        return self.is_numeric(column) and column.kind is not ColumnKind.YES_NO

    def is_a_mark(self, column: Column) -> bool:
        """Whether a column may mark lines: with words, or with a yes or a 1; how much was paid back is no mark."""
        if column.kind in {ColumnKind.DATE, ColumnKind.MONEY, ColumnKind.PERCENTAGE}:
            return False
        if not self.is_numeric(column):
            return True
        # Numbers of states are codes.
        named = recognition.fit_cancelled(column.header or column.name) > 1
        return named and bool(self._dataset.frame[column.name].dropna().isin([0, 1]).all())

    def is_dated(self, column: Column) -> bool:
        """Whether a column holds dates, be it the same one in every row."""
        held = column.kind in {ColumnKind.DATE, ColumnKind.CONSTANT}
        return held and pd.api.types.is_datetime64_any_dtype(self._dataset.frame[column.name].dtype)

    def attributes(self) -> tuple[str, ...]:
        """Return the columns left over that may describe the customer."""
        left = [
            column
            for column in self._left
            if column.kind is not ColumnKind.TEXT and recognition.may_describe_customers(column.header or column.name)
        ]
        described = [column.name for column in left if column.kind is not ColumnKind.PERSONAL]
        # Last, so that addresses and telephone numbers, by which customers are reached, crowd out nothing.
        contacts = [column.name for column in left if column.kind is ColumnKind.PERSONAL]
        return (*described[:_MOST_ATTRIBUTES], *contacts[:_MOST_ATTRIBUTES])
