"""Rare levels of a category that are lumped together."""

from dataclasses import dataclass

from segmenter.prepare.coerce import to_category
from segmenter.prepare.encoders import CategoryColumn, fit_column
from segmenter.recipe.recipe import FeatureSpec, Scaling
from segmenter.table.dataset import Dataset


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
