"""What a classifier goes by: importances, dependence, and the few columns that suffice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import (
    LabelledRows,
    PreparedFold,
    Task,
    inner_splits,
    prepare_fold,
    side_by_side,
    some,
)
from segmenter.classification.leaderboard import Search, fold_result
from segmenter.measures.classification import standard_error, weighted_mean
from segmenter.prepare.encoders import CategoryColumn, NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import SettingPairs, pairs_of
from segmenter.typing import BoolArray, FloatArray

PredictProba = Callable[[pd.DataFrame], FloatArray]
"""Customers in their own units to probabilities, shape (n, n_classes)."""

SHUFFLES = 5
TOP_COLUMNS = 4
# Points along a number's range, and customers who are moved along it: enough for a line on a screen.
STEPS = 12
MOST_CUSTOMERS = 500


@dataclass(frozen=True)
class ColumnImportance:
    """How much accuracy is lost when a column's values are dealt out anew among the customers.

    Attributes
    ----------
    loss
        Mean over the shuffles; near 0, or below it by chance, for a column that is not needed.
    """

    column: str
    loss: float
    se: float


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The mean answer when every customer had the same value in one column (Friedman 2001).

    Attributes
    ----------
    values
        As shown: numbers and dates ascending, ordered values in their order, categories commonest first.
    numbers
        The same as numbers where they are some, else empty.
    probability
        Shape (n_values, n_classes).
    """

    column: str
    values: tuple[str, ...]
    numbers: tuple[float, ...]
    probability: FloatArray


def column_importances(
    tell: PredictProba, rows: LabelledRows, columns: Sequence[str], seed: int, progress: Progress
) -> tuple[ColumnImportance, ...]:
    """Return each original column's permutation importance (Breiman 2001), the largest first."""
    before = _accuracy(tell(rows.frame), rows)
    found = []
    for number, column in enumerate(sorted(columns)):
        progress(number / len(columns), f"How much {column} matters")
        random = np.random.default_rng([seed, number])
        losses = []
        for _ in range(SHUFFLES):
            shuffled = rows.frame[column].iloc[random.permutation(len(rows))]
            moved = rows.frame.assign(**{column: shuffled.set_axis(rows.frame.index)})
            losses.append(before - _accuracy(tell(moved), rows))
        found.append(ColumnImportance(column, float(np.mean(losses)), standard_error(np.array(losses))))
    return tuple(sorted(found, key=lambda each: -each.loss))


