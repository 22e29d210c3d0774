"""Reading whole files: what is kept, what is said, and what a hostile file can't do."""

import csv
import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from segmenter import config, errors
from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.readers import IMPORTERS
from segmenter.io.read.table import read_table
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.in_worker import reading_limits

ROOT = Path(__file__).parents[3]
TABLE = b"id,age,spend\nC1,30,5.5\nC2,41,7.25\nC3,28,9.75\n"


def workbook(*cells, **properties):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, **properties})
    sheet = book.add_worksheet("Customers")
    for row, column, value in cells:
        sheet.write(row, column, value)
    book.close()
    return content.getvalue()


def table_of(frame):
    content = io.BytesIO()
    parquet.write_table(frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame), content)
    return content.getvalue()


def test_cells_are_kept_exactly_as_they_stood():
    dataset = read_table(b'id,v,w\n0001,1.0, a \n0002,2.50,"b ""x"""\n')
    assert dataset.original.to_numpy().tolist() == [["0001", "1.0", " a "], ["0002", "2.50", 'b "x"']]
    assert dataset.frame["v"].tolist() == [1.0, 2.5]


BREAKS = ["x\r\ny", "x\ny", "x\ry", "x\r\n\r\ny", "x\r\r\ny", "x\n\ry", "x\r\n", "\r\n", "x\r"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("cell", BREAKS)
def test_a_line_break_inside_a_cell_or_a_name_stays_as_it_is(cell, end):
    rows = [f'{row},"{cell}",z' for row in range(12)]
    for odd in ([], ['99,q"r,z'], ["98,too,many,values"]):
        dataset = read_table(end.join([f'id,"the{cell}name",c', *rows, *odd, ""]).encode())
        assert set(dataset.original.iloc[:12, 1]) == {cell}
        assert dataset.original.iloc[:12, 0].tolist() == [str(row) for row in range(12)]
        assert dataset.columns[1].header.strip() == f"the{cell}name"


@pytest.mark.parametrize("cell", BREAKS)
def test_a_line_break_stays_in_a_row_that_is_left_out(cell):
    rows = [f"{row},b,c" for row in range(12)]
    dataset = read_table("\r\n".join(["id,b,c", *rows, f'7,"{cell}"', ""]).encode())
    assert dataset.left_out["text"].tolist() == [f'7,"{cell}"']


def test_a_hint_that_names_a_tab_is_no_row():
    dataset = read_table(b"sep=\t\r\na\tb\r\n1\t2\r\n3\t4\r\n")
    assert [column.name for column in dataset.columns] == ["a", "b"]
    assert dataset.original.to_numpy().tolist() == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("cell", [*BREAKS, "_x000D_", "x_x000D_\ny", "_x0041_", "x\ty"])
def test_a_line_break_inside_a_cell_of_a_workbook_stays_as_it_is(cell):
    content = workbook(
        (0, 0, "id"), (0, 1, "b"), *[(row, 0, row) for row in (1, 2)], *[(row, 1, cell) for row in (1, 2)]
    )
    assert read_table(content).original["b"].tolist() == [cell, cell]


def test_a_table_read_anew_replaces_the_one_read_first():
    rows = "".join(f"{at},x{at},y\n" for at in range(10))
    dataset = read_table(f"a,b,c\n{rows}5, q, r\n{rows}".encode())
    assert dataset.original.iloc[10].tolist() == ["5", "q", "r"]


def test_a_path_and_its_bytes_give_the_same(tmp_path):
    path = tmp_path / "c.csv"
    path.write_bytes(TABLE)
    from_path, from_bytes = read_table(path), read_table(TABLE, "c.csv")
    assert from_path.fingerprint == from_bytes.fingerprint
    assert from_path.name == from_bytes.name == "c.csv"
    pd.testing.assert_frame_equal(from_path.frame, from_bytes.frame)


def test_a_name_is_never_used_as_a_path():
    assert read_table(TABLE, "../../etc/passwd\0.xlsx").n_customers == 3


def test_other_options_are_other_data():
    assert read_table(TABLE).fingerprint != read_table(TABLE, options=ReadOptions(decimal=".")).fingerprint


def test_every_guess_can_be_switched():
    text = "a;b\n1,5;2\n3,25;4\n"
    assert read_table(text.encode(), options=ReadOptions(separator=",")).original.shape[1] == 2
    first_is_data = read_table(TABLE, options=ReadOptions(header_line=0))
    assert first_is_data.original.iloc[0].tolist() == ["id", "age", "spend"]
    assert read_table(TABLE, options=ReadOptions(header_line=2)).columns[0].name == "C1"
    assert read_table("é,b\n1,2\n".encode(), options=ReadOptions(encoding="latin-1")).columns[0].name == "Ã©"
    ragged = b"a,b,c\n1,2,3\n4,5\n6,7,8\n"
    kept = read_table(ragged, options=ReadOptions(keep_ragged=True))
    assert kept.original.iloc[1].tolist() == ["4", "5", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "no such encoding"])
