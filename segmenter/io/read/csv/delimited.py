"""Text files of separated values to a table, and sanity checks of what was read without a fault."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import MAX_COLUMNS, MAX_ROWS
from segmenter.errors.reading import (
    EmptyFileError,
    IrregularColumnsError,
    NoRowsError,
    TooManyColumnsError,
    TooManyRowsError,
    UnknownLineError,
)
from segmenter.io.read.csv.encoding import encoding_notes, find_and_decode, invisible_notes, to_utf8
from segmenter.io.read.csv.fast import TEXT_MARK, begins_as_formula, is_marked_as_text, read_clean
from segmenter.io.read.csv.irregular import KEPT_INSIDE, read_irregular, read_records
from segmenter.io.read.csv.layout import (
    Span,
    TableLayout,
    find_layout,
    find_spans,
    is_drawn,
    is_total,
    is_typed,
    split_spans,
    without_rulers,
)
from segmenter.io.read.csv.oddities import (
    bracketed_lines,
    exchanged_columns,
    headings,
    letters_lost,
    line_of,
    on_its_side,
    rows_at,
    shape,
    written_once,
)
from segmenter.io.read.csv.records import CsvFormat, Record, split_lines, split_records, without_break
from segmenter.io.read.csv.sniff import sniff_format, split_as_quoted, without_hint
from segmenter.io.read.file_type import refuse_nul
from segmenter.io.read.parsed import Parsed, ReadOptions, TableSink, joined
from segmenter.table.dataset import Dialect, Note
from segmenter.table.infer.cells import MISSING_AMONG_NUMBERS
from segmenter.table.infer.header import names_a_date, names_an_email, words_of
from segmenter.table.infer.numbers import is_number

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
        *("importe", "gasto", "cantidad", "valor", "importo", "bedrag", "kwota", "suma", "liczba", "belopp", "tutar"),
        *(
            "сумма",
            "выручка",
            "стоимость",
            "количество",
            "возраст",
            "заказы",
            "wiek",
            "idade",
            "金額",
            "購入金額",
            "年齢",
        ),
        *("購入金額", "売上", "数量", "注文数", "金额", "年龄", "금액", "나이", "zamówienia", "commandes"),
        *("balance", "ltv", "clicks", "impressions", "sessions", "besuche", "children", "count", "weight", "height"),
    }
)
_WORDS: Final = frozenset(
    {
        *("name", "vorname", "nachname", "nom", "prénom", "nombre", "apellido", "firstname", "lastname", "surname"),
        *("city", "town", "ort", "stadt", "ville", "ciudad", "città", "country", "land", "pays", "país", "paese"),
        *("miasto", "cidade", "stad", "şehir", "kraj", "país", "imię", "nazwisko", "prenom", "sobrenome"),
        *(
            "город",
            "имя",
            "фамилия",
            "страна",
            "пол",
            "область",
            "都市",
            "市",
            "都道府県",
            "城市",
            "도시",
            "姓",
            "名",
            "性別",
        ),
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
    # Most names say nothing of their values, or nothing that these speak against.
    named = {at: _held(_first_cells(cells, at)) for at, name in enumerate(expected) if name}
    against = [at for at, kind in named.items() if kind in _AGAINST.get(expected[at], ())]
    if not against:
        return None
    held = [named[at] if at in named else _held(_first_cells(cells, at)) for at in range(cells.num_columns)]
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


def _first_cells(cells: pa.Table, at: int) -> list[str]:
    first: list[str] = cells.column(at).slice(0, _CELLS).to_pylist()
    return first


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
# Rows that chance alone would make odd, if there are so many.
_CHANCE: Final = 0.05
_LEAST_ROWS_SHIFTED: Final = 20
_FEW_VALUES: Final = 0.2
_TYPED: Final = r"^\s*[-+(]?[$€£]?\s?\d[\d.,'/:TZ +\-()]*(?:[AaPp][Mm]|[$€£%])?$"


def moved_rows(cells: pa.Table) -> list[int]:
    """Return the rows (from 0) in which two values or more are of another kind than the others of their columns.

    One of another kind is enough beside an empty cell of a column that is hardly ever empty.
    """
    if cells.num_rows < _LEAST_ROWS_SHIFTED or cells.num_columns < 3:
        return []
    odd, strange, gaps = (np.zeros(cells.num_rows, np.int64) for _ in range(3))
    told: list[_RareValues] = []
    for column in cells.columns:
        for counted, found in zip((odd, strange, gaps), _odd_cells(column, told), strict=True):
            counted += found
    moved = (odd > 1) & ~_by_chance(odd)
    beside_gaps = (strange > 0) & (gaps > 0)
    expected = np.count_nonzero(strange) * np.count_nonzero(gaps) / cells.num_rows
    if expected ** np.count_nonzero(beside_gaps) < _CHANCE:
        moved |= beside_gaps
    return np.flatnonzero(moved).tolist()


def _by_chance(odd: np.ndarray) -> np.ndarray:
    """Return in which rows so many odd cells are no wonder, as other rows have some, too: wide tables do."""
    each_row = (odd.sum() - odd) / max(1, len(odd) - 1)
    # So many or more of them, where a row has few on the average: the first term of a Poisson tail.
    tail = each_row**odd / np.cumprod(np.maximum(1, np.arange(odd.max(initial=0) + 1.0)))[odd]
    return np.asarray(len(odd) * tail > _CHANCE, dtype=bool)


@dataclass(frozen=True, eq=False)
class _RareValues:
    """A column in which some values come once and the others often: the number of each row's value, and the rare rows.

    Values are numbered in the order in which they come; an empty cell has the number -1.
    """

    values: np.ndarray
    is_rare: np.ndarray

    def tells(self, other: "_RareValues") -> bool:
        """Whether one of the two columns follows from the other, as a mailbox does from the customer's number."""
        filled = (self.values >= 0) & (other.values >= 0)
        ours, theirs = self.values[filled], other.values[filled]
        n_pairs = len(np.unique(ours.astype(np.int64) * (1 + theirs.max(initial=0)) + theirs))
        return n_pairs in (len(np.unique(ours)), len(np.unique(theirs)))


