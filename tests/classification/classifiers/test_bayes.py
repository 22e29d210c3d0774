"""Naive Bayes for numbers and for yes and no, against scikit-learn's two halves of it."""

import numpy as np
import pytest
from sklearn.naive_bayes import BernoulliNB, GaussianNB

from segmenter.classification.classifiers.standard import MixedNaiveBayes


@pytest.fixture
def rows():
    random = np.random.default_rng(3)
    y = random.integers(0, 3, 200)
    return (
        random.normal(size=(200, 4)) + y[:, None],
        (random.random((200, 3)) < 0.2 + 0.2 * y[:, None]).astype(float),
        y,
    )


def test_numbers_are_judged_as_by_gaussian_naive_bayes(rows):
    numbers, _, y = rows
    ours = MixedNaiveBayes(least_spread=0.0).fit(numbers, y).predict_proba(numbers)
    np.testing.assert_allclose(ours, GaussianNB(var_smoothing=0.0).fit(numbers, y).predict_proba(numbers), rtol=1e-9)


def test_yes_and_no_are_judged_as_by_bernoulli_naive_bayes(rows):
    _, flags, y = rows
    ours = MixedNaiveBayes().fit(flags, y).predict_proba(flags)
    np.testing.assert_allclose(ours, BernoulliNB().fit(flags, y).predict_proba(flags), rtol=1e-9)


def test_a_column_that_never_varied_tells_nothing(rows):
    numbers, _, y = rows
    same = np.column_stack([numbers, np.ones(len(y))])
    learnt = MixedNaiveBayes().fit(same, y)
    other = np.column_stack([numbers, np.full(len(y), 9.0)])
    np.testing.assert_array_equal(learnt.predict_proba(same), learnt.predict_proba(other))
