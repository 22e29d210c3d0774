"""Sensitivity of the segments to choices of preparation."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from segmenter.choose.k import compare_solutions
from segmenter.errors.base import SegmenterError, check_type
from segmenter.prepare.coerce import absent
from segmenter.prepare.outliers import find_outliers
from segmenter.prepare.preparation import Prepared, clusterer_for, feature_groups, prepare
from segmenter.prepare.suggest import missing_choices, skewed_columns
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.table.dataset import Dataset
from segmenter.typing import IntArray

# More customers change the agreements by less than their own error.
SENSITIVITY_ROWS = 20_000
CAPS = (1.0, 99.0)
_SEEDS = 3
# Steinley (2004), "Properties of the Hubert-Arabie adjusted Rand index": above .90 excellent, .80 good, .65
# moderate recovery, below it poor.
_WORDS = ((0.9, "the same segments"), (0.8, "nearly the same"), (0.65, "partly others"), (-1.0, "other segments"))


@dataclass(frozen=True)
class Alternative:
    """Another way to prepare: one choice is different, all others stay.

    Attributes
    ----------
    column
        The column whose treatment changes; empty where it is the scaling of all.
    what
        What changes: missing, transform, cap, scaling, indicator; without (the column stays out), seed (another start
        of the search), or half (the segments are formed of half of the customers).
    to
        What it changes to.
    half
        0 or 1 for the customers at even or odd places of an order that only their values decide; None for all.
    """

    column: str
    what: str
    to: str
    recipe: Recipe
    half: int | None = None


@dataclass(frozen=True)
class Effect:
    """What an alternative does to the segments.

    Attributes
    ----------
    agreement
        Adjusted Rand index of both solutions; None where the alternative cannot be used.
    moved
        Share of the customers, 0-1, that leave the counterpart of their segment.
    n_compared
        Customers that are in both solutions.
    problem
        Why it cannot be used, as a sentence.
    flips
        Shape (n_compared,): the rows (from 0, in the file) of the customers that move.
    """

    alternative: Alternative
    agreement: float | None = None
    moved: float | None = None
    n_compared: int = 0
    problem: str = ""
    flips: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp), compare=False, repr=False)

    @property
    def verdict(self) -> str:
        """What the agreement means, in words."""
        if self.agreement is None:
            return "cannot be used"
        return verdict_of(self.agreement)


@dataclass(frozen=True)
class Sensitivity:
    """How much the segments depend on how the columns were prepared.

    Attributes
    ----------
    by_chance
        Agreement of the solution with itself under another seed: what no choice is to blame for.
    effects
        The alternatives, the one that changes most first.
    n_customers
        So many customers were used.
    flips
        (row in the file from 0, share of the other choices in which that customer would be in another segment, 0-1),
        who flips most first; nobody who never does.
    """

    by_chance: float
    effects: tuple[Effect, ...]
    n_customers: int
    flips: tuple[tuple[int, float], ...] = ()


def verdict_of(agreement: float) -> str:
    """Return what an adjusted Rand index says, in words."""
    return next(words for least, words in _WORDS if agreement >= least)


def alternatives_to(dataset: Dataset, recipe: Recipe) -> tuple[Alternative, ...]:
    """Return the other choices that could as well have been made, one at a time.

    For every column with gaps the other treatments; for strongly skewed numbers another shape, and caps where
    some lie far out; the other ways to scale; each column left out; other seeds; and either half of the customers.
    A constant is the user's own word and is not tried.
    """
    found: list[Alternative] = []
    for spec in recipe.segmenting:
        found += [_changed(recipe, spec, what, to) for what, to in _choices(dataset, spec)]
    scalings = [each for each in (Scaling.STANDARD, Scaling.ROBUST, Scaling.MINMAX) if each is not recipe.scaling]
    found += [Alternative("", "scaling", each.value, replace(recipe, scaling=each)) for each in scalings]
    forming = recipe.segmenting
    for spec in forming if len(forming) > 1 else ():
        features = tuple(replace(each, role=Role.DESCRIPTOR) if each is spec else each for each in recipe.features)
        found.append(Alternative(spec.column, "without", "", replace(recipe, features=features)))
    for step in range(1, _SEEDS + 1):
        found.append(Alternative("", "seed", str(recipe.seed + step), replace(recipe, seed=recipe.seed + step)))
    found += [Alternative("", "half", word, recipe, half) for half, word in enumerate(("one half", "other half"))]
    return tuple(found)


def measure_sensitivity(
    dataset: Dataset,
    recipe: Recipe,
    alternatives: Sequence[Alternative] | None = None,
    *,
    progress: Progress = silent,
) -> Sensitivity:
    """Form the segments again with each alternative, and compare them with the recipe's own.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        What the alternatives depart from.
    alternatives
        Other preparations; those that the columns give reason for when nothing is said.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the recipe itself cannot be used.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    progress(0.0, "Forming the segments")
    base = prepare(dataset, recipe)
    rows = np.flatnonzero(base.kept)[canonical_order(base.X)[systematic_sample(len(base.X), SENSITIVITY_ROWS)]]
    some = _only(dataset, rows)
    base = prepare(some, recipe)
    own = _solution(base, recipe, len(rows))
    again = _solution(base, replace(recipe, seed=recipe.seed + 1), len(rows))
    tried = alternatives_to(dataset, recipe) if alternatives is None else tuple(alternatives)
    effects = []
    for number, alternative in enumerate(tried):
        stretch = part(progress, (number + 1) / (len(tried) + 1), (number + 2) / (len(tried) + 1))
        effects.append(_effect(some, own, alternative, stretch))
        if effects[-1].agreement is not None:
            effects[-1] = replace(effects[-1], flips=np.sort(rows)[effects[-1].flips])
    effects.sort(key=lambda each: 2.0 if each.agreement is None else each.agreement)
    known = [each for each in effects if each.agreement is not None]
    times = np.bincount(np.concatenate([np.empty(0, dtype=np.intp), *(each.flips for each in known)]))
    often = sorted(np.flatnonzero(times), key=lambda row: (-times[row], row))
    flips = tuple((int(row), float(times[row] / len(known))) for row in often)
    return Sensitivity(_compared(own, again)[0], tuple(effects), len(rows), flips)


