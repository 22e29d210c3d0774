"""Segments inside each group of a known column, and what tells segments apart: corrected tests, drivers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from segmenter import config
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.cards import name_segments, placed_customers
from segmenter.explain.columns import column_words
from segmenter.explain.contrasts import known_numbers
from segmenter.measures.association import association, association_of_table, holm
from segmenter.prepare.coerce import to_category
from segmenter.prepare.weights import customer_weights, effective_size
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe, Role
from segmenter.sampling import systematic_sample
from segmenter.segment.profile import profile_segments
from segmenter.segment.segmentation import Segmentation, fit_segmentation
from segmenter.table.dataset import Dataset
from segmenter.typing import BoolArray, FloatArray, IntArray

# A column of more values names customers rather than groups of them.
MOST_GROUPS = 20
CountOf = Callable[[Dataset, Recipe], int]
"""(customers of a group, recipe) to the number of segments to form of them."""


@dataclass(frozen=True, eq=False)
class GroupSegments:
    """The segments inside one group.

    Attributes
    ----------
    group
        The value of the column.
    members
        Shape (n_customers,): which customers of the whole file it is.
    dataset
        These customers.
    segmentation
        Their segments; None where none could be formed.
    problem
        Why, in a sentence.
    """

    group: str
    members: BoolArray
    dataset: Dataset
    segmentation: Segmentation | None
    problem: str = ""


@dataclass(frozen=True, eq=False)
class WithinGroups:
    """The segments inside every group of a column.

    Attributes
    ----------
    groups
        The largest first.
    """

    dataset: Dataset
    column: str
    groups: tuple[GroupSegments, ...]

    def labelled(self) -> pd.DataFrame:
        """Return the original columns and `group`, `segment` (1 the largest of its group) and `segment_name`."""
        n = self.dataset.n_customers
        found = pd.DataFrame(
            {
                "group": pd.Series([None] * n, dtype="object"),
                "segment": pd.Series([pd.NA] * n, dtype="Int64"),
                "segment_name": pd.Series([None] * n, dtype="object"),
            }
        )
        for each in self.groups:
            found.loc[each.members, "group"] = each.group
            if each.segmentation is None:
                continue
            labels = each.segmentation.labels.to_numpy()
            names = dict(enumerate(each.segmentation.names))
            found.loc[each.members, "segment"] = [pd.NA if label < 0 else label + 1 for label in labels]
            found.loc[each.members, "segment_name"] = [names.get(label) for label in labels]
        table = self.dataset.original.reset_index(drop=True)
        taken = {str(name) for name in table}
        renamed = {name: f"{name}_within" if name in taken else name for name in found}
        return pd.concat([table, found.rename(columns=renamed)], axis=1)

    def table(self) -> pd.DataFrame:
        """Return one row per segment of each group: its name, customers, share of the group, and means."""
        rows: list[Mapping[str, object]] = []
        for each in self.groups:
            if each.segmentation is None:
                size = int(each.members.sum())
                rows.append({self.column: each.group, "Segment": each.problem, "Customers": size})
                continue
            for profile in profile_segments(each.dataset, each.segmentation):
                rows.append(
                    {
                        self.column: each.group,
                        "Segment": profile.name,
                        "Customers": profile.size,
                        "Share of the group": profile.share,
                        **{f"mean {name}": mean for name, mean in profile.means.items()},
                    }
                )
        return pd.DataFrame(rows)


def fit_within(
    dataset: Dataset, recipe: Recipe, column: str, *, count: CountOf | None = None, progress: Progress = silent
) -> WithinGroups:
    """Form segments inside each group of a column, one group at a time.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        How segments are formed; the column itself only describes.
    column
        Says each customer's group, such as the stage of its lifecycle. Customers without a value are in none.
    count
        How many segments a group gets; the recipe's number where nothing is said.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    UnknownColumnError, InvalidSettingError
        If there is no such column, or it has one value alone or too many.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    if column not in dataset.frame:
        raise UnknownColumnError([column], [each.name for each in dataset.columns])
    values = to_category(dataset.frame[column])
    counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if not 2 <= len(counts) <= MOST_GROUPS:
        message = f"{column} has {len(counts)} different values; segments are formed inside 2 to {MOST_GROUPS} groups."
        raise InvalidSettingError(message)
    features = tuple(
        replace(each, role=Role.DESCRIPTOR) if each.column == column and each.segments else each
        for each in recipe.features
    )
    recipe = replace(recipe, features=features, edits=())
    groups = []
    for number, group in enumerate(counts.index):
        step = part(progress, number / len(counts), (number + 1) / len(counts))
        members = (values == group).to_numpy(dtype=bool)
        some = replace(
            dataset,
            frame=dataset.frame[members].reset_index(drop=True),
            original=dataset.original[members].reset_index(drop=True),
            fingerprint=f"{dataset.fingerprint} {column} {group}",
        )
        groups.append(_formed(str(group), members, some, recipe, count, step))
    return WithinGroups(dataset, column, tuple(groups))