def _odd_cells(cells: pa.ChunkedArray, told: list[_RareValues]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which few cells are odd in their column, which are words among numbers or the reverse, and which gaps.

    `told` holds the rare values of the columns looked at before, to which this one is added.
    """
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
    strange, gaps = odd.copy(), ~filled if 0 < n_rows - filled.sum() <= most else np.zeros(n_rows, bool)
    # A number that comes once, such as the most orders of anybody, is no oddity: it is weighed beside its column's.
    if not strange.any() and typed.sum() <= most:
        odd |= _rare_values(cells, filled, most, told)
    if 0 < spaced.sum() <= most:
        odd |= spaced
    return odd, strange, gaps


def _rare_values(cells: pa.ChunkedArray, filled: np.ndarray, most: float, told: list[_RareValues]) -> np.ndarray:
    """Return which cells hold a value that comes once in a column whose other values all come often.

    Where the value follows from that of another column which comes once, too, it is no second oddity: whoever bought
    once has one number, one name and one mailbox there.
    """
    encoded = cells.combine_chunks().dictionary_encode()
    counts = Counter(encoded.indices.to_pylist())
    if len(counts) > _FEW_VALUES * len(cells):
        return np.zeros(len(cells), bool)
    rare = [value for value, times in counts.items() if times == 1]
    if not rare or len(rare) > most:
        return np.zeros(len(cells), bool)
    values = encoded.indices.to_numpy(zero_copy_only=False)
    found = _RareValues(np.where(filled, values, -1), np.isin(values, rare))
    odd = found.is_rare.copy()
    for other in told:
        if (odd & other.is_rare).any() and other.tells(found):
            odd &= ~other.is_rare
    told.append(found)
    return odd


# Cells of a table that are weighed one by one; the odd ones of longer tables are told by their kind alone.
_CELLS_WEIGHED: Final = 20_000
# A cell speaks for or against a column by no more than this (natural logarithm of the odds).
_MOST_ODDS: Final = 6.0
# An empty cell speaks for less: a value may be missing without any having moved.
_MOST_ODDS_OF_GAPS: Final = 4.0
# Odds, beyond what chance finds among all cells of a table, from which a row counts as moved.
_SURE_ODDS: Final = 2.5
_CODE: Final = re.compile(r"-[1-9]|-?(?:77|88|98|9{1,6})")


def misplaced_rows(cells: pa.Table) -> list[int]:
    """Return the rows (from 0) whose cells fit the columns beside their own far better, as after a lost value.

    Each column is described by how often its cells are empty, by the size and the decimal places of its numbers, and by
    the values or the shapes of its words. A row is told by the stretch of neighbouring cells for which the columns one
    to the left, or to the right, gain most over their own; an empty cell at the end that the others moved away from
    counts, too, as far as the column is rarely empty.
    """
    n_rows, n_columns = cells.num_rows, cells.num_columns
    if n_rows < _LEAST_ROWS_SHIFTED or n_columns < 3 or n_rows * n_columns > _CELLS_WEIGHED:
        return []
    described = [_Described(column.to_pylist()) for column in cells.columns]
    _turn_bookings_back(described)
    columns = [_ColumnModel(held) for held in described]
    own = np.column_stack([model.log_odds(model.cells, own=True) for model in columns])
    empty = np.column_stack([model.is_empty for model in columns])
    # What an empty cell tells where the value that belongs there has moved away.
    lost = np.where(empty, np.clip(-own, 0.0, _MOST_ODDS_OF_GAPS), 0.0)
    # And an odd one before values that moved to the right: a piece of a value that was split.
    pieces = np.where(empty, lost, np.clip(np.median(own, axis=0) - own, 0.0, _MOST_ODDS))
    # A code for "not known" is no value of its column, and none of its neighbours': it tells nothing of having moved.
    coded = np.column_stack([_codes(model.cells) for model in columns])
    lost, pieces = np.where(coded, 0.0, lost), np.where(coded, 0.0, pieces)
    moved = np.zeros(n_rows, bool)
    needed = np.full(n_rows, np.log(n_rows * n_columns) + _SURE_ODDS)
    if empty.sum() == 1:
        # The only empty cell of a table is a wonder by itself: values that fit their neighbours no worse will do.
        needed[empty.any(axis=1)] = _MOST_ODDS_OF_GAPS + _SURE_ODDS
    for step in (1, -1):
        gain = np.full((n_rows, n_columns), -np.inf)
        for at, model in enumerate(columns):
            if 0 <= at + step < n_columns:
                there = columns[at + step].log_odds(model.cells)
                gain[:, at] = np.clip(there - own[:, at], -_MOST_ODDS, _MOST_ODDS)
        gain[coded] = np.minimum(gain[coded], 0.0)
        moved |= _best_stretch(gain, lost if step > 0 else pieces, step) > needed
    return np.flatnonzero(moved).tolist()


def _codes(held: "_Described") -> np.ndarray:
    """Return which cells hold a number that is written for "not known" by custom and lies beyond all other numbers."""
    customary = np.array([_CODE.fullmatch(text) is not None for text in held.texts], bool)
    others = held.sizes[np.isfinite(held.sizes) & ~customary]
    if not len(others):
        return np.zeros(len(held.texts), bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(customary & ((held.sizes > others.max()) | (held.sizes < others.min())))


def _turn_bookings_back(columns: "list[_Described]") -> None:
    """Give the sizes of what was paid back the signs of what was paid, where all that have signs are turned in a row.

    A refund's gross, fee and net are negative, positive and negative, and would fit their neighbours better.
    """
    signs = np.column_stack([np.sign(np.nan_to_num(held.sizes)) for held in columns])
    usual = np.sign(signs.sum(axis=0))
    is_signed = (signs == usual).any(axis=0) & (signs == -usual).any(axis=0) & (usual != 0)
    turned, kept = (((signs == sign * usual) & is_signed & (signs != 0)).sum(axis=1) for sign in (-1, 1))
    rows = (turned > 1) & (kept == 0)
    for held, signed in zip(columns, is_signed, strict=True):
        if signed:
            held.sizes[rows] *= -1


def _best_stretch(gain: np.ndarray, lost: np.ndarray, step: int) -> np.ndarray:
    """Return the most that neighbouring cells of each row gain together, with the empty cell that they moved from.

    One cell alone counts only beside an empty one.
    """
    order = range(gain.shape[1]) if step > 0 else range(gain.shape[1] - 1, -1, -1)
    best = np.full(len(gain), -np.inf)
    running, length = np.zeros(len(gain)), np.zeros(len(gain), int)
    for at in order:
        fresh = running <= 0.0
        running = np.where(fresh, 0.0, running) + gain[:, at]
        length = np.where(fresh, 0, length) + 1
        beside = lost[:, at + step] if 0 <= at + step < gain.shape[1] else np.zeros(len(gain))
        counts = (length > 1) | (beside > 0.0)
        best = np.where(counts, np.maximum(best, running + beside), best)
    return best


class _ColumnModel:
    """What the cells of a column are like, to tell how well others would fit there."""

    def __init__(self, held: "_Described") -> None:
        self.cells = held
        self.is_empty = held.is_empty
        self._n = len(held.texts)
        self._n_empty = int(held.is_empty.sum())
        is_number = np.isfinite(held.sizes)
        self._n_numbers = int(is_number.sum())
        self._places = np.bincount(held.places[is_number], minlength=_MOST_PLACES + 1)
        sizes = held.sizes[is_number]
        self._middle = float(np.median(sizes)) if len(sizes) else 0.0
        spread = 1.4826 * float(np.median(np.abs(sizes - self._middle))) if len(sizes) else 1.0
        self._spread = max(spread, 0.5 * float(sizes.std()) if len(sizes) else 0.0, 0.05)
        self._sorted = np.sort(sizes)
        words = Counter(cell for cell, known in zip(held.texts, ~is_number & ~held.is_empty, strict=True) if known)
        # Few values that come back are what the column holds; of many, all that can be told is how they are built.
        self._is_shaped = len(words) > _FEW_VALUES * max(1, words.total())
        self._words = Counter({shape(word): 0 for word in words}) if self._is_shaped else words
        if self._is_shaped:
            for word, times in words.items():
                self._words[shape(word)] += times

    def _near(self, sizes: np.ndarray, less: float) -> np.ndarray:
        """Return the logarithm of how dense other numbers are near each: a small group of customers is no wonder."""
        reach = _NEAR * self._spread
        low = np.searchsorted(self._sorted, sizes - reach, "left")
        high = np.searchsorted(self._sorted, sizes + reach, "right")
        # Scaled as the other density, whose constant is left out.
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(high - low - less, 0.0) / self._n_numbers * _SQRT_TAU / (2 * reach)))

    def log_odds(self, other: "_Described", *, own: bool = False) -> np.ndarray:
        """Return the logarithm of how likely each cell is here; of the column's own ones without themselves."""
        less = 1.0 if own else 0.0
        n = self._n - less + 1.0
        n_words = self._n - self._n_empty - self._n_numbers
        found = np.full(len(other.texts), np.log((max(self._n_empty - less, 0.0) + 0.5) / n))
        is_number = np.isfinite(other.sizes)
        if is_number.any():
            distance = np.minimum(np.abs(other.sizes[is_number] - self._middle) / self._spread, 4.0)
            places = self._places[other.places[is_number]]
            if self._n_numbers > less:
                density = np.maximum(
                    -0.5 * distance**2 - np.log(self._spread), self._near(other.sizes[is_number], less)
                )
                kind = np.log((self._n_numbers - less + 0.5) / n)
                places_odds = np.log((np.maximum(places - less, 0.0) + 0.5) / (self._n_numbers - less + 1.0))
                found[is_number] = kind + density + places_odds
            else:
                found[is_number] = np.log(0.5 / n)
        for at in np.flatnonzero(~is_number & ~other.is_empty):
            word = other.texts[at]
            times = self._words[shape(word) if self._is_shaped else word] if n_words else 0
            found[at] = np.log((max(times - less, 0.0) + 0.5) / n)
        return found


_MOST_PLACES: Final = 6
# Numbers so near to each other, in spreads of their column, are alike.
_NEAR: Final = 0.5
_SQRT_TAU: Final = np.sqrt(2 * np.pi)


class _Described:
    """The cells of a column with what describes each: empty, the size of its number (NaN for words), its places."""

    def __init__(self, cells: list[str]) -> None:
        self.texts = [cell.strip() for cell in cells]
        self.is_empty = np.array([text in MISSING_AMONG_NUMBERS for text in self.texts], bool)
        of_each = {text: _plain_number(text) for text in set(self.texts)}
        readings = [of_each[text] for text in self.texts]
        self.sizes = np.array([size for size, _ in readings], float)
        self.places = np.array([places for _, places in readings], int)


def _plain_number(text: str) -> tuple[float, int]:
    """Return the signed logarithm of a number and its decimal places, whichever mark it has; NaN where it is none."""
    bare = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "").replace("'", "")
    whole, mark, places = bare.rpartition("," if bare.rfind(",") > bare.rfind(".") else ".")
    whole = whole.replace(",", "").replace(".", "") if mark else places
    try:
        number = float(f"{whole}.{places}") if mark and places.isdecimal() else float(whole)
    except ValueError:
        return np.nan, 0
    if not np.isfinite(number):
        return np.nan, 0
    return float(np.sign(number) * np.log1p(abs(number))), min(len(places), _MOST_PLACES) if mark else 0


