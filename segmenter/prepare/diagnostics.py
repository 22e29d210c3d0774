"""Diagnostics of the chosen columns before segments are formed: skew, redundancy, structure, outliers, previews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from diptest import dipstat

from segmenter import config
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import TooManyCategoriesError
from segmenter.measures.association import association
from segmenter.measures.borders import jitter_discrete
from segmenter.prepare.coerce import absent, check_size, is_constant, to_category, to_numeric, without_unknown
from segmenter.prepare.encoders import CategoryColumn, FittedColumn, NumberColumn, fit_column
from segmenter.prepare.preparation import Preparation, Prepared
from segmenter.prepare.suggest import CorrelatedPair, correlated_pairs, missing_choices, skewed_columns
from segmenter.prepare.transforms import NORMAL_IQR, recommended_transform, skewness
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.sampling import systematic_sample
from segmenter.table.dataset import ColumnKind, Dataset, subsample
from segmenter.typing import BoolArray, FloatArray, IntArray

# Tukey (1977) calls a value far out that lies this many interquartile ranges beyond the quartiles; of a normal
# distribution that is one value in 425,000.
FAR_OUT = 3.0


@dataclass(frozen=True, eq=False)
class Outliers:
    """The customers whose number in a column is far out.

    Attributes
    ----------
    low, high
        The fences, in the column's own units (days or years for a date).
    quartiles
        First quartile, median and third quartile, in the column's own units.
    whiskers
        The smallest and the largest number within the fences: a fence may lie where no number can be.
    rows
        Positions of the customers beyond them, shape (n_outliers,), the farthest first.
    values
        Their numbers, in the same order.
    """

    column: str
    low: float
    high: float
    quartiles: tuple[float, float, float]
    whiskers: tuple[float, float]
    rows: IntArray
    values: FloatArray

    @property
    def fences_in_words(self) -> str:
        """Beyond which of the fences there are customers: "below 2 or above 80", "above 80"."""
        sides = (
            f"below {self.low:,.6g}" if (self.values < self.quartiles[1]).any() else "",
            f"above {self.high:,.6g}" if (self.values > self.quartiles[1]).any() else "",
        )
        return " or ".join(filter(None, sides))


def find_outliers(dataset: Dataset, spec: FeatureSpec) -> Outliers | None:
    """Look for numbers far out of a column as it is used: after its logarithm or power, before any cap.

    Returns
    -------
    Outliers or None
        None where the column is no number, or has no more than two values: a rare yes is not far out.
    """
    values = dataset.frame[spec.column]
    plain = replace(spec, cap=None, missing=Missing.MEDIAN)
    fitted = fit_column(plain, values, Scaling.NONE)
    if not isinstance(fitted, NumberColumn) or spec.role is Role.ORDINAL:
        return None
    numbers = fitted.numbers(values)
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct) <= 2 or is_constant(numbers):
        return None
    drawn = fitted.transformed(numbers)
    known = np.sort(drawn[~np.isnan(drawn)])
    quartiles = np.quantile(known, [0.25, 0.5, 0.75])
    low, high = _fences(known, float(quartiles[0]), float(quartiles[2]))
    beyond = np.fmax(low - drawn, drawn - high)
    rows = np.flatnonzero(beyond > 0)
    rows = rows[np.argsort(-beyond[rows], kind="stable")]
    back = fitted.untransformed(np.array([low, high, *quartiles])).tolist()
    within = numbers[beyond <= 0]
    whiskers = float(within.min()), float(within.max())
    return Outliers(spec.column, back[0], back[1], (back[2], back[3], back[4]), whiskers, rows, numbers[rows])


def named_rows(dataset: Dataset, outliers: Outliers, most: int) -> pd.DataFrame:
    """Return the farthest customers by name: row of the file, identifier where there is one, and the value."""
    rows = outliers.rows[:most]
    named: dict[str, Sequence[object]] = {"Row": [int(row) + 1 for row in rows]}
    for column in dataset.columns:
        if column.kind is ColumnKind.IDENTIFIER:
            named[column.name] = [str(cell) for cell in dataset.original[column.name].iloc[rows]]
            break
    shown = dataset.original[outliers.column].iloc[rows]
    return pd.DataFrame({**named, outliers.column: shown.to_list()})


def _fences(known: FloatArray, lower: float, upper: float) -> tuple[float, float]:
    # A column that is half zeros has no interquartile range; a normal one of its deviation serves then.
    room = FAR_OUT * ((upper - lower) or NORMAL_IQR * known.std())
    return float(lower - room), float(upper + room)


# A customer is set aside who lies so many robust standard deviations out in at least so many columns at once ...
FAR_SIGMAS, _FEWEST_COLUMNS = 5.0, 2
# ... and these are at most this share of all: more are a group of their own.
MOST_SET_ASIDE = 0.03
_FEWEST_CUSTOMERS = 20


@dataclass(frozen=True)
class CustomerFarOut:
    """A customer far out in several columns at once.

    Attributes
    ----------
    row
        Position in the file, from 0.
    columns
        Those in which the customer lies far out, the farthest first.
    """

    row: int
    columns: tuple[str, ...]


def customers_far_out(dataset: Dataset, recipe: Recipe) -> tuple[CustomerFarOut, ...]:
    """Return the customers to set aside for the evidence, the farthest first; they stay in the result.

    Distances are robust standard deviations from the median after the columns' transforms, in numbers of more than two
    values. Where more than 3 % of the customers lie so far out, none is set aside: they are a group.
    """
    distances: dict[str, FloatArray] = {}
    for spec in recipe.segmenting:
        if spec.role is not Role.NUMBER or dataset.n_customers < _FEWEST_CUSTOMERS:
            continue
        values = dataset.frame[spec.column]
        fitted = fit_column(replace(spec, cap=None, missing=Missing.MEDIAN), values, Scaling.NONE)
        if not isinstance(fitted, NumberColumn):
            continue
        numbers = fitted.transformed(fitted.numbers(values))
        known = numbers[~np.isnan(numbers)]
        if len(np.unique(known)) <= 2 or is_constant(known):
            continue
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        # A column that is half zeros has no interquartile range.
        spread = (high - low) / NORMAL_IQR or known.std()
        distances[spec.column] = np.nan_to_num(np.abs(numbers - middle) / spread)
    if len(distances) < _FEWEST_COLUMNS:
        return ()
    names, far = list(distances), np.column_stack(list(distances.values()))
    rows = np.flatnonzero((far > FAR_SIGMAS).sum(axis=1) >= _FEWEST_COLUMNS)
    if len(rows) > MOST_SET_ASIDE * dataset.n_customers:
        return ()
    rows = rows[np.argsort(-far[rows].sum(axis=1), kind="stable")]
    return tuple(
        CustomerFarOut(int(row), tuple(names[at] for at in np.argsort(-far[row]) if far[row, at] > FAR_SIGMAS))
        for row in rows
    )


# Pictures of more customers look the same.
PREVIEW_ROWS = 20_000
# Proposals are made anew whenever the page is drawn; the skewness of so many customers says enough.
PROPOSAL_ROWS = 5_000
BARS = 24
# So many values of a category are drawn, the others together.
VALUES_DRAWN = 8
OTHERS = "all others"


@dataclass(frozen=True, eq=False)
class FillPreview:
    """One way to treat a column's missing values.

    Attributes
    ----------
    known, filled
        Shape (n_bars,): customers per bar that have a value, and those that one is filled in for.
    n_left_out
        Customers that are left out.
    mean, deviation
        Of the column afterwards, in its own units; None for categories.
    """

    choice: Missing
    known: IntArray
    filled: IntArray
    n_left_out: int
    mean: float | None = None
    deviation: float | None = None


@dataclass(frozen=True, eq=False)
class FillPreviews:
    """Every way to treat a column's missing values, side by side.

    Attributes
    ----------
    bars
        What each bar holds: the middle of a stretch of numbers, or a value's name.
    before
        The column as it is, gaps left open.
    """

    column: str
    bars: tuple[float, ...] | tuple[str, ...]
    before: FillPreview
    choices: tuple[FillPreview, ...]


@dataclass(frozen=True, eq=False)
class ShapePreview:
    """One way to draw in a column's long tail.

    Attributes
    ----------
    middles, counts
        Shape (BARS,): where each bar stands, in transformed units, and how many customers it holds.
    skewness
        Afterwards; 0 is symmetric.
    """

    transform: Transform
    middles: FloatArray
    counts: IntArray
    skewness: float


# A column as it is, and in another shape.
ShapePair = tuple[ShapePreview, ShapePreview]


def fill_previews(dataset: Dataset, recipe: Recipe, column: str) -> FillPreviews | None:
    """Try every treatment of a column's missing values; None where none is missing, or it is a circle of dates."""
    spec = next(each for each in recipe.segmenting if each.column == column)
    some = subsample(dataset, PREVIEW_ROWS)
    values = some.frame[column]
    gaps = absent(values, spec)
    fitted = fit_column(replace(spec, missing=Missing.DROP), values, Scaling.NONE)
    if not gaps.any() or gaps.all():
        return None
    if isinstance(fitted, CategoryColumn):
        return _of_words(spec, values, gaps)
    return _of_numbers(spec, recipe, some, fitted, gaps) if isinstance(fitted, NumberColumn) else None


