"""Spellings of the same answer: values that differ by capitals, blanks, accents or one letter, and joining them."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

import pandas as pd

from segmenter.display import counted
from segmenter.errors.base import check_type
from segmenter.errors.forming import UnknownColumnError
from segmenter.table.dataset import Column, ColumnKind, Dataset, Note
from segmenter.table.infer.header import without_accents
from segmenter.table.infer.ordinal_scales import NO, YES, scale_levels

_KINDS: Final = frozenset({ColumnKind.CATEGORY, ColumnKind.ORDERED, ColumnKind.YES_NO})
_MOST_VALUES: Final = 200
# A slip of the pen is rarer than what was meant, and short words differ by one letter anyway; one that lost a letter
# may be as short as three.
_RARER: Final = 0.1
# Where nothing but a slip makes the difference, it may be common.
_RARER_IF_SURE: Final = 0.5
_LONG: Final = 6
_DOUBLE: Final = re.compile(r"([^\W\d_])\1")
_SHORTEST: Final = 4
_SHORTEST_CUT: Final = 3
_MOST_WITH_INITIALS: Final = 12
_YES_NO_FIGURES: Final = frozenset("01")
_SAME: Final = "may be other spellings of the same"


def spelling_variants(counts: Mapping[str, int]) -> dict[str, str]:
    """Return which values are another spelling of which other one, by how often each comes.

    Parameters
    ----------
    counts
        The different values of a column, and how many rows have each.
    """
    if not 2 <= len(counts) <= _MOST_VALUES:
        return {}
    meant: dict[str, str] = {}
    by_form: dict[str, str] = {}
    for value in sorted(counts, key=lambda each: (-counts[each], each)):
        forms = [
            form for form in dict.fromkeys((_form(value), _form(value.lower().translate(_AS_TWO_LETTERS)))) if form
        ]
        known = next((by_form[form] for form in forms if form in by_form), None)
        if known is not None:
            meant[value] = known
        else:
            by_form.update(dict.fromkeys(forms, value))
    meant |= _figures(list(dict.fromkeys(by_form.values())))
    totals = {value: counts[value] for value in dict.fromkeys(by_form.values()) if value not in meant}
    for value, other in meant.items():
        totals[other] += counts[value]
    for value, other in (_initials(totals) | _slips(totals) | _abbreviated(totals)).items():
        meant = {each: other if target == value else target for each, target in meant.items()} | {value: other}
    return meant


# München is also written Muenchen.
_AS_TWO_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")


def _figures(values: Sequence[str]) -> dict[str, str]:
    """Return 1 and 0 as the yes and the no that stand beside them."""
    words = [value for value in values if value not in _YES_NO_FIGURES]
    if len(words) != 2 or len(words) == len(values):
        return {}
    of_each = {"1": YES, "0": NO}
    meant = {figure: [word for word in words if word.lower() in known] for figure, known in of_each.items()}
    if any(len(found) != 1 for found in meant.values()):
        return {}
    return {figure: meant[figure][0] for figure in values if figure in _YES_NO_FIGURES}


def _form(value: str) -> str:
    plain = _HYPHEN.sub("", without_accents(value))
    return "".join(letter for letter in plain if letter.isalnum() or letter in "+-<>%")


def _abbreviated(totals: Mapping[str, int]) -> dict[str, str]:
    """Return words that are cut short by a point and begin exactly one of the other values: weibl. for weiblich."""
    found = {}
    for value in totals:
        form = _form(value)
        if value.strip().endswith(".") and len(form) >= _SHORTEST_CUT:
            begun = [other for other in totals if other != value and _form(other).startswith(form)]
            if len(begun) == 1 and not begun[0].strip().endswith("."):
                found[value] = begun[0]
    return found


def _initials(totals: Mapping[str, int]) -> dict[str, str]:
    """Return single letters that begin exactly one of the other values: F for Female; all of them, or none."""
    letters = [value for value in totals if len(value) == 1 and value.isalpha()]
    words = [value for value in totals if len(value) > 1]
    if not letters or not words or len(totals) > _MOST_WITH_INITIALS:
        return {}
    fitting = {letter: _commonest(letter, words, totals) for letter in letters}
    return {letter: word for letter, word in fitting.items() if word} if all(fitting.values()) else {}


def _commonest(letter: str, words: Sequence[str], totals: Mapping[str, int]) -> str:
    """Return the one word that begins so, its own slips of the pen aside."""
    begun = sorted((word for word in words if word[:1].lower() == letter.lower()), key=lambda word: -totals[word])
    same = [_one_letter(_form(each), _form(begun[0])) or _is_cut(each, begun[0]) for each in begun[1:]]
    return begun[0] if begun and all(same) else ""


def _is_cut(value: str, word: str) -> bool:
    return value.strip().endswith(".") and _form(word).startswith(_form(value))


def _slips(totals: Mapping[str, int]) -> dict[str, str]:
    """Return rare values that are one letter away from a common one."""
    found = {}
    forms = {value: _form(value) for value in totals}
    for value, form in forms.items():
        if len(form) < _SHORTEST - 1 or any(map(str.isdecimal, form)):
            continue
        near = [
            other
            for other, of_other in forms.items()
            if max(len(form), len(of_other)) >= _SHORTEST
            and totals[value] <= (_RARER_IF_SURE if _is_a_slip(form, of_other) else _RARER) * totals[other]
            and _one_letter(form, of_other)
        ]
        if len(near) == 1:
            found[value] = near[0]
    # A slip of a slip means nothing.
    return {value: other for value, other in found.items() if other not in found}


def _is_a_slip(one: str, other: str) -> bool:
    """Whether a long word differs by two letters in each other's place or by one of a double letter: no other word."""
    if min(len(one), len(other)) < _LONG:
        return False
    if len(one) == len(other):
        return sorted(one) == sorted(other)
    return _DOUBLE.sub(r"\1", one) == _DOUBLE.sub(r"\1", other)


