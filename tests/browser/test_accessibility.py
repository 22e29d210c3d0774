"""Every page, tab and theme against axe-core; the focus, enlarged text and a telephone's room."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed; requirements-dev.txt names it")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# Streamlit's own canvas tables keep cells that only a screen reader sees in an order of their own.
RUN = """async rules => {
    const only = rules.length ? {runOnly: {type: 'rule', values: rules}} : {};
    const found = await axe.run(document, {resultTypes: ['violations'], ...only});
    return found.violations.filter(each => ['moderate', 'serious', 'critical'].includes(each.impact)).flatMap(each =>
        each.nodes.map(node => `${each.id}: ${node.target} ${node.failureSummary.slice(0, 260)}`));
}"""
# What fades in is half transparent, and has no contrast yet.
STILL = """() => document.getAnimations().every(each =>
    each.playState !== 'running' || each.effect.getTiming().iterations > 9)"""
IS_DARK = (
    "() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor === 'rgb(16, 22, 26)'"
)
BESIDE = ("Files and model", "RFM and value", "Compare methods", "Learn known segments", "Place with a classifier")
WIDE, PHONE = {"width": 1440, "height": 1000}, {"width": 375, "height": 812}

pytestmark = pytest.mark.timeout(1_200)


def faults(app, *rules):
    app.settle()
    app.page.wait_for_function(STILL)
    if not app.page.evaluate("'axe' in window"):
        app.page.evaluate(AXE)
    found = app.page.evaluate(RUN, list(rules))
    if found:
        # On a busy machine fading, also of a button that was just left, takes longer: what stays is a fault.
        app.settle()
        app.page.mouse.move(2, 2)
        app.page.wait_for_timeout(2_500)
        found = app.page.evaluate(RUN, list(rules))
    return set(found)


def in_the_dark(app):
    """Return what cannot be read once the visitor's system turns dark."""
    app.page.emulate_media(color_scheme="dark")
    app.page.wait_for_function(IS_DARK)
    found = {f"dark: {fault}" for fault in faults(app, "color-contrast")}
    app.page.emulate_media(color_scheme="light")
    return found


def on_a_telephone(app):
    """Return what is wrong on a small screen: faults, what sticks out, an answer out of sight, or a long way down."""
    app.page.set_viewport_size(PHONE)
    app.page.wait_for_function("() => innerWidth === 375 && !document.querySelector('[data-testid=\"stTopNavLink\"]')")
    found = {f"telephone: {fault}" for fault in faults(app)}
    if app.page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
        found.add("telephone: sticks out")
    main = app.page.get_by_test_id("stMain")
    screens = main.evaluate("main => main.scrollHeight / innerHeight")
    if screens > 4:
        found.add(f"telephone: {screens:.2f} screens")
    main.evaluate("main => main.scrollTo(0, 0)")
    title = app.page.get_by_role("heading", level=1).bounding_box()
    if title["y"] + title["height"] > PHONE["height"] / 2:
        found.add("telephone: the answer is not on the first half of the first screen")
    app.page.set_viewport_size(WIDE)
    app.page.wait_for_function("() => document.querySelector('[data-testid=\"stTopNavLink\"]')")
    return found


# Tabs, and the views below the cards of the segments.
VIEWS = '[role="tab"], [class*="_view"] [data-testid="stButtonGroup"] button'


def of_page(app):
    """Return what is wrong with a page as it stands and in each of its tabs, in both themes and on a telephone."""
    found = faults(app) | in_the_dark(app) | on_a_telephone(app)
    tabs = app.page.locator(VIEWS)
    for at in range(tabs.count()):
        if tabs.nth(at).is_visible() and tabs.nth(at).get_attribute("aria-selected") != "true":
            tabs.nth(at).click()
            found |= faults(app) | in_the_dark(app) | on_a_telephone(app)
    return sorted(found)


