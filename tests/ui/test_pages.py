"""Every page, used as a visitor uses it."""

import importlib
import re
import shutil
import time
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter.errors.forming import TooFewCustomersError
from segmenter.io.export.csv import labelled_csv
from segmenter.io.read.samples import mall_customers
from segmenter.progress import Cancelled
from segmenter.ui import messages
from segmenter.ui.main import PAGES
from segmenter.ui.pages import page_file

PAGE = "segmenter/ui/pages/{}.py"


@pytest.fixture
def app():
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def session_of(app):
    return app.session_state["segmenter"]


def finish_job(app):
    """Wait for what runs in the background, then let the page take its result."""
    job = session_of(app).jobs.job
    # What is quick is there at once.
    if job is not None:
        job.wait(180)
    return app.run()


def with_sample(app):
    app.button(key="sample_mall").click().run()
    assert not app.exception
    return app


def with_comparison(app):
    return compared(with_sample(app), 2, 6)


_ANSWERS = {}


def answered_once(name):
    """Let a function answer equal questions about equal customers once; pages take the answer through their jobs."""
    module, _, function = name.rpartition(".")
    ask = getattr(importlib.import_module(module), function)

    def answer(dataset, recipe, about=None, *, progress, **more):
        if about is not None and not isinstance(about, range):
            return ask(dataset, recipe, about, progress=progress, **more)
        cells = pd.util.hash_pandas_object(dataset.original, index=False).to_numpy().tobytes()
        kinds = tuple((column.header, column.kind) for column in dataset.columns)
        question = (name, dataset.name, cells, kinds, recipe.to_json(), about)
        if question not in _ANSWERS:
            _ANSWERS[question] = ask(dataset, recipe, *(() if about is None else (about,)), progress=progress, **more)
        return _ANSWERS[question]

    return mock.patch(name, answer)


def columns_list(app):
    """Return the list of the columns that form segments, of which Prepare draws another when they change elsewhere."""
    return next(each for each in app.multiselect if each.label == "Columns to segment by")


def compared(app, low, high):
    """Go to Choose, which compares numbers of segments by itself."""
    session_of(app).k_range = (low, high)
    with answered_once("segmenter.choose.k.compare_k"):
        app.switch_page(PAGE.format("choose")).run()
        # A known answer may be there already.
        return finish_job(app) if session_of(app).jobs.job else app


def until_cancelled(dataset, recipe, *, progress, **_):
    while True:
        progress(0.5, "Forming segments")
        time.sleep(0.01)


def with_segments(app, k=5):
    with_comparison(app).slider(key="choose_k").set_value(k).run()
    app.switch_page(PAGE.format("segments")).run()
    return finish_job(app)


def htmls(app):
    """Return everything that is drawn as HTML."""
    return [each.proto.body for each in app.get("html")]


def look_at(app, view):
    """Look at one of the views below the cards."""
    return app.segmented_control(key="segments_view").set_value(view).run()


def rename(app, segment, name):
    """Give a segment another name on its card."""
    app.text_input(key=f"segments_name_{segment}").set_value(name)
    return app.button(key=f"segments_use_name_{segment}").click().run()


def cards_of(app):
    return [each.proto.body for each in app.get("html") if "sg-card" in each.proto.body and "<h2>" in each.proto.body]


def sizes_of(app):
    return [re.search(r"([0-9,]+)\u00a0customers?", card)[1] for card in cards_of(app)]


def texts(elements):
    return " ".join(str(each.value) for each in elements)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_a_page_without_data_leads_to_the_beginning(app, entry):
    app.switch_page(PAGE.format(entry.file)).run()
    assert not app.exception
    if entry.needs_data:
        assert "Start by uploading" in texts(app.title)
        app.button(key="gate_to_data").click().run()
        assert app.title[0].value == "Upload your customers"


def test_limits_and_privacy_are_said_before_the_upload(app):
    assert "up to 300 MB" in texts(app.markdown)
    assert "Nothing is sent to other sites" in texts(app.info)


def test_a_sample_is_shown_with_what_its_columns_are(app):
    with_sample(app)
    assert [metric.value for metric in app.metric][:2] == ["300", "5"]
    columns = app.dataframe[1].value
    assert dict(zip(columns["Column"], columns["Taken for"], strict=True))["CustomerID"] == "identifier"


def test_an_uploaded_file_is_read_and_its_bytes_leave_the_field(app):
    app.file_uploader[0].set_value(("c.csv", mall_customers(), "text/csv")).run()
    assert not app.exception
    assert session_of(app).dataset.n_customers == 300
    assert app.file_uploader[0].value is None


def test_a_bad_file_is_explained_and_what_was_loaded_stays(app):
    with_sample(app)
    app.file_uploader[0].set_value(("c.csv", b"\x7fELF" + b"x" * 100, "text/csv")).run()
    assert "This is not a CSV" in app.error[0].value
    assert session_of(app).dataset.n_customers == 300


