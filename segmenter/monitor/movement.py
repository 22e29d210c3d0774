"""Who moved between two months: two labelled files, or one model on two files, joined by the customers' ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Role
from segmenter.table.dataset import ColumnKind, Dataset

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
        Name of the segment by id, `(no segment)` for customers in none; the index is unique.
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
        The same customers in the same order; a missing segment means none.
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
    found = segment.astype("str").fillna(NO_SEGMENT).replace("", NO_SEGMENT)
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
    def n_moved(self) -> int:
        """Number of customers of both months who are elsewhere now."""
        both = self.both
        return int((both["before"] != both["now"]).sum())

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
    joined = pd.concat([before.segment.rename("before"), now.segment.rename("now")], axis=1, join="outer")
    if joined.notna().all(axis=1).sum() == 0:
        message = (
            f"No customer of {before.title} is in {now.title}: the ids have nothing in common, such as "
            f"{before.segment.index[0]} and {now.segment.index[0]}. Name the column that holds the same id in both."
        )
        raise InvalidSettingError(message)
    was, then = joined["before"].fillna(NEW), joined["now"].fillna(LOST)
    rows = [*before.names, *(extra for extra in (NO_SEGMENT, NEW) if (was == extra).any())]
    columns = [*now.names, *(extra for extra in (NO_SEGMENT, LOST) if (then == extra).any())]
    customers = pd.crosstab(was, then).reindex(index=rows, columns=columns, fill_value=0)
    customers.index.name, customers.columns.name = before.title, now.title
    money = None
    if before.value is not None and now.value is not None:
        value = now.value.reindex(joined.index).where(then != LOST, before.value.reindex(joined.index)).fillna(0.0)
        table = pd.crosstab(was, then, values=value, aggfunc="sum")
        money = table.reindex(index=rows, columns=columns).fillna(0.0)
        money.index.name, money.columns.name = before.title, now.title
    here = joined.dropna()
    same = (here["before"] == here["now"]).groupby(here["before"]).mean()
    stayed = same.reindex([name for name in before.names if name in same.index])
    return Movement(before, now, customers, money, stayed.astype(float))


def shares_over_time(months: Sequence[Month]) -> pd.DataFrame:
    """Return the share of each segment among the customers in segments, 0-1: a row per month, a column per segment."""
    names = list(dict.fromkeys(name for each in months for name in each.names))
    shares = {
        each.title: each.segment[each.segment != NO_SEGMENT].value_counts(normalize=True).reindex(names, fill_value=0.0)
        for each in months
    }
    return pd.DataFrame(shares).T
