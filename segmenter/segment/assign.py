"""Assign another file's customers to a saved model's segments."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.display import counted, html_view, percent_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import MissingColumnsError
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.prepare.formulas import source_columns, with_formulas
from segmenter.prepare.preparation import missing_in
from segmenter.progress import Progress, silent
from segmenter.recipe.recipe import Missing, Role
from segmenter.segment.quality import score_segments
from segmenter.segment.segmentation import FITS_NONE, UNASSIGNED, Segmentation
from segmenter.table.answers import with_known_answers
from segmenter.table.dataset import Dataset, Note
from segmenter.table.infer.cells import CLEAR_MISSING, is_missing_word, is_unknown_word
from segmenter.table.repeats import find_repeated_customers, repeated_note
from segmenter.table.spellings import join_known_spellings
from segmenter.typing import BoolArray, FloatArray

# Names as alike as this are offered as a match, never taken silently.
SIMILAR_NAME = 0.6
# So many pairs of names are compared at most: one of two long names takes .2 ms, and 500 × 500 would hold a server up.
_MOST_PAIRS = 4_000


@dataclass(frozen=True)
class ColumnMatch:
    """Which of a file's columns stands for each of a model's.

    Attributes
    ----------
    found
        Model column → file column: equal names first, then names equal but for case, spaces and marks.
    suggestions
        Model column that was not found → the most similar names of the file, best first; none for the later ones
        of very many.
    """

    found: Mapping[str, str]
    suggestions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class UsedColumns:
    """The columns of a file that a model looks at.

    Attributes
    ----------
    names
        Model column → file column, in the model's order.
    """

    names: Mapping[str, str]

    @property
    def matched(self) -> dict[str, str]:
        """Model column → file column, where the names are not exactly equal."""
        return {ours: theirs for ours, theirs in self.names.items() if ours != theirs}

    def unused(self, dataset: Dataset) -> tuple[str, ...]:
        """Return the other columns of the file."""
        used = set(self.names.values())
        return tuple(str(name) for name in dataset.frame.columns if name not in used)


def match_names(names: Iterable[str], dataset: Dataset) -> ColumnMatch:
    """Find columns of some names in a file, never by position, and none of them for two names."""
    names, available = list(names), [column.name for column in dataset.columns]
    exact = set(names) & set(available)
    plain: dict[str, str] = {}
    for name in reversed(available):
        if name not in exact:
            plain[_bare(name)] = name
    found: dict[str, str] = {}
    suggestions: dict[str, tuple[str, ...]] = {}
    most_compared = max(1, _MOST_PAIRS // max(1, len(plain)))
    for wanted in names:
        if wanted in available:
            found[wanted] = wanted
        elif _bare(wanted) in plain:
            found[wanted] = plain.pop(_bare(wanted))
        elif len(suggestions) >= most_compared:
            suggestions[wanted] = ()
        else:
            close = difflib.get_close_matches(_bare(wanted), list(plain), n=3, cutoff=SIMILAR_NAME)
            suggestions[wanted] = tuple(plain[each] for each in close)
    return ColumnMatch(found, suggestions)


def used_columns(wanted: list[str], dataset: Dataset, by_hand: Mapping[str, str] | None = None) -> UsedColumns:
    """Return where a model's columns stand in a file, as names and the user say.

    Parameters
    ----------
    by_hand
        Model column → file column, for names that the user matched.

    Raises
    ------
    MissingColumnsError
        If one is absent.
    """
    match = match_names(wanted, dataset)
    names = {**match.found, **(by_hand or {})}
    absent = [name for name in wanted if names.get(name) not in dataset.frame]
    if absent:
        raise MissingColumnsError(wanted, absent, match.suggestions, list(dataset.frame.columns))
    return UsedColumns({name: names[name] for name in wanted})


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


# More customers than this share with values never seen before: the file is probably another one.
MOSTLY_UNSEEN = 0.20


@dataclass(frozen=True, eq=False, repr=False)
class Assignment:
    """Where the customers of a file were placed.

    Attributes
    ----------
    segmentation
        The model with this file's labels and quality in place of its own.
    distance
        One per customer: distance to its segment's centre in scaled units; NaN when not placed.
    reasons
        One per customer: why it was not placed; empty text when it was.
    matched
        Model column → file column, where the names are not exactly equal.
    unused
        Columns of the file that the model does not look at.
    notes
        What differs from the data the model was made with.
    questions
        Differences so large that the result should not be used before someone has confirmed them.
    nearest
        Labels and distances from before those who fit no segment were left out; None where they were not.
    """

    segmentation: Segmentation
    distance: pd.Series
    reasons: pd.Series
    matched: Mapping[str, str]
    unused: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    questions: tuple[Note, ...] = ()
    nearest: tuple[pd.Series, pd.Series] | None = None

    def __repr__(self) -> str:
        labels = self.segmentation.labels
        into = counted(self.segmentation.n_segments, "segment")
        return f"<Assignment: {int((labels >= 0).sum()):,} of {counted(len(labels), 'customer')} placed in {into}>"

    def matched_in(self, other: Dataset) -> dict[str, str]:
        """Return which of these matches another file needs, as last month's may call columns as the model does."""
        names = set(other.original)
        return {ours: theirs for ours, theirs in self.matched.items() if ours not in names and theirs in names}

    def _repr_html_(self) -> str:
        sizes = self.segmentation.labels.value_counts()
        rows = ((label + 1, name, int(sizes.get(label, 0))) for label, name in enumerate(self.segmentation.names))
        notes = (note.text for note in (*self.questions, *self.notes))
        return html_view(repr(self), ("segment", "name", "customers"), rows, notes)


