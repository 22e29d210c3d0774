"""Other customers are placed beside the visitor's own, whose segments stay."""

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from segmenter.io.read.samples import mall_customers
from segmenter.monitor.movement import NO_SEGMENT
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.ui.state import FORMED_HERE, PLACED
from tests.ui.test_learn_place import app as placing_page
from tests.ui.test_learn_place import as_csv, known_customers, learned
from tests.ui.test_pages import (
    PAGE,
    app,
    columns_list,
    rename,
    session_of,
    texts,
    with_comparison,
    with_sample,
    with_segments,
)

__all__ = ["app", "learned", "placing_page"]  # fixtures


def some(n):
    return b"\n".join(mall_customers().splitlines()[: n + 1]) + b"\n"


def with_second_file(app, n=100):
    app.switch_page(PAGE.format("next_month")).run()
    app.file_uploader[0].set_value(("next.csv", some(n), "text/csv")).run()
    assert not app.exception
    return app


def test_a_file_to_place_leaves_the_segments_formed_before_as_they_are(app, offered):
    before = session_of(with_segments(app))
    dataset, selection, result = before.dataset, before.current_selection(), before.current_result()
    app.switch_page(PAGE.format("export")).run()
    labelled = offered.content("export_customers-csv_download")
    with_second_file(app)
    assert "next.csv: 100 rows. Upload another" in texts(app.markdown).replace("\\", "")
    assert session_of(app).next_month.applied.latest.dataset.n_customers == 100
    after = session_of(app)
    assert after.dataset is dataset
    assert after.current_selection() is selection
    assert after.current_result() is result
    app.switch_page(PAGE.format("data")).run()
    assert app.metric[0].value == "300"
    app.switch_page(PAGE.format("export")).run()
    assert offered.content("export_customers-csv_download") == labelled


def test_what_was_placed_can_be_taken_home_from_the_page(app, offered):
    with_second_file(with_sample(app))
    assert not app.exception
    assert offered.content("next_month_customers-csv_download").count(b"\n") == 101


def test_the_way_back_from_a_file_leads_to_the_visitors_own_customers(app):
    with_second_file(with_sample(app))
    app.button(key="next_month_own").click().run()
    assert "The customers of the Data page" in texts(app.markdown)
    assert session_of(app).next_month.applied.latest.dataset is session_of(app).dataset


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
    assert session_of(app).next_month.applied.latest is None


def test_lines_are_turned_into_customers_before_they_are_placed():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    rows = [f"C{row % 40:03d},{row // 2},2024-{1 + row % 12:02d}-03,{3 + row % 11}.50" for row in range(200)]
    content = "\n".join(["customer_id,order_id,order_date,amount", *rows, ""]).encode()
    app.file_uploader[0].set_value(("lines.csv", content, "text/csv")).run()
    app.switch_page(PAGE.format("next_month")).run()
    assert not app.exception
    assert session_of(app).to_place.n_customers == 40


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
    model = app.selectbox(key="next_month_model")
    assert model.options[0] == "The segments formed here (5 segments)"
    assert model.index == 0
    formed = session_of(app).result.latest.segmentation
    assert list(session_of(app).next_month.applied.latest.segmentation.labels) == list(formed.labels[:100])


def test_segments_renamed_after_a_look_at_apply_are_placed_by_their_new_names(app):
    with_second_file(with_segments(app)).switch_page(PAGE.format("segments")).run()
    rename(app, 1, "Regulars")
    app.switch_page(PAGE.format("next_month")).run()
    assert session_of(app).next_month.applied.latest.segmentation.names[0] == "Regulars"


def test_without_segments_formed_here_the_saved_models_come_first(app):
    with_sample(app).switch_page(PAGE.format("next_month")).run()
    assert not any("formed here" in option for option in app.selectbox(key="next_month_model").options)


def test_the_labelled_file_is_announced_with_every_column_that_it_adds(app):
    with_second_file(with_sample(app))
    added = list(session_of(app).next_month.applied.latest.labelled().columns[5:])
    assert added == ["segment", "segment_name", "second_best", "margin", "light", "distance", "reason"]
    said = next(each.value for each in app.markdown if each.value.startswith("**Labelled customers (CSV)**"))
    assert all(name in said for name in added)


def test_one_column_is_said_in_the_singular(app):
    with_sample(app).switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["Age"]).run()
    assert app.title[0].value == "1 of 5 columns forms the segments."


def test_the_page_says_whether_the_model_is_still_true(app):
    formed = session_of(with_segments(app)).result.latest
    app.switch_page(PAGE.format("next_month")).run()
    assert "still true" in texts(app.title)
    income = formed.dataset.original.copy()
    name = formed.segmentation.preparation.columns_[1].column
    income[name] = (income[name].astype(float) * 1.5).round(1)
    app.file_uploader[0].set_value(("june.csv", income.to_csv(index=False).encode(), "text/csv")).run()
    app.run()
    assert "Form the segments anew" in texts(app.title)


