"""Questions with several answers, as form tools write them.

"Email; SMS" in a cell becomes yes/no columns, one for each answer; a column that is filled where a box was ticked, and
else empty, is a yes/no column itself.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.table.dataset import AS_SAID, Column, ColumnKind, Dataset, Note
from segmenter.table.infer.cells import is_unknown_word
from segmenter.table.infer.ordinal_scales import NO

_SEPARATORS: Final = (";", "|", "\n", ", ", ",", " / ", "/", " + ")
# These also stand inside of single answers, so more has to speak for several.
_DOUBTFUL: Final = frozenset({", ", ",", " / ", "/", " + "})
_MOST_ANSWERS: Final = 30
_LONGEST_ANSWER: Final = 60
_FEWEST_CELLS: Final = 10
_SEVERAL_SHARE: Final = 0.1
# What fewer cells hold than this is what somebody wrote freely under "other".
_RARE_SHARE: Final = 0.01
_COVERED: Final = 0.9
_FEWEST_COMBINATIONS: Final = 5
_FEWEST_ANSWERS: Final = 3
_LONGEST_CODE: Final = 2
_FEWEST_CODES: Final = 3


def several_answers(values: Sequence[str], counts: Sequence[int]) -> tuple[str, tuple[str, ...]]:
    """Return what separates several answers in a cell, and the answers; nothing where cells hold one answer each.

    Parameters
    ----------
    values, counts
        The different cells, and how many rows hold each.
    """
    for separator in _SEPARATORS:
        if not any(separator in value for value in values):
            continue
        answers = _answers(values, counts, separator)
        if answers:
            return separator, answers
    return "", ()


def _answers(values: Sequence[str], counts: Sequence[int], separator: str) -> tuple[str, ...]:
    n_cells = sum(counts)
    split = [_split(value, separator) for value in values]
    several = [len(parts) > 1 for parts in split]
    n_several = sum(count for count, is_several in zip(counts, several, strict=True) if is_several)
    sizes = {len(parts) for parts in split}
    if n_cells < _FEWEST_CELLS or n_several < _SEVERAL_SHARE * n_cells or len(sizes) < 2:
        return ()
    if any(len(set(parts)) < len(parts) for parts in split):
        return ()
    found: Counter[str] = Counter()
    for parts, count in zip(split, counts, strict=True):
        for part in parts:
            found[part] += count
    common = [part for part, count in found.items() if count >= max(2, _RARE_SHARE * n_cells)]
    covered = sum(found[part] for part in common) >= _COVERED * sum(found.values())
    if not 2 <= len(common) <= _MOST_ANSWERS or not covered or len(common) > len(values):
        return ()
    if any(len(part) > _LONGEST_ANSWER for part in common):
        return ()
    if not all(any(map(str.isalpha, part)) for part in common) and not _are_codes(split):
        return ()
    if separator in _DOUBTFUL and (sum(several) < _FEWEST_COMBINATIONS or len(common) < _FEWEST_ANSWERS):
        return ()
    known = sorted((part for part in common if not is_unknown_word(part)), key=lambda part: (-found[part], part))
    return _put_together(known, split, counts, separator)


def _are_codes(split: Sequence[Sequence[str]]) -> bool:
    """Whether all cells are codes of answers in rising order, as survey tools write them: "1,3,4"; 1,3 may be 1.3."""
    if not all(part.isdecimal() and len(part) <= _LONGEST_CODE for parts in split for part in parts):
        return False
    rising = all(int(one) < int(other) for parts in split for one, other in pairwise(parts))
    return rising and max(map(len, split)) >= _FEWEST_CODES


def _put_together(
    answers: list[str], split: Sequence[Sequence[str]], counts: Sequence[int], separator: str
) -> tuple[str, ...]:
    """Join parts that never come without each other: the answer "Art, design" holds the separator itself."""
    alone, beside = Counter[str](), Counter[tuple[str, str]]()
    for parts, count in zip(split, counts, strict=True):
        for part, following in zip(parts, [*parts[1:], ""], strict=True):
            alone[part] += count
            beside[part, following] += count
    follows = {one: other for (one, other), count in beside.items() if other and alone[one] == alone[other] == count}
    seconds = set(follows.values())
    joined = []
    for answer in answers:
        if answer in seconds:
            continue
        whole, last = answer, answer
        while last in follows:
            last = follows[last]
            whole = f"{whole}{separator}{last}"
        joined.append(whole)
    return tuple(joined)


def _split(value: str, separator: str) -> list[str]:
    return [part.strip() for part in value.split(separator) if part.strip()]


def with_answers(dataset: Dataset) -> Dataset:
    """Return the table with a yes/no column for each answer of the columns whose cells hold several."""
    frame: dict[str, pd.Series] = {}
    original: dict[str, pd.Series] = {}
    columns: list[Column] = []
    room = config.MAX_COLUMNS - len(dataset.columns)
    for column in dataset.columns:
        columns.append(column)
        frame[column.name], original[column.name] = dataset.frame[column.name], dataset.original[column.name]
        # A table of questionnaires may have more answers than a table has columns; the rest stays text.
        if not column.answers or len(column.answers) > room:
            continue
        room -= len(column.answers)
        for answer in column.answers:
            name = _free(f"{column.name}: {answer}", {*frame, *dataset.frame})
            given = _given(dataset.frame[column.name], answer, partial(_split, separator=column.separator))
            columns.append(_answer_column(name, given, column.name))
            frame[name], original[name] = given, given.map({1.0: "yes", 0.0: "no"}).astype("str")
    if len(columns) == len(dataset.columns):
        return dataset
    return replace(
        dataset,
        frame=pd.DataFrame(frame, copy=False),
        original=pd.DataFrame(original, copy=False),
        columns=tuple(columns),
    )


def with_known_answers(dataset: Dataset, names: Iterable[str]) -> Dataset:
    """Return the table with the yes/no columns that a model knows, where cells with several answers were not split.

    Whether a column holds several answers is told from one file; next month's may have too few of them to tell, or
    nobody who gave one of the answers.

    Parameters
    ----------
    dataset
        The customers.
    names
        The model's columns, such as "channels: web".
    """
    taken = {column.name for column in dataset.columns}
    frame, original, columns = dataset.frame, dataset.original, list(dataset.columns)
    for column in dataset.columns:
        cells = dataset.frame[column.name]
        start = f"{column.name}: "
        wanted = [name for name in names if name.startswith(start) and name not in taken]
        if not wanted or not pd.api.types.is_string_dtype(cells.dtype):
            continue
        given = {name: _given(cells, name.removeprefix(start), _split_anywhere) for name in wanted}
        # Cells that hold none of the answers are another column of that name, unless it was split already.
        if not column.answers and not any((each == 1).any() for each in given.values()):
            continue
        frame = frame.assign(**given)
        original = original.assign(**{n: each.map({1.0: "yes", 0.0: "no"}).astype("str") for n, each in given.items()})
        columns += [_answer_column(name, each, column.name) for name, each in given.items()]
    return (
        replace(dataset, frame=frame, original=original, columns=tuple(columns))
        if frame is not dataset.frame
        else dataset
    )


def _given(cells: pd.Series, answer: str, split: Callable[[str], list[str]]) -> pd.Series:
    """Return 1 where a cell holds the answer, 0 where it does not, and missing where it is empty."""
    codes, different = pd.factorize(cells)
    parts = set(split(answer))
    held = [parts <= set(split(str(value))) for value in different]
    return pd.Series(np.append(np.array(held, dtype=np.float64), np.nan)[codes], index=cells.index)


def _answer_column(name: str, given: pd.Series, source: str) -> Column:
    distinct = given.nunique()
    kind = ColumnKind.YES_NO if distinct == 2 else ColumnKind.CONSTANT
    return Column(
        name, kind, f"one of the answers in {source}", int(given.isna().sum()), distinct, name, part_of=source
    )


def _split_anywhere(value: str) -> list[str]:
    for mark in "|\n,/+":
        value = value.replace(mark, ";")
    return _split(value.casefold(), ";")


def _free(name: str, taken: Collection[str]) -> str:
    return _free(f"{name} (2)", taken) if name in taken else name


# What marks a box, whatever it is called. A lone yes beside empty cells may also be an answer that few gave.
MARKS: Final = frozenset(["x", "✓", "✔", "☑", "✅", "●", "•", "■", "checked", "ticked", "selected", "angekreuzt"])
_BOX: Final = "a box to tick: filled is yes, empty is no"
_SHORTEST_STEM: Final = 2
_LONGEST_NUMBER: Final = 3
# What stands between a question and one of its answers in a name.
_BEFORE_ANSWER: Final = (": ", " - ", " – ", " | ", ":")
_NUMBER_AT_END: Final = re.compile(r"(\d{1,3})[\])]?$")


def is_box(column: Column) -> bool:
    """Whether a column was taken for a box to tick."""
    return column.reason == _BOX


def is_lone_value(column: Column) -> bool:
    """Whether the user has called a column constant that holds one value, or nothing."""
    return column.kind is ColumnKind.CONSTANT and column.reason == AS_SAID and column.missing > 0


def with_boxes(dataset: Dataset) -> Dataset:
    """Return the table with boxes to tick as yes/no columns: form tools leave empty what was not ticked.

    A column that holds one value, or nothing, is such a box where the value is its name or a mark, and where columns
    of one question stand side by side. A lone yes or 1 may as well be an answer that few gave, and stays constant.
    """
    values = {column.name: _only_value(column, dataset.frame[column.name]) for column in dataset.columns}
    boxes: list[str] = []
    for _, side_by_side in groupby(dataset.columns, key=lambda column: bool(values[column.name])):
        columns = list(side_by_side)
        if not values[columns[0].name]:
            continue
        stems = Counter(_stem(column.header) for column in columns)
        for column in columns:
            value = values[column.name].casefold()
            named = column.header.strip().casefold().rstrip("]) ").endswith(value.rstrip("]) "))
            shared = len(_stem(column.header)) >= _SHORTEST_STEM and stems[_stem(column.header)] > 1
            if _is_said(column) or value in MARKS or shared or (named and any(map(str.isalpha, value))):
                boxes.append(column.name)
    if not boxes:
        return dataset
    frame = dataset.frame.assign(**{name: dataset.frame[name].notna().astype(np.float64) for name in boxes})
    with_boxes = tuple(
        replace(each, kind=ColumnKind.YES_NO, reason=_BOX, missing=0, distinct=2) if each.name in boxes else each
        for each in dataset.columns
    )
    joined = {name: {values[name]: "yes"} for name in boxes}
    return replace(
        dataset,
        frame=frame,
        columns=with_boxes,
        notes=(*dataset.notes, _box_note(boxes)),
        joined={**dataset.joined, **joined},
    )


def _only_value(column: Column, cells: pd.Series) -> str:
    """Return the one value of a column with empty cells; nothing where it has others, or the user said what it is."""
    may_be = column.kind is ColumnKind.CONSTANT and column.reason != AS_SAID
    # Whoever says that such a column is a yes and a no says that what is empty is a no.
    if not (may_be or _is_said(column)) or not 0 < column.missing < len(cells):
        return ""
    value = cells.dropna().iloc[0]
    if isinstance(value, float):
        # Numbered answers hold 1, or their own number.
        is_own = value == 1 or (
            (match := _NUMBER_AT_END.search(column.header)) is not None and value == float(match[1])
        )
        return f"{value:g}" if is_own or _is_said(column) else ""
    text = value.strip() if isinstance(value, str) else ""
    return "" if is_unknown_word(text) or text.casefold() in NO else text


def _is_said(column: Column) -> bool:
    return column.kind is ColumnKind.YES_NO and column.distinct == 1


def _stem(header: str) -> str:
    """Return what a name shares with those of the same question's other answers: Q8_1, Q8 [Email], Q8: Email."""
    name = header.strip().casefold()
    for opening, closing in ("[]", "()"):
        if name.endswith(closing) and opening in name:
            return name[: name.rindex(opening)].rstrip(" _.")
    bare = name.rstrip("0123456789")
    if 0 < len(name) - len(bare) <= _LONGEST_NUMBER:
        return bare.rstrip(" _.:-")
    return next((name.rpartition(mark)[0].rstrip() for mark in _BEFORE_ANSWER if mark in name), "")


def _box_note(boxes: Sequence[str]) -> Note:
    shown = ", ".join(boxes[:_SHOWN_BOXES]) + (", …" if len(boxes) > _SHOWN_BOXES else "")
    what = "is a box" if len(boxes) == 1 else "are boxes"
    else_ = "it" if len(boxes) == 1 else "a column"
    text = f"{shown} {what} to tick: what is empty counts as no. Call {else_} constant where it is unknown."
    return Note(text, column=boxes[0])


_SHOWN_BOXES: Final = 4


def is_box_note(note: Note) -> bool:
    """Whether a note says which columns are boxes to tick."""
    return "to tick: what is empty counts as no" in note.text
