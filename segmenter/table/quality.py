"""Data quality: missing pattern and duplicates."""

from itertools import pairwise

import numpy as np
import pandas as pd

from segmenter.table.dataset import ColumnKind, Dataset

STRIPES = 50
# Every pair of so many columns is compared.
MOST_GAPPY = 100


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


def missing_together(dataset: Dataset) -> pd.DataFrame:
    """Return which columns' gaps go together: two columns, the correlation of their gaps, and how many have both.

    The correlation (phi) is 1 where the same customers lack both, 0 where gaps have nothing to do with each other.
    Columns without a gap, or without anything else, have none. The strongest pair comes first.
    """
    absent = dataset.frame.isna()
    gappy = [str(name) for name in absent if 0 < absent[name].sum() < len(absent)][:MOST_GAPPY]
    table = absent[gappy].to_numpy(dtype=np.float64)
    rows = []
    if len(gappy) > 1:
        correlation, both = np.corrcoef(table.T), table.T @ table
        for first in range(len(gappy)):
            for second in range(first + 1, len(gappy)):
                count = int(both[first, second])
                rows.append((gappy[first], gappy[second], float(correlation[first, second]), count))
    found = pd.DataFrame(rows, columns=["first", "second", "correlation", "both missing"])
    return found.sort_values("correlation", ascending=False, key=abs, kind="stable").reset_index(drop=True)
