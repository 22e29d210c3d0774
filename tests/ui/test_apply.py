"""Other customers are placed beside the visitor's own, whose segments stay."""

from streamlit.testing.v1 import AppTest

from segmenter.io.read.samples import mall_customers
from tests.ui.test_learn_place import app as placing_page
from tests.ui.test_learn_place import as_csv, known_customers, learned
from tests.ui.test_pages import PAGE, app, rename, session_of, texts, with_comparison, with_sample, with_segments

__all__ = ["app", "learned", "placing_page"]  # fixtures


def some(n):
    return b"\n".join(mall_customers().splitlines()[: n + 1]) + b"\n"


def with_second_file(app, n=100):
    app.switch_page(PAGE.format("apply")).run()
    app.file_uploader[0].set_value(("next.csv", some(n), "text/csv")).run()
    assert not app.exception
    return app


def test_a_file_to_place_leaves_the_segments_formed_before_as_they_are(app):
    before = session_of(with_segments(app))
    dataset, selection, result = before.dataset, before.current_selection(), before.current_result()
    app.switch_page(PAGE.format("export")).run()
    app.button(key="export_customers-csv_build").click().run()
    with_second_file(app)
    assert "next.csv: 100 rows. Upload another" in texts(app.markdown).replace("\\", "")
    assert session_of(app).applied.latest.dataset.n_customers == 100
    after = session_of(app)
    assert after.dataset is dataset
    assert after.current_selection() is selection
    assert after.current_result() is result
    app.switch_page(PAGE.format("data")).run()
    assert app.metric[0].value == "300"
    app.switch_page(PAGE.format("export")).run()
    assert [button for button in app.button if button.key == "export_excel_build"]
    assert "export_customers-csv" in session_of(app).built


def test_what_was_placed_can_be_taken_home_from_the_page(app):
    with_second_file(with_sample(app))
    app.button(key="apply_customers-csv_build").click().run()
    assert not app.exception
    assert session_of(app).built["apply_customers-csv"].content.count(b"\n") == 101


def test_the_way_back_from_a_file_leads_to_the_visitors_own_customers(app):
    with_second_file(with_sample(app))
    app.button(key="apply_own").click().run()
    assert "The customers of the Data page" in texts(app.markdown)
    assert session_of(app).applied.latest.dataset is session_of(app).dataset


def test_a_file_that_cannot_be_read_is_explained_where_it_was_dropped(app):
    with_second_file(with_comparison(app))
    app.file_uploader[0].set_value(("c.csv", b"\x7fELF" + b"x" * 100, "text/csv")).run()
    assert "This is not a CSV" in texts(app.error)
    assert session_of(app).to_place.n_customers == 100
    app.switch_page(PAGE.format("data")).run()
    assert not app.error


def test_a_file_to_place_alone_can_be_deleted(app):
    with_second_file(app)
    assert session_of(app).dataset is None
    app.switch_page(PAGE.format("data")).run()
    app.button(key="delete_data").click().run()
    assert session_of(app).to_place is None
    assert session_of(app).applied.latest is None


def test_lines_are_turned_into_customers_to_place_while_ones_own_stay_lines():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    rows = [f"C{row % 40:03d},{row // 2},2024-{1 + row % 12:02d}-03,{3 + row % 11}.50" for row in range(200)]
    content = "\n".join(["customer_id,order_id,order_date,amount", *rows, ""]).encode()
    app.file_uploader[0].set_value(("lines.csv", content, "text/csv")).run()
    app.switch_page(PAGE.format("apply")).run()
    app.button(key="purchases_turn").click().run()
    assert not app.exception
    assert session_of(app).to_place.n_customers == 40
    assert session_of(app).dataset.n_customers == 200
    app.button(key="purchases_back").click().run()
    assert session_of(app).to_place.n_customers == 200


def test_a_file_placed_with_a_classifier_leaves_the_visitors_own_data(placing_page):
    app = placing_page
    app.switch_page(PAGE.format("data")).run()
    with_sample(app).switch_page(PAGE.format("place")).run()
    own = session_of(app).dataset
    table = known_customers(40).assign(Since="2020-02-02")
    app.file_uploader[0].upload("next.csv", as_csv(table), "text/csv").run()
    assert not app.exception
    assert session_of(app).to_place.n_customers == 40
    assert session_of(app).dataset is own


def test_the_segments_just_formed_are_the_first_model_offered(app):
    with_second_file(with_segments(app))
    model = app.selectbox(key="apply_model")
    assert model.options[0] == "The segments formed here (5 segments)"
    assert model.index == 0
    formed = session_of(app).result.latest.segmentation
    assert list(session_of(app).applied.latest.segmentation.labels) == list(formed.labels[:100])


def test_segments_renamed_after_a_look_at_apply_are_placed_by_their_new_names(app):
    with_second_file(with_segments(app)).switch_page(PAGE.format("segments")).run()
    rename(app, 1, "Regulars")
    app.switch_page(PAGE.format("apply")).run()
    assert session_of(app).applied.latest.segmentation.names[0] == "Regulars"


def test_without_segments_formed_here_the_saved_models_come_first(app):
    with_sample(app).switch_page(PAGE.format("apply")).run()
    assert not any("formed here" in option for option in app.selectbox(key="apply_model").options)


def test_the_labelled_file_is_announced_with_every_column_that_it_adds(app):
    with_second_file(with_sample(app))
    added = list(session_of(app).applied.latest.labelled().columns[5:])
    assert added == ["segment", "segment_name", "second_best", "margin", "light", "distance", "reason"]
    said = next(each.value for each in app.markdown if each.value.startswith("**Labelled customers (CSV)**"))
    assert all(name in said for name in added)


def test_one_column_is_said_in_the_singular(app):
    with_sample(app).switch_page(PAGE.format("prepare")).run()
    app.multiselect(key="prepare_columns").set_value(["Age"]).run()
    assert "1 column, 300 customers" in texts(app.markdown)


def test_the_page_says_whether_the_model_is_still_true(app):
    formed = session_of(with_segments(app)).result.latest
    app.switch_page(PAGE.format("apply")).run()
    assert "still true" in texts(app.success)
    income = formed.dataset.original.copy()
    name = formed.segmentation.preparation.columns_[1].column
    income[name] = (income[name].astype(float) * 1.5).round(1)
    app.file_uploader[0].set_value(("june.csv", income.to_csv(index=False).encode(), "text/csv")).run()
    app.run()
    assert "Form the segments anew" in texts(app.error) or "Form the segments anew" in texts(app.warning)
