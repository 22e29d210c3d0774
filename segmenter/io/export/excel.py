"""A result as a workbook whose text never becomes a formula or a link."""

import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from segmenter.errors.models import TooManyRowsForExcelError
from segmenter.progress import Progress, silent
from segmenter.segment.profile import summary_table
from segmenter.segment.result import Result

# What one sheet of the format can hold, the header included.
SHEET_ROWS = 1_048_576
CELL_LETTERS = 32_767
CUT = f" … (cut: a cell of Excel holds {CELL_LETTERS:,} letters)"
WIDEST_COLUMN = 40
# Customers between two calls of the progress: some hundredths of a second.
_ROWS_AT_ONCE = 1_000
_SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "constant_memory": True,
}


def workbook(result: Result, progress: Progress = silent) -> bytes:
    """Return the labelled customers and the summary as two sheets.

    Raises
    ------
    TooManyRowsForExcelError
        If there are more customers than a sheet has rows.
    """
    if result.dataset.n_customers >= SHEET_ROWS:
        raise TooManyRowsForExcelError(result.dataset.n_customers, SHEET_ROWS - 1)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **_SAFE})
    # A fixed date keeps the same result the same bytes.
    book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
    bold = book.add_format({"bold": True})
    for name, table in (("Segments", summary_table(result.profiles)), ("Customers", _numbered(result))):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, header in enumerate(table.columns):
            sheet.set_column(place, place, min(len(str(header)) + 2, WIDEST_COLUMN))
        sheet.write_row(0, 0, [str(header) for header in table.columns], bold)
        for row, cells in enumerate(_rows(table), start=1):
            for place, cell in enumerate(cells):
                _write(sheet, row, place, cell)
            if row % _ROWS_AT_ONCE == 0:
                # Packing the sheets takes the rest of the time.
                progress(0.8 * row / len(table), f"Writing {name.lower()}: row {row:,} of {len(table):,}")
    progress(0.8, "Packing the workbook")
    book.close()
    return target.getvalue()


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


def _write(sheet: Worksheet, row: int, place: int, cell: object) -> None:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and not np.isfinite(cell)):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, _fitted(str(cell)))


def count_cut(table: pd.DataFrame) -> int:
    """Return how many texts are longer than a cell of the format can hold."""
    return sum(
        int((table.iloc[:, place].astype("str").str.len() > CELL_LETTERS).sum())
        for place in range(table.shape[1])
        if pd.api.types.is_string_dtype(table.iloc[:, place]) or pd.api.types.is_object_dtype(table.iloc[:, place])
    )


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
    return text if len(text) <= CELL_LETTERS else text[: CELL_LETTERS - len(CUT)] + CUT
