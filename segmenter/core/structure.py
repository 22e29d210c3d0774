"""Which of the chosen columns show no sign of groups: one peak, and nothing to do with any other column?"""

import numpy as np
import pandas as pd

from segmenter.algorithms.content import evenly_spaced
from segmenter.core.dataset import Dataset
from segmenter.core.encoding import NumberColumn, fit_column
from segmenter.core.numbering import Floats, is_constant, texts_of
from segmenter.core.recipe import FeatureSpec, Recipe, Scaling
from segmenter.measures.cloud import smoothed
from segmenter.measures.dependence import Codes, dependence
from segmenter.measures.dip import dip

# Looked at whenever the page is drawn; more customers only show weaker dependence.
STRUCTURE_ROWS = 2_000
# In a wide file fewer do, so that the time stays at some seconds for 500 columns.
FEWEST_ROWS, MOST_CELLS = 500, 100_000
# With fewer customers, not seeing a dependence says little.
FEWEST_CUSTOMERS = 100
# √n · dip is below this for more than 99.5 % of samples of a uniform distribution (2,000 draws of 1,000 values:
# 0.644), which of all distributions with one peak looks most as if it had two.
ONE_PEAK = 0.66
# A dependence is there when chance would show such a table among all pairs less than once in 100 files, and it
# is more than a trace (Cohen 1988 calls 0.1 small).
CHANCE, TRACE = 0.01, 0.1
_BINS, _WORDS = 5, 8


def structureless_columns(dataset: Dataset, recipe: Recipe) -> tuple[str, ...]:
    """Return the columns that tell customers apart without grouping them, in file order.

    Groups that differ in a column give it several peaks, or make it depend on the other columns in which they
    differ. A column with neither adds the same noise to all distances. Categories are never named: they have
    no peaks.
    """
    specs = [spec for spec in recipe.features if spec.segments]
    wanted = max(FEWEST_ROWS, min(STRUCTURE_ROWS, MOST_CELLS // max(len(specs), 1)))
    rows = evenly_spaced(dataset.n_customers, wanted)
    values = {spec.column: dataset.frame[spec.column].iloc[rows] for spec in specs}
    codes = {spec.column: _codes(spec, values[spec.column]) for spec in specs}
    varying = [spec for spec in specs if codes[spec.column].max() > 0]
    if len(varying) < 2 or len(rows) < FEWEST_CUSTOMERS:
        return ()
    found = dependence([codes[spec.column] for spec in varying])
    n_pairs = len(varying) * (len(varying) - 1) / 2
    told = (found.strength >= TRACE) & (found.chance < CHANCE / n_pairs)
    return tuple(
        spec.column
        for place, spec in enumerate(varying)
        if not told[place].any() and _has_one_peak(spec, values[spec.column])
    )


def _numbers(spec: FeatureSpec, values: pd.Series) -> Floats | None:
    fitted = fit_column(spec, values, Scaling.NONE)
    if not isinstance(fitted, NumberColumn):
        return None
    return fitted.scaled(fitted.numbers(values))


def _codes(spec: FeatureSpec, values: pd.Series) -> Codes:
    """Return which fifth of the numbers, or which of the commonest values, each customer has; gaps are a group."""
    numbers = _numbers(spec, values)
    if numbers is None:
        texts = texts_of(values)
        common = pd.Index(texts.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:_WORDS])
        return _without_gaps(common.get_indexer(pd.Index(texts)) + 1)
    known = numbers[~np.isnan(numbers)]
    if is_constant(numbers):
        return np.zeros(len(numbers), dtype=np.intp)
    borders = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return _without_gaps(np.where(np.isnan(numbers), 0, 1 + np.searchsorted(borders, numbers)))


def _without_gaps(codes: Codes) -> Codes:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


def _has_one_peak(spec: FeatureSpec, values: pd.Series) -> bool:
    numbers = _numbers(spec, values)
    if numbers is None:
        return False
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(known) < FEWEST_CUSTOMERS or len(np.unique(known)) <= 2:
        return False
    spread = smoothed(known[:, None], np.random.default_rng(0))[:, 0]
    return bool(dip(spread) * np.sqrt(len(spread)) < ONE_PEAK)