def test_a_pickle_is_refused_in_words(app):
    app.file_uploader[0].set_value(("m.pkl", b"\x80\x04junk", "application/octet-stream")).run()
    assert "Pickle files are not opened here" in app.error[0].value


def test_missing_values_are_chosen_per_column_and_counted(app):
    rows = "\n".join(f"{n},{n * 7 % 50 if n % 10 else ''}" for n in range(1, 101))
    app.file_uploader[0].set_value(("c.csv", f"a,b\n{rows}\n".encode(), "text/csv")).run()
    assert "0 rows left out, 10 values filled in" in texts(app.info)
    app.selectbox(key="missing_b").select_index(0).run()
    assert "10 rows left out, 0 values filled in" in texts(app.info)


def test_the_separator_can_be_switched_at_once(app):
    rows = "\n".join(f"{n};{n % 7}|x" for n in range(30))
    app.file_uploader[0].set_value(("c.csv", f"a;b|c\n{rows}\n".encode(), "text/csv")).run()
    app.selectbox(key="read_separator").set_value("|").run()
    assert not app.exception
    assert [column.name for column in session_of(app).dataset.columns] == ["a;b", "c"]


def test_columns_are_picked_and_identifiers_are_off(app):
    with_sample(app).switch_page(PAGE.format("prepare")).run()
    assert columns_list(app).value == ["Age", "Annual Income (k$)", "Spending Score (1-100)"]
    columns_list(app).set_value(["Age"]).run()
    assert [spec.column for spec in session_of(app).recipe.segmenting] == ["Age"]


def test_a_skewed_column_is_evened_out_and_said_to_be(app):
    app.button(key="sample_retail").click().run()
    app.switch_page(PAGE.format("prepare")).run()
    assert not app.exception
    assert "Strongly skewed" not in texts(app.warning)
    assert "evened out" in " ".join(
        texts(each) for each in (app.info, app.success, app.markdown, app.caption, app.warning)
    )
    assert {spec.column: spec.transform for spec in session_of(app).features}["spend"] == "log"


def test_a_choice_survives_leaving_the_page(app):
    with_sample(app).switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["Age"]).run()
    app.switch_page(PAGE.format("choose")).run()
    app.switch_page(PAGE.format("prepare")).run()
    assert columns_list(app).value == ["Age"]


def test_the_slider_picks_among_results_and_recomputes_nothing(app):
    with_comparison(app)
    before = session_of(app).selection.latest
    app.slider(key="choose_k").set_value(4).run()
    assert session_of(app).n_segments == 4
    assert session_of(app).selection.latest is before
    assert session_of(app).jobs.job is None
    assert app.session_state["segmenter"].cards.latest is not None
    assert len(cards_of(app)) == 4
    assert sum(int(size.replace(",", "")) for size in sizes_of(app)) == 300
    assert "**4 instead of 5:**" in texts(app.markdown)


def test_a_changed_setting_is_compared_anew_by_itself(app):
    before = session_of(with_comparison(app)).current_selection()
    app.switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["Age", "Annual Income (k$)"]).run()
    app.switch_page(PAGE.format("choose")).run()
    assert session_of(app).jobs.job.running
    assert not cards_of(app)
    finish_job(app)
    assert session_of(app).current_selection() not in (None, before)
    assert cards_of(app)


def test_a_comparison_can_be_cancelled(app):
    app.button(key="sample_retail").click().run()
    app.switch_page(PAGE.format("choose")).run()
    job = session_of(app).jobs.job
    app.button(key="choose_cancel").click().run()
    assert not app.exception
    assert session_of(app).jobs.job is None
    assert isinstance(job.wait(180), Cancelled)
    assert session_of(app).selection.latest is None
    assert "Cancelled. Nothing was kept; your settings are." in texts(app.info)
    app.run()
    assert session_of(app).jobs.job is None
    app.button(key="choose_run").click().run()
    assert session_of(app).jobs.job.running


def test_the_settings_say_which_numbers_were_compared_where_there_were_more_groups(app, monkeypatch):
    monkeypatch.setattr("segmenter.config.DEFAULT_MAX_SEGMENTS", 3)
    compared(with_sample(app), 2, 3)
    assert not app.exception
    assert "There are more groups than 3, so 2 to 5 segments were compared." in texts(app.caption)


def test_a_cancelled_second_comparison_leaves_the_first(app):
    selection = session_of(with_comparison(app)).selection.latest
    app.slider(key="choose_range").set_value((2, 10)).run()
    assert session_of(app).jobs.job is None
    app.button(key="choose_run").click().run()
    app.button(key="choose_cancel").click().run()
    assert not app.exception
    assert session_of(app).current_selection() is selection
    assert "the comparison from before are kept" in texts(app.info)