def match_columns(dataset: Dataset, segmentation: Segmentation) -> ColumnMatch:
    """Find the model's columns in a file by name, never by position."""
    wanted = [each.column for each in segmentation.preparation.columns_]
    own = {name for name, _ in segmentation.recipe.formulas}
    if own and not all(name in dataset.frame for name in wanted):
        wanted = needed_columns(segmentation)
    return match_names(wanted, dataset)


def assign_segments(
    dataset: Dataset,
    segmentation: Segmentation,
    columns: Mapping[str, str] | None = None,
    *,
    progress: Progress = silent,
) -> Assignment:
    """Place customers in existing segments.

    Each customer is placed by its own values alone, so what else is in the file does not matter.

    Parameters
    ----------
    dataset
        The customers to place.
    segmentation
        The segments, just formed or loaded.
    columns
        Model column → file column, for names that the user matched by hand.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    MissingColumnsError
        If a column that the segments were formed by is absent.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, assign_segments, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> assign_segments(dataset, segmentation)
    <Assignment: 300 of 300 customers placed in 5 segments>
    """
    check_type(dataset, Dataset, "dataset")
    check_type(segmentation, Segmentation, "segmentation")
    progress(0.0, "Reading the columns")
    dataset = as_model_reads(dataset, segmentation, columns)
    used = used_columns([each.column for each in segmentation.preparation.columns_], dataset, columns)
    frame = pd.DataFrame(
        {ours: dataset.frame[theirs] for ours, theirs in used.names.items()}, index=dataset.frame.index
    )
    written = written_cells(dataset, used.names)
    reasons = reasons_of(segmentation.preparation.columns_, frame, written)
    placed = (reasons == "").to_numpy()
    progress(0.3, "Placing the customers")
    labels, distance = _placed(segmentation, frame, placed)
    reasons = reasons.mask(placed & (labels < 0), FITS_NONE)
    others = {} if segmentation.profile is None else segmentation.profile.others(segmentation.preparation.columns_)
    notes, questions = differences_of(segmentation.preparation.columns_, frame, written, others)
    if (repeated := find_repeated_customers(dataset)) is not None:
        questions.append(repeated_note(repeated, "One person may be placed in two segments; say which row counts."))
    progress(0.6, "Measuring how well they fit")
    here = _with_labels(segmentation, frame, labels)
    progress(1.0, "Placed")
    return Assignment(
        segmentation=here,
        distance=distance,
        reasons=reasons,
        matched=used.matched,
        unused=used.unused(dataset),
        notes=tuple(notes),
        questions=tuple(questions),
    )


