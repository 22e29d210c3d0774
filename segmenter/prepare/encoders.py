"""Encoders: how one column is filled and becomes numbers, and back again."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.coerce import (
    check_size,
    cyclic_phase,
    days_since,
    is_constant,
    latest_date,
    to_category,
    to_numeric,
    without_unknown,
)
from segmenter.prepare.transforms import NORMAL_IQR, fit_lambda, fit_units, inverse_transform_values, transform_values
from segmenter.recipe.recipe import CYCLES, DateUse, FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.table.dataset import Dataset
from segmenter.table.infer.ordinal_scales import NO, YES
from segmenter.table.spellings import joined_words
from segmenter.typing import BoolArray, FloatArray

# An indicator's variance never counts as less than this: a value that one customer in 40 has must not
# weigh ten times as much as a standardised number.
SMALLEST_SPREAD = 0.05


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
        The range of the values seen, rounded outwards so that nobody's value stands in a saved model, and their first
        and 99th percentile and median, in the column's own units; None in a model that was converted without the file
        it was made from.
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
    origin, unit
        A number is transformed as (number − origin) / unit, so that neither the unit in which a column is measured
        nor where it counts from changes anything; 0 and 1 for models that were saved without them.
    unknown
        Numbers, in the column's own units, that mean "not known" and count as missing.
    indicator
        What a missing value weighs in a column of its own, before the weight: one standard deviation of the
        scaled column. 0 where there is no such column.
    joined
        (spelling, what it is meant for), of an ordinal column's words, and what a ticked box holds.
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
    origin: float = 0.0
    unit: float = 1.0
    unknown: tuple[float, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        return (self.column, f"{self.column}: missing") if self.indicator else (self.column,)

    @property
    def may_be_yes_no(self) -> bool:
        """Whether all numbers were 0 or 1, as far as the rounded range and the percentiles tell."""
        known = {self.p01, self.typical, self.p99}
        if self.low is None or self.high is None or not known <= {0.0, 0.5, 1.0}:
            return False
        return self.low >= -1.0 and self.high <= 2.0

    def numbers(self, values: pd.Series) -> FloatArray:
        """Return the values as numbers in the column's own units, NaN for missing ones."""
        if self.role is Role.DATE:
            return days_since(values, self.date_use, self.latest)
        if self.role is Role.ORDINAL:
            values = joined_words(to_category(values), self.joined)
        numbers = to_numeric(values, self.role, self.levels)
        if self.role is not Role.ORDINAL and self.may_be_yes_no and pd.api.types.is_string_dtype(values.dtype):
            # A month in which everybody says yes, or says it in two languages, is read as words.
            words = values.astype("str").str.strip().str.lower()
            ticked = {spelling.strip().lower(): 1.0 for spelling, _ in self.joined}
            known = {**dict.fromkeys(NO, 0.0), **dict.fromkeys(YES, 1.0), **ticked}
            said = words.map(known).to_numpy(dtype=np.float64)
            numbers = np.where(np.isnan(numbers), said, numbers)
        return without_unknown(numbers, self.unknown)

    def transformed(self, numbers: FloatArray) -> FloatArray:
        """Return numbers in own units after the column's logarithm or power; NaN stays."""
        if self.transform is Transform.NONE:
            return numbers
        return transform_values((numbers - self.origin) / self.unit, self.transform, self.power)

    def untransformed(self, values: FloatArray) -> FloatArray:
        """Return transformed numbers in the column's own units."""
        if self.transform is Transform.NONE:
            return values
        return inverse_transform_values(values, self.transform, self.power) * self.unit + self.origin

    def scaled(self, numbers: FloatArray) -> FloatArray:
        """Return numbers in own units as prepared numbers; NaN stays."""
        capped = _capped(numbers, self.floor, self.ceiling)
        return (self.transformed(capped) - self.centre) / self.scale * self.weight

    def unscaled(self, prepared: FloatArray) -> FloatArray:
        """Return prepared numbers in the column's own units."""
        return self.untransformed(prepared / self.weight * self.scale + self.centre)

    def marked(self, gaps: BoolArray) -> FloatArray:
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
        latest = latest_date(spec, values)
        is_date = spec.role is Role.DATE
        if spec.role is Role.ORDINAL:
            values = joined_words(to_category(values), spec.joined)
        numbers = days_since(values, spec.date_use, latest) if is_date else to_numeric(values, spec.role, spec.order)
        numbers = without_unknown(numbers, spec.unknown)
        check_size(spec.column, values, numbers)
        seen = np.sort(numbers[~np.isnan(numbers)])
        if not len(seen):
            seen = np.zeros(1)
        floor, ceiling = _caps(spec, seen)
        known = _capped(seen, floor, ceiling)
        origin, unit = _nobodys_units(known, *fit_units(known, spec.transform))
        power = fit_lambda((known - origin) / unit) if spec.transform is Transform.YEO_JOHNSON else 1.0
        origin, unit = _hidden_origin(known, origin, unit)
        fill = _number_fill(spec, known)
        learned = _with_gaps(known, len(numbers) - len(known), fill, spec)
        in_units = (learned - origin) / unit if spec.transform is not Transform.NONE else learned
        centre, scale, spread = _centre_and_scale(transform_values(in_units, spec.transform, power), scaling)
        low, p01, typical, p99, high = rounded_range(seen)
        typical = typical if spec.role is Role.ORDINAL else nobodys(typical, seen)
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.role, spec.missing, spec.transform, spec.weight, fill, centre, scale,
            low, p01, p99, high, typical, spec.order, latest, spec.date_use, floor, ceiling, power,
            spread if indicated else 0.0, origin, unit, spec.unknown, spec.joined,
        )  # fmt: skip