_ROWS_LOOKED_AT: Final = 200
_SUSPECTS: Final = 200
# So many lines hold a mark equally often when it stands between values, some of which hold it themselves.
_STEADY_SHARE: Final = 0.5
_SURELY_MANY: Final = 3
# A label of more rows than this share is a value of its column.
_FEW: Final = 0.2
# In longer tables the label of a total is looked for in the first column alone: 30 ms a column of a million rows.
# Rows with values of another kind, if there are more, are as the file has them.
_SHIFTED: Final = 0.02
_MANY_ROWS: Final = 100_000
_MANY_CELLS: Final = 100_000
_LEAST_ROWS: Final = 10
_SHOWN: Final = 40
_LEAST_LETTERS: Final = 2
_FEW_SHAPES: Final = 3
_LEAST_CATEGORIES: Final = 3
_GAPS: Final = re.compile(r"\S {2,}\S")
# Blanks, points, brackets, apostrophes and underscores stand in one column's names as well.
_NO_SEPARATOR: Final = frozenset(" ._()[]'\"?%\ufeff")
# M&#252;nchen, M&uuml;nchen; `&` alone, or with a blank behind it, is no letter.
_PAGE_LETTER: Final = r"&(?:#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5}|[A-Za-z]{2,8});"
# How letters are written elsewhere, by a mark that each holds: in pages, programs, addresses of pages and UTF-7.
_WRITTEN_ELSEWHERE: Final = {
    "&": _PAGE_LETTER,
    "<": r"</?(?:b|i|p|a|br|em|td|div|font|span|strong)(?: [^<>]{0,100})?/?>",
    "\\": r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})",
    "%": r"%[C-F][0-9A-F]%[89AB][0-9A-F]",
    "+": r"[a-z]\+A[A-P][A-Za-z0-9]",
}
_WRAPS: Final = frozenset("'\"`´$%|*“”„«»‘’‹")
# What ends a value that begins so; others end as they begin.
_CLOSES: Final = {"“": "”“", "„": "“”", "«": "»", "»": "«", "‹": "›", "‘": "’"}
_QUOTES: Final = frozenset('“”„«»‹"')


