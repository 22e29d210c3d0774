"""What rows that parse without a fault may be in truth: headings, customers in columns, columns exchanged half way."""

import re
from collections import Counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED
from segmenter.io.read.csv.layout import is_typed
from segmenter.io.read.parsed import Parsed
from segmenter.table.dataset import Note
from segmenter.table.infer.cells import MISSING_AMONG_NUMBERS

_MANY_ROWS: Final = 100_000
_LEAST_ROWS: Final = 10
_SHOWN: Final = 40
_LETTER_RUN: Final = re.compile(r"[^\W\d_]+")
_DIGIT_RUN: Final = re.compile(r"\d+")


def shape(word: str) -> str:
    """Return how a value is built: runs of letters as `a`, of digits as `9`."""
    return _DIGIT_RUN.sub("9", _LETTER_RUN.sub("a", word[:LONGEST_JUDGED]))


def rows_at(rows: "list[int] | tuple[int, ...]") -> str:
    """Return the first of some rows (from 0) in words, and how many more there are."""
    return f"row {rows[0] + 1:,}" + (f" (and {len(rows) - 1:,} more)" if len(rows) > 1 else "")


def line_of(parsed: Parsed, row: int) -> int | None:
    """Return the line of a row (from 0); None where lines are unknown."""
    return parsed.line_of(row) if parsed.lines else None


# Of a table whose rows are mostly filled, so few may be headings of groups.
_LEAST_COLUMNS: Final = 4
_MOST_HEADINGS: Final = 0.2
_MOSTLY_FILLED: Final = 0.5


def headings(parsed: Parsed) -> Note | None:
    """Say that rows hold one value alone which is built like no other of its column, as a heading above a group is."""
    cells = parsed.cells
    if cells.num_columns < _LEAST_COLUMNS or not _LEAST_ROWS <= cells.num_rows <= _MANY_ROWS:
        return None
    n_filled = np.zeros(cells.num_rows, np.int64)
    for column in cells.columns:
        n_filled += pc.not_equal(pc.utf8_trim_whitespace(column), "").to_numpy()
    lone = np.flatnonzero(n_filled == 1)
    if not len(lone) or len(lone) > _MOST_HEADINGS * cells.num_rows:
        return None
    if np.mean(n_filled >= _MOSTLY_FILLED * cells.num_columns) < 1 - _MOST_HEADINGS:
        return None
    first = cells.column(0).to_pylist()
    others = {shape(value) for row, value in enumerate(first) if n_filled[row] > 1}
    rows = [int(row) for row in lone if first[row].strip() and shape(first[row]) not in others]
    if not rows:
        return None
    text = (
        f"{rows_at(rows).capitalize()} holds nothing but {first[rows[0]].strip()[:_SHOWN]!r}, as the heading above a "
        "group of rows does, and was kept as a customer. Delete such lines in the file if they are none."
    )
    return Note(text, warning=True, line=line_of(parsed, rows[0]))


# A table on its side has many more columns than rows, and each row is of one kind.
_TIMES_WIDER: Final = 3
_ONE_KIND: Final = 0.9


def on_its_side(parsed: Parsed) -> Note | None:
    """Say that rows are of one kind each and columns of several, as where every customer has a column."""
    n_rows, n_columns = parsed.cells.num_rows, parsed.cells.num_columns
    if not n_rows >= 3 or n_columns < max(_LEAST_ROWS, _TIMES_WIDER * n_rows) or n_rows * n_columns > _MANY_ROWS:
        return None
    rows = [list(row.values())[1:] for row in parsed.cells.to_pylist()]
    typed = np.array([[is_typed(cell) for cell in row] for row in rows], bool)
    filled = np.array([[cell.strip() not in MISSING_AMONG_NUMBERS for cell in row] for row in rows], bool)
    shares = typed.sum(axis=1) / np.maximum(1, filled.sum(axis=1))
    of_words, of_numbers = shares <= 1 - _ONE_KIND, shares >= _ONE_KIND
    labels = parsed.cells.column(0).to_pylist()
    if not (of_words | of_numbers).all() or not of_words.any() or not of_numbers.any() or any(map(is_typed, labels)):
        return None
    if len(set(labels)) < n_rows:
        return None
    text = (
        f"The table seems to lie on its side: {n_columns - 1:,} columns look like customers, and the {n_rows:,} rows "
        f"like what is known of each, from {labels[0].strip()[:_SHOWN]!r} to {labels[-1].strip()[:_SHOWN]!r}. Turn it "
        "(in a spreadsheet: copy, paste special, transpose), so that each customer has a row."
    )
    return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)


