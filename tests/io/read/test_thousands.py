"""Groups of thousands are told from decimals by what stands beside them, or doubted with the switch."""

import csv
import io

import numpy as np
import pytest

from segmenter.io.read.table import read_table

# What is read is the question here, and not who reads it.
pytestmark = pytest.mark.usefixtures("without_workers")

MIRROR = str.maketrans(",.", ".,")


def column(cells, separator, others=("x",)):
    rows = [["a", "b", "c"], *([f"K{at}", cell, others[at % len(others)]] for at, cell in enumerate(cells))]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    dataset = read_table(text.getvalue().encode())
    return dataset.frame["b"].tolist(), [note for note in dataset.notes if note.warning and note.column == "b"]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_groups_beside_whole_numbers_below_a_thousand_are_thousands(separator, mirrored):
    cells = ["900", "960", "1.320", "1.380"]
    numbers, notes = column([cell.translate(MIRROR) for cell in cells] if mirrored else cells, separator)
    assert numbers == [900, 960, 1320, 1380]
    assert not notes


@pytest.mark.parametrize("others", [("1.5", "2.25"), ("1,5", "2,25"), ("x",)])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("cells", [["900", "960", "1.320", "1.380"], ["900", "960", "1,320", "1,380"]])
def test_whatever_the_other_columns_say_such_numbers_are_thousands(cells, separator, others):
    assert column(cells, separator, others)[0] == [900, 960, 1320, 1380]


def test_thousands_against_the_mark_of_the_other_columns_are_doubted():
    assert column(["900", "960", "1.320", "1.380"], ";", ("1.5", "2.25"))[1]
    assert column(["900", "960", "1,320", "1,380"], ";", ("1,5", "2,25"))[1]


@pytest.mark.parametrize("cells", [["1.320", "1.380", "2.900"], ["1,320", "1,380", "2,900"]])
def test_groups_that_nothing_tells_from_decimals_are_doubted_with_the_switch(cells):
    notes = column(cells * 3, ";")[1]
    assert "Switch the decimal mark" in notes[0].text


def test_many_decimals_that_never_end_in_zero_are_decimals():
    cells = [f"{at}.{137 + 10 * (at % 80)}" for at in range(1, 90)]
    numbers, notes = column(cells, ";")
    assert np.allclose(numbers, [float(cell) for cell in cells])
    assert not notes


@pytest.mark.parametrize("cells", [["1", "2", "1.125", "3"], ["0.125", "2", "1.125", "3.5"]])
def test_a_few_small_decimals_beside_small_whole_numbers_are_decimals(cells):
    assert column(cells, ",")[0] == [float(cell) for cell in cells]


def test_a_column_that_mixes_both_marks_is_read_by_each_ones_own_and_told():
    numbers, notes = column(["1.900,50", "960,5", "1,234.50", "12,75", "3,25"], ";")
    assert numbers == [1900.5, 960.5, 1234.5, 12.75, 3.25]
    assert "each was read by its own mark" in notes[0].text


def test_clean_decimals_of_three_places_are_not_doubted_beside_others_of_their_mark():
    cells = [f"{at}.{101 + 7 * at}" for at in range(1, 60)]
    assert not column(cells, ",", ("1.5", "2.25"))[1]
    assert not column([cell.translate(MIRROR) for cell in cells], ";", ("1,5", "2,25"))[1]


@pytest.mark.parametrize("mirrored", [False, True])
def test_three_decimals_beside_large_numbers_that_nobody_groups_are_decimals(mirrored):
    cells = [f"{10 + at % 80}.{(at * 377) % 1000:03d}" for at in range(40)]
    cells = [cell.translate(MIRROR) for cell in cells] if mirrored else cells
    numbers, notes = column(cells, ";", [str(number) for number in range(400, 60_000, 977)])
    assert numbers == [float(cell.replace(",", ".")) for cell in cells]
    assert not notes


def test_a_decimal_comma_between_semicolons_is_not_doubted():
    cells = [f"{10 + at % 80},{(at * 377) % 1000:03d}" for at in range(40)]
    numbers, notes = column(cells, ";")
    assert numbers == [float(cell.replace(",", ".")) for cell in cells]
    assert not notes


@pytest.mark.parametrize("name", ["orders", "Umsatz", "income"])
def test_what_is_counted_or_paid_has_no_thousandths(name):
    rows = [["a", name], *([f"K{at}", f"{2 + at % 7}.{(at * 377) % 1000:03d}"] for at in range(40))]
    dataset = read_table("".join(";".join(row) + "\n" for row in rows).encode())
    assert dataset.frame[name].tolist() == [float(cell.replace(".", "")) for _, cell in rows[1:]]
    assert any(note.warning and note.column == name for note in dataset.notes)


@pytest.mark.parametrize("group", [" ", "\u202f", "\xa0", "'", "’"])
@pytest.mark.parametrize("mark", [",", "."])
def test_amounts_that_are_all_grouped_by_blanks_or_apostrophes_tell_their_decimal_mark(group, mark):
    rows = "".join(f"F{at};{1 + at * 7 % 40}{group}{100 + at * 13 % 900}{mark}{10 + at}\n" for at in range(40))
    dataset = read_table(f"firm;revenue\n{rows}".encode())
    assert dataset.frame["revenue"].tolist() == [
        round(1000 * (1 + at * 7 % 40) + 100 + at * 13 % 900 + (10 + at) / 100, 2) for at in range(40)
    ]
    assert not dataset.notes
