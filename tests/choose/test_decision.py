"""The sentences claim no more than was found."""

from dataclasses import replace

import pytest

from segmenter.choose.k import KSelection, Verdict, reason_for
from segmenter.measures.borders import Border
from segmenter.measures.recurrence import Cut, Decision, Recurrence
from segmenter.ui.messages import structure_words

ALWAYS, SHAKY = Recurrence(0.95, 1.0), Recurrence(0.75, 0.6)


def decision(
    kind, recommended, *, cut=None, at_least=False, n_groups=1, followed=True, borders=(), segments=(ALWAYS,) * 3
):
    cuts = tuple(Cut(k, 0.9, segments[:k]) for k in (2, 3))
    return Decision(kind, recommended, cut, at_least, n_groups, followed, borders, cuts)


def test_separate_groups_are_counted():
    said = reason_for(decision("natural", 3, n_groups=3, borders=(Border((0, 1), 0.001, 0.9),)))
    assert "Between these groups there are few customers." in said
    assert "Each is found again nearly every time" in said


def test_a_shallow_valley_is_not_told_as_an_empty_one():
    said = reason_for(decision("natural", 3, n_groups=3, borders=(Border((0, 1), 0.001, 0.5),)))
    assert "there are fewer customers than inside them" in said


def test_more_groups_than_were_compared_are_at_least_so_many():
    assert "More numbers than those compared may show" in reason_for(decision("natural", 3, n_groups=5, at_least=True))
    assert KSelection((), verdict=Verdict.NATURAL, recommended=3, n_groups=5, at_least=True).headline == (
        "Your customers fall into at least 3 natural groups."
    )


def test_segments_whose_borders_move_are_named():
    said = reason_for(decision("natural", 3, n_groups=3, segments=(ALWAYS, SHAKY, SHAKY)))
    assert "Other samples move the borders of segment 2 and segment 3" in said


def test_a_cut_through_one_cloud_is_offered_as_what_it_is():
    said = reason_for(decision("none", 1, cut=3))
    assert said == (
        "A search for separate groups finds none. If you want tiers, a cut into 3 is found again nearly every time."
    )
    assert "found again" in reason_for(decision("none", 1))
    assert "tiers" not in reason_for(decision("none", 1))


@pytest.mark.parametrize(
    ("real", "words"),
    [
        ([], ""),
        ([(0, 2)], "Only between segments 1 and 3 "),
        ([(0, 1), (0, 2), (0, 3), (0, 4)], "On 4 of its 10 borders "),
    ],
)
def test_the_borders_that_are_real_are_told(real, words):
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    borders = tuple(Border(pair, 0.001 if pair in real else 0.5, 0.9) for pair in pairs)
    said = reason_for(decision("reproducible", 3, borders=borders))
    # What one sentence says, the next does not deny.
    assert ("no gaps between groups" in said) == (not real)
    assert "into 3 segments is found again nearly every time" in said
    assert words in said
    assert ("fewer customers than on either side" in said) == bool(real)


def test_gaps_that_no_division_follows_are_told_without_a_promise():
    said = reason_for(decision("constructed", 3, n_groups=3))
    assert "gaps between 3 groups" in said
    assert "expect it to move" in said


def test_groups_that_k_means_does_not_follow_are_said_to_be_others():
    for kind in ("natural", "constructed"):
        said = reason_for(decision(kind, 2, n_groups=2, followed=False))
        assert "K-Means does not draw its borders" in said
    found = KSelection((), recommended=2, n_groups=2, followed=False)
    for verdict in (Verdict.NATURAL, Verdict.CONSTRUCTED):
        # The page says what the command line does, and does not advise to keep them.
        line = structure_words(replace(found, verdict=verdict))[1]
        assert "K-Means cuts elsewhere" in line
        assert "Keep 2" not in line


def test_one_crowd_and_customers_who_differ_by_degrees_are_told_apart():
    """What one verdict's headline says, no other verdict's reason does."""
    crowd = KSelection((), verdict=Verdict.NONE, recommended=1, reason=reason_for(decision("none", 1, cut=2)))
    assert crowd.statement.startswith("Your customers are one crowd. ")
    assert "by degrees" not in crowd.statement


def test_a_division_with_a_doubtful_segment_is_not_promised_every_time():
    said = reason_for(decision("reproducible", 3, segments=(ALWAYS, ALWAYS, SHAKY)))
    assert "found again most times" in said
    assert "segment 3" in said


def test_fewer_groups_than_were_compared_are_named():
    assert "compare 2 segments, too" in reason_for(decision("reproducible", 3, n_groups=2))


@pytest.mark.parametrize(
    ("valley", "said"), [(0.75, "there are few customers."), (0.74, "there are fewer customers than inside")]
)
def test_a_border_is_called_nearly_empty_from_three_quarters_on(valley, said):
    assert said in reason_for(decision("natural", 3, n_groups=3, borders=(Border((0, 1), 0.001, valley),)))


def test_three_real_borders_are_listed_and_four_are_counted():
    pairs = [(0, 1), (0, 2), (1, 2), (0, 3)]
    full = Border((2, 3), 0.5, 0.0)
    three, four = ((*(Border(pair, 1e-9, 0.9) for pair in pairs[:n]), full) for n in (3, 4))
    listed = "Only between segments 1 and 2, 1 and 3 and 2 and 3 there are fewer customers"
    assert listed in reason_for(decision("reproducible", 3, cut=3, borders=three))
    assert "On 4 of its 5 borders" in reason_for(decision("reproducible", 3, cut=3, borders=four))
