"""K-prototypes for mixed data: K-medoids starts and Gower distances."""

from typing import Final

import numpy as np

from segmenter import config
from segmenter.cluster.algorithm import FeatureGroups, FitResult, gower_factors
from segmenter.cluster.assigners import NearestMixedPrototype
from segmenter.cluster.kmedoids import STARTS, best_medoids, fewer_rows
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.typing import FloatArray, IntArray

SETTINGS: Final = (
    STARTS,
    Setting(
        "rows",
        "Customers looked at for the start",
        config.MEDOID_ROWS,
        low=100,
        high=config.MOST_MEDOID_ROWS,
        explanation="Medoids are looked for among so many customers; all customers then move the typical values.",
    ),
)
# Typical values come to rest in 5 to 40 steps. Of so many rows they move to where those of all are, nearly; a few
# steps of all rows do the rest.
SETTLED_ROWS: Final = 100_000
MOST_STEPS, LAST_STEPS = 100, 3


def fit_kprototypes(
    X: FloatArray,
    n_segments: int,
    seed: int,
    settings: Settings,
    progress: Progress,
    space: FeatureGroups | None = None,
) -> FitResult:
    """Form segments around typical values: medoids by Gower's distance first, then medians and commonest values.

    The sum of Gower's distances to a segment's medians and commonest values is the smallest there is, so every
    step from the medoids on lowers it. No typical value is one customer's row.
    """
    factors = gower_factors(X, space)
    rows = X[systematic_sample(len(X), int(settings["rows"]))]
    progress(0.0, f"Looking for {n_segments} typical customers")
    start = rows[best_medoids(rows * factors, n_segments, seed, int(settings["starts"]))]
    rule = NearestMixedPrototype(start, factors)
    if len(X) > SETTLED_ROWS:
        some = X[systematic_sample(len(X), SETTLED_ROWS)]
        rule = _settled(some, rule, space, MOST_STEPS, part(progress, 0.3, 0.6))
    steps = MOST_STEPS if len(X) <= SETTLED_ROWS else LAST_STEPS
    rule = _settled(X, rule, space, steps, part(progress, 0.6, 1.0))
    labels = rule.place(X)
    used = np.unique(labels)
    notes = _notes(len(X), len(rows), n_segments - len(used))
    return FitResult(np.searchsorted(used, labels), rule.reordered(used), notes=notes)


def refit_kprototypes(
    X: FloatArray,
    n_segments: int,
    seed: int,
    settings: Settings,
    progress: Progress,
    space: FeatureGroups | None = None,
) -> FitResult:
    """Form them once more for stability, from fewer rows."""
    return fit_kprototypes(X, n_segments, seed, fewer_rows(settings), progress, space)


def _settled(
    X: FloatArray, rule: NearestMixedPrototype, space: FeatureGroups | None, steps: int, progress: Progress
) -> NearestMixedPrototype:
    before = np.full(len(X), -1, dtype=np.intp)
    for step in range(steps):
        progress(step / steps, "Finding the typical values of each segment")
        labels = rule.place(X)
        if np.array_equal(labels, before):
            break
        typical = [
            typical_values(X[labels == number], space) if (labels == number).any() else old
            for number, old in enumerate(rule.prototypes)
        ]
        rule, before = NearestMixedPrototype(np.array(typical), rule.factors), labels
    return rule


def typical_values(rows: FloatArray, space: FeatureGroups | None = None) -> FloatArray:
    """Return the median of each number and the commonest value of each category, shape (n_features,)."""
    typical: FloatArray = np.median(rows, axis=0)
    for indicators in _categories(space):
        commonest = indicators[int(rows[:, indicators].sum(axis=0).argmax())]
        typical[indicators] = 0.0
        typical[commonest] = rows[:, commonest].max()
    return typical


def _categories(space: FeatureGroups | None) -> list[IntArray]:
    """Return the prepared columns of each category."""
    columns = space or ()
    names = dict.fromkeys(column.feature for column in columns if column.mismatch > 0)
    return [np.flatnonzero([column.feature == name for column in columns]) for name in names]


def _notes(n: int, looked_at: int, unused: int) -> tuple[str, ...]:
    notes = []
    if looked_at < n:
        notes.append(
            f"Typical customers were looked for among {looked_at:,} of {n:,}; all customers then moved the typical "
            "values and were placed."
        )
    if unused:
        notes.append(f"{unused} of the typical customers came to equal others, so there are fewer segments.")
    return tuple(notes)
