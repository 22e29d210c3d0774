"""What makes each segment different, in the user's own units."""

import pandas as pd
import pytest

from segmenter.errors.forming import InvalidSettingError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.recipe.recipe import FeatureSpec, Recipe
from segmenter.segment.profile import SegmentProfile, profile_segments, rank_values_by_difference, summary_table
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame


@pytest.fixture(scope="module")
def two_segments():
    frame = pd.DataFrame(
        {
            "spend": [10.0, 10.0, 10.0, 40.0, 40.0, 40.0, 40.0],
            "profit": [-1.0, -2.0, -3.0, 4.0, 5.0, 6.0, 7.0],
            "city": ["Oslo", "Oslo", "Rome", "Rome", "Rome", "Rome", None],
        }
    )
    dataset = read_frame(frame)
    return dataset, fit_segmentation(dataset, Recipe((FeatureSpec("spend"),), n_segments=2))


@pytest.fixture(scope="module")
def profiles(two_segments):
    return profile_segments(*two_segments)


def test_the_largest_segment_comes_first(profiles):
    assert [(each.segment, each.name, each.size) for each in profiles] == [(1, "Segment 1", 4), (2, "Segment 2", 3)]
    assert profiles[0].share == pytest.approx(4 / 7)


def test_means_and_medians_are_in_the_users_units(profiles):
    assert profiles[0].means == {"spend": 40.0, "profit": 5.5}
    assert profiles[1].medians == {"spend": 10.0, "profit": -2.0}


def test_the_index_is_a_hundred_times_the_ratio_to_all_customers(profiles):
    overall = (3 * 10 + 4 * 40) / 7
    assert profiles[0].index["spend"] == pytest.approx(100 * 40 / overall)


def test_a_column_that_crosses_zero_has_no_index(profiles):
    assert all("profit" not in each.index for each in profiles)


def test_shares_of_values_are_among_those_who_have_one(profiles):
    assert profiles[0].shares["city"] == {"Oslo": 0.0, "Rome": 1.0}
    assert profiles[1].shares["city"] == pytest.approx({"Oslo": 2 / 3, "Rome": 1 / 3})


def test_a_value_that_nobody_in_the_segment_has_is_nought_and_not_unknown(profiles):
    assert summary_table(profiles)["city: Oslo (share)"].tolist() == pytest.approx([0.0, 2 / 3])


def test_the_index_of_a_value_is_its_share_against_all_customers_in_segments(profiles):
    # Rome: 4 of the 6 known cities, all 3 of the first segment and 1 of 3 in the second.
    assert profiles[0].share_index["city"] == pytest.approx({"Oslo": 0.0, "Rome": 150.0})
    assert profiles[1].share_index["city"] == pytest.approx({"Oslo": 200.0, "Rome": 50.0})
    assert rank_values_by_difference(profiles, 12) == (("city", "Oslo"), ("city", "Rome"))
    assert len(rank_values_by_difference(profiles, 1)) == 1


def test_a_value_that_only_a_handful_have_sets_no_segment_apart():
    # Two of 100 customers, both in the first segment, would read as "+100 %".
    first, second = (
        SegmentProfile(number, "", 50, 0.5, {}, {}, {}, shares={"status": {"alone": alone, "single": single}})
        for number, alone, single in ((1, 0.04, 0.6), (2, 0.0, 0.2))
    )
    assert rank_values_by_difference((first, second), 12) == (("status", "single"),)


def test_the_summary_has_one_row_a_segment(profiles):
    table = summary_table(profiles)
    assert table["size"].tolist() == [4, 3]
    assert table["spend (mean)"].tolist() == [40.0, 10.0]
    assert table["segment_name"].tolist() == ["Segment 1", "Segment 2"]


def test_a_loaded_model_is_told_to_place_customers_first(two_segments):
    dataset, segmentation = two_segments
    with pytest.raises(InvalidSettingError, match="Place its customers with assign_segments first"):
        profile_segments(dataset, from_bytes(to_bytes(segmentation)))
