"""Columns that already have a type, as numbers or text."""

from decimal import Decimal

import numpy as np
import pandas as pd

from segmenter.table.infer.cells import TEXT
from segmenter.table.infer.numbers import LARGEST_EXACT


def as_numbers(column: pd.Series) -> np.ndarray | None:
    """Return numbers, booleans and decimals as float64 with NaN; None when the column holds anything else.

    Whole numbers beyond 2^53 stay out: float64 would take different ones for equal.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return None
    kind = pd.api.types.infer_dtype(column, skipna=True) if column.dtype == object else ""
    if not (pd.api.types.is_numeric_dtype(column.dtype) or kind in _NUMERIC_OBJECTS):
        return _from_timedelta(column)
    if _is_whole(column, kind) and _largest(column) > LARGEST_EXACT:
        return None
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


_NUMERIC_OBJECTS = frozenset({"integer", "floating", "mixed-integer-float", "decimal", "boolean"})


def _from_timedelta(column: pd.Series) -> np.ndarray | None:
    if not pd.api.types.is_timedelta64_dtype(column.dtype):
        return None
    return np.asarray(column.dt.total_seconds() / 86_400, dtype=np.float64)


def _is_whole(column: pd.Series, kind: str) -> bool:
    return kind == "integer" or pd.api.types.is_integer_dtype(column.dtype)


def _largest(column: pd.Series) -> int:
    held = column.dropna()
    return max(abs(int(held.max())), abs(int(held.min()))) if len(held) else 0


def as_text(column: pd.Series) -> pd.Series:
    """Return any column as pandas text; cells that are no text are written out."""
    if column.dtype == TEXT:
        return column
    if pd.api.types.is_string_dtype(column.dtype) and column.dtype != object:
        return column.astype(TEXT)
    written = [None if _is_missing(cell) else _written(cell) for cell in column.astype(object)]
    return pd.Series(written, dtype=TEXT)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell))


def _written(cell: object) -> str:
    if isinstance(cell, str):
        # A lone half of a surrogate pair has no UTF-8 form.
        return cell.encode("utf-8", "replace").decode("utf-8")
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT:
        return str(int(cell))
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
