"""Where each segment stands in each column, against everyone: values, effects, and how many customers agree."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.explain.columns import ColumnWords, column_words
from segmenter.prepare.coerce import to_category
from segmenter.prepare.weights import customer_weights
from segmenter.progress import Progress, silent
from segmenter.recipe.recipe import Recipe
from segmenter.sampling import repeated_rows
from segmenter.segment.profile import SegmentProfiles
from segmenter.segment.result import Result
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import FloatArray, IntArray

Statistic = Literal["mean", "median", "share"]
# A column of fewer different values has a mean that says more than its median: 1.2 children, not 1.
FEW_VALUES: Final = 12
# More values of a category than these, the most frequent, set no segment apart in words.
MOST_LEVELS: Final = 30


@dataclass(frozen=True, eq=False)
class Contrast:
    """One column, or one value of a category, in every segment and in everyone.

    Attributes
    ----------
    words
        How the column is spoken of.
    level
        The value of a category whose share this is; None for numbers.
    statistic
        What `values` and `overall` are.
    values
        Shape (k,), in the column's own unit, or 0-1; NaN where nobody in the segment has a value.
    overall
        The same of all customers in segments.
    effects
        Shape (k,): how far each segment stands from everyone, in standard deviations; of skewed columns and of
        dates, of the ranks.
    above, below
        Shape (k,): share of the segment's customers whose own value lies beyond everyone's, 0-1.
    known
        Shape (k,): share of the segment's customers that have a value.
    index
        Shape (k,): 100 · `values` / `overall`; NaN where a ratio has no meaning.
    ones, zeros
        Shape (k,): share of the segment's customers whose value is 1, or 0; NaN for categories.
    n_have
        How many customers in segments have the value of the category, or any value of a number.
    """

    words: ColumnWords
    level: str | None
    statistic: Statistic
    values: FloatArray
    overall: float
    effects: FloatArray
    above: FloatArray
    below: FloatArray
    known: FloatArray
    index: FloatArray
    ones: FloatArray
    zeros: FloatArray
    n_have: int


def contrasts(
    dataset: Dataset,
    recipe: Recipe,
    words: tuple[ColumnWords, ...],
    labels: IntArray,
    k: int,
    *,
    progress: Progress = silent,
) -> tuple[Contrast, ...]:
    """Return where segments stand in every column that describes customers; a category has one for each value.

    Parameters
    ----------
    labels
        Shape (n_customers,), 0 … k-1, -1 for customers in none, who are not part of everyone.

    Customers count as the recipe's column of weights says.
    """
    unknown = {spec.column: spec.unknown for spec in recipe.features if spec.unknown}
    digest = hashlib.blake2b(labels.tobytes()).digest()
    basis = digest, k, recipe.weight_column, unknown
    if (known := _FOUND.get(dataset)) is None or known[0] != basis:
        known = _FOUND[dataset] = basis, {}
    missing = [each for each in words if each not in known[1]]
    for each, found in zip(missing, _measured(dataset, recipe, missing, labels, k, unknown, progress), strict=True):
        known[1][each] = found
    return tuple(found for each in words for found in known[1][each])


# A page compares the same segments in the same columns for cards, table and pictures: the last are kept with the data.
_FOUND: Final[WeakKeyDictionary[Dataset, tuple[object, dict[ColumnWords, tuple[Contrast, ...]]]]] = WeakKeyDictionary()


def _measured(
    dataset: Dataset,
    recipe: Recipe,
    words: Sequence[ColumnWords],
    labels: IntArray,
    k: int,
    unknown: Mapping[str, tuple[float, ...]],
    progress: Progress,
) -> list[tuple[Contrast, ...]]:
    """Return the contrasts of each column that is spoken of."""
    placed = np.flatnonzero(labels >= 0)
    n_customers = len(placed)
    weights = customer_weights(dataset, recipe)
    if weights is not None and n_customers:
        placed = placed[repeated_rows(weights[placed])]
    groups = labels[placed]
    sizes = np.bincount(groups, minlength=k).astype(np.float64)
    share = n_customers / max(len(placed), 1) if weights is not None else 1.0
    found: list[tuple[Contrast, ...]] = []
    for place, each in enumerate(words):
        progress(place / len(words), f"Comparing the segments in {each.label}")
        column = dataset.frame[each.column].iloc[placed]
        of_column: list[Contrast] = []
        if each.counted:
            of_column = _of_category(each, column, groups, sizes)
        elif (values := known_numbers(column, each, unknown.get(each.column, ()))) is not None:
            of_column = [_of_numbers(each, values, groups, sizes)]
        found.append(tuple(replace(one, n_have=round(one.n_have * share)) for one in of_column))
    return found


def known_numbers(column: pd.Series, words: ColumnWords, unknown: tuple[float, ...]) -> FloatArray | None:
    """Return a column's numbers, dates in nanoseconds, NaN for what is not known; None where nothing is."""
    if words.kind is ColumnKind.DATE:
        if not pd.api.types.is_datetime64_any_dtype(column):
            return None
        values = column.astype("datetime64[ns]").to_numpy().astype(np.int64).astype(np.float64)
        values[column.isna().to_numpy()] = np.nan
    else:
        values = column.to_numpy(dtype=np.float64, copy=True)
        if unknown:
            values[np.isin(values, unknown)] = np.nan
    return values if np.isfinite(values).any() else None