def _formed(
    group: str, members: BoolArray, some: Dataset, recipe: Recipe, count: CountOf | None, progress: Progress
) -> GroupSegments:
    progress(0.0, f"Forming segments of {group}")
    if int(np.count_nonzero(members)) < 2 * config.SMALL_GROUP:
        problem = f"Too few customers for segments: fewer than {2 * config.SMALL_GROUP}."
        return GroupSegments(group, members, some, None, problem)
    try:
        asked = replace(recipe, n_segments=count(some, recipe) if count else recipe.n_segments)
        formed = name_segments(some, fit_segmentation(some, asked, progress=progress))
    except SegmenterError as error:
        return GroupSegments(group, members, some, None, str(error))
    return GroupSegments(group, members, some, formed)


# Beyond so many customers, shuffling a column moves the same share of them.
IMPORTANCE_ROWS: Final = 5_000
_SHUFFLES: Final = 3
# Cohen (1988): small, medium and large effects of group differences and of tables.
_ETA_BANDS: Final = ((0.14, "large"), (0.06, "medium"), (0.01, "small"))
_V_BANDS: Final = ((0.5, "large"), (0.3, "medium"), (0.1, "small"))
SIGNIFICANT: Final = 0.05


@dataclass(frozen=True)
class Difference:
    """How far the segments lie apart in one column.

    Attributes
    ----------
    column
        As in the dataset; `label` is its name in words.
    forming
        Whether it formed the segments, which then differ in it by construction: its test proves nothing.
    measure
        "eta squared", the share of the variance that lies between segments, of numbers and dates; "Cramér's V",
        without its bias, of categories.
    effect
        Its value, 0-1.
    size
        The effect in a word: "large", "medium", "small" or "none" (Cohen 1988).
    p
        How probable so large an effect is if the segments did not differ (analysis of variance, chi-square),
        corrected for the number of columns (Holm 1979).
    importance
        Share of the customers who would be in another segment if this column's values were dealt out at random;
        None for columns that did not form the segments.
    """

    column: str
    label: str
    forming: bool
    measure: Literal["eta squared", "Cramér's V"]
    effect: float
    size: str
    p: float
    importance: float | None = None

    @property
    def is_significant(self) -> bool:
        """Whether chance alone hardly explains the difference."""
        return self.p < SIGNIFICANT


def compare_columns(
    dataset: Dataset, segmentation: Segmentation, *, progress: Progress = silent
) -> tuple[Difference, ...]:
    """Return how far the segments lie apart in every column that describes customers, the clearest first.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them, or `assign_segments(…).segmentation`.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, compare_columns, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> compare_columns(dataset, segmentation)[-1].column  # gender hardly differs
    'Gender'
    """
    placed, groups = placed_customers(dataset, segmentation)
    every = customer_weights(dataset, segmentation.recipe)
    weights = None if every is None else every[placed]
    words = column_words(dataset, segmentation.recipe)
    importance = column_importance(dataset, segmentation)
    unknown = {spec.column: spec.unknown for spec in segmentation.recipe.features}
    found: list[tuple[Difference, float]] = []
    for place, each in enumerate(words):
        progress(place / len(words), f"Comparing the segments in {each.label}")
        column = dataset.frame[each.column].iloc[placed]
        if each.counted:
            effect, p = _cramers_v(column, groups, weights)
            measure: Literal["eta squared", "Cramér's V"] = "Cramér's V"
        else:
            values = known_numbers(column, each, unknown.get(each.column, ()))
            effect, p = (0.0, 1.0) if values is None else eta_squared(values, groups, weights)
            measure = "eta squared"
        bands = _V_BANDS if each.counted else _ETA_BANDS
        size = next((word for least, word in bands if effect >= least), "none")
        found.append(
            (
                Difference(
                    each.column, each.label, each.forming, measure, effect, size, p, importance.get(each.column)
                ),
                p,
            )
        )
    corrected = holm(np.array([p for _, p in found])) if found else np.empty(0)
    progress(1.0, "Compared")
    differences = [_with_p(each, float(p)) for (each, _), p in zip(found, corrected, strict=True)]
    return tuple(sorted(differences, key=lambda each: -each.effect))