def rounded_range(seen: FloatArray) -> tuple[float, float, float, float, float]:
    """Return the rounded range of sorted values: below all, 1st percentile, median, 99th percentile, above all.

    A model travels to people who may not see the customers, and the largest value is often one customer's alone. So
    the ends are the next round numbers beyond it, of at most forty in the whole range, and never a value itself. Zero
    ends the range of what has no other sign: nobody was here −50 days ago, and that says nothing of anybody.
    """
    p01, typical, p99 = (float(each) for each in np.quantile(seen, [0.01, 0.5, 0.99]))
    smallest, largest = float(seen[0]), float(seen[-1])
    size = max(abs(smallest), abs(largest))
    step = _round_step(max((largest - smallest or size or 1.0) / 20, 1e-10 * size, 1e-300))
    if (seen == np.round(seen)).all():
        step = max(step, 1.0)

    def rounded(steps: float) -> float:
        return float(f"{steps * step:.12g}")

    below, above = float(np.floor(smallest / step)), float(np.ceil(largest / step))
    # A value that is round itself is rounded to the next.
    low = rounded(below if rounded(below) < smallest else below - 1)
    high = rounded(above if rounded(above) > largest else above + 1)
    low, high = (max(low, 0.0) if smallest >= 0 else low), (min(high, 0.0) if largest <= 0 > smallest else high)
    return low, max(low, rounded(np.floor(p01 / step))), typical, min(high, rounded(np.ceil(p99 / step))), high


