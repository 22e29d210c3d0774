"""Workbooks and Parquet files become the same tables as text does."""

import io
import struct
import zipfile
from datetime import datetime

import pandas as pd
import pytest

from segmenter import config, errors
from segmenter.core.dataset import ColumnKind
from segmenter.importers import read_table
from segmenter.importers.excel import sheet_names
from segmenter.importers.options import ReadOptions

CUSTOMERS = pd.DataFrame({"id": ["a", "b", "c"], "spend": [1.5, 2.0, None], "member": [True, False, True]})


def workbook(**sheets):
    packed = io.BytesIO()
    with pd.ExcelWriter(packed, engine="xlsxwriter") as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, header=False, index=False)
    return packed.getvalue()


def parquet(frame):
    packed = io.BytesIO()
    frame.to_parquet(packed)
    return packed.getvalue()


def test_a_workbook_is_read_with_its_types():
    dataset = read_table(
        workbook(
            Customers=[
                ["id", "spend", "joined", "member"],
                ["a", 1.5, datetime(2024, 1, 31), True],
                ["b", 2, datetime(2024, 2, 1), False],
                ["c", None, datetime(2024, 2, 2), True],
            ]
        )
    )
    assert [column.kind for column in dataset.columns][2:] == [ColumnKind.DATE, ColumnKind.YES_NO]
    assert dataset.frame["spend"].tolist()[:2] == [1.5, 2.0]
    assert dataset.column("spend").missing == 1
    assert dataset.dialect is None


def test_titles_and_totals_of_a_sheet_are_no_customers():
    rows = [
        ["Customers 2024", None, None],
        [None] * 3,
        ["id", "spend", "city"],
        ["a", 1, "Oslo"],
        ["b", 2, "Rome"],
        ["Total", 3, None],
    ]
    dataset = read_table(workbook(Sheet1=rows))
    assert dataset.original["id"].tolist() == ["a", "b"]
    assert [note.text for note in dataset.notes] == [
        "Skipped 2 lines above the table.",
        "1 row below the table hold remarks or totals, not customers. They were left out.",
    ]


def test_the_first_sheet_with_cells_is_read_and_the_others_are_named():
    content = workbook(
        Empty=[], March=[["id", "spend"], ["a", 1], ["b", 2]], April=[["id", "spend"], ["z", 9], ["y", 8]]
    )
    assert sheet_names(content) == ["Empty", "March", "April"]
    dataset = read_table(content)
    assert dataset.original["id"].tolist() == ["a", "b"]
    assert dataset.notes[0].text == "Sheet March was read; the workbook also has Empty, April."
    assert read_table(content, options=ReadOptions(sheet="April")).original["id"].tolist() == ["z", "y"]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(errors.InvalidSettingError, match=r"The workbook has no sheet 'May'. It has: March."):
        read_table(workbook(March=[["id"], ["a"]]), options=ReadOptions(sheet="May"))


def test_whole_numbers_among_words_keep_their_digits():
    dataset = read_table(workbook(S=[["code", "n"], [1_000_446_431, 1], ["A7", 2], ["x y", 3]]))
    assert dataset.original["code"].tolist() == ["1000446431", "A7", "x y"]


@pytest.mark.parametrize("rows", [[["id", "spend"]], []])
def test_a_sheet_without_customers_says_so(rows):
    with pytest.raises((errors.NoRowsError, errors.EmptyFileError)):
        read_table(workbook(Sheet1=rows))


def test_a_damaged_workbook_is_refused():
    content = workbook(Sheet1=[["id"], ["a"]])
    with pytest.raises(errors.DamagedFileError, match="damaged or unsafe and was not opened"):
        read_table(content[: len(content) // 2])


def test_a_workbook_that_unpacks_to_too_much_is_not_opened():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(301):
                sheet.write(bytes(1_000_000))
    with pytest.raises(errors.WorkbookTooLargeError) as raised:
        read_table(packed.getvalue())
    assert str(raised.value) == (
        "This workbook unpacks to more than 300 MB and was not opened. Save the sheet as CSV and upload that."
    )


def test_a_parquet_file_is_read_with_its_types():
    dataset = read_table(parquet(CUSTOMERS))
    assert dataset.frame["spend"].tolist()[:2] == [1.5, 2.0]
    assert dataset.column("member").kind is ColumnKind.YES_NO
    assert dataset.original["id"].tolist() == ["a", "b", "c"]


def test_a_parquet_file_without_rows_or_with_lists_or_too_many_rows_is_refused(monkeypatch):
    with pytest.raises(errors.NoRowsError):
        read_table(parquet(CUSTOMERS[:0]))
    with pytest.raises(errors.InvalidSettingError, match="The columns tags hold lists or raw bytes"):
        read_table(parquet(pd.DataFrame({"tags": [[1], [2]]})))
    monkeypatch.setattr(config, "MAX_ROWS", 2)
    with pytest.raises(errors.TooManyRowsError):
        read_table(parquet(CUSTOMERS))


def test_a_damaged_parquet_file_is_refused():
    content = bytearray(parquet(CUSTOMERS))
    length = struct.unpack("<I", content[-8:-4])[0]
    content[-8 - length : -8] = bytes(length)
    with pytest.raises(errors.DamagedFileError, match="The Parquet file is damaged or unsafe"):
        read_table(bytes(content))


def test_text_workbook_and_parquet_of_one_table_hold_the_same_values():
    text = read_table(CUSTOMERS.to_csv(index=False).encode())
    sheet = read_table(
        workbook(S=[list(CUSTOMERS), *CUSTOMERS.astype(object).where(CUSTOMERS.notna(), None).values.tolist()])
    )
    stored = read_table(parquet(CUSTOMERS))
    for other in (sheet, stored):
        pd.testing.assert_frame_equal(text.frame, other.frame, check_dtype=False)
        assert [column.kind for column in other.columns] == [column.kind for column in text.columns]
