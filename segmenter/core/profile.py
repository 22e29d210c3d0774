"""What makes each segment different, in the user's own units?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmenter.core.dataset import NUMERIC_KINDS, ColumnKind, Dataset
from segmenter.core.segmentation import Segmentation

_DESCRIBED = {*NUMERIC_KINDS, ColumnKind.YES_NO}
_COUNTED = {ColumnKind.CATEGORY, ColumnKind.ORDERED}


@dataclass(frozen=True)
class SegmentProfile:
    """One segment in numbers.

    Attributes
    ----------
    segment
        1 for the largest.
    share
        Of the customers that are in a segment, 0-1.
    means, medians
        Per number column, in its own units, over the customers that have a value.
    index
        100 · segment mean / mean of all customers in segments; only for columns without negative values,
        where a ratio has a meaning.
    shares
        Per category column: share of each value among the customers that have one, 0-1.
    silhouette
        Mean silhouette of its customers, −1 to 1; None where undefined.
    """

    segment: int
    name: str
    size: int
    share: float
    means: Mapping[str, float]
    medians: Mapping[str, float]
    index: Mapping[str, float]
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    silhouette: float | None = None


def profile_segments(dataset: Dataset, segmentation: Segmentation) -> tuple[SegmentProfile, ...]:
    """Describe each segment by the columns that formed it and by every other one that describes.

    Segments that have no customer in this file are described by size 0 and no values.
    """
    labels = segmentation.labels
    placed = labels >= 0
    numbers = dataset.frame.loc[placed, list(number_columns(dataset, segmentation))].astype(float)
    overall = numbers.mean()
    ratios = [str(name) for name in numbers if numbers[str(name)].min() >= 0 and overall[str(name)] > 0]
    silhouettes = segmentation.quality.per_segment if segmentation.quality else {}
    categories = dataset.frame.loc[placed, list(category_columns(dataset))]
    groups = labels[placed]
    profiles = []
    for segment, name in enumerate(segmentation.names):
        members = groups == segment
        means = numbers[members].mean().dropna()
        profiles.append(
            SegmentProfile(
                segment=segment + 1,
                name=name,
                size=int(members.sum()),
                share=float(members.sum() / max(len(groups), 1)),
                means=_plain(means),
                medians=_plain(numbers[members].median().dropna()),
                index=_plain(100 * means.reindex(ratios).dropna() / overall[ratios]),
                shares=_value_shares(categories[members]),
                silhouette=silhouettes.get(segment),
            )
        )
    return tuple(profiles)


def number_columns(dataset: Dataset, segmentation: Segmentation) -> tuple[str, ...]:
    """Return the number columns worth describing: those that formed the segments first."""
    forming = [each.column for each in segmentation.preparation.numbers_ if _is_number(dataset, each.column)]
    forming = [column.name for column in dataset.columns if column.name in forming]
    others = [column.name for column in dataset.columns if column.kind in _DESCRIBED]
    return tuple(dict.fromkeys([*forming, *others]))


def category_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the category columns worth describing."""
    return tuple(column.name for column in dataset.columns if column.kind in _COUNTED)


def summary_table(profiles: tuple[SegmentProfile, ...]) -> pd.DataFrame:
    """Return one row per segment: number, name, size, share, then mean, median and index per column."""
    rows = [
        {
            "segment": profile.segment,
            "segment_name": profile.name,
            "size": profile.size,
            "share": profile.share,
            "silhouette": profile.silhouette,
            **_columns(profile),
        }
        for profile in profiles
    ]
    return pd.DataFrame(rows)


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


def _value_shares(categories: pd.DataFrame) -> dict[str, Mapping[str, float]]:
    return {str(name): _plain(categories[name].value_counts(normalize=True).sort_index()) for name in categories}


def _is_number(dataset: Dataset, name: str) -> bool:
    return name in dataset.frame and bool(pd.api.types.is_numeric_dtype(dataset.frame[name]))


def _plain(values: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items() if np.isfinite(value)}
