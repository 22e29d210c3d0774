"""What kind of segments do the rows hold: separate groups, classes found again, a useful cut, or none?"""

from collections.abc import Sequence
from dataclasses import dataclass

from segmenter.measures.borders import MOST_GROUPS, Border, find_groups
from segmenter.measures.recurrence import NEARLY_ALWAYS, Cut, found_again
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True)
class Decision:
    """The answer to two questions: are there groups, and is the cut found again?

    Attributes
    ----------
    kind
        "natural": every border is a valley. "reproducible": no borders, yet a cut that is found again plainly
        more often than one through a cloud. "none": neither.
    recommended
        The number of segments, 1 for none.
    cut
        The number of segments into which a cut is found again nearly every time; None where no cut is.
    at_least
        Whether more groups than were looked for may be there.
    borders
        Of every two natural groups, numbered by size from 0.
    """

    kind: str
    recommended: int
    cut: int | None
    at_least: bool
    borders: tuple[Border, ...]
    cuts: tuple[Cut, ...]


def decide(
    X: FloatArray, ks: Sequence[int] = range(2, 11), *, categories: IntArray | None = None, seed: int = 0
) -> Decision:
    """Judge borders and repetition together.

    Parameters
    ----------
    X
        Shape (n, p), prepared and scaled; the order of the rows does not matter.
    categories
        Shape (p,): which category a column is an indicator of, -1 for numbers.
    """
    groups = find_groups(X, categories=categories, seed=seed)
    cuts = found_again(X, ks, seed=seed)
    usual = max((cut for cut in cuts if cut.agreement >= NEARLY_ALWAYS), key=lambda cut: cut.agreement, default=None)
    if groups.k > 1:
        return Decision("natural", groups.k, groups.k, groups.k >= MOST_GROUPS, groups.borders, cuts)
    classes = [cut for cut in cuts if cut.beyond_one_cloud]
    if classes:
        best = max(classes, key=lambda cut: cut.agreement - (cut.cloud or 0.0))
        return Decision("reproducible", best.k, best.k, best.k == max(ks), (), cuts)
    return Decision("none", 1, usual.k if usual else None, False, (), cuts)
