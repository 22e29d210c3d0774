"""Into how many groups do the rows fall if every two must have a real border between them?"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.ndimage import gaussian_filter, label

from segmenter.measures.border_rows import Comparable, comparable
from segmenter.measures.shared_covariance import SharedShape
from segmenter.measures.starts import Starts
from segmenter.measures.valleys import SHALLOWEST, SIGNIFICANT, Counts, ValleyTest
from segmenter.measures.vee_mixture import mixture_path
from segmenter.typing import BoolArray, FloatArray, IntArray

# Groups are proposed and fitted on so many rows; more do not change them, and fewer hide small ones.
MOST_FITTED, FEWEST_ROWS, ROWS_PER_GROUP = 2_000, 20, 8
# From so many groups on, those without a border between them are joined.
STARTS_AT = (2, 3, 4, 5, 6, 8, 10, 13)
MOST_GROUPS = max(STARTS_AT)
# On the first split: groups are joined above this probability, and further splits are asked below that one.
PROMISING, HOPELESS = 0.05, 0.5
# Where groups are bells, more of them are worth their names from so much likelihood per row (twice its logarithm).
WORTH_A_GROUP = 0.05
# No border of theirs may be less likely than this, and at most a third uncertain.
CONTRADICTED, MOST_UNCERTAIN = 0.75, 1 / 3
# A lone border of bells may be less certain where two groups gain so much (twice the logarithm, less the parameters).
PLAIN, LIKELY, DEEP = 20.0, 0.1, 0.5
# Where they gain so much, their border may be uncertain, but not contradicted; few rows look like bells by chance.
CERTAIN, FEWEST_CERTAIN = 40.0, 800
# A small group has at most this share of the rows; it is looked for among so many proposed ones.
SMALL, SMALL_AMONG = 0.2, (2, 3, 4, 6)
# Bells' columns within groups: at most so skewed, with tails neither much longer nor much shorter.
MOST_SKEW, MOST_KURTOSIS, LEAST_KURTOSIS = 0.3, 0.8, -0.5
# A way around: along it, rows are nowhere less dense than by this share of what is usual in the groups.
WAY_AROUND, PLAINLY_EMPTY, FEWEST_BETWEEN = 0.5, 0.85, 15
# Of a column in which two groups differ so much (Kolmogorov and Smirnov's distance), so many rows where they meet are
# looked at, at least that share.
CURVE_APART, CURVE_ROWS, CURVE_SHARE = 0.6, 16, 0.1
# There, rows must be about as dense as in the emptier group (few rows leave a doubt), more must stand in the middle
# of the line than at either end, and about half of them between its quarters.
CURVE_WIDTH, CURVE_DOUBT, CURVE_FILLED, CURVE_BETWEEN = 1.25, 1.2, 1.1, 0.45
# Within both groups, a column correlates less with the line between them than this: else it only cuts the line itself.
CURVE_LIKE = 0.72
# Of more columns than this, one is nearly always like the line, which is a sum of them.
CURVE_COLUMNS = 6
# With at most so many rows, borders less certain than this must be found by most of so many draws.
FEW_ROWS, BEYOND_CHANCE, DRAWS = 1_000, 1e-3, 3
_SMOOTHING, _CELL, _CELLS = 0.4, 0.2, 80


@dataclass(frozen=True)
class Border:
    """What is known about the border of two groups.

    Attributes
    ----------
    between
        The two groups, from 0.
    p
        How probable so few rows in the middle are if they are no fewer than on either side.
    valley
        0 where the middle is as full as the emptier side, 1 where it is empty.
    """

    between: tuple[int, int]
    p: float
    valley: float

    @property
    def real(self) -> bool:
        """Whether it is a valley beyond doubt."""
        return self.p < SIGNIFICANT and self.valley >= SHALLOWEST


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups whose borders are all real.

    Attributes
    ----------
    k
        Their number, 1 where there are none.
    borders
        Of every two groups.
    rows, labels
        Rows that the groups were fitted to, as positions in the matrix, and the group of each.
    """

    k: int
    borders: tuple[Border, ...] = ()
    rows: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    labels: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))


