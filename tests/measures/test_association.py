"""Dependence against SciPy's chi-square test and by hand."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from segmenter.measures.association import association

RANDOM = np.random.default_rng(0)


def test_chance_is_that_of_the_chi_square_test():
    a, b = RANDOM.integers(0, 4, 500), RANDOM.integers(0, 3, 500)
    b[:200] = a[:200] % 3
    table = np.histogram2d(a, b, bins=(4, 3))[0]
    expected = chi2_contingency(table, correction=False)
    found = association([a, b])
    assert found.chance[0, 1] == pytest.approx(expected.pvalue)
    n, freedom = 500, 6
    excess = expected.statistic / n - freedom / (n - 1)
    smaller = min(4 - 9 / 499, 3 - 4 / 499) - 1
    assert found.strength[0, 1] == pytest.approx(np.sqrt(excess / smaller))


def test_copies_depend_fully_and_independent_columns_not_at_all():
    a = np.tile([0, 1, 2], 99)
    found = association([a, 2 - a, np.repeat([0, 1, 2], 99)])
    assert found.strength[0, 1] == pytest.approx(1, abs=0.01)
    assert found.strength[0, 2] == 0
    assert found.chance[0, 2] == pytest.approx(1)


def test_four_groups_in_a_square_depend_without_any_trend():
    a, b = RANDOM.choice([0, 4], 400), RANDOM.choice([0, 4], 400)
    cross = np.where(RANDOM.random(400) < 0.5, 2, a)
    other = np.where(cross == 2, b, 2)
    assert abs(np.corrcoef(cross, other)[0, 1]) < 0.15
    assert association([cross, other]).strength[0, 1] > 0.4


def test_a_column_of_one_value_depends_on_nothing():
    found = association([np.zeros(9, dtype=int), np.arange(9) % 2])
    assert (found.strength == 0).all()
    assert (found.chance == 1).all()
