"""From cells to columns: type inference over a whole table."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from segmenter.errors.base import check_type
from segmenter.table.answers import with_answers, with_boxes
from segmenter.table.dataset import Column, ColumnKind, Dataset, Dialect, Note, fingerprint_of
from segmenter.table.infer.cells import TextCells, to_arrow
from segmenter.table.infer.infer_type import InferenceHints, TypeInference, infer_type
from segmenter.table.infer.numbers import DecimalMarks, decimal_of, leaves_ungrouped

# Arrow works outside Python's lock, so columns are read side by side; more threads gain nothing on 4 cores.
_THREADS: Final = 4
_NAME_LENGTH: Final = 80
_MANY_CELLS: Final = 200_000


def read_frame(frame: pd.DataFrame, name: str = "table") -> Dataset:
    """Make a Dataset of any pandas table.

    Column names become text, and unique; the index is dropped.

    Parameters
    ----------
    frame
        (n_customers × n_columns), one row a customer.
    name
        What to call the table.

    Raises
    ------
    ArgumentTypeError
        If `frame` is no pandas table.

    Examples
    --------
    >>> import pandas as pd
    >>> from segmenter import read_frame
    >>> read_frame(pd.DataFrame({"age": [31, 45, 27], "city": ["Oslo", "Rome", "Oslo"]}), name="three")
    <Dataset 'three': 3 customers × 2 columns>
    """
    check_type(frame, pd.DataFrame, "frame")
    return build_dataset(frame, name, fingerprint=fingerprint_of(frame.set_axis(unique_names(frame.columns), axis=1)))


@dataclass(frozen=True, eq=False)
class Inferred:
    """What was found out about the columns of a table.

    Attributes
    ----------
    columns
        What each column was taken for, in the table's order.
    values
        The values to calculate with, one series of n_rows a column.
    notes
        What is worth knowing about them.
    decimal
        The decimal mark of the table.
    """

    columns: tuple[Column, ...]
    values: tuple[pd.Series, ...]
    notes: tuple[Note, ...]
    decimal: str


def build_dataset(  # noqa: PLR0913 - one word of the user each, all but two optional
    original: pd.DataFrame,
    name: str,
    *,
    fingerprint: str,
    decimal: str | None = None,
    notes: Sequence[Note] = (),
    dialect: Dialect | None = None,
    kinds: Mapping[str, ColumnKind] | None = None,
    date_order: str | None = None,
    line_of: Callable[[int], int] | None = None,
) -> Dataset:
    """Find out what each column of a table is and make the values to calculate with.

    This happens in the calling process: for the caller's own tables. What others hand over is inferred by
    `segmenter.table.infer.in_worker` in a worker with limits.

    Parameters
    ----------
    original
        The table as it was handed over; its column names may repeat or be blank.
    decimal
        The decimal mark, when the user said so; found in the cells otherwise.
    kinds
        The user's own word for some columns, by name.
    date_order
        "day first" or "month first", when the user said so.
    line_of
        The line of the file on which a row (from 0) stands.
    """
    said = WordOnColumns(decimal, date_order, dict(kinds or {}))
    inferred = infer_columns(original, said, dialect, line_of)
    return dataset_of(original, inferred, name, fingerprint=fingerprint, notes=notes, dialect=dialect)


@dataclass(frozen=True)
class WordOnColumns:
    """The user's word on what cells mean; None, and no kind, leave it to be inferred."""

    decimal: str | None = None
    date_order: str | None = None
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)


def infer_columns(
    original: pd.DataFrame,
    said: WordOnColumns,
    dialect: Dialect | None = None,
    line_of: Callable[[int], int] | None = None,
) -> Inferred:
    """Find out what each column of a table is and make the values to calculate with."""
    headers, original = _named(original)
    marks = _marks(original, said.decimal, dialect)
    understood = _understand_all(original, headers, InferenceHints(marks, said.date_order, line_of), said.kinds)
    return Inferred(
        tuple(one.column for one in understood),
        tuple(one.values for one in understood),
        (*_renamed_columns(original, headers), *(note for one in understood for note in one.notes)),
        marks.told or marks.found or ".",
    )


def dataset_of(
    original: pd.DataFrame,
    inferred: Inferred,
    name: str,
    *,
    fingerprint: str,
    notes: Sequence[Note] = (),
    dialect: Dialect | None = None,
) -> Dataset:
    """Put a table and what was inferred about it together."""
    _, original = _named(original)
    values = dict(zip(original.columns, inferred.values, strict=True))
    dataset = Dataset(
        frame=pd.DataFrame(values, index=None if values else original.index, copy=False),
        original=original,
        columns=inferred.columns,
        name=name,
        fingerprint=fingerprint,
        notes=(*notes, *inferred.notes),
        dialect=replace(dialect, decimal=inferred.decimal) if dialect else None,
    )
    return with_answers(with_boxes(dataset))


