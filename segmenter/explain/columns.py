"""How a column is spoken of: its label, its unit, the digits that its values deserve, and what it says of customers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from segmenter.explain.language import Role, language
from segmenter.recipe.recipe import Recipe
from segmenter.recipe.recipe import Role as Use
from segmenter.table.dataset import NUMERIC_KINDS, Column, ColumnKind, Dataset
from segmenter.table.infer.header import words_of
from segmenter.table.infer.meanings import plain_words, protected_ground
from segmenter.table.infer.number_formats import CURRENCIES
from segmenter.typing import FloatArray

LONGEST_LABEL: Final = 32
# A unit is short; longer words in brackets explain, and belong to the label.
_LONGEST_UNIT: Final = 12
_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]\s*$")
_RANGE: Final = re.compile(r"(?:(?<!\d)\d++\s*+(?:-|–|to|bis)\s*+|out of |of |/)(\d+)", re.IGNORECASE)
_CURRENCY_CODES: Final = frozenset({"eur", "usd", "gbp", "chf", "jpy", "inr", "aud", "cad", "sek", "nok", "dkk", "pln"})
_ACRONYM: Final = 4
_SIGNS_LOOKED_AT: Final = 50


@dataclass(frozen=True)
class ColumnWords:
    """How one column is spoken of.

    Attributes
    ----------
    label
        Its name as words, without the unit; shorter than `LONGEST_LABEL`.
    role
        What it says of a customer; None where its name does not tell.
    prefix, unit
        Before and after a value: "£", "k$", "years", "%".
    known_unit
        The unit that its values have, also where it stands in the label.
    most
        The best score where the header says one, such as "100" of "(1-100)".
    decimals
        Digits after the point that values of this size deserve.
    counted
        Whether the shares of its values are counted, rather than a mean of them.
    forming
        Whether it formed the segments.
    protected
        Whether it tells what the law protects; it names nobody and rules over nobody.
    """

    column: str
    label: str
    kind: ColumnKind
    role: Role | None = None
    prefix: str = ""
    unit: str = ""
    known_unit: str = ""
    most: str = ""
    decimals: int = 0
    counted: bool = False
    forming: bool = False
    protected: bool = False

    @property
    def is_share(self) -> bool:
        """Whether its mean is the share of customers that say yes."""
        return self.kind is ColumnKind.YES_NO

    def text(self, value: float) -> str:
        """Return a value in the column's own unit, with as many digits as its size deserves."""
        if self.kind is ColumnKind.DATE:
            return date_text(value)
        if self.is_share:
            return percent_text(value)
        if self.role is not None and self.role.year:
            return f"{value:.0f}"
        plain = number_text(value, self.decimals)
        if self.decimals == 1:
            plain = plain.removesuffix(".0")
        unit = self.unit.removesuffix("s") if plain in ("1", "−1") and self.unit.endswith("s") else self.unit
        sign, digits = ("−", plain[1:]) if plain.startswith("−") else ("", plain)
        written = f"{sign}{self.prefix}{digits}"
        if self.most:
            return language().text("sentence", "of_most", value=written, most=self.most)
        return f"{written} {unit}" if unit else written


def number_text(value: float, decimals: int) -> str:
    """Return a number with thousands apart and a true minus sign; never a minus nought."""
    if round(value, decimals) == 0:
        value = 0.0
    return f"{value:,.{decimals}f}".replace("-", "−")


def percent_text(share: float) -> str:
    """Return a share, 0-1, in whole per cent; a small one never as none, a large one never as all."""
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def date_text(nanoseconds: float) -> str:
    """Return a day, given as nanoseconds since 1970."""
    return f"{pd.Timestamp(int(nanoseconds)):%Y-%m-%d}"


def decimals_for(size: float, *, whole: bool = False) -> int:
    """Return how many digits after the point a number of this size deserves; two figures tell what three do not.

    Parameters
    ----------
    size
        The magnitude that the column's values have.
    whole
        Whether the values are whole numbers, whose means need no digit from ten on.
    """
    if not np.isfinite(size) or size >= 100 or (whole and size >= 10) or size == 0:
        return 0
    if size >= 1:
        return 1
    return min(12, 1 - int(np.floor(np.log10(size)))) if size < 0.1 else 2


def column_words(dataset: Dataset, recipe: Recipe) -> tuple[ColumnWords, ...]:
    """Return how each column that describes customers is spoken of, in file order; personal data never is.

    Parameters
    ----------
    recipe
        Says which columns formed the segments.
    """
    roles = {spec.column: spec.role for spec in recipe.segmenting}
    words = [
        _words(column, dataset, roles.get(column.name))
        for column in dataset.columns
        if column.name != recipe.weight_column and _describes(column, dataset, forming=column.name in roles)
    ]
    return tuple(each if _plays_alone(each, words) else replace(each, role=None) for each in words)


def _plays_alone(words: ColumnWords, others: Sequence[ColumnWords]) -> bool:
    """Whether "spending 20" says which column is meant: of two columns of a role, each is called by its own label."""
    if words.role is None:
        return True
    same = [each for each in others if each.role is words.role]
    forming = [each for each in same if each.forming]
    return len(same) == 1 or (len(forming) == 1 and words.forming)


def forming_first(words: Sequence[ColumnWords]) -> tuple[ColumnWords, ...]:
    """Return columns in file order, those that formed the segments before those that only describe them."""
    return tuple(sorted(words, key=lambda each: not each.forming))


_DESCRIBING: Final = frozenset(
    {*NUMERIC_KINDS, ColumnKind.YES_NO, ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.DATE}
)


