"""Which units of a map belong together?"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from segmenter.algorithms.nearest import nearest_units

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


class Linkage(Enum):
    """What makes two groups of units alike."""

    WARD = "ward"
    AVERAGE = "average"


def unit_tree(units: Matrix, kind: Linkage) -> Matrix:
    """Return the tree of merges in SciPy's form, shape (n_units - 1, 4)."""
    if len(units) < 2:
        return np.empty((0, 4))
    return np.asarray(linkage(units, kind.value), dtype=np.float64)


def cut(tree: Matrix, n_segments: int) -> Labels:
    """Return the segment of each leaf after all but the last `n_segments - 1` merges.

    Exactly that many segments, also where merges are equally high; numbered by their first leaf.
    """
    n_leaves = len(tree) + 1
    group = np.arange(n_leaves + len(tree))
    for number in range(n_leaves - n_segments):
        group[tree[number, :2].astype(np.intp)] = n_leaves + number
    # Later merges have higher numbers, so one walk from the top finds everybody's last group.
    for node in range(len(group) - 1, -1, -1):
        group[node] = group[group[node]]
    _, first, segments = np.unique(group[:n_leaves], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[segments]


def spread_to_empty(units: Matrix, hit: NDArray[np.intp], segments: Labels) -> Labels:
    """Return a segment for every unit: a unit without customers takes that of the nearest one with some."""
    return segments[nearest_units(units, units[hit])]
