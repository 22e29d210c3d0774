"""A result as a workbook for people: formatted sheets, whose text never becomes a formula or a link."""

import io
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from segmenter.charts.theme import DIVERGING, FAINT, colour, segment_colours
from segmenter.display import clean_text, ink_on
from segmenter.errors.models import TooManyRowsForExcelError
from segmenter.explain.cards import LIGHT_WORDS
from segmenter.explain.columns import ColumnWords, decimals_for
from segmenter.explain.contrasts import Contrast
from segmenter.progress import Progress, silent
from segmenter.report.blocks import PERCENT, Table, Text
from segmenter.report.sections import (
    ReportSource,
    caveats,
    contrast_name,
    method,
    statistic_note,
    value_words,
)
from segmenter.segment.profile import low_base_key
from segmenter.segment.result import Result
from segmenter.table.dataset import ColumnKind

# What one sheet of the format can hold, the header included.
SHEET_ROWS = 1_048_576
CELL_LETTERS = 32_767
CUT = f" … (cut: a cell of Excel holds {CELL_LETTERS:,} letters)"
NARROWEST_COLUMN, WIDEST_COLUMN = 8, 40
# Customers between two calls of the progress: some hundredths of a second.
_ROWS_AT_ONCE = 1_000
# Cells of a column that its width is taken from.
_ROWS_LOOKED_AT: Final = 200
# Widths in letters, which are a little wider than the digits that a column's width counts; heights in points.
_LABEL_COLUMN: Final = 34
_SEGMENT_COLUMN: Final = 22
_TEXT_COLUMN: Final = 90
_WIDER: Final = 1.15
_LINE_HEIGHT: Final = 15
_HIGHEST_ROW: Final = 300
_MADE: Final = datetime(2000, 1, 1)
_SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "constant_memory": True,
}


def workbook(result: Result, progress: Progress = silent, *, value_column: str | None = None) -> bytes:
    """Return the segments, their index, the labelled customers and how it was done as four sheets.

    Parameters
    ----------
    value_column
        The column that says what a customer is worth, as in `describe_segments`.

    Raises
    ------
    TooManyRowsForExcelError
        If there are more customers than a sheet has rows.
    """
    if result.dataset.n_customers >= SHEET_ROWS:
        raise TooManyRowsForExcelError(result.dataset.n_customers, SHEET_ROWS - 1)
    source = ReportSource(result, value_column)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **_SAFE})
    # A fixed date keeps the same result the same bytes.
    book.set_properties({"created": _MADE})
    with segment_colours(result.segmentation.colours):
        _write_segments(book, source)
        _write_index(book, source)
    _write_customers(book, result, progress)
    _write_method(book, source)
    progress(0.8, "Packing the workbook")
    book.close()
    return target.getvalue()


