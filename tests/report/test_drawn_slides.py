"""Slides as LibreOffice draws them: every slide is there, and every word lies on it, within its margins."""

import re
import shutil
import subprocess

import pytest

from segmenter import build_report
from segmenter.report.slides import HEIGHT, WIDTH

OFFICE, READER = shutil.which("soffice"), shutil.which("pdftotext")
pytestmark = pytest.mark.skipif(
    not (OFFICE and READER), reason="LibreOffice and pdftotext are not installed (tests/report/install_office.sh)"
)
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
# Between the edge and what is written, in points; half of the margin that slides have.
EDGE = 0.3 * 72


@pytest.fixture(scope="module")
def pages(hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    (folder / "report.pptx").write_bytes(build_report(hostile, "pptx"))
    command = [OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", folder, folder / "report.pptx"], check=True, capture_output=True, timeout=240)
    words = subprocess.run(
        [READER, "-bbox", folder / "report.pdf", "-"], check=True, capture_output=True, timeout=60
    ).stdout.decode("utf-8", "replace")
    return PAGE.findall(words)


def test_every_word_lies_within_the_margins_of_its_slide(pages):
    looked_at = 0
    for width, height, page in pages:
        assert (float(width), float(height)) == pytest.approx((WIDTH * 72, HEIGHT * 72), abs=1)
        for left, top, right, bottom, word in WORD.findall(page):
            looked_at += 1
            assert float(left) >= EDGE, word
            assert float(right) <= WIDTH * 72 - EDGE, word
            assert float(top) >= EDGE / 2, word
            assert float(bottom) <= HEIGHT * 72 - EDGE / 2, word
    assert looked_at > 200


def test_every_segment_is_drawn_with_its_size(pages, hostile):
    words = [[word for *_, word in WORD.findall(page)] for _, _, page in pages]
    for profile in hostile.profiles:
        assert any(f"{profile.size:,}" in page for page in words)
    assert all(page for page in words)
