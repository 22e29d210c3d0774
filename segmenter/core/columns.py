"""How does a table as it was handed over become a Dataset whose columns are understood?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from segmenter.core.dataset import Column, ColumnKind, Dataset, Dialect, Note, fingerprint_of
from segmenter.core.dates import read_dates
from segmenter.core.kinds import NO, YES, kind_by_presence, kind_of_numbers, kind_of_texts
from segmenter.core.numbers import LARGEST_EXACT, MISSING_NUMBERS, guess_decimal, read_numbers
from segmenter.errors import NoRowsError

# What stands for "nothing" in a column of words; "None" and "-" may be answers there.
MISSING_WORDS = frozenset({"", "na", "n/a", "#n/a", "null", "nan"})
# Rows named in a note before it says "and more".
ROWS_NAMED = 3


@dataclass(frozen=True, eq=False)
class _Understood:
    values: pd.Series
    kind: ColumnKind
    reason: str
    levels: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def build_dataset(
    original: pd.DataFrame,
    name: str,
    *,
    fingerprint: str = "",
    notes: Sequence[Note] = (),
    dialect: Dialect | None = None,
) -> Dataset:
    """Understand every column of a table.

    Parameters
    ----------
    original
        The cells as they were handed over: text from a text file, any type otherwise.
    fingerprint
        SHA-256 of the source; computed from the table when empty.

    Raises
    ------
    NoRowsError
        If there is no row.
    """
    if not len(original):
        raise NoRowsError
    headers = [str(header) for header in original.columns]
    table = original.reset_index(drop=True).set_axis(readable_names(headers), axis=1)
    decimal = dialect.decimal if dialect else None
    understood = {column: _understand(str(column), table[column], decimal) for column in table}
    columns = tuple(
        _column(str(column), header, each) for header, (column, each) in zip(headers, understood.items(), strict=True)
    )
    found = [note for each in understood.values() for note in each.notes]
    return Dataset(
        frame=pd.DataFrame({column: each.values for column, each in understood.items()}),
        original=table,
        columns=columns,
        name=name,
        fingerprint=fingerprint or fingerprint_of(table),
        notes=(*notes, *found),
        dialect=dialect,
    )


def read_frame(frame: pd.DataFrame, name: str = "table") -> Dataset:
    """Make a Dataset of a pandas table that is already in memory.

    Raises
    ------
    NoRowsError
        If there is no row.
    """
    return build_dataset(frame, name)


def guess_file_decimal(original: pd.DataFrame) -> str:
    """Return the decimal mark that most columns of a text table show; "." when none does."""
    sample = original.head(1000)
    votes = Counter(mark for column in sample if (mark := guess_decimal(sample[column].str.strip())))
    return "," if votes[","] > votes["."] else "."


def readable_names(headers: Sequence[str]) -> list[str]:
    """Return the headers as unique, visible names: blanks and repetitions numbered, controls made visible."""
    names: list[str] = []
    for position, header in enumerate(headers, start=1):
        visible = "".join(_visible(letter) for letter in header.strip())
        base = visible or f"Column {position}"
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names.append(name)
    return names


def _visible(letter: str) -> str:
    if letter in "\r\n\t":
        return "␤" if letter != "\t" else "␉"
    hidden = ord(letter) < ord(" ") or "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
    return f"⟨U+{ord(letter):04X}⟩" if hidden else letter


def _column(name: str, header: str, understood: _Understood) -> Column:
    values = understood.values
    return Column(
        name=name,
        kind=understood.kind,
        reason=understood.reason,
        missing=int(values.isna().sum()),
        distinct=int(values.nunique()),
        header=header,
        levels=understood.levels,
    )


def _understand(name: str, cells: pd.Series, decimal: str | None) -> _Understood:
    if pd.api.types.is_bool_dtype(cells):
        return _understand_numbers(name, cells.astype("Float64").astype(np.float64))
    if pd.api.types.is_datetime64_any_dtype(cells):
        plain = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        return _with_presence(plain, ColumnKind.DATE, "dates")
    if pd.api.types.is_numeric_dtype(cells):
        return _understand_typed_numbers(name, cells)
    if len(known := cells.dropna()) and all(isinstance(cell, Decimal | int | float) for cell in known.head(50)):
        return _understand_numbers(name, pd.to_numeric(cells, errors="coerce").astype(np.float64))
    return _understand_texts(name, cells, decimal)


def _understand_typed_numbers(name: str, cells: pd.Series) -> _Understood:
    if pd.api.types.is_integer_dtype(cells) and len(cells.dropna()):
        largest = max(abs(int(cells.max())), abs(int(cells.min())))
        if largest > LARGEST_EXACT:
            return _too_many_digits(name, cells.astype("str"))
    return _understand_numbers(name, cells.astype("Float64").astype(np.float64))


def _understand_numbers(name: str, values: pd.Series, *, money: bool = False, percentage: bool = False) -> _Understood:
    infinite = np.isinf(values.to_numpy())
    notes = [_infinity_note(name, infinite)] if infinite.any() else []
    values = values.mask(infinite)
    presence = kind_by_presence(int(values.isna().sum()), int(values.nunique()), len(values))
    kind, reason = presence or kind_of_numbers(name, values, money=money, percentage=percentage)
    return _Understood(values, kind, reason, notes=tuple(notes))


def _with_presence(values: pd.Series, kind: ColumnKind, reason: str, *notes: Note) -> _Understood:
    presence = kind_by_presence(int(values.isna().sum()), int(values.nunique()), len(values))
    kind, reason = presence or (kind, reason)
    return _Understood(values, kind, reason, notes=notes)


def _understand_texts(name: str, cells: pd.Series, decimal: str | None) -> _Understood:
    texts = cells.astype("str").str.strip()
    texts = texts.where(texts != "")
    numbers = read_numbers(texts, decimal)
    if numbers is not None:
        leading_zero = texts.str.match(r"^0\d", na=False).any()
        exact = np.nanmax(np.abs(numbers.values), initial=0.0)
        if exact > LARGEST_EXACT and texts.str.fullmatch(r"[-+]?\d{16,}", na=False).any():
            return _too_many_digits(name, texts)
        values = pd.Series(numbers.values, index=cells.index)
        notes = _unread_notes(name, texts, numbers.unread, formatted=numbers.formatted)
        if numbers.infinite.any():
            notes = (*notes, _infinity_note(name, numbers.infinite))
        found = _understand_numbers(name, values, money=numbers.money, percentage=numbers.percentage)
        if leading_zero and found.kind in (ColumnKind.NUMBER, ColumnKind.MONEY):
            return _Understood(values, ColumnKind.CODE, "numbers with leading zeros", notes=notes)
        return _Understood(found.values, found.kind, found.reason, notes=(*notes, *found.notes))
    return _understand_words(name, texts)


def _understand_words(name: str, texts: pd.Series) -> _Understood:
    texts = texts.where(~texts.str.lower().isin(MISSING_WORDS))
    distinct = int(texts.nunique())
    presence = kind_by_presence(int(texts.isna().sum()), distinct, len(texts))
    if presence:
        return _Understood(texts, *presence)
    answers = set(texts.dropna().str.lower().unique()) if distinct == 2 else set()
    if answers & YES and answers & NO:
        values = texts.str.lower().map(lambda answer: float(answer in YES), na_action="ignore")
        return _Understood(values.astype(np.float64), ColumnKind.YES_NO, "holds only yes and no")
    dates = read_dates(texts.where(~texts.str.lower().isin(MISSING_NUMBERS)))
    if dates is not None:
        order = {None: "dates", True: "dates, day first", False: "dates, month first"}[dates.day_first]
        doubt = "; no value shows whether the day or the month stands first" if dates.ambiguous else ""
        return _with_presence(dates.values, ColumnKind.DATE, order + doubt)
    return _Understood(texts, *kind_of_texts(name, texts, distinct))


def _too_many_digits(name: str, texts: pd.Series) -> _Understood:
    text = f"{name} has more digits than can be compared exactly; it is kept as text. Is it an identifier?"
    return _Understood(
        texts,
        ColumnKind.IDENTIFIER,
        "has more digits than a number can hold",
        notes=(Note(text, column=name),),
    )


def _infinity_note(name: str, infinite: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Note:
    rows = _rows(infinite)
    text = f"{int(infinite.sum()):,} infinite values in {name} ({rows}) were treated as missing."
    return Note(text, warning=True, column=name)


def _unread_notes(
    name: str, texts: pd.Series, unread: np.ndarray[tuple[int], np.dtype[np.bool_]], *, formatted: bool
) -> tuple[Note, ...]:
    if not unread.any():
        return ()
    examples = ", ".join(repr(cell) for cell in texts[unread].unique()[:ROWS_NAMED])
    how = "read as formatted numbers" if formatted else "read as numbers"
    where = f"{_rows(unread)}: {examples}"
    text = f"{name} was {how}; {int(unread.sum()):,} cells could not be read and count as missing ({where})."
    return (Note(text, warning=True, column=name),)


def _rows(where: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    named = [f"{position + 1:,}" for position in np.flatnonzero(where)[:ROWS_NAMED]]
    more = " and more" if where.sum() > ROWS_NAMED else ""
    return f"{'row' if len(named) == 1 else 'rows'} {', '.join(named)}{more}"