def test_an_encoding_that_does_not_fit_is_refused(encoding):
    rows = "".join(f"Müller{n},{n}\n" for n in range(9))
    with pytest.raises(errors.UnreadableEncodingError, match="Choose another encoding"):
        read_table(f"name,n\n{rows}\n".encode("cp1252") + b"x", options=ReadOptions(encoding=encoding))


def test_lines_left_out_are_listed_with_their_text():
    dataset = read_table(b"a,b,c\n1,2,3\n4,5\n6,7,8\n")
    assert dataset.left_out.to_dict("list") == {
        "line": [3],
        "reason": ["another number of values"],
        "text": ["4,5"],
    }
    assert dataset.notes[0].text.startswith(
        "1 of 3 rows have a different number of values than the header (first: line 3: 2 values, header has 3)."
    )


def test_a_note_about_a_cell_names_its_line():
    text = 'name,spend\n"two\nlines",5\n' + "x,6\n" * 30 + "y,inf\n"
    note = read_table(text.encode()).notes[0]
    assert note.line == text.split("\n").index("y,inf") + 1


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", errors.EmptyFileError, "The file is empty"),
        (b"a,b\n", errors.NoRowsError, "There are column names but no rows"),
        (b"MZ\x90\0", errors.NotATableError, "it looks like a program"),
        (b"\x1f\x8b\x08\0", errors.CompressedFileError, "Compressed files are not accepted. Unzip it first."),
        (b"a,b\n1\x00,2\n", errors.NotTextError, "This is not a text table."),
        (
            b'a,b\n1,"2\n3,4\n',
            errors.UnclosedQuoteError,
            "Line 2: a quotation mark is opened and never closed.",
        ),
        (b"a,b,c\n1,2,3\n4,5\n6\n7,8,9,0\n1,1\n", errors.RaggedTableError, "different number of values"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(content, error, said):
    with pytest.raises(error, match=said):
        read_table(content, "customers.csv")


def test_a_missing_path_is_said(tmp_path):
    with pytest.raises(errors.FileNotReadableError):
        read_table(tmp_path / "none.csv")


def test_limits_are_said(monkeypatch):
    monkeypatch.setattr("segmenter.io.read.table.MAX_UPLOAD_MB", 0)
    with pytest.raises(errors.FileTooLargeError, match="limit is 0 MB"):
        read_table(TABLE)


def test_a_workbook_keeps_text_and_whole_numbers():
    content = workbook((0, 0, "id"), (0, 1, "n"), (1, 0, "007"), (1, 1, 5), (2, 0, "008"))
    dataset = read_table(content)
    assert dataset.original["id"].tolist() == ["007", "008"]
    assert str(dataset.original["n"][0]) == "5"
    assert dataset.dialect.sheet == "Customers"


def test_titles_and_margins_of_a_sheet_are_skipped():
    cells = [(0, 1, "Report"), (2, 1, "id"), (2, 2, "n"), (2, 3, "m")]
    cells += [(3 + at, 1 + column, at * 10 + column) for at in range(9) for column in range(3)]
    dataset = read_table(workbook(*cells))
    assert [column.name for column in dataset.columns] == ["id", "n", "m"]
    assert dataset.dialect.header_line == 3
    assert dataset.notes[0].text.startswith("Skipped 1 line above the table")


def test_another_sheet_can_be_chosen_and_a_wrong_one_is_named():
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine="xlsxwriter") as writer:
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_excel(writer, sheet_name="One", index=False)
        pd.DataFrame({"c": [1, 2], "d": [3, 4]}).to_excel(writer, sheet_name="Two", index=False)
    assert read_table(content.getvalue(), options=ReadOptions(sheet="Two")).columns[0].name == "c"
    assert "also has 'Two'" in read_table(content.getvalue()).notes[0].text
    with pytest.raises(errors.UnknownSheetError, match="It has: One, Two"):
        read_table(content.getvalue(), options=ReadOptions(sheet="Three"))