def shape_previews(dataset: Dataset, spec: FeatureSpec) -> tuple[ShapePreview, ...]:
    """Draw a column of numbers as it is, by its logarithm and by Yeo-Johnson's power, after its caps."""
    values = subsample(dataset, PREVIEW_ROWS).frame[spec.column]
    return tuple(_shape(replace(spec, transform=transform), values) for transform in Transform)


def proposed_shapes(
    dataset: Dataset, features: tuple[FeatureSpec, ...]
) -> dict[str, tuple[ShapePreview, ShapePreview]]:
    """Return strongly skewed number columns, each as it is and in the shape that is proposed for it.

    Columns that no transform evens out are not among them.
    """
    some = subsample(dataset, PROPOSAL_ROWS)
    skewed = skewed_columns(some, features)
    found = {}
    for spec in features:
        if spec.column in skewed:
            values = some.frame[spec.column]
            numbers = without_unknown(to_numeric(values, spec.role), spec.unknown)
            transform, _, _ = recommended_transform(numbers[~np.isnan(numbers)])
            if transform is not Transform.NONE:
                before, after = (_shape(replace(spec, transform=each), values) for each in (Transform.NONE, transform))
                found[spec.column] = (before, after)
    return found


def _shape(spec: FeatureSpec, values: pd.Series) -> ShapePreview:
    fitted = fit_column(spec, values, Scaling.NONE)
    assert isinstance(fitted, NumberColumn)
    numbers = fitted.numbers(values)
    known = fitted.scaled(numbers[~np.isnan(numbers)]) / fitted.weight
    counts, edges = np.histogram(known, BARS)
    return ShapePreview(spec.transform, _middles(edges), counts, skewness(known))


