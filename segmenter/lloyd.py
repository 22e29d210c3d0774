"""Compiled loops: K-Means' nearest centres, Lloyd's steps, draws of centres and their removal; latent classes.

Every sum is made in one fixed order and every operation rounds once, so a result has the same bits on any processor
and with any number of threads. The interpreter is free while a loop runs.

Importing this module imports Numba, which takes half a second: import it where a loop is called. Loops stand in place
of NumPy's functions and slices, each of which would be compiled into every loop that uses it.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

import numpy as np
from numba import njit

from segmenter.typing import FloatArray, IntArray

Loop = TypeVar("Loop", bound=Callable[..., Any])

# Rows are worked on in blocks that stay in the processor's nearest memory, a column's values side by side.
_BLOCK: Final = 256
# Rows of which hardly one changes its centre.
_FEW_AT_ONCE: Final = 64
# Sums of squares this close (a share) count as equal, so that last bits choose nothing.
_AS_GOOD: Final = 1e-10


def compiled(loop: Loop) -> Loop:
    """Compile at the first call, and keep the result beside this file or in the user's cache for later processes."""
    # Without fastmath the compiler may neither reorder sums nor fuse a product with a sum.
    options = {"nogil": True, "fastmath": False, "error_model": "numpy"}
    try:
        found = njit(cache=True, **options)(loop)
    except RuntimeError:
        # No folder can be written: every process compiles for itself, which takes a few seconds.
        return cast(Loop, njit(**options)(loop))
    keep = found._cache.save_overload

    def kept_where_there_is_room(*compilation: object) -> None:
        with suppress(OSError):
            keep(*compilation)

    found._cache.save_overload = kept_where_there_is_room
    return cast(Loop, found)


@compiled
def _fill(rows: FloatArray, start: int, count: int, shift: FloatArray, block: FloatArray) -> None:
    """Copy rows, less the shift, into a block of shape (p, _BLOCK)."""
    for r in range(count):
        for j in range(rows.shape[1]):
            block[j, r] = rows[start + r, j] - shift[j]


@compiled
def squared_distances(block: FloatArray, count: int, centre: FloatArray, squared: FloatArray) -> None:
    """Fill in the squared distances of a block's rows to one centre, summed one column after the other."""
    p = len(centre)
    j = p % 4
    # Loops over columns inside one over rows would be worked on row by row.
    if j == 0:
        for r in range(count):
            squared[r] = 0.0
    elif j == 1:
        a = centre[0]
        for r in range(count):
            s = block[0, r] - a
            squared[r] = s * s
    elif j == 2:
        a, b = centre[0], centre[1]
        for r in range(count):
            s, t = block[0, r] - a, block[1, r] - b
            squared[r] = s * s + t * t
    else:
        a, b, c = centre[0], centre[1], centre[2]
        for r in range(count):
            s, t, u = block[0, r] - a, block[1, r] - b, block[2, r] - c
            squared[r] = (s * s + t * t) + u * u
    while j < p:
        a, b, c, d = centre[j], centre[j + 1], centre[j + 2], centre[j + 3]
        for r in range(count):
            s, t, u, v = block[j, r] - a, block[j + 1, r] - b, block[j + 2, r] - c, block[j + 3, r] - d
            squared[r] = (((squared[r] + s * s) + t * t) + u * u) + v * v
        j += 4


@compiled
def _two_nearest(
    block: FloatArray,
    count: int,
    centres: FloatArray,
    squared: FloatArray,
    first: FloatArray,
    second: FloatArray,
    found: IntArray,
) -> None:
    """Fill in each row's nearest centre, the squared distance to it, and that to the second nearest."""
    for r in range(count):
        first[r] = np.inf
        second[r] = np.inf
        found[r] = 0
    for c in range(len(centres)):
        squared_distances(block, count, centres[c], squared)
        for r in range(count):
            s, f, g = squared[r], first[r], second[r]
            larger = f if f > s else s
            second[r] = g if g < larger else larger
            found[r] = c if s < f else found[r]
            first[r] = s if s < f else f


