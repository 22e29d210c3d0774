"""Downloads are built beside the page: with progress, with Cancel, one at a time, and beside other long work."""

import threading
import time
import traceback
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from segmenter import read_table
from segmenter.io.export import EXPORTERS, Exporter
from segmenter.prepare.suggest import suggest_features
from segmenter.progress import Cancelled
from segmenter.recipe.recipe import Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.ui.jobs import Job, OurFaultError

PAGE = "segmenter/ui/pages/{}.py"


def session_of(app):
    return app.session_state["segmenter"]


@pytest.fixture
def app(monkeypatch):
    """The app at the page of files, where every table counts as large."""
    monkeypatch.setattr("segmenter.config.DOWNLOAD_AT_ONCE_CELLS", 0)
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.button(key="sample_mall").click().run()
    app.switch_page(PAGE.format("choose")).run()
    settled(app)
    app.switch_page(PAGE.format("segments")).run()
    settled(app)
    return app.switch_page(PAGE.format("export")).run()


def settled(app):
    while (job := session_of(app).jobs.job) is not None:
        job.wait(120)
        app.run()


@pytest.fixture
def slow(monkeypatch):
    """Let the workbook take until the test lets it go on."""
    go_on, begun = threading.Event(), threading.Event()

    def build(result, progress):
        begun.set()
        while not go_on.wait(0.01):
            progress(0.5, "Writing customers: row 150 of 300")
        return b"workbook"

    monkeypatch.setitem(EXPORTERS, "excel", replace(EXPORTERS["excel"], watched=build))
    yield go_on
    go_on.set()


def keys(app):
    return {button.key for button in app.button}


def test_a_long_download_shows_how_far_it_is_and_can_be_cancelled(app, slow):
    app.button(key="export_excel_build").click().run()
    assert app.get("progress")[0].proto.text == "Writing customers: row 150 of 300"
    assert app.get("progress")[0].proto.value == 50
    assert app.button(key="export_model_build").disabled
    job = session_of(app).jobs.building
    app.button(key="export_excel_job_cancel").click().run()
    assert isinstance(job.wait(60), Cancelled)
    assert "export_excel_build" in keys(app)
    assert "export_excel" not in session_of(app).downloads.built
    assert not app.error


def test_a_long_download_goes_on_while_the_visitor_is_elsewhere_and_beside_their_long_work(app, slow):
    other = Job("learn", None, lambda progress, _: slow.wait(60))
    session_of(app).jobs.start_job(other)
    app.button(key="export_excel_build").click().run()
    app.switch_page(PAGE.format("prepare")).run()
    job = session_of(app).jobs.building
    assert job.running
    assert session_of(app).jobs.job is other
    assert other.running
    slow.set()
    job.wait(60)
    app.switch_page(PAGE.format("export")).run()
    assert session_of(app).downloads.built["export_excel"].content == b"workbook"
    assert app.get("download_button")


def test_a_download_of_segments_that_were_named_meanwhile_is_dropped(app, slow):
    app.button(key="export_excel_build").click().run()
    result = session_of(app).result.latest
    session_of(app).rename(result, tuple(f"S{n}" for n in range(result.segmentation.n_segments)))
    job = session_of(app).jobs.building
    slow.set()
    job.wait(60)
    app.run()
    assert "export_excel" not in session_of(app).downloads.built
    assert "export_excel_build" in keys(app)


def test_a_workbook_ends_at_its_next_thousand_rows_once_nobody_wants_it():
    rows = "".join(f"{n},{n % 7},{n * n % 31}\n" for n in range(3_500))
    customers = read_table(f"customer,a,b\n{rows}".encode())
    recipe = Recipe(suggest_features(customers), n_segments=3)
    result, told = Result(customers, fit_segmentation(customers, recipe)), []

    def leave(share, doing):
        told.append(doing)
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        EXPORTERS["excel"].build(result, leave)
    assert told == ["Writing customers: row 1,000 of 3,500", "Writing customers: row 2,000 of 3,500"]


def test_a_download_without_progress_of_its_own_is_called_from_within():
    told = []

    def write(_):
        end = time.monotonic() + 60
        while not told and time.monotonic() < end:
            str(told)
        return b""

    Exporter("Slow", "slow", ".txt", "text/plain", "", write).build(None, lambda share, doing: told.append(doing))
    assert told[0] == "Writing"


def downloads_of(remarks):
    import streamlit as st

    from segmenter import Recipe, Result, choose_features, fit_segmentation, read_frame
    from segmenter.ui.widgets.downloads import show_downloads

    frame = __import__("pandas").DataFrame(
        {"spend": [1.5, 2.0, 90.5, 91.0], "visits": [1, 2, 40, 41], "remark": remarks}
    )
    if "formed" not in st.session_state:
        dataset = read_frame(frame)
        recipe = Recipe(choose_features(dataset, ("spend", "visits")), 2)
        st.session_state["formed"] = Result(dataset, fit_segmentation(dataset, recipe))
    show_downloads(st.session_state["formed"], "export")


def test_a_small_download_is_built_by_the_click_and_says_what_was_cut(offered):
    app = AppTest.from_function(downloads_of, kwargs={"remarks": ["=x", "fine", "@y", "so"]}, default_timeout=60).run()
    assert not app.exception
    assert offered.content("export_customers-csv_download").count(b"'=x") == 1
    assert "2 texts begin with" in app.info[0].value
    # A click that ran the page again would take away what it asks for.
    assert {each[3] for each in offered.values()} == {"ignore"}


def test_what_goes_wrong_in_a_download_is_logged_without_a_value(monkeypatch, offered, caplog):
    def build(result):
        raise ValueError("jane@example.com")

    monkeypatch.setitem(EXPORTERS, "customers-csv", replace(EXPORTERS["customers-csv"], export=build))
    AppTest.from_function(downloads_of, kwargs={"remarks": ["a", "b", "c", "d"]}, default_timeout=60).run()
    with pytest.raises(OurFaultError) as raised:
        offered.content("export_customers-csv_download")
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert "jane@example.com" not in told
    assert "ValueError" in caplog.text


@pytest.mark.parametrize(("length", "said"), [(32_767, []), (32_768, ["1 text is longer than the 32,767 letters"])])
def test_a_text_too_long_for_excel_is_said_on_the_page(monkeypatch, length, said):
    monkeypatch.setattr("segmenter.config.DOWNLOAD_AT_ONCE_CELLS", 0)
    app = AppTest.from_function(
        downloads_of, kwargs={"remarks": ["x" * length, "fine", "none", "so"]}, default_timeout=60
    )
    app.run().button(key="export_excel_build").click().run()
    while (job := session_of(app).jobs.building) is not None:
        job.wait(60)
        app.run()
    assert not app.exception
    assert [note.value[: len(text)] for note, text in zip(app.warning, said, strict=True)] == said
