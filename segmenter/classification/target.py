"""The column that holds the known segment, and the customers that have one."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter.classification.recipe import SEGMENTS, LearningRecipe
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.learning import OneClassError, TooFewMembersError, TooManyClassesError
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.typing import BoolArray, IntArray

FEWEST_CLASSES, MOST_CLASSES = 2, 30
_NAMES = frozenset(
    {
        "segment", "segments", "segmentation", "class", "classes", "classification", "target", "label", "labels",
        "cluster", "clusters", "group", "tier", "persona", "category", "outcome", "response", "segmentname",
        "customersegment", "customerclass", "customertype",
    }
)  # fmt: skip
_CATEGORIES = frozenset({ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.YES_NO, ColumnKind.CONSENT})
_COUNTED = frozenset({ColumnKind.NUMBER, ColumnKind.CODE})


@dataclass(frozen=True)
class TargetSuggestion:
    """A column that could be learnt.

    Attributes
    ----------
    n_classes
        How many different values it has.
    named
        Whether it is called like something to learn, which makes it the one to propose.
    """

    column: str
    n_classes: int
    named: bool
    reason: str


def suggest_targets(dataset: Dataset) -> tuple[TargetSuggestion, ...]:
    """Return the columns that could be learnt, the likeliest first."""
    # What is to be told usually stands last.
    found = [_suggestion(column) for column in reversed(dataset.columns)]
    possible = [each for each in found if each is not None]
    return (*(each for each in possible if each.named), *(each for each in possible if not each.named))


@dataclass(frozen=True, eq=False)
class LabelledCustomers:
    """The customers whose segment is known.

    Attributes
    ----------
    rows
        Positions in the file, shape (n,), in an order that only the customers' values decide.
    codes
        Shape (n,): the class of each, a position in `classes`.
    classes
        The segments' names, ascending.
    n_unlabelled
        How many customers have none.
    """

    rows: IntArray
    codes: IntArray
    classes: tuple[str, ...]
    n_unlabelled: int

    def only(self, keeps: BoolArray, recipe: LearningRecipe) -> "LabelledCustomers":
        """Return the customers that are kept, shape (n,), if there are still enough of each class."""
        fewer = replace(self, rows=self.rows[keeps], codes=self.codes[keeps])
        _check(fewer, recipe)
        return fewer


def known_segments(
    dataset: Dataset, recipe: LearningRecipe, segmentation: Segmentation | None = None
) -> LabelledCustomers:
    """Return who has a known segment, and which.

    Raises
    ------
    UnknownColumnError, OneClassError, TooManyClassesError, TooFewMembersError
        If there is no such column, or its values cannot be learnt.
    """
    labels = _labels(dataset, recipe.target, segmentation)
    given = labels.notna().to_numpy()
    rows = np.flatnonzero(given)
    classes, codes = np.unique(labels[given].to_numpy(dtype=str), return_inverse=True)
    order = _content_order(dataset.frame.iloc[rows], codes)
    known = LabelledCustomers(rows[order], codes[order], tuple(str(each) for each in classes), int((~given).sum()))
    _check(known, recipe)
    return known


def labels_of(dataset: Dataset, target: str) -> pd.Series:
    """Return the target's values as the file writes them, missing where there is none."""
    column = dataset.column(target)
    values = dataset.frame[target]
    if column.kind in (ColumnKind.YES_NO, ColumnKind.CONSENT) or not pd.api.types.is_numeric_dtype(values):
        written = dataset.original[target].astype("str").str.strip()
        return written.where(values.notna())
    return values.map(lambda number: f"{number:.15g}", na_action="ignore").astype("str")


def _labels(dataset: Dataset, target: str, segmentation: Segmentation | None) -> pd.Series:
    if target == SEGMENTS:
        if segmentation is None or len(segmentation.labels) != dataset.n_customers:
            message = "There are no segments to learn. Form segments from this file first, or name a column to learn."
            raise InvalidSettingError(message)
        return segmentation.labels.map(dict(enumerate(segmentation.names))).astype("str")
    if target not in dataset.frame:
        raise UnknownColumnError([target], list(dataset.frame.columns))
    return labels_of(dataset, target)


def _content_order(frame: pd.DataFrame, codes: IntArray) -> IntArray:
    columns = frame[sorted(frame.columns)]
    hashes = pd.util.hash_pandas_object(columns, index=False).to_numpy()
    return np.lexsort([codes, hashes])


def _check(known: LabelledCustomers, recipe: LearningRecipe) -> None:
    sizes = np.bincount(known.codes, minlength=len(known.classes)).tolist()
    counts = dict(zip(known.classes, sizes, strict=True))
    if len(counts) < FEWEST_CLASSES:
        raise OneClassError(recipe.target, tuple(counts))
    if len(counts) > MOST_CLASSES:
        raise TooManyClassesError(recipe.target, len(counts), MOST_CLASSES)
    needed = _needed(recipe)
    few = {name: count for name, count in counts.items() if count < needed}
    if few:
        raise TooFewMembersError(recipe.target, few, needed)


def _needed(recipe: LearningRecipe) -> int:
    # Every part needs one of each, after the held-out share, within a part's own parts too.
    return 2 * recipe.folds


def check_customers(known: LabelledCustomers, groups: IntArray, recipe: LearningRecipe) -> None:
    """Refuse segments of too few different customers, where rows of one group are one customer's, or copies.

    Raises
    ------
    TooFewMembersError
        If some part could not have any of a segment.
    """
    pairs = np.unique(np.column_stack([known.codes, groups]), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(known.classes)).tolist()
    needed = _needed(recipe)
    few = {name: count for name, count in zip(known.classes, counts, strict=True) if count < needed}
    if few:
        raise TooFewMembersError(recipe.target, few, needed, copies=len(np.unique(groups)) < len(groups))


def _suggestion(column: Column) -> TargetSuggestion | None:
    named = "".join(letter for letter in column.name.casefold() if letter.isalpha()) in _NAMES
    if not FEWEST_CLASSES <= column.distinct <= MOST_CLASSES:
        return None
    if column.kind not in _CATEGORIES and not (named and column.kind in _COUNTED):
        return None
    why = "called like something to learn, with" if named else "with"
    return TargetSuggestion(column.name, column.distinct, named, f"{why} {column.distinct} different values")