def sanity_checks(parsed: Parsed, *, ends_open: bool | None = None) -> list[Note]:
    """Return what is odd about a table of text cells.

    Parameters
    ----------
    ends_open
        Whether no line break ends the last line of the file; None for workbooks and pages, which are no lines of text
        and can't end inside a value.
    """
    if not parsed.cells.num_rows or not pa.types.is_large_string(parsed.cells.column(0).type):
        return []
    checks: tuple[Callable[[Parsed], Note | None], ...] = (
        _one_column,
        _names_wrapped,
        _rows_wrapped,
        _further_names,
        _subtotals,
        _nameless_end,
        _two_tables,
        headings,
        on_its_side,
        exchanged_columns,
        letters_lost,
        written_once,
        bracketed_lines,
        _letters_of_pages,
        _some_marked,
        _names_shifted,
        *(() if ends_open is None else (partial(_cut_end, ends_open=ends_open),)),
    )
    found = [note for check in checks if (note := check(parsed)) is not None]
    moved = _rows_shifted(parsed)
    # What has been said of a line already says better why its values are odd.
    if moved is not None and moved.line not in {note.line for note in found}:
        found.append(moved)
    return found


def _one_column(parsed: Parsed) -> Note | None:
    """Say that lines of a table of one column hold a mark equally often."""
    if parsed.cells.num_columns > 1:
        return None
    name, cells = parsed.headers[0].strip(), parsed.cells.column(0)
    mark = next((mark for mark in _marks_of(name) if _is_steady(cells, mark, name.count(mark))), "")
    if mark:
        what = f"{mark!r} stands in every line, mostly equally often"
    elif _GAPS.search(name) and all(_GAPS.search(cell.strip()) for cell in cells[:_ROWS_LOOKED_AT].to_pylist()):
        what = "every line has wide gaps between its words"
    else:
        return None
    text = (
        f"The file was read as one column, but {what}. If there are several columns, choose what stands "
        "between their values, or export the file again with commas."
    )
    return Note(text, warning=True, line=1)


def _marks_of(name: str) -> list[str]:
    marks = dict.fromkeys(mark for mark in name if not mark.isalnum() and mark not in _NO_SEPARATOR)
    # One hyphen may stand in any word.
    return [mark for mark in marks if mark != "-" or name.count(mark) > 1]


def _is_steady(cells: pa.ChunkedArray, mark: str, times: int) -> bool:
    counts = pc.count_substring(cells, mark).to_numpy()
    # Decimal commas come on top of those that separate; three of a mark in each line are seldom of a text.
    steady = times >= _SURELY_MANY or (counts == times).mean() >= _STEADY_SHARE
    return bool((counts >= times).all() and steady)


def _names_wrapped(parsed: Parsed) -> Note | None:
    """Say that all names stand between marks."""
    if not _is_wrapped(parsed.headers):
        return None
    text = (
        f"Every column name stands between {parsed.headers[0].strip()[0]!r} marks, which were kept. If they stand "
        "around the values as well, choose them as quotation mark; if not, delete them in the file."
    )
    return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)


def _rows_wrapped(parsed: Parsed) -> Note | None:
    """Say that in some rows all values stand between marks."""
    if parsed.cells.num_columns < 2:
        return None
    first = parsed.cells.column(0)
    starts = pc.or_(pc.starts_with(first, "'"), pc.starts_with(first, "`"))
    rows = [row for row, values in _suspects(parsed, starts) if _is_wrapped(values)]
    if not rows:
        return None
    text = (
        f"In {rows_at(rows)} every value stands between quotation marks of another kind than in the rest; they "
        "were kept as part of the values. Delete them in the file if they don't belong there."
    )
    return Note(text, warning=True, line=line_of(parsed, rows[0]))


def _is_wrapped(values: Sequence[str]) -> bool:
    filled = [value.strip() for value in values if value.strip()]
    marks = {value[0] for value in filled}
    wrapped = all(len(value) > 1 and value[-1] in _CLOSES.get(value[0], value[0]) for value in filled)
    return len(filled) > 1 and len(marks) == 1 and wrapped and bool(marks & _WRAPS)


