import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import silhouette_samples as reference_samples
from sklearn.metrics import silhouette_score

from segmenter import config
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.separation import measure_silhouette, measure_silhouettes, silhouette_samples


def test_the_silhouette_of_four_customers_on_a_line_by_hand():
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    # the first: a = 1, b = (10 + 11) / 2 = 10.5; the second: a = 1, b = (9 + 10) / 2 = 9.5
    expected = [1 - 1 / 10.5, 1 - 1 / 9.5, 1 - 1 / 9.5, 1 - 1 / 10.5]
    assert silhouette_samples(X, [np.array([0, 0, 1, 1])])[0] == pytest.approx(expected)


def test_iris_has_the_published_value():
    X = load_iris().data
    width = measure_silhouette(X, fit_kmeans(X, 3, seed=0).labels)
    assert width.mean == pytest.approx(0.552819, abs=1e-6)
    assert width.standard_error == 0
    assert width.n_rows == 150


@given(seed=st.integers(0, 1000), k=st.integers(2, 8), n=st.integers(20, 120))
def test_every_customers_silhouette_agrees_with_scikit_learn(seed, k, n):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3)) + 1000  # far from the origin, where squared distances cancel
    labels = np.concatenate([np.arange(k), random.integers(0, k, n - k)])
    assert silhouette_samples(X, [labels])[0] == pytest.approx(reference_samples(X, labels), abs=1e-6)


def test_a_customer_that_is_alone_has_silhouette_zero():
    X = np.array([[0.0], [1.0], [50.0]])
    labels = np.array([0, 0, 1])
    assert silhouette_samples(X, [labels])[0][2] == 0
    assert measure_silhouette(X, labels).mean == pytest.approx(silhouette_score(X, labels))


def test_equal_customers_in_two_segments_have_silhouette_zero_not_nan():
    assert silhouette_samples(np.zeros((4, 2)), [np.array([0, 0, 1, 1])])[0].tolist() == [0, 0, 0, 0]


def test_several_solutions_at_once_give_what_each_gives_alone():
    X, labels = make_blobs(300, centers=4, random_state=0)
    other = labels // 2
    both = measure_silhouettes(X, [labels, other])
    alone = [measure_silhouette(X, labels), measure_silhouette(X, other)]
    assert [each.mean for each in both] == pytest.approx([each.mean for each in alone], rel=1e-12)


def test_the_mean_of_the_segments_weighted_by_size_is_the_whole():
    X, labels = make_blobs([20, 50, 130], random_state=1)
    width = measure_silhouette(X, labels)
    sizes = np.bincount(labels)
    assert sum(sizes[label] * mean for label, mean in width.per_segment.items()) / 200 == pytest.approx(width.mean)


def test_large_files_are_sampled_within_the_stated_error(monkeypatch):
    X, labels = make_blobs(4_000, centers=4, cluster_std=3.0, random_state=2)
    monkeypatch.setattr(config, "SILHOUETTE_EXACT_ROWS", 1_000)
    monkeypatch.setattr(config, "SILHOUETTE_SAMPLE_ROWS", 800)
    width = measure_silhouette(X, labels)
    exact = silhouette_score(X, labels)
    assert 780 <= width.n_rows <= 820
    assert 0 < width.standard_error < 0.02
    assert abs(width.mean - exact) < 4 * width.standard_error


def test_a_sample_keeps_the_smallest_segment(monkeypatch):
    X, labels = make_blobs([1_997, 3], random_state=3)
    monkeypatch.setattr(config, "SILHOUETTE_EXACT_ROWS", 1_000)
    monkeypatch.setattr(config, "SILHOUETTE_SAMPLE_ROWS", 100)
    assert set(measure_silhouette(X, labels).per_segment) == {0, 1}


def test_a_sample_copes_with_a_customer_that_is_alone(monkeypatch):
    X, labels = make_blobs([1_999, 1], random_state=3)
    monkeypatch.setattr(config, "SILHOUETTE_EXACT_ROWS", 1_000)
    monkeypatch.setattr(config, "SILHOUETTE_SAMPLE_ROWS", 100)
    assert measure_silhouette(X, labels).per_segment[1] == 0
