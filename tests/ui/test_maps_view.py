"""A visitor looks at all customers at once: at PCA without waiting, at t-SNE after a click."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.test_pages import PAGE, finish_job, look_at, rename, session_of, texts, with_segments


@pytest.fixture
def app():
    return AppTest.from_file("../../app.py", default_timeout=180).run()


def test_the_pca_map_is_there_at_once_in_two_and_three_dimensions(app):
    look_at(with_segments(app, 4), "Map")
    assert not app.exception
    assert "All 300 customers are drawn" in texts(app.markdown)
    app.segmented_control(key="segments_map_dimensions").set_value(3).run()
    assert not app.exception
    assert set(session_of(app).maps.latest) == {("pca", 2), ("pca", 3)}


def test_a_slow_map_is_drawn_on_a_click_and_kept(app):
    look_at(with_segments(app, 4), "Map").segmented_control(key="segments_map_kind").set_value("t-sne").run()
    app.button(key="segments_map_draw").click().run()
    finish_job(app)
    assert not app.exception
    drawn = session_of(app).maps.latest["t-sne", 2]
    assert drawn.n_all == len(drawn.rows) == 300
    app.segmented_control(key="segments_map_kind").set_value("pca").run()
    app.segmented_control(key="segments_map_kind").set_value("t-sne").run()
    assert session_of(app).maps.latest["t-sne", 2] is drawn
    assert not [button for button in app.button if button.key == "segments_map_draw"]


def test_a_map_of_other_segments_is_forgotten(app):
    look_at(with_segments(app, 4), "Map")
    before = session_of(app).maps.latest["pca", 2]
    rename(app, 1, "Regulars")
    assert session_of(app).maps.latest["pca", 2] is before
    app.switch_page(PAGE.format("choose")).run()
    app.slider(key="choose_k").set_value(3).run()
    finish_job(app.switch_page(PAGE.format("segments")).run())
    assert session_of(app).maps.latest["pca", 2] is not before


def test_what_is_not_installed_says_how_to_get_it(app, monkeypatch):
    monkeypatch.setattr("segmenter.segment.embed.find_spec", lambda _: None)
    look_at(with_segments(app, 4), "Map").segmented_control(key="segments_map_kind").set_value("umap").run()
    assert "pip install -r requirements-maps.txt" in texts(app.info).replace("\\", "")
