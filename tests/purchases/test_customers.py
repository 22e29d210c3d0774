"""Purchase lines become customers."""

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter import Recipe, Result, assign_segments, fit_segmentation, read_frame, read_table
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.reading import NoCustomersError, NoPurchasesError, UnsuitableColumnError
from segmenter.io.export.csv import labelled_csv
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.prepare.suggest import choose_features, suggest_features
from segmenter.purchases.aggregate import RfmAggregator
from segmenter.purchases.customers import RowType, as_customers, customers_from, reconciliation
from segmenter.purchases.dictionary import to_chunk
from segmenter.purchases.recognition import find_purchases, recognise_purchases
from segmenter.purchases.spec import Purchases, Returns
from segmenter.recipe.recipe import Role, Transform
from segmenter.table.dataset import ColumnKind

HEADER = ["invoice_no", "invoice_date", "customer_id", "stock_code", "quantity", "unit_price", "shop_name", "country"]
# Two orders of Ann (three products, one twice), one order of Bob and its cancellation, one line of nobody,
# a gift to Ann, an order of Cid that he gave back in whole.
LINES = [
    ["100", "2024-01-01", "Ann", "pen", 2, 1.5, "North", "Norway"],
    ["100", "2024-01-01", "Ann", "ink", 1, 4.0, "North", "Norway"],
    ["101", "2024-01-08", "Ann", "pen", 1, 1.5, "North", "Norway"],
    ["101", "2024-01-08", "Ann", "pad", 1, 3.5, "North", "Norway"],
    ["102", "2024-01-03", "Bob", "pen", 10, 1.0, "South", "Italy"],
    ["C103", "2024-01-09", "Bob", "pen", -4, 1.0, "South", "Italy"],
    ["104", "2024-01-04", None, "ink", 1, 4.0, "South", "Italy"],
    ["105", "2024-01-10", "Ann", "bag", 1, 0.0, "South", "Norway"],
    ["106", "2024-01-05", "Cid", "pad", -1, 3.5, "North", "Norway"],
]


def lines_of(rows=LINES, header=HEADER):
    return read_frame(pd.DataFrame(rows, columns=header), "lines")


def purchases_of(**changes):
    return Purchases(
        **{
            "customer": "customer_id",
            "date": "invoice_date",
            "quantity": "quantity",
            "price": "unit_price",
            "order": "invoice_no",
            "product": "stock_code",
            "store": "shop_name",
            "attributes": ("country",),
            "returns": Returns.LEFT_OUT,
            **changes,
        }
    )


def table_of(**changes):
    return customers_from(lines_of(), purchases_of(**changes)).understood().frame.set_index("customer_id")


def test_a_customer_is_what_its_orders_add_up_to():
    ann = table_of().loc["Ann"]
    # The gift of 10 January cost nothing, so the last order is of the 8th and the snapshot the 9th.
    assert ann["recency_days"] == 1
    assert ann["orders"] == 2
    assert ann["spend"] == 2 * 1.5 + 4 + 1.5 + 3.5
    assert ann["average_order_value"] == 6
    assert ann["first_order"] == pd.Timestamp("2024-01-01")
    assert ann["last_order"] == pd.Timestamp("2024-01-08")
    assert ann["days_as_customer"] == 8
    assert ann["items"] == 5
    assert ann["distinct_products"] == 3
    assert ann["share_of_returns"] == 0
    assert ann["favourite_weekday"] == "Monday"
    assert ann["favourite_store"] == "North"
    assert ann["country"] == "Norway"


@pytest.mark.parametrize(("priced", "spend"), [(True, 3.02), (False, 3.015)])
def test_money_is_in_cents_but_where_the_amounts_themselves_are_finer(priced, spend):
    lines = [[f"{at}", f"2024-01-0{at + 1}", "Ann", "pen", 3, 0.335, "North", "Norway"] for at in range(3)]
    columns = {"quantity": "quantity", "price": "unit_price"}
    if not priced:
        lines = [[*line[:4], 1, 1.005, *line[6:]] for line in lines]
        columns = {"quantity": "", "price": "", "amount": "unit_price"}
    customers = customers_from(lines_of(lines), purchases_of(**columns)).understood().frame
    assert customers["spend"].tolist() == [pytest.approx(spend, abs=1e-9)]


