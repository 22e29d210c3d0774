import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.separation import calinski_harabasz, centres_of, davies_bouldin, within_sum_of_squares

SQUARE = np.array([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]])
TWO = np.array([0, 0, 1, 1])


@pytest.fixture(scope="module")
def iris():
    X = load_iris().data
    return X, fit_kmeans(X, 3, seed=0).labels


def random_solution(k, n=200, p=4, seed=0):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), random.integers(0, k, n - k)])
    return random.normal(size=(n, p)) + labels[:, None], labels


def test_the_sum_of_squares_is_taken_around_each_segments_mean():
    assert within_sum_of_squares(SQUARE, TWO) == pytest.approx(4.0)  # four customers, each 1 from its centre


def test_centres_are_means_and_sizes_are_counts():
    centres, sizes = centres_of(SQUARE, TWO)
    assert centres.tolist() == [[0.0, 1.0], [10.0, 1.0]]
    assert sizes.tolist() == [2, 2]


def test_calinski_harabasz_of_the_square_by_hand():
    # B = 4 · 5² = 100 over k − 1 = 1, W = 4 over n − k = 2
    assert calinski_harabasz(SQUARE, TWO) == pytest.approx(50.0)


def test_davies_bouldin_of_the_square_by_hand():
    assert davies_bouldin(SQUARE, TWO) == pytest.approx((1 + 1) / 10)


def test_iris_has_the_published_values(iris):
    assert calinski_harabasz(*iris) == pytest.approx(561.6278, abs=1e-4)
    assert davies_bouldin(*iris) == pytest.approx(0.661972, abs=1e-6)


@pytest.mark.parametrize("k", [2, 3, 7, 30])
def test_scores_agree_with_scikit_learn(k):
    X, labels = random_solution(k)
    assert calinski_harabasz(X, labels) == pytest.approx(calinski_harabasz_score(X, labels), rel=1e-9)
    assert davies_bouldin(X, labels) == pytest.approx(davies_bouldin_score(X, labels), rel=1e-9)


def test_a_segment_of_one_customer_is_scored_as_scikit_learn_does():
    X, labels = random_solution(3)
    labels[labels == 2] = 0
    labels[5] = 2
    assert davies_bouldin(X, labels) == pytest.approx(davies_bouldin_score(X, labels), rel=1e-9)
    assert calinski_harabasz(X, labels) == pytest.approx(calinski_harabasz_score(X, labels), rel=1e-9)


def test_numbers_of_segments_need_not_be_without_gaps():
    X, labels = random_solution(3)
    assert davies_bouldin(X, labels * 4) == davies_bouldin(X, labels)
    assert within_sum_of_squares(X, labels * 4) == within_sum_of_squares(X, labels)


def test_customers_that_all_lie_on_their_centre_score_one_as_scikit_learn_shows_it():
    X = np.array([[0.0], [0.0], [5.0], [5.0]])
    assert calinski_harabasz(X, TWO) == calinski_harabasz_score(X, TWO) == 1.0
    assert davies_bouldin(X, TWO) == davies_bouldin_score(X, TWO) == 0.0
