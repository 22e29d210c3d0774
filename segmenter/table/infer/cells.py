"""Cells of a column: held as Arrow, counted and sampled."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED
from segmenter.table.infer.missing_values import CLEAR_MISSING, is_missing_word

# Cells looked at before a column is read as numbers or dates in full.
SAMPLE_CELLS: Final = 1_000
_RUN: Final = 25
# Under this share of different cells in the sample, a column is rather one of few values.
_FEW_SHARE: Final = 0.5
# Numbers are gone through in pieces that fit a processor's cache.
_PIECE: Final = 1 << 16
_SCALES: Final = (1.0, 10.0, 100.0, 1e4, 1e6)
_MARKS_PER_ROW: Final = 16

_CLEAR: Final = frozenset(CLEAR_MISSING)
TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)


def to_series(cells: pa.ChunkedArray) -> pd.Series:
    """Wrap Arrow strings as a pandas text column without copying them."""
    strings = pd.arrays.ArrowStringArray(cells, dtype=TEXT)  # type: ignore[call-arg]
    return pd.Series(strings, copy=False)


def to_arrow(column: pd.Series) -> pa.ChunkedArray:
    """Return the Arrow strings of a pandas text column; other columns of text are converted."""
    if column.dtype != TEXT:
        column = column.astype(TEXT)
    cells = pa.chunked_array(column.array.__arrow_array__())
    return cells if pa.types.is_large_string(cells.type) else cells.cast(pa.large_string())


def beginnings(cells: pa.ChunkedArray | pa.Array) -> list[str | None]:
    """Return trimmed cells, each cut to 200 letters; one that was cut ends in "…" and is no number, date or code."""
    # One letter more tells what is longer; the cut comes before the texts become Python's, at a copy each.
    short = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(cells), 0, LONGEST_JUDGED + 1).to_pylist()
    return [cell if cell is None or len(cell) <= LONGEST_JUDGED else f"{cell[:LONGEST_JUDGED]}…" for cell in short]


_Value = TypeVar("_Value")


class _once(Generic[_Value]):  # noqa: N801 - read as the decorator that it is
    """A property that is computed when it is first asked for.

    Python 3.11's `cached_property` holds one lock for all objects while it computes: columns read side by side
    would wait for each other, and for ever where two properties need each other.
    """

    def __init__(self, compute: "Callable[[TextCells], _Value]") -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, cells: "TextCells", owner: type | None = None) -> _Value:
        value = self._compute(cells)
        # Found there before this is asked again.
        cells.__dict__[self._compute.__name__] = value
        return value


@dataclass(frozen=True, eq=False)
class TextCells:
    """The cells of one column as text, with what is needed to judge them.

    Attributes
    ----------
    cells
        One string a row; null where the source held nothing at all.
    """

    cells: pa.ChunkedArray

    def at(self, row: int) -> str:
        """Return the cell of one row (from 0)."""
        return str(self.cells[row])

    @_once
    def filled(self) -> pa.ChunkedArray:
        """The cells with clearly missing ones as null; the same object where none is."""
        if self._repeat:
            return self._without() if self.encoded.null_count > self.cells.null_count else self.cells
        trimmed_short = pc.less_equal(pc.binary_length(self.cells), 4)
        return self._without() if pc.any(trimmed_short).as_py() else self.cells

    @_once
    def encoded(self) -> pa.DictionaryArray:
        """The cells as positions in the list of their different values."""
        if not self._repeat:
            return _encode(self.filled)
        # Few different values: missing ones are looked for among these rather than among all cells.
        encoded = _encode(self.cells)
        absent = _is_missing(encoded.dictionary)
        if not pc.any(absent).as_py():
            return encoded
        held = pc.invert(absent)
        places = pc.if_else(held, pc.subtract(pc.cumulative_sum(pc.cast(held, pa.int32())), 1), None)
        return pa.DictionaryArray.from_arrays(
            pc.cast(pc.take(places, encoded.indices), pa.int32()), encoded.dictionary.filter(held)
        )

    @property
    def values(self) -> pa.LargeStringArray:
        """The different values, in order of appearance, without missing ones."""
        return self.encoded.dictionary

    @_once
    def counts(self) -> np.ndarray:
        """(n_values,) how many rows hold each value."""
        positions = self.encoded.indices
        held = (positions.drop_null() if positions.null_count else positions).to_numpy(zero_copy_only=False)
        return np.bincount(held, minlength=len(self.values))

    @_once
    def sample(self) -> list[str]:
        """Up to 1,000 trimmed cells from all over the rows, missing ones left out and long ones cut."""
        n_rows = len(self.cells)
        if n_rows <= SAMPLE_CELLS:
            taken = beginnings(self.cells)
        else:
            # Runs of neighbours: taking single rows would join the chunks first, at a copy of the column.
            starts = np.linspace(0, n_rows - _RUN, SAMPLE_CELLS // _RUN).astype(np.int64)
            taken = [cell for at in starts for cell in beginnings(self.cells.slice(int(at), _RUN))]
        return [text for cell in taken if cell is not None and (text := cell.strip()) not in _CLEAR]

    @_once
    def known(self) -> list[str]:
        """The sample without words that say that nothing is there, where numbers or dates are expected."""
        absent = {cell for cell in set(self.sample) if is_missing_word(cell)}
        return [cell for cell in self.sample if cell not in absent] if absent else self.sample

    @_once
    def _repeat(self) -> bool:
        """Whether the same few values seem to come back."""
        return len(set(self.sample)) <= _FEW_SHARE * len(self.sample)

    def _without(self) -> pa.ChunkedArray:
        absent = _is_missing(self.cells)
        if not pc.any(absent).as_py():
            return self.cells
        return pc.if_else(absent, pa.scalar(None, pa.large_string()), self.cells)


def _encode(cells: pa.ChunkedArray) -> pa.DictionaryArray:
    # Encoded before the chunks are joined, so that positions are copied and not the texts.
    encoded = pc.dictionary_encode(cells)
    return encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)


def _is_missing(cells: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Tell which cells are blank or one of the words that clearly mean that nothing is there."""
    words = pa.array(CLEAR_MISSING, pa.large_string())
    return pc.or_(pc.is_in(cells, value_set=words), pc.fill_null(pc.utf8_is_space(cells), False))


