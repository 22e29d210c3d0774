"""Do the rows fall into separate groups, more than one cloud of the same columns would seem to?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import evenly_spaced
from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.measures.cloud import EvenCloud, OneCloud, smoothed
from segmenter.measures.mixture import MixtureScore, mixture_path
from segmenter.progress import Progress, part, silent

Floats = NDArray[np.float64]

# More rows do not change which groups are seen; they only take longer.
GROUPING_ROWS = 2_000
# The rows of one cloud can look grouped by luck: the most that so many clouds show is taken off.
N_CLOUDS = 6
# From here, in 2 × log-likelihood per row, no further cloud could change the answer.
PLAIN_EXCESS = 1.0
# Further groups that explain the rows no better than this, in the same unit, are not worth their names.
WORTH_A_GROUP = 0.05
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
    k
        The number of separate groups, among those asked for.
    scores
        What each number of groups reaches, 1 included.
    """

    separate: float
    uneven: float
    k: int
    scores: Mapping[int, MixtureScore]


def find_groups(X: Floats, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Grouping:
    """Look for groups in at most GROUPING_ROWS rows, shape (n, p), given in an order of their values."""
    random = np.random.default_rng(seed)
    rows = smoothed(X[evenly_spaced(len(X), GROUPING_ROWS)], random)
    scores = _scored(rows, ks, _STARTS, random, part(progress, 0.0, 0.2))
    gains = _gains(scores, ks)
    excess = _beyond_one_cloud(rows, ks, gains, random, part(progress, 0.2, 1.0))
    return Grouping(
        separate=float(excess[0]) / len(rows),
        uneven=float(excess[1]) / len(rows),
        k=_fewest(scores, ks, worth=WORTH_A_GROUP * len(rows)),
        scores=scores,
    )


def _scored(
    rows: Floats, ks: Sequence[int], starts: int, random: np.random.Generator, progress: Progress
) -> dict[int, MixtureScore]:
    centred = rows - rows.mean(axis=0)
    tried = range(1, min(max(ks) + _FURTHER_CLOUDS, len(rows) - 1) + 1)
    labels = {k: quick_kmeans(centred, k, int(random.integers(2**31)), starts).labels.astype(np.intp) for k in tried}
    return mixture_path(centred, labels, progress=progress)


def _gains(scores: Mapping[int, MixtureScore], ks: Sequence[int]) -> Floats:
    """Return by how much the best number of groups beats one cloud: when separate, and when overlapping."""
    separate = max(scores[k].icl for k in ks) - scores[1].icl
    uneven = max(scores[k].bic for k in ks) - scores[1].bic
    return np.array([separate, uneven])


def _fewest(scores: Mapping[int, MixtureScore], ks: Sequence[int], worth: float) -> int:
    """Return the fewest groups that do as well as the best number, to within what is worth having."""
    best = max(scores[k].icl for k in ks)
    return next(k for k in sorted(ks) if scores[k].icl >= best - worth)


def _beyond_one_cloud(
    rows: Floats, ks: Sequence[int], gains: Floats, random: np.random.Generator, progress: Progress
) -> Floats:
    """Return what is left of the gains after the most that draws of one cloud gain by luck."""
    if (gains <= 0).all():
        return np.full(2, -np.inf)
    draws, seeming = (OneCloud(rows).draw, EvenCloud(rows).draw), np.zeros(2)
    for number in range(N_CLOUDS):
        stretch = part(progress, number / N_CLOUDS, (number + 1) / N_CLOUDS)
        drawn = _gains(_scored(draws[number % 2](random), ks, _CLOUD_STARTS, random, stretch), ks)
        seeming = np.maximum(seeming, drawn)
        excess = gains - seeming
        if (number and (excess > PLAIN_EXCESS * len(rows)).all()) or (excess < 0).all():
            break
    return np.where(gains > 0, excess, -np.inf)
