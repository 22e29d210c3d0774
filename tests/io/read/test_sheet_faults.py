"""Workbooks and Parquet files whose cells look empty or sound and are not."""

import io
import zipfile

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from segmenter import errors
from segmenter.io.read.excel import sheet_faults
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_table


def workbook(*fills):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for fill in fills:
            fill(book.add_worksheet())
    return content.getvalue()


def table(sheet, first_line=0):
    for at, row in enumerate([["id", "age", "city"], *([f"C{n}", 20 + n, "York"] for n in range(9))]):
        sheet.write_row(first_line + at, 0, row)


def with_error(sheet):
    table(sheet)
    sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")


def with_merged_cells(sheet):
    table(sheet)
    sheet.merge_range("C4:C6", "Bath")


def test_errors_in_cells_are_told_with_the_first_line():
    dataset = read_table(workbook(with_error))
    assert [(note.line, "2 cells with errors" in note.text) for note in dataset.notes] == [(4, True)]
    assert dataset.column("age").missing == 2


def test_an_error_in_place_of_a_name_is_not_among_the_cells():
    def with_error_above(sheet):
        with_error(sheet)
        sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")

    assert [
        "2 cells with errors" in note.text
        for note in sheet_faults(workbook(with_error_above), "xl/worksheets/sheet1.xml", 1)
    ] == [True]


def test_merged_cells_among_the_rows_are_told():
    dataset = read_table(workbook(with_merged_cells))
    assert [(note.line, "C4:C6" in note.text) for note in dataset.notes] == [(4, True)]


def test_a_merged_title_is_only_a_title():
    def titled(sheet):
        sheet.merge_range("A1:C1", "Report")
        table(sheet, 1)

    assert not any("merged" in note.text for note in read_table(workbook(titled)).notes)


def test_faults_of_another_sheet_are_not_told():
    notes = read_table(workbook(table, with_error, with_merged_cells)).notes
    assert not any(note.warning for note in notes)


def test_hidden_rows_are_told():
    def filtered(sheet):
        table(sheet)
        for line in (4, 6):
            sheet.set_row(line, None, None, {"hidden": True})

    notes = read_table(workbook(filtered)).notes
    assert [(note.line, note.text.startswith("2 rows are hidden")) for note in notes] == [(5, True)]


def test_faults_are_those_of_the_sheet_whose_part_has_another_number():
    content = workbook(with_error, table)
    moved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(moved, "w") as other:
        for part in archive.infolist():
            text = archive.read(part)
            if part.filename == "xl/_rels/workbook.xml.rels":
                text = (
                    text.replace(b"sheet1.xml", b"?").replace(b"sheet2.xml", b"sheet1.xml").replace(b"?", b"sheet2.xml")
                )
            other.writestr(part, text)
    assert not read_table(moved.getvalue(), options=ReadOptions(sheet="Sheet1")).notes
    assert len(read_table(moved.getvalue(), options=ReadOptions(sheet="Sheet2")).notes) == 1


def test_an_empty_sheet_is_called_empty():
    with pytest.raises(errors.EmptyFileError):
        read_table(workbook(lambda sheet: None))


def test_a_changed_page_of_a_parquet_file_with_checksums_is_refused():
    content = io.BytesIO()
    ages = pa.table({"age": list(range(1000, 1400))})
    parquet.write_table(
        ages, content, write_page_checksum=True, use_dictionary=False, compression="none", write_statistics=False
    )
    damaged = bytearray(content.getvalue())
    damaged[damaged.index((1200).to_bytes(8, "little"))] ^= 1
    assert read_table(content.getvalue()).n_customers == 400
    with pytest.raises(errors.DamagedFileError):
        read_table(bytes(damaged))
