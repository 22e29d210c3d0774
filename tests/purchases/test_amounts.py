"""What lines come to, in files of many trades: the totals are plain pandas' on what was written into the file."""

import numpy as np
import pandas as pd
import pytest

from segmenter import read_frame, read_table
from segmenter.purchases.customers import RowType, as_customers
from segmenter.purchases.recognition import find_purchases

N = 360


def trade(seed, *, least=1, most=12, weighed=False, returns=True):
    """Lines of a shop: who, order, day, product, pieces, price of one, amount, discount."""
    pick = np.random.default_rng(seed)
    n_orders = N // 3
    order = np.repeat(np.arange(n_orders), 3)
    product = pick.integers(0, 12, N)
    price = np.round(pick.uniform(2, 60, 12), 2)[product]
    pieces = np.round(pick.uniform(0.2, 9, N), 3) if weighed else pick.integers(least, most + 1, N)
    if returns:
        pieces = np.where(pick.random(N) < 0.05, -pieces, pieces)
    return pd.DataFrame(
        {
            "who": np.char.add("K", (1000 + pick.integers(0, 40, n_orders)).astype(str))[order],
            "order": 70_000 + order,
            "day": (pd.Timestamp("2025-01-02") + pd.to_timedelta(order, unit="D")).strftime("%Y-%m-%d"),
            "product": np.array([f"Article {chr(65 + at)}" for at in range(12)])[product],
            "pieces": pieces,
            "price": price,
            "amount": np.round(pieces * price, 2),
            "cut": pick.choice([0, 0, 0.1, 0.25], N),
            "other": pick.integers(1, 5, N),
        }
    )


def spend_of(written, names, sep=","):
    """What this program makes of a file: spend by customer, in order."""
    text = written.to_csv(index=False, sep=sep, decimal="," if sep == ";" else ".")
    customers = as_customers(read_table(text.encode(), "lines.csv"))
    assert "spend" in customers.frame.columns, customers.notes
    return customers, customers.frame.set_index(names[0])["spend"].sort_index()


def right(lines, amount):
    return amount.groupby(lines["who"].to_numpy()).sum().round(2).sort_index()


# Customer, order, date, product, pieces, price of one: trades and languages.
TRADES = [
    ("Customer", "Order", "Date", "Product", "Bottles", "Unit price"),
    ("Customer", "Booking", "Date", "Event", "Seats", "Price per seat"),
    ("Guest ID", "Reservation no", "Booking date", "Room", "Nights", "Nightly rate"),
    ("Client", "Invoice", "Invoice date", "Service", "Hours", "Hourly rate"),
    ("Account", "Order no", "Order date", "Item", "Cases", "Price each"),
    ("Member ID", "Receipt", "Date", "Class", "Tickets", "Ticket price"),
    ("Customer", "Order", "Date", "Product", "Widgets", "Unit Price (USD)"),
    ("Kunde", "Bestellung", "Datum", "Artikel", "Flaschen", "Einzelpreis"),
    ("Kundennummer", "Rechnung", "Rechnungsdatum", "Artikel", "Kisten", "Preis pro Stück"),
    ("Client", "Commande", "Date commande", "Produit", "Bouteilles", "Prix unitaire"),
    ("Client", "Facture", "Date", "Article", "Colis", "P.U. HT"),
    ("Cliente", "Pedido", "Fecha", "Producto", "Cajas", "Precio unitario"),
    ("Cliente", "Ordine", "Data ordine", "Prodotto", "Colli", "Prezzo unitario"),
    ("Cliente", "Pedido", "Data", "Produto", "Garrafas", "Preço unitário"),
    ("Klant", "Bestelling", "Besteldatum", "Artikel", "Flessen", "Stukprijs"),
    ("Klient", "Zamówienie", "Data zamówienia", "Produkt", "Butelki", "Cena jednostkowa"),
    ("Kund", "Order", "Orderdatum", "Produkt", "Flaskor", "Á-pris"),
    ("Zákazník", "Objednávka", "Datum", "Produkt", "Láhve", "Jednotková cena"),
    ("Müşteri", "Sipariş", "Tarih", "Ürün", "Kasa", "Birim fiyat"),
    ("Asiakas", "Tilaus", "Päivä", "Tuote", "Pullot", "Yksikköhinta"),
]


@pytest.mark.parametrize("names", TRADES, ids=lambda names: f"{names[4]} x {names[5]}")
@pytest.mark.parametrize("sep", [",", ";"])
def test_pieces_under_any_name_are_counted_beside_the_price_of_one(names, sep):
    lines = trade(len(names[4]))
    written = lines[["who", "order", "day", "product", "pieces", "price"]].set_axis(list(names), axis=1)
    customers, spend = spend_of(written, names, sep)
    pd.testing.assert_series_equal(spend, right(lines, lines["amount"]), check_names=False, check_index_type=False)
    assert not [note.text for note in customers.notes if "not certain" in note.text]


