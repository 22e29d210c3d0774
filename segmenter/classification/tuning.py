"""Hyperparameter search inside the folds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.model_selection import train_test_split

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import LabelledRows, PreparedFold, inner_splits, prepared_folds, some
from segmenter.classification.leaderboard import FoldResult, LeaderboardRow, fold_result
from segmenter.classification.parallel import Task, side_by_side
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import FeatureSpec, Scaling
from segmenter.recipe.settings import SettingPairs
from segmenter.typing import IntArray

# Halving (Jamieson & Talwalkar 2016): all candidates on a third of the rows, the best third on all of them.
INNER_FOLDS = 3
HALVING = 3
# A third of fewer rows would rank candidates by luck.
FEWEST_ROWS_TO_HALVE = 1_500


@dataclass(frozen=True)
class Candidate:
    """Settings that were tried, and their mean log loss inside the rows to learn from."""

    settings: SettingPairs
    log_loss: float


@dataclass(frozen=True)
class Tuning:
    """What the search for settings came to.

    Attributes
    ----------
    settings
        The best ones, found on all rows to learn from.
    standing
        The search as a whole, done anew in each fold and judged by the part that it did not see: comparable
        with the leaderboard's rows.
    better
        Whether that is more accurate than the settings it started from; they are kept otherwise.
    candidates
        The settings tried on all rows to learn from, best first.
    """

    settings: SettingPairs
    standing: LeaderboardRow
    better: bool
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Search:
    """What is searched for, and how rows are prepared for it."""

    key: str
    features: tuple[FeatureSpec, ...]
    scaling: Scaling
    seed: int
    n_classes: int


def tune(
    search: Search,
    rows: LabelledRows,
    outer: Sequence[tuple[tuple[IntArray, IntArray], PreparedFold]],
    untuned: LeaderboardRow,
    progress: Progress,
) -> Tuning:
    """Search on all rows for the settings to keep, and in every outer fold anew for an honest score.

    Parameters
    ----------
    outer
        The leaderboard's splits with their prepared folds.
    untuned
        The leaderboard's row of the classifier.
    """
    tasks = [Task("Tuning on all rows", _Searching(search, rows))]
    tasks += [
        Task(f"Tuning inside part {number + 1}", _Searching(search, rows.taken(learn_from), fold))
        for number, ((learn_from, _), fold) in enumerate(outer)
    ]
    done = dict(side_by_side(tasks, progress))
    candidates = done[0].candidates
    results = [done[number].told for number in range(1, len(tasks))]
    standing = LeaderboardRow(
        search.key,
        f"{CLASSIFIERS[search.key].title}, tuned",
        tuple(each.scores for each in results if each),
        sum(each.seconds for each in results if each),
        candidates[0].settings,
    )
    better = standing.accuracy > untuned.accuracy
    return Tuning(candidates[0].settings, standing, better, candidates)


@dataclass(frozen=True)
class _Found:
    candidates: tuple[Candidate, ...]
    told: FoldResult | None


@dataclass(frozen=True, eq=False)
class _Searching:
    search: Search
    rows: LabelledRows
    fold: PreparedFold | None = None

    def __call__(self, progress: Progress) -> _Found:
        candidates = search_settings(self.search, self.rows, part(progress, 0.0, 0.9))
        if self.fold is None:
            return _Found(candidates, None)
        told = fold_result(
            self.search.key,
            self.fold,
            seed=self.search.seed,
            n_classes=self.search.n_classes,
            progress=part(progress, 0.9, 1.0),
            settings=candidates[0].settings,
        )
        return _Found(candidates, told)


def search_settings(search: Search, rows: LabelledRows, progress: Progress) -> tuple[Candidate, ...]:
    """Return the grid's settings, best first, by their log loss on inner folds of the rows.

    Log loss, not accuracy: it counts how sure an answer was, so it tells candidates apart with fewer rows,
    and a user is shown the probabilities.
    """
    inner = list(prepared_folds(rows, inner_splits(rows, INNER_FOLDS, search.seed), search.features, search.scaling))
    candidates = CLASSIFIERS[search.key].candidates
    if len(rows) < FEWEST_ROWS_TO_HALVE or len(candidates) <= HALVING:
        return _ranked(search, inner, candidates, progress)
    small = [_thinned(fold, search.seed) for fold in inner]
    first = _ranked(search, small, candidates, part(progress, 0.0, 0.5))
    ahead = [each.settings for each in first[: -(-len(first) // HALVING)]]
    # Few rows favour slow learning; the usual settings are judged on all rows, whatever a third of them says.
    usual = CLASSIFIERS[search.key].usual_candidate
    best = ahead if usual in ahead or usual not in candidates else [*ahead, usual]
    second = _ranked(search, inner, best, part(progress, 0.5, 1.0))
    return (*second, *(each for each in first if each.settings not in best))


def _ranked(
    search: Search, folds: Sequence[PreparedFold], candidates: Sequence[SettingPairs], progress: Progress
) -> tuple[Candidate, ...]:
    found = []
    for number, settings in enumerate(candidates):
        losses = []
        for place, fold in enumerate(folds):
            share = (number * len(folds) + place) / (len(candidates) * len(folds))
            progress(share, f"Tuning {CLASSIFIERS[search.key].title}")
            result = fold_result(
                search.key,
                fold,
                seed=search.seed,
                n_classes=search.n_classes,
                progress=part(progress, share, share),
                settings=settings,
            )
            losses.append(result.scores.log_loss)
        found.append(Candidate(settings, float(np.mean(losses))))
    return tuple(sorted(found, key=lambda each: each.log_loss))


def _thinned(fold: PreparedFold, seed: int) -> PreparedFold:
    chosen, _ = train_test_split(np.arange(len(fold.y)), train_size=1 / HALVING, stratify=fold.y, random_state=seed)
    return replace(
        fold, X=fold.X[chosen], y=fold.y[chosen], groups=fold.groups[chosen], weights=some(fold.weights, chosen)
    )