def test_a_stray_cell_far_away_does_not_fill_the_memory():
    with pytest.raises(errors.SheetTooLargeError, match="1,048,576 × 16,384 cells"):
        read_table(workbook((0, 0, "a"), (1_048_575, 16_383, 1)))


def test_a_workbook_that_unpacks_without_end_is_not_opened():
    bomb = io.BytesIO(workbook((0, 0, "a"), (1, 0, 1)))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * 60_000_000)
    with pytest.raises(errors.WorkbookTooLargeError, match="was not opened"):
        read_table(bomb.getvalue())


def test_parquet_is_read_with_its_types():
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "n": pd.array([1, None, 3], "Int64"),
            "d": pd.to_datetime(["2024-01-01"] * 2 + ["2024-01-02"]),
        }
    )
    dataset = read_table(table_of(frame))
    assert dataset.frame["n"].tolist()[::2] == [1.0, 3.0]
    assert dataset.column("d").kind == ColumnKind.DATE
    assert str(dataset.original["n"].dtype) == "Int64"


def test_parquet_columns_of_lists_are_refused_by_name():
    with pytest.raises(errors.NestedColumnsError, match="'basket'"):
        read_table(table_of(pa.table({"basket": [[1, 2], [3]]})))


def parquet_of_words(words, n_rows, **how):
    content = io.BytesIO()
    cells = pa.DictionaryArray.from_arrays(pa.array(np.arange(n_rows) % len(words), pa.int32()), pa.array(words))
    parquet.write_table(
        pa.table({"word": cells.cast(pa.string())}), content, compression="zstd", store_schema=False, **how
    )
    return content.getvalue()


@pytest.mark.parametrize(
    "how",
    [{}, {"use_dictionary": False}, {"use_dictionary": False, "column_encoding": {"word": "DELTA_BYTE_ARRAY"}}],
    ids=["dictionary", "plain", "delta"],
)
def test_a_parquet_file_whose_few_words_unpack_to_very_much_is_refused(how):
    content = parquet_of_words(["w" * 1_000], 400_000, **how)
    assert len(content) < 500_000
    with pytest.raises(errors.ParquetTooLargeError, match="400,000 rows"):
        read_table(content)


def test_words_that_come_back_in_a_parquet_file_are_read_as_they_stand():
    words = ["north", "south", "", "é" * 30]
    table = read_table(parquet_of_words(words, 2_000, row_group_size=300))
    assert table.original["word"].tolist() == [words[at % 4] for at in range(2_000)]