# How much of the height is taken by the bars that stay in place while the page is scrolled.
COVERED = """() => ['stHeader', 'stBottom'].reduce((sum, name) => {
    const bar = document.querySelector(`[data-testid="${name}"]`);
    if (!bar || ['static', 'relative'].includes(getComputedStyle(bar).position)) return sum;
    const box = bar.getBoundingClientRect();
    return sum + Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0));
}, 0) / innerHeight"""


def more(app, title):
    # A page that is still drawn closes the menu again.
    app.settle()
    app.page.get_by_text("More", exact=True).first.click()
    app.act(app.page.get_by_text(title, exact=True).first.click)


def test_no_page_and_no_tab_has_a_fault_in_either_theme_or_on_a_telephone(visit):
    app = visit()
    # What is looked for would be found.
    grey = "<p id='grey' style='color:#999;background:#fff;position:fixed;top:9em;z-index:9999999'>hardly read</p>"
    main = "document.querySelector('[data-testid=stMain]')"
    app.page.evaluate(f'{main}.insertAdjacentHTML("beforeend", "{grey}")')
    assert ["color-contrast" in fault for fault in faults(app)] == [True]
    app.page.evaluate("document.getElementById('grey').remove()")
    found = {"start": of_page(app)}
    app.press("Mall visitors", exact=False)
    app.page.locator(".st-key-step_next button:not([disabled])").wait_for()
    found["data"] = of_page(app)
    app.next()
    found["prepare"] = of_page(app)
    app.page.get_by_role("button", name="Settings").click()
    found["prepare, settings"] = faults(app) | in_the_dark(app)
    app.page.keyboard.press("Escape")
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    found["choose"] = of_page(app)
    app.act(lambda: app.unfold("Show the evidence"))
    app.unfold("Settings")
    found["choose, evidence"] = faults(app) | in_the_dark(app)
    app.next()
    app.until(app.page.locator(VIEWS).first)
    found["segments"] = of_page(app)
    app.act(app.page.locator(".st-key-segments_view").get_by_text("Rules", exact=True).click)
    app.unfold("One tree for all")
    # What a visitor unfolds may be longer than four screens.
    found["segments, tree"] = {fault for fault in on_a_telephone(app) if "screens" not in fault}
    app.next()
    app.page.get_by_text("Download", exact=True).first.wait_for()
    found["use"] = of_page(app)
    app.go("Next month")
    found["next month"] = of_page(app)
    for title in BESIDE:
        more(app, title)
        found[title] = of_page(app)
    more(app, "Compare methods")
    app.act(app.page.get_by_text("Hierarchical (Ward)", exact=True).click)
    app.page.get_by_role("button", name="Compare with K-Means").click()
    app.until(app.page.get_by_text("All methods were judged"))
    app.unfold("Show the evidence")
    found["compared"] = faults(app) | in_the_dark(app)
    assert {page: faults for page, faults in found.items() if faults} == {}
    assert app.errors == []


def test_the_keyboard_sees_where_it_is_and_lands_on_the_new_page(visit):
    app = visit()
    app.press("Mall visitors", exact=False)
    app.settle()
    link = app.page.get_by_test_id("stTopNavLink").filter(has_text="Prepare").first
    link.focus()
    app.page.keyboard.press("Shift+Tab")
    app.page.keyboard.press("Tab")
    ring = "element => { const of = getComputedStyle(element); return of.outlineStyle + ' ' + of.outlineWidth }"
    assert link.evaluate(ring) == "solid 3px"
    app.act(lambda: app.page.keyboard.press("Enter"))
    title = app.page.get_by_role("heading", level=1)
    expect(title).to_contain_text("form the segments")
    expect(title).to_be_focused()
    # A run of the same page takes the focus from nobody.
    field = app.page.get_by_role("combobox", name="Change how a column is used")
    field.focus()
    app.act(lambda: app.page.get_by_role("radio", name="Out", exact=False).first.click())
    assert app.page.evaluate("document.activeElement.tagName") != "H1"
    # The title of work that is under way gives way to that of what it found, and takes the focus along.
    app.compare()
    app.go("Segments")
    app.until(app.page.locator(VIEWS).first)
    expect(title).to_contain_text("of your")
    expect(title).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(720, 450), (640, 360)])