@compiled
def nearest_centres(
    rows: FloatArray, start: int, end: int, shift: FloatArray, centres: FloatArray, labels: IntArray
) -> tuple[FloatArray, FloatArray, float]:
    """Label the rows from `start` to `end`; a tie goes to the lower number.

    Parameters
    ----------
    shift
        Shape (p,), taken off every row; the centres stand in the shifted space.
    labels
        Shape (n,), filled in from `start` to `end`.

    Returns
    -------
    tuple
        For each centre the sum of its shifted rows, shape (k, p), and their number; the sum of squares.
    """
    k, p = centres.shape
    sums, sizes, total = np.zeros((k, p)), np.zeros(k), 0.0
    block, squared = np.empty((p, _BLOCK)), np.empty(_BLOCK)
    first, second, found = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK, np.int64)
    for begin in range(start, end, _BLOCK):
        count = min(_BLOCK, end - begin)
        _fill(rows, begin, count, shift, block)
        _two_nearest(block, count, centres, squared, first, second, found)
        for r in range(count):
            c = found[r]
            labels[begin + r] = c
            sizes[c] += 1.0
            total += first[r]
            for j in range(p):
                sums[c, j] += block[j, r]
    return sums, sizes, total


@compiled
def _own_squared(rows: FloatArray, centres: FloatArray, labels: IntArray, nearest: FloatArray) -> None:
    for i in range(len(rows)):
        c, total = labels[i], 0.0
        for j in range(rows.shape[1]):
            apart = rows[i, j] - centres[c, j]
            total += apart * apart
        nearest[i] = total


@compiled
def _largest(values: FloatArray) -> int:
    """Return where the largest value stands first."""
    place = 0
    for i in range(1, len(values)):
        if values[i] > values[place]:
            place = i
    return place


@compiled
def _undecided(
    start: int, end: int, labels: IntArray, moved: FloatArray, upper: FloatArray, lower: FloatArray, found: IntArray
) -> int:
    """Fill in which rows may have another nearest centre after the centres moved; return how many."""
    farthest, next_most = _largest(moved), 0.0
    most = moved[farthest]
    for c in range(len(moved)):
        if c != farthest and moved[c] > next_most:
            next_most = moved[c]
    count = 0
    for i in range(start, end):
        c = labels[i]
        if c >= 0:
            upper[i] += moved[c]
            lower[i] -= next_most if c == farthest else most
        found[count] = i
        count += 1 if upper[i] >= lower[i] else 0
    return count


@compiled
def _moved_to(centre: FloatArray, place: FloatArray, size: float) -> float:
    """Move one centre to a sum of so many rows, divided by their number; return how far."""
    squared = 0.0
    for j in range(len(centre)):
        there = place[j] / size
        apart = there - centre[j]
        squared += apart * apart
        centre[j] = there
    return float(np.sqrt(squared))


@compiled
def _move(
    rows: FloatArray,
    centres: FloatArray,
    labels: IntArray,
    nearest: FloatArray,
    sums: FloatArray,
    sizes: FloatArray,
    counts: IntArray,
    moved: FloatArray,
) -> None:
    """Move each centre into the middle of its rows, one without rows to one of those farthest from theirs."""
    any_empty = False
    for c in range(len(centres)):
        moved[c] = 0.0
        if counts[c] > 0:
            moved[c] = _moved_to(centres[c], sums[c], sizes[c])
        else:
            any_empty = True
    if any_empty:
        _own_squared(rows, centres, labels, nearest)
        for c in range(len(centres)):
            if counts[c] == 0:
                away = _largest(nearest)
                nearest[away] = -1.0
                moved[c] = _moved_to(centres[c], rows[away], 1.0)


