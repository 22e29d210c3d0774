"""What does a column mean: which kind is it, and why?"""

import re
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.dataset import ColumnKind
from segmenter.core.texts import Floats, Texts

UNIQUE_SHARE: Final = 0.95
# More different values than this, relative to the rows, and a text column is no category.
CATEGORY_SHARE: Final = 0.5
PERSONAL_SHARE: Final = 0.5
# A text column with more values than categories usually have still is one when each comes this often.
OFTEN: Final = 10
MOST_CATEGORY_VALUES: Final = 1_000

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
_PERSON_WORDS = {"customer", "client", "contact", "user", "member", "person", "guest", "patient", "buyer", "full"}
# The last word of "invoice no" and "order number": what is numbered has no size.
_NUMBER_WORDS = {"no", "nr", "num", "number"}
_STREET_WORDS = {"street", "address", "addr"}
_PHONE_WORDS = {"phone", "mobile", "telephone", "tel", "fax", "cell"}
_MONEY_WORDS = {
    "income", "spend", "spent", "price", "amount", "revenue", "balance", "payment", "payments", "salary", "cost",
    "monetary", "sales", "credit", "turnover",
}  # fmt: skip
_NOT_MONEY_WORDS = {"score", "trx", "frequency", "count", "number", "share", "rate", "ratio", "percent", "pct", "prc"}
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_CODE_FORM = r"[A-Za-z]{0,4}[-_/]?\d[\dA-Za-z/_-]*"
_PHONE = r"\+?\d[\d ()./-]{6,}\d"

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
    """Return the lower-case words of a column name, neighbouring ones also joined, and all of them written together."""
    words = _words(name)
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
    # Halves, because the distance of 1e308 and -1e308 is more than a float holds.
    if known.max() / 2 - known.min() / 2 <= config.CONSTANT_RANGE * np.abs(known).max() / 2 and len(values) > 1:
        return ColumnKind.CONSTANT, "has the same value in every row, but for rounding"
    if words & _CODE_WORDS:
        return ColumnKind.CODE, "its name says that it is a code, not an amount"
    identifier = _identifier_reason(name, known, len(values))
    if identifier:
        return ColumnKind.IDENTIFIER, identifier
    if set(np.unique(known[:1000])) <= {0.0, 1.0} and set(np.unique(known)) == {0.0, 1.0}:
        return ColumnKind.YES_NO, "holds only 0 and 1"
    if percentage:
        return ColumnKind.PERCENTAGE, "numbers with a percent sign"
    if money:
        return ColumnKind.MONEY, "numbers with a currency sign"
    if words & _MONEY_WORDS and not words & _NOT_MONEY_WORDS:
        return ColumnKind.MONEY, "numbers, and its name speaks of money"
    return ColumnKind.NUMBER, "numbers"


def kind_of_texts(name: str, texts: Texts) -> tuple[ColumnKind, str, tuple[str, ...]]:
    """Return the kind of a column of texts, the reason, and the levels if it is an ordered category."""
    words = words_of(name)
    personal = _personal_reason(words, texts)
    if personal:
        return ColumnKind.PERSONAL, personal, ()
    distinct = len(texts.values)
    many = distinct > config.MAX_CATEGORIES
    if words & (_ID_WORDS | _ID_NAMES) and (many or distinct == texts.n_known):
        return ColumnKind.IDENTIFIER, "its name says that it identifies", ()
    if distinct >= UNIQUE_SHARE * texts.n_known and texts.n_known > config.SMALL_GROUP:
        kind = ColumnKind.TEXT if _spaced(texts) > 1 / 2 else ColumnKind.IDENTIFIER
        return kind, "nearly every row has a value of its own", ()
    if words & _CODE_WORDS or (many and _is_numbered(name)):
        return ColumnKind.CODE, "its name says that it is a code", ()
    levels = _levels(texts.values)
    if levels:
        return ColumnKind.ORDERED, f"a scale from {levels[0]} to {levels[-1]}", levels
    if many and texts.share(texts.fits(_CODE_FORM)) > UNIQUE_SHARE:
        return ColumnKind.CODE, "letters and digits without a space, as codes have them", ()
    if distinct > CATEGORY_SHARE * texts.n_known and distinct > config.SMALL_GROUP:
        return ColumnKind.TEXT, "free text: most values appear once or twice", ()
    if many and not _repeats(texts):
        return ColumnKind.TEXT, f"free text: {distinct:,} different values", ()
    return ColumnKind.CATEGORY, f"{distinct:,} different values", ()


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _is_numbered(name: str) -> bool:
    words = _words(name)
    return len(words) > 1 and words[-1] in _NUMBER_WORDS


def _repeats(texts: Texts) -> bool:
    few = len(texts.values) <= MOST_CATEGORY_VALUES
    often = texts.n_known >= OFTEN * len(texts.values)
    return few and often and _spaced(texts) <= 1 / 2


def _spaced(texts: Texts) -> float:
    return texts.share(texts.values.str.contains(" ", regex=False).to_numpy(dtype=bool))


def _identifier_reason(name: str, known: Floats, n_rows: int) -> str:
    if not (known == np.floor(known)).all():
        return ""
    unique = len(np.unique(known))
    named = words_of(name) & (_ID_WORDS | _ID_NAMES) or _is_numbered(name)
    if named and unique > config.SMALL_GROUP:
        return "whole numbers, and its name says that they identify"
    if not unique == n_rows > config.SMALL_GROUP or abs(known[1] / 2 - known[0] / 2) != 1 / 2:
        return ""
    counting = bool((known == known[0] + np.arange(n_rows) * (known[1] - known[0])).all())
    return "counts the rows" if counting else ""


def _personal_reason(words: set[str], texts: Texts) -> str:
    distinct = len(texts.values)
    if texts.share(texts.fits(_EMAIL)) > PERSONAL_SHARE:
        return "e-mail addresses"
    if words & _PHONE_WORDS and texts.share(texts.fits(_PHONE)) > PERSONAL_SHARE:
        return "telephone numbers"
    bare_name = "name" in words and all(word in _PERSON_WORDS for word in words if "name" not in word)
    if words & _NAME_WORDS or (bare_name and distinct > config.MAX_CATEGORIES):
        return "names of people"
    if words & _STREET_WORDS and distinct > config.MAX_CATEGORIES:
        return "addresses"
    return ""


def _levels(known: pd.Series) -> tuple[str, ...]:
    values = {str(value).strip().lower(): str(value) for value in known[: config.MAX_CATEGORIES + 1]}
    if len(values) != min(len(known), config.MAX_CATEGORIES + 1):
        return ()  # "High" and "HIGH" are two values; taking one would lose the other's customers
    for scale in _SCALES:
        if len(values) > 2 and set(values) <= set(scale):
            return tuple(values[level] for level in scale if level in values)
    return ()
