"""A multilayer perceptron as classifier."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from segmenter.classification.classifiers.classifier import Classifier, Learner, all_alone, stratified_group_parts
from segmenter.errors.forming import InvalidSettingError
from segmenter.networks.network import (
    CROSS_ENTROPY,
    QUICK,
    WEIGHTED_CROSS_ENTROPY,
    Architecture,
    DenseStack,
    Examples,
    LearningCurve,
    Network,
    Schedule,
    train,
)
from segmenter.progress import Progress, silent
from segmenter.recipe.recipe import SettingValue
from segmenter.typing import FloatArray, IntArray

# Held out to see when to stop: about every seventh customer of each class, which is the 15 % that is usual.
HELD_OUT_EVERY: Final = 7
# Beyond this a logit says no more than "certainly", and differences of such numbers stay finite.
LARGEST_LOGIT: Final = 1e100

# A step's calls cost as much for 100 rows as for 32; so many steps an epoch, within these borders.
STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH = 50, 32, 512

_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "layers": (1, 5),
    "width": (4, 512),
    "dropout": (0.0, 0.8),
    "rate": (1e-5, 0.1),
    "batch": (0, 4_096),
    "epochs": (1, 1_000),
    "patience": (1, 1_000),
    "flat": (1, 1_000),
}


@dataclass(frozen=True)
class NetworkSettings:
    """What may be changed about a network that learns known segments.

    Attributes
    ----------
    layers, width
        Number of inner layers, and numbers in each of them.
    dropout
        Share of these numbers dropped at random while learning, 0-1.
    rate
        Learning rate at the start (Adam).
    batch
        Customers per step; 0 picks 32 to 512, a fiftieth of them all.
    epochs
        Passes over the customers, at most.
    patience
        Epochs without a lower validation loss after which learning stops.
    flat
        Flat epochs after which the learning rate is halved.
    """

    layers: int = 2
    width: int = 64
    dropout: float = 0.2
    rate: float = 3e-3
    batch: int = 0
    epochs: int = 100
    patience: int = 10
    flat: int = 4

    @classmethod
    def of(cls, values: Mapping[str, SettingValue]) -> Self:
        """Return checked settings, defaults for those not named.

        Raises
        ------
        InvalidSettingError
            If one is not known or not possible.
        """
        return cls(**{name: _checked(name, value) for name, value in values.items()})  # type: ignore[arg-type]

    def schedule(self, seed: int, n_rows: int) -> Schedule:
        """Return how long and how fast it learns from so many rows."""
        batch = self.batch or int(np.clip(n_rows // STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH))
        return Schedule(self.epochs, batch, self.rate, self.patience, self.flat, seed)

    def layout(self, n_columns: int, n_classes: int) -> Architecture:
        """Return the layers, each `dense → batch normalisation → ReLU → dropout`, the last one only dense."""
        widths = (n_columns, *([self.width] * self.layers), n_classes)
        return Architecture(widths, dropout=self.dropout, batch_norm=True)


def _checked(name: str, value: SettingValue) -> float:
    low, high = _LIMITS.get(name, (1.0, 0.0))
    kind: type[float] = int if isinstance(low, int) else float
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        number = low - 1
    if not low <= number <= high or number != float(value):
        known = f"{name} from {low:g} to {high:g}" if name in _LIMITS else ", ".join(_LIMITS)
        message = f"The deep network cannot learn with {name} = {value}. Possible: {known}."
        raise InvalidSettingError(message)
    return number


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """Layers of ReLU with batch normalisation and dropout, and softmax at the end.

    Learning stops when the loss on the customers held out of it no longer falls, and the weights of the
    best epoch are kept. The same rows in the same order and the same seed give the same weights to the last bit,
    and what is said of a customer does not depend on those beside it.

    Attributes
    ----------
    progress
        Is told every step while it learns; may raise `Cancelled`.
    groups
        Shape (n,): rows with the same number are held out together; None where every row is a customer of its own.
    classes_
        Shape (n_classes,), ascending.
    stack_
        The weights, from prepared rows to one number per class before softmax.
    curve_
        The losses after each epoch.
    """

    def __init__(self, settings: NetworkSettings | None = None, seed: int = 0) -> None:
        self.settings = settings
        self.seed = seed
        self.progress: Progress = silent
        self.groups: IntArray | None = None

    def fit(self, X: FloatArray, y: NDArray[Any], sample_weight: FloatArray | None = None) -> Self:
        """Learn from rows (n, p), the class of each, and how much each counts, shape (n,).

        Raises
        ------
        DivergedError
            If the learning rate is too high to learn anything.
        """
        settings = self.settings or NetworkSettings()
        self.classes_, codes = np.unique(y, return_inverse=True)
        middle, unit = _standards(X)
        network = Network(settings.layout(X.shape[1], len(self.classes_)), self.seed)
        rows = ((X - middle) / unit).astype(QUICK)
        examples = _split(rows, codes, len(self.classes_), self.seed, self.groups, sample_weight)
        loss = CROSS_ENTROPY
        if sample_weight is not None:
            loss = WEIGHTED_CROSS_ENTROPY
        self.curve_ = train(network, examples, loss, settings.schedule(self.seed, len(examples.rows)), self.progress)
        self.stack_ = network.stack().standardised(middle, unit)
        return self

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes)."""
        check_is_fitted(self)
        return softmax(np.clip(self.stack_.outputs(X), -LARGEST_LOGIT, LARGEST_LOGIT))

    def predict(self, X: FloatArray) -> NDArray[Any]:
        """Return the most probable class of each row."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @classmethod
    def of(cls, classes: NDArray[Any], stack: DenseStack, curve: LearningCurve) -> Self:
        """Return a classifier that says what one with these weights has learnt."""
        learnt = cls()
        learnt.classes_, learnt.stack_, learnt.curve_ = classes, stack, curve
        return learnt


def softmax(logits: FloatArray) -> FloatArray:
    """Return each row's shares of e^logit; added one class at a time, so that a row's are the same in any company."""
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    total = np.zeros(len(likely))
    for column in likely.T:
        total += column
    return likely / total[:, None]


def _standards(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each column's mean and standard deviation; 1 for a column that does not vary.

    Columns of indicators, or in their own units, teach a network as fast as others once they are scaled alike.
    """
    middle = X.mean(axis=0)
    unit = X.std(axis=0)
    return middle, np.where(unit > 0, unit, 1.0)


