"""Draw the pictures of docs/guide.md and README anew: `python -m tests.browser.draw_guide`.

The made-up sample is walked through as a visitor does, so the pictures show what the pages say today. Slides are drawn
by LibreOffice, which tests/report/install_office.sh brings.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from segmenter import (
    Recipe,
    Result,
    compare_k,
    fit_segmentation,
    name_segments,
    read_sample,
    suggest_features,
    write_report,
)
from tests.browser.conftest import CHROMIUM, QUIET, ROOT, StreamlitPage, serving

GUIDE = ROOT / "docs" / "guide"
SIZE, README_SIZE = (1120, 800), (1280, 1000)
# Slides of the report that the guide shows: the answer, the segments, their money, one segment.
SLIDES = (1, 2, 5, 8)
# Fewer colours than a page has shades of letters are not seen to be missing.
COLOURS = 128


def keep(app, path, scroll_to=None):
    """Take a picture of the page, at its top or where a heading stands, in few colours."""
    app.settle()
    app.page.wait_for_timeout(1_500)
    main = app.page.get_by_test_id("stMain")
    if scroll_to is None:
        main.evaluate("main => main.scrollTo(0, 0)")
    else:
        app.page.get_by_text(scroll_to, exact=True).first.evaluate("at => at.scrollIntoView({block: 'start'})")
        main.evaluate("main => main.scrollBy(0, -80)")
    app.page.mouse.move(2, 2)
    app.page.wait_for_timeout(700)
    app.page.screenshot(path=path)
    smaller(Image.open(path), path)


def smaller(image, path):
    image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(ROOT)}: {image.size}, {path.stat().st_size / 1000:.0f} kB\n")


def draw_pages(address, browser):
    page = browser.new_context(
        viewport=dict(zip(("width", "height"), SIZE, strict=True)), color_scheme="light", reduced_motion="reduce",
        locale="en-GB",
    ).new_page()  # fmt: skip
    app = StreamlitPage(page, address)
    app.open()
    app.press("Mall visitors", exact=False)
    app.page.locator(".st-key-step_next button:not([disabled])").wait_for()
    keep(app, GUIDE / "data.png")
    app.next()
    keep(app, GUIDE / "prepare.png")
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    keep(app, GUIDE / "choose.png")
    app.next()
    app.until(app.page.locator(".st-key-segments_cards"))
    keep(app, GUIDE / "segments.png")
    page.set_viewport_size(dict(zip(("width", "height"), README_SIZE, strict=True)))
    keep(app, ROOT / "docs" / "segments.png")
    page.set_viewport_size(dict(zip(("width", "height"), SIZE, strict=True)))
    app.next()
    app.until(page.get_by_text("Download", exact=True).first)
    keep(app, GUIDE / "use.png")
    keep(app, GUIDE / "files.png", scroll_to="Download")
    app.go("Next month")
    app.until(page.get_by_role("tab", name="What has changed"))
    keep(app, GUIDE / "next_month.png")


def draw_slides(folder):
    customers = read_sample("mall")
    recipe = Recipe(suggest_features(customers), n_segments=5)
    segmentation = name_segments(customers, fit_segmentation(customers, recipe))
    deck = folder / "report.pptx"
    write_report(Result(customers, segmentation, structure=compare_k(customers, recipe).structure), deck)
    profile = f"-env:UserInstallation=file://{folder}/office"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), str(deck)]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    subprocess.run(["pdftoppm", "-r", "54", "-png", str(folder / "report.pdf"), str(folder / "slide")], check=True)
    drawn = sorted(folder.glob("slide-*.png"))
    slides = [Image.open(drawn[number - 1]) for number in SLIDES]
    width, height = slides[0].size
    sheet = Image.new("RGB", (2 * width, 2 * height), "white")
    for place, slide in enumerate(slides):
        sheet.paste(slide, (place % 2 * width, place // 2 * height))
    smaller(sheet, GUIDE / "report.png")


def main():
    with tempfile.TemporaryDirectory() as name:
        draw_slides(Path(name))
        with serving(Path(name)) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            draw_pages(address, browser)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