# n??ez, caf? visitor, ?ltima; addresses of pages hold question marks, too, and so do questions at their ends.
_LETTERS: Final = "[A-Za-zÀ-ɏЀ-ӿ]"
_LOST: Final = rf"{_LETTERS}\?{{1,3}}{_LETTERS}|(?:^| )\?{_LETTERS}{{2}}"
_LOST_IN_A_NAME: Final = re.compile(_LOST)
_NO_TEXT: Final = "[/=&@:]"
_LEAST_LOST: Final = 2


def letters_lost(parsed: Parsed) -> Note | None:
    """Say that question marks stand within words, as where letters could not be saved in the encoding of a file."""
    names = [name for name in parsed.headers if _LOST_IN_A_NAME.search(name)]
    found: Counter[str] = Counter()
    at: int | None = None
    for column in parsed.cells.slice(0, _MANY_ROWS).columns:
        if not pc.any(pc.match_substring(column, "?")).as_py():
            continue
        lost = pc.and_(pc.match_substring_regex(column, _LOST), pc.invert(pc.match_substring_regex(column, _NO_TEXT)))
        rows = pc.indices_nonzero(lost).to_pylist()
        found.update(column[row].as_py() for row in rows[:_LEAST_ROWS])
        at = rows[0] if rows and at is None else at
    if found.total() + len(names) < _LEAST_LOST:
        return None
    example = (names or list(found))[0].strip()[:_SHOWN]
    text = (
        f"Question marks stand within words, as in {example!r}: letters were lost when the file was saved. Export it "
        "again as UTF-8 if they matter."
    )
    return Note(text, warning=True, line=None if at is None else line_of(parsed, at))


_FEW_ROWS: Final = 20_000
_FEW_VALUES: Final = 0.2
_LEAST_BLOCK: Final = 3
_MOST_SEAMS: Final = 3


def exchanged_columns(parsed: Parsed) -> Note | None:
    """Say that from some row on two columns hold what stood in the other one before, as in files put together."""
    n_rows = parsed.cells.num_rows
    if not 2 * _LEAST_ROWS <= n_rows <= _FEW_ROWS:
        return None
    split: dict[int, list[tuple[int, frozenset[str], frozenset[str]]]] = {}
    for at, column in enumerate(parsed.cells.columns):
        encoded = column.combine_chunks().dictionary_encode()
        values = encoded.dictionary.to_pylist()
        if not 2 <= len(values) <= _FEW_VALUES * n_rows or any(map(is_typed, values)):
            continue
        for row in _seams(encoded.indices):
            codes = encoded.indices.to_numpy(zero_copy_only=False)
            before, after = (frozenset(values[code] for code in np.unique(part)) for part in (codes[:row], codes[row:]))
            split.setdefault(row, []).append((at, before, after))
    for row, columns in split.items():
        for at, before, after in columns:
            for other, other_before, other_after in columns:
                if at < other and len(after) > 1 and after <= other_before and other_after <= before:
                    names = [parsed.headers[each].strip() for each in (at, other)]
                    text = (
                        f"From row {row + 1:,} on, {names[0]!r} and {names[1]!r} hold what stood in the other one "
                        "before, as where files with their columns in another order were put together. Exchange them "
                        "in the file if that is wrong."
                    )
                    return Note(text, warning=True, line=line_of(parsed, row))
    return None


