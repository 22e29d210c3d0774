"""What can a column be used as, and what can be done where its values are missing?"""

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.core.numbering import texts_of
from segmenter.core.recipe import Missing, Role

_ROLES = {
    ColumnKind.ORDERED: Role.ORDINAL,
    ColumnKind.YES_NO: Role.NUMBER,
    ColumnKind.CATEGORY: Role.CATEGORY,
    ColumnKind.DATE: Role.DATE,
}
# Words have no middle and no neighbours' mean; a number has no category of its own for what is missing.
_WORD_CHOICES = (Missing.DROP, Missing.MODE, Missing.CATEGORY, Missing.CONSTANT)
_NUMBER_CHOICES = (Missing.DROP, Missing.MEDIAN, Missing.MEAN, Missing.MODE, Missing.KNN, Missing.CONSTANT)


def can_segment(column: Column) -> bool:
    """Whether a column may form segments: everything may, but for personal data."""
    return column.kind is not ColumnKind.PERSONAL


def role_of(column: Column, dataset: Dataset) -> Role:
    """Return the role a column plays when it forms segments.

    An ordered category whose order nobody has said yet is one without order.
    """
    if column.kind is ColumnKind.ORDERED and not known_order(column, dataset):
        return Role.CATEGORY
    if column.kind in _ROLES:
        return _ROLES[column.kind]
    return Role.NUMBER if pd.api.types.is_numeric_dtype(dataset.frame[column.name]) else Role.CATEGORY


def default_role(column: Column, dataset: Dataset, *, widen: bool) -> Role:
    """Return the role a column plays unless the user says otherwise; `widen` lets categories form segments."""
    if column.kind in NUMERIC_KINDS:
        return Role.NUMBER
    if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.ORDERED):
        return role_of(column, dataset) if widen else Role.DESCRIPTOR
    if column.kind is ColumnKind.DATE:
        return Role.DESCRIPTOR
    return Role.ID if column.kind is ColumnKind.IDENTIFIER else Role.IGNORED


def known_order(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return an ordered category's values, lowest first: recognised words, or numbers; else nothing.

    Never alphabetical: where no order is recognised, the user is asked.
    """
    if column.levels or column.kind is not ColumnKind.ORDERED:
        return column.levels
    values = dataset.frame[column.name]
    if not pd.api.types.is_numeric_dtype(values) or column.distinct > config.MAX_CATEGORIES:
        return ()
    known = values[np.isfinite(values)]
    return tuple(texts_of(pd.Series(np.unique(known.to_numpy(dtype=np.float64)))))


def values_of(column: Column, dataset: Dataset) -> tuple[str, ...]:
    """Return a category's different values in the order in which the file brings them, at most 50."""
    found = texts_of(dataset.frame[column.name]).dropna().unique()
    return tuple(str(value) for value in found[: config.MAX_CATEGORIES])


def missing_choices(role: Role) -> tuple[Missing, ...]:
    """Return what can be done where a column of this role has no value; the second is the plainest filling."""
    return _WORD_CHOICES if role is Role.CATEGORY else _NUMBER_CHOICES


def possible_missing(role: Role, wanted: Missing) -> Missing:
    """Return a treatment of missing values as it is for this role.

    Categories have no middle: median, mean and neighbours become the most frequent value.
    """
    choices = missing_choices(role)
    return wanted if wanted in choices or role not in _FILLED else choices[1]


_FILLED = frozenset({Role.NUMBER, Role.CATEGORY, Role.ORDINAL, Role.DATE})
