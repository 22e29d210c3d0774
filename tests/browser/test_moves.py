"""A visitor who is quicker than the page: an upload under way, a step before the last one has been drawn."""

import pytest
from playwright.sync_api import expect

START = "Start by uploading a customer file"
ON_ITS_WAY = "is on its way"
# Nobody finds a file sooner after a page has opened, and the product counts on it: what begins earlier than
# segmenter.ui.uploads.AT_FIRST was dropped on the page before.
SOONEST = 500


@pytest.fixture
def file(tmp_path):
    """Return a maker of files of about so many kB; their customers are counted in their name."""

    def make(kilobytes):
        rows = kilobytes * 1000 // 40
        path = tmp_path / f"of_{rows}.csv"
        lines = (f"C{n:07d},{n * 7 % 83},{n * 13 % 1_009},{n % 5},padding-of-a-row" for n in range(rows))
        path.write_text("customer,age,spend,visits,note\n" + "\n".join(lines) + "\n")
        return path, f"{rows:,}"

    return make


def slow_line(app, kilobytes_per_second):
    """Let the visitor's line carry so much upwards from now on."""
    network = app.page.context.new_cdp_session(app.page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 20,
            "downloadThroughput": -1,
            "uploadThroughput": kilobytes_per_second * 1000,
        },
    )


def choose_file(app, path, field=0):
    app.page.get_by_test_id("stFileUploaderDropzoneInput").nth(field).set_input_files(str(path))


def step(app, name):
    return app.page.get_by_test_id("stTopNavLink").filter(has_text=name).first


def expect_loaded(app, path, rows):
    expect(app.page.get_by_role("heading", name=f"We read {rows} customers")).to_be_visible(timeout=120_000)
    expect(app.page.get_by_text(path.name).first).to_be_visible()
    expect(app.page.get_by_test_id("stMetricValue").first).to_have_text(rows)


@pytest.mark.parametrize("name", ["Prepare", "Choose", "Use", "Next month"])
def test_an_upload_on_a_slow_line_is_waited_for_wherever_the_visitor_goes(visit, file, name):
    path, rows = file(1500)
    app = visit()
    slow_line(app, 400)
    choose_file(app, path)
    step(app, name).click()
    expect(app.page.get_by_text(ON_ITS_WAY)).to_be_visible()
    expect(app.page.get_by_text(START)).to_have_count(0)
    expect_loaded(app, path, rows)
    expect(app.page.get_by_text(ON_ITS_WAY)).to_have_count(0)
    step(app, "Prepare").click()
    expect(app.page.get_by_role("heading", name="form the segments")).to_be_visible()
    assert app.errors == []


@pytest.mark.parametrize("wait", [0, 20, 60, 150, 400])
def test_a_click_at_any_moment_after_choosing_a_file_loses_nothing(visit, file, wait):
    path, rows = file(40)
    app = visit()
    choose_file(app, path)
    app.page.wait_for_timeout(wait)
    step(app, "Prepare").click()
    # Either the file was there in time, and the page is that of its columns, or the visitor is taken back to it.
    loaded = app.page.get_by_role("heading", name=f"We read {rows} customers")
    prepared = app.page.get_by_role("heading", name="form the segments")
    expect(loaded.or_(prepared)).to_be_visible()
    expect(app.page.get_by_text(START)).to_have_count(0)
    step(app, "Data").click()
    expect_loaded(app, path, rows)
    assert app.errors == []


def test_a_file_to_place_is_waited_for_as_well_and_the_own_customers_stay(visit, file):
    path, _ = file(4000)
    app = visit()
    app.press("Mall visitors", exact=False)
    step(app, "Next month").click()
    expect(app.page.get_by_text("The customers of the Data page")).to_be_visible()
    slow_line(app, 400)
    app.page.wait_for_timeout(SOONEST)
    choose_file(app, path, field=-1)
    step(app, "Prepare").click()
    expect(app.page.get_by_text(ON_ITS_WAY)).to_be_visible()
    # Two fields would take it, and the one that it was dropped on has left the screen.
    expect(app.page.get_by_text("Which of these is it?")).to_be_visible()
    app.page.get_by_role("button", name="Customer file to place", exact=True).click()
    # The files fold away once there is something to read; these customers have other columns than the model.
    expect(app.page.get_by_role("heading", name="Match the columns")).to_be_visible()
    expect(app.page.get_by_text(f"{path.name}: ", exact=False)).to_be_attached()
    step(app, "Data").click()
    expect(app.page.get_by_test_id("stMetricValue").first).to_have_text("300")


def test_nobody_has_to_wait_for_an_upload(visit, file):
    path, _ = file(4000)
    app = visit()
    slow_line(app, 200)
    choose_file(app, path)
    step(app, "Prepare").click()
    app.page.get_by_role("button", name="Do not wait for it").click()
    expect(app.page.get_by_text(START)).to_be_visible()
    expect(app.page.get_by_text(ON_ITS_WAY)).to_have_count(0)


def test_the_newest_of_two_uploads_in_a_row_is_the_one_that_is_kept(visit, file):
    (first, _), (second, rows) = file(1200), file(400)
    app = visit()
    slow_line(app, 400)
    choose_file(app, first)
    app.page.wait_for_timeout(300)
    choose_file(app, second)
    step(app, "Prepare").click()
    expect_loaded(app, second, rows)


def test_double_clicks_and_clicks_while_a_page_is_drawn_lead_where_they_point(visit):
    app = visit()
    app.press("Mall visitors", exact=False)
    app.page.locator(".st-key-step_next button").first.dblclick()
    app.settle()
    for name, title in (("Data", "We read 300 customers"), ("Prepare", "form the segments")):
        for _ in range(3):
            step(app, "Choose").click(no_wait_after=True)
            step(app, name).click(no_wait_after=True)
        expect(app.page.get_by_role("heading", name=title)).to_be_visible()
    app.page.go_back()
    app.page.go_forward()
    expect(app.page.get_by_role("heading", name="form the segments")).to_be_visible()
    assert app.page.get_by_test_id("stException").count() == 0
    assert app.errors == []
