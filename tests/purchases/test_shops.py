"""Exports of shops, tills and accounts: who bought, in which order, for how much, whatever the tool calls it."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from segmenter import read_frame, read_table
from segmenter.purchases.customers import as_customers
from segmenter.purchases.dictionary import say_cancelled
from segmenter.purchases.recognition import find_purchases, recognise_purchases
from tests.purchases.test_amounts import right, trade

# Customer, order, date, product, pieces, price of one, amount; empty where the tool writes none.
TOOLS = {
    "sap": ("Auftraggeber", "Verkaufsbeleg", "Belegdatum", "Material", "Auftragsmenge", "Nettopreis", "Nettowert"),
    "sap english": ("Sold-To Pt", "Sales Doc.", "Created On", "Material", "Order Quantity", "Net price", "Net Value"),
    "magento": ("customer_email", "increment_id", "created_at", "sku", "qty_ordered", "price", "row_total"),
    "shopify": ("Email", "Name", "Created at", "Lineitem name", "Lineitem quantity", "Lineitem price", ""),
    "till": ("Card number", "Receipt No", "Date", "Article", "Qty", "", "Amount"),
    "french till": ("Carte fidélité", "Ticket", "Date", "Libellé", "Quantité", "Prix unitaire TTC", "Montant TTC"),
    "german till": ("Kundenkarte", "Bon-Nr.", "Buchungsdatum", "Bezeichnung", "Menge", "EP", "GP"),
    "polish shop": ("Login kupującego", "Numer zamówienia", "Data złożenia", "Nazwa", "Liczba sztuk", "Cena", ""),
    "brazilian shop": ("E-mail", "Número do Pedido", "Data", "Produto", "Quantidade Comprada", "Valor do Produto", ""),
    "czech shop": ("email", "code", "date", "itemName", "itemAmount", "itemUnitPriceWithVat", "itemTotalPriceWithVat"),
    "italian bills": ("Ragione sociale", "Numero", "Data", "Descrizione", "Quantità", "Prezzo", "Imponibile"),
    "navision": (
        "Sell-to Customer No.", "Document No.", "Posting Date", "Description", "Quantity", "Unit Price", "Line Amount",
    ),
    "russian": ("Контрагент", "Номер заказа", "Дата", "Номенклатура", "Кол-во", "Цена", "Сумма"),
    "chinese": ("买家会员名", "订单编号", "订单创建时间", "宝贝标题", "宝贝总数量", "单价", "买家实际支付金额"),
    "japanese": ("会員番号", "注文番号", "注文日時", "商品名", "個数", "単価", "小計"),
    "korean": ("구매자ID", "주문번호", "주문일시", "상품명", "수량", "상품가격", "총 주문금액"),
}  # fmt: skip
ENCODINGS = {"chinese": "gb18030", "japanese": "cp932", "korean": "cp949", "russian": "cp1251"}


@pytest.mark.parametrize("tool", TOOLS)
def test_lines_are_added_up_by_customer_and_order(tool):
    lines = trade(len(tool), returns=False)
    # Two orders of a customer on one day: only the orders' numbers tell them apart.
    lines["day"] = lines["day"].where(lines["order"] % 2 == 0, "2026-05-05")
    if "mail" in TOOLS[tool][0].lower():
        lines["who"] = lines["who"].str.lower() + "@example.com"
    told = lines if tool != "shopify" else lines.assign(order="#" + lines["order"].astype(str))
    columns = ("who", "order", "day", "product", "pieces", "price", "amount")
    names = {column: name for column, name in zip(columns, TOOLS[tool], strict=True) if name}
    written = told[list(names)].rename(columns=names)
    content = written.to_csv(index=False).encode(ENCODINGS.get(tool, "utf-8"))

    read = read_table(content, "export.csv")
    assert [note.text for note in read.notes if "UTF-8" in note.text] == []
    customers = as_customers(read)
    found = customers.frame.set_index(TOOLS[tool][0])

    pd.testing.assert_series_equal(
        found["spend"].sort_index(), right(lines, lines["amount"]), check_names=False, atol=0.005
    )
    orders = lines.groupby("who")["order"].nunique()
    pd.testing.assert_series_equal(found["orders"].sort_index(), orders, check_names=False, check_dtype=False)


def test_net_sales_are_spend_where_gross_sales_stand_beside_them():
    lines = trade(31, returns=False)
    cut = np.round(lines["amount"] * 0.1, 2)
    written = pd.DataFrame(
        {
            "Date": lines["day"], "Qty": lines["pieces"], "Gross Sales": lines["amount"], "Discounts": -cut,
            "Net Sales": lines["amount"] - cut, "Transaction ID": lines["order"], "Customer ID": lines["who"],
        }
    )  # fmt: skip
    found = as_customers(read_frame(written)).frame.set_index("Customer ID")["spend"].sort_index()
    np.testing.assert_allclose(found, right(lines, lines["amount"] - cut))


def test_what_is_weighed_comes_to_what_was_charged():
    lines = trade(32, weighed=True)
    names = {"who": "Customer", "order": "Receipt", "day": "Date", "pieces": "kg", "price": "Price", "amount": "Total"}
    found = as_customers(read_frame(lines[list(names)].rename(columns=names))).frame.set_index("Customer")["spend"]
    np.testing.assert_allclose(found.sort_index(), right(lines, lines["amount"]), atol=1e-9)


def test_money_paid_back_beside_the_amount_is_said():
    lines = trade(33, returns=False)
    written = pd.DataFrame(
        {"Customer ID": lines["who"], "Created": lines["day"], "Amount": lines["amount"],
         "Amount Refunded": np.where(np.arange(len(lines)) % 9 == 0, lines["amount"], 0.0)}
    )  # fmt: skip
    dataset = read_frame(written)
    assert find_purchases(dataset).cancelled == ""
    assert any("Amount Refunded says how much was paid back" in note.text for note in as_customers(dataset).notes)
    nothing = as_customers(read_frame(written.assign(**{"Amount Refunded": 0.0})))
    assert not any("paid back" in note.text for note in nothing.notes)


@pytest.mark.parametrize(
    "marks",
    [
        "storniert nein versandt", "annulé livré", "anulado entregado", "annullato evaso", "cancelado enviado",
        "geannuleerd verzonden", "anulowane wysłane", "makulerad skickad", "stornováno odesláno",
        "iptal teslim", "отменен доставлен", "キャンセル 発送済み", "已取消 交易成功", "취소 배송완료", "Failed Paid",
    ],
)  # fmt: skip
def test_a_status_says_in_many_languages_that_an_order_was_cancelled(marks):
    words = pl.Series(marks.split())
    assert say_cancelled(words).tolist() == [True] + [False] * (len(words) - 1)


@pytest.mark.parametrize("mark", ["nicht storniert", "non annulé", "no devuelto", "niet geretourneerd", "не отменен"])
def test_a_no_before_it_says_that_it_was_not(mark):
    assert not say_cancelled(pl.Series([mark]))[0]


def test_numbers_of_a_status_mark_no_cancellations():
    lines = trade(34, returns=False)
    written = pd.DataFrame(
        {"Customer ID": lines["who"], "Date": lines["day"], "Amount": lines["amount"], "Status": lines["other"]}
    )
    assert find_purchases(read_frame(written)).cancelled == ""


def test_namesakes_of_a_customer_file_are_no_customers_with_purchases():
    pick = np.random.default_rng(35)
    people = pd.DataFrame(
        {
            "Contact": [f"{pick.integers(16**7, 16**8):x}-4f1c-eb11" for _ in range(240)],
            "Full name": pick.choice([f"{a} {b}" for a in ("Mia", "Ben", "Zoe") for b in ("Li", "Ray", "Ott")] * 18
                                     + [f"Ana Roe{n}" for n in range(160)], 240),
            "Created": pd.date_range("2024-01-01", periods=240).strftime("%Y-%m-%d"),
            "Revenue": pick.gamma(2, 900, 240).round(2),
        }
    )  # fmt: skip
    assert recognise_purchases(read_frame(people)) is None
    assert recognise_purchases(read_frame(people.assign(Revenue=1).rename(columns={"Revenue": "Jahresumsatz"}))) is None


NAMESAKES = (
    "Ida Weber", "Ben Costa", "Mia Rossi", "Tom Lund", "Eva Smith", "Jan Novak", "Lea Meyer", "Max Silva", "Ana Bauer",
)  # fmt: skip


def test_a_column_of_names_called_customer_gives_way_to_addresses():
    """Two people share a name, and only their mailboxes tell them apart."""
    lines = trade(41, returns=False)
    mail = lines["who"].str.lower() + "@example.com"
    names = lines["who"].map({who: NAMESAKES[at % 9] for at, who in enumerate(lines["who"].unique())})
    written = pd.DataFrame({"Customer": names, "Date": lines["day"], "Эл. почта": mail, "Amount": lines["amount"]})
    assert recognise_purchases(read_frame(written)).purchases.customer == "Эл. почта"
    ids = written.assign(**{"Customer No": lines["who"]})
    assert recognise_purchases(read_frame(ids)).purchases.customer == "Customer No"


def test_bookings_go_by_whoever_booked_at_the_price_of_the_whole():
    random = np.random.default_rng(42)
    nights, each = random.integers(1, 6, 150), random.integers(40, 300, 150)
    who = random.choice(["Ida Weber", "Ben Costa", "Mia Rossi", "Tom Lund", "Eva Smith", "Jan Novak"], 150)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(150), unit="D")
    written = pd.DataFrame(
        {
            "Book number": np.arange(150) + 31000000, "Booked by": who, "Check-in": day + pd.Timedelta("20D"),
            "Booked on": day, "Price": nights * each, "Commission Amount": nights * each * 0.15, "Nights": nights,
        }
    )  # fmt: skip
    found = recognise_purchases(read_frame(written)).purchases
    assert (found.customer, found.date, found.amount, found.quantity) == ("Booked by", "Booked on", "Price", "")


def test_answers_of_a_form_are_no_purchases():
    """The mailbox says "anonymous" in every row, and a box to tick is called price."""
    random = np.random.default_rng(43)
    chosen = [["Preis;", "Qualität;", "Preis;Service;", "Qualität;Service;"][at] for at in random.integers(0, 4, 120)]
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(120), unit="h")
    written = pd.DataFrame(
        {"ID": np.arange(1, 121), "Startzeit": day, "E-Mail": "anonymous", "Was ist Ihnen wichtig?": chosen}
    )
    assert recognise_purchases(read_frame(written)) is None


@pytest.mark.parametrize("day", ["Дата последней покупки", "Ostatni zakup", "最終購入日", "Senaste köp"])
def test_the_day_of_the_last_purchase_makes_no_lines_of_customers(day):
    random = np.random.default_rng(44)
    names = random.choice(["Ida Weber", "Ben Costa", "Mia Rossi", "Tom Lund", "Eva Smith"], 120)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(random.integers(0, 300, 120), unit="D")
    written = pd.DataFrame({"ФИО": names, day: days, "Сумма покупок": random.gamma(2, 900, 120).round(2)})
    assert recognise_purchases(read_frame(written)) is None
