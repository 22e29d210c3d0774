"""The gap statistic: published values for iris, noise, and the formula on numbers small enough to check."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from segmenter.cluster.kmeans import quick_kmeans
from segmenter.measures.tendency import gap_of, measure_gap, uniform_reference

KS = range(1, 7)


def wcss_per_k(rows, random):
    centred = rows - rows.mean(axis=0)
    return np.array([quick_kmeans(centred, k, int(random.integers(2**31)), n_starts=5).wcss for k in KS])


def test_gap_and_error_of_two_references():
    gap = gap_of(np.array([1.0]), np.array([[2.0], [4.0]]))
    assert gap.gap == pytest.approx([2.0])
    assert gap.standard_error == pytest.approx([np.sqrt(2.0) * np.sqrt(1.5)])  # sd of 2 and 4, times √(1+1/2)


def test_iris_has_the_published_gaps():
    found = measure_gap(load_iris().data, wcss_per_k, n_references=60, seed=0)
    # Published with 30 references: the mean of so many differs by two standard errors at the most.
    error = found.standard_error * 2 * np.sqrt(1 / 30 + 1 / 60)
    assert (np.abs(found.gap - [0.088, 0.589, 0.865, 1.001, 1.05, 1.079]) <= error + 0.001).all()


def test_noise_needs_one_segment():
    noise = np.random.default_rng(0).normal(size=(600, 4))
    found = measure_gap(noise, wcss_per_k, n_references=20, seed=0)
    # The rule of the 2001 paper: the smallest k with Gap(k) >= Gap(k+1) - s(k+1).
    assert found.gap[0] >= found.gap[1] - found.standard_error[1]


def test_the_reference_keeps_to_the_turned_box():
    slope = np.column_stack([np.arange(50.0), 2 * np.arange(50.0)])
    drawn = uniform_reference(slope, np.random.default_rng(0))
    assert drawn[:, 1] == pytest.approx(2 * drawn[:, 0])
    assert drawn[:, 0].min() >= 0
    assert drawn[:, 0].max() <= 49
