"""Layout of a text file: titles, header, rows, totals and footers below; values in columns of fixed width."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED
from segmenter.io.read.csv.records import Record, without_break
from segmenter.table.infer.cells import MISSING_AMONG_NUMBERS
from segmenter.table.infer.numbers import is_number, to_numbers

# What spreadsheets, shops, advertising and web statistics write beside a sum, in the languages of their users.
_TOTALS: Final = """
    total totals totale totali totales totaux totais totaal totalt totalen totalbelopp subtotal subtotals subtotale
    subtotales subtotaal sum sums summe summen summa suma somme somma soma gesamt insgesamt zusammen ergebnis
    ensemble complessivo samlet yhteensä összesen összeg mindösszesen összesítés celkem součet mezisoučet spolu súčet
    razem ogółem łącznie toplam aratoplam yekun ukupno sveukupno skupaj skupno kokku kopā viso jumlah tổng cộng
    общо итого всего итог сумма усього всього разом σύνολο συνολικά average averages mean avg durchschnitt mittelwert
    moyenne promedio media média médian median mediane mediana mittel schnitt gemiddelde medelvärde gennemsnit
    gjennomsnitt keskiarvo średnia průměr átlag ortalama среднее
"""
_ENDINGS: Final = ("summe", "total", "totaal", "summa", "totale", "ergebnis")
_SIGNS: Final = re.compile(
    '[Σ∑]|^[Øø∅⌀]$|平均|평균|合計|小計|総計|總計|合计|小计|总计|总和|합계|총계|소계|총합|مجموع|الإجمالي|סה["״]?כ|รวม|कुल|योग'
)
# Words that stand beside those of a total without making another thing of it.
_BESIDE: Final = """
    grand sub over overall all general generaal général générale generale report account accounts campaign campaigns
    ad ads row rows record records customer customers client clients kunden result results filtered search of the for
    in and de des du la le der die das per sous line lines item items zeilen ligne page selection visible users period
