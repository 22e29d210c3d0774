"""Groups, classes found again, a useful cut, or nothing."""

import numpy as np

from benchmarks.families import CLEAR, MILD, planted, structureless
from segmenter.measures.decision import decide
from segmenter.measures.recurrence import Recurrence, found_again


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
