"""Stratified, grouped train and test splits, prepared fold by fold; many fits side by side."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Self, TypeVar

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold, train_test_split
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Learner, Predictor, all_alone, stratified_group_parts
from segmenter.classification.recipe import LearningRecipe
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Cancelled, Progress, called_from_within, called_meanwhile, silent
from segmenter.recipe.recipe import FeatureSpec, Scaling, SettingPairs
from segmenter.sampling import weighted_sample
from segmenter.threads import n_threads, one_blas_thread, one_openmp_thread
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


# One tree of so many rows may take a second, in which nothing else is called.
_MANY_ROWS: Final = 20_000


def fit_learner(
    key: str,
    X: FloatArray,
    y: IntArray,
    *,
    seed: int,
    settings: SettingPairs = (),
    progress: Progress = silent,
    groups: IntArray | None = None,
    weights: FloatArray | None = None,
) -> Learner:
    """Let the classifier `key` learn rows (n, p) and their classes.

    The rows are put in an order that only their values and classes decide: sorting a file differently
    changes nothing. A class has a number; `y` holds those.

    Parameters
    ----------
    groups
        Shape (n,): rows with the same number are one customer's, or copies; a learner that sets rows aside to know
        when to stop keeps them together. None where every row is a customer of its own.
    weights
        Shape (n,): how much each row counts, above 0; None where all count the same. A learner that takes none is given
        as many rows, drawn in proportion to them.
    """
    learner = CLASSIFIERS[key].learner(seed, settings)
    if hasattr(learner, "progress"):
        learner.progress = progress

    def fit() -> None:
        order: IntArray = np.lexsort(np.column_stack([X, y]).T)
        if hasattr(learner, "groups"):
            learner.groups = None if groups is None else groups[order]
        counted: dict[str, FloatArray] = {}
        if weights is not None and (weights != weights[0]).any():
            if has_fit_parameter(learner, "sample_weight"):
                counted["sample_weight"] = weights[order] / weights.mean()
            else:
                order = order[weighted_sample(weights[order], len(order))]
        # Several classifiers learn side by side; threads within each would only fight for the processors.
        with one_openmp_thread():
            learner.fit(np.ascontiguousarray(X[order]), y[order], **counted)

    doing = f"Learning: {CLASSIFIERS[key].title}"
    if hasattr(learner, "progress"):
        # It reports by itself, and must not be called while it does.
        fit()
    elif len(X) >= _MANY_ROWS:
        called_meanwhile(fit, progress, 0.0, doing)
    else:
        with called_from_within(progress, 0.0, doing):
            fit()
    if hasattr(learner, "progress"):
        learner.progress = silent
    if hasattr(learner, "groups"):
        learner.groups = None
    return learner


def probabilities(learner: Predictor, X: FloatArray, n_classes: int) -> FloatArray:
    """Return the probability of every class, shape (n, n_classes); 0 for one that was never seen."""
    result = np.zeros((len(X), n_classes))
    if len(X):
        with one_openmp_thread():
            result[:, np.asarray(learner.classes_, dtype=np.intp)] = learner.predict_proba(X)
    return result


class SegmentLearner(ClassifierMixin, BaseEstimator):
    """Learn known segments with any registered classifier.

    Attributes
    ----------
    learner_
        What has learnt.
    classes_
        Shape (n_classes,), ascending.
    """

    def __init__(
        self, classifier: str, seed: int = 0, settings: SettingPairs = (), progress: Progress = silent
    ) -> None:
        self.classifier = classifier
        self.seed = seed
        self.settings = settings
        self.progress = progress

    def fit(
        self,
        X: FloatArray,
        y: NDArray[Any],
        groups: IntArray | None = None,
        sample_weight: FloatArray | None = None,
    ) -> Self:
        """Learn from prepared rows (n, p) and the class of each; rows of one group are one customer's, or copies."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.learner_ = fit_learner(
            self.classifier,
            X,
            codes,
            seed=self.seed,
            settings=self.settings,
            progress=self.progress,
            groups=groups,
            weights=sample_weight,
        )
        self.progress = silent
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes)."""
        check_is_fitted(self)
        return self.learner_.predict_proba(X)

    def predict(self, X: FloatArray) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Task(Generic[Result]):
    """One piece of work.

    Attributes
    ----------
    work
        Is given a progress of its own, 0-1; it raises `Cancelled` when the visitor has had enough.
    weight
        How much of the whole it is, in any unit.
    """

    doing: str
    work: Callable[[Progress], Result]
    weight: float = 1.0


class _Watch:
    """Adds up the tasks' progress and hands Cancel on to all of them."""

    def __init__(self, progress: Progress, weights: Sequence[float]) -> None:
        self.stopped = False
        self._progress = progress
        self._weights = [weight / sum(weights) for weight in weights]
        self._done = [0.0] * len(weights)
        # What a task calls from within its own report (a profile function does) waits for nobody.
        self._lock = threading.RLock()

    def of(self, place: int) -> Progress:
        """Return the progress of one task."""

        def report(share: float, doing: str) -> None:
            with self._lock:
                if self.stopped:
                    raise Cancelled
                self._done[place] = share
                whole = sum(weight * done for weight, done in zip(self._weights, self._done, strict=True))
                try:
                    self._progress(whole, doing)
                except Cancelled:
                    self.stopped = True
                    raise

        return report


def side_by_side(tasks: Sequence[Task[Result]], progress: Progress) -> Iterator[tuple[int, Result]]:
    """Yield (position, result) of each task as it is done.

    Threads, not processes: nearly all the time goes into compiled code that leaves Python's lock to others,
    nothing has to be copied, and stopping one visitor's work cannot end another's workers.

    Raises
    ------
    Cancelled
        Once the tasks that were under way have noticed.
    """
    watch = _Watch(progress, [task.weight for task in tasks])

    def run(place: int, task: Task[Result]) -> tuple[int, Result | None]:
        # Only ordinary exceptions cross a pool's threads; Cancelled is none and travels as a flag.
        try:
            watch.of(place)(0.0, task.doing)
            # Boosting on small tables takes five times the work with two threads, and is no quicker.
            with one_openmp_thread():
                result = task.work(watch.of(place))
            watch.of(place)(1.0, task.doing)
        except Cancelled:
            return place, None
        except BaseException:
            watch.stopped = True
            raise
        return place, result

    parallel = Parallel(n_jobs=min(n_threads(), len(tasks)), backend="threading", return_as="generator_unordered")
    with one_blas_thread():
        # Each task takes the caller's context along: whoever watches networks learn sees those of all threads.
        for place, result in parallel(delayed(copy_context().run)(run, *each) for each in enumerate(tasks)):
            if not watch.stopped and result is not None:
                yield place, result
    if watch.stopped:
        raise Cancelled