def test_forming_segments_can_be_cancelled_and_does_not_start_again_by_itself(app, monkeypatch):
    with_comparison(app)
    # A page is a script: it imports anew on every run.
    monkeypatch.setattr("segmenter.segment.segmentation.fit_segmentation", until_cancelled)
    app.switch_page(PAGE.format("segments")).run()
    job = session_of(app).jobs.job
    app.button(key="segments_cancel").click().run()
    assert isinstance(job.wait(180), Cancelled)
    app.run()
    assert not app.exception
    assert session_of(app).jobs.job is None
    assert "You cancelled" in texts(app.info)
    app.button(key="segments_again").click().run()
    again = session_of(app).jobs.job
    assert again.running
    again.cancel()


def test_segments_are_formed_and_can_be_renamed_everywhere(app):
    with_segments(app)
    assert len(session_of(app).result.latest.segmentation.names) == 5
    rename(app, 1, "Regulars")
    assert session_of(app).result.latest.segmentation.names[0] == "Regulars"
    assert (
        session_of(app).result.latest.labelled()["segment_name"].eq("Regulars").sum()
        == session_of(app).result.latest.profiles[0].size
    )


@pytest.mark.parametrize("page", ["use", "export"])
def test_the_labelled_file_is_one_click_and_the_rows_reconcile(app, offered, page):
    with_segments(app).switch_page(PAGE.format(page)).run()
    assert not app.exception
    assert "300 customers = 300 in segments + 0 without a segment + 0" in texts(app.markdown)
    content = offered.content(f"{page}_customers-csv_download")
    assert content == labelled_csv(session_of(app).current_result())
    assert not [button for button in app.button if button.key.endswith("_build")]


def test_six_clicks_lead_from_the_file_to_its_labelled_copy(app, offered):
    clicks = 1
    app.file_uploader[0].set_value(("c.csv", mall_customers(), "text/csv")).run()
    while "use_customers-csv_download" not in offered:
        app.button(key="step_next").click().run()
        clicks += 1
        if session_of(app).jobs.job is not None:
            finish_job(app)
        assert not app.exception
        assert clicks < 6
    assert clicks + 1 == 6
    assert offered.content("use_customers-csv_download").count(b"\r\n") == 301


def test_a_sample_result_is_one_click_away(app):
    app.button(key="sample_result").click().run()
    for _ in range(2):
        finish_job(app)
    assert not app.exception
    assert session_of(app).current_result().n_placed == 300
    assert "segments" in app.title[0].value


def test_a_failure_is_said_once_and_nothing_begins_again_by_itself(app, monkeypatch):
    def broken(*_, **__):
        raise TooFewCustomersError(3, 5)

    monkeypatch.setattr("segmenter.choose.k.compare_k", broken)
    with_sample(app).switch_page(PAGE.format("choose")).run()
    while session_of(app).jobs.job is not None:
        finish_job(app)
    for _ in range(2):
        assert len(app.error) == 1
        assert session_of(app).jobs.job is None
        app.run()
    monkeypatch.undo()
    app.button(key="choose_run").click().run()
    assert session_of(app).jobs.job.running
    assert not app.error


def placed_in_five(app):
    """Whether the page says that all 300 customers were placed, in five segments."""
    return app.metric[0].value == "300" and len([each for each in htmls(app) if "<h2>" in each]) == 5


def test_a_saved_model_places_the_loaded_customers(app):
    with_sample(app).switch_page(PAGE.format("next_month")).run()
    assert not app.exception
    assert placed_in_five(app)


def test_an_uploaded_model_places_customers(app):
    with_segments(app)
    from segmenter.io.model.format import to_bytes

    content = to_bytes(session_of(app).result.latest.segmentation)
    app.switch_page(PAGE.format("next_month")).run()
    app.selectbox(key="next_month_model").select_index(len(app.selectbox(key="next_month_model").options) - 1).run()
    app.file_uploader[0].set_value(("m.segmodel.json", content, "application/json")).run()
    assert not app.exception
    assert placed_in_five(app)


def test_missing_columns_are_matched_by_hand(app):
    renamed = mall_customers().replace(b"Annual Income (k$)", b"Yearly income k")
    app.file_uploader[0].set_value(("c.csv", renamed, "text/csv")).run()
    app.switch_page(PAGE.format("next_month")).run()
    assert "has no Annual Income" in texts(app.warning).replace("\\", "")
    app.selectbox(key="match_Annual Income (k$)").set_value("Yearly income k").run()
    assert not app.exception
    assert placed_in_five(app)


