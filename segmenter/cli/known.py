"""`--known`: segments beside known labels on the command line."""

from dataclasses import replace

import numpy as np

from segmenter.prepare.suggest import choose_features
from segmenter.recipe.recipe import Recipe, Role
from segmenter.segment.external_labels import (
    ExternalLabelComparison,
    accuracy_here,
    compare_external_labels,
    with_label_map,
)
from segmenter.segment.result import Result
from segmenter.table.dataset import Dataset

FILE = "predictions.csv"


def without_known(dataset: Dataset, recipe: Recipe, column: str | None) -> Recipe:
    """Return a recipe in which the known labels form no segments: they would find themselves again.

    Raises
    ------
    UnknownColumnError
        If there is no such column.
    """
    if not column:
        return recipe
    choose_features(dataset, (column,))  # says so where there is no such column
    features = (replace(each, role=Role.DESCRIPTOR) if each.column == column else each for each in recipe.features)
    return replace(recipe, features=tuple(features))


def compared(result: Result, column: str | None) -> tuple[Result, ExternalLabelComparison | None]:
    """Return a result that predicts the labels of a column, and how it comes to that; nothing where none is named.

    Raises
    ------
    SegmenterError
        If the column cannot serve as labels.
    """
    if not column:
        return result, None
    comparison = compare_external_labels(result, column)
    return with_label_map(result, comparison.mapping), comparison


def print_known(result: Result, comparison: ExternalLabelComparison | None) -> None:
    """Print what each segment stands for, and how well that predicts a label."""
    known = result.segmentation.known
    if known is None:
        return
    for number, (name, label) in enumerate(zip(result.segmentation.names, known.labels, strict=True)):
        print(f"{name} stands for {known.column} {label}{_share(comparison, number)}")
    print(
        f"{known.column}: predicted for {known.accuracy:.1%} of {known.n_customers:,} customers, each held out in turn "
        f"({known.baseline:.1%} by always saying the most frequent); adjusted Rand {known.agreement:.3f}."
    )
    here = accuracy_here(result)
    if comparison is None and here is not None:
        print(f"{known.column}: predicted for {here:.1%} of the labelled customers of this file.")


def _share(comparison: ExternalLabelComparison | None, segment: int) -> str:
    if comparison is None:
        return ""
    row = comparison.table[segment]
    total = max(int(row.sum()), 1)
    shares = (f"{comparison.labels[place]} {row[place] / total:.0%}" for place in np.argsort(-row, kind="stable")[:4])
    return f" ({', '.join(shares)})"
