"""Ways of writing a number, and what a cell means under each."""

import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED

CURRENCIES: Final = (
    r"[$€£¥₹₽₩₺₫฿₴₪₦]|R\$|US\$|A\$|C\$|Rs\.?|USD|EUR|GBP|CHF|JPY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK"
    r"|HUF|BRL|MXN|ZAR|CNY|TRY|TL|RON|lei|BGN|лв\.?|RUB|руб\.?|р\.|UAH|грн\.?|KRW|원|円|元|THB|ILS|AED|SGD|HKD"
    r"|kr\.?|zł|Kč|Ft"
)
_SPACE: Final = "[ \u00a0\u202f\u2009]"

# Sign, currency, per cent and accounting brackets around the digits, all optional; spreadsheets mark text by an
# apostrophe.
_BEFORE: Final = rf"'?[+\-−]?(?:(?:{CURRENCIES}){_SPACE}?[+\-−]?)?"
_AFTER: Final = rf"(?:{_SPACE}?(?:{CURRENCIES}|%))?-?"
_EXPONENT: Final = r"(?:[eE][+\-]?\d{1,3})?"
_DIGITS_DOT: Final = (
    rf"(?:\d+(?:\.\d*)?|\.\d+|\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d*)?"
    rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+(?:\.\d*)?){_EXPONENT}"
)
_DIGITS_COMMA: Final = (
    rf"(?:\d+(?:,\d*)?|,\d+|\d{{1,3}}(?:\.\d{{3}})+(?:,\d*)?"
    rf"|\d{{1,3}}(?:(?:{_SPACE}|['’])\d{{3}})+(?:,\d*)?){_EXPONENT}"
)
# Infinity is a number here: it is turned into a missing value later, and said.
_INFINITE: Final = r"[+\-]?(?:inf|Inf|INF|infinity|Infinity|INFINITY|∞)"


def _pattern(digits: str) -> str:
    return rf"^(?:{_BEFORE}{digits}{_AFTER}|\({_BEFORE}{digits}{_AFTER}\)|{_INFINITE})$"


FORMS: Final = {".": _pattern(_DIGITS_DOT), ",": _pattern(_DIGITS_COMMA)}
_COMPILED: Final = {mark: re.compile(pattern) for mark, pattern in FORMS.items()}

# Cells that only one decimal mark explains: "0,5", "12,25", "1.234,5" against "0.5", "12.25", "1,234.5".
_CORE: Final = rf"^\(?{_BEFORE}"
_ONLY: Final = {
    ",": re.compile(
        _CORE
        + r"(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})"
        + _EXPONENT
        + _AFTER
        + r"\)?$"
    ),
    ".": re.compile(
        _CORE
        + r"(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,})"
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


def count_decimal_marks(cells: list[str]) -> DecimalMarkCounts:
    """Return what a sample of trimmed cells says about the decimal mark."""
    marked = [cell for cell in cells if "." in cell or "," in cell]
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


def to_numbers(cells: pa.LargeStringArray, decimal: str) -> pa.DoubleArray:
    """Return the number that each cell means; null where it is none, as where it is longer than 200 letters."""
    trimmed = without_long(cells)
    fits = pc.match_substring_regex(trimmed, FORMS[decimal])
    negative = pc.match_substring_regex(trimmed, r"^\(.*\)$|[-−]\d|^[-−]|[^eE]-$|[-−][.,]")
    negative = pc.and_(negative, pc.invert(pc.match_substring_regex(trimmed, r"^[^-(−]*[eE]-")))
    infinite = pc.match_substring_regex(trimmed, "(?i)inf|∞")
    digits = pc.replace_substring_regex(trimmed, rf"{CURRENCIES}|[^0-9.,eE\-]", "")
    digits = pc.replace_substring_regex(digits, r"^-+|-+$|[eE]+$|^[eE]+", "")
    digits = pc.replace_substring(digits, "," if decimal == "." else ".", "")
    if decimal == ",":
        digits = pc.replace_substring(digits, ",", ".")
    digits = pc.if_else(infinite, "inf", digits)
    size = pc.cast(pc.if_else(fits, digits, pa.scalar(None, pa.large_string())), pa.float64())
    return pc.if_else(negative, pc.negate(size), size)
