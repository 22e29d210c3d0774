"""Transforms of skewed numbers (log, Yeo-Johnson) and their inverses."""

import numpy as np

from segmenter import config
from segmenter.prepare.coerce import is_constant
from segmenter.recipe.recipe import Transform
from segmenter.typing import FloatArray

# A normal distribution's interquartile range in standard deviations, so that robust scaling is in the same unit.
NORMAL_IQR = 1.349
# From so many robust standard deviations between the median and the smallest number on, there is a lower tail.
_LOWER_TAIL = 4.0
# A number drawn in so far that it keeps fewer digits than six could not be drawn out again.
_LOST = np.log(1e6)
_LARGEST = np.log(config.LARGEST_NUMBER)
# No power is looked for beyond this: the likelihood would need numbers that no float64 holds.
_NO_MEASUREMENT = 1e50
# Smaller numbers are changed by no power.
_NEAR_ZERO = 1e-9


def fit_units(known: FloatArray, transform: Transform) -> tuple[float, float]:
    """Return the origin and unit in which numbers are transformed, so that every affine change of them cancels.

    The logarithm counts from the smallest number, in units of the first quartile of what lies above it: zeros join
    the smallest amounts instead of standing apart by however many cents a currency has. So does Yeo-Johnson's
    power, unless the column has a tail on either side: then it counts from the median in robust standard deviations.

    Parameters
    ----------
    known
        Shape (n,), without NaN.
    """
    if transform is Transform.NONE or not len(known) or is_constant(known):
        return 0.0, 1.0
    # Values that occur, none between two: doubling every row must not move them.
    lowest = float(known.min())
    low, middle, high = (float(each) for each in np.quantile(known, [0.25, 0.5, 0.75], method="inverted_cdf"))
    spread = (high - low) / NORMAL_IQR or float(np.abs(known - middle).mean())
    if transform is Transform.YEO_JOHNSON and middle - lowest > _LOWER_TAIL * spread:
        return middle, max(spread, float(known.max() - lowest) * 1e-9)
    unit = float(np.quantile(known[known > lowest] - lowest, 0.25, method="inverted_cdf"))
    # The farthest number keeps six digits of its own.
    return lowest, max(unit, float(known.max() - lowest) * 1e-9)


def transform_values(numbers: FloatArray, transform: Transform, power: float) -> FloatArray:
    """Return transformed numbers; NaN stays.

    The logarithm is log(1 + |x|) with x's sign: defined for refunds too, and zero stays zero. Yeo & Johnson
    (2000) raise 1 + x to `power`, and 1 + |x| to 2 − `power` below zero; at power 1 nothing changes.
    """
    if transform is Transform.NONE:
        return numbers
    powers = _powers(numbers, transform, power)
    logs = np.log1p(np.abs(numbers))
    safe = np.where(powers == 0, 1.0, powers)
    return np.copysign(np.where(powers == 0, logs, np.expm1(powers * logs) / safe), numbers)


def inverse_transform_values(values: FloatArray, transform: Transform, power: float) -> FloatArray:
    """Return transformed numbers in their own units.

    A value beyond what any number becomes (possible for a negative power) counts as the largest number.
    """
    if transform is Transform.NONE:
        return values
    powers = _powers(values, transform, power)
    sizes = np.abs(values)
    safe = np.where(powers == 0, 1.0, powers)
    inner = np.maximum(powers * sizes, np.finfo(np.float64).eps - 1.0)
    logs = np.where(powers == 0, sizes, np.log1p(inner) / safe)
    return np.copysign(np.expm1(np.minimum(logs, _LARGEST)), values)


def fit_lambda(known: FloatArray) -> float:
    """Return the power after which numbers look most like a normal distribution (maximum likelihood).

    Kept within the powers from which every number gets back into its own units with at least six digits.
    """
    if len(known) < 3 or is_constant(known) or np.abs(known).max() > _NO_MEASUREMENT:
        return 1.0
    # Imported where a power is looked for, which the logarithm mostly spares: it takes half a second.
    from scipy import stats

    with np.errstate(all="ignore"):
        found = float(stats.yeojohnson_normmax(known))
    above, below = float(np.log1p(max(known.max(), 0.0))), float(np.log1p(max(-known.min(), 0.0)))
    low = max(-_most(_LOST, above), 2 - _most(_LARGEST, below))
    high = min(_most(_LARGEST, above), 2 + _most(_LOST, below))
    return float(np.clip(found, low, high)) if np.isfinite(found) else 1.0


def skewness(values: FloatArray) -> float:
    """Return the third standardised moment; 0 where there are too few or equal values."""
    if len(values) < 3 or is_constant(values):
        return 0.0
    scaled = (values - values.mean()) / values.std()
    return float((scaled**3).mean())


# Below this |skewness| nobody would see the difference.
EVEN_ENOUGH = 1.0
# A cure leaves at most this part of the skewness where it doesn't leave an even column.
_CURED_PART = 0.5
# A column of fewer different numbers has no tail that a transform could even out.
_FEWEST_NUMBERS = 6
# Skewness of so many sorted numbers, evenly spaced, is that of all.
_SKEW_ROWS = 100_000


def recommended_transform(known: FloatArray) -> tuple[Transform, float, float]:
    """Return the transform that evens a strongly skewed column out, and the skewness before and after it.

    The logarithm is easier to explain; Yeo-Johnson's power serves where the logarithm goes too far or not far
    enough. Nothing is recommended that leaves a few large values to decide all the same.

    Parameters
    ----------
    known
        Shape (n,), without NaN.
    """
    # Sorted: the same whatever the order of the rows.
    known = np.sort(known)
    if len(known) > _SKEW_ROWS:
        known = known[np.linspace(0, len(known) - 1, _SKEW_ROWS).astype(np.intp)]
    before = skewness(known)
    if abs(before) < config.STRONG_SKEW or len(np.unique(known)) < _FEWEST_NUMBERS:
        return Transform.NONE, before, before
    after = {}
    for transform in (Transform.LOG, Transform.YEO_JOHNSON):
        origin, unit = fit_units(known, transform)
        in_units = (known - origin) / unit
        power = fit_lambda(in_units) if transform is Transform.YEO_JOHNSON else 1.0
        after[transform] = skewness(transform_values(in_units, transform, power))
        if abs(after[transform]) <= EVEN_ENOUGH:
            return transform, before, after[transform]
    best = min(after, key=lambda each: abs(after[each]))
    if abs(after[best]) > _CURED_PART * abs(before):
        return Transform.NONE, before, before
    return best, before, after[best]


def _most(stretch: float, log_size: float) -> float:
    return stretch / log_size if log_size > _NEAR_ZERO else np.inf


def _powers(numbers: FloatArray, transform: Transform, power: float) -> FloatArray:
    if transform is Transform.LOG:
        return np.zeros(numbers.shape)
    return np.where(numbers < 0, 2.0 - power, power)