def test_cancelled_lines_are_no_purchases_but_show_in_the_share_of_returns():
    bob = table_of().loc["Bob"]
    assert (bob["orders"], bob["spend"], bob["items"]) == (1, 10, 10)
    assert bob["share_of_returns"] == 0.5
    assert bob["last_order"] == pd.Timestamp("2024-01-03")


def test_money_given_back_lowers_the_spend_when_it_is_subtracted():
    customers = table_of(returns=Returns.SUBTRACTED)
    assert customers.loc["Bob", "spend"] == 6
    assert customers.loc["Cid", "spend"] == -3.5
    # A gift is neither an order nor a day to count from.
    assert (customers.loc["Ann", "orders"], customers.loc["Ann", "recency_days"]) == (2, 1)


def test_who_only_gave_something_back_has_no_order_no_dates_and_no_average():
    table = customers_from(lines_of(), purchases_of(returns=Returns.SUBTRACTED))
    cid = table.understood().frame.set_index("customer_id").loc["Cid"]
    assert cid["orders"] == 0
    assert cid[["recency_days", "first_order", "last_order", "days_as_customer", "average_order_value"]].isna().all()
    assert pd.isna(cid["favourite_weekday"])
    assert any("1 customer has no order left" in note.text for note in table.understood().notes)


def _retail(rows):
    return customers_from(
        lines_of([[*row[:3], row[3], row[4], row[5], "North", "Norway"] for row in rows]),
        purchases_of(returns=Returns.SUBTRACTED),
    )


def test_an_order_that_was_cancelled_in_whole_is_none():
    rows = [
        ["200", "2024-01-01", "Dee", "pen", 74215, 1.04],
        ["C201", "2024-01-01", "Dee", "pen", -74215, 1.04],
        ["202", "2024-02-01", "Eve", "pen", 3, 2.0],
        ["202", "2024-02-01", "Eve", "ink", 1, 4.0],
        ["203", "2024-03-01", "Eve", "pad", 1, 10.0],
        # The latest order that came to as much, not one after it and not two.
        ["C204", "2024-03-05", "Eve", "pad", -1, 10.0],
        ["205", "2024-04-01", "Eve", "pad", 1, 10.0],
        ["206", "2024-03-01", "Fay", "pad", 1, 10.0],
        ["C207", "2024-02-01", "Fay", "pad", -1, 10.0],
    ]
    table = _retail(rows)
    found = table.cells.set_index("customer_id")
    assert found["orders"].to_dict() == {"Dee": 0, "Eve": 2, "Fay": 1}
    assert found["spend"].to_dict() == {"Dee": 0.0, "Eve": 20.0, "Fay": 0.0}
    assert found.loc["Eve", "first_order"] == pd.Timestamp("2024-02-01")
    assert np.isnat(found["last_order"].to_numpy()).tolist() == [True, False, False]
    assert table.account.tally.orders_cancelled == 2


def test_money_is_rounded_to_its_smallest_coin():
    # 0.1 · 3 − 0.3 is 5.55e-17 as floats.
    rows = [["1", "2024-01-01", "A", "pen", 3, 0.1], ["2", "2024-01-02", "A", "ink", 1, 5.0]]
    back = [["C3", "2024-01-03", "A", "pen", -1, 0.3], ["C4", "2024-01-03", "A", "ink", -1, 5.0]]
    assert list(_retail([*rows, *back, ["5", "2024-01-03", "B", "pen", 1, 1.0]]).cells["spend"]) == [0.0, 1.0]


