"""Who is asked for: segments, rules, the most typical, joined and left."""

import numpy as np
import pandas as pd
import pytest

from segmenter import FeatureSpec, Recipe, Result, Role, fit_segmentation
from segmenter.activate.selection import (
    Segments,
    everybody,
    found_by,
    most_typical,
    moved,
    narrowed,
    segments_in_file,
    segments_of_result,
)
from segmenter.errors.forming import AudienceError, UnknownColumnError
from segmenter.table.columns import read_frame

FILE = read_frame(
    pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "spend": [10.0, 200.0, 30.0, None],
            "city": ["Wien", "Graz", "wien", None],
            "since": ["2024-01-05", "2023-05-01", "2024-02-01", "2022-01-01"],
            "segment": ["2", "1", "2", None],
            "segment_name": ["Small spenders", "Big spenders", "Small spenders", "fits no segment"],
        }
    )
)


def test_segments_are_read_from_a_labelled_file():
    segments = segments_in_file(FILE)
    assert segments.titles() == ("1 Big spenders", "2 Small spenders")
    assert segments.labels.tolist() == [1, 0, 1, -1]
    assert [each.rows.sum() for each in segments.audiences()] == [1, 2]


@pytest.mark.parametrize("word", ["2", "Small spenders", "small  SPENDERS", "2 Small spenders"])
def test_a_segment_is_named_by_number_or_name(word):
    [audience] = segments_in_file(FILE).audiences([word])
    assert audience.name == "2 Small spenders"
    assert audience.rows.tolist() == [True, False, True, False]


def test_what_is_no_segment_is_said_with_those_there_are():
    with pytest.raises(AudienceError, match=r"no segment '7'. There are: 1 Big spenders, 2 Small spenders"):
        segments_in_file(FILE).audiences(["7"])
    with pytest.raises(UnknownColumnError):
        segments_in_file(FILE, "cluster")
    assert segments_in_file(read_frame(pd.DataFrame({"n": [1, 2]}))) is None


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("spend >= 30", "bc"),
        ("spend<30", "a"),
        ("spend != 10", "bc"),
        ("city = WIEN", "ac"),
        ("city != Wien", "b"),
        ("since >= 2024-01-01", "ac"),
        ("customer_id == 'd'", "d"),
        ("Spend = 200", "b"),
    ],
)
def test_a_rule_finds_customers_and_an_empty_cell_meets_none(rule, found):
    assert "".join(FILE.original["customer_id"][found_by(FILE, [rule])]) == found


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("spent > 5", "names no column"),
        ("spend", "names no column"),
        ("city > Wien", "no order"),
        ("since > May", "2026-03-31"),
        ("spend > much", "compare them with one"),
    ],
)
def test_a_rule_that_cannot_be_followed_says_why(rule, why):
    with pytest.raises(AudienceError, match=why):
        found_by(FILE, [rule])


def test_rules_narrow_segments():
    [audience] = narrowed(segments_in_file(FILE).audiences(["2"]), found_by(FILE, ["spend > 20", "city = wien"]))
    assert audience.rows.tolist() == [False, False, True, False]


def test_the_most_typical_are_the_nearest_to_the_centre():
    rng = np.random.default_rng(1)
    values = np.r_[rng.normal(0, 1, 50), rng.normal(20, 1, 30)]
    customers = read_frame(pd.DataFrame({"x": values, "y": values + rng.normal(0, 0.1, 80)}))
    recipe = Recipe((FeatureSpec("x", Role.NUMBER), FeatureSpec("y", Role.NUMBER)), 2)
    segments = segments_of_result(Result(customers, fit_segmentation(customers, recipe)))
    scaled = (customers.frame - customers.frame.mean()) / customers.frame.std(ddof=0)
    for place, audience in enumerate(most_typical(segments.audiences(), segments, 5)):
        there = scaled[segments.labels == place]
        distance = ((there - there.mean()) ** 2).sum(axis=1)
        assert set(np.flatnonzero(audience.rows)) == set(distance.nsmallest(5).index)
    assert most_typical(segments.audiences(), segments, 1_000)[0].rows.sum() == 50
    with pytest.raises(AudienceError, match="at least one"):
        most_typical(segments.audiences(), segments, 0)
    with pytest.raises(AudienceError, match="Give the model"):
        most_typical(segments_in_file(FILE).audiences(), segments_in_file(FILE), 5)


def test_who_has_joined_and_who_has_left_since_last_time():
    before = read_frame(pd.DataFrame({"customer_id": ["a", "b", "e"], "segment": ["1", "1", "1"]}), "before.csv")
    segments = segments_in_file(FILE)
    joined = moved(FILE, segments, ["2"], before, joined=True)
    assert joined.audiences[0].name == "2 Small spenders (joined)"
    assert joined.audiences[0].rows.tolist() == [True, False, True, False]
    left = moved(FILE, segments, ["1"], before, joined=False)
    assert left.audiences[0].rows.tolist() == [True, False, False, False]
    assert left.n_gone == 1
    shouted = read_frame(pd.DataFrame({"customer_id": ["A ", "B", "E"], "segment": ["1", "1", "1"]}), "before.csv")
    assert moved(FILE, segments, ["2"], shouted, joined=True).audiences[0].rows.tolist() == [True, False, True, False]
    with pytest.raises(AudienceError, match="no column called segment"):
        moved(FILE, segments, [], read_frame(pd.DataFrame({"customer_id": ["a", "b"]})), joined=True)
    with pytest.raises(AudienceError, match="Call them customer_id"):
        moved(FILE, segments, [], read_frame(pd.DataFrame({"segment": ["1", "2"]}), "x.csv"), joined=True)


def test_without_segments_everybody_is_one_audience():
    [audience] = everybody(FILE).audiences()
    assert audience.name == "all customers"
    assert audience.rows.all()
    assert Segments(np.array([0]), ("1",), ("Segment 1",)).titles() == ("Segment 1",)
    # A number inside another one is not the segment's.
    names = ("Mid-range (spending 296)", "9 to 6 shoppers", "VIP", "7 days a week", "A")
    titles = Segments(np.array([0]), ("6", "2", "vip", "7", "a"), names).titles()
    assert titles == ("6 Mid-range (spending 296)", "2 9 to 6 shoppers", "VIP", "7 days a week", "A")
