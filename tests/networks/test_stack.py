"""What a trained network says of a row does not depend on the rows beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.networks.network import SQUARED, Architecture, Examples, Network, Schedule, train

ROWS = np.random.default_rng(1).normal(size=(300, 9))


@pytest.fixture(scope="module")
def network():
    network = Network(Architecture((9, 16, 8, 9), batch_norm=True, dropout=0.1), seed=0)
    rows = ROWS.astype(np.float32)
    train(network, Examples(rows, rows, rows, rows), SQUARED, Schedule(epochs=3))
    return network


def test_plain_weights_say_what_the_network_says(network):
    np.testing.assert_allclose(network.stack().outputs(ROWS), network.forward(ROWS.astype(np.float32)), atol=1e-5)


def test_the_first_layers_alone_give_what_goes_on_inside(network):
    inside = network.stack(2)
    assert (inside.n_in, inside.n_out) == (9, 8)
    whole = network.stack()
    hidden = np.maximum(ROWS @ whole.layers[0].weights + whole.layers[0].bias, 0)
    hidden = np.maximum(hidden @ whole.layers[1].weights + whole.layers[1].bias, 0)
    np.testing.assert_allclose(inside.outputs(ROWS), hidden, atol=1e-12)


@given(cut=st.integers(0, 300))
def test_parts_give_the_bits_of_the_whole(network, cut):
    stack = network.stack()
    parts = np.vstack([stack.outputs(ROWS[:cut]), stack.outputs(ROWS[cut:])])
    np.testing.assert_array_equal(parts, stack.outputs(ROWS))


def test_many_rows_in_several_threads_give_the_bits_of_each_alone(network):
    stack, many = network.stack(), np.random.default_rng(2).normal(size=(50_001, 9))
    whole = stack.outputs(many)
    for row in (0, 2_047, 2_048, 25_000, 50_000):
        np.testing.assert_array_equal(whole[row], stack.outputs(many[row : row + 1])[0])


@pytest.mark.parametrize("unit", [50.0, np.arange(1.0, 10.0)], ids=["one for all", "one per column"])
def test_standardising_can_be_part_of_the_weights(network, unit):
    middle = np.arange(9.0)
    raw = ROWS * unit + middle
    np.testing.assert_allclose(
        network.stack().standardised(middle, unit).outputs(raw), network.stack().outputs(ROWS), atol=1e-11
    )
