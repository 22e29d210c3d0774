"""Silhouettes of many solutions in one pass equal scikit-learn's, one by one."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import silhouette_samples as reference
from sklearn.metrics import silhouette_score

from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.separation import measure_silhouettes, silhouette_samples


def test_iris_has_the_published_silhouette():
    X = load_iris().data
    labels = fit_kmeans(X, 3, seed=0).labels
    assert measure_silhouettes(X, [labels])[0].mean == pytest.approx(0.552819, abs=1e-6)


@pytest.mark.parametrize("n", [7, 1_000, 2_345, 5_001])
def test_every_row_of_every_solution_agrees_with_scikit_learn(n):
    random = np.random.default_rng(n)
    X = random.lognormal(size=(n, 4)) + 1_000_000.0  # skewed and far from zero
    X[: n // 3] = X[n // 3 : 2 * (n // 3)]  # repeated rows
    solutions = [random.integers(0, k, n) for k in (2, 3)]
    for labels, found in zip(solutions, silhouette_samples(X, solutions), strict=True):
        # scikit-learn loses its digits far from zero, so it gets the rows moved there.
        assert found == pytest.approx(reference(X - X.mean(axis=0), labels), abs=2e-6)


def test_a_sample_brings_its_standard_error(monkeypatch):
    monkeypatch.setattr("segmenter.config.SILHOUETTE_EXACT_ROWS", 500)
    monkeypatch.setattr("segmenter.config.SILHOUETTE_SAMPLE_ROWS", 400)
    X = np.random.default_rng(0).normal(size=(3_000, 2))
    labels = (X[:, 0] > 0.5).astype(int)
    found = measure_silhouettes(X, [labels])[0]
    assert 0 < found.standard_error < 0.03
    assert found.mean == pytest.approx(silhouette_score(X, labels), abs=4 * found.standard_error)
