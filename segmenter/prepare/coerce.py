"""Cells of a column as numbers, dates, cyclic phases or categories."""

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.forming import ValueTooLargeError
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Role
from segmenter.table.dataset import Dataset
from segmenter.typing import BoolArray, FloatArray

# Mean length of a year and of its 52.18 weeks in the Gregorian calendar.
DAYS_PER_YEAR = 365.2425
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7
# What a column of dates without any date counts from.
_NO_DATE = "1970-01-01T00:00:00"
# Of so many days and more, a month is a small part.
_SEVERAL_YEARS = 730


def to_numeric(values: pd.Series, role: Role, levels: tuple[str, ...] = ()) -> FloatArray:
    """Return the numbers of a column, or the positions of an ordinal column's values; NaN for missing ones."""
    if role is Role.ORDINAL:
        codes = pd.Index(levels).get_indexer(pd.Index(to_category(values))).astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    numbers: FloatArray = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isinf(numbers), np.nan, numbers)


def without_unknown(numbers: FloatArray, unknown: tuple[float, ...]) -> FloatArray:
    """Return numbers with NaN for those that mean "not known"."""
    return np.where(np.isin(numbers, unknown), np.nan, numbers) if unknown else numbers


def days_since(values: pd.Series, use: DateUse, latest: str) -> FloatArray:
    """Return the days, or for an age the years, from each date to the reference day."""
    since = (pd.Timestamp(latest) - to_dates(values)).to_numpy()
    days: FloatArray = np.asarray(since / np.timedelta64(1, "D"), dtype=np.float64)
    return days / DAYS_PER_YEAR if use is DateUse.AGE else days


def cyclic_phase(values: pd.Series, use: DateUse) -> FloatArray:
    """Return where each date stands on its circle, 0 to 1: within the year by month or week, or within the week."""
    parts = to_dates(values).dt
    if use is DateUse.MONTH:
        position = (parts.month - 1) / 12
    elif use is DateUse.WEEK:
        # The 53rd week, where a year has one, lies almost on the first.
        position = (parts.isocalendar().week.astype("Float64") - 1) / WEEKS_PER_YEAR
    else:
        position = parts.day_of_week / 7
    return np.asarray(position.to_numpy(dtype=np.float64, na_value=np.nan))


def to_dates(values: pd.Series) -> pd.Series:
    """Return a column as dates; what is none is missing."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    return pd.to_datetime(values.astype("str"), errors="coerce", format="ISO8601")


def latest_date(spec: FeatureSpec, values: pd.Series) -> str:
    """Return the day that a date column counts back from, as ISO text; nothing for other columns.

    A date that only a few customers have is theirs, and this day stands in saved models: it is then the next Monday, or
    of several years the first of the next month.
    """
    if spec.role is not Role.DATE:
        return ""
    dates = to_dates(values).dropna()
    if spec.reference or dates.empty:
        return spec.reference or _NO_DATE
    latest, day = dates.max(), dates.max().normalize()
    if (dates >= day).sum() < config.FEWEST_WHO_SHARE:
        is_long = (latest - dates.min()).days > _SEVERAL_YEARS
        latest = day + (pd.offsets.MonthBegin() if is_long else pd.offsets.Week(weekday=0))
    elif (dates == latest).sum() < config.FEWEST_WHO_SHARE:
        latest = day + pd.Timedelta(days=1)
    return str(latest.isoformat())


def to_category(values: pd.Series) -> pd.Series:
    """Return a column as words; missing values stay missing."""
    if pd.api.types.is_numeric_dtype(values):
        # A category stored as numbers: 1 and 1.0 are the same value.
        written = {number: f"{number:.15g}" for number in values.dropna().unique()}
        return values.map(written).astype("str")
    return values.astype("str")


def check_size(column: str, values: pd.Series, numbers: FloatArray) -> None:
    """Refuse numbers beyond what squares can hold.

    Raises
    ------
    ValueTooLargeError
        With the first row that holds one.
    """
    too_large = np.abs(numbers) > config.LARGEST_NUMBER
    if too_large.any():
        position = int(np.argmax(too_large))
        row = int(values.index[position]) + 1
        raise ValueTooLargeError(column, row, float(numbers[position]), config.LARGEST_NUMBER)


def is_constant(numbers: FloatArray) -> bool:
    """Whether numbers, NaN aside, differ by no more than the rounding noise of one value stored many times."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return True
    # A difference below 1e-150 vanishes as soon as it is squared.
    noise = max(config.CONSTANT_RANGE * np.abs(known).max(), 1 / config.LARGEST_NUMBER)
    return bool(known.max() - known.min() <= noise)


def complete_rows(dataset: Dataset, specs: tuple[FeatureSpec, ...]) -> BoolArray:
    """Return which customers have a value wherever one without is left out."""
    kept = np.ones(dataset.n_customers, dtype=bool)
    for spec in specs:
        if spec.missing is Missing.DROP:
            kept &= ~absent(dataset.frame[spec.column], spec)
    return kept


def absent(values: pd.Series, spec: FeatureSpec) -> BoolArray:
    """Return which values count as missing; of an ordered category, those that are no step too."""
    if spec.role is Role.NUMBER and spec.unknown:
        return np.isnan(without_unknown(to_numeric(values, spec.role), spec.unknown))
    if spec.role is Role.ORDINAL:
        return np.isnan(to_numeric(values, spec.role, spec.order))
    return values.isna().to_numpy()
