"""K-medoids and K-medians against every possibility, and against a few very large values."""

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmedoids import best_medoids


@pytest.fixture
def few():
    return np.random.default_rng(3).normal(size=(24, 2))


def total(X, centres, metric):
    return cdist(X, centres, metric).min(axis=1).sum()


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_the_medoids_are_the_best_of_all_threes_of_customers(few, metric):
    best = min(total(few, few[list(three)], metric) for three in combinations(range(len(few)), 3))
    found = few[best_medoids(few, 3, seed=1, n_starts=20, metric=metric)]
    assert total(few, found, metric) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
def test_the_segments_are_those_around_the_medoids_but_for_a_few_near_a_border(distance):
    X = make_blobs(600, centers=5, n_features=3, cluster_std=2.0, random_state=7)[0]
    metric = {"euclidean": "euclidean", "manhattan": "cityblock"}[distance]
    around = cdist(X, X[best_medoids(X, 5, seed=1, n_starts=20, metric=metric)], metric).argmin(axis=1)
    labels = SegmentClusterer("k-medoids", 5, settings={"distance": distance}).fit(X).labels_
    assert adjusted_rand_score(around, labels) > 0.85


def test_the_medians_are_nearly_those_of_the_best_of_all_ways_to_cut_a_line_in_three():
    values = np.sort(np.random.default_rng(4).gamma(2, size=40))
    best = min(
        sum(np.abs(part - np.median(part)).sum() for part in np.split(values, cut) if len(part))
        for cut in combinations(range(1, 40), 2)
    )
    model = SegmentClusterer("k-medians", 3, settings={"starts": 50}).fit(values[:, None])
    found = sum(
        np.abs(values[model.labels_ == label] - np.median(values[model.labels_ == label])).sum() for label in range(3)
    )
    assert best * (1 - 1e-9) <= found <= best * 1.005


def plain_kmedians(X, k, draw):
    centres, before = X[draw.choice(len(X), k, replace=False)], None
    while True:
        labels = cdist(X, centres, "cityblock").argmin(axis=1)
        if before is not None and (labels == before).all():
            return total(X, centres, "cityblock")
        centres = np.array([np.median(X[labels == n], axis=0) if (labels == n).any() else centres[n] for n in range(k)])
        before = labels


@pytest.mark.parametrize("kind", ["answers from 1 to 5", "a few very large values", "eight groups"])
def test_the_medians_are_as_good_as_those_of_the_best_of_many_plain_starts(kind):
    draw = np.random.default_rng(5)
    X = {
        "answers from 1 to 5": lambda: draw.integers(1, 6, size=(400, 4)).astype(float),
        "a few very large values": lambda: draw.standard_t(1.5, size=(500, 4)),
        "eight groups": lambda: make_blobs(600, centers=8, n_features=4, random_state=3)[0],
    }[kind]()
    best = min(plain_kmedians(X, 8, draw) for _ in range(100))
    model = SegmentClusterer("k-medians", 8).fit(X)
    medians = np.array([np.median(X[model.labels_ == label], axis=0) for label in range(8)])
    assert total(X, medians, "cityblock") <= 1.001 * best


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_no_number_of_starts_has_to_be_given_for_the_best_medoids_of_a_small_file(metric):
    X = np.random.default_rng(8).integers(1, 6, size=(60, 3)).astype(float)
    best = min(total(X, X[list(three)], metric) for three in combinations(range(len(X)), 3))
    assert total(X, X[best_medoids(X, 3, seed=0, n_starts=0, metric=metric)], metric) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("algorithm", ["k-medoids", "k-medians"])
def test_a_few_very_large_values_take_no_segment_for_themselves(algorithm):
    draw = np.random.default_rng(5)
    group = np.repeat([0, 1, 2], 60)
    X = np.array([[0, 0], [6, 0], [0, 6]])[group] + draw.normal(size=(180, 2)) * 0.5
    X[:2] = [[40, 0], [0, 45]]
    labels = SegmentClusterer(algorithm, 3).fit(X).labels_
    assert adjusted_rand_score(group[2:], labels[2:]) == 1
    assert adjusted_rand_score(group[2:], SegmentClusterer("k-means", 3).fit(X).labels_[2:]) < 0.7
