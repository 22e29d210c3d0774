"""How does naive Bayes judge numbers and categories side by side?"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]


class MixedNaiveBayes(ClassifierMixin, BaseEstimator):
    """Naive Bayes with a normal distribution for numbers and a probability for each of two values.

    A column with no more than two different values while learning, such as one category's indicator, is
    yes or no: a normal distribution around an indicator would be certain of what it has rarely seen.

    Attributes
    ----------
    smoothing
        Customers added to each of a column's two values in each class (Laplace's rule is 1).
    least_spread
        The least variance within a class, as a share of the column's variance over all rows.
    telling_
        Shape (p,): which columns have more than one value.
    two_valued_, borders_
        Shape (p,): which columns are yes or no, and above which value they are a yes.
    mean_, variance_, yes_
        Shape (n_classes, p).
    """

    def __init__(self, smoothing: float = 1.0, least_spread: float = 0.01) -> None:
        self.smoothing = smoothing
        self.least_spread = least_spread

    def fit(self, X: Floats, y: NDArray[Any]) -> Self:
        """Learn from rows (n, p) and the class of each."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        low, high = X.min(axis=0), X.max(axis=0)
        self.two_valued_ = ((low == X) | (high == X)).all(axis=0)
        self.telling_ = low < high
        self.borders_ = (low + high) / 2
        yes = self.borders_ < X
        counts = np.bincount(codes)
        self.log_prior_ = np.log(counts / len(X))
        members = [codes == number for number in range(len(self.classes_))]
        self.mean_ = np.array([X[rows].mean(axis=0) for rows in members])
        least = self.least_spread * X.var(axis=0)
        self.variance_ = np.array([np.maximum(X[rows].var(axis=0), least) for rows in members])
        self.yes_ = np.array([(yes[rows].sum(axis=0) + self.smoothing) for rows in members])
        self.yes_ /= (counts + 2 * self.smoothing)[:, None]
        return self

    def predict_proba(self, X: Floats) -> Floats:
        """Return the probability of each class for each row, shape (n, n_classes)."""
        check_is_fitted(self)
        joint: Floats = np.tile(self.log_prior_, (len(X), 1)).astype(np.float64)
        # One column at a time: a row's sum is then the same in any company.
        for column in np.flatnonzero(self.telling_):
            joint += self._evidence(X[:, [column]], int(column))
        likely = np.exp(joint - joint.max(axis=1, keepdims=True))
        return likely / likely.sum(axis=1, keepdims=True)

    def predict(self, X: Floats) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _evidence(self, values: Floats, column: int) -> Floats:
        if self.two_valued_[column]:
            yes = self.yes_[:, column]
            return np.where(values > self.borders_[column], np.log(yes), np.log1p(-yes))
        variance = self.variance_[:, column]
        return -0.5 * (np.log(2 * np.pi * variance) + (values - self.mean_[:, column]) ** 2 / variance)
