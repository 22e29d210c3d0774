"""Groups, classes found again, a useful cut, or nothing."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from benchmarks.families import CLEAR, MILD, Drawn, planted, prepared, structureless
from segmenter.measures import recurrence as decision_module
from segmenter.measures.borders import Groups
from segmenter.measures.recurrence import Cut, Recurrence, decide, found_again, tighter_than_clouds


def test_groups_with_borders_are_natural():
    made = planted("log-normal, as logs", 2, CLEAR)
    decision = decide(made.X)
    assert (decision.kind, decision.recommended, decision.cut) == ("natural", made.k, made.k)
    assert len(decision.borders) == made.k * (made.k - 1) // 2


def test_classes_of_answers_without_a_gap_are_reproducible():
    made = planted("flags", 0, MILD)
    decision = decide(made.X)
    assert (decision.kind, decision.recommended, decision.cut) == ("reproducible", made.k, made.k)
    assert decision.borders == ()


def test_a_category_that_says_nothing_makes_no_further_classes_of_groups():
    # Segments of one group that differ in a category alone are found again every time, and in a cloud as often.
    random = np.random.default_rng(2)
    group = random.integers(0, 3, 900)
    numbers = np.array([[0.0, 0.0], [5.5, 0.0], [0.0, 5.5]])[group] + random.normal(size=(900, 2))
    related = np.where(random.random(900) < 0.8, group, random.integers(0, 3, 900))
    codes = np.column_stack([related, random.integers(0, 3, 900)])
    made = prepared("two categories", Drawn(np.column_stack([numbers, codes]), (2, 3)), 3)
    decision = decide(made.X, categories=made.categories)
    assert (decision.kind, decision.recommended) == ("natural", 3)


def test_one_cloud_is_none_and_a_stable_cut_through_it_is_still_offered():
    random = np.random.default_rng(0)
    long = random.normal(size=(800, 2)) * [1.0, 0.2] @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    decision = decide(long)
    assert (decision.kind, decision.recommended) == ("none", 1)
    assert decision.cut is not None
    assert decide(random.normal(size=(400, 8))).cut is None


def test_neither_the_order_of_the_rows_nor_a_second_call_changes_the_answer():
    X = structureless("blocks", 4).X
    shuffled = X[np.random.default_rng(1).permutation(len(X))]
    assert decide(X) == decide(shuffled) == decide(X)


def test_far_groups_are_found_again_always_and_noise_is_not():
    random = np.random.default_rng(3)
    far = np.repeat([[-50.0, 0.0], [50.0, 0.0]], 60, axis=0) + random.normal(size=(120, 2))
    (two,) = found_again(far, [2])
    assert (two.agreement, two.segments) == (1.0, (Recurrence(1.0, 1.0), Recurrence(1.0, 1.0)))
    (noise,) = found_again(random.normal(size=(600, 6)), [4])
    assert noise.agreement < 0.5
    assert not any(segment.reliable for segment in noise.segments)


def test_more_segments_than_different_rows_are_not_measured():
    assert [cut.k for cut in found_again(np.repeat([[0.0], [1.0], [2.0]], 20, axis=0), range(2, 6))] == [2, 3]


def test_a_flag_that_a_handful_of_customers_have_raises_no_warning():
    random = np.random.default_rng(7)
    rare = np.zeros(300)
    rare[:2] = 12.0
    X = np.column_stack([np.repeat([-5.0, 5.0], 150) + random.normal(size=300), random.normal(size=300), rare])
    (two,) = found_again(X, [2])
    assert two.agreement > 0.9


def decided(monkeypatch, groups, *cuts, labels=None):
    """Decide by groups and cuts that are given in place of measured ones."""
    monkeypatch.setattr(decision_module, "find_groups", lambda *_, **__: groups)
    monkeypatch.setattr(decision_module, "found_again", lambda *_, **__: cuts)
    monkeypatch.setattr(decision_module, "borders_between", lambda *_, **__: ())
    return decide(np.zeros((10, 1)), [cut.k for cut in cuts], labels=labels)


def classes(k, *found):
    """A cut that is found again far more often than one through a cloud."""
    return Cut(k, 0.98, tuple(Recurrence(0.9, each) for each in found), cloud=0.5, usual_cloud=0.4)


def test_a_class_is_plain_from_eight_tenths_of_the_samples_on(monkeypatch):
    two = classes(2, 0.99, 0.99)
    assert decided(monkeypatch, Groups(1), two, classes(3, 0.99, 0.9, 0.8)).recommended == 3
    assert decided(monkeypatch, Groups(1), two, classes(3, 0.99, 0.9, 0.79)).recommended == 2


def test_as_many_groups_as_were_compared_are_not_at_least_so_many(monkeypatch):
    cuts = classes(2, 0.9, 0.9), classes(3, 0.9, 0.9, 0.9)
    as_many, more = (decided(monkeypatch, Groups(k), *cuts) for k in (3, 4))
    assert (as_many.kind, as_many.recommended, as_many.at_least) == ("natural", 3, False)
    assert (more.recommended, more.n_groups, more.at_least) == (3, 4, True)


@pytest.mark.parametrize(("n_both", "followed"), [(6, True), (7, False)])
def test_groups_are_followed_where_a_segment_shares_half_of_both(monkeypatch, n_both, followed):
    # Group 0 has three rows, all in a segment of so many: 3/6 is half, 3/7 is less.
    groups = Groups(2, rows=np.arange(20), labels=np.repeat([0, 1], [3, 17]))
    shown = np.repeat([0, 1], [n_both, 20 - n_both])
    assert decided(monkeypatch, groups, classes(2, 0.9, 0.9), labels={2: shown}).followed is followed


def test_classes_of_which_one_is_hardly_found_again_are_none(monkeypatch):
    assert decided(monkeypatch, Groups(1), classes(2, 0.7, 0.65)).kind == "reproducible"
    assert decided(monkeypatch, Groups(1), classes(2, 0.99, 0.64)).kind == "none"


def test_classes_of_few_customers_are_told_by_how_tight_they_are():
    random = np.random.default_rng(7)
    noise = random.normal(size=(100, 8))
    X = 1.6 * random.normal(size=(4, 8))[np.arange(100) % 4] + noise
    cuts = [Cut(k, 0.7, (Recurrence(0.8, 0.6),) * k) for k in range(2, 8)]
    assert tighter_than_clouds(X, cuts) == 4
    assert tighter_than_clouds(noise, cuts) is None
    # What is not found again in half of the samples is no class.
    hardly = [Cut(k, 0.7, (Recurrence(0.8, 0.4),) * k) for k in range(2, 8)]
    assert tighter_than_clouds(X, hardly) is None


def test_cuts_that_always_agree_must_do_so_plainly_more_often_than_clouds():
    found = tuple(Recurrence(0.9, each) for each in (0.9, 0.9))
    assert Cut(2, 0.98, found, cloud=0.94).beyond_one_cloud
    assert not Cut(2, 0.96, found, cloud=0.91).beyond_one_cloud


def test_three_vineyards_are_three_classes_though_two_of_them_touch():
    # scikit-learn's wine: the segments of two groups are found again in half of the samples, those of three always.
    X = load_wine().data
    found = decide((X - X.mean(axis=0)) / X.std(axis=0), range(2, 6))
    assert (found.kind, found.recommended) == ("reproducible", 3)


def test_of_ten_groups_each_is_found_again():
    random = np.random.default_rng(8)
    X = random.uniform(0, 20, (10, 10))[np.arange(600) % 10] + random.normal(size=(600, 10))
    (ten,) = found_again(X, [10], clouds=False)
    assert ten.reliable
    assert ten.agreement > 0.95
