"""Prediction for one customer, its probability, and the changes that would alter it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.classification.form_fields import Answer, FieldKind, FormField
from segmenter.classification.model import SegmentModel
from segmenter.classification.predict import rank_classes
from segmenter.display import html_view
from segmenter.errors.base import ArgumentTypeError, check_type
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.learning import AnswerNeededError
from segmenter.typing import FloatArray

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
        return f"<CustomerPrediction: {self.segment!r} {self.probability:.1%}, then {self.runner_up!r}>"

    def _repr_html_(self) -> str:
        rows = ((name, f"{probability:.1%}") for name, probability in self.probabilities)
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
