"""Clustering tendency, against the values of the hopkins package and distances by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_iris

from segmenter.measures.tendency import hopkins, measure_tendency, vat


def test_hopkins_of_the_iris_is_the_published_one():
    X, random = load_iris().data, np.random.default_rng(0)
    # kwstat/hopkins: mean of 100 draws of 15.
    assert np.mean([hopkins(X, 15, random) for _ in range(100)]) == pytest.approx(0.9978, abs=0.002)


def test_evenly_spread_rows_are_near_a_half_and_a_single_crowd_is_not():
    random = np.random.default_rng(0)
    assert measure_tendency(random.random((500, 4))).hopkins == pytest.approx(0.5, abs=0.1)
    assert measure_tendency(random.normal(size=(500, 4))).hopkins > 0.8


def test_a_constant_column_changes_nothing():
    X = np.random.default_rng(1).normal(size=(120, 3))
    assert measure_tendency(X).hopkins == pytest.approx(measure_tendency(np.column_stack([X, np.ones(120)])).hopkins)


def test_the_picture_puts_near_rows_side_by_side():
    random = np.random.default_rng(2)
    X = np.vstack([random.normal(0, 1, (30, 2)), random.normal(50, 1, (20, 2))])[random.permutation(50)]
    picture = vat(X)
    assert np.sort(picture.ravel()) == pytest.approx(np.sort(cdist(X, X).ravel()))
    steps = np.diag(picture, 1)
    assert (steps > 20).sum() == 1


def test_rows_that_are_all_equal_are_no_error():
    assert measure_tendency(np.ones((40, 2))).hopkins == 0.5
