"""Previews of a choice: a column's distribution before and after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segmenter.prepare.coerce import absent, to_category, to_numeric, without_unknown
from segmenter.prepare.encoders import CategoryColumn, NumberColumn, fit_column
from segmenter.prepare.preparation import Preparation
from segmenter.prepare.suggest import missing_choices, skewed_columns
from segmenter.prepare.transforms import recommended_transform, skewness
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Scaling, Transform
from segmenter.table.dataset import Dataset, subsample
from segmenter.typing import BoolArray, FloatArray, IntArray

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
