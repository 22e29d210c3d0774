"""Training repeats, stops when it should, and agrees with a hand computation and with scikit-learn."""

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from segmenter.errors.learning import DivergedError
from segmenter.networks.network import (
    CROSS_ENTROPY,
    LOWEST_RATE,
    SQUARED,
    Adam,
    Architecture,
    Curves,
    Examples,
    Network,
    ParameterStore,
    Schedule,
    train,
    unwatched,
    watching,
)
from segmenter.progress import Cancelled


def examples(n=200, seed=0, dtype=np.float32):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n, 5)).astype(dtype)
    targets = np.column_stack([rows[:, 0] * rows[:, 1], rows.sum(axis=1)]).astype(dtype)
    held = n // 5
    return Examples(rows[held:], targets[held:], rows[:held], targets[:held])


def test_two_steps_of_adam_by_hand():
    store = ParameterStore(2, np.float64)
    store.values[:] = [1.0, -1.0]
    adam = Adam(store, rate=0.1)
    store.slopes[:] = [4.0, -0.5]
    adam.step()
    # The first step's corrected mean is the slope, its corrected square the slope's: each number moves by the rate.
    np.testing.assert_allclose(store.values, [0.9, -0.9], atol=2e-6)
    store.slopes[:] = [-4.0, -0.5]
    adam.step()
    # Mean .9 × .4 - .4 = -.04 over 1 - .81 is -.2105; square 16; so 0.9 + .1 × .2105 / 4. The other goes on.
    np.testing.assert_allclose(store.values, [0.9 + 0.1 * (0.04 / 0.19) / 4, -0.8], atol=2e-6)


@pytest.mark.parametrize("kind", ["numbers", "classes"])
def test_the_same_start_leads_where_scikit_learn_goes(kind):
    # One batch of all rows, so that the order of rows does not matter; scikit-learn halves the squared error
    # and averages it over rows alone, so only the direction, not the size, of its slopes is ours. Adam's steps
    # do not depend on the size.
    made = examples(dtype=np.float64)
    classes = (made.targets[:, 0] > 0).astype(int) + (made.targets[:, 1] > 0)
    ours_targets, their_targets = (made.targets, made.targets) if kind == "numbers" else (np.eye(3)[classes], classes)
    loss, made_by = (SQUARED, MLPRegressor) if kind == "numbers" else (CROSS_ENTROPY, MLPClassifier)
    network = Network(Architecture((5, 8, 6, ours_targets.shape[1])), seed=4, dtype=np.float64)
    settings = {"alpha": 0.0, "epsilon": 1e-7, "batch_size": len(made.rows), "shuffle": False, "tol": 0.0}
    theirs = made_by(hidden_layer_sizes=(8, 6), learning_rate_init=0.01, n_iter_no_change=99, max_iter=1, **settings)
    known = {"classes": [0, 1, 2]} if kind == "classes" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.partial_fit(made.rows, their_targets, **known)
        dense = [layer for layer in network.layers if hasattr(layer, "weights")]
        theirs.coefs_ = [layer.weights.value.copy() for layer in dense]
        theirs.intercepts_ = [layer.bias.value.copy() for layer in dense]
        theirs._optimizer = type(theirs._optimizer)(theirs.coefs_ + theirs.intercepts_, 0.01, epsilon=1e-7)
        for _ in range(30):
            theirs.partial_fit(made.rows, their_targets)
    same = Examples(made.rows, ours_targets, made.rows, ours_targets)
    schedule = Schedule(epochs=30, batch_rows=len(made.rows), rate=0.01, patience=99, flat_epochs=99)
    train(network, same, loss, schedule)
    for layer, coefs in zip(dense, theirs.coefs_, strict=True):
        np.testing.assert_allclose(layer.weights.value, coefs, atol=2e-5)


def test_a_seed_repeats_to_the_last_bit_and_another_does_not():
    layout = Architecture((5, 16, 2), dropout=0.2, batch_norm=True)

    def trained(seed):
        network = Network(layout, seed)
        curve = train(network, examples(), SQUARED, Schedule(epochs=5, seed=seed))
        return curve, network.store.values

    first, again, other = trained(3), trained(3), trained(4)
    assert first[0] == again[0]
    np.testing.assert_array_equal(first[1], again[1])
    assert first[0] != other[0]


_WIDE = """
import hashlib, numpy as np
from segmenter.networks.network import Architecture
from segmenter.networks.network import SQUARED
from segmenter.networks.network import Network
from segmenter.networks.network import Examples, Schedule, train
rows = np.random.default_rng(0).normal(size=(3000, 60)).astype(np.float32)
network = Network(Architecture((60, 64, 64, 60)), 0)
train(network, Examples(rows, rows, rows, rows), SQUARED, Schedule(epochs=2, batch_rows=512))
print(hashlib.sha256(network.store.values.tobytes()).hexdigest())
"""


