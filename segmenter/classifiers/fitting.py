"""How does any classifier learn so that only the rows' values matter, and answer for all classes?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.classifiers import CLASSIFIERS, Learner, Teller
from segmenter.progress import Progress, called_from_within, silent
from segmenter.settings import SettingPairs
from segmenter.threads import one_openmp_thread

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


def fit_learner(
    key: str,
    X: Floats,
    y: Labels,
    *,
    seed: int,
    settings: SettingPairs = (),
    progress: Progress = silent,
    groups: Labels | None = None,
) -> Learner:
    """Let the classifier `key` learn rows (n, p) and their classes.

    The rows are put in an order that only their values and classes decide: sorting a file differently
    changes nothing. A class has a number; `y` holds those.

    Parameters
    ----------
    groups
        Shape (n,): rows with the same number are one customer's, or copies; a learner that sets rows aside to know
        when to stop keeps them together. None where every row is a customer of its own.
    """
    order = np.lexsort(np.column_stack([X, y]).T)
    learner = CLASSIFIERS[key].learner(seed, settings)
    if hasattr(learner, "progress"):
        learner.progress = progress
    if hasattr(learner, "groups"):
        learner.groups = None if groups is None else groups[order]
    # Several classifiers learn side by side; threads within each would only fight for the processors.
    with one_openmp_thread(), called_from_within(progress, 0.0, f"Learning: {CLASSIFIERS[key].title}"):
        learner.fit(np.ascontiguousarray(X[order]), y[order])
    if hasattr(learner, "progress"):
        learner.progress = silent
    if hasattr(learner, "groups"):
        learner.groups = None
    return learner


def probabilities(learner: Teller, X: Floats, n_classes: int) -> Floats:
    """Return the probability of every class, shape (n, n_classes); 0 for one that was never seen."""
    result = np.zeros((len(X), n_classes))
    if len(X):
        with one_openmp_thread():
            result[:, np.asarray(learner.classes_, dtype=np.intp)] = learner.predict_proba(X)
    return result