@dataclass(frozen=True)
class Range:
    """How many numbers a column holds, how many different ones, and between which limits."""

    missing: int = 0
    distinct: int = 0
    low: float = math.nan
    high: float = math.nan

    @property
    def largest(self) -> float:
        """The largest distance from zero; 0 when there is no number."""
        return max(abs(self.low), abs(self.high)) if self.distinct else 0.0


def range_of(numbers: np.ndarray) -> Range:
    """Return count, number of different values and limits of an array; NaN is missing."""
    pieces = [numbers[at : at + _PIECE] for at in range(0, len(numbers), _PIECE)]
    n_missing = sum(int(np.count_nonzero(np.isnan(piece))) for piece in pieces)
    if n_missing == len(numbers):
        return Range(n_missing)
    low = float(min(np.fmin.reduce(piece) for piece in pieces))
    high = float(max(np.fmax.reduce(piece) for piece in pieces))
    distinct = _distinct_by_marks(pieces, low, high, len(numbers))
    return Range(n_missing, distinct or _distinct_by_order(numbers), low, high)


def _distinct_by_marks(pieces: list[np.ndarray], low: float, high: float, n_rows: int) -> int | None:
    """Count different values by ticking them off in a list of all possible ones; None when that is too long.

    Most columns hold whole numbers or decimals of a few places, so that there are few possible values;
    ticking them off is ten times as quick as sorting or hashing.
    """
    scale = next((scale for scale in _SCALES if _fits_scale(pieces[0][:_RUN], scale)), None)
    if scale is None or high / 2 - low / 2 > max(_MARKS_PER_ROW * n_rows, _PIECE) / scale / 2:
        return None
    first = np.rint(low * scale)
    marks = np.zeros(int(np.rint(high * scale) - first) + 1, np.bool_)
    for piece in pieces:
        held = piece[~np.isnan(piece)]
        if not _fits_scale(held, scale):
            return None
        marks[(np.rint(held * scale) - first).astype(np.int64)] = True
    return int(np.count_nonzero(marks))


def _fits_scale(numbers: np.ndarray, scale: float) -> bool:
    """Whether all numbers are whole multiples of 1 / scale, to the last bit."""
    held = numbers[~np.isnan(numbers)]
    with np.errstate(over="ignore"):
        return bool((np.rint(held * scale) / scale == held).all())


def _distinct_by_order(numbers: np.ndarray) -> int:
    ordered = np.sort(numbers)
    # NaN comes last in order, and equals nothing.
    held = ordered[: np.searchsorted(ordered, np.inf, side="right")]
    return 1 + int(np.count_nonzero(held[1:] != held[:-1]))
