"""Repeated customers and missing values: found, told apart by what differs, brought to one row each."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from segmenter.errors.base import check_type
from segmenter.errors.forming import RepeatedCustomersError, UnknownColumnError, UnknownWordError
from segmenter.table.dataset import FORMER_COLUMN, Column, ColumnKind, Dataset, FormerContacts, Note
from segmenter.table.infer import header as called
from segmenter.table.infer.infer_type import as_text
from segmenter.table.infer.personal_data import EMAILS, PHONES


class Repeated(StrEnum):
    """What becomes of a customer's rows where there are several.

    FIRST and LAST keep that row as it stands in the file, LATEST the one of the latest date. SUM adds up the amounts
    and counts that differ, and keeps everything else of the latest row, or of the last one without a date. KEEP says
    that each row is a customer of its own.
    """

    FIRST = "first"
    LAST = "last"
    SUM = "sum"
    LATEST = "latest"
    KEEP = "keep"


class RepeatKind(StrEnum):
    """Why customers stand in several rows."""

    COPIES = "copies"
    SNAPSHOTS = "snapshots"
    CONTRADICTIONS = "contradictions"


# How surely a column tells customers apart, by its name, or by its values alone.
_NAMED, _NAMED_ACCOUNT, _NAMED_ID, _E_MAIL, _BY_VALUES, _BY_NAMES = 5.0, 4.0, 3.0, 2.0, 1.0, 1.5
# Several persons may share these.
# So few values with so many rows each are groups of customers, whatever the column is called.
_FEW_GROUPS: Final = 10
_GROUP_ROWS: Final = 20
_SHARED: Final = frozenset({"account", "acct", "loyalty", "contact", "card", "konto"})
# Several persons live in one of these: its rows are persons, and none of them comes twice.
_GROUPS: Final = frozenset({"household", "hh", "family", "haushalt", "familie", "foyer", "menage", "hogar", "famiglia"})
_IDS_ALONE: Final = frozenset({"id", "ids", "uid", "uuid", "guid", "identifier", "identifiant", "identificador", "key"})
_NO_ID: Final = frozenset(
    {ColumnKind.DATE, ColumnKind.CONSTANT, ColumnKind.NEAR_EMPTY, ColumnKind.CONSENT, ColumnKind.YES_NO}
)
# Namesakes are few: with fewer rows a name, only rows that are the same in every column are one customer's.
_ROWS_OF_A_NAME: Final = 1.5
_OF_TWO_WORDS: Final = 0.8
# One of these tells people apart only beside the other one.
_PART_OF_A_NAME: Final = called.word_set(
    "first last given family sur middle maiden nick firstname lastname surname forename vorname nachname familienname "
    "prenom apellido apellidos cognome sobrenome voornaam achternaam imie nazwisko fornamn efternamn jmeno prijmeni "
    "soyad etunimi sukunimi фамилия отчество"
)
# Ids are told from words by their figures, and by how many there are.
_FEWEST_IDS: Final = 20
_WITH_FIGURES: Final = 0.8
_MOSTLY_DIFFERENT: Final = 0.8
# Snapshots: at least so many of the customers come back, and have a row in so many of the periods.
_RETURNING: Final = 0.3
_IN_PERIODS: Final = 0.25
_PERIOD_WORDS: Final = called.word_set(
    """
month period snapshot quarter week wave year reporting report stichtag monat jahr quartal woche mois annee
periode mes ano periodo anno mese maand jaar miesiac rok manad ar
"""
)
_YEAR_WORDS: Final = frozenset(["year", "jahr", "annee", "ano", "anno", "jaar", "rok", "ar"])
# Numbers of these names are states and shares: adding up two of them means nothing.
_NOT_ADDED: Final = called.word_set(
    """