def _of_numbers(
    spec: FeatureSpec, recipe: Recipe, dataset: Dataset, fitted: NumberColumn, gaps: BoolArray
) -> FillPreviews:
    known = fitted.numbers(dataset.frame[spec.column])[~gaps]
    per_choice = {
        choice: _filled_numbers(replace(spec, missing=choice), recipe, dataset, gaps) for choice in _choices(spec)
    }
    edges = np.histogram_bin_edges(np.concatenate([known, *per_choice.values()]), BARS)
    counted = np.histogram(known, edges)[0]
    choices = [_number_preview(choice, known, filled, edges, int(gaps.sum())) for choice, filled in per_choice.items()]
    before = FillPreview(Missing.DROP, counted, np.zeros_like(counted), 0, float(known.mean()), float(known.std()))
    return FillPreviews(spec.column, tuple(_middles(edges).tolist()), before, tuple(choices))


def _filled_numbers(spec: FeatureSpec, recipe: Recipe, dataset: Dataset, gaps: BoolArray) -> FloatArray:
    """Return what is filled in, in own units, one number per gap."""
    if spec.missing is Missing.DROP:
        return np.empty(0)
    values = dataset.frame[spec.column]
    if spec.missing is not Missing.KNN:
        fitted = fit_column(spec, values, Scaling.NONE)
        return np.full(int(gaps.sum()), fitted.fill if isinstance(fitted, NumberColumn) else np.nan)
    # Similar customers are looked up by all columns.
    others = tuple(spec if each.column == spec.column else each for each in recipe.segmenting)
    preparation = Preparation(others, recipe.scaling).fit(dataset.frame)
    prepared = preparation.transform(dataset.frame[gaps])
    return np.asarray(preparation.in_own_units(prepared)[spec.column].to_numpy(dtype=np.float64))


def _number_preview(
    choice: Missing, known: FloatArray, filled: FloatArray, edges: FloatArray, n_gaps: int
) -> FillPreview:
    after = np.concatenate([known, filled])
    return FillPreview(
        choice,
        np.histogram(known, edges)[0],
        np.histogram(filled, edges)[0],
        n_gaps if choice is Missing.DROP else 0,
        float(after.mean()),
        float(after.std()),
    )