def _seams(codes: pa.Array) -> list[int]:
    """Return the rows from which on none of the values before comes any more; only where there are few such rows."""
    held = codes.to_numpy(zero_copy_only=False)
    n_rows, n_values = len(held), int(held.max()) + 1
    first, last = np.full(n_values, n_rows), np.zeros(n_values, np.int64)
    np.minimum.at(first, held, np.arange(n_rows))
    np.maximum.at(last, held, np.arange(n_rows))
    # How many values have begun and not ended before each row.
    going = np.zeros(n_rows + 1, np.int64)
    np.add.at(going, first + 1, 1)
    np.add.at(going, last + 1, -1)
    free = np.flatnonzero(np.cumsum(going)[:n_rows] == 0)
    free = free[(free >= _LEAST_BLOCK) & (free <= n_rows - _LEAST_BLOCK)]
    return free.tolist() if len(free) <= _MOST_SEAMS else []


_FEWEST_GROUPS: Final = 5
_MOST_WRITTEN: Final = 0.6
_NEARLY_ALL: Final = 0.95


def written_once(parsed: Parsed) -> Note | None:
    """Say that a sorted column has each of its values in one row alone and none below, as reports write groups."""
    n_rows = parsed.cells.num_rows
    if not 2 * _LEAST_ROWS <= n_rows <= _MANY_ROWS:
        return None
    filled = [pc.not_equal(column, "").to_numpy() for column in parsed.cells.columns]
    for at, column in enumerate(parsed.cells.columns):
        n_filled = int(np.count_nonzero(filled[at]))
        if not filled[at][0] or not _FEWEST_GROUPS <= n_filled <= _MOST_WRITTEN * n_rows:
            continue
        values = [value.casefold() for value in column.filter(pa.array(filled[at])).to_pylist()]
        if len(set(values)) < n_filled or values not in (sorted(values), sorted(values, reverse=True)):
            continue
        # Shops write what is of the whole order on its first line, and the order's number on each.
        if any(np.mean(_changes(other) == filled[at]) >= _NEARLY_ALL for other in parsed.cells.columns):
            continue
        # Where other columns are empty in the same rows, no value is missing in one of them.
        if sum(np.mean(other == filled[at]) >= _NEARLY_ALL for other in filled) > 1:
            continue
        name = parsed.headers[at].strip()
        text = (
            f"{name!r} is sorted, has each value once and stands empty in the {n_rows - n_filled:,} other rows, as "
            "where a report writes a value only on the first row of its group. Fill it down in the file if those rows "
            "have it, too."
        )
        return Note(text, warning=True, line=line_of(parsed, int(np.flatnonzero(~filled[at])[0])))
    return None


def _changes(column: pa.ChunkedArray) -> np.ndarray:
    """Return in which rows another value stands than in the row above; the first one counts."""
    codes = column.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return np.asarray(np.diff(codes, prepend=-1) != 0)


_BRACKETS: Final = {"[": "]", "(": ")", "{": "}"}


def bracketed_lines(parsed: Parsed) -> Note | None:
    """Say that all lines stand between brackets, as where a program wrote its lists into a file."""
    name = parsed.headers[0].strip()
    opens = name[:1]
    if parsed.cells.num_columns < 2 or opens not in _BRACKETS or _BRACKETS[opens] in name:
        return None
    first, last = parsed.cells.column(0), parsed.cells.column(parsed.cells.num_columns - 1)
    begun, ended = pc.starts_with(first, opens), pc.ends_with(last, _BRACKETS[opens])
    if np.mean(begun.to_numpy() & ended.to_numpy()) < _NEARLY_ALL:
        return None
    text = (
        f"Every line stands between {opens} and {_BRACKETS[opens]}, as where a program wrote lists; they were kept as "
        "part of the values. Write the table as CSV, or take them out."
    )
    return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)
