"""What is said of a segment's recurrence is what fresh samples show."""

import numpy as np
import pytest

from benchmarks.lights import fresh_recurrence, source
from segmenter.measures.recurrence import Recurrence, found_again, recurrence_of
from segmenter.segment.quality import Light, light_of, measure_recurrence, stability_of


def lights(X, labels, **method):
    return stability_of(labels, measure_recurrence(X, labels, **method).segments)


@pytest.fixture(scope="module")
def far_apart():
    random = np.random.default_rng(0)
    return np.repeat([[-50.0, 0.0], [50.0, 0.0]], 40, axis=0) + random.normal(size=(80, 2))


def test_the_number_behind_a_light_is_what_fresh_samples_of_the_same_source_show():
    shown, true = [], []
    for number in range(10):
        made = source(40_000 + number, rows=400, fresh=6)
        k = 2 + number % 4
        labels, found = fresh_recurrence(made, k)
        (cut,) = found_again(made.X, [k], labels={k: labels}, clouds=False)
        shown += [segment.jaccard for segment in cut.segments]
        true += found.mean(axis=0).tolist()
    assert abs(np.mean(shown) - np.mean(true)) < 0.05
    assert np.corrcoef(shown, true)[0, 1] > 0.8


def test_one_far_customer_is_a_segment_that_nobody_finds_again():
    X = np.random.default_rng(1).normal(size=(200, 2))
    X[0] = 30.0
    labels = (np.arange(200) == 0).astype(np.intp)
    assert lights(X, labels)[1].light is Light.RED


def test_what_is_found_for_one_number_does_not_depend_on_which_others_are_asked_for():
    X = np.random.default_rng(2).normal(size=(150, 3))
    assert found_again(X, [3], clouds=False)[0] == found_again(X, range(2, 5), clouds=False)[1]


def test_a_doubled_file_a_copied_column_and_another_order_change_nothing():
    X = np.random.default_rng(3).normal(size=(150, 3))
    expected = found_again(X, [3], clouds=False)
    assert found_again(np.repeat(X, 2, axis=0), [3], clouds=False) == expected
    assert found_again(np.column_stack([X, X[:, 0]]), [3], clouds=False) == expected
    assert found_again(X[np.random.default_rng(4).permutation(150)], [3], clouds=False) == expected


def test_rows_that_fit_no_segment_are_no_match_but_take_part():
    labels = np.array([0, 0, 0, 1, 1, -1])
    refits = [(np.arange(6), np.array([0, 0, 1, 1, -1, -1])), (np.arange(6), np.full(6, -1))]
    # First refit: {0, 1} shares 2 of 3 with the first segment, {2, 3} 1 of 3 with the second; the other: nothing.
    first, second = recurrence_of(labels, refits, 2)
    assert (first.jaccard, second.jaccard) == pytest.approx((2 / 3 / 2, 1 / 3 / 2))
    assert (first.found, second.found) == (0.0, 0.0)


def test_a_sample_without_a_segments_customers_says_nothing_of_it():
    refits = [(np.array([0, 1]), np.array([0, 0])), (np.array([0, 1, 2]), np.array([0, 0, 1]))]
    assert recurrence_of(np.array([0, 0, 1]), refits, 2) == (Recurrence(1.0, 1.0), Recurrence(1.0, 1.0))


@pytest.mark.parametrize(
    ("found", "size", "light"),
    [
        (0.9, 10, "green"),
        (1.0, 9, "amber"),
        (0.89, 500, "amber"),
        (0.4, 500, "amber"),
        (0.39, 500, "red"),
        (0.0, 3, "red"),
    ],
)
def test_a_light_says_how_often_a_segment_is_found_again(found, size, light):
    assert light_of(Recurrence(0.8, found), size) == light


@pytest.mark.parametrize("algorithm", ["k-means", "gaussian-mixture", "ward"])
def test_every_way_to_form_segments_is_judged_by_the_same_measure(far_apart, algorithm):
    labels = (far_apart[:, 0] > 0).astype(np.intp)
    found = lights(far_apart, labels, algorithm=algorithm)
    assert [(each.jaccard, each.found, each.light) for each in found] == [(1.0, 1.0, Light.GREEN)] * 2


def test_fewer_customers_than_can_be_divided_again_are_not_trusted():
    X = np.arange(6.0)[:, None]
    assert {each.light for each in lights(X, np.array([0, 0, 1, 1, 2, 2]))} == {Light.RED}