def as_model_reads(dataset: Dataset, segmentation: Segmentation, columns: Mapping[str, str] | None = None) -> Dataset:
    """Return a dataset as a model reads it, so that what is said of its customers agrees with where they stand.

    Spellings that the model joins are joined, and answers that it knows become columns. The cells as they were handed
    over stay as they are; a dataset in which there is nothing to do is returned itself.

    Parameters
    ----------
    dataset
        The customers.
    segmentation
        The segments, just formed or loaded.
    columns
        Model column → file column, where the names are not equal.
    """
    fitted = segmentation.preparation.columns_
    if segmentation.recipe.formulas:
        wanted = [each.column for each in fitted]
        dataset = with_own_columns(dataset, wanted, segmentation.recipe.formulas, columns or {})
    dataset = with_known_answers(dataset, [each.column for each in fitted if each.column not in (columns or {})])
    names = {**match_names([each.column for each in fitted], dataset).found, **(columns or {})}
    joined: dict[str, list[tuple[str, str]]] = {}
    for each in fitted:
        name = names.get(each.column, each.column)
        if name not in dataset.frame or not isinstance(each, CategoryColumn | NumberColumn):
            continue
        known = each.levels if isinstance(each, NumberColumn) else each.categories
        pairs = [*_to_known(dataset.joined.get(name, {}), known), *each.joined]
        if pairs and known:
            joined[name] = pairs
    return join_known_spellings(dataset, joined)


def with_own_columns(
    dataset: Dataset, wanted: Sequence[str], formulas: Sequence[tuple[str, str]], columns: Mapping[str, str]
) -> Dataset:
    """Work out the columns that a model knows formulas of, where the columns that they name are there.

    Parameters
    ----------
    dataset
        The customers.
    wanted
        The model's columns.
    formulas
        (name, formula) of those of its own, in the order in which they are worked out.
    columns
        Model column → file column, where the user said so.

    Raises
    ------
    MissingColumnsError
        If a column that is needed is absent.
    """
    if all(name in dataset.frame for name, _ in formulas):
        return dataset
    needed = columns_needed(wanted, formulas)
    used = used_columns([each for each in needed if each not in columns], dataset)
    return with_formulas(dataset, formulas, {**used.names, **columns})


def needed_columns(segmentation: Segmentation) -> list[str]:
    """Return the columns that a file has to have: the model's, and for those of its own what they are made of."""
    return columns_needed([each.column for each in segmentation.preparation.columns_], segmentation.recipe.formulas)


def columns_needed(wanted: Sequence[str], formulas: Sequence[tuple[str, str]]) -> list[str]:
    """Return the columns that a model needs of a file, in place of those that formulas work out."""
    own = dict(formulas)
    waiting, worked_out = list(wanted), set[str]()
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name in worked_out:
            continue
        if name in own:
            worked_out.add(name)
            waiting += source_columns(own[name])
        else:
            found[name] = None
    return list(found)


def _to_known(joined: Mapping[str, str], known: Collection[str]) -> list[tuple[str, str]]:
    """Return which of a file's joined words a model knows under another of their spellings, and which that is.

    A file joins to its own commonest spelling, which need not be the one that the model was formed with.
    """
    groups: dict[str, list[str]] = {}
    for spelling, target in joined.items():
        groups.setdefault(target, []).append(spelling)
    plain = {_plain(each): each for each in known}
    found = []
    for target, spellings in groups.items():
        meant = {plain[_plain(each)] for each in (target, *spellings) if _plain(each) in plain}
        if target not in known and len(meant) == 1:
            found.append((target, meant.pop()))
    return found


def _placed(segmentation: Segmentation, frame: pd.DataFrame, placed: BoolArray) -> tuple[pd.Series, pd.Series]:
    labels = pd.Series(UNASSIGNED, index=frame.index, name="segment", dtype=np.int64)
    distance = pd.Series(np.nan, index=frame.index, name="distance")
    if placed.any():
        X = segmentation.preparation.transform(frame[placed])
        placement = segmentation.clusterer.placement_
        labels[placed] = placement.place(X)
        distance[placed] = np.where(labels[placed] >= 0, placement.distances(X), np.nan)
    return labels, distance


def _with_labels(segmentation: Segmentation, frame: pd.DataFrame, labels: pd.Series) -> Segmentation:
    placed = (labels >= 0).to_numpy()
    X = segmentation.preparation.transform(frame[placed]) if placed.any() else np.empty((0, 1))
    quality = score_segments(X, labels[placed].to_numpy()) if placed.any() else None
    return replace(segmentation, labels=labels, quality=quality)


