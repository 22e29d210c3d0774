"""Another method in a real browser: compared, taken, set beside known labels; the same bytes as the command line."""

import pandas as pd
from playwright.sync_api import expect

from segmenter.cli import main
from segmenter.io.read.samples import mall_customers


def with_known(folder):
    path = folder / "mall.csv"
    path.write_bytes(mall_customers())
    frame = pd.read_csv(path)
    frame.assign(Kind=(frame["Annual Income (k$)"] > 60).map({True: "rich", False: "poor"})).to_csv(path, index=False)
    return path


def test_a_method_is_compared_taken_and_foretells_known_labels(visit, tmp_path):
    source = with_known(tmp_path)
    app = visit()
    app.upload(source)
    app.page.get_by_text("300", exact=True).first.wait_for()
    k = app.compare()
    app.unfold("Settings")
    app.act(lambda: app.page.get_by_role("link", name="Compare the methods").click())
    app.act(lambda: app.page.get_by_text("Self-organising map", exact=True).first.click())
    app.act(lambda: app.page.locator("[class*='compare_run'] button").click())
    app.until(app.page.get_by_role("heading", name="K-Means"))
    app.unfold("Show the evidence")
    expect(app.page.get_by_text("Which differences mean something?")).to_be_visible()
    expect(app.page.locator(".js-plotly-plot")).to_have_count(2)
    app.press("Use Self-organising map")
    app.until(app.page.get_by_text("Where they stand"))
    app.act(app.page.locator(".st-key-segments_view").get_by_text("Known labels", exact=True).click)
    app.page.wait_for_timeout(600)
    app.settle()
    app.choose("Column with the labels", "Kind")
    app.press("Keep this with the model")
    app.until(app.page.get_by_text("The model knows what its segments stand for"))
    app.go("Use")
    predictions, labelled = app.download("predictions"), app.download("customers-csv")

    out = tmp_path / "out"
    asked = ["segment", str(source), "--out", str(out), "--segments", str(k), "--method", "som", "--known", "Kind"]
    assert main(asked) == 0
    assert predictions.read_bytes() == (out / "predictions.csv").read_bytes()
    assert labelled.read_bytes() == (out / "customers.csv").read_bytes()
    assert app.foreign == []
    assert app.errors == []
