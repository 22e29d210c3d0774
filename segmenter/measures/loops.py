"""Compiled loops of the measures: rounds of normal mixtures, rows on the lines between groups, windows on these.

Sums are made in one fixed order, as in `segmenter.lloyd`; importing this module imports Numba.
"""

from typing import Final

import numpy as np

from segmenter.lloyd import compiled, squared_distances
from segmenter.typing import FloatArray, IntArray

# e^x = 2^n e^r, with n the nearest whole number to x / ln 2; adding this leaves n in a float's last bits.
_TO_WHOLE: Final = 6755399441055744.0
_LOG2E: Final = 1.4426950408889634
_LN2_HIGH: Final = 0.693147180369123816490
_LN2_LOW: Final = 1.90821492927058770002e-10
_BIAS: Final = 1023 << 52
# Below this, e^x is nothing beside 1.
_LEAST: Final = -700.0
# One sum alone waits for each addition to end before the next.
_SUMS: Final = 64


@compiled
def _exp(x: FloatArray, whole: FloatArray, bits: IntArray) -> None:
    """Replace numbers up to 0 by their exponential; `bits` are the bits of `whole`.

    The loop runs on a whole vector at once, as the library's function does not.
    """
    for i in range(len(x)):
        v = x[i] if x[i] > _LEAST else _LEAST
        whole[i] = v * _LOG2E + _TO_WHOLE
        n = whole[i] - _TO_WHOLE
        r = (v - n * _LN2_HIGH) - n * _LN2_LOW
        # Taylor's series: |r| is at most .35, so the next term is 1e-17.
        s = 1.0 / 479001600.0
        s = s * r + 1.0 / 39916800.0
        s = s * r + 1.0 / 3628800.0
        s = s * r + 1.0 / 362880.0
        s = s * r + 1.0 / 40320.0
        s = s * r + 1.0 / 5040.0
        s = s * r + 1.0 / 720.0
        s = s * r + 1.0 / 120.0
        s = s * r + 1.0 / 24.0
        s = s * r + 1.0 / 6.0
        s = s * r + 0.5
        s = s * r + 1.0
        x[i] = s * r + 1.0
    for i in range(len(x)):
        bits[i] = (bits[i] << 52) + _BIAS
    for i in range(len(x)):
        x[i] *= whole[i]


@compiled
def _dot(a: FloatArray, b: FloatArray, sums: FloatArray) -> float:
    """Return a · b; `sums`, shape (_SUMS,), is room for the sums of every _SUMS-th product, made side by side."""
    n = len(a)
    begin = n - n % _SUMS
    rest = 0.0
    for i in range(begin, n):
        rest += a[i] * b[i]
    if begin == 0:
        return rest
    for r in range(_SUMS):
        sums[r] = 0.0
    for i in range(0, begin, _SUMS):
        for r in range(_SUMS):
            sums[r] += a[i + r] * b[i + r]
    width = _SUMS // 2
    while width > 0:
        for r in range(width):
            sums[r] += sums[r + width]
        width //= 2
    return rest + sums[0]


@compiled
def _cholesky(matrix: FloatArray) -> float:
    """Replace a matrix by its lower triangular factor; return the logarithm of its determinant."""
    total = 0.0
    for i in range(len(matrix)):
        for j in range(i + 1):
            left = matrix[i, j]
            for each in range(j):
                left -= matrix[i, each] * matrix[j, each]
            if i == j:
                matrix[i, i] = np.sqrt(left if left > 1e-12 else 1e-12)
                total += 2.0 * np.log(matrix[i, i])
            else:
                matrix[i, j] = left / matrix[j, j]
    return total


@compiled
def _solve_lower(factor: FloatArray, vector: FloatArray) -> None:
    for i in range(len(vector)):
        left = vector[i]
        for j in range(i):
            left -= factor[i, j] * vector[j]
        vector[i] = left / factor[i, i]


@compiled
def _solve_upper(factor: FloatArray, vector: FloatArray) -> None:
    """Solve with the factor's transpose."""
    for i in range(len(vector) - 1, -1, -1):
        left = vector[i]
        for j in range(i + 1, len(vector)):
            left -= factor[j, i] * vector[j]
        vector[i] = left / factor[i, i]