def _round_step(size: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, … (and their tenths) that is not above a size."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(power * max(each for each in (1, 2, 5) if each * power <= size * (1 + 1e-9)))


# Whole numbers of so few values are counts, codes and answers: each says what many may say.
FEW_VALUES: Final = 20


def _is_one_customers(value: float, seen: FloatArray) -> bool:
    """Whether a number is the value of a few customers alone, among sorted values."""
    held = int(np.searchsorted(seen, value, side="right") - np.searchsorted(seen, value, side="left"))
    if not 0 < held < config.FEWEST_WHO_SHARE:
        return False
    distinct = np.unique(seen)
    return len(distinct) > FEW_VALUES or bool((distinct != np.round(distinct)).any())


def nobodys(value: float, seen: FloatArray) -> float:
    """Return a number that stands in a saved model for one of some sorted values, rounded where it is a customer's own.

    Parameters
    ----------
    value
        Such as a median.
    seen
        The customers' values, shape (n,), ascending.
    """
    if not _is_one_customers(value, seen):
        return value
    low, high = np.quantile(seen, [0.05, 0.95])
    step = _round_step(max((float(high - low) or abs(value) or 1.0) / 500, 1e-10 * abs(value), 1e-300))
    if (seen == np.round(seen)).all():
        # Round whole numbers are anybody's.
        return float(np.round(value / max(step, 1.0)) * max(step, 1.0))
    steps = np.round(value / step)
    # Between two round numbers, where customers have the round ones.
    tries = (float(f"{(steps + more) * step:.12g}") for more in (0.0, 0.5, -0.5, 0.25, -0.25))
    return next((each for each in tries if not (seen == each).any()), value)


def rounded_ends(smallest: float, largest: float) -> tuple[float, float]:
    """Return round numbers below and above a range, 1 to 13 thousandths of it apart from its ends."""
    size = max(abs(smallest), abs(largest))
    step = _round_step(max((largest - smallest) / 100, 1e-300))
    if not step > 1e-10 * size:
        return smallest, largest
    # A quarter of a step away at least: an end that is nearly round would be told by the round number.
    below, above = np.floor(smallest / step - 0.25), np.ceil(largest / step + 0.25)
    return float(f"{below * step:.12g}"), float(f"{above * step:.12g}")


def _nobodys_units(known: FloatArray, origin: float, unit: float) -> tuple[float, float]:
    """Return an origin and unit from which no customer's number follows, as far as `_hidden_origin` does not see to it.

    The unit is how far the first quartile lies above the smallest number, such as the zeros that many have.
    """
    if origin == known[0]:
        shared = not _is_one_customers(origin, known)
        return origin, _beside(origin + unit, known) - origin if shared else unit
    return _beside(origin, known), unit


def _beside(value: float, seen: FloatArray) -> float:
    """Return what lies half way to the next larger number where a value is one customer's own; rounding has a unit."""
    larger = seen[np.searchsorted(seen, value, side="right") :]
    return (value + float(larger[0])) / 2 if len(larger) and _is_one_customers(value, seen) else value


def _hidden_origin(known: FloatArray, origin: float, unit: float) -> tuple[float, float]:
    """Return another origin and unit that transform alike, where the origin is one customer's smallest number.

    Both transforms rest on unit + x − origin: what is taken off the one is taken off the other, and what remains is
    another centre and scale.
    """
    if origin != known[0] or not _is_one_customers(origin, known):
        return origin, unit
    step = _round_step(unit / 2)
    hidden = float(f"{(np.ceil(origin / step) - 1) * step:.12g}")
    rest = unit - (origin - hidden)
    return (hidden, rest) if rest > 0 and hidden < origin else (origin, unit)


def _caps(spec: FeatureSpec, seen: FloatArray) -> tuple[float | None, float | None]:
    if spec.cap is None or spec.role is Role.ORDINAL:
        return None, None
    low, high = np.quantile(seen, np.array(spec.cap) / 100)
    return nobodys(float(low), seen), nobodys(float(high), seen)


def _capped(numbers: FloatArray, floor: float | None, ceiling: float | None) -> FloatArray:
    return numbers if floor is None and ceiling is None else np.clip(numbers, floor, ceiling)


def _number_fill(spec: FeatureSpec, known: FloatArray) -> float:
    match spec.missing:
        case Missing.MEAN:
            return float(known.mean())
        case Missing.MODE:
            values, counts = np.unique(known, return_counts=True)
            fill = float(values[counts.argmax()])
        case Missing.CONSTANT:
            return _constant(spec)
        case _:
            fill = float(np.median(known))
    return fill if spec.role is Role.ORDINAL else nobodys(fill, known)


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


def _with_gaps(known: FloatArray, n_missing: int, fill: float, spec: FeatureSpec) -> FloatArray:
    """Return the values that the column is scaled by: those filled in count, in sorted order."""
    if spec.missing in (Missing.DROP, Missing.KNN):
        return known
    return np.sort(np.append(known, np.full(n_missing, fill)))


def _centre_and_scale(values: FloatArray, scaling: Scaling) -> tuple[float, float, float]:
    """Return centre, scale, and the standard deviation of the scaled values (1 where they are all equal)."""
    values = np.sort(values)
    deviation = values.std()
    match scaling:
        case Scaling.STANDARD:
            centre, scale = values.mean(), _balanced(values, deviation)
        case Scaling.MINMAX:
            low, high = float(values[0]), float(values[-1])
            if _is_one_customers(low, values) or _is_one_customers(high, values):
                # A model with the exact ends would tell the largest income there is.
                low, high = rounded_ends(low, high)
            centre, scale = low, high - low
        case Scaling.ROBUST:
            low, centre, high = np.quantile(values, [0.25, 0.5, 0.75])
            centre = nobodys(float(centre), values)
            # A column that is half zeros has no interquartile range; its standard deviation serves then.
            scale = (high - low) / NORMAL_IQR or _balanced(values, deviation)
        case Scaling.NONE:
            centre, scale = 0.0, 1.0
    if is_constant(values):
        return float(centre), 1.0, 1.0
    return float(centre), float(scale), float(deviation / scale)


def _balanced(values: FloatArray, deviation: np.floating) -> float:
    """Return the standard deviation, at least that of a category's indicator where there are only two values."""
    if values[0] == values[-1] or ((values != values[0]) & (values != values[-1])).any():
        return float(deviation)
    return max(float(deviation), float(values[-1] - values[0]) * float(np.sqrt(SMALLEST_SPREAD / 2)))


MISSING_CATEGORY: Final = "(missing)"


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
    rare
        The share, 0-1, that a value must have to be listed.
    indicator
        What a missing value weighs in a column of its own, before the weight; 0 where there is none.
    joined
        (spelling, what it is meant for): words that count as another one.
    """

    column: str
    missing: Missing
    weight: float
    fill: str
    categories: tuple[str, ...]
    factor: float
    rare: float = config.RARE_SHARE
    indicator: float = 0.0
    joined: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        marks = (f"{self.column}: missing",) if self.indicator else ()
        return (*(f"{self.column}: {value}" for value in self.categories), f"{self.column}: other", *marks)

    def words(self, values: pd.Series) -> pd.Series:
        """Return values as the words that they count as."""
        return joined_words(to_category(values), self.joined)

    def encoded(self, values: pd.Series) -> FloatArray:
        """Return indicators of shape (n, len(names)); unseen values count as "other"."""
        texts = self.words(values)
        codes = pd.Index(self.categories).get_indexer(pd.Index(texts.fillna(self.fill)))
        codes[codes < 0] = len(self.categories)
        shown = np.eye(len(self.categories) + 1)[codes] * (self.factor * self.weight)
        if not self.indicator:
            return shown
        return np.column_stack([shown, texts.isna().to_numpy() * (self.indicator * self.weight)])

    def unseen(self, values: pd.Series) -> BoolArray:
        """Return which present values have no indicator of their own."""
        texts = self.words(values)
        return (texts.notna() & ~texts.isin(self.categories)).to_numpy()

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn the categories; values that few customers share are gathered under "other"."""
        texts = joined_words(to_category(values), spec.joined)
        known = texts.dropna()
        counts = known.value_counts()
        counts = counts.sort_index().sort_values(ascending=False, kind="stable")
        enough = (counts >= config.SMALL_GROUP) & (counts >= spec.rare * len(known))
        kept = tuple(str(value) for value in counts[enough].index[: config.MAX_CATEGORIES - 1])
        fill = _category_fill(spec, str(counts.index[0]) if len(counts) else "")
        if spec.missing in (Missing.CATEGORY, Missing.CONSTANT):
            # What the user named is a value of its own, however few customers lack one.
            kept = kept if fill in kept else (*kept[: config.MAX_CATEGORIES - 2], fill)
            counts = texts.fillna(fill).value_counts()
        balanced = scaling in (Scaling.STANDARD, Scaling.ROBUST)
        factor = 1.0 / np.sqrt(max(_spread(counts, kept), SMALLEST_SPREAD)) if balanced else 1.0
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.missing, spec.weight, fill, kept, float(factor), spec.rare, 1.0 if indicated else 0.0,
            spec.joined,
        )  # fmt: skip


