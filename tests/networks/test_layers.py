"""Every slope is what the loss does when a number is moved a little."""

import numpy as np
import pytest

from segmenter.networks.network import (
    ABSOLUTE,
    CROSS_ENTROPY,
    NORM_EPSILON,
    SQUARED,
    Architecture,
    Dropout,
    Network,
    log_softmax,
)

ROWS = np.random.default_rng(5).normal(size=(7, 4))
ONE_HOT = np.eye(3)[[0, 1, 2, 2, 1, 0, 1]]
PLAIN = Architecture((4, 6, 5, 3))
LATENT = Architecture((4, 6, 2, 6, 3), linear=frozenset({1}))
NORMALISED = Architecture((4, 6, 5, 3), batch_norm=True)


@pytest.mark.parametrize("layout", [PLAIN, LATENT, NORMALISED], ids=["plain", "linear inside", "normalised"])
@pytest.mark.parametrize("loss", [SQUARED, ABSOLUTE, CROSS_ENTROPY], ids=lambda loss: loss.name)
def test_slopes_are_those_of_finite_differences(layout, loss):
    network = Network(layout, seed=1, dtype=np.float64)
    network.store.values += np.random.default_rng(2).normal(0, 0.1, layout.n_parameters)
    network.backward(loss.measure(network.forward(ROWS, training=True), ONE_HOT)[1])
    slopes, values, width = network.store.slopes.copy(), network.store.values, 1e-6
    for place in range(layout.n_parameters):
        kept, losses = values[place], []
        for moved in (kept + width, kept - width):
            values[place] = moved
            losses.append(loss.measure(network.forward(ROWS, training=True), ONE_HOT)[0])
        values[place] = kept
        assert slopes[place] == pytest.approx((losses[0] - losses[1]) / (2 * width), rel=1e-5, abs=1e-8)


def test_the_squared_error_of_two_rows_by_hand():
    loss, slope = SQUARED.measure(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 4.0]]))
    assert loss == pytest.approx((1 + 0 + 0 + 16) / 4)
    np.testing.assert_allclose(slope, [[0.5, 0], [0, -2]])


def test_the_absolute_error_of_two_rows_by_hand():
    loss, slope = ABSOLUTE.measure(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 4.0]]))
    assert loss == pytest.approx(5 / 4)
    np.testing.assert_allclose(slope, [[0.25, 0.0], [0.0, -0.25]])


def test_the_cross_entropy_of_two_rows_by_hand():
    outputs = np.log(np.array([[1.0, 3.0], [4.0, 1.0]]))
    loss, slope = CROSS_ENTROPY.measure(outputs, np.eye(2))
    assert loss == pytest.approx(-(np.log(0.25) + np.log(0.2)) / 2)
    np.testing.assert_allclose(slope, [[-0.375, 0.375], [0.4, -0.4]])


def test_huge_outputs_do_not_overflow():
    np.testing.assert_allclose(log_softmax(np.array([[1e4, 0.0]])), [[0.0, -1e4]])


def test_outside_training_the_running_mean_and_variance_normalise():
    network = Network(Architecture((1, 1, 1), batch_norm=True), seed=0, dtype=np.float64)
    for _ in range(400):
        network.forward(np.array([[1.0], [5.0]]), training=True)
    weight = network.stack().layers
    first = network.layers[0].weights.value[0, 0]
    norm = network.layers[1]
    np.testing.assert_allclose(norm.statistics[:, 0], [3 * first, 4 * first**2], rtol=1e-6)
    alone = norm.forward(np.array([[7 * first]]), training=False)
    assert alone[0, 0] == pytest.approx((7 - 3) * first / np.sqrt(4 * first**2 + NORM_EPSILON))
    assert weight[0].weights[0, 0] == pytest.approx(first / np.sqrt(4 * first**2 + NORM_EPSILON))


def test_dropout_keeps_the_expected_sum_and_lets_slopes_through_where_numbers_were_kept():
    layer = Dropout(0.2, np.random.default_rng(0))
    ones = np.ones((1000, 50))
    out = layer.forward(ones, training=True)
    assert set(np.unique(out)) == {0.0, 1.25}
    assert out.mean() == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(layer.backward(ones), out)
    assert layer.forward(ones, training=False) is ones


def test_starting_weights_have_the_spread_of_he_and_glorot():
    network = Network(Architecture((400, 300, 200)), seed=3)
    hidden, last = network.layers[0].weights.value, network.layers[2].weights.value
    assert hidden.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert np.abs(last).max() == pytest.approx(np.sqrt(6 / 500), rel=0.01)
    assert last.std() == pytest.approx(np.sqrt(6 / 500 / 3), rel=0.02)