def test_another_unit_asks_before_it_goes_on(app):
    rows = [line.split(b",") for line in mall_customers().splitlines()]
    dollars = b"\n".join(b",".join([*row[:3], row[3] + (b"000" if n else b""), row[4]]) for n, row in enumerate(rows))
    app.file_uploader[0].set_value(("c.csv", dollars, "text/csv")).run()
    app.switch_page(PAGE.format("next_month")).run()
    assert "times larger than when the model was made" in texts(app.warning).replace("\\", "")
    assert "In your own units" not in texts(app.header)
    app.checkbox[0].check().run()
    assert "In your own units" in texts(app.header)


def test_delete_forgets_everything(app):
    with_segments(app).switch_page(PAGE.format("data")).run()
    app.button(key="delete_data").click().run()
    assert session_of(app).dataset is None
    assert session_of(app).result.latest is None


def test_names_from_a_file_are_shown_and_never_run(app):
    hostile = "![x](http://127.0.0.1:9/a) <b>$x$ :red[y]"
    content = f"{hostile},b\n" + "\n".join(f"{n % 9},{n * n % 31}" for n in range(60))
    app.file_uploader[0].set_value((f"{hostile}.csv", content.encode(), "text/csv")).run()
    for page in ("data", "prepare", "choose"):
        app.switch_page(PAGE.format(page)).run()
        assert not app.exception
        shown = texts([*app.markdown, *app.subheader, *app.warning, *app.info, *app.success])
        assert "![x]" not in shown


def test_the_summary_is_in_own_units_and_rounded(app):
    with_segments(app, 3)
    (table,) = [each for each in htmls(app) if "Segments side by side" in each]
    everyone = f"{session_of(app).dataset.frame['Annual Income (k$)'].mean():.0f} k$"
    for words in ("Everyone", "Customers", "Annual income", everyone, "100 %", *session_of(app).result.latest.profiles):
        assert getattr(words, "name", words) in table
    assert not re.search(r"\d\.\d{3}", table)
    look_at(app, "Quality")
    (reliability,) = [each.value for each in app.dataframe if "Reliability" in each.value]
    assert set(reliability["Reliability"]) <= {"Reliable", "Doubtful", "Unreliable"}


def test_links_lead_to_their_pages_wherever_the_app_is_started_from(tmp_path):
    script = tmp_path / "app.py"
    shutil.copy(Path(__file__).parents[2] / "app.py", script)
    app = AppTest.from_file(script, default_timeout=180).run()
    app.button(key="sample_mall").click().run()
    app.switch_page(page_file("export")).run()
    app.button(key="export_to_segments").click().run()
    assert not app.exception
    assert not app.error
    assert app.title[0].value == messages.CHOOSE_FIRST


def test_each_segment_has_a_card_and_the_answer_comes_first(app):
    with_segments(app, 5)
    answer = r"(One|Two|Three) of your five segments earns? [\d.]+ % of the annual income\."
    assert re.fullmatch(answer, app.title[0].value)
    cards = [each for each in htmls(app) if "<h2>" in each]
    result = session_of(app).result.latest
    assert len(cards) == 5
    for card, profile in zip(cards, result.profiles, strict=True):
        assert profile.name in card
        assert f"{profile.size:,} customers" in card
    assert not any(name.startswith("Segment ") for name in result.segmentation.names)


def test_a_card_that_is_picked_filters_the_customers(app):
    look_at(with_segments(app, 5), "Customers")
    (listed,) = [each.value for each in app.dataframe if "second best" in each.value]
    assert len(listed) == 300
    app.button(key="segments_show_2").click().run()
    assert not app.exception
    (listed,) = [each.value for each in app.dataframe if "second best" in each.value]
    profile = session_of(app).result.latest.profiles[1]
    assert set(listed["segment"]) == {profile.name}
    assert len(listed) == profile.size
    assert listed["margin"].is_monotonic_increasing
    app.text_input(key="segments_search").set_value("female").run()
    (found,) = [each.value for each in app.dataframe if "second best" in each.value]
    assert 0 < len(found) < len(listed)
    assert set(found["Gender"]) == {"Female"}


def test_the_value_column_is_named_once_and_stays(app):
    look_at(with_segments(app, 3), "Money")
    assert app.selectbox(key="segments_value_column").value == "Annual Income (k$)"
    app.selectbox(key="segments_value_column").set_value("Age").run()
    assert not app.exception
    assert "of the age" in app.title[0].value
    assert session_of(app).result.latest.value_column == "Age"
    app.selectbox(key="segments_value_column").set_value("").run()
    assert app.title[0].value == "Your customers fall into 3 segments."


@pytest.mark.parametrize("view", ["Differences", "Profiles", "Rules", "Columns"])
def test_every_view_below_the_cards_draws(app, view):
    look_at(with_segments(app, 3), view)
    assert not app.exception
    assert not app.error
    assert app.dataframe or app.get("plotly_chart")