def find_groups(X: FloatArray, *, categories: IntArray | None = None, seed: int = 0) -> Groups:
    """Find the largest number of groups of which every two have a real border.

    Columns with long tails are looked at as they are and evened out; the larger number counts. The answer is the
    same for any order of the rows.

    Parameters
    ----------
    X
        Shape (n, p), prepared and scaled, no missing values.
    categories
        Shape (p,): the number of the category that a column is an indicator of, -1 for numbers.
    seed
        Of the starts and of who is held out.
    """
    found = _looked_for(X, categories, seed)
    if found.k == 1 or len(X) > FEW_ROWS or max(border.p for border in found.borders) < BEYOND_CHANCE:
        return found
    # With so few rows a border may be real for one way to spread tied values and hold rows out, and not for the next.
    others = [_looked_for(X, categories, seed + draw) for draw in range(1, DRAWS)]
    return sorted([found, *others], key=lambda groups: groups.k)[DRAWS // 2]


def _looked_for(X: FloatArray, categories: IntArray | None, seed: int) -> Groups:
    best = Groups(1)
    if len(X) < FEWEST_ROWS:
        return best
    for evened in (False, True):
        random = np.random.default_rng(seed)
        seen = comparable(X, categories, random, evened=evened)
        if evened and not seen.changed:
            break
        # A second look at the same rows may go wrong as often as the first: it must be twice as certain.
        found = _search(seen, random, looks=2 if evened else 1)
        best = found if found.k > best.k else best
    return best


def borders_between(
    X: FloatArray, labels: IntArray, *, categories: IntArray | None = None, seed: int = 0
) -> tuple[Border, ...]:
    """Judge the border between every two segments of a division that is given.

    Parameters
    ----------
    labels
        Shape (n,), 0 … k-1; rows with -1 take no part.
    """
    k = int(labels.max(initial=0)) + 1
    inside = np.flatnonzero(labels >= 0)
    random = np.random.default_rng(seed)
    seen = comparable(X[inside], categories, random, evened=False)
    rows = inside[seen.rows[:MOST_FITTED]]
    if k < 2 or len(rows) < FEWEST_ROWS or seen.X.shape[1] == 0:
        return ()
    test = ValleyTest(seen.X[:MOST_FITTED], seen.X[MOST_FITTED:], seen.categories, random)
    counts = test.counts(np.eye(k)[labels[rows]][:, None, :], 0)
    pairs = zip(*np.triu_indices(k, 1), counts.p, counts.valley, strict=True)
    return tuple(Border((int(a), int(b)), float(p), float(valley)) for a, b, p, valley in pairs)


def _search(seen: Comparable, random: np.random.Generator, *, looks: int) -> Groups:
    fitted, others = seen.X[:MOST_FITTED], seen.X[MOST_FITTED:]
    if len(fitted) < FEWEST_ROWS or seen.X.shape[1] == 0:
        return Groups(1)
    test = ValleyTest(fitted, others, seen.categories, random, looks=looks)
    starts = Starts(fitted, random)
    tried: set[bytes] = set()
    best = Groups(1)
    for k in sorted((k for k in STARTS_AT if k * ROWS_PER_GROUP <= len(fitted)), reverse=True):
        if k <= best.k:
            break
        for memberships in starts.proposed(k):
            found = _joined(test, memberships, tried, best.k)
            best = found if found.k > best.k else best
    best = _bells(test, starts, best) if best.k > 1 else _small_bell(test, starts)
    return replace(best, rows=seen.rows[: len(fitted)])


def _small_bell(test: ValleyTest, starts: Starts) -> Groups:
    """Return two groups, one of them small, where both are bells and plainly two by their likelihood.

    Of a small group, too few rows lie on the border's side to be certain of the border alone.
    """
    one = np.zeros(len(test.X), dtype=np.intp)
    alone = mixture_path(test.X, {1: one})[1].icl
    best, gained = None, PLAIN
    for small in _small_groups(test, starts):
        mixture, memberships = test.improved(np.stack([~small, small], axis=1)[:, None, :].astype(np.float64))
        labels = memberships[:, 0].argmax(axis=1)
        if np.bincount(labels, minlength=2).min() < ROWS_PER_GROUP or not _bell_shaped(test.X, memberships):
            continue
        gain = mixture_path(test.X, {2: labels})[2].icl - alone
        if gain > gained:
            best, gained = (mixture, memberships), gain
    if best is None:
        return Groups(1)
    counts = test.settled(best[1])
    likely = counts.p[0] < LIKELY and counts.valley[0] > DEEP
    certain = gained >= CERTAIN and len(test.X) >= FEWEST_CERTAIN and counts.p[0] < CONTRADICTED
    if not (likely or certain) or _ways_around(test.X, *best, counts).any():
        return Groups(1)
    return _groups(*best, counts)


def _small_groups(test: ValleyTest, starts: Starts) -> Iterator[BoolArray]:
    """Yield the rows of each different group that proposals set apart, the larger one of two left out."""
    seen: set[bytes] = set()
    for k in SMALL_AMONG:
        if k * ROWS_PER_GROUP > len(test.X):
            break
        for memberships in starts.proposed(k):
            labels = memberships[:, 0].argmax(axis=1)
            sizes = np.bincount(labels, minlength=k)
            for group in np.flatnonzero((sizes >= ROWS_PER_GROUP) & (sizes <= SMALL * len(labels))):
                rows = labels == group
                if rows.tobytes() not in seen:
                    seen.add(rows.tobytes())
                    yield rows


def _bells(test: ValleyTest, starts: Starts, known: Groups) -> Groups:
    """Return more groups where they are bells, which their likelihood tells apart before their borders do.

    Most of their borders must be certain all the same, and none may be contradicted.
    """
    guesses = {k: next(iter(starts.proposed(k))) for k in range(2, MOST_GROUPS) if k * ROWS_PER_GROUP <= len(test.X)}
    guesses[1] = np.ones((len(test.X), 1, 1))
    scores = mixture_path(test.X, {k: guess[:, 0].argmax(axis=1) for k, guess in guesses.items()})
    enough = max(score.icl for score in scores.values()) - WORTH_A_GROUP * len(test.X)
    k = min(k for k, score in scores.items() if score.icl >= enough)
    if k <= known.k:
        return known
    mixture, memberships = test.improved(guesses[k])
    if not _bell_shaped(test.X, memberships):
        return known
    counts = test.settled(memberships)
    weak = ~counts.real
    if (counts.p > CONTRADICTED).any() or weak.mean() > MOST_UNCERTAIN:
        return known
    return _groups(mixture, memberships, counts)


def _joined(test: ValleyTest, memberships: FloatArray, tried: set[bytes], known: int) -> Groups:
    """Judge a proposal; join groups without a border between them, and judge again while more than those known."""
    while True:
        mixture, memberships = test.improved(memberships)
        labels = memberships[:, 0].argmax(axis=1)
        k = memberships.shape[2]
        sizes = np.bincount(labels, minlength=k)
        if sizes.min() == 0:
            memberships = memberships[:, :, sizes > 0]
            continue
        key = _numbered(labels).tobytes()
        if k <= max(known, 1) or key in tried:
            return Groups(1)
        tried.add(key)
        counts = test.counts(memberships, 0)
        if (counts.p < HOPELESS).all():
            counts = test.settled(memberships, counts)
            if counts.real.all():
                around = _ways_around(test.X, mixture, memberships, counts)
                if not around.any():
                    return _groups(mixture, memberships, counts)
                counts = Counts(np.where(around, counts.side, counts.middle), counts.side)
        memberships = _merged(memberships, counts)


def _groups(mixture: SharedShape, memberships: FloatArray, counts: Counts) -> Groups:
    """Number the groups by size and gather their borders."""
    k = mixture.shares.shape[1]
    number = np.argsort(np.argsort(-mixture.shares[0], kind="stable"))
    first, second = (number[each] for each in np.triu_indices(k, 1))
    found = zip(np.minimum(first, second), np.maximum(first, second), counts.p, counts.valley, strict=True)
    borders = (Border((int(a), int(b)), float(p), float(valley)) for a, b, p, valley in found)
    labels = number[memberships[:, 0].argmax(axis=1)]
    return Groups(k, tuple(sorted(borders, key=lambda border: border.between)), labels=labels)


def _numbered(labels: IntArray) -> NDArray[np.int8]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(len(first), dtype=np.int8)
    order[np.argsort(first)] = np.arange(len(first))
    return order[inverse]


def _merged(memberships: FloatArray, counts: Counts) -> FloatArray:
    k = memberships.shape[2]
    first, second = np.triu_indices(k, 1)
    p = counts.p
    taken: set[int] = set()
    into = np.arange(k)
    real = (p < PROMISING) & (p < p.max())
    worst = np.lexsort((-(counts.middle + 1) / (counts.side + 1), -p))
    for pair in worst:
        a, b = int(first[pair]), int(second[pair])
        if real[pair] or a in taken or b in taken:
            continue
        into[b] = a
        taken |= {a, b}
    kept = np.unique(into)
    return np.stack([memberships[:, :, into == each].sum(axis=2) for each in kept], axis=2)


def _ways_around(all_rows: FloatArray, mixture: SharedShape, memberships: FloatArray, counts: Counts) -> BoolArray:
    """Say between which two groups rows lead from one to the other, around an empty middle: a ring, a bow."""
    first, second = np.triu_indices(memberships.shape[2], 1)
    around = np.zeros(len(first), dtype=bool)
    bells = _bell_shaped(all_rows, memberships)
    labels = memberships[:, 0].argmax(axis=1)
    slopes = mixture.slopes[0]
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        rows = (labels == a) | (labels == b)
        X, of_a = all_rows[rows], labels[rows] == a
        along = X @ (slopes[:, b] - slopes[:, a])
        ring = not bells and counts.valley[pair] < PLAINLY_EMPTY and _way_around(X, along, of_a)
        around[pair] = ring or _one_curve(X, along, of_a)
    return around


def _one_curve(X: FloatArray, along: FloatArray, of_a: BoolArray) -> bool:
    """Say whether rows pass from one group to the other as another column grows, without a gap in it.

    Where one column rises steeply with another, few rows stand on the slope, but at the height of it all rows do. Of
    two groups, those alike in another column still leave the middle empty.
    """
    n = len(X)
    size = max(CURVE_ROWS, int(CURVE_SHARE * n))
    if X.shape[1] > CURVE_COLUMNS or min(of_a.sum(), (~of_a).sum()) < 2 * size:
        return False
    low, high = np.median(along[of_a]), np.median(along[~of_a])
    place = (along - low) / (high - low)
    for column in X.T:
        order = np.argsort(column, kind="stable")
        ordered, passed = column[order], of_a[order]
        apart = np.cumsum(passed) / of_a.sum() - np.cumsum(~passed) / (~of_a).sum()
        if np.abs(apart).max() < CURVE_APART:
            continue
        # At the quartiles of a group that holds two, one of three may stand in the gap between these.
        middles = [int(np.abs(apart).argmax())]
        for side in (passed, ~passed):
            middles += [np.flatnonzero(side)[int(quarter * side.sum())] for quarter in (0.25, 0.5, 0.75)]
        begins = [int(np.clip(middle - size // 2, 0, n - size)) for middle in middles]
        widths = [ordered[begin + size - 1] - ordered[begin] for begin in begins]
        like = [abs(np.corrcoef(column[side], place[side])[0, 1]) for side in (of_a, ~of_a) if np.ptp(column[side]) > 0]
        if (
            widths[0] > (CURVE_WIDTH + CURVE_DOUBT / np.sqrt(size)) * max(min(widths[1:4]), min(widths[4:]))
            or np.mean(like or [1.0]) > CURVE_LIKE
        ):
            # This column has the gap itself, or says nearly the same as the line.
            continue
        here = place[order[begins[0] : begins[0] + size]]
        left, middle, right = (np.sum(np.abs(here - centre) < 1 / 6) for centre in (0.0, 0.5, 1.0))
        if middle > CURVE_FILLED * max(left, right) and np.mean(np.abs(here - 0.5) < 1 / 4) > CURVE_BETWEEN:
            return True
    return False


def _bell_shaped(X: FloatArray, memberships: FloatArray) -> bool:
    """Say whether every column is, within the groups, about as skewed and tailed as a normal one."""
    labels = memberships[:, 0].argmax(axis=1)
    groups = [X[labels == group] for group in range(memberships.shape[2])]
    Z = np.concatenate(
        [(rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-9) for rows in groups if len(rows)]
    )
    skew, kurtosis = (Z**3).mean(axis=0), (Z**4).mean(axis=0) - 3
    doubt = 2 / np.sqrt(len(Z))
    return bool(
        (np.abs(skew) < MOST_SKEW + doubt * np.sqrt(6)).all()
        and (kurtosis < MOST_KURTOSIS + doubt * np.sqrt(24)).all()
        and (kurtosis > LEAST_KURTOSIS - doubt * np.sqrt(24)).all()
    )


def _way_around(X: FloatArray, along: FloatArray, of_a: BoolArray) -> bool:
    """Say whether the two groups hang together in the plane of their line and the direction widest at its middle."""
    low, high = along[of_a].mean(), along[~of_a].mean()
    place = (along - low) / (high - low)
    between = (place > 0.25) & (place < 0.75)
    if X.shape[1] < 2 or between.sum() < FEWEST_BETWEEN:
        return False
    X = X - X.mean(axis=0)
    direction = eigh(X[between].T @ X[between], X.T @ X + 1e-3 * len(X) * np.eye(X.shape[1]))[1][:, -1]
    plane = []
    for each in (along, X @ direction):
        within = np.sqrt((each[of_a].var() * of_a.mean()) + (each[~of_a].var() * (~of_a).mean()))
        plane.append((each - each.mean()) / max(within, 1e-12))
    cells = [np.clip(np.round((each - each.min()) / _CELL), 0, _CELLS - 1).astype(np.intp) for each in plane]
    counted = np.zeros((_CELLS, _CELLS))
    np.add.at(counted, tuple(cells), 1.0)
    density = gaussian_filter(counted, _SMOOTHING / _CELL, mode="constant")
    at_rows = density[tuple(cells)]
    usual = min(np.quantile(at_rows[of_a], 0.75), np.quantile(at_rows[~of_a], 0.75))
    parts, _ = label(density >= WAY_AROUND * usual)
    of_rows = parts[tuple(cells)]
    mostly = [np.bincount(of_rows[side & (of_rows > 0)], minlength=2).argmax() for side in (of_a, ~of_a)]
    return bool(mostly[0] == mostly[1])
