"""Slides hold their text, their charts can be edited, and nothing that a customer typed runs."""

import io
import zipfile
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import openpyxl
import pytest
from lxml import etree
from PIL import ImageFont
from pptx import Presentation
from pptx.util import Emu, Pt

from segmenter import build_report
from segmenter.io.export import EXPORTERS
from tests.report.results_for_tests import FORMULA, PERSONAL

FOLDER = Path(mpl.get_data_path()) / "fonts" / "ttf"
# Measured at a size of 100, of which widths are shares.
FONTS = {bold: ImageFont.truetype(FOLDER / f"DejaVuSans{'-Bold' if bold else ''}.ttf", 100) for bold in (False, True)}
LINE = 1.2
# What a reader does not see: an eighth of a millimetre.
SLACK = Pt(0.4)


@pytest.fixture(scope="module")
def content(hostile):
    return build_report(hostile, "pptx")


@pytest.fixture(scope="module")
def deck(content):
    return Presentation(io.BytesIO(content))


@pytest.fixture(scope="module")
def mall_deck(mall_result):
    return Presentation(io.BytesIO(build_report(mall_result, "pptx")))


def width_of(text, size, bold):
    return FONTS[bold].getlength(text) / 100 * size * 12700


def lines_of(text, size, bold, room):
    """Count lines as text is set: broken at blanks, and within words that are too long."""
    lines, line = 1, ""
    for word in text.split(" "):
        while width_of(f"{line} {word}".strip(), size, bold) > room:
            if line:
                lines, line = lines + 1, ""
            elif width_of(word, size, bold) > room:
                fitting = next(n for n in range(len(word), 0, -1) if n == 1 or width_of(word[:n], size, bold) <= room)
                word, lines = word[fitting:], lines + 1
            if not word:
                break
        line = f"{line} {word}".strip()
    return lines


def height_of(frame, room):
    total = 0.0
    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            size = run.font.size.pt
            total += lines_of(run.text, size, bool(run.font.bold), room) * size * LINE * 12700
        total += paragraph.space_after or 0
    return total


def test_every_text_stands_in_its_box(deck):
    looked_at = 0
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                looked_at += 1
                assert height_of(shape.text_frame, shape.width) <= shape.height + SLACK, shape.text_frame.text
    assert looked_at > 50


def test_every_cell_of_a_table_holds_its_text_without_growing(deck):
    looked_at = 0
    for slide in deck.slides:
        for table in (shape.table for shape in slide.shapes if shape.has_table):
            for row in table.rows:
                for column, cell in zip(table.columns, row.cells, strict=True):
                    looked_at += 1
                    room = column.width - cell.margin_left - cell.margin_right
                    needed = height_of(cell.text_frame, room) + cell.margin_top + cell.margin_bottom
                    assert needed <= row.height + SLACK, cell.text_frame.text
    assert looked_at > 100


def test_nothing_lies_outside_the_slide_or_on_something_else(deck):
    for slide in deck.slides:
        boxes = []
        for shape in slide.shapes:
            bottom = shape.top + (sum(row.height for row in shape.table.rows) if shape.has_table else shape.height)
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert bottom <= deck.slide_height
            # The frame of a card holds other boxes, and no text.
            if not shape.has_text_frame or shape.text_frame.text:
                boxes.append((shape.left, shape.top, shape.left + shape.width, bottom, shape.name))
        for one, other in combinations(boxes, 2):
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= SLACK or down <= SLACK, (one[4], other[4])


def test_a_number_in_a_table_is_never_cut(deck, hostile):
    shown = {
        cell.text_frame.text
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_table
        for row in list(shape.table.rows)[1:]
        for cell in list(row.cells)[1:]
    }
    assert not [text for text in shown if text.endswith("…") and text[:1].isdigit()]
    assert {f"{profile.size:,}" for profile in hostile.profiles} <= shown


def tables_of(deck):
    return [[shape.table for shape in slide.shapes if shape.has_table] for slide in deck.slides]


def test_no_table_begins_at_the_foot_of_a_slide_with_a_row_or_two(deck):
    # What stands below another table is whole, or goes on with three rows at least before the slide ends.
    below = [table for tables in tables_of(deck) for table in tables[1:]]
    assert all(len(table.rows) > 3 for table in below)


def test_numbers_of_a_column_stand_one_below_the_other(deck):
    checked = 0
    for table in (table for tables in tables_of(deck) for table in tables):
        rows = list(table.rows)[1:]
        for place in range(1, len(table.columns)):
            cells = [row.cells[place].text_frame for row in rows]
            sides = {cell.paragraphs[0].alignment for cell in cells if cell.text[:1].isdigit()}
            assert len(sides) <= 1, [cell.text for cell in cells]
            checked += len(sides)
    assert checked > 5


def test_every_slide_has_a_title_that_an_outline_shows(deck):
    assert all(slide.shapes.title.text_frame.text.strip() for slide in deck.slides)


def test_there_is_a_slide_for_each_segment(deck, hostile):
    chips = [
        shape.text_frame.text
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_text_frame and shape.top == Emu(round(0.45 * 914400)) and shape.text_frame.text.isdigit()
    ]
    assert chips == [str(number) for number in range(1, hostile.segmentation.n_segments + 1)]


def charts_of(deck):
    return [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]


def test_charts_are_native_and_hold_the_numbers(mall_deck, mall_result):
    charts = charts_of(mall_deck)
    sizes = charts[0].plots[0]
    assert list(sizes.series[0].values) == [profile.size for profile in mall_result.profiles]
    # Sizes, money, and one for each segment.
    assert len(charts) == 2 + 5
    assert [chart.has_legend for chart in charts] == [len(chart.plots[0].series) > 1 for chart in charts]


def test_the_numbers_of_a_chart_open_in_a_workbook_in_which_nothing_runs(deck):
    names = []
    for chart in charts_of(deck):
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        cells = [cell for row in book.active for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        names += [str(cell.value) for cell in cells]
    assert any(name.startswith(FORMULA[:6]) for name in names)


def test_nothing_in_the_file_points_to_another_place(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".rels"):
                relations = etree.fromstring(packed.read(name))
                assert not [each.get("Target") for each in relations if each.get("TargetMode") == "External"]


def test_no_customer_is_in_the_file(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
    assert PERSONAL.format(7).encode() not in everything
    assert b"Muller" not in everything
    assert packed.namelist()


def test_nobody_else_is_named_as_its_author(mall_deck):
    about = mall_deck.core_properties
    assert (about.author, about.last_modified_by) == ("Segmenter", "Segmenter")


def test_the_same_result_gives_the_same_bytes(content, hostile):
    assert build_report(hostile, "pptx") == content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_building_tells_how_far_it_is(mall_result):
    told = []
    EXPORTERS["slides"].build(mall_result, lambda share, doing: told.append((share, doing)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert any("slide" in doing for _, doing in told)
