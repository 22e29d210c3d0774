"""What is each column, and what are its values to calculate with?"""

import datetime as dt
import decimal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmenter import assign_segments, fit_segmentation, model_sql
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Recipe, Role
from segmenter.table.columns import build_dataset, read_frame, unique_names
from segmenter.table.dataset import ColumnKind, Dialect
from segmenter.table.spellings import spelling_variants

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def of_cells(*cells, name="spend", separator=",", **options):
    frame = pd.DataFrame({name: pd.array(list(cells), dtype="str")})
    dialect = Dialect(separator=separator)
    return build_dataset(frame, "t", fingerprint="", dialect=dialect, **options)


def column_of(*cells, **options):
    return of_cells(*cells, **options).columns[0]


@pytest.mark.parametrize(
    ("cells", "numbers", "kind"),
    [
        (("£1,234.50", "£2.00", "£12.25"), [1234.5, 2, 12.25], ColumnKind.MONEY),
        (("12 %", "7 %", "3.5 %"), [12, 7, 3.5], ColumnKind.PERCENTAGE),
        (("(45)", "12", "7.5"), [-45, 12, 7.5], ColumnKind.NUMBER),
        (("1.234,56", "7,5", "0,25"), [1234.56, 7.5, 0.25], ColumnKind.NUMBER),
        (("1 234,5", "12,25", "3,5"), [1234.5, 12.25, 3.5], ColumnKind.NUMBER),
        (("12-", "5", "7"), [-12, 5, 7], ColumnKind.NUMBER),
        (("−3", "4", "+5"), [-3, 4, 5], ColumnKind.NUMBER),
        (("–284.77", "—1,250.50", "682.65", "5–"), [-284.77, -1250.5, 682.65, -5], ColumnKind.NUMBER),
        (("284.77 DR", "1,250.50 CR", "682.65 DR"), [-284.77, 1250.5, -682.65], ColumnKind.NUMBER),
        (("1e3", "2", "5E-1"), [1000, 2, 0.5], ColumnKind.NUMBER),
        (("12,34,567", "1,00,000", "5,000"), [1234567, 100000, 5000], ColumnKind.NUMBER),
        (("1'234.5", "2", "3"), [1234.5, 2, 3], ColumnKind.NUMBER),
    ],
)
def test_numbers_written_as_text_become_numbers(cells, numbers, kind):
    dataset = of_cells(*cells)
    assert dataset.frame["spend"].tolist() == numbers
    assert dataset.columns[0].kind == kind
    assert not dataset.notes


def test_cells_that_are_no_numbers_are_counted_and_named():
    dataset = of_cells(*[str(number) for number in range(3, 60)], "1/2", "abc")
    assert np.isnan(dataset.frame["spend"].to_numpy()[-2:]).all()
    assert "2 cells could not be read" in dataset.notes[0].text
    assert "rows 58, 59" in dataset.notes[0].text


def test_under_95_percent_numbers_the_column_stays_text():
    assert column_of(*["1", "2", "3"] * 6, "a", "b").kind == ColumnKind.CATEGORY


def test_infinite_values_count_as_missing_and_are_named():
    dataset = of_cells("1", "inf", "3", "-Infinity", "5")
    assert dataset.columns[0].missing == 2
    assert dataset.notes[0].text == "2 infinite values in `spend` (rows 2, 4) were treated as missing."


def test_a_thousand_by_a_lone_comma_is_doubted_where_semicolons_separate():
    assert of_cells("1,234", "5,678", "9,012", separator=";").notes[0].warning
    assert not of_cells("1,234", "5,678", "9,012", separator=",").notes


def test_the_users_decimal_mark_is_never_doubted():
    dataset = of_cells("1,234", "5,678", separator=";", decimal=".")
    assert dataset.frame["spend"].tolist() == [1234, 5678]
    assert not dataset.notes


