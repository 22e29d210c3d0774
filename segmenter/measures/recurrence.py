"""Agreement of partitions; is a division found again in a fresh sample; and the decision about groups drawn from it.

A fit to a third of the rows differs from the fit to all of them as much as a fit to a fresh sample of full size does:
the variance of the difference is σ²(3/n − 1/n), that of two samples σ²(1/n + 1/n). Compared are the rows that the third
has not seen. So what is measured needs no correction, where samples with repeated or shared rows flatter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from segmenter.measures.association import adjusted_rand_of, crosstab
from segmenter.measures.borders import MOST_GROUPS, Border, Groups, borders_between, evidence, find_groups, stray
from segmenter.measures.separation import measure_silhouettes
from segmenter.measures.vee_mixture import best_centres, nearest_centre
from segmenter.progress import Progress, part, silent
from segmenter.threads import n_threads, one_blas_thread, shared
from segmenter.typing import BoolArray, FloatArray, IntArray


def jaccard_table(first: IntArray, second: IntArray) -> FloatArray:
    """Return |both| / |either| for each pair of segments, shape (k_first, k_second)."""
    table = crosstab(first, second)
    either = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    shared: FloatArray = np.divide(table, either, out=np.zeros(table.shape), where=either > 0)
    return shared


def matched(table: IntArray) -> IntArray:
    """Return, for each line of a crosstab, the column it shares the most customers with, each column once.

    Solves the assignment problem; lines that find no column of their own get -1.
    """
    partner = np.full(len(table), -1, dtype=np.intp)
    lines, columns = linear_sum_assignment(table, maximize=True)
    partner[lines] = columns
    return partner


def renumbered_like(labels: IntArray, before: IntArray) -> IntArray:
    """Return `labels` numbered so that segments keep the number of the segment they resemble in `before`.

    Segments without a counterpart get the numbers that are left, in their order.
    """
    table = crosstab(labels, before)
    numbers = matched(table)
    taken = set(numbers[numbers >= 0].tolist())
    left = [number for number in range(len(table) + table.shape[1]) if number not in taken]
    numbers[numbers < 0] = left[: int((numbers < 0).sum())]
    return numbers[labels]


def share_from_one_parent(labels: IntArray, before: IntArray) -> FloatArray:
    """Return for each segment how purely its customers come from one segment of the solution before (SLSA).

    1 − H / ln(k'), H the entropy of the shares that come from each of the k' segments before (Dolnicar &
    Leisch 2017). 1 means all from one parent, which also holds for a clean half of it.

    Returns
    -------
    Floats
        Shape (k,); NaN where the solution before had a single segment.
    """
    table = crosstab(labels, before)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    surprise = np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
    entropy = -(shares * surprise).sum(axis=1)
    parents = table.shape[1]
    return np.full(len(table), np.nan) if parents == 1 else 1.0 - entropy / np.log(parents)


Place = Callable[[FloatArray], IntArray]
"""Rows of shape (m, p) to the segment of each, -1 for none."""
Refit = Callable[[FloatArray, int], Place]
"""(rows of shape (m, p), seed) to the rule that gives any rows their segments."""
HeldOut = tuple[IntArray, IntArray]
"""Positions of rows that a refit has not seen, and the segments that it gives them."""

MOST_ROWS, SAMPLES, CLOUDS, CLOUD_SAMPLES = 3_000, 24, 4, 12
# Samples of few rows differ most from each other, and cost least: an answer must not hang on which were drawn.
FEW, SAMPLES_OF_FEW = 1_000, 96
# After the usual number of samples, a cut that agrees no more than this decides nothing that further ones could change.
SETTLED = 0.65
# From this Jaccard index a segment is the same one again (Hennig 2007: "valid, stable").
SAME_SEGMENT = 0.75
# Found again in so many samples, a segment is reliable; in fewer than the other share, it is not to be trusted.
RELIABLE, DOUBTFUL = 0.9, 0.4
_STARTS, _STEPS, _FULL_STARTS, _FULL_STEPS = 4, 11, 10, 24
# Of many groups few starts find all: so many are made on all rows for each.
_FULL_STARTS_PER_K = 3
# Agreement (adjusted Rand) from which a cut may be one through classes, and is compared with clouds.
NEARLY_ALWAYS = 0.8
# A cut through classes disagrees less than half as much with itself as one through a cloud.
LESS_DOUBT = 0.5
# Where a cloud's cuts agree so often, half as much doubt is a matter of chance.
STEADY_CLOUD, LESS_DOUBT_THERE = 0.9, 0.4
# Segments are tighter than those of clouds from so much more mean silhouette; the fewest classes with this share of the
# gain are told, if each is found again in half of the samples.
TIGHTER, NEARLY_AS_TIGHT, STEADY, MOSTLY_FOUND = 0.1, 0.7, 0.65, 0.5
ROWS_PER_CLASS, _ROWS_OF_TIGHT, _CLOUDS_OF_TIGHT = 12, 600, 6
_ROUNDS_OF_CORRELATION, _SMALLEST = 3, 1e-6
_ROUNDS_OF_SHARES, _STEP_OF_SHARES = 20, 0.1


@dataclass(frozen=True)
class Recurrence:
    """How a segment fares in fresh samples.

    Attributes
    ----------
    jaccard
        Mean Jaccard index with what a fresh sample makes of it, 0-1.
    found
        Share of the samples in which that is SAME_SEGMENT or more.
    """

    jaccard: float
    found: float

    @property
    def reliable(self) -> bool:
        """Whether it is found again nearly every time."""
        return self.found >= RELIABLE

    @property
    def lost(self) -> bool:
        """Whether it is more often not found again."""
        return self.found < DOUBTFUL


@dataclass(frozen=True)
class Cut:
    """How well a division into k segments is found again.

    Attributes
    ----------
    agreement
        Mean adjusted Rand index with the divisions that fresh samples lead to.
    segments
        Per segment, in the order of the labels given, else largest first.
    cloud, usual_cloud
        The highest and the mean agreement of rows that keep every column and all correlations but have no classes,
        of so many of them as the comparison needed; None where it was not measured.
    any_lost
        Whether a segment of K-Means' own division, of which the few rows far out are no part, is more often lost
        than found again. One absurd value can take a segment shown; it takes no group away.
    """

    k: int
    agreement: float
    segments: tuple[Recurrence, ...]
    cloud: float | None = None
    usual_cloud: float | None = None
    any_lost: bool = False

    @property
    def reliable(self) -> bool:
        """Whether every segment is found again nearly every time."""
        return all(segment.reliable for segment in self.segments)

    @property
    def beyond(self) -> float:
        """How many times as much one cloud disagrees with itself."""
        return (1 - (self.usual_cloud or 0.0)) / max(1 - self.agreement, _SMALLEST)

    @property
    def beyond_one_cloud(self) -> bool:
        """Whether it is found again, and plainly more so than a cut through one cloud."""
        return (
            self.cloud is not None
            and self.agreement >= NEARLY_ALWAYS
            and 1 - self.agreement < (LESS_DOUBT if self.cloud < STEADY_CLOUD else LESS_DOUBT_THERE) * (1 - self.cloud)
        )


def found_again(
    X: FloatArray,
    ks: Sequence[int],
    *,
    labels: Mapping[int, IntArray] | None = None,
    categories: IntArray | None = None,
    clouds: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[Cut, ...]:
    """Measure for each number of segments how well K-Means' division is found again, in ascending order.

    Copies of rows and columns count once, and the few rows far out without neighbours do not take part. What is
    found for one number does not depend on which others are asked for.

    Parameters
    ----------
    X
        Shape (n, p), prepared rows; at most MOST_ROWS of them are looked at.
    labels
        Per k, the segments shown, shape (n,), whose recurrence is wanted; K-Means' own where there are none.
    categories
        Shape (p,): which category a column is an indicator of, -1 for numbers.
    clouds
        Whether the promising numbers are compared with clouds.
    """
    rows, seen, n, _ = _seen(X, categories, seed)
    if seen.shape[1] == 0:
        return ()
    distinct = len(np.unique(seen, axis=0))
    possible = [k for k in sorted(ks) if k <= distinct and 4 * k <= len(seen)]

    def cut(k: int) -> Cut:
        shown = labels[k][rows] if labels and k in labels else None
        return _cut(seen, k, np.random.default_rng((seed, k)), shown, n)

    cuts = []
    # Each number draws for itself, so several threads find what one does.
    for each in shared(cut, possible, n_threads() if len(seen) >= _ROWS_FOR_THREADS else 1):
        cuts.append(each)
        progress(len(cuts) / len(possible), "Forming the segments again from other samples")
    return compared_with_clouds(X, cuts, categories=categories, seed=seed) if clouds else tuple(cuts)


def compared_with_clouds(
    X: FloatArray,
    cuts: Sequence[Cut],
    *,
    within: tuple[IntArray, IntArray] | None = None,
    categories: IntArray | None = None,
    seed: int = 0,
) -> tuple[Cut, ...]:
    """Add to each cut that may be one through classes how well cuts through clouds are found again.

    Parameters
    ----------
    X, categories, seed
        As in `found_again`.
    within
        Groups that are known, each of which is to be one cloud: positions of rows, and the group of each.
    cuts
        What it returned; those compared already stay as they are.
    """
    promising = [cut for cut in cuts if cut.cloud is None and cut.agreement >= NEARLY_ALWAYS and not cut.any_lost]
    if not promising:
        return tuple(cuts)
    rows, seen, _, of = _seen(X, categories, seed)
    random = np.random.default_rng((seed, CLOUDS))
    groups = np.zeros(len(seen), dtype=np.intp)
    if within is not None:
        _, nearest = KDTree(X[within[0]]).query(X[rows])
        groups = within[1][nearest]
    drawn = [_clouds_like(seen, groups, of, random) for _ in range(CLOUDS)]
    compared = {}
    for cut in promising:
        again: list[float] = []
        for cloud in drawn:
            found = _refits(cloud, cut.k, np.random.default_rng((seed, cut.k, 1)), CLOUD_SAMPLES)
            again.append(agreement_with_refits(*found))
            compared[cut.k] = replace(cut, cloud=max(again), usual_cloud=float(np.mean(again)))
            if not compared[cut.k].beyond_one_cloud:
                # The others cannot make up for this one.
                break
    return tuple(compared.get(cut.k, cut) for cut in cuts)


def tighter_than_clouds(
    X: FloatArray, cuts: Sequence[Cut], *, categories: IntArray | None = None, seed: int = 0
) -> int | None:
    """Return the number of classes that silhouettes show where borders do not; None where they show none.

    Which third of few rows is drawn changes a cut, but hardly how tight segments are. So where these are plainly
    tighter (mean silhouette) than those of clouds at some number, there are classes: the fewest, of the cuts that are
    found again mostly, that are nearly as much tighter.

    Parameters
    ----------
    X, categories, seed
        As in `found_again`; categories are no clouds, and tell nothing here.
    cuts
        What it returned.
    """
    again = [cut.k for cut in cuts if not cut.any_lost and cut.agreement >= STEADY and _rarest(cut) >= MOSTLY_FOUND]
    if not again or (categories is not None and (np.asarray(categories) >= 0).any()):
        return None
    _, seen, _, of = _seen(X, categories, seed)
    seen = seen[:_ROWS_OF_TIGHT]
    ks = [cut.k for cut in cuts if cut.k * ROWS_PER_CLASS <= len(seen)]
    if len(ks) == 0:
        return None
    random = np.random.default_rng((seed, CLOUDS, 1))

    def tightness(rows: FloatArray) -> FloatArray:
        labels = [
            nearest_centre(rows, best_centres(rows, k, starts=_FULL_STARTS, steps=_FULL_STEPS, random=random))
            for k in ks
        ]
        return np.array([width.mean for width in measure_silhouettes(rows, labels)])

    one = np.zeros(len(seen), dtype=np.intp)
    gained = tightness(seen) - np.mean(
        [tightness(_clouds_like(seen, one, of, random)) for _ in range(_CLOUDS_OF_TIGHT)], axis=0
    )
    if gained.max() < TIGHTER:
        return None
    enough = NEARLY_AS_TIGHT * gained.max()
    return next((k for k, gain in zip(ks, gained, strict=True) if gain >= enough and k in again), None)


def _seen(X: FloatArray, categories: IntArray | None, seed: int) -> tuple[IntArray, FloatArray, int, IntArray]:
    """Return the rows looked at and as they are compared, how many differ, and each compared column's category."""
    rows, columns = evidence(X, np.random.default_rng(seed))
    of = np.full(len(columns), -1) if categories is None else np.asarray(categories)[columns]
    n, rows = len(rows), rows[:MOST_ROWS]
    seen = X[np.ix_(rows, columns)]
    if len(columns) == 0:
        return rows, seen, n, of
    together = ~stray(seen)
    return rows[together], _as_wide(seen[together], seen, of), n, of


def recurrence_of(labels: IntArray, refits: Iterable[HeldOut], k: int, nearer: float = 1.0) -> tuple[Recurrence, ...]:
    """Return how each segment fares in refits to thirds of the rows.

    Parameters
    ----------
    labels
        Shape (n,), 0 … k-1, -1 for rows that fit no segment: they take part, but nothing is looked for in them.
    nearer
        How far apart boundaries stand in fresh samples, as a share of how far they do here: 1 where the thirds are
        of all rows.
    """
    return _recurrence(_overlaps(labels, refits, k), nearer)


def _recurrence(overlaps: IntArray, nearer: float) -> tuple[Recurrence, ...]:
    """Return how each segment fares, from the rows that it shares with the segments of each refit."""
    sizes = overlaps.sum(axis=2)[:, :-1]
    either = sizes[:, :, None] + overlaps.sum(axis=1)[:, None, :-1] - overlaps[:, :-1, :-1]
    table = (overlaps[:, :-1, :-1] / np.maximum(either, 1)).max(axis=2, initial=0.0)
    table[sizes == 0] = np.nan
    table = np.where(table >= SAME_SEGMENT, 1 - nearer * (1 - table), table)
    known = ~np.isnan(table)
    times = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, table, 0.0).sum(axis=0) / times
    shares = (known & (np.nan_to_num(table) >= SAME_SEGMENT)).sum(axis=0) / times
    return tuple(Recurrence(float(mean), float(share)) for mean, share in zip(means, shares, strict=True))