@compiled
def lloyd_steps(  # noqa: C901 - a loop that calls other loops for each row runs slower
    rows: FloatArray, weights: FloatArray, centres: FloatArray, steps: int, labels: IntArray, nearest: FloatArray
) -> tuple[float, int]:
    """Move the centres into the middle of their rows until they rest, at most so many times.

    A row whose nearest centre is nearer than the second nearest by more than both can have moved is not looked at
    again (Hamerly 2010).

    Parameters
    ----------
    centres
        Shape (k, p), moved in place.
    labels, nearest
        Shape (n,), filled in: the nearest centre of each row, and the squared distance to it.

    Returns
    -------
    tuple
        The weighted sum of squares, and the number of steps made.
    """
    n, p = rows.shape
    k = len(centres)
    upper, lower, moved = np.empty(n), np.zeros(n), np.zeros(k)
    sums, sizes, counts = np.zeros((k, p)), np.zeros(k), np.zeros(k, np.int64)
    block, squared = np.empty((p, _BLOCK)), np.empty(_BLOCK)
    first, second = np.empty(_BLOCK), np.empty(_BLOCK)
    found, needed = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    for i in range(n):
        labels[i], upper[i] = -1, np.inf
    made = 0
    while True:
        changed = 0
        for start in range(0, n, _BLOCK):
            count = _undecided(start, min(start + _BLOCK, n), labels, moved, upper, lower, needed)
            if count == 0:
                continue
            for r in range(count):
                for j in range(p):
                    block[j, r] = rows[needed[r], j]
            _two_nearest(block, count, centres, squared, first, second, found)
            for r in range(count):
                i, c, before = needed[r], found[r], labels[needed[r]]
                upper[i], lower[i] = np.sqrt(first[r]), np.sqrt(second[r])
                if c == before:
                    continue
                changed += 1
                labels[i] = c
                # Written out: to hand so many arrays to a loop for each row takes twenty times as long.
                w = weights[i]
                counts[c] += 1
                sizes[c] += w
                for j in range(p):
                    sums[c, j] += w * rows[i, j]
                if before >= 0:
                    counts[before] -= 1
                    sizes[before] -= w
                    for j in range(p):
                        sums[before, j] -= w * rows[i, j]
        if changed == 0 or made >= steps:
            break
        made += 1
        _move(rows, centres, labels, nearest, sums, sizes, counts, moved)
    _own_squared(rows, centres, labels, nearest)
    total = 0.0
    for i in range(n):
        total += weights[i] * nearest[i]
    return total, made


@compiled
def _first_above(ascending: FloatArray, value: float) -> int:
    """Return where the first number above a value stands, at the latest the last place."""
    low, high = 0, len(ascending) - 1
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] > value:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def draw_centres(  # noqa: C901 - see lloyd_steps
    rows: FloatArray, weights: FloatArray, nearest: FloatArray, uniforms: FloatArray
) -> IntArray:
    """Return positions of further centres, each the best of a few candidates.

    A candidate's probability is proportional to its weighted squared distance to the centres there are (k-means++:
    Arthur & Vassilvitskii 2007, the greedy variant of its section 6).

    Parameters
    ----------
    nearest
        Shape (n,), the squared distance to the nearest centre; brought up to date.
    uniforms
        Shape (number of centres, candidates for each), random numbers from 0 to 1.
    """
    n, p = rows.shape
    wanted, tried = uniforms.shape
    positions, drawn = np.empty(wanted, np.int64), np.empty(tried, np.int64)
    cumulative, closer = np.empty(n), np.empty((tried, n))
    block, squared, left = np.empty((p, _BLOCK)), np.empty(_BLOCK), np.empty((tried, _BLOCK))
    unshifted = np.zeros(p)
    for place in range(wanted):
        total = 0.0
        for i in range(n):
            total += nearest[i] * weights[i]
            cumulative[i] = total
        for t in range(tried):
            drawn[t] = _first_above(cumulative, uniforms[place, t] * total)
            for r in range(_BLOCK):
                left[t, r] = 0.0
        for start in range(0, n, _BLOCK):
            count = min(_BLOCK, n - start)
            _fill(rows, start, count, unshifted, block)
            for t in range(tried):
                squared_distances(block, count, rows[drawn[t]], squared)
                for r in range(count):
                    before = nearest[start + r]
                    smaller = squared[r] if squared[r] < before else before
                    closer[t, start + r] = smaller
                    left[t, r] += weights[start + r] * smaller
        best, least = 0, np.inf
        for t in range(tried):
            total = 0.0
            for r in range(_BLOCK):
                total += left[t, r]
            if total < least * (1 - _AS_GOOD):
                best, least = t, total
        positions[place] = drawn[best]
        for i in range(n):
            nearest[i] = closer[best, i]
    return positions


