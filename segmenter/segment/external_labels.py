"""Segments beside what is known from elsewhere: labels, and lists of customers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmenter import config
from segmenter.display import counted as counted_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, NoSharedLabelError, TooManyLabelsError, UnknownColumnError
from segmenter.measures.association import adjusted_rand_index
from segmenter.prepare.weights import customer_weights
from segmenter.sampling import repeated_rows
from segmenter.segment.result import Result
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.table.infer.ordinal_scales import NO, YES
from segmenter.typing import BoolArray, FloatArray, IntArray

# A column with more values names customers rather than kinds of them.
MOST_LABELS: Final = 50
# What a model file holds of a text.
LONGEST_LABEL: Final = 200
# Sums of weights in another order differ in their last digits.
_DIGITS: Final = 9
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
    weighted
        Shape (n_segments, n_labels): the table by a survey's weights; None where all customers count the same.
    """

    labels: tuple[str, ...]
    table: IntArray
    mapping: MajorityLabelMap
    n_unlabelled: int
    formed_by_it: bool
    weighted: FloatArray | None = None

    @property
    def shares(self) -> FloatArray:
        """Share of each label in each segment, shape (n_segments, n_labels), by weight where customers have one."""
        counted = self.table if self.weighted is None else self.weighted
        totals = counted.sum(axis=1, keepdims=True)
        shares: FloatArray = np.divide(counted, totals, out=np.zeros(counted.shape), where=totals > 0)
        return shares

    def as_table(self, names: Sequence[str]) -> pd.DataFrame:
        """Return one row per segment: its name, the label it stands for, and its customers by label."""
        counts = {f"{self.mapping.column}: {label}": self.table[:, n] for n, label in enumerate(self.labels)}
        return pd.DataFrame(
            {
                "Segment": list(names),
                "Stands for": list(self.mapping.labels),
                "Share of it": self.shares.max(axis=1),
                **counts,
            }
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
    again for that. Where the segments count a survey's weights, so do shares, majorities, accuracy and agreement.

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
    weights = customer_weights(result.dataset, result.segmentation.recipe)
    own = None if weights is None else weights[both]
    # Tables of weights that are equal must be so to the last digit, as those of counts are.
    weighted = None if own is None else np.round(_table(segments[both], codes, table.shape, own), _DIGITS)
    counted = table if weighted is None else weighted
    repeated = np.arange(len(codes)) if own is None else repeated_rows(own)
    return ExternalLabelComparison(
        labels=labels,
        table=table,
        mapping=MajorityLabelMap(
            column=column,
            labels=tuple(labels[place] for place in majority_labels(counted, common)),
            accuracy=held_out_accuracy(segments[both], codes, counted, common, own),
            baseline=float(counted.sum(axis=0).max() / counted.sum()),
            agreement=adjusted_rand_index(segments[both][repeated], codes[repeated]),
            n_customers=int(both.sum()),
        ),
        n_unlabelled=int((segments >= 0).sum() - both.sum()),
        formed_by_it=column in {spec.column for spec in result.segmentation.recipe.segmenting},
        weighted=weighted,
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


def majority_labels(table: IntArray | FloatArray, common: int) -> IntArray:
    """Return the most frequent label of each segment, shape (n_segments,).

    Only the first `common` columns can be a segment's label. Ties, and segments without any labelled customer, go
    to the label that more customers have: columns stand in that order.
    """
    return np.asarray(table[:, :common].argmax(axis=1), dtype=np.intp)


def held_out_accuracy(
    segments: IntArray,
    codes: IntArray,
    table: IntArray | FloatArray,
    common: int,
    weights: FloatArray | None = None,
) -> float:
    """Return the share of customers whose label the majority of the other customers of their segment has.

    Parameters
    ----------
    segments, codes
        Segment and label of each customer, both of shape (n,).
    table
        What the customers of each segment with each label count together.
    common
        Only the first labels, so many, can be a segment's.
    weights
        What each customer counts, shape (n,); None where all count the same.
    """
    counts = np.ones(len(codes)) if weights is None else weights
    places = np.arange(len(codes))
    others = table[segments, :common].astype(np.float64)
    held = codes < common
    others[places[held], codes[held]] -= counts[held]
    right = np.round(others, _DIGITS).argmax(axis=1) == codes
    return float(counts[right].sum() / counts.sum())


def with_label_map(result: Result, mapping: MajorityLabelMap | None) -> Result:
    """Return the same result that predicts labels by a mapping, or no longer does."""
    return replace(result, segmentation=replace(result.segmentation, known=mapping))


def label_map_accuracy(result: Result) -> float | None:
    """Return the share of this file's labelled customers whose label the saved mapping predicts, 0-1.

    None where the file or the model has no labels.
    """
    mapping, predicted = result.segmentation.known, result.predicted
    if mapping is None or predicted is None or mapping.column not in result.dataset.frame:
        return None
    known = external_labels(result.dataset, mapping.column)
    both = known.notna() & predicted.notna()
    if not both.any():
        return None
    weights = customer_weights(result.dataset, result.segmentation.recipe)
    return float(np.average((known == predicted)[both], weights=None if weights is None else weights[both]))


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


def _table(
    segments: IntArray, codes: IntArray, shape: tuple[int, ...], weights: FloatArray | None = None
) -> NDArray[Any]:
    """Return how many customers, or how much weight, each segment has of each label."""
    n_segments, n_labels = shape
    return np.bincount(segments * n_labels + codes, weights, n_segments * n_labels).reshape(n_segments, n_labels)


MOST_LISTS = 3


@dataclass(frozen=True, eq=False)
class Overlap:
    """Segments beside lists.

    Attributes
    ----------
    table
        One row a segment: its customers, and per list how many are on it, their share of the segment (0-1), and the
        index: 100 · that share / the share of all customers in segments. Shares count a survey's weights, where the
        segments do.
    regions
        Which lists a customer is on, one truth a list, to the number of customers in segments: every region of the
        Venn diagram, those on no list among them.
    lists
        The lists' names.
    members
        Name to who of all customers is on the list, shape (n_customers,).
    not_found
        Name of a list of identifiers to how many of them no customer has; only where there are some.
    listed
        Name of a list of identifiers to how many different ones are on it.
    """

    table: pd.DataFrame
    regions: Mapping[tuple[bool, ...], int]
    lists: tuple[str, ...]
    members: Mapping[str, BoolArray]
    not_found: Mapping[str, int] = field(default_factory=dict)
    listed: Mapping[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader of the lists has to know: whom they name that is no customer of the file."""
        return tuple(
            Note(
                f"{name}: {missed:,} of the {counted_text(self.listed[name], 'identifier')} on the list "
                f"{'is' if missed == 1 else 'are'} of no customer of this file."
            )
            for name, missed in self.not_found.items()
        )

    def named_regions(self) -> dict[str, int]:
        """Return every region of the Venn diagram in words, and its customers."""
        found = {}
        for region, count in self.regions.items():
            on = [name for name, inside in zip(self.lists, region, strict=True) if inside]
            only = " only" if 0 < len(on) < len(region) else ""
            found[f"{' and '.join(on) if on else 'none of them'}{only}"] = count
        return found


def list_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that say of each customer whether it is on a list: yes or no."""
    return tuple(column.name for column in dataset.columns if column.kind in (ColumnKind.YES_NO, ColumnKind.CONSENT))


def members_of(dataset: Dataset, name: str, named: Collection[str]) -> tuple[BoolArray, int, int]:
    """Return whose identifiers are among those named, how many are named, and how many of these no customer has.

    Blanks around an identifier do not matter, and the name of the column of identifiers is a header, not one of them.

    Raises
    ------
    InvalidSettingError
        If no column identifies customers, nobody is named, or nobody named is a customer.
    """
    identifiers = [column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER]
    if not identifiers:
        message = (
            "No column of this file identifies customers, so a list of them cannot be matched. Use a yes/no column."
        )
        raise InvalidSettingError(message)
    wanted = {str(each).strip() for each in named} - {"", identifiers[0]}
    if not wanted:
        message = "The list names nobody. Put one identifier on each line."
        raise InvalidSettingError(message)
    own = dataset.original[identifiers[0]].astype("str").str.strip()
    found: BoolArray = own.isin(wanted).to_numpy(dtype=bool)
    if not found.any():
        message = (
            f"{name}: none of its {counted_text(len(wanted), 'line')} is a customer of this file. A list holds one "
            f"identifier on each line, written as in the file's column {identifiers[0]}."
        )
        raise InvalidSettingError(message)
    return found, len(wanted), len(wanted) - int(own[found].nunique())


def compare_lists(result: Result, lists: Sequence[str] | Mapping[str, str | Collection[str] | BoolArray]) -> Overlap:
    """Set the segments beside one to three lists of customers, such as newsletter readers and users of the app.

    Parameters
    ----------
    result
        The segments and their customers.
    lists
        Names of yes/no columns; or name → such a column, the identifiers on it, or one truth for each customer.

    Raises
    ------
    UnknownColumnError, InvalidSettingError
        If there is no such column, it says nothing but yes and no, or there are more than three lists or none.
    ArgumentTypeError
        If `result` is none.
    """
    check_type(result, Result, "result")
    dataset = result.dataset
    given = lists if isinstance(lists, Mapping) else {name: name for name in lists}
    if not 1 <= len(given) <= MOST_LISTS:
        message = f"One to {MOST_LISTS} lists can be compared; {len(given)} were given."
        raise InvalidSettingError(message)
    on: dict[str, BoolArray] = {}
    listed: dict[str, int] = {}
    not_found: dict[str, int] = {}
    for name, members in given.items():
        if isinstance(members, str):
            on[name] = _of_column(dataset, members)
            continue
        if isinstance(members, np.ndarray | pd.Series) and pd.api.types.is_bool_dtype(members.dtype):
            truth = pd.Series(members).fillna(value=False).to_numpy(dtype=bool)
        else:
            truth, listed[name], missed = members_of(dataset, name, members)
            not_found.update({name: missed} if missed else {})
        if truth.shape != (dataset.n_customers,):
            message = f"{name}: a list says of each of {dataset.n_customers:,} customers whether it is on it."
            raise InvalidSettingError(message)
        on[name] = truth.astype(bool)
    labels = result.segmentation.labels.to_numpy()
    placed = labels >= 0
    own_weights = customer_weights(dataset, result.segmentation.recipe)
    weights = np.ones(dataset.n_customers) if own_weights is None else own_weights
    rows: dict[str, list[object]] = {"Segment": list(result.segmentation.names), "Customers": []}
    for segment in range(result.segmentation.n_segments):
        members = labels == segment
        size = int(members.sum())
        rows["Customers"].append(size)
        for name, truth in on.items():
            base = float(np.average(truth[placed], weights=weights[placed])) if placed.any() else 0.0
            share = float(np.average(truth[members], weights=weights[members])) if size else None
            rows.setdefault(name, []).append(int(truth[members].sum()))
            rows.setdefault(f"{name}: share", []).append(share)
            rows.setdefault(f"{name}: index", []).append(None if share is None or not base else 100 * share / base)
    stacked = np.array([truth[placed] for truth in on.values()])
    regions = {
        region: int((stacked == np.array(region)[:, None]).all(axis=0).sum())
        for region in product((True, False), repeat=len(on))
    }
    return Overlap(pd.DataFrame(rows), regions, tuple(on), on, not_found, listed)


def _of_column(dataset: Dataset, name: str) -> BoolArray:
    if name not in dataset.frame:
        raise UnknownColumnError([name], [column.name for column in dataset.columns])
    column = dataset.frame[name]
    if pd.api.types.is_numeric_dtype(column) and set(column.dropna().unique()) <= {0.0, 1.0}:
        found: BoolArray = (column == 1).to_numpy(dtype=bool)
        return found
    words = column.astype("str").str.strip().str.casefold()
    if dataset.column(name).kind is ColumnKind.CONSENT or words[column.notna()].isin({*YES, *NO}).all():
        said: BoolArray = words.isin(set(YES)).to_numpy(dtype=bool)
        return said
    message = f"{name} says more than yes and no, so it is no list. Pick a yes/no column."
    raise InvalidSettingError(message)
