"""K-Means' relatives: beside scikit-learn's own answers and hand computations."""

import numpy as np
import pytest
from sklearn.cluster import BisectingKMeans, KMeans
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster.assigners import BisectingTree
from segmenter.cluster.estimator import SegmentClusterer


@pytest.fixture(scope="module")
def clouds():
    random = np.random.default_rng(0)
    return np.vstack(
        [random.normal(middle, 1, size=(400, 3)) for middle in ((0, 0, 0), (6, 0, 0), (0, 6, 0), (6, 6, 3))]
    )


def wcss(X, labels):
    return sum(((X[labels == each] - X[labels == each].mean(axis=0)) ** 2).sum() for each in np.unique(labels))


def test_mini_batches_come_within_a_hundredth_of_k_means(clouds):
    whole = KMeans(4, n_init=10, random_state=1).fit(clouds)
    labels = SegmentClusterer("mini-batch", 4).fit(clouds).labels_
    assert wcss(clouds, labels) <= 1.01 * whole.inertia_
    assert adjusted_rand_score(whole.labels_, labels) > 0.98


def test_mini_batch_centres_that_nobody_is_near_are_dropped():
    # Only two rows differ from the many; ten centres cannot all be somebody's.
    X = np.vstack([np.zeros((500, 1)), np.arange(1.0, 10.0)[:, None]])
    model = SegmentClusterer("mini-batch", 10, settings={"batch": 100, "starts": 1}).fit(X)
    assert set(model.predict(X)) == set(range(len(model.placement_.centres)))


def test_splits_of_six_customers_are_those_computed_by_hand():
    # 0, 1, 10, 11 | 100, 101 leaves least; then the left side, with the larger sum of squares, splits.
    X = np.array([[0.0], [1.0], [10.0], [11.0], [100.0], [101.0]])
    model = SegmentClusterer("bisecting", 3).fit(X)
    assert sorted(map(sorted, (X[model.labels_ == each, 0].tolist() for each in range(3)))) == [
        [0, 1],
        [10, 11],
        [100, 101],
    ]
    # The nearest last centre of 55 is 10.5, and so is its side of the first split: 5.5 and 100.5 meet at 53.
    assert model.predict(np.array([[52.0], [54.0]])).tolist() == [model.labels_[2], model.labels_[4]]


def test_customers_are_placed_as_scikit_learn_places_them(clouds):
    theirs = BisectingKMeans(7, n_init=3, random_state=5).fit(clouds)
    rule = BisectingTree.of(theirs)
    strangers = np.random.default_rng(1).uniform(-5, 12, size=(3_000, 3))
    np.testing.assert_array_equal(rule.place(strangers), theirs.predict(strangers))
    np.testing.assert_array_equal(rule.place(clouds), theirs.labels_)


def test_a_nested_rule_differs_from_the_nearest_of_its_last_centres(clouds):
    rule = BisectingTree.of(BisectingKMeans(7, n_init=3, random_state=5).fit(clouds))
    last = rule.centres[rule.leads_to < 0]
    segments = -1 - rule.leads_to[rule.leads_to < 0]
    strangers = np.random.default_rng(1).uniform(-5, 12, size=(3_000, 3))
    nearest = segments[np.linalg.norm(strangers[:, None] - last, axis=2).argmin(axis=1)]
    assert 0 < (nearest != rule.place(strangers)).mean() < 0.2


def test_distances_are_to_the_segments_own_centre_and_new_numbers_change_only_numbers(clouds):
    rule = BisectingTree.of(BisectingKMeans(4, random_state=0).fit(clouds))
    labels = rule.place(clouds)
    middles = np.array([clouds[labels == each].mean(axis=0) for each in range(4)])
    np.testing.assert_allclose(rule.distances(clouds), np.linalg.norm(clouds - middles[labels], axis=1), rtol=1e-6)
    turned = rule.reordered(np.array([2, 0, 3, 1]))
    np.testing.assert_array_equal(np.array([2, 0, 3, 1])[turned.place(clouds)], labels)
