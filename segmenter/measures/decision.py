"""What kind of segments do the rows hold: separate groups, classes found again, a useful cut, or none?"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

from segmenter.measures.agreement import crosstab, jaccard_table, matched
from segmenter.measures.borders import MOST_GROUPS, Border, Groups, borders_between, find_groups
from segmenter.measures.recurrence import NEARLY_ALWAYS, Cut, compared_with_clouds, found_again
from segmenter.progress import Progress, part, silent
from segmenter.threads import n_threads, one_blas_thread
from segmenter.typing import FloatArray, IntArray

# Everything that draws draws the same every time: an answer must not hang on a seed that somebody chose.
SEED = 0
# A group is one of the segments from this Jaccard index.
MOSTLY = 0.5
# Below this, a second thread costs more than it computes.
_ROWS_FOR_THREADS = 1_000
# A class is plainly found again from this share of the samples.
PLAINLY = 0.8
# Found again in fewer of them, no class is worth the word: which of two answers came out would be chance.
HARDLY = 0.65
# Where there are groups with real borders that a cut follows nearly always, only cuts that agree so often may show
# that a group holds several.
ALWAYS = 0.95


@dataclass(frozen=True)
class Decision:
    """The answer to two questions: are there groups, and is the cut found again?

    Attributes
    ----------
    kind
        "natural": every border is a valley, and every segment is found again. "reproducible": a division that is
        found again nearly every time, plainly more often than one through a cloud. "constructed": there are groups,
        but no division into as many segments as were asked for is found again. "none": one cloud.
    recommended
        The number of segments, 1 for none; always one of those asked for.
    cut
        The number of segments into which a division is found again nearly every time; None where none is.
    at_least
        Whether more than the recommended number may be there.
    n_groups
        The number of groups with real borders, whatever was asked for; 1 for none, and where one of them holds
        classes that are found again all the same.
    followed
        Whether every one of these groups is mostly one of the segments shown.
    borders
        Of every two segments of the recommended number, or else of the cut; numbered from 0 as in the labels given,
        or by size.
    """

    kind: str
    recommended: int
    cut: int | None
    at_least: bool
    n_groups: int
    followed: bool
    borders: tuple[Border, ...]
    cuts: tuple[Cut, ...]


def decide(
    X: FloatArray,
    ks: Sequence[int] = range(2, 11),
    *,
    labels: Mapping[int, IntArray] | None = None,
    categories: IntArray | None = None,
    seed: int = SEED,
    progress: Progress = silent,
) -> Decision:
    """Judge borders and repetition together.

    Parameters
    ----------
    X
        Shape (n, p), prepared and scaled; the order of the rows does not matter.
    labels
        Per number of segments, the segments that are shown, shape (n,); K-Means' own where there are none.
    categories
        Shape (p,): which category a column is an indicator of, -1 for numbers.
    """
    progress(0.0, "Looking for borders between groups")
    # The two questions have nothing in common but the rows, so two threads answer them side by side.
    threads = min(2, n_threads()) if len(X) >= _ROWS_FOR_THREADS else 1
    with ThreadPoolExecutor(1) as pool, one_blas_thread() if threads > 1 else nullcontext():
        searched = pool.submit(find_groups, X, categories=categories, seed=seed) if threads > 1 else None
        again = part(progress, 0.6, 1.0)
        cuts = found_again(X, ks, labels=labels, categories=categories, clouds=False, seed=seed, progress=again)
        groups = searched.result() if searched else find_groups(X, categories=categories, seed=seed)
        cuts = _beside_clouds(X, cuts, groups, categories, seed)
    found = _decided(groups, {cut.k: cut for cut in cuts}, max(ks))
    of = found.recommended if found.recommended > 1 else found.cut
    shown = labels.get(of) if labels and of else None
    if groups.k > 1 and found.recommended == groups.k:
        if shown is None:
            return replace(found, borders=groups.borders)
        return replace(found, borders=_numbered_like(shown, groups), followed=_followed(shown, groups))
    if shown is None:
        return found
    return replace(found, borders=borders_between(X, shown, categories=categories, seed=seed))


def _beside_clouds(
    X: FloatArray, cuts: tuple[Cut, ...], groups: Groups, categories: IntArray | None, seed: int
) -> tuple[Cut, ...]:
    """Compare with clouds the cuts for which it matters: all, or of groups that are known those that divide them."""
    if groups.k == 1:
        return compared_with_clouds(X, cuts, categories=categories, seed=seed)
    coarse = next((cut.agreement for cut in cuts if cut.k == groups.k), 1.0)
    least = ALWAYS
    within: tuple[IntArray, IntArray] | None = (groups.rows, groups.labels)
    if coarse < NEARLY_ALWAYS:
        # Segments that do not follow these groups are compared with one cloud: the groups are none of theirs.
        least, within = NEARLY_ALWAYS, None
    finer = [cut for cut in cuts if cut.k > groups.k and cut.reliable and cut.agreement >= least]
    compared = compared_with_clouds(X, finer, within=within, categories=categories, seed=seed)
    return (*(cut for cut in cuts if cut not in finer), *compared)


def _decided(groups: Groups, cuts: Mapping[int, Cut], most: int) -> Decision:
    known = tuple(cuts[k] for k in sorted(cuts))
    steady = [cut for cut in known if cut.reliable]
    cut = max((cut.k for cut in steady), default=None)
    k = min(groups.k, most)
    more = groups.k > most or groups.k >= MOST_GROUPS
    if k in cuts:
        finer = [each for each in known if each.k > k and each.beyond_one_cloud and not each.any_lost]
        if finer:
            # A group holds classes without gaps: some borders are real, others are not.
            k = max(each.k for each in finer)
            return Decision("reproducible", k, k, k == most, 1, True, (), known)
        if not cuts[k].any_lost:
            return Decision("natural", k, k, more, groups.k, True, (), known)
        return Decision("constructed", k, cut, more, groups.k, True, (), known)
    if groups.k > 1:
        # There are fewer groups than the numbers asked for: each of these divides a group.
        best = max(known, key=lambda each: each.agreement, default=None)
        if best is None:
            return Decision("none", 1, None, False, groups.k, True, (), known)
        steadiest = cut or best.k
        return Decision("reproducible" if cut else "constructed", steadiest, cut, False, groups.k, True, (), known)
    classes = [each for each in known if each.beyond_one_cloud and not each.any_lost and _rarest(each) >= HARDLY]
    if classes:
        # Of several, the most classes of which each is plainly found again; the agreement alone prefers a coarser cut.
        plain = [each for each in classes if _rarest(each) >= PLAINLY]
        best = max(plain, key=lambda each: each.k) if plain else max(classes, key=lambda each: each.beyond)
        return Decision("reproducible", best.k, best.k, best.k == most, 1, True, (), known)
    return Decision("none", 1, cut, False, 1, True, (), known)


def _rarest(cut: Cut) -> float:
    """Return in which share of the samples the segment is found again that is found least often."""
    return min(segment.found for segment in cut.segments)


def _followed(labels: IntArray, groups: Groups) -> bool:
    """Say whether every group shares most of its rows, and of its rows' segment, with one segment."""
    return bool(jaccard_table(groups.labels, labels[groups.rows]).max(axis=1).min() >= MOSTLY)


def _numbered_like(labels: IntArray, groups: Groups) -> tuple[Border, ...]:
    """Give the groups' borders the numbers of the segments that hold most of the same rows."""
    partner = matched(crosstab(groups.labels, labels[groups.rows]))
    number = np.where(partner < 0, np.arange(len(partner)), partner)
    pairs = (sorted((int(number[a]), int(number[b]))) for a, b in (border.between for border in groups.borders))
    renamed = (
        replace(border, between=(first, second)) for border, (first, second) in zip(groups.borders, pairs, strict=True)
    )
    return tuple(sorted(renamed, key=lambda border: border.between))
