"""Which units of a map are there, where do they stand, and which are neighbours?"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

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
    def places(self) -> NDArray[np.float64]:
        """Where each unit stands, shape (n_units, 2): downwards, to the right; neighbours in a row are 1 apart."""
        row, column = np.divmod(np.arange(self.n_units), self.columns)
        if self.kind is GridKind.HEXAGONAL:
            return np.column_stack([row * _ROW_HEIGHT, column + 0.5 * (row % 2)])
        return np.column_stack([row, column]).astype(np.float64)

    @cached_property
    def squared_distances(self) -> NDArray[np.float64]:
        """Squared distance of each unit to each other on the map, shape (n_units, n_units)."""
        apart = self.places[:, None] - self.places[None]
        return np.einsum("ijk,ijk->ij", apart, apart)

    @cached_property
    def adjacent(self) -> NDArray[np.bool_]:
        """Which units are neighbours of which, shape (n_units, n_units); no unit is its own."""
        reach = _HEXAGONAL_REACH if self.kind is GridKind.HEXAGONAL else _RECTANGULAR_REACH
        return (self.squared_distances <= reach**2) & ~np.eye(self.n_units, dtype=bool)
