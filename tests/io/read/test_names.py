"""Names on two lines are joined, titles are found, and names or values in the wrong columns are doubted."""

import csv
import io
import random

import pyarrow as pa
import pytest
from pyarrow import parquet

from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_table

GROUPED = [[f"C{at}", str(100 + at), str(at % 9), str(200 + at), str(at % 7)] for at in range(12)]
NAMES = ["id", "name", "age", "city", "spend", "joined"]


def customers(n_rows=40):
    pick = random.Random(5)
    return [
        [f"C{at}", pick.choice(["Ann Lee", "Bo Li"]), str(pick.randint(18, 80)), pick.choice(["Rome", "Paris"]),
         f"{pick.uniform(1, 99):.2f}", f"2024-03-{at % 28 + 1:02d}"]
        for at in range(n_rows)
    ]  # fmt: skip


def parsed(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return read_delimited(memoryview(text.getvalue().encode()), ReadOptions())


def doubts(table):
    return [note for note in table.notes if note.warning]


def test_rows_that_moved_by_an_empty_cell_are_told_where_all_columns_but_the_last_are_alike():
    pick = random.Random(8)
    rows = [
        [f"EN{at}", *(f"{pick.gammavariate(3, 90):.1f}" for _ in range(6)), pick.choice("xyz")] for at in range(160)
    ]
    for at in (40, 90, 120):
        rows[at] = [rows[at][0], "", *rows[at][1:-1]]
    names = ["meter", *(f"kwh_{month}" for month in ("jan", "feb", "mar", "apr", "may", "jun")), "tariff"]
    assert [note.line for note in doubts(parsed([names, *rows])) if "moved" in note.text] == [42]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (
            [["", "2023", "", "2024", ""], ["id", "spend", "visits", "spend", "visits"]],
            ["id", "2023 spend", "2023 visits", "2024 spend", "2024 visits"],
        ),
        (
            [["id", "2023", "", "2024", ""], ["", "spend", "visits", "spend", "visits"]],
            ["id", "2023 spend", "2023 visits", "2024 spend", "2024 visits"],
        ),
        (
            [["Sales", "", "", "", ""], ["", "Web", "", "Shop", ""], ["id", "spend", "visits", "spend", "visits"]],
            ["id", "Web spend", "Web visits", "Shop spend", "Shop visits"],
        ),
    ],
    ids=["years", "the id above", "below a title"],
)
def test_names_on_two_lines_are_joined_and_told(lines, names):
    table = parsed([*lines, *GROUPED])
    assert list(table.headers) == names
    assert table.cells.num_rows == len(GROUPED)
    assert any("joined" in note.text for note in table.notes)


@pytest.mark.parametrize("filled", [1, 2, 5])
def test_a_title_padded_with_separators_is_no_name_above_a_sparse_table(filled):
    rows = [[row[0], *(cell if at < filled else "" for at, cell in enumerate(row[1:], 1))] for row in GROUPED]
    table = parsed([["Customers of the shop", "", "", "", ""], ["id", "a", "b", "c", "d"], *rows])
    assert list(table.headers) == ["id", "a", "b", "c", "d"]
    assert table.cells.num_rows == len(GROUPED)


@pytest.mark.parametrize("again", [["id", "plan"], ["ID", " Plan "], ["\ufeffid", "plan"]])
def test_names_that_come_again_where_files_were_put_together_are_left_out(again):
    rows = [[f"C{at}", "AB"[at % 2]] for at in range(20)]
    table = parsed([["id", "plan"], *rows[:10], again, *rows[10:]])
    assert table.cells.num_rows == 20
    assert any("come again in line 12" in note.text for note in doubts(table))