def _without_wraps(parsed: Parsed) -> Parsed:
    """Take off the marks that stand around all values of a column, and around all names, as quotation marks."""
    cells, headers, marks = parsed.cells, parsed.headers, ""
    if len(headers) > 1 and _is_wrapped(headers) and headers[0].strip()[0] in _QUOTES:
        marks = _marks_around(headers[0])
        headers = tuple(header.strip()[1:-1] if header.strip() else header for header in headers)
    for at, column in enumerate(cells.columns):
        first = next((cell for cell in column.slice(0, _CELLS).to_pylist() if cell.strip()), "").strip()
        if first[:1] not in _QUOTES or len(first) < 2 or first[-1] not in _CLOSES.get(first[0], first[0]):
            continue
        # One column of quotations in plain marks is as its authors wrote it.
        if first[0] == '"' and not marks:
            continue
        bare = pc.utf8_trim_whitespace(column)
        ended = [pc.ends_with(bare, end).to_numpy() for end in _CLOSES.get(first[0], first[0])]
        is_wrapped = pc.starts_with(bare, first[0]).to_numpy() & np.any(ended, axis=0)
        is_wrapped &= pc.greater(pc.utf8_length(bare), 1).to_numpy()
        if (is_wrapped | pc.equal(bare, "").to_numpy()).all():
            cells = cells.set_column(at, cells.schema.field(at), pc.utf8_slice_codeunits(bare, 1, -1))
            marks = marks or _marks_around(first)
    if not marks:
        return parsed
    text = f"Values that stand between {marks} were freed from these marks, which were read as quotation marks."
    kept = tuple(each for each in parsed.notes if KEPT_INSIDE not in each.text)
    return replace(parsed, cells=cells, headers=headers, notes=(*kept, Note(text)))


def _marks_around(value: str) -> str:
    return f"{value.strip()[0]} and {value.strip()[-1]}"


def _further_names(parsed: Parsed) -> Note | None:
    """Say that rows may be units or further lines of column names."""
    rows = _names_again(parsed) or _first_row_apart(parsed)
    if not rows:
        return None
    text = (
        f"{rows_at(rows).capitalize()} looks like a further line of column names or units and was kept as a customer. "
        "Delete it in the file if it is none."
    )
    return Note(text, warning=True, line=line_of(parsed, rows[0]))


def _names_again(parsed: Parsed) -> list[int]:
    """Return the rows that hold the column names with something added."""
    names = [name.strip() for name in parsed.headers]
    if len(names) < 2 or not all(names):
        return []
    holds = pc.match_substring(parsed.cells.column(0), names[0])
    return [
        row
        for row, values in _suspects(parsed, holds)
        if all(name in value for name, value in zip(names, values, strict=True))
    ]


def _first_row_apart(parsed: Parsed) -> list[int]:
    """Return the first row if it is like none below it, in columns of words."""
    first, *others = (list(row.values()) for row in parsed.cells.slice(0, _ROWS_LOOKED_AT).to_pylist())
    filled = [value.strip() for value in first if value.strip()]
    if len(filled) < _LEAST_CATEGORIES or len(others) < _LEAST_ROWS or any(map(is_typed, filled)):
        return []
    alike = len(set(filled)) == 1 and len(filled) == len(first)
    if alike and not any(filled[0] in other for other in others):
        return [0]
    few = [value not in known for value, known in zip(first, _known_values(others), strict=True) if known]
    return [0] if len(few) >= _LEAST_CATEGORIES and all(few) else []


def _known_values(rows: Sequence[Sequence[str]]) -> Iterator[set[str]]:
    """Return the values of each column that has few of them; none of others."""
    for cells in zip(*rows, strict=True):
        values = set(cells)
        yield values if len(values) <= _FEW * len(cells) else set()


def _nameless_end(parsed: Parsed) -> Note | None:
    """Say that the last column alone has no name although it holds values: a name may be missing before it."""
    *others, last = [name.strip() for name in parsed.headers]
    if last or len(others) < _LEAST_CATEGORIES - 1 or not all(others) or line_of(parsed, 0) is None:
        return None
    text = (
        f"Only the last of {len(parsed.headers):,} columns has no name, so names may stand over the wrong columns. "
        "Compare them with the preview, or correct that line in the file."
    )
    return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)


def _two_tables(parsed: Parsed) -> Note | None:
    """Say that a column without name and values stands amid the others: what is right of it may be another table."""
    for at in range(1, parsed.cells.num_columns - 1):
        right = [name for name in parsed.headers[at + 1 :] if name.strip()]
        if parsed.headers[at].strip() or not right or pc.any(pc.not_equal(parsed.cells.column(at), "")).as_py():
            continue
        text = (
            f"An empty column without a name stands before {right[0].strip()!r}, as between two tables side by side. "
            "Save each table as a file of its own if what stands right of it is about something else."
        )
        return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)
    return None


def _letters_of_pages(parsed: Parsed) -> Note | None:
    """Say that letters are written as pages, programs or UTF-7 write them."""
    for column in parsed.cells.slice(0, _MANY_ROWS).columns:
        forms = [form for mark, form in _WRITTEN_ELSEWHERE.items() if _holds(column, mark)]
        # Addresses of pages are written so.
        is_no_page = pc.invert(pc.match_substring_regex(column, "[^<]/[^>]|:")) if forms else None
        found = [pc.index(pc.and_(is_no_page, pc.match_substring_regex(column, form)), True).as_py() for form in forms]
        row = min((at for at in found if at >= 0), default=None)
        if row is not None:
            text = (
                f"Values such as {column[row].as_py()[:_SHOWN]!r} hold letters as pages or programs write them; they "
                "were kept. Export the file again as plain text if they look wrong."
            )
            return Note(text, warning=True, line=line_of(parsed, row))
    return None


def _holds(column: pa.ChunkedArray, mark: str) -> bool:
    return bool(pc.any(pc.match_substring(column, mark)).as_py())


def _names_shifted(parsed: Parsed) -> Note | None:
    """Say that the values of a column speak against its name."""
    if parsed.dialect is not None and parsed.dialect.header_line == 0:
        return None
    at = names_are_shifted(parsed.headers, parsed.cells)
    if at is None:
        return None
    text = (
        f"The values below {parsed.headers[at].strip()!r} look like those of another column, so names may stand over "
        "the wrong columns. Compare them with the preview, or correct the line of column names in the file."
    )
    return Note(text, warning=True, line=parsed.dialect.header_line if parsed.dialect else None)


