"""Segments changed by hand: merged, split, made large enough, kept together, each change with its price.

A change keeps the numbers that people know: of merged segments the lowest number stays, the larger part of a split one
keeps its number and the smaller gets the next free one, and where a segment goes, the later ones move up.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from segmenter.cluster.assigners import Assigner, NearestCentre, NearestPrototype, nearest_units
from segmenter.cluster.codebook import fit_codebook
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.display import number_text, percent_text
from segmenter.errors.forming import InvalidSettingError
from segmenter.measures.separation import measure_silhouette, within_sum_of_squares
from segmenter.recipe.recipe import Edit, EditKind
from segmenter.sampling import canonical_order, count_distinct
from segmenter.typing import FloatArray, IntArray

ColumnValues = Callable[[str], pd.Series]
"""The cells of a column, for the rows that are in the matrix."""


@dataclass(frozen=True)
class EditPrice:
    """What a change costs.

    Attributes
    ----------
    wcss
        Within-cluster sum of squares before and after, in the space in which the segments were formed before.
    silhouette
        Mean silhouette before and after; None where there is one segment.
    n_moved, n_customers
        Customers who stand in another segment afterwards, come into one or leave all, of those in one before or after.
    sizes
        Customers of each segment afterwards.
    """

    wcss: tuple[float, float]
    silhouette: tuple[float | None, float | None]
    n_moved: int
    n_customers: int
    sizes: tuple[int, ...]

    def sentence(self) -> str:
        """Return the price in one sentence."""
        before, after = self.wcss
        change = f"{percent_text(after / before - 1, 1, signed=True)}" if before else "not comparable"
        widths = [number_text(each, 3) if each is not None else "undefined" for each in self.silhouette]
        return (
            f"{self.n_moved:,} of {self.n_customers:,} customers move; the spread within segments (WCSS) changes by "
            f"{change} to {after:,.2f}; the mean silhouette goes from {widths[0]} to {widths[1]}."
        )


def edit_price(X: FloatArray, before: IntArray, after: IntArray) -> EditPrice:
    """Return what it costs to have these segments in place of those.

    Parameters
    ----------
    X
        The customers in the space in which the segments were formed before, shape (n, n_features).
    before, after
        Their segments, shape (n,); -1 is none.
    """
    wcss, widths = [], []
    for labels in (before, after):
        placed = labels >= 0
        wcss.append(float(within_sum_of_squares(X[placed], labels[placed])))
        several = 1 < len(np.unique(labels[placed])) < placed.sum()
        widths.append(measure_silhouette(X[placed], labels[placed]).mean if several else None)
    table = np.zeros((int(before.max(initial=0)) + 1, int(after.max(initial=0)) + 1), dtype=np.intp)
    both = (before >= 0) & (after >= 0)
    np.add.at(table, (before[both], after[both]), 1)
    kept = int(table[linear_sum_assignment(-table)].sum())
    # Who was in no segment and comes into one moves as well.
    n_customers = int(((before >= 0) | (after >= 0)).sum())
    sizes = tuple(int(n) for n in np.bincount(after[after >= 0]))
    return EditPrice((wcss[0], wcss[1]), (widths[0], widths[1]), n_customers - kept, n_customers, sizes)


def edited(
    clusterer: SegmentClusterer,
    X: FloatArray,
    edits: tuple[Edit, ...],
    column: ColumnValues,
    before: tuple[Edit, ...] = (),
) -> SegmentClusterer:
    """Return a fitted clusterer whose segments are changed, one change after the other.

    A minimum size, and who must stay together, hold after every later change, too.

    Parameters
    ----------
    clusterer
        Fitted on `X`; it stays as it is.
    X
        Shape (n, n_features).
    edits
        Those that leave a column out are met when the segments are formed, and change nothing here.
    column
        Gives the cells of a column, for customers who must stay together.
    before
        Changes that were made already.

    Raises
    ------
    InvalidSettingError
        If a change cannot be made.
    """
    here = [edit for edit in edits if edit.kind is not EditKind.WITHOUT]
    if not here:
        return clusterer
    state, wanted = _State.of(clusterer, X), _Wanted().and_of(before, column)
    for edit in here:
        n_before = state.n_segments
        if edit.kind is EditKind.MINIMUM:
            state.check_minimum(edit.size)
        elif edit.kind in _CHANGES:
            state = _CHANGES[edit.kind](state, edit).compact()
        wanted = wanted.and_of((edit,), column)
        state = wanted.met_by(state).with_units()
        if edit.kind is EditKind.SPLIT and state.n_segments <= n_before:
            message = (
                f"Segment {edit.segments[0]} cannot be split: a part of it would have fewer than "
                f"{wanted.size:,} customers, the minimum that you set."
            )
            raise InvalidSettingError(message)
    found = copy(clusterer)
    found.labels_, found.placement_ = state.labels, state.rule()
    found.centres_ = (
        found.placement_.centres
        if isinstance(found.placement_, NearestCentre)
        else np.array([X[state.labels == number].mean(axis=0) for number in range(state.n_segments)])
    )
    found.n_segments = state.n_segments
    return found


@dataclass(frozen=True, eq=False)
class _State:
    """Segments under change: labels of the rows, and the units (with the segment of each) that place new customers.

    `units` is None where the method's rule knows none.
    """

    X: FloatArray
    labels: IntArray
    seed: int
    units: FloatArray | None
    segments: IntArray
    reach: FloatArray | None = None

    @classmethod
    def of(cls, clusterer: SegmentClusterer, X: FloatArray) -> "_State":
        rule, labels = clusterer.placement_, clusterer.labels_.astype(np.intp)
        match rule:
            case NearestCentre():
                return cls(X, labels, clusterer.seed, rule.centres, np.arange(len(rule.centres)))
            case NearestPrototype():
                return cls(X, labels, clusterer.seed, rule.units, rule.segments, rule.reach)
            case _:
                return cls(X, labels, clusterer.seed, None, np.array([], dtype=np.intp))

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.labels.max(initial=-1)) + 1

    def check_minimum(self, size: int) -> None:
        """Refuse a minimum that no segments can meet.

        Raises
        ------
        InvalidSettingError
            If there are fewer customers in segments.
        """
        n_placed = int((self.labels >= 0).sum())
        if size < 1 or size > n_placed:
            message = f"A minimum of {size:,} customers cannot be met: {n_placed:,} are in segments. Take 1 to that."
            raise InvalidSettingError(message)

    def place_of(self, number: int) -> int:
        """Return the label of a segment that is named by its number.

        Raises
        ------
        InvalidSettingError
            If there is none.
        """
        if not 1 <= number <= self.n_segments:
            message = f"There is no segment {number}. The segments are 1 to {self.n_segments} at this point."
            raise InvalidSettingError(message)
        return number - 1

    def relabelled(self, new: IntArray) -> "_State":
        """Return the same with segment i called `new[i]`."""
        with_none = np.append(new, -1)
        return replace(self, labels=with_none[self.labels], segments=with_none[self.segments])

    def compact(self) -> "_State":
        """Return the same without the numbers of segments that nobody is in any more."""
        there = np.unique(self.labels[self.labels >= 0])
        if len(there) == self.n_segments and (self.segments < self.n_segments).all():
            return self
        new = np.full(max(self.n_segments, int(self.segments.max(initial=-1)) + 1), -1, dtype=np.intp)
        new[there] = np.arange(len(there))
        found = self.relabelled(new)
        if found.units is None:
            return found
        # Units of a segment that is gone place nobody.
        kept = (self.segments < 0) | (found.segments >= 0)
        return replace(
            found, units=found.units[kept], segments=found.segments[kept],
            reach=None if found.reach is None else found.reach[kept],
        )  # fmt: skip

    def dissolved(self, gone: int) -> "_State":
        """Return the same with each customer of a segment in the nearest other one."""
        rows = np.flatnonzero(self.labels == gone)
        labels, segments = self.labels.copy(), self.segments.copy()
        own = segments == gone
        others = (segments >= 0) & ~own
        if self.units is None or not others.any():
            numbers = np.array([number for number in range(self.n_segments) if number != gone], dtype=np.intp)
            middles = np.array([self.X[labels == number].mean(axis=0) for number in numbers])
            labels[rows] = numbers[nearest_units(self.X[rows], middles)]
        elif self.reach is None:
            labels[rows] = segments[others][nearest_units(self.X[rows], self.units[others])]
        else:
            # The others' units do not reach these customers: their own units go over to the nearest other segment.
            segments[own] = segments[others][nearest_units(self.units[own], self.units[others])]
            labels[rows] = segments[own][nearest_units(self.X[rows], self.units[own])]
        return replace(self, labels=labels, segments=segments)

    def with_units(self) -> "_State":
        """Return the same with units, found for these segments where the method's rule knows none."""
        if self.units is not None:
            return self
        order = canonical_order(self.X)
        rule = fit_codebook(self.X[order], self.labels[order], self.seed)
        return replace(self, units=rule.units, segments=rule.segments)

    def rule(self) -> Assigner:
        """Return what places new customers, and how far it follows the segments."""
        assert self.units is not None
        rule = NearestPrototype(self.units, self.segments, self.reach)
        agreement = float((rule.place(self.X) == self.labels).mean())
        if agreement == 1 and rule.reach is None and len(rule.segments) == self.n_segments:
            return NearestCentre(rule.units[np.argsort(rule.segments)])
        return replace(rule, agreement=agreement)


