"""Who is asked for: segments, those whom a rule finds, the most typical, and who has joined or left since last time."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from segmenter.activate.audience import Audience
from segmenter.activate.identifiers import comparable_ids, recognise_contacts, tidy
from segmenter.activate.platforms import Field
from segmenter.activate.rfm import Rfm
from segmenter.errors.forming import AudienceError, UnknownColumnError
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE
from segmenter.table.dataset import Dataset
from segmenter.table.infer.consent import folded_name
from segmenter.table.infer.header import words_of
from segmenter.typing import BoolArray, FloatArray, IntArray

EVERYBODY: Final = "all customers"
_LABEL_COLUMNS: Final = ("segment", "segment_new", "predicted_segment", "cluster")
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "==": operator.eq, "=": operator.eq, "<": operator.lt,
    ">": operator.gt,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Segments:
    """The segment of every customer of a file.

    Attributes
    ----------
    labels
        From 0, −1 for customers in none; shape (n_customers,).
    keys
        What each segment is written as: its number, from 1, or its label in the file.
    names
        What it is called.
    distance
        Each customer's distance to its segment's centre; None where that is not known.
    """

    labels: IntArray
    keys: tuple[str, ...]
    names: tuple[str, ...]
    distance: FloatArray | None = None

    def as_named(self, names: Sequence[str]) -> tuple[pd.Series, tuple[str, ...]]:
        """Return each customer's segment by name, None for those in none, and the names in order.

        Customers who were labelled before a model's segments were given their names are known by the numbers.

        Parameters
        ----------
        names
            What the model calls its segments.
        """
        then = self.names
        numbers = [int(key) for key in self.keys if key.isdecimal()]
        alike = len(numbers) == len(then) and all(1 <= each <= len(names) for each in numbers)
        if alike and not set(then) & set(names):
            then = tuple(names[number - 1] for number in numbers)
        return pd.Series(np.array([*then, None], dtype=object)[self.labels]), then

    def titles(self) -> tuple[str, ...]:
        """Return key and name of each: `1 Big spenders`."""
        named = zip(self.keys, self.names, strict=True)
        return tuple(name if _says(name, key) else f"{key} {name}" for key, name in named)

    def held_titles(self) -> tuple[str, ...]:
        """Return the titles of those that hold somebody."""
        held = set(self.labels.tolist())
        return tuple(title for place, title in enumerate(self.titles()) if place in held)

    def among(self, known: Sequence[tuple[str, str]]) -> "Segments":
        """Return these customers' segments among all there are, as (key, name), where some hold none of them."""
        keys, names = (tuple(each) for each in zip(*known, strict=True))
        places = np.array([keys.index(key) if key in keys else -1 for key in self.keys] + [-1], dtype=np.intp)
        return replace(self, labels=places[self.labels], keys=keys, names=names)

    def audiences(self, chosen: Sequence[str] = ()) -> list[Audience]:
        """Return the customers of some segments, by key or name; of all where none is named.

        Raises
        ------
        AudienceError
            If there is no such segment.
        """
        places = [self._place(word) for word in dict.fromkeys(chosen)] or range(len(self.keys))
        titles = self.titles()
        numbers = [int(key) if key.isdecimal() else None for key in self.keys]
        return [Audience(titles[place], self.labels == place, numbers[place]) for place in dict.fromkeys(places)]

    def _place(self, word: str) -> int:
        for written in (self.keys, self.names, self.titles()):
            plain = [folded_name(each) for each in written]
            if plain.count(folded_name(word)) == 1:
                return plain.index(folded_name(word))
        message = f"There is no segment {word!r}. There are: {', '.join(self.titles()[:20])}."
        raise AudienceError(message)


def _says(name: str, key: str) -> bool:
    """Whether a name is or begins with a key, or is "Segment 6"; the 6 of "spending 296" is none."""
    words, wanted = words_of(name), words_of(key)
    return folded_name(name) == folded_name(key) or wanted in (words[: len(wanted)], words[1:])


def segments_of_result(result: Result) -> Segments:
    """Return the segments that were formed or placed here.

    Parameters
    ----------
    result
        Customers and their segments.
    """
    segmentation = result.segmentation
    labels = segmentation.labels.to_numpy().astype(np.intp)
    if result.assignment is not None:
        distance = result.assignment.distance.to_numpy(dtype="float64")
    else:
        distance = np.full(len(labels), np.nan)
        placed = labels >= 0
        if placed.any():
            X = segmentation.preparation.transform(result.model_frame[placed])
            distance[placed] = segmentation.clusterer.placement_.distances(X)
    keys = tuple(str(number) for number in range(1, segmentation.n_segments + 1))
    return Segments(labels, keys, tuple(segmentation.names), distance)


