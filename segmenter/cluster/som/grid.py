"""The grid of a self-organising map: units, neighbours, and their starting positions."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from segmenter.typing import BoolArray, FloatArray

# Rows of hexagons stand closer than hexagons in a row: the height of a triangle with sides of 1.
_ROW_HEIGHT = np.sqrt(3.0) / 2.0
# Squares that touch at a corner are neighbours (distance 1.41); hexagons touch at a distance of 1 only.
_RECTANGULAR_REACH, _HEXAGONAL_REACH = 1.42, 1.01


class GridKind(Enum):
    """How units touch: eight neighbours (rectangular) or six (hexagonal)."""

    RECTANGULAR = "rectangular"
    HEXAGONAL = "hexagonal"


@dataclass(frozen=True)
class Grid:
    """The units of a map; unit `row * columns + column` stands in that row and column."""

    rows: int
    columns: int
    kind: GridKind = GridKind.RECTANGULAR

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.rows * self.columns

    @cached_property
    def places(self) -> FloatArray:
        """Where each unit stands, shape (n_units, 2): downwards, to the right; neighbours in a row are 1 apart."""
        row, column = np.divmod(np.arange(self.n_units), self.columns)
        if self.kind is GridKind.HEXAGONAL:
            return np.column_stack([row * _ROW_HEIGHT, column + 0.5 * (row % 2)])
        return np.column_stack([row, column]).astype(np.float64)

    @cached_property
    def squared_distances(self) -> FloatArray:
        """Squared distance of each unit to each other on the map, shape (n_units, n_units)."""
        apart = self.places[:, None] - self.places[None]
        return np.einsum("ijk,ijk->ij", apart, apart)

    @cached_property
    def adjacent(self) -> BoolArray:
        """Which units are neighbours of which, shape (n_units, n_units); no unit is its own."""
        reach = _HEXAGONAL_REACH if self.kind is GridKind.HEXAGONAL else _RECTANGULAR_REACH
        return (self.squared_distances <= reach**2) & ~np.eye(self.n_units, dtype=bool)


# Components within this share of the largest count as equally large: rounding must not decide a sign.
_AS_LARGE = 1.0 - 1e-6
# A second direction with less of the first one's spread than this is rounding noise.
_NO_SPREAD = 1e-7


def pca_init(rows: FloatArray, grid: Grid) -> FloatArray:
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


def _leading_directions(centred: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the two leading components, each as long as the rows' standard deviation along it."""
    scale = np.abs(centred).max() or 1.0
    scaled = centred / scale
    variances, components = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    spreads = np.sqrt(np.maximum(variances[::-1], 0.0)) * scale
    directions = [_pointed(component) * spread for component, spread in zip(components.T[::-1], spreads, strict=True)]
    return directions[0], directions[1] if len(directions) > 1 else np.zeros_like(directions[0])


def _pointed(component: FloatArray) -> FloatArray:
    """Return the component so that its first large element is positive: either sign is an eigenvector."""
    sizes = np.abs(component)
    leading = int(np.argmax(sizes >= _AS_LARGE * sizes.max()))
    return component * np.copysign(1.0, component[leading])


def _even(count: int) -> FloatArray:
    return np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)
