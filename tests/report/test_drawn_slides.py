"""Slides as LibreOffice draws them: every slide is there, and every word lies on it, within its margins."""

import re
import shutil
import subprocess

import pytest

from segmenter import Result, assign_segments, build_report
from segmenter.monitor.movement import compare_months, month
from segmenter.report.months import MonthChange
from segmenter.report.slides import HEIGHT, WIDTH

OFFICE, READER = shutil.which("soffice"), shutil.which("pdftotext")
pytestmark = pytest.mark.skipif(
    not (OFFICE and READER), reason="LibreOffice and pdftotext are not installed (tests/report/install_office.sh)"
)
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
# Between the edge and what is written, in points; half of the margin that slides have.
EDGE = 0.3 * 72


def month_later(result):
    """Return the same customers placed again, and who moved: each customer is where its neighbour was."""
    assignment = assign_segments(result.dataset, result.segmentation)
    names, labels = result.segmentation.names, assignment.segmentation.labels
    ids = labels.index.to_series().astype("str")
    then, now = (
        each.map(dict(enumerate(names))).reset_index(drop=True) for each in (labels, labels.shift(-1).fillna(0))
    )
    months = month("<b>May</b>", ids[20:], then[20:], names=names), month("June" * 30, ids[:-9], now[:-9], names=names)
    placed = Result(result.dataset, assignment.segmentation, assignment, structure=result.structure)
    return placed, MonthChange(movement=compare_months(*months))


@pytest.fixture(scope="module")
def pages(hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    placed, change = month_later(hostile)
    (folder / "report.pptx").write_bytes(build_report(placed, "pptx", change=change))
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


def test_the_month_is_drawn(pages):
    words = [" ".join(word for *_, word in WORD.findall(page)) for _, _, page in pages]
    for title in ("returning customers changed segment", "From which segment to which", "What was done"):
        assert any(title in page for page in words), title
