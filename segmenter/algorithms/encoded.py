"""How are customers placed who are first described anew by a network?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.placement import NearestCentre
from segmenter.networks.stack import DenseStack

# K-Means squares distances; a row so far out that a square would overflow is kept at the border.
FARTHEST = 1e150


@dataclass(frozen=True, eq=False)
class Encoded:
    """A customer belongs to the nearest centre among what the network makes of it.

    Attributes
    ----------
    encoder
        The network's first half, from the prepared space to the few numbers in its middle.
    centres
        Shape (n_segments, encoder.n_out).
    """

    encoder: DenseStack
    centres: NDArray[np.float64]

    def encode(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the network makes of each row, shape (n, encoder.n_out); the same in any company."""
        return np.clip(self.encoder.outputs(X), -FARTHEST, FARTHEST)

    def place(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the nearest centre of each row's encoding."""
        return NearestCentre(self.centres).place(self.encode(X))

    def distances(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance of each row's encoding to its centre, in the network's own units."""
        return NearestCentre(self.centres).distances(self.encode(X))

    def reordered(self, order: NDArray[np.intp]) -> Self:
        """Return the same rule with centre `order[i]` called `i`."""
        return type(self)(self.encoder, self.centres[order])