age year years score rating rate share ratio percent pct average avg mean median price balance tenure since
recency days limit size income salary level rank probability index month week latitude longitude lat lon lng
height weight alter jahr preis saldo einkommen anteil durchschnitt prix solde revenu moyenne edad precio
ingresos media promedio prezzo reddito idade preco renda leeftijd prijs inkomen gemiddelde
"""
)
_E_MAIL_SHARE: Final = 0.8


@dataclass(frozen=True)
class RepeatedCustomers:
    """Customers that stand in more than one row.

    Attributes
    ----------
    column
        The column that tells customers apart.
    kind
        COPIES: the rows are the same throughout. SNAPSHOTS: a row for each period. CONTRADICTIONS: rows that differ.
    n_customers
        How many customers stand in more than one row.
    n_extra
        How many rows there are beyond one a customer.
    n_copies
        How many of those are the same as an earlier row.
    n_different
        How many customers there are in all.
    by
        The columns that say which row is the latest, the most important first; empty where none does.
    differing
        The columns in which rows of one customer differ.
    """

    column: str
    kind: RepeatKind
    n_customers: int
    n_extra: int
    n_copies: int
    n_different: int
    by: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def proposed(self) -> Repeated | None:
        """What is done where nobody says anything; None where rows contradict each other and only the user knows."""
        return {RepeatKind.COPIES: Repeated.FIRST, RepeatKind.SNAPSHOTS: Repeated.LATEST}.get(self.kind)

    @property
    def sentence(self) -> str:
        """How many customers stand in how many rows, and what sort of rows they are."""
        many = self.n_customers != 1
        who = f"{self.n_customers:,} customers stand" if many else "1 customer stands"
        extra = f"{self.n_extra:,} row{'' if self.n_extra == 1 else 's'} too many"
        of = "their" if many else "its"
        if self.kind is RepeatKind.COPIES:
            what = "these are copies: the same in every column"
        elif self.kind is RepeatKind.SNAPSHOTS:
            what = f"a row for each {' and '.join(self.by)}, so the same customer at several times"
        else:
            copies = f", {self.n_copies:,} of them copies" if self.n_copies else ""
            what = f"{of} rows contradict each other in {_listed(self.differing)}{copies}"
        return f"{who} in more than one row, by {self.column} ({extra}): {what}."

    @property
    def choices(self) -> dict[Repeated, str]:
        """What can be done, and what each choice does; LATEST only where something says which row that is."""
        found = {
            Repeated.FIRST: f"keeps each customer's first row; {self.n_extra:,} later ones are left out",
            Repeated.LAST: f"keeps each customer's last row in the file; {self.n_extra:,} earlier ones are left out",
            Repeated.SUM: "adds up amounts and counts that differ; everything else is that of the last row",
            Repeated.KEEP: "keeps every row as a customer of its own, so that one person can be in two segments",
        }
        if self.by:
            latest = {Repeated.LATEST: f"keeps each customer's row with the latest {' and '.join(self.by)}"}
            found = {**latest, **found} if self.kind is RepeatKind.SNAPSHOTS else {**found, **latest}
        return found


# Looking takes all values of the column; a table never changes after it was made.
_FOUND: WeakKeyDictionary[Dataset, RepeatedCustomers | None] = WeakKeyDictionary()


def find_repeated_customers(dataset: Dataset) -> RepeatedCustomers | None:
    """Return which customers stand in more than one row; None where each has one, or the user has said what to do.

    Parameters
    ----------
    dataset
        The table, one row a customer or more.

    Raises
    ------
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.
    """
    check_type(dataset, Dataset, "dataset")
    if dataset.repeated:
        return None
    if dataset not in _FOUND:
        column = _repeated_id(dataset)
        found = _described(dataset, column) if column else None
        _FOUND[dataset] = None if found is None or _are_namesakes(dataset, found) else found
    return _FOUND[dataset]


def check_one_row_each(dataset: Dataset) -> None:
    """Refuse a table in which customers stand in more than one row, unless the user has said what that means.

    Raises
    ------
    RepeatedCustomersError
        If they do.
    """
    found = find_repeated_customers(dataset)
    if found is not None:
        raise RepeatedCustomersError(found.sentence, [choice.value for choice in found.choices])


def deduplicate_customers(dataset: Dataset, keep: Repeated | str, column: str = "") -> Dataset:
    """Bring a table to one row a customer.

    Parameters
    ----------
    dataset
        The table, in which some customers stand in several rows.
    keep
        "first", "last", "sum", "latest" or "keep": see `Repeated`.
    column
        The column that tells customers apart; empty for the one that is found.

    Returns
    -------
    Dataset
        One row a customer, in the file's order, with a note that says what was done. Rows without an id stay.

    Raises
    ------
    UnknownWordError
        If `keep` is none of these, or is "latest" where no column says which row that is.
    UnknownColumnError
        If the table has no such column.
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.

    Examples
    --------
    >>> import pandas as pd
    >>> from segmenter import deduplicate_customers, read_frame
    >>> rows = pd.DataFrame({"customer_id": ["A1", "B2", "A1"], "visits": [3, 8, 4]})
    >>> deduplicate_customers(read_frame(rows), "sum").frame["visits"].tolist()
    [8.0, 7.0]
    """
    check_type(dataset, Dataset, "dataset")
    names = [each.name for each in dataset.columns]
    if column and column not in names:
        raise UnknownColumnError([column], names)
    if keep not in list(Repeated):
        raise UnknownWordError("repeated customers", str(keep), tuple(each.value for each in Repeated))
    how = Repeated(keep)
    asked = column if column and how is not Repeated.KEEP else ""
    found = _described(dataset, asked) if asked else find_repeated_customers(dataset)
    if found is None or how is Repeated.KEEP or not found.n_extra:
        # The user's word holds for whatever is found later.
        return replace(dataset, repeated=how.value, notes=(*dataset.notes, *_kept_note(found)))
    if how not in found.choices:
        raise UnknownWordError("repeated customers", how.value, tuple(each.value for each in found.choices))
    keys, order = _keys(dataset, found.column), _times(dataset, found.by)
    kept = _kept_rows(keys, order, how)
    frame, original = dataset.frame, dataset.original
    added: tuple[str, ...] = ()
    if how is Repeated.SUM:
        added = tuple(each.name for each in dataset.columns if _can_be_added(each, found))
        frame, original = _added_up(dataset, keys, kept, added)
    frame = frame.iloc[kept].reset_index(drop=True)
    columns = tuple(_counted_again(each, frame[each.name], found.column) for each in dataset.columns)
    digest = hashlib.sha256(f"{dataset.fingerprint} {how.value} {found.column}".encode())
    return replace(
        dataset,
        frame=frame,
        original=original.iloc[kept].reset_index(drop=True),
        columns=columns,
        fingerprint=digest.hexdigest(),
        notes=(*dataset.notes, _done_note(found, how, added, len(kept))),
        repeated=how.value,
        former=_former(dataset, found.column, keys, kept),
    )


def _former(dataset: Dataset, id_column: str, keys: pd.Series, kept: np.ndarray) -> FormerContacts | None:
    """Return the addresses and numbers of the rows that are dropped, and those known before."""
    dropped = np.setdiff1d(np.flatnonzero(keys.notna()), kept)
    first = pd.Series(kept, index=keys.iloc[kept])
    first = first[~first.index.duplicated()]
    owner_rows = first.reindex(keys.iloc[dropped]).to_numpy(dtype=np.intp)
    owners = as_text(dataset.original[id_column].iloc[owner_rows]).to_numpy()
    parts = [] if dataset.former is None else [dataset.former.values]
    for each in dataset.columns:
        if each.name != id_column and _is_contact(each):
            cells = as_text(dataset.original[each.name])
            table = pd.DataFrame({"customer": owners, "value": cells.iloc[dropped].to_numpy()})
            parts.append(table[(table["value"] != cells.iloc[owner_rows].to_numpy()).to_numpy()].dropna())
    if not any(map(len, parts)):
        return dataset.former
    together = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
    return FormerContacts(id_column, together)


_CONTACT_KINDS: Final = frozenset(
    {ColumnKind.PERSONAL, ColumnKind.IDENTIFIER, ColumnKind.CODE, ColumnKind.TEXT, ColumnKind.NEAR_EMPTY}
)


def _is_contact(column: Column) -> bool:
    """Whether a column holds what customers are reached by, now or formerly."""
    if column.kind is ColumnKind.PERSONAL and column.reason in (EMAILS, PHONES):
        return True
    named = column.name == FORMER_COLUMN or called.names_a_phone(column.name) or called.names_an_email(column.name)
    # Not those that count them, or say yes or no to them.
    return named and column.kind in _CONTACT_KINDS


def one_row_each(dataset: Dataset, keep: Repeated | None) -> Dataset:
    """Return the table as the user says, or, where nobody says anything, by what is proposed.

    Copies are left out and snapshots give each customer's latest row. Contradicting rows stay, and are refused later.
    """
    found = find_repeated_customers(dataset)
    if keep is None and (found is None or found.proposed is None):
        return dataset
    wanted = keep if keep is not None else found.proposed if found else None
    return dataset if wanted is None else deduplicate_customers(dataset, wanted)


def repeated_note(found: RepeatedCustomers, ways: str) -> Note:
    """Return a warning about repeated customers; `ways` says how to choose where the user is."""
    return Note(f"{found.sentence} {ways}", warning=True, column=found.column)


def _are_namesakes(dataset: Dataset, found: RepeatedCustomers) -> bool:
    """Whether customers who are told apart by a name alone may be different ones of the same name."""
    column = dataset.column(found.column)
    if _fit(column, dataset) != _BY_NAMES or found.kind is RepeatKind.COPIES:
        return False
    return found.n_different + found.n_extra < _ROWS_OF_A_NAME * found.n_different


def _repeated_id(dataset: Dataset) -> str:
    """Return the column that tells customers apart where some of them come back; nothing where each row has its own."""
    best, strength = "", 0.0
    unique = 0.0
    for column in dataset.columns:
        n_filled = dataset.n_customers - column.missing
        groups = column.distinct < _FEW_GROUPS and n_filled > _GROUP_ROWS * column.distinct
        fit = _fit(column, dataset) if n_filled > 1 and column.kind not in _NO_ID and not groups else 0
        if not fit:
            continue
        if column.distinct >= n_filled and not _repeats(dataset, column):
            unique = max(unique, fit if not column.missing else 0)
        elif fit > strength:
            best, strength = column.name, fit
    return best if strength > unique else ""


def _repeats(dataset: Dataset, column: Column) -> bool:
    """Whether ids that differ in the blanks around them alone are the same."""
    cells = dataset.original[column.name]
    if not pd.api.types.is_string_dtype(cells.dtype):
        return False
    trimmed = _keys(dataset, column.name).dropna()
    return len(trimmed) > trimmed.nunique()


def _fit(column: Column, dataset: Dataset) -> float:
    """Return how surely a column tells customers apart."""
    header = column.header or column.name
    words = set(called.known_words(header))
    if set(header.lower().replace("_", " ").replace("-", " ").split()) & _GROUPS:
        return 0
    if called.names_customers(header) and not words <= _IDS_ALONE:
        return _NAMED_ACCOUNT if words & _SHARED else _NAMED
    if words and words <= _IDS_ALONE:
        return _NAMED_ID
    looks = _looks_like_ids(column, dataset)
    if called.names_who(header) and looks:
        return _NAMED_ACCOUNT if words & _SHARED else _NAMED
    if column.kind is ColumnKind.PERSONAL:
        if _are_e_mails(dataset, column.name):
            return _E_MAIL
        return _BY_NAMES if _are_whole_names(column, dataset) else 0
    if called.names_who(header) and column.kind in (ColumnKind.CATEGORY, ColumnKind.TEXT):
        # Firms as customers, by their names.
        return _BY_NAMES if column.distinct >= _FEWEST_IDS else 0
    by_values = looks and column.kind in (ColumnKind.IDENTIFIER, ColumnKind.TEXT) and not called.names_a_thing(header)
    mostly = column.distinct >= _MOSTLY_DIFFERENT * (dataset.n_customers - column.missing)
    is_text = pd.api.types.is_string_dtype(dataset.frame[column.name].dtype)
    return _BY_VALUES if by_values and mostly and is_text else 0


def _are_whole_names(column: Column, dataset: Dataset) -> bool:
    """Whether a column of people's names holds first and last ones together."""
    header = column.header or column.name
    if not (called.names_who(header) or called.names_a_person(header)):
        return False
    if column.distinct < _FEWEST_IDS or set(called.known_words(header)) & _PART_OF_A_NAME:
        return False
    cells = as_text(dataset.original[column.name].iloc[:1000]).dropna().str.strip()
    return bool(len(cells)) and bool(cells.str.contains(r"\S[\s,]+\S", regex=True).mean() >= _OF_TWO_WORDS)


