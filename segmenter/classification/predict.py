"""The known segment of each customer of a file."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.classification.fingerprints import identifier_column
from segmenter.classification.model import SegmentModel
from segmenter.classification.recipe import SEGMENTS
from segmenter.display import counted, html_view
from segmenter.errors.base import check_type
from segmenter.progress import Progress, silent
from segmenter.segment.assign import ColumnMatch, differences_of, match_names, reasons_of, used_columns, written_cells
from segmenter.segment.result import free_name
from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
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
        headers = [column.header for column in self.dataset.columns]
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
        return pd.concat([self.dataset.original.set_axis(headers, axis=1).reset_index(drop=True), found], axis=1)

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
    return match_names([field.column for field in model.fields], dataset)


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
    used = used_columns([field.column for field in model.fields], dataset, columns)
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