def segments_of_rfm(rfm: Rfm) -> Segments:
    """Return the cells of an RFM grid as segments, the best first; customers in no cell are in none.

    Parameters
    ----------
    rfm
        Customers on the grid.
    """
    names = tuple(rfm.cells["cell"])
    places = {name: place for place, name in enumerate(names)}
    labels = rfm.scores["cell"].map(places).fillna(-1).to_numpy(dtype=np.intp)
    return Segments(labels, names, names)


def segments_in_file(dataset: Dataset, column: str = "") -> Segments | None:
    """Return the segments that a labelled file names; None where it has no such column.

    Parameters
    ----------
    dataset
        The labelled customers.
    column
        The column of labels; `segment`, as our own files call it, where it is empty.

    Raises
    ------
    UnknownColumnError
        If there is no column of that name.
    """
    names = [each.name for each in dataset.columns]
    if column and column not in names:
        raise UnknownColumnError([column], names)
    found = column or next(
        (name for name in reversed(names) if folded_name(name) in map(folded_name, _LABEL_COLUMNS)), ""
    )
    if not found:
        return None
    cells = tidy(dataset.original[found])
    # A labelled file says in words of whom it knows that no segment is theirs.
    cells = cells.mask(cells == FITS_NONE)
    different = sorted(
        cells.dropna().unique(), key=lambda key: (not key.isdecimal(), int(key) if key.isdecimal() else 0, key)
    )
    places = {key: place for place, key in enumerate(different)}
    labels = cells.map(places).fillna(-1).to_numpy(dtype=np.intp)
    beside = f"{found}_name" if f"{found}_name" in names else ""
    distance = dataset.frame["distance"] if not column and "distance" in names else None
    known = distance is not None and pd.api.types.is_float_dtype(distance)
    return Segments(
        labels,
        tuple(different),
        _names_beside(dataset, labels, different, beside),
        distance.to_numpy(dtype="float64") if distance is not None and known else None,
    )


def _names_beside(customers: Dataset, labels: IntArray, keys: Sequence[str], column: str) -> tuple[str, ...]:
    if not column:
        return tuple(f"Segment {key}" if key.isdecimal() else key for key in keys)
    cells = tidy(customers.original[column])
    firsts = [cells[labels == place].dropna() for place in range(len(keys))]
    return tuple(
        str(found.iloc[0]) if len(found) else f"Segment {key}" for key, found in zip(keys, firsts, strict=True)
    )


def everybody(customers: Dataset) -> Segments:
    """Return all customers as if they were one segment."""
    return Segments(np.zeros(customers.n_customers, dtype=np.intp), ("all",), (EVERYBODY,))


def narrowed(audiences: Sequence[Audience], rows: BoolArray) -> list[Audience]:
    """Return the same audiences, only of those customers."""
    return [replace(each, rows=each.rows & rows) for each in audiences]


def found_by(customers: Dataset, rules: Sequence[str]) -> BoolArray:
    """Return which customers all rules find, such as `spend >= 100` or `country = AT`; an empty cell meets no rule.

    Raises
    ------
    AudienceError
        If a rule is none, names no column, or compares what has no order.
    """
    found = np.ones(customers.n_customers, dtype=bool)
    for rule in rules:
        found &= _found_by(customers, rule)
    return found


def _found_by(customers: Dataset, rule: str) -> BoolArray:
    names = {folded_name(each.name): each.name for each in customers.columns}
    for match in re.finditer(r"<=|>=|!=|==|=|<|>", rule):
        name = names.get(folded_name(rule[: match.start()]))
        if name is not None:
            return _compared(customers, name, match.group(), rule[match.end() :].strip().strip("'\""), rule)
    message = (
        f"The rule {rule!r} names no column of the file. Write a column, one of =, !=, <, <=, >, >= and a value, such "
        "as spend >= 100."
    )
    raise AudienceError(message)


