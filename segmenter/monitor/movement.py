"""Who moved between two months: two labelled files, or one model on two files, joined by the customers' ids."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from segmenter.display import counted
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.suggest import suggest_features
from segmenter.recipe.recipe import Role
from segmenter.segment.segmentation import FITS_NONE
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.table.infer.dates import MONTHS
from segmenter.table.infer.header import without_accents
from segmenter.typing import FloatArray, IntArray

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
    notes
        What is worth knowing, such as ids that the two months write differently.
    """

    before: Month
    now: Month
    customers: pd.DataFrame
    money: pd.DataFrame | None
    stayed: pd.Series
    notes: tuple[Note, ...] = ()

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


def titles_apart(before: str, now: str) -> tuple[str, str]:
    """Return what two months are called, in words that differ where both files have one name."""
    return (before, now) if before != now else (f"{before} (last month)", f"{now} (now)")


def told_apart(before: Month, now: Month) -> tuple[Month, Month]:
    """Return both months under titles that differ."""
    titles = titles_apart(before.title, now.title)
    return replace(before, title=titles[0]), replace(now, title=titles[1])


def compare_months(before: Month, now: Month) -> Movement:
    """Compare two months' segments, customer by customer.

    Ids that differ only in zeros in front, .0 behind, blanks or capitals are one customer's, unless that made one of
    two customers of a month; the months then say the same id as `now` writes it, and a note tells.

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
    before, notes = _ids_written_alike(before, now, at)
    if notes:
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
    return Movement(before, now, customers, money, stayed, notes)


def _ids_written_alike(before: Month, now: Month, at: IntArray) -> tuple[Month, tuple[Note, ...]]:
    """Return the month before with ids as the month now writes them, and what is to be said of it.

    `at` is the place of each id of now among those of before, -1 where it is none of them.
    """
    ids, ids_now = before.segment.index, now.segment.index
    gone = np.ones(len(ids), dtype=bool)
    gone[at[at >= 0]] = False
    lost, new = _bare_ids(ids[gone]), _bare_ids(ids_now[at < 0])
    if not lost.isin(new).any():
        return before, ()
    twice = [keys[keys.duplicated(keep=False)] for keys in (_bare_ids(ids), _bare_ids(ids_now))]
    meant = pd.Series(ids_now[at < 0], index=new)
    meant = meant[~new.isin(twice[0]) & ~new.isin(twice[1])]
    written = pd.Series(lost, index=np.flatnonzero(gone)).map(meant).dropna()
    if written.empty:
        return before, ()
    renamed = ids.to_numpy(dtype=object).copy()
    renamed[written.index] = written
    index = pd.Index(renamed, name=ids.name, dtype=ids.dtype)
    text = written_otherwise(len(written), before.title, now.title, str(ids[written.index[0]]), str(written.iloc[0]))
    value = None if before.value is None else before.value.set_axis(index)
    return replace(before, segment=before.segment.set_axis(index), value=value), (Note(text),)


def written_otherwise(n_ids: int, before: str, now: str, theirs: str, ours: str) -> str:
    """Return what is said of ids that two months write differently.

    Parameters
    ----------
    n_ids
        How many there are.
    before, now
        What the months are called.
    theirs, ours
        One of them, as it is written before and now.
    """
    return (
        f"{counted(n_ids, 'id')} of {before} {'is' if n_ids == 1 else 'are'} written otherwise in {now}, such as "
        f"{theirs} and {ours}: they count as the same customers."
    )


def _bare_ids(ids: pd.Index) -> pd.Index:
    """Return ids without capitals and blanks, and whole numbers without zeros in front and .0 behind."""
    bare = pd.Series(ids).astype("str").str.casefold().str.replace(r"\s+", "", regex=True)
    whole = bare.str.replace(r"\.0+$", "", regex=True)
    return pd.Index(bare.where(~whole.str.isdecimal(), whole.str.lstrip("0")))


def shares_over_time(months: Sequence[Month]) -> pd.DataFrame:
    """Return the share of each segment among all customers, 0-1: a row per month, a column per segment.

    Those in no segment stand in a last column, where there are any.
    """
    names = list(dict.fromkeys(name for each in months for name in each.names))
    if any((each.segment == NO_SEGMENT).any() for each in months):
        names.append(NO_SEGMENT)
    shares = {each.title: each.segment.value_counts(normalize=True).reindex(names, fill_value=0.0) for each in months}
    return pd.DataFrame(shares).T


_WORD_OR_NUMBER: Final = re.compile(r"[0-9]+|[^\W\d_]+")


def in_order_of_time(names: Sequence[str]) -> list[str]:
    """Return months, such as files, in the order of the dates that stand in what they are called.

    A date is a year with a month (2024-05, 05.2024, 20240531, May 2024), in any of many languages, or a month alone:
    then the year turns where most of its months are missing, so that November and December come before January.
    Names without one come last where most hold one. Else the numbers in all of them are compared by size: month 9
    comes before month 10.

    Parameters
    ----------
    names
        What the months are called.
    """
    natural = sorted(names, key=_by_numbers)
    found = {name: _month_in(name) for name in names}
    dates = {name: date for name, date in found.items() if date is not None}
    if 2 * len(dates) <= len(found) or len({date[0] > 0 for date in dates.values()}) > 1:
        return natural
    months = sorted({month for _, month, _ in dates.values()})
    gaps = {month: (month - before - 1) % 12 for before, month in zip([months[-1], *months], months, strict=False)}
    # In a whole year no month is missing, and it begins with its first.
    first = 1 if next(iter(dates.values()))[0] else max(months, key=lambda month: gaps[month])

    def when(name: str) -> tuple[bool, int, int, int]:
        year, month, day = dates.get(name, (0, 0, 0))
        return name not in dates, year, (month - first) % 12, day

    return sorted(natural, key=when)


def gaps_between(names: Sequence[str]) -> list[str]:
    """Return which months, in the order of time, lie further apart than the others, as sentences.

    Parameters
    ----------
    names
        What the months are called, see `in_order_of_time`; names that hold no month tell of no gap.
    """
    found = [(name, date) for name in names if (date := _month_in(name)) is not None]
    dated = all(year for _, (year, _, _) in found)
    apart = [
        (first, second, later - earlier if dated else (later - earlier) % 12)
        for (first, earlier), (second, later) in pairwise((name, 12 * year + month) for name, (year, month, _) in found)
    ]
    usual = min((months for *_, months in apart if months > 0), default=0)
    return [
        f"Between {first} and {second} lie {months} months, and {usual} between others: a file may be missing, and who "
        "moved between these two had longer to do so."
        for first, second, months in apart
        if len(apart) > 1 and months > usual
    ]


def _by_numbers(name: str) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if place % 2 else (0, part.casefold()) for place, part in enumerate(parts)], name


def _month_in(name: str) -> tuple[int, int, int] | None:
    """Return the year, month and day that a name says: year 0 and day 0 where it says none; None without a month."""
    parts = _WORD_OR_NUMBER.findall(name)
    numbers = [int(part) if part.isascii() and part.isdecimal() else 0 for part in parts]
    for part, number in zip(parts, numbers, strict=True):
        # 20240531, 202405 and 052024.
        ways = {8: [(number // 10_000, number // 100 % 100, number % 100)],
                6: [(number // 100, number % 100, 1), (number % 10_000, number // 10_000, 1)]}  # fmt: skip
        for year, month, day in ways.get(len(part), ()):
            if 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31:
                return year, month, day
    short = [number if len(part) <= 2 else 0 for part, number in zip(parts, numbers, strict=True)]
    words = [MONTHS.get(without_accents(part.casefold()), 0) if len(part) > 2 else 0 for part in parts]
    for at, (part, number) in enumerate(zip(parts, short[1:], strict=False)):
        if part.casefold() == "q" and 1 <= number <= 4:
            words[at] = 3 * number
    year_at = next((at for at, part in enumerate(parts) if len(part) == 4 and 1900 <= numbers[at] < 2100), None)
    word_at = next((at for at, month in enumerate(words) if month), None)
    if year_at is None:
        if word_at is None:
            return None
        # "may24", and not "24 may".
        after = parts[word_at + 1 : word_at + 2]
        year = 2000 + numbers[word_at + 1] if after and after[0].isdecimal() and len(after[0]) == 2 else 0
        return year, words[word_at], 0
    year = numbers[year_at]
    after_year, before_year = [*short[year_at + 1 : year_at + 3], 0, 0], [0, 0, *short[:year_at]]
    if 1 <= after_year[0] <= 12:
        return year, after_year[0], after_year[1]
    one, two = before_year[-2:]
    if 1 <= two <= 31 and 1 <= (one or two) <= 31 and word_at is None:
        day, month = (two, one) if two > 12 else (one, two)
        return (year, month, day) if 1 <= month <= 12 else None
    return None if word_at is None else (year, words[word_at], max(short[max(word_at - 1, 0)], 0))