def _describes(column: Column, dataset: Dataset, *, forming: bool) -> bool:
    if column.kind is ColumnKind.PERSONAL or column.name not in dataset.frame:
        return False
    return column.kind in _DESCRIBING or forming


def _words(column: Column, dataset: Dataset, used_as: Use | None) -> ColumnWords:
    values = dataset.frame[column.name]
    is_numeric = bool(pd.api.types.is_numeric_dtype(values))
    numbers = (*NUMERIC_KINDS, ColumnKind.YES_NO) if used_as is None else (column.kind,)
    is_number = is_numeric and column.kind in numbers and used_as is not Use.CATEGORY
    label, unit, known_unit, most = read_header(column.name)
    prefix = ""
    if column.kind is ColumnKind.PERCENTAGE:
        unit = known_unit = "%"
    elif column.kind is ColumnKind.MONEY and not unit:
        prefix, unit = _currency(dataset.original[column.name])
    decimals, role = 0, None
    if is_number:
        known = values.to_numpy(dtype=np.float64)
        known = known[np.isfinite(known)]
        if len(known):
            whole = bool((known == np.round(known)).all())
            decimals = decimals_for(max(abs(float(known.mean())), float(known.std())), whole=whole)
        if column.kind is not ColumnKind.YES_NO:
            role = role_of_column(column.name, known)
    if role is not None and role.unit and not unit:
        unit = known_unit = role.unit
    shown = tuple(values.dropna().unique()[:21]) if column.kind in (ColumnKind.CATEGORY, ColumnKind.ORDERED) else ()
    return ColumnWords(
        column=column.name,
        label=label,
        kind=column.kind,
        role=role,
        prefix=prefix,
        unit=unit,
        known_unit=known_unit,
        most=most,
        decimals=decimals,
        counted=not is_number and column.kind is not ColumnKind.DATE,
        forming=used_as is not None,
        protected=bool(protected_ground(column.name, [str(value) for value in shown])),
    )


def role_of_column(header: str, values: FloatArray) -> Role | None:
    """Return what a column of numbers says of customers, by its name and by where its values lie.

    Parameters
    ----------
    values
        Shape (n,), those that are known.
    """
    words = plain_words(header)
    for role in language().roles:
        if not role.fits(words):
            continue
        if role.between and len(values):
            low, high = np.quantile(values, [0.02, 0.98])
            if low < role.between[0] or high > role.between[1]:
                continue
        return role
    return None


def read_header(header: str) -> tuple[str, str, str, str]:
    """Return a header's label, the unit to write after values, the unit that is known, and the best score.

    `Annual Income (k$)` gives ("annual income", "k$", "k$", ""), `recency_days` ("recency", "days", "days", "").
    """
    text, unit, most = header, "", ""
    if found := _BRACKETS.search(text):
        inside = found[1].strip()
        if ranged := _RANGE.fullmatch(inside):
            most, text = ranged[1], text[: found.start()]
        elif len(inside) <= _LONGEST_UNIT and not any(letter.isdigit() for letter in inside):
            unit, text = inside, text[: found.start()]
    words = _label_words(text)
    units = language().units
    known = units.get(unit.lower(), unit)
    if unit:
        unit = known
    elif len(words) > 1 and words[-1].lower() in _CURRENCY_CODES:
        unit = known = words.pop().upper()
    elif len(words) > 1 and words[-1].lower() in units and _measures_time(words[:-1]):
        unit = known = units[words.pop().lower()]
    elif words and words[0].lower() in units:
        known = units[words[0].lower()]
    if len(words) > 1 and words[0].lower() in language().dropped:
        words = words[1:]
    label = " ".join(words) or "".join(letter for letter in header if letter.isprintable()).strip() or "column"
    return _cut(label), unit, known, most


def _measures_time(words: Sequence[str]) -> bool:
    """Whether what stands before a unit of time is measured in it, and not counted within it: visits last 30 days."""
    return not any(word.lower() in language().not_in_time or word.isdigit() for word in words)


def _label_words(text: str) -> list[str]:
    """Return a name's words in lower case, but for short ones in capitals beside others that are not."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    shouted = printable.upper() == printable
    words: list[str] = []
    for part in re.split(r"[\s_]+", printable):
        # Signs inside a name are kept: A/B, R&D, c++.
        pieces = list(words_of(part)) if part.isalnum() and part.isascii() else [part]
        kept = [part[at : at + len(piece)] for at, piece in _positions(part, pieces)]
        words += [word if word.isupper() and len(word) <= _ACRONYM and not shouted else word.lower() for word in kept]
    return [word.strip(" .:;,-–") for word in words if word.strip(" .:;,-–")]


def _positions(part: str, pieces: Sequence[str]) -> list[tuple[int, str]]:
    found, at = [], 0
    for piece in pieces:
        at = max(part.lower().find(piece.lower(), at), 0)
        found.append((at, piece))
        at += len(piece)
    return found


def _cut(label: str) -> str:
    if len(label) <= LONGEST_LABEL:
        return label
    whole = label[:LONGEST_LABEL].rpartition(" ")[0]
    return (whole if len(whole) > LONGEST_LABEL // 2 else label[: LONGEST_LABEL - 1]) + "…"


def _currency(original: pd.Series) -> tuple[str, str]:
    """Return the sign before and after an amount, where the cells agree on one."""
    cells = original.dropna().astype("str").head(_SIGNS_LOOKED_AT)
    signs = set(cells.str.extract(rf"({CURRENCIES})", expand=False).dropna())
    if len(signs) != 1:
        return "", ""
    sign = signs.pop()
    leads = bool(cells.str.strip().str.lstrip("+-−(").str.startswith(sign).mean() > 0.5)
    return (sign, "") if leads and len(sign) == 1 else ("", sign)