def agreement_with_refits(labels: IntArray, refits: Iterable[HeldOut]) -> float:
    """Return the mean agreement of the labels with refits (adjusted Rand index); those in none are a group."""
    return _agreement(_overlaps(labels, refits, int(labels.max()) + 1))


def _agreement(overlaps: IntArray) -> float:
    return float(adjusted_rand_of(overlaps).mean())


def _overlaps(labels: IntArray, refits: Iterable[HeldOut], k: int) -> IntArray:
    """Return how many rows each segment shares with each of a refit's, shape (refits, k + 1, k or more + 1).

    The last line and column are of rows in no segment.
    """
    refits = list(refits)
    most = max(k, *(int(found.max(initial=-1)) + 1 for _, found in refits))
    line = np.where(labels < 0, k, labels) * (most + 1)
    tables = [
        np.bincount(line[held_out] + np.where(found < 0, most, found), minlength=(k + 1) * (most + 1))
        for held_out, found in refits
    ]
    return np.array(tables, dtype=np.intp).reshape(-1, k + 1, most + 1)


def refits_to_thirds(
    X: FloatArray, refit: Refit, *, times: int, seed: int, progress: Progress = silent
) -> list[HeldOut]:
    """Fit again to a third of the rows, and place the others, so many times."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(times):
        progress(number / times, "Forming the segments again from other samples")
        shuffled = random.permutation(len(X))
        third, held_out = np.split(shuffled, [len(X) // 3])
        found.append((held_out, refit(X[third], int(random.integers(2**31)))(X[held_out])))
    return found


def _cut(X: FloatArray, k: int, random: np.random.Generator, shown: IntArray | None, n: int) -> Cut:
    own, drawn = _refits(X, k, random, _samples_of(len(X)), shown)
    refits = list(islice(drawn, SAMPLES))
    overlaps = _overlaps(own, refits, k)
    agreement = _agreement(overlaps)
    if agreement > SETTLED and len(further := list(drawn)):
        refits += further
        overlaps = np.concatenate([overlaps, _overlaps(own, further, k)])
        agreement = _agreement(overlaps)
    # All rows divide more steadily than a third of these: of the same boundary, both ends stand nearer.
    nearer = min(1.0, np.sqrt(2 / max(n / (len(X) // 3) - 1, 1)))
    segments = own_segments = _recurrence(overlaps, nearer)
    if shown is not None:
        segments = recurrence_of(shown, refits, k, nearer)
    return Cut(k, agreement, segments, any_lost=any(segment.lost for segment in own_segments))


def _samples_of(n: int) -> int:
    return int(np.clip(SAMPLES * FEW // max(n, 1), SAMPLES, SAMPLES_OF_FEW))


def _refits(
    X: FloatArray, k: int, random: np.random.Generator, samples: int, shown: IntArray | None = None
) -> tuple[IntArray, Iterator[HeldOut]]:
    """Return K-Means' segments of all rows, largest first, and what so many thirds of them lead to, one by one.

    Of many groups a few starts miss some: the middles of segments that are shown are one start more, and those of all
    rows one for each third.
    """
    rival = None
    if shown is not None and (np.bincount(shown[shown >= 0], minlength=k) > 0).all():
        rival = np.stack([X[shown == segment].mean(axis=0) for segment in range(k)])
    starts = max(_FULL_STARTS, _FULL_STARTS_PER_K * k) if rival is None else _FULL_STARTS
    known = best_centres(X, k, starts=starts, steps=_FULL_STEPS, random=random, rival=rival)
    own = nearest_centre(X, known)
    own = np.argsort(np.argsort(-np.bincount(own, minlength=k), kind="stable"))[own]
    third = len(X) // 3
    orders = np.argsort(random.random((samples, len(X))), axis=1)

    def refit(order: IntArray) -> HeldOut:
        centres = best_centres(X[order[:third]], k, starts=_STARTS, steps=_STEPS, random=random, rival=known)
        return order[third:], nearest_centre(X[order[third:]], centres)

    return own, map(refit, orders)


def _as_wide(X: FloatArray, before: FloatArray, categories: IntArray) -> FloatArray:
    """Stretch columns of numbers that lost their spread with the rows set aside."""
    if len(X) == len(before):
        return X
    wide = before.std(axis=0) / np.maximum(X.std(axis=0), _SMALLEST)
    return X * np.where(categories < 0, wide, 1.0)


def _clouds_like(X: FloatArray, groups: IntArray, categories: IntArray, random: np.random.Generator) -> FloatArray:
    """Draw a cloud like each group's rows."""
    drawn = np.empty_like(X)
    for group in np.unique(groups):
        drawn[groups == group] = _cloud_like(X[groups == group], categories, random)
    return drawn


