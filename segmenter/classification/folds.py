"""Stratified, grouped train and test splits, prepared fold by fold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, train_test_split

from segmenter.classification.recipe import LearningRecipe
from segmenter.classification.splitting import all_alone, stratified_group_parts
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import FeatureSpec, Scaling
from segmenter.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Customers with their columns and classes.

    Attributes
    ----------
    frame
        Shape (n, n_columns), in their own units.
    codes
        Shape (n,): the class of each, 0 … n_classes-1.
    groups
        Shape (n,): rows with the same number are one customer's, or copies, and stay on one side of every split.
    weights
        Shape (n,): how many people each row stands for, above 0; None where all count the same.
    """

    frame: pd.DataFrame
    codes: IntArray
    groups: IntArray
    weights: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def taken(self, positions: IntArray) -> "LabelledRows":
        """Return some of the customers."""
        return LabelledRows(
            self.frame.iloc[positions], self.codes[positions], self.groups[positions], some(self.weights, positions)
        )


def some(weights: FloatArray | None, positions: IntArray | BoolArray) -> FloatArray | None:
    """Return the weights of some rows, None where all count the same."""
    return None if weights is None else weights[positions]


@dataclass(frozen=True, eq=False)
class PreparedFold:
    """One part to be told, and the others to learn from, as classifiers see them.

    Attributes
    ----------
    X, y
        Prepared rows (n_train, p) to learn from, and their classes.
    X_test, y_test
        The same of those to be told.
    groups
        Shape (n_train,): which rows to learn from are one customer's, or copies.
    weights, weights_test
        Shapes (n_train,), (n_test,): how much each row counts; None where all count the same.
    """

    X: FloatArray
    y: IntArray
    X_test: FloatArray
    y_test: IntArray
    groups: IntArray
    weights: FloatArray | None = None
    weights_test: FloatArray | None = None

    @property
    def test_per_training_row(self) -> float:
        """How many customers are told for each learnt from."""
        return len(self.y_test) / len(self.y)

    def of_columns(self, columns: BoolArray) -> "PreparedFold":
        """Return the fold with some of the prepared columns only."""
        return replace(self, X=self.X[:, columns], X_test=self.X_test[:, columns])


def split_held_out(codes: IntArray, groups: IntArray, recipe: LearningRecipe) -> tuple[IntArray, IntArray]:
    """Return the positions to learn from and those held out, in proportion to the classes."""
    if not all_alone(groups):
        share = recipe.held_out_share
        parts = stratified_group_parts(codes, groups, (1 - share, share), recipe.seed)
        return np.flatnonzero(parts == 0), np.flatnonzero(parts == 1)
    everyone = np.arange(len(codes))
    learning, held_out = train_test_split(
        everyone, test_size=recipe.held_out_share, stratify=codes, random_state=recipe.seed
    )
    return np.sort(learning), np.sort(held_out)


def outer_splits(rows: LabelledRows, recipe: LearningRecipe) -> list[tuple[IntArray, IntArray]]:
    """Return (learn from, tell) positions: every customer is told once per repeat."""
    if not all_alone(rows.groups):
        return [
            split
            for repeat in range(recipe.repeats)
            for split in _grouped_splits(rows, recipe.folds, recipe.seed + repeat)
        ]
    folds = RepeatedStratifiedKFold(n_splits=recipe.folds, n_repeats=recipe.repeats, random_state=recipe.seed)
    return list(folds.split(rows.codes, rows.codes))


def inner_splits(rows: LabelledRows, n_folds: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    """Return (learn from, tell) positions for a choice inside the rows to learn from."""
    if not all_alone(rows.groups):
        return _grouped_splits(rows, n_folds, seed)
    folds = StratifiedKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    return list(folds.split(rows.codes, rows.codes))


def _grouped_splits(rows: LabelledRows, n_folds: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    parts = stratified_group_parts(rows.codes, rows.groups, (1 / n_folds,) * n_folds, seed)
    return [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in range(n_folds)]


def prepared_folds(
    rows: LabelledRows,
    splits: Sequence[tuple[IntArray, IntArray]],
    features: tuple[FeatureSpec, ...],
    scaling: Scaling,
) -> Iterator[PreparedFold]:
    """Prepare each split once for all classifiers; every statistic comes from the rows to learn from alone."""
    for learn_from, tell in splits:
        yield prepare_fold(rows.taken(learn_from), rows.taken(tell), features, scaling)


def prepare_fold(
    learn_from: LabelledRows, tell: LabelledRows, features: tuple[FeatureSpec, ...], scaling: Scaling
) -> PreparedFold:
    """Fit the preparation to the rows to learn from, and apply it to both."""
    preparation = Preparation(features, scaling).fit(learn_from.frame, weights=learn_from.weights)
    return PreparedFold(
        preparation.transform(learn_from.frame),
        learn_from.codes,
        preparation.transform(tell.frame),
        tell.codes,
        learn_from.groups,
        learn_from.weights,
        tell.weights,
    )