def test_amounts_finer_than_coins_are_kept():
    rows = [["A", "2024-01-01", 0.1234], ["A", "2024-01-02", 0.2341], ["B", "2024-01-02", 1.0004]]
    assert list(as_customers(lines_of(rows, ["customer_id", "order_date", "amount"])).frame["spend"]) == [
        0.3575,
        1.0004,
    ]


def test_a_sale_that_is_marked_as_cancelled_never_was_one():
    rows = [["A", "2024-01-01", 10.0, "paid"], ["A", "2024-01-02", 7.0, "cancelled"], ["B", "2024-01-02", 1.0, "paid"]]
    customers = as_customers(lines_of(rows, ["customer_id", "order_date", "amount", "order_status"]))
    assert list(customers.frame["spend"]) == [10.0, 1.0]
    assert any("1 are cancelled and are left out" in note.text for note in customers.notes)


@pytest.mark.parametrize("returns", list(Returns))
def test_the_lines_and_their_amounts_add_up(returns):
    table = customers_from(lines_of(), purchases_of(returns=returns), date(2024, 1, 9))
    found = reconciliation(table.account)
    lines = lines_of().frame
    amounts = lines["quantity"] * lines["unit_price"]
    *parts, whole = found.to_dict("records")
    assert whole["Lines"] == sum(each["Lines"] for each in parts) == len(lines)
    assert whole["Amount"] == pytest.approx(sum(each["Amount"] for each in parts)) == pytest.approx(amounts.sum())
    assert whole["In spend"] == pytest.approx(sum(each["In spend"] for each in parts))
    assert whole["In spend"] == pytest.approx(table.cells["spend"].sum())


def test_customers_without_a_purchase_are_counted_and_left_out():
    table = customers_from(lines_of(), purchases_of())
    assert list(table.cells["customer_id"]) == ["Ann", "Bob"]
    assert table.account.tally.customers_seen == 3
    assert any("1 customer has no purchase left" in note.text for note in table.understood().notes)


def test_every_line_is_counted_once():
    tally = customers_from(lines_of(), purchases_of()).account.tally
    assert (tally.lines, tally.purchases, tally.without_customer) == (9, 5, 1)
    assert (tally.cancelled, tally.returned, tally.free, tally.incomplete, tally.later) == (1, 1, 1, 0, 0)


def test_recency_counts_from_the_day_that_the_user_names_and_later_lines_do_not_count():
    table = customers_from(lines_of(), purchases_of(), date(2024, 1, 5))
    ann = table.understood().frame.set_index("customer_id").loc["Ann"]
    assert (ann["recency_days"], ann["orders"]) == (4, 1)
    assert table.account.tally.later == 4
    assert not table.account.is_default


def test_without_order_ids_an_order_is_a_day_of_purchases():
    assert table_of(order="").loc["Ann", "orders"] == 2
    same_day = [[*row[:1], "2024-01-01", *row[2:]] for row in LINES]
    customers = customers_from(lines_of(same_day), purchases_of(order="")).understood().frame
    assert set(customers["orders"]) == {1}


def test_the_same_order_number_in_two_shops_is_two_orders():
    rows = [["1", "2024-01-01", "Ann", "pen", 1, 1.0, shop, "Norway"] for shop in ("North", "South")]
    assert list(customers_from(lines_of(rows), purchases_of()).cells["orders"]) == [2]


def test_an_amount_is_taken_as_it_stands():
    rows = [["A", "2024-01-01", 5.25], ["A", "2024-01-02", 4.75], ["B", "2024-01-02", 1.0]]
    lines = lines_of(rows, ["customer_id", "order_date", "amount"])
    customers = as_customers(lines).frame
    assert list(customers["spend"]) == [10, 1]


def test_sums_of_cents_are_exact_however_many_there_are():
    rows = [["A", "2024-01-01", 0.1]] * 1_000 + [["B", "2024-01-01", 77183.6]] * 2
    customers = as_customers(lines_of(rows, ["customer_id", "order_date", "amount"])).frame
    assert list(customers["spend"]) == [100.0, 154367.2]


