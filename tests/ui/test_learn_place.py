"""New customers are placed with a classifier, one at a time or a file at a time."""

import io
import json
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter import read_table
from segmenter.classification.learn import learn
from segmenter.classification.predict import classify, classify_customer
from segmenter.classification.recipe import LearningRecipe
from segmenter.display import percent_text
from segmenter.io.export.learning import classified_csv, plain_csv
from segmenter.io.model import folder
from segmenter.io.model.classifiers import add_classifier
from segmenter.ui.widgets import place_customers
from tests.ui.test_learn import as_csv, known_customers
from tests.ui.test_pages import PAGE, finish_job, session_of, texts

TELL = "FormSubmitter:place_form-Tell the segment"


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    file = tmp_path_factory.mktemp("known") / "known.csv"
    table = known_customers().drop(columns="Made_From_It")
    table["Since"] = pd.date_range("2020-01-01", periods=len(table)).strftime("%Y-%m-%d")
    file.write_bytes(as_csv(table))
    keys = ("logistic-regression", "naive-bayes")
    return learn(read_table(file), LearningRecipe("Segmentation", classifiers=keys, tune=False))


@pytest.fixture
def app(monkeypatch, tmp_path, learned):
    """The app with one saved classifier and an empty models folder beside it."""
    folder = tmp_path / "models"
    add_classifier(folder, learned.model, "Spring")
    monkeypatch.setattr(place_customers, "MODELS_FOLDER", folder)
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    return app.switch_page(PAGE.format("place")).run()


def asked(app, **answers):
    for column, answer in answers.items():
        key = f"place_field_{column}"
        found = [each for kind in (app.number_input, app.selectbox, app.date_input) for each in kind if each.key == key]
        found[0].set_value(answer)
    return app.button(key=TELL).click().run()


def placed(app, table, name="next.csv"):
    app.file_uploader[0].upload(name, as_csv(table), "text/csv").run()
    return run(app)


def run(app):
    app.button(key="place_run").click().run()
    # So few customers may be placed before the page has looked.
    return finish_job(app) if session_of(app).jobs.job else app


def test_without_a_classifier_the_way_leads_to_learning(monkeypatch, tmp_path):
    monkeypatch.setattr(place_customers, "MODELS_FOLDER", tmp_path)
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.switch_page(PAGE.format("place")).run()
    assert "No classifier is kept on this server yet" in texts(app.info)
    app.button(key="place_to_learn").click().run()
    assert not app.exception


def test_a_saved_classifier_says_what_it_tells_and_how_well(app, learned):
    assert app.selectbox(key="place_classifier").options[0].startswith("Spring (")
    assert "Tells Segmentation (A, B, C) by 5 columns; learnt from 240 customers" in texts(app.markdown)
    assert f"Right for {percent_text(learned.held_out.scores.accuracy, 1)} of 48 customers" in texts(app.markdown)
    assert "never taken from an upload" in texts(app.markdown)


def test_each_column_has_a_field_of_its_type_bounded_by_what_is_known(app):
    ages = known_customers()["Age"]
    # The range is rounded outwards: no customer's smallest or largest value stands on the page.
    low, high = map(
        int, re.fullmatch(r"Age \(about (\d+) to (\d+)\)", app.number_input(key="place_field_Age").label).groups()
    )
    assert ages.min() - 5 <= low < ages.min()
    assert ages.max() < high <= ages.max() + 5
    assert list(app.selectbox(key="place_field_Score").options) == ["Low", "Average", "High"]
    assert app.selectbox(key="place_field_City").options[-1] == "Other / unknown"
    assert app.date_input(key="place_field_Since").label.endswith("(2020-01-01 to 2020-08-27)")
    assert all(each.value is None for each in app.number_input)


def test_the_answer_is_what_python_says(app, learned):
    asked(app, Age=44, Spend=58.5, Score="High", City="Rome")
    assert not app.exception
    truth = classify_customer({"Age": 44.0, "Spend": 58.5, "Score": "High", "City": "Rome"}, learned.model)
    assert f"**{truth.segment}, with a probability of {percent_text(truth.probability, 1)}.**" in texts(app.success)
    assert f"Next: {truth.runner_up}, {percent_text(truth.runner_up_probability, 1)}" in texts(app.success)
    assert "Not known: Since." in texts(app.info)
    bars = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert bars["y"] == [name for name, _ in truth.probabilities]
    changes = app.dataframe[0].value
    assert list(changes["it would be"]) == [change.segment for change in truth.changes]


