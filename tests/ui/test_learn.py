"""Known segments are picked, learnt in the background and understood on the page."""

import io
import json
import time

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter.charts.theme import colour
from segmenter.classification.recipe import SEGMENTS
from segmenter.display import percent_text
from segmenter.progress import Cancelled
from segmenter.ui.widgets import learn_results
from tests.ui.test_pages import PAGE, answered_once, finish_job, session_of, texts, with_segments

QUICK = ["logistic-regression", "naive-bayes"]


def known_customers(n=240, seed=0):
    """Return customers of three known segments that overlap, and a column made from the answer."""
    random = np.random.default_rng(seed)
    group = random.choice(3, n, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "ID": [f"C{number:05d}" for number in range(n)],
            "Age": np.array([30, 45, 60])[group] + random.integers(-14, 15, n),
            "Spend": (np.array([10.0, 60.0, 30.0])[group] + random.normal(0, 15, n)).round(2),
            "Score": random.choice(["Low", "Average", "High"], n),
            "City": random.choice(["Oslo", "Rome"], n),
            "Segmentation": np.array(list("ABC"))[group],
            "Made_From_It": np.array(["q1", "q7", "q9"])[group],
        }
    )


def as_csv(table):
    written = io.StringIO()
    table.to_csv(written, index=False)
    return written.getvalue().encode()


@pytest.fixture
def app():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].upload("known.csv", as_csv(known_customers()), "text/csv").run()
    return app.switch_page(PAGE.format("learn")).run()


def learnt(app, keys=QUICK):
    app.multiselect(key="learn_classifiers").set_value(list(keys)).run()
    with answered_once("segmenter.classification.learn.learn"):
        app.button(key="learn_run").click().run()
        if session_of(app).jobs.job:
            finish_job(app)
    assert not app.exception
    return app


def test_the_column_called_like_a_segment_is_proposed(app):
    assert app.title[0].value == "Which column do you want to foretell?"
    assert app.selectbox(key="learn_target").value == "Segmentation"
    assert "240 customers with a known segment: A " in texts(app.markdown)


def test_a_column_made_from_the_answer_is_named_and_off(app):
    assert "Made\\_From\\_It alone tells 100 \\%" in texts(app.warning)
    assert "It is left out" in texts(app.warning)
    assert app.multiselect(key="learn_columns").value == ["Age", "Spend", "Score", "City"]
    app.multiselect(key="learn_columns").select("Made_From_It").run()
    assert "You use it all the same" in texts(app.warning)


def test_another_target_brings_its_own_columns(app):
    app.selectbox(key="learn_target").set_value("City").run()
    assert "City" not in app.multiselect(key="learn_columns").value
    assert "Segmentation" in app.multiselect(key="learn_columns").value
    app.selectbox(key="learn_target").set_value("Segmentation").run()
    assert app.multiselect(key="learn_columns").value == ["Age", "Spend", "Score", "City"]


def test_a_target_with_too_few_customers_cannot_be_learnt_until_there_are_fewer_parts(app):
    table = known_customers()
    table.loc[table.index[:5], "Segmentation"] = "D"
    app.switch_page(PAGE.format("data")).run()
    app.file_uploader[0].upload("few.csv", as_csv(table), "text/csv").run()
    app.switch_page(PAGE.format("learn")).run()
    assert "Too few customers to learn from in Segmentation" in texts(app.error)
    assert app.button(key="learn_run").disabled
    app.number_input(key="learn_folds").set_value(2).run()
    assert not app.error
    assert not app.button(key="learn_run").disabled


def test_without_columns_there_is_nothing_to_learn_from(app):
    app.multiselect(key="learn_columns").set_value([]).run()
    assert "Pick at least one column" in texts(app.warning)
    assert app.button(key="learn_run").disabled


def test_a_column_is_used_as_its_own_settings_say_whatever_prepare_says(app):
    app.switch_page(PAGE.format("prepare")).run()
    app.selectbox(key="prepare_one").set_value("Spend").run()
    app.number_input(key="prepare_col_weight_Spend").set_value(2.0).run()
    app.switch_page(PAGE.format("learn")).run()
    app.session_state["learn_use_open"] = True
    app.run()
    app.selectbox(key="learn_use_column").set_value("Spend").run()
    field = app.number_input(key="prepare_col_weight_Spend")
    assert field.value == 1
    field.set_value(3.0).run()
    weights = {spec.column: spec.weight for spec in session_of(app).learning.recipe.features}
    assert weights["Spend"] == 3
    assert {spec.column: spec.weight for spec in session_of(app).features}["Spend"] == 2


