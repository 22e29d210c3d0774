"""The workbook is for people: a column for each segment, numbers as exact as they deserve, and no formula."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    Result,
    choose_features,
    describe_segments,
    fit_segmentation,
    read_frame,
    read_sample,
    read_table,
    suggest_features,
    summarise_segments,
)
from segmenter.charts import CHARTS
from segmenter.explain.contrasts import profiles_as_shown
from segmenter.io.export.excel import workbook
from tests.report.results_for_tests import PERSONAL, hostile_result


@pytest.fixture(scope="module")
def result():
    dataset = read_sample("mall")
    return Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=4)))


@pytest.fixture(scope="module")
def book(result):
    return openpyxl.load_workbook(io.BytesIO(workbook(result)))


def row_of(sheet, label):
    return next(row for row in sheet if row[0].value == label)


def test_the_summary_has_a_row_for_each_column_and_a_column_for_each_segment(book, result):
    sheet = book["Segments"]
    assert [cell.value for cell in sheet[1]][:2] == ["Segments", "All in segments"]
    assert [str(cell.value)[:1] for cell in sheet[1]][2:] == ["1", "2", "3", "4"]
    assert [cell.value for cell in row_of(sheet, "Customers")][1:] == [300, *(each.size for each in result.profiles)]
    spending = [cell.value for cell in row_of(sheet, "spending score")][2:]
    assert spending == pytest.approx([each.means["Spending Score (1-100)"] for each in result.profiles])


def test_no_number_is_shown_with_digits_that_say_nothing(book):
    for sheet in (book["Segments"], book["Index"]):
        for row in sheet.iter_rows(min_row=2):
            for cell in row[1:]:
                if isinstance(cell.value, float):
                    assert cell.number_format != "General", (sheet.title, row[0].value)


def test_a_customer_s_calculated_number_is_shown_short_and_kept_whole():
    lines = "".join(f"{n},{n / 3:.12f},{n * 7 % 11}\n" for n in range(1, 40))
    dataset = read_table(f"id,ratio,visits\n{lines}".encode())
    formed = fit_segmentation(dataset, Recipe(choose_features(dataset, ("ratio", "visits")), 2))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(Result(dataset, formed))))["Customers"]
    assert sheet["B2"].value == 0.333333333333
    assert sheet["B2"].number_format == "#,##0.00"
    # A whole number, which may be a year or a code, stays as it is.
    assert sheet["C2"].number_format == "General"


def test_headers_stay_in_sight_and_columns_are_wide_enough(book):
    assert book["Segments"].freeze_panes == "B2"
    assert book["Customers"].freeze_panes == "A2"
    assert book["Customers"].auto_filter.ref == f"A1:{book['Customers'].dimensions.split(':')[1]}"
    for place, cell in enumerate(book["Customers"][1], start=1):
        letter = openpyxl.utils.get_column_letter(place)
        assert book["Customers"].column_dimensions[letter].width >= min(len(str(cell.value)), 36)


def test_the_index_is_coloured_by_a_rule(book, result):
    sheet = book["Index"]
    rules = [rule for kept in sheet.conditional_formatting for rule in kept.rules]
    assert [rule.type for rule in rules] == ["colorScale"]
    assert [point.val for point in rules[0].colorScale.cfvo] == [0, 100, 200]
    income = [cell.value for cell in row_of(sheet, "annual income")][1:]
    assert income == pytest.approx([each.index["Annual Income (k$)"] for each in result.profiles])


def test_an_index_is_that_of_the_numbers_shown_everywhere():
    random = np.random.default_rng(0)
    spend, age = np.repeat([300.0, 500.0, 3_000.0], [60, 50, 20]), np.repeat([25.0, 60.0, 40.0], [60, 50, 20])
    table = pd.DataFrame({"age": age + random.normal(0, 2, 130), "spend": spend * random.lognormal(0, 0.1, 130)})
    dataset = read_table(table.round(2).to_csv(index=False).encode())
    result = Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3)))
    book = openpyxl.load_workbook(io.BytesIO(workbook(result)))
    overall, *shown = (cell.value for cell in row_of(book["Segments"], "spend (median)")[1:])
    index = pytest.approx([100 * value / overall for value in shown])
    assert [cell.value for cell in row_of(book["Index"], "spend (median)")][1:] == index
    assert [each.index["spend"] for each in profiles_as_shown(result)] == index
    drawn = CHARTS["index"].draw(result).data[0]
    assert [100 + value for value in dict(zip(drawn.y, drawn.z, strict=True))["Spend"]] == index
    cards = describe_segments(dataset, result.segmentation)
    marked = [each for card in cards for each in card.markers if each.column == "spend"]
    assert marked
    assert [each.index for each in marked] == pytest.approx([100 * each.value / each.overall for each in marked])
    # What an index is made of is named as it is in the file of the summary.
    summary = summarise_segments(dataset, result.segmentation).set_index("column")
    assert summary.loc["Spend", "figure"] == "median"


@pytest.mark.parametrize("k", [3, 12])
def test_hostile_names_are_plain_text_and_only_the_file_s_own_rows_hold_persons(k):
    made = openpyxl.load_workbook(io.BytesIO(workbook(hostile_result(k))))
    for sheet in made:
        cells = [cell for row in sheet for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        persons = [cell for cell in cells if PERSONAL.format(7) in str(cell.value)]
        assert bool(persons) == (sheet.title == "Customers")
        if sheet.title != "Customers":
            assert not [cell for cell in cells if "Muller" in str(cell.value)]


def test_segments_of_few_customers_are_marked_on_the_sheets_of_figures(book, result):
    marks = ["**" if each.size < 30 else "*" if each.size < 60 else "" for each in result.profiles]
    assert any(marks)
    for title, first in (("Segments", 2), ("Index", 1)):
        heads = [str(cell.value).partition(" ")[0] for cell in book[title][1]][first:]
        assert heads == [f"{number}{mark}" for number, mark in enumerate(marks, start=1)]
        assert any("Fewer than 60 customers" in str(row[0].value) for row in book[title].iter_rows())


def test_an_open_rate_is_written_in_per_cent():
    lines = "".join(f"p{n}@example.org,{(0.6 if n % 2 else 0.05) + n / 9999:.4f},{n % 2}\n" for n in range(80))
    dataset = read_table(f"email,open rate,orders\n{lines}".encode())
    formed = fit_segmentation(dataset, Recipe(choose_features(dataset, ("open rate", "orders")), 2))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(Result(dataset, formed))))["Segments"]
    assert {cell.number_format for cell in row_of(sheet, "open rate")[1:]} == {r"0\ %"}


def test_rows_are_high_enough_for_long_names():
    long = "A very long name that a marketer gave to the segment of people who buy mostly on Sunday evenings"
    dataset = read_frame(pd.DataFrame({"age": [20, 60] * 40, f"How much do you {'really ' * 9}spend": [5, 90] * 40}))
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=2)).renamed((long, ""))
    book = openpyxl.load_workbook(io.BytesIO(workbook(Result(dataset, segmentation))))
    for sheet in (book["Segments"], book["Index"], book["Method"]):
        for row in sheet.iter_rows():
            for cell in row:
                width = sheet.column_dimensions["AB"[min(cell.column, 2) - 1]].width
                if isinstance(cell.value, str) and cell.alignment.wrap_text:
                    lines = min(len(cell.value) / width, 20)
                    assert (sheet.row_dimensions[cell.row].height or 15) >= 15 * lines, cell.value
