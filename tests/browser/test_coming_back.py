"""What a visitor has set is there when they come back to a page: Streamlit forgets the widgets of a page that is left.

Streamlit's own test keeps more of them than a browser does, so that only this tells.
"""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import more
from tests.browser.test_prepare import opened
from tests.ui.test_use import book


@pytest.fixture
def shown(visit, tmp_path):
    """A visitor with 90 customers, their orders and their segments, on the page Segments."""
    source = tmp_path / "book.csv"
    recency = np.random.default_rng(1).integers(1, 300, 90)
    book(recency_days=recency).drop(columns="phone").to_csv(source, index=False)
    app = visit()
    app.upload(source)
    app.page.get_by_text("90", exact=True).first.wait_for()
    app.compare()
    app.go("Segments")
    app.until(app.page.get_by_text("Where they stand"))
    return app


def _box(app, label):
    return app.page.get_by_role("textbox", name=label, exact=True)


def _write(app, label, text):
    _box(app, label).fill(text)
    app.act(lambda: _box(app, label).press("Enter"))


def _press(app, key, words):
    app.act(lambda: app.page.locator(f".st-key-{key}").get_by_text(words, exact=True).click())


def _pressed(app, key):
    return app.page.locator(f'.st-key-{key} [data-selected="true"]').all_inner_texts()


def _picked(app, label):
    return app.page.get_by_role("combobox", name=label).first.input_value()


def test_use_sends_to_the_same_platform_and_keeps_the_same_back(shown):
    shown.go("Use")
    shown.until(shown.page.get_by_text("You can reach 60 of your 90 customers."))
    shown.choose("Platform", "Snapchat")
    _press(shown, "use_share", "20 %")
    _write(shown, "Campaign", "May")
    shown.act(lambda: shown.page.locator(".st-key-use_segments button").first.click())
    shown.unfold("More choices")
    _press(shown, "use_hashes", "Hashed")
    _write(shown, "Only customers with", "spend >= 90")
    title = shown.page.locator("h1").inner_text()
    picked = _pressed(shown, "use_segments")
    assert picked
    for leave, back in (
        (lambda: shown.go("Segments"), lambda: shown.go("Use")),
        (lambda: shown.act(shown.page.go_back), shown.next),
    ):
        leave()
        shown.until(shown.page.get_by_text("Where they stand"))
        back()
        shown.until(shown.page.get_by_text(title, exact=True))
        shown.unfold("More choices")
        assert _picked(shown, "Platform").startswith("Snapchat")
        assert _pressed(shown, "use_share") == ["20 %"]
        assert _box(shown, "Campaign").input_value() == "May"
        assert _pressed(shown, "use_segments") == picked
        assert _pressed(shown, "use_hashes") == ["Hashed"]
        assert _box(shown, "Only customers with").input_value() == "spend >= 90"
    assert shown.errors == []


def test_segments_shows_what_was_looked_at(shown):
    shown.act(lambda: shown.page.locator(".st-key-segments_pick button").first.click())
    _press(shown, "segments_view", "Customers")
    _write(shown, "Search", "person4")
    picked = _pressed(shown, "segments_pick")
    found = shown.page.get_by_text("of the picked segments, those that fit").inner_text()
    shown.go("Use")
    shown.until(shown.page.locator(".st-key-use_share"))
    shown.go("Segments")
    shown.until(shown.page.get_by_text("Where they stand"))
    assert _pressed(shown, "segments_pick") == picked
    assert _pressed(shown, "segments_view") == ["Customers"]
    assert _box(shown, "Search").input_value() == "person4"
    assert shown.page.get_by_text("of the picked segments, those that fit").inner_text() == found
    # A pick is no trap: it is taken back as before.
    shown.act(lambda: shown.page.locator(".st-key-segments_pick button").first.click())
    assert _pressed(shown, "segments_pick") == []


def _to_grid(app):
    more(app, "RFM and value")
    # A grid that is folded away is the page's first table.
    app.until(app.page.get_by_role("combobox", name="Scores a side"))
    app.unfold("Draw the cells yourself")


@pytest.mark.parametrize("way", ["rules", "grid"])
def test_cells_that_were_drawn_stay(shown, way):
    _to_grid(shown)
    shown.choose("Scores a side", "3")
    rules = shown.page.get_by_role("textbox", name="One rule a line")
    grid = shown.page.locator('[class*="st-key-worth_grid_3"] [data-testid="stDataFrame"]')
    if way == "rules":
        rules.fill("Best: R 3, F 3\nOthers: R 1-2, F 1-3\nFew orders: R 3, F 1-2")
        shown.act(lambda: rules.press("Control+Enter"))
        cell = "Best"
    else:
        shown.act(lambda: shown.page.get_by_text("On the grid", exact=True).click())
        typed = shown.page.locator("textarea.gdg-input, input.gdg-input").last
        opened(shown, grid, lambda width: 0.9 * width, typed)
        typed.fill("My best")
        shown.act(lambda: typed.press("Enter"))
        cell = "My best"
    shown.until(shown.page.locator("h1").filter(has_text=cell))
    title = shown.page.locator("h1").inner_text()
    shown.go("Segments")
    shown.until(shown.page.get_by_text("Where they stand"))
    _to_grid(shown)
    assert shown.page.locator("h1").inner_text() == title
    assert _picked(shown, "Scores a side") == "3"
    if way == "rules":
        assert rules.input_value().startswith("Best: R 3, F 3")
    else:
        expect(grid.get_by_test_id("glide-cell-3-0")).to_have_text("My best")
    assert shown.errors == []