def _write_segments(book: xlsxwriter.Workbook, source: ReportSource) -> None:
    """Write one row a column and one column a segment, each value in its own unit and as exact as its size deserves."""
    cards, sheet = source.cards, _segment_sheet(book, "Segments", source, with_all=True)
    names, texts = (
        book.add_format({"bold": True, "valign": "top", "text_wrap": True}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    row = 1

    def write(label: str, overall: object, values: list[object], number_format: str = "General") -> None:
        nonlocal row
        label = _fitted(clean_text(label))
        _set_height(sheet, row, [(label, _LABEL_COLUMN), *((text, _SEGMENT_COLUMN) for text in values)])
        style = book.add_format({"num_format": number_format, "align": "right", "valign": "top"})
        sheet.write_string(row, 0, label, names)
        for place, value in enumerate([overall, *values], start=1):
            _write(sheet, row, place, value, texts if isinstance(value, str) else style)
        row += 1

    write("In a sentence", None, [card.sentence for card in cards])
    write("Customers", source.result.n_placed, [card.size for card in cards], "#,##0")
    write("Share of customers", None, [card.share for card in cards], PERCENT)
    if any(card.light for card in cards):
        write("Reliability", None, [LIGHT_WORDS[card.light] if card.light else None for card in cards])
        found = [card.stability.found if card.stability else None for card in cards]
        write("Found again in (share of samples)", None, list(found), PERCENT)
    if any(card.money for card in cards):
        words = value_words(source)
        money = [card.money for card in cards]
        label = _with_unit(words)
        total = sum(each.sum for each in money if each)
        write(f"Sum of {label}", total, [each.sum if each else None for each in money], "#,##0")
        write(f"Share of {words.label}", None, [each.share if each else None for each in money], PERCENT)
        each_one = [each.per_head if each else None for each in money]
        write(f"{label} a customer", None, list(each_one), _number_format(words))
    for contrast in source.contrasts:
        write(
            f"{contrast_name(contrast)}{_unit_note(contrast)}{statistic_note(contrast)}",
            _as_cell(contrast, contrast.overall),
            [_as_cell(contrast, float(value)) for value in contrast.values],
            PERCENT if contrast.level is not None else _number_format(contrast.words),
        )
    _write_key_of_marks(sheet, row + 1, source)


def _write_index(book: xlsxwriter.Workbook, source: ReportSource) -> None:
    sheet = _segment_sheet(book, "Index", source, with_all=False)
    names, style = (
        book.add_format({"bold": True, "valign": "top", "text_wrap": True}),
        book.add_format({"num_format": "0", "align": "center", "valign": "top"}),
    )
    rated = [each for each in source.contrasts if np.isfinite(each.index).any()]
    for row, contrast in enumerate(rated, start=1):
        label = _fitted(clean_text(f"{contrast_name(contrast)}{statistic_note(contrast)}"))
        _set_height(sheet, row, [(label, _LABEL_COLUMN)])
        sheet.write_string(row, 0, label, names)
        for place, index in enumerate(contrast.index, start=1):
            _write(sheet, row, place, float(index), style)
    if rated:
        # A rule rather than fixed colours: they follow where somebody changes or sorts the numbers.
        sheet.conditional_format(
            1, 1, len(rated), len(source.cards),
            {
                "type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num",
                "min_value": 0, "mid_value": 100, "max_value": 200,
                "min_color": DIVERGING[0][1], "mid_color": FAINT, "max_color": DIVERGING[2][1],
            },
        )  # fmt: skip
    note = "100 is all customers in segments, their average or median; 150 half as much again, 50 half as much."
    sheet.write_string(len(rated) + 2, 0, note, book.add_format({"text_wrap": False}))
    _write_key_of_marks(sheet, len(rated) + 3, source)


def _set_height(sheet: Worksheet, row: int, cells: Sequence[tuple[object, int]], least: float = 0.0) -> None:
    """Make a row as high as its texts need, each given with the width of its column in letters.

    A sheet that is written row by row knows no height of its own.
    """
    lines = max((_lines(text, width) for text, width in cells if isinstance(text, str)), default=1)
    if lines > 1 or least:
        sheet.set_row(row, min(max(least, _LINE_HEIGHT * lines), _HIGHEST_ROW))


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes; letters are wider than the digits that a column's width counts."""
    letters = max(1, int(width / _WIDER))
    return sum(max(1, len(textwrap.wrap(part, letters))) for part in text[: 100 * width].splitlines() or [""])


def _write_key_of_marks(sheet: Worksheet, row: int, source: ReportSource) -> None:
    """Say below a table what the stars beside the numbers of small segments mean."""
    sheet.write_string(row, 0, low_base_key(card.size for card in source.cards))


def _segment_sheet(book: xlsxwriter.Workbook, name: str, source: ReportSource, *, with_all: bool) -> Worksheet:
    """Return a sheet with a column for each segment, under its name and in its colour, that stays in sight."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, _LABEL_COLUMN)
    sheet.set_column(1, len(source.cards) + with_all, _SEGMENT_COLUMN)
    titles = [_fitted(f"{card.segment}{card.low_base} {clean_text(card.name)}") for card in source.cards]
    _set_height(sheet, 0, [(title, _SEGMENT_COLUMN) for title in titles], 48)
    plain = book.add_format({"bold": True, "bottom": 1, "valign": "bottom"})
    sheet.write_string(0, 0, "Segments" if with_all else "Index", plain)
    if with_all:
        sheet.write_string(0, 1, "All in segments", plain)
    for place, card in enumerate(source.cards, start=1 + with_all):
        shade = colour(card.segment - 1)
        head = {"bold": True, "text_wrap": True, "bg_color": shade, "font_color": ink_on(shade), "valign": "vcenter"}
        sheet.write_string(0, place, titles[card.segment - 1], book.add_format(head))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return sheet


def _write_customers(book: xlsxwriter.Workbook, result: Result, progress: Progress) -> None:
    table = _numbered(result)
    sheet = book.add_worksheet("Customers")
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, header in enumerate(table.columns):
        number_format = _format_of_cells(table.iloc[:, place])
        style = book.add_format({"num_format": number_format}) if number_format else None
        sheet.set_column(place, place, _width(str(header), table.iloc[:, place], exact=not number_format), style)
    sheet.write_row(0, 0, [_fitted(str(header)) for header in table.columns], bold)
    for row, cells in enumerate(_rows(table), start=1):
        for place, cell in enumerate(cells):
            _write(sheet, row, place, cell)
        if row % _ROWS_AT_ONCE == 0:
            # Packing the sheets takes the rest of the time.
            progress(0.8 * row / len(table), f"Writing customers: row {row:,} of {len(table):,}")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(len(table), 1), max(table.shape[1] - 1, 0))


def _write_method(book: xlsxwriter.Workbook, source: ReportSource) -> None:
    sheet = book.add_worksheet("Method")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, _TEXT_COLUMN)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    row = 0
    for page in (*method(source), *caveats(source)):
        sheet.write_string(row, 0, page.title, bold)
        row += 1
        for block in page.blocks:
            if isinstance(block, Table):
                for label, value in block.rows:
                    sheet.write_string(row, 0, _fitted(clean_text(label.text)), bold)
                    said = _fitted(clean_text(value.text))
                    _set_height(sheet, row, [(said, _TEXT_COLUMN)])
                    sheet.write_string(row, 1, said, wrapped)
                    row += 1
            elif isinstance(block, Text):
                for paragraph in block.paragraphs:
                    said = _fitted(clean_text(paragraph))
                    _set_height(sheet, row, [(said, _TEXT_COLUMN)])
                    sheet.write_string(row, 1, said, wrapped)
                    row += 1
        row += 1


def _as_cell(contrast: Contrast, value: float) -> object:
    if not np.isfinite(value):
        return None
    if contrast.words.kind is ColumnKind.DATE and contrast.level is None:
        return pd.Timestamp(int(value)).to_pydatetime()
    return value


def _unit_note(contrast: Contrast) -> str:
    unit = contrast.words.prefix or contrast.words.unit
    return f" ({unit})" if unit and contrast.level is None else ""


def _with_unit(words: ColumnWords) -> str:
    unit = words.prefix or words.unit
    return f"{words.label} ({unit})" if unit else words.label


def _number_format(words: ColumnWords) -> str:
    """Return how a spreadsheet writes values of a column: a year without thousands, a share as per cent."""
    if words.kind is ColumnKind.DATE:
        return "yyyy-mm-dd"
    if words.is_share:
        return PERCENT
    if words.is_rate:
        return "0" + (f".{'0' * (words.decimals - 2)}" if words.decimals > 2 else "") + r"\ %"
    if words.is_year:
        return "0"
    return "#,##0" + (f".{'0' * words.decimals}" if words.decimals else "")


def _format_of_cells(cells: pd.Series) -> str:
    """Return how numbers of customers are written: whole ones as they are, others without digits that say nothing."""
    numbers = pd.to_numeric(cells, errors="coerce") if pd.api.types.is_object_dtype(cells) else cells
    if not pd.api.types.is_float_dtype(numbers):
        return ""
    known = numbers[np.isfinite(numbers)]
    if known.empty or bool((known == known.round()).all()):
        return ""
    size = float(known.abs().median()) or float(known.abs().max())
    return f"#,##0.{'0' * max(2, decimals_for(size))}"


def _width(header: str, cells: pd.Series, *, exact: bool) -> int:
    """Return the width of a column in letters; numbers that a format shortens take no more than a dozen."""
    longest = cells.head(_ROWS_LOOKED_AT).map(lambda cell: len(str(cell)) if exact else min(len(str(cell)), 12)).max()
    # The arrow of the filter stands beside the header.
    wanted = max(len(header) + 4, 0 if pd.isna(longest) else int(longest) + 2)
    return max(NARROWEST_COLUMN, min(wanted, WIDEST_COLUMN))


def _numbered(result: Result) -> pd.DataFrame:
    """Return the labelled table with plain numbers as numbers, so that Excel can add them up."""
    table = result.labelled()
    columns: dict[int, list[object]] = {}
    for place, column in enumerate(result.dataset.columns):
        cells = table.iloc[:, place]
        values = result.dataset.frame[column.name]
        if pd.api.types.is_string_dtype(cells) and pd.api.types.is_float_dtype(values):
            # "0001" is a code: only a text that says exactly the number becomes one.
            same = cells.str.strip().str.match(r"^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$", na=False).to_numpy()
            columns[place] = list(np.where(same, values.astype(object), cells.astype(object)))
    for place, numbers in columns.items():
        table.isetitem(place, numbers)
    return table


def _rows(table: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    return zip(*(table.iloc[:, place].tolist() for place in range(table.shape[1])), strict=True)


def _write(sheet: Worksheet, row: int, place: int, cell: object, style: Format | None = None) -> None:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and not np.isfinite(cell)):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, style)
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, cell, style)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, place, cell, style)
    else:
        sheet.write_string(row, place, _fitted(str(cell)), style)


def count_cut(table: pd.DataFrame) -> int:
    """Return how many texts are longer than a cell of the format can hold."""
    return sum(
        not _fits(text)
        for place in range(table.shape[1])
        if pd.api.types.is_string_dtype(table.iloc[:, place]) or pd.api.types.is_object_dtype(table.iloc[:, place])
        for text in _long(table.iloc[:, place].astype("str"))
    )


def _long(texts: pd.Series) -> pd.Series:
    """Return the texts that may not fit, by their length: the format counts a letter such as 😀 as two."""
    return texts[texts.str.len() > CELL_LETTERS // 2]


def _fits(text: str) -> bool:
    return len(text) <= CELL_LETTERS // 2 or len(text.encode("utf-16-le", "surrogatepass")) <= 2 * CELL_LETTERS


def cut_note(count: int) -> str:
    """Return the sentence on so many texts that a cell cannot hold; empty where there is none."""
    return (
        f"{count:,} text{' is' if count == 1 else 's are'} longer than the {CELL_LETTERS:,} letters that a cell of "
        f"Excel holds. {'It is cut and says' if count == 1 else 'They are cut and say'} so at the end; the CSV "
        "download holds every letter."
        if count
        else ""
    )


def _fitted(text: str) -> str:
    if _fits(text):
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (CELL_LETTERS - len(CUT))]
    return kept.decode("utf-16-le", "ignore") + CUT