@compiled
def _shared_by_rows(odds: FloatArray, whole: FloatArray, bits: IntArray, evidence: FloatArray) -> None:
    """Turn log-odds, shape (k, n), into memberships; fill in the logarithm of each row's sum."""
    k, n = odds.shape
    highest, total = np.empty(n), np.zeros(n)
    for r in range(n):
        highest[r] = odds[0, r]
    for c in range(1, k):
        for r in range(n):
            highest[r] = odds[c, r] if odds[c, r] > highest[r] else highest[r]
    for c in range(k):
        for r in range(n):
            odds[c, r] -= highest[r]
        _exp(odds[c], whole, bits)
        for r in range(n):
            total[r] += odds[c, r]
    for r in range(n):
        evidence[r] = np.log(total[r]) + highest[r]
        total[r] = 1.0 / total[r]
    for c in range(k):
        for r in range(n):
            odds[c, r] *= total[r]


@compiled
def _linear(columns: FloatArray, slopes: FloatArray, offset: float, found: FloatArray) -> None:
    """Fill in a linear function of each row, summed one column after the other."""
    p, n = columns.shape
    for r in range(n):
        found[r] = offset
    j = 0
    while j + 4 <= p:
        a, b, c, d = slopes[j], slopes[j + 1], slopes[j + 2], slopes[j + 3]
        for r in range(n):
            s = (found[r] + a * columns[j, r]) + b * columns[j + 1, r]
            found[r] = (s + c * columns[j + 2, r]) + d * columns[j + 3, r]
        j += 4
    while j < p:
        a = slopes[j]
        for r in range(n):
            found[r] += a * columns[j, r]
        j += 1


@compiled
def climb_rounds(  # noqa: C901, PLR0913 - a loop that calls other loops for each row runs slower
    columns: FloatArray,
    weights: FloatArray,
    memberships: FloatArray,
    moments: FloatArray,
    rounds: int,
    worth: float,
    thinnest: float,
    fewest: float,
    shares: FloatArray,
    centres: FloatArray,
    covariance: FloatArray,
    slopes: FloatArray,
    offsets: FloatArray,
    fit: FloatArray,
    whole: FloatArray,
    bits: IntArray,
) -> None:
    """Fit mixtures with one shared covariance each; see `shared_covariance.climb`.

    Parameters
    ----------
    columns, weights
        Shapes (p, n) and (mixtures, n).
    memberships
        Shape (mixtures, k, n), changed in place.
    worth
        The mean log-likelihood per row that a round must gain in one of the mixtures.
    shares, centres, covariance, slopes, offsets, fit
        Filled in; the shapes of `SharedShape`.
    whole, bits
        Shape (n,), room for exponentials: the second is the first one's bits.
    """
    mixtures, k, n = memberships.shape
    p = len(columns)
    counted, evidence, sizes = np.empty(n), np.empty(n), np.empty(k)
    factor, solved, sums = np.empty((p, p)), np.empty(p), np.empty(_SUMS)
    before, totals = np.empty(mixtures), np.zeros(mixtures)
    for m in range(mixtures):
        before[m] = -np.inf
        for r in range(n):
            totals[m] += weights[m, r]
    for _ in range(rounds + 1):
        gains = False
        for m in range(mixtures):
            everything = 0.0
            for c in range(k):
                for r in range(n):
                    counted[r] = memberships[m, c, r] * weights[m, r]
                sizes[c] = fewest + _dot(memberships[m, c], weights[m], sums)
                for j in range(p):
                    centres[m, c, j] = _dot(counted, columns[j], sums) / sizes[c]
                everything += sizes[c]
            for c in range(k):
                shares[m, c] = sizes[c] / everything
            for i in range(p):
                for j in range(p):
                    between = 0.0
                    for c in range(k):
                        between += shares[m, c] * centres[m, c, i] * centres[m, c, j]
                    covariance[m, i, j] = moments[m, i, j] - between
                covariance[m, i, i] += thinnest
            for i in range(p):
                for j in range(p):
                    factor[i, j] = covariance[m, i, j]
            constant = _cholesky(factor)
            for i in range(p):
                for j in range(p):
                    solved[j] = moments[m, i, j]
                _solve_lower(factor, solved)
                _solve_upper(factor, solved)
                constant += solved[i]
            for c in range(k):
                for j in range(p):
                    solved[j] = centres[m, c, j]
                _solve_lower(factor, solved)
                _solve_upper(factor, solved)
                squared = 0.0
                for j in range(p):
                    slopes[m, j, c] = solved[j]
                    squared += centres[m, c, j] * solved[j]
                offsets[m, c] = np.log(shares[m, c]) - 0.5 * squared
                _linear(columns, solved, offsets[m, c], memberships[m, c])
            _shared_by_rows(memberships[m], whole, bits, evidence)
            fit[m] = _dot(evidence, weights[m], sums) / totals[m] - 0.5 * constant
            gains = gains or not fit[m] - before[m] < worth
        if not gains:
            break
        for m in range(mixtures):
            before[m] = fit[m]


