"""The decision whether the data holds segments, and how many, with its thresholds and their sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segmenter.choose.diagnostics import Grouping

# In 2 × log-likelihood per row. Separate groups need only beat every cloud without groups; that overlapping
# groups fit better than one cloud is a weaker sign, which 2 % of clouds show at 0 and 1 % at 0.1.
ENOUGH_SEPARATE, ENOUGH_UNEVEN = 0.0, 0.1
# Planted groups 3.5 standard deviations apart leave at least .91; below this, borders cut through crowds.
CLEAR_MEMBERSHIP = 0.90
# Agreement of solutions (adjusted Rand index) from which a division counts as the same (Steinley 2004: from
# .65 moderate, from .8 good, from .9 excellent recovery).
SAME_AGAIN = 0.80
# Mean silhouette from which groups stand apart: Kaufman & Rousseeuw (1990) read more than .5 as a reasonable
# structure, and less as a weak one. It decides the words only, never the verdict.
APART = 0.50
# Below this agreement of solutions from other samples, some borders move; the lights turn from green there, too.
MOVES_BELOW = 0.75


class Verdict(StrEnum):
    """What kind of segments the data holds."""

    NATURAL = "natural"
    REPRODUCIBLE = "reproducible"
    CONSTRUCTED = "constructed"
    NONE = "none"


REASONS: Mapping[Verdict, str] = {
    Verdict.REPRODUCIBLE: (
        "Your customers are not one even cloud, but there are no clear borders between groups either. "
        "A division into {k} segments is found again nearly every time that other customers are drawn, "
        "so you can work with it."
    ),
    Verdict.CONSTRUCTED: (
        "Your customers are not one even cloud, but there are no clear borders between groups. "
        "A division into {k} segments is a useful cut of your own making; expect it to move with the next file."
    ),
    Verdict.NONE: (
        "In these columns your customers form one cloud without separate groups: customers made up without any "
        "groups look just as divided. You may still cut the cloud into segments, but the borders are yours, "
        "not theirs."
    ),
}

# How natural groups are told, by whether they stand apart and whether other samples move them.
NATURAL_REASONS: Mapping[tuple[bool, bool], str] = {
    (True, False): (
        "Your customers fall into {k} separate groups, with few customers in between. "
        "Customers made up without any groups never looked so divided."
    ),
    (True, True): (
        "Your customers fall into {k} separate groups, with few customers in between. "
        "Yet other samples move some of the borders: see the light of each segment."
    ),
    (False, False): (
        "Your customers stand denser in {k} groups than customers made up without any groups ever did. "
        "Yet the groups touch: customers near a border could be in either."
    ),
    (False, True): (
        "Your customers stand denser in {k} groups than customers made up without any groups ever did, though the "
        "groups touch. Other samples move some of the borders: see the light of each segment."
    ),
}


@dataclass(frozen=True)
class StructureDecision:
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


def decide_structure(
    grouping: Grouping, stability: Mapping[int, float], silhouettes: Mapping[int, float]
) -> StructureDecision:
    """Return what the groups found, and how stable their divisions are, say together.

    `stability` is the global stability per number of segments; `silhouettes`, the mean one, only chooses the words.
    """
    verdict, k = _decided(grouping, stability)
    if verdict is Verdict.NATURAL:
        reason = NATURAL_REASONS[silhouettes[k] >= APART, stability[k] < MOVES_BELOW]
    else:
        reason = REASONS[verdict]
    return StructureDecision(verdict, k, reason.format(k=k))


def _decided(grouping: Grouping, stability: Mapping[int, float]) -> tuple[Verdict, int]:
    if grouping.separate > ENOUGH_SEPARATE:
        k = grouping.k
        if grouping.scores[k].certainty >= CLEAR_MEMBERSHIP:
            return Verdict.NATURAL, k
    elif grouping.uneven > ENOUGH_UNEVEN:
        k = max(stability, key=lambda each: stability[each])
    else:
        return Verdict.NONE, 1
    return (Verdict.REPRODUCIBLE if stability[k] >= SAME_AGAIN else Verdict.CONSTRUCTED), k
