"""What is shown, saved and downloaded: one file of customers with the segments they are in."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmenter.core.assignment import Assignment, reasons_of
from segmenter.core.certainty import knows_probabilities, probability_of_segment
from segmenter.core.dataset import Dataset, Note
from segmenter.core.profile import SegmentProfile, profile_segments
from segmenter.core.segmentation import FITS_NONE, Segmentation


@dataclass(frozen=True, eq=False)
class Result:
    """Customers and their segments, whether these were just formed or come from a saved model.

    Attributes
    ----------
    segmentation
        Its labels are those of this dataset's customers.
    assignment
        How the customers were placed; None where the segments were formed from them.
    """

    dataset: Dataset
    segmentation: Segmentation
    assignment: Assignment | None = None

    @cached_property
    def profiles(self) -> tuple[SegmentProfile, ...]:
        """Each segment in numbers."""
        return profile_segments(self.dataset, self.segmentation)

    @property
    def n_placed(self) -> int:
        """Number of customers in a segment."""
        return int((self.segmentation.labels >= 0).sum())

    @property
    def n_left_out(self) -> int:
        """Number of customers in no segment."""
        return self.dataset.n_customers - self.n_placed

    @cached_property
    def fits_none(self) -> NDArray[np.bool_]:
        """Which customers have every value needed and are like no segment, shape (n_customers,)."""
        if self.assignment is not None:
            return (self.assignment.reasons == FITS_NONE).to_numpy()
        return self.segmentation.fits_none(self.dataset.frame)

    def _reasons(self) -> pd.Series:
        """Return why each customer that the segments were formed from is in none; empty text where it is in one."""
        used = self.segmentation.preparation.columns_
        written = self.dataset.original[[column.column for column in used]]
        reasons = reasons_of(used, self.model_frame, written)
        return reasons.where(self.segmentation.labels < 0, "").mask(self.fits_none, FITS_NONE)

    @property
    def model_frame(self) -> pd.DataFrame:
        """The customers' values in the model's columns, under the names that it knows them by."""
        matched = self.assignment.matched if self.assignment else {}
        names = [column.column for column in self.segmentation.preparation.columns_]
        return pd.DataFrame({name: self.dataset.frame[matched.get(name, name)] for name in names})

    @property
    def foretold(self) -> pd.Series | None:
        """The known label that each customer's segment stands for, missing in none; None where nothing is known."""
        known = self.segmentation.known
        if known is None:
            return None
        return self.segmentation.labels.map(dict(enumerate(known.labels))).astype("str")

    @property
    def notes(self) -> tuple[Note, ...]:
        """Everything the user should know about this result."""
        placing = (*self.assignment.questions, *self.assignment.notes) if self.assignment else ()
        return (*self.dataset.notes, *self.segmentation.notes, *placing)

    def labelled(self) -> pd.DataFrame:
        """Return the original columns, untouched and under their own headers, plus what was found.

        `segment` is 1 … k, 1 the largest, and empty for customers in none; `segment_name` says of those that
        are like no segment that they are, and is empty where a value was missing. `probability` is that of the
        customer's segment, where the method knows one; `predicted_…` is the known label that the segment stands
        for, where the model knows one. `reason` says why a customer is in no segment, where there is such a one.
        """
        labels = self.segmentation.labels
        names = dict(enumerate(self.segmentation.names))
        added: dict[str, pd.Series] = {
            "segment": (labels + 1).where(labels >= 0).astype("Int64"),
            "segment_name": labels.map(names).astype("str").mask(self.fits_none, FITS_NONE),
        }
        if knows_probabilities(self.segmentation):
            added["probability"] = probability_of_segment(self.segmentation, self.model_frame)
        if self.assignment is not None:
            added |= {"distance": self.assignment.distance, "reason": self.assignment.reasons}
        elif self.n_left_out:
            added["reason"] = self._reasons()
        if self.segmentation.known is not None and self.foretold is not None:
            added[f"predicted_{self.segmentation.known.column}"] = self.foretold
        headers = [column.header for column in self.dataset.columns]
        table = self.dataset.original.set_axis(headers, axis=1)
        return pd.concat(
            [table, pd.DataFrame({free_name(name, headers): values for name, values in added.items()})], axis=1
        )


def free_name(name: str, taken: list[str]) -> str:
    """Return the name, or one like it where the file, segmented before, has such a column already."""
    return free_name(f"{name}_new", taken) if name in taken else name
