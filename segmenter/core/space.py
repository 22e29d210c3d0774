"""What does each column of the prepared matrix come from, and how are its rows segmented?"""

from segmenter.algorithms.clusterer import SegmentClusterer
from segmenter.algorithms.space import PreparedColumn, Space
from segmenter.core.encoding import CategoryColumn, CycleColumn, FittedColumn
from segmenter.core.preparation import Preparation
from segmenter.core.recipe import Recipe
from segmenter.progress import Progress


def space_of(preparation: Preparation) -> Space:
    """Return what a method that treats numbers and categories differently has to know, one per prepared column."""
    columns = {each.column: each for each in preparation.columns_}
    numbers = {column: number for number, column in enumerate(columns)}
    # Whether a value is missing is a column of its own, and no part of the column's own categories.
    return tuple(
        PreparedColumn(len(columns) + numbers[column], columns[column].weight)
        if columns[column].indicator and name == columns[column].names[-1]
        else _own(columns[column], numbers[column])
        for column, name in preparation.owned_names_
    )


def clusterer_for(recipe: Recipe, space: Space | None, progress: Progress) -> SegmentClusterer:
    """Return the clusterer, not fitted yet, that forms a recipe's segments.

    Every part has to be given: a method for mixed data that does not know what the columns come from is another
    method.

    Parameters
    ----------
    space
        What `space_of` says of the fitted preparation; None for a matrix of which nothing is known.
    """
    return SegmentClusterer(recipe.algorithm, recipe.n_segments, recipe.seed, dict(recipe.settings), progress, space)


def _own(column: FittedColumn, number: int) -> PreparedColumn:
    if isinstance(column, CategoryColumn):
        # Two indicators change, each by its height.
        return PreparedColumn(number, column.weight, mismatch=2.0 * column.factor * column.weight)
    if isinstance(column, CycleColumn):
        return PreparedColumn(number, column.weight, parts=2)
    return PreparedColumn(number, column.weight)
