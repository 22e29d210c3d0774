"""Segments beside labels that are known from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.forming import NoSharedLabelError, TooManyLabelsError, UnknownColumnError
from segmenter.measures.agreement import adjusted_rand_index, crosstab
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import IntArray

# A column with more values names customers rather than kinds of them.
MOST_LABELS: Final = 50
# What a model file holds of a text.
LONGEST_LABEL: Final = 200
_KINDS: Final = frozenset({ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.YES_NO})


@dataclass(frozen=True, eq=False)
class ExternalLabelComparison:
    """Segments beside known labels.

    Attributes
    ----------
    labels
        Every known label, the most frequent first.
    table
        Shape (n_segments, n_labels): customers in each segment with each label.
    mapping
        What each segment stands for, and how well that predicts a label.
    n_unlabelled
        Customers in a segment whose label is missing.
    formed_by_it
        Whether the column itself helped to form the segments, which flatters every figure.
    """

    labels: tuple[str, ...]
    table: IntArray
    mapping: MajorityLabelMap
    n_unlabelled: int
    formed_by_it: bool

    def as_table(self, names: Sequence[str]) -> pd.DataFrame:
        """Return one row per segment: its name, the label it stands for, and its customers by label."""
        shares = self.table.max(axis=1) / np.maximum(self.table.sum(axis=1), 1)
        counts = {f"{self.mapping.column}: {label}": self.table[:, n] for n, label in enumerate(self.labels)}
        return pd.DataFrame(
            {"Segment": list(names), "Stands for": list(self.mapping.labels), "Share of it": shares, **counts}
        )


def label_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that may hold known labels."""
    return tuple(
        column.name for column in dataset.columns if column.kind in _KINDS and 2 <= column.distinct <= MOST_LABELS
    )


def compare_external_labels(result: Result, column: str) -> ExternalLabelComparison:
    """Set the segments beside the labels in a column of the same file.

    The accuracy is measured on held-out rows, one at a time: each customer's label is predicted from its segment
    by the labels of all the others. Segments are formed without looking at labels, so nothing has to be formed
    again for that.

    Raises
    ------
    UnknownColumnError, TooManyLabelsError, NoSharedLabelError
        If the column cannot serve as labels.
    """
    known = external_labels(result.dataset, column)
    segments = result.segmentation.labels.to_numpy(dtype=np.intp)
    both = (segments >= 0) & known.notna().to_numpy()
    labels, common = _by_frequency(known[both], column)
    codes = pd.Index(labels).get_indexer(pd.Index(known[both])).astype(np.intp)
    table = _table(segments[both], codes, (result.segmentation.n_segments, len(labels)))
    return ExternalLabelComparison(
        labels=labels,
        table=table,
        mapping=MajorityLabelMap(
            column=column,
            labels=tuple(labels[place] for place in majority_labels(table, common)),
            accuracy=held_out_accuracy(table, common),
            baseline=float(table.sum(axis=0)[0] / table.sum()),
            agreement=adjusted_rand_index(segments[both], codes),
            n_customers=int(both.sum()),
        ),
        n_unlabelled=int((segments >= 0).sum() - both.sum()),
        formed_by_it=column in {spec.column for spec in result.segmentation.recipe.segmenting},
    )


def external_labels(dataset: Dataset, column: str) -> pd.Series:
    """Return a column's labels as they stand in the file, missing where there is none.

    Raises
    ------
    UnknownColumnError
        If there is no such column.
    """
    if column not in dataset.frame:
        raise UnknownColumnError([column], list(dataset.frame.columns))
    written = dataset.original[column].astype("str").str.strip().str.slice(0, LONGEST_LABEL)
    return written.where(dataset.frame[column].notna())


def majority_labels(table: IntArray, common: int) -> IntArray:
    """Return the most frequent label of each segment, shape (n_segments,).

    Only the first `common` columns can be a segment's label. Ties, and segments without any labelled customer, go
    to the label that more customers have: columns stand in that order.
    """
    return np.asarray(table[:, :common].argmax(axis=1), dtype=np.intp)


def held_out_accuracy(table: IntArray, common: int) -> float:
    """Return the share of customers whose label the majority of the other customers of their segment has."""
    right = 0
    for label in range(common):
        others = table.copy()
        others[:, label] -= 1
        # Where nobody has the label there is nobody to hold out.
        right += int(table[(majority_labels(others, common) == label) & (table[:, label] > 0), label].sum())
    return float(right / table.sum())


def with_label_map(result: Result, mapping: MajorityLabelMap | None) -> Result:
    """Return the same result that predicts labels by a mapping, or no longer does."""
    return replace(result, segmentation=replace(result.segmentation, known=mapping))


def accuracy_here(result: Result) -> float | None:
    """Return the share of this file's labelled customers whose label the saved mapping predicts, 0-1.

    None where the file or the model has no labels.
    """
    mapping, predicted = result.segmentation.known, result.predicted
    if mapping is None or predicted is None or mapping.column not in result.dataset.frame:
        return None
    known = external_labels(result.dataset, mapping.column)
    both = known.notna() & predicted.notna()
    return float((known == predicted)[both].mean()) if both.any() else None


def _by_frequency(known: pd.Series, column: str) -> tuple[tuple[str, ...], int]:
    """Return the labels, the most frequent first, and how many of them enough customers share."""
    counts = known.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) > MOST_LABELS:
        raise TooManyLabelsError(column, len(counts), MOST_LABELS)
    # A model keeps no label that could point at a person.
    common = int((counts >= config.SMALL_GROUP).sum())
    if not common:
        raise NoSharedLabelError(column, config.SMALL_GROUP)
    return tuple(str(label) for label in counts.index), common


def _table(segments: IntArray, codes: IntArray, shape: tuple[int, int]) -> IntArray:
    found = crosstab(segments, codes)
    table = np.zeros(shape, dtype=np.intp)
    table[: found.shape[0], : found.shape[1]] = found
    return table
