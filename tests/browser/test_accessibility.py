"""Every page, tab and theme against axe-core; the focus, enlarged text and a telephone's room."""

from importlib.resources import files

import pytest
from playwright.sync_api import expect

axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed; requirements-dev.txt names it")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# Streamlit's own canvas tables keep cells that only a screen reader sees in an order of their own.
RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ['violations']});
    return found.violations.filter(each => ['serious', 'critical'].includes(each.impact)).flatMap(each =>
        each.nodes.map(node => `${each.id}: ${node.target} ${node.failureSummary.slice(0, 260)}`));
}"""
BESIDE = ("Files and model", "RFM and value", "Compare methods", "Learn known segments", "Place with a classifier")

pytestmark = pytest.mark.xdist_group("browser")


def faults(app):
    app.settle()
    # Messages fade in: what is half transparent has no contrast yet.
    app.page.wait_for_timeout(600)
    if not app.page.evaluate("'axe' in window"):
        app.page.evaluate(AXE)
    found = app.page.evaluate(RUN)
    if found:
        # On a busy machine fading, also of a button that was just left, takes longer: what stays is a fault.
        app.settle()
        app.page.mouse.move(2, 2)
        app.page.wait_for_timeout(2_500)
        found = app.page.evaluate(RUN)
    return found


# Tabs, and the views below the cards of the segments.
VIEWS = '[role="tab"], [class*="_view"] [data-testid="stButtonGroup"] button'


def of_page(app):
    """Return what is wrong with a page as it stands, and in each of its tabs."""
    found = set(faults(app))
    tabs = app.page.locator(VIEWS)
    for at in range(tabs.count()):
        if tabs.nth(at).is_visible():
            tabs.nth(at).click()
            found |= set(faults(app))
    return sorted(found)


def more(app, title):
    app.page.get_by_text("More", exact=True).first.click()
    app.act(app.page.get_by_text(title, exact=True).first.click)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_and_no_tab_has_a_serious_fault(visit, scheme):
    app = visit(1440, 1000, scheme)
    # What is looked for would be found.
    grey = "<p id='grey' style='color:#999;background:#fff;position:fixed;top:9em;z-index:9999999'>hardly read</p>"
    app.page.evaluate(f'document.body.insertAdjacentHTML("beforeend", "{grey}")')
    assert ["color-contrast" in fault for fault in faults(app)] == [True]
    app.page.evaluate("document.getElementById('grey').remove()")
    found = {"start": of_page(app)}
    app.press("Mall visitors", exact=False)
    app.page.locator(".st-key-step_next button:not([disabled])").wait_for()
    found["data"] = of_page(app)
    app.next()
    found["prepare"] = of_page(app)
    app.page.get_by_role("button", name="Settings").click()
    found["prepare, settings"] = faults(app)
    app.page.keyboard.press("Escape")
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    found["choose"] = of_page(app)
    app.act(lambda: app.unfold("Show the evidence"))
    app.unfold("Settings")
    found["choose, evidence"] = faults(app)
    app.next()
    app.until(app.page.locator(VIEWS).first)
    found["segments"] = of_page(app)
    app.next()
    app.page.get_by_text("Download", exact=True).first.wait_for()
    found["use"] = of_page(app)
    app.go("Next month")
    found["next month"] = of_page(app)
    for title in BESIDE:
        more(app, title)
        found[title] = of_page(app)
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


@pytest.mark.parametrize(("width", "height"), [(720, 450), (640, 360)])
def test_enlarged_to_200_per_cent_the_page_keeps_seven_tenths_of_the_height(visit, width, height):
    app = visit(width, height)
    app.press("Mall visitors", exact=False)
    app.settle()
    app.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 300)")
    covered = app.page.evaluate(
        """() => ['stHeader', 'stBottom'].reduce((sum, name) => {
            const box = document.querySelector(`[data-testid="${name}"]`)?.getBoundingClientRect();
            return sum + (box ? Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0)) : 0);
        }, 0) / innerHeight"""
    )
    assert covered <= 0.3


def test_on_a_telephone_the_answer_is_on_the_first_screen_and_no_page_is_long(visit):
    app = visit(375, 812)
    app.press("Mall visitors", exact=False)
    app.page.locator(".st-key-step_next button:not([disabled])").wait_for()
    for page in ("data", "prepare", "choose"):
        if page == "choose":
            app.until(app.page.locator(".st-key-choose_cards"))
            cards = app.page.locator(".sg-card").first.bounding_box()
            assert cards["y"] < 812
        app.settle()
        title = app.page.get_by_role("heading", level=1).bounding_box()
        assert title["y"] + title["height"] < 812 / 2
        screens = app.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight / main.clientHeight")
        assert screens <= 4, page
        assert app.page.evaluate("document.documentElement.scrollWidth") <= 375
        if page != "choose":
            app.next()
