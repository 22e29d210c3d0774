"""Which values of a category count themselves, and which are gathered?"""

from dataclasses import dataclass

from segmenter.core.category_column import CategoryColumn
from segmenter.core.dataset import Dataset
from segmenter.core.encoding import fit_column
from segmenter.core.numbering import texts_of
from segmenter.core.recipe import FeatureSpec, Scaling


@dataclass(frozen=True)
class Gathering:
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


def gathering(dataset: Dataset, spec: FeatureSpec, scaling: Scaling) -> Gathering | None:
    """Return what becomes of a category's values; None for other columns."""
    values = dataset.frame[spec.column]
    fitted = fit_column(spec, values, scaling)
    if not isinstance(fitted, CategoryColumn):
        return None
    shares = texts_of(values).dropna().value_counts(normalize=True)
    kept = tuple((value, float(shares.get(value, 0.0))) for value in fitted.categories)
    gathered = shares.drop([value for value, _ in kept if value in shares.index])
    return Gathering(kept, len(gathered), float(gathered.sum()), fitted.factor)
