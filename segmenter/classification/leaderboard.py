"""Cross-validated leaderboard of classifiers, with paired tests of the lead."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.fitting import fit_learner, probabilities
from segmenter.classification.folds import PreparedFold
from segmenter.classification.parallel import Task, side_by_side
from segmenter.display import counted, html_view
from segmenter.measures.classification import Scores, compare_on_folds, score, standard_error
from segmenter.progress import Progress
from segmenter.recipe.settings import SettingPairs
from segmenter.typing import FloatArray

BASE_RATE: Final = "base-rate"
# A lead that equally good classifiers would show this often, or more, counts as noise.
NOISE_P: Final = 0.05
# Rough relative times of one fit, so that the progress moves evenly.
_WEIGHTS: Final = {"gradient-boosting": 12.0, "random-forest": 4.0, "histogram-gradient-boosting": 4.0}
_HEAVY: Final = 30.0
_QUICK: Final = frozenset({"logistic-regression", "nearest-neighbours", "decision-tree", "naive-bayes"})


@dataclass(frozen=True)
class FoldResult:
    """What one classifier did on one fold; `seconds` of one processor, learning and telling."""

    scores: Scores
    seconds: float


@dataclass(frozen=True)
class LeaderboardRow:
    """One row of the leaderboard; means over the folds, each with its standard error (deviation / √folds).

    Attributes
    ----------
    seconds
        Of one processor, for all folds together.
    folds
        The scores per fold, in the order that all rows share.
    """

    classifier: str
    title: str
    folds: tuple[Scores, ...]
    seconds: float
    settings: SettingPairs = ()

    def mean(self, measure: str) -> float:
        """Return the mean of one of the `Scores` over the folds."""
        return float(self._values(measure).mean())

    def se(self, measure: str) -> float:
        """Return its standard error."""
        return standard_error(self._values(measure))

    @property
    def accuracy(self) -> float:
        """Mean share classified correctly."""
        return self.mean("accuracy")

    @property
    def accuracy_se(self) -> float:
        """Standard error of the accuracy."""
        return self.se("accuracy")

    @property
    def accuracies(self) -> FloatArray:
        """The accuracy on each fold."""
        return self._values("accuracy")

    def _values(self, measure: str) -> FloatArray:
        return np.array([getattr(scores, measure) for scores in self.folds])


@dataclass(frozen=True)
class PairwiseTest:
    """How far the first of the leaderboard is ahead of another.

    Attributes
    ----------
    ahead, se
        Difference in accuracy, and its standard error corrected for folds that share training rows.
    p
        How often equally good classifiers would differ as much (two-sided).
    """

    first: str
    other: str
    ahead: float
    se: float
    p: float

    @property
    def more_than_noise(self) -> bool:
        """Whether the lead is to be believed."""
        return self.ahead > 0 and self.p < NOISE_P


@dataclass(frozen=True, repr=False)
class Leaderboard:
    """All classifiers on the same folds.

    Attributes
    ----------
    rows
        The most accurate first; those still at work are absent from a partial result.
    base
        Always the largest class: what knowing nothing is worth.
    leads
        Of the first row over each other one, and over the base rate.
    n_folds
        Folds per row.
    waiting
        Keys of those that are not done yet.
    """

    rows: tuple[LeaderboardRow, ...]
    base: LeaderboardRow
    n_folds: int
    leads: tuple[PairwiseTest, ...] = ()
    waiting: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        leading = f"; {self.rows[0].title} leads with {self.rows[0].accuracy:.1%}" if self.rows else ""
        return f"<Leaderboard: {counted(len(self.rows), 'classifier')} on {counted(self.n_folds, 'fold')}{leading}>"

    def _repr_html_(self) -> str:
        return html_view(repr(self), *leaderboard_table(self))

    def row(self, classifier: str) -> LeaderboardRow:
        """Return the row of one classifier."""
        return next(each for each in self.rows if each.classifier == classifier)


def leaderboard_table(board: Leaderboard) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headers and rows of a notebook's table, the base rate last."""
    rows: list[tuple[str, ...]] = [
        (each.title, f"{each.accuracy:.1%}", f"± {each.accuracy_se:.1%}", f"{each.seconds:.1f}")
        for each in (*board.rows, board.base)
    ]
    return ("classifier", "accuracy", "standard error", "seconds"), rows


