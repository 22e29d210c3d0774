"""What each column is taken for, and what is said about cells that do not fit."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.core.columns import read_frame
from segmenter.core.dataset import ColumnKind
from segmenter.core.features import suggest_features
from segmenter.core.recipe import Missing, Role
from segmenter.errors import NoRowsError


def column_of(values, name="spend"):
    return read_frame(pd.DataFrame({name: values})).columns[0]


def values_of(values, name="spend"):
    return read_frame(pd.DataFrame({name: values})).frame[name].tolist()


def notes_of(values, name="spend"):
    return [note.text for note in read_frame(pd.DataFrame({name: values})).notes]


def suggested(values, name="spend"):
    return suggest_features(read_frame(pd.DataFrame({name: values})))[0]


@pytest.mark.parametrize("values", [[0.1, 0.1 + 1e-17, 0.3 - 0.2], [5, 5, 5], ["x", "x", "x"], [True, True, True]])
def test_a_column_with_one_value_is_left_out_and_says_why(values):
    column = column_of(values)
    assert column.kind is ColumnKind.CONSTANT
    assert column.reason.startswith("has the same value in every row")
    assert suggested(values).role is Role.IGNORED


def test_an_empty_column_is_left_out():
    column = column_of([None, None, None])
    assert (column.kind, column.reason) == (ColumnKind.NEAR_EMPTY, "is empty")
    assert suggested([np.nan] * 3).role is Role.IGNORED


def test_a_column_more_than_two_fifths_empty_is_off_by_default():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, None, None, None, None, None]
    assert column_of(values).reason == "50% of its values are missing"
    assert suggested(values).role is Role.IGNORED


@pytest.mark.parametrize(("missing", "treatment"), [(0, Missing.MEDIAN), (2, Missing.DROP), (10, Missing.MEDIAN)])
def test_few_missing_values_cost_their_rows_and_many_are_filled(missing, treatment):
    values = [float(number) / 7 for number in range(100 - missing)] + [None] * missing
    assert suggested(values).missing is treatment
    assert column_of(values).missing == missing


def test_infinite_values_count_as_missing_and_their_rows_are_named():
    expected = ["2 infinite values in spend (rows 2, 4) were treated as missing."]
    assert notes_of([1.5, np.inf, 3.5, -np.inf, 2.5, 6.5]) == expected
    assert notes_of(["1.5", "Infinity", "3.5", "-inf", "2.5", "6.5"]) == expected
    assert notes_of(["1.5", "1e400", "3.5", "-1e400", "2.5", "6.5"]) == expected


def test_numbers_with_more_digits_than_a_float_holds_stay_text():
    large = [2**53 + 1 + number for number in range(5)]
    for values in (large, [str(value) for value in large], [2**70 + number for number in range(5)]):
        column = column_of(values, "account")
        assert column.kind is ColumnKind.IDENTIFIER
        assert column.distinct == 5
        assert notes_of(values, "account") == [
            "account has more digits than can be compared exactly; it is kept as text. Is it an identifier?"
        ]


@pytest.mark.parametrize(
    "values",
    [
        pd.array([1, 2, None, 400], dtype="Int64"),
        pd.array([1.5, 2.5, None], dtype="Float32"),
        np.array([1, 2, 100], dtype=np.int8),
        np.array([200, 2, 255], dtype=np.uint8),
        np.array([60000.0, 2.5, 3.5], dtype=np.float16),
        [Decimal("1.10"), Decimal("2.20"), None],
        [1, 2.5, None],
    ],
    ids=["Int64", "Float32", "int8", "uint8", "float16", "Decimal", "object"],
)
def test_every_type_of_number_becomes_a_float(values):
    frame = read_frame(pd.DataFrame({"spend": values})).frame
    assert frame["spend"].dtype == np.float64
    expected = [float(value) if not pd.isna(value) else np.nan for value in values]
    np.testing.assert_array_equal(frame["spend"], expected)


@pytest.mark.parametrize(
    "values",
    [
        [True, False, True],
        pd.array([True, False, None], dtype="boolean"),
        ["yes", "no", "yes"],
        ["TRUE", "False", "true"],
        ["Y", "n", ""],
        [True, False, None],
        [1, 0, 1],
    ],
    ids=["bool", "boolean", "words", "capitals", "letters", "objects", "digits"],
)
def test_two_answers_are_one_and_zero(values):
    column = column_of(values, "member")
    assert column.kind is ColumnKind.YES_NO
    assert values_of(values, "member")[:2] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,234", "12", "1,234,567.5"], [1234, 12, 1234567.5]),
        (["£12", "£1,200.50", "-£3"], [12, 1200.5, -3]),
        (["12%", "7.5 %", "100%"], [12, 7.5, 100]),
        (["(45)", "12", "(1,000)"], [-45, 12, -1000]),
        (["1.234,56", "2,5", "10"], [1234.56, 2.5, 10]),
        (["1 234,5", "7", "2,25"], [1234.5, 7, 2.25]),
        (["1'234.5", "7", "2.25"], [1234.5, 7, 2.25]),
        (["−5", "3", "1"], [-5, 3, 1]),
        (["1e3", "2.5E-1", "7"], [1000, 0.25, 7]),
        (["5k", "2.5k", "7"], [5000, 2500, 7]),
        (["12 €", "1.5 €", "2\u00a0€"], [12, 1.5, 2]),
        ([" 12 ", "7", "3"], [12, 7, 3]),
        (["12", "n/a", "7", "-", "", "NULL"], [12, np.nan, 7, np.nan, np.nan, np.nan]),
    ],
)
def test_numbers_are_read_as_people_write_them(texts, numbers):
    np.testing.assert_allclose(values_of(texts), numbers)


def test_a_few_cells_that_are_no_numbers_are_named_with_their_rows():
    texts = [str(number) for number in range(100)]
    texts[6] = "unknown"
    texts[41] = "ask Bob"
    assert notes_of(texts, "visits") == [
        "visits was read as numbers; 2 cells could not be read and count as missing (rows 7, 42: 'unknown', 'ask Bob')."
    ]
    assert column_of(texts, "visits").missing == 2


def test_a_mixed_column_of_objects_is_read_like_text():
    values = [*range(50), "n.k."]
    assert notes_of(values, "visits") == [
        "visits was read as numbers; 1 cells could not be read and count as missing (row 51: 'n.k.')."
    ]


def test_a_column_that_is_half_words_stays_words():
    assert column_of(["1", "2", "few", "many"]).kind is ColumnKind.CATEGORY


@pytest.mark.parametrize(
    ("texts", "first", "reason"),
    [
        (["2024-02-01", "2023-12-31"], "2024-02-01", "dates"),
        (["2024-02-01T10:00:00Z", "2023-12-31T09:30:00Z"], "2024-02-01 10:00", "dates"),
        (["13/02/2024", "01/03/2024"], "2024-02-13", "dates, day first"),
        (["02/13/2024", "03/01/2024"], "2024-02-13", "dates, month first"),
        (["01.02.2024", "03.04.2024"], "2024-02-01", "dates, day first"),
        (["01/02/24", "31/12/23"], "2024-02-01", "dates, day first"),
    ],
)
def test_dates_are_read_in_the_order_that_their_cells_show(texts, first, reason):
    column = column_of(texts, "joined")
    assert (column.kind, column.reason) == (ColumnKind.DATE, reason)
    assert values_of(texts, "joined")[0] == pd.Timestamp(first)
    assert notes_of(texts, "joined") == []


def test_dates_that_could_be_read_either_way_are_said_once():
    assert notes_of(["01/02/2024", "03/04/2024", "05/05/2024"], "joined") == [
        "joined: no date shows whether the day or the month stands first; they were read day first."
    ]


def test_dates_that_mean_the_same_either_way_need_no_word():
    assert notes_of(["01/01/2024", "02/02/2024", "05/05/2024"], "joined") == []


def test_real_dates_and_zones_lose_nothing_but_the_zone():
    moments = pd.to_datetime(["2024-01-01 12:00", "2024-01-02 12:00"], utc=True)
    assert values_of(moments, "joined")[0] == pd.Timestamp("2024-01-01 12:00")
    assert suggested(moments, "joined").role is Role.DESCRIPTOR


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("customer_id", [f"C{n}" for n in range(100)], ColumnKind.IDENTIFIER),
        ("ID", list(range(1000, 1100)), ColumnKind.IDENTIFIER),
        ("row", list(range(100)), ColumnKind.IDENTIFIER),
        ("CustomerNo", [n * 7 for n in range(100)], ColumnKind.IDENTIFIER),
        ("zip code", [10000 + n % 20 for n in range(100)], ColumnKind.CODE),
        ("branch", [f"0{n % 10}1" for n in range(100)], ColumnKind.CODE),
        ("InvoiceNo", ["C500" if n % 50 == 7 else str(500 + n % 60) for n in range(1000)], ColumnKind.CODE),
        ("ticket", [f"AB-{n % 60}" for n in range(200)], ColumnKind.CODE),
        ("e-mail", [f"p{n}@example.org" for n in range(100)], ColumnKind.PERSONAL),
        ("phone", [f"+44 20 7946 0{n:03d}" for n in range(100)], ColumnKind.PERSONAL),
        ("Name", [f"Person{chr(65 + n % 26)} {n}" for n in range(100)], ColumnKind.PERSONAL),
        ("first_name", ["Ann", "Bob"] * 50, ColumnKind.PERSONAL),
        ("product name", [f"Soap kind {n % 10}" for n in range(100)], ColumnKind.CATEGORY),
        ("State Name", [f"STATE{n % 60}" for n in range(900)], ColumnKind.CATEGORY),
        ("remark", [f"long text about case {n}" for n in range(100)], ColumnKind.TEXT),
        ("Description", [f"red mug number {n % 300} of set" for n in range(9000)], ColumnKind.TEXT),
        ("town", [f"Town{chr(65 + n % 26)}{chr(97 + n % 7)}" for n in range(9000)], ColumnKind.CATEGORY),
        ("city", ["Oslo", "Rome", "Paris", "Oslo"] * 25, ColumnKind.CATEGORY),
        ("level", ["Low", "Average", "High", "Low"] * 25, ColumnKind.ORDERED),
        ("income", [n * 1.5 for n in range(100)], ColumnKind.MONEY),
        ("price", ["$5", "$7.5", "$9"] * 10, ColumnKind.MONEY),
        ("growth", ["5%", "7%", "9%"] * 10, ColumnKind.PERCENTAGE),
        ("Spending Score", [n % 90 + 0.5 for n in range(100)], ColumnKind.NUMBER),
        ("NumWebPurchases", [n % 13 for n in range(100)], ColumnKind.NUMBER),
        ("PRC_FULL_PAYMENT", [n / 100 for n in range(90)], ColumnKind.NUMBER),
    ],
)
def test_kinds_follow_the_values_and_the_name(name, values, kind):
    assert column_of(values, name).kind is kind


def test_levels_of_an_ordered_column_stand_lowest_first():
    assert column_of(["High", "Low", "Average", "Low"] * 5, "level").levels == ("Low", "Average", "High")


def test_two_spellings_of_a_level_are_two_values_not_a_scale():
    column = column_of(["High", "HIGH", "Low", "Average"] * 5, "level")
    assert (column.kind, column.distinct) == (ColumnKind.CATEGORY, 4)


def test_numbers_form_segments_and_the_rest_describes_or_is_left_out(make_customers):
    features = {spec.column: spec.role for spec in suggest_features(read_frame(make_customers()))}
    assert features == {
        "customer_id": Role.ID,
        "income": Role.NUMBER,
        "spend": Role.NUMBER,
        "visits": Role.NUMBER,
        "city": Role.DESCRIPTOR,
    }


def test_booleans_alone_become_features():
    frame = pd.DataFrame({"member": [True, False] * 10, "app": [False, False, True, True] * 5})
    assert [spec.role for spec in suggest_features(read_frame(frame))] == [Role.NUMBER, Role.NUMBER]


def test_a_table_without_rows_is_refused():
    with pytest.raises(NoRowsError):
        read_frame(pd.DataFrame({"spend": []}))


def test_repeated_and_odd_names_of_a_frame_become_texts_of_their_own():
    frame = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["a", "a", 7], index=["x", "x"])
    dataset = read_frame(frame)
    assert list(dataset.frame.columns) == ["a", "a (2)", "7"]
    assert dataset.frame.index.tolist() == [0, 1]


@given(st.lists(st.one_of(st.floats(), st.integers(), st.text(max_size=5), st.none(), st.booleans()), min_size=1))
def test_any_column_is_understood(values):
    column = column_of(pd.Series(values, dtype=object), "anything")
    assert 0 <= column.missing <= len(values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_any_float_written_out_is_read_back(values):
    texts = [repr(value) for value in values]
    np.testing.assert_array_equal(values_of(texts, "amount due"), values)