@compiled
def begin_starts(
    rows: FloatArray,
    weights: FloatArray,
    first: IntArray,
    uniforms: FloatArray,
    steps: int,
    centres: FloatArray,
    left: FloatArray,
) -> None:
    """Make several starts of k-means++ and the first steps of each.

    Parameters
    ----------
    first
        Shape (starts,), the position of each start's first centre.
    uniforms
        Shape (starts, k - 1, candidates for each further centre), random numbers from 0 to 1.
    centres
        Shape (starts, k, p), filled in.
    left
        Shape (starts,), filled in: the weighted sums of squares.
    """
    n, p = rows.shape
    labels, nearest = np.empty(n, np.int64), np.empty(n)
    for s in range(len(first)):
        for j in range(p):
            centres[s, 0, j] = rows[first[s], j]
        for i in range(n):
            total = 0.0
            for j in range(p):
                apart = rows[i, j] - centres[s, 0, j]
                total += apart * apart
            nearest[i] = total
        positions = draw_centres(rows, weights, nearest, uniforms[s])
        for place in range(len(positions)):
            for j in range(p):
                centres[s, place + 1, j] = rows[positions[place], j]
        left[s], _ = lloyd_steps(rows, weights, centres[s], steps, labels, nearest)


@compiled
def _distances(rows: FloatArray, centres: FloatArray) -> FloatArray:
    """Return the squared distances of all rows to each centre, shape (k, n)."""
    apart = np.empty((len(centres), len(rows)))
    block, squared = np.empty((rows.shape[1], _BLOCK)), np.empty(_BLOCK)
    unshifted = np.zeros(rows.shape[1])
    for start in range(0, len(rows), _BLOCK):
        count = min(_BLOCK, len(rows) - start)
        _fill(rows, start, count, unshifted, block)
        for c in range(len(centres)):
            squared_distances(block, count, centres[c], squared)
            for r in range(count):
                apart[c, start + r] = squared[r]
    return apart


@compiled
def without_least_missed(  # noqa: C901 - see lloyd_steps
    rows: FloatArray, weights: FloatArray, centres: FloatArray, fewer: int
) -> FloatArray:
    """Take away `fewer` centres, one after the other that whose rows are nearly as near to another."""
    n, k = len(rows), len(centres)
    apart, kept = _distances(rows, centres), np.ones(k, np.bool_)
    first, second = np.zeros(n), np.zeros(n)
    own, other = np.zeros(n, np.int64), np.zeros(n, np.int64)
    missed, gone = np.zeros(k), 0
    for turn in range(fewer):
        for i in range(n):
            if turn == 0 or own[i] == gone or other[i] == gone:
                missed[own[i]] -= weights[i] * (second[i] - first[i])
                f, g, a, b = np.inf, np.inf, 0, 0
                for c in range(k):
                    if kept[c] and apart[c, i] < g:
                        if apart[c, i] < f:
                            g, b, f, a = f, a, apart[c, i], c
                        else:
                            g, b = apart[c, i], c
                first[i], second[i], own[i], other[i] = f, g, a, b
                missed[a] += weights[i] * (g - f)
        least = np.inf
        for c in range(k):
            if kept[c] and missed[c] < least * (1 - _AS_GOOD):
                least, gone = missed[c], c
        kept[gone] = False
    left, place = np.empty((k - fewer, centres.shape[1])), 0
    for c in range(k):
        if kept[c]:
            for j in range(centres.shape[1]):
                left[place, j] = centres[c, j]
            place += 1
    return left


