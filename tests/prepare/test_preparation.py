"""How columns become the matrix: filling, transforming, scaling, and back into the user's units."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.choose.k import compare_k
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.encoders import NeighbourImputer, fit_neighbour_imputer
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame


def prepared(values, scaling=Scaling.STANDARD, **spec):
    frame = pd.DataFrame({"spend": values})
    return Preparation((FeatureSpec("spend", **spec),), scaling).fit_transform(frame)[:, 0].tolist()


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (Scaling.STANDARD, [-1, 1, -1, 1]),
        (Scaling.MINMAX, [0, 1, 0, 1]),
        (Scaling.NONE, [2, 6, 2, 6]),
        (Scaling.ROBUST, [-1.349 / 2, 1.349 / 2, -1.349 / 2, 1.349 / 2]),
    ],
)
def test_each_scaling_by_hand(scaling, expected):
    assert prepared([2.0, 6.0, 2.0, 6.0], scaling) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("missing", "fill"), [(Missing.MEDIAN, 2.0), (Missing.MEAN, 3.75), (Missing.MODE, 2.0), (Missing.KNN, 2.0)]
)
def test_each_way_to_fill_by_hand(missing, fill):
    values = prepared([1.0, 2.0, np.nan, 2.0, 10.0], Scaling.NONE, missing=missing)
    assert values[2] == pytest.approx(fill)


def test_a_weight_multiplies_the_scaled_column():
    assert prepared([2.0, 6.0], weight=2.0) == pytest.approx([-2, 2])


def test_the_log_counts_from_the_smallest_number_in_its_first_quartiles_unit():
    # Of what lies above 10, the first quartile is 2.
    values = prepared([10.0, 12, 16, 24, 40], Scaling.NONE, transform=Transform.LOG)
    assert values == pytest.approx(np.log1p([0, 1, 3, 7, 15]))


@pytest.mark.parametrize("transform", [Transform.LOG, Transform.YEO_JOHNSON])
@pytest.mark.parametrize("lower_tail", [False, True])
def test_another_unit_another_zero_and_a_doubled_file_change_nothing_that_is_transformed(transform, lower_tail):
    random = np.random.default_rng(0)
    spend = random.lognormal(3, 1, 301) - lower_tail * random.lognormal(3, 1, 301)
    before = prepared(spend, transform=transform)
    for other in (spend * 1000, spend / 700 + 40):
        assert prepared(other, transform=transform) == pytest.approx(before, abs=1e-6)
    assert prepared(np.tile(spend, 2), transform=transform)[:301] == pytest.approx(before, abs=1e-6)


def test_dates_count_the_days_before_the_latest():
    days = pd.to_datetime(["2024-01-31"] * 5 + ["2024-01-01", "2024-01-30"])
    assert prepared(days, Scaling.NONE, role=Role.DATE) == pytest.approx([0] * 5 + [30, 1])


def test_dates_of_few_customers_count_the_days_before_the_next_monday():
    # The 31st of January 2024 is a Wednesday: five days before a Monday.
    days = pd.to_datetime(["2024-01-31", "2024-01-01", "2024-01-30"])
    assert prepared(days, Scaling.NONE, role=Role.DATE) == pytest.approx([5, 35, 6])


def test_ordered_values_count_their_steps():
    steps = prepared(["low", "high", "medium"], Scaling.NONE, role=Role.ORDINAL, order=("low", "medium", "high"))
    assert steps == pytest.approx([0, 2, 1])


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30).filter(lambda values: np.ptp(values) > 1e-3),
    st.sampled_from(Scaling),
    st.sampled_from(Transform),
)
def test_prepared_numbers_go_back_to_the_users_units(values, scaling, transform):
    frame = pd.DataFrame({"spend": values})
    preparation = Preparation((FeatureSpec("spend", transform=transform, weight=3.0),), scaling).fit(frame)
    back = preparation.in_own_units(preparation.transform(frame))["spend"]
    np.testing.assert_allclose(back, values, rtol=1e-6, atol=1e-6)


def test_store_numbers_with_ten_digits_are_different_categories():
    stores = [1_000_446_431.0, 1_000_446_432.0] * 20
    frame = pd.DataFrame({"store": stores})
    X = Preparation((FeatureSpec("store", Role.CATEGORY),)).fit_transform(frame)
    assert len(np.unique(X, axis=0)) == 2


def test_neighbours_fill_from_the_nearest_group_by_hand():
    groups = NeighbourImputer(np.array([[0.0, 10.0], [5.0, 20.0]]))
    filled = groups.filled(np.array([[1.0, np.nan], [np.nan, np.nan]]), np.array([True, True]))
    weights = np.array([1 / (1 + 1e-9), 1 / (16 + 1e-9)])
    assert filled[0] == pytest.approx([1.0, (weights * [10, 20]).sum() / weights.sum()])
    assert filled[1] == pytest.approx([2.5, 15.0])


def test_only_the_columns_that_ask_are_filled():
    groups = NeighbourImputer(np.array([[0.0, 10.0], [5.0, 20.0]]))
    filled = groups.filled(np.array([[1.0, np.nan], [np.nan, 3.0]]), np.array([True, False]))
    assert np.isnan(filled[0, 1])
    assert not np.isnan(filled[1, 0])


@given(st.integers(0, 100), st.integers(1, 99))
def test_a_gap_is_filled_to_the_last_bit_the_same_alone_and_among_many(seed, cut):
    random = np.random.default_rng(seed)
    scaled = random.normal(size=(100, 5))
    scaled[random.random(scaled.shape) < 0.3] = np.nan
    neighbours = NeighbourImputer(random.normal(size=(20, 5)))
    asking = np.array([True, True, False, True, True])
    whole = neighbours.filled(scaled, asking)
    parts = [neighbours.filled(scaled[:cut], asking), neighbours.filled(scaled[cut:], asking)]
    np.testing.assert_array_equal(whole, np.vstack(parts))


def test_groups_of_neighbours_do_not_depend_on_the_order_of_the_rows_and_hide_single_customers():
    random = np.random.default_rng(0)
    scaled = random.normal(size=(300, 3))
    first, second = fit_neighbour_imputer(scaled), fit_neighbour_imputer(scaled[::-1])
    np.testing.assert_array_equal(first.groups, second.groups)
    assert len(first.groups) <= 300 // 20
    assert fit_neighbour_imputer(scaled[:15]) is None


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe((FeatureSpec("a"),)),
        Recipe(
            (
                FeatureSpec("ü", Role.ORDINAL, Missing.KNN, Transform.LOG, 2.5, ("low", "high")),
                FeatureSpec("b", Role.IGNORED),
            ),
            7,
            Scaling.ROBUST,
            settings=(("starts", 3),),
            seed=9,
        ),
    ],
)
def test_a_recipe_survives_json(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": [{"colour": 1}]}', "null", '{"features": 3}'])
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises(InvalidSettingError, match="This is not a recipe"):
        Recipe.from_json(text)


def test_a_table_of_words_alone_names_what_was_seen():
    dataset = read_frame(pd.DataFrame({"name": [f"Person {n}" for n in range(60)]}))
    sentence = r"No column with numbers or categories was found\. Seen: name \(personal data, 60 different values\)\."
    for step in (fit_segmentation, compare_k):
        with pytest.raises(SegmenterError, match=sentence):
            step(dataset, Recipe((FeatureSpec("name", Role.IGNORED),)))


@pytest.mark.parametrize(
    ("spend", "k_range", "sentence"),
    [
        ([1.0, 2, 3] * 5, range(4, 8), "Only 3 different rows, so at most 3 segments."),
        ([1.0, 2.0], range(2, 4), "You need at least 3 customers for 2 segments"),
        ([1.0] * 9, range(2, 4), "All rows are the same in the chosen columns"),
        ([1.0, 1e308, 3], range(2, 3), r"Row 2, spend = 1e\+308 is too large to use"),
        ([1.0, 2, 3, 4], range(1, 3), "from 2 on"),
        ([1.0, 2, 3, 4], range(0), "from 2 on"),
    ],
)
def test_comparing_says_what_it_cannot_compare(spend, k_range, sentence):
    dataset = read_frame(pd.DataFrame({"spend": spend}))
    with pytest.raises(SegmenterError, match=sentence):
        compare_k(dataset, Recipe((FeatureSpec("spend"),)), k_range)


def test_numbers_of_segments_beyond_the_different_rows_are_left_out_with_a_note():
    dataset = read_frame(pd.DataFrame({"spend": [1.0, 2, 3] * 5}))
    selection = compare_k(dataset, Recipe((FeatureSpec("spend"),)), range(2, 11))
    assert [score.k for score in selection.scores] == [2, 3]
    assert selection.notes[0].text == "Only 3 different rows, so at most 3 segments."


def test_more_segments_never_fit_worse(make_customers):
    dataset = read_frame(make_customers(120))
    scores = compare_k(dataset, Recipe((FeatureSpec("income"), FeatureSpec("spend")))).scores
    sums = [score.wcss for score in scores]
    assert sums == sorted(sums, reverse=True)
    assert all(0 < score.smallest_share <= 0.5 for score in scores)
