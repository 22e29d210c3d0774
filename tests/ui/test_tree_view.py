"""The tree of a hierarchical method is a tab of its own, with a cut that moves."""

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.cluster.hierarchical import SETTINGS, hierarchical
from tests.ui.test_pages import PAGE, finish_job, look_at, session_of, texts, with_comparison


@pytest.fixture
def visitor(monkeypatch):
    monkeypatch.setitem(
        ALGORITHMS, "tree", Algorithm("tree", "Tree", hierarchical("ward"), "trees", SETTINGS, refits=2)
    )
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def merged(visitor):
    with_comparison(visitor).slider(key="choose_k").set_value(4).run()
    visitor.selectbox(key="choose_method").set_value("tree").run()
    return look_at(finish_job(visitor.switch_page(PAGE.format("segments")).run()), "Tree")


def test_the_line_moves_and_says_what_it_leaves(visitor):
    merged(visitor)
    assert not visitor.exception
    assert visitor.slider(key="segments_own_cut").value == 4
    sizes = ", ".join(f"{profile.size:,}" for profile in session_of(visitor).result.latest.profiles)
    assert f"4 segments of {sizes} customers" in texts(visitor.markdown)
    visitor.slider(key="segments_own_cut").set_value(2).run()
    assert ": 2 segments of " in texts(visitor.markdown)
    assert session_of(visitor).result.latest.segmentation.n_segments == 4


def test_a_cut_can_be_taken(visitor):
    merged(visitor).slider(key="segments_own_cut").set_value(6).run()
    visitor.button(key="segments_own_use_cut").click().run()
    finish_job(visitor)
    assert not visitor.exception
    assert session_of(visitor).result.latest.segmentation.n_segments == 6
    assert visitor.slider(key="segments_own_cut").value == 6
