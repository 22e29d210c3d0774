"""Any table that we write, we read back: as CSV to the last letter and bit, as a workbook to 15 digits."""

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from segmenter import Recipe, Result, choose_features, fit_segmentation, read_table
from segmenter.io.export.csv import escaped, labelled_csv, to_csv
from segmenter.io.export.excel import workbook
from segmenter.io.read.parsed import ReadOptions
from segmenter.table.columns import read_frame

N_ROWS = 8
ANY_TEXT = st.lists(
    st.sampled_from(["\r\n", "\n", "\r"]) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=12,
).map("".join)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
# What XML 1.0, and with it a workbook, can hold.
SHEET_TEXT = st.lists(
    st.sampled_from(["\r\n", "\n", "\r", "_x000D_"])
    | st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\r\t"),
    min_size=1,
    max_size=12,
).map("".join)


def rows_of(values):
    return st.lists(values, min_size=N_ROWS, max_size=N_ROWS)


def as_written(text):
    """Return what the CSV holds for a text: an apostrophe stands before what a spreadsheet would run."""
    return text if text == "-" else escaped(text)


@settings(max_examples=60)
@given(words=rows_of(ANY_TEXT), more=rows_of(ANY_TEXT), amounts=rows_of(NUMBERS))
def test_any_table_comes_back_from_our_csv(words, more, amounts):
    ids = [f"C{number:04d}" for number in range(N_ROWS)]
    table = pd.DataFrame({"id": ids, "words": words, "amount": amounts, "more": more})
    back = read_table(to_csv(table)).original
    assert back.columns.tolist() == ["id", "words", "amount", "more"]
    assert back["id"].tolist() == ids
    assert back["words"].tolist() == [as_written(text) for text in words]
    assert back["more"].tolist() == [as_written(text) for text in more]
    assert [float(cell) for cell in back["amount"]] == amounts


@settings(max_examples=60)
@given(header=st.lists(ANY_TEXT.filter(str.strip), min_size=2, max_size=4, unique_by=str.strip))
def test_any_column_names_come_back_from_our_csv(header):
    table = pd.DataFrame([[f"{row}.5" for _ in header] for row in range(N_ROWS)], columns=header)
    back = read_table(to_csv(table))
    # Names that look like values of a customer are doubted aloud.
    assert [column.header for column in back.columns] == [escaped(name) for name in header] or back.notes


def fitted(frame):
    dataset = read_frame(frame)
    recipe = Recipe(choose_features(dataset, ("spend", "visits")), 2)
    return Result(dataset, fit_segmentation(dataset, recipe))


@settings(max_examples=20)
@given(words=rows_of(SHEET_TEXT), amounts=rows_of(NUMBERS))
def test_any_table_comes_back_from_our_workbook(words, amounts):
    table = pd.DataFrame(
        {
            "id": [f"00{number}" for number in range(N_ROWS)],
            "spend": [1.5, 2.25, 1.75, 2.0, 90.5, 91.25, 92.0, 90.0],
            "visits": [1, 2, 1, 2, 40, 41, 42, 43],
            "words": words,
            "amount": amounts,
        }
    )
    result = fitted(table)
    back = read_table(workbook(result), options=ReadOptions(sheet="Customers")).original
    assert back["id"].tolist() == table["id"].tolist()
    # Texts that say exactly a number are numbers in a workbook, so that it can add them up.
    assert all(str(cell) == word or float(cell) == float(word) for cell, word in zip(back["words"], words, strict=True))
    # A workbook's own numbers have 15 digits.
    np.testing.assert_allclose(back["amount"].astype(float), amounts, rtol=1e-15)
    assert [float(cell) for cell in back["spend"]] == table["spend"].tolist()
    np.testing.assert_array_equal(back["segment"].astype(int), result.labelled()["segment"].astype(int))


@settings(max_examples=25)
@given(words=rows_of(ANY_TEXT), gaps=rows_of(st.booleans()))
def test_labelled_customers_come_back_with_their_segments_and_gaps(words, gaps):
    spend = [1.5, 2.25, 1.75, 2.0, 90.5, 91.25, 92.0, 90.0]
    extra = [math.nan if gap else 7.5 for gap in gaps]
    table = pd.DataFrame({"spend": spend, "visits": [1, 2, 1, 2, 40, 41, 42, 43], "words": words, "extra": extra})
    result = fitted(table)
    back = read_table(labelled_csv(result)).original
    assert back["words"].tolist() == [as_written(text) for text in words]
    assert back["extra"].tolist() == ["" if gap else "7.5" for gap in gaps]
    assert back["segment"].tolist() == result.labelled()["segment"].astype(str).tolist()