Partial = Callable[[Leaderboard], None]


def run_leaderboard(
    folds: Sequence[PreparedFold], keys: Sequence[str], seed: int, progress: Progress, partial: Partial
) -> Leaderboard:
    """Let every classifier learn each fold and tell its part; all get the same prepared folds."""
    n_classes = 1 + max(int(fold.y.max()) for fold in folds)
    base = base_rate(folds, n_classes)
    # The longest first, so that no processor waits at the end; results are put back in place.
    places = sorted(
        ((key, number) for key in keys for number in range(len(folds))), key=lambda each: -fit_weight(each[0])
    )
    tasks = [
        Task(f"{CLASSIFIERS[key].title}, part {number + 1}", _Fit(key, folds[number], seed, n_classes), fit_weight(key))
        for key, number in places
    ]
    done: dict[str, dict[int, FoldResult]] = {key: {} for key in keys}
    for place, result in side_by_side(tasks, progress):
        key, number = places[place]
        done[key][number] = result
        if len(done[key]) == len(folds):
            partial(_board(done, base, folds))
    return _board(done, base, folds)


@dataclass(frozen=True, eq=False)
class _Fit:
    key: str
    fold: PreparedFold
    seed: int
    n_classes: int

    def __call__(self, progress: Progress) -> FoldResult:
        return fold_result(self.key, self.fold, seed=self.seed, n_classes=self.n_classes, progress=progress)


def fold_result(
    key: str, fold: PreparedFold, *, seed: int, n_classes: int, progress: Progress, settings: SettingPairs = ()
) -> FoldResult:
    """Learn one fold and tell its part."""
    start = time.thread_time()
    learner = fit_learner(
        key, fold.X, fold.y, seed=seed, settings=settings, progress=progress, groups=fold.groups, weights=fold.weights
    )
    told = probabilities(learner, fold.X_test, n_classes)
    seconds = time.thread_time() - start
    return FoldResult(score(fold.y_test, told, fold.weights_test), seconds)


def base_rate(folds: Sequence[PreparedFold], n_classes: int) -> LeaderboardRow:
    """Return what giving everybody the learnt shares of the classes is worth."""
    scores = []
    for fold in folds:
        counts = np.bincount(fold.y, fold.weights, minlength=n_classes)
        shares = counts / counts.sum()
        scores.append(score(fold.y_test, np.tile(shares, (len(fold.y_test), 1)), fold.weights_test))
    return LeaderboardRow(BASE_RATE, "Always the largest", tuple(scores), 0.0)


def pairwise_tests(
    first: LeaderboardRow, others: Sequence[LeaderboardRow], test_per_training_row: float
) -> tuple[PairwiseTest, ...]:
    """Compare the first with each other one on the same folds."""
    found = []
    for other in others:
        difference = compare_on_folds(first.accuracies, other.accuracies, test_per_training_row)
        found.append(PairwiseTest(first.classifier, other.classifier, difference.mean, difference.se, difference.p))
    return tuple(found)


def fit_weight(key: str) -> float:
    """Return roughly how long one fit takes, relative to the quickest."""
    return 1.0 if key in _QUICK else _WEIGHTS.get(key, _HEAVY)


def _board(done: dict[str, dict[int, FoldResult]], base: LeaderboardRow, folds: Sequence[PreparedFold]) -> Leaderboard:
    rows = sorted(
        (_standing(key, results) for key, results in done.items() if len(results) == len(folds)),
        key=lambda row: (-row.accuracy, row.mean("log_loss")),
    )
    ratio = float(np.mean([fold.test_per_training_row for fold in folds]))
    leads = pairwise_tests(rows[0], [*rows[1:], base], ratio) if rows else ()
    waiting = tuple(key for key, results in done.items() if len(results) < len(folds))
    return Leaderboard(tuple(rows), base, len(folds), leads, waiting)


def _standing(key: str, results: dict[int, FoldResult]) -> LeaderboardRow:
    ordered = [results[number] for number in sorted(results)]
    scores = tuple(each.scores for each in ordered)
    return LeaderboardRow(key, CLASSIFIERS[key].title, scores, sum(each.seconds for each in ordered))