def test_what_was_learnt_is_shown_against_the_base_rate(app):
    learnt(app)
    learned = session_of(app).learning.learned.latest
    rows = app.dataframe[0].value
    titles = list(rows["Classifier"])
    assert set(titles) == {"Logistic regression", "Naive Bayes", titles[-2], "Always the largest"}
    assert titles[-2].endswith(", tuned")
    assert rows["Accuracy"].iloc[0] == f"{percent_text(learned.leaderboard.rows[0].accuracy, 1)} ± " + (
        percent_text(learned.leaderboard.rows[0].accuracy_se, 1)
    )
    shown = [metric.value for metric in app.metric]
    assert shown[:3] == [
        percent_text(learned.held_out.scores.accuracy, 1),
        percent_text(learned.held_out.base_rate, 1),
        percent_text(learned.held_out.scores.balanced_accuracy, 1),
    ]
    assert shown[3] == f"{len(learned.golden.columns)} of 4"
    assert [tab.label for tab in app.tabs] == [
        "Leaderboard",
        "Held-out check",
        "What it listens to",
        "Golden questions",
    ]
    assert f"Of {learned.held_out.n_customers} customers that no choice had seen" in texts(app.success)


def test_tables_say_what_charts_show(app):
    learnt(app)
    learned = session_of(app).learning.learned.latest
    tables = [frame.value for frame in app.dataframe]
    confusion = next(table for table in tables if "told A" in table)
    assert confusion[["told A", "told B", "told C"]].to_numpy().tolist() == learned.held_out.confusion.tolist()
    importance = next(table for table in tables if "Accuracy lost" in table)
    assert list(importance["Column"]) == [each.column for each in learned.importances]
    traces = [json.loads(each.proto.spec)["data"] for each in app.get("plotly_chart")]
    heat = next(data[0] for data in traces if data[0]["type"] == "heatmap")
    assert heat["x"] == ["A", "B", "C"]


def test_the_network_that_is_kept_shows_how_it_learnt(app):
    app.toggle(key="learn_tune").set_value(False).run()
    learnt(app, ["network"])
    assert app.tabs[-1].label == "Training"
    assert "It learned for" in texts(app.markdown)


def test_a_changed_choice_is_noticed_and_the_result_stays(app):
    learnt(app).multiselect(key="learn_columns").unselect("Age").run()
    assert "learn again" in texts(app.info)
    assert app.metric
    app.multiselect(key="learn_columns").select("Age").run()
    assert "learn again" not in texts(app.info)


def test_coming_back_shows_what_was_chosen_and_found(app):
    learnt(app).switch_page(PAGE.format("data")).run()
    app.switch_page(PAGE.format("learn")).run()
    assert app.multiselect(key="learn_classifiers").value == QUICK
    assert app.metric
    assert "learn again" not in texts(app.info)


def test_work_that_ends_while_the_visitor_is_elsewhere_is_not_lost(app):
    app.multiselect(key="learn_classifiers").set_value(["naive-bayes"]).run()
    app.button(key="learn_run").click().run()
    app.switch_page(PAGE.format("data")).run()
    session_of(app).jobs.job.wait(180)
    app.switch_page(PAGE.format("learn")).run()
    assert app.metric
    assert session_of(app).learning.placing.learnt is not None


def test_names_from_the_file_are_shown_and_never_rendered():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    table = known_customers().drop(columns="Made_From_It").rename(columns={"Spend": "![x](http://a.b/c)"})
    table["Segmentation"] = "**" + table["Segmentation"] + "** [link](http://a.b/)"
    app.file_uploader[0].upload("marks.csv", as_csv(table), "text/csv").run()
    app.switch_page(PAGE.format("learn")).run()
    learnt(app, ["naive-bayes"])
    shown = texts([*app.markdown, *app.success, *app.info, *app.warning])
    assert "\\*\\*A\\*\\* \\[link\\]" in shown
    assert "](http" not in shown
    app.switch_page(PAGE.format("place")).run()
    app.button(key="FormSubmitter:place_form-Tell the segment").click().run()
    assert not app.exception
    assert "](http" not in texts([*app.markdown, *app.success, *app.info, *app.warning])
    assert all("](http" not in field.label for field in [*app.number_input, *app.selectbox])