def _cloud_like(X: FloatArray, categories: IntArray, random: np.random.Generator) -> FloatArray:
    """Draw rows whose columns take the same values as often and correlate alike, without classes (normal copula).

    Of a category's indicators, each row has one, as here (multinomial probit).
    """
    ordered = np.sort(X, axis=0)
    varied = np.ptp(X, axis=0) > 0
    # Of a category that this cloud's rows have not, the indicator stays as it is.
    found_here = (np.flatnonzero(varied & (categories == each)) for each in np.unique(categories[categories >= 0]))
    blocks = [block for block in found_here if _one_each(X[:, block])]
    wanted = np.eye(X.shape[1])
    scores = ndtri((rankdata(X[:, varied], axis=0) - 0.5) / len(X))
    wanted[np.ix_(varied, varied)] = np.atleast_2d(np.corrcoef(scores.T))
    latent = wanted.copy()
    drawn = X
    noise = random.normal(size=X.shape)
    for _ in range(_ROUNDS_OF_CORRELATION):
        values, axes = np.linalg.eigh(latent)
        normal = noise @ (axes * np.sqrt(np.maximum(values, _SMALLEST))).T
        normal /= np.maximum(normal.std(axis=0), _SMALLEST)
        places = np.minimum((ndtr(normal) * len(X)).astype(np.intp), len(X) - 1)
        drawn = np.take_along_axis(ordered, places, axis=0)
        for block in blocks:
            chosen = _one_of(normal[:, block], (X[:, block] == ordered[-1, block]).mean(axis=0))
            drawn[:, block] = np.where(chosen, ordered[-1, block], ordered[0, block])
        found = np.eye(X.shape[1])
        scores = ndtri((rankdata(drawn[:, varied], axis=0) - 0.5) / len(X))
        # A rare flag may be drawn by no row, and then follows no other column.
        with np.errstate(invalid="ignore", divide="ignore"):
            found[np.ix_(varied, varied)] = np.nan_to_num(np.atleast_2d(np.corrcoef(scores.T)))
        latent = np.clip(latent + wanted - found, -0.99, 0.99)
        np.fill_diagonal(latent, 1.0)
    return drawn