@compiled
def _turn(factor: FloatArray, columns: FloatArray, turned: FloatArray, squares: FloatArray) -> None:
    """Turn rows so that a shape, given by its factor, becomes a ball; fill in their squared lengths."""
    p, n = columns.shape
    for r in range(n):
        squares[r] = 0.0
    for i in range(p):
        for r in range(n):
            turned[i, r] = columns[i, r]
        for j in range(i):
            for r in range(n):
                turned[i, r] -= factor[i, j] * turned[j, r]
        for r in range(n):
            turned[i, r] /= factor[i, i]
            squares[r] += turned[i, r] * turned[i, r]


@compiled
def own_width_rounds(  # noqa: C901 - a loop that calls other loops for each row runs slower
    columns: FloatArray,
    memberships: FloatArray,
    steps: int,
    worth: float,
    prior_rows: float,
    smallest: float,
    whole: FloatArray,
    bits: IntArray,
) -> float:
    """Fit a mixture of one shape with a width for each cloud; see `vee_mixture`. Return its log-likelihood.

    Parameters
    ----------
    columns
        Shape (p, n), whitened.
    memberships
        Shape (k, n), changed in place.
    whole, bits
        Shape (n,), room for exponentials: the second is the first one's bits.
    """
    k, n = memberships.shape
    p = len(columns)
    sizes, widths, evidence = np.empty(k), np.empty(k), np.empty(n)
    centres, turned, middle, squares = np.empty((k, p)), np.empty((p, n)), np.empty(p), np.empty(n)
    shape, factor, weighted, scaled = np.zeros((p, p)), np.empty((p, p)), np.empty(n), np.empty(n)
    sums, ones = np.empty(_SUMS), np.ones(n)
    for i in range(p):
        shape[i, i] = 1.0
    before, likelihood = -np.inf, 0.0
    for _ in range(steps):
        for c in range(k):
            sizes[c] = 1e-10 + _dot(memberships[c], ones, sums)
            for j in range(p):
                centres[c, j] = _dot(memberships[c], columns[j], sums) / sizes[c]
        # The widths that the last shape leaves, then the shape that these widths leave.
        for i in range(p):
            for j in range(p):
                factor[i, j] = shape[i, j]
        _cholesky(factor)
        _turn(factor, columns, turned, squares)
        usual, everything = 0.0, 0.0
        for c in range(k):
            for j in range(p):
                middle[j] = centres[c, j]
            _solve_lower(factor, middle)
            widths[c] = _dot(memberships[c], squares, sums) - sizes[c] * _dot(middle, middle, sums)
            usual += widths[c]
            everything += sizes[c]
        usual /= p * everything
        widest = 0.0
        for c in range(k):
            width = (widths[c] + prior_rows * p * usual) / (p * (sizes[c] + prior_rows))
            widths[c] = width if width > smallest else smallest
            widest = max(widest, widths[c])
        for r in range(n):
            weighted[r] = 0.0
        for c in range(k):
            for r in range(n):
                weighted[r] += memberships[c, r] / widths[c]
        for i in range(p):
            for r in range(n):
                scaled[r] = columns[i, r] * weighted[r]
            for j in range(i + 1):
                total = _dot(scaled, columns[j], sums)
                for c in range(k):
                    total -= centres[c, i] * (sizes[c] / widths[c]) * centres[c, j]
                shape[i, j] = total / n
                shape[j, i] = shape[i, j]
            shape[i, i] += smallest / widest
        for i in range(p):
            for j in range(p):
                factor[i, j] = shape[i, j]
        volume = _cholesky(factor)
        _turn(factor, columns, turned, squares)
        for c in range(k):
            for j in range(p):
                middle[j] = centres[c, j]
            _solve_lower(factor, middle)
            constant = np.log(sizes[c] / n) - 0.5 * (p * np.log(2 * np.pi * widths[c]) + volume)
            squared_distances(turned, n, middle, memberships[c])
            for r in range(n):
                memberships[c, r] = constant - 0.5 * memberships[c, r] / widths[c]
        _shared_by_rows(memberships, whole, bits, evidence)
        likelihood = _dot(evidence, ones, sums)
        if likelihood - before < worth * n:
            break
        before = likelihood
    return likelihood