def partial_dependences(
    tell: PredictProba, rows: LabelledRows, preparation: Preparation, columns: Sequence[str], progress: Progress
) -> tuple[PartialDependence, ...]:
    """Return how the mean answer moves with each of some columns."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), MOST_CUSTOMERS)).astype(int)
    everyone, weights = rows.frame.iloc[places], some(rows.weights, places)
    found = []
    for number, column in enumerate(columns):
        progress(number / len(columns), f"What {column} does")
        values = _steps(rows.frame[column], preparation, column)
        moved = [
            np.average(tell(everyone.assign(**{column: _constant(everyone, column, value)})), axis=0, weights=weights)
            for value in values
        ]
        if values:
            shown = tuple(_shown(value) for value in values)
            numbers = tuple(float(value) for value in values if isinstance(value, float))
            found.append(PartialDependence(column, shown, numbers, np.array(moved)))
    return tuple(found)


def _accuracy(probability: FloatArray, rows: LabelledRows) -> float:
    return weighted_mean(probability.argmax(axis=1) == rows.codes, rows.weights)


def _steps(values: pd.Series, preparation: Preparation, column: str) -> list[object]:
    fitted = next(each for each in preparation.columns_ if each.column == column)
    if isinstance(fitted, CategoryColumn):
        return list(fitted.categories)
    if isinstance(fitted, NumberColumn) and fitted.levels:
        return list(fitted.levels)
    known = values.dropna().sort_values()
    at = np.unique(np.linspace(0, len(known) - 1, STEPS).astype(int)) if len(known) else np.empty(0, dtype=int)
    chosen = pd.unique(known.iloc[at])
    return [float(value) if isinstance(value, int | float | np.number) else value for value in chosen]


def _constant(frame: pd.DataFrame, column: str, value: object) -> pd.Series:
    return pd.Series([value] * len(frame), index=frame.index).astype(frame[column].dtype)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


KEPT_SHARE: Final = 0.95
FOLDS: Final = 3
# So many candidates, the best alone among those left, are tried at each step.
MOST_CANDIDATES: Final = 12
# Where the chosen classifier is slow, another one puts the questions in order: small trees, few rounds, and
# no more customers than the order needs. What is enough is decided with the chosen one, on all of them.
QUICK_ROWS: Final = 4_000
QUICK_SETTINGS: Final = pairs_of({"learning_rate": 0.2, "max_leaf_nodes": 6, "max_iter": 40})


@dataclass(frozen=True)
class MinimalFeaturesStep:
    """The accuracy with so many questions; `column` is the one that was added."""

    column: str
    accuracy: float


@dataclass(frozen=True)
class MinimalFeatures:
    """The smallest set of columns found that keeps nearly all of the accuracy.

    Attributes
    ----------
    columns
        In the order in which they help most.
    accuracy, accuracy_all
        With these and with all columns, on folds inside the rows to learn from.
    held_out, held_out_all
        The same on the customers held out, whom the choice of columns has not seen.
    steps
        How the accuracy grew, question by question.
    searched_with
        Key of the classifier that put the questions in order.
    """

    columns: tuple[str, ...]
    accuracy: float
    accuracy_all: float
    held_out: float
    held_out_all: float
    steps: tuple[MinimalFeaturesStep, ...]
    searched_with: str

    @property
    def share_kept(self) -> float:
        """The accuracy with these columns as a share of that with all."""
        return self.accuracy / self.accuracy_all if self.accuracy_all else 1.0


def minimal_features(
    search: Search, rows: LabelledRows, held_out: LabelledRows, settings: SettingPairs, progress: Progress
) -> MinimalFeatures:
    """Add the most helpful question until the accuracy is nearly that of all, then drop what became needless.

    Parameters
    ----------
    held_out
        Customers that judge the outcome and have no part in it.
    """
    judge = _Trial(search, search.key, settings, _folds(search, rows))
    quick = CLASSIFIERS[search.key].searched_by
    scout = _Trial(search, quick, QUICK_SETTINGS, _folds(search, _some(rows, search.seed))) if quick else judge
    names = tuple(spec.column for spec in search.features)
    everything = judge.accuracy(names, part(progress, 0.0, 0.05))
    steps = _grown(scout, judge, KEPT_SHARE * everything, part(progress, 0.05, 0.85))
    grown = tuple(step.column for step in steps)
    enough = KEPT_SHARE * everything
    chosen, accuracy = _without_needless(judge, grown, steps[-1].accuracy, enough, part(progress, 0.85, 0.95))
    last = _Trial(search, search.key, settings, [_fold(search, rows, held_out)])
    return MinimalFeatures(
        columns=chosen,
        accuracy=accuracy,
        accuracy_all=everything,
        held_out=last.accuracy(chosen, part(progress, 0.95, 0.975)),
        held_out_all=last.accuracy(names, part(progress, 0.975, 1.0)),
        steps=tuple(steps),
        searched_with=scout.key,
    )


@dataclass(frozen=True, eq=False)
class _Fold:
    fold: PreparedFold
    owners: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Trial:
    """Tells how accurate some columns alone are, on folds that are prepared once."""

    search: Search
    key: str
    settings: SettingPairs
    folds: Sequence[_Fold]

    def accuracy(self, columns: tuple[str, ...], progress: Progress) -> float:
        """Return the mean accuracy over the folds with these columns only."""
        tasks = [Task("Golden questions", partial(self._on, each, columns)) for each in self.folds]
        return float(np.mean([accuracy for _, accuracy in sorted(side_by_side(tasks, progress))]))

    def best(self, chosen: tuple[str, ...], left: Sequence[str], progress: Progress) -> list[str]:
        """Return the columns left, the one that helps most beside the chosen ones first."""
        pairs = [(name, each) for name in left for each in self.folds]
        tasks = [Task("Golden questions", partial(self._on, each, (*chosen, name))) for name, each in pairs]
        told: dict[str, list[float]] = {name: [] for name in left}
        for place, accuracy in sorted(side_by_side(tasks, progress)):
            told[pairs[place][0]].append(accuracy)
        return sorted(left, key=lambda name: (-float(np.mean(told[name])), name))

    def _on(self, fold: _Fold, columns: tuple[str, ...], progress: Progress) -> float:
        kept: BoolArray = np.isin(fold.owners, columns)
        result = fold_result(
            self.key,
            fold.fold.of_columns(kept),
            seed=self.search.seed,
            n_classes=self.search.n_classes,
            progress=progress,
            settings=self.settings,
        )
        return result.scores.accuracy


def _grown(scout: _Trial, judge: _Trial, enough: float, progress: Progress) -> list[MinimalFeaturesStep]:
    left = scout.best((), [spec.column for spec in judge.search.features], part(progress, 0.0, 0.2))
    steps = [MinimalFeaturesStep(left[0], judge.accuracy((left[0],), part(progress, 0.2, 0.2)))]
    n_all = len(left)
    left = left[1:]
    while steps[-1].accuracy < enough and left:
        chosen = tuple(step.column for step in steps)
        done = 0.2 + 0.8 * len(chosen) / n_all
        after = done + 0.8 / n_all
        near = scout.best(chosen, left[:MOST_CANDIDATES], part(progress, done, after))
        left.remove(near[0])
        steps.append(MinimalFeaturesStep(near[0], judge.accuracy((*chosen, near[0]), part(progress, after, after))))
    return steps


def _without_needless(
    trial: _Trial, chosen: tuple[str, ...], accuracy: float, enough: float, progress: Progress
) -> tuple[tuple[str, ...], float]:
    for name in chosen[:-1]:
        fewer = tuple(each for each in chosen if each != name)
        without = trial.accuracy(fewer, part(progress, 0.0, 0.0))
        if without >= enough:
            chosen, accuracy = fewer, without
    return chosen, accuracy


def _some(rows: LabelledRows, seed: int) -> LabelledRows:
    if len(rows) <= QUICK_ROWS:
        return rows
    return rows.taken(np.sort(np.random.default_rng(seed).permutation(len(rows))[:QUICK_ROWS]))


def _folds(search: Search, rows: LabelledRows) -> list[_Fold]:
    splits = inner_splits(rows, FOLDS, search.seed)
    return [_fold(search, rows.taken(learn_from), rows.taken(tell)) for learn_from, tell in splits]


def _fold(search: Search, learn_from: LabelledRows, tell: LabelledRows) -> _Fold:
    # The same fit as the fold's own: only to know which prepared column came from where.
    preparation = Preparation(search.features, search.scaling).fit(learn_from.frame)
    owners = tuple(column for column, _ in preparation.owned_names_)
    return _Fold(prepare_fold(learn_from, tell, search.features, search.scaling), owners)
