"""scikit-learn's classifiers, with the settings that are tried."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from segmenter.classification.classifiers.classifier import Classifier, Learner
from segmenter.recipe.recipe import SettingValue
from segmenter.typing import FloatArray


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

    def fit(self, X: FloatArray, y: NDArray[Any], sample_weight: FloatArray | None = None) -> Self:
        """Learn from rows (n, p), the class of each, and how much each counts, shape (n,)."""
        if sample_weight is not None:
            return self._fit_weighted(X, y, sample_weight)
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

    def _fit_weighted(self, X: FloatArray, y: NDArray[Any], weights: FloatArray) -> Self:
        """Learn what rows that stand for so many customers each would teach."""
        self.fit(X, y)
        codes = np.searchsorted(self.classes_, y)
        members = [codes == number for number in range(len(self.classes_))]
        counts = np.array([weights[rows].sum() for rows in members])
        self.log_prior_ = np.log(counts / counts.sum())
        self.mean_ = np.array([np.average(X[rows], axis=0, weights=weights[rows]) for rows in members])
        middle = np.average(X, axis=0, weights=weights)
        least = self.least_spread * np.average((X - middle) ** 2, axis=0, weights=weights)
        spread = [
            np.average((X[rows] - mean) ** 2, axis=0, weights=weights[rows])
            for rows, mean in zip(members, self.mean_, strict=True)
        ]
        self.variance_ = np.maximum(np.array(spread), least)
        yes = self.borders_ < X
        self.yes_ = np.array([weights[rows] @ yes[rows] for rows in members])
        self.yes_ = (self.yes_ + self.smoothing) / (counts + 2 * self.smoothing)[:, None]
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes)."""
        check_is_fitted(self)
        joint: FloatArray = np.tile(self.log_prior_, (len(X), 1)).astype(np.float64)
        # One column at a time: a row's sum is then the same in any company.
        for column in np.flatnonzero(self.telling_):
            joint += self._evidence(X[:, [column]], int(column))
        likely = np.exp(joint - joint.max(axis=1, keepdims=True))
        return likely / likely.sum(axis=1, keepdims=True)

    def predict(self, X: FloatArray) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _evidence(self, values: FloatArray, column: int) -> FloatArray:
        if self.two_valued_[column]:
            yes = self.yes_[:, column]
            return np.where(values > self.borders_[column], np.log(yes), np.log1p(-yes))
        variance = self.variance_[:, column]
        return -0.5 * (np.log(2 * np.pi * variance) + (values - self.mean_[:, column]) ** 2 / variance)


# No depth limit, in scikit-learn's words None; a recipe holds numbers and words only.
NO_LIMIT = 0


def _logistic(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return LogisticRegression(C=settings["C"], max_iter=2_000, random_state=seed)


def _neighbours(seed: int, settings: Mapping[str, SettingValue]) -> Learner:  # noqa: ARG001 - one signature for all
    return KNeighborsClassifier(n_neighbors=settings["n_neighbors"], weights=settings["weights"])


def _tree(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    depth = settings["max_depth"] or None
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=settings["min_samples_leaf"], random_state=seed)


def _bayes(seed: int, settings: Mapping[str, SettingValue]) -> Learner:  # noqa: ARG001
    return MixedNaiveBayes(smoothing=float(settings["smoothing"]), least_spread=float(settings["least_spread"]))


def _forest(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return RandomForestClassifier(
        n_estimators=settings["n_estimators"],
        min_samples_leaf=settings["min_samples_leaf"],
        random_state=seed,
        n_jobs=1,
    )


def _boosting(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return GradientBoostingClassifier(**settings, random_state=seed)


def _histogram_boosting(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    # Its own early stopping would set rows aside above 10,000 customers only; tuning sets the rounds instead.
    return HistGradientBoostingClassifier(**settings, early_stopping=False, random_state=seed)


STANDARD = (
    Classifier(
        "logistic-regression",
        "Logistic regression",
        _logistic,
        "effects that add up; the easiest to explain",
        {"C": 1.0},
        {"C": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)},
    ),
    Classifier(
        "nearest-neighbours",
        "k-nearest neighbours",
        _neighbours,
        "few columns, many customers; it keeps their prepared rows",
        {"n_neighbors": 5, "weights": "uniform"},
        {"n_neighbors": (5, 11, 21, 41, 81), "weights": ("uniform", "distance")},
        keeps_rows=True,
    ),
    Classifier(
        "decision-tree",
        "Decision tree",
        _tree,
        "rules that can be read aloud",
        {"max_depth": NO_LIMIT, "min_samples_leaf": 1},
        {"max_depth": (3, 5, 7, NO_LIMIT), "min_samples_leaf": (5, 20, 50)},
    ),
    Classifier(
        "naive-bayes",
        "Naive Bayes",
        _bayes,
        "very few customers; columns that know nothing of each other",
        {"smoothing": 1.0, "least_spread": 0.01},
        {"smoothing": (0.1, 1.0, 10.0), "least_spread": (0.001, 0.01, 0.1)},
    ),
    Classifier(
        "random-forest",
        "Random forest",
        _forest,
        "columns that act together; needs no tuning",
        {"n_estimators": 100, "min_samples_leaf": 1},
        {"min_samples_leaf": (1, 3, 5, 10, 20)},
        searched_by="histogram-gradient-boosting",
    ),
    Classifier(
        "gradient-boosting",
        "Gradient boosting",
        _boosting,
        "some thousand customers, where it is often the most accurate; slow",
        {"learning_rate": 0.1, "max_depth": 3, "n_estimators": 100},
        {"learning_rate": (0.05, 0.1, 0.2), "max_depth": (2, 3)},
        searched_by="histogram-gradient-boosting",
    ),
    Classifier(
        "histogram-gradient-boosting",
        "Histogram gradient boosting",
        _histogram_boosting,
        "large files; wants tuning",
        {"learning_rate": 0.1, "max_leaf_nodes": 31, "max_iter": 100},
        {"learning_rate": (0.05, 0.1), "max_leaf_nodes": (6, 12, 31)},
    ),
)