def test_enlarged_to_200_per_cent_the_page_keeps_seven_tenths_of_the_height(visit, width, height):
    # Each page is reached at full size, where the pages beside the way are in sight.
    app = visit()
    wide = app.page.viewport_size
    covered = {}

    def enlarged(page):
        app.page.set_viewport_size({"width": width, "height": height})
        app.settle()
        app.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 300)")
        app.page.wait_for_timeout(300)
        covered[page] = app.page.evaluate(COVERED)
        assert app.page.evaluate("document.documentElement.scrollWidth") <= width, page
        app.page.set_viewport_size(wide)
        app.page.wait_for_function("() => document.querySelector('[data-testid=\"stTopNavLink\"]')")

    enlarged("start")
    app.press("Mall visitors", exact=False)
    app.settle()
    enlarged("Data")
    app.next()
    enlarged("Prepare")
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    enlarged("Choose")
    app.next()
    app.until(app.page.locator(VIEWS).first)
    enlarged("Segments")
    app.next()
    app.until(app.page.get_by_text("Download", exact=True).first)
    enlarged("Use")
    app.go("Next month")
    enlarged("Next month")
    for title in BESIDE:
        more(app, title)
        enlarged(title)
    assert {page: share for page, share in covered.items() if share > 0.3} == {}


def test_on_a_telephone_the_menu_closes_behind_whoever_picks_a_page_in_it(visit):
    app = visit(375, 812)
    app.page.get_by_test_id("stExpandSidebarButton").click()
    menu = app.page.get_by_test_id("stSidebar")
    expect(menu.get_by_role("group", name="More").get_by_role("link")).to_have_count(len(BESIDE))
    app.act(lambda: menu.get_by_role("link", name="Next month").click())
    expect(menu).to_have_attribute("data-collapsed", "true")
    expect(app.page.get_by_role("heading", level=1)).to_be_in_viewport()
    # It stays open while nothing is picked.
    app.page.get_by_test_id("stExpandSidebarButton").click()
    app.page.wait_for_timeout(1_000)
    expect(menu).not_to_have_attribute("data-collapsed", "true")


def test_on_a_telephone_many_segments_of_many_columns_are_swiped_through(visit, tmp_path):
    """Ten segments by thirty columns: the answer and a card first, one segment at a time, four screens at most."""
    draw = np.random.default_rng(0)
    path = tmp_path / "many.csv"
    group = draw.integers(0, 10, 600)
    columns = {
        f"Bought of product line {n}": draw.normal(20 + 10 * (group * (n + 1) % 11), 2).round(1) for n in range(30)
    }
    pd.DataFrame({"customer": np.arange(600), **columns}).to_csv(path, index=False)
    app = visit(375, 812)
    app.upload(path)
    app.next()
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    app.next()
    app.until(app.page.get_by_text("Where they stand"))
    assert on_screens(app) <= 4
    card = app.page.locator(".st-key-segments_cards > *").first.bounding_box()
    assert card["y"] + card["height"] < 812
    assert app.page.locator('[class*="_index_wide"]').is_hidden()
    swiped = app.page.get_by_role("region", name="What tells them apart, one segment at a time")
    expect(swiped.locator(".sgm-panel").first).to_be_visible()
    fits = "region => region.scrollWidth > 2 * region.clientWidth && region.clientWidth <= 375"
    assert swiped.evaluate(fits)
    # A view that is picked stands just below the cards.
    for name in ("Profiles", "Money", "Quality"):
        app.act(app.page.locator(".st-key-segments_view").get_by_text(name, exact=True).click)
        assert on_screens(app) <= 4, name
    app.next()
    app.until(app.page.get_by_text("Download", exact=True).first)
    assert on_screens(app) <= 4


def on_screens(app):
    """Return how many screens a page is long."""
    app.settle()
    app.page.wait_for_function(STILL)
    return app.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight / innerHeight")
