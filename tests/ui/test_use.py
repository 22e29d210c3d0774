"""The page Use: lists for a platform, with consent, people left out, and a control group."""

import io
import zipfile
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter.activate.control import smallest_lift
from segmenter.ui.state import Jobs
from tests.ui.test_pages import PAGE, app, columns_list, compared, finish_job, session_of, texts, with_segments  # noqa: F401 - a fixture among them


def book(n=90, **columns):
    chance = np.random.default_rng(0)
    spend = np.r_[chance.normal(100, 5, n // 3), chance.normal(300, 5, n // 3), chance.normal(600, 5, n - 2 * (n // 3))]
    return pd.DataFrame(
        {
            "customer_id": [f"{number:05d}" for number in range(n)],
            "email": [f"person{number}@mail.com" for number in range(n)],
            "phone": [f"0664 {1_000_000 + number}" for number in range(n)],
            "newsletter": ["ja", "ja", "nein"] * (n // 3),
            "spend": spend.round(2),
            "orders": (spend / 10).round(),
            **columns,
        }
    )


def with_book(app, table):  # noqa: F811
    app.file_uploader[0].set_value(("c.csv", table.to_csv(index=False).encode(), "text/csv")).run()
    app.switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["spend", "orders"]).run()
    compared(app, 2, 3)
    app.slider(key="choose_k").set_value(3).run()
    app.switch_page(PAGE.format("segments")).run()
    finish_job(app)
    return app.switch_page(PAGE.format("use")).run()


@pytest.fixture
def downloads(monkeypatch):
    taken = {}

    def spy(self, label, data, file_name, *more, **options):
        taken[options.get("key")] = (label, data, file_name)
        return original(self, label, data, file_name, *more, **options)

    original = DeltaGenerator.download_button
    monkeypatch.setattr(DeltaGenerator, "download_button", spy)
    monkeypatch.setattr(st, "download_button", lambda *args, **options: spy(st._main, *args, **options))
    return taken


def zip_of(downloads):
    label, content, name = downloads["use_download"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return label, name, {each: archive.read(each) for each in archive.namelist()}


def test_without_segments_the_page_leads_to_them(app):  # noqa: F811
    app.button(key="sample_mall").click().run()
    app.switch_page(PAGE.format("use")).run()
    assert "Form the segments first" in texts(app.title)


def test_the_country_is_asked_then_the_lists_are_there(app, downloads):  # noqa: F811
    with_book(app, book())
    assert not app.exception
    assert "90 telephone numbers have no country code" in texts(app.error)
    app.selectbox(key="use_region").set_value("AT").run()
    assert app.title[0].value == "You can reach 60 of your 90 customers."
    assert "90 customers = 60 in the lists + 30 without consent." in texts(app.markdown)
    table = app.dataframe[0].value
    assert table["In the list"].sum() == 60
    assert (table["of"] == table["In the list"] + table["No consent"]).all()
    label, name, files = zip_of(downloads)
    assert label == "Download 3 lists for Google Customer Match"
    assert name.startswith("audiences_google_")
    lists = b"".join(body for each, body in files.items() if each.startswith("lists/"))
    assert lists.count(b"@mail.com") == 60
    assert b"person2@" not in lists


def test_a_control_group_is_kept_back_and_counted(app, downloads):  # noqa: F811
    with_book(app, book())
    app.selectbox(key="use_region").set_value("AT").run()
    app.segmented_control(key="use_share").set_value("50 %").run()
    assert "kept back" in app.markdown[1].value or "kept back" in texts(app.markdown)
    arms = session_of(app).activation.made.latest.audiences.groups["arm"].value_counts()
    assert arms.sum() == 60
    assert f"**{arms['contacted']} are contacted, {arms['control']} are kept back**" in texts(app.markdown)
    assert "test_and_control.csv" in zip_of(downloads)[2]


def test_without_a_consent_column_the_word_is_asked_once_and_kept(app):  # noqa: F811
    with_book(app, book().drop(columns=["newsletter", "phone"]))
    assert app.title[0].value == "Who of your 90 customers may you contact?"
    app.checkbox(key="use_agreed").check().run()
    assert app.title[0].value == "You can reach 90 of your 90 customers."
    app.switch_page(PAGE.format("segments")).run()
    app.switch_page(PAGE.format("use")).run()
    assert app.title[0].value == "You can reach 90 of your 90 customers."


def test_the_page_forgets_people_when_it_is_left(app):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    app.file_uploader[0].set_value(("stop.csv", b"email\nperson0@mail.com\nperson1@mail.com\n", "text/csv")).run()
    assert not app.exception
    assert app.title[0].value == "You can reach 58 of your 90 customers."
    assert session_of(app).activation.suppressed
    assert session_of(app).activation.made.latest is not None
    app.switch_page(PAGE.format("segments")).run()
    held = session_of(app).activation
    assert (held.suppressed, held.made.latest) == ((), None)


def test_who_comes_back_makes_no_list_of_those_who_were_left_out(app):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    stop = ("stop.csv", b"email\nperson0@mail.com\nperson1@mail.com\n", "text/csv")
    app.file_uploader[0].set_value(stop).run()
    for _ in range(2):
        app.switch_page(PAGE.format("segments")).run()
        app.switch_page(PAGE.format("use")).run()
        assert app.title[0].value == "Your lists are not made yet."
        assert "You had given a list of people who must not be contacted" in texts(app.warning)
        assert "the lists then hold those people, too." in texts(app.warning)
    app.file_uploader[0].set_value(stop).run()
    assert app.title[0].value == "You can reach 58 of your 90 customers."
    app.switch_page(PAGE.format("segments")).run()
    app.switch_page(PAGE.format("use")).run()
    app.button(key="use_without").click().run()
    assert app.title[0].value == "You can reach 60 of your 90 customers."
    app.switch_page(PAGE.format("segments")).run()
    app.switch_page(PAGE.format("use")).run()
    assert app.title[0].value == "You can reach 60 of your 90 customers."


def test_a_template_and_last_time_are_asked_for_again_where_a_list_rests_on_them(app):  # noqa: F811
    with_book(app, book().drop(columns="phone"))

    def give(what, name, content):
        app.selectbox(key="use_file_kind").set_value(what).run()
        app.file_uploader[0].set_value((name, content, "text/csv")).run()

    def come_back():
        app.switch_page(PAGE.format("segments")).run()
        app.switch_page(PAGE.format("use")).run()

    before = book().drop(columns="phone").head(60).assign(segment="1 Small")
    give("Last time's customers with their segments", "before.csv", before.to_csv(index=False).encode())
    come_back()
    # All are in the lists as before: nothing rests on it.
    assert app.title[0].value == "You can reach 60 of your 90 customers."
    give("The platform's own empty template", "t.csv", b"Nickname,Email\n")
    give("Last time's customers with their segments", "before.csv", before.to_csv(index=False).encode())
    app.segmented_control(key="use_since").set_value("Who has joined since").run()
    come_back()
    assert app.title[0].value == "Your lists are not made yet."
    assert "the platform's own template and last time's customers. This page forgot them" in texts(app.warning)
    give("The platform's own empty template", "t.csv", b"Nickname,Email\n")
    assert "You had given last time's customers. This page forgot it" in texts(app.warning)
    app.button(key="use_without").click().run()
    assert app.title[0].value == "You can reach 60 of your 90 customers."


def test_a_template_decides_the_columns(app, downloads):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    app.selectbox(key="use_file_kind").set_value("The platform's own empty template").run()
    app.file_uploader[0].set_value(("t.csv", b"Nickname,Email\n", "text/csv")).run()
    lists = [body for name, body in zip_of(downloads)[2].items() if name.startswith("lists/")]
    assert all(body.startswith(b"Nickname,Email\n,person") for body in lists)
    app.file_uploader[0].set_value(("t.xlsx", b"PK\x03\x04", "application/zip")).run()
    assert "This template is a workbook" in texts(app.error)


def test_other_platforms_choices_and_rules(app, downloads):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    app.selectbox(key="use_platform").set_value("snapchat").run()
    assert not app.exception
    app.segmented_control(key="use_hashes").set_value("Hashed").run()
    lists = [body for name, body in zip_of(downloads)[2].items() if name.startswith("lists/")]
    assert all(len(line) == 64 for body in lists for line in body.split())
    app.text_input(key="use_rule").set_value("spend >= 500").run()
    assert app.title[0].value == "You can reach 20 of the 30 customers asked for."
    app.text_input(key="use_rule").set_value("money >= 500").run()
    assert "names no column of the file" in texts(app.error)
    app.text_input(key="use_rule").set_value("").run()
    app.number_input(key="use_typical").set_value(5).run()
    assert "of the 15 customers asked for." in app.title[0].value


def test_large_files_are_worked_on_in_the_background(app, monkeypatch):  # noqa: F811
    started = []
    start = Jobs.start_job
    monkeypatch.setattr(Jobs, "start_job", lambda self, job: (started.append(job.name), start(self, job)))
    with patch("segmenter.config.LISTS_AT_ONCE", 10):
        with_book(app, book().drop(columns="phone"))
        while app.title[0].value.startswith("Your lists are not made yet"):
            app.run()
    assert started[-1] == "use"
    assert app.title[0].value == "You can reach 60 of your 90 customers."


def test_a_file_with_customer_numbers_alone_has_the_plain_list(app):  # noqa: F811
    with_segments(app)
    app.switch_page(PAGE.format("use")).run()
    assert app.selectbox(key="use_platform").value == "plain"
    app.checkbox(key="use_agreed").check().run()
    assert app.title[0].value == "You can reach 300 of your 300 customers."


def test_what_a_test_can_show_is_said_before_anything_is_sent(app):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    assert "nothing can be measured" in texts(app.markdown)
    app.segmented_control(key="use_share").set_value("50 %").run()
    app.number_input(key="use_base_rate").set_value(10.0).run()
    arms = session_of(app).activation.made.latest.audiences.groups["arm"].value_counts()
    seen = smallest_lift(0.1, arms.sum() / 2, arms.sum() / 2)
    (shown,) = [each for each in app.metric if "Smallest rise" in each.label]
    assert shown.value == f"10 → {10 * (1 + seen):.3g} %"
    assert "too small" in texts(app.markdown)


def test_results_are_read_back_by_the_sheet_of_both_sides(app):  # noqa: F811
    with_book(app, book().drop(columns="phone"))
    people = pd.DataFrame(
        {
            "customer": [f"{number:05d}" for number in range(400)],
            "segment": ["1 Big"] * 400,
            "arm": ["contacted", "control"] * 200,
        }
    )
    back = pd.DataFrame({"customer_id": people["customer"], "bought": [1, 0, 1, 0, 0, 1, 1, 0] * 50})
    for kind, name, table in (
        ("The sheet of both sides of a campaign (test_and_control.csv)", "test_and_control.csv", people),
        ("What came back: responses or revenue by customer", "orders.csv", back),
    ):
        app.selectbox(key="use_file_kind").set_value(kind).run()
        app.file_uploader[0].set_value((name, table.to_csv(index=False).encode(), "text/csv")).run()
        assert not app.exception
    (table,) = [each.value for each in app.dataframe if "n_contacted" in each.value]
    row = table[table["segment"] == "1 Big"].iloc[0]
    assert (row["n_contacted"], row["n_control"]) == (200, 200)
    assert (row["contacted"], row["control"]) == (75.0, 25.0)
    assert row["difference"] == pytest.approx(50.0)
    # Newcombe's and Katz's intervals of 150 and 50 of 200, worked out by hand.
    assert "+50.00 (+40.90 to +57.77) points, a lift of +200 % (+133 % to +286 %)" in texts(app.markdown)
    app.switch_page(PAGE.format("segments")).run()
    assert session_of(app).activation.outcomes is None
