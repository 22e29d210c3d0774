"""A way to form segments is picked and set on the screen, and means the same as on the command line."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.choose.methods import MethodChoice
from segmenter.cli import main
from segmenter.cluster import ALGORITHMS
from segmenter.io.export import EXPORTERS
from segmenter.io.read.samples import mall_customers
from segmenter.table.dataset import ColumnKind
from tests.methods_for_tests import register
from tests.ui.test_pages import PAGE, finish_job, session_of, texts, with_comparison


@pytest.fixture
def visitor(monkeypatch):
    register(monkeypatch)
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def choosing(visitor, method):
    with_comparison(visitor).selectbox(key="choose_method").set_value(method).run()
    assert not visitor.exception
    return visitor


def form(visitor):
    visitor.switch_page(PAGE.format("segments")).run()
    # What fails at once has ended, and been shown, within the same run.
    return finish_job(visitor) if session_of(visitor).jobs.job else visitor


def test_k_means_is_the_default_and_has_nothing_to_set(visitor):
    with_comparison(visitor)
    assert visitor.selectbox(key="choose_method").value == "k-means"
    visitor.session_state["choose_evidence"] = True
    visitor.run()
    assert not visitor.exception
    assert not visitor.number_input(key="choose_smallest").disabled
    assert "of K-Means" not in texts(visitor.markdown)


def test_every_registered_method_can_be_picked_and_what_is_shown_stays_that_of_k_means(visitor):
    with_comparison(visitor)
    selection = session_of(visitor).selection.latest
    for method in ALGORITHMS:
        visitor.selectbox(key="choose_method").set_value(method).run()
        assert not visitor.exception
        assert session_of(visitor).recipe.algorithm == method
        assert session_of(visitor).current_selection() is selection
        assert ("are those of K-Means" in texts(visitor.markdown)) == (method != "k-means")


def test_settings_left_alone_are_not_in_the_recipe_and_changed_ones_are(visitor):
    choosing(visitor, "by-chance")
    assert session_of(visitor).recipe.settings == ()
    visitor.number_input(key="choose_set_by-chance_spread").set_value(2.5).run()
    visitor.selectbox(key="choose_set_by-chance_way").set_value("far").run()
    assert session_of(visitor).recipe.settings == (("spread", 2.5), ("way", "far"))


def test_settings_survive_another_method_and_another_page(visitor):
    choosing(visitor, "by-chance").number_input(key="choose_set_by-chance_spread").set_value(2.5).run()
    visitor.selectbox(key="choose_method").set_value("som").run()
    visitor.switch_page(PAGE.format("prepare")).run()
    visitor.switch_page(PAGE.format("choose")).run()
    assert visitor.selectbox(key="choose_method").value == "som"
    visitor.selectbox(key="choose_method").set_value("by-chance").run()
    assert visitor.number_input(key="choose_set_by-chance_spread").value == 2.5


def test_the_segments_are_those_of_the_command_line(visitor, tmp_path):
    choosing(visitor, "som").slider(key="choose_k").set_value(4).run()
    visitor.number_input(key="choose_set_som_rows").set_value(6).run()
    visitor.number_input(key="choose_set_som_columns").set_value(5).run()
    form(visitor)
    source, out = tmp_path / "mall.csv", tmp_path / "out"
    source.write_bytes(mall_customers())
    asked = ["segment", str(source), "--out", str(out), "--segments", "4", "--method", "som"]
    assert main([*asked, "--set", "rows=6", "--set", "columns=5"]) == 0
    plain, on_screen = (
        json.loads(each) for each in (out.joinpath("model.segmodel.json").read_bytes(), model_of(visitor))
    )
    assert plain == on_screen


def model_of(visitor):
    return EXPORTERS["model"].export(session_of(visitor).result.latest)


def test_another_setting_makes_the_segments_out_of_date(visitor):
    form(choosing(visitor, "by-chance"))
    assert session_of(visitor).current_result() is not None
    visitor.switch_page(PAGE.format("choose")).run()
    visitor.number_input(key="choose_set_by-chance_spread").set_value(3.0).run()
    assert session_of(visitor).current_result() is None


def test_a_method_that_is_not_installed_says_so_and_stops_nothing(visitor):
    form(choosing(visitor, "not-here"))
    assert not visitor.exception
    assert "This method is not installed" in texts(visitor.error)
    visitor.switch_page(PAGE.format("choose")).run()
    visitor.selectbox(key="choose_method").set_value("k-means").run()
    form(visitor)
    assert session_of(visitor).current_result().n_placed == 300


def test_a_form_draws_one_field_for_each_setting():
    def page():
        import streamlit as st

        from segmenter.cluster import ALGORITHMS
        from segmenter.ui.widgets.method_choice import settings_form

        for algorithm in ALGORITHMS.values():
            if algorithm.settings:
                st.write(settings_form(algorithm, (), "here"))

    drawn = AppTest.from_function(page).run()
    assert not drawn.exception
    fields = [*drawn.number_input, *drawn.selectbox, *drawn.text_input]
    expected = {f"here_set_{each.key}_{one.key}" for each in ALGORITHMS.values() for one in each.settings}
    assert {field.key for field in fields} == expected
    for field in drawn.number_input:
        assert field.min <= field.value <= field.max


def test_another_file_starts_with_k_means_and_another_meaning_of_a_column_does_not(visitor):
    choosing(visitor, "by-chance").number_input(key="choose_set_by-chance_spread").set_value(2.5).run()
    visitor.switch_page(PAGE.format("data")).run()
    dataset = session_of(visitor).dataset
    age = [column.name for column in dataset.columns].index("Age")
    edits = {"edited_rows": {age: {"Taken for": "code"}}, "added_rows": [], "deleted_rows": []}
    visitor.session_state[f"kind_table_{dataset.fingerprint[:12]}"] = edits
    visitor.run()
    assert session_of(visitor).dataset.column("Age").kind is ColumnKind.CODE
    assert session_of(visitor).choice == MethodChoice("by-chance", (("spread", 2.5),))
    visitor.file_uploader[0].set_value(("other.csv", mall_customers(), "text/csv")).run()
    assert not visitor.exception
    assert session_of(visitor).choice == MethodChoice("k-means")
    choosing(visitor, "by-chance")
    assert visitor.number_input(key="choose_set_by-chance_spread").value == 1.0


def test_components_are_compared_and_taken_from_the_page_compare(visitor):
    with_comparison(visitor)
    visitor.switch_page(PAGE.format("compare")).run()
    visitor.checkbox(key="compare_tick_k-means+pca").check().run()
    visitor.button(key="compare_run").click().run()
    finish_job(visitor)
    assert not visitor.exception
    comparison = session_of(visitor).current_comparison()
    assert [score.choice.name for score in comparison.scores] == ["k-means", "k-means+pca"]
    session_of(visitor).choose_method(comparison.scores[1].choice)
    assert session_of(visitor).recipe.reduction == "pca"
    visitor.switch_page(PAGE.format("prepare")).run()
    assert session_of(visitor).recipe.reduction == "pca"
