"""Corrections of tests for how many there are."""

import numpy as np

from segmenter.typing import FloatArray


def holm(p_values: FloatArray) -> FloatArray:
    """Return p-values corrected for their number (Holm 1979), shape as given.

    Rejecting those below α keeps the probability of any wrong rejection at or below α, whatever their dependence.
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate((n - np.arange(n)) * p_values[order])
    corrected = np.empty(n)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
