"""Values in the wrong columns: names that stand beside what they name, and rows whose values have moved."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.io.read.csv.layout import is_typed
from segmenter.table.infer.header import names_a_date, names_an_email, words_of
from segmenter.table.infer.missing_values import MISSING_AMONG_NUMBERS
from segmenter.table.infer.number_formats import is_number

_CELLS: Final = 200
_MOST: Final = 0.9
_DIGIT: Final = re.compile(r"\d")
_NUMBERS: Final = frozenset(
    {
        *(
            "age",
            "alter",
            "edad",
            "âge",
            "età",
            "leeftijd",
            "spend",
            "spending",
            "spent",
            "amount",
            "betrag",
            "montant",
        ),
        *("umsatz", "revenue", "turnover", "price", "preis", "prix", "precio", "prezzo", "cost", "total", "visits"),
        *(
            "orders",
            "bestellungen",
            "pedidos",
            "commandes",
            "quantity",
            "qty",
            "menge",
            "income",
            "einkommen",
            "points",
        ),
        *("balance", "ltv", "clicks", "impressions", "sessions", "besuche", "children", "count", "weight", "height"),
    }
)
_WORDS: Final = frozenset(
    {
        *("name", "vorname", "nachname", "nom", "prénom", "nombre", "apellido", "firstname", "lastname", "surname"),
        *("city", "town", "ort", "stadt", "ville", "ciudad", "città", "country", "land", "pays", "país", "paese"),
        *("gender", "sex", "geschlecht", "sexe", "sexo", "state", "region", "province", "color", "colour"),
    }
)
# What can't be what a name says: words are no amounts, and numbers no towns.
_AGAINST: Final = {
    "number": {"words", "email", "date"},
    "words": {"number", "email", "date"},
    "email": {"number", "words", "date"},
    "date": {"words", "email"},
}


def names_are_shifted(headers: Sequence[str], cells: pa.Table) -> int | None:
    """Return the position of the first name that its values speak against, while its neighbour's fit; else None."""
    expected = [_named(header) for header in headers]
    held = [_held(cells.column(at).slice(0, _CELLS).to_pylist()) for at in range(cells.num_columns)]
    against = [at for at, name in enumerate(expected) if held[at] in _AGAINST.get(name, ())]
    if not against:
        return None
    start = against[0]
    matched = _matches(expected[start:], held[start:])
    for shift in (1, -1):
        moved = held[start + shift :] if start + shift >= 0 else []
        pairs = list(zip(expected[start:], moved, strict=False))
        if any(other in _AGAINST.get(name, ()) for name, other in pairs):
            continue
        fits = _matches(expected[start:], moved)
        if fits > matched and fits > 1:
            return start
    # Names exchanged: words over numbers, and a name of numbers over words.
    both = {expected[at] for at in against}
    return start if {"number", "words"} <= both else None


def _named(header: str) -> str:
    words = {word.casefold() for word in words_of(header)}
    if names_an_email(header):
        return "email"
    if words & _NUMBERS and not words & _WORDS:
        return "number"
    if words & _WORDS and not words & _NUMBERS:
        return "words"
    return "date" if names_a_date(header) else ""


def _held(values: Sequence[str]) -> str:
    filled = [value.strip() for value in values if value.strip() not in MISSING_AMONG_NUMBERS]
    if not filled:
        return ""
    least = _MOST * len(filled)
    if sum("@" in value for value in filled) >= least:
        return "email"
    if sum(is_number(value, ".") or is_number(value, ",") for value in filled) >= least:
        return "number"
    if sum(map(is_typed, filled)) >= least:
        return "date"
    # Bands such as 20-29 are neither numbers nor words.
    return "words" if sum(_DIGIT.search(value) is None for value in filled) >= least else ""


def _matches(expected: Sequence[str], held: Sequence[str]) -> int:
    return sum(bool(name) and name == other for name, other in zip(expected, held, strict=False))


# A value that is odd in its column comes in so few rows at most.
_ODD_SHARE: Final = 0.02
_LEAST_ROWS: Final = 20
_FEW_VALUES: Final = 0.2
_TYPED: Final = r"^\s*[-+(]?[$€£]?\s?\d[\d.,'/:TZ +\-()]*(?:[AaPp][Mm]|[$€£%])?$"


def moved_rows(cells: pa.Table) -> list[int]:
    """Return the rows (from 0) in which two values or more are of another kind than the others of their columns."""
    if cells.num_rows < _LEAST_ROWS or cells.num_columns < 3:
        return []
    odd = np.zeros(cells.num_rows, np.int64)
    for column in cells.columns:
        odd += _odd_cells(column)
    return np.flatnonzero(odd > 1).tolist()


def _odd_cells(cells: pa.ChunkedArray) -> np.ndarray:
    """Return which few cells are of another kind than all others of their column."""
    n_rows = len(cells)
    absent = pc.is_in(pc.utf8_trim_whitespace(cells), value_set=pa.array(MISSING_AMONG_NUMBERS, pa.large_string()))
    filled = pc.invert(absent).to_numpy()
    typed = pc.match_substring_regex(cells, _TYPED).to_numpy() & filled
    spaced = pc.match_substring_regex(cells, r"^ +\S").to_numpy()
    odd = np.zeros(n_rows, bool)
    most = max(1.0, _ODD_SHARE * n_rows)
    if filled.sum() - typed.sum() <= most and typed.sum() > most:
        odd |= filled & ~typed
    elif 0 < typed.sum() <= most:
        odd |= typed
    else:
        odd |= _rare_values(cells, most)
    if 0 < spaced.sum() <= most:
        odd |= spaced
    return odd


def _rare_values(cells: pa.ChunkedArray, most: float) -> np.ndarray:
    """Return which cells hold a value that comes once in a column whose other values all come often."""
    encoded = cells.combine_chunks().dictionary_encode()
    counts = Counter(encoded.indices.to_pylist())
    if len(counts) > _FEW_VALUES * len(cells):
        return np.zeros(len(cells), bool)
    rare = [value for value, times in counts.items() if times == 1]
    if len(rare) > most:
        return np.zeros(len(cells), bool)
    return np.isin(encoded.indices.to_numpy(zero_copy_only=False), rare)