def _looks_like_ids(column: Column, dataset: Dataset) -> bool:
    """Whether most values hold figures and no blanks, and there are too many of them for a category."""
    if column.distinct < min(_FEWEST_IDS, dataset.n_customers / 2):
        return False
    cells = as_text(dataset.original[column.name].iloc[:1000]).dropna().str.strip()
    if not len(cells):
        return False
    figures = cells.str.contains(r"^[^\s\d]*\d\S*$", regex=True)
    decimals = cells.str.contains(r"^-?\d+[.,]\d+$", regex=True)
    return bool(figures.mean() >= _WITH_FIGURES and decimals.mean() < 1 - _WITH_FIGURES)


def _are_e_mails(dataset: Dataset, name: str) -> bool:
    cells = as_text(dataset.original[name].iloc[:1000]).dropna()
    return bool(len(cells)) and bool(cells.str.contains("@", regex=False).mean() >= _E_MAIL_SHARE)


def _keys(dataset: Dataset, name: str) -> pd.Series:
    """Return the ids without blanks around them, e-mail addresses without capitals; missing ones as NaN."""
    keys = as_text(dataset.original[name]).str.strip().where(dataset.frame[name].notna().to_numpy())
    return keys.str.lower() if _are_e_mails(dataset, name) else keys


def _described(dataset: Dataset, name: str) -> RepeatedCustomers | None:
    keys = _keys(dataset, name)
    rows = np.flatnonzero((keys.duplicated(keep=False) & keys.notna()).to_numpy())
    if not len(rows):
        return None
    codes, different = pd.factorize(keys.iloc[rows])
    part = dataset.original.iloc[rows]
    cells = pd.DataFrame(
        {column.name: pd.factorize(part[column.name])[0] for column in dataset.columns if column.name != name}
    )
    differing = tuple(str(each) for each in cells if _differs(cells[each].to_numpy(), codes))
    # What merely numbers the rows does not make them different.
    telling = [each for each in differing if dataset.column(each).kind is not ColumnKind.IDENTIFIER]
    same = pd.DataFrame({"id": codes, **{each: cells[each] for each in telling}})
    n_copies = int(same.duplicated().sum())
    n_extra = len(rows) - len(different)
    n_different = int(keys.nunique())
    by = _latest_by(dataset, differing)
    kind = RepeatKind.CONTRADICTIONS
    if n_copies == n_extra:
        kind = RepeatKind.COPIES
    elif by and len(different) >= _RETURNING * n_different and _are_snapshots(dataset, rows, codes, by, n_copies):
        kind = RepeatKind.SNAPSHOTS
    return RepeatedCustomers(
        name, kind, len(different), n_extra, n_copies, n_different, by, tuple(telling) or differing
    )


