"""Which few questions would do almost as well as all of them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmenter.classifiers import CLASSIFIERS, Settings
from segmenter.core.learning.folds import LabelledRows, PreparedFold, inner_splits, prepared_folds
from segmenter.core.learning.leaderboard import fold_result
from segmenter.core.learning.parallel import Task, side_by_side
from segmenter.core.learning.tuning import Search
from segmenter.core.preparation import Preparation
from segmenter.progress import Progress, part, silent

KEPT_SHARE = 0.95
FOLDS = 3
# Questions are added one by one; so many candidates, the best alone, are worth trying at each step.
MOST_CANDIDATES = 12
# A choice of columns shows in so many customers; more would only take longer.
MOST_ROWS = 4_000


@dataclass(frozen=True)
class GoldenStep:
    """The accuracy with so many questions; `column` is the one that was added."""

    column: str
    accuracy: float


@dataclass(frozen=True)
class GoldenQuestions:
    """The smallest set of columns found that keeps nearly all of the accuracy.

    Attributes
    ----------
    columns
        In the order in which they help most.
    accuracy, accuracy_all
        With these and with all columns, on folds inside the rows to learn from.
    steps
        How the accuracy grew, question by question.
    searched_with
        Key of the classifier that was used for the search.
    """

    columns: tuple[str, ...]
    accuracy: float
    accuracy_all: float
    steps: tuple[GoldenStep, ...]
    searched_with: str

    @property
    def share_kept(self) -> float:
        """The accuracy with these columns as a share of that with all."""
        return self.accuracy / self.accuracy_all if self.accuracy_all else 1.0


def golden_questions(
    search: Search, rows: LabelledRows, settings: Settings, progress: Progress, kept_share: float = KEPT_SHARE
) -> GoldenQuestions:
    """Add the most helpful question until the accuracy is nearly that of all, then drop what became needless."""
    key = CLASSIFIERS[search.key].searched_by or search.key
    trial = _Trial(search, key, settings if key == search.key else (), _folds(search, rows))
    names = [spec.column for spec in search.features]
    everything = trial.accuracy(tuple(names))
    enough = kept_share * everything
    alone = trial.accuracies([(name,) for name in names], part(progress, 0.0, 0.3))
    ranked = [name for _, name in sorted(zip(alone, names, strict=True), key=lambda each: (-each[0], each[1]))]
    ranked = ranked[:MOST_CANDIDATES]
    chosen: tuple[str, ...] = (ranked[0],)
    steps = [GoldenStep(ranked[0], max(alone))]
    while steps[-1].accuracy < enough and len(chosen) < len(ranked):
        done = len(chosen) / len(ranked)
        left = [name for name in ranked if name not in chosen]
        found = trial.accuracies([(*chosen, name) for name in left], part(progress, 0.3 + 0.6 * done, 0.9))
        best = int(np.argmax(found))
        chosen = (*chosen, left[best])
        steps.append(GoldenStep(left[best], found[best]))
    chosen, accuracy = _without_needless(trial, chosen, steps[-1].accuracy, enough)
    progress(1.0, "Golden questions")
    return GoldenQuestions(chosen, accuracy, everything, tuple(steps), key)


@dataclass(frozen=True, eq=False)
class _Fold:
    fold: PreparedFold
    owners: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Trial:
    """Tells how accurate some columns alone are, on folds that are prepared once."""

    search: Search
    key: str
    settings: Settings
    folds: Sequence[_Fold]

    def accuracy(self, columns: tuple[str, ...]) -> float:
        """Return the mean accuracy over the folds with these columns only."""
        return float(np.mean([self._on(each, columns) for each in self.folds]))

    def accuracies(self, sets: Sequence[tuple[str, ...]], progress: Progress) -> list[float]:
        """Return the accuracy of each of several sets of columns."""
        tasks = [Task("Golden questions", partial(self._told, each)) for each in sets]
        found = dict(side_by_side(tasks, progress))
        return [found[number] for number in range(len(sets))]

    def _told(self, columns: tuple[str, ...], progress: Progress) -> float:  # noqa: ARG002 - a task's signature
        return self.accuracy(columns)

    def _on(self, fold: _Fold, columns: tuple[str, ...]) -> float:
        kept: NDArray[np.bool_] = np.isin(fold.owners, columns)
        result = fold_result(
            self.key,
            fold.fold.of_columns(kept),
            seed=self.search.seed,
            n_classes=self.search.n_classes,
            progress=silent,
            settings=self.settings,
        )
        return result.scores.accuracy


def _folds(search: Search, rows: LabelledRows) -> list[_Fold]:
    if len(rows) > MOST_ROWS:
        rows = rows.taken(np.sort(np.random.default_rng(search.seed).permutation(len(rows))[:MOST_ROWS]))
    splits = inner_splits(rows, FOLDS, search.seed)
    found = []
    folds = prepared_folds(rows, splits, search.features, search.scaling)
    for (learn_from, _), fold in zip(splits, folds, strict=True):
        preparation = Preparation(search.features, search.scaling).fit(rows.frame.iloc[learn_from])
        owners = tuple(column for column, _ in preparation.owned_names_)
        found.append(_Fold(fold, owners))
    return found


def _without_needless(
    trial: _Trial, chosen: tuple[str, ...], accuracy: float, enough: float
) -> tuple[tuple[str, ...], float]:
    for name in chosen[:-1]:
        fewer = tuple(each for each in chosen if each != name)
        without = trial.accuracy(fewer)
        if without >= enough:
            chosen, accuracy = fewer, without
    return chosen, accuracy
