"""What holds for every way to learn known segments."""

import numpy as np
import pytest

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import fit_learner, probabilities
from segmenter.errors.forming import InvalidSettingError

N_CLASSES = 3
# Small enough that the slowest is done in a moment.
QUICK = {
    "random-forest": (("n_estimators", 10),),
    "gradient-boosting": (("n_estimators", 5),),
    "histogram-gradient-boosting": (("max_iter", 5),),
    "network": (("epochs", 5),),
}


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(150, 4))
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.4)
    return X, y


@pytest.fixture(scope="module", params=list(CLASSIFIERS))
def learnt(request, rows):
    return request.param, fit_learner(request.param, *rows, seed=1, settings=QUICK.get(request.param, ()))


def test_the_probabilities_of_a_customer_add_up_to_one(learnt, rows):
    told = probabilities(learnt[1], rows[0], N_CLASSES)
    assert told.shape == (len(rows[0]), N_CLASSES)
    np.testing.assert_allclose(told.sum(axis=1), 1.0)
    assert (told >= 0).all()


def test_it_tells_better_than_always_the_largest(learnt, rows):
    X, y = rows
    right = (probabilities(learnt[1], X, N_CLASSES).argmax(axis=1) == y).mean()
    assert right > np.bincount(y).max() / len(y)


def test_the_order_of_the_rows_changes_nothing(learnt, rows):
    X, y = rows
    key, first = learnt
    order = np.random.default_rng(5).permutation(len(y))
    again = fit_learner(key, X[order], y[order], seed=1, settings=QUICK.get(key, ()))
    np.testing.assert_array_equal(probabilities(first, X, N_CLASSES), probabilities(again, X, N_CLASSES))


def test_a_customer_is_told_the_same_in_any_company(learnt, rows):
    X, _ = rows
    together = probabilities(learnt[1], X, N_CLASSES)
    alone = np.vstack([probabilities(learnt[1], X[[place]], N_CLASSES) for place in range(0, len(X), 10)])
    np.testing.assert_allclose(alone, together[::10], rtol=1e-12)


def test_a_class_that_was_never_seen_is_impossible(rows):
    X, y = rows
    learner = fit_learner("logistic-regression", X[y < 2], y[y < 2], seed=0)
    told = probabilities(learner, X, N_CLASSES)
    assert (told[:, 2] == 0).all()
    np.testing.assert_allclose(told.sum(axis=1), 1.0)


@pytest.mark.parametrize("key", list(CLASSIFIERS))
def test_tuning_only_tries_settings_that_there_are(key):
    entry = CLASSIFIERS[key]
    assert set(entry.grid) <= set(entry.defaults)
    assert entry.candidates
    for settings in entry.candidates:
        entry.learner(0, settings)


@pytest.mark.parametrize("key", list(CLASSIFIERS))
def test_an_unknown_setting_is_named(key):
    with pytest.raises(InvalidSettingError, match="'colour'"):
        CLASSIFIERS[key].learner(0, (("colour", "red"),))


@pytest.mark.parametrize("key", list(CLASSIFIERS))
def test_whoever_looks_for_golden_questions_in_its_place_is_registered(key):
    assert CLASSIFIERS[key].searched_by in ("", *CLASSIFIERS)
