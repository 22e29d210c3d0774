"""How sure is it that a customer belongs to its segment?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.algorithms.placement import Probable
from segmenter.core.segmentation import Segmentation

# Below this the next segment may be two thirds as probable: one customer in three would be better off elsewhere.
DOUBTFUL: Final = 0.6


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


@dataclass(frozen=True)
class Certainty:
    """How sure a segment's customers are to belong to it.

    Attributes
    ----------
    segment
        From 0, as in the labels.
    size
        Number of customers.
    mean
        Mean probability of their segment, 0-1.
    in_doubt
        Number of customers whose probability is below DOUBTFUL.
    """

    segment: int
    size: int
    mean: float
    in_doubt: int


def certainty_by_segment(labels: pd.Series, probability: pd.Series) -> tuple[Certainty, ...]:
    """Return how sure each segment's customers are, in segment order."""
    groups = probability[labels >= 0].groupby(labels[labels >= 0])
    return tuple(
        Certainty(int(number), len(group), float(group.mean()), int((group < DOUBTFUL).sum()))
        for number, group in groups
    )
