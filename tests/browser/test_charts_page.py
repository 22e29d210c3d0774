"""A chart of the page of charts can be taken out, as dots and as lines, without any network."""

import pytest

from segmenter import Recipe, Result, fit_segmentation, read_sample, suggest_features
from segmenter.io.export.charts import charts_page
from tests.browser.conftest import CHROMIUM, QUIET

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (tests/browser/install.sh)"),
    pytest.mark.xdist_group("browser"),
]


def test_a_chart_is_saved_as_png_and_as_svg(tmp_path):
    from playwright.sync_api import sync_playwright

    dataset = read_sample("mall")
    result = Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=4)))
    (tmp_path / "charts.html").write_bytes(charts_page(result))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        said, asked = [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "charts.html").as_uri())
        for form, begins in (("png", b"\x89PNG"), ("svg", b"<svg")):
            button = page.locator(f'button[data-chart="chart-0"][data-format="{form}"]')
            with page.expect_download() as download:
                button.click()
            assert download.value.suggested_filename == f"segment_sizes.{form}"
            download.value.save_as(tmp_path / form)
            assert (tmp_path / form).read_bytes().startswith(begins)
        browser.close()
    assert said == []
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
