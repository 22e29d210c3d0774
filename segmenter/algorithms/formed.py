"""What does a way to form segments take and give?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.placement import Placement
from segmenter.progress import Progress
from segmenter.settings import Settings


@dataclass(frozen=True, eq=False)
class Formed:
    """Segments as a method formed them.

    Attributes
    ----------
    labels
        Shape (n,), 0 … k-1 in any order, -1 for "fits no segment".
    placement
        The rule that places new customers.
    details
        What only this method has to show (a dendrogram, a map, a learning curve); never saved.
    notes
        What the user should know about how the segments were formed, in sentences.
    """

    labels: NDArray[np.intp]
    placement: Placement
    details: object | None = None
    notes: tuple[str, ...] = ()


FitFunction = Callable[[NDArray[np.float64], int, int, Settings, Progress], Formed]
"""(X of shape (n_customers, n_features), n_segments, seed, settings, progress) to segments."""
