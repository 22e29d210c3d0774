"""What do repetition and structureless data say about each number of segments?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order, evenly_spaced
from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.core.grouping import Grouping, find_groups
from segmenter.core.stability import k_means_rule
from segmenter.measures.gap import Gap, WcssPerK, measure_gap
from segmenter.measures.stability import FitRule, Place, global_stability
from segmenter.progress import Progress, part, silent

Floats = NDArray[np.float64]

# What a verdict rests on: beyond this many rows its parts no longer change, and the time goes up.
EVIDENCE_ROWS = 2_000
N_REFERENCES = 20
N_PAIRS = 20


@dataclass(frozen=True, eq=False)
class Evidence:
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


def gather_evidence(X: Floats, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Evidence:
    """Measure the gap and the stability for each number of segments, and look for separate groups."""
    rows = evidence_rows(X)
    gap = measure_gap(rows, _wcss_of((1, *ks)), n_references=N_REFERENCES, seed=seed, progress=part(progress, 0.0, 0.3))
    stability = _stabilities(rows, ks, seed, part(progress, 0.3, 0.6))
    grouping = find_groups(rows, ks, seed=seed, progress=part(progress, 0.6, 1.0))
    return Evidence(gap, stability, grouping)


def evidence_rows(X: Floats) -> Floats:
    """Return a fair sample of the rows around their mean, in an order that only their values decide."""
    chosen = X[content_order(X)[evenly_spaced(len(X), EVIDENCE_ROWS)]]
    centred: Floats = chosen - chosen.mean(axis=0)
    return centred


def _wcss_of(ks: Sequence[int]) -> WcssPerK:
    def wcss_per_k(rows: Floats, random: np.random.Generator) -> Floats:
        return np.array([quick_kmeans(rows, k, int(random.integers(2**31))).wcss for k in ks])

    return wcss_per_k


def _stabilities(rows: Floats, ks: Sequence[int], seed: int, progress: Progress) -> dict[int, float]:
    found = {}
    for number, k in enumerate(ks):
        stretch = part(progress, number / len(ks), (number + 1) / len(ks))
        pairs = global_stability(rows, _rule(k), n_pairs=N_PAIRS, seed=seed, progress=stretch)
        found[k] = float(pairs.mean())
    return found


def _rule(k: int) -> FitRule:
    def fit(sample: Floats, seed: int) -> Place:
        return k_means_rule(sample, k, seed)

    return fit
