"""The page on RFM and value, used as a visitor uses it."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.test_purchases import lines, session_of, texts

PAGE = "segmenter/ui/pages/{}.py"


@pytest.fixture
def app():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("lines.csv", lines(), "text/csv")).run()
    return app


def test_purchases_are_shown_on_the_grid_without_any_segments(app):
    app.switch_page(PAGE.format("worth")).run()
    assert not app.exception
    assert not app.error
    assert "of the revenue" in texts(app.title)
    cells = next(each.value for each in app.dataframe if "advice" in each.value)
    assert cells["customers"].sum() == session_of(app).dataset.n_customers == 60
    app.text_area(key="worth_rules").set_value("All: R 1-5, F 1-4").run()
    assert "belong to nobody" in texts(app.error)
    app.button(key="worth_foretell").click().run()
    if session_of(app).jobs.job is not None:
        session_of(app).jobs.job.wait(180)
        app.run()
    assert not app.exception
    assert "a forecast takes 500 or more" in texts(app.warning)


def test_the_cells_become_lists_without_any_segments(app):
    app.switch_page(PAGE.format("worth")).run()
    app.selectbox(key="worth_scores").set_value(3).run()
    app.button(key="worth_to_use").click().run()
    app.switch_page(PAGE.format("use")).run()
    assert not app.exception
    assert app.title[0].value == "Who of your 60 customers may you contact?"
    app.checkbox(key="use_agreed").check().run()
    assert app.title[0].value == "You can reach 60 of your 60 customers."
    sheet = session_of(app).activation.made.latest.audiences.reconciliation
    # As the grid was drawn, three scores a side, not as it usually is.
    cells = session_of(app).worth.grid.latest.cells
    assert len(cells) == 9
    assert sheet["in segment"].tolist() == [*cells.loc[cells["customers"] > 0, "customers"], 60]
    assert not [each for each in app.button if each.key == "use_to_segments"]


def test_customers_without_purchases_are_led_to_the_data_page(app):
    content = b"customer_id,age,income\n" + b"".join(b"%d,%d,%d\n" % (n, 20 + n % 50, 900 + 7 * n) for n in range(60))
    app.switch_page(PAGE.format("data")).run()
    app.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    app.switch_page(PAGE.format("worth")).run()
    assert not app.exception
    assert "recency, orders and spend" in texts(app.info)


def test_scores_by_own_thresholds_begin_with_those_that_part_customers_evenly(app):
    app.switch_page(PAGE.format("worth")).run()
    app.selectbox(key="worth_scores").set_value(3).run()
    app.selectbox(key="worth_scoring").set_value("own cuts").run()
    assert not app.error
    app.text_input(key="worth_cuts_orders_3").set_value("5").run()
    assert "take 2 different cuts" in texts(app.error)
    app.text_input(key="worth_cuts_orders_3").set_value("often").run()
    assert "are no thresholds" in texts(app.error)
    app.text_input(key="worth_cuts_orders_3").set_value("1000; 2000").run()
    assert not app.error
    assert "Nobody has score 2" in texts(app.info)


def test_the_grid_as_it_stands_gives_the_usual_names(app):
    app.switch_page(PAGE.format("worth")).run()
    usual = next(each.value for each in app.dataframe if "advice" in each.value)
    app.segmented_control(key="worth_drawing").set_value("On the grid").run()
    assert not app.exception
    assert next(each.value for each in app.dataframe if "advice" in each.value).equals(usual)
