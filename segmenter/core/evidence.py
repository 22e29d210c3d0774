"""What do repetition and structureless data say about each number of segments?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order
from segmenter.algorithms.kmeans import quick_kmeans
from segmenter.core.stability import k_means_rule
from segmenter.measures.gap import Gap, measure_gap
from segmenter.measures.stability import Place, global_stability
from segmenter.progress import Progress, part, silent

Floats = NDArray[np.float64]

# What a verdict rests on: beyond this many rows its parts no longer change, and the time goes up.
EVIDENCE_ROWS = 4_000
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

    rows: Floats
    gap: Gap
    stability: Mapping[int, float]


def gather_evidence(X: Floats, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Evidence:
    """Measure the gap and the stability for each number of segments."""
    rows = evidence_rows(X)
    ks = [k for k in ks if k < len(rows)]

    def wcss_per_k(drawn: Floats, random: np.random.Generator) -> Floats:
        return np.array([quick_kmeans(drawn, k, int(random.integers(2**31))).wcss for k in (1, *ks)])

    gap = measure_gap(rows, wcss_per_k, n_references=N_REFERENCES, seed=seed, progress=part(progress, 0.0, 0.5))
    stability = {}
    for number, k in enumerate(ks):
        share = part(progress, 0.5 + 0.5 * number / len(ks), 0.5 + 0.5 * (number + 1) / len(ks))
        values = global_stability(rows, _rule(k), n_pairs=N_PAIRS, seed=seed, progress=share)
        stability[k] = float(values.mean())
    return Evidence(rows, gap, stability)


def evidence_rows(X: Floats) -> Floats:
    """Return a fair sample of the rows around their mean, in an order that only their values decide."""
    order = content_order(X)
    if len(X) > EVIDENCE_ROWS:
        order = order[np.linspace(0, len(X) - 1, EVIDENCE_ROWS).astype(np.intp)]
    chosen = X[order]
    return chosen - chosen.mean(axis=0)


def _rule(k: int):  # type: ignore[no-untyped-def]
    def fit(sample: Floats, seed: int) -> Place:
        return k_means_rule(sample, k, seed)

    return fit