def test_a_column_that_changes_with_the_purchase_does_not_describe_the_customer():
    rows = [
        [f"{row}", f"2024-01-{1 + row:02d}", f"C{row % 5}", "x", 1, 2.0, "North", f"Land {row}"] for row in range(20)
    ]
    assert "country" not in customers_from(lines_of(rows), purchases_of()).cells.columns


def test_ids_are_kept_as_they_are():
    rows = [["00017", "2024-01-01", 5.0], ["00017", "2024-01-02", 4.0], ["BBID_20482", "2024-01-02", 1.0]]
    customers = as_customers(lines_of(rows, ["customer_id", "order_date", "amount"]))
    assert list(customers.original["customer_id"]) == ["00017", "BBID_20482"]
    assert customers.column("customer_id").kind is ColumnKind.IDENTIFIER


def test_each_column_says_what_it_measures():
    customers = customers_from(lines_of(), purchases_of()).understood()
    assert customers.column("recency_days").reason == "days from the last order to 2024-01-09"
    assert customers.column("spend").kind is ColumnKind.MONEY
    told = customers_from(lines_of(), purchases_of()).understood(kinds={"spend": ColumnKind.CODE})
    assert (told.column("spend").kind, told.column("spend").reason) == (ColumnKind.CODE, "as you said")


def test_the_convention_and_the_default_snapshot_are_said():
    notes = " ".join(note.text for note in customers_from(lines_of(), purchases_of()).understood().notes)
    assert "recency_days from the last order to 2024-01-09, the day after the last order" in notes
    assert "sum of quantity × unit_price over all orders, not their mean" in notes
    assert "1 have no customer id" in notes


def test_segments_are_formed_by_recency_orders_and_spend_with_long_tails_as_logarithm():
    random = np.random.default_rng(0)
    spend = np.exp(random.normal(3, 1.5, 400))
    rows = [[f"C{row % 150}", f"2024-01-{1 + row % 28:02d}", spend[row].round(2)] for row in range(400)]
    customers = as_customers(lines_of(rows, ["customer_id", "order_date", "amount"]))
    features = {each.column: each for each in suggest_features(customers)}
    assert {name for name, each in features.items() if each.segments} == {"recency_days", "orders", "spend"}
    assert features["spend"].transform is Transform.LOG
    assert features["recency_days"].transform is Transform.NONE
    assert features["average_order_value"].role is Role.DESCRIPTOR
    (items,) = (each for each in choose_features(customers, ("average_order_value",)) if each.segments)
    assert items.transform is Transform.LOG


def test_customers_named_by_personal_data_stay_personal():
    rows = [[f"ann{row % 4}@example.org", f"2024-01-{1 + row:02d}", 1.0 + row] for row in range(20)]
    lines = lines_of(rows, ["email", "order_date", "amount"])
    table = customers_from(lines, Purchases("email", "order_date", "amount"))
    assert table.understood().column("email").kind is ColumnKind.PERSONAL


def test_who_bought_can_be_reached_and_one_line_that_does_not_agree_holds_for_the_customer():
    rows = [
        [f"{number:03d}", f"p{number}@mail.com", says, f"2024-0{month}-1{number % 10}", 5.0 + number]
        for number in range(30)
        for month, says in enumerate(("yes", "no" if number % 3 == 0 else "yes", "yes"), 1)
    ]
    table = read_frame(pd.DataFrame(rows, columns=["customer_id", "email", "newsletter", "order_date", "amount"]))
    customers = as_customers(table, RowType.TRANSACTIONS)
    assert customers.column("email").kind is ColumnKind.PERSONAL
    assert customers.original["email"].tolist() == [f"p{number}@mail.com" for number in range(30)]
    assert customers.original["newsletter"].tolist() == ["no" if number % 3 == 0 else "yes" for number in range(30)]
    # Of those who left, yes is the no.
    left = table.original.assign(newsletter=table.original["newsletter"].replace({"yes": "no", "no": "yes"}))
    customers = as_customers(read_frame(left.rename(columns={"newsletter": "opt_out"})), RowType.TRANSACTIONS)
    assert customers.original["opt_out"].tolist() == ["yes" if number % 3 == 0 else "no" for number in range(30)]