@pytest.mark.parametrize(
    ("column", "answer", "said"), [("Age", 0, "Age \\= 0 is outside"), ("Spend", 9e9, "is outside")]
)
def test_what_the_model_has_never_seen_is_refused_with_its_range(app, column, answer, said):
    asked(app, Age=44)
    asked(app, **{column: answer})
    assert said in texts(app.error)
    assert "the range that the model knows" in texts(app.error)
    assert not app.success


def test_a_customer_of_whom_nothing_is_known_is_told_what_is_usual(app):
    asked(app)
    assert "Not known: Age, Spend, Score, City, Since." in texts(app.info)
    assert "with a probability of" in texts(app.success)


def test_answers_are_still_there_after_a_look_elsewhere(app):
    asked(app, Age=44, City="Other / unknown").switch_page(PAGE.format("data")).run()
    app.switch_page(PAGE.format("place")).run()
    assert app.number_input(key="place_field_Age").value == 44
    assert app.selectbox(key="place_field_City").value == "Other / unknown"
    assert "with a probability of" in texts(app.success)


def test_a_file_is_placed_and_says_who_was_learnt_from(app, learned, offered):
    table = pd.concat([known_customers().head(30), known_customers(10, seed=9).assign(ID=lambda each: each.ID + "x")])
    table = table.drop(columns=["Segmentation", "Made_From_It"]).assign(Since="2020-02-02")
    placed(app, table)
    assert not app.exception
    assert "75\\.0 \\% of these customers were used for learning \\(30 of 40" in texts(app.warning)
    assert [metric.value for metric in app.metric][:2] == ["40 of 40", "75.0 %"]
    for name, export in (("customers", classified_csv), ("plain", plain_csv)):
        dataset = session_of(app).to_place
        assert offered.content(f"place_{name}_download") == export(classify(dataset, learned.model))
    plain = pd.read_csv(io.BytesIO(offered.content("place_plain_download")))
    assert list(plain.columns) == ["ID", "Segmentation"]


def test_a_column_called_otherwise_is_matched_by_hand(app):
    table = known_customers(30).rename(columns={"Spend": "Spending", "Age": "AGE"}).assign(Since="2020-02-02")
    app.file_uploader[0].upload("other.csv", as_csv(table), "text/csv").run()
    assert "The file has no Spend" in texts(app.warning)
    assert not [each for each in app.button if each.key == "place_run"]
    app.selectbox(key="match_place_Spend").set_value("Spending").run()
    run(app)
    assert "Spend = Spending" in texts(app.info)
    assert "Age = AGE" in texts(app.info)
    assert app.metric[0].value == "30 of 30"


def test_what_should_be_confirmed_stands_before_the_result(app):
    table = known_customers(40).assign(Since="2020-02-02")
    table["Spend"] *= 1000
    placed(app, table)
    assert not app.metric
    box = next(each for each in app.checkbox if "I have checked this" in each.label)
    box.check().run()
    assert app.metric[0].value == "40 of 40"


@pytest.mark.parametrize("name", ["best.segclassifier", "best.skops", "best.pkl"])
def test_no_model_is_ever_taken_from_an_upload(app, name):
    app.file_uploader[0].upload(name, b"PK\x03\x04 something", "application/octet-stream").run()
    assert app.error
    assert session_of(app).to_place is None
    assert not app.exception


def test_a_classifier_changed_by_somebody_is_not_opened(app):
    folder = place_customers.MODELS_FOLDER
    file = next(folder.glob("*.segclassifier"))
    file.write_bytes(file.read_bytes() + b"x")
    app.run()
    assert "Spring" in texts(app.warning)
    assert "No classifier is kept on this server yet" in texts(app.info)


def test_a_damaged_list_of_models_is_said_on_the_pages_that_offer_them(app, monkeypatch, tmp_path):
    (tmp_path / "models" / "MANIFEST.json").write_text('{"models":["a"]}')
    monkeypatch.setattr(folder, "MODELS_FOLDER", tmp_path / "models")
    for page in ("place", "next_month"):
        app.switch_page(PAGE.format(page)).run()
        assert not app.exception
        said = texts(app.warning).replace("\\", "")
        assert "MANIFEST.json, is damaged (models[0] is not an object)" in said
        assert "Restore it from a copy" in said
