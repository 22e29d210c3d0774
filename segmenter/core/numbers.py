"""Is a column of texts really numbers, and which?"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# At least this share of the cells must fit one way of writing before a text column becomes numbers.
FITTING_SHARE: Final = 0.95

# What spreadsheets, databases and statistics programs write where there is no number.
MISSING_NUMBERS: Final = frozenset({"", "na", "n/a", "#n/a", "null", "none", "nan", "-", ".", "?", "missing"})
INFINITE: Final = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
LARGEST_EXACT: Final = 2**53

_SIGN = r"[-+−]?"
_CURRENCY = r"(?:[$€£¥₹]|USD|EUR|GBP|CHF|INR|Rs\.?)"
_PLAIN = {".": r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", ",": r"(?:\d+,?\d*|,\d+)(?:[eE][-+]?\d+)?"}
_GROUPED = {".": r"\d{1,3}(?:[,'’   ]\d{3})+(?:\.\d+)?", ",": r"\d{1,3}(?:[.'’   ]\d{3})+(?:,\d+)?"}
_NOT_DIGITS = {mark: re.compile(rf"[^0-9eE{re.escape(mark)}+-]") for mark in ".,"}
_CLEAR_COMMA = re.compile(rf"^{_SIGN}(?:\d+,(?:\d{{1,2}}|\d{{4,}})|0,\d+|\d{{1,3}}(?:\.\d{{3}})+,\d+)$")
_CLEAR_POINT = re.compile(rf"^{_SIGN}(?:\d+\.(?:\d{{1,2}}|\d{{4,}})|0\.\d+|\d{{1,3}}(?:,\d{{3}})+\.\d+)$")


@dataclass(frozen=True, eq=False)
class Numbers:
    """A text column read as numbers.

    Attributes
    ----------
    values
        Shape (n,), NaN where there is none.
    unread
        Which cells hold something that is no number.
    infinite
        Which cells hold an infinity; they are NaN in `values`.
    money, percentage
        Whether a currency or a percent sign stands beside the numbers.
    formatted
        Whether the cells hold more than plain digits.
    """

    values: NDArray[np.float64]
    unread: NDArray[np.bool_]
    infinite: NDArray[np.bool_]
    money: bool = False
    percentage: bool = False
    formatted: bool = False


def read_numbers(texts: pd.Series, decimal: str | None) -> Numbers | None:
    """Read a text column as numbers, if at least 95 % of its cells fit one way of writing them.

    Parameters
    ----------
    texts
        Text, without surrounding white space, with NaN for empty cells.
    decimal
        The file's decimal mark, "." or ","; None tries both.
    """
    lowered = texts.str.lower()
    absent = (texts.isna() | lowered.isin(MISSING_NUMBERS)).to_numpy()
    infinite = lowered.isin(INFINITE).to_numpy()
    asked = ~absent & ~infinite
    if not asked.any():
        return None
    for mark in [decimal] if decimal else [".", ","]:
        found = _read(texts, asked, mark)
        if found is not None:
            return Numbers(found.values, found.unread, infinite, found.money, found.percentage, found.formatted)
    return None


def guess_decimal(texts: pd.Series) -> str | None:
    """Return the decimal mark that a column's cells show beyond doubt, or None."""
    comma = int(texts.str.match(_CLEAR_COMMA.pattern, na=False).sum())
    point = int(texts.str.match(_CLEAR_POINT.pattern, na=False).sum())
    if max(comma, point) < FITTING_SHARE / 2 * max(int(texts.notna().sum()), 1):
        return None
    return "," if comma > point else "."


def _read(texts: pd.Series, asked: NDArray[np.bool_], mark: str) -> Numbers | None:
    none = np.zeros(len(texts), dtype=bool)
    if mark == ".":
        plain = pd.to_numeric(texts.where(asked), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        plain = np.where(np.isinf(plain) & asked, np.nan, plain)
        if not (np.isnan(plain) & asked).any():
            return Numbers(plain, none, none)
    number = f"(?:{_GROUPED[mark]}|{_PLAIN[mark]})"
    whole = rf"^\(?\s*{_SIGN}\s*{_CURRENCY}?\s*{_SIGN}{number}\s*(?:%|{_CURRENCY}|k)?\s*\)?$"
    fits = (texts.str.match(whole, na=False)).to_numpy() & asked
    if fits.sum() < FITTING_SHARE * asked.sum():
        return None
    cells = texts[fits]
    values = np.full(len(texts), np.nan)
    values[fits] = _converted(cells, mark)
    return Numbers(
        values,
        asked & ~fits,
        none,
        money=bool(cells.str.contains(_CURRENCY, regex=True).mean() > 1 / 2),
        percentage=bool(cells.str.endswith("%").mean() > 1 / 2),
        formatted=True,
    )


def _converted(cells: pd.Series, mark: str) -> NDArray[np.float64]:
    negative = (cells.str.startswith("(") | cells.str.contains(r"^[^\d]*[-−]", regex=True)).to_numpy()
    digits = cells.str.replace(_CURRENCY, "", regex=True).str.replace(_NOT_DIGITS[mark].pattern, "", regex=True)
    digits = digits.str.lstrip("+-").str.replace(mark, ".", regex=False)
    values = pd.to_numeric(digits, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(negative, -values, values)