@pytest.mark.parametrize(("latest", "told"), [("2024-03-05", False), ("2024-03-06", True)])
def test_an_order_of_today_is_not_dated_after_today(monkeypatch, latest, told):
    class Today(date):
        @classmethod
        def today(cls):
            return cls(2024, 3, 5)

    monkeypatch.setattr("segmenter.purchases.customers.date", Today)
    rows = [["A", "2024-01-01", 5.0], ["A", latest, 4.0], ["B", "2024-01-02", 1.0]]
    customers = as_customers(lines_of(rows, ["customer_id", "order_date", "amount"]), RowType.TRANSACTIONS)
    assert any("dated after today" in note.text for note in customers.notes) == told


def test_an_order_dated_never_is_told_and_breaks_nothing():
    rows = [["A", "2024-01-01", 5.0], ["A", "9999-12-31", 4.0], ["B", "2024-01-02", 1.0]]
    lines = lines_of(rows, ["customer_id", "order_date", "amount"])
    customers = as_customers(lines, RowType.TRANSACTIONS)
    assert any(note.warning and "dated after today" in note.text for note in customers.notes)
    table = customers_from(lines, find_purchases(lines), date(2024, 1, 3))
    assert list(table.cells["recency_days"]) == [2, 1]


def test_what_was_made_of_lines_is_exported_with_the_customers_own_ids():
    customers = customers_from(lines_of(), purchases_of(returns=Returns.SUBTRACTED)).understood()
    result = Result(customers, fit_segmentation(customers, Recipe(suggest_features(customers), 2)))
    written = pd.read_csv(io.BytesIO(labelled_csv(result)))
    assert list(written["customer_id"]) == ["Ann", "Bob", "Cid"]
    assert {"segment", "segment_name"} <= set(written.columns)
    again = from_bytes(to_bytes(result.segmentation))
    assert list(assign_segments(customers, again).segmentation.labels) == list(result.segmentation.labels)


WORDS = st.one_of(st.text(max_size=4), st.sampled_from(["NA", " A ", "A", "", "C1", "1", "cancelled", "=1+1"]))
AMOUNTS = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, float("nan"), float("inf"), 1e11, -1e11]))
ANY_LINE = st.tuples(WORDS, WORDS, st.integers(0, 10_000), AMOUNTS, AMOUNTS, WORDS, WORDS, WORDS)


@given(st.lists(ANY_LINE, min_size=1, max_size=12), st.sampled_from(list(Returns)))
def test_any_lines_become_customers_or_are_refused_in_words(rows, returns):
    names = ["customer_id", "invoice_no", "day", "quantity", "unit_price", "stock_code", "shop_name", "status"]
    table = pd.DataFrame(rows, columns=names)
    table["invoice_date"] = pd.to_datetime("2000-01-01") + pd.to_timedelta(table["day"], "D")
    purchases = purchases_of(cancelled="status", attributes=("stock_code",), returns=returns)
    try:
        made = customers_from(read_frame(table), purchases)
    except SegmenterError:
        return
    tally = made.account.tally
    each_once = (tally.without_customer, tally.incomplete, tally.later, tally.cancelled, tally.returned, tally.free)
    assert sum(each_once) + tally.purchases == tally.lines == len(rows)
    assert made.cells["customer_id"].is_unique
    assert (made.cells["recency_days"].dropna() >= 1).all()
    assert made.cells["recency_days"].isna().equals(made.cells["orders"] == 0)
    assert reconciliation(made.account)["Lines"].iloc[:-1].sum() == len(rows)
    assert made.understood().n_customers == len(made.cells)


