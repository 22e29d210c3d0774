"""Profiles of segments in the user's own units: means, shares, index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from segmenter.config import SMALL_GROUP
from segmenter.display import counted, html_view, percent_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.weights import customer_weights, weighted_median
from segmenter.progress import Progress, silent
from segmenter.segment.quality import SegmentStability
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import NUMERIC_KINDS, ColumnKind, Dataset
from segmenter.table.infer.meanings import are_years
from segmenter.typing import FloatArray, IntArray

# Survey practice: figures of fewer customers are marked once, of fewer than half as many twice.
LOW_BASE, VERY_LOW_BASE = 60, 30
_DESCRIBED = {*NUMERIC_KINDS, ColumnKind.YES_NO}
_COUNTED = {ColumnKind.CATEGORY, ColumnKind.ORDERED}


def low_base(size: int) -> str:
    """Return the mark of figures that rest on few customers: "**" under 30, "*" under 60, else nothing."""
    return "**" if size < VERY_LOW_BASE else "*" if size < LOW_BASE else ""


def low_base_key(sizes: Iterable[int]) -> str:
    """Return what the marks mean that segments of these sizes have; empty where none has one."""
    words = {
        "*": f"* Fewer than {LOW_BASE} customers: take the figures as about.",
        "**": f"** Fewer than {VERY_LOW_BASE} customers: the figures of so few are uncertain.",
    }
    marks = sorted({low_base(size) for size in sizes} - {""})
    return " ".join(words[mark] for mark in marks)


@dataclass(frozen=True, repr=False)
class SegmentProfile:
    """One segment in numbers.

    Attributes
    ----------
    segment
        1 for the largest.
    share
        Of the customers that are in a segment, or of all where they were placed in others' segments, 0-1; with a
        column of weights, of their weight, and so in every mean, median, share and index below.
    means, medians
        Per number column, in its own units, over the customers that have a value.
    index
        100 · segment mean / mean of all customers in segments; only for columns without negative values,
        where a ratio has a meaning.
    shares
        Per category column: share of each value among the customers that have one, 0-1; 0 for a value that only
        other segments have.
    share_index
        Like `shares`: 100 · share in the segment / share among all customers in segments.
    silhouette
        Mean silhouette of its customers, −1 to 1; None where undefined.
    stability
        How reliably it was found again when the segments were formed; None where that is not known.
    """

    segment: int
    name: str
    size: int
    share: float
    means: Mapping[str, float]
    medians: Mapping[str, float]
    index: Mapping[str, float]
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    share_index: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    silhouette: float | None = None
    stability: SegmentStability | None = None

    def __repr__(self) -> str:
        customers = counted(self.size, "customer")
        return f"<SegmentProfile {self.segment} {self.name!r}: {customers}, {percent_text(self.share, 1)}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[object, ...]] = [
            (column, mean, self.medians.get(column), self.index.get(column)) for column, mean in self.means.items()
        ]
        rows += [
            (f"{column}: {value}", percent_text(share, 1), None, self.share_index.get(column, {}).get(value))
            for column, shares in self.shares.items()
            for value, share in shares.items()
        ]
        return html_view(repr(self), ("column", "mean or share", "median", "index"), rows)


class SegmentProfiles(tuple[SegmentProfile, ...]):
    """All segments in numbers: a tuple of `SegmentProfile`, the largest segment first."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<SegmentProfiles: {', '.join(f'{each.name!r} {percent_text(each.share, 1)}' for each in self)}>"

    def _repr_html_(self) -> str:
        columns = list(dict.fromkeys(column for each in self for column in each.means))
        rows = (
            (
                each.segment,
                each.name,
                each.size,
                percent_text(each.share, 1),
                *(each.means.get(name) for name in columns),
            )
            for each in self
        )
        headers = ("segment", "name", "customers", "share", *(f"mean {name}" for name in columns))
        return html_view(f"{counted(len(self), 'segment')} in numbers", headers, rows)


