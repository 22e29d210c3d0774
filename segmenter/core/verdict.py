"""Does the data hold segments at all, and how many?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from segmenter.measures.gap import Gap, first_sufficient

Floats = NDArray[np.float64]


class Verdict(StrEnum):
    """What kind of segments the data holds."""

    NATURAL = "natural"
    REPRODUCIBLE = "reproducible"
    CONSTRUCTED = "constructed"
    NONE = "none"


@dataclass(frozen=True)
class Judgement:
    """What the data holds, and why.

    Attributes
    ----------
    recommended
        The number of segments; 1 when there are none.
    reason
        Two plain sentences.
    """

    verdict: Verdict
    recommended: int
    reason: str


def judge(gap: Gap, silhouettes: Mapping[int, float], stability: Mapping[int, float]) -> Judgement:
    """Return what the scores say together."""
    ks = (1, *silhouettes)
    if first_sufficient(ks, gap) == 1:
        return Judgement(Verdict.NONE, 1, "There are no separate groups in these columns. Any cut is your own choice.")
    best = max(silhouettes, key=lambda k: silhouettes[k])
    return Judgement(Verdict.NATURAL, best, f"{best} segments stand apart. Find them again in any sample.")
