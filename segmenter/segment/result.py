"""A segmentation together with the customers that it describes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from segmenter.cluster.assigners import ProbabilisticAssigner
from segmenter.display import counted
from segmenter.errors.base import check_type
from segmenter.prepare.weights import customer_weights
from segmenter.sampling import repeated_rows
from segmenter.segment.assign import Assignment, as_model_reads, reasons_of
from segmenter.segment.profile import SegmentProfiles, profile_segments
from segmenter.segment.quality import Light
from segmenter.segment.segmentation import FITS_NONE, Segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, FloatArray, IntArray

# Below this the next segment may be two thirds as probable: one customer in three would be better off elsewhere.
DOUBTFUL: Final = 0.6


def knows_probabilities(segmentation: Segmentation) -> bool:
    """Whether the method says how probable each segment is for a customer."""
    return isinstance(segmentation.clusterer.placement_, ProbabilisticAssigner)


def probability_of_segment(segmentation: Segmentation, frame: pd.DataFrame) -> pd.Series:
    """Return each labelled customer's probability of its segment; NaN for customers in none.

    Parameters
    ----------
    frame
        The labelled customers under the model's column names.
    """
    labels = segmentation.labels.to_numpy()
    placed, rule = labels >= 0, segmentation.clusterer.placement_
    found = pd.Series(np.nan, index=frame.index, name="probability")
    if placed.any() and isinstance(rule, ProbabilisticAssigner):
        shares = rule.probabilities(segmentation.preparation.transform(frame[placed]))
        found[placed] = shares[np.arange(len(shares)), labels[placed]]
    return found


@dataclass(frozen=True)
class Certainty:
    """How sure a segment's customers are to belong to it.

    Attributes
    ----------
    segment
        From 0, as in the labels.
    size
        Number of customers.
    mean
        Mean probability of their segment, 0-1.
    in_doubt
        Number of customers whose probability is below DOUBTFUL.
    """

    segment: int
    size: int
    mean: float
    in_doubt: int


def certainty_by_segment(labels: pd.Series, probability: pd.Series) -> tuple[Certainty, ...]:
    """Return how sure each segment's customers are, in segment order."""
    groups = probability[labels >= 0].groupby(labels[labels >= 0])
    return tuple(
        Certainty(int(number), len(group), float(group.mean()), int((group < DOUBTFUL).sum()))
        for number, group in groups
    )


# How much nearer the own segment must be than the second best, as a share of the way to that one, 0-1.
CLEARLY_IN: Final = 0.3
BETWEEN_TWO: Final = 0.1


@dataclass(frozen=True, eq=False)
class Margins:
    """How clearly each customer belongs to its segment; each array of shape (n_customers,).

    Attributes
    ----------
    second
        The second-best segment, from 0; -1 for customers in none, and where there is one segment alone.
    margin
        Where the method knows probabilities, how much more probable the own segment is than the second best; else
        one minus the distance to the own centre over that to the second-best one. 0 is half-way between the two,
        1 is on the own centre, and below 0 another centre is nearer. NaN where there is no second.
    light
        "green", "amber" or "red", empty for customers in no segment: the worse of how clearly the customer belongs
        to its segment (amber below CLEARLY_IN, red below BETWEEN_TWO) and how reliably the segment is found again.
    """

    second: IntArray
    margin: FloatArray
    light: NDArray[np.object_]