def test_long_whole_numbers_stay_text():
    dataset = of_cells("9007199254740993", "9007199254740992", "9007199254740995")
    assert dataset.columns[0].kind == ColumnKind.IDENTIFIER
    assert dataset.frame["spend"].tolist() == ["9007199254740993", "9007199254740992", "9007199254740995"]
    assert "more digits than can be compared exactly; is it an ID?" in dataset.notes[0].text


def test_numbers_too_large_to_calculate_with_are_named():
    assert (
        of_cells("1", "2", "3", "1e308")
        .notes[0]
        .text.startswith("Row 4, `spend` = 1e+308 is too large to use (limit 1e+150).")
    )


@pytest.mark.parametrize(
    ("cells", "expected", "ambiguous"),
    [
        (("21/08/2013", "04/09/2012"), "2013-08-21", False),
        (("08/21/2013", "04/09/2012"), "2013-08-21", False),
        (("03.04.2020", "01.02.2021"), "2020-04-03", False),
        (("03/04/2020", "01/02/2021"), "2020-04-03", True),
        (("01-01-13", "01-02-13", "01-03-14"), "2013-01-01", False),
        (("2024-02-29 10:30", "2023-01-01 00:00"), "2024-02-29 10:30", False),
        (("5 Mar 2020", "17 December 2021"), "2020-03-05", False),
        (("Mar 5, 2020", "Dec 17, 2021"), "2020-03-05", False),
        (("2/1/2010 8:26 PM", "12/31/2010 12:05 AM"), "2010-02-01 20:26", False),
        (("2024-01-05T10:00:00Z", "2024-01-06T11:00:00Z"), "2024-01-05 10:00", False),
    ],
)
def test_dates_are_read_and_doubted_only_when_nothing_tells(cells, expected, ambiguous):
    dataset = of_cells(*cells, name="joined")
    assert dataset.columns[0].kind == ColumnKind.DATE
    assert dataset.frame["joined"][0] == pd.Timestamp(expected)
    assert bool(dataset.notes) == ambiguous


def test_days_that_do_not_exist_are_no_dates():
    cells = ["2024-01-01"] * 30 + ["2023-02-29"]
    assert "1 cell could not be read" in of_cells(*cells, name="joined").notes[0].text


def test_the_users_date_order_is_never_doubted():
    dataset = of_cells("03/04/2020", "01/02/2021", name="joined", date_order="month first")
    assert dataset.frame["joined"][0] == pd.Timestamp("2020-03-04")
    assert not dataset.notes


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (("hoch", "niedrig", "mittel"), ("niedrig", "mittel", "hoch")),
        (("High", "Low", "Average"), ("Low", "Average", "High")),
        (("XL", "S", "M", "L"), ("S", "M", "L", "XL")),
        (("often", "never", "sometimes"), ("never", "sometimes", "often")),
        (
            ("PhD", "Basic", "Master", "2n Cycle", "Graduation"),
            ("Basic", "2n Cycle", "Graduation", "Master", "PhD"),
        ),
        (("36-50", "18-25", "51+", "26-35"), ("18-25", "26-35", "36-50", "51+")),
        (("10k-20k", "<10k", "over 20k"), ("<10k", "10k-20k", "over 20k")),
    ],
)
def test_known_scales_are_ordered_and_never_by_the_alphabet(values, levels):
    column = column_of(*values * 8, name="answer")
    assert (column.kind, column.levels) == (ColumnKind.ORDERED, levels)


def test_words_that_are_no_scale_are_a_category():
    assert column_of(*["Cat_6", "Cat_4", "Cat_1"] * 9, name="Var_1").kind == ColumnKind.CATEGORY
    assert column_of(*["Male", "Female"] * 9, name="sex").kind == ColumnKind.CATEGORY


