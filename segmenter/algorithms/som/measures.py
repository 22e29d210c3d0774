"""How true is a map to the customers, and where on it do they stand apart?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.nearest import distances_to, nearest_units, two_nearest
from segmenter.algorithms.som.grid import Grid

Matrix = NDArray[np.float64]


def quantization_error(X: Matrix, units: Matrix) -> float:
    """Return the mean distance of the rows to their nearest unit, in scaled units."""
    return float(distances_to(X, units[nearest_units(X, units)]).mean())


def topographic_error(X: Matrix, units: Matrix, grid: Grid) -> float:
    """Return the share of rows whose nearest and second nearest unit are not neighbours on the map.

    0 is a map on which like always stands beside like.
    """
    best, second = two_nearest(X, units).T
    return float(1.0 - grid.adjacent[best, second].mean())


def u_matrix(units: Matrix, grid: Grid) -> Matrix:
    """Return the mean distance of each unit to its neighbours on the map, shape (n_units,), in scaled units.

    Large values are the borders between groups (Ultsch & Siemon 1990).
    """
    one, other = np.nonzero(grid.adjacent)
    distances = distances_to(units[one], units[other])
    return np.bincount(one, distances, grid.n_units) / np.bincount(one, minlength=grid.n_units)
