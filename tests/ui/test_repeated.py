"""Customers in several rows on the Data page, used as a visitor uses it."""

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.table.repeats import Repeated

ROWS = [f"K{1000 + row},{20 + row % 40},{row % 9},{3.5 * row:.2f}" for row in range(80)]


def opened(more):
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    content = "\n".join(["client,age,visits,spend", *ROWS, *more, ""]).encode()
    app.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    assert not app.exception
    return app


def session_of(app):
    return app.session_state["segmenter"]


def texts(elements):
    return " ".join(str(each.value) for each in elements)


@pytest.fixture
def contradicting():
    return opened(["K1000,25,4,99.00", "K1001,33,5,98.00"])


def test_contradicting_rows_are_asked_about_and_nothing_goes_on_before(contradicting):
    assert "2 customers stand in more than one row, by client" in texts(contradicting.warning).replace("\\", "")
    assert contradicting.button(key="step_next").disabled
    contradicting.switch_page("segmenter/ui/pages/choose.py").run()
    assert "not one for each customer yet" in texts(contradicting.warning)
    assert not [button for button in contradicting.button if button.key == "choose_run"]


def test_each_choice_can_be_taken_and_changed(contradicting):
    for choice, spend in ((Repeated.LAST, 99.0), (Repeated.FIRST, 0.0), (Repeated.SUM, 99.0)):
        contradicting.radio(key="repeated_row").set_value(choice).run()
        assert not contradicting.exception
        customers = session_of(contradicting).dataset
        assert customers.n_customers == 80
        assert customers.frame.set_index("client").loc["K1000", "spend"] == spend
        assert not contradicting.button(key="step_next").disabled
    contradicting.radio(key="repeated_row").set_value(Repeated.KEEP).run()
    assert session_of(contradicting).dataset.n_customers == 82
    assert not contradicting.button(key="step_next").disabled


def test_a_column_taken_for_something_else_keeps_the_row_that_was_chosen(contradicting):
    contradicting.radio(key="repeated_row").set_value(Repeated.LAST).run()
    dataset = session_of(contradicting).dataset
    row = [column.name for column in dataset.columns].index("visits")
    edits = {"edited_rows": {row: {"Taken for": "code"}}, "added_rows": [], "deleted_rows": []}
    contradicting.session_state[f"kind_table_{dataset.fingerprint[:12]}"] = edits
    contradicting.run()
    assert not contradicting.exception
    after = session_of(contradicting).dataset
    assert (after.n_customers, after.column("visits").kind.value) == (80, "code")


def test_copies_are_left_out_at_once_and_can_be_taken_in():
    app = opened(ROWS[:3])
    assert session_of(app).dataset.n_customers == 80
    assert "3 customers stand in more than one row" in texts(app.markdown)
    assert not app.button(key="step_next").disabled
    app.radio(key="repeated_row").set_value(Repeated.KEEP).run()
    assert session_of(app).dataset.n_customers == 83


def test_customers_with_one_row_each_get_no_question():
    app = opened([])
    assert not [radio for radio in app.radio if radio.key == "repeated_row"]
    assert not app.button(key="step_next").disabled


def test_which_row_counts_can_still_be_changed_once_spellings_are_joined():
    places = ["Paris", "Lyon", "Nice", "PARIS"]
    rows = [f"K{1000 + row},{20 + row % 40},{places[row % 4]}" for row in range(80)]
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    content = "\n".join(["client,age,city", *rows, "K1000,25,Paris", "K1001,33,Lyon", ""]).encode()
    app.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    app.radio(key="repeated_row").set_value(Repeated.LAST).run()
    app.button(key="spelling_city").click().run()
    assert session_of(app).dataset.frame["city"].nunique() == 3
    app.radio(key="repeated_row").set_value(Repeated.FIRST).run()
    customers = session_of(app).dataset
    assert not app.exception
    assert customers.frame.set_index("client").loc["K1000", "age"] == 20
    assert customers.frame["city"].nunique() == 3
    app.button(key="apart_city").click().run()
    assert not app.exception
    assert session_of(app).dataset.frame["city"].nunique() == 4
    assert app.button(key="spelling_city")


def test_what_an_empty_box_to_tick_means_is_one_click_there_and_back():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    rows = [f"{row},{'Email' * (row % 3 == 0)},{'Shop' * (row % 4 == 0)}" for row in range(60)]
    content = "\n".join(["visits,Channels: Email,Channels: Shop", *rows, ""]).encode()
    app.file_uploader[0].set_value(("customers.csv", content, "text/csv")).run()
    for said, kind in (("boxes_unknown", "constant"), ("boxes_no", "yes/no")):
        app.button(key=said).click().run()
        assert not app.exception
        assert session_of(app).dataset.column("Channels: Email").kind == kind