"""
_WORDS: Final = frozenset(_TOTALS.split())
_FILLERS: Final = frozenset(_BESIDE.split())
_TOKEN: Final = re.compile(r"[^\W\d_]+")
# In a longer run of totals these are values of the column.
_MOST_TOTALS: Final = 0.2
_LEAST_ADDED: Final = 3
# A row without any label is a total where so many rows, so many of them not zero, add up to it exactly.
_LEAST_UNLABELLED: Final = 8
_LEAST_NONZERO: Final = 4
# A sum is larger than what it adds up, which so many rows mostly show at once.
_LOOKED_AT: Final = 100
_FIRST_LOOKED_AT: Final = 12


# For Arrow: finds every label, and more than those; what is found is looked at word by word.
_LABELS: Final = f"(?i){'|'.join(sorted({*_WORDS, *_ENDINGS, 'gesamt'}))}|{_SIGNS.pattern}"

# For engines: finds a total's label of a word or two and a number, as nearly all are; each is looked at word by word.
SHORT_LABELS: Final = (
    rf"(?i)^\W*(?:(?:{'|'.join(sorted(_FILLERS))})\W+)?(?:{'|'.join(sorted(_WORDS))})"
    rf"(?:\W+(?:{'|'.join(sorted(_FILLERS))}))?[\W\d]*$"
)


def label_strength(label: str) -> int:
    """Return 2 for a cell that means a total and nothing else, 1 for one that holds such a word, else 0."""
    if not label or len(label) > LONGEST_JUDGED:
        return 0
    words = _TOKEN.findall(label.casefold())
    known = [word in _WORDS or word.endswith(_ENDINGS) or word.startswith("gesamt") for word in words]
    if not any(known):
        return 2 * (_SIGNS.search(label) is not None)
    others = [word for word, is_so in zip(words, known, strict=True) if not is_so and word not in _FILLERS]
    if not others:
        return 2
    # A name may hold such a word amid others; a label has it at an end.
    return int(known[0] or known[-1])


def may_hold_labels(cells: pa.ChunkedArray) -> bool:
    """Whether some cell of a column, though not most, may label a total."""
    n_labels = pc.sum(pc.match_substring_regex(cells, _LABELS)).as_py() or 0
    return 0 < n_labels <= max(1, _MOST_TOTALS * len(cells))


def find_totals(rows: Sequence[Sequence[str]], typed: Sequence[bool], *, labelled: bool = True) -> list[int]:
    """Return the positions of rows that are no customers but add up, or average, others.

    Parameters
    ----------
    typed
        For each column, whether its cells are numbers, dates or the like.
    labelled
        Whether a row amid the others may have a label; of a large table, that is sooner seen column by column.
    """
    ends = {0, len(rows) - 1}
    suspects = [at for at, row in enumerate(rows) if at in ends or _may_be_total(row)] if labelled else sorted(ends)
    if len(suspects) > len(ends) + _MOST_TOTALS * len(rows):
        suspects = sorted(ends)
    sums = _Sums(rows, typed)
    found: list[int] = []
    start = 0
    for at in suspects[len(rows) > 1 :]:
        # The rows since the last total, all rows, or all but a total above them.
        if _is_total(rows, at, typed, partial(sums.matches, at, ((start, at), (0, at), (1, at)), found)):
            found.append(at)
            start = at + 1
    # A first row adds up what follows, and is looked at when the other totals are known.
    if len(rows) > 1 and _is_total(rows, 0, typed, partial(sums.matches, 0, ((1, len(rows)),), found)):
        found.insert(0, 0)
    return found if len(found) <= max(2, _MOST_TOTALS * len(rows)) else []


def _may_be_total(row: Sequence[str]) -> bool:
    return not row[0].strip() or any(map(label_strength, row[:2]))


def _is_total(rows: Sequence[Sequence[str]], at: int, typed: Sequence[bool], count_sums: Callable[[], int]) -> bool:
    row = rows[at]
    filled = [cell.strip() for cell in row if cell.strip()]
    n_words = sum(bool(cell.strip()) for cell, is_so in zip(row, typed, strict=False) if not is_so)
    is_end = at in (0, len(rows) - 1)
    if len(filled) < 1 + bool(row[0].strip()):
        return False
    labels = filled if not row[0].strip() or len(row) > len(typed) else filled[:1]
    strength = max(map(label_strength, labels))
    if strength:
        is_sparse = len(filled) <= (len(row) + 1) / 2
        without_words = n_words <= 1 and len(typed) - sum(typed) > 2
        return (is_sparse and (strength > 1 or without_words)) or (is_end and strength > 1) or count_sums() > 0
    if n_words > 1 or (row[0].strip() and not (is_end and len(rows) > _LEAST_UNLABELLED)):
        return False
    # A label in words that are not known here, or a table of nothing but numbers, wants more than one column.
    return count_sums() >= (1 if not row[0].strip() else min(2, sum(typed)))


_MOST_LOOKS: Final = 4


class _Sums:
    """The numbers of a table, added up."""

    def __init__(self, rows: Sequence[Sequence[str]], typed: Sequence[bool]) -> None:
        self._rows, self._typed = rows, typed
        self._looks = 0

    @cached_property
    def _columns(self) -> list[list[np.ndarray]]:
        width = len(self._typed)
        return [
            _numbers([row[at] if len(row) == width else "" for row in self._rows])
            for at in range(width)
            if self._typed[at]
        ]

    @cached_property
    def _running(self) -> list[list[np.ndarray]]:
        """The sums up to each row, of each reading of each column, shape (n_rows + 1,)."""
        return [
            [np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(numbers), numbers, 0.0))]) for numbers in one]
            for one in self._columns
        ]

    def matches(self, at: int, stretches: Sequence[tuple[int, int]], without: Sequence[int]) -> int:
        """Return in how many columns, at most, a row holds the sum of those of one stretch."""
        most = 0
        self._looks += 1
        # Looks at many rows, one by one, take longer than all columns at once.
        summed = self._looks > _MOST_LOOKS or "_columns" in self.__dict__
        for start, end in stretches:
            inside = without[bisect_left(without, start) : bisect_left(without, end)]
            out = np.asarray([*inside, at] if start <= at < end else inside, dtype=np.intp)
            if summed and not self._nearly_matches(at, start, end, out):
                continue
            taken = np.setdiff1d(np.arange(start, end), out)
            # Of most rows the first few tell that they add up nothing.
            steps = () if summed else (_FIRST_LOOKED_AT, _LOOKED_AT)
            if len(taken) >= _LEAST_ADDED and all(self._may_match(at, taken[:few]) for few in steps):
                held = (any(_is_sum(numbers[at], numbers[taken]) for numbers in one) for one in self._columns)
                most = max(most, sum(held))
            if most and 0 < at < len(self._rows) - 1:
                # Amid the others one column is enough.
                break
        return most

    def _nearly_matches(self, at: int, start: int, end: int, out: np.ndarray) -> bool:
        """Whether a row holds, in some column, about the sum of a stretch of rows, told by running sums."""
        for one, sums in zip(self._columns, self._running, strict=True):
            for numbers, running in zip(one, sums, strict=True):
                total = running[end] - running[start] - np.nansum(numbers[out])
                # Running sums of many rows are less exact than those that decide.
                slack = max(1e-6 * abs(numbers[at]), 0.01 * np.sqrt(end - start), 1e-9 * abs(running[end]))
                if abs(numbers[at] - total) <= slack:
                    return True
        return False

    def _may_match(self, at: int, some: np.ndarray) -> bool:
        """Whether a row holds, in some column, more than each of some of the rows that it may add up."""
        row, others = self._rows[at], [self._rows[each] for each in some]
        width = len(self._typed)
        if len(row) != width:
            return False
        for column in range(width):
            if self._typed[column] and row[column].strip():
                cells = [row[column], *(other[column] for other in others if len(other) == width)]
                for numbers in _readings(cells):
                    known = numbers[1:][np.isfinite(numbers[1:])]
                    if np.isfinite(numbers[0]) and abs(numbers[0]) > np.abs(known).max(initial=0.0):
                        return True
        return False


_PLAIN_NUMBER: Final = re.compile(r"(?:-?\d{1,15}(?:\.\d{1,2})?)?", re.ASCII)


def _readings(cells: Sequence[str]) -> list[np.ndarray]:
    """Return the numbers of a column under each decimal mark, NaN for what is none; one array where both agree."""
    if all(_PLAIN_NUMBER.fullmatch(cell) for cell in cells):
        # Most cells are so plain: a comma's reader takes a point for a thousands' mark, which these digits contradict.
        by_point = np.array([float(cell) if cell else np.nan for cell in cells])
        by_comma = np.array([np.nan if "." in cell else number for cell, number in zip(cells, by_point, strict=True)])
        return [by_point] if np.array_equal(by_point, by_comma, equal_nan=True) else [by_point, by_comma]
    texts = pa.array(["" if cell.strip() in MISSING_AMONG_NUMBERS else cell for cell in cells], pa.large_string())
    return [to_numbers(texts, mark).to_numpy(zero_copy_only=False) for mark in (".", ",")]


def _numbers(cells: Sequence[str]) -> list[np.ndarray]:
    """Return the numbers of a column under each decimal mark that explains as many cells as the other."""
    readings = _readings(cells)
    known = [np.count_nonzero(np.isfinite(numbers)) for numbers in readings]
    if len(readings) == 1 or np.array_equal(readings[0], readings[1], equal_nan=True):
        return readings[:1]
    return [numbers for numbers, n_known in zip(readings, known, strict=True) if n_known == max(known)]


def _is_sum(total: float, numbers: np.ndarray) -> bool:
    known = numbers[np.isfinite(numbers)]
    if not np.isfinite(total) or np.count_nonzero(known) < min(_LEAST_NONZERO, len(numbers)):
        return False
    # Each number may have lost half a unit of its last digit; those errors rarely all point one way.
    slack = max(1e-9 * abs(total), 0.005 * np.sqrt(len(known)) if np.any(known % 1) else 1e-9)
    return bool(abs(total - known.sum()) <= slack and abs(total) > np.abs(known).max())


_BODY_ROWS: Final = 200
_FILL_ROWS: Final = 2_000
_TYPED_SHARE: Final = 0.9
_DATE: Final = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?$|^\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?$")
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.\w+$")


# Infinity is the longest word that is a number.
_LONGEST_WORD: Final = 9
# Under each question, beside those with several answers.
_NO_NAMES: Final = frozenset({"response", "open-ended response", "réponse", "antwort", "respuesta", "risposta"})
# Qualtrics writes the wording of each question below the names, and below it such keys.
SURVEY_KEYS: Final = '{"ImportId":'
_MOST_AGAIN: Final = 0.1
# So few lines stand above a table, as a rule.
_TITLE_LINES: Final = 10
_NAMES_FILLED: Final = 0.8


@dataclass(frozen=True)
class TableLayout:
    """Where the table stands among the records.

    Attributes
    ----------
    width
        Values in a row.
    header
        Position of the record with the column names; None when there is none.
    body
        Position of the first record below it.
    extra_headers
        Positions of further lines of column names.
    levels
        Positions of the records whose names are joined, such as 2024 over spend; empty where one line holds the names.
    guessed
        Why the header deserves a look, in words; empty when it is clear.
    """

    width: int
    header: int | None
    body: int
    extra_headers: tuple[int, ...] = ()
    guessed: str = ""
    levels: tuple[int, ...] = ()

    def names(self, records: Sequence[Record]) -> list[str]:
        """Return the column names, those of two lines joined: 2024 over spend is `2024 spend`."""
        assert self.header is not None
        if not self.levels:
            return list(records[self.header].values)
        above, below = (records[at].values for at in self.levels)
        names, group = [], ""
        for over, under in zip(map(str.strip, above), map(str.strip, below), strict=True):
            group = over or group
            # What stands over nothing is the whole name, and what programs write under every question says nothing.
            alone = not under or under.casefold() in _NO_NAMES or under == group
            names.append((over or group) if alone else f"{group} {under}".strip())
        return names


def find_layout(records: Sequence[Record], header_line: int | None = None) -> TableLayout:
    """Find the table by the commonest number of values and by what its columns hold.

    Parameters
    ----------
    header_line
        The user's word: the line of the column names, 0 for none.
    """
    width = common_width(records)
    if header_line:
        at = next((at for at, record in enumerate(records) if record.line >= header_line), None)
        return TableLayout(width, at, len(records) if at is None else at + 1)
    first = _first_of_table(records, width)
    if header_line == 0:
        return TableLayout(width, None, first)
    return _with_header(records, width, first)


def common_width(records: Sequence[Record]) -> int:
    """Return the commonest number of values among records that hold something."""
    widths = Counter(len(record.values) for record in records if not record.is_blank and not record.unclosed)
    if not widths:
        return 1
    return max(widths.items(), key=lambda one: (one[1] * (1 if one[0] > 1 else 0.5), one[0]))[0]


def plain_name(name: str) -> str:
    """Return a column name without what files that were put together may differ in: case, blanks, byte order marks."""
    return name.strip("\ufeff \t").casefold()


def is_typed(cell: str) -> bool:
    """Whether a cell is a number, a date, a time or an e-mail address."""
    cell = cell.strip()
    if len(cell) > LONGEST_JUDGED or (len(cell) > _LONGEST_WORD and cell.isalpha()):
        return False
    # Most numbers are plain, and told without patterns.
    digits = cell.replace(".", "", 1) if cell[:1] != "." and cell[-1:] != "." else cell
    if digits.isascii() and digits.isdigit():
        return True
    return bool(is_number(cell, ".") or is_number(cell, ",") or _DATE.match(cell) or _EMAIL.match(cell))


def typed_columns(rows: Sequence[Sequence[str]], width: int) -> list[bool]:
    """Tell for each column whether its filled cells are numbers, dates or the like."""
    typed = []
    for at in range(width):
        counts = Counter([row[at].strip() for row in rows if len(row) > at])
        for word in MISSING_AMONG_NUMBERS:
            counts.pop(word, None)
        # Most columns of words are told by their first few different cells.
        most_others = (1 - _TYPED_SHARE) * counts.total()
        n_others = 0
        for cell, n_cells in counts.items():
            n_others += 0 if is_typed(cell) else n_cells
            if n_others > most_others + 1e-9:
                break
        typed.append(bool(counts) and n_others <= most_others + 1e-9)
    return typed


def breaks_the_types(values: Sequence[str], typed: Sequence[bool]) -> bool:
    """Whether a row has words wherever the other rows have numbers or dates."""
    cells = [value.strip() for value, is_so in zip(values, typed, strict=False) if is_so]
    filled = [cell for cell in cells if cell not in MISSING_AMONG_NUMBERS]
    return len(filled) >= max(1, 0.5 * len(cells)) and not any(map(is_typed, filled))


def is_total(values: Sequence[str]) -> bool:
    """Whether a row is labelled as a total."""
    filled = [value for value in values if value.strip()]
    label = next((value for value in filled if not is_typed(value)), "")
    return label_strength(label.strip()) > 1 and len(filled) >= 2


def is_remark(values: Sequence[str], usual: int) -> bool:
    """Whether a row holds one text and nothing else, where rows usually hold much more."""
    filled = [value for value in values if value.strip()]
    return len(filled) == 1 and usual >= 3 and bool(values[0].strip()) and not is_typed(values[0])


def _first_of_table(records: Sequence[Record], width: int) -> int:
    """Return the first record that is as wide and as filled as the rows of the table."""
    usual = _usual_fill(records, width)
    for at, record in enumerate(records):
        filled = sum(bool(value.strip()) for value in record.values)
        if record.is_blank or not filled:
            continue
        if len(record.values) == width and filled >= min(usual, width) / 2:
            return _names_below(records, at, width, filled)
        if _is_ragged_header(records, at, width):
            return at
    return 0


def _names_below(records: Sequence[Record], at: int, width: int, n_filled: int) -> int:
    """Return the names that stand a few lines below titles padded with separators; else the line itself."""
    lines = range(at + 1, min(at + 1 + _TITLE_LINES, len(records)))
    # Report | Customers, Period | 2024: a few values in front, and an empty line before the table.
    empty = next((below for below in lines if not any(map(str.strip, records[below].values))), None)
    if 2 * n_filled <= width and width > 2 and empty is not None:
        lines = range(empty + 1, lines.stop)
    elif n_filled > 1 or width < 2 or not records[at].values[0].strip():
        return at
    for below in lines:
        values = [value.strip() for value in records[below].values]
        filled = [value for value in values if value]
        if len(values) == width and len(set(filled)) == len(filled) >= _NAMES_FILLED * width:
            if any(map(is_typed, filled)) or (width < 3 and not _is_above_numbers(records, below)):
                return at
            return below
    return at


def _is_above_numbers(records: Sequence[Record], at: int) -> bool:
    """Whether most rows right below a line hold numbers or dates: of two columns, the line is then their names."""
    rows = [record.values for record in records[at + 1 : at + 1 + _TITLE_LINES]]
    return bool(rows) and 2 * sum(any(map(is_typed, values)) for values in rows) > len(rows)


def _usual_fill(records: Sequence[Record], width: int) -> int:
    # A few thousand rows from all over the file tell what is usual.
    some = records[:: max(1, len(records) // _FILL_ROWS)]
    fills = sorted(
        sum(bool(value.strip()) for value in record.values) for record in some if len(record.values) == width
    )
    return fills[len(fills) // 2] if fills else 1


def _is_ragged_header(records: Sequence[Record], at: int, width: int) -> bool:
    """Whether a record is column names with one or two too few or too many."""
    record = records[at]
    n_values = len(record.values)
    if width < 3 or n_values < 2 or abs(n_values - width) > max(2, width // 3) or n_values < width / 2:
        return False
    below = [other for other in records[at + 1 : at + 1 + _BODY_ROWS] if len(other.values) == width]
    if not below or any(not value.strip() for value in record.values[: min(n_values, width) - 1]):
        return False
    typed = typed_columns([other.values for other in below[1:] or below], width)
    if not any(typed):
        return False
    # If the next line is itself one of names, this one is a title.
    return not any(map(is_typed, record.values)) and not breaks_the_types(below[0].values, typed)


def _with_header(records: Sequence[Record], width: int, first: int) -> TableLayout:
    body = [
        record.values
        for record in records[first + 1 : first + 1 + _BODY_ROWS]
        if len(record.values) == width and not record.is_blank
    ]
    names = records[first].values
    if len(names) != width:
        return TableLayout(width, first, first + 1, guessed="ragged")
    if not body:
        return TableLayout(width, first, first + 1)
    plain = list(map(plain_name, names))
    others = [row for row in body if plain_name(row[0]) != plain[0] or list(map(plain_name, row)) != plain]
    if len(body) - len(others) <= max(1, _MOST_AGAIN * len(body)):
        # Files that were put together: their names are no values. Rows without names come again more often.
        body = others
    levels = _levels(records, first, width, body)
    if levels:
        rest = tuple(at for at in _extra_headers(records, first, width, body) if at > levels[-1])
        return TableLayout(width, levels[0], levels[-1] + 1 + len(rest), rest, levels=levels)
    extra = _extra_headers(records, first, width, body)
    as_names, as_values = _votes(names, body[len(extra) :], width)
    if as_values > as_names and not _are_years(names):
        return TableLayout(width, None, first, guessed="data")
    guessed = "mixed" if as_values and as_names and not _are_years(names) else ""
    return TableLayout(width, first, first + 1 + len(extra), extra, guessed)


def _levels(records: Sequence[Record], first: int, width: int, body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the two lines of names of which the upper one holds groups of columns, in cells that once were merged."""
    typed = typed_columns(body[2:] or body, width)
    for upper in (first, first - 1):
        lower = upper + 1
        if upper < 0 or lower >= len(records) or any(len(records[at].values) != width for at in (upper, lower)):
            continue
        above = [value.strip() for value in records[upper].values]
        below = [value.strip() for value in records[lower].values]
        gaps = [at for at in range(1, width) if not above[at]]
        # Each gap has its name below, and some a group before it; units below whole names are another thing.
        grouped = [at for at in gaps if any(above[:at])]
        if not grouped or not all(below[at] for at in gaps) or any(map(is_typed, filter(None, below))):
            continue
        groups = [value for value in above if value]
        are_words = not any(map(is_typed, groups)) or _are_years(groups)
        # One group alone is a title, unless names below it would be equal.
        several = len(groups) > 1 and (any(typed) or len(gaps) > 1)
        if are_words and several and _are_names(below, typed):
            return (upper, lower)
    return ()