@pytest.mark.parametrize("pair", [("Yes", "No"), ("true", "false"), ("Y", "N"), ("TRUE", "FALSE")])
def test_yes_and_no_become_one_and_zero(pair):
    dataset = of_cells(*pair * 6, "", name="member")
    assert dataset.columns[0].kind == ColumnKind.YES_NO
    assert dataset.frame["member"].tolist()[:2] == [1.0, 0.0]
    assert dataset.columns[0].missing == 1


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("customer_id", ["7", "7", "8", "9"] * 5, ColumnKind.IDENTIFIER),
        ("CUST_ID", [f"C{at}" for at in range(20)], ColumnKind.IDENTIFIER),
        ("anything", [str(at) for at in range(1, 30)], ColumnKind.IDENTIFIER),
        ("row", [f"{at:04d}" for at in range(30)], ColumnKind.IDENTIFIER),
        ("patient", [str(10_000 + at * 7_919 % 89_000) for at in range(30)], ColumnKind.IDENTIFIER),
        ("Pupil", [str(10_000 + at * 7_919 % 89_000) for at in range(30)], ColumnKind.IDENTIFIER),
        ("guests", [str(10_000 + at * 7_919 % 89_000) for at in range(30)], ColumnKind.NUMBER),
        ("Year_Birth", ["1957", "1954", "1965", "1984"] * 5, ColumnKind.NUMBER),
        ("NumStorePurchases", ["3", "4", "2", "5"] * 5, ColumnKind.NUMBER),
        ("number_of_orders", ["3", "4", "2", "5"] * 5, ColumnKind.NUMBER),
        ("store_code", ["2655", "4796", "2655"] * 5, ColumnKind.CODE),
        ("till_no", ["7", "6", "9"] * 5, ColumnKind.CODE),
        ("PinCode", ["734001", "415004", "734001"] * 5, ColumnKind.CODE),
        ("Zip", ["02134", "10001", "02134"] * 5, ColumnKind.CODE),
        ("InvoiceNo", ["536365", "C536379", "536366"] * 5, ColumnKind.CODE),
        ("flag", ["3"] * 9, ColumnKind.CONSTANT),
        ("accepted", ["0", "1", "1", "0"], ColumnKind.YES_NO),
        ("rare", ["", "", "", "5", "6"], ColumnKind.NEAR_EMPTY),
        ("none", ["", "", ""], ColumnKind.NEAR_EMPTY),
        ("e-mail", ["a@b.de", "c@d.fr", "e@f.uk"] * 4, ColumnKind.PERSONAL),
        ("contact us", ["a@b.de", "c@d.fr", "e@f.uk"] * 4, ColumnKind.PERSONAL),
        ("Mobile", ["07946 095812", "07946 095813", "07946 095814"], ColumnKind.PERSONAL),
        ("tel", ["+44 20 7946 0958", "+49 30 123456", "+33 1 23456789"], ColumnKind.PERSONAL),
        ("First Name", ["Anna", "Bo", "Anna", "Eva"], ColumnKind.PERSONAL),
        ("State Name", ["Ohio", "Iowa", "Ohio", "Utah"] * 5, ColumnKind.CATEGORY),
        ("addr", ["12 Main Street", "4 High Road", "77 Oak Ave"], ColumnKind.PERSONAL),
        ("payment", ["4111111111111111", "5500005555555559", "4012888888881881"], ColumnKind.PERSONAL),
        ("remarks", [f"this is remark number {at} of many words" for at in range(20)], ColumnKind.TEXT),
    ],
)  # fmt: skip
def test_a_column_is_what_its_name_and_cells_say(name, cells, kind):
    column = column_of(*cells, name=name)
    assert column.kind == kind
    assert column.reason


def test_long_whole_numbers_of_one_length_are_no_amounts_unless_they_are_round():
    accounts = [f"{4_000_000_000 + 7919 * n * n}" for n in range(200)]
    assert column_of(*accounts, name="konto").kind is ColumnKind.IDENTIFIER
    assert column_of(*[account[:-3] + "000" for account in accounts], name="umsatz").kind is ColumnKind.NUMBER
    assert column_of(*[account[: 4 + n % 7] for n, account in enumerate(accounts)]).kind is ColumnKind.NUMBER
    assert column_of(*[f"4{n:015d}" for n in range(100, 400)], name="Kreditkarte").kind is ColumnKind.PERSONAL


def test_rounding_noise_is_constant():
    values = np.full(10, 0.1)
    values[3] += 1e-17 + np.spacing(0.1)
    assert read_frame(pd.DataFrame({"c": values})).columns[0].kind == ColumnKind.CONSTANT


