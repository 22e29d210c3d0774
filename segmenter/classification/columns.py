"""Columns that may predict the segment, and those that leak it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from segmenter.classification.recipe import SEGMENTS
from segmenter.classification.splitting import all_alone, stratified_group_parts
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.learning import NothingToLearnFromError
from segmenter.prepare.suggest import suggest_features, used
from segmenter.recipe.recipe import FeatureSpec, Missing, Role, Transform
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import IntArray

# A column that alone is right about all but one in fifty of those whom the base rate gets wrong is no
# question that one could ask a new customer: it was made from the answer.
LEAK_SHARE = 0.98
# Leaks show in a sample as well; every column is looked at.
LEAK_ROWS = 5_000
_HALVES = 2
# Unlike a distance, a classifier can pass a rare value over: what 1 % of the customers have is worth a try.
LEARNT_RARE = 0.01
_NO_FEATURES = frozenset({ColumnKind.IDENTIFIER, ColumnKind.CONSTANT, ColumnKind.NEAR_EMPTY, ColumnKind.PERSONAL})
_TELLING = frozenset(
    {
        ColumnKind.NUMBER, ColumnKind.MONEY, ColumnKind.PERCENTAGE, ColumnKind.CATEGORY, ColumnKind.ORDERED,
        ColumnKind.YES_NO, ColumnKind.DATE,
    }
)  # fmt: skip


@dataclass(frozen=True)
class LeakFlag:
    """A column that says what is to be learnt.

    Attributes
    ----------
    share
        Of the customers whom the base rate gets wrong, how many this column alone gets right; 1 is all.
    """

    column: str
    share: float

    @property
    def reason(self) -> str:
        """What was found, in a sentence."""
        return (
            f"{self.column} alone tells {self.share:.0%} of what is to be learnt. It was probably made from the "
            "answer, and new customers will not have it."
        )


def learning_features(dataset: Dataset, target: str) -> tuple[FeatureSpec, ...]:
    """Return how each column would best be used to tell the target, in file order.

    Everything that a new customer could be asked takes part: numbers, categories, ordered ones in their
    order, yes or no, and dates. Gaps are filled, so that a customer who leaves a question out is still told.
    """
    return tuple(_feature(spec, dataset, target) for spec in suggest_features(dataset))


def usable(dataset: Dataset, features: tuple[FeatureSpec, ...], target: str) -> tuple[FeatureSpec, ...]:
    """Return the features in use, sorted by name.

    Raises
    ------
    UnknownColumnError, NothingToLearnFromError
        If the file lacks one, or none is left.
    """
    unknown = [spec.column for spec in features if spec.segments and spec.column not in dataset.frame]
    if unknown:
        raise UnknownColumnError(unknown, list(dataset.frame.columns))
    chosen = tuple(spec for spec in features if spec.segments and spec.column != target)
    if not chosen:
        raise NothingToLearnFromError(target, [column.name for column in dataset.columns if column.name != target])
    return tuple(sorted(chosen, key=lambda spec: spec.column))


def find_leaks(
    dataset: Dataset, rows: IntArray, codes: IntArray, target: str, groups: IntArray | None = None
) -> tuple[LeakFlag, ...]:
    """Return the columns that determine, or nearly determine, the class of the customers at `rows`.

    Each column's values are learnt on one half of the customers and tried on the other, so that an
    identifier, which is different for everybody, tells nothing; rows of one group, a customer's or copies, are in one
    half. The segments that were formed from the
    columns are no leak of them.
    """
    if target == SEGMENTS:
        return ()
    some = np.random.default_rng(0).permutation(len(rows))[:LEAK_ROWS]
    groups = np.arange(len(rows)) if groups is None else groups
    rows, codes, groups = rows[some], codes[some], groups[some]
    if np.bincount(codes)[np.unique(codes)].min() < _HALVES:
        return ()
    halves = _halves(codes, groups)
    if any(len(np.unique(codes[train])) < len(np.unique(codes)) for train, _ in halves):
        return ()
    flags = []
    for column in dataset.columns:
        if column.name != target and column.kind is not ColumnKind.CONSTANT:
            share = _told(dataset.frame[column.name].iloc[rows], codes, halves)
            if share >= LEAK_SHARE:
                flags.append(LeakFlag(column.name, share))
    return tuple(sorted(flags, key=lambda flag: -flag.share))


def without_leaks(features: tuple[FeatureSpec, ...], leaks: tuple[LeakFlag, ...]) -> tuple[FeatureSpec, ...]:
    """Return the features with the flagged columns off."""
    flagged = {leak.column for leak in leaks}
    return tuple(replace(spec, role=Role.IGNORED) if spec.column in flagged else spec for spec in features)


def _feature(spec: FeatureSpec, dataset: Dataset, target: str) -> FeatureSpec:
    column = dataset.column(spec.column)
    if spec.column == target or column.kind in _NO_FEATURES or column.kind not in _TELLING:
        return replace(spec, role=spec.role if spec.role is Role.ID else Role.IGNORED)
    taken = used(spec, dataset)
    halfway = taken.role is Role.CATEGORY or column.kind is ColumnKind.YES_NO
    # What evens distances out is of no use to most classifiers, and changes what their terms mean.
    missing = Missing.MODE if halfway else Missing.MEDIAN
    return replace(taken, missing=missing, rare=LEARNT_RARE, transform=Transform.NONE)


def _halves(codes: IntArray, groups: IntArray) -> list[tuple[IntArray, IntArray]]:
    if all_alone(groups):
        return list(StratifiedKFold(_HALVES).split(codes, codes))
    parts = stratified_group_parts(codes, groups, (1 / _HALVES,) * _HALVES, 0)
    return [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in range(_HALVES)]


def _told(values: pd.Series, codes: IntArray, halves: list[tuple[IntArray, IntArray]]) -> float:
    """Return which share of the base rate's mistakes a column alone puts right, on customers not learnt from."""
    base = np.bincount(codes).max() / len(codes)
    by_value = np.mean([_right_by_value(values, codes, train, test) for train, test in halves])
    right = max(float(by_value), _right_by_size(values, codes, halves))
    return float((right - base) / (1 - base)) if base < 1 else 0.0


def _right_by_value(values: pd.Series, codes: IntArray, train: IntArray, test: IntArray) -> float:
    seen = pd.DataFrame({"value": values.iloc[train].to_numpy(), "code": codes[train]})
    commonest = seen.groupby("value")["code"].agg(lambda each: int(np.bincount(each).argmax()))
    answers = values.iloc[test].map(commonest).fillna(int(np.bincount(codes[train]).argmax()))
    return float((answers.to_numpy() == codes[test]).mean())


def _right_by_size(values: pd.Series, codes: IntArray, halves: list[tuple[IntArray, IntArray]]) -> float:
    if not pd.api.types.is_numeric_dtype(values):
        return 0.0
    known = values.to_numpy(dtype=float)[:, None]
    tree = DecisionTreeClassifier(max_leaf_nodes=4 * len(np.unique(codes)), random_state=0)
    return float(cross_val_score(tree, known, codes, cv=halves).mean())
