"""Segments beside lists of customers, and where up to three lists meet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.segment.result import Result
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.ordinal_scales import NO, YES
from segmenter.typing import BoolArray

MOST_LISTS = 3


@dataclass(frozen=True, eq=False)
class Overlap:
    """Segments beside lists.

    Attributes
    ----------
    table
        One row a segment: its customers, and per list how many are on it, their share of the segment (0-1), and the
        index: 100 · that share / the share of all customers in segments.
    regions
        Which lists a customer is on, one truth a list, to the number of customers in segments: every region of the
        Venn diagram, those on no list among them.
    lists
        The lists' names.
    members
        Name to who of all customers is on the list, shape (n_customers,).
    """

    table: pd.DataFrame
    regions: Mapping[tuple[bool, ...], int]
    lists: tuple[str, ...]
    members: Mapping[str, BoolArray]


def list_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns that say of each customer whether it is on a list: yes or no."""
    return tuple(column.name for column in dataset.columns if column.kind in (ColumnKind.YES_NO, ColumnKind.CONSENT))


def members_of(dataset: Dataset, named: Collection[str]) -> BoolArray:
    """Return which customers' identifiers are among those named, shape (n_customers,); blanks around do not matter.

    Raises
    ------
    InvalidSettingError
        If no column identifies customers, or nobody is named.
    """
    identifiers = [column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER]
    if not identifiers:
        message = (
            "No column of this file identifies customers, so a list of them cannot be matched. Use a yes/no column."
        )
        raise InvalidSettingError(message)
    wanted = {str(each).strip() for each in named} - {""}
    if not wanted:
        message = "The list names nobody. Put one identifier on each line."
        raise InvalidSettingError(message)
    found: BoolArray = dataset.original[identifiers[0]].astype("str").str.strip().isin(wanted).to_numpy(dtype=bool)
    return found


def compare_lists(result: Result, lists: Sequence[str] | Mapping[str, Collection[str] | BoolArray]) -> Overlap:
    """Set the segments beside one to three lists of customers, such as newsletter readers and users of the app.

    Parameters
    ----------
    result
        The segments and their customers.
    lists
        Names of yes/no columns; or name → the identifiers on it, or one truth for each customer.

    Raises
    ------
    UnknownColumnError, InvalidSettingError
        If there is no such column, it says nothing but yes and no, or there are more than three lists or none.
    ArgumentTypeError
        If `result` is none.
    """
    check_type(result, Result, "result")
    dataset = result.dataset
    given = lists if isinstance(lists, Mapping) else {name: _of_column(dataset, name) for name in lists}
    if not 1 <= len(given) <= MOST_LISTS:
        message = f"One to {MOST_LISTS} lists can be compared; {len(given)} were given."
        raise InvalidSettingError(message)
    on = {}
    for name, members in given.items():
        truth = np.asarray(members) if isinstance(members, np.ndarray) else members_of(dataset, members)
        if truth.shape != (dataset.n_customers,):
            message = f"{name}: a list says of each of {dataset.n_customers:,} customers whether it is on it."
            raise InvalidSettingError(message)
        on[name] = truth.astype(bool)
    labels = result.segmentation.labels.to_numpy()
    placed = labels >= 0
    rows: dict[str, list[object]] = {"Segment": list(result.segmentation.names), "Customers": []}
    for segment in range(result.segmentation.n_segments):
        members = labels == segment
        size = int(members.sum())
        rows["Customers"].append(size)
        for name, truth in on.items():
            count, base = int(truth[members].sum()), float(truth[placed].mean()) if placed.any() else 0.0
            share = count / size if size else None
            rows.setdefault(name, []).append(count)
            rows.setdefault(f"{name}: share", []).append(share)
            rows.setdefault(f"{name}: index", []).append(None if share is None or not base else 100 * share / base)
    stacked = np.array([truth[placed] for truth in on.values()])
    regions = {
        region: int((stacked == np.array(region)[:, None]).all(axis=0).sum())
        for region in product((True, False), repeat=len(on))
    }
    return Overlap(pd.DataFrame(rows), regions, tuple(on), on)


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