def _one_letter(one: str, other: str) -> bool:
    """Whether one letter is missing, too many, another one, or exchanged with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    pairs = enumerate(zip(one, other, strict=False))
    start = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[2:] == b[2:] and a[:2] == b[1::-1] and len(a) > 1)


def spelling_note(name: str, variants: Mapping[str, str]) -> Note:
    """Say which spellings seem to mean the same, and how to join them."""
    shown = [f"{value!r} for {meant!r}" for value, meant in list(variants.items())[:4]]
    more = f" and {len(variants) - 4} more" if len(variants) > 4 else ""
    text = (
        f"`{name}`: {', '.join(shown)}{more} {_SAME}. Join them with one click on Data, "
        "with --join on the command line, or with join_spellings in Python; until then they count as different."
    )
    return Note(text, warning=True, column=name)


# Looking counts all values; a table never changes after it was made.
_FOUND: WeakKeyDictionary[Dataset, dict[str, dict[str, str]]] = WeakKeyDictionary()


def find_spellings(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Return the columns with values that may be spellings of the same: column to value to what it is meant for.

    Parameters
    ----------
    dataset
        The customers.

    Raises
    ------
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.
    """
    check_type(dataset, Dataset, "dataset")
    if dataset not in _FOUND:
        _FOUND[dataset] = _spellings(dataset)
    return _FOUND[dataset]


def _spellings(dataset: Dataset) -> dict[str, dict[str, str]]:
    found = {}
    for column in dataset.columns:
        values = dataset.frame[column.name]
        if column.kind in _KINDS and column.distinct <= _MOST_VALUES and pd.api.types.is_string_dtype(values.dtype):
            counts = values.value_counts()
            variants = spelling_variants({str(value): int(count) for value, count in counts.items()})
            if variants:
                found[column.name] = variants
    return found