def _cut_end(parsed: Parsed, *, ends_open: bool) -> Note | None:
    """Say that the last value is shorter than every other one of its column, as where a file was cut off."""
    cells = parsed.cells
    if not (_LEAST_ROWS if ends_open else _LEAST_ROWS_SHIFTED) <= cells.num_rows <= _MANY_ROWS:
        return None
    *others, last = cells.column(cells.num_columns - 1).slice(max(0, cells.num_rows - _ROWS_LOOKED_AT)).to_pylist()
    known = {value for value in others if value}
    if last in known or not known or (not last and (not ends_open or "" in others)):
        return None
    words = bool(last) and len(known) <= _FEW_VALUES * len(others) and not _DIGIT.search(last)
    if words:
        cut = len(last) >= _LEAST_LETTERS and any(value.startswith(last) for value in known)
    elif ends_open and len(last) >= _LEAST_LETTERS and not _DIGIT.search(last):
        # The words may be many, but one of them is the whole of it.
        cut = any(value.startswith(last) for value in known)
    elif not last:
        cut = True
    else:
        shapes = {_DIGIT.sub("9", value) for value in known}
        shape = _DIGIT.sub("9", last)
        cut = len(shapes) <= _FEW_SHAPES and any(each.startswith(shape) and each != shape for each in shapes)
        cut = cut and shape not in shapes and not shape.isdecimal()
        cut = cut or (ends_open and _lacks_digits(last, known, len(others)))
    if not cut:
        return None
    row = cells.num_rows - 1
    text = (
        f"The last value, in {rows_at([row])}, is only the beginning of what the others of its column are, as if the "
        "file had been cut off there. Export it again if rows are missing."
    )
    return Note(text, warning=True, line=line_of(parsed, row))


def _lacks_digits(last: str, known: set[str], n_others: int) -> bool:
    """Whether a number has fewer decimal places, or fewer digits, than every other one of its column."""
    sizes, places = (sorted(each) for each in zip(*map(_plain_number, known), strict=True))
    size, n_places = _plain_number(last)
    if not np.isfinite([size, *sizes]).all():
        return False
    # A few numbers may have as many places by chance.
    alike = places[0] == places[-1] > 0 and n_others >= _LEAST_ROWS_SHIFTED - 1
    if alike and n_places < places[0]:
        return True
    # A tenth of the smallest one, and less.
    is_smaller = np.expm1(abs(size)) < np.expm1(min(map(abs, sizes))) / 10
    return n_others >= _LEAST_ROWS_SHIFTED - 1 and places[0] == places[-1] == n_places and bool(is_smaller)


def _rows_shifted(parsed: Parsed) -> Note | None:
    """Say that values of a row may stand in the wrong columns."""
    if parsed.cells.num_rows > _MANY_ROWS:
        return None
    n_rows = parsed.cells.num_rows
    rows = moved_rows(parsed.cells)
    if len(rows) > max(1, _SHIFTED * n_rows):
        rows = []
    if len(weighed := misplaced_rows(parsed.cells)) <= max(3, _FEW * n_rows):
        rows = sorted({*rows, *weighed})
    if not rows:
        return _words_of_others(parsed)
    text = (
        f"In {rows_at(rows)} several values are of another kind than those above and below, as if they had moved into "
        "other columns. Compare that row with the others, and correct or delete it in the file."
    )
    return Note(text, warning=True, line=line_of(parsed, rows[0]))


