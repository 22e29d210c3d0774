"""Lines of purchases on the Data page, used as a visitor uses it."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from segmenter import Recipe, fit_segmentation, suggest_features
from segmenter.io.model.format import to_bytes
from segmenter.purchases.customers import CustomerTable
from segmenter.purchases.spec import Returns
from segmenter.recipe.recipe import Transform
from segmenter.table.dataset import ColumnKind
from tests.ui.test_pages import columns_list

PAGE = "segmenter/ui/pages/{}.py"
SAID = ("metric", "markdown")
HEADER = "customer_id,order_id,order_date,quantity,unit_price,shop"


def lines():
    rows = [
        f"BBID_{row % 60:03d},{1000 + row // 2},2024-{1 + row % 12:02d}-{1 + row % 28:02d},"
        f"{1 + row % 4},{50_000 if row == 7 else 3 + row % 11}.50,{['North', 'South'][row % 2]}"
        for row in range(400)
    ]
    return "\n".join([HEADER, *rows, ",2000,2024-05-05,1,2.50,North", ""]).encode()


@pytest.fixture
def turned():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("lines.csv", lines(), "text/csv")).run()
    assert not app.exception
    return app


@pytest.fixture
def app(turned):
    """The app after the way back to the lines."""
    turned.button(key="purchases_back").click().run()
    assert not turned.exception
    return turned


def session_of(app):
    return app.session_state["segmenter"]


def texts(elements):
    return " ".join(str(each.value) for each in elements)


def test_lines_are_recognised_and_offered_as_customers_with_the_reason(app):
    said = texts(app.markdown)
    assert "This looks like purchases, not customers" in said
    assert "60 customers have 400 rows" in said
    assert app.metric[0].label == "Lines"
    assert session_of(app).dataset.n_customers == 401


def test_next_never_goes_on_with_lines(app):
    assert app.button(key="step_next").disabled
    app.switch_page(PAGE.format("prepare")).run()
    assert "not one for each customer yet" in texts(app.warning)
    assert not app.multiselect
    app.switch_page(PAGE.format("data")).run()
    app.button(key="purchases_keep").click().run()
    assert not app.button(key="step_next").disabled
    assert session_of(app).dataset.n_customers == 401


def test_net_and_gross_are_one_click_apart():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    back = b"BBID_001,C2001,2024-12-20,-3,6.50,North\n"
    app.file_uploader[0].set_value(("lines.csv", lines() + back, "text/csv")).run()
    net = session_of(app).dataset.frame.set_index("customer_id")["spend"]
    app.radio(key="purchases_returns").set_value(Returns.LEFT_OUT).run()
    assert not app.exception
    assert "spend is gross" in texts(app.info)
    gross = session_of(app).dataset.frame.set_index("customer_id")["spend"]
    assert (gross - net)[(gross - net).abs() > 0.005].round(2).to_dict() == {"BBID_001": 19.5}


def test_one_click_turns_lines_into_customers_and_another_one_back(turned):
    assert session_of(turned).dataset.n_customers == 60
    assert "401 lines became 60 customers" in texts(turned.markdown)
    assert "1 have no customer id" in texts(turned.info)
    assert "to 2024-12-29, the day after the last order" in texts(turned.info).replace("\\", "")
    assert turned.metric[0].label == "Customers"
    # What came of the lines stands before how they were added up, and its days have no time of day.
    drawn = [each.label if each.type == "metric" else each.value for each in (*turned.main,) if each.type in SAID]
    assert drawn.index("Customers") < next(n for n, words in enumerate(drawn) if "lines became" in words)
    shown = next(table.value for table in turned.dataframe if "last_order" in table.value)
    assert {len(str(day)) for day in shown["last_order"]} == {len("2024-12-28")}
    # A browser that shows the day of an earlier file is told this one's.
    assert turned.date_input(key="purchases_snapshot").proto.set_value
    turned.button(key="purchases_back").click().run()
    assert session_of(turned).dataset.n_customers == 401
    assert session_of(turned).file.rows is None
    turned.button(key="purchases_turn").click().run()
    assert session_of(turned).dataset.n_customers == 60


def test_the_snapshot_date_can_be_changed_and_set_back(turned):
    before = session_of(turned).dataset.frame["recency_days"]
    turned.date_input(key="purchases_snapshot").set_value(date(2025, 1, 8)).run()
    assert not turned.exception
    assert (session_of(turned).dataset.frame["recency_days"] - before == 10).all()
    turned.button(key="purchases_default").click().run()
    assert session_of(turned).dataset.frame["recency_days"].equals(before)


def test_an_impossible_snapshot_date_is_explained_and_changes_nothing(turned):
    turned.date_input(key="purchases_snapshot").set_value(date(1999, 1, 1)).run()
    assert not turned.exception
    assert "None of the 401 lines is a purchase" in texts(turned.error)
    assert session_of(turned).dataset.n_customers == 60


def test_columns_can_be_chosen_before_and_after(app):
    app.selectbox(key="purchases_store").set_value("").run()
    app.button(key="purchases_turn").click().run()
    assert "favourite_store" not in session_of(app).dataset.frame.columns
    app.selectbox(key="purchases_store").set_value("shop").run()
    assert not app.exception
    assert "favourite_store" in session_of(app).dataset.frame.columns


def test_a_part_without_a_column_is_asked_for(app):
    app.selectbox(key="purchases_price").set_value("").run()
    app.button(key="purchases_turn").click().run()
    assert "no column was found for an amount" in texts(app.error)
    assert session_of(app).file.rows is None


def test_the_meaning_of_a_customers_column_can_be_changed_without_losing_the_way_back(turned):
    dataset = session_of(turned).dataset
    row = [column.name for column in dataset.columns].index("orders")
    edits = {"edited_rows": {row: {"Taken for": "code"}}, "added_rows": [], "deleted_rows": []}
    turned.session_state[f"kind_table_{dataset.fingerprint[:12]}"] = edits
    turned.run()
    assert not turned.exception
    assert session_of(turned).dataset.column("orders").kind is ColumnKind.CODE
    assert isinstance(session_of(turned).file.cells, CustomerTable)
    assert session_of(turned).file.rows is not None


def test_the_rest_of_the_way_works_with_the_customers(turned):
    turned.switch_page(PAGE.format("prepare")).run()
    assert not turned.exception
    assert columns_list(turned).value == ["recency_days", "orders", "spend"]
    spend = next(each for each in session_of(turned).features if each.column == "spend")
    assert spend.transform is Transform.LOG
    session_of(turned).k_range = (2, 4)
    turned.switch_page(PAGE.format("choose")).run()
    session_of(turned).jobs.job.wait(180)
    turned.run()
    turned.switch_page(PAGE.format("segments")).run()
    if (job := session_of(turned).jobs.job) is not None:
        job.wait(180)
    turned.run()
    assert not turned.exception
    assert list(session_of(turned).result.latest.labelled()["customer_id"][:2]) == ["BBID_000", "BBID_001"]


def test_rows_that_are_customers_get_no_offer():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.button(key="sample_mall").click().run()
    assert "purchases" not in texts(app.markdown)
    assert not [button for button in app.button if button.key == "purchases_turn"]


def test_next_months_lines_are_placed_in_a_model_made_of_purchases(turned):
    customers = session_of(turned).dataset
    model = fit_segmentation(customers, Recipe(suggest_features(customers), 3))
    turned.switch_page(PAGE.format("next_month")).run()
    turned.selectbox(key="next_month_model").set_value("an uploaded model file").run()
    turned.file_uploader[0].set_value(("m.segmodel.json", to_bytes(model), "application/json")).run()
    turned.file_uploader[1].set_value(("next.csv", lines(), "text/csv")).run()
    assert not turned.exception
    assert list(session_of(turned).next_month.applied.latest.segmentation.labels) == list(model.labels)


WINE = "Customer,Order,Date,Product,Bottles,Gadgets,Price"


@pytest.fixture
def cellar():
    """Lines whose price may be that of the line: what counts pieces is not told."""
    rows = [
        f"K{row % 50},{row // 2},2025-{1 + row % 12:02d}-0{1 + row % 9},,{1 + row % 5},{1 + row % 4},{10 + row % 3}.5"
        for row in range(300)
    ]
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("wine.csv", "\n".join([WINE, *rows]).encode(), "text/csv")).run()
    assert not app.exception
    return app


def spend_on(app):
    return session_of(app).dataset.frame["spend"].sum()


def test_quantity_and_price_chosen_on_the_page_count_instead_of_the_amount_and_the_amount_instead_of_them(cellar):
    pieces = [1 + row % 5 for row in range(300)], [1 + row % 4 for row in range(300)]
    price = [10.5 + row % 3 for row in range(300)]
    cellar.selectbox(key="purchases_amount").set_value("Price").run()
    assert spend_on(cellar) == pytest.approx(sum(price))
    for name, counts in zip(("Bottles", "Gadgets"), pieces, strict=True):
        cellar.selectbox(key="purchases_quantity").set_value(name).run()
        cellar.selectbox(key="purchases_price").set_value("Price").run()
        assert not cellar.exception
        assert cellar.selectbox(key="purchases_amount").value == ""
        assert spend_on(cellar) == pytest.approx(sum(a * b for a, b in zip(counts, price, strict=True)))
    cellar.selectbox(key="purchases_amount").set_value("Price").run()
    assert cellar.selectbox(key="purchases_price").value == ""
    assert spend_on(cellar) == pytest.approx(sum(price))