def _category_fill(spec: FeatureSpec, commonest: str) -> str:
    if spec.missing is Missing.CATEGORY:
        return MISSING_CATEGORY
    return str(spec.constant) if spec.missing is Missing.CONSTANT else commonest


def _spread(counts: pd.Series, kept: tuple[str, ...]) -> float:
    """Return how often two customers differ, 0-1."""
    shares = counts.to_numpy(dtype=float) / max(int(counts.sum()), 1)
    own = np.array([str(value) in kept for value in counts.index], dtype=bool)
    return 1.0 - float((shares[own] ** 2).sum()) - float(shares[~own].sum() ** 2)


@dataclass(frozen=True)
class CycleColumn:
    """A fitted column of dates as places on a circle: two numbers, so that the ends of the year meet.

    Attributes
    ----------
    fill
        The place (x, y) of a missing value: that of the commonest month for `Missing.MODE`, of the given one for
        `Missing.CONSTANT` (January and Monday are 1), else the mean of all places, which no month is far from.
    factor
        What a place is multiplied by: chosen so that the column's mean squared difference between two
        customers is that of a standardised number.
    indicator
        What a missing value weighs in a column of its own, before the weight; 0 where there is none.
    """

    column: str
    date_use: DateUse
    missing: Missing
    weight: float
    fill: tuple[float, float]
    factor: float
    indicator: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        marks = (f"{self.column}: missing",) if self.indicator else ()
        return (f"{self.column}: {self.date_use} (x)", f"{self.column}: {self.date_use} (y)", *marks)

    def encoded(self, values: pd.Series) -> FloatArray:
        """Return places on the circle, shape (n, len(names))."""
        places = _places(cyclic_phase(values, self.date_use))
        gaps = np.isnan(places[:, 0])
        places[gaps] = self.fill
        places = places * (self.factor * self.weight)
        if not self.indicator:
            return places
        return np.column_stack([places, gaps * (self.indicator * self.weight)])

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn where a missing value goes and how far the places lie apart."""
        around = cyclic_phase(values, spec.date_use)
        known = np.sort(around[~np.isnan(around)])
        fill = _cycle_fill(spec, known)
        n_filled = 0 if spec.missing is Missing.DROP else len(around) - len(known)
        places = np.vstack([_places(known), np.tile(fill, (n_filled, 1))])
        spread = float(places.var(axis=0).sum()) if len(places) else 0.0
        balanced = scaling in (Scaling.STANDARD, Scaling.ROBUST)
        # Min–max scaling gives every column the range 1: the circle gets the diameter 1.
        other = 0.5 if scaling is Scaling.MINMAX else 1.0
        factor = 1.0 / np.sqrt(max(spread, SMALLEST_SPREAD)) if balanced else other
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.date_use, spec.missing, spec.weight, fill, float(factor), 1.0 if indicated else 0.0
        )


def _cycle_fill(spec: FeatureSpec, known: FloatArray) -> tuple[float, float]:
    if spec.missing is Missing.CONSTANT:
        per_turn = {DateUse.MONTH: 12, DateUse.WEEKDAY: 7}.get(spec.date_use, 52)
        known = np.array([(float(spec.constant) - 1) / per_turn])
    elif spec.missing is Missing.MODE and len(known):
        found, counts = np.unique(known, return_counts=True)
        known = found[[counts.argmax()]]
    x, y = _places(known).mean(axis=0) if len(known) else (0.0, 0.0)
    return float(x), float(y)


def _places(around: FloatArray) -> FloatArray:
    angles = 2 * np.pi * around
    return np.column_stack([np.cos(angles), np.sin(angles)])


FittedColumn = NumberColumn | CycleColumn | CategoryColumn


def is_date(fitted: FittedColumn) -> bool:
    """Whether a column's cells are dates, however they are used."""
    return isinstance(fitted, CycleColumn) or (isinstance(fitted, NumberColumn) and fitted.role is Role.DATE)