def _choices(dataset: Dataset, spec: FeatureSpec) -> list[tuple[str, str]]:
    choices: list[tuple[str, str]] = []
    if absent(dataset.frame[spec.column], spec).any():
        others = [each for each in missing_choices(spec.role) if each not in (spec.missing, Missing.CONSTANT)]
        choices += [("missing", each.value) for each in others]
        choices += [("indicator", "no" if spec.indicator else "yes")] if spec.missing is not Missing.DROP else []
    if spec.role is Role.NUMBER:
        if spec.transform is not Transform.NONE or skewed_columns(dataset, (spec,)):
            choices += [("transform", each.value) for each in Transform if each is not spec.transform]
        outliers = find_outliers(dataset, spec)
        if spec.cap is not None or (outliers is not None and len(outliers.rows)):
            choices += [("cap", "none" if spec.cap else f"{CAPS[0]:g} to {CAPS[1]:g}")]
    return choices


def _changed(recipe: Recipe, spec: FeatureSpec, what: str, to: str) -> Alternative:
    match what:
        case "missing":
            other = replace(spec, missing=Missing(to))
        case "transform":
            other = replace(spec, transform=Transform(to))
        case "indicator":
            other = replace(spec, indicator=to == "yes")
        case _:
            other = replace(spec, cap=None if spec.cap else CAPS)
    features = tuple(other if each.column == spec.column else each for each in recipe.features)
    return Alternative(spec.column, what, to, replace(recipe, features=features))


def _effect(dataset: Dataset, own: IntArray, alternative: Alternative, progress: Progress) -> Effect:
    progress(0.0, f"Trying {alternative.what} {alternative.to}".replace("  ", " "))
    try:
        prepared = prepare(dataset, alternative.recipe)
        other = _solution(prepared, alternative.recipe, dataset.n_customers, progress, alternative.half)
    except SegmenterError as error:
        return Effect(alternative, problem=str(error))
    agreement, moved, n = _compared(own, other)
    both = np.flatnonzero((own >= 0) & (other >= 0))
    return Effect(alternative, agreement, moved, n, flips=both[compare_solutions(own[both], other[both]).moves])


def _solution(
    prepared: Prepared, recipe: Recipe, n_customers: int, progress: Progress = silent, half: int | None = None
) -> IntArray:
    """Return a label per customer: -2 for those left out; those that fit no segment are a group of their own.

    With a `half`, segments are formed of half of the customers, and all are placed in them.
    """
    clusterer = clusterer_for(recipe, feature_groups(prepared.preparation), progress)
    X, weights = prepared.X, prepared.weights
    if half is None:
        found = clusterer.fit(X, sample_weight=weights).labels_
    else:
        some = canonical_order(X)[half::2]
        clusterer.fit(X[some], sample_weight=None if weights is None else weights[some])
        found = clusterer.predict(X)
    labels = np.full(n_customers, -2, dtype=np.intp)
    labels[prepared.kept] = np.where(found < 0, found.max() + 1, found)
    return labels


def _compared(first: IntArray, second: IntArray) -> tuple[float, float, int]:
    both = (first >= 0) & (second >= 0)
    found = compare_solutions(first[both], second[both])
    return found.agreement, float(found.moves.mean()), int(both.sum())


def _only(dataset: Dataset, rows: IntArray) -> Dataset:
    frame = dataset.frame.iloc[np.sort(rows)].reset_index(drop=True)
    return replace(dataset, frame=frame, original=dataset.original.iloc[np.sort(rows)].reset_index(drop=True))