@compiled
def exchange_rows(  # noqa: C901 - a loop that calls other loops for each row runs slower
    rows: FloatArray, weights: FloatArray, centres: FloatArray, labels: IntArray, passes: int
) -> int:
    """Move single rows to other centres as long as that lowers the sum of squares; return how many were moved.

    Both centres follow a row at once, so a row leaves a centre of few rows that it holds near itself: what Lloyd's
    steps rest in, this may still improve (Hartigan & Wong 1979).

    Parameters
    ----------
    centres, labels
        Shapes (k, p) and (n,), changed in place; each centre is the mean of its rows.
    passes
        How often all rows are looked at, at most.
    """
    n, p = rows.shape
    k = len(centres)
    sizes, moved = np.zeros(k), 0
    block, squared = np.empty((p, _BLOCK)), np.empty(_BLOCK)
    stay, go = np.empty(_BLOCK), np.empty(_BLOCK)
    unshifted = np.zeros(p)
    for i in range(n):
        sizes[labels[i]] += weights[i]
    # After the last move, so many rows in turn that stay end the search.
    quiet = 0
    for _ in range(passes):
        for start in range(0, n, _FEW_AT_ONCE):
            if quiet >= n:
                return moved
            # Most rows stay: whether any of a few may go is seen at once, and only then each is looked at in turn.
            count = min(_FEW_AT_ONCE, n - start)
            _fill(rows, start, count, unshifted, block)
            for r in range(count):
                go[r] = np.inf
            for b in range(k):
                squared_distances(block, count, centres[b], squared)
                for r in range(count):
                    stays = labels[start + r] == b
                    there = squared[r] * (sizes[b] / (sizes[b] + weights[start + r]))
                    there = np.inf if stays else there
                    stay[r] = squared[r] if stays else stay[r]
                    go[r] = there if there < go[r] else go[r]
            first = count
            for r in range(count):
                size = sizes[labels[start + r]]
                left = size - weights[start + r]
                if left > 1e-9 * size and go[r] < stay[r] * size / left * (1 - _AS_GOOD):
                    first = r
                    break
            quiet += first
            for i in range(start + first, start + count):
                quiet += 1
                a, w = labels[i], weights[i]
                left = sizes[a] - w
                if left <= 1e-9 * sizes[a]:
                    continue
                own = 0.0
                for j in range(p):
                    apart = rows[i, j] - centres[a, j]
                    own += apart * apart
                least, to = own * sizes[a] / left * (1 - _AS_GOOD), a
                for b in range(k):
                    if b != a:
                        other, share = 0.0, sizes[b] / (sizes[b] + w)
                        for j in range(p):
                            apart = rows[i, j] - centres[b, j]
                            other += apart * apart
                        if other * share < least:
                            least, to = other * share, b
                if to != a:
                    for j in range(p):
                        centres[a, j] -= (rows[i, j] - centres[a, j]) * (w / left)
                        centres[to, j] += (rows[i, j] - centres[to, j]) * (w / (sizes[to] + w))
                    sizes[a], sizes[to], labels[i] = left, sizes[to] + w, to
                    moved += 1
                    quiet = 0
    return moved


# Below this the product of many probabilities has lost digits, and is worked out by logarithms instead.
_SMALLEST_PRODUCT: Final = 1e-250