@dataclass(frozen=True)
class Structure:
    """What was found about whether the customers hold segments at all.

    Attributes
    ----------
    kind
        "natural", "reproducible", "constructed" or "none".
    headline, reason
        The same as one sentence, and why in a few.
    recommended
        How many segments are advised; 1 for none.
    """

    kind: str
    headline: str
    reason: str
    recommended: int


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Customers and their segments, whether these were just formed or come from a saved model.

    Attributes
    ----------
    segmentation
        Its labels are those of this dataset's customers.
    assignment
        How the customers were placed; None where the segments were formed from them.
    value_column
        The column that says what a customer is worth; None for the one that its name proposes, empty for none.
    structure
        Whether the customers hold segments at all; None where numbers of segments were not compared.
    """

    dataset: Dataset
    segmentation: Segmentation
    assignment: Assignment | None = None
    value_column: str | None = None
    structure: Structure | None = None

    def __post_init__(self) -> None:
        check_type(self.dataset, Dataset, "dataset")
        check_type(self.segmentation, Segmentation, "segmentation")
        matched = self.assignment.matched if self.assignment else {}
        object.__setattr__(self, "dataset", as_model_reads(self.dataset, self.segmentation, matched))

    def __repr__(self) -> str:
        segments = counted(self.segmentation.n_segments, "segment")
        return f"<Result: {self.n_placed:,} of {counted(self.dataset.n_customers, 'customer')} in {segments}>"

    def _repr_html_(self) -> str:
        return self.profiles._repr_html_()

    @cached_property
    def profiles(self) -> SegmentProfiles:
        """Each segment in numbers."""
        return profile_segments(self.dataset, self.segmentation, from_before=self.assignment is not None)

    @cached_property
    def weights(self) -> FloatArray:
        """What each customer counts, shape (n_customers,): a survey's weights with a mean of 1, else 1 for each."""
        weights = customer_weights(self.dataset, self.segmentation.recipe)
        return np.ones(self.dataset.n_customers) if weights is None else weights

    @cached_property
    def counted_rows(self) -> IntArray:
        """Positions of the customers in segments, each as often as its weight says: their shares count weights."""
        return self._as_often(np.flatnonzero(self.segmentation.labels.to_numpy() >= 0))

    @cached_property
    def counted_of_total(self) -> IntArray:
        """Positions of the customers of whom totals are, as often as they count.

        Of customers whom a model from before placed these are all, of others those in segments.
        """
        return self.counted_rows if self.assignment is None else self._as_often(np.arange(self.dataset.n_customers))

    def _as_often(self, rows: IntArray) -> IntArray:
        counts = self.weights[rows]
        return rows if not len(rows) or (counts == counts[0]).all() else rows[repeated_rows(counts)]

    @cached_property
    def margins(self) -> Margins:
        """How clearly each customer belongs to its segment, and which one comes second."""
        labels = self.segmentation.labels.to_numpy()
        second, margin = self.runner_up(np.arange(self.segmentation.n_segments))
        worst = {each.segment: _LIGHTS.index(each.light.value) for each in self.segmentation.stability}
        own = np.where(np.isnan(margin) | (margin >= CLEARLY_IN), 0, np.where(margin >= BETWEEN_TWO, 1, 2))
        of_segment = np.array([worst.get(each, 0) for each in range(self.segmentation.n_segments)] + [0])
        light = np.array(_LIGHTS, dtype=object)[np.maximum(own, of_segment[labels])]
        light[labels < 0] = ""
        return Margins(second, margin, light)

    def runner_up(self, kinds: IntArray) -> tuple[IntArray, FloatArray]:
        """Return for each customer the best segment of another kind than its own, and how much better its own is.

        Parameters
        ----------
        kinds
            What each segment is or stands for, shape (n_segments,): segments with the same number do not compete.

        Returns
        -------
        Segments from 0, -1 where there is none, and margins as in `Margins`, NaN where there is none.
        """
        labels = self.segmentation.labels.to_numpy()
        second, margin = np.full(len(labels), -1, dtype=np.intp), np.full(len(labels), np.nan)
        placed = np.flatnonzero(labels >= 0)
        if len(placed) and len(np.unique(kinds)) > 1:
            X = self.segmentation.preparation.transform(self.model_frame.iloc[placed])
            second[placed], margin[placed] = _second_best(self.segmentation, X, labels[placed], kinds)
        return second, margin

    @property
    def n_placed(self) -> int:
        """Number of customers in a segment."""
        return int((self.segmentation.labels >= 0).sum())

    @property
    def n_left_out(self) -> int:
        """Number of customers in no segment."""
        return self.dataset.n_customers - self.n_placed

    @cached_property
    def fits_none(self) -> BoolArray:
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
    def predicted(self) -> pd.Series | None:
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
        are like no segment that they are, and is empty where a value was missing. `second_best`, `margin` and `light`
        are those of `margins`. `probability` is that of the
        customer's segment, where the method knows one; `predicted_…` is the known label that the segment stands
        for, where the model knows one. `reason` says why a customer is in no segment, where there is such a one.
        """
        labels = self.segmentation.labels
        names = dict(enumerate(self.segmentation.names))
        added: dict[str, pd.Series] = {
            "segment": (labels + 1).where(labels >= 0).astype("Int64"),
            "segment_name": labels.map(names).astype("str").mask(self.fits_none, FITS_NONE),
        }
        if self.segmentation.n_segments > 1:
            margins = self.margins
            added |= {
                "second_best": pd.Series(margins.second, index=labels.index).map(names).astype("str"),
                "margin": pd.Series(margins.margin, index=labels.index).round(3),
                "light": pd.Series(margins.light, index=labels.index).astype("str"),
            }
        if knows_probabilities(self.segmentation):
            added["probability"] = probability_of_segment(self.segmentation, self.model_frame)
        if self.assignment is not None:
            added |= {"distance": self.assignment.distance, "reason": self.assignment.reasons}
        elif self.n_left_out:
            added["reason"] = self._reasons()
        if self.segmentation.known is not None and self.predicted is not None:
            added[f"predicted_{self.segmentation.known.column}"] = self.predicted
        table = self.dataset.as_written()
        headers = list(table.columns)
        return pd.concat(
            [table, pd.DataFrame({free_name(name, headers): values for name, values in added.items()})], axis=1
        )


_LIGHTS: Final = tuple(light.value for light in (Light.GREEN, Light.AMBER, Light.RED))


def _second_best(
    segmentation: Segmentation, X: FloatArray, labels: IntArray, kinds: IntArray
) -> tuple[IntArray, FloatArray]:
    """Return the best segment of another kind of each prepared row, and how much better its own is."""
    same = kinds[labels][:, None] == kinds
    rule, rows = segmentation.clusterer.placement_, np.arange(len(X))
    if isinstance(rule, ProbabilisticAssigner):
        shares = rule.probabilities(X)
        own = shares[rows, labels]
        shares[same] = -1.0
        second = shares.argmax(axis=1)
        return second, own - shares[rows, second]
    far = np.sqrt(np.maximum(cdist(X, segmentation.clusterer.centres_, "sqeuclidean"), 0.0))
    own = far[rows, labels]
    far[same] = np.inf
    second = np.where(np.isnan(far), np.inf, far).argmin(axis=1)
    other = far[rows, second]
    # On both centres at once, neither is nearer.
    return second, np.where(other > 0, 1 - own / np.where(other > 0, other, 1.0), 0.0)


def free_name(name: str, taken: list[str]) -> str:
    """Return the name, or one like it where the file, segmented before, has such a column already."""
    return free_name(f"{name}_new", taken) if name in taken else name
