"""The order of rows is that of their values, at any scale that a float64 has."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmenter.sampling import canonical_order

ANY_FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(arrays(float, (25, 2), elements=ANY_FINITE), st.randoms(use_true_random=False))
@example(np.full((25, 2), 3.99408008e57), None)
@example(np.full((25, 2), np.finfo(float).max), None)
@example(np.tile([[1e300], [-1.7e308]], (13, 2))[:25], None)
@example(np.tile([[0.3], [np.nextafter(0.3, 1)]], (13, 2))[:25] * 1e60, None)
@example(np.tile([[5e-324], [0.0]], (13, 2))[:25], None)
def test_rows_in_any_order_are_put_in_one_order(X, random):
    places = list(range(len(X)))[::-1]
    if random is not None:
        random.shuffle(places)
    assert (X[canonical_order(X)] == X[places][canonical_order(X[places])]).all()


@pytest.mark.parametrize("constant", [0.0, 7.0, 0.3, -1e17 / 3, 3.99408008e57, 1.7e308, 5e-324])
def test_a_column_of_one_value_leaves_the_middle_of_the_others_in_front(constant):
    varying = np.random.default_rng(0).normal(size=2_000)
    order = canonical_order(np.column_stack([varying, np.full(2_000, constant)]))
    distance = np.abs(varying - varying.mean())
    assert distance[order[:200]].max() < np.quantile(distance, 0.15)