def _are_names(values: Sequence[str], typed: Sequence[bool]) -> bool:
    """Whether no value of a line stands where the rows have numbers or dates and could be one."""
    return not any(is_so and value and is_typed(value) for value, is_so in zip(values, typed, strict=True))


def _votes(names: Sequence[str], body: Sequence[Sequence[str]], width: int) -> tuple[int, int]:
    """Count the columns whose first cell differs from those below, and those where it is one of them."""
    typed = typed_columns(body, width)
    as_names = as_values = 0
    for at, name in enumerate(names):
        cells = [row[at].strip() for row in body]
        filled = [cell for cell in cells if cell]
        # A box to tick holds its own name, where it was ticked.
        if not name.strip() or not filled or (set(filled) == {name.strip()} and len(filled) < len(cells)):
            continue
        if typed[at]:
            is_value = is_typed(name) or name.strip() in MISSING_AMONG_NUMBERS
            as_values, as_names = as_values + is_value, as_names + (not is_value)
        elif (len(filled) >= 3 and name.strip() in filled) or (len(filled) >= 3 and _has_the_shape_of(name, filled)):
            as_values += 1
        elif len(set(filled)) <= 0.5 * len(filled) and len(filled) >= 10:
            as_names += 1
    return as_names, as_values


def _has_the_shape_of(name: str, cells: Sequence[str]) -> bool:
    """Whether a cell has the digits in the same places as all others: C10001 among C10002, C10003."""
    shapes = {re.sub(r"\d+", "9", cell) for cell in cells}
    return len(shapes) == 1 and "9" in next(iter(shapes)) and re.sub(r"\d+", "9", name.strip()) in shapes


