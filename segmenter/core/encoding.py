"""How does one column become numbers that distances can be taken of?"""

import pandas as pd

from segmenter.core.category_column import CategoryColumn as CategoryColumn
from segmenter.core.cycle_column import CycleColumn as CycleColumn
from segmenter.core.number_column import NumberColumn as NumberColumn
from segmenter.core.numbering import Floats as Floats
from segmenter.core.numbering import is_constant as is_constant
from segmenter.core.recipe import CYCLES, FeatureSpec, Role, Scaling

FittedColumn = NumberColumn | CycleColumn | CategoryColumn
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
