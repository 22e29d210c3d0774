"""Marks, separators, backslashes and line breaks inside cells are read as they were written, whoever wrote them."""

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segmenter.io.export.csv import escaped, to_csv
from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import ReadOptions

MARKS = st.text("\\\",;\n=' ab", max_size=7)
ROWS = st.lists(st.tuples(MARKS, MARKS, MARKS), min_size=2, max_size=9)
NAMES = ["id", "first", "second", "third"]


def parsed(content):
    return read_delimited(memoryview(content), ReadOptions())


def cells_of(table):
    return [list(row.values()) for row in table.cells.to_pylist()]


def frame_of(rows):
    """Customers with an identifier; the last one has a word in each cell, so that it is no remark below the table."""
    numbered = [(f"C{at:03d}", *row) for at, row in enumerate(rows)]
    return pd.DataFrame([*numbered, ("C999", "end", "of", "it")], columns=NAMES, dtype="str")


def blanks_are_told(table):
    """Whether spaces were taken off that looked like part of the separator, which no mark around them denies."""
    return any("a space after each separator" in note.text for note in table.notes)


@settings(max_examples=150)
@given(ROWS)
@example([('5\\"', "", ""), ("\\", '\\"\\', 'C:\\"')])
@example([('"\\""', ",", ";"), ("", '",\n"', "\\")])
@example([(";;;;;;;", ';;;;;;"', "  "), (";;;;;;;", ';;;;;;"', "  ;\n")])
def test_cells_of_marks_come_back_from_our_csv(rows):
    frame = frame_of(rows)
    table = parsed(to_csv(frame))
    assert list(table.headers) == NAMES
    assert cells_of(table) == [[text if text == "-" else escaped(text) for text in row] for row in frame.to_numpy()]


@settings(max_examples=100)
@given(ROWS, st.sampled_from(",;\t|"))
@example([("a", "b", " \n\\")] * 2, ",")
def test_cells_of_marks_come_back_from_what_pandas_writes(rows, separator):
    frame = frame_of(rows)
    table = parsed(frame.to_csv(index=False, sep=separator).encode())
    assert list(table.headers) == NAMES
    assert cells_of(table) == frame.to_numpy().tolist() or blanks_are_told(table)


def test_blanks_at_the_end_of_the_last_cell_belong_to_it():
    assert cells_of(parsed(b"id,word\nC1,a\nC2,b  \n")) == [["C1", "a"], ["C2", "b  "]]
    assert cells_of(parsed(b"id,word\nC1,a\nC2,b\n   \n\n")) == [["C1", "a"], ["C2", "b"]]


def by_mysql(text, *, breaks):
    """SELECT … INTO OUTFILE … FIELDS ENCLOSED BY '"' ESCAPED BY '\\\\', which escapes the line's end as well."""
    marks = '\\"\n' if breaks else '\\"'
    return '"' + "".join("\\" + letter if letter in marks else letter for letter in text) + '"'


@settings(max_examples=100)
@given(st.lists(st.tuples(MARKS, MARKS), min_size=3, max_size=9), st.sampled_from(",;\t"), st.booleans())
def test_cells_of_marks_come_back_from_a_file_with_backslashes(rows, separator, breaks):
    rows = [[str(at), *row, f"{at}.5"] for at, row in enumerate([*rows, ('said "no"', "\\")])]
    written = [[row[0], *(by_mysql(text, breaks=breaks) for text in row[1:3]), row[3]] for row in rows]
    content = "".join(separator.join(row) + "\n" for row in [['"id"', '"word"', '"text"', '"spend"'], *written])
    assert cells_of(parsed(content.encode())) == rows


def test_backslashes_deep_in_a_long_file_are_found():
    rows = [[str(at), "fine", f"{at}.5"] for at in range(3_000)]
    rows[2_900][1] = 'said "a, b" twice'
    content = "id,word,spend\n" + "".join(f"{row[0]},{by_mysql(row[1], breaks=False)},{row[2]}\n" for row in rows)
    assert cells_of(parsed(content.encode())) == rows


@pytest.mark.parametrize("rows", [["a\\\\", "b"], ["C:\\", "D:\\\\"]])
def test_a_backslash_that_could_mean_two_things_is_kept_and_told(rows):
    content = "id,word\n" + "".join(f'{at},"{text}"\n' for at, text in enumerate([*rows, "x\\\\"]))
    table = parsed(content.encode())
    assert [row[1] for row in cells_of(table)] == [*rows, "x\\\\"]
    told = [note.line for note in table.notes if "a backslash before a quotation mark" in note.text]
    assert told == ([2] if "C:\\" not in rows else [])


def test_an_address_on_two_lines_is_one_value_where_columns_tell_that_its_lines_are_no_rows():
    content = b'id,address,orders\n1,"12 High St, Flat 2\nLeeds, UK",5\n2,York,7\n3,Bath,2\n'
    table = parsed(content)
    assert cells_of(table)[0] == ["1", "12 High St, Flat 2\nLeeds, UK", "5"]
    assert not table.notes


def test_rows_swallowed_by_an_open_mark_are_left_out_and_told():
    rows = "".join(f"{at},York,{at % 7}\n" for at in range(3, 30))
    table = parsed(f'id,city,orders\n1,"Leeds,5\n2,Bath",7\n{rows}'.encode())
    assert len(table.cells) == 27
    assert "never closed" in table.notes[0].text