@pytest.mark.parametrize(
    ("names", "more"),
    [
        (["id", "age", "city", "spend", "joined"], [""]),
        (["id", "age", "city", "spend", "joined", ""], []),
        (["id", "name", "agecity", "spend", "joined", ""], []),
        (["id", "name", "agecity", "spend", "joined"], [""]),
        (["id", "nameage", "city", "spend", "joined"], []),
        (["id", "name", "city", "age", "spend", "joined"], []),
        (["x", "name", "spend", "city", "age of account in days", "email"], []),
    ],
    ids=["one too few", "one too few and a separator", "two run together", "two run together, padded", "two in one",
         "two exchanged", "an e-mail over dates"],
)  # fmt: skip
def test_names_over_the_wrong_columns_are_doubted(names, more):
    table = parsed([names, *([*row, *more] for row in customers())])
    if names[-1] != "email":
        assert any("wrong columns" in note.text for note in doubts(table))


@pytest.mark.parametrize(
    "row",
    [
        ["C7", "Lee", " Ann 31", "Rome", "20.5", "2024-01-11"],
        ["C7", "Lee", " Ann", "31 Rome", "20.5", "2024-01-11"],
        ["C7 Ann Lee", "31", "Rome", "Lazio", "20.5", "2024-01-11"],
        ["C7", "Ann Lee", "31", "Rome", "Lazio", "20.5 2024-01-11"],
    ],
)
def test_a_row_whose_lost_and_further_comma_cancel_out_is_told(row):
    rows = customers()
    rows[7] = row
    text = "\n".join(",".join(cells) for cells in [NAMES, *rows])
    warned = [note for note in read_table(text.encode()).notes if note.warning]
    assert 9 in {note.line for note in warned}


def test_customers_with_rare_values_are_no_faults():
    rows = customers(200)
    rows[50][3], rows[120][1], rows[160][2] = "Oslo", "Cy Ro", ""
    assert not doubts(parsed([NAMES, *rows]))


def test_the_keys_and_wordings_below_the_names_of_a_survey_are_left_out_even_where_all_answers_are_words():
    rows = [["Yes", "Web"], ["No", "Shop"]] * 10
    table = parsed([["Q1", "Q2"], ["Happy?", "Where?"], ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}'], *rows])
    assert list(table.headers) == ["Q1", "Q2"]
    assert table.cells.num_rows == 20


def test_nested_columns_of_parquet_are_left_out_by_name_and_the_others_read():
    table = pa.table(
        {"id": ["a", "b"], "tags": [["x"], None], "who": [{"x": 1}, None], "raw": [b"1", b"2"], "spend": [1.5, 2.5]}
    )
    content = io.BytesIO()
    parquet.write_table(table, content)
    dataset = read_table(content.getvalue())
    assert list(dataset.original.columns) == ["id", "spend"]
    assert dataset.frame["spend"].tolist() == [1.5, 2.5]
    assert [note.text[:22] for note in dataset.notes] == ["'tags', 'who', 'raw' w"]


def _with_reason(reason):
    """The rows of a file of labelled customers, six of whom are in no segment."""
    rows = customers(200)
    return [[*NAMES, "segment_name", "reason"]] + [
        [*row, name, reason if name == "no segment" else ""]
        for row, name in zip(rows, ["no segment"] * 6 + ["Big spenders", "Savers"] * 97, strict=True)
    ]


def test_two_columns_that_say_the_same_of_a_row_have_not_been_mixed_up():
    assert not doubts(parsed(_with_reason("no segment")))
    # A word that is not its own column's in that row, too, may have moved.
    assert any("stands under 'reason'" in note.text for note in doubts(parsed(_with_reason("Savers"))))


@pytest.mark.parametrize("name", ["respondent", "customer_id", "Case"])
def test_a_lost_name_behind_that_of_numbered_rows_is_said(name):
    rows = [f"{at},{'low' if at % 3 else 'high'},{20 + at % 7},{at % 5}" for at in range(1, 41)]
    lost = read_table("\n".join([f"{name},age,visits", *rows]).encode())
    assert any("column names and the rows have" in note.text for note in lost.notes)
    # As R writes it: the numbers have no name, and the first is over ids of their own.
    numbered = [f"{at},K{900 - at},{20 + at % 7},{at % 5}" for at in range(1, 41)]
    assert read_table("\n".join([f"{name},age,visits", *numbered]).encode()).notes == ()
