"""How do two numbers of segments differ: who moves, which one is more stable?"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from segmenter.core.selection import KSelection
from segmenter.measures.agreement import adjusted_rand_index, renumbered_like, share_from_one_parent


@dataclass(frozen=True)
class Comparison:
    """Two solutions side by side.

    Attributes
    ----------
    agreement
        Adjusted Rand index: 1 the same division, 0 no more alike than by chance.
    moving, moving_share
        Customers whose segment has no counterpart, number and share, after pairing the segments as well as
        possible.
    more_stable
        The k with the higher stability; None where it is not known or equal.
    """

    first: int
    second: int
    agreement: float
    moving: int
    moving_share: float
    more_stable: int | None
    smallest_shares: tuple[float, float]


def parents(selection: KSelection) -> pd.DataFrame:
    """Return, for each segment of each k, how purely it comes from one segment of the k before (SLSA, 0-1).

    1 only says that all come from one parent, which also holds for a clean half of it.
    """
    ks = sorted(selection.labels)
    rows = []
    for before, k in pairwise(ks):
        shares = share_from_one_parent(selection.labels[k], selection.labels[before])
        rows += [
            {"Segments": k, "Segment": number + 1, "From one segment before (SLSA)": round(float(share), 3)}
            for number, share in enumerate(shares)
        ]
    return pd.DataFrame(rows)


def compare_solutions(selection: KSelection, first: int, second: int) -> Comparison:
    """Set two of the compared numbers of segments side by side."""
    before, after = selection.labels[first], selection.labels[second]
    moving = int((renumbered_like(after, before) != before).sum())
    scores = {score.k: score for score in selection.scores}
    stability = {k: scores[k].stability or 0.0 for k in (first, second)}
    return Comparison(
        first=first,
        second=second,
        agreement=adjusted_rand_index(before, after),
        moving=moving,
        moving_share=moving / len(before),
        more_stable=None
        if np.isclose(stability[first], stability[second])
        else max(stability, key=lambda k: stability[k]),
        smallest_shares=(scores[first].smallest_share, scores[second].smallest_share),
    )