def _compared(customers: Dataset, name: str, sign: str, word: str, rule: str) -> BoolArray:
    values, compare = customers.frame[name], _OPERATORS[sign]
    if pd.api.types.is_datetime64_any_dtype(values):
        day = pd.to_datetime(word, errors="coerce", format="ISO8601")
        if day is pd.NaT:
            message = f"The rule {rule!r} compares days: write the day as 2026-03-31."
            raise AudienceError(message)
        return np.asarray(compare(values, day) & values.notna(), dtype=bool)
    number = pd.to_numeric(word, errors="coerce")
    if pd.api.types.is_float_dtype(values) and not pd.isna(number):
        return np.asarray(compare(values, float(number)) & values.notna(), dtype=bool)
    cells = tidy(customers.original[name])
    if sign not in ("=", "==", "!="):
        numbers = pd.api.types.is_float_dtype(values)
        what = "numbers: compare them with one" if numbers else "texts, which have no order: compare them by = or !="
        message = f"The rule {rule!r} cannot be followed. {name} holds {what}."
        raise AudienceError(message)
    return np.asarray(compare(cells.str.casefold(), word.casefold()) & cells.notna(), dtype=bool)


def most_typical(audiences: Sequence[Audience], segments: Segments, n_customers: int) -> list[Audience]:
    """Return of each audience the customers nearest to their segment's centre.

    Raises
    ------
    AudienceError
        If distances are not known, or nobody was asked for.
    """
    if segments.distance is None:
        message = "How typical customers are is not known of this file. Give the model that the segments are of, too."
        raise AudienceError(message)
    if n_customers < 1:
        message = "Ask for at least one typical customer."
        raise AudienceError(message)
    kept = []
    for each in audiences:
        rows = np.flatnonzero(each.rows & ~np.isnan(segments.distance))
        nearest = rows[np.argsort(segments.distance[rows], kind="stable")[:n_customers]]
        chosen = np.zeros(len(each.rows), dtype=bool)
        chosen[nearest] = True
        kept.append(replace(each, rows=chosen))
    return kept


@dataclass(frozen=True, eq=False)
class Moves:
    """Who has joined or left since last time.

    Attributes
    ----------
    audiences
        One per segment.
    n_gone
        Customers who were in one of the segments and are not in the file any more.
    """

    audiences: list[Audience]
    n_gone: int


def moved(
    customers: Dataset, segments: Segments, chosen: Sequence[str], before: Dataset, *, joined: bool, column: str = ""
) -> Moves:
    """Return who is in a segment now and was not, or was and is not now, by customer number.

    Parameters
    ----------
    before
        The labelled file of last time.
    column
        Its column of labels; `segment` where it is empty.

    Raises
    ------
    AudienceError
        If one of the files has no customer numbers, or that of last time no segments.
    """
    then = segments_in_file(before, column)
    if then is None:
        message = f"{before.name} has no column called segment. Give the labelled file of last time."
        raise AudienceError(message)
    ids, ids_then = _ids_of_both(customers, before)
    found, gone = [], set()
    for audience in segments.audiences(chosen):
        place = segments.titles().index(audience.name)
        same = [at for at, key in enumerate(then.keys) if key == segments.keys[place]]
        were = set(ids_then[np.isin(then.labels, same)].dropna())
        was_here = ids.isin(were).to_numpy()
        rows = audience.rows & ~was_here if joined else was_here & ~audience.rows
        gone |= were - set(ids.dropna())
        found.append(replace(audience, name=f"{audience.name} ({'joined' if joined else 'left'})", rows=rows))
    return Moves(found, 0 if joined else len(gone))


def _ids_of_both(customers: Dataset, before: Dataset) -> tuple[pd.Series, pd.Series]:
    """Return what tells the customers of two files apart: numbers, else addresses, written alike in both."""
    columns, columns_then = recognise_contacts(customers), recognise_contacts(before)
    of = next((each for each in (Field.CUSTOMER_ID, Field.EMAIL) if each in columns and each in columns_then), None)
    if of is None:
        message = (
            f"{customers.name} and {before.name} have no columns that are known to hold customer numbers in both. Call "
            "them customer_id."
        )
        raise AudienceError(message)
    written = tidy(customers.original[columns[of]]), tidy(before.original[columns_then[of]])
    alike = comparable_ids(written[0]), comparable_ids(written[1])
    # Where 7 and 007 are two customers, they stay two.
    if any(one.nunique() < other.nunique() for one, other in zip(alike, written, strict=True)):
        return written
    return alike