@dataclass(frozen=True, eq=False)
class _Wanted:
    """What holds after every change: the least customers of a segment, and whose values must stay together."""

    size: int = 1
    groups: tuple[IntArray, ...] = ()

    def and_of(self, edits: tuple[Edit, ...], column: ColumnValues) -> "_Wanted":
        """Return the same with what some changes ask for."""
        size = max([self.size, *(edit.size for edit in edits if edit.kind is EditKind.MINIMUM)])
        together = [column(edit.column) for edit in edits if edit.kind is EditKind.TOGETHER]
        return _Wanted(size, (*self.groups, *(pd.factorize(cells)[0].astype(np.intp) for cells in together)))

    def met_by(self, state: _State) -> _State:
        """Return the state in which all of it holds: as long as a segment is too small, it is dissolved."""
        groups = self._joined() if self.groups else None
        while True:
            if groups is not None:
                state = _kept_together(state, groups).compact()
            sizes = np.bincount(state.labels[state.labels >= 0])
            smallest = int(sizes.argmin())
            if sizes[smallest] >= self.size or len(sizes) == 1:
                return state
            state = state.dissolved(smallest).compact()

    def _joined(self) -> IntArray:
        """Return the group of each row: who shares one value with somebody stays with all who do."""
        if len(self.groups) == 1:
            return self.groups[0]
        n_rows, first = len(self.groups[0]), len(self.groups[0])
        rows, values = [], []
        for codes in self.groups:
            known = np.flatnonzero(codes >= 0)
            rows.append(known)
            values.append(codes[known] + first)
            first += int(codes.max(initial=-1)) + 1
        ends = np.concatenate(rows), np.concatenate(values)
        links = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(first, first))
        components: IntArray = connected_components(links, directed=False)[1][:n_rows].astype(np.intp)
        return components


