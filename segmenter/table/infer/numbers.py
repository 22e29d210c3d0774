"""Numbers in a column of text."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED
from segmenter.table.infer.cells import TextCells, is_missing_word, leading_texts, missing_words
from segmenter.table.infer.header import without_accents

CURRENCIES: Final = (
    r"[$€£¥₹₽₩₺₫฿₴₪₦]|R\$|US\$|A\$|C\$|Rs\.?|USD|EUR|GBP|CHF|JPY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK"
    r"|HUF|BRL|MXN|ZAR|CNY|TRY|TL|RON|lei|BGN|лв\.?|RUB|руб\.?|р\.|UAH|грн\.?|KRW|원|円|元|THB|ILS|AED|SGD|HKD"
    r"|kr\.?|zł|Kč|Ft"
)
_SPACE: Final = "[ \u00a0\u202f\u2009]"

# Sign, currency, per cent and accounting brackets around the digits, all optional; spreadsheets mark text by an
# apostrophe.
# Word processors and fonts have dashes and other hyphens where a minus is meant.
_MINUS: Final = "−–—‑﹣－"
_BEFORE: Final = rf"'?[+\-{_MINUS}]?(?:(?:{CURRENCIES}|%){_SPACE}?[+\-{_MINUS}]?)?"
# 250.- and 250,– are whole prices, as the Swiss, Germans and Dutch write them, and no debts.
_WHOLE_PRICE: Final = rf"(?:[.,](?:[\-{_MINUS}]{{1,2}}))?"
_AFTER: Final = rf"(?:{_SPACE}?(?:{CURRENCIES}|%|‰))?[\-{_MINUS}]?"
# 12,– and 12.-- have no cents.
_CENTS: Final = rf"(?:\d*|[\-{_MINUS}]{{1,2}})"
_EXPONENT: Final = r"(?:[eE][+\-]?\d{1,3})?"
_DIGITS_DOT: Final = (
    rf"(?:\d+(?:\.{_CENTS})?|\.\d+|\d{{1,3}}(?:,\d{{3}})+(?:\.{_CENTS})?|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d*)?"
    rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+(?:\.\d*)?){_EXPONENT}"
)
_DIGITS_COMMA: Final = (
    rf"(?:\d+(?:,{_CENTS})?|,\d+|\d{{1,3}}(?:\.\d{{3}})+(?:,{_CENTS})?"
    rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+(?:,\d*)?){_EXPONENT}"
)
# Infinity is a number here: it is turned into a missing value later, and said.
_INFINITE: Final = r"[+\-]?(?:inf|Inf|INF|infinity|Infinity|INFINITY|∞)"


def _pattern(digits: str) -> str:
    return rf"^(?:{_BEFORE}{digits}{_WHOLE_PRICE}{_AFTER}|\({_BEFORE}{digits}{_AFTER}\)|{_INFINITE})$"


FORMS: Final = {".": _pattern(_DIGITS_DOT), ",": _pattern(_DIGITS_COMMA)}
_COMPILED: Final = {mark: re.compile(pattern) for mark, pattern in FORMS.items()}

# Cells that only one decimal mark explains: "0,5", "12,25", "1.234,5" against "0.5", "12.25", "1,234.5".
_CORE: Final = rf"^\(?{_BEFORE}"
_ONLY: Final = {
    ",": re.compile(
        _CORE
        + r"(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}"
        + rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+,\d+)"
        + _EXPONENT
        + _AFTER
        + r"\)?$"
    ),
    ".": re.compile(
        _CORE
        + r"(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}"
        + rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+\.\d+)"
        + _EXPONENT
        + _AFTER
        + r"\)?$"
    ),
}

# "1,234" is 1234 with a thousands comma and 1.234 with a decimal comma; "1.234" likewise.
_EITHER: Final = re.compile(rf"^\(?{_BEFORE}\d{{1,3}}[.,]\d{{3}}{_AFTER}\)?$")


@dataclass(frozen=True)
class DecimalMarkCounts:
    """How many cells only a decimal comma, only a decimal point, or either of them explains."""

    comma: int = 0
    point: int = 0
    either: int = 0

    def __add__(self, other: "DecimalMarkCounts") -> "DecimalMarkCounts":
        return DecimalMarkCounts(self.comma + other.comma, self.point + other.point, self.either + other.either)


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell is a number under a decimal mark; nothing longer than 200 letters is."""
    cell = cell.strip()
    return len(cell) <= LONGEST_JUDGED and _COMPILED[decimal].match(cell) is not None


_WHOLE_MARK: Final = re.compile(rf"\d(?P<mark>[.,])[\-{_MINUS}]{{1,2}}[^\d\-{_MINUS}]*$")