def _are_years(names: Sequence[str]) -> bool:
    """Whether the numbers among the names are years in order, as tables over time have them."""
    numbers = [int(name) for name in map(str.strip, names) if name.isdecimal() and len(name) == 4]
    in_order = all(later - earlier == numbers[1] - numbers[0] for earlier, later in pairwise(numbers))
    return (
        len(numbers) >= 2
        and in_order
        and numbers[0] != numbers[1]
        and all(1900 <= number <= 2100 for number in numbers)
    )


def _extra_headers(records: Sequence[Record], first: int, width: int, body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the records right below the names that are names or units themselves."""
    if len(body) < 4:
        return ()
    if any(value.startswith(SURVEY_KEYS) for value in body[1]):
        return (first + 1, first + 2)
    typed = typed_columns(body[2:], width)
    if not any(typed):
        return ()
    extra: list[int] = []
    for at in (first + 1, first + 2):
        values = records[at].values
        if len(values) != width or not breaks_the_types(values, typed):
            break
        extra.append(at)
    return tuple(extra)


_SAMPLE_LINES: Final = 300
_LEAST_LINES: Final = 5
_LONGEST: Final = 2_000
# Two hyphens are how a missing value is written.
_RULERS: Final = ("---", "===", "___")
_RULER_LETTERS: Final = " \t|+:=_-"
_LEAST_FILLED: Final = 0.3
_AT_ONCE: Final = 2_000
_FEW_LINES: Final = 0.05

Span = tuple[int, int]


def without_rulers(records: list[Record]) -> list[Record]:
    """Return the records but for lines that are drawn; all of them where nothing else is there."""
    return [record for record in records if not is_ruler(record)] or records


def is_ruler(record: Record) -> bool:
    """Whether a record is a line that is drawn between names and rows."""
    return is_drawn("|".join(record.values))


def is_drawn(text: str) -> bool:
    """Whether a line of text is drawn between names and rows."""
    return not text.strip(_RULER_LETTERS + "\r\n") and any(ruler in text for ruler in _RULERS)


def find_spans(lines: Sequence[str]) -> list[Span]:
    """Return where each column begins and ends, in letters; none where lines are no columns of fixed width.

    Between two columns all lines have a blank. Columns are believed where they are further apart than words are, or
    where one of them holds numbers or dates in all lines: no prose does.
    """
    kept = [without_break(line).rstrip() for line in lines if line.strip()]
    kept = [text for text in kept if not is_drawn(text)]
    width = max(map(len, kept), default=0)
    if len(kept) < _LEAST_LINES or width > _LONGEST or any("\t" in text for text in kept):
        return []
    n_held = _count_letters(kept, width)
    spans = _believed(kept, n_held == 0)
    # Titles and remarks run across the columns: a few such lines are none of the table.
    return spans or _believed(kept, n_held <= max(_FEW_LINES * len(kept), 1))


def _believed(kept: Sequence[str], blank: np.ndarray) -> list[Span]:
    width = len(blank)
    inside = [text for text in kept[: 2 * _SAMPLE_LINES] if not _crosses(text, blank)]
    texts = inside[:_SAMPLE_LINES]
    if len(texts) < _LEAST_LINES:
        return []
    starts = [at for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    ends = [at + 1 for at in range(width) if not blank[at] and (at + 1 == width or blank[at + 1])]
    spans = list(zip(starts, ends, strict=True))
    rows = texts[1:]
    spans = _without_words(spans, texts[0], rows)
    if len(spans) < 2:
        return []
    if any(sum("  " in text[start:end].strip() for text in rows) > len(rows) / 2 for start, end in spans):
        # Values of their own that do not stand below each other.
        return []
    filled = [sum(bool(text[start:end].strip()) for text in rows) for start, end in spans]
    typed = [all(is_typed(text[start:end]) for text in rows if text[start:end].strip()) for start, end in spans]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    if min(filled) < _LEAST_FILLED * len(rows) or not (any(typed) or min(gaps) > 1):
        return []
    return spans


def _count_letters(texts: Sequence[str], width: int) -> np.ndarray:
    """(width,) how many texts have a letter at a place."""
    held = np.zeros(width, np.int64)
    for at in range(0, len(texts), _AT_ONCE):
        letters = np.array(texts[at : at + _AT_ONCE], f"U{width}").view(np.uint32).reshape(-1, width)
        held += ((letters != 0) & (letters != ord(" "))).sum(axis=0)
    return held


def _crosses(text: str, blank: np.ndarray) -> bool:
    """Whether a line has letters where columns are divided."""
    return any(letter != " " and at < len(blank) and blank[at] for at, letter in enumerate(text))


def _without_words(spans: list[Span], first: str, rows: Sequence[str]) -> list[Span]:
    """Join what only looks apart: words of one column, where one blank divides them and the names don't."""
    joined: list[Span] = []
    for start, end in spans:
        values = [row[start:end].strip() for row in rows]
        is_named = bool(first[start:end].strip())
        if joined and start - joined[-1][1] == 1 and not is_named and not all(map(is_typed, filter(None, values))):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_spans(lines: Sequence[str], spans: Sequence[Span]) -> list[Record]:
    """Split lines into records at fixed places; a line that runs across them is one value."""
    records = []
    for number, line in enumerate(lines, 1):
        text = without_break(line)
        gaps = (text[end:later] for (_, end), (later, _) in pairwise(spans))
        crosses = any(gap.strip() for gap in gaps) or bool(text[: spans[0][0]].strip() or text[spans[-1][1] :].strip())
        values = [text.strip()] if crosses or not text.strip() else [text[start:end].strip() for start, end in spans]
        records.append(Record(number, values))
    return records