def _merge(state: _State, edit: Edit) -> _State:
    places = sorted({state.place_of(number) for number in edit.segments})
    if len(places) < 2:
        message = "Merging takes two different segments."
        raise InvalidSettingError(message)
    new = np.arange(state.n_segments)
    new[places] = places[0]
    return state.relabelled(new)


def _split(state: _State, edit: Edit) -> _State:
    if len(edit.segments) != 1:
        message = "Splitting takes one segment."
        raise InvalidSettingError(message)
    place = state.place_of(edit.segments[0])
    rows = np.flatnonzero(state.labels == place)
    if count_distinct(state.X[rows], enough=2) < 2:
        message = f"Segment {place + 1} cannot be split: all of its customers are alike."
        raise InvalidSettingError(message)
    fit = fit_kmeans(state.X[rows], 2, seed=state.seed)
    larger = int(np.bincount(fit.labels, minlength=2).argmax())
    labels = state.labels.copy()
    labels[rows[fit.labels != larger]] = state.n_segments
    if state.units is None:
        return replace(state, labels=labels)
    others = state.segments != place
    sides = nearest_units(state.units[~others], fit.centres)
    if len(np.unique(sides)) == 2:
        segments = state.segments.copy()
        segments[~others] = np.where(sides == larger, place, state.n_segments)
        return replace(state, labels=labels, segments=segments)
    parts = fit.centres[[larger, 1 - larger]]
    # A unit of its own for each part; as far as a new customer may be from it, any of the old ones reached.
    reach = None if state.reach is None else np.append(state.reach[others], [state.reach[~others].max()] * 2)
    return replace(
        state,
        labels=labels,
        units=np.vstack([state.units[others], parts]),
        segments=np.append(state.segments[others], [place, state.n_segments]),
        reach=reach,
    )


def _kept_together(state: _State, groups: IntArray) -> _State:
    """Return the same with each group where most of it is; a tie goes to the lower number, -1 is no group."""
    inside = (groups >= 0) & (state.labels >= 0)
    counts = np.zeros((int(groups.max(initial=-1)) + 1, state.n_segments), dtype=np.intp)
    np.add.at(counts, (groups[inside], state.labels[inside]), 1)
    labels = state.labels.copy()
    labels[inside] = counts.argmax(axis=1)[groups[inside]]
    return replace(state, labels=labels)


_CHANGES: Final[dict[EditKind, Callable[[_State, Edit], _State]]] = {EditKind.MERGE: _merge, EditKind.SPLIT: _split}
