"""Scores of a classifier: accuracy, log loss, calibration, and the paired test of two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from segmenter.typing import BoolArray, FloatArray, IntArray

# A class that was held impossible and came true would cost infinitely much; this much it costs at most.
LEAST_PROBABILITY = 1e-15
CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Scores:
    """How good answers are.

    Attributes
    ----------
    accuracy
        Share of the customers whose most probable class is theirs.
    balanced_accuracy
        Mean over the classes of the share found again: small classes count as much as large ones.
    macro_f1
        Mean over the classes of F1, the harmonic mean of precision and recall.
    log_loss
        Mean of −ln(probability given to the true class): 0 is perfect, ln(n_classes) knows nothing.
    """

    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    log_loss: float


@dataclass(frozen=True)
class ClassReport:
    """How one class is answered.

    Attributes
    ----------
    precision
        Share of those placed in it who belong there.
    recall
        Share of those who belong there that were placed in it.
    support
        How many belong there.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether probabilities come true.

    Attributes
    ----------
    said, true, count
        Per bin of the highest probability, empty bins left out: its mean, the share that was right, how many.
    error
        Expected calibration error: |said − true| averaged over the customers (Naeini et al. 2015), 0-1.
    """

    said: tuple[float, ...]
    true: tuple[float, ...]
    count: tuple[int, ...]
    error: float


@dataclass(frozen=True)
class AccuracyDifference:
    """How far one classifier is ahead of another on the same folds.

    Attributes
    ----------
    mean, se
        Of the differences per fold; `se` allows for folds that share their training rows.
    p
        Two-sided: how often a difference as large comes from classifiers that are equally good.
    """

    mean: float
    se: float
    p: float


def score(truth: IntArray, probability: FloatArray, weights: FloatArray | None = None) -> Scores:
    """Score probabilities, shape (n, n_classes), against the true classes 0 … n_classes-1, shape (n,).

    `weights`, shape (n,), says how much each customer counts; all the same where it is None.
    """
    answer = probability.argmax(axis=1)
    given = np.clip(probability[np.arange(len(truth)), truth], LEAST_PROBABILITY, 1.0)
    right = answer == truth
    of_classes = [truth == each for each in np.unique(truth)]
    return Scores(
        accuracy=weighted_mean(right, weights),
        balanced_accuracy=float(
            np.mean([weighted_mean(right[of], None if weights is None else weights[of]) for of in of_classes])
        ),
        macro_f1=float(f1_score(truth, answer, average="macro", sample_weight=weights, zero_division=0)),
        log_loss=weighted_mean(-np.log(given), weights),
    )


def weighted_mean(values: FloatArray | BoolArray, weights: FloatArray | None) -> float:
    """Return the mean of some values, shape (n,), each counting what `weights` says; all the same where it is None."""
    return float(values.mean() if weights is None else np.average(values, weights=weights))


def confusion(truth: IntArray, answer: IntArray, n_classes: int) -> NDArray[np.int64]:
    """Return counts, shape (n_classes, n_classes): a row per true class, a column per answer."""
    return np.asarray(confusion_matrix(truth, answer, labels=range(n_classes)), dtype=np.int64)


def report(
    truth: IntArray, answer: IntArray, n_classes: int, weights: FloatArray | None = None
) -> tuple[ClassReport, ...]:
    """Return precision, recall and F1 of each class, weighted, and its customers; 0 where they are undefined."""
    *rates, _ = precision_recall_fscore_support(
        truth, answer, labels=range(n_classes), sample_weight=weights, zero_division=0
    )
    columns = (*rates, np.bincount(truth, minlength=n_classes))
    return tuple(ClassReport(float(p), float(r), float(f), int(n)) for p, r, f, n in zip(*columns, strict=True))


def calibration(
    truth: IntArray, probability: FloatArray, n_bins: int = CALIBRATION_BINS, weights: FloatArray | None = None
) -> Calibration:
    """Compare how sure the answers were with how often they were right, in bins of equal width."""
    sure = probability.max(axis=1)
    right = probability.argmax(axis=1) == truth
    bins = np.minimum((sure * n_bins).astype(np.intp), n_bins - 1)
    rows = [bins == number for number in np.unique(bins)]
    counts = [None if weights is None else weights[each] for each in rows]
    said = tuple(weighted_mean(sure[each], counted) for each, counted in zip(rows, counts, strict=True))
    true = tuple(weighted_mean(right[each], counted) for each, counted in zip(rows, counts, strict=True))
    count = tuple(int(each.sum()) for each in rows)
    sizes = count if weights is None else tuple(float(weights[each].sum()) for each in rows)
    gaps = [n * abs(one - other) for n, one, other in zip(sizes, said, true, strict=True)]
    return Calibration(said, true, count, sum(gaps) / max(sum(sizes), 1))


def compare_on_folds(first: FloatArray, second: FloatArray, test_per_training_row: float) -> AccuracyDifference:
    """Compare two classifiers by their scores on the same folds, shape (n_folds,) each.

    The variance of the mean difference is var · (1/n_folds + n_test/n_train), as training sets overlap
    (corrected resampled t-test: Nadeau & Bengio 2003, Machine Learning 52, 239-281).
    """
    differences = first - second
    mean = float(differences.mean())
    variance = float(differences.var(ddof=1)) if len(differences) > 1 else np.inf
    se = float(np.sqrt(variance * (1 / len(differences) + test_per_training_row)))
    if se == 0:
        return AccuracyDifference(mean, 0.0, 1.0 if mean == 0 else 0.0)
    return AccuracyDifference(mean, se, float(2 * student.sf(abs(mean) / se, len(differences) - 1)))


def standard_error(values: FloatArray) -> float:
    """Return the standard deviation over the square root of the number of values; 0 for a single one."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
