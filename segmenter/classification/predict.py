"""The known segment of each customer of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.classification.columns import Answer, FieldKind, FormField
from segmenter.classification.copies import identifier_column
from segmenter.classification.model import SegmentModel
from segmenter.classification.recipe import SEGMENTS
from segmenter.display import counted, html_view, percent_text
from segmenter.errors.base import ArgumentTypeError, check_type
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.learning import AnswerNeededError
from segmenter.progress import Progress, silent
from segmenter.segment.assign import (
    ColumnMatch,
    columns_needed,
    differences_of,
    match_names,
    reasons_of,
    used_columns,
    with_own_columns,
    written_cells,
)
from segmenter.segment.result import free_name
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, FloatArray, IntArray


def rank_classes(probability: FloatArray) -> IntArray:
    """Return the classes of each row, the most probable first, shape (n, n_classes); ties in the classes' order."""
    return np.argsort(-probability, axis=1, kind="stable")


# Six digits: what differs beyond is noise, and a spreadsheet shows fewer.
SHOWN_DIGITS = 6
UNPLACED = -1


@dataclass(frozen=True, eq=False, repr=False)
class Classified:
    """Where the customers of a file most probably belong.

    Attributes
    ----------
    dataset
        The file.
    probability
        Shape (n_customers, n_classes); NaN for customers that could not be placed.
    reasons
        One per customer: why it was not placed; empty text when it was.
    learnt_from
        Shape (n_customers,): who was used for learning; all False where that cannot be told.
    matched
        Model column → file column, where the names are not exactly equal.
    unused
        Columns of the file that the model does not look at.
    notes, questions
        What differs from the customers learnt from; what someone should confirm before using the result.
    """

    model: SegmentModel
    dataset: Dataset
    probability: FloatArray
    reasons: pd.Series
    learnt_from: BoolArray
    matched: Mapping[str, str]
    unused: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    questions: tuple[Note, ...] = ()

    def __repr__(self) -> str:
        customers = counted(self.dataset.n_customers, "customer")
        return f"<Classified: {int(self.placed.sum()):,} of {customers} by {self.model.title}>"

    def _repr_html_(self) -> str:
        notes = (note.text for note in (*self.questions, *self.notes))
        return html_view(repr(self), ("segment", "customers"), self.counts().items(), notes)

    @property
    def placed(self) -> BoolArray:
        """Who was placed, shape (n_customers,)."""
        return ~np.isnan(self.probability[:, 0])

    @property
    def segments(self) -> pd.Series:
        """The most probable segment of each customer, missing where it was not placed."""
        return self._named(0)

    def labelled(self) -> pd.DataFrame:
        """Return the original columns, untouched and under their own headers, plus what was found."""
        table = self.dataset.as_written()
        headers = list(table.columns)
        best, second = self._probability(0), self._probability(1)
        added = {
            "segment": self._named(0),
            "probability": best,
            "runner_up": self._named(1),
            "runner_up_probability": second,
            "used_for_learning": pd.Series(self.learnt_from).map({True: "yes", False: "no"}),
            "reason": self.reasons.reset_index(drop=True),
        }
        found = pd.DataFrame({free_name(name, headers): values for name, values in added.items()})
        return pd.concat([table.reset_index(drop=True), found], axis=1)

    def plain(self) -> pd.DataFrame:
        """Return two columns: the customer, by its identifier or else its row from 1, and its segment."""
        identifier = identifier_column(self.dataset)
        named = "segment" if self.model.recipe.target == SEGMENTS else self.model.recipe.target
        if not identifier:
            rows = pd.Series(np.arange(1, self.dataset.n_customers + 1))
            return pd.DataFrame({"row": rows, named: self._named(0)})
        header = self.dataset.column(identifier).header
        who = self.dataset.original[identifier].reset_index(drop=True)
        return pd.DataFrame({header: who, free_name(named, [header]): self._named(0)})

    def counts(self) -> dict[str, int]:
        """Return how many customers each segment was given, in the model's order."""
        found = self.segments.value_counts()
        return {name: int(found.get(name, 0)) for name in self.model.classes}

    def _named(self, place: int) -> pd.Series:
        codes = np.where(self.placed, rank_classes(self.probability)[:, place], UNPLACED)
        return pd.Series(codes).map(dict(enumerate(self.model.classes))).astype("str")

    def _probability(self, place: int) -> pd.Series:
        codes = rank_classes(self.probability)[:, [place]]
        return pd.Series(np.take_along_axis(self.probability, codes, axis=1)[:, 0]).round(SHOWN_DIGITS)


