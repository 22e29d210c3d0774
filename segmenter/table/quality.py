"""Data quality: missing pattern and duplicates."""

from itertools import pairwise

import numpy as np
import pandas as pd

from segmenter.table.dataset import ColumnKind, Dataset

STRIPES = 50


def missing_pattern(dataset: Dataset) -> pd.DataFrame:
    """Return the share missing, 0-1: a row per stretch of the file (by its first row), a column per gappy column."""
    gappy = [column.name for column in dataset.columns if column.missing]
    absent = dataset.frame[gappy].isna()
    edges = np.unique(np.linspace(0, len(absent), min(STRIPES, len(absent)) + 1).astype(int))
    stripes = [absent.iloc[start:end].mean() for start, end in pairwise(edges)]
    return pd.DataFrame(stripes, index=edges[:-1] + 1)


def count_duplicates(dataset: Dataset) -> int:
    """Return how many rows repeat an earlier one in every column that is not an identifier."""
    compared = [column.name for column in dataset.columns if column.kind is not ColumnKind.IDENTIFIER]
    return int(dataset.frame[compared].duplicated().sum()) if compared else 0
