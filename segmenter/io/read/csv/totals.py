"""Rows that add up others: totals, sub-totals and averages, labelled in any language or proved by their sums."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED
from segmenter.table.infer.missing_values import MISSING_AMONG_NUMBERS
from segmenter.table.infer.numbers import to_numbers

# What spreadsheets, shops, advertising and web statistics write beside a sum, in the languages of their users.
_TOTALS: Final = """
    total totals totale totali totales totaux totais totaal totalt totalen totalbelopp subtotal subtotals subtotale
    subtotales subtotaal sum sums summe summen summa suma somme somma soma gesamt insgesamt zusammen ergebnis
    ensemble complessivo samlet yhteensä összesen összeg mindösszesen összesítés celkem součet mezisoučet spolu súčet
    razem ogółem łącznie toplam aratoplam yekun ukupno sveukupno skupaj skupno kokku kopā viso jumlah tổng cộng
    общо итого всего итог сумма усього всього разом σύνολο συνολικά average averages mean avg durchschnitt mittelwert
    moyenne promedio gemiddelde medelvärde gennemsnit gjennomsnitt keskiarvo średnia průměr átlag ortalama среднее
"""
_ENDINGS: Final = ("summe", "total", "totaal", "summa", "totale", "ergebnis")
_SIGNS: Final = re.compile(
    '[Σ∑]|合計|小計|総計|總計|合计|小计|总计|总和|합계|총계|소계|총합|مجموع|الإجمالي|סה["״]?כ|รวม|कुल|योग'
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


def _readings(cells: Sequence[str]) -> list[np.ndarray]:
    """Return the numbers of a column under each decimal mark, NaN for what is none; one array where both agree."""
    if all(cell.isascii() and (cell.isdigit() or not cell) for cell in cells):
        # Digits alone, as most cells of wide tables are, need no more.
        return [np.array([float(cell) if cell else np.nan for cell in cells])]
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
