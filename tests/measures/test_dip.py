"""The dip against a linear programme that looks for the nearest distribution with one peak, and known values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from segmenter.measures.dip import dip


def nearest_with_one_peak(x):
    """Return the least distance to any distribution that is convex up to a peak, may jump there, then concave."""
    return min(_nearest_with_peak_at(peak, x) for peak in range(len(x)))


def _nearest_with_peak_at(peak, x):
    """Unknown are the distribution at the sample's points, twice at the peak, and the distance."""
    n = len(x)
    knots = [*range(peak + 1), *range(peak, n)]
    rows, limits = [], []

    def demand(limit):
        rows.append(np.zeros(n + 2))
        limits.append(limit)
        return rows[-1]

    for place, point in enumerate(knots):
        steps = (point, point + 1) if point != peak else (point + (place > peak),)
        for step in steps:
            for sign in (1.0, -1.0):
                demand(sign * step / n)[[place, -1]] = sign, -1.0
    for half, sign in ((range(peak + 1), 1.0), (range(peak + 1, n + 1), -1.0)):
        for a, b, c in zip(half, half[1:], half[2:], strict=False):
            xa, xb, xc = (x[knots[each]] for each in (a, b, c))
            demand(0.0)[[a, b, c]] = sign * np.array([xb - xc, xc - xa, xa - xb])
    for place in range(n):
        demand(0.0)[[place, place + 1]] = 1.0, -1.0
    aim = np.r_[np.zeros(n + 1), 1.0]
    return linprog(aim, A_ub=np.array(rows), b_ub=limits, bounds=[(0, 1)] * (n + 1) + [(0, None)]).fun


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=4, max_size=8, unique=True))
def test_the_dip_is_the_distance_to_the_nearest_distribution_with_one_peak(values):
    x = np.sort(np.array(values, dtype=float))
    assert dip(x) == pytest.approx(nearest_with_one_peak(x), abs=1e-7)


def test_even_values_have_the_least_dip_and_two_far_heaps_the_largest():
    assert dip(np.arange(50.0)) == pytest.approx(1 / 100)
    assert dip(np.repeat([0.0, 1.0], 50)) == pytest.approx(0.25)


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=40), st.floats(0.1, 50), st.floats(-100, 100))
def test_units_order_and_direction_change_nothing(values, factor, shift):
    x = np.round(np.array(values), 3)
    assert dip(x[::-1] * factor + shift) == pytest.approx(dip(x), abs=1e-3)
    assert dip(-x) == pytest.approx(dip(x), abs=1e-9)
