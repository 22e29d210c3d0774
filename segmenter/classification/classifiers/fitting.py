"""Fitting any classifier so that only the values of the rows matter."""

from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Learner, Predictor
from segmenter.prepare.weights import weighted_sample
from segmenter.progress import Progress, called_from_within, called_meanwhile, silent
from segmenter.recipe.settings import SettingPairs
from segmenter.threads import one_openmp_thread
from segmenter.typing import FloatArray, IntArray

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
    if len(X) >= _MANY_ROWS and not hasattr(learner, "progress"):
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