@pytest.mark.parametrize("unit", ["kg", "Hours", "Litres", "m2"])
def test_what_is_weighed_or_timed_has_fractions(unit):
    names = ["Customer", "Order", "Date", "Product", unit, "Unit price"]
    lines = trade(4, weighed=True)
    written = lines[["who", "order", "day", "product", "pieces", "price"]].set_axis(names, axis=1)
    _, spend = spend_of(written, names)
    exact = (lines["pieces"] * lines["price"]).groupby(lines["who"]).sum()
    assert np.abs(spend.to_numpy() - exact.sort_index().to_numpy()).max() < 0.02


@pytest.mark.parametrize("pieces", ["Bottles", "Widgets"])
@pytest.mark.parametrize("amount", ["Amount", "Line total", "Total"])
def test_an_amount_less_discount_is_what_the_line_came_to(pieces, amount):
    lines = trade(5)
    charged = np.round(lines["amount"] * (1 - lines["cut"]), 2)
    written = lines[["who", "order", "day", "product", "pieces", "price", "cut"]].assign(total=charged)
    names = ["Customer", "Order", "Date", "Product", pieces, "Unit price", "Discount", amount]
    _, spend = spend_of(written.set_axis(names, axis=1), names)
    pd.testing.assert_series_equal(spend, right(lines, charged), check_names=False)


def test_the_total_of_an_order_on_each_of_its_lines_is_not_added_up():
    lines = trade(6, returns=False)
    total = lines.groupby("order")["amount"].transform("sum").round(2)
    columns = ["who", "order", "day", "product", "pieces", "price"]
    names = ["Customer", "Order", "Date", "Product", "Bottles", "Unit price", "Total"]
    found = find_purchases(read_frame(lines[columns].assign(total=total).set_axis(names, axis=1)))
    assert (found.quantity, found.price, found.amount) == ("Bottles", "Unit price", "")
    # With nothing but the total, it is said.
    alone = lines[["who", "order", "day", "product"]].assign(total=total)
    alone.columns = ["Customer", "Order", "Date", "Product", "Total"]
    customers = as_customers(read_frame(alone))
    assert any(note.warning and "the same on all lines of an order" in note.text for note in customers.notes)


def test_a_price_that_grows_with_the_pieces_is_the_lines():
    lines = trade(7)
    written = lines[["who", "order", "day", "product", "pieces", "amount"]]
    names = ["Customer", "Order", "Date", "Product", "Quantity", "Price"]
    _, spend = spend_of(written.set_axis(names, axis=1), names)
    pd.testing.assert_series_equal(spend, right(lines, lines["amount"]), check_names=False)


@pytest.mark.parametrize("other", ["Age", "Rating", "Line", "Discount", "Week", "Installments"])
def test_small_whole_numbers_that_count_no_pieces_are_not_multiplied(other):
    lines = trade(8, returns=False)
    age = lines["who"].str[-2:].astype(int) % 40 + 20
    line = lines.groupby("order").cumcount() + 1
    values = {"Age": age, "Line": line}.get(other, lines["other"])
    written = lines[["who", "order", "day", "product"]].assign(other=values, price=lines["price"])
    names = ["Customer", "Order", "Date", "Product", other, "Unit price"]
    customers, spend = spend_of(written.set_axis(names, axis=1), names)
    pd.testing.assert_series_equal(spend, right(lines, lines["price"]), check_names=False)
    assert any("each line counts as one piece" in note.text for note in customers.notes)


def _doubtful():
    lines = trade(9, returns=False)
    written = lines[["who", "order", "day", "product", "pieces", "other", "price"]]
    names = ["Customer", "Order", "Date", "Product", "Widgets", "Gadgets", "Unit price"]
    return lines, read_frame(written.set_axis(names, axis=1))


def test_what_nothing_settles_is_said_until_the_user_settles_it():
    lines, table = _doubtful()
    said = [note.text for note in as_customers(table).notes if note.warning]
    assert any("Whether Widgets or Gadgets says how many were bought is not certain" in text for text in said)
    named = as_customers(table, RowType.TRANSACTIONS, columns={"quantity": "Gadgets"})
    assert not any("not certain" in note.text for note in named.notes)
    spend = named.frame.set_index("Customer")["spend"].sort_index()
    pd.testing.assert_series_equal(spend, right(lines, lines["other"] * lines["price"]), check_names=False)


