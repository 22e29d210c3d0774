"""Which units of a map belong together?"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from segmenter.algorithms.hierarchy import Dendrogram
from segmenter.algorithms.nearest import nearest_units

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]


class Linkage(Enum):
    """What makes two groups of units alike."""

    WARD = "ward"
    AVERAGE = "average"


def unit_tree(units: Matrix, hits: NDArray[np.int64], kind: Linkage) -> Dendrogram:
    """Merge the units that have customers; a unit counts once, however many customers it has.

    Parameters
    ----------
    units
        Shape (n_hit, n_features).
    hits
        Shape (n_hit,): customers of each unit.
    """
    sizes = hits.astype(np.float64)
    if len(units) < 2:
        return Dendrogram(np.empty((0, 4)), sizes, kind.value)
    merges = np.asarray(linkage(units, kind.value), dtype=np.float64)
    customers = np.concatenate([sizes, np.empty(len(merges))])
    for number, (first, second) in enumerate(merges[:, :2].astype(np.intp)):
        customers[len(units) + number] = customers[first] + customers[second]
    merges[:, 3] = customers[len(units) :]
    return Dendrogram(merges, sizes, kind.value)


def spread_to_empty(units: Matrix, hit: NDArray[np.intp], segments: Labels) -> Labels:
    """Return a segment for every unit: a unit without customers takes that of the nearest one with some."""
    return segments[nearest_units(units, units[hit])]