def _one_each(indicators: FloatArray) -> bool:
    """Say whether every row has one of several indicators."""
    shown = indicators == indicators.max(axis=0)
    return bool(shown.shape[1] > 1 and (shown.sum(axis=1) == 1).all())


def _one_of(scores: FloatArray, shares: FloatArray) -> BoolArray:
    """Mark for each row the indicator with the highest score, all with about the shares wanted of them."""
    level = ndtri(shares)
    for _ in range(_ROUNDS_OF_SHARES):
        best = (scores + level).argmax(axis=1)
        found = np.bincount(best, minlength=len(shares)) / len(scores)
        level += np.clip(shares - found, -_STEP_OF_SHARES, _STEP_OF_SHARES) / np.maximum(shares, _STEP_OF_SHARES)
    return np.asarray((scores + level).argmax(axis=1)[:, None] == np.arange(len(shares)))


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


@contextmanager
def searched_beside(
    X: FloatArray, *, categories: IntArray | None = None, seed: int = SEED
) -> Iterator[Future[Groups] | None]:
    """Look for groups in a second thread while something else is done; None where one thread must do.

    Parameters
    ----------
    X, categories, seed
        As in `decide`.
    """
    if n_threads() == 1 or len(X) < _ROWS_FOR_THREADS:
        yield None
        return
    with ThreadPoolExecutor(1) as pool, one_blas_thread():
        yield pool.submit(find_groups, X, categories=categories, seed=seed)


