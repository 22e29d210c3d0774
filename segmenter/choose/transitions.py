"""Crosstab of two partitions, and the flows between partitions as k grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from segmenter.measures.agreement import adjusted_rand_index, crosstab, matched, renumbered_like, share_from_one_parent
from segmenter.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two solutions side by side.

    Attributes
    ----------
    table
        Shape (k_first, k_second): customers in each pair of segments.
    partner
        Shape (k_first,): the segment of the second solution that each of the first resembles; -1 for none.
    agreement
        Adjusted Rand index, 1 for the same division.
    moves
        Shape (n,): whether each customer leaves the counterpart of its segment.
    smallest_shares
        Share of all customers in the smallest segment of the first and of the second solution.
    """

    table: IntArray
    partner: IntArray
    agreement: float
    moves: BoolArray
    smallest_shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Step:
    """What becomes of the segments from one number of segments to the next.

    Attributes
    ----------
    labels
        Shape (n,), numbered like the segments before wherever one continues.
    flows
        Shape (k before, k): customers that go from each segment to each.
    from_one_parent
        Shape (k,): SLSA, 1 where all customers of a segment come from one segment before; NaN for the first.
    """

    k: int
    labels: IntArray
    flows: IntArray
    from_one_parent: FloatArray


def compare_solutions(first: IntArray, second: IntArray) -> Comparison:
    """Set two solutions of the same customers, labels 0 … k-1, side by side."""
    table = crosstab(first, second)
    partner = matched(table)
    return Comparison(
        table=table,
        partner=partner,
        agreement=adjusted_rand_index(first, second),
        moves=partner[first] != second,
        smallest_shares=(_smallest_share(first), _smallest_share(second)),
    )


def segments_across_k(labels: Mapping[int, IntArray]) -> tuple[Step, ...]:
    """Follow segments through solutions with more and more of them, renumbered so that they keep their number."""
    ks = sorted(labels)
    named = {ks[0]: labels[ks[0]]}
    for before, k in pairwise(ks):
        named[k] = renumbered_like(labels[k], named[before])
    first = Step(ks[0], named[ks[0]], np.bincount(named[ks[0]])[None, :], np.full(ks[0], np.nan))
    later = (
        Step(k, named[k], crosstab(named[before], named[k]), share_from_one_parent(named[k], named[before]))
        for before, k in pairwise(ks)
    )
    return (first, *later)


def _smallest_share(labels: IntArray) -> float:
    return float(np.bincount(labels).min() / len(labels))
