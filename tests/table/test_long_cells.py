"""Cells that are far longer than any number, date or name are text, are understood at once, and are kept whole."""

import time
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from segmenter.errors.reading import NoRowsError, RaggedTableError, UnclosedQuoteError
from segmenter.io.read.table import read_table
from segmenter.segment.assign import match_names
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.cells import leading_texts, to_arrow
from segmenter.table.infer.personal_data import personal_reason


def kind_of(cells):
    return read_frame(pd.DataFrame({"x": pd.Series(cells, dtype="str")})).column("x").kind


def test_a_cell_of_three_thousand_digits_among_numbers_is_no_number_and_is_named():
    cells = [str(at * 7 % 41) for at in range(60)]
    cells[3] = "1" * 3_000
    table = read_frame(pd.DataFrame({"x": cells}))
    assert table.column("x").kind is ColumnKind.NUMBER
    assert np.flatnonzero(table.frame["x"].isna()).tolist() == [3]
    assert any("1 cell could not be read" in note.text and "row 4" in note.text for note in table.notes)
    assert table.original["x"][3] == "1" * 3_000


@pytest.mark.parametrize(
    "cell",
    [
        "1" * 300,
        "0." + "3" * 300,
        "1" + ",000" * 100,
        "2024-01-02 12:30:00." + "0" * 300,
        "2024-01-02" + " " * 300 + "12:30",
        "4111111111111111" * 20,
        "+" + "49" * 150,
    ],
)
def test_what_begins_like_a_number_or_a_date_and_goes_on_is_neither(cell):
    kind = kind_of([f"{cell}{at}" if cell[-1].isdigit() else cell for at in range(10, 40)])
    assert kind not in (ColumnKind.NUMBER, ColumnKind.DATE, ColumnKind.MONEY, ColumnKind.PERSONAL)


def test_blanks_around_a_number_do_not_make_it_long():
    assert kind_of([f"{' ' * 300}{at * 7 % 41}.5{' ' * 300}" for at in range(60)]) is ColumnKind.NUMBER


def test_two_hundred_letters_are_looked_at_and_one_more_is_cut():
    cells = to_arrow(pd.Series(["é" * 200, "é" * 201, None, "  x  "], dtype="str"))
    assert leading_texts(cells) == ["é" * 200, "é" * 200 + "…", None, "x"]


@pytest.mark.parametrize(
    "address",
    [
        "12 High Street",
        "Flat 3,\n12 Mill Road",
        "Hauptstr. 5",
        "Bahnhofstraße 12",
        "calle Mayor 7",
    ],
)
def test_street_addresses_are_personal(address):
    assert personal_reason("where", [address] * 5) == "street addresses"


@pytest.mark.parametrize("words", ["street", "7 streets ahead of us", "a long way", "2024-01-02", "weg weg weg", "5"])
def test_words_or_numbers_alone_are_no_street_address(words):
    assert personal_reason("where", [words] * 5) != "street addresses"


def hostile_tables(size):
    """Tables whose time to be understood must grow with their size and not with its square."""
    numbers = ",".join(str(at * 37 % 101) for at in range(size // 30))
    yield "digits in one cell", pd.DataFrame({"x": ["1" * size, *map(str, range(20))]})
    yield "beginnings of dates", pd.DataFrame({"x": ["2024-01-" * size] * 20})
    yield "lists of numbers", pd.DataFrame({"x": [f"{at},{numbers}" for at in range(60)]})
    yield "many columns", pd.DataFrame({f"c{at}": ["7" * size] * 3 for at in range(50)})
    yield "a long name", pd.DataFrame({"n" * 10 * size: range(20), "weg " * size: ["weg " * size] * 20})


@pytest.mark.parametrize("at", range(5))
def test_ten_times_longer_cells_take_no_more_than_twenty_times_as_long(at):
    seconds = []
    for size in (3_000, 30_000):
        _, table = list(hostile_tables(size))[at]
        begun = time.process_time()
        read_frame(table)
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 20 * max(seconds[0], 0.01)


@pytest.mark.parametrize(
    "rows",
    ['"a,b\n' * 2_000, 'x,"a"b"c"d\n' * 5_000, "1,2\n" * 20_000 + "total,\n" * 20_000, "1\n\n" * 10_000],
    ids=["marks left open", "marks inside", "a long footer", "blank lines"],
)
def test_irregular_files_are_read_or_refused_in_time(rows):

    # What can't be trusted is refused; only the limit on time must never be what ends it.
    with suppress(UnclosedQuoteError, RaggedTableError, NoRowsError):
        read_table(f"a,b\n{rows}".encode())


def test_names_of_a_wide_model_are_matched_with_those_of_a_wide_file_in_time():
    def names(n, seed):
        letters = np.random.default_rng(seed).choice(list("abcdefghij"), (n, 70))
        return ["".join(row) for row in letters]

    def seconds(n):
        file = read_frame(pd.DataFrame({name: [1.0, 2.0] for name in names(n, 1)}))
        begun = time.process_time()
        match = match_names([*names(n, 2), names(n, 1)[0]], file)
        assert match.found == {names(n, 1)[0]: names(n, 1)[0]}
        assert len(match.suggestions) == n
        return time.process_time() - begun

    assert seconds(400) < 20 * max(seconds(40), 0.01)
