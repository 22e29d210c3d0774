"""How does one column become numbers that distances can be taken of, and back again?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmenter import config
from segmenter.core.recipe import FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.errors import ValueTooLargeError

Floats = NDArray[np.float64]

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
        The latest date seen (ISO); a date column's numbers are the days before it.
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

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        return (self.column,)

    def numbers(self, values: pd.Series) -> Floats:
        """Return the values as numbers in the column's own units, NaN for missing ones."""
        return _numbers(values, self.role, self.levels, self.latest)

    def scaled(self, numbers: Floats) -> Floats:
        """Return numbers in own units as prepared numbers; NaN stays."""
        return (_transformed(numbers, self.transform) - self.centre) / self.scale * self.weight

    def unscaled(self, prepared: Floats) -> Floats:
        """Return prepared numbers in the column's own units."""
        values = prepared / self.weight * self.scale + self.centre
        return np.sign(values) * np.expm1(np.abs(values)) if self.transform is Transform.LOG else values

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
        latest = "" if spec.role is not Role.DATE else str(pd.to_datetime(values).max().isoformat())
        numbers = _numbers(values, spec.role, spec.order, latest)
        _check_size(spec.column, values, numbers)
        known = np.sort(numbers[~np.isnan(numbers)])
        if not len(known):
            known = np.zeros(1)
        fill = _fill(spec.missing, known)
        low, p01, typical, p99, high = (float(each) for each in np.quantile(known, [0, 0.01, 0.5, 0.99, 1]))
        centre, scale = _centre_and_scale(np.sort(_filled(numbers, fill, spec)), spec.transform, scaling)
        return cls(
            spec.column, spec.role, spec.missing, spec.transform, spec.weight, fill, centre, scale,
            low, p01, p99, high, typical, spec.order, latest,
        )  # fmt: skip


@dataclass(frozen=True)
class CategoryColumn:
    """A fitted column of categories: one indicator per listed value, one for all others.

    Attributes
    ----------
    fill
        What a missing value counts as.
    categories
        The values with an indicator of their own, commonest first.
    factor
        What an indicator is multiplied by: chosen so that the column's mean squared difference between two
        customers is that of a standardised number.
    """

    column: str
    missing: Missing
    weight: float
    fill: str
    categories: tuple[str, ...]
    factor: float

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        return (*(f"{self.column}: {value}" for value in self.categories), f"{self.column}: other")

    def encoded(self, values: pd.Series) -> Floats:
        """Return indicators of shape (n, categories + 1); unseen values count as "other"."""
        texts = _texts(values).fillna(self.fill)
        codes = pd.Index(self.categories).get_indexer(pd.Index(texts))
        codes[codes < 0] = len(self.categories)
        return np.eye(len(self.categories) + 1)[codes] * (self.factor * self.weight)

    def unseen(self, values: pd.Series) -> NDArray[np.bool_]:
        """Return which present values have no indicator of their own."""
        texts = _texts(values)
        return (texts.notna() & ~texts.isin(self.categories)).to_numpy()

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn the categories; values that few customers share are gathered under "other"."""
        texts = _texts(values).dropna()
        counts = texts.value_counts()
        counts = counts.sort_index().sort_values(ascending=False, kind="stable")
        enough = (counts >= config.SMALL_GROUP) & (counts >= config.RARE_SHARE * len(texts))
        kept = tuple(str(value) for value in counts[enough].index[: config.MAX_CATEGORIES - 1])
        fill = str(counts.index[0]) if len(counts) else ""
        balanced = scaling in (Scaling.STANDARD, Scaling.ROBUST)
        shares = counts.to_numpy(dtype=float) / max(len(texts), 1)
        own = np.array([str(value) in kept for value in counts.index], dtype=bool)
        spread = 1.0 - float((shares[own] ** 2).sum()) - float(shares[~own].sum() ** 2)
        factor = 1.0 / np.sqrt(max(spread, SMALLEST_SPREAD)) if balanced else 1.0
        return cls(spec.column, spec.missing, spec.weight, fill, kept, float(factor))


FittedColumn = NumberColumn | CategoryColumn


def fit_column(spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> FittedColumn:
    """Learn how one column is to be encoded."""
    kind = CategoryColumn if spec.role is Role.CATEGORY else NumberColumn
    return kind.fitted(spec, values, scaling)


def is_constant(numbers: Floats) -> bool:
    """Whether numbers, NaN aside, differ by no more than the rounding noise of one value stored many times."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return True
    # A difference below 1e-150 vanishes as soon as it is squared.
    noise = max(config.CONSTANT_RANGE * np.abs(known).max(), 1 / config.LARGEST_NUMBER)
    return bool(known.max() - known.min() <= noise)


def _texts(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values):
        # A category stored as numbers: 1 and 1.0 are the same value.
        written = {number: f"{number:.15g}" for number in values.dropna().unique()}
        return values.map(written).astype("str")
    return values.astype("str")


def _numbers(values: pd.Series, role: Role, levels: tuple[str, ...], latest: str) -> Floats:
    if role is Role.ORDINAL:
        codes = pd.Index(levels).get_indexer(pd.Index(_texts(values))).astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    if role is Role.DATE:
        days = (pd.Timestamp(latest) - pd.to_datetime(values)) / pd.Timedelta(days=1)
        return np.asarray(days, dtype=np.float64)
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isinf(numbers), np.nan, numbers)


def _check_size(column: str, values: pd.Series, numbers: Floats) -> None:
    too_large = np.abs(numbers) > config.LARGEST_NUMBER
    if too_large.any():
        position = int(np.argmax(too_large))
        row = int(values.index[position]) + 1
        raise ValueTooLargeError(column, row, float(numbers[position]), config.LARGEST_NUMBER)


def _fill(missing: Missing, known: Floats) -> float:
    match missing:
        case Missing.MEAN:
            return float(known.mean())
        case Missing.MODE:
            values, counts = np.unique(known, return_counts=True)
            return float(values[counts.argmax()])
        case _:
            return float(np.median(known))


def _filled(numbers: Floats, fill: float, spec: FeatureSpec) -> Floats:
    if spec.missing in (Missing.DROP, Missing.KNN):
        return numbers[~np.isnan(numbers)] if not np.isnan(numbers).all() else np.array([fill])
    return np.where(np.isnan(numbers), fill, numbers)


def _transformed(numbers: Floats, transform: Transform) -> Floats:
    # log(1 + |x|) with x's sign: defined for refunds too, and zero stays zero.
    return np.asarray(np.sign(numbers) * np.log1p(np.abs(numbers))) if transform is Transform.LOG else numbers


def _centre_and_scale(numbers: Floats, transform: Transform, scaling: Scaling) -> tuple[float, float]:
    values: Floats = np.sort(_transformed(numbers, transform))
    match scaling:
        case Scaling.STANDARD:
            centre, scale = values.mean(), values.std()
        case Scaling.MINMAX:
            centre, scale = values[0], values[-1] - values[0]
        case Scaling.ROBUST:
            low, centre, high = np.quantile(values, [0.25, 0.5, 0.75])
            # A column that is half zeros has no interquartile range; its standard deviation serves then.
            scale = (high - low) / NORMAL_IQR or values.std()
        case Scaling.NONE:
            centre, scale = 0.0, 1.0
    return float(centre), 1.0 if is_constant(values) else float(scale)
