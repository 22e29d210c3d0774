"""Pictures of a month against the one before."""

import numpy as np
import pytest

from segmenter.charts.months import equal_bars


def test_tenths_are_drawn_as_the_histogram_that_they_were_taken_of():
    values = np.random.default_rng(0).lognormal(3, 1, 40_000)
    edges = np.quantile(values, np.arange(1, 10) / 10)
    bars = equal_bars(edges, np.full(10, 0.1))
    borders = np.linspace(edges[0], edges[-1], len(bars) - 1)
    drawn = np.histogram(values, [-np.inf, *borders, np.inf])[0] / len(values)
    # Within a tenth, its customers are taken to lie evenly.
    assert np.abs(np.array(bars) - drawn).max() < 0.03
    assert sum(bars) == pytest.approx(1)
    assert max(bars) > 3 * min(bars)


def test_whole_numbers_are_a_bar_each_and_categories_stay_as_they_are():
    assert equal_bars((0.5, 1.5, 3.5), (0.1, 0.4, 0.3, 0.2)) == pytest.approx((0.1, 0.4, 0.15, 0.15, 0.2))
    assert equal_bars((), (0.7, 0.3)) == (0.7, 0.3)
    assert equal_bars((5.0,), (0.4, 0.6)) == (0.4, 0.6)
    # Three prices, of which a model holds two rounded borders: nobody lies evenly between them.
    assert equal_bars((100.0, 270.0), (0.0, 0.5, 0.5)) == (0.0, 0.5, 0.5)
