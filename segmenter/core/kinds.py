"""What does a column mean: which kind is it, and why?"""

import re
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.dataset import ColumnKind

UNIQUE_SHARE: Final = 0.95
# More different values than this, relative to the rows, and a text column is no category.
CATEGORY_SHARE: Final = 0.5
PERSONAL_SHARE: Final = 0.5

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ID_WORDS = {"id", "uuid", "guid", "identifier", "ref", "reference"}
_ID_NAMES = {
    "customerid",
    "custid",
    "clientid",
    "userid",
    "memberid",
    "customernumber",
    "customerno",
    "rowid",
}
_CODE_WORDS = {
    "zip",
    "zipcode",
    "postcode",
    "postalcode",
    "postal",
    "pincode",
    "plz",
    "sku",
    "ean",
    "upc",
    "till",
    "code",
}
_NAME_WORDS = {"firstname", "lastname", "surname", "forename", "fullname", "familyname", "givenname"}
_STREET_WORDS = {"street", "address", "addr"}
_PHONE_WORDS = {"phone", "mobile", "telephone", "tel", "fax", "cell"}
_MONEY_WORDS = {
    "income", "spend", "spent", "price", "amount", "revenue", "balance", "payment", "payments", "salary", "cost",
    "monetary", "sales", "credit", "turnover",
}  # fmt: skip
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_PHONE = r"^\+?\d[\d ()./-]{6,}\d$"

# Scales that people use, lowest first; a column whose values all stand in one of them is ordered.
_SCALES: Final = (
    ("very low", "low", "medium", "high", "very high"),
    ("low", "average", "high"),
    ("low", "moderate", "high"),
    ("low", "mid", "high"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"),
    ("small", "medium", "large", "extra large"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("bronze", "silver", "gold", "platinum", "diamond"),
    ("basic", "standard", "premium"),
    ("beginner", "intermediate", "advanced", "expert"),
    ("light", "medium", "heavy"),
)
YES: Final = frozenset({"yes", "y", "true", "t", "ja", "oui", "si", "sí"})
NO: Final = frozenset({"no", "n", "false", "f", "nein", "non"})


def words_of(name: str) -> set[str]:
    """Return the lower-case words of a column name, and all of them written together."""
    words = [word.lower() for word in _WORDS.findall(name)]
    pairs = {first + second for first, second in pairwise(words)}
    return {*words, *pairs, "".join(words)}


def kind_by_presence(missing: int, distinct: int, n_rows: int) -> tuple[ColumnKind, str] | None:
    """Return the kind of a column that carries nothing, or None when it carries something."""
    if missing == n_rows:
        return ColumnKind.NEAR_EMPTY, "is empty"
    if missing > config.NEAR_EMPTY_SHARE * n_rows:
        return ColumnKind.NEAR_EMPTY, f"{missing / n_rows:.0%} of its values are missing"
    if distinct == 1 and n_rows > 1:
        return ColumnKind.CONSTANT, "has the same value in every row"
    return None


def kind_of_numbers(name: str, values: pd.Series, *, money: bool, percentage: bool) -> tuple[ColumnKind, str]:
    """Return the kind of a column of numbers."""
    known = values.dropna().to_numpy(dtype=np.float64)
    words = words_of(name)
    if known.max() - known.min() <= config.CONSTANT_RANGE * np.abs(known).max():
        return ColumnKind.CONSTANT, "has the same value in every row, but for rounding"
    if words & _CODE_WORDS:
        return ColumnKind.CODE, "its name says that it is a code, not an amount"
    identifier = _identifier_reason(words, known, len(values))
    if identifier:
        return ColumnKind.IDENTIFIER, identifier
    if set(np.unique(known[:1000])) <= {0.0, 1.0} and set(np.unique(known)) == {0.0, 1.0}:
        return ColumnKind.YES_NO, "holds only 0 and 1"
    if percentage:
        return ColumnKind.PERCENTAGE, "numbers with a percent sign"
    if money:
        return ColumnKind.MONEY, "numbers with a currency sign"
    if words & _MONEY_WORDS and not words & {"score", "trx", "frequency", "count", "number"}:
        return ColumnKind.MONEY, "numbers, and its name speaks of money"
    return ColumnKind.NUMBER, "numbers"


def kind_of_texts(name: str, texts: pd.Series, distinct: int) -> tuple[ColumnKind, str, tuple[str, ...]]:
    """Return the kind of a column of texts, the reason, and the levels if it is an ordered category."""
    known = texts.dropna()
    personal = _personal_reason(words_of(name), known, distinct)
    if personal:
        return ColumnKind.PERSONAL, personal, ()
    words = words_of(name)
    many = distinct > config.MAX_CATEGORIES
    if words & (_ID_WORDS | _ID_NAMES) and (many or distinct == len(known)):
        return ColumnKind.IDENTIFIER, "its name says that it identifies", ()
    if distinct >= UNIQUE_SHARE * len(known) and len(known) > config.SMALL_GROUP:
        spaced = known.str.contains(" ", regex=False).mean() > 1 / 2
        kind = ColumnKind.TEXT if spaced else ColumnKind.IDENTIFIER
        return kind, "nearly every row has a value of its own", ()
    if words & _CODE_WORDS:
        return ColumnKind.CODE, "its name says that it is a code", ()
    levels = _levels(known)
    if levels:
        return ColumnKind.ORDERED, f"a scale from {levels[0]} to {levels[-1]}", levels
    if distinct > CATEGORY_SHARE * len(known) and distinct > config.SMALL_GROUP:
        return ColumnKind.TEXT, "free text: most values appear once or twice", ()
    return ColumnKind.CATEGORY, f"{distinct} different values", ()


def _identifier_reason(words: set[str], known: np.ndarray[tuple[int], np.dtype[np.float64]], n_rows: int) -> str:
    whole = bool((known == np.floor(known)).all())
    unique = len(np.unique(known))
    if not whole:
        return ""
    if words & (_ID_WORDS | _ID_NAMES) and unique > config.SMALL_GROUP:
        return "whole numbers, and its name says that they identify"
    steps = np.diff(known)
    counting = unique == n_rows and n_rows > config.SMALL_GROUP and bool((steps == steps[0]).all())
    return "counts the rows" if counting else ""


def _personal_reason(words: set[str], known: pd.Series, distinct: int) -> str:
    if known.str.match(_EMAIL).mean() > PERSONAL_SHARE:
        return "e-mail addresses"
    if words & _PHONE_WORDS and known.str.match(_PHONE).mean() > PERSONAL_SHARE:
        return "telephone numbers"
    if words & _NAME_WORDS or ("name" in words and len(words) <= 3 and distinct > config.MAX_CATEGORIES):
        return "names of people"
    if words & _STREET_WORDS and distinct > config.MAX_CATEGORIES:
        return "addresses"
    return ""


def _levels(known: pd.Series) -> tuple[str, ...]:
    values = {str(value).strip().lower(): str(value) for value in known.unique()[: config.MAX_CATEGORIES + 1]}
    for scale in _SCALES:
        if len(values) > 2 and set(values) <= set(scale):
            return tuple(values[level] for level in scale if level in values)
    return ()
