"""Every layout of a clean export is read right, and in time that grows with the file and no faster."""

import csv
import io
import random
import time
from collections.abc import Callable

import pytest

from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_table

Rows = list[list[str]]
HEADER = ["id", "name", "age", "spend", "plan"]


def rows_of(n_rows: int) -> Rows:
    pick = random.Random(1)
    names = ("Smith, John", "Doe; Jane", "O'Neil, Pat", "Lee\tAnn")
    return [
        [f"C{at}", pick.choice(names), str(pick.randint(18, 90)), f"{pick.uniform(1, 900):.2f}", pick.choice("AB")]
        for at in range(n_rows)
    ]


def by_writer(rows: Rows, separator: str, quoting: int, **marks: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator="\n", **marks).writerows(rows)
    return text.getvalue()


def quoted(rows: Rows, separator: str) -> str:
    return by_writer(rows, separator, csv.QUOTE_ALL)


def quoted_words(rows: Rows, separator: str) -> str:
    """As R's write.csv and QUOTE_NONNUMERIC write: the first column quoted, and others not."""
    lines = [
        separator.join(f'"{cell}"' if at not in (2, 3) else cell for at, cell in enumerate(row)) for row in rows[1:]
    ]
    return "\n".join([separator.join(f'"{name}"' for name in rows[0]), *lines]) + "\n"


def with_doubled_marks(rows: Rows, separator: str) -> str:
    changed = [[row[0], f'said "{row[1]}", twice', *row[2:]] for row in rows[1:]]
    return by_writer([rows[0], *changed], separator, csv.QUOTE_MINIMAL)


def with_backslashes(rows: Rows, separator: str) -> str:
    """A backslash before each mark, in the names as well."""
    lines = [separator.join(f'"{cell}"' for cell in row) for row in rows]
    lines[0] = lines[0].replace("name", 'na\\"me')
    return "\n".join(line.replace("Smith", '\\"Smith\\"') for line in lines) + "\n"


def in_apostrophes(rows: Rows, separator: str) -> str:
    return by_writer(
        [[cell.replace("'", "´") for cell in row] for row in rows], separator, csv.QUOTE_ALL, quotechar="'"
    )


def with_inches(rows: Rows, separator: str) -> str:
    """Marks that quote nothing, as in inches."""
    return "\n".join(separator.join([row[0], f'TV 32" {row[4]}', *row[2:]]) for row in rows).replace(
        f'TV 32" {HEADER[4]}', "product", 1
    )


def with_json(rows: Rows, separator: str) -> str:
    cells = [f'{{"a": "x{row[2]}", "b": {row[2]}, "plan": "{row[4]}"}}' for row in rows[1:]]
    lines = [separator.join([row[0], cell, *row[2:]]) for row, cell in zip(rows[1:], cells, strict=True)]
    return "\n".join([separator.join(rows[0]), *lines]) + "\n"


def with_breaks(rows: Rows, separator: str) -> str:
    changed = [[row[0], f"{row[1]}\n{row[4]} Street\nTown", *row[2:]] for row in rows[1:]]
    return by_writer([rows[0], *changed], separator, csv.QUOTE_MINIMAL)


def fixed_width(rows: Rows, separator: str) -> str:
    return "".join("".join(cell.replace("\t", " ").ljust(14) for cell in row) + "\n" for row in rows)


LAYOUTS: list[Callable[[Rows, str], str]] = [
    quoted, quoted_words, with_doubled_marks, with_backslashes, in_apostrophes, with_inches, with_breaks,
]  # fmt: skip


def parsed(text: str):
    return read_delimited(memoryview(text.encode()), ReadOptions())


