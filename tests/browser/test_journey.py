"""The whole way in a real browser, against the command line's bytes."""

import json

import pytest
from playwright.sync_api import expect

from segmenter.cli import main
from segmenter.io.read.samples import mall_customers


def test_upload_to_download_to_a_second_file(visit, tmp_path):
    source, second = tmp_path / "mall.csv", tmp_path / "next.csv"
    source.write_bytes(mall_customers())
    second.write_bytes(b"\n".join(mall_customers().splitlines()[:101]) + b"\n")
    app = visit()
    app.page.evaluate("window.clicks = 0; addEventListener('click', event => window.clicks += event.isTrusted, true)")
    app.upload(source)
    app.page.get_by_text("300", exact=True).first.wait_for()
    app.next()
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    k = int(app.page.locator('input[aria-label="Number of segments"]').input_value())
    app.next()
    app.until(app.page.get_by_text("Where they stand"))
    app.next()
    labelled = app.download("customers-csv")
    # With the one that chooses the file, six clicks lead to the labelled file, and no setting was touched.
    assert 1 + app.page.evaluate("window.clicks") == 6
    model = app.download("model")

    out = tmp_path / "out"
    assert main(["segment", str(source), "--out", str(out), "--segments", str(k)]) == 0
    assert labelled.read_bytes() == (out / "customers.csv").read_bytes()
    assert json.loads(model.read_text())["centres"] == json.loads((out / "model.segmodel.json").read_text())["centres"]

    app.go("Next month")
    app.choose("Model", "Upload a model file")
    uploaded = tmp_path / "mine.segmodel.json"
    uploaded.write_bytes(model.read_bytes())
    app.upload(uploaded, field=0)
    app.until(app.page.get_by_role("heading", name="still true"))
    # The model was at once applied to the file already there; the second one has 100 customers.
    app.upload(second, field=1)
    app.until(app.page.get_by_test_id("stMetricValue").filter(has_text="100"))
    app.page.get_by_role("tab", name="Take it along").click()
    placed = app.download("next_month_customers-csv")
    again = tmp_path / "again"
    assert main(["assign", str(out / "model.segmodel.json"), str(second), "--out", str(again)]) == 0
    assert placed.read_bytes() == (again / "customers.csv").read_bytes()

    assert app.foreign == []
    assert app.errors == []


def test_a_reload_explains_itself(visit):
    app = visit()
    app.open("segments")
    assert app.page.get_by_text("Start by uploading a customer file").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_telephone(visit, scheme):
    app = visit(375, 800, scheme)
    app.press("Mall visitors", exact=False)
    for _ in ("data", "prepare", "choose"):
        width = app.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 375
        app.next()


def test_a_wrong_file_then_back_and_a_right_one(visit, tmp_path):
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_bytes(b"%PDF-1.7 " + b"x" * 200)
    right.write_bytes(mall_customers())
    app = visit()
    app.upload(wrong)
    app.page.get_by_text("it looks like a PDF document").wait_for()
    app.upload(right)
    app.page.get_by_text("right.csv").first.wait_for()
    app.settle()
    expect(app.page.get_by_text("it looks like a PDF document")).to_have_count(0)
    app.next()
    app.press("Back", exact=False)
    app.page.get_by_text("right.csv").first.wait_for()