def profile_segments(
    dataset: Dataset, segmentation: Segmentation, *, from_before: bool = False, progress: Progress = silent
) -> SegmentProfiles:
    """Describe each segment by the columns that formed it and by every other one that describes.

    Segments that have no customer in this file are described by size 0 and no values.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them, or `assign_segments(…).segmentation`.
    from_before
        Whether the customers were placed in segments that others formed: shares are then those of all customers, also
        of those in no segment, and nothing is said of the reliability of a segment that hardly anybody is in.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    InvalidSettingError
        If the segmentation has no labels of these customers, such as one that was loaded from a model file.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, fit_segmentation, profile_segments, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> profiles = profile_segments(dataset, segmentation)
    >>> [profile.segment for profile in profiles], sum(profile.size for profile in profiles)
    ([1, 2, 3, 4, 5], 300)
    """
    check_type(dataset, Dataset, "dataset")
    check_type(segmentation, Segmentation, "segmentation")
    labels = segmentation.labels
    if len(labels) != dataset.n_customers:
        message = (
            f"These segments have labels of {len(labels):,} customers, and {dataset.name} has {dataset.n_customers:,}. "
            "Place its customers with assign_segments first, and describe the segmentation that it returns."
        )
        raise InvalidSettingError(message)
    placed = labels >= 0
    numbers = _numbers(dataset, segmentation, np.flatnonzero(placed))
    every = customer_weights(dataset, segmentation.recipe)
    weights = None if every is None else every[placed.to_numpy()]
    overall = _means(numbers, weights)
    ratios = [
        name
        for name, mean in overall.items()
        if mean > 0 and np.nanmin(numbers[name]) >= 0 and not are_years(name, pd.Series(numbers[name]).dropna())
    ]
    silhouettes = segmentation.quality.per_segment if segmentation.quality else {}
    categories = dataset.frame.loc[placed, list(category_columns(dataset))]
    common = _value_shares(categories, weights)
    groups = labels[placed]
    sizes = groups.value_counts()
    stability = {
        each.segment: each
        for each in segmentation.stability
        if not from_before or sizes.get(each.segment, 0) >= SMALL_GROUP
    }
    n_all, counted_all = len(groups), 0.0 if weights is None else float(weights.sum())
    if from_before:
        n_all, counted_all = len(labels), 0.0 if every is None else float(every.sum())
    profiles = []
    for segment, name in enumerate(segmentation.names):
        progress(segment / segmentation.n_segments, f"Describing {name}")
        members = groups == segment
        counts = None if weights is None else weights[members.to_numpy()]
        here = {column: values[members.to_numpy()] for column, values in numbers.items()}
        means = _means(here, counts)
        shares = _value_shares(categories[members], counts, common)
        profiles.append(
            SegmentProfile(
                segment=segment + 1,
                name=name,
                size=int(members.sum()),
                share=float(members.sum() / max(n_all, 1))
                if weights is None or counts is None
                else float(counts.sum() / max(counted_all, np.finfo(float).tiny)),
                means=means,
                medians=_medians(here, counts),
                index={column: 100 * means[column] / overall[column] for column in ratios if column in means},
                shares=shares,
                share_index=_share_index(shares, common),
                silhouette=silhouettes.get(segment),
                stability=stability.get(segment),
            )
        )
    progress(1.0, "Described")
    return SegmentProfiles(profiles)


def number_columns(dataset: Dataset, segmentation: Segmentation) -> tuple[str, ...]:
    """Return the number columns worth describing: those that formed the segments first."""
    forming = [each.column for each in segmentation.preparation.numbers_ if _is_number(dataset, each.column)]
    forming = [column.name for column in dataset.columns if column.name in forming]
    weight = segmentation.recipe.weight_column
    others = [column.name for column in dataset.columns if column.kind in _DESCRIBED and column.name != weight]
    return tuple(dict.fromkeys([*forming, *others]))


