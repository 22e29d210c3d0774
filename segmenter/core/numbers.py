"""Is a column of texts really numbers, and which?"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.core.texts import Bools, Floats, Texts, to_arrow

# At least this share of the cells must fit one way of writing before a text column becomes numbers.
FITTING_SHARE: Final = 0.95

# What spreadsheets, databases and statistics programs write where there is no number.
MISSING_NUMBERS: Final = frozenset({"", "na", "n/a", "#n/a", "null", "none", "nan", "-", ".", "?", "missing"})
INFINITE: Final = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
LARGEST_EXACT: Final = 2**53
LEADING_ZEROS: Final = "leading zeros"
TOO_MANY_DIGITS: Final = "too many digits"

_LETTERED_CODE = r"[A-Za-z]{1,3}[-_ ]?\d+"
_GAP = "[\\s\u00a0\u202f]*"
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
        Shape (n_rows,), NaN where there is none.
    unread
        Which rows hold something that is no number.
    infinite
        Which rows hold an infinity; they are NaN in `values`.
    money, percentage
        Whether a currency or a percent sign stands beside the numbers.
    formatted
        Whether the cells hold more than plain digits.
    coded
        Why the digits have no size, `LEADING_ZEROS` or `TOO_MANY_DIGITS`; empty when they have one.
    """

    values: Floats
    unread: Bools
    infinite: Bools
    money: bool = False
    percentage: bool = False
    formatted: bool = False
    coded: str = ""


def read_plain_numbers(cells: pd.Series, decimal: str | None) -> Numbers | None:
    """Read a column whose cells are all empty or plain numbers, at the speed of one cast; None for any other."""
    texts = to_arrow(cells)
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    if decimal == ",":
        if pc.any(pc.match_substring(texts, ".")).as_py():
            return None
        texts = pc.replace_substring(texts, ",", ".")
    try:
        values = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    empty = texts.is_null().to_numpy(zero_copy_only=False)
    if empty.all() or not np.isfinite(values[~empty]).all():
        return None
    none = np.zeros(len(values), dtype=bool)
    return Numbers(values, none, none, coded=_coded(texts, values[~empty]))


def read_numbers(texts: Texts, decimal: str | None) -> Numbers | None:
    """Read a text column as numbers, if at least 95 % of its cells fit one way of writing them.

    Parameters
    ----------
    decimal
        The file's decimal mark, "." or ","; None tries both.
    """
    lowered = texts.values.str.lower()
    infinite = lowered.isin(INFINITE).to_numpy(dtype=bool)
    asked = ~lowered.isin(MISSING_NUMBERS).to_numpy(dtype=bool) & ~infinite
    if not asked.any():
        return None
    for mark in [decimal] if decimal else [".", ","]:
        found = _read(texts, asked, infinite, mark)
        if found is not None:
            return found
    return None


def guess_decimal(texts: pd.Series) -> str | None:
    """Return the decimal mark that a column's cells show beyond doubt, or None."""
    comma = int(texts.str.match(_CLEAR_COMMA.pattern, na=False).sum())
    point = int(texts.str.match(_CLEAR_POINT.pattern, na=False).sum())
    if max(comma, point) < FITTING_SHARE / 2 * max(int(texts.notna().sum()), 1):
        return None
    return "," if comma > point else "."


def _read(texts: Texts, asked: Bools, infinite: Bools, mark: str) -> Numbers | None:
    number = f"(?:{_GROUPED[mark]}|{_PLAIN[mark]})"
    whole = rf"\(?{_GAP}{_SIGN}{_GAP}{_CURRENCY}?{_GAP}{_SIGN}{number}{_GAP}(?:%|{_CURRENCY}|k)?{_GAP}\)?"
    fits = texts.fits(whole) & asked
    if texts.counts[fits].sum() < FITTING_SHARE * texts.counts[asked].sum() or not fits.any():
        return None
    unread = asked & ~fits
    if unread.any() and _are_codes(texts, unread, fits):
        return None
    values = np.full(len(texts.values), np.nan)
    values[fits] = _converted(texts.values[fits], mark)
    beyond = np.isinf(values)  # 1e400 is written in digits and is still more than a float holds
    values[beyond] = np.nan
    known = values[~np.isnan(values)]
    return Numbers(
        texts.spread(values),
        texts.rows(unread),
        texts.rows(infinite | beyond),
        money=_mostly(texts, texts.values.str.contains(_CURRENCY, regex=True).to_numpy(dtype=bool) & fits, fits),
        percentage=_mostly(texts, texts.values.str.endswith("%").to_numpy(dtype=bool) & fits, fits),
        formatted=bool((~texts.values[fits].str.fullmatch(_PLAIN["."])).any()),
        coded=_coded(pa.array(texts.values[fits], type=pa.large_string(), from_pandas=True), known),
    )


def _mostly(texts: Texts, chosen: Bools, among: Bools) -> bool:
    return bool(texts.counts[chosen].sum() > texts.counts[among].sum() / 2)


def _are_codes(texts: Texts, unread: Bools, fits: Bools) -> bool:
    """Whether the cells that are no numbers look like the others with a letter before: 536378, C536379."""
    lettered = texts.fits(_LETTERED_CODE)
    return _mostly(texts, lettered & unread, unread) and bool(texts.values[fits].str.fullmatch(r"\d+").all())


def _coded(texts: pa.Array, known: Floats) -> str:
    if pc.any(pc.match_substring_regex(texts, r"^0\d")).as_py():
        return LEADING_ZEROS
    large = bool(len(known)) and np.abs(known).max() > LARGEST_EXACT
    if large and pc.any(pc.match_substring_regex(texts, r"^[-+]?\d{16,}$")).as_py():
        return TOO_MANY_DIGITS
    return ""


def _converted(cells: pd.Series, mark: str) -> Floats:
    negative = (cells.str.startswith("(") | cells.str.contains(r"^[^\d]*[-−]", regex=True)).to_numpy(dtype=bool)
    factor = np.where(cells.str.endswith("k"), 1000.0, 1.0)
    digits = cells.str.replace(_CURRENCY, "", regex=True).str.replace(_NOT_DIGITS[mark].pattern, "", regex=True)
    digits = digits.str.lstrip("+-").str.replace(mark, ".", regex=False)
    values = pd.to_numeric(digits, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(negative, -values, values) * factor
