"""Cross-validated leaderboard of classifiers, paired tests of the lead, hyperparameter search in the folds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from sklearn.model_selection import train_test_split

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import (
    LabelledRows,
    PreparedFold,
    Task,
    fit_learner,
    inner_splits,
    prepared_folds,
    probabilities,
    side_by_side,
    some,
)
from segmenter.display import counted, html_view, percent_text
from segmenter.measures.classification import Scores, compare_on_folds, score, standard_error
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import FeatureSpec, Scaling, SettingPairs
from segmenter.typing import FloatArray, IntArray

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
        leading = f"; {self.rows[0].title} leads with {percent_text(self.rows[0].accuracy, 1)}" if self.rows else ""
        return f"<Leaderboard: {counted(len(self.rows), 'classifier')} on {counted(self.n_folds, 'fold')}{leading}>"

    def _repr_html_(self) -> str:
        return html_view(repr(self), *leaderboard_table(self))

    def row(self, classifier: str) -> LeaderboardRow:
        """Return the row of one classifier."""
        return next(each for each in self.rows if each.classifier == classifier)


def leaderboard_table(board: Leaderboard) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headers and rows of a notebook's table, the base rate last."""
    rows: list[tuple[str, ...]] = [
        (each.title, percent_text(each.accuracy, 1), f"± {percent_text(each.accuracy_se, 1)}", f"{each.seconds:.1f}")
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