def _of_words(spec: FeatureSpec, values: pd.Series, gaps: BoolArray) -> FillPreviews:
    counts = to_category(values).dropna().value_counts()
    shown = [str(value) for value in counts.index[:VALUES_DRAWN]]
    fills = {choice: _word_filled(replace(spec, missing=choice), values) for choice in _choices(spec)}
    bars = tuple(dict.fromkeys([*shown, *(fill for fill in fills.values() if fill), OTHERS]))
    known = np.array([*(int(counts.get(bar, 0)) for bar in bars[:-1]), 0])
    known[-1] = int(counts.sum()) - int(known.sum())
    previews = [_word_preview(choice, fill, bars, known, int(gaps.sum())) for choice, fill in fills.items()]
    before = FillPreview(Missing.DROP, known, np.zeros_like(known), 0)
    return FillPreviews(spec.column, bars, before, tuple(previews))


def _choices(spec: FeatureSpec) -> tuple[Missing, ...]:
    """Return the treatments to try; a value of the user's own only once there is one."""
    possible = missing_choices(spec.role)
    return tuple(each for each in possible if each is not Missing.CONSTANT or spec.missing is Missing.CONSTANT)


def _word_filled(spec: FeatureSpec, values: pd.Series) -> str:
    fitted = fit_column(spec, values, Scaling.NONE)
    return "" if spec.missing is Missing.DROP else str(fitted.fill)


def _word_preview(choice: Missing, fill: str, bars: Sequence[str], known: IntArray, n_gaps: int) -> FillPreview:
    filled = np.array([n_gaps if fill and bar == fill else 0 for bar in bars])
    return FillPreview(choice, known, filled, 0 if fill else n_gaps)


def _middles(edges: FloatArray) -> FloatArray:
    return np.asarray((edges[1:] + edges[:-1]) / 2)


@dataclass(frozen=True)
class Influence:
    """One column's part in the distances between customers.

    Attributes
    ----------
    share
        Of the mean squared distance between two customers, 0-1; all columns' shares add up to 1.
    n_prepared
        How many numbers the column became.
    """

    column: str
    share: float
    n_prepared: int


def column_influence(prepared: Prepared) -> tuple[Influence, ...]:
    """Return what each column contributes to the distances, most first.

    The mean squared difference of two customers in a prepared column is twice its variance, and squared
    differences add up.
    """
    owners = [owner for owner, _ in prepared.preparation.owned_names_]
    variances = prepared.X.var(axis=0)
    total = float(variances.sum()) or 1.0
    found = [
        Influence(
            column=column,
            share=float(sum(variances[place] for place, owner in enumerate(owners) if owner == column)) / total,
            n_prepared=owners.count(column),
        )
        for column in dict.fromkeys(owners)
    ]
    return tuple(sorted(found, key=lambda each: (-np.round(each.share, 12), each.column)))


# Looked at whenever the page is drawn; more customers only show weaker dependence.
STRUCTURE_ROWS = 2_000
# In a wide file fewer do, so that the time stays at some seconds for 500 columns.
FEWEST_ROWS, MOST_CELLS = 500, 100_000
# With fewer customers, not seeing a dependence says little.
FEWEST_CUSTOMERS = 100
# √n · dip is below this for more than 99.5 % of samples of a uniform distribution (2,000 draws of 1,000 values:
# 0.644), which of all distributions with one peak looks most as if it had two.
ONE_PEAK = 0.66
# A dependence is there when chance would show such a table among all pairs less than once in 100 files, and it
# is more than a trace (Cohen 1988 calls 0.1 small).
CHANCE, TRACE = 0.01, 0.1
_BINS, _WORDS = 5, 8


