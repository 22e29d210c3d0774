"""What a file calls its columns, its values and itself is shown as it stands: never as a link, a picture or markup."""

import random

import pytest

# Each view, tab and chart of each page is opened and pointed at.
pytestmark = pytest.mark.timeout(1_200)

BESIDE = ("Files and model", "RFM and value", "Compare methods", "Learn known segments", "Place with a classifier")
EVIL = "evil.example"
NUMBERS = (
    f"https://{EVIL}/income",
    f"[spend](https://{EVIL})",
    f"<a href='https://{EVIL}'>visits</a>",
    f"www.{EVIL}",
    f"$\\href{{https://{EVIL}}}{{age}}$",
)
GROUP, CITY, ID, NOTE = f"jane@{EVIL}", f"<https://{EVIL}>", f"mailto:id@{EVIL}", f"ftp://{EVIL}/note"
VALUES = (f"https://{EVIL}/a", f"<b class='evil'>b</b> jo@{EVIL}", f"![i](https://{EVIL}/i.png)", f"www.{EVIL}/d")
# Everything in the document, in charts and in what floats above it, that leads or looks somewhere else.
LEADS_AWAY = f"""() => [...document.querySelectorAll('*')].filter(each => {{
    const name = each.localName;
    const to = ['href', 'src', 'action', 'xlink:href'].map(key => each.getAttribute(key) || '').join(' ');
    return to.includes('{EVIL}') || to.includes('mailto:') || (name === 'b' && each.classList.contains('evil'))
        || each.classList.contains('katex');
}}).map(each => each.outerHTML.slice(0, 200))"""


@pytest.fixture
def file(tmp_path):
    draw = random.Random(0)
    header = ",".join(f'"{name}"' for name in (ID, *NUMBERS, GROUP, CITY, NOTE))
    rows = []
    for n in range(240):
        group = n % 4
        numbers = (20 * group + draw.gauss(0, 2), 90 - 25 * group + draw.gauss(0, 3), draw.randint(1, 9), n % 7, n % 50)
        missing = n % 17 == 0
        cells = [f"https://{EVIL}/{n}", *(f"{each:.2f}" for each in numbers)]
        cells[2] = "" if missing else cells[2]
        rows.append(",".join(f'"{each}"' for each in (*cells, VALUES[group], VALUES[n % 3], f"see https://{EVIL}/{n}")))
    rows.insert(9, f'"https://{EVIL}/ragged"')
    path = tmp_path / f"www.{EVIL} [x](jane@{EVIL}) {EVIL}.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


OPEN_ALL = """() => {
    const closed = [...document.querySelectorAll('[data-testid="stExpander"] details:not([open]) > summary')];
    closed.filter(each => each.offsetParent).reverse().forEach(each => each.click());
    return closed.length;
}"""
VIEWS = '[role="tab"], [class*="_view"] [data-testid="stButtonGroup"] button'


def opened(app):
    """Open whatever can be opened on a page, tab by tab, and say what leads away from it."""
    found = set()
    for _ in range(3):
        app.settle()
        if not app.page.evaluate(OPEN_ALL):
            break
        app.page.wait_for_timeout(400)
    found |= hovered(app)
    tabs = app.page.locator(VIEWS)
    for at in range(tabs.count()):
        if tabs.nth(at).is_visible() and tabs.nth(at).get_attribute("aria-selected") != "true":
            tabs.nth(at).click()
            app.page.wait_for_timeout(300)
            app.settle()
            found |= hovered(app)
    return sorted(found)


# A chart of the view before may still stand there for a moment: it has no place then, and nobody can point at it.
PLACE = """chart => {
    chart.scrollIntoView({ block: 'center' });
    const { x, y, width, height } = chart.getBoundingClientRect();
    return { x, y, width, height };
}"""


def hovered(app):
    """Point at the middle and at the marks of each chart: what appears there is markup of the chart's own."""
    found = set(app.page.evaluate(LEADS_AWAY))
    for chart in app.page.query_selector_all(".js-plotly-plot"):
        box = chart.evaluate(PLACE)
        if not box["width"]:
            continue
        for across, down in ((0.5, 0.5), (0.3, 0.4), (0.2, 0.7)):
            app.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            app.page.wait_for_timeout(60)
        found |= set(app.page.evaluate(LEADS_AWAY))
    return found


def more(app, title):
    """Go to a page of the menu."""
    app.page.get_by_text("More", exact=True).first.click()
    app.act(app.page.get_by_text(title, exact=True).first.click)


def test_nothing_that_a_file_says_becomes_a_link_anywhere(visit, file):
    app = visit(1440, 1400)
    # What is looked for would be found.
    app.page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `<a id='x' href='https://{EVIL}'>x</a>`)")
    assert len(opened(app)) == 1
    app.page.evaluate("document.getElementById('x').remove()")
    app.upload(file)
    app.page.get_by_text("Duplicate rows").wait_for()
    assert opened(app) == []
    app.go("Prepare")
    app.page.get_by_role("button", name="Settings").click()
    app.page.get_by_role("combobox", name="Columns to segment by").click()
    options = app.page.get_by_role("option")
    assert app.page.evaluate(LEADS_AWAY) == []
    app.act(lambda: options.filter(has_text=CITY).first.click())
    app.page.keyboard.press("Escape")
    assert opened(app) == []
    app.compare()
    assert opened(app) == []
    app.go("Segments")
    app.until(app.page.get_by_text("Where they stand"))
    assert opened(app) == []
    app.go("Use")
    app.until(app.page.get_by_text("Download", exact=True).first)
    assert opened(app) == []
    for title in BESIDE:
        more(app, title)
        assert opened(app) == []
    app.go("Next month")
    app.until(app.page.get_by_text("Then and now"))
    assert opened(app) == []
    # A file without these columns: the page asks which of its columns are meant.
    other = file.with_name(f"other www.{EVIL}.csv")
    other.write_text(f"www.{EVIL}/b,jo@{EVIL}\n" + "".join(f"{n},{n % 9}\n" for n in range(60)))
    # Last month's file has a field of its own, below.
    app.upload(other, field=0)
    app.until(app.page.get_by_text("Match the columns"))
    assert opened(app) == []
    assert app.foreign == []
    assert app.page.get_by_test_id("stException").count() == 0