def _differs(cells: np.ndarray, codes: np.ndarray) -> bool:
    first = np.full(codes.max() + 1, -2)
    first[codes[::-1]] = cells[::-1]
    return bool((first[codes] != cells).any())


def _latest_by(dataset: Dataset, differing: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that say which of a customer's rows is the latest: of its period, else a date of the row."""
    names = {name: set(called.known_words(dataset.column(name).header or name)) for name in differing}
    periods = [name for name, words in names.items() if words & _PERIOD_WORDS and _has_order(dataset, name)]
    years = [name for name in periods if names[name] & _YEAR_WORDS and not names[name] & (_PERIOD_WORDS - _YEAR_WORDS)]
    dates = [
        name
        for name in differing
        if dataset.column(name).kind is ColumnKind.DATE and not called.names_a_birth(dataset.column(name).header)
    ]
    dated = [name for name in periods if name in dates] or dates
    if dated:
        return (dated[0],)
    within = [name for name in periods if name not in years]
    return (*years[:1], *within[:1])


def _has_order(dataset: Dataset, name: str) -> bool:
    values = dataset.frame[name]
    return bool(
        pd.api.types.is_numeric_dtype(values.dtype)
        or pd.api.types.is_datetime64_any_dtype(values.dtype)
        or dataset.column(name).levels
    )


def _are_snapshots(dataset: Dataset, rows: np.ndarray, codes: np.ndarray, by: tuple[str, ...], n_copies: int) -> bool:
    """Whether each customer has one row a period, and a good part of the periods."""
    periods = pd.factorize(pd.Series(list(zip(*(dataset.frame[each].iloc[rows] for each in by), strict=True))))[0]
    pairs = pd.DataFrame({"id": codes, "period": periods}).drop_duplicates()
    n_periods = int(periods.max()) + 1
    return len(pairs) >= len(rows) - n_copies and len(pairs) >= _IN_PERIODS * n_periods * (int(codes.max()) + 1)


def _times(dataset: Dataset, by: tuple[str, ...]) -> np.ndarray:
    """Return a number for each row that grows with its time; 0 where nothing says when."""
    if not by:
        return np.zeros(dataset.n_customers, np.int64)
    times = pd.DataFrame({each: _ordered(dataset, each) for each in by})
    return np.asarray(times.groupby(list(by), dropna=False).ngroup()) if len(by) > 1 else times[by[0]].to_numpy()


def _ordered(dataset: Dataset, name: str) -> pd.Series:
    values, levels = dataset.frame[name], dataset.column(name).levels
    if levels:
        return pd.Series(pd.Index(levels).get_indexer(pd.Index(values.str.strip())))
    # Without a time, a row is no customer's latest.
    return values.rank(method="dense", na_option="top")


def _kept_rows(keys: pd.Series, times: np.ndarray, how: Repeated) -> np.ndarray:
    """Return the rows that stay, in file order."""
    rows = pd.DataFrame({"key": keys.to_numpy(), "time": times, "row": np.arange(len(keys))})
    with_key = rows[rows["key"].notna()]
    if how in (Repeated.LATEST, Repeated.SUM):
        with_key = with_key.sort_values(["time", "row"])
    kept = with_key.drop_duplicates("key", keep="first" if how is Repeated.FIRST else "last")
    return np.sort(np.concatenate([kept["row"].to_numpy(), rows.loc[rows["key"].isna(), "row"].to_numpy()]))


def _can_be_added(column: Column, found: RepeatedCustomers) -> bool:
    words = set(called.known_words(column.header or column.name))
    return (
        column.name in found.differing
        and column.name not in found.by
        and column.kind in (ColumnKind.NUMBER, ColumnKind.MONEY)
        and not words & (_NOT_ADDED | _PERIOD_WORDS)
    )


def _added_up(
    dataset: Dataset, keys: pd.Series, kept: np.ndarray, names: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with the sums in the rows that stay; copies of a row count once."""
    frame, original = dataset.frame.copy(deep=False), dataset.original.copy(deep=False)
    copies = pd.concat([keys.rename("key"), original], axis=1).duplicated() & keys.notna()
    groups = keys.where(keys.notna(), [f"\0{row}" for row in range(len(keys))])
    decimal = dataset.dialect.decimal if dataset.dialect else "."
    for name in names:
        # A customer without any value has no sum.
        values = dataset.frame[name].mask(copies.to_numpy())
        sums = values.groupby(groups.to_numpy()).transform("sum", min_count=1).round(10)
        frame[name] = sums
        changed = np.zeros(len(sums), bool)
        changed[kept] = (sums.iloc[kept] != dataset.frame[name].iloc[kept]).to_numpy() & sums.iloc[kept].notna()
        cells = original[name]
        if pd.api.types.is_numeric_dtype(cells.dtype):
            original[name] = cells.astype("float64").where(~changed, sums)
        else:
            written = sums.map(lambda number: f"{number:.15g}".replace(".", decimal), na_action="ignore")
            original[name] = as_text(cells).where(~changed, written)
    return frame, original


def _counted_again(column: Column, values: pd.Series, id_column: str) -> Column:
    distinct, missing = int(values.nunique()), int(values.isna().sum())
    column = replace(column, distinct=distinct, missing=missing)
    if column.name == id_column and column.kind is not ColumnKind.PERSONAL:
        return replace(column, kind=ColumnKind.IDENTIFIER, reason="tells customers apart")
    if distinct <= 1 and len(values) > 1 and column.kind is not ColumnKind.PERSONAL:
        return replace(column, kind=ColumnKind.CONSTANT, reason="the same value in every row that is left")
    return column


def _kept_note(found: RepeatedCustomers | None) -> tuple[Note, ...]:
    if found is None:
        return ()
    text = f"{found.sentence} Each row counts as a customer of its own, as you said."
    return (Note(text, warning=True, column=found.column),)


def _done_note(found: RepeatedCustomers, how: Repeated, added: tuple[str, ...], n_left: int) -> Note:
    did: Mapping[Repeated, str] = {
        Repeated.FIRST: "The first row of each customer was kept",
        Repeated.LAST: "The last row of each customer was kept",
        Repeated.LATEST: f"The row with the latest {' and '.join(found.by)} was kept",
        Repeated.SUM: f"{_listed(added)} {'was' if len(added) == 1 else 'were'} added up, and the rest is that of the "
        f"{'latest' if found.by else 'last'} row"
        if added
        else "There was nothing to add up, so the last row of each customer was kept",
    }
    return Note(
        f"{found.sentence} {did[how]}: {n_left + found.n_extra:,} rows became {n_left:,} customers.",
        column=found.column,
    )


def _listed(names: tuple[str, ...]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more columns"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


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

    Parameters
    ----------
    dataset
        The customers. At most a hundred columns with gaps are looked at, the first ones.
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
