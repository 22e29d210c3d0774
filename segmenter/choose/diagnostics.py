"""Evidence on the number of segments: gap, stability, and separate groups against null models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segmenter.cluster.kmeans import quick_kmeans
from segmenter.measures.gap import Gap, WcssPerK, measure_gap
from segmenter.measures.null_models import EllipticalNull, UnimodalCopulaNull, jitter_discrete
from segmenter.measures.stability import FitRule, Place, global_stability
from segmenter.measures.vee_mixture import MixtureScore, mixture_path
from segmenter.progress import Progress, part, silent
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.segment.quality import k_means_rule
from segmenter.typing import FloatArray

# More rows do not change which groups are seen; they only take longer.
GROUPING_ROWS = 2_000
# The rows of one cloud can look grouped by luck: the most that so many clouds show is taken off.
N_NULL_DRAWS = 6
# From here, in 2 × log-likelihood per row, no further cloud could change the answer.
PLAIN_EXCESS = 1.0
# Further groups that explain the rows no better than this, in the same unit, are not worth their names.
WORTH_A_GROUP = 0.05
# Mixtures with more clouds than asked for start the others by merging.
_FURTHER_COMPONENTS = 2
_STARTS, _NULL_STARTS = 6, 2


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


def find_groups(X: FloatArray, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Grouping:
    """Look for groups in at most GROUPING_ROWS rows, shape (n, p), given in an order of their values."""
    random = np.random.default_rng(seed)
    rows = jitter_discrete(X[systematic_sample(len(X), GROUPING_ROWS)], random)
    scores = _scored(rows, ks, _STARTS, random, part(progress, 0.0, 0.2))
    gains = _gains(scores, ks)
    excess = _excess_over_null(rows, ks, gains, random, part(progress, 0.2, 1.0))
    return Grouping(
        separate=float(excess[0]) / len(rows),
        uneven=float(excess[1]) / len(rows),
        k=_fewest(scores, ks, worth=WORTH_A_GROUP * len(rows)),
        scores=scores,
    )


def _scored(
    rows: FloatArray, ks: Sequence[int], starts: int, random: np.random.Generator, progress: Progress
) -> dict[int, MixtureScore]:
    centred = rows - rows.mean(axis=0)
    tried = range(1, min(max(ks) + _FURTHER_COMPONENTS, len(rows) - 1) + 1)
    labels = {k: quick_kmeans(centred, k, int(random.integers(2**31)), starts).labels.astype(np.intp) for k in tried}
    return mixture_path(centred, labels, progress=progress)


def _gains(scores: Mapping[int, MixtureScore], ks: Sequence[int]) -> FloatArray:
    """Return by how much the best number of groups beats one cloud: when separate, and when overlapping."""
    separate = max(scores[k].icl for k in ks) - scores[1].icl
    uneven = max(scores[k].bic for k in ks) - scores[1].bic
    return np.array([separate, uneven])


def _fewest(scores: Mapping[int, MixtureScore], ks: Sequence[int], worth: float) -> int:
    """Return the fewest groups that do as well as the best number, to within what is worth having."""
    best = max(scores[k].icl for k in ks)
    return next(k for k in sorted(ks) if scores[k].icl >= best - worth)


def _excess_over_null(
    rows: FloatArray, ks: Sequence[int], gains: FloatArray, random: np.random.Generator, progress: Progress
) -> FloatArray:
    """Return what is left of the gains after the most that draws of one cloud gain by luck."""
    if (gains <= 0).all():
        return np.full(2, -np.inf)
    draws, seeming = (UnimodalCopulaNull(rows).draw, EllipticalNull(rows).draw), np.zeros(2)
    for number in range(N_NULL_DRAWS):
        stretch = part(progress, number / N_NULL_DRAWS, (number + 1) / N_NULL_DRAWS)
        drawn = _gains(_scored(draws[number % 2](random), ks, _NULL_STARTS, random, stretch), ks)
        seeming = np.maximum(seeming, drawn)
        excess = gains - seeming
        if (number and (excess > PLAIN_EXCESS * len(rows)).all()) or (excess < 0).all():
            break
    return np.where(gains > 0, excess, -np.inf)


# What a verdict rests on: beyond this many rows its parts no longer change, and the time goes up.
DIAGNOSTIC_ROWS = 2_000
N_REFERENCES = 20
N_PAIRS = 20


@dataclass(frozen=True, eq=False)
class KDiagnostics:
    """What was gathered, from at most EVIDENCE_ROWS rows.

    Attributes
    ----------
    gap
        For 1 and then each number of segments.
    stability
        Mean adjusted Rand index over bootstrap pairs, per number of segments.
    """

    gap: Gap
    stability: Mapping[int, float]
    grouping: Grouping


def k_diagnostics(X: FloatArray, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> KDiagnostics:
    """Measure the gap and the stability for each number of segments, and look for separate groups."""
    rows = diagnostic_rows(X)
    gap = measure_gap(rows, _wcss_of((1, *ks)), n_references=N_REFERENCES, seed=seed, progress=part(progress, 0.0, 0.3))
    stability = _stabilities(rows, ks, seed, part(progress, 0.3, 0.6))
    grouping = find_groups(rows, ks, seed=seed, progress=part(progress, 0.6, 1.0))
    return KDiagnostics(gap, stability, grouping)


def diagnostic_rows(X: FloatArray) -> FloatArray:
    """Return a fair sample of the rows around their mean, in an order that only their values decide."""
    chosen = X[canonical_order(X)[systematic_sample(len(X), DIAGNOSTIC_ROWS)]]
    centred: FloatArray = chosen - chosen.mean(axis=0)
    return centred


def _wcss_of(ks: Sequence[int]) -> WcssPerK:
    def wcss_per_k(rows: FloatArray, random: np.random.Generator) -> FloatArray:
        return np.array([quick_kmeans(rows, k, int(random.integers(2**31))).wcss for k in ks])

    return wcss_per_k


def _stabilities(rows: FloatArray, ks: Sequence[int], seed: int, progress: Progress) -> dict[int, float]:
    found = {}
    for number, k in enumerate(ks):
        stretch = part(progress, number / len(ks), (number + 1) / len(ks))
        pairs = global_stability(rows, _rule(k), n_pairs=N_PAIRS, seed=seed, progress=stretch)
        found[k] = float(pairs.mean())
    return found


def _rule(k: int) -> FitRule:
    def fit(sample: FloatArray, seed: int) -> Place:
        return k_means_rule(sample, k, seed)

    return fit
