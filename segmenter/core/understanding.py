"""What does one column hold, and what are its values to calculate with?"""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pandas as pd

from segmenter.core.dataset import ColumnKind, Note
from segmenter.core.dates import Dates, read_dates
from segmenter.core.kinds import NO, YES, kind_by_presence, kind_of_numbers, kind_of_texts
from segmenter.core.numbers import (
    LARGEST_EXACT,
    LEADING_ZEROS,
    MISSING_NUMBERS,
    TOO_MANY_DIGITS,
    Numbers,
    read_numbers,
    read_plain_numbers,
)
from segmenter.core.texts import Bools, Texts

# What stands for "nothing" in a column of words; "None" and "-" may be answers there.
MISSING_WORDS = frozenset({"", "na", "n/a", "#n/a", "null", "nan"})
# "Yes", "YES" and "yes", "No" and "N": more spellings of two answers than this are no answers.
MOST_ANSWERS = 12
# Rows named in a note before it says "and more".
ROWS_NAMED = 3


@dataclass(frozen=True, eq=False)
class Understood:
    """One column's values, what it was taken for and why, and what was found on the way."""

    values: pd.Series
    kind: ColumnKind
    reason: str
    levels: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def understand(name: str, cells: pd.Series, decimal: str | None) -> Understood:
    """Find out what a column is; `decimal` is the mark of a text file, None where none is known."""
    if pd.api.types.is_bool_dtype(cells):
        return _understand_numbers(name, _as_floats(cells))
    if pd.api.types.is_datetime64_any_dtype(cells):
        plain = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        return _with_presence(plain, ColumnKind.DATE, "dates")
    if pd.api.types.is_numeric_dtype(cells):
        return _understand_typed_numbers(name, cells)
    if pd.api.types.is_object_dtype(cells) and _all_numbers(cells.dropna()):
        return _understand_numbers(name, pd.to_numeric(cells, errors="coerce").astype(np.float64))
    numbers = read_plain_numbers(cells, decimal)
    if numbers is not None:
        return _understand_read_numbers(name, cells, numbers)
    return _understand_texts(name, cells, decimal)


def _as_floats(cells: pd.Series) -> pd.Series:
    # Any numeric type first becomes float64: an int8 or a float16 would overflow on the way.
    return pd.Series(cells.to_numpy(dtype=np.float64, na_value=np.nan), index=cells.index)


def _all_numbers(known: pd.Series) -> bool:
    if not len(known) or not isinstance(known.iloc[0], Decimal | int | float):
        return False
    return all(
        isinstance(cell, Decimal | float) or (type(cell) is int and abs(cell) <= LARGEST_EXACT) for cell in known
    )


def _understand_typed_numbers(name: str, cells: pd.Series) -> Understood:
    if pd.api.types.is_complex_dtype(cells):
        return _understand_texts(name, cells, None)
    if pd.api.types.is_integer_dtype(cells) and len(cells.dropna()):
        largest = max(abs(int(cells.max())), abs(int(cells.min())))
        if largest > LARGEST_EXACT:
            return _too_many_digits(name, cells.astype("str"))
    return _understand_numbers(name, _as_floats(cells))


def _understand_numbers(name: str, values: pd.Series, *, money: bool = False, percentage: bool = False) -> Understood:
    infinite = np.isinf(values.to_numpy())
    notes = [_infinity_note(name, infinite)] if infinite.any() else []
    values = values.mask(infinite) if infinite.any() else values
    presence = kind_by_presence(int(values.isna().sum()), int(values.nunique()), len(values))
    kind, reason = presence or kind_of_numbers(name, values, money=money, percentage=percentage)
    return Understood(values, kind, reason, notes=tuple(notes))


def _with_presence(values: pd.Series, kind: ColumnKind, reason: str, *notes: Note) -> Understood:
    presence = kind_by_presence(int(values.isna().sum()), int(values.nunique()), len(values))
    kind, reason = presence or (kind, reason)
    return Understood(values, kind, reason, notes=notes)