MEMORY_ADDED = """
import sys
from pathlib import Path
from segmenter.io.read import read_table

def most():
    return max(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1000

content = Path(sys.argv[1]).read_bytes()
read_table(b"a,b\\n" + b"1,2\\n" * 50)
before = most()
table = read_table(content)
shared = table.original.memory_usage(deep=True).sum() / 1e6
print(most() - before, shared)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what a process holds")
def test_a_file_adds_little_more_to_the_server_than_its_table(tmp_path):
    (tmp_path / "words.parquet").write_bytes(parquet_of_words([f"{at:0>300}" for at in range(500)], 300_000))
    command = [sys.executable, "-c", MEMORY_ADDED, str(tmp_path / "words.parquet")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    added, table = map(float, said)
    assert table > 80
    assert added < table + 50


def test_a_parquet_file_of_very_many_rows_is_refused():
    rows = config.MAX_ROWS + 1
    one_value = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array(["x"]))
    with pytest.raises(errors.ParquetTooLargeError, match="too much memory"):
        read_table(table_of(pa.table({"a": one_value})))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_parquet_file_with_a_changed_byte_is_read_or_refused(at, byte):
    content = bytearray(table_of(pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})))
    content[at % len(content)] = byte
    try:
        read_table(bytes(content))
    except errors.SegmenterError as error:
        assert str(error)  # noqa: PT017 - either outcome is right


def test_a_reader_out_of_time_is_stopped_and_the_next_file_is_read(monkeypatch):
    monkeypatch.setattr("segmenter.table.infer.in_worker.READING_SECONDS", 1)
    monkeypatch.setattr("segmenter.table.infer.in_worker.READING_SECONDS_PER_MB", 0)
    slow = b"a,b\n" + b'1,"' + b'x" y\n' * 3_000_000
    with pytest.raises(errors.SegmenterError):
        read_table(slow)
    assert read_table(TABLE).n_customers == 3


def test_larger_files_may_take_longer():
    small, large = reading_limits(1_000), reading_limits(1_000_000_000)
    assert small.seconds == config.READING_SECONDS
    assert large.seconds > 10 * small.seconds


def test_many_visitors_read_at_once():
    found = []
    threads = [
        threading.Thread(
            target=lambda number=number: found.append(
                (number, read_table(f"a,b\n{number},1\n{number},2\n".encode()).frame["a"][0])
            )
        )
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert all(number == value for number, value in found)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=15)
WORDS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_table_written_by_our_export_reads_back_equal(data):
    width = data.draw(st.integers(2, 5))
    header = data.draw(st.lists(WORDS, min_size=width, max_size=width, unique=True))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=10))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([header, *rows])
    try:
        parsed = read_delimited(memoryview(text.getvalue().encode("utf-8-sig")), ReadOptions())
    except errors.SegmenterError:
        return
    read = [list(row.values()) for row in parsed.cells.to_pylist()]
    # Whatever is not told is equal; whatever is not equal is told.
    assert read == rows or parsed.notes


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    try:
        parsed = read_delimited(memoryview(content), ReadOptions())
    except errors.SegmenterError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert parsed.cells.num_columns == len(parsed.headers)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1,;\"'\n\r\t |.-\\", max_size=200))
def test_any_text_of_separators_and_quotes_is_read_or_refused(text):
    try:
        parsed = read_delimited(memoryview(text.encode()), ReadOptions())
    except errors.SegmenterError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert parsed.cells.num_columns == len(parsed.headers)


def test_every_kind_of_file_has_a_reader():
    assert set(IMPORTERS) == {"delimited", "excel", "markup", "parquet", "sqlite"}


def test_a_single_column_of_sentences_is_one_column():
    rows = "\n".join(f"person number {n} of many" for n in range(60))
    dataset = read_table(f"name\n{rows}\n".encode())
    assert len(dataset.columns) == 1


@pytest.mark.parametrize("cell", [None, True])
def test_a_parquet_file_of_millions_of_cells_that_take_no_room_is_refused(cell):
    rows = 2_000_000
    empty = pa.nulls(rows) if cell is None else pa.array(np.ones(rows, bool))
    with pytest.raises(errors.ParquetTooLargeError, match="too much memory"):
        read_table(table_of(pa.table({f"c{at}": empty for at in range(20)})))
