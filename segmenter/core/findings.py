"""What is worth a look in the chosen columns, before any segment is formed?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segmenter import config
from segmenter.core.category_column import CategoryColumn
from segmenter.core.dataset import Dataset
from segmenter.core.encoding import FittedColumn, fit_column
from segmenter.core.features import CorrelatedPair, correlated_pairs
from segmenter.core.numbering import check_size, numbers_of
from segmenter.core.outliers import find_outliers
from segmenter.core.previews import ShapePair, proposed_shapes
from segmenter.core.recipe import FeatureSpec, Recipe, Role, Scaling
from segmenter.core.structure import structureless_columns
from segmenter.core.thinning import thinned
from segmenter.errors import SegmenterError, TooManyCategoriesError

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


def find_hints(dataset: Dataset, recipe: Recipe) -> Findings:
    """Look for skewed, redundant and structureless columns among at most 100,000 customers, and for problems."""
    some = thinned(dataset, FINDING_ROWS)
    fitted, problems = _tried(dataset, some, recipe.segmenting)
    features = tuple(spec for spec in recipe.features if spec.column in fitted)
    counts = {name: len(each.names) for name, each in fitted.items() if isinstance(each, CategoryColumn)}
    if sum(counts.values()) > config.MAX_CATEGORIES_TOTAL:
        problems.append(TooManyCategoriesError(counts, config.MAX_CATEGORIES_TOTAL))
    return Findings(
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
                check_size(spec.column, values, numbers_of(values, spec.role))
            fitted[spec.column] = fit_column(spec, some.frame[spec.column], Scaling.NONE)
        except SegmenterError as error:
            problems.append(error)
    return fitted, problems
