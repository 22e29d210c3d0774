"""Every chart of the page of charts is drawn and can be taken out, as dots and as lines, without any network."""

from segmenter import Recipe, Result, fit_segmentation, read_sample, suggest_features
from segmenter.io.export.report import charts_page


def test_charts_are_drawn_and_saved_as_png_and_as_svg(browser, tmp_path):
    dataset = read_sample("mall")
    result = Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=4)))
    (tmp_path / "charts.html").write_bytes(charts_page(result))
    page = browser.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "charts.html").as_uri())
    for form, begins in (("png", b"\x89PNG"), ("svg", b"<svg")):
        button = page.locator(f'button[data-chart="chart-0"][data-format="{form}"]')
        with page.expect_download() as download:
            button.click()
        assert download.value.suggested_filename == f"segment_sizes.{form}"
        download.value.save_as(tmp_path / form)
        assert (tmp_path / form).read_bytes().startswith(begins)
    page.locator("g.parcoords").first.wait_for(state="attached")
    assert "WebGL" not in page.inner_text("body")
    page.close()
    assert said == []
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