def test_rows_that_are_customers_stay_as_they_are():
    rows = [[f"C{row}", "2024-01-01", 1.0] for row in range(30)]
    lines = lines_of(rows, ["customer_id", "order_date", "amount"])
    assert as_customers(lines) is lines
    assert as_customers(lines_of(), RowType.CUSTOMERS).n_customers == len(LINES)
    assert as_customers(lines, RowType.TRANSACTIONS).n_customers == 30


def test_what_is_wrong_is_said():
    with pytest.raises(NoPurchasesError, match="no column was found for a customer id"):
        as_customers(lines_of([["2024-01-01", 5.0]] * 3, ["order_date", "amount"]), RowType.TRANSACTIONS)
    with pytest.raises(UnknownColumnError):
        customers_from(lines_of(), purchases_of(price="cost"))
    with pytest.raises(UnsuitableColumnError, match="stock_code"):
        customers_from(lines_of(), purchases_of(price="stock_code"))
    with pytest.raises(UnsuitableColumnError, match="dates"):
        customers_from(lines_of(), purchases_of(date="shop_name"))
    with pytest.raises(NoCustomersError, match="9 lines"):
        customers_from(lines_of(), purchases_of(), date(2020, 1, 1))


def test_an_amount_beyond_all_reason_is_refused():
    rows = [["A", "2024-01-01", 1e16], ["A", "2024-01-02", 1.0]]
    with pytest.raises(UnsuitableColumnError, match="amount"):
        as_customers(lines_of(rows, ["customer_id", "order_date", "amount"]))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", ""]),
        st.integers(1, 28),
        st.integers(-3, 5),
        st.integers(0, 400).map(lambda cents: cents / 100),
        st.sampled_from(["pen", "ink", "pad"]),
        st.sampled_from(["1", "2", "3", "C4"]),
    ),
    min_size=1,
    max_size=30,
)


@given(ROWS)
def test_pandas_group_by_comes_to_the_same(rows):
    names = ["customer_id", "day", "quantity", "unit_price", "stock_code", "invoice_no"]
    table = pd.DataFrame(rows, columns=names)
    table["invoice_date"] = pd.to_datetime("2024-01-01") + pd.to_timedelta(table["day"], "D")
    bought = table[
        (table["customer_id"] != "")
        & (table["quantity"] > 0)
        & (table["unit_price"] > 0)
        & ~table["invoice_no"].str.startswith("C")
    ]
    # A mark C among ids of which most are not plain numbers marks nothing.
    if not len(bought) or table["invoice_no"].str.startswith("C").mean() >= 0.5:
        return
    groups = bought.assign(worth=bought["quantity"] * bought["unit_price"]).groupby("customer_id")
    expected = pd.DataFrame(
        {
            "orders": groups["invoice_no"].nunique(),
            "spend": groups["worth"].sum(),
            "items": groups["quantity"].sum(),
            "distinct_products": groups["stock_code"].nunique(),
            "last_order": groups["invoice_date"].max(),
            "first_order": groups["invoice_date"].min(),
        }
    )
    purchases = purchases_of(store="", attributes=())
    found = customers_from(read_frame(table), purchases).cells.set_index("customer_id")[list(expected)]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_index_type=False, check_names=False)


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_pieces_of_lines_change_a_customer(rows, random, step):
    if all(not row[0] for row in rows):
        return
    whole = _added_up(rows, len(rows))
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert whole.equals(_added_up(shuffled, step))