def test_the_number_of_threads_changes_no_bit():
    found = set()
    for threads in ("1", "4"):
        allowed = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        ended = subprocess.run([sys.executable, "-c", _WIDE], env=allowed, capture_output=True, text=True, check=True)
        found.add(ended.stdout)
    assert len(found) == 1


def test_learning_stops_without_progress_and_the_best_weights_come_back():
    random = np.random.default_rng(0)
    noise = Examples(*(random.normal(size=shape).astype(np.float32) for shape in [(40, 5), (40, 2)] * 2))
    network = Network(Architecture((5, 64, 2)), seed=0)
    curve = train(network, noise, SQUARED, Schedule(epochs=300, rate=0.01, patience=4))
    assert curve.n_epochs == curve.best_epoch + 4 < 300
    held = SQUARED.measure(network.forward(noise.held_rows), noise.held_targets)[0]
    assert held == pytest.approx(curve.best_loss, rel=1e-6)
    assert min(curve.validation) == curve.best_loss < curve.validation[-1]


def test_the_rate_is_halved_after_flat_epochs_but_never_below_its_floor():
    # Targets that are all zero and weights that are all zero: the loss is flat from the second epoch on.
    rows = np.ones((4, 3), dtype=np.float32)
    network = Network(Architecture((3, 2)), seed=0)
    network.store.values[:] = 0
    none = np.zeros((4, 2), dtype=np.float32)
    curve = train(network, Examples(rows, none, rows, none), SQUARED, Schedule(epochs=8, flat_epochs=2, patience=99))
    assert curve.rates == (1e-3, 1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4, 2.5e-4, 1.25e-4)
    low = train(network, Examples(rows, none, rows, none), SQUARED, Schedule(epochs=9, rate=2e-6, flat_epochs=1))
    assert low.rates[-1] == LOWEST_RATE


def test_cancel_is_heard_before_every_batch():
    calls = []

    def progress(share, doing):
        calls.append((share, doing))
        if len(calls) == 8:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(Network(Architecture((5, 4, 2)), 0), examples(), SQUARED, Schedule(epochs=10, batch_rows=32), progress)
    # 160 rows make five batches: the eighth call is the third batch of the second epoch.
    assert calls[-1][0] == pytest.approx((1 + 2 / 5) / 10)
    assert calls[-1][1].startswith("Epoch 2 of at most 10, validation loss ")
    shares = [share for share, _ in calls]
    assert shares == sorted(shares)


def trained_for(epochs):
    return train(Network(Architecture((5, 4, 2)), 0), examples(), SQUARED, Schedule(epochs=epochs))


def test_every_epochs_curve_is_handed_to_who_watches_and_to_nobody_after():
    seen: list[Curves] = []
    with watching(seen.append):
        curve = trained_for(3)
    trained_for(3)
    assert [each.n_epochs for (each,) in seen] == [1, 2, 3]
    assert seen[-1] == (curve,)
    assert curve.measured == "mean squared error"


def test_several_trainings_are_watched_side_by_side_and_some_not_at_all():
    seen: list[Curves] = []
    with watching(seen.append), ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda context: context.run(trained_for, 2), [copy_context(), copy_context()]))
        with unwatched():
            trained_for(1)
        trained_for(1)
    assert len(seen) == 5
    assert sorted(each.n_epochs for each in seen[3]) == [2, 2]
    assert [each.n_epochs for each in seen[-1]] == [2, 2, 1]


def test_numbers_too_large_to_learn_from_are_said_to_be():
    rows = np.full((8, 5), 1e30, dtype=np.float32)
    made = Examples(rows, rows[:, :2], rows, rows[:, :2])
    seen: list[Curves] = []
    with watching(seen.append), pytest.raises(DivergedError, match=r"learning rate of 0\.001"):
        train(Network(Architecture((5, 4, 2)), 0), made, SQUARED, Schedule(epochs=9, patience=2))
    assert seen[-1][0].validation == (np.inf,) * 3


def test_the_accuracy_after_the_last_epoch_is_that_of_the_network_on_the_rows_held_out():
    random = np.random.default_rng(3)
    rows = random.normal(size=(300, 4)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[rows[:, :3].argmax(axis=1)]
    network = Network(Architecture((4, 8, 3)), seed=1)
    few = Schedule(epochs=6, batch_rows=32, rate=1e-2, patience=100)
    curve = train(network, Examples(rows[60:], targets[60:], rows[:60], targets[:60]), CROSS_ENTROPY, few)
    assert len(curve.training_accuracy) == len(curve.validation_accuracy) == 6
    assert curve.best_epoch == 6
    right = network.forward(rows[:60]).argmax(axis=1) == targets[:60].argmax(axis=1)
    assert curve.validation_accuracy[-1] == pytest.approx(right.mean())
    assert curve.validation_accuracy[-1] > curve.validation_accuracy[0]


def test_where_nothing_is_right_or_wrong_there_is_no_accuracy():
    curve = train(Network(Architecture((5, 4, 2)), seed=1), examples(), SQUARED, Schedule(epochs=2))
    assert curve.training_accuracy == curve.validation_accuracy == ()