def _words_of_others(parsed: Parsed) -> Note | None:
    """Say that a few cells of a column of numbers hold what another column is made of."""
    cells = parsed.cells.slice(0, _MANY_CELLS // max(1, parsed.cells.num_columns))
    if cells.num_rows < _LEAST_ROWS:
        return None
    # Most cells of most tables hold figures, and leave before they become Python's.
    without_figures = [
        column.filter(pc.invert(pc.match_substring_regex(column, _DIGIT.pattern))).to_pylist()
        for column in cells.columns
    ]
    held = [
        Counter(cell for cell in each if cell.strip() not in MISSING_AMONG_NUMBERS and _DIGIT.search(cell) is None)
        for each in without_figures
    ]
    words = [set(values) for values in held]
    n_words = [values.total() for values in held]
    categories = [at for at, n in enumerate(n_words) if n >= _MOST * cells.num_rows and 2 * len(words[at]) < n]
    for at, n in enumerate(n_words):
        if not 0 < n <= _FEW * cells.num_rows:
            continue
        other = next((each for each in categories if words[at] <= words[each]), None)
        if other is None:
            continue
        # What stands in its own column, too, has not moved: two columns say the same of these rows.
        pairs = zip(cells.column(at).to_pylist(), cells.column(other).to_pylist(), strict=True)
        rows = [row for row, (cell, own) in enumerate(pairs) if cell in words[at] and cell != own]
        if not rows:
            continue
        text = (
            f"In {rows_at(rows)} {cells.column(at)[rows[0]].as_py()[:_SHOWN]!r}, a value of "
            f"{parsed.headers[other].strip()!r}, stands under {parsed.headers[at].strip()!r}, as if it had moved into "
            "the wrong column. Compare that row with the others, and correct or delete it in the file."
        )
        return Note(text, warning=True, line=line_of(parsed, rows[0]))
    return None


def _subtotals(parsed: Parsed) -> Note | None:
    """Say that totals stand among the rows."""
    cells = parsed.cells
    for column in cells.columns[: 2 if cells.num_rows <= _MANY_ROWS else 1]:
        labelled = pc.or_(pc.match_substring(column, "otal"), pc.match_substring(column, "TOTAL"))
        rows = [row for row, values in _suspects(parsed, labelled) if _is_sparse_total(values)]
        if rows and len(rows) <= max(1, _FEW * cells.num_rows):
            text = (
                f"{rows_at(rows).capitalize()} looks like a total among the customers and was kept. "
                "Delete such lines in the file if they are no customers."
            )
            return Note(text, warning=True, line=line_of(parsed, rows[0]))
    return None


def _is_sparse_total(values: Sequence[str]) -> bool:
    return is_total(values) and sum(bool(value.strip()) for value in values) <= (len(values) + 1) / 2


def _suspects(parsed: Parsed, chosen: pa.ChunkedArray) -> Iterator[tuple[int, list[str]]]:
    """Go through the first rows that a quick look has chosen: (row, values)."""
    if not pc.any(chosen).as_py():
        return
    rows = pc.indices_nonzero(chosen).slice(0, _SUSPECTS)
    for row, values in zip(rows.to_pylist(), parsed.cells.take(rows).to_pylist(), strict=True):
        yield row, list(values.values())


_FORMULA_TEXT: Final = re.compile(rb'(^|[,;\t|\r\n])="([^"\r\n]{0,200})"(?=[,;\t|\r\n]|\Z)')
# So much of a file shows how it is built; the rest is checked as it is read.
_HEAD: Final = 1 << 18
_HEAD_LINES: Final = 1_000
# What separates values stands in nearly every line.
_SEPARATED: Final = 0.9


@dataclass(frozen=True, eq=False)
class TextFile:
    """A text file whose separator and quotation mark are known.

    Attributes
    ----------
    text
        The whole file as UTF-8 without byte order mark.
    head
        The records at its beginning.
    notes
        What is doubtful about its quotation marks.
    spans
        Where each column begins and ends where values stand below each other; empty where marks separate them.
    """

    text: memoryview
    encoding: str
    marks: CsvFormat
    head: list[Record]
    layout: TableLayout
    notes: tuple[Note, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def dialect(self) -> Dialect:
        """How the file is read."""
        header = self.layout.header
        return Dialect(
            separator=self.marks.separator,
            encoding=self.encoding,
            header_line=0 if header is None else self.head[header].line,
            quote=self.marks.quote,
        )


def read_delimited(content: memoryview, options: ReadOptions, gather: TableSink = joined) -> Parsed:
    """Read separated values.

    Raises
    ------
    SegmenterError
        If the file is empty, no text, or can't be read without guessing.
    """
    if not content.nbytes:
        raise EmptyFileError
    if options.encoding:
        encoding, text = options.encoding, to_utf8(content, options.encoding)
    else:
        encoding, text = find_and_decode(content)
    refuse_nul(text)
    text = _without_formula_marks(text)
    freed = _without_outer_quotes(text, options)
    opened = open_text(text if freed is None else freed, encoding, options)
    if opened.layout.width > MAX_COLUMNS:
        raise TooManyColumnsError(opened.layout.width, MAX_COLUMNS)
    notes = [
        *([] if options.encoding else encoding_notes(content, text, encoding)),
        *invisible_notes(text, opened.marks.separator),
    ]
    notes += [] if freed is None else [_outer_quotes()]
    parsed = None
    if not opened.spans:
        parsed = read_clean(opened.text, opened.marks, opened.head, opened.layout, gather)
    if parsed is not None and (parsed.cells.num_rows > _MANY_ROWS or _two_tables(parsed) is None):
        notes += opened.notes
    elif opened.spans:
        lines = without_hint(split_lines(bytes(opened.text).decode("utf-8")))
        # A longer value further down may reach into the blanks that were seen at the beginning.
        spans = find_spans(lines)
        if len(spans) != len(opened.spans):
            raise IrregularColumnsError
        records = without_rulers(split_spans(lines, spans))
        parsed = read_records(records, lines, opened.marks, options)
        notes.append(_fixed_width(len(opened.spans)))
    else:
        lines = without_hint(split_lines(bytes(opened.text).decode("utf-8")))
        marks = replace(opened.marks, escape=False, brackets=False)
        parsed = _for_spreadsheets(read_irregular(lines, marks, options))
    if not parsed.cells.num_rows:
        raise NoRowsError
    parsed = _without_wraps(parsed)
    if parsed.cells.num_rows > MAX_ROWS:
        raise TooManyRowsError(parsed.cells.num_rows, MAX_ROWS)
    dialect = replace(opened.dialect, header_line=parsed.dialect.header_line) if parsed.dialect else opened.dialect
    checked = sanity_checks(parsed, ends_open=bytes(opened.text[-1:]) not in (b"\n", b"\r"))
    return replace(parsed, dialect=dialect, notes=(*notes, *parsed.notes, *checked))


def _without_formula_marks(text: memoryview) -> memoryview:
    """Take the `=` off values written as ="00123": what is left is quoted as other values are."""
    head = bytes(text[:_HEAD])
    if b'="' not in head or len(_FORMULA_TEXT.findall(head)) < _LEAST_ROWS:
        return text
    return memoryview(_FORMULA_TEXT.sub(rb'\1"\2"', bytes(text)))


def _for_spreadsheets(parsed: Parsed) -> Parsed:
    """Take off what programs write around values so that spreadsheets show them as text."""
    if not parsed.cells.num_rows or parsed.cells.num_columns > MAX_COLUMNS:
        return parsed
    return _without_text_marks(_without_formulas(parsed))


def _without_formulas(parsed: Parsed) -> Parsed:
    """Take off the `="` and `"` that make spreadsheets show 00123 as text, where all cells of a column have them."""
    cells = parsed.cells
    for at, column in enumerate(cells.columns):
        if begins_as_formula(column) and pc.all(pc.match_substring_regex(column, r'^="[^"]*"$|^\s*$')).as_py():
            bare = pc.replace_substring_regex(column, r'^="([^"]*)"$', r"\1")
            cells = cells.set_column(at, cells.schema.field(at), bare)
    if cells is parsed.cells:
        return parsed
    # The marks are no longer inside the values.
    return replace(parsed, cells=cells, notes=tuple(each for each in parsed.notes if KEPT_INSIDE not in each.text))


def _without_text_marks(parsed: Parsed) -> Parsed:
    """Take off the apostrophe that tells spreadsheets that 00123 is text, where all cells of a column have one.

    It stays where what follows would be a formula: there it keeps spreadsheets from running it.
    """
    cells, notes = parsed.cells, list[Note]()
    for at, column in enumerate(cells.columns):
        if is_marked_as_text(column.slice(0, _CELLS)) and is_marked_as_text(column):
            cells = cells.set_column(at, cells.schema.field(at), pc.replace_substring_regex(column, "^ *'", ""))
            text = f"`{parsed.headers[at].strip()}`: the apostrophe before each value, which marks text, was taken off."
            notes.append(Note(text))
    return replace(parsed, cells=cells, notes=(*parsed.notes, *notes)) if notes else parsed


def _some_marked(parsed: Parsed) -> Note | None:
    """Say that some values of a column have the apostrophe that marks text, and others that look alike have none."""
    for at, column in enumerate(parsed.cells.columns):
        if not _holds(column.slice(0, _MANY_ROWS), "'"):
            continue
        row = _marked_amid_others(column, pc.match_substring_regex(column, TEXT_MARK))
        if row is not None:
            text = (
                f"`{parsed.headers[at].strip()}`: some values begin with an apostrophe, such as "
                f"{column[row].as_py()[:_SHOWN]!r}, and others that look alike do not; all were kept. Write them alike "
                "in the file if it only marks text."
            )
            return Note(text, warning=True, line=line_of(parsed, row))
    return None


def _marked_amid_others(cells: pa.ChunkedArray, is_marked: pa.ChunkedArray) -> int | None:
    """Return the first row whose value is built as others are but for its apostrophe; None without such."""
    marked = pc.unique(cells.filter(is_marked).slice(0, _SUSPECTS)).to_pylist()
    shapes = {shape(cell) for cell in cells.filter(pc.invert(is_marked)).slice(0, _SUSPECTS).to_pylist()}
    alike = {cell for cell in marked if _DIGIT.search(cell) and shape(cell.strip()[1:]) in shapes}
    # Numbers are read without it.
    if not alike or all(is_number(cell.strip()[1:], ".") for cell in alike):
        return None
    return next(at for at, cell in enumerate(cells.to_pylist()) if cell in alike)


def open_text(text: memoryview, encoding: str, options: ReadOptions) -> TextFile:
    """Find separator, quotation mark and header in the beginning of a text."""
    head = bytes(text[:_HEAD]).decode("utf-8", "ignore")
    lines = split_lines(head)
    if len(text) > _HEAD and len(lines) > 1:
        lines = lines[:-1][:_HEAD_LINES]
    if not any(line.strip() for line in lines):
        raise EmptyFileError
    marks = sniff_format(lines, options.separator, options.quote)
    spans = _find_spans(lines, marks, options)
    if spans:
        marks = CsvFormat(" ", "")
        records = without_rulers(split_spans(lines, spans))
        return TextFile(text, encoding, marks, records, find_layout(records, options.header_line), (), tuple(spans))
    marks, records, doubts = split_as_quoted(without_hint(lines), marks)
    if not marks.quote and options.quote is None:
        doubts = (*doubts, *_kept_quotes(records))
    layout = find_layout(records, options.header_line)
    if options.header_line and layout.header is None:
        raise UnknownLineError(options.header_line)
    return TextFile(text, encoding, marks, records, layout, doubts)


def _without_outer_quotes(text: memoryview, options: ReadOptions) -> memoryview | None:
    """Return the text with every line freed from quotation marks that stand around it as a whole; None without such.

    A spreadsheet that opened a table as one column writes it so: each line is one value, whose marks are doubled.
    """
    if options.quote not in (None, '"') or bytes(text[:1]) != b'"':
        return None
    head = [without_break(line) for line in split_lines(bytes(text[:_HEAD]).decode("utf-8", "ignore"))]
    head = [line for line in (head[:-1] if len(text) > _HEAD else head)[:_HEAD_LINES] if line.strip()]
    inner = [bare for line in head if (bare := _unquoted(line)) is not None]
    if len(inner) < max(2, len(head)):
        return None
    for mark in [options.separator] if options.separator else list(",;\t|"):
        width = len(split_records(inner[:1], CsvFormat(mark))[0].values)
        n_alike = sum(len(record.values) == width for record in split_records(inner, CsvFormat(mark)))
        if width > 1 and n_alike >= _SEPARATED * len(inner):
            break
    else:
        return None
    lines = [without_break(line) for line in split_lines(bytes(text).decode("utf-8"))]
    freed = [line if (bare := _unquoted(line)) is None else bare for line in lines]
    return memoryview("\n".join([*freed, ""]).encode())


def _outer_quotes() -> Note:
    return Note("Quotation marks stand around every line as a whole, as if it were one value; they were taken off.")


def _unquoted(line: str) -> str | None:
    """Return what stands between the marks around a line that is one quoted value; None where it is none."""
    inner = line.rstrip(" ,;\t")
    if len(inner) < 2 or inner[0] != '"' or inner[-1] != '"' or '"' in inner[1:-1].replace('""', ""):
        return None
    return inner[1:-1].replace('""', '"')


def _find_spans(lines: list[str], marks: CsvFormat, options: ReadOptions) -> list[Span]:
    """Find columns of fixed width where no mark separates values."""
    if options.quote or options.separator not in (None, " "):
        return []
    filled = [line for line in lines if line.strip() and not is_drawn(line)]
    if marks.quote and any(marks.quote in line for line in filled):
        # Values that run over several lines leave some of them without a separator.
        return []
    if not filled:
        return []
    separated = marks.separator != " " and sum(marks.separator in line for line in filled) >= _SEPARATED * len(filled)
    # A decimal comma stands in every row too, but not among the names.
    if separated and (marks.separator != "," or "," in filled[0]):
        return []
    return find_spans(lines)


def _fixed_width(n_columns: int) -> Note:
    return Note(
        f"The values stand below each other with blanks between them, and were read as {n_columns:,} columns of fixed "
        "width. Choose what stands between the values if that is wrong."
    )


def _kept_quotes(records: list[Record]) -> list[Note]:
    """Say that marks that look like opening ones were kept, because none of them is closed."""
    opened = [record for record in records if any(value.lstrip().startswith('"') for value in record.values)]
    if not opened:
        return []
    text = (
        f"Line {opened[0].line}: a quotation mark opens a value and does not end it. As most lines are written so, the "
        "marks were kept as part of the values. Choose the quotation mark if they should stand around them."
    )
    return [Note(text, warning=True, line=opened[0].line)]
