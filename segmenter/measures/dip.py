"""Hartigan's dip statistic of unimodality."""

import numpy as np

from segmenter.typing import FloatArray, IntArray


def dip(values: FloatArray) -> float:
    """Return how far a sample is from every distribution with one peak (Hartigan & Hartigan 1985).

    The largest difference between the sample's cumulative distribution and the nearest one that is convex up
    to a peak and concave after it. 1 / (2n) for evenly spaced values, up to 1/4 for two far groups of equal
    size.

    Parameters
    ----------
    values
        Shape (n,), finite, in any order.
    """
    x = np.sort(values)
    n = len(x)
    if n < 4 or x[0] == x[-1]:
        return 1 / (2 * max(n, 1))
    below, above = np.arange(n, dtype=np.float64), np.arange(1.0, n + 1.0)
    first, last, found = 0, n - 1, 1.0
    while True:
        minorant, majorant = _hull(x, below, first, last, -1.0), _hull(x, above, first, last, 1.0)
        width, start, end = _modal(x, below, above, minorant, majorant)
        if width <= found:
            return found / (2 * n)
        found = max(found, _rise(x, above, below, minorant, start), _fall(x, below, above, majorant, end))
        if width <= found or (start, end) == (first, last):
            return found / (2 * n)
        first, last = start, end


def _hull(x: FloatArray, heights: FloatArray, first: int, last: int, side: float) -> IntArray:
    """Return the corners of the curve that bounds the heights: convex from below (-1) or concave from above (1)."""
    corners = [first]
    # Plain floats: NumPy's single numbers are several times slower to calculate with.
    at, up = x.tolist(), heights.tolist()
    for place in range(first + 1, last + 1):
        while len(corners) > 1:
            before, middle = corners[-2], corners[-1]
            step = (up[middle] - up[before]) * (at[place] - at[before])
            chord = (up[place] - up[before]) * (at[middle] - at[before])
            if side * (step - chord) > 0:
                break
            corners.pop()
        corners.append(place)
    return np.array(corners, dtype=np.intp)


def _modal(
    x: FloatArray, below: FloatArray, above: FloatArray, minorant: IntArray, majorant: IntArray
) -> tuple[float, int, int]:
    """Return how far the two curves are apart at most, and the stretch of positions in which they are."""
    at_low = np.interp(x[minorant], x[majorant], above[majorant]) - below[minorant]
    at_high = above[majorant] - np.interp(x[majorant], x[minorant], below[minorant])
    if at_low.max() >= at_high.max():
        start = int(minorant[at_low.argmax()])
        return float(at_low.max()), start, int(majorant[np.searchsorted(majorant, start)])
    end = int(majorant[at_high.argmax()])
    return float(at_high.max()), int(minorant[np.searchsorted(minorant, end, side="right") - 1]), end


def _rise(x: FloatArray, above: FloatArray, below: FloatArray, minorant: IntArray, start: int) -> float:
    places = np.arange(minorant[0], start + 1)
    return float((above[places] - np.interp(x[places], x[minorant], below[minorant])).max(initial=0.0))


def _fall(x: FloatArray, below: FloatArray, above: FloatArray, majorant: IntArray, end: int) -> float:
    places = np.arange(end, majorant[-1] + 1)
    return float((np.interp(x[places], x[majorant], above[majorant]) - below[places]).max(initial=0.0))
