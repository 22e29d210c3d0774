"""Caps, powers, constants, indicators, dates and rare categories: each by hand, and by the libraries that define it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.encoders import fit_column
from segmenter.prepare.preparation import Preparation
from segmenter.prepare.transforms import fit_lambda, fit_units, inverse_transform_values, transform_values
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame

TAIL = np.random.default_rng(3).lognormal(3, 1, 400)
REFUNDS = np.random.default_rng(4).standard_t(3, 400) * 20


def matrix(values, scaling=Scaling.NONE, **spec):
    frame = pd.DataFrame({"spend": values})
    return Preparation((FeatureSpec("spend", **spec),), scaling).fit_transform(frame)


def prepared(values, scaling=Scaling.NONE, **spec):
    return matrix(values, scaling, **spec)[:, 0].tolist()


@pytest.mark.parametrize("values", [TAIL, REFUNDS, -TAIL], ids=["tail", "refunds", "negative"])
def test_yeo_johnson_is_that_of_scipy_and_scikit_learn(values):
    power = fit_lambda(np.sort(values))
    expected, theirs = stats.yeojohnson(values)
    assert power == pytest.approx(theirs, abs=1e-5)
    np.testing.assert_allclose(transform_values(values, Transform.YEO_JOHNSON, theirs), expected, rtol=1e-9, atol=1e-9)
    # In the units that the column is transformed in: those that the file is written in must not matter.
    fitted = Preparation((FeatureSpec("spend", transform=Transform.YEO_JOHNSON),), Scaling.NONE)
    column = fitted.fit(pd.DataFrame({"spend": values})).columns_[0]
    origin, unit = fit_units(values, Transform.YEO_JOHNSON)
    assert abs(column.origin - origin) <= unit / 2
    assert column.origin not in values
    in_units = (values - column.origin) / column.unit
    sklearn = PowerTransformer(standardize=True).fit_transform(in_units[:, None])[:, 0]
    ours = prepared(values, Scaling.STANDARD, transform=Transform.YEO_JOHNSON)
    np.testing.assert_allclose(ours, sklearn, atol=1e-4)


@given(
    st.lists(st.floats(-1e5, 1e5), min_size=4, max_size=30).filter(lambda values: np.ptp(values) > 1e-3),
    st.sampled_from([Transform.LOG, Transform.YEO_JOHNSON]),
)
def test_drawn_in_numbers_come_back_out(values, transform):
    numbers = np.array(values)
    power = fit_lambda(np.sort(numbers))
    back = inverse_transform_values(transform_values(numbers, transform, power), transform, power)
    np.testing.assert_allclose(back, numbers, rtol=1e-6, atol=1e-6)


def test_power_one_changes_nothing_and_power_zero_is_the_logarithm():
    numbers = np.array([-3.0, 0.0, 8.0, np.nan])
    np.testing.assert_allclose(transform_values(numbers, Transform.YEO_JOHNSON, 1.0), numbers)
    assert transform_values(numbers, Transform.YEO_JOHNSON, 0.0)[2] == pytest.approx(np.log(9))


@given(st.lists(st.sampled_from([0.0, 1.0, -1e100, 1e149, -1e150, 3.5, 1e-300]), min_size=4, max_size=20))
def test_no_number_is_too_extreme_for_a_power(values):
    shown = np.array(prepared(values, Scaling.STANDARD, transform=Transform.YEO_JOHNSON))
    assert np.isfinite(shown).all()


def test_caps_are_learned_in_the_fit_and_kept_for_later_customers():
    frame = pd.DataFrame({"spend": np.arange(101.0)})
    column = Preparation((FeatureSpec("spend", cap=(1.0, 99.0)),), Scaling.NONE).fit(frame)
    later = pd.DataFrame({"spend": [-50.0, 0.5, 50.0, 1e6, np.nan]})
    assert column.transform(later)[:, 0].tolist() == [1.0, 1.0, 50.0, 99.0, 50.0]


def test_capped_customers_do_not_move_the_scale():
    wild = np.append(np.arange(100.0), 1e9)
    assert np.std(prepared(wild, Scaling.STANDARD, cap=(1.0, 99.0))) == pytest.approx(1)
    column = fit_column(FeatureSpec("spend", cap=(0.0, 95.0)), pd.Series(wild), Scaling.STANDARD)
    assert column.ceiling == pytest.approx(np.quantile(wild, 0.95))
    assert column.high > 1e9


@pytest.mark.parametrize(
    "values",
    [[1, 2, 3], [0, 0, 0], [15, 137], [15, 126, 130], [18, 70.5], [5], [1e9, 1e9 + 1e-6], [-3.7, -3.6999], [0, 5e-324],
     [-1e150, 1e150], [0.1, 0.2, 0.30000001], [100, 200, 2100]],
)  # fmt: skip
def test_the_range_that_a_model_keeps_is_round_and_nobodys_own(values):
    column = fit_column(FeatureSpec("spend"), pd.Series(values, dtype=float), Scaling.STANDARD)
    assert column.low < min(values) or column.low == 0
    assert max(values) < column.high
    assert column.low >= 0 or min(values) < 0
    assert column.low <= column.p01 <= column.p99 <= column.high
    spread = max(values) - min(values)
    if spread > 1e-6:
        assert column.high - column.low <= max(1.2 * spread, spread + 2)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_range_has_the_signs_of_its_values(sign):
    since = pd.Series(sign * np.arange(0.0, 331.0, 3))
    column = fit_column(FeatureSpec("days_since"), since, Scaling.STANDARD)
    assert (column.low, column.p01) == (0, 0) if sign > 0 else (column.p99, column.high) == (0, 0)


def test_a_constant_is_filled_in_in_own_units():
    assert prepared([1.0, np.nan, 9.0], missing=Missing.CONSTANT, constant=-2.0) == [1, -2, 9]


def test_a_step_is_filled_in_by_its_name():
    spec = {"role": Role.ORDINAL, "order": ("Low", "Average", "High"), "missing": Missing.CONSTANT}
    assert prepared(["High", None, "Low"], constant="Average", **spec) == [2, 1, 0]


def test_a_constant_that_is_no_number_is_refused_in_words():
    with pytest.raises(InvalidSettingError, match="spend: 'none' cannot be filled in; give a number"):
        prepared([1.0, np.nan], missing=Missing.CONSTANT, constant="none")


def test_an_indicator_weighs_one_standard_deviation_of_its_column():
    X = matrix([1.0, 5.0, np.nan, 3.0], Scaling.STANDARD, indicator=True, weight=2.0)
    assert X[:, 1].tolist() == [0, 0, 2, 0]
    assert X[:, 0].std() == pytest.approx(2)
    own_units = matrix([1.0, 5.0, np.nan, 3.0], Scaling.NONE, indicator=True)
    assert own_units[2, 1] == pytest.approx(np.std([1.0, 5, 3, 3]))


def test_an_indicator_of_rows_that_are_left_out_is_no_column():
    assert matrix([1.0, 5.0, np.nan], missing=Missing.DROP, indicator=True).shape == (3, 1)


def cities(**spec):
    values = pd.Series(["Oslo"] * 60 + ["Rome"] * 30 + ["Bonn"] * 10 + [None] * 20)
    column = fit_column(FeatureSpec("city", Role.CATEGORY, **spec), values, Scaling.STANDARD)
    return column, column.encoded(pd.Series(["Oslo", "Rome", "Bonn", None, "Atlantis"])) > 0


def test_missing_can_be_a_category_of_its_own():
    column, shown = cities(missing=Missing.CATEGORY)
    assert column.names[-2:] == ("city: (missing)", "city: other")
    assert shown.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]
    spread = 1 - ((np.array([60, 30, 10, 20]) / 120) ** 2).sum()
    assert column.factor == pytest.approx(1 / np.sqrt(spread))


@pytest.mark.parametrize(("rare", "names"), [(0.05, 3), (0.2, 2), (0.0, 3), (0.5, 1)])
def test_the_share_below_which_values_are_gathered_is_a_choice(rare, names):
    column, shown = cities(rare=rare, missing=Missing.MODE)
    assert len(column.categories) == names
    assert shown[4].argmax() == names


def test_a_category_filled_with_a_constant_or_marked_keeps_its_row_apart():
    _, shown = cities(missing=Missing.CONSTANT, constant="unknown")
    assert shown[3].argmax() == 3
    column, shown = cities(missing=Missing.MODE, indicator=True)
    assert column.names[-1] == "city: missing"
    assert shown[:, -1].tolist() == [False, False, False, True, False]


def test_a_category_differs_between_customers_as_much_as_a_standardised_number():
    values = pd.Series(["a"] * 50 + ["b"] * 30 + ["c"] * 20)
    X = fit_column(FeatureSpec("x", Role.CATEGORY), values, Scaling.STANDARD).encoded(values)
    assert X.var(axis=0).sum() == pytest.approx(1)


def test_a_rare_yes_weighs_no_more_than_a_rare_category():
    yes = prepared([1.0] + [0.0] * 199, Scaling.STANDARD)
    assert max(yes) - min(yes) == pytest.approx(1 / np.sqrt(0.025))
    half = prepared([1.0, 0.0], Scaling.STANDARD)
    assert half == pytest.approx([1, -1])


DAYS = pd.to_datetime(["2024-01-15", "2024-12-15", "2024-07-15", None])


def test_ages_are_years_before_the_reference_day():
    spec = FeatureSpec("born", Role.DATE, date_use=DateUse.AGE, reference="2024-07-01")
    column = fit_column(spec, pd.Series(pd.to_datetime(["1984-07-01", "2000-01-01"])), Scaling.NONE)
    assert column.numbers(pd.Series(pd.to_datetime(["1984-07-01", "2023-07-02"]))) == pytest.approx(
        [40.0, 365 / 365.2425], abs=0.002
    )
    assert column.latest == "2024-07-01"


def test_december_lies_beside_january_and_july_opposite():
    spec = FeatureSpec("day", Role.DATE, date_use=DateUse.MONTH)
    column = fit_column(spec, pd.Series(DAYS), Scaling.NONE)
    january, december, july, missing = column.encoded(pd.Series(DAYS))
    assert january == pytest.approx([1, 0])
    assert july == pytest.approx([-1, 0])
    assert np.linalg.norm(january - december) == pytest.approx(2 * np.sin(np.pi / 12))
    assert missing == pytest.approx(np.mean([january, december, july], axis=0))


@pytest.mark.parametrize(
    ("use", "day", "turn"),
    [
        (DateUse.WEEKDAY, "2024-07-01", 0.0),  # a Monday
        (DateUse.WEEKDAY, "2024-07-07", 6 / 7),
        (DateUse.WEEK, "2024-01-08", 1 / 52.1775),  # the second week of its year
        (DateUse.MONTH, "2024-04-30", 0.25),
    ],
)
def test_each_circle_by_hand(use, day, turn):
    column = fit_column(FeatureSpec("day", Role.DATE, date_use=use), pd.Series(pd.to_datetime([day])), Scaling.NONE)
    assert column.encoded(pd.Series(pd.to_datetime([day])))[0] == pytest.approx(
        [np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], abs=1e-5
    )


def test_a_missing_month_can_be_the_commonest_or_a_given_one():
    days = pd.Series(pd.to_datetime(["2024-04-01", "2024-04-02", "2024-10-01", None]))
    commonest = FeatureSpec("day", Role.DATE, Missing.MODE, date_use=DateUse.MONTH)
    assert fit_column(commonest, days, Scaling.NONE).encoded(days)[3] == pytest.approx([0, 1])
    given_one = FeatureSpec("day", Role.DATE, Missing.CONSTANT, constant=7.0, date_use=DateUse.MONTH)
    assert fit_column(given_one, days, Scaling.NONE).encoded(days)[3] == pytest.approx([-1, 0])


@pytest.mark.parametrize("scaling", [Scaling.STANDARD, Scaling.ROBUST])
def test_a_month_differs_between_customers_as_much_as_a_standardised_number(scaling):
    days = pd.Series(pd.date_range("2023-01-01", periods=700))
    X = fit_column(FeatureSpec("day", Role.DATE, date_use=DateUse.MONTH), days, scaling).encoded(days)
    assert X.var(axis=0).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"cap": (99.0, 1.0)}, "caps go from a lower to a higher percentile, 0 to 100, not 99 to 1"),
        ({"weight": 0.0}, "weights are above 0 and at most 10, not 0"),
        ({"weight": float("nan")}, "weights are above 0"),
        ({"rare": 0.7}, "rare categories have at most 50 %, not 70 %"),
        ({"constant": float("inf")}, "the number to fill in is no number"),
        ({"reference": "soon"}, "'soon' is no day such as 2024-12-31"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting, sentence):
    with pytest.raises(InvalidSettingError, match=f"spend: {sentence}"):
        FeatureSpec("spend", **setting)


EVERYTHING = (
    FeatureSpec("spend", transform=Transform.YEO_JOHNSON, cap=(2.0, 98.0), indicator=True, weight=1.5),
    FeatureSpec("visits", missing=Missing.KNN, indicator=True, transform=Transform.LOG),
    FeatureSpec("income", missing=Missing.CONSTANT, constant=7.0, scaling=Scaling.ROBUST),
    FeatureSpec("city", Role.CATEGORY, Missing.CATEGORY, rare=0.2),
    FeatureSpec("shop", Role.CATEGORY, Missing.MODE, indicator=True),
    FeatureSpec("score", Role.ORDINAL, Missing.MODE, order=("Low", "Average", "High")),
    FeatureSpec("born", Role.DATE, Missing.MEDIAN, date_use=DateUse.AGE, reference="2024-12-31", indicator=True),
    FeatureSpec("joined", Role.DATE, Missing.MEAN, date_use=DateUse.MONTH, indicator=True),
    FeatureSpec("bought", Role.DATE, Missing.MODE, date_use=DateUse.WEEKDAY),
)


@pytest.fixture(scope="module")
def everything(make_customers):
    frame = make_customers(180)
    random = np.random.default_rng(1)
    frame["shop"] = random.choice(["North", "South"], 180)
    frame["score"] = random.choice(["Low", "Average", "High"], 180)
    for name in ("born", "joined", "bought"):
        frame[name] = pd.Timestamp("1990-01-01") + pd.to_timedelta(random.integers(0, 9000, 180), unit="D")
    for place, spec in enumerate(EVERYTHING):
        frame.loc[frame.index % 11 == place, spec.column] = None
    return read_frame(frame)


@pytest.fixture(scope="module")
def everything_fitted(everything):
    return fit_segmentation(everything, Recipe(EVERYTHING, 3))


def test_every_choice_prepares_a_customer_the_same_to_the_last_bit_alone_and_among_others(
    everything, everything_fitted
):
    preparation = everything_fitted.preparation
    whole = preparation.transform(everything.frame)
    assert whole.shape[1] == len(preparation.names_) == len(set(preparation.names_))
    assert np.isfinite(whole).all()
    alone = np.vstack([preparation.transform(everything.frame[row : row + 1]) for row in range(180)])
    np.testing.assert_array_equal(whole, alone)
    np.testing.assert_array_equal(whole[50:77], preparation.transform(everything.frame[50:77]))


def test_every_choice_learns_the_same_from_rows_in_any_order(everything, everything_fitted):
    shuffled = everything.frame.sample(frac=1, random_state=5)
    again = Preparation(EVERYTHING).fit(shuffled)
    assert again.columns_ == everything_fitted.preparation.columns_


def test_names_stand_over_the_columns_they_name(everything, everything_fitted):
    preparation = everything_fitted.preparation
    X = pd.DataFrame(preparation.transform(everything.frame), columns=preparation.names_)
    for name in ("spend", "visits", "born", "shop", "joined"):
        gaps = everything.frame[name].isna().to_numpy()
        assert ((X[f"{name}: missing"] > 0) == gaps).all()
    back = preparation.in_own_units(X.to_numpy())
    known = everything.frame["born"].notna().to_numpy()
    years = (pd.Timestamp("2024-12-31") - everything.frame["born"]).dt.days / 365.2425
    np.testing.assert_allclose(back["born"][known], years[known], atol=0.01)


def test_a_recipe_with_every_choice_goes_through_json():
    recipe = Recipe(EVERYTHING, 3)
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_a_recipe_written_before_these_choices_still_reads():
    old = '{"features": [{"column": "spend", "role": "number", "missing": "median", "transform": "log", "weight": 2}],'
    old += ' "n_segments": 3, "scaling": "standard", "algorithm": "k-means", "settings": [], "seed": 0}'
    assert Recipe.from_json(old).features == (FeatureSpec("spend", transform=Transform.LOG, weight=2.0),)