def _added_up(rows, step):
    # Amounts only: whether marks of cancellations count depends on the first piece, which a ledger refuses to mix.
    ledger = RfmAggregator(Purchases("c", "d", amount="a", product="p", returns=Returns.SUBTRACTED))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        dates = np.datetime64("2024-01-01", "us") + np.array([row[1] for row in part], "timedelta64[D]")
        ledger.add(
            to_chunk(
                pa.table(
                    {
                        "customer": pa.array([row[0] for row in part], pa.large_string()),
                        "date": dates,
                        "amount": [float(row[2] * row[3]) for row in part],
                        "product": pa.array([row[4] for row in part], pa.large_string()),
                    }
                )
            )
        )
    return ledger.finish()[0]


def test_the_retailer_has_4338_customers(shared_data):
    lines = read_table(shared_data / "online_retail.parquet")
    found = recognise_purchases(lines)
    assert found is not None
    net = customers_from(lines, found.purchases).cells.set_index("CustomerID")
    assert (net.loc["12346", "spend"], net.loc["12346", "orders"], len(net)) == (0, 0, 4_372)
    assert net.loc["12347", "spend"] == 4310.0
    # What customers are summed up to is what the file holds for them, to the cent.
    known = lines.frame[lines.frame["CustomerID"].notna()]
    assert net["spend"].sum() == pytest.approx((known["Quantity"] * known["UnitPrice"]).sum(), abs=0.5)
    assert not net["spend"].abs().between(1e-12, 0.005).any()
    table = customers_from(lines, replace(found.purchases, returns=Returns.LEFT_OUT))
    tally = table.account.tally
    assert len(table.cells) == 4_338
    assert (tally.without_customer, tally.cancelled_anywhere) == (135_080, 9_288)
    known = table.cells.set_index("CustomerID").loc["12347"]
    assert (known["orders"], known["spend"], known["recency_days"]) == (7, 4310.0, 3)


def test_the_shops_have_10410_customers_with_their_own_ids(shared_data):
    customers = as_customers(read_table(shared_data / "cproducts_bbid.csv"))
    assert customers.n_customers == 10_410
    assert "BBID_20400000" in set(customers.original["customerID"])
    assert customers.column("DOB").kind is ColumnKind.DATE


@pytest.mark.parametrize("name", ["Mall_Customers.csv", "Train.csv", "marketing_campaign.csv", "cc_general.csv"])
def test_files_of_customers_are_not_taken_for_purchases(shared_data, name):
    assert recognise_purchases(read_table(shared_data / name)) is None


def test_households_that_repeat_do_not_make_customers_purchases():
    rows = [[f"H{row % 9}", f"C{row}", f"2024-01-{1 + row % 28:02d}", 10.0 + row] for row in range(40)]
    assert recognise_purchases(lines_of(rows, ["household_id", "customer_id", "order_date", "total_spend"])) is None
    assert recognise_purchases(lines_of(rows, ["customer_id", "line", "last_order_date", "total_spend"])) is None
    assert recognise_purchases(lines_of(rows, ["customer_city", "line", "order_date", "total_spend"])) is None
    assert recognise_purchases(lines_of(rows, ["household_id", "line", "order_date", "total_spend"])) is not None


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            ["member_id", "transaction_date", "total_amount", "discount_amount", "receipt_no"],
            ["M1", "2024-01-01", 5.0, 1.0, "R1"],
            Purchases("member_id", "transaction_date", "total_amount", order="receipt_no", returns=Returns.SUBTRACTED),
        ),
        (
            ["Kundennummer", "Rechnungsdatum", "Betrag", "Filiale"],
            ["K1", "2024-01-01", 5.0, "Nord"],
            Purchases("Kundennummer", "Rechnungsdatum", "Betrag", store="Filiale", returns=Returns.SUBTRACTED),
        ),
        (
            ["CustomerID", "InvoiceDate", "Quantity", "UnitPrice", "Total", "OrderStatus"],
            ["C1", "2024-01-01", 2.0, 5.0, 10.0, "cancelled"],
            Purchases("CustomerID", "InvoiceDate", quantity="Quantity", price="UnitPrice", cancelled="OrderStatus"),
        ),
        (
            ["CUSTOMERNAME", "ORDERDATE", "QUANTITYORDERED", "PRICEEACH", "ORDERNUMBER", "PRODUCTCODE"],
            ["Shop ", "2024-01-01", 2.0, 5.0, "1", "P1"],
            Purchases("CUSTOMERNAME", "ORDERDATE", "", "QUANTITYORDERED", "PRICEEACH", "ORDERNUMBER", "PRODUCTCODE"),
        ),
        (
            ["Nom client", "Date commande", "Montant TTC", "N° commande"],
            ["Dupont ", "2024-01-01", 5.0, "C-1"],
            Purchases("Nom client", "Date commande", "Montant TTC", order="N° commande"),
        ),
        (
            ["e-mail", "fecha_pedido", "importe"],
            ["ana@example.org", "2024-01-01", 5.0],
            Purchases("e-mail", "fecha_pedido", "importe"),
        ),
        (
            ["klantnaam", "besteldatum", "bedrag", "artikel"],
            ["Jansen ", "2024-01-01", 5.0, "A1"],
            Purchases("klantnaam", "besteldatum", "bedrag", product="artikel"),
        ),
    ],
)
def test_columns_are_found_by_what_they_are_called(header, row, expected):
    rows = [[f"{row[0]}{at % 4}", f"2024-01-{1 + at:02d}", *row[2:]] for at in range(12)]
    # Numbers that never change would be constants.
    rows = [
        [*each[:2], *(cell + at if isinstance(cell, float) else cell for cell in each[2:])]
        for at, each in enumerate(rows)
    ]
    assert find_purchases(lines_of(rows, header)) == expected


