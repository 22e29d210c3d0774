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


@pytest.mark.parametrize("algorithm", ["k-medoids", "k-medians"])
def test_a_few_very_large_values_take_no_segment_for_themselves(algorithm):
    draw = np.random.default_rng(5)
    group = np.repeat([0, 1, 2], 60)
    X = np.array([[0, 0], [6, 0], [0, 6]])[group] + draw.normal(size=(180, 2)) * 0.5
    X[:2] = [[40, 0], [0, 45]]
    labels = SegmentClusterer(algorithm, 3).fit(X).labels_
    assert adjusted_rand_score(group[2:], labels[2:]) == 1
    assert adjusted_rand_score(group[2:], SegmentClusterer("k-means", 3).fit(X).labels_[2:]) < 0.7
