"""What makes every classifier fit for a scikit-learn Pipeline: one class with one order of rows."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from segmenter.classifiers.fitting import fit_learner
from segmenter.progress import Progress, silent
from segmenter.settings import SettingPairs

Floats = NDArray[np.float64]


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

    def fit(self, X: Floats, y: NDArray[Any], groups: NDArray[np.intp] | None = None) -> Self:
        """Learn from prepared rows (n, p) and the class of each; rows of one group are one customer's, or copies."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.learner_ = fit_learner(
            self.classifier, X, codes, seed=self.seed, settings=self.settings, progress=self.progress, groups=groups
        )
        self.progress = silent
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return the probability of each class for each row, shape (n, n_classes)."""
        check_is_fitted(self)
        return self.learner_.predict_proba(X)

    def predict(self, X: Floats) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
