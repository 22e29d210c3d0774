"""A map of units, from the upload to the file, in a real browser and on the command line."""

import pytest
from playwright.sync_api import expect

from segmenter.cli import main
from segmenter.io.read.samples import mall_customers


def test_segments_from_a_map_are_the_command_lines_and_the_map_is_shown(visit, tmp_path):
    pytest.importorskip("segmenter.ui.widgets.method_choice", reason="the screen has no choice of methods yet")
    source = tmp_path / "mall.csv"
    source.write_bytes(mall_customers())
    app = visit()
    app.upload(source)
    k = app.compare()
    app.unfold("Settings")
    app.choose("Way to form segments", "Self-organising map")
    app.go("Segments")
    view = app.page.locator(".st-key-segments_view").get_by_text("Map of units", exact=True)
    app.until(view)
    app.act(view.click)
    # The pair and what is special; then borders, customers per unit, a plane a column, the tree and the segments.
    charts = app.page.get_by_test_id("stPlotlyChart")
    expect(charts.nth(6)).to_be_visible()
    assert charts.count() >= 7
    app.go("Use")
    labelled = app.download("customers-csv")
    out = tmp_path / "out"
    assert main(["segment", str(source), "--out", str(out), "--method", "som", "--segments", str(k)]) == 0
    assert labelled.read_bytes() == (out / "customers.csv").read_bytes()
    assert app.foreign == []
    assert app.errors == []