def count_decimal_marks(cells: list[str]) -> DecimalMarkCounts:
    """Return what a sample of trimmed cells says about the decimal mark."""
    marked = [cell for cell in cells if "." in cell or "," in cell]
    # What stands before the dash of 1.250,- is the decimal mark.
    whole = [match["mark"] for cell in marked if (match := _WHOLE_MARK.search(cell))]
    if whole:
        return DecimalMarkCounts(whole.count(","), whole.count("."))
    # What is "only" for one mark is neither "only" for the other nor "either".
    points = [_ONLY["."].match(cell) is not None for cell in marked]
    others = [cell for cell, is_point in zip(marked, points, strict=True) if not is_point]
    return DecimalMarkCounts(
        comma=sum(_ONLY[","].match(cell) is not None for cell in others),
        point=sum(points),
        either=sum(_EITHER.match(cell) is not None for cell in others),
    )


def without_long(cells: pa.Array) -> pa.Array:
    """Return trimmed cells, with null for those that are too long for a number or a date."""
    trimmed = pc.utf8_trim_whitespace(cells)
    is_long = pc.greater(pc.binary_length(trimmed), LONGEST_JUDGED)
    return pc.if_else(is_long, pa.scalar(None, trimmed.type), trimmed) if pc.any(is_long).as_py() else trimmed


_ENDS_WHOLE: Final = rf"[.,][\-{_MINUS}]{{1,2}}([^\-{_MINUS}]*)$"


def to_numbers(cells: pa.LargeStringArray, decimal: str) -> pa.DoubleArray:
    """Return the number that each cell means; null where it is none, as where it is longer than 200 letters."""
    trimmed = without_long(cells)
    if pc.any(pc.match_substring_regex(trimmed, _ENDS_WHOLE)).as_py():
        trimmed = pc.replace_substring_regex(trimmed, _ENDS_WHOLE, r"\1")
    fits = pc.match_substring_regex(trimmed, FORMS[decimal])
    negative = pc.match_substring_regex(
        trimmed, rf"^\(.*\)$|[-{_MINUS}]\d|^[-{_MINUS}]|[^eE.,\-{_MINUS}][-{_MINUS}]$|[-{_MINUS}][.,]"
    )
    negative = pc.and_(negative, pc.invert(pc.match_substring_regex(trimmed, rf"^[^-({_MINUS}]*[eE]-")))
    infinite = pc.match_substring_regex(trimmed, "(?i)inf|∞")
    digits = pc.replace_substring_regex(trimmed, rf"{CURRENCIES}|[^0-9.,eE\-]", "")
    digits = pc.replace_substring_regex(digits, r"^-+|-+$|[eE]+$|^[eE]+", "")
    digits = pc.replace_substring(digits, "," if decimal == "." else ".", "")
    if decimal == ",":
        digits = pc.replace_substring(digits, ",", ".")
    digits = pc.if_else(infinite, "inf", digits)
    size = pc.cast(pc.if_else(fits, digits, pa.scalar(None, pa.large_string())), pa.float64())
    return pc.if_else(negative, pc.negate(size), size)


# A column is numeric when this share of its filled cells are numbers of one form; the rest is named.
NUMERIC_SHARE: Final = 0.95
# In the sample a little less is enough to look at all cells.
_WORTH_TRYING: Final = 0.85
# A column with more words than these is none of numbers with some left open.
_MOST_WORDS: Final = 2
_SHORTEST_WORD: Final = 2
_FEWEST_NUMBERS: Final = 12
_MOSTLY_NUMBERS: Final = 0.5
_WORDS_COUNTED: Final = 50
# Whole numbers beyond 2^53 are not all different as float64.
LARGEST_EXACT: Final = 2**53


# Digits in groups of thousands under each decimal mark, and four digits that are not grouped.
_GROUPED: Final = {".": r"\d,\d{3}", ",": r"\d\.\d{3}"}
_PLAIN_LARGE: Final = r"\d{4}(?:[.,]|\D*$)"

# Numbers cut to three decimals lose a zero at their end one time in ten: so many without one are decimals.
_CERTAIN_DECIMALS: Final = 50
# Thousands are round more often than decimals are: above this share of zeros at the end they are worth a look.
_ROUND_SHARE: Final = 0.4
_LEAST_ROUND: Final = 4
# So many numbers with three decimals, beside whole ones and none between, are thousands.
_LEAST_BESIDE: Final = 10
_LARGEST_DIGITS: Final = 8
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100


@dataclass(frozen=True)
class DecimalMarks:
    """What is known about the decimal mark before a column is read.

    Attributes
    ----------
    told
        What the user said; it is never doubted.
    found
        What the other columns of the file show; None when nothing tells.
    comma_separates
        Whether commas separate the columns, so that a decimal comma is unlikely.
    groups
        Whether thousands of other columns are grouped: False where whole numbers beyond 999 stand there without any
        mark, None when nothing tells.
    counts
        Whether the column's name says that it counts things or money (True) or holds fractions (False); None where it
        says neither.
    """

    told: str | None = None
    found: str | None = None
    comma_separates: bool = True
    groups: bool | None = None
    counts: bool | None = None