# The order in which kinds of columns stand in the matrix.
KINDS_IN_ORDER: tuple[type[NumberColumn] | type[CycleColumn] | type[CategoryColumn], ...] = (
    NumberColumn,
    CycleColumn,
    CategoryColumn,
)


def fit_column(spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> FittedColumn:
    """Learn how one column is to be encoded.

    Raises
    ------
    SegmenterError
        If a number is too large to use, or what is to be filled in is no number.
    """
    scaling = spec.scaling or scaling
    if spec.role is Role.CATEGORY:
        return CategoryColumn.fitted(spec, values, scaling)
    if spec.role is Role.DATE and spec.date_use in CYCLES:
        return CycleColumn.fitted(spec, values, scaling)
    return NumberColumn.fitted(spec, values, scaling)


@dataclass(frozen=True)
class LumpedLevels:
    """A category as it would be prepared.

    Attributes
    ----------
    kept
        (value, share of the customers that have one, 0-1), commonest first.
    n_gathered, gathered_share
        How many other values count together, and how many customers have one of them, 0-1.
    factor
        What each indicator is multiplied by so that the column counts as much as a standardised number.
    """

    kept: tuple[tuple[str, float], ...]
    n_gathered: int
    gathered_share: float
    factor: float


def lumped_levels(dataset: Dataset, spec: FeatureSpec, scaling: Scaling) -> LumpedLevels | None:
    """Return what becomes of a category's values; None for other columns."""
    values = dataset.frame[spec.column]
    fitted = fit_column(spec, values, scaling)
    if not isinstance(fitted, CategoryColumn):
        return None
    shares = to_category(values).dropna().value_counts(normalize=True)
    kept = tuple((value, float(shares.get(value, 0.0))) for value in fitted.categories)
    gathered = shares.drop([value for value, _ in kept if value in shares.index])
    return LumpedLevels(kept, len(gathered), float(gathered.sum()), fitted.factor)


# Twice the size below which a group could point at a person, so that few groups fall under it.
CUSTOMERS_PER_GROUP = 2 * config.SMALL_GROUP
MOST_GROUPS = 64
NEIGHBOURS = 5
# A customer that lies on a group's mean gets that mean, not a division by zero.
_NEAR_ZERO = 1e-9
# 10,000 customers and 64 groups make 5 MB of distances.
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class NeighbourImputer:
    """Means of small groups of similar customers, in which missing values are looked up.

    Attributes
    ----------
    groups
        Shape (n_groups, n_numbers), scaled; each the mean of at least `config.SMALL_GROUP` customers.
    """

    groups: FloatArray

    def filled(self, scaled: FloatArray, asking: BoolArray) -> FloatArray:
        """Return `scaled` with the gaps of the asking columns filled from the nearest groups.

        The fill is the mean of the five nearest groups, weighted by one over their squared distance in the
        columns that the customer has; a customer without any value gets the mean of all groups.
        """
        result = scaled.copy()
        gaps = np.isnan(scaled)
        asked = np.flatnonzero((gaps & asking).any(axis=1))
        # Customers with the same gaps are looked up together; there are few ways to have gaps.
        patterns, which = np.unique(gaps[asked], axis=0, return_inverse=True)
        for number, gap in enumerate(patterns):
            rows = asked[which.reshape(-1) == number]
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[start : start + _ROWS_AT_ONCE]
                result[np.ix_(some, gap & asking)] = self._looked_up(scaled[some], gap)[:, (gap & asking)[gap]]
        return result

    def _looked_up(self, customers: FloatArray, gap: BoolArray) -> FloatArray:
        """Return the values of the columns in `gap`, shape (n_customers, n_gaps)."""
        wanted = self.groups[:, gap]
        if gap.all():
            return np.tile(wanted.mean(axis=0), (len(customers), 1))
        # One column, then one neighbour at a time: elementwise sums give a customer the same fill to the last
        # bit whether it comes alone or among a million; a matrix product would not promise that.
        squared = np.zeros((len(customers), len(self.groups)))
        for column in np.flatnonzero(~gap):
            squared += (customers[:, [column]] - self.groups[:, column]) ** 2
        nearest = np.argsort(squared, axis=1, kind="stable")[:, :NEIGHBOURS]
        total, weights = np.zeros((len(customers), wanted.shape[1])), np.zeros((len(customers), 1))
        for group in nearest.T:
            weight = 1.0 / (squared[np.arange(len(customers)), group] + _NEAR_ZERO)[:, None]
            total += weight * wanted[group]
            weights += weight
        return np.asarray(total / weights)


def fit_neighbour_imputer(scaled: FloatArray) -> NeighbourImputer | None:
    """Group the customers that have every number; None when there are too few to hide one in a group."""
    complete = scaled[~np.isnan(scaled).any(axis=1)]
    if not scaled.shape[1]:
        return None
    complete = complete[np.lexsort(complete.T[::-1])]  # the file's order of rows must not matter
    n_groups = min(MOST_GROUPS, len(complete) // CUSTOMERS_PER_GROUP)
    if n_groups < 1:
        return None
    fit = fit_kmeans(complete, min(n_groups, len(np.unique(complete, axis=0))), seed=config.DEFAULT_SEED)
    large = np.bincount(fit.labels, minlength=len(fit.centres)) >= config.SMALL_GROUP
    return NeighbourImputer(fit.centres[large]) if large.any() else None
