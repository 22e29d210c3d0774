"""Methods are ticked, compared in the background, and taken with one click."""

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.progress import Cancelled
from segmenter.ui import messages
from tests.methods_for_tests import register
from tests.ui.test_pages import PAGE, finish_job, session_of, texts, with_comparison, with_sample


@pytest.fixture
def visitor(monkeypatch):
    register(monkeypatch)
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def comparing(visitor, *methods):
    with_comparison(visitor).slider(key="choose_k").set_value(5).run()
    visitor.switch_page(PAGE.format("compare")).run()
    for method in methods:
        visitor.checkbox(key=f"compare_tick_{method}").check().run()
    return visitor


def compared(visitor, *methods):
    comparing(visitor, *methods).button(key="compare_run").click().run()
    return finish_job(visitor)


def test_without_a_number_of_segments_the_way_leads_to_choose(visitor):
    with_sample(visitor).switch_page(PAGE.format("compare")).run()
    assert "Choose the number of segments first" in texts(visitor.info)
    visitor.button(key="compare_to_choose").click().run()
    assert visitor.title[0].value == messages.CHOOSE_TITLE


def test_nothing_ticked_means_nothing_to_compare(visitor):
    assert comparing(visitor).button(key="compare_run").disabled


def test_each_method_has_a_row_and_k_means_is_first(visitor):
    compared(visitor, "by-chance", "leaves-out", "not-here")
    assert not visitor.exception
    rows = visitor.dataframe[0].value
    assert list(rows["Method"]) == ["K-Means", "By chance", "Leaves some out", "Not here"]
    assert rows["ARI with K-Means"][0] == 1
    assert rows["In none"][2] > 0
    # The page Choose has a Stability of its own, which is another number.
    assert {"Found again (samples)", "Found again (seeds)"} <= set(rows)
    assert not any("stab" in name.lower() for name in rows)
    assert rows["Remark"][3] == "This method is not installed: pip install it."
    assert "Stay with K\\-Means" in texts(visitor.info)
    assert "this counts" in texts(visitor.markdown)


def test_one_click_takes_a_method_with_its_settings(visitor):
    comparing(visitor, "by-chance").number_input(key="compare_set_by-chance_spread").set_value(2.0).run()
    visitor.button(key="compare_run").click().run()
    finish_job(visitor)
    visitor.button(key="compare_use_1").click().run()
    assert "of your customers earn" in visitor.title[0].value
    finish_job(visitor.switch_page(PAGE.format("segments")))
    recipe = session_of(visitor).result.latest.segmentation.recipe
    assert (recipe.algorithm, recipe.settings, recipe.n_segments) == ("by-chance", (("spread", 2.0),), 5)


def test_what_cannot_be_used_is_not_offered(visitor):
    compared(visitor, "not-here")
    labels = [button.label for button in visitor.button]
    assert "Use K\\-Means" in labels
    assert "Use Not here" not in labels


def test_another_number_of_segments_makes_it_out_of_date_and_another_method_does_not(visitor):
    compared(visitor, "by-chance")
    visitor.switch_page(PAGE.format("choose")).run()
    visitor.selectbox(key="choose_method").set_value("by-chance").run()
    visitor.switch_page(PAGE.format("compare")).run()
    assert len(visitor.dataframe[0].value) == 2
    visitor.switch_page(PAGE.format("choose")).run()
    visitor.slider(key="choose_k").set_value(4).run()
    visitor.switch_page(PAGE.format("compare")).run()
    assert not visitor.dataframe
    assert "Run it again" in texts(visitor.info)


def test_a_comparison_can_be_cancelled(visitor):
    comparing(visitor, "som").button(key="compare_run").click().run()
    job = session_of(visitor).jobs.job
    visitor.button(key="compare_cancel").click().run()
    assert not visitor.exception
    assert isinstance(job.wait(180), Cancelled)
    assert session_of(visitor).comparison.latest is None


def test_tick_all_ticks_what_can_be_used(visitor):
    comparing(visitor).button(key="compare_all").click().run()
    assert {"som", "autoencoder", "by-chance"} <= set(session_of(visitor).ticked)
    assert all(box.value for box in visitor.checkbox if not box.disabled)
