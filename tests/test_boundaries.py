"""Boundaries at which a slip of the code would go unseen: nobody in a segment, zero, negative, exactly the limit."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from segmenter import config
from segmenter.activate import offers
from segmenter.activate.audience import _sized
from segmenter.activate.identifiers import Field, _may_hold
from segmenter.activate.results import Outcome, _could_see
from segmenter.charts import profiles
from segmenter.charts.maps import customer_map
from segmenter.charts.profiles import _LONGEST_ROW, _short
from segmenter.charts.theme import NEUTRAL
from segmenter.choose.evidence import STRONG, PredictionStrength, _best, _votes_of
from segmenter.choose.k import KScore, compare_k
from segmenter.choose.methods import compare_methods
from segmenter.classification.columns import find_leaks
from segmenter.classification.copies import _names_customers
from segmenter.cli.inspection import _default_lines
from segmenter.cli.preparation import _order
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.latent_class import questions
from segmenter.display import shortened, shown
from segmenter.errors.forming import InvalidSettingError, TooFewCustomersError
from segmenter.errors.reading import DamagedFileError, TooManyColumnsError, UnsuitableColumnError
from segmenter.explain.columns import column_words, read_header
from segmenter.explain.names import CLEARLY
from segmenter.io.export.audiences import list_names
from segmenter.io.export.csv import is_risky, labelled_csv
from segmenter.io.read.csv.delimited import names_are_shifted
from segmenter.io.read.csv.layout import is_total
from segmenter.io.read.parquet import _refuse_size
from segmenter.io.read.table import read_table
from segmenter.measures.borders import SHALLOWEST, SIGNIFICANT, Border
from segmenter.measures.recurrence import Recurrence
from segmenter.monitor.drift import Advice, _advice, _Fit
from segmenter.monitor.movement import compare_months, month
from segmenter.monitor.refit import match_segments
from segmenter.prepare.coerce import to_category
from segmenter.prepare.diagnostics import _has_one_peak, customers_far_out
from segmenter.prepare.encoders import fit_column
from segmenter.prepare.suggest import choose_features, correlated_pairs, known_order, suggest_features
from segmenter.prepare.transforms import recommended_transform
from segmenter.purchases.aggregate import LARGEST_AMOUNT
from segmenter.purchases.customers import customers_from
from segmenter.purchases.dictionary import CLASSES, classes_of
from segmenter.purchases.recognition import fit_order
from segmenter.purchases.spec import Purchases
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.report.sections import ReportSource
from segmenter.segment.assign import FITS_NONE, assign_segments
from segmenter.segment.embed import CustomerMap
from segmenter.segment.external_labels import _of_column
from segmenter.segment.profile import profile_segments, rank_values_by_difference, summary_table
from segmenter.segment.quality import Light, SegmentStability, light_of
from segmenter.segment.result import Result, certainty_by_segment
from segmenter.segment.segmentation import PALETTE_SIZE, carried_colours, fit_segmentation
from segmenter.table.answers import several_answers
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind

TWO_TOWNS = pd.DataFrame(
    {
        "spend": [0.0, 1.0, 2.0, 40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 900.0, 901.0],
        "fee": [0.0, 0.0, 0.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 8.0, 8.0],
        "city": ["Oslo"] * 3 + ["Rome"] * 9,
        "size": ["S", "M"] * 6,
    }
)


@pytest.fixture(scope="module")
def left_out():
    """Two segments of 12 customers, of whom the last two are in none."""
    dataset = read_frame(TWO_TOWNS)
    formed = fit_segmentation(read_frame(TWO_TOWNS[:10]), Recipe((FeatureSpec("spend"),), n_segments=2))
    labels = pd.Series([*formed.labels, -1, -1], name="segment")
    return dataset, replace(formed, labels=labels)


@pytest.fixture(scope="module")
def assigned_by_thirds(make_customers):
    frame = make_customers(200)
    features = (FeatureSpec("income"), FeatureSpec("city", Role.CATEGORY, Missing.MODE))
    return frame, fit_segmentation(read_frame(frame), Recipe(features, n_segments=3))


def test_shares_are_of_the_customers_in_segments_and_not_of_all(left_out):
    assert [each.share for each in profile_segments(*left_out)] == pytest.approx([0.7, 0.3])


def test_means_and_indexes_leave_out_whoever_is_in_no_segment(left_out):
    large, small = profile_segments(*left_out)
    assert large.means["fee"] == 4.0
    assert large.index["fee"] == pytest.approx(100 * 4 / 2.8)
    assert small.index["fee"] == 0.0


def test_a_column_with_a_zero_keeps_its_index(left_out):
    assert "spend" in profile_segments(*left_out)[0].index


def test_the_values_that_differ_most_come_first(left_out):
    profiles = profile_segments(*left_out)
    assert rank_values_by_difference(profiles, 2) == (("city", "Oslo"), ("city", "Rome"))


def test_both_measures_of_finding_a_segment_again_stand_in_their_own_column(left_out):
    profile = replace(profile_segments(*left_out)[0], stability=SegmentStability(0, 0.4, 0.3, Light.RED))
    row = summary_table((profile,)).iloc[0]
    assert (row["jaccard"], row["found_again"], row["light"]) == (0.4, 0.3, "red")


def test_who_is_like_no_segment_is_told_so_in_the_file(make_customers):
    frame = make_customers(200)
    far = pd.DataFrame({"income": [60.0, 1e6], "spend": [90.0, 1e6]})
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), algorithm="hdbscan")
    placed = assign_segments(read_frame(far), fit_segmentation(read_frame(frame), recipe))
    assert placed.reasons.tolist() == ["", FITS_NONE]
    text = labelled_csv(Result(read_frame(far), placed.segmentation, placed)).decode("utf-8-sig")
    assert FITS_NONE in text.splitlines()[2]


@pytest.mark.parametrize(("unknown", "asks"), [(40, False), (41, True)])
def test_a_fifth_of_foreign_values_is_a_note_and_more_is_a_question(assigned_by_thirds, unknown, asks):
    frame, segmentation = assigned_by_thirds
    other = frame.assign(city=["Graz"] * unknown + frame["city"].tolist()[unknown:])
    placed = assign_segments(read_frame(other), segmentation)
    assert bool(placed.questions) == asks
    assert any("Graz" in note.text for note in placed.notes) != asks


def test_gaps_that_neighbours_fill_do_not_move_the_scale():
    values = pd.Series([1.0, 2.0, 3.0, 4.0, *[np.nan] * 40])
    column = fit_column(FeatureSpec("x", missing=Missing.KNN), values, Scaling.STANDARD)
    assert column.scale == pytest.approx(np.std([1, 2, 3, 4]))


def test_steps_of_an_order_are_never_capped():
    values = pd.Series(["S", "M", "L", "XL"] * 5)
    spec = FeatureSpec("size", Role.ORDINAL, order=("S", "M", "L", "XL"), cap=(30, 60))
    numbers = fit_column(spec, values, Scaling.NONE).scaled(np.array([0.0, 1.0, 2.0, 3.0]))
    assert len(set(np.round(numbers, 9))) == 4


def test_columns_that_mirror_each_other_are_redundant_too():
    x = np.arange(50.0)
    noise = np.random.default_rng(0).normal(0, 1, 50)
    dataset = read_frame(pd.DataFrame({"a": x, "b": 100 - x + noise, "c": np.roll(x, 25)}))
    pairs = correlated_pairs(dataset, (FeatureSpec("a"), FeatureSpec("b"), FeatureSpec("c")))
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b")]
    assert pairs[0].r < -0.95


def test_only_ordered_categories_are_given_an_order():
    dataset = read_frame(pd.DataFrame({"spend": [1.0, 2.5, 3.0, 9.75] * 10}))
    assert known_order(dataset.column("spend"), dataset) == ()
    ordered = replace(dataset.column("spend"), kind=ColumnKind.ORDERED)
    assert known_order(ordered, dataset) == tuple(to_category(pd.Series([1.0, 2.5, 3.0, 9.75])))


@pytest.mark.parametrize(("found", "light"), [(0.9, "green"), (0.8999, "amber"), (0.4, "amber"), (0.3999, "red")])
def test_lights_change_at_their_limits(found, light):
    # Green: found again in nine of ten fresh samples; red: in fewer than four of ten.
    assert light_of(Recurrence(0.8, found), 1_000).value == light


def test_a_handful_of_customers_is_never_green():
    assert light_of(Recurrence(1.0, 1.0), config.SMALL_GROUP).value == "green"
    assert light_of(Recurrence(1.0, 1.0), config.SMALL_GROUP - 1).value == "amber"


def test_a_probability_of_exactly_the_limit_is_not_in_doubt():
    labels, probability = pd.Series([0, 0, 0, -1]), pd.Series([0.6, 0.5999, 1.0, np.nan])
    assert [(each.size, each.in_doubt) for each in certainty_by_segment(labels, probability)] == [(3, 1)]


def test_one_customer_more_than_segments_is_enough(make_customers):
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), n_segments=3)
    with pytest.raises(TooFewCustomersError, match="at least 4 customers for 3 segments; there are 3"):
        fit_segmentation(read_frame(make_customers(60)[::20]), recipe)
    assert fit_segmentation(read_frame(make_customers(60)[::15]), recipe).n_segments == 3


def test_thirty_segments_are_possible_and_one_more_is_not(make_customers):
    dataset = read_frame(make_customers(150))
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), n_segments=30)
    assert fit_segmentation(dataset, recipe).n_segments == 30
    with pytest.raises(InvalidSettingError, match="31 segments were asked for; 1 to 30 are possible"):
        fit_segmentation(dataset, replace(recipe, n_segments=31))


def test_three_per_cent_missing_are_filled_and_fewer_are_left_out():
    values = np.arange(100.0)
    for n_missing, way in ((2, Missing.DROP), (3, Missing.MEDIAN)):
        holed = np.where(np.arange(100) < n_missing, np.nan, values * 1.01)
        (spec,) = suggest_features(read_frame(pd.DataFrame({"spend": holed})))
        assert spec.missing is way


@pytest.mark.parametrize(("n_missing", "kind"), [(50, ColumnKind.NUMBER), (51, ColumnKind.NEAR_EMPTY)])
def test_half_missing_is_not_near_empty_yet(n_missing, kind):
    holed = np.where(np.arange(100) < n_missing, np.nan, np.arange(100) * 1.01)
    assert read_frame(pd.DataFrame({"spend": holed})).column("spend").kind is kind


@pytest.mark.parametrize(("n_rare", "kept"), [(10, True), (9, False)])
def test_a_value_that_ten_customers_share_stands_for_itself(n_rare, kept):
    values = pd.Series(["Oslo"] * 60 + ["Rome"] * 60 + ["Graz"] * n_rare)
    column = fit_column(FeatureSpec("city", Role.CATEGORY, Missing.MODE, rare=0.0), values, Scaling.STANDARD)
    assert ("Graz" in column.categories) == kept


@pytest.mark.parametrize(("factor", "asks"), [(10.0, True), (9.9, False), (0.1, True), (0.11, False)])
def test_ten_times_the_usual_is_another_unit(factor, asks):
    frame = pd.DataFrame({"spend": np.linspace(95.0, 105.0, 101)})
    segmentation = fit_segmentation(read_frame(frame), Recipe((FeatureSpec("spend"),), n_segments=2))
    placed = assign_segments(read_frame(frame * factor), segmentation)
    assert any("same unit" in note.text for note in placed.questions) == asks


@pytest.mark.parametrize("setting", [{"weight": 10.0}, {"cap": (0, 100)}, {"rare": 0.5}, {"rare": 0.0}])
def test_settings_at_their_limits_are_allowed(setting):
    assert FeatureSpec("spend", **setting)


@pytest.mark.parametrize("setting", [{"weight": 10.01}, {"weight": 0.0}, {"cap": (50, 50)}, {"rare": 0.51}])
def test_settings_beyond_their_limits_are_refused(setting):
    with pytest.raises(InvalidSettingError, match=r"^spend: "):
        FeatureSpec("spend", **setting)


@pytest.mark.parametrize(
    ("text", "risky"), [("-5", False), ("-5+3", True), ("+1,5 %", True), ("'=1", True), ("5", False)]
)
def test_a_signed_number_is_no_formula_and_anything_behind_it_is(text, risky):
    assert is_risky(text) == risky


def test_equal_names_of_segments_are_numbered_and_blank_ones_keep_the_old(left_out):
    _, segmentation = left_out
    assert segmentation.renamed((" A ", "A")).names == ("A", "A (2)")
    assert segmentation.renamed(("", " ")).names == segmentation.names


@pytest.mark.parametrize(("n_rare", "listed"), [(10, True), (9, False)])
def test_a_report_lists_a_value_that_ten_customers_share(make_customers, n_rare, listed):
    frame = make_customers(150)
    frame["city"] = ["Graz"] * n_rare + ["Rome"] * (150 - n_rare)
    dataset = read_frame(frame)
    result = Result(dataset, fit_segmentation(dataset, Recipe(choose_features(dataset, ("income", "spend")), 3)))
    assert ("Graz" in {each.level for each in ReportSource(result).contrasts}) == listed


@pytest.mark.parametrize(
    ("p", "valley", "real"),
    [(SIGNIFICANT, 1.0, False), (SIGNIFICANT / 2, SHALLOWEST, True), (SIGNIFICANT / 2, SHALLOWEST - 0.01, False),
     (0.5, 1.0, False)],
)  # fmt: skip
def test_a_border_is_real_when_it_is_both_deep_and_no_chance(p, valley, real):
    assert Border((0, 1), p, valley).real is real


def test_as_many_dates_of_either_order_are_read_day_first():
    days = [f"{day}/01/2024" for day in range(13, 28)] + [f"01/{day}/2024" for day in range(13, 28)] + ["03/04/2024"]
    column = read_frame(pd.DataFrame({"joined": days * 2, "spend": np.arange(62) * 1.5}))
    assert column.frame["joined"].iloc[30] == pd.Timestamp("2024-04-03")


@pytest.mark.parametrize(("n_addresses", "personal"), [(10, True), (9, False)])
def test_a_column_called_e_mail_half_of_addresses_is_personal(n_addresses, personal):
    cells = [f"ann{at}@example" for at in range(n_addresses)] + [f"by post {at}" for at in range(20 - n_addresses)]
    kind = read_frame(pd.DataFrame({"email": cells, "spend": np.arange(20) * 1.5})).column("email").kind
    assert (kind is ColumnKind.PERSONAL) == personal


@pytest.mark.parametrize(("top", "may_be"), [(1.0, True), (1000.0, False)])
def test_zeros_and_ones_with_a_few_large_numbers_are_no_yes_and_no(top, may_be):
    values = pd.Series([0.0, 1.0] * 500 + [top])
    assert fit_column(FeatureSpec("x"), values, Scaling.STANDARD).may_be_yes_no == may_be


def test_names_over_nothing_are_not_told_as_wrong_unless_they_say_something():
    rows = "".join(f"Ann{at};{at};Oslo\n" for at in range(20))
    told = [note.text for note in read_table(f"name;visits;city;;\n{rows}\nTotal;190\n".encode()).notes]
    assert not any("column names" in text for text in told)
    told = [note.text for note in read_table(f"name;visits;city;age;\n{rows}\nTotal;190\n".encode()).notes]
    assert any("column names and the rows have 3 values" in text for text in told)


@pytest.mark.parametrize(("value", "text"), [(9_999.4, "9,999"), (10_000.0, "10,000"), (10_000.4, "10,000")])
def test_numbers_are_never_shown_with_an_exponent_that_nobody_wrote(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(("n_different", "is_of_customers"), [(20, True), (19, False)])
def test_twenty_different_values_of_a_customer_s_name_tell_customers_apart(n_different, is_of_customers):
    cells = [f"Customer {at % n_different} Ltd" for at in range(60)]
    column = replace(read_frame(pd.DataFrame({"customer": cells})).columns[0], kind=ColumnKind.TEXT)
    assert _names_customers(column, n_different, 60) == is_of_customers


@pytest.mark.parametrize(("n_customers", "n_outlines"), [(5, 1), (4, 0)])
def test_five_customers_have_an_outline_on_the_map(n_customers, n_outlines):
    points = np.random.default_rng(0).normal(size=(n_customers, 2))
    drawn = CustomerMap("pca", points, np.zeros(n_customers, dtype=np.intp), np.arange(n_customers), (), n_customers)
    assert sum(trace.fill == "toself" for trace in customer_map(drawn, ["A"]).data) == n_outlines


@pytest.mark.parametrize(("n_rows", "counts"), [(5, True), (4, False)])
def test_five_rows_tell_a_column_that_counts_them(n_rows, counts):
    frame = pd.DataFrame({"which": range(1, n_rows + 1), "spend": np.arange(n_rows) * 1.75})
    assert (read_frame(frame).column("which").kind is ColumnKind.IDENTIFIER) == counts


def test_a_column_with_a_gap_counts_no_rows():
    frame = pd.DataFrame({"which": [1.0, 2, 3, np.nan, 5, 6, 7, 8], "spend": np.arange(8) * 1.75})
    assert read_frame(frame).column("which").kind is not ColumnKind.IDENTIFIER


def test_as_many_customers_as_segments_cannot_be_compared(make_customers):
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")))
    with pytest.raises(TooFewCustomersError, match="at least 4 customers for 3 segments; there are 3"):
        compare_k(read_frame(make_customers(60)[::20]), recipe, [3])


@pytest.mark.parametrize(
    ("field", "fitting", "other"), [(Field.EMAIL, "a@b.c", "by post"), (Field.PHONE, "+47 22 86", "ask")]
)
def test_half_of_the_cells_make_a_column_of_addresses(field, fitting, other):
    assert _may_hold(field, pd.Series([fitting, other] * 5))
    assert not _may_hold(field, pd.Series([fitting, other] * 5 + [other]))


@pytest.mark.parametrize(("names", "named"), [("name;city", True), ("name", False)])
def test_half_as_many_names_as_values_are_still_names(names, named):
    rows = "".join(f"Ann{at};Oslo;{at};{at * 7 % 5}.5\n" for at in range(30))
    columns = [column.name for column in read_table(f"{names}\n{rows}".encode()).columns]
    assert (columns[:2] == ["name", "city"]) == named


@pytest.mark.parametrize(
    ("header", "fit"),
    [
        ("invoice", 1),
        ("invoice number", 2),
        ("order id", 2),
        ("store number", 0),
        ("order channel", 0),
        ("order date", 0),
    ],
)
def test_an_order_is_told_by_what_it_is_and_what_names_it(header, fit):
    assert fit_order(header) == fit


def test_colours_are_new_ones_first_then_those_of_segments_that_are_gone_then_more(left_out):
    _, segmentation = left_out  # two segments, in the first two colours
    assert carried_colours(segmentation, [1, -1]) == (1, 2)
    many = [0, *[-1] * (PALETTE_SIZE + 1)]
    assert carried_colours(segmentation, many) == (0, *range(2, PALETTE_SIZE), 1, PALETTE_SIZE, PALETTE_SIZE + 1)


@pytest.mark.parametrize(("n_sources", "told"), [(4, "25 % from D"), (5, "its customers come from everywhere")])
def test_a_new_segment_of_which_a_quarter_comes_from_one_names_it(n_sources, told):
    old = np.repeat(np.arange(n_sources), 40)
    new = np.where(np.arange(len(old)) % 40 < 5, n_sources, old)
    names = tuple("ABCDE"[:n_sources])
    notes = match_segments(old, new, names, (*names, "Z")).notes
    assert any(note.text.startswith("Z is new") and told in note.text for note in notes)


def test_a_number_of_segments_is_strong_above_the_limit_only():
    strengths = [PredictionStrength(2, STRONG + 0.01, 0.0), PredictionStrength(3, STRONG, 0.0)]
    assert _votes_of(strengths, MixtureDetails({}), "normal")[0].k == 2


def test_as_many_customers_as_segments_have_no_methods_to_compare(make_customers):
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), n_segments=3)
    with pytest.raises(TooFewCustomersError, match="there are 3"):
        compare_methods(read_frame(make_customers(60)[::20]), recipe, [])


def test_december_is_a_month():
    months = [202300 + month for month in range(1, 13)] * 3
    column = read_frame(pd.DataFrame({"month": months, "spend": np.arange(36) * 1.5})).frame["month"]
    assert column.max() == pd.Timestamp("2023-12-01")


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["TV;radio", "TV", "radio;press", "press", "TV;press"] * 2, ";"), (["TV;radio", "TV", "radio;press"] * 3, "")],
)
def test_ten_cells_show_whether_they_hold_several_answers(cells, separator):
    assert several_answers(cells, [1] * len(cells))[0] == separator


@pytest.mark.parametrize(("quantity", "price"), [(1.0, 2 * LARGEST_AMOUNT), (2 * LARGEST_AMOUNT, 1e-9)])
def test_a_line_of_absurd_money_or_pieces_is_refused(quantity, price):
    lines = pd.DataFrame({"who": ["A", "B"], "day": ["2024-01-01"] * 2, "n": [1.0, quantity], "each": [2.5, price]})
    with pytest.raises(UnsuitableColumnError, match="at most a hundred thousand million"):
        customers_from(read_frame(lines), Purchases("who", "day", quantity="n", price="each"))


def test_a_parquet_file_that_says_it_has_fewer_than_no_rows_is_damaged():
    for rows, columns in ((-1, 3), (3, -1)):
        with pytest.raises(DamagedFileError):
            _refuse_size(rows, columns)
    _refuse_size(0, config.MAX_COLUMNS)
    with pytest.raises(TooManyColumnsError):
        _refuse_size(0, config.MAX_COLUMNS + 1)


@pytest.mark.parametrize(("n", "more"), [(3, ""), (4, " and 1 more")])
def test_three_lists_are_named_and_more_are_counted(n, more):
    sizes = dict.fromkeys("ABCD"[:n], 1000)
    assert _sized(sizes) == f"A has 1,000, B has 1,000, C has 1,000{more}"


def test_a_list_of_ones_and_noughts_with_gaps_is_a_list():
    frame = pd.DataFrame({"newsletter": [1.0, 0.0, np.nan, 1.0] * 6, "spend": np.arange(24) * 1.5})
    assert _of_column(read_frame(frame), "newsletter").tolist() == [True, False, False, True] * 6
    with pytest.raises(InvalidSettingError, match="says more than yes and no"):
        _of_column(read_frame(frame.assign(newsletter=frame["newsletter"] + 1)), "newsletter")


def test_one_name_that_would_fit_its_neighbour_is_chance_and_two_are_not():
    words, numbers = ["Oslo", "Rome", "Graz"] * 10, ["12", "7", "31"] * 10
    cells = pa.table({"0": words, "1": numbers, "2": ["x1", "y2", "z3"] * 10})
    assert names_are_shifted(["code", "city", "note"], cells) is None
    cells = pa.table({"0": words, "1": numbers, "2": words})
    assert names_are_shifted(["code", "city", "visits"], cells) == 1


@pytest.mark.parametrize(("n", "told"), [(100, True), (99, False)])
def test_a_hundred_customers_show_that_a_column_has_one_peak(n, told):
    values = pd.Series(np.random.default_rng(0).normal(size=n))
    assert _has_one_peak(FeatureSpec("x"), values) == told


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Income (k$)", "k$"),
        ("Income (thirteen sign)", ""),
        ("Income (twelve signs)", "twelve signs"),
        ("Income (top 3)", ""),
    ],
)
def test_what_stands_in_brackets_is_a_unit_where_it_is_short_and_no_number(header, unit):
    assert read_header(header)[1] == unit


@pytest.mark.parametrize(("n_values", "n_cut"), [(11, 0), (12, 1)])
def test_numbers_of_eleven_values_are_answers_and_more_are_cut(n_values, n_cut):
    found, cut = questions(np.repeat(np.arange(float(n_values)), 5)[:, None], None, 5)
    assert (cut, len(found[0].borders)) == (n_cut, 4 if n_cut else n_values - 1)


def test_a_name_that_just_fits_a_row_of_a_chart_is_not_cut():
    assert _short("x" * _LONGEST_ROW) == "x" * _LONGEST_ROW
    assert _short("x" * (_LONGEST_ROW + 1)) == "x" * (_LONGEST_ROW - 1) + "…"


@pytest.mark.parametrize(("n", "more"), [(3, ""), (4, " and 1 more")])
def test_values_that_differ_only_in_capitals_are_asked_about_by_what_they_may_mean(make_customers, n, more):
    towns = ["Oslo", "Rome", "Paris", "Graz"]
    frame = make_customers(120).assign(city=towns * 30)
    features = (FeatureSpec("income"), FeatureSpec("city", Role.CATEGORY, Missing.MODE))
    model = fit_segmentation(read_frame(frame), Recipe(features, n_segments=3))
    shouted = frame.assign(city=[*(f" {town.upper()}" for town in towns[:n]), *frame["city"][n:]])
    (question,) = assign_segments(read_frame(shouted), model).questions
    meant = ", ".join(f"{town.upper()} for {town}" for town in towns[:3])
    assert f"Is it {meant}{more}? They differ only in capitals and blanks" in question.text


def test_as_many_segments_as_customers_are_not_possible_and_it_is_said():
    found = compare_k(read_frame(pd.DataFrame({"spend": [1.0, 2, 4, 8, 16]})), Recipe((FeatureSpec("spend"),)))
    assert [score.k for score in found.scores] == [2, 3, 4]
    assert "at most 4 segments" in found.notes[0].text


def test_an_order_of_two_steps_is_an_order():
    spec = _order(FeatureSpec("size", Role.CATEGORY), "S, M", read_frame(TWO_TOWNS))
    assert (spec.role, spec.order) == (Role.ORDINAL, ("S", "M"))


@pytest.mark.parametrize(("n", "first"), [(9, "x_1_a.csv"), (10, "x_01_a.csv")])
def test_lists_stand_in_a_folder_in_the_order_of_their_numbers(n, first):
    lists = [SimpleNamespace(number=number, name=f"{number}: a") for number in range(1, n + 1)]
    platform = SimpleNamespace(id="x", format=SimpleNamespace(extension="csv"))
    names = list_names(SimpleNamespace(platform=platform, lists=lists))
    assert names[0] == first
    assert names == sorted(names)


@pytest.mark.parametrize(("n_values", "evened"), [(5, False), (6, True)])
def test_a_column_of_five_numbers_has_no_tail_to_even_out(n_values, evened):
    values = np.repeat(4.0 ** np.arange(n_values), 4 ** np.arange(n_values)[::-1])
    transform, before, after = recommended_transform(values)
    assert (transform is not Transform.NONE) == evened
    assert (abs(after) < before) == evened


def test_the_largest_number_that_can_be_used_can_be_filled_in():
    most = config.LARGEST_NUMBER
    assert FeatureSpec("x", missing=Missing.CONSTANT, constant=-most).constant == -most
    with pytest.raises(InvalidSettingError, match="no number that can be used"):
        FeatureSpec("x", missing=Missing.CONSTANT, constant=np.nextafter(most, np.inf).item())


@pytest.mark.parametrize(("n_months", "order"), [(2, "month"), (3, "day")])
def test_three_months_on_one_day_show_that_the_month_comes_first(n_months, order):
    cells = [f"{month:02d}/01/2024" for month in range(2, 2 + n_months)] * 6
    days = read_frame(pd.DataFrame({"joined": cells, "spend": np.arange(len(cells)) * 1.5})).frame["joined"]
    assert days.dt.day.nunique() == (1 if order == "day" else n_months)


def test_a_bar_from_the_limit_on_is_in_colour(left_out, monkeypatch):
    monkeypatch.setattr(profiles, "_standardised", lambda _: pd.DataFrame({"spend": [CLEARLY, -CLEARLY + 0.01]}))
    bars = profiles.marker_panels(Result(*left_out)).data
    assert [bar.marker.color[0] == NEUTRAL for bar in bars] == [False, True]


@pytest.mark.parametrize(("n_products", "noted"), [(2, False), (3, True)])
def test_pairs_are_said_to_be_of_some_products_where_there_are_more(monkeypatch, n_products, noted):
    monkeypatch.setattr(offers, "MOST_PRODUCTS", 2)
    orders = [(f"c{at}", at, product) for at in range(40) for product in "ABC"[:n_products]]
    notes = offers.bought_together(pd.DataFrame(orders, columns=["customer", "order", "product"])).notes
    assert any("products with most orders" in note.text for note in notes) == noted


@pytest.mark.parametrize(("control", "said"), [(0.0, False), (0.1, True), (1.0, False)])
def test_a_lift_is_told_where_some_but_not_all_answer_without_contact(control, said):
    text = _could_see(SimpleNamespace(control=control, n_contacted=2_000, n_control=2_000), Outcome.RESPONSE)
    assert ("could see a lift" in text) == said


@pytest.mark.parametrize(("most", "unit"), [(1.0, ""), (1.01, "%")])
def test_a_percentage_that_is_kept_as_a_share_is_not_said_in_per_cent(most, unit):
    dataset = read_frame(pd.DataFrame({"discount (%)": np.linspace(0, most, 40), "spend": np.arange(40) * 1.5}))
    assert column_words(dataset, Recipe((FeatureSpec("spend"),)))[0].unit == unit


@pytest.mark.parametrize(("n_far", "n_named"), [(3, 3), (4, 0)])
def test_three_in_a_hundred_lie_far_out_and_four_are_a_group(n_far, n_named):
    near = np.random.default_rng(0).normal(50, 5, (100 - n_far, 3))
    frame = pd.DataFrame(np.vstack([near, np.full((n_far, 3), 500.0)]), columns=list("abc"))
    dataset, recipe = read_frame(frame), Recipe(tuple(map(FeatureSpec, "abc")))
    assert [who.row for who in customers_far_out(dataset, recipe)] == [*range(100 - n_far, 100)][:n_named]
    # To people rows count from 1.
    said = [line.split(" lies")[0] for line in _default_lines(dataset, recipe) if "lies far out in" in line]
    assert said == ["Row 98", "Row 99", "Row 100"][:n_named]


def test_a_label_alone_is_no_total():
    assert is_total(["Total", "", "12"])
    assert not is_total(["Total", "", " "])


def test_a_text_that_just_fits_is_not_shortened():
    assert (shortened("seven", 5), shortened("seven", 4)) == ("seven", "sev…")


def test_of_equal_numbers_of_segments_the_smaller_one_is_voted_for():
    scores = [KScore(k, 1.0, silhouette=0.5) for k in (3, 2, 4)]
    assert _best(scores, "silhouette", 1.0) == 2
    assert _best(scores, "silhouette", -1.0) == 2


def test_a_month_is_compared_in_its_segments_alone_where_everybody_is_in_one():
    names = pd.Series(["Big", "Big", "Small"])
    moved = compare_months(month("May", pd.Series(list("abc")), names), month("June", pd.Series(list("abc")), names))
    assert moved.customers.to_numpy().tolist() == [[2, 0], [0, 1]]


def test_customers_of_the_first_segment_who_are_in_none_now_count_in_what_was():
    found = match_segments(np.array([0, 0, 0, 1]), np.array([0, 0, -1, 1]), ("A", "B"), ("A", "B"))
    assert found.jaccard.tolist() == [[2 / 3, 0], [0, 1]]


def test_a_purchase_at_midnight_after_the_day_is_later_and_one_before_it_is_not():
    times = np.array(["2024-03-31T23:59:59", "2024-04-01T00:00:00"], dtype="datetime64[s]")
    numbers = {"customer": np.zeros(2, int), "spent": np.ones(2), "quantity": np.ones(2)}
    lines = {**numbers, "date": times, "is_cancelled": np.zeros(2, bool)}
    spec = Purchases(customer="who", date="when", amount="sum")
    found = classes_of(lines, spec, date(2024, 3, 31))
    assert [CLASSES[number] for number in found] == ["purchases", "later"]


@pytest.mark.parametrize(("n_rarest", "flagged"), [(2, ["copy"]), (1, [])])
def test_a_leak_is_seen_where_each_half_knows_each_class(n_rarest, flagged):
    tier = ["gold"] * 20 + ["silver"] * 20 + ["rare"] * n_rarest
    dataset = read_frame(pd.DataFrame({"tier": tier, "copy": [f"{each}!" for each in tier]}))
    codes = pd.factorize(np.array(tier))[0].astype(np.intp)
    found = find_leaks(dataset, np.arange(len(tier)), codes, "tier")
    assert [leak.column for leak in found] == flagged


@pytest.mark.parametrize(
    ("n_unfit", "expected", "advice"), [(80, 0.05, "LOOK"), (30, 0.001, "LOOK"), (80, 0.01, "REFIT")]
)
def test_many_who_fit_no_segment_are_surely_a_twentieth_and_twice_what_chance_does(n_unfit, expected, advice):
    found, why = _advice({}, (), (), (), _Fit(n_unfit, 1_000, expected, 100_000))
    assert found is Advice[advice]
    assert any("of the customers fit no segment" in text for text in why)