def _named(original: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Return the names as they stand, and the table under readable names, with rows from 0."""
    headers = [str(header) for header in original.columns]
    original = original.set_axis(unique_names(headers), axis=1)
    if not isinstance(original.index, pd.RangeIndex) or original.index.start != 0 or original.index.step != 1:
        original = original.reset_index(drop=True)
    return headers, original


def unique_names(headers: Iterable[object]) -> list[str]:
    """Return readable names that differ from each other: `spend`, `spend (2)`, `Column 7`."""
    taken: set[str] = set()
    names: list[str] = []
    wanted = [readable(str(header)) or f"Column {position}" for position, header in enumerate(headers, 1)]
    reserved = set(wanted)
    for base in wanted:
        name, number = base, 1
        while name in taken or (number > 1 and name in reserved):
            number += 1
            name = f"{base} ({number})"
        taken.add(name)
        names.append(name)
    return names


def readable(header: str) -> str:
    """Return a column name without line breaks, control and direction marks, at most 80 characters long."""
    # Runs of blanks are shown as one, so more letters are looked at than are shown; a name may be a megabyte long.
    shown = "".join(_shown(letter) for letter in header.strip()[: 10 * _NAME_LENGTH])
    shown = re.sub(r" {2,}", " ", shown)
    return shown if len(shown) <= _NAME_LENGTH else shown[: _NAME_LENGTH - 1] + "…"


def _shown(letter: str) -> str:
    if letter in "\r\n":
        return "␤"
    category = unicodedata.category(letter)
    if category == "Zs":
        return " "
    # Control, format (among them the marks that reverse text), surrogates and unassigned characters.
    if category in {"Cc", "Cf", "Cs", "Cn"} and letter not in "\u200d\ufe0f":
        return f"⟨U+{ord(letter):04X}⟩"
    return letter


def _marks(original: pd.DataFrame, decimal: str | None, dialect: Dialect | None) -> DecimalMarks:
    separated_by_comma = dialect is None or dialect.separator == ","
    if decimal is not None:
        return DecimalMarks(told=decimal, comma_separates=separated_by_comma)
    texts = [
        TextCells(to_arrow(original.iloc[:, at])) for at in range(original.shape[1]) if _is_text(original.iloc[:, at])
    ]
    seen = decimal_of(texts)
    found = None
    if seen.comma != seen.point:
        found = "," if seen.comma > seen.point else "."
    # Only where no column shows its decimal mark does it matter.
    groups = False if found is None and any(map(leaves_ungrouped, texts)) else None
    return DecimalMarks(found=found, comma_separates=separated_by_comma, groups=groups)


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype)


def _understand_all(
    original: pd.DataFrame, headers: Sequence[str], hints: InferenceHints, kinds: Mapping[str, ColumnKind]
) -> list[TypeInference]:
    def one(at: int) -> TypeInference:
        name = str(original.columns[at])
        return infer_type(original.iloc[:, at], name, headers[at], hints, kinds.get(name))

    positions = range(original.shape[1])
    if original.size < _MANY_CELLS:
        return [one(at) for at in positions]
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(one, positions))


def _renamed_columns(original: pd.DataFrame, headers: Sequence[str]) -> list[Note]:
    notes = _renamed(headers, list(original.columns))
    # Many programs write the number of each row before it, without a name: nothing to look at.
    return notes[1:] if headers and not headers[0].strip() and _counts_rows(original.iloc[:, 0]) else notes


def _counts_rows(column: pd.Series) -> bool:
    if not len(column) or str(column.iloc[0]) not in {"0", "1"}:
        return False
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return bool((np.diff(numbers) == 1).all())


def _renamed(headers: Sequence[str], names: Sequence[str]) -> list[Note]:
    """Say which names had to be made up or told apart."""
    seen: set[str] = set()
    notes = []
    for position, (header, name) in enumerate(zip(headers, names, strict=True), 1):
        if not header.strip():
            notes.append(Note(f"Column {position} has no name and is called {name!r}.", column=name))
        elif header.strip() in seen:
            notes.append(
                Note(
                    f"The name {readable(header)!r} comes twice; the later column is called {name!r}.",
                    column=name,
                )
            )
        seen.add(header.strip())
    return notes