def _of_numbers(words: ColumnWords, values: FloatArray, groups: IntArray, sizes: FloatArray) -> Contrast:
    k = len(sizes)
    is_known = np.isfinite(values)
    known, members = values[is_known], groups[is_known]
    counts = np.bincount(members, minlength=k).astype(np.float64)
    means = _divided(np.bincount(members, weights=known, minlength=k), counts)
    mean, sd = float(known.mean()), float(known.std())
    statistic, effects = _statistic_of(known, mean, sd, words), None
    if statistic == "median":
        shown, overall = _medians(known, members, k), float(np.median(known))
        ranks = _mid_ranks(known)
        rank_means = _divided(np.bincount(members, weights=ranks, minlength=k), counts)
        effects = _divided(rank_means - ranks.mean(), np.full(k, ranks.std()))
    else:
        shown, overall = means, mean
        effects = _divided(means - mean, np.full(k, sd))
    index = np.full(k, np.nan)
    if not (words.kind is ColumnKind.DATE or words.is_year) and known.min() >= 0 and overall > 0:
        # Of what is shown: a reader divides the two numbers that stand beside it.
        index = 100 * shown / overall
    return Contrast(
        words, None, "share" if words.is_share else statistic, shown, overall, np.nan_to_num(effects),
        above=_divided(np.bincount(members, weights=known > overall, minlength=k), counts),
        below=_divided(np.bincount(members, weights=known < overall, minlength=k), counts),
        known=_divided(counts, sizes), index=index,
        ones=_divided(np.bincount(members, weights=known == 1, minlength=k), counts),
        zeros=_divided(np.bincount(members, weights=known == 0, minlength=k), counts), n_have=len(known),
    )  # fmt: skip


def profiles_as_shown(result: Result) -> SegmentProfiles:
    """Return a result's profiles, the index of each column that is shown by its median being that of the medians.

    Pictures of the index stand beside tables of medians, and say the same as they do.
    """
    if result not in _PROFILES:
        _PROFILES[result] = _with_shown_index(result)
    return _PROFILES[result]


# A page draws a result again at every touch.
_PROFILES: WeakKeyDictionary[Result, SegmentProfiles] = WeakKeyDictionary()


def _with_shown_index(result: Result) -> SegmentProfiles:
    dataset, segmentation, profiles = result.dataset, result.segmentation, result.profiles
    rated = {name for profile in profiles for name in profile.index}
    words = tuple(
        each
        for each in column_words(dataset, segmentation.recipe)
        if each.column in rated and not each.counted and not each.is_share
    )
    labels, k = segmentation.labels.to_numpy(), segmentation.n_segments
    medians = {
        each.words.column: each.index
        for each in contrasts(dataset, segmentation.recipe, words, labels, k)
        if each.statistic == "median"
    }
    return SegmentProfiles(
        replace(
            profile,
            index={
                name: float(medians[name][profile.segment - 1]) if name in medians else index
                for name, index in profile.index.items()
            },
        )
        for profile in profiles
    )


def _statistic_of(known: FloatArray, mean: float, sd: float, words: ColumnWords) -> Statistic:
    """Return what speaks for a column: the median where a few large values would pull the mean to themselves."""
    if words.kind is ColumnKind.DATE:
        return "median"
    if words.is_share or sd == 0 or len(np.unique(known[:1_000])) <= FEW_VALUES:
        return "mean"
    skewness = float((((known - mean) / sd) ** 3).mean())
    # Where half of everyone has the same least value, the median tells segments apart less than the mean.
    at_the_end = np.median(known) in (known.min(), known.max())
    return "median" if abs(skewness) >= config.STRONG_SKEW and not at_the_end else "mean"


def _of_category(words: ColumnWords, column: pd.Series, groups: IntArray, sizes: FloatArray) -> list[Contrast]:
    codes, levels = pd.factorize(to_category(column), sort=True)
    if not len(levels):
        return []
    k, is_known = len(sizes), codes >= 0
    table = np.zeros((len(levels), k))
    np.add.at(table, (codes[is_known], groups[is_known]), 1.0)
    counts = table.sum(axis=0)
    overall = table.sum(axis=1) / table.sum()
    shares = _divided(table, np.broadcast_to(counts, table.shape))
    spread = np.sqrt(overall * (1 - overall))
    found = []
    for level in np.argsort(-overall, kind="stable")[:MOST_LEVELS]:
        share = shares[level]
        effects = _divided(share - overall[level], np.full(k, spread[level]))
        found.append(
            Contrast(
                words, str(levels[level]), "share", share, float(overall[level]), np.nan_to_num(effects),
                above=share, below=1 - share, known=_divided(counts, sizes), index=100 * share / overall[level],
                ones=np.full(k, np.nan), zeros=np.full(k, np.nan), n_have=int(table[level].sum()),
            )
        )  # fmt: skip
    return found


def _medians(values: FloatArray, members: IntArray, k: int) -> FloatArray:
    order = np.lexsort((values, members))
    ordered = values[order]
    ends = np.concatenate([[0], np.cumsum(np.bincount(members, minlength=k))])
    return np.array([np.median(ordered[low:high]) if high > low else np.nan for low, high in pairwise(ends)])


def _mid_ranks(values: FloatArray) -> FloatArray:
    """Return each value's rank, 0-1; equal values share the middle one."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts / 2) / len(values))[places]


def _divided(numbers: FloatArray | IntArray, by: FloatArray) -> FloatArray:
    found: FloatArray = np.divide(numbers, by, out=np.full(np.shape(numbers), np.nan), where=by > 0)
    return found