def reasons_of(columns: Iterable[FittedColumn], frame: pd.DataFrame, original: pd.DataFrame | None = None) -> pd.Series:
    """Return per customer why it cannot be placed; empty text where it can.

    Parameters
    ----------
    original
        The same cells as the file writes them, under the model's names; the frame's own values where it is None.
    """
    reasons = pd.Series("", index=frame.index, name="reason", dtype=object)
    for column in columns:
        unread = unread_cells(column, frame, original)
        if column.missing is Missing.DROP:
            _add_reason(reasons, missing_in(column, frame) & ~unread, f"{column.column} is missing")
            _add_reason(reasons, unread, f"{column.column} has a value that {_why_unread(column)}")
        if isinstance(column, NumberColumn):
            numbers = column.numbers(frame[column.column])
            with np.errstate(over="ignore"):
                scaled = column.scaled(numbers)
            # In its own units, or by what the model makes of it: such a distance could not be squared.
            beyond = np.maximum(np.abs(numbers), np.abs(scaled)) > config.LARGEST_NUMBER
            _add_reason(reasons, beyond, f"{column.column} is too large to use")
    return reasons.astype("str")


def _add_reason(reasons: pd.Series, rows: BoolArray, text: str) -> None:
    if rows.any():
        reasons[rows] = [f"{old}; {text}" if old else text for old in reasons[rows]]


def differences_of(
    columns: Iterable[FittedColumn],
    frame: pd.DataFrame,
    original: pd.DataFrame | None = None,
    others: Mapping[str, float] | None = None,
) -> tuple[list[Note], list[Note]]:
    """Return how customers differ from those a model was made with: what to know, and what to confirm first.

    Parameters
    ----------
    original
        The same cells as the file writes them, under the model's names; the frame's own values where it is None.
    others
        Column → share of the customers whose value the model does not list when it was made, 0-1; nobody where it is
        None.
    """
    notes: list[Note] = []
    questions: list[Note] = []
    for column in columns:
        unread = unread_cells(column, frame, original)
        n_missing = int((missing_in(column, frame) & ~unread).sum())
        if n_missing and column.missing is not Missing.DROP:
            notes.append(
                Note(
                    f"{column.column}: {n_missing:,} missing values were filled the way the model was made.",
                    column=column.column,
                )
            )
        if unread.any():
            _note_unread(column, _written(column, frame, original), unread, notes, questions)
        if isinstance(column, CategoryColumn):
            _note_unseen(column, frame[column.column], (others or {}).get(column.column, 0.0), notes, questions)
        elif isinstance(column, NumberColumn):
            _note_range(column, frame[column.column], notes, questions)
    return notes, questions


