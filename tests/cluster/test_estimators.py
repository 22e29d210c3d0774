"""The clusterer and the preparation keep scikit-learn's contract for estimators."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.errors.forming import InvalidSettingError, NoDenseGroupError, UnknownColumnError
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import FeatureSpec

# What a check may end in, and why that is right.
EXPECTED = {
    # Many checks fit a few rows of noise. The one method that finds the number of segments itself finds none there,
    # and says so.
    "hdbscan": (NoDenseGroupError, InvalidSettingError),
    # Methods that cannot count weights say so.
    **{key: (InvalidSettingError,) for key, each in ALGORITHMS.items() if not each.fit_weighted and key != "hdbscan"},
}


def failures(estimator, expected=()):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert sum(each["status"] == "passed" for each in results) >= 25
    failed = [each for each in results if each["status"] == "failed"]
    return [(each["check_name"], repr(each["exception"])) for each in failed if type(each["exception"]) not in expected]


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(1).normal(size=(200, 3)) + np.repeat([[0.0], [6.0]], 100, axis=0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_clusterer_passes_scikit_learns_checks(algorithm):
    assert failures(SegmentClusterer(algorithm, 3), EXPECTED.get(algorithm, ())) == []


def test_the_preparation_passes_scikit_learns_checks():
    assert failures(Preparation()) == []


@pytest.mark.parametrize("given", [np.float32, np.ndarray.tolist, pd.DataFrame, np.asfortranarray])
def test_whatever_holds_the_numbers_they_are_the_same_segments(rows, given):
    rows = rows.astype(np.float32).astype(np.float64)
    expected = SegmentClusterer(n_segments=2).fit(rows).labels_
    model = SegmentClusterer(n_segments=2).fit(given(rows))
    np.testing.assert_array_equal(model.labels_, expected)
    np.testing.assert_array_equal(model.predict(given(rows)), expected)


@pytest.mark.parametrize(
    ("broken", "error", "words"),
    [
        (lambda X: np.where(X[3, 1] == X, np.nan, X), ValueError, "contains NaN"),
        (lambda X: np.where(X[3, 1] == X, np.inf, X), ValueError, "infinity"),
        (lambda X: X[:0], ValueError, "0 sample"),
        (lambda X: X[:1], ValueError, "n_samples=1 should be >= n_segments=2"),
        (lambda X: X[:, 0], ValueError, "Expected 2D array"),
        (lambda X: X + 1j, ValueError, "Complex data not supported"),
        (lambda X: np.full(X.shape, "much"), ValueError, "could not convert string to float"),
        (sparse.csr_array, TypeError, "[Ss]parse data was passed"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused_in_words(rows, broken, error, words):
    with pytest.raises(error, match=words):
        SegmentClusterer(n_segments=2).fit(broken(rows))


@pytest.mark.parametrize(("factor", "words"), [(1e200, "squares are infinite"), (1e-300, "square is 0")])
def test_numbers_that_squares_cannot_hold_are_refused(rows, factor, words):
    with pytest.raises(ValueError, match=words):
        SegmentClusterer(n_segments=2).fit(np.asarray(rows) * factor)


def test_rows_with_gaps_or_other_columns_are_not_placed(rows):
    model = SegmentClusterer(n_segments=2).fit(rows)
    with pytest.raises(ValueError, match="contains NaN"):
        model.predict(np.full((1, 3), np.nan))
    with pytest.raises(ValueError, match="X has 2 features"):
        model.predict(rows[:, :2])


@pytest.mark.parametrize(
    ("chosen", "words"), [({"n_segments": 0}, "whole number from 1"), ({"algorithm": "magic"}, "no method 'magic'")]
)
def test_a_parameter_that_is_not_possible_is_named(rows, chosen, words):
    with pytest.raises(ValueError, match=words):
        SegmentClusterer(**chosen).fit(rows)


def test_a_quick_clusterer_stays_quick_when_it_is_cloned():
    again = SegmentClusterer("ward", 3, space=()).again(7)
    copied = clone(again)
    assert (copied.quick, copied.seed, copied.algorithm) == (True, 7, "ward")
    assert clone(SegmentClusterer()).quick is False


def test_prepared_columns_have_names_and_come_as_a_table(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "c"], index=[f"row {place}" for place in range(len(rows))])
    preparation = Preparation((FeatureSpec("c"), FeatureSpec("a"))).set_output(transform="pandas")
    table = preparation.fit_transform(frame)
    assert list(table) == list(preparation.get_feature_names_out()) == ["a", "c"]
    assert list(table.index) == list(frame.index)
    assert preparation.feature_names_in_.tolist() == ["c", "a"]
    np.testing.assert_allclose(table.mean(), 0.0, atol=1e-12)


def test_a_preparation_fills_gaps_and_refuses_what_is_missing_or_infinite(rows):
    gappy = rows.copy()
    gappy[0, 0] = np.nan
    assert np.isfinite(Preparation().fit_transform(gappy)).all()
    gappy[0, 0] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        Preparation().fit(gappy)
    chosen = Preparation((FeatureSpec("age"),))
    with pytest.raises(UnknownColumnError, match="no column 'age'"):
        chosen.fit(pd.DataFrame(rows))
    with pytest.raises(TypeError, match="give a pandas DataFrame, not ndarray"):
        chosen.fit(rows)
    with pytest.raises(NotFittedError):
        chosen.transform(rows)