def seconds(text: str) -> float:
    started = time.process_time()
    parsed(text)
    return time.process_time() - started


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_layout_is_read_with_all_its_columns(layout, separator):
    rows = rows_of(60)
    table = parsed(layout([HEADER, *rows], separator))
    assert table.cells.num_columns == len(HEADER)
    assert [list(row.values())[2:] for row in table.cells.to_pylist()] == [row[2:] for row in rows]
    assert not [note for note in table.notes if note.warning]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_json_amid_other_separators_stays_as_it_is(separator):
    rows = rows_of(60)
    table = parsed(with_json([HEADER, *rows], separator))
    assert table.cells.num_columns == len(HEADER)
    assert table.cells.column(1)[0].as_py() == f'{{"a": "x{rows[0][2]}", "b": {rows[0][2]}, "plan": "{rows[0][4]}"}}'


def test_marks_that_are_never_closed_are_kept_and_told():
    lines = [f'C{at};"TV {at};{at + 20}' for at in range(40)]
    table = parsed("\n".join(["id;product;age", *lines]))
    assert table.cells.column(1)[0].as_py() == '"TV 0'
    assert any("opens a value and does not end it" in note.text and note.warning for note in table.notes)


@pytest.mark.parametrize("layout", [*LAYOUTS, with_json, fixed_width], ids=lambda layout: layout.__name__)
def test_reading_takes_time_in_proportion_to_the_rows(layout):
    short, long = (layout([HEADER, *rows_of(n_rows)], ";") for n_rows in (1_500, 6_000))
    seconds(short)
    # The best of three: other programs on the machine only make it slower.
    assert min(seconds(long) for _ in range(3)) <= 6 * min(seconds(short) for _ in range(3))


def test_columns_of_fixed_width_are_read_to_their_last_digit():
    rows = [[f"{at:05d}", "York" if at % 2 else "New Town", f"{at * 1.5:.2f}"] for at in range(400)]
    rows.append(["00400", "Bath", "1234567.25"])
    text = "".join(f" {row[0]} {row[1]:<10}{row[2]:>14}\r\n" for row in rows)
    table = parsed(text)
    assert [list(row.values()) for row in table.cells.to_pylist()] == rows
    assert any("fixed width" in note.text for note in table.notes)


def test_remarks_that_run_across_columns_of_fixed_width_are_left_out_and_told():
    rows = [f"{at:05d}  {'York':<10}{at * 1.5:>8.2f}" for at in range(60)]
    table = parsed("\n".join(["List of all customers, as of today", *rows, "60 customers of the shop were listed"]))
    assert table.cells.num_rows == 60
    assert [one.line for one in table.left_out] == [1, 62]


def test_lines_whose_columns_stand_elsewhere_are_left_out_and_told():
    rows = [f"{at:05d}  {'York':<10}{at * 1.5:>8.2f}" for at in range(12_000)]
    rows[11_000:] = [f"{at} {'York':>13} {at * 1.5:.3f}" for at in range(1_000)]
    table = parsed("\n".join(rows))
    assert table.cells.num_rows == 11_000
    assert len(table.left_out) == 1_000
    assert any(note.warning and "left out" in note.text for note in table.notes)


def test_the_purchases_of_a_list_without_names_are_read(shared_data):
    dataset = read_table(shared_data / "cdnow_sample.txt")
    assert dataset.original.shape == (6_919, 5)
    assert dataset.original.iloc[0].tolist() == ["00004", "0001", "19970101", "2", "29.33"]


@pytest.mark.parametrize(
    "text",
    [
        " id | city\n----+------\n 1  | York\n 2  | Bath\n 3  | Leeds\n",
        "| id | city |\n|----|:-----|\n| 1  | York |\n| 2  | Bath |\n| 3  | Leeds |\n",
        "+---+-------+\n| id| city  |\n+---+-------+\n| 1 | York  |\n| 2 | Bath  |\n| 3 | Leeds |\n+---+-------+\n",
    ],
    ids=["psql", "Markdown", "MySQL"],
)
def test_tables_drawn_in_text_are_read_without_their_lines(text):
    table = parsed(text)
    assert [name.strip() for name in table.headers] == ["id", "city"]
    assert [[cell.strip() for cell in row.values()] for row in table.cells.to_pylist()] == [
        ["1", "York"], ["2", "Bath"], ["3", "Leeds"],
    ]  # fmt: skip
