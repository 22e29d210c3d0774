"""Predicted labels as a file of two columns."""

import pandas as pd

from segmenter.errors.comparing import NoKnownLabelsError
from segmenter.io.export.csv import to_csv
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.table.dataset import ColumnKind


def predictions_csv(result: Result) -> bytes:
    """Return each customer's identifier, or row number where there is none, and the predicted label.

    Raises
    ------
    NoKnownLabelsError
        If the model does not know what its segments stand for.
    """
    known, predicted = result.segmentation.known, result.predicted
    if known is None or predicted is None:
        raise NoKnownLabelsError
    identifiers = [column for column in result.dataset.columns if column.kind is ColumnKind.IDENTIFIER]
    if identifiers:
        first = identifiers[0]
        who = result.dataset.original[first.name].rename(first.header)
    else:
        who = pd.Series(range(1, result.dataset.n_customers + 1), index=predicted.index, name="row")
    return to_csv(pd.concat([who, predicted.rename(known.column)], axis=1))


def known_record(known: MajorityLabelMap | None) -> dict[str, object] | None:
    """Return what segments stand for as plain values."""
    if known is None:
        return None
    return {
        "column": known.column,
        "labels": list(known.labels),
        "accuracy_on_held_out_rows": known.accuracy,
        "accuracy_of_the_most_frequent": known.baseline,
        "adjusted_rand": known.agreement,
        "customers": known.n_customers,
    }