def match_fields(dataset: Dataset, model: SegmentModel) -> ColumnMatch:
    """Find the model's columns in a file by name, never by position."""
    wanted = [field.column for field in model.fields]
    if not all(name in dataset.frame for name in wanted):
        wanted = columns_needed(wanted, model.recipe.formulas)
    return match_names(wanted, dataset)


def classify(
    dataset: Dataset,
    model: SegmentModel,
    columns: Mapping[str, str] | None = None,
    *,
    progress: Progress = silent,
) -> Classified:
    """Tell the segment of each customer of a file, each by its own values alone.

    Parameters
    ----------
    dataset
        The customers.
    model
        What `learn` returned as `.model`, or `load_classifier` read.
    columns
        Model column → file column, for names that the user matched by hand.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    MissingColumnsError
        If a column that the model was learnt on is absent.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(model, SegmentModel, "model")
    progress(0.0, "Reading the columns")
    wanted = [field.column for field in model.fields]
    dataset = with_own_columns(dataset, wanted, model.recipe.formulas, columns or {})
    used = used_columns(wanted, dataset, columns)
    frame = pd.DataFrame({field.column: field.read(dataset, used.names[field.column]) for field in model.fields})
    written = written_cells(dataset, used.names)
    reasons = reasons_of(model.preparation.columns_, frame, written)
    probability = np.full((dataset.n_customers, len(model.classes)), np.nan)
    placed = (reasons == "").to_numpy()
    progress(0.3, "Classifying the customers")
    if placed.any():
        probability[placed] = model.probabilities(frame[placed])
    notes, questions = differences_of(model.preparation.columns_, frame, written)
    learnt_from = _learnt_from(model, dataset)
    progress(1.0, "Classified")
    return Classified(
        model=model,
        dataset=dataset,
        probability=probability,
        reasons=reasons,
        learnt_from=learnt_from,
        matched=used.matched,
        unused=used.unused(dataset),
        notes=(*_overlap(learnt_from), *notes),
        questions=tuple(questions),
    )


def _learnt_from(model: SegmentModel, dataset: Dataset) -> BoolArray:
    found = match_names([model.identities.column], dataset).found if model.identities.column else {}
    if not found:
        return np.zeros(dataset.n_customers, dtype=bool)
    return model.identities.known(dataset.original[found[model.identities.column]])


def _overlap(learnt_from: BoolArray) -> tuple[Note, ...]:
    if not learnt_from.any():
        return ()
    share, count = learnt_from.mean(), int(learnt_from.sum())
    text = (
        f"{100 * share:.1f} % of these customers were used for learning ({count:,} of {len(learnt_from):,}, by their "
        "identifier). They do not show how well new customers are told; the held-out score does."
    )
    return (Note(text, warning=True),)


# Values tried along a number's or a date's known range.
STEPS = 25
MOST_CHANGES = 5


@dataclass(frozen=True)
class Change:
    """One other answer that would lead to another segment, all else equal.

    Attributes
    ----------
    answer
        Of a number or a date the nearest one that changes the segment, else the one that changes it most surely.
    """

    column: str
    answer: Answer
    segment: str
    probability: float


@dataclass(frozen=True, repr=False)
class CustomerPrediction:
    """Where one customer most probably belongs.

    Attributes
    ----------
    probabilities
        (segment, probability), the most probable first.
    changes
        What would change the segment, the surest first; empty where no single answer does.
    left_out
        Columns without an answer: they were filled the way the model was made.
    """

    segment: str
    probability: float
    runner_up: str
    runner_up_probability: float
    probabilities: tuple[tuple[str, float], ...]
    changes: tuple[Change, ...]
    left_out: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<CustomerPrediction: {self.segment!r} {percent_text(self.probability, 1)}, then {self.runner_up!r}>"

    def _repr_html_(self) -> str:
        rows = ((name, percent_text(probability, 1)) for name, probability in self.probabilities)
        return html_view(repr(self), ("segment", "probability"), rows)


def classify_customer(answers: Mapping[str, Answer], model: SegmentModel) -> CustomerPrediction:
    """Tell the segment of one customer; a column without an answer, or with None, is missing.

    Parameters
    ----------
    answers
        Column → value in the file's own units; dates as ISO text.
    model
        What `learn` returned as `.model`, or `load_classifier` read.

    Raises
    ------
    OutsideKnownRangeError, UnknownChoiceError, AnswerNeededError, UnknownColumnError
        If an answer is none that the model knows, or there is no such column.
    ArgumentTypeError
        If an argument is of another type.
    """
    if not isinstance(answers, Mapping):
        raise ArgumentTypeError("answers", "mapping", answers)
    check_type(model, SegmentModel, "model")
    fields = {field.column: field for field in model.fields}
    unknown = [column for column in answers if column not in fields]
    if unknown:
        raise UnknownColumnError(unknown, list(fields))
    needed = [column for column, each in fields.items() if answers.get(column) is None and not each.may_be_missing]
    if needed:
        raise AnswerNeededError(needed[0])
    # Checked before any alternative is tried: it is the user's answer that may be wrong.
    given = {column: each.value(answers.get(column)) for column, each in fields.items()}
    others = [(each, value) for each in model.fields for value in _alternatives(each, answers.get(each.column))]
    rows = [given, *({**given, each.column: each.value(value)} for each, value in others)]
    probability = model.probabilities(_frame(model.fields, rows))
    order = rank_classes(probability)
    first, second = order[0][:2]
    return CustomerPrediction(
        segment=model.classes[first],
        probability=float(probability[0, first]),
        runner_up=model.classes[second],
        runner_up_probability=float(probability[0, second]),
        probabilities=tuple((model.classes[code], float(probability[0, code])) for code in order[0]),
        changes=_changes(model, others, probability, answers),
        left_out=tuple(column for column in fields if answers.get(column) is None),
    )


def _frame(fields: Sequence[FormField], rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(
        {each.column: pd.Series([row[each.column] for row in rows], dtype=each.dtype) for each in fields}
    )


def _alternatives(field: FormField, answer: Answer) -> list[Answer]:
    if field.choices:
        return [choice for choice in field.choices if choice != answer]
    if field.kind is FieldKind.DATE:
        if not field.earliest:
            return []
        dates = pd.date_range(field.earliest, field.latest, periods=STEPS).normalize()
        return [each.date().isoformat() for each in dates.unique() if each.date().isoformat() != answer]
    if field.low is None or field.high is None:
        return []
    steps = np.linspace(field.low, field.high, STEPS)
    tried = np.unique(np.round(steps)) if field.kind is FieldKind.WHOLE else steps
    return [float(value) for value in tried if value != answer]


def _changes(
    model: SegmentModel,
    others: Sequence[tuple[FormField, Answer]],
    probability: FloatArray,
    answers: Mapping[str, Answer],
) -> tuple[Change, ...]:
    best = probability.argmax(axis=1)
    found: dict[str, tuple[float, Change]] = {}
    for place, (field, value) in enumerate(others, start=1):
        if best[place] == best[0]:
            continue
        sure = float(probability[place, best[place]])
        change = Change(field.column, value, model.classes[best[place]], sure)
        distance = field.distance(answers.get(field.column), value)
        rank = -sure if distance is None else distance
        if field.column not in found or rank < found[field.column][0]:
            found[field.column] = (rank, change)
    changes = sorted((change for _, change in found.values()), key=lambda each: -each.probability)
    return tuple(changes[:MOST_CHANGES])