def category_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the category columns worth describing."""
    return tuple(column.name for column in dataset.columns if column.kind in _COUNTED)


def summary_table(profiles: tuple[SegmentProfile, ...]) -> pd.DataFrame:
    """Return one row per segment: number, name, size, share, then mean, median and index per column.

    Parameters
    ----------
    profiles
        What `profile_segments` returned.
    """
    rows = [
        {
            "segment": profile.segment,
            "segment_name": profile.name,
            "size": profile.size,
            "share": profile.share,
            "silhouette": profile.silhouette,
            **_reliability(profile.stability),
            **_columns(profile),
        }
        for profile in profiles
    ]
    return pd.DataFrame(rows)


def _reliability(stability: SegmentStability | None) -> dict[str, float | str | None]:
    if stability is None:
        return {"jaccard": None, "found_again": None, "light": None}
    return {"jaccard": stability.jaccard, "found_again": stability.found, "light": stability.light.value}


def _columns(profile: SegmentProfile) -> dict[str, float | None]:
    cells: dict[str, float | None] = {}
    for name in profile.means:
        cells[f"{name} (mean)"] = profile.means[name]
        cells[f"{name} (median)"] = profile.medians.get(name)
        cells[f"{name} (index)"] = profile.index.get(name)
    for name, shares in profile.shares.items():
        for value, share in shares.items():
            cells[f"{name}: {value} (share)"] = share
    return cells


def rank_values_by_difference(profiles: tuple[SegmentProfile, ...], most: int) -> tuple[tuple[str, str], ...]:
    """Return the (column, value) pairs whose shares differ most from segment to segment, in the columns' order.

    A value that only a handful of customers have is none of them: its shares differ by chance.
    """
    n_customers = sum(profile.size for profile in profiles)
    least = min(VERY_LOW_BASE, _RARE * n_customers)
    shares: dict[tuple[str, str], list[float]] = {}
    n_have: dict[tuple[str, str], float] = {}
    for profile in profiles:
        for column, known in profile.shares.items():
            for value, share in known.items():
                shares.setdefault((column, value), []).append(share)
                having = share * profile.size if np.isfinite(share) else 0.0
                n_have[column, value] = n_have.get((column, value), 0.0) + having
    spans = {pair: max(found) - min(found) for pair, found in shares.items() if n_have[pair] >= least}
    telling = sorted((pair for pair in spans if spans[pair] > 0), key=lambda pair: -spans[pair])[:most]
    return tuple(pair for pair in shares if pair in telling)


# In a small file, a value that so small a share of the customers have is rare.
_RARE: Final = 0.05


def _numbers(dataset: Dataset, segmentation: Segmentation, rows: IntArray) -> dict[str, FloatArray]:
    """Return the values of each number column in some rows; codes that stand for no value are missing."""
    found = {
        name: dataset.frame[name].to_numpy(dtype=np.float64)[rows] for name in number_columns(dataset, segmentation)
    }
    for spec in segmentation.recipe.features:
        if spec.unknown and spec.column in found:
            values = found[spec.column]
            found[spec.column] = np.where(np.isin(values, spec.unknown), np.nan, values)
    return found


def _means(numbers: Mapping[str, FloatArray], weights: FloatArray | None) -> dict[str, float]:
    """Return the mean of each column in which somebody has a value."""
    found = {}
    for name, values in numbers.items():
        is_known = np.isfinite(values)
        if is_known.any():
            counts = None if weights is None else weights[is_known]
            found[name] = float(np.average(values[is_known], weights=counts))
    return found


def _medians(numbers: Mapping[str, FloatArray], weights: FloatArray | None) -> dict[str, float]:
    """Return the median of each column in which somebody has a value."""
    found = {}
    for name, values in numbers.items():
        is_known = np.isfinite(values)
        if is_known.any():
            known = values[is_known]
            found[name] = float(np.median(known) if weights is None else weighted_median(known, weights[is_known]))
    return found


def _value_shares(
    categories: pd.DataFrame,
    weights: FloatArray | None,
    common: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, Mapping[str, float]]:
    """Return the share of each value; of those in `common`, where given, also the ones that nobody has here."""
    found: dict[str, Mapping[str, float]] = {}
    for name in map(str, categories):
        if weights is None:
            shares = _plain(categories[name].value_counts(normalize=True).sort_index())
        else:
            sums = pd.Series(weights, index=categories.index).groupby(categories[name], observed=True).sum()
            shares = _plain((sums / sums.sum()).sort_index()) if len(sums) else {}
        # A column that nobody has a value of has no shares, rather than none of each value.
        found[name] = {value: shares.get(value, 0.0) for value in common[name]} if common and shares else shares
    return found


def _share_index(
    shares: Mapping[str, Mapping[str, float]], common: Mapping[str, Mapping[str, float]]
) -> dict[str, Mapping[str, float]]:
    return {
        column: {value: 100 * share / common[column][value] for value, share in known.items() if common[column][value]}
        for column, known in shares.items()
    }


def _is_number(dataset: Dataset, name: str) -> bool:
    return name in dataset.frame and bool(pd.api.types.is_numeric_dtype(dataset.frame[name]))


def _plain(values: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items() if np.isfinite(value)}
