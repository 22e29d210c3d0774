"""Who moved between two months: two labelled files, or one model on two files, joined by the customers' ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Role
from segmenter.segment.segmentation import FITS_NONE
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import FloatArray

# Who is in a file of one month alone.
NEW: Final = "(new)"
LOST: Final = "(lost)"
NO_SEGMENT: Final = "(no segment)"
# So many ids are shown in a message.
_SHOWN: Final = 3


def identifier_of(dataset: Dataset) -> str:
    """Return the column that names each customer of a file.

    Raises
    ------
    InvalidSettingError
        If there is none that is known to.
    """
    ids = [spec.column for spec in suggest_features(dataset) if spec.role is Role.ID]
    ids += [column.name for column in dataset.columns if column.kind is ColumnKind.IDENTIFIER]
    if not ids:
        message = (
            f"{dataset.name} has no column that names each customer. Name the column that does, "
            "on the command line with --id."
        )
        raise InvalidSettingError(message)
    return ids[0]


@dataclass(frozen=True, eq=False)
class Month:
    """One month's customers and their segments.

    Attributes
    ----------
    title
        What the month is called.
    segment
        Name of the segment by id, `(no segment)` for customers in none; the index is unique. Empty where the customers
        live in an engine, which counts them.
    value
        Money by id, in its own unit; None where no column of it was named.
    names
        The segments in the order in which they are shown.
    """

    title: str
    segment: pd.Series
    names: tuple[str, ...]
    value: pd.Series | None = None


def month(
    title: str,
    ids: pd.Series,
    segment: pd.Series,
    *,
    names: Sequence[str] | None = None,
    value: pd.Series | None = None,
) -> Month:
    """Return one month's customers by id.

    Parameters
    ----------
    title
        What the month is called.
    ids, segment
        The same customers in the same order; a missing segment, or the words `fits no segment`, means none.
    names
        The segments in the order to show them; by size where it is None.
    value
        Money per customer; what cannot be read as a number counts as missing.

    Raises
    ------
    InvalidSettingError
        If an id is missing or stands for two rows: then nobody can say which of the two moved.
    """
    written = ids.astype("str").str.strip()
    empty = ids.isna() | (written == "")
    if empty.any():
        message = f"{title}: {int(empty.sum()):,} rows have no id. Give every customer one, or leave these rows out."
        raise InvalidSettingError(message)
    twice = written[written.duplicated(keep=False)]
    if len(twice):
        examples = ", ".join(dict.fromkeys(twice.iloc[: 2 * _SHOWN]))
        message = (
            f"{title}: {twice.nunique():,} ids stand for more than one row ({len(twice):,} rows), such as {examples}. "
            "One customer can be in one segment only: keep one row for each."
        )
        raise InvalidSettingError(message)
    # A labelled file says in words of whom it knows that no segment is theirs.
    found = segment.astype("str").fillna(NO_SEGMENT).replace(["", FITS_NONE], NO_SEGMENT)
    by_id = pd.Series(found.to_numpy(), index=pd.Index(written, name="id"))
    order = tuple(names) if names is not None else tuple(map(str, by_id.value_counts().index))
    order = tuple(name for name in order if name != NO_SEGMENT)
    money = None
    if value is not None:
        money = pd.Series(pd.to_numeric(value, errors="coerce").to_numpy(dtype=np.float64), index=by_id.index)
    return Month(title, by_id, order, money)


@dataclass(frozen=True, eq=False)
class Movement:
    """Where the customers of one month are in the next.

    Attributes
    ----------
    customers
        Counts: a row per segment before, and `(no segment)` and `(new)` where somebody is there; a column per
        segment now, and `(no segment)` and `(lost)`.
    money
        The same for the money of the month now (before, for lost customers); None where it is not known in both.
    stayed
        Share of each segment's customers of before who are in the segment of the same name now, 0-1, of those in
        both files.
    """

    before: Month
    now: Month
    customers: pd.DataFrame
    money: pd.DataFrame | None
    stayed: pd.Series

    @property
    def n_both(self) -> int:
        """Number of customers of both months."""
        return int(self._of_both.to_numpy().sum())

    @property
    def n_moved(self) -> int:
        """Number of customers of both months who are elsewhere now."""
        return self.n_both - sum(self._stayed_in(name) for name in self._of_both.index)

    def n_now(self, segment: str) -> int:
        """Return how many customers are in a segment now."""
        return int(self.customers[segment].to_numpy().sum()) if segment in self.customers else 0

    def n_joined(self, segment: str) -> int:
        """Return how many are in a segment now and were not before; new customers too."""
        return self.n_now(segment) - self._stayed_in(segment)

    def n_left(self, segment: str) -> int:
        """Return how many were in a segment and are not in it now; lost customers too."""
        before = int(self.customers.loc[segment].to_numpy().sum()) if segment in self.customers.index else 0
        return before - self._stayed_in(segment)

    @property
    def _of_both(self) -> pd.DataFrame:
        return self.customers.drop(index=NEW, columns=LOST, errors="ignore")

    def _stayed_in(self, segment: str) -> int:
        there = segment in self.customers.index and segment in self.customers
        return int(self.customers[segment].to_numpy()[self.customers.index.get_loc(segment)]) if there else 0

    @property
    def both(self) -> pd.DataFrame:
        """The customers of both months: columns `before` and `now` by id."""
        return pd.concat([self.before.segment.rename("before"), self.now.segment.rename("now")], axis=1, join="inner")

    def joined(self, segment: str) -> pd.Index:
        """Return the ids of those who are in a segment now and were not before; new customers too."""
        inside = self.now.segment.index[self.now.segment == segment]
        return inside[(self.before.segment.reindex(inside) != segment).to_numpy()]

    def left(self, segment: str) -> pd.Index:
        """Return the ids of those who were in a segment and are not in it now; lost customers too."""
        inside = self.before.segment.index[self.before.segment == segment]
        return inside[(self.now.segment.reindex(inside) != segment).to_numpy()]


def compare_months(before: Month, now: Month) -> Movement:
    """Compare two months' segments, customer by customer.

    Parameters
    ----------
    before, now
        The two months, as `month` returns them.

    Raises
    ------
    InvalidSettingError
        If no customer is in both: the ids are of different kinds, or the files of different people.
    """
    # By codes and counts: frames of a million names cost more than the whole comparison.
    at = before.segment.index.get_indexer(now.segment.index)
    returning = at >= 0
    if not returning.any():
        message = (
            f"No customer of {before.title} is in {now.title}: the ids have nothing in common, such as "
            f"{before.segment.index[0]} and {now.segment.index[0]}. Name the column that holds the same id in both."
        )
        raise InvalidSettingError(message)
    rows, columns = [*before.names, NO_SEGMENT, NEW], [*now.names, NO_SEGMENT, LOST]
    codes_before = pd.Index(rows).get_indexer(pd.Index(before.segment))
    codes_now = pd.Index(columns).get_indexer(pd.Index(now.segment))
    was = np.where(returning, codes_before[at], len(rows) - 1)
    gone = np.ones(len(codes_before), dtype=bool)
    gone[at[returning]] = False
    left = np.full(int(gone.sum()), len(columns) - 1)

    def table(values_now: FloatArray | None = None, values_before: FloatArray | None = None) -> pd.DataFrame:
        """Return counts, or sums, from each segment of before to each of now; only the extras that somebody is in."""
        cells = np.append(was * len(columns) + codes_now, codes_before[gone] * len(columns) + left)
        known = np.append((was >= 0) & (codes_now >= 0), codes_before[gone] >= 0)
        weights = None
        if values_now is not None and values_before is not None:
            weights = np.append(values_now, values_before[gone])[known]
        found = np.bincount(cells[known], weights, minlength=len(rows) * len(columns)).reshape(len(rows), len(columns))
        # Sums of cents in binary numbers have a tail of digits that nobody paid.
        found = found if weights is None else np.round(found, 6)
        frame = pd.DataFrame(found, index=pd.Index(rows, name=before.title), columns=pd.Index(columns, name=now.title))
        return frame.loc[
            [name for place, name in enumerate(rows) if place < len(before.names) or there_rows[place]],
            [name for place, name in enumerate(columns) if place < len(now.names) or there_columns[place]],
        ]

    there_rows = (
        np.bincount(np.append(was[was >= 0], codes_before[gone & (codes_before >= 0)]), minlength=len(rows)) > 0
    )
    there_columns = np.bincount(np.append(codes_now[codes_now >= 0], left), minlength=len(columns)) > 0
    customers = table()
    money = None
    if before.value is not None and now.value is not None:
        money = table(np.nan_to_num(now.value.to_numpy()), np.nan_to_num(before.value.to_numpy()))
    same_name = pd.Index(columns).get_indexer(pd.Index(rows))
    own = was[returning]
    inside = (own >= 0) & (own < len(before.names))
    n_returned = np.bincount(own[inside], minlength=len(before.names))
    n_stayed = np.bincount(own[inside][codes_now[returning][inside] == same_name[own[inside]]], minlength=len(rows))
    stayed = pd.Series(
        {name: n_stayed[place] / n_returned[place] for place, name in enumerate(before.names) if n_returned[place]},
        dtype=float, name="stayed",
    )  # fmt: skip
    return Movement(before, now, customers, money, stayed)


def shares_over_time(months: Sequence[Month]) -> pd.DataFrame:
    """Return the share of each segment among the customers in segments, 0-1: a row per month, a column per segment."""
    names = list(dict.fromkeys(name for each in months for name in each.names))
    shares = {
        each.title: each.segment[each.segment != NO_SEGMENT].value_counts(normalize=True).reindex(names, fill_value=0.0)
        for each in months
    }
    return pd.DataFrame(shares).T
