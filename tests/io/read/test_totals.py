"""Totals are no customers, whatever they are called and wherever they stand; customers are no totals."""

import csv
import io
import random
import time

import pytest

from segmenter.io.read.csv.delimited import read_delimited
from segmenter.io.read.csv.layout import find_totals
from segmenter.io.read.parsed import ReadOptions

HEADER = ["id", "region", "city", "visits", "spend"]
LABELS = (
    "Total", "Total: Account", "TOTAL GENERAL", "Grand Total", "Report Total", "Summe", "Gesamt", "Gesamtergebnis", "Σ",
    "Totaux", "Suma", "Razem", "Celkem", "Összesen", "Toplam", "Yhteensä", "Итого", "Всего по магазину", "合計", "总计",
    "합계", "", "Alle Kunden",
)  # fmt: skip


def customers(n_rows: int, seed: int = 3) -> list[list[str]]:
    pick = random.Random(seed)
    return [
        [f"C{1000 + at}", pick.choice(["North", "South"]), pick.choice(["York", "Bath"]), str(pick.randint(1, 40)),
         f"{pick.uniform(5, 900):.2f}"]
        for at in range(n_rows)
    ]  # fmt: skip


def added(rows: list[list[str]], label: str, column: int = 0) -> list[str]:
    total = ["", "", "", str(sum(int(row[3]) for row in rows)), f"{sum(float(row[4]) for row in rows):.2f}"]
    total[column] = label
    return total


def parsed(rows, separator=",", **options):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return read_delimited(memoryview(text.getvalue().encode()), ReadOptions(**options))


def is_told(table) -> bool:
    return any("looks like a total" in note.text or "look like total" in note.text for note in table.notes)


@pytest.mark.parametrize("where", ["first", "last", "first and last"])
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("label", LABELS)
def test_a_total_is_left_out_and_told(label, column, where):
    rows = customers(20)
    total = [added(rows, label, column)]
    table = parsed([HEADER, *total * ("first" in where), *rows, *total * ("last" in where)])
    assert table.cells.num_rows == 20
    assert is_told(table)


@pytest.mark.parametrize("label", ["North Total", "Subtotal", "Zwischensumme", "Sous-total", ""])
def test_sub_totals_between_customers_are_left_out_and_told(label):
    north, south = customers(8), customers(9, 4)
    lines = [*north, added(north, label), *south, added(south, label), added(north + south, "Total")]
    table = parsed([HEADER, *lines])
    assert table.cells.num_rows == 17
    assert is_told(table)
    assert len(table.left_out) == 3


@pytest.mark.parametrize("first", [True, False])
def test_sums_without_any_label_are_told_from_numbers(first):
    rows = [row[3:] for row in customers(30)]
    total = [added([["", "", "", *row] for row in rows], "")[3:]]
    table = parsed([HEADER[3:], *total * first, *rows, *total * (not first)])
    assert table.cells.num_rows == 30
    assert is_told(table)


def test_sums_of_decimal_commas_and_grouped_thousands_are_found():
    amounts = [1_250.5 + 731.25 * at for at in range(30)]
    words = [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in [*amounts, sum(amounts)]]
    rows = [[str(1000 + at), "York", word] for at, word in enumerate(words[:-1])]
    table = parsed([["No", "City", "Spend"], *rows, ["", "", words[-1]]], ";")
    assert table.cells.num_rows == 30
    assert is_told(table)


@pytest.mark.parametrize("place", [7, 20])
@pytest.mark.parametrize(
    "row",
    [
        ["Total Wine & More", "North", "York", "3", "12.5"],
        ["C1", "Total", "York", "3", "12.5"],
        ["", "North", "York", "3", "12.5"],
        ["Summers", "North", "York", "39", "899.5"],
    ],
    ids=["a name with such a word", "a value with such a word", "no id", "a name that begins so"],
)
def test_a_customer_is_no_total(row, place):
    rows = customers(20)
    rows.insert(place, row)
    table = parsed([HEADER, *rows])
    assert table.cells.num_rows == 21
    assert not is_told(table)


def test_totals_are_kept_for_whoever_says_so():
    rows = customers(20)
    assert parsed([HEADER, *rows, added(rows, "Total")], keep_footer=True).cells.num_rows == 21


def test_many_sub_totals_take_time_in_proportion_to_the_rows():
    def seconds(n):
        rows = [("Total", str(4 * at), "") if at % 5 == 4 else (f"C{at}", str(at), "x") for at in range(n)]
        begin = time.process_time()
        find_totals(rows, [False, True, False])
        return time.process_time() - begin

    seconds(500)
    assert seconds(16_000) < 8 * max(seconds(4_000), 0.02)