@compiled
def count_on_lines(  # noqa: C901, PLR0913 - a loop that calls other loops for each row runs slower
    rows: FloatArray,
    own: IntArray,
    choosing: int,
    slopes: FloatArray,
    offsets: FloatArray,
    line_columns: IntArray,
    line_slopes: FloatArray,
    at_centre: FloatArray,
    squared: FloatArray,
    low: float,
    per_unit: float,
    inside: FloatArray,
    held_out: FloatArray,
) -> None:
    """Count rows in bins along the line between their group's centre, at 0 or 1, and every other group's.

    Parameters
    ----------
    rows, own
        Shapes (n, p) and (n,): the fold in which each row is held out.
    choosing
        Only the first so many rows are also counted in the folds that they are fitted to.
    slopes, offsets
        Shapes (folds, p, k) and (folds, k), which decide each row's group.
    line_columns, line_slopes
        Shapes (q,) and (folds, q, k): the columns that the lines look at, and their slopes.
    at_centre, squared
        Shape (folds, k, k): each group's slopes at each centre, and the squared distances of the centres.
    inside, held_out
        Shape (folds, pairs, bins), the counts added to; pairs in the order of triu.
    """
    folds, p, k = slopes.shape
    q, bins = len(line_columns), inside.shape[2]
    linear, along = np.empty(k), np.empty(k)
    for fold in range(folds):
        for r in range(len(rows)):
            is_out = own[r] == fold
            if not is_out and r >= choosing:
                continue
            for c in range(k):
                linear[c], along[c] = offsets[fold, c], 0.0
            for j in range(p):
                for c in range(k):
                    linear[c] += rows[r, j] * slopes[fold, j, c]
            for j in range(q):
                for c in range(k):
                    along[c] += rows[r, line_columns[j]] * line_slopes[fold, j, c]
            group = 0
            for c in range(1, k):
                if linear[c] > linear[group]:
                    group = c
            start = along[group] - at_centre[fold, group, group]
            for c in range(k):
                if c == group:
                    continue
                apart = squared[fold, group, c]
                towards = (along[c] - at_centre[fold, group, c] - start) / (apart if apart > 1e-9 else 1e-9)
                first, second = (group, c) if group < c else (c, group)
                place = ((towards if group < c else 1.0 - towards) - low) * per_unit
                if 0.0 <= place < bins:
                    pair = first * (2 * k - first - 1) // 2 + second - first - 1
                    if is_out:
                        held_out[fold, pair, int(place)] += 1.0
                    else:
                        inside[fold, pair, int(place)] += 1.0


@compiled
def count_in_windows(
    inside: FloatArray, held_out: FloatArray, widths: IntArray, middle: FloatArray, side: FloatArray
) -> None:
    """Choose the clearest valley on the rows inside, and add up those held out in its windows.

    Parameters
    ----------
    inside, held_out
        Shape (folds, pairs, bins).
    widths
        Of the windows, in bins.
    middle, side
        Shape (pairs,), added to: the rows of the middle, and of the side that holds fewer of the rows inside.
    """
    folds, pairs, bins = inside.shape
    sums, out = np.zeros(bins + 1), np.zeros(bins + 1)
    right_at = np.zeros(bins + 1, np.int64)
    for fold in range(folds):
        for pair in range(pairs):
            for b in range(bins):
                sums[b + 1] = sums[b] + inside[fold, pair, b]
                out[b + 1] = out[b] + held_out[fold, pair, b]
            best, of_middle, of_side = -np.inf, 0.0, 0.0
            for w in widths:
                size = bins - w + 1
                right_at[size - 1] = size - 1
                for b in range(size - 2, -1, -1):
                    after = right_at[b + 1]
                    right_at[b] = b if sums[b + w] - sums[b] > sums[after + w] - sums[after] else after
                left = 0
                for b in range(size - 2 * w):
                    if sums[b + w] - sums[b] > sums[left + w] - sums[left]:
                        left = b
                    right = right_at[b + 2 * w]
                    on_left, on_right = sums[left + w] - sums[left], sums[right + w] - sums[right]
                    fewer = on_left if on_left <= on_right else on_right
                    between = sums[b + 2 * w] - sums[b + w]
                    score = (fewer - between) / np.sqrt(fewer + between + 1)
                    if score > best:
                        chosen = left if on_left <= on_right else right
                        best = score
                        of_middle = out[b + 2 * w] - out[b + w]
                        of_side = out[chosen + w] - out[chosen]
            middle[pair] += of_middle
            side[pair] += of_side
