"""Rules that decide a column's kind by its values and its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from segmenter.config import CONSTANT_RANGE, NEAR_EMPTY_SHARE
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer import header as called
from segmenter.table.infer import meanings
from segmenter.table.infer.cells import Range
from segmenter.table.infer.ordinal_scales import YES, scale_levels, yes_and_no

# From here on nearly every row has a value of its own.
UNIQUE_SHARE: Final = 0.95
# Fewer rows than this say nothing about values being unique.
_FEWEST_TO_TELL: Final = 5
_MANY_ROWS: Final = 30
_FIRST_OF_A_SERIES: Final = 100
_FEW_VALUES: Final = 50
_MANY_VALUES: Final = 1_000
_MANY_VALUES_SHARE: Final = 0.2
# Whole numbers of at least so many digits, ending in more than so many different ones, are rather names.
_LONG_DIGITS: Final = 9
_ENDINGS: Final = 2
LARGEST_WHOLE: Final = 2.0**53
_SURELY_NAMES: Final = 12
_WITH_FIGURES: Final = 0.2
_FEW_IDS: Final = 20
_MARKED: Final = frozenset(["+", "*"])
# Longer cells than this are sentences rather than names of groups.
_LABEL_LENGTH: Final = 40
_LABEL_WORDS: Final = 3


# Whole numbers are judged by their frequencies from so many customers on, and where they are no more than so many.
_FEWEST_FOR_SHAPE: Final = 60
_FEW_CODES: Final = 12
# Frequencies that rise and fall so often each belong to no count; a mixture of two kinds of customers rises twice.
_PEAKS_OF_CODES: Final = 3
_BY_CHANCE: Final = 3.0


@dataclass(frozen=True)
class KindDecision:
    """The kind of a column, why, and the values of a scale."""

    kind: ColumnKind
    reason: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class FillStats:
    """How far a column is filled, and with how many different values."""

    n_rows: int
    missing: int
    distinct: int

    @property
    def filled(self) -> int:
        """Rows that hold a value."""
        return self.n_rows - self.missing

    @property
    def is_unique(self) -> bool:
        """Whether at least 95 % of the values are different."""
        return self.filled >= 2 and self.distinct >= UNIQUE_SHARE * self.filled


def judge_fill(filled: FillStats) -> KindDecision | None:
    """Judge columns that hold nothing, next to nothing or always the same."""
    if filled.filled == 0:
        return KindDecision(ColumnKind.NEAR_EMPTY, "the column is empty")
    if filled.distinct == 1 and filled.n_rows > 1:
        where = "wherever it is filled" if filled.missing else "in every row"
        return KindDecision(ColumnKind.CONSTANT, f"the same value {where}")
    if filled.missing > NEAR_EMPTY_SHARE * filled.n_rows:
        share = 100 * filled.missing / filled.n_rows
        return KindDecision(ColumnKind.NEAR_EMPTY, f"{share:.0f} % of the rows have no value")
    return None


def judge_name(header: str, filled: FillStats) -> KindDecision | None:
    """Judge columns whose name says that they tell things apart."""
    if called.names_customers(header):
        return KindDecision(ColumnKind.IDENTIFIER, "tells customers apart, as the column is called")
    if called.names_an_id(header) and filled.is_unique:
        return KindDecision(ColumnKind.IDENTIFIER, "called an id, and nearly every row has a value of its own")
    if called.names_a_code(header):
        return KindDecision(ColumnKind.CODE, "names things rather than measuring them, as the column is called")
    return None


def judge_numbers(values: np.ndarray, header: str, within: Range, *, leading_zeros: bool) -> KindDecision | None:
    """Judge numbers that are no amounts; None when they are amounts.

    Parameters
    ----------
    values
        (n_rows,) float64 with NaN for missing.
    leading_zeros
        Whether cells such as 00123 are among them.
    """
    filled = FillStats(len(values), within.missing, within.distinct)
    verdict = judge_fill(filled) or _nearly_constant(within) or judge_name(header, filled)
    if verdict:
        return verdict
    if leading_zeros:
        kind = ColumnKind.IDENTIFIER if filled.is_unique else ColumnKind.CODE
        return KindDecision(kind, "numbers with leading zeros name things")
    if filled.distinct == 2 and (within.low, within.high) == (0.0, 1.0):
        return KindDecision(ColumnKind.YES_NO, "only 0 and 1")
    if _counts_the_rows(values):
        return KindDecision(ColumnKind.IDENTIFIER, "counts the rows")
    is_who = called.names_who(header) or called.names_a_numbered_who(header)
    if filled.is_unique and filled.filled >= _FEWEST_TO_TELL and is_who and not (values % 1 > 0).any():
        return KindDecision(ColumnKind.IDENTIFIER, "tells customers apart, by its name and its values")
    if filled.is_unique and filled.filled >= _FEWEST_TO_TELL and _are_long_numbers(values, within):
        return KindDecision(ColumnKind.IDENTIFIER, "long numbers of one length, nearly all of them different")
    if within.low >= 10.0 ** (_SURELY_NAMES - 1) and _are_long_numbers(values, within):
        return KindDecision(ColumnKind.CODE, "long numbers of one length, which name things")
    if called.names_a_group(header) and filled.distinct <= _FEW_VALUES:
        return KindDecision(ColumnKind.CODE, "numbers of groups, as the column is called")
    return _judge_codes(values, header, within)


def _judge_codes(values: np.ndarray, header: str, within: Range) -> KindDecision | None:
    """Judge few whole numbers that stand for groups (a channel, a region) rather than counting something.

    The name decides where it says what the numbers are. Else the values do: two numbers that aren't 0 and 1, or
    three peaks among the frequencies. Counts run on from 0 or 1, and have one peak or, where there are several
    kinds of customers or of answers, two.
    """
    if not 2 <= within.distinct <= _FEW_VALUES:
        return None
    held = values[~np.isnan(values)]
    if not (held == np.rint(held)).all():
        return None
    calendar = meanings.calendar_range(header)
    if calendar and calendar[0] <= within.low and within.high <= calendar[1]:
        return KindDecision(ColumnKind.CATEGORY, "numbers that stand for days, weeks, months or hours")
    if meanings.names_a_count(header):
        return None
    if meanings.names_groups(header):
        return KindDecision(ColumnKind.CATEGORY, "whole numbers that stand for groups, as the column is called")
    if len(held) < _FEWEST_FOR_SHAPE or within.distinct > _FEW_CODES:
        return None
    levels, counts = np.unique(held, return_counts=True)
    if len(levels) == 2 and (held >= 0).all():
        return KindDecision(ColumnKind.CATEGORY, "two whole numbers that stand for two groups")
    rising, falling = _turns(counts)
    if levels[0] >= 0 and levels[-1] - levels[0] == len(levels) - 1 and min(rising, falling) >= _PEAKS_OF_CODES:
        return KindDecision(
            ColumnKind.CATEGORY, f"{len(levels)} whole numbers, whose frequencies go up and down as those of groups do"
        )
    return None


def _turns(counts: np.ndarray) -> tuple[int, int]:
    """Return how often frequencies rise and fall by more than chance, which is three standard deviations."""
    rising = falling = 0
    lowest = highest = last = int(counts[0])
    going = 0
    for count in counts[1:]:
        last = int(count)
        lowest, highest = min(lowest, last), max(highest, last)
        if going <= 0 and last - lowest > _BY_CHANCE * np.sqrt(last + lowest):
            rising, going, highest = rising + 1, 1, last
        elif going >= 0 and highest - last > _BY_CHANCE * np.sqrt(last + highest):
            falling, going, lowest = falling + 1, -1, last
    return rising, falling


def judge_text(values: Sequence[str], header: str, filled: FillStats) -> KindDecision:
    """Judge a column of words.

    Parameters
    ----------
    values
        The different values, or the first of them when there are more than 1,000.
    """
    verdict = judge_fill(filled)
    if verdict:
        may_be_box = verdict.kind is ColumnKind.CONSTANT and filled.missing and len(values) == 1
        return (_of_a_box(values[0]) if may_be_box else None) or verdict
    if yes_and_no(values):
        return KindDecision(ColumnKind.YES_NO, "a yes or a no")
    named = judge_name(header, filled)
    if named is not None and named.kind is ColumnKind.CODE and not called.names_a_key(header):
        # Countries and regions under a name with "code" are groups all the same.
        in_figures = sum(any(map(str.isdecimal, value)) for value in values)
        repeated = filled.distinct <= min(_FEW_VALUES, _MANY_VALUES_SHARE * filled.filled)
        if repeated and in_figures <= _WITH_FIGURES * len(values):
            return _judge_words(values, filled)
    if named is None and called.names_who(header) and filled.distinct > _FEW_IDS:
        ids = sum(" " not in value and any(map(str.isdecimal, value)) for value in values)
        if ids >= (1 - _WITH_FIGURES) * len(values):
            return KindDecision(ColumnKind.IDENTIFIER, "tells customers apart, by its name and its values")
    return named or _judge_words(values, filled)


def _of_a_box(value: str) -> KindDecision | None:
    """Judge a column that holds a yes, and else nothing: a no that was left empty, or an answer that few gave."""
    if value.strip().casefold() not in YES | _MARKED:
        return None
    reason = f"filled where it is a yes ({value.strip()[:_LABEL_LENGTH]}); call it yes/no if empty cells mean no"
    return KindDecision(ColumnKind.CONSTANT, reason)


def _judge_words(values: Sequence[str], filled: FillStats) -> KindDecision:
    levels = scale_levels(values)
    if levels:
        return KindDecision(ColumnKind.ORDERED, f"a scale from {levels[0]} to {levels[-1]}", levels)
    length = sum(map(len, values)) / len(values)
    n_words = sum(value.count(" ") + 1 for value in values) / len(values)
    if filled.is_unique and filled.filled >= _FEWEST_TO_TELL:
        if length <= _LABEL_LENGTH and n_words <= _LABEL_WORDS:
            return KindDecision(ColumnKind.IDENTIFIER, "nearly every row has a value of its own")
        return KindDecision(ColumnKind.TEXT, "nearly every row has a text of its own")
    return _judge_repeated(length, filled)


def _judge_repeated(length: float, filled: FillStats) -> KindDecision:
    n_values, few = filled.distinct, filled.distinct <= _FEW_VALUES
    many = n_values <= _MANY_VALUES and n_values <= _MANY_VALUES_SHARE * filled.filled
    if length <= 2 * _LABEL_LENGTH and (few or (many and length <= _LABEL_LENGTH)):
        return KindDecision(ColumnKind.CATEGORY, f"{n_values:,} different values that come back")
    return KindDecision(ColumnKind.TEXT, f"{n_values:,} different texts")


def _nearly_constant(within: Range) -> KindDecision | None:
    if within.largest <= LARGEST_WHOLE and within.low == np.rint(within.low) and within.high == np.rint(within.high):
        # Account numbers of sixteen digits differ in their last ones, and exactly so.
        return None
    # Halved before subtracting: the difference of 1e308 and -1e308 is no float64.
    if within.distinct > 1 and within.high / 2 - within.low / 2 <= CONSTANT_RANGE * within.largest / 2:
        return KindDecision(ColumnKind.CONSTANT, "the same value in every row, but for rounding")
    return None


def _are_long_numbers(values: np.ndarray, within: Range) -> bool:
    """Whether all are whole, with as many digits, at least nine: accounts and cards, hardly ever amounts."""
    if within.low < 10.0 ** (_LONG_DIGITS - 1) or within.high >= 10.0 ** (1 + np.floor(np.log10(within.low))):
        return False
    held = values[~np.isnan(values)]
    # Amounts so large are mostly rounded to thousands: they all end in the same digit.
    return bool((held == np.rint(held)).all()) and len(np.unique(held % 10)) > _ENDINGS


def _counts_the_rows(values: np.ndarray) -> bool:
    if len(values) < _FEWEST_TO_TELL or np.isnan(values).any():
        return False
    # From another number on, such as 5001, a few rows may run on by chance, and what is measured is rarely as large;
    # lists may have the newest first.
    series = len(values) >= _MANY_ROWS and values.min() >= _FIRST_OF_A_SERIES and values[0] == np.rint(values[0])
    # Of what runs on, the ends are as far apart as the rows; others would only overflow.
    apart = abs(values[-1] / 2 - values[0] / 2) * 2 == len(values) - 1
    if (values[0] in (0.0, 1.0) or series) and apart and np.ptp(steps := np.diff(values)) == 0 and abs(steps[0]) == 1:
        return True
    # So do the numbers from 1 on in any order, each once: nothing that is measured comes out like that.
    low, high, many = float(values.min()), float(values.max()), len(values)
    if many < _MANY_ROWS or low not in (0.0, 1.0) or high != low + many - 1:
        return False
    return bool((np.sort(values) == np.arange(low, low + many)).all())
