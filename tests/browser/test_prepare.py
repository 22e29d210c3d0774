"""The table of kinds and the order of steps, edited cell by cell in a real browser."""

import pytest
from playwright.sync_api import expect


def opened(app, table, across, editor):
    """Open the first row's cell at a place across the table, once the table stands still and takes a click."""
    table.get_by_test_id("glide-cell-0-0").wait_for(state="attached")
    box = None
    for _ in range(40):
        app.settle()
        box, last = table.bounding_box(), box
        app.page.wait_for_timeout(300)
        if box != last:
            continue
        app.page.mouse.click(box["x"] + across(box["width"]), box["y"] + 35 * 1.5)
        # A key that is pressed before the table has the focus would close what it stands in.
        if table.evaluate("table => table.contains(document.activeElement)"):
            app.page.keyboard.press("Enter")
        app.page.wait_for_timeout(500)
        if editor.is_visible():
            return
    pytest.fail("the cell did not open")


def pick_in_settings(app, label, option):
    """Pick from a list under Settings, and wait until the page has taken it."""
    app.page.get_by_role("combobox", name=label).click()
    app.act(lambda: app.page.get_by_role("option", name=option, exact=True).click())


def test_a_kind_and_an_order_are_changed_by_hand(visit, tmp_path):
    file = tmp_path / "c.csv"
    rows = "\n".join(f"{n % 13},{n * n % 31},{('Low', 'Average', 'High')[n % 3]}" for n in range(60))
    file.write_text(f"a,b,tier\n{rows}\n")
    app = visit(1440, 1800)
    app.upload(file)
    app.page.get_by_text("Duplicate rows").wait_for()
    app.go("Prepare")

    app.page.get_by_role("button", name="Settings").click()
    pick_in_settings(app, "Columns to segment by", "tier")
    app.page.keyboard.press("Escape")
    app.page.keyboard.press("Escape")
    app.settle()
    pick_in_settings(app, "Change how a column is used", "tier")
    steps = app.page.locator('[class*="st-key-prepare_col_order_tier"] [data-testid="stDataFrame"]')
    steps.wait_for()
    typed = app.page.locator("input.gdg-input").last
    opened(app, steps, lambda width: 0.75 * width, typed)
    typed.fill("9")
    app.act(lambda: typed.press("Enter"))
    app.settle()
    expect(steps.get_by_test_id("glide-cell-0-2")).to_have_text("Low")

    app.act(lambda: app.page.locator('[class*="st-key-kinds_open"] summary').click())
    kinds = app.page.locator('[class*="st-key-kind_table"] [data-testid="stDataFrame"]')
    kinds.wait_for()
    app.settle()
    box = kinds.get_by_test_id("glide-cell-1-0")
    expect(box).to_have_text("number")
    code = app.page.get_by_role("option", name="code", exact=True)
    # The second column starts where the first one, as wide as its longest cell, ends.
    opened(app, kinds, lambda _: 160, code)
    app.act(code.click)
    app.settle()
    expect(kinds.get_by_test_id("glide-cell-2-0")).to_have_text("as you said")
    expect(kinds.get_by_test_id("glide-cell-3-0")).to_have_text("left out")
    assert app.errors == []
    assert app.foreign == []


def test_a_column_that_formed_segments_becomes_the_weights_and_the_next_click_counts(visit, tmp_path):
    file = tmp_path / "c.csv"
    rows = "\n".join(f"{n % 13},{n * n % 31},{1 + n * n % 7 / 2}" for n in range(60))
    file.write_text(f"a,b,counts_for\n{rows}\n")
    app = visit(375, 812)
    app.upload(file)
    app.page.get_by_text("Duplicate rows").wait_for()
    app.next()
    app.page.get_by_role("button", name="Settings").click()
    pick_in_settings(app, "Survey weights", "counts_for")
    app.page.keyboard.press("Escape")
    app.settle()
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    # The weights form no segments any more.
    expect(app.page.get_by_text("60 customers are few for 2 columns")).to_be_visible()
    assert app.errors == []