def _with_p(difference: Difference, p: float) -> Difference:
    return Difference(**{**vars(difference), "p": p})


def eta_squared(values: FloatArray, groups: IntArray, weights: FloatArray | None = None) -> tuple[float, float]:
    """Return the share of the variance that lies between groups, and the p of an analysis of variance.

    With weights, the test is that of as many customers as would tell as much if all counted the same (Kish 1965).

    Parameters
    ----------
    values
        Shape (n,); NaN for what is not known.
    groups
        Shape (n,), 0 … k-1.
    weights
        Shape (n,), how much each customer counts; None where all count the same.
    """
    known = np.isfinite(values)
    values, groups = values[known], groups[known]
    if weights is None or not len(values):
        counted = np.ones(len(values))
    else:
        counted = weights[known] * (effective_size(weights[known]) / weights[known].sum())
    counts = np.bincount(groups, weights=counted)
    present = np.bincount(groups) > 0
    n, k = float(counted.sum()), int(present.sum())
    if k < 2 or n <= k:
        return 0.0, 1.0
    # Large values, such as dates in nanoseconds, keep their digits once they are centred.
    centred = values - np.average(values, weights=counted)
    total = float((counted * centred**2).sum())
    if total == 0:
        return 0.0, 1.0
    means = np.bincount(groups, weights=counted * centred)[present] / counts[present]
    between = min(float((counts[present] * means**2).sum()), total)
    within = total - between
    if within <= 0:
        return 1.0, 0.0
    statistic = (between / (k - 1)) / (within / (n - k))
    return between / total, float(f_distribution.sf(statistic, k - 1, n - k))


def _cramers_v(column: pd.Series, groups: IntArray, weights: FloatArray | None = None) -> tuple[float, float]:
    codes, levels = pd.factorize(to_category(column))
    known = codes >= 0
    present = np.unique(groups[known], return_inverse=True)[1].astype(np.intp)
    if len(levels) < 2 or not len(present) or present.max() < 1:
        return 0.0, 1.0
    if weights is not None:
        counted = weights[known] * (effective_size(weights[known]) / weights[known].sum())
        table = np.zeros((len(levels), int(present.max()) + 1))
        np.add.at(table, (codes[known], present), counted)
        return association_of_table(table)
    found = association([codes[known].astype(np.intp), present])
    return float(found.strength[0, 1]), float(found.chance[0, 1])


def column_importance(dataset: Dataset, segmentation: Segmentation) -> dict[str, float]:
    """Return, per forming column, the share of customers who change segment when its values are dealt out at random.

    Nothing where the file's columns are called otherwise than the model's.
    """
    columns = [each.column for each in segmentation.preparation.columns_]
    labels = segmentation.labels.to_numpy()
    rows = np.flatnonzero(labels >= 0)
    if any(name not in dataset.frame for name in columns) or not len(rows):
        return {}
    rows = rows[systematic_sample(len(rows), min(len(rows), IMPORTANCE_ROWS))]
    frame = dataset.frame.iloc[rows][columns].reset_index(drop=True)
    before = segmentation.pipeline.predict(frame)
    random = np.random.default_rng(config.DEFAULT_SEED)
    return {name: _moved(frame, name, before, segmentation, random) for name in columns}


def _moved(
    frame: pd.DataFrame, name: str, before: Sequence[int], segmentation: Segmentation, random: np.random.Generator
) -> float:
    shares = []
    for _ in range(_SHUFFLES):
        dealt = frame.assign(**{name: frame[name].to_numpy()[random.permutation(len(frame))]})
        shares.append(float(np.mean(segmentation.pipeline.predict(dealt) != before)))
    return float(np.mean(shares))
