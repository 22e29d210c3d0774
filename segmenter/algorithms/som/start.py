"""Where do the units of a map start?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.som.grid import Grid

Matrix = NDArray[np.float64]

# Components within this share of the largest count as equally large: rounding must not decide a sign.
_AS_LARGE = 1.0 - 1e-6
# A second direction with less of the first one's spread than this is rounding noise.
_NO_SPREAD = 1e-7


def plane_start(rows: Matrix, grid: Grid) -> Matrix:
    """Return units spread evenly on the plane in which the rows differ most (its two principal components).

    The rows alone decide it, nothing is drawn: two maps of the same customers are the same map. Rows that
    differ in one direction only are subdivided along it, line by line of the map.

    Parameters
    ----------
    rows
        Shape (n, n_features).

    Returns
    -------
    Matrix
        Shape (grid.n_units, n_features), one standard deviation to each side of the mean.
    """
    middle = rows.mean(axis=0)
    first, second = _leading_directions(rows - middle)
    if not np.linalg.norm(second) > _NO_SPREAD * np.linalg.norm(first):
        second = first / grid.rows
    row, column = np.divmod(np.arange(grid.n_units), grid.columns)
    return middle + np.outer(_even(grid.rows)[row], first) + np.outer(_even(grid.columns)[column], second)


def _leading_directions(centred: Matrix) -> tuple[Matrix, Matrix]:
    """Return the two leading components, each as long as the rows' standard deviation along it."""
    scale = np.abs(centred).max() or 1.0
    scaled = centred / scale
    variances, components = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    spreads = np.sqrt(np.maximum(variances[::-1], 0.0)) * scale
    directions = [_pointed(component) * spread for component, spread in zip(components.T[::-1], spreads, strict=True)]
    return directions[0], directions[1] if len(directions) > 1 else np.zeros_like(directions[0])


def _pointed(component: Matrix) -> Matrix:
    """Return the component so that its first large element is positive: either sign is an eigenvector."""
    sizes = np.abs(component)
    leading = int(np.argmax(sizes >= _AS_LARGE * sizes.max()))
    return component * np.copysign(1.0, component[leading])


def _even(count: int) -> Matrix:
    return np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)