def written_cells(dataset: Dataset, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the cells of some columns as the file writes them, under a model's names (model column → file column)."""
    return pd.DataFrame({ours: dataset.original[theirs] for ours, theirs in names.items()})


def _written(column: FittedColumn, frame: pd.DataFrame, original: pd.DataFrame | None) -> pd.Series:
    cells = frame[column.column] if original is None else original[column.column].set_axis(frame.index)
    return cells.astype("str").str.strip()


def unread_cells(column: FittedColumn, frame: pd.DataFrame, original: pd.DataFrame | None) -> BoolArray:
    """Return which customers have something in a column that the model can make nothing of, shape (n_customers,).

    Parameters
    ----------
    column
        As the model has fitted it.
    frame, original
        The cells as they were read, and as the file writes them, under the model's names.
    """
    missing = missing_in(column, frame)
    if not missing.any():
        return missing
    written = _written(column, frame, original)[missing]
    # "none" may be an answer, so it says nothing only where numbers or dates are expected.
    says_nothing = is_unknown_word if isinstance(column, NumberColumn) and column.levels else is_missing_word
    silent = {cell for cell in written.dropna().unique() if cell in CLEAR_MISSING or says_nothing(cell)}
    said = written.notna() & ~written.isin(silent)
    unread = np.zeros(len(frame), dtype=bool)
    unread[missing] = said.to_numpy()
    return unread


def _note_unread(
    column: FittedColumn, written: pd.Series, unread: BoolArray, notes: list[Note], questions: list[Note]
) -> None:
    levels = column.levels if isinstance(column, NumberColumn) else ()
    what = f"values that {_why_unread(column, many=True)}"
    outcome = "they could not be placed" if column.missing is Missing.DROP else "they were filled like missing ones"
    _ask_or_note(column.column, written, unread, levels, (what, outcome), notes, questions)


def _why_unread(column: FittedColumn, *, many: bool = False) -> str:
    if isinstance(column, NumberColumn) and column.levels:
        return "the model does not list"
    is_date = isinstance(column, CycleColumn) or (isinstance(column, NumberColumn) and column.role is Role.DATE)
    return f"cannot be read as {'' if many else 'a '}{'date' if is_date else 'number'}{'s' if many else ''}"


def _note_unseen(
    column: CategoryColumn, values: pd.Series, before: float, notes: list[Note], questions: list[Note]
) -> None:
    unseen = column.unseen(values)
    if unseen.any():
        then = f", as {percent_text(before)} did when it was made" if before else ""
        words = ("values that the model does not list", f'they count as "other"{then}')
        _ask_or_note(column.column, values, unseen, column.categories, words, notes, questions, before=before)


def _ask_or_note(
    name: str,
    values: pd.Series,
    unseen: BoolArray,
    known: Iterable[str],
    words: tuple[str, str],
    notes: list[Note],
    questions: list[Note],
    *,
    before: float = 0.0,
) -> None:
    """Say how many customers have values that a model does not know, such as which, and what they may be meant for.

    `before` is the share that had when the model was made, 0-1.
    """
    share = float(unseen.mean())
    different = [str(value) for value in values[unseen].unique()]
    what, outcome = words
    examples = ", ".join(different[:3])
    who = counted(int(unseen.sum()), "customer")
    have = "has" if unseen.sum() == 1 else "have"
    text = f"{name}: {who} ({percent_text(share)}) {have} {what}, such as {examples}; {outcome}."
    plain = {_plain(each): each for each in known}
    otherwise = [value for value in different if _plain(value) in plain]
    meant = [f"{value} for {plain[_plain(value)]}" for value in otherwise]
    # Where as many were unlisted when the model was made, they may have been spelled so then, too.
    respelled = float((values[unseen].astype("str").isin(otherwise)).sum()) / len(values) > before
    asks = share - before > MOSTLY_UNSEEN or (bool(meant) and respelled)
    if meant:
        more = f" and {len(meant) - 3} more" if len(meant) > 3 else ""
        text += f" Is it {', '.join(meant[:3])}{more}? They differ only in capitals and blanks: write them alike."
    (questions if asks else notes).append(Note(text, warning=asks, column=name))


def _plain(value: str) -> str:
    return "".join(value.casefold().split())


def _note_range(column: NumberColumn, values: pd.Series, notes: list[Note], questions: list[Note]) -> None:
    numbers = column.numbers(values)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers) or column.low is None or column.high is None:
        return
    factor = _unit_factor(column, numbers)
    if factor is not None:
        questions.append(Note(_unit_text(column, factor), warning=True, column=column.column))
    outside = int(((numbers < column.low) | (numbers > column.high)).sum())
    if outside:
        have = "has" if outside == 1 else "have"
        text = (
            f"{column.column}: {counted(outside, 'customer')} ({percent_text(outside / len(numbers))}) {have} values "
            f"outside {column.low:g} to {column.high:g}, the range that the model knows."
        )
        mostly = outside > MOSTLY_UNSEEN * len(numbers) and factor is None
        (questions if mostly else notes).append(Note(text, warning=mostly, column=column.column))


# Customers of whom the 99th percentile says something.
_ENOUGH_FOR_A_TAIL = 100


def _unit_factor(column: NumberColumn, numbers: FloatArray) -> float | None:
    """Return how many times larger the typical value is, when that is more than customers change."""
    if column.p01 is None or column.p99 is None or column.typical is None:
        return None
    here, before = float(np.median(numbers)), column.typical
    beyond = bool(here > column.p99 or here < column.p01)
    if here == before == 0 and len(numbers) >= _ENOUGH_FOR_A_TAIL:
        # Most customers have nothing: what the others have is compared by its upper end.
        here, before = float(np.quantile(numbers, 0.99)), column.p99
        beyond = True
    if not beyond or before <= 0 or here <= 0:
        return None
    factor = here / before
    # A model's typical value is not a customer's own: it is off by some ten-thousandths.
    most = config.UNIT_CHANGE_FACTOR * 0.999
    far = factor >= most or factor <= 1 / most
    return factor if far else None


def _unit_text(column: FittedColumn, factor: float) -> str:
    size, word = (factor, "larger") if factor > 1 else (1 / factor, "smaller")
    return f"{column.column} is about {size:,.0f} times {word} than when the model was made. Is it the same unit?"
