"""Power before sending: the published table to the last digit, and advice that can be acted on."""

import pytest

from segmenter.activate.control import plan_test, sample_size, smallest_lift
from segmenter.errors.base import PowerError

# Two-sided .05, power .80, pooled variance; rate, lift, each arm of an even split, contacted and control with 10 % out.
TABLE = [
    (0.03, 0.2, 13_914, 71_438, 7_938),
    (0.02, 0.1, 80_682, 409_284, 45_476),
    (0.05, 0.2, 8_158, 41_855, 4_651),
    (0.10, 0.1, 14_751, 74_718, 8_302),
    (0.01, 0.5, 7_750, 40_979, 4_554),
]


@pytest.mark.parametrize(("rate", "lift", "each", "contacted", "control"), TABLE)
def test_the_published_table_is_met_to_the_last_digit(rate, lift, each, contacted, control):
    even = sample_size(rate, lift)
    assert (even.contacted, even.control) == (each, each)
    ten = sample_size(rate, lift, 0.1)
    assert (ten.contacted, ten.control) == (contacted, control)


@pytest.mark.parametrize(("size", "lift"), [(578, 385), (2_000, 167), (10_000, 62)])
def test_the_smallest_lift_of_a_segment_is_the_published_one(size, lift):
    assert round(100 * smallest_lift(0.03, size * 0.9, size * 0.1)) == lift


@pytest.mark.parametrize("hold_out", [0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("rate", [0.001, 0.03, 0.5, 0.9])
def test_what_is_needed_and_what_is_seen_are_one_formula(rate, hold_out):
    lift = 0.5 * (1 - rate) / rate if rate > 0.5 else 0.3
    size = sample_size(rate, lift, hold_out)
    assert smallest_lift(rate, size.contacted, size.control) <= lift
    assert smallest_lift(rate, size.contacted * 0.98, size.control * 0.98) > lift


def test_a_fall_can_be_planned_for_too():
    assert sample_size(0.1, -0.2).control == pytest.approx(sample_size(0.08, 0.25).control, abs=1)


@pytest.mark.parametrize(
    ("rate", "lift", "hold_out", "said"),
    [
        (0.0, 0.2, 0.1, "leaves nothing to measure"),
        (1.0, 0.2, 0.1, "leaves nothing to measure"),
        (0.6, 0.8, 0.1, "which no rate can be"),
        (0.03, 0.0, 0.1, "can't be shown"),
        (0.03, 0.2, 0.0, "one group has nobody"),
        (0.03, 0.2, 1.0, "one group has nobody"),
        (float("nan"), 0.2, 0.1, "leaves nothing to measure"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(rate, lift, hold_out, said):
    with pytest.raises(PowerError, match=said):
        sample_size(rate, lift, hold_out)


def test_arms_of_a_handful_see_nothing_at_all():
    assert smallest_lift(0.5, 2, 1) is None
    with pytest.raises(PowerError, match="both groups"):
        smallest_lift(0.5, 10, 0)


def test_small_segments_are_to_be_measured_together():
    sizes = {"Segment 1": 90_000, "Segment 4": 40_000, "Segment 6": 30_000, "Segment 7": 20_000}
    plan = plan_test(sizes, 0.03, 0.2, 0.1)
    assert [each.enough for each in plan.segments] == [True, False, False, False]
    assert plan.together == (("Segment 4", "Segment 6", "Segment 7"),)
    assert (
        "Segment 4, Segment 6 and Segment 7 are too small to measure alone; measure these three together"
        in (plan.sentences[1])
    )


def test_what_is_too_small_even_together_is_said_with_the_smallest_lift_and_what_helps():
    plan = plan_test({"A": 578, "B": 1_422}, 0.03, 0.2, 0.1)
    assert plan.hopeless == ("A", "B")
    assert "too small even together" in plan.sentences[0]
    assert "+167 %" in plan.sentences[0]
    half = plan_test({"A": 40_000}, 0.03, 0.2, 0.1)
    assert "Hold out half" in half.sentences[0]


def test_a_segment_with_nobody_is_said_not_divided_by():
    plan = plan_test({"A": 100_000, "B": 0}, 0.03, 0.2, 0.1)
    assert plan.hopeless == ("B",)
    assert plan.segments[1].smallest is None


def test_a_segment_is_large_enough_from_the_published_number_on():
    # Of the table above: 71,438 and 7,938 customers.
    enough, small = (plan_test({"A": size}, 0.03, 0.2, 0.1).segments[0].enough for size in (79_376, 79_375))
    assert (enough, small) == (True, False)


def test_figures_are_rough_below_five_expected_responses():
    # 5 % of a tenth of 1,000 customers are five.
    rough = [plan_test({"A": size}, 0.05, 0.2, 0.1).segments[0].rough for size in (1_000, 999)]
    assert rough == [False, True]


def test_holding_out_half_is_advised_from_the_number_that_it_takes_on():
    # Of the table above: twice 8,158 customers in an even split.
    assert "Hold out half of them, which takes 16,316" in plan_test({"A": 16_316}, 0.05, 0.2, 0.1).sentences[0]
    assert "Hold out half" not in plan_test({"A": 16_315}, 0.05, 0.2, 0.1).sentences[0]
