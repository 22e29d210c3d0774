"""A network that has learnt known segments is saved as plain numbers and says the same to the last bit."""

import json

import numpy as np
import pytest
from sklearn.datasets import make_classification

from segmenter.classifiers.network import NetworkClassifier, NetworkSettings
from segmenter.errors import InvalidModelError
from segmenter.networks.curve import LearningCurve
from segmenter.store.network import read_network, written_network


@pytest.fixture(scope="module")
def customers():
    return make_classification(300, 6, n_informative=4, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def learner(customers):
    return NetworkClassifier(NetworkSettings(width=12, epochs=8), seed=3).fit(*customers)


@pytest.fixture
def plain(learner):
    return json.loads(json.dumps(written_network(learner), allow_nan=False))


def test_what_is_loaded_says_the_same_to_the_last_bit(customers, learner, plain):
    loaded = read_network(plain, 6)
    np.testing.assert_array_equal(loaded.predict_proba(customers[0]), learner.predict_proba(customers[0]))
    np.testing.assert_array_equal(loaded.predict(customers[0]), learner.predict(customers[0]))
    assert (loaded.settings, loaded.seed, loaded.curve_) == (learner.settings, learner.seed, learner.curve_)


def test_writing_what_was_read_gives_the_same_values(learner, plain):
    assert written_network(read_network(plain, 6)) == written_network(learner) == plain


def test_classes_that_were_never_seen_leave_gaps(customers, learner):
    X, y = customers
    gap = NetworkClassifier(NetworkSettings(width=4, epochs=2)).fit(X, y * 2)
    assert read_network(written_network(gap), 6).classes_.tolist() == [0, 2, 4]


def test_a_loss_that_was_no_number_is_written_as_the_largest(learner):
    curve = LearningCurve((np.inf, 0.5), (np.nan, 0.4), (0.1, 0.1))
    odd = NetworkClassifier.of(learner.classes_, learner.stack_, curve)
    assert read_network(written_network(odd), 6).curve_.training == (1e150, 0.5)
    assert read_network(written_network(odd), 6).curve_.best_epoch == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.update(classes=[0, 2, 1]), "network.classes are not in ascending order"),
        (lambda p: p.update(classes=[0, 1]), "network.layers do not end in 2 classes"),
        (lambda p: p.update(classes=["a", "b", "c"]), "network.classes[0] is not a whole number"),
        (lambda p: p["layers"][0]["weights"].pop(), "network.layers[0].weights does not have 6 rows"),
        (lambda p: p["layers"][1]["bias"].__setitem__(0, None), "network.layers[1].bias[0][0] is not a number"),
        (lambda p: p.update(layers=p["layers"] * 3), "network.layers is not a list of 1 to 6"),
        (lambda p: p["settings"].update(dropout=2.0), "network.settings are not possible"),
        (lambda p: p["settings"].pop("width"), "network.settings.width is missing"),
        (lambda p: p["curve"]["rates"].pop(), "network.curve has parts of different lengths"),
        (lambda p: p["curve"].update(training="long"), "network.curve.training is not a list"),
        (lambda p: p.update(seed=-1), "network.seed is not a whole number"),
        (lambda p: p.update(code="print()"), "network.code does not belong"),
        (lambda p: p.pop("layers"), "network.layers is missing"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(plain, change, sentence):
    change(plain)
    with pytest.raises(InvalidModelError) as caught:
        read_network(plain, 6)
    assert sentence in str(caught.value)
