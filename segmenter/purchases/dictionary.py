"""Classes of purchase lines, and dictionary encoding of texts, so that they are quick to count by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.purchases.spec import MEASURES, Purchases
from segmenter.table.infer.cells import CLEAR_MISSING

MISSING = -1


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """A column of text as its different values and where each stands; what is done to a value is done once.

    Attributes
    ----------
    texts
        The different values without spaces around them; null where one says that nothing is there.
    places
        (n_lines,) position in `texts`; -1 where the cell is missing.
    """

    texts: pl.Series
    places: np.ndarray

    def spread(self, per_text: np.ndarray, missing: object) -> np.ndarray:
        """Return what belongs to each line, given what belongs to each different text."""
        spread: np.ndarray = np.append(per_text, np.array([missing], per_text.dtype))[self.places]
        return spread

    @property
    def is_missing(self) -> np.ndarray:
        """Whether each line has no value."""
        return self.spread(self.texts.is_null().to_numpy(), missing=True)


def encode_texts(cells: pa.ChunkedArray) -> EncodedTexts:
    """Return a column of text by its different values."""
    # A chunked array would get a dictionary for each of its chunks.
    found = pc.dictionary_encode(pa.concat_arrays(cells.chunks))
    places = found.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    trimmed = pl.Series(found.dictionary, dtype=pl.String).str.strip_chars()
    return EncodedTexts(trimmed.set(trimmed.is_in(CLEAR_MISSING), None), places)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some lines of a file, ready to be added up.

    Attributes
    ----------
    texts
        The columns that name something.
    numbers
        The columns that measure, float64 with NaN for missing, and `date`, datetime64 in microseconds.
    """

    texts: Mapping[str, EncodedTexts]
    numbers: Mapping[str, np.ndarray]


def to_chunk(table: pa.Table) -> Chunk:
    """Return lines whose columns are named as in `Purchases.sources` and hold text, float64 and timestamps."""
    texts, numbers = {}, {}
    for name in table.column_names:
        cells = table.column(name)
        if name == "date":
            numbers[name] = cells.to_numpy().astype("datetime64[us]")
        elif name in MEASURES:
            numbers[name] = np.asarray(cells.to_numpy(), np.float64)
        else:
            texts[name] = encode_texts(cells)
    return Chunk(texts, numbers)


class DictionaryEncoder:
    """A number for each different text, the same in all pieces of a file: 0, 1, 2, … as they come."""

    def __init__(self) -> None:
        # A mapping of its own: a shared one would keep one visitor's ids in memory for the next.
        self._kind = pl.Categorical(pl.Categories.random())
        # polars forgets a mapping that no column uses, and would number the texts of each piece anew.
        self._kept = pl.Series([], dtype=self._kind)

        self._texts = pl.Series([], dtype=pl.String)

    def of(self, column: EncodedTexts) -> np.ndarray:
        """Return (n_lines,) int64 numbers, -1 for missing."""
        numbers = column.texts.cast(self._kind).to_physical().cast(pl.Int64).fill_null(MISSING).to_numpy()
        self._remember(column.texts, numbers)
        return column.spread(numbers, MISSING)

    @property
    def texts(self) -> pl.Series:
        """The text of each number."""
        return self._texts

    def _remember(self, texts: pl.Series, numbers: np.ndarray) -> None:
        known = len(self._texts)
        places = np.flatnonzero(numbers >= known)
        # Cells that differ only in the spaces around them are one text.
        new, first = np.unique(numbers[places], return_index=True)
        assert len(new) == 0 or (new[0] == known and new[-1] == known + len(new) - 1)
        self._texts = self._texts.append(texts.gather(places[first]))


# One array a column, one entry a line.
Arrays = Mapping[str, np.ndarray]

# The classes of lines, named as in `LineCounts`; the first that fits counts.
CLASSES: Final = ("without_customer", "incomplete", "later", "cancelled", "returned", "free", "purchases")
CLASS: Final = {name: number for number, name in enumerate(CLASSES)}

# What a column of marks says of a cancelled line; in small letters.
YES: Final = ("1", "1.0", "true", "t", "yes", "y", "ja", "x", "c", "void", "voided", "storno", "storniert")
# Beginnings of words in small letters, for lines that were cancelled, came back, were paid back or never paid; written
# for polars, DuckDB and Spark alike.
CANCEL_WORDS: Final = (
    "cancel|return|refund|revers|chargeback|declin|^fail|payment failed|^reject"
    "|storn|widerruf|retour|r[üu]e?ckgabe|zur[üu]e?ckge|erstattet|abgelehnt|fehlgeschlagen"
    "|annul|rembours|refus|[ée]chou|anulad|devol|devuel|reembols|rechaz|fallid|recusad|falhou|rimbors|^reso$|rifiutat"
    "|terugbetaald|mislukt|geweigerd|anulow|zwr[oó][ct]|odrzuc|nieudan|retur|makuler|avbest|avbok|[åa]terbetal|kanseller"
    "|a[fv]lyst|zru[sš]|vr[aá]c|iptal|iade|peru+tet|peruttu|palautett"
    "|отмен|возвра|аннулир|取消|キャンセル|返品|返金|退款|退货|退貨|关闭|취소|반품|환불"
)
NOT_CANCELLED: Final = "^(not|no|un|non|nicht|niet|inte|ikke|ej|nie|не)([^a-z0-9_]|$)|^un|^not?[ _-]"


def some(arrays: Arrays, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """Return some of the lines."""
    return {name: values[chosen] for name, values in arrays.items()}


def are_numbers(orders: pl.Series) -> np.ndarray:
    """Tell which order ids are digits and nothing else."""
    return _flags(orders.str.contains(r"^\d+$"))


def are_marked(orders: pl.Series) -> np.ndarray:
    """Tell which order ids are those of cancellations: C and digits."""
    return _flags(orders.str.contains(r"^[Cc]\d+$"))


def say_cancelled(marks: pl.Series) -> np.ndarray:
    """Tell which marks such as "yes", "cancelled" or "not returned" say that a line is cancelled."""
    said = marks.str.to_lowercase()
    return _flags(said.is_in(YES) | (said.str.contains(CANCEL_WORDS) & ~said.str.contains(NOT_CANCELLED)))


def classes_of(lines: Arrays, purchases: Purchases, snapshot: date | None) -> np.ndarray:
    """Return the class of each line, (n_lines,) uint8.

    Parameters
    ----------
    lines
        `customer` (-1 for missing), `date`, `spent`, `quantity` (NaN for missing) and `is_cancelled`.
    """
    spent, quantity, when = lines["spent"], lines["quantity"], lines["date"]
    free = (spent == 0) | (quantity == 0)
    tests = {
        "without_customer": lines["customer"] < 0,
        "incomplete": np.isnat(when) | np.isnan(spent) | np.isnan(quantity),
        "later": when >= np.datetime64(snapshot + timedelta(days=1)) if snapshot else np.zeros(len(when), np.bool_),
        "cancelled": lines["is_cancelled"],
        "returned": (spent < 0) | (quantity < 0),
        "free": np.zeros(len(when), np.bool_) if purchases.free_is_bought else free,
    }
    numbers = [np.uint8(CLASS[name]) for name in tests]
    return np.select(list(tests.values()), numbers, np.uint8(CLASS["purchases"]))


def _flags(found: pl.Series) -> np.ndarray:
    return found.fill_null(value=False).to_numpy()