def _nameless(order):
    """Lines of a till without names of columns: customer, day, pieces, amount."""
    pick = np.random.default_rng(3)
    lines = [
        (f"{customer:05d}", f"20240{month}{day:02d}", pieces, f"{amount:.2f}")
        for customer, month, day, pieces, amount in zip(
            pick.integers(400, 480, 300),
            pick.integers(1, 10, 300),
            pick.integers(1, 29, 300),
            pick.integers(1, 4, 300),
            pick.uniform(3, 90, 300),
            strict=True,
        )
    ]
    return sorted(lines, key=order) if order else lines


@pytest.mark.parametrize("order", [lambda line: line[:2], lambda line: line[1]], ids=["by customer", "by day"])
@pytest.mark.parametrize("width", [0, 12])
def test_lines_without_names_of_columns_are_recognised(order, width):
    text = "".join(
        ("".join(f"{value!s:>{width}}" for value in line) if width else ",".join(map(str, line))) + "\n"
        for line in _nameless(order)
    )
    found = recognise_purchases(read_table(text.encode()))
    assert found is not None
    parts = found.purchases
    assert (parts.customer, parts.date, parts.quantity, parts.amount) == (
        "Column 1",
        "Column 2",
        "Column 3",
        "Column 4",
    )


def test_customers_without_names_of_columns_are_no_lines():
    """Their days go back and forth, in whatever order the rows stand."""
    for order in (None, lambda line: line[0]):
        text = "".join(",".join(map(str, line)) + "\n" for line in _nameless(order))
        assert recognise_purchases(read_table(text.encode())) is None


def test_an_order_that_says_nothing_of_consent_is_a_no_and_its_further_lines_are_none():
    rows = []
    for number in range(30):
        for order in range(4):
            first = "" if number == 7 and order == 2 else "yes"
            # Shops write what belongs to an order on the first of its lines alone.
            rows += [[f"C{number}", said, f"O{number}-{order}", f"2024-0{1 + order}-11", 10.0] for said in (first, "")]
    table = read_frame(pd.DataFrame(rows, columns=["customer_id", "newsletter", "order_id", "order_date", "amount"]))
    customers = as_customers(table, RowType.TRANSACTIONS)
    agreed = customers.original.set_index("customer_id")["newsletter"] == "yes"
    assert agreed.index[~agreed].tolist() == ["C7"]