def months(n=240, seed=1):
    """Two months of the same people: fifteen have another income, ten are gone, twenty are new."""
    random = np.random.default_rng(seed)
    centres = np.array([[20.0, 80.0], [80.0, 20.0], [80.0, 80.0]])
    group = random.integers(0, 3, n + 20)
    points = np.round(centres[group] + random.normal(size=(n + 20, 2)) * 4, 1)
    frame = pd.DataFrame(
        {"customer_id": [f"K{number:04d}" for number in range(n + 20)], "income": points[:, 0], "spend": points[:, 1]}
    )
    now = frame.iloc[10:].reset_index(drop=True)
    now.loc[:14, ["income", "spend"]] = np.round(centres[(group[10:25] + 1) % 3], 1)
    return frame.iloc[:n].to_csv(index=False).encode(), now.to_csv(index=False).encode()


def with_two_months(app):
    before, now = months()
    app.file_uploader[0].set_value(("may.csv", before, "text/csv")).run()
    mine = session_of(app)
    mine.n_segments = 3
    mine.keep_result(Result(mine.dataset, fit_segmentation(mine.dataset, mine.recipe)))
    app.switch_page(PAGE.format("next_month")).run()
    app.file_uploader[0].set_value(("june.csv", now, "text/csv")).run()
    assert not app.exception
    return app


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def test_who_moved_is_counted_from_the_customers_of_the_data_page_and_the_lists_go_to_use(app):
    app = with_two_months(app)
    facts = metrics(app)
    assert facts["Customers now"] == "250"
    assert (facts["New"], facts["Gone"]) == ("20", "10")
    assert "of 230 returning customers changed segment, 20 are new, 10 are gone" in texts(app.markdown)
    movement = session_of(app).next_month.movement.latest
    assert movement.n_moved >= 15
    app.button(key="next_month_to_use").click().run()
    assert not app.exception
    assert session_of(app).activation.before.n_customers == 240
    assert app.segmented_control(key="use_since").options[1:] == ["Who has joined since", "Who has left since"]


def test_a_labelled_file_of_last_month_takes_the_place_of_the_data_page(app):
    app = with_two_months(app)
    formed = session_of(app).result.latest
    labelled = formed.labelled().iloc[:100].to_csv(index=False).encode()
    app.file_uploader[1].set_value(("april.csv", labelled, "text/csv")).run()
    assert not app.exception
    assert metrics(app)["Gone"] == "10"
    assert metrics(app)["New"] == "160"


def test_customers_who_fit_no_segment_are_not_squeezed_into_one_unless_asked(app):
    app = with_two_months(app)
    result = session_of(app).next_month.applied.latest
    unfit = int(session_of(app).next_month.placement.latest.check.fits_none.sum())
    assert unfit > 0
    assert result.n_left_out == unfit
    app.segmented_control(key="next_month_now_unfit").set_value("In the nearest segment").run()
    assert session_of(app).next_month.applied.latest.n_left_out == 0


def test_segments_formed_anew_keep_their_names_and_it_is_said(app):
    app = with_two_months(app)
    session_of(app).rename(session_of(app).result.latest, ("Savers", "Spenders", "Rich"))
    app.run()
    app.button(key="anew_form").click().run()
    if session_of(app).jobs.job is not None:
        session_of(app).jobs.job.wait()
        app.run()
    assert not app.exception
    refitted = session_of(app).next_month.refitted.latest
    assert refitted.result.segmentation.names == ("Savers", "Spenders", "Rich")
    assert "All 3 segments carry on" in texts(app.markdown)
    assert refitted.result.dataset.n_customers == 250


def test_another_file_on_data_takes_the_place_of_what_was_placed_before(app):
    with_second_file(with_segments(app))
    app.switch_page(PAGE.format("use")).run()
    app.selectbox(key="use_result").set_value(PLACED).run()
    app.switch_page(PAGE.format("data")).run()
    app.file_uploader[0].set_value(("others.csv", some(150), "text/csv")).run()
    mine = session_of(app)
    assert mine.dataset.n_customers == 150
    # No list of the former file's customers can be taken for one of these.
    assert mine.usable_results() == {}
    assert mine.to_place is mine.dataset
    mine.keep_result(Result(mine.dataset, fit_segmentation(mine.dataset, mine.recipe)))
    assert mine.used == FORMED_HERE


def test_last_months_file_without_segments_is_placed_as_this_months_is(app):
    far = b"".join(b"9%03d,Male,30,%d,%d\n" % (number, 900 + number, 90) for number in range(3))
    header = mall_customers().splitlines()[0].count(b",")
    assert header == far.splitlines()[0].count(b",")
    with_segments(app).switch_page(PAGE.format("next_month")).run()
    for label, name in (("Customer file to place", "june.csv"), ("Last month's file, for who moved", "may.csv")):
        uploads = {each.label: each for each in app.file_uploader}
        uploads[label].set_value((name, some(100) + far, "text/csv")).run()
    assert not app.exception
    movement = session_of(app).next_month.movement.latest
    assert movement.n_both == 103
    # Three fit no segment, in both months: nobody has moved, whichever way they are placed.
    assert movement.n_moved == 0
    assert movement.customers.loc[NO_SEGMENT, NO_SEGMENT] == 3
    app.segmented_control(key="next_month_now_unfit").set_value("In the nearest segment").run()
    movement = session_of(app).next_month.movement.latest
    assert movement.n_moved == 0
    assert NO_SEGMENT not in movement.customers.index