@compiled
def _latent_shares(  # noqa: C901 - loops in place of what would be compiled anew
    answers: IntArray, weights: FloatArray, belongs: FloatArray, shares: FloatArray, probabilities: FloatArray
) -> None:
    """Fill in the share of each class and the probability of each answer in it, from who belongs where."""
    n, n_questions = answers.shape
    k, n_answers = len(shares), len(probabilities)
    for c in range(k):
        shares[c] = 0.0
    for a in range(n_answers):
        for c in range(k):
            probabilities[a, c] = 0.0
    for i in range(n):
        for c in range(k):
            shares[c] += belongs[i, c] * weights[i]
        for j in range(n_questions):
            a = answers[i, j]
            for c in range(k):
                probabilities[a, c] += belongs[i, c] * weights[i]
    for a in range(n_answers):
        for c in range(k):
            probabilities[a, c] = probabilities[a, c] / max(shares[c], 1e-300)
    total = 0.0
    for i in range(n):
        total += weights[i]
    for c in range(k):
        shares[c] = shares[c] / total


@compiled
def _latent_belongs(  # noqa: C901 - loops in place of what would be compiled anew
    answers: IntArray, weights: FloatArray, belongs: FloatArray, shares: FloatArray, probabilities: FloatArray
) -> float:
    """Fill in how each row belongs to the classes, and return the log-likelihood of all rows."""
    n, n_questions = answers.shape
    k = len(shares)
    likelihood = 0.0
    for i in range(n):
        for c in range(k):
            belongs[i, c] = shares[c]
        for j in range(n_questions):
            a = answers[i, j]
            for c in range(k):
                belongs[i, c] *= probabilities[a, c]
        largest, of_all = 0.0, 0.0
        for c in range(k):
            of_all += belongs[i, c]
        if of_all < _SMALLEST_PRODUCT:
            largest = -np.inf
            for c in range(k):
                belongs[i, c] = np.log(max(shares[c], 1e-300))
                for j in range(n_questions):
                    belongs[i, c] += np.log(max(probabilities[answers[i, j], c], 1e-300))
                largest = max(largest, belongs[i, c])
            of_all = 0.0
            for c in range(k):
                belongs[i, c] = np.exp(belongs[i, c] - largest)
                of_all += belongs[i, c]
        for c in range(k):
            belongs[i, c] = belongs[i, c] / of_all
        likelihood += weights[i] * (np.log(of_all) + largest)
    return likelihood


@compiled
def latent_class_steps(
    answers: IntArray,
    weights: FloatArray,
    belongs: FloatArray,
    shares: FloatArray,
    probabilities: FloatArray,
    n_steps: int,
    tolerance: float,
) -> tuple[float, bool]:
    """Take steps of expectation-maximisation for latent classes, in place, until what is left to gain is too little.

    What is left is estimated by Aitken's rule (Böhning et al. 1994): of gains that shrink by the same factor a, the
    last one times a / (1 - a).

    Parameters
    ----------
    answers
        Shape (n, n_questions): which answer each row gives, numbered through all questions.
    weights
        Shape (n,): how much each row counts.
    belongs
        Shape (n, k): how each row belongs to the classes; rows add up to 1.
    shares, probabilities
        Shapes (k,) and (n_answers, k); filled in.
    n_steps
        At most so many.
    tolerance
        The gain in log-likelihood that is too little, over all rows.

    Returns
    -------
    log_likelihood
        Of all rows.
    converged
        Whether little is left to gain.
    """
    now, gained = -np.inf, np.inf
    for _ in range(n_steps):
        _latent_shares(answers, weights, belongs, shares, probabilities)
        before, now = now, _latent_belongs(answers, weights, belongs, shares, probabilities)
        gain = now - before
        if gain < 0.001 * tolerance:
            return now, True
        factor = gain / gained
        if np.isfinite(gained) and factor < 1.0 and gain * factor < tolerance * (1.0 - factor):
            return now, True
        gained = gain
    return now, False