def structureless_columns(dataset: Dataset, recipe: Recipe) -> tuple[str, ...]:
    """Return the columns that tell customers apart without grouping them, in file order.

    Groups that differ in a column give it several peaks, or make it depend on the other columns in which they
    differ. A column with neither adds the same noise to all distances. Categories are never named: they have
    no peaks.
    """
    specs = [spec for spec in recipe.features if spec.segments]
    wanted = max(FEWEST_ROWS, min(STRUCTURE_ROWS, MOST_CELLS // max(len(specs), 1)))
    rows = systematic_sample(dataset.n_customers, wanted)
    values = {spec.column: dataset.frame[spec.column].iloc[rows] for spec in specs}
    codes = {spec.column: _codes(spec, values[spec.column]) for spec in specs}
    varying = [spec for spec in specs if codes[spec.column].max() > 0]
    if len(varying) < 2 or len(rows) < FEWEST_CUSTOMERS:
        return ()
    found = association([codes[spec.column] for spec in varying])
    n_pairs = len(varying) * (len(varying) - 1) / 2
    told = (found.strength >= TRACE) & (found.chance < CHANCE / n_pairs)
    return tuple(
        spec.column
        for place, spec in enumerate(varying)
        if not told[place].any() and _has_one_peak(spec, values[spec.column])
    )


def _numbers(spec: FeatureSpec, values: pd.Series) -> FloatArray | None:
    fitted = fit_column(spec, values, Scaling.NONE)
    if not isinstance(fitted, NumberColumn):
        return None
    return fitted.scaled(fitted.numbers(values))


def _codes(spec: FeatureSpec, values: pd.Series) -> IntArray:
    """Return which fifth of the numbers, or which of the commonest values, each customer has; gaps are a group."""
    numbers = _numbers(spec, values)
    if numbers is None:
        texts = to_category(values)
        common = pd.Index(texts.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:_WORDS])
        return _without_gaps(common.get_indexer(pd.Index(texts)) + 1)
    known = numbers[~np.isnan(numbers)]
    if is_constant(numbers):
        return np.zeros(len(numbers), dtype=np.intp)
    borders = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return _without_gaps(np.where(np.isnan(numbers), 0, 1 + np.searchsorted(borders, numbers)))


def _without_gaps(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


def _has_one_peak(spec: FeatureSpec, values: pd.Series) -> bool:
    numbers = _numbers(spec, values)
    if numbers is None:
        return False
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(known) < FEWEST_CUSTOMERS or len(np.unique(known)) <= 2:
        return False
    spread = jitter_discrete(known[:, None], np.random.default_rng(0))[:, 0]
    # Hartigan's dip; the library's is compiled, and 60 times as quick as one in NumPy.
    return bool(dipstat(spread) * np.sqrt(len(spread)) < ONE_PEAK)


# Correlations of more customers are the same to two digits.
DIAGNOSTIC_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class ColumnDiagnostics:
    """What stands out in the chosen columns.

    Attributes
    ----------
    shapes
        Strongly skewed columns, each as it is and in the shape proposed for it.
    pairs
        Columns that carry nearly the same information, the most alike first.
    structureless
        Columns that show no sign of groups.
    far_out
        Per column of numbers or dates: the share of the customers that lie far out, 0-1, where some do.
    problems
        What would keep segments from being formed; the columns concerned are not looked at further.
    """

    shapes: Mapping[str, ShapePair]
    pairs: tuple[CorrelatedPair, ...]
    structureless: tuple[str, ...]
    far_out: Mapping[str, float]
    problems: tuple[SegmenterError, ...] = ()


def column_diagnostics(dataset: Dataset, recipe: Recipe) -> ColumnDiagnostics:
    """Look for skewed, redundant and structureless columns among at most 100,000 customers, and for problems."""
    some = subsample(dataset, DIAGNOSTIC_ROWS)
    fitted, problems = _tried(dataset, some, recipe.segmenting)
    features = tuple(spec for spec in recipe.features if spec.column in fitted)
    counts = {name: len(each.names) for name, each in fitted.items() if isinstance(each, CategoryColumn)}
    if sum(counts.values()) > config.MAX_CATEGORIES_TOTAL:
        problems.append(TooManyCategoriesError(counts, config.MAX_CATEGORIES_TOTAL))
    return ColumnDiagnostics(
        shapes=proposed_shapes(some, features),
        pairs=correlated_pairs(some, features),
        structureless=structureless_columns(some, replace(recipe, features=features)),
        far_out=_far_out(some, tuple(spec for spec in features if spec.segments)),
        problems=tuple(problems),
    )


def _far_out(some: Dataset, specs: tuple[FeatureSpec, ...]) -> dict[str, float]:
    found = {spec.column: find_outliers(some, spec) for spec in specs if spec.role in (Role.NUMBER, Role.DATE)}
    return {name: len(each.rows) / some.n_customers for name, each in found.items() if each and len(each.rows)}


def _tried(
    dataset: Dataset, some: Dataset, specs: tuple[FeatureSpec, ...]
) -> tuple[dict[str, FittedColumn], list[SegmenterError]]:
    fitted: dict[str, FittedColumn] = {}
    problems: list[SegmenterError] = []
    for spec in specs:
        values = dataset.frame[spec.column]
        try:
            if spec.role is Role.NUMBER:
                check_size(spec.column, values, to_numeric(values, spec.role))
            fitted[spec.column] = fit_column(spec, some.frame[spec.column], Scaling.NONE)
        except SegmenterError as error:
            problems.append(error)
    return fitted, problems
