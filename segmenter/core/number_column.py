"""How does one column of numbers, ordered values or dates become a prepared number, and back again?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.numbering import (
    Bools,
    Floats,
    check_size,
    elapsed,
    is_constant,
    latest_of,
    numbers_of,
)
from segmenter.core.powers import best_power, drawn_in, drawn_out
from segmenter.core.recipe import DateUse, FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.errors import InvalidSettingError

# An indicator's variance never counts as less than this: a value that one customer in 40 has must not
# weigh ten times as much as a standardised number.
SMALLEST_SPREAD = 0.05
# A normal distribution's interquartile range in standard deviations, so that robust scaling is in the same unit.
NORMAL_IQR = 1.349


@dataclass(frozen=True)
class NumberColumn:
    """A fitted column of numbers, ordered values or dates.

    Attributes
    ----------
    fill
        What a missing value counts as, in the column's own units.
    centre, scale
        The scaled value is (transformed value − centre) / scale · weight.
    low, p01, p99, high, typical
        Smallest value, first and 99th percentile, largest value and median seen, in the column's own units;
        None in a model that was converted without the file it was made from.
    levels
        The values of an ordinal column, lowest first; its numbers are their positions.
    latest
        The day (ISO) that a date column's days or years are counted back from.
    date_use
        Whether a date column's numbers are days or years.
    floor, ceiling
        Numbers beyond these count as these, in the column's own units; None where nothing is capped.
    power
        Of the Yeo-Johnson transform; 1 changes nothing.
    indicator
        What a missing value weighs in a column of its own, before the weight: one standard deviation of the
        scaled column. 0 where there is no such column.
    """

    column: str
    role: Role
    missing: Missing
    transform: Transform
    weight: float
    fill: float
    centre: float
    scale: float
    low: float | None
    p01: float | None
    p99: float | None
    high: float | None
    typical: float | None
    levels: tuple[str, ...] = ()
    latest: str = ""
    date_use: DateUse = DateUse.DAYS
    floor: float | None = None
    ceiling: float | None = None
    power: float = 1.0
    indicator: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        return (self.column, f"{self.column}: missing") if self.indicator else (self.column,)

    def numbers(self, values: pd.Series) -> Floats:
        """Return the values as numbers in the column's own units, NaN for missing ones."""
        if self.role is Role.DATE:
            return elapsed(values, self.date_use, self.latest)
        return numbers_of(values, self.role, self.levels)

    def scaled(self, numbers: Floats) -> Floats:
        """Return numbers in own units as prepared numbers; NaN stays."""
        capped = _capped(numbers, self.floor, self.ceiling)
        return (drawn_in(capped, self.transform, self.power) - self.centre) / self.scale * self.weight

    def unscaled(self, prepared: Floats) -> Floats:
        """Return prepared numbers in the column's own units."""
        values = prepared / self.weight * self.scale + self.centre
        return drawn_out(values, self.transform, self.power)

    def marked(self, gaps: Bools) -> Floats:
        """Return the prepared column that says which values are missing."""
        return np.asarray(gaps * (self.indicator * self.weight), dtype=np.float64)

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn the column's statistics.

        Every statistic is taken from the sorted values, so that it is the same to the last bit
        in whatever order the rows come.

        Raises
        ------
        ValueTooLargeError
            If a number is beyond what squares can hold.
        """
        latest = latest_of(spec, values)
        is_date = spec.role is Role.DATE
        numbers = elapsed(values, spec.date_use, latest) if is_date else numbers_of(values, spec.role, spec.order)
        check_size(spec.column, values, numbers)
        seen = np.sort(numbers[~np.isnan(numbers)])
        if not len(seen):
            seen = np.zeros(1)
        floor, ceiling = _caps(spec, seen)
        known = _capped(seen, floor, ceiling)
        power = best_power(known) if spec.transform is Transform.YEO_JOHNSON else 1.0
        fill = _fill(spec, known)
        learned = _with_gaps(known, len(numbers) - len(known), fill, spec)
        centre, scale, spread = _centre_and_scale(drawn_in(learned, spec.transform, power), scaling)
        low, p01, typical, p99, high = (float(each) for each in np.quantile(seen, [0, 0.01, 0.5, 0.99, 1]))
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.role, spec.missing, spec.transform, spec.weight, fill, centre, scale,
            low, p01, p99, high, typical, spec.order, latest, spec.date_use, floor, ceiling, power,
            spread if indicated else 0.0,
        )  # fmt: skip


def _caps(spec: FeatureSpec, seen: Floats) -> tuple[float | None, float | None]:
    if spec.cap is None or spec.role is Role.ORDINAL:
        return None, None
    low, high = np.quantile(seen, np.array(spec.cap) / 100)
    return float(low), float(high)


def _capped(numbers: Floats, floor: float | None, ceiling: float | None) -> Floats:
    return numbers if floor is None and ceiling is None else np.clip(numbers, floor, ceiling)


def _fill(spec: FeatureSpec, known: Floats) -> float:
    match spec.missing:
        case Missing.MEAN:
            return float(known.mean())
        case Missing.MODE:
            values, counts = np.unique(known, return_counts=True)
            return float(values[counts.argmax()])
        case Missing.CONSTANT:
            return _constant(spec)
        case _:
            return float(np.median(known))


def _constant(spec: FeatureSpec) -> float:
    if spec.role is Role.ORDINAL and str(spec.constant) in spec.order:
        return float(spec.order.index(str(spec.constant)))
    try:
        number = float(spec.constant)
    except ValueError:
        number = np.nan
    if not abs(number) <= config.LARGEST_NUMBER:
        message = f"{spec.column}: {spec.constant!r} cannot be filled in; give a number in the column's own units."
        raise InvalidSettingError(message)
    return number


def _with_gaps(known: Floats, n_missing: int, fill: float, spec: FeatureSpec) -> Floats:
    """Return the values that the column is scaled by: those filled in count, in sorted order."""
    if spec.missing in (Missing.DROP, Missing.KNN):
        return known
    return np.sort(np.append(known, np.full(n_missing, fill)))


def _centre_and_scale(values: Floats, scaling: Scaling) -> tuple[float, float, float]:
    """Return centre, scale, and the standard deviation of the scaled values (1 where they are all equal)."""
    values = np.sort(values)
    deviation = values.std()
    match scaling:
        case Scaling.STANDARD:
            centre, scale = values.mean(), _balanced(values, deviation)
        case Scaling.MINMAX:
            centre, scale = values[0], values[-1] - values[0]
        case Scaling.ROBUST:
            low, centre, high = np.quantile(values, [0.25, 0.5, 0.75])
            # A column that is half zeros has no interquartile range; its standard deviation serves then.
            scale = (high - low) / NORMAL_IQR or _balanced(values, deviation)
        case Scaling.NONE:
            centre, scale = 0.0, 1.0
    if is_constant(values):
        return float(centre), 1.0, 1.0
    return float(centre), float(scale), float(deviation / scale)


def _balanced(values: Floats, deviation: np.floating) -> float:
    """Return the standard deviation, at least that of a category's indicator where there are only two values."""
    if values[0] == values[-1] or ((values != values[0]) & (values != values[-1])).any():
        return float(deviation)
    return max(float(deviation), float(values[-1] - values[0]) * float(np.sqrt(SMALLEST_SPREAD / 2)))