def test_another_file_forgets_what_was_found_but_not_the_classifier(app):
    learnt(app).switch_page(PAGE.format("data")).run()
    app.file_uploader[0].upload("next.csv", as_csv(known_customers(60, seed=1)), "text/csv").run()
    app.switch_page(PAGE.format("learn")).run()
    assert not app.metric
    assert session_of(app).learning.placing.learnt is not None


def test_learning_can_be_cancelled_and_shows_the_board_meanwhile(app, monkeypatch):
    def until_cancelled(dataset, recipe, segmentation=None, *, progress, partial):
        while True:
            progress(0.5, "Naive Bayes, part 3")
            time.sleep(0.01)

    monkeypatch.setattr("segmenter.classification.learn.learn", until_cancelled)
    app.multiselect(key="learn_classifiers").set_value(QUICK).run()
    app.button(key="learn_run").click().run()
    job = session_of(app).jobs.job
    end = time.time() + 30
    while job.partial is None:
        assert time.time() < end, "the work did not begin"
        time.sleep(0.01)
    app.run()
    assert "0 of 2 done. At work: Logistic regression, Naive Bayes." in texts(app.markdown)
    app.button(key="learn_cancel").click().run()
    assert isinstance(job.wait(180), Cancelled)
    assert not app.exception
    assert session_of(app).learning.learned.latest is None


def test_the_segments_just_formed_can_be_learnt():
    app = with_segments(AppTest.from_file("../../app.py", default_timeout=180).run())
    app.switch_page(PAGE.format("learn")).run()
    app.selectbox(key="learn_target").set_value(SEGMENTS).run()
    assert "300 customers with a known segment" in texts(app.markdown)
    learnt(app)
    learned = session_of(app).learning.learned.latest
    assert learned.held_out.scores.accuracy > 0.9
    assert set(learned.classes) == set(session_of(app).result.latest.segmentation.names)
    charts = [json.loads(each.proto.spec)["data"] for each in app.get("plotly_chart")]
    lines = next(data for data in charts if data[0].get("name") in learned.classes)
    names = session_of(app).result.latest.segmentation.names
    assert {trace["name"]: trace["marker"]["color"] for trace in lines} == {
        name: colour(number) for number, name in enumerate(names)
    }


def test_a_classifier_is_saved_with_its_hash_and_stays_on_the_server(app, monkeypatch, tmp_path):
    monkeypatch.setattr(learn_results, "MODELS_FOLDER", tmp_path)
    learnt(app)
    assert "never taken from an upload" in app.text_input(key="learn_name").help
    assert app.button(key="learn_save").disabled
    app.text_input(key="learn_name").set_value("Spring").run()
    app.button(key="learn_save").click().run()
    assert "Saved as Spring" in texts(app.success)
    manifest = json.loads((tmp_path / "MANIFEST.json").read_text())
    files = [path.name for path in tmp_path.glob("*.segclassifier")]
    assert files
    assert files[0] in json.dumps(manifest)


def test_golden_questions_alone_are_learnt_on_two_clicks(app):
    learnt(app, ["naive-bayes"])
    golden = session_of(app).learning.learned.latest.golden.columns
    assert len(golden) < len(app.multiselect(key="learn_columns").value)
    assert not any("typing_tool" in each.key for each in app.download_button)
    app.button(key="learn_ask_golden").click().run()
    assert set(app.multiselect(key="learn_columns").value) == set(golden)
    assert app.selectbox(key="learn_chosen").value == "logistic-regression"
    learnt(app, ["naive-bayes"])
    model = session_of(app).learning.learned.latest.model
    assert {each.column for each in model.fields} == set(golden)
    assert app.download_button(key="learn_typing_tool_download")


def test_neighbours_say_that_they_keep_customers(app):
    learnt(app, ["nearest-neighbours"])
    assert "their prepared values are part of the file" in texts(app.warning)