@dataclass(frozen=True, eq=False)
class NumberReading:
    """A column of text read as numbers.

    Attributes
    ----------
    values
        (n_rows,) float64; NaN where missing, infinite or unreadable.
    unread, infinite
        Rows (from 0) whose cells are no numbers, or are infinite.
    currency_share, percent_share
        Share of the filled cells with a currency or a per cent sign.
    currencies
        The different currency signs.
    n_bare
        How many other numbers than 0 have no currency.
    ambiguous
        Whether the cells would be other numbers under the other decimal mark, and nothing tells.
    mixed_groups
        How many cells group their thousands although most large ones of the column do not.
    absent
        The words that say that nothing is there, with the number of cells of each, commonest first.
    other_marks
        How many cells were read by the other decimal mark, which alone explains them.
    """

    values: np.ndarray
    unread: np.ndarray
    infinite: np.ndarray
    decimal: str = "."
    currency_share: float = 0.0
    percent_share: float = 0.0
    currencies: tuple[str, ...] = ()
    n_bare: int = 0
    ambiguous: bool = False
    mixed_groups: int = 0
    absent: tuple[tuple[str, int], ...] = ()
    other_marks: int = 0

    @property
    def n_read(self) -> int:
        """How many cells are numbers, infinite ones included."""
        return int(np.count_nonzero(~np.isnan(self.values))) + len(self.infinite)


