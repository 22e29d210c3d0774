"""Segments inside each group of a known column: lifecycle stage first, then segments within it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.cards import name_segments
from segmenter.prepare.coerce import to_category
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe, Role
from segmenter.segment.profile import profile_segments
from segmenter.segment.segmentation import Segmentation, fit_segmentation
from segmenter.table.dataset import Dataset
from segmenter.typing import BoolArray

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