def _split(
    rows: NDArray[np.floating],
    codes: IntArray,
    n_classes: int,
    seed: int,
    groups: IntArray | None = None,
    weights: FloatArray | None = None,
) -> Examples:
    """Hold out every seventh member of each class, drawn by the seed; all serve twice where there are too few."""
    if groups is None or all_alone(groups):
        shuffled = np.random.default_rng((seed, 2)).permutation(len(rows))
        by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
        held = by_class[HELD_OUT_EVERY // 2 :: HELD_OUT_EVERY]
    else:
        share = 1 / HELD_OUT_EVERY
        held = np.flatnonzero(stratified_group_parts(codes, groups, (1 - share, share), seed))
    learned = np.setdiff1d(np.arange(len(rows)), held)
    targets = np.eye(n_classes, dtype=rows.dtype)[codes]
    if weights is not None:
        targets *= (weights / weights.mean())[:, None].astype(rows.dtype)
    if not len(held) or len(np.unique(codes[learned])) < n_classes:
        held = learned = np.arange(len(rows))
    return Examples(rows[learned], targets[learned], rows[held], targets[held])


def _build(seed: int, settings: Mapping[str, SettingValue]) -> Learner:
    return NetworkClassifier(NetworkSettings.of(settings), seed)


NETWORK: Final = Classifier(
    "network",
    "Deep network",
    _build,
    "many customers and columns that act together; on small tables trees are as good and quicker",
    asdict(NetworkSettings()),
    {"dropout": (0.2, 0.4)},
    searched_by="histogram-gradient-boosting",
)