def read_numbers(column: TextCells, marks: DecimalMarks) -> NumberReading | None:
    """Read a column as numbers; None when under 95 % of its filled cells are numbers."""
    sample = column.known
    if not sample:
        return None
    mark, ambiguous = _decimal_mark(sample, marks)
    few = sample[:: max(1, len(sample) // 200)]
    of_each = {cell: is_number(cell, mark) for cell in set(few)}
    fits = np.array([of_each[cell] for cell in few])
    mixes = bool(fits.mean() < NUMERIC_SHARE and marks.told is None and _mixes_marks(few, fits, mark))
    if fits.mean() < _WORTH_TRYING and not mixes:
        return None
    reading = _read_plain(column) if mark == "." else None
    if reading is None:
        reading = _read_any_form(column, mark, mixes=mixes)
    n_filled = reading.n_read + len(reading.unread)
    if not n_filled or reading.n_read < NUMERIC_SHARE * n_filled:
        return None
    return replace(reading, ambiguous=ambiguous)


def _mixes_marks(cells: list[str], fits: np.ndarray, mark: str) -> bool:
    """Whether cells are numbers, some with a decimal comma and others with a decimal point."""
    others = [cell for cell, is_so in zip(cells, fits, strict=True) if not is_so]
    n_others = sum(n for cell, n in Counter(others).items() if is_number(cell, _other(mark)))
    return bool(fits.sum() + n_others >= NUMERIC_SHARE * len(cells))


def _other(mark: str) -> str:
    return "." if mark == "," else ","


def has_inexact_integers(column: TextCells, largest: float) -> bool:
    """Whether whole numbers are so long that float64 would take different ones for equal."""
    if largest <= LARGEST_EXACT:
        return False
    return bool(pc.any(pc.match_substring_regex(column.filled, r"^\s*'?[+-]?\d{16,}\s*$")).as_py())


def _decimal_mark(sample: list[str], marks: DecimalMarks) -> tuple[str, bool]:
    """Return the decimal mark of a column and whether the cells leave it open."""
    if marks.told is not None:
        return marks.told, False
    seen = count_decimal_marks(sample)
    if seen.comma or seen.point:
        mark = "," if seen.comma > seen.point else "."
        # One column that speaks for both, and against all others, is worth a look.
        return mark, marks.found not in (None, mark) and min(seen.comma, seen.point) > 0
    if not seen.either:
        return marks.found or ".", False
    return _mark_of_threes(sample, seen.either, marks)


def _mark_of_threes(sample: list[str], n_either: int, marks: DecimalMarks) -> tuple[str, bool]:
    """Decide on cells such as 1,234 or 1.234, which mean something under both marks, and whether that is doubtful."""
    cells = [cell for cell in sample if "," in cell or "." in cell]
    with_comma = sum("," in cell for cell in cells)
    group = "," if 2 * with_comma >= len(cells) else "."
    if 0 < with_comma < len(cells):
        return marks.found or _other(group), True
    # Where commas separate, a comma amid a quoted number groups thousands, and a point is the decimal mark.
    expected = marks.found or ("." if marks.comma_separates else None)
    whole = [cell for cell in sample if cell.isdecimal()]
    if whole and expected != _other(group):
        return _mark_beside_whole(whole, n_either, group, marks)
    by_file = marks.comma_separates and group == ","
    if whole and not by_file and n_either < _LEAST_BESIDE and max(map(len, whole)) < len("999"):
        # 2 beside 1.125: whatever the other columns say, a leap from tens to thousands is worth a look.
        return _other(group), True
    if expected is not None:
        # Nobody counts to the thousandth, whatever separates the columns.
        is_odd = _n_round(cells) > _ROUND_SHARE * len(cells) or marks.counts is True
        return expected, n_either >= _LEAST_ROUND and is_odd and marks.found is None and expected == group
    n_round = _n_round(cells)
    if n_either >= _CERTAIN_DECIMALS and not n_round and marks.counts is not True:
        return group, False
    if n_either >= _LEAST_BESIDE and n_round <= _ROUND_SHARE * len(cells) and marks.counts is not True:
        # Whoever writes 52310 beside 1,234 groups no thousands. Nor does anybody by the mark that is the decimal one
        # wherever semicolons separate.
        certain = marks.groups is False or marks.counts is False or group == ","
        if certain:
            return group, False
    if marks.counts is True and n_either >= _LEAST_ROUND:
        # Nobody counts, or pays, to the thousandth.
        return _other(group), True
    return ("." if group == "," else group), True


def _mark_beside_whole(whole: list[str], n_either: int, group: str, marks: DecimalMarks) -> tuple[str, bool]:
    """Decide on cells such as 1.234 beside whole numbers such as 950.

    Decimals that were cut lose one digit or two far more often than all three, so that numbers with three decimals and
    none, and nothing between, are thousands. Only a few small ones, 2 beside 1.125, may be decimals.
    """
    largest = max(len(cell.lstrip("0")) for cell in whole)
    if largest > len("999"):
        # Large numbers that are not grouped speak against groups.
        return group, True
    are_thousands = largest == len("999") or n_either >= _LEAST_BESIDE
    certain = are_thousands and marks.found is None and not (marks.comma_separates and group == ".")
    return (_other(group) if are_thousands else group), not certain


def _n_round(cells: list[str]) -> int:
    return sum(cell.rstrip("%€$£ )").endswith("0") for cell in cells)


def _read_plain(column: TextCells) -> NumberReading | None:
    """Read at full speed what is written as computers write numbers; None when some cell is not."""
    numbers = _cast(column.cells)
    if numbers is None:
        # Only now are missing cells looked for: most columns have none.
        numbers = None if column.filled is column.cells else _cast(column.filled)
    if numbers is None:
        return None
    infinite = np.flatnonzero(np.isinf(numbers))
    numbers[infinite] = np.nan
    return NumberReading(numbers, unread=np.empty(0, np.int64), infinite=infinite)


def _cast(cells: pa.ChunkedArray) -> np.ndarray | None:
    numbers = np.empty(len(cells))
    at = 0
    try:
        # Chunk by chunk into one array: joining them afterwards would copy the column.
        for chunk in cells.chunks:
            if (pc.max(pc.binary_length(chunk)).as_py() or 0) > LONGEST_JUDGED:
                return None
            numbers[at : at + len(chunk)] = pc.cast(chunk, pa.float64()).to_numpy(zero_copy_only=False)
            at += len(chunk)
    except pa.ArrowInvalid:
        return None
    return numbers


def _read_any_form(column: TextCells, mark: str, *, mixes: bool) -> NumberReading:
    texts = column.values
    numbers = to_numbers(texts, mark)
    absent = missing_words(texts)
    by_other = np.zeros(len(texts), bool)
    if mixes:
        others = to_numbers(texts, _other(mark))
        by_other = pc.and_(pc.is_null(numbers), pc.is_valid(others)).to_numpy(zero_copy_only=False)
        numbers = pc.coalesce(numbers, others)
    unread_value = pc.and_(pc.is_null(numbers), pc.invert(absent))
    per_value = numbers.to_numpy(zero_copy_only=False)
    positions = column.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = np.append(per_value, np.nan)[positions]
    unread = np.append(unread_value.to_numpy(zero_copy_only=False), False)[positions]
    infinite = np.flatnonzero(np.isinf(values))
    values[infinite] = np.nan
    currency_share, percent_share, currencies = _signs(column, texts)
    bare = pc.and_(pc.not_equal(numbers, 0.0), pc.invert(pc.match_substring_regex(texts, CURRENCIES)))
    return NumberReading(
        values,
        np.flatnonzero(unread),
        infinite,
        mark,
        currency_share,
        percent_share,
        currencies,
        int(column.counts[bare.fill_null(False).to_numpy(zero_copy_only=False)].sum()),
        mixed_groups=_mixed_groups(column, texts, mark),
        other_marks=int(column.counts[by_other].sum()),
        absent=_counted(column, pc.and_(pc.is_null(numbers), absent).to_numpy(zero_copy_only=False)),
    )


def _counted(column: TextCells, chosen: np.ndarray) -> tuple[tuple[str, int], ...]:
    """Return the different words among some values, with the number of cells of each, commonest first."""
    places = np.flatnonzero(chosen)
    found = [
        (column.values[int(place)].as_py().strip(), int(column.counts[place])) for place in places[:_WORDS_COUNTED]
    ]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def read_mostly_numbers(column: TextCells, marks: DecimalMarks) -> NumberReading | None:
    """Read as numbers what is numbers but for one or two words that come back: whoever wrote them had no number.

    None where there are other words, or too few numbers to be sure.
    """
    texts = without_long(column.values)
    mark, _ = _decimal_mark(column.known or [""], marks)
    # Where none of some cells from all over is a number, most are none.
    if not to_numbers(pa.array(column.known, pa.large_string()), mark).is_valid().true_count:
        return None
    numbers = to_numbers(texts, mark)
    is_word = pc.and_(pc.is_null(numbers), pc.invert(missing_words(texts))).to_numpy(zero_copy_only=False)
    n_words, n_numbers = int(column.counts[is_word].sum()), int(column.counts[~is_word].sum())
    different = int(np.count_nonzero(numbers.is_valid().to_numpy(zero_copy_only=False)))
    words = [word for word, _ in _counted(column, is_word)]
    few = 1 <= len(words) <= _MOST_WORDS and all(sum(map(str.isalpha, word)) >= _SHORTEST_WORD for word in words)
    if not few or different < _FEWEST_NUMBERS or n_numbers < _MOSTLY_NUMBERS * (n_words + n_numbers):
        return None
    reading = _read_any_form(column, mark, mixes=False)
    counted = _counted(column, is_word)
    return replace(reading, unread=np.empty(0, np.int64), absent=(*counted, *reading.absent))


def share_of_numbers(column: TextCells) -> float:
    """Return how many of the sampled cells are numbers, 0-1."""
    counts = Counter(column.known)
    shares = (sum(n for cell, n in counts.items() if is_number(cell, mark)) / len(column.known) for mark in ".,")
    return max(shares) if counts else 0.0


def _mixed_groups(column: TextCells, texts: pa.LargeStringArray, mark: str) -> int:
    """Count grouped cells ("1,234") in a column whose other large numbers are not grouped ("1234")."""
    grouped = pc.match_substring_regex(texts, _GROUPED[mark]).to_numpy(zero_copy_only=False)
    plain = pc.match_substring_regex(texts, _PLAIN_LARGE).to_numpy(zero_copy_only=False) & ~grouped
    n_grouped, n_plain = int(column.counts[grouped].sum()), int(column.counts[plain].sum())
    return n_grouped if 0 < n_grouped < n_plain else 0


def _signs(column: TextCells, texts: pa.LargeStringArray) -> tuple[float, float, tuple[str, ...]]:
    """Return the shares of cells with a currency and a per cent sign, and the currencies."""
    with_currency = pc.match_substring_regex(texts, CURRENCIES).to_numpy(zero_copy_only=False)
    with_percent = pc.match_substring(texts, "%").to_numpy(zero_copy_only=False)
    n_cells = max(int(column.counts.sum()), 1)
    found = pc.extract_regex(texts.filter(pa.array(with_currency)), rf"(?P<sign>{CURRENCIES})")
    signs = pc.unique(pc.struct_field(found, "sign")).to_pylist() if len(found) else []
    shares = [float(column.counts[mask].sum()) / n_cells for mask in (with_currency, with_percent)]
    return shares[0], shares[1], tuple(sorted(signs))


def decimal_of(columns: list[TextCells]) -> DecimalMarkCounts:
    """Return what all columns together say about the decimal mark."""
    return sum((_evidence_of_numbers(column.sample) for column in columns), DecimalMarkCounts())


def leaves_ungrouped(column: TextCells) -> bool:
    """Whether a column measures something by whole numbers beyond 999 that nobody has grouped.

    Years and running numbers are never grouped, and tell nothing.
    """
    whole = [cell for cell in column.sample if cell.isdecimal() and cell[0] != "0"]
    large = [int(cell) for cell in whole if 4 <= len(cell) <= _LARGEST_DIGITS]
    if len(whole) < _WORTH_TRYING * len(column.sample) or len(large) < _LEAST_BESIDE:
        return False
    if all(_FIRST_YEAR <= number <= _LAST_YEAR for number in large):
        return False
    # Identifiers have as many digits each, and are all different; amounts vary by more.
    return len({len(str(number)) for number in large}) > 1 and len({len(cell) for cell in whole}) > 1


def _evidence_of_numbers(sample: list[str]) -> DecimalMarkCounts:
    """Return the evidence of a column that looks like numbers; addresses such as 192.168.1.1 are none."""
    few = sample[:: max(1, len(sample) // 100)]
    different = Counter(few)
    n_numbers = max(sum(n for cell, n in different.items() if is_number(cell, mark)) for mark in (".", ","))
    return count_decimal_marks(sample) if n_numbers >= _WORTH_TRYING * len(few) else DecimalMarkCounts()


_WORD: Final = r"[A-Za-zÀ-ɏЀ-ӿ万億亿千만천억円元원]{1,12}\.?"
_QUANTITY: Final = re.compile(
    rf"^(?P<sign>[-+{_MINUS}]?)(?P<before>(?:{CURRENCIES})?) ?"
    rf"(?P<size>\d(?:[\d.,'’]|[ \u00a0\u202f\u2009](?=\d{{3}})){{0,20}}) ?(?P<word>(?:{_WORD})?) ?"
    rf"(?P<after>(?:{CURRENCIES})?)$"
)
_MULTIPLIERS: Final = {
    **dict.fromkeys(
        ("k", "tkr", "tsd", "thousand", "thsd", "mil", "mille", "mila", "тыс", "tys", "tis", "bin", "千", "천"), 1e3
    ),
    **dict.fromkeys(("m", "mn", "mm", "mio", "million", "millions", "millionen", "mln", "mill", "млн", "milyon"), 1e6),
    **dict.fromkeys(("b", "bn", "mrd", "mld", "md", "billion", "billions", "миллиард", "млрд", "milyar"), 1e9),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 1e5),
    **dict.fromkeys(("crore", "crores", "cr"), 1e7),
    **dict.fromkeys(("万", "만"), 1e4),
    **dict.fromkeys(("億", "亿", "억"), 1e8),
}
# A single letter alone may be a unit: 5 m, 12 b.
_UNIT_LETTERS: Final = frozenset({"m", "b", "mm", "md", "cr", "mil"})
_MINUTES_PER: Final = {
    **dict.fromkeys(
        [
            "s",
            "sec",
            "secs",
            "second",
            "seconds",
            "sek",
            "sekunde",
            "sekunden",
            "seconde",
            "secondes",
            "segundo",
            "segundos",
            "sn",
            "saniye",
            "秒",
            "초",
        ],
        1 / 60,
    ),
    **dict.fromkeys(["secondi", "segundos", "sekund", "sek", "с", "сек"], 1 / 60),
    **dict.fromkeys(
        [
            "m",
            "min",
            "mins",
            "minute",
            "minutes",
            "minuten",
            "minuto",
            "minutos",
            "minuti",
            "minuut",
            "minuter",
            "мин",
            "dk",
            "dakika",
            "perc",
            "minutter",
            "minuttia",
            "分",
            "分钟",
            "分間",
            "분",
        ],
        1.0,
    ),
    **dict.fromkeys(
        [
            "h",
            "hr",
            "hrs",
            "hour",
            "hours",
            "std",
            "stunde",
            "stunden",
            "heure",
            "heures",
            "hora",
            "horas",
            "ora",
            "ore",
            "uur",
            "uren",
            "ч",
            "час",
            "godz",
            "hod",
            "saat",
            "sa",
            "t",
            "tim",
            "timme",
            "timmar",
            "timer",
            "tuntia",
            "時間",
            "小时",
            "시간",
        ],
        60.0,
    ),
    **dict.fromkeys(
        [
            "d",
            "day",
            "days",
            "tag",
            "tage",
            "tagen",
            "jour",
            "jours",
            "dia",
            "dias",
            "giorno",
            "giorni",
            "dag",
            "dagen",
            "dni",
            "gun",
            "дн",
            "день",
            "дня",
            "дней",
            "dzien",
            "dagar",
            "dage",
            "dnu",
            "paivaa",
            "日",
            "天",
            "일",
        ],
        1440.0,
    ),
    **dict.fromkeys(
        [
            "w",
            "wk",
            "wks",
            "week",
            "weeks",
            "woche",
            "wochen",
            "semaine",
            "semaines",
            "semana",
            "semanas",
            "settimane",
            "settimana",
            "tyg",
            "нед",
            "hafta",
            "weken",
        ],
        10_080.0,
    ),
    **dict.fromkeys(
        [
            "mo",
            "mos",
            "mon",
            "month",
            "months",
            "monat",
            "monate",
            "monaten",
            "mois",
            "mes",
            "meses",
            "mese",
            "mesi",
            "maand",
            "maanden",
            "mies",
            "miesiac",
            "miesiace",
            "miesiecy",
            "mesic",
            "mesicu",
            "manad",
            "manader",
            "maned",
            "maneder",
            "ay",
            "kk",
            "kuukautta",
            "мес",
            "месяц",
            "месяца",
            "месяцев",
            "ヶ月",
            "か月",
            "个月",
            "개월",
        ],
        43_829.1,
    ),
    **dict.fromkeys(
        [
            "y",
            "yr",
            "yrs",
            "year",
            "years",
            "jahr",
            "jahre",
            "jahren",
            "an",
            "ans",
            "ano",
            "anos",
            "anno",
            "anni",
            "jaar",
            "lat",
            "lata",
            "rok",
            "roky",
            "let",
            "yil",
            "vuotta",
            "ar",
            "год",
            "года",
            "лет",
            "年",
            "년",
        ],
        525_949.2,
    ),
}
_PART: Final = re.compile(
    r"(?P<size>\d{1,9}(?:[.,]\d{1,6})?) ?"
    r"(?P<unit>[A-Za-zÀ-ɏЀ-ӿ]{1,10}|秒|分[钟間]?|時間|小时|日|天|[ヶか个]月|年|초|분|시간|일|개월|년)\.?,?"
)
_DAYS_AND_CLOCK: Final = re.compile(
    r"^(?P<days>\d{1,6}) days?,? (?P<hours>\d{1,2}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d(?:\.\d{1,9})?)$"
)
_CLOCK: Final = re.compile(r"^(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d(?:[.,]\d{1,6})?))?$")
_ISO: Final = re.compile(
    r"^P(?:(?P<days>\d{1,6})D)?T?(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6}(?:\.\d{1,6})?)S)?$"
)
_MINUTES_A_DAY: Final = 1440.0
_FEWEST_WITH_UNIT: Final = 5
_SHORTEST_UNIT: Final = 2


def read_quantities(column: TextCells, marks: DecimalMarks) -> tuple[NumberReading, str] | None:
    """Read a column of numbers with words beside them; None when under 95 % of its filled cells are such.

    Returns
    -------
    tuple
        The numbers, and what they are: "numbers with K, M", "durations, in minutes", "numbers of years".
    """
    sample = column.known
    if not sample or sum(any(map(str.isdecimal, cell)) for cell in sample) < _WORTH_TRYING * len(sample):
        return None
    seen = count_decimal_marks([match["size"] for cell in sample if (match := _QUANTITY.match(cell))])
    mark = marks.told or ("," if seen.comma > seen.point else "." if seen.point else marks.found or ".")
    for make in (_clock, _debits, _multiplied, _with_unit, _durations, _out_of):
        read = make(sample, mark)
        if read is None:
            continue
        reader, words = read
        reading = _all_cells(column, reader, mark)
        if reading is not None:
            return reading, words
    return None


def _all_cells(column: TextCells, reader: Callable[[str], float | None], mark: str) -> NumberReading | None:
    per_value = np.full(len(column.values), np.nan)
    unread_value = np.zeros(len(column.values), np.bool_)
    for place, cell in enumerate(leading_texts(column.values)):
        number = reader(cell or "")
        if number is not None:
            per_value[place] = number
        else:
            unread_value[place] = not is_missing_word(cell or "")
    n_read = int(column.counts[~np.isnan(per_value)].sum())
    if n_read < NUMERIC_SHARE * (n_read + int(column.counts[unread_value].sum())) or not n_read:
        return None
    positions = column.encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    unread = np.flatnonzero(np.append(unread_value, False)[positions])
    return NumberReading(np.append(per_value, np.nan)[positions], unread, np.empty(0, np.int64), mark)


def _enough(sample: list[str], read: Callable[[str], float | None]) -> bool:
    held = Counter(sample)
    return sum(n for cell, n in held.items() if read(cell) is not None) >= _WORTH_TRYING * len(sample)


def _size(text: str, mark: str) -> float | None:
    if not is_number(text, mark):
        return None
    plain = re.sub(r"['’ \u00a0\u202f\u2009]", "", text).replace("," if mark == "." else ".", "").replace(",", ".")
    return float(plain)


def _multiplied(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 1.2K and $3.4M; a letter that may be a unit counts beside a currency, or where others are there too."""
    matches = [match for cell in sample if (match := _QUANTITY.match(cell)) and match["word"]]
    words = {without_accents(match["word"].rstrip(".")) for match in matches} & set(_MULTIPLIERS)
    with_currency = any(match["before"] or match["after"] for match in matches)
    capitals = any(match["word"] in ("M", "B") for match in matches)
    if not words or (words <= _UNIT_LETTERS and not with_currency and not (capitals and _plain_beside(sample, mark))):
        return None

    def read(cell: str) -> float | None:
        match = _QUANTITY.match(cell)
        if match is None:
            return None
        factor = _MULTIPLIERS.get(without_accents(match["word"].rstrip("."))) if match["word"] else 1.0
        size = _size(match["size"], mark)
        if factor is None or size is None:
            return None
        return round(size * factor, 6) * (1 if match["sign"] in ("", "+") else -1)

    shown = sorted({match["word"] for match in matches})[:4]
    return (read, f"numbers with {', '.join(shown)}") if _enough(sample, read) else None


_DEBIT: Final = re.compile(rf"^(?P<size>[^A-Za-z]{{1,30}}?){_SPACE}?(?P<side>CR|DR|Cr|Dr|cr|dr|Soll|Haben)\.?$")


def _debits(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 120.50 DR as -120.50 where other cells say CR, as statements of accounts do; CR alone may be crores."""
    sides = {match["side"].lower() for cell in sample if (match := _DEBIT.match(cell))}
    if not sides & {"dr", "soll"}:
        return None

    def read(cell: str) -> float | None:
        match = _DEBIT.match(cell)
        size = _size(match["size"].strip() if match else cell, mark)
        return -size if size is not None and match and match["side"].lower() in ("dr", "soll") else size

    return (read, "numbers; what is marked DR is below zero") if _enough(sample, read) else None


def _plain_beside(sample: list[str], mark: str) -> bool:
    return any(is_number(cell, mark) for cell in sample) or len({cell[-1:] for cell in sample}) > 1


def _with_unit(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read numbers that all have the same unit: 35 years, 70 kg."""
    matches = [match for cell in sample if (match := _QUANTITY.match(cell)) and match["word"]]
    units = Counter(_stem(match["word"]) for match in matches)
    if len(matches) < _WORTH_TRYING * len(sample) or len(units) != 1:
        return None
    (unit,) = units
    known = unit in {_stem(word) for word in _MINUTES_PER}
    # 10b and 11b are rather names.
    sizes = {match["size"] for match in matches}
    few = len(sizes) < _FEWEST_WITH_UNIT and all(size.isdecimal() for size in sizes)
    if not known and (len(unit) < _SHORTEST_UNIT or few):
        return None

    def read(cell: str) -> float | None:
        match = _QUANTITY.match(cell)
        if match is None or (match["word"] and _stem(match["word"]) != unit):
            return None
        size = _size(match["size"], mark)
        return size if size is None or match["sign"] in ("", "+") else -size

    return (read, f"numbers of {matches[0]['word']}") if _enough(sample, read) else None


_MOST_UNITS: Final = 4


def mixed_units(column: TextCells) -> tuple[str, ...]:
    """Return the units of numbers that have different ones, such as kg and g; nothing where all have the same."""
    sample = column.known
    matches = [match for cell in sample if (match := _QUANTITY.match(cell))]
    units = Counter(match["word"].rstrip(".") for match in matches)
    if len(matches) < NUMERIC_SHARE * len(sample) or not 2 <= len(units) <= _MOST_UNITS:
        return ()
    sizes = {match["size"] for match in matches}
    return tuple(unit or "none" for unit in units) if len(sizes) >= _FEWEST_NUMBERS else ()


def _stem(word: str) -> str:
    return without_accents(word.rstrip(".")).rstrip("sne")


def _durations(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 1 h 20 min and 2 years 3 months, in minutes or in days."""
    del mark
    long = any(
        _MINUTES_PER.get(without_accents(part["unit"]), 0) >= _MINUTES_A_DAY
        for cell in set(sample)
        for part in _PART.finditer(cell)
    )
    factor = 1 / _MINUTES_A_DAY if long else 1.0

    def read(cell: str) -> float | None:
        total, end = 0.0, 0
        if iso := _ISO.match(cell):
            parts = {name: float(text or 0) for name, text in iso.groupdict().items()}
            return factor * (
                _MINUTES_A_DAY * parts["days"] + 60 * parts["hours"] + parts["minutes"] + parts["seconds"] / 60
            )
        for part in _PART.finditer(cell):
            minutes = _MINUTES_PER.get(without_accents(part["unit"]))
            between = cell[end : part.start()].strip()
            if minutes is None or between not in {"", "and", "und", "et", "y", "e", "en", ","}:
                return None
            total, end = total + minutes * float(part["size"].replace(",", ".")), part.end()
        return round(total * factor, 6) if end and not cell[end:].strip() else None

    words = f"durations, in {'days' if long else 'minutes'}"
    return (read, words) if _enough(sample, read) else None


_OUT_OF: Final = re.compile(
    r"^(?P<size>\d{1,3}(?:[.,]\d)?) (?:out of|of|von|sur|sobre|de|su|van|z|av|ud af|iz|из) (?P<most>\d{1,3})$"
)


def _out_of(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 4 out of 5, where the best is the same in every cell."""
    del mark
    best = Counter(match["most"] for cell in sample if (match := _OUT_OF.match(cell)))
    if len(best) != 1:
        return None
    (most,) = best

    def read(cell: str) -> float | None:
        match = _OUT_OF.match(cell)
        return float(match["size"].replace(",", ".")) if match and match["most"] == most else None

    return (read, f"numbers out of {most}") if _enough(sample, read) else None


def _clock(sample: list[str], mark: str) -> tuple[Callable[[str], float | None], str] | None:
    """Read 01:20:00 and 14:30 as minutes."""
    del mark

    matches = [match for cell in sample if (match := _CLOCK.match(cell))]
    firsts = [int(match["hours"]) for match in matches]
    # 37:41 is no time of the day: minutes and seconds, where none goes beyond an hour.
    short = bool(firsts) and _HOURS <= max(firsts) < _AN_HOUR and not any(match["seconds"] for match in matches)

    def read(cell: str) -> float | None:
        if days := _DAYS_AND_CLOCK.match(cell):
            size = {name: float(text) for name, text in days.groupdict().items()}
            return round(_MINUTES_A_DAY * size["days"] + 60 * size["hours"] + size["minutes"] + size["seconds"] / 60, 6)
        match = _CLOCK.match(cell)
        if match is None:
            return None
        if short:
            return round(int(match["hours"]) + int(match["minutes"]) / 60, 6)
        seconds = float((match["seconds"] or "0").replace(",", "."))
        return round(60 * int(match["hours"]) + int(match["minutes"]) + seconds / 60, 6)

    words = "minutes and seconds, in minutes" if short else "hours and minutes, in minutes"
    return (read, words) if _enough(sample, read) else None


_HOURS: Final = 24
_AN_HOUR: Final = 60