def _understand_texts(name: str, cells: pd.Series, decimal: str | None) -> Understood:
    texts = Texts.of(cells)
    numbers = read_numbers(texts, decimal)
    if numbers is None:
        return _understand_words(name, texts, cells.index)
    found = _understand_read_numbers(name, cells, numbers)
    if found.kind is ColumnKind.IDENTIFIER and numbers.coded == TOO_MANY_DIGITS:
        return found
    notes = _unread_notes(name, texts, numbers)
    if numbers.infinite.any():
        notes = (*notes, _infinity_note(name, numbers.infinite))
    return replace(found, notes=(*notes, *found.notes))


def _understand_read_numbers(name: str, cells: pd.Series, numbers: Numbers) -> Understood:
    if numbers.coded == TOO_MANY_DIGITS:
        return _too_many_digits(name, Texts.of(cells).series(cells.index))
    values = pd.Series(numbers.values, index=cells.index)
    found = _understand_numbers(name, values, money=numbers.money, percentage=numbers.percentage)
    if numbers.coded == LEADING_ZEROS and found.kind in (ColumnKind.NUMBER, ColumnKind.MONEY):
        return Understood(values, ColumnKind.CODE, "numbers with leading zeros")
    return found


def _understand_words(name: str, texts: Texts, index: pd.Index) -> Understood:
    lowered = texts.values.str.lower()
    texts, lowered = (
        texts.without(lowered.isin(MISSING_WORDS).to_numpy(dtype=bool)),
        lowered[~lowered.isin(MISSING_WORDS)],
    )
    distinct = len(texts.values)
    presence = kind_by_presence(len(texts.codes) - texts.n_known, distinct, len(texts.codes))
    if presence:
        return Understood(texts.series(index), *presence)
    answers = set(lowered) if distinct <= MOST_ANSWERS else set()
    if answers & YES and answers & NO and answers <= YES | NO:
        values = texts.spread(lowered.isin(YES).to_numpy().astype(np.float64))
        return Understood(pd.Series(values, index=index), ColumnKind.YES_NO, "holds only yes and no")
    dates = read_dates(texts.without(lowered.isin(MISSING_NUMBERS).to_numpy(dtype=bool)))
    if dates is not None:
        return _understand_dates(name, dates, index)
    return Understood(texts.series(index), *kind_of_texts(name, texts))


def _understand_dates(name: str, dates: Dates, index: pd.Index) -> Understood:
    order = {None: "dates", True: "dates, day first", False: "dates, month first"}[dates.day_first]
    values = dates.values.set_axis(index)
    if not dates.ambiguous:
        return _with_presence(values, ColumnKind.DATE, order)
    text = f"{name}: no date shows whether the day or the month stands first; they were read day first."
    return _with_presence(values, ColumnKind.DATE, order, Note(text, warning=True, column=name))


def _too_many_digits(name: str, texts: pd.Series) -> Understood:
    text = f"{name} has more digits than can be compared exactly; it is kept as text. Is it an identifier?"
    return Understood(
        texts,
        ColumnKind.IDENTIFIER,
        "has more digits than a number can hold",
        notes=(Note(text, column=name),),
    )


def _infinity_note(name: str, infinite: Bools) -> Note:
    rows = _rows(infinite)
    text = f"{int(infinite.sum()):,} infinite values in {name} ({rows}) were treated as missing."
    return Note(text, warning=True, column=name)


def _unread_notes(name: str, texts: Texts, numbers: Numbers) -> tuple[Note, ...]:
    unread = numbers.unread
    if not unread.any():
        return ()
    first = pd.unique(texts.codes[unread])[:ROWS_NAMED]
    examples = ", ".join(repr(cell) for cell in texts.values[first])
    how = "read as formatted numbers" if numbers.formatted else "read as numbers"
    where = f"{_rows(unread)}: {examples}"
    text = f"{name} was {how}; {int(unread.sum()):,} cells could not be read and count as missing ({where})."
    return (Note(text, warning=True, column=name),)


def _rows(where: Bools) -> str:
    named = [f"{position + 1:,}" for position in np.flatnonzero(where)[:ROWS_NAMED]]
    more = " and more" if where.sum() > ROWS_NAMED else ""
    return f"{'row' if len(named) == 1 else 'rows'} {', '.join(named)}{more}"
