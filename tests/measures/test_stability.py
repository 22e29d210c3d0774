"""Stability: the published values for iris, and cases whose answer is certain."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.stability import bootstrap_jaccard, global_stability, segment_level_stability
from segmenter.segment.quality import Light, k_means_rule, light_of, segment_stability


def rule(k):
    return lambda rows, seed: k_means_rule(rows, k, seed)


@pytest.fixture(scope="module")
def iris():
    X = load_iris().data - load_iris().data.mean(axis=0)
    return X, fit_kmeans(X, 3, seed=0).labels


@pytest.fixture(scope="module")
def far_apart():
    random = np.random.default_rng(0)
    return np.repeat([[-50.0, 0.0], [50.0, 0.0]], 40, axis=0) + random.normal(size=(80, 2))


def test_segments_of_iris_have_the_published_stability(iris):
    X, labels = iris
    found = sorted(segment_stability(X, labels, seed=0), key=lambda each: each.slsw)
    assert [each.slsw for each in found] == pytest.approx([0.948, 0.968, 1.0], abs=0.03)
    assert [each.jaccard for each in found] == pytest.approx([0.927, 0.943, 1.0], abs=0.04)


def test_segments_in_noise_do_not_come_back():
    X = np.random.default_rng(3).normal(size=(600, 4))
    found = bootstrap_jaccard(X, fit_kmeans(X, 4, seed=0).labels, rule(4), n_samples=60, seed=0)
    # Published for one draw of noise: .49 to .60.
    assert 0.35 < found.mean() < 0.75


def test_groups_far_apart_are_always_found_again(far_apart):
    labels = (far_apart[:, 0] > 0).astype(int)
    assert (global_stability(far_apart, rule(2), n_pairs=5, seed=0) == 1).all()
    assert (bootstrap_jaccard(far_apart, labels, rule(2), n_samples=5, seed=0) == 1).all()
    assert [each.light for each in segment_stability(far_apart, labels, seed=0)] == [Light.GREEN] * 2


@pytest.mark.parametrize(
    ("slsw", "jaccard", "light"),
    [(0.75, 0.75, "green"), (0.99, 0.74, "amber"), (0.60, 0.99, "amber"), (0.59, 0.99, "red")],
)
def test_the_lower_measure_sets_the_light(slsw, jaccard, light):
    assert light_of(slsw, jaccard) == light


def test_another_way_to_form_segments_is_judged_by_the_same_measure(far_apart):
    labels = (far_apart[:, 0] > 0).astype(int)

    def by_sign(rows, k, seed):
        return lambda X: (X[:, 0] > 0).astype(int)

    assert [each.slsw for each in segment_stability(far_apart, labels, seed=0, fit=by_sign)] == [1, 1]


def test_rows_that_fit_no_segment_are_no_match_but_take_part():
    X, labels = np.arange(6.0)[:, None], np.array([0, 0, 0, 1, 1, -1])
    rules = iter([np.array([0, 0, 1, 1, -1, -1]), np.array([-1] * 6)] * 2)

    def fit(rows, seed):
        found = next(rules)
        return lambda rows: found[rows[:, 0].astype(int)]

    # First solution: {0, 1} shares 2 of 3 with the first segment, {2, 3} 1 of 3 with the second; the other: nothing.
    values = segment_level_stability(X, labels, fit, n_pairs=2, seed=0)
    np.testing.assert_allclose(values, [[(2 / 3 + 0) / 2, (1 / 3 + 0) / 2]] * 2)
    fits_nowhere = bootstrap_jaccard(X, labels, lambda rows, seed: lambda X: np.full(len(X), -1), n_samples=3, seed=0)
    assert np.nanmax(fits_nowhere) == 0  # not a number where a sample lacks the segment