def test_columns_read_side_by_side_are_what_they_are_one_by_one(monkeypatch):
    rows = range(400)
    makers = {
        "name": lambda n: f"word {n % 5}" if n % 11 else "NA",
        "day": lambda n: f"2024-01-{1 + n % 28:02d}" if n % 13 else "",
        "amount": lambda n: f"{n % 50},5 €" if n % 7 else " ",
        "count": lambda n: str(n % 9) if n % 17 else "null",
    }
    cells = {f"{key} {copy}": [make(n) for n in rows] for copy in range(15) for key, make in makers.items()}
    frame = pd.DataFrame({name: pd.array(column, dtype="str") for name, column in cells.items()})
    one_by_one = build_dataset(frame, "t", fingerprint="")
    monkeypatch.setattr("segmenter.table.columns._MANY_CELLS", 1)
    side_by_side = build_dataset(frame, "t", fingerprint="")
    assert side_by_side.columns == one_by_one.columns
    pd.testing.assert_frame_equal(side_by_side.frame, one_by_one.frame)
    assert [one_by_one.column(f"{key} 0").missing for key in makers] == [37, 31, 58, 24]


def test_the_users_word_on_a_kind_counts():
    dataset = of_cells("3", "4", "5", "3", name="store_code", kinds={"store_code": ColumnKind.NUMBER})
    assert (dataset.columns[0].kind, dataset.columns[0].reason) == (ColumnKind.NUMBER, "as you said")


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pd.array([1, None, 3], dtype="Int64"), [1, np.nan, 3]),
        (np.array([1, 2, 3], np.int8), [1, 2, 3]),
        (np.array([1, np.inf, 3], np.float16), [1, np.nan, 3]),
        ([decimal.Decimal("1.5"), None, decimal.Decimal("2")], [1.5, np.nan, 2]),
        (pd.array([True, None, False], dtype="boolean"), [1, np.nan, 0]),
        ([True, False, True], [1, 0, 1]),
        (pd.to_timedelta([1, 2, 3], unit="D"), [1, 2, 3]),
        (pd.array([1.5, None, 2], dtype="Float32"), [1.5, np.nan, 2]),
    ],
)
def test_any_numeric_type_becomes_float64(values, numbers):
    frame = read_frame(pd.DataFrame({"a": values})).frame
    assert frame["a"].dtype == np.float64
    np.testing.assert_array_equal(frame["a"], numbers)


def test_categories_and_dates_of_pandas_are_understood():
    frame = pd.DataFrame(
        {
            "c": pd.Categorical(["a", "b", None]),
            "d": pd.to_datetime(["2024-01-01", "2024-01-02", None]).tz_localize("UTC"),
            "o": [dt.date(2024, 1, 1), dt.date(2024, 1, 2), None],
            "m": ["x", 1, 2.5],
        }
    )
    dataset = read_frame(frame)
    assert [column.kind for column in dataset.columns][:3] == [
        ColumnKind.CATEGORY,
        ColumnKind.DATE,
        ColumnKind.DATE,
    ]
    assert dataset.frame["m"].tolist() == ["x", "1", "2.5"]


def test_names_become_unique_and_readable():
    assert unique_names(["spend", "spend", "", " a ", "spend (2)", "x\u202ey", "l\n"]) == [
        "spend", "spend (3)", "Column 3", "a", "spend (2)", "x⟨U+202E⟩y", "l",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=100), max_size=8))
def test_names_are_unique_whatever_they_were(headers):
    names = unique_names(headers)
    assert len(set(names)) == len(headers)
    assert all(name and len(name) <= 90 for name in names)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=12), st.floats().map(str), st.integers().map(str), st.dates().map(str)),
        min_size=1,
        max_size=30,
    )
)
def test_any_cells_are_understood_and_exported_untouched(cells):
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    dataset = of_cells(*cells)
    assert dataset.original["spend"].tolist() == cells
    assert len(dataset.frame) == len(cells)
    if dataset.frame["spend"].dtype == np.float64:
        assert not np.isinf(dataset.frame["spend"]).any()
    assert dataset.columns[0].missing == int(dataset.frame["spend"].isna().sum())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=30))