def test_two_columns_of_which_an_amount_proves_one():
    lines, table = _doubtful()
    found = find_purchases(read_frame(table.frame.assign(Amount=(lines["other"] * lines["price"]).round(2))))
    assert (found.quantity, found.price) == ("Gadgets", "Unit price")


def test_named_pieces_and_price_count_instead_of_an_amount():
    lines = trade(10, returns=False)
    names = ["Customer", "Order", "Date", "Product", "Anything", "Money", "Amount"]
    written = lines[["who", "order", "day", "product", "pieces", "price", "other"]].set_axis(names, axis=1)
    table = read_frame(written)
    said = {"quantity": "Anything", "price": "Money"}
    spend = as_customers(table, columns=said).frame.set_index("Customer")["spend"].sort_index()
    pd.testing.assert_series_equal(spend, right(lines, lines["amount"]), check_names=False)
    # Pieces alone are the items; the amount stays what it is.
    found = find_purchases(table, {"quantity": "Anything"})
    assert (found.amount, found.quantity, found.price) == ("Amount", "Anything", "")


def test_what_goes_back_gives_money_back_whatever_sign_the_amount_has():
    rows = [
        ["K1", "1", "2025-01-01", 3, 30.0],
        ["K1", "2", "2025-01-02", -1, 10.0],
        ["K2", "3", "2025-01-03", 2, 8.0],
        ["K2", "4", "2025-01-04", -1, -4.0],
    ]
    table = read_frame(pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "quantity", "amount"]))
    customers = as_customers(table, RowType.TRANSACTIONS)
    assert customers.frame["spend"].tolist() == [20.0, 4.0]


# How shops and their programs write order lines: customer, order, day, product, pieces, price, amount of the line (with
# "+tax": that amount with tax on it; "order": the order's total on each line), and what the numbers come to.
EXPORTS = [
    ("Email", "Name", "Created at", "Lineitem name", "Lineitem quantity", "Lineitem price", {}),
    (
        "Email (Billing)", "Order Number", "Order Date", "Item Name", "Quantity (- Refund)", "Item Cost",
        {"Order Total Amount": "order"},
    ),
    ("Auftraggeber", "Verkaufsbeleg", "Belegdatum", "Material", "Auftragsmenge", "Nettopreis", {"Nettowert": "line"}),
    ("Kunde", "Beleg", "Belegdatum", "Artikel", "Auftragsmenge", "Verkaufspreis", {}),
    (
        "Sell-to Customer No.", "Document No.", "Posting Date", "Description", "Quantity", "Unit Price",
        {"Amount": "line", "Amount Including VAT": "tax"},
    ),
    ("Buyer", "Order ID", "Sale Date", "Item Name", "Quantity", "Sale price", {"Item Total": "line"}),
]  # fmt: skip


@pytest.mark.parametrize("names", EXPORTS, ids=lambda names: names[5])
def test_exports_of_shops_come_to_what_was_charged(names):
    lines = trade(21, returns=False)
    *names, further = names
    written = lines[["who", "order", "day", "product", "pieces", "price"]].set_axis(names, axis=1)
    amounts = {
        "line": lines["amount"],
        "tax": (lines["amount"] * 1.2).round(2),
        "order": lines.groupby("order")["amount"].transform("sum").round(2),
    }
    for name, kind in further.items():
        written[name] = amounts[kind]
    written[names[0]] = written[names[0]].str.lower() + "@example.org" if "mail" in names[0] else written[names[0]]
    customers, spend = spend_of(written, names)
    assert spend.round(2).tolist() == right(lines, lines["amount"]).tolist()
    assert not [note.text for note in customers.notes if note.warning]


@pytest.mark.parametrize(
    ("customer", "order", "amount"),
    [
        ("Kundnr", "Ordernr", "Belopp"),
        ("Spendernummer", "Spendennr", "Spendenbetrag"),
        ("Debtor", "PO Number", "Net amount"),
        ("Asiakasnumero", "Tilausnumero", "Summa"),
        ("Nr klienta", "Nr zamówienia", "Wartość"),
        ("Kundennummer", "Bonnummer", "Bruttoumsatz"),
        ("Guest ID", "Booking ref", "Total charge"),
    ],
)
def test_customers_and_orders_are_known_by_the_numbers_of_their_trade(customer, order, amount):
    lines = trade(22, returns=False)
    written = lines[["who", "order", "day", "amount"]].set_axis([customer, order, "Date", amount], axis=1)
    found = find_purchases(read_frame(written))
    assert (found.customer, found.amount) == (customer, amount)
    assert found.order == order
