"""How sure is it that a customer belongs to its segment?"""

import numpy as np
import pandas as pd

from segmenter.algorithms.placement import Probable
from segmenter.core.segmentation import Segmentation


def knows_probabilities(segmentation: Segmentation) -> bool:
    """Whether the method says how probable each segment is for a customer."""
    return isinstance(segmentation.clusterer.placement_, Probable)


def probability_of_segment(segmentation: Segmentation, frame: pd.DataFrame) -> pd.Series:
    """Return each labelled customer's probability of its segment; NaN for customers in none.

    Parameters
    ----------
    frame
        The labelled customers under the model's column names.
    """
    labels = segmentation.labels.to_numpy()
    placed, rule = labels >= 0, segmentation.clusterer.placement_
    found = pd.Series(np.nan, index=frame.index, name="probability")
    if placed.any() and isinstance(rule, Probable):
        shares = rule.probabilities(segmentation.preparation.transform(frame[placed]))
        found[placed] = shares[np.arange(len(shares)), labels[placed]]
    return found
