"""One cloud keeps everything of the data but its groups."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from segmenter.choose.diagnostics import find_groups
from segmenter.measures.null_models import UnimodalCopulaNull


def with_a_constant(random):
    """Two columns that go together, and a rare category that none of the rows has."""
    income = random.gamma(2.0, size=1_000)
    return np.column_stack([income, np.zeros(1_000), income + random.gamma(1.0, size=1_000)])


def test_a_column_of_one_value_stays_so_and_the_others_keep_their_rank_correlation():
    random = np.random.default_rng(0)
    X = with_a_constant(random)
    drawn = UnimodalCopulaNull(X).draw(random)
    assert (drawn[:, 1] == 0.0).all()
    expected = spearmanr(X[:, 0], X[:, 2]).statistic
    assert spearmanr(drawn[:, 0], drawn[:, 2]).statistic == pytest.approx(expected, abs=0.05)


def test_a_category_that_no_looked_at_row_has_does_not_stop_the_search_for_groups():
    random = np.random.default_rng(1)
    X = with_a_constant(random)
    X[:400, [0, 2]] += 20.0
    with_it, without = (find_groups(rows, range(2, 5), seed=0) for rows in (X, X[:, [0, 2]]))
    assert with_it.k == without.k == 2
    assert with_it.separate > 0