def decide(
    X: FloatArray,
    ks: Sequence[int] = range(2, 11),
    *,
    labels: Mapping[int, IntArray] | None = None,
    categories: IntArray | None = None,
    seed: int = SEED,
    searched: Future[Groups] | None = None,
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
    searched
        What `searched_beside` yields for these rows, categories and seed; the search begins here where there is none.
    """
    progress(0.0, "Looking for borders between groups")
    # The two questions have nothing in common but the rows, so two threads answer them side by side.
    beside: AbstractContextManager[Future[Groups] | None]
    beside = searched_beside(X, categories=categories, seed=seed) if searched is None else nullcontext(searched)
    with beside as searched:
        again = part(progress, 0.6, 1.0)
        cuts = found_again(X, ks, labels=labels, categories=categories, clouds=False, seed=seed, progress=again)
        groups = searched.result() if searched else find_groups(X, categories=categories, seed=seed)
        cuts = _beside_clouds(X, cuts, groups, categories, seed)
    tight = tighter_than_clouds(X, cuts, categories=categories, seed=seed) if groups.k == 1 else None
    found = _decided(groups, {cut.k: cut for cut in cuts}, max(ks), tight)
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


def _decided(groups: Groups, cuts: Mapping[int, Cut], most: int, tight: int | None) -> Decision:
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
    if classes or tight:
        # Of several, the most classes of which each is plainly found again; the agreement alone prefers a coarser cut.
        plain = max((each.k for each in classes if _rarest(each) >= PLAINLY), default=None)
        again = plain or max(classes, key=lambda each: each.beyond).k if classes else 1
        k = max(again, tight or 1)
        return Decision("reproducible", k, k, k == most, 1, True, (), known)
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
