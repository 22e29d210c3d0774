"""Which segment is the most probable, and which comes next?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.core.encoding import Floats


def ranked(probability: Floats) -> NDArray[np.intp]:
    """Return the classes of each row, the most probable first, shape (n, n_classes); ties in the classes' order."""
    return np.argsort(-probability, axis=1, kind="stable")
