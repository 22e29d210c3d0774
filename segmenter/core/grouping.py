"""Do the rows fall into separate groups, more than one cloud of the same columns would seem to?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.measures.cloud import OneCloud, smoothed
from segmenter.measures.mixture import MixtureScore, mixture_path
from segmenter.progress import Progress, part, silent

Floats = NDArray[np.float64]

# More rows do not change which groups are seen; they only take longer.
GROUPING_ROWS = 2_000
# The rows of one cloud can look grouped by luck: the most that so many clouds show is taken off.
N_CLOUDS = 6
# In 2 × log-likelihood per row. Data without groups reaches 0.07 at the most, planted groups at least 0.16
# (docs/decisions/0011).
ENOUGH_EXCESS = 0.1
# From here no further cloud could change the answer.
PLAIN_EXCESS = 10 * ENOUGH_EXCESS
# Mixtures with more clouds than asked for start the others by merging.
_FURTHER_CLOUDS = 2
_STARTS, _CLOUD_STARTS = 6, 2


@dataclass(frozen=True)
class Grouping:
    """How grouped the rows are.

    Attributes
    ----------
    separate
        How much better separate groups explain the rows than one cloud does, beyond what they seem to in
        data that is one cloud: twice the log-likelihood per row. Negative infinity where they explain less.
    uneven
        The same for groups that may overlap.
    k_separate, k_uneven
        The number of groups that does best under either view, among those asked for.
    certainty
        Mean probability of a row to belong where it is, 0-1, per number of groups.
    """

    separate: float
    uneven: float
    k_separate: int
    k_uneven: int
    certainty: Mapping[int, float]


def find_groups(X: Floats, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Grouping:
    """Look for groups in at most GROUPING_ROWS rows, shape (n, p), given in an order of their values."""
    random = np.random.default_rng(seed)
    rows = smoothed(X[np.linspace(0, len(X) - 1, min(len(X), GROUPING_ROWS)).astype(np.intp)], random)
    scores = _scored(rows, ks, _STARTS, random, part(progress, 0.0, 0.2))
    gains = _gains(scores, ks)
    excess = _beyond_one_cloud(rows, ks, gains, random, part(progress, 0.2, 1.0))
    return Grouping(
        separate=float(excess[0]) / len(rows),
        uneven=float(excess[1]) / len(rows),
        k_separate=max(ks, key=lambda k: scores[k].icl),
        k_uneven=max(ks, key=lambda k: scores[k].bic),
        certainty={k: scores[k].certainty for k in ks},
    )


def _scored(
    rows: Floats, ks: Sequence[int], starts: int, random: np.random.Generator, progress: Progress
) -> dict[int, MixtureScore]:
    centred = rows - rows.mean(axis=0)
    tried = range(1, min(max(ks) + _FURTHER_CLOUDS, len(rows) - 1) + 1)
    labels = {k: quick_kmeans(centred, k, int(random.integers(2**31)), starts).labels for k in tried}
    return mixture_path(centred, labels, progress=progress)


def _gains(scores: Mapping[int, MixtureScore], ks: Sequence[int]) -> Floats:
    """Return by how much the best number of groups beats one cloud: when separate, and when overlapping."""
    separate = max(scores[k].icl for k in ks) - scores[1].icl
    uneven = max(scores[k].bic for k in ks) - scores[1].bic
    return np.array([separate, uneven])


def _beyond_one_cloud(
    rows: Floats, ks: Sequence[int], gains: Floats, random: np.random.Generator, progress: Progress
) -> Floats:
    """Return what is left of the gains after the most that draws of one cloud gain by luck."""
    if (gains <= 0).all():
        return np.full(2, -np.inf)
    cloud, seeming = OneCloud(rows), np.zeros(2)
    for number in range(N_CLOUDS):
        progress(number / N_CLOUDS, "Comparing with customers that have no groups")
        drawn = _gains(_scored(cloud.draw(random), ks, _CLOUD_STARTS, random, silent), ks)
        seeming = np.maximum(seeming, drawn)
        excess = gains - seeming
        if number and (excess > PLAIN_EXCESS * len(rows)).all() or (excess < 0).all():
            break
    return np.where(gains > 0, excess, -np.inf)