def test_numbers_come_back_to_the_last_bit(numbers):
    frame = of_cells(*map(repr, numbers)).frame
    assert frame["spend"].tolist() == numbers


EXPECTED = {
    "Mall_Customers.csv": "identifier category number number number",
    "Train.csv": "identifier category yes/no number yes/no category number ordered number category category",
    "Test.csv": "identifier category yes/no number yes/no category number ordered number category",
    "marketing_campaign.csv": "identifier number ordered category number number number date" + " number" * 12
    + " yes/no" * 6 + " constant constant yes/no",
    "cc_general.csv": "identifier" + " number" * 17,
    "cproducts_bbid.csv": "identifier date category category code date code category code code code "
    "near-empty "
    "code text number text yes/no yes/no yes/no yes/no yes/no",
    "dialects/brussels_hotels_cp1252_semicolon_deccomma.csv": "category category date number number number "
    "number "
    "constant",
    "online_retail.parquet": "code code text number date number identifier category",
}  # fmt: skip


OF_THE_SHOPS = {("cproducts_bbid.csv", column) for column in ("State", "discountUsed")}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_files_come_out_right_without_a_click(name):
    importers = pytest.importorskip("segmenter.io.read")
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not beside the project")
    dataset = importers.read_table(DATA / name)
    kinds = ["ordered" if column.kind == ColumnKind.ORDERED else str(column.kind) for column in dataset.columns]
    assert kinds == EXPECTED[name].split()
    # The states of the shops' customers are written in several ways, and really so.
    said = [note for note in dataset.notes if (name, note.column) not in OF_THE_SHOPS]
    assert not said


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("newsletter", ["ja", "nein", "ja", None]),
        ("Accepts Marketing", ["yes", "no", "yes", "no"]),
        ("unsubscribed_at", ["2024-01-05", None, "2024-02-07", None]),
        ("consent", ["opted in", "opted out", "pending", "opted in"]),
    ],
)
def test_consent_is_a_kind_of_its_own_that_forms_and_describes_nothing(name, cells):
    dataset = read_frame(pd.DataFrame({name: cells * 10, "spend": range(40)}))
    assert dataset.column(name).kind is ColumnKind.CONSENT
    roles = {spec.column: spec.role for spec in suggest_features(dataset)}
    assert roles[name] is Role.IGNORED


def test_consent_is_something_else_where_the_user_says_so_or_the_cells_do():
    said = build_dataset(
        pd.DataFrame({"newsletter": ["ja", "nein"] * 20, "n": range(40)}), "t", fingerprint="f",
        kinds={"newsletter": ColumnKind.YES_NO},
    )  # fmt: skip
    assert said.column("newsletter").kind is ColumnKind.YES_NO
    topics = read_frame(pd.DataFrame({"newsletter": ["fashion", "food", "travel", "food"] * 10}))
    assert topics.column("newsletter").kind is ColumnKind.CATEGORY


def boxes_of(kinds=None, **cells):
    rows = pd.DataFrame({"spend": [f"{10 + 3 * at % 37}.5" for at in range(40)], **cells}).replace("", None)
    return build_dataset(rows.astype("str"), "t", fingerprint="", kinds=kinds)


def ticked(value, every):
    return [value if at % every == 0 else "" for at in range(40)]


