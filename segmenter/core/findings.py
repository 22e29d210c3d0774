"""What is worth a look in the chosen columns, before any segment is formed?"""

from collections.abc import Mapping
from dataclasses import dataclass

from segmenter.core.dataset import Dataset
from segmenter.core.features import CorrelatedPair, correlated_pairs
from segmenter.core.previews import ShapePair, proposed_shapes
from segmenter.core.recipe import Recipe
from segmenter.core.structure import structureless_columns
from segmenter.core.thinning import thinned

# Correlations of more customers are the same to two digits.
FINDING_ROWS = 100_000


@dataclass(frozen=True, eq=False)
class Findings:
    """What stands out in the chosen columns.

    Attributes
    ----------
    shapes
        Strongly skewed columns, each as it is and in the shape proposed for it.
    pairs
        Columns that carry nearly the same information, the most alike first.
    structureless
        Columns that show no sign of groups.
    """

    shapes: Mapping[str, ShapePair]
    pairs: tuple[CorrelatedPair, ...]
    structureless: tuple[str, ...]


def find_hints(dataset: Dataset, recipe: Recipe) -> Findings:
    """Look for skewed, redundant and structureless columns among at most 100,000 customers."""
    some = thinned(dataset, FINDING_ROWS)
    return Findings(
        shapes=proposed_shapes(some, recipe.features),
        pairs=correlated_pairs(some, recipe.features),
        structureless=structureless_columns(some, recipe),
    )