def join_spellings(dataset: Dataset, columns: Collection[str] | None = None) -> Dataset:
    """Let values that are spellings of the same count as one; models that are made of it know them as one, too.

    Parameters
    ----------
    dataset
        The customers.
    columns
        The columns to join the spellings of; all in which there are some where nothing is said.

    Returns
    -------
    Dataset
        The same customers, whose cells as they were handed over stay as they are.

    Raises
    ------
    UnknownColumnError
        If the table has no such column.
    ArgumentTypeError
        If `dataset` is something else, such as a pandas table.

    Examples
    --------
    >>> import pandas as pd
    >>> from segmenter import join_spellings, read_frame
    >>> cells = ["Female"] * 12 + ["female", "F", "Femal"] + ["Male"] * 12
    >>> join_spellings(read_frame(pd.DataFrame({"sex": cells}))).frame["sex"].value_counts().to_dict()
    {'Female': 15, 'Male': 12}
    """
    check_type(dataset, Dataset, "dataset")
    names = [column.name for column in dataset.columns]
    if unknown := [name for name in columns or () if name not in names]:
        raise UnknownColumnError(unknown, names)
    wanted = {name: each for name, each in find_spellings(dataset).items() if columns is None or name in columns}
    if not wanted:
        return dataset
    notes = [note for note in dataset.notes if not (note.column in wanted and is_spelling_note(note))]
    n_joined = sum(map(len, wanted.values()))
    notes += [
        Note(f"{counted(n_joined, 'spelling')} {'was' if n_joined == 1 else 'were'} joined in {', '.join(wanted)}.")
    ]
    return replace(_with_joined(dataset, wanted), notes=tuple(notes))


def join_known_spellings(dataset: Dataset, joined: Mapping[str, Sequence[tuple[str, str]]]) -> Dataset:
    """Return the customers with the spellings joined that a model joins; the same object where there are none.

    Parameters
    ----------
    dataset
        The customers.
    joined
        Column of the dataset to (spelling, what it is meant for), as a model knows them.
    """
    wanted = {}
    for name, pairs in joined.items():
        cells = dataset.frame[name].dropna()
        meant = joined_words(cells, pairs)
        changed = (cells != meant).to_numpy()
        if changed.any():
            wanted[name] = dict(zip(cells[changed].astype(str), meant[changed].astype(str), strict=True))
    if not wanted:
        return dataset
    together = _with_joined(dataset, wanted)
    left = find_spellings(together)
    notes = [note for note in dataset.notes if not (is_spelling_note(note) and note.column in wanted)]
    notes += [spelling_note(name, left[name]) for name in wanted if name in left]
    # The model says what is joined, so the file is still the same one.
    return replace(together, fingerprint=dataset.fingerprint, notes=tuple(notes))


def is_spelling_note(note: Note) -> bool:
    """Whether a note says that values may be other spellings of the same."""
    return _SAME in note.text


def _with_joined(dataset: Dataset, wanted: Mapping[str, Mapping[str, str]]) -> Dataset:
    frame = dataset.frame.copy(deep=False)
    for name, variants in wanted.items():
        frame[name] = (
            frame[name]
            .map(lambda cell, of=variants: of.get(cell, cell), na_action="ignore")
            .astype(dataset.frame[name].dtype)
        )
    digest = hashlib.sha256(
        f"{dataset.fingerprint}{sorted((n, sorted(v.items())) for n, v in wanted.items())}".encode()
    )
    return replace(
        dataset,
        frame=frame,
        columns=tuple(_counted_again(each, frame[each.name], wanted) for each in dataset.columns),
        fingerprint=digest.hexdigest(),
        joined={**dataset.joined, **wanted},
    )


def _counted_again(column: Column, values: pd.Series, wanted: Collection[str]) -> Column:
    if column.name not in wanted:
        return column
    different = [str(value) for value in values.dropna().unique()]
    levels = scale_levels(different) or tuple(level for level in column.levels if level in different)
    kind = ColumnKind.ORDERED if levels else ColumnKind.CATEGORY
    if len(different) == 1:
        kind, levels = ColumnKind.CONSTANT, ()
    return replace(column, kind=kind, distinct=len(different), levels=levels)


def joined_words(values: pd.Series, joined: Sequence[tuple[str, str]]) -> pd.Series:
    """Return texts with other spellings replaced by what they are meant for; capitals, blanks and accents are nothing.

    Parameters
    ----------
    joined
        (spelling, what it is meant for), as a model knows them.
    """
    if not joined:
        return values
    meant = dict(joined) | {target: target for _, target in joined}
    forms = {_form(spelling): target for spelling, target in meant.items()}
    different = values.dropna().unique()
    mapped = {each: meant.get(each, forms.get(_form(str(each)), each)) for each in different}
    return values.map(mapped).astype(values.dtype)