@pytest.mark.parametrize(
    "cells",
    [
        {"Email": ticked("x", 3), "Phone": ticked("x", 5)},
        {"Which channels? - Email": ticked("Email", 3), "Which channels? - Shop": ticked("Shop", 4)},
        {"Q8_1": ticked("1", 2), "Q8_2": ticked("1", 3)},
        {"Q8_1": ticked("1", 2), "Q8_2": ticked("2", 3)},
        {"Q8 [Email]": ticked("Yes", 2), "Q8 [Other]": ticked("fax", 20)},
        {"VIP": ticked("✓", 6)},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_an_empty_box_to_tick_is_a_no(cells):
    dataset = boxes_of(**cells)
    for name, written in cells.items():
        assert dataset.column(name).kind is ColumnKind.YES_NO
        assert dataset.frame[name].tolist() == [float(bool(cell)) for cell in written]
    (note,) = dataset.notes
    assert all(name in note.text for name in cells)


@pytest.mark.parametrize(
    "cells",
    [
        {"country": ticked("Germany", 2)},
        {"Newsletter": ticked("yes", 3)},
        {"Visit 1": ticked("2024-01-03", 2), "Visit 2": ticked("2024-01-03", 3)},
        {"Score 1": ticked("5", 2), "Score 2": ticked("5", 3)},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_one_value_beside_empty_cells_is_no_box_where_nothing_says_so(cells):
    dataset = boxes_of(**cells)
    assert all(dataset.column(name).kind is ColumnKind.CONSTANT for name in cells)


def test_what_an_empty_cell_means_is_the_users_to_say():
    cells = {"Q8_1": ticked("1", 2), "Q8_2": ticked("1", 3), "Newsletter": ticked("yes", 4)}
    said = {"Q8_1": ColumnKind.CONSTANT, "Newsletter": ColumnKind.YES_NO}
    dataset = boxes_of(said, **cells)
    assert dataset.column("Q8_1").kind is ColumnKind.CONSTANT
    assert dataset.column("Q8_1").missing == 20
    assert dataset.frame["Newsletter"].sum() == 10
    assert dataset.column("Newsletter").missing == 0


def test_a_box_is_read_alike_where_a_model_is_used():
    dataset = boxes_of(**{"Q8: Email": ticked("Email", 2), "Q8: Shop": ticked("Shop", 3)})
    features = [replace(spec, role=Role.NUMBER) for spec in suggest_features(dataset)]
    model = fit_segmentation(dataset, Recipe(tuple(features), n_segments=2))
    # Everybody has ticked one box, and nobody the other.
    later = boxes_of(**{"Q8: Email": ["Email"] * 40, "Q8: Shop": [""] * 40})
    placed = assign_segments(later, model)
    as_numbers = later.frame.assign(**{"Q8: Email": 1.0, "Q8: Shop": 0.0})
    assert (
        placed.segmentation.labels.tolist()
        == assign_segments(read_frame(as_numbers), model).segmentation.labels.tolist()
    )
    duckdb = pytest.importorskip("duckdb").connect()
    for cells in (dataset.original, later.original):
        duckdb.register("customers", cells)
        by_sql = duckdb.sql(model_sql(model, keep=["spend"])).df()["segment"]
        here = assign_segments(build_dataset(cells, "t", fingerprint=""), model).segmentation.labels
        assert sorted(by_sql) == sorted(label + 1 for label in here)


def test_whole_numbers_that_have_lost_their_decimal_mark_are_told():
    amounts = [f"{20 + at * 7.31:.2f}" for at in range(60)]
    lost = [cell.replace(".", "") if at % 6 == 0 else cell for at, cell in enumerate(amounts)]
    (note,) = of_cells(*lost).notes
    assert note.warning
    assert "as if their decimal mark were lost (such as 2,000)" in note.text
    # Round amounts without decimals are as large as the others.
    assert not of_cells(*(cell[:-3] if at % 6 == 0 else cell for at, cell in enumerate(amounts))).notes


def test_figures_beside_a_yes_and_a_no_are_other_spellings_of_them():
    assert spelling_variants({"oui": 40, "non": 30, "1": 9, "0": 8}) == {"1": "oui", "0": "non"}
    assert spelling_variants({"red": 40, "blue": 30, "1": 9, "0": 8}) == {}


def test_a_lost_letter_of_a_word_of_four_is_a_slip():
    assert spelling_variants({"Lyon": 40, "Nice": 30, "Lyo": 1}) == {"Lyo": "Lyon"}
    assert spelling_variants({"cat": 40, "car": 2}) == {}
