"""What the decision about groups says in words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from segmenter.measures.borders import Border
from segmenter.measures.decision import Decision
from segmenter.measures.recurrence import Cut

# Of the rows on a border's emptier side, so few in its middle that a reader would call it empty.
NEARLY_EMPTY = 0.75
# Borders listed one by one; more are counted.
MOST_LISTED = 3


class Verdict(StrEnum):
    """What kind of segments the data holds."""

    NATURAL = "natural"
    REPRODUCIBLE = "reproducible"
    CONSTRUCTED = "constructed"
    NONE = "none"


# One sentence for each, wherever it is said.
VERDICT_WORDS: Final[Mapping[str, str]] = {
    "natural": "Natural: the segments are there.",
    "reproducible": "Reproducible: not separated, but found again.",
    "constructed": "Constructed: a useful cut of your own making; expect it to move.",
    "none": "None: these columns hold no groups of their own.",
}


def reason_for(decision: Decision) -> str:
    """Return in plain sentences what was found and what it means for the number of segments."""
    cuts = {cut.k: cut for cut in decision.cuts}
    match Verdict(decision.kind):
        case Verdict.NATURAL:
            follows = "" if decision.followed else f" {_NOT_FOLLOWED}"
            return f"{_groups(decision)} {_all_found(cuts[decision.recommended])}{follows}"
        case Verdict.NONE:
            return f"{_NO_GROUPS} {_tiers(decision.cut)}"
        case Verdict.REPRODUCIBLE if decision.n_groups == 1:
            some_real = _some_real(decision.borders)
            return f"{_PARTLY if some_real else _CLASSES} {_again(decision, cuts)}{some_real}"
        case Verdict.REPRODUCIBLE:
            return f"{_other_number(decision)} {_again(decision, cuts)}"
        case Verdict.CONSTRUCTED:
            return f"{_other_number(decision)} {_MOVES.format(k=decision.recommended)}"


_NO_GROUPS = "No separate groups: your customers differ by degrees."
_CLASSES = "There are no gaps between groups of your customers, yet they are not one even cloud either."
_PARTLY = "Your customers do not fall into groups that are all apart, yet they are not one even cloud either."
_NOT_FOLLOWED = (
    "K-Means does not draw its borders where these groups have theirs: compare the methods, of which a Gaussian "
    "mixture follows groups of unequal size or shape."
)
_MOVES = (
    "Formed again from other customers, a cut into {k} comes out differently: it is a useful cut of your own making, "
    "so expect it to move with the next file."
)


def _groups(decision: Decision) -> str:
    k = decision.recommended
    count = f"at least {k}" if decision.at_least else f"{k}"
    shallowest = min((border.valley for border in decision.borders), default=0.0)
    between = "few" if shallowest >= NEARLY_EMPTY else "fewer"
    where = "between them than inside them" if between == "fewer" else "in between"
    more = " More numbers than those compared may show more groups." if decision.at_least else ""
    return f"Your customers fall into {count} separate groups, with {between} customers {where}.{more}"


def _all_found(cut: Cut) -> str:
    if cut.reliable:
        return "Each is found again nearly every time that other customers are drawn."
    return _shaky(cut)


def _shaky(cut: Cut) -> str:
    shaky = [f"segment {number}" for number, each in enumerate(cut.segments, start=1) if not each.reliable]
    return f"Other samples move the borders of {_listed(shaky)}: see the light of each segment."


def _tiers(cut: int | None) -> str:
    if cut is None:
        return "No cut is found again every time either, so any borders that you draw are yours, not theirs."
    return f"If you want tiers, a cut into {cut} is found again nearly every time."


def _again(decision: Decision, cuts: Mapping[int, Cut]) -> str:
    k = decision.recommended
    count = f"at least {k}" if decision.at_least else f"{k}"
    cut = cuts[k]
    if cut.reliable:
        return f"A division into {count} segments is found again nearly every time, so you can work with it."
    return f"A division into {count} segments is found again most times, so you can work with it. {_shaky(cut)}"


def _some_real(borders: tuple[Border, ...]) -> str:
    real = [border for border in borders if border.real]
    if not real:
        return ""
    if len(real) > MOST_LISTED:
        count = f"{len(real)} of its {len(borders)}"
        return f" On {count} borders there are fewer customers than on either side, on the others there are not."
    pairs = _listed([f"{border.between[0] + 1} and {border.between[1] + 1}" for border in real])
    return f" Only between segments {pairs} there are fewer customers than on either side."


def _other_number(decision: Decision) -> str:
    k = decision.n_groups
    if k == decision.recommended:
        return f"There are gaps between {k} groups of your customers, but segments formed again do not all follow them."
    if k > decision.recommended:
        return f"Your customers fall into at least {decision.recommended} groups, more than were compared."
    return f"Your customers fall into {k} separate groups, fewer than the numbers compared: compare {k} segments, too."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
