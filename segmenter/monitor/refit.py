"""Segments formed anew that keep the names and numbers which people know, where they mean the same."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.pipeline import Pipeline

from segmenter.choose.k import MOST_NAMED
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.estimator import renumbered
from segmenter.config import MAX_SEGMENTS
from segmenter.display import counted, percent_text
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.cards import name_new_segments
from segmenter.explain.language import language
from segmenter.monitor.drift import Advice, Drift, check_model
from segmenter.prepare.diagnostics import MOST_SET_ASIDE
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe
from segmenter.segment.assign import Assignment, as_model_reads, assign_segments
from segmenter.segment.quality import TrainingProfile
from segmenter.segment.segmentation import Lineage, Segmentation, carried_colours, fit_segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.typing import BoolArray, FloatArray, IntArray

# Two segments are the same where they share more customers than they do not (Jaccard above one half): each segment
# then has one counterpart at most.
SAME: Final = 0.5
# A segment has gone into two or more where each of these holds so much of it.
PART: Final = 0.25
# Where customers who fit hold half the share of a segment's place that it had, it has not moved elsewhere.
STILL_THERE: Final = 0.5
# So many times as far from its segment's centre as 99 of 100 were, a customer is far from all segments; ...
FAR: Final = 2.0
# ... more than this share of the customers is a kind that segments have to be formed with.
MOST_FAR: Final = 0.1


@dataclass(frozen=True, eq=False)
class Succession:
    """Which segment of before each new one carries on.

    Attributes
    ----------
    carries_on
        Per new segment: the old one, from 0, or -1 for a new kind of customers.
    jaccard
        Shape (n_new, n_old): customers in common / customers in either, 0-1.
    overlap
        Shape (n_new, n_old): customers in common.
    notes
        What carries on under another share, what has split, merged, gone or is new, in sentences.
    """

    carries_on: IntArray
    jaccard: FloatArray
    overlap: IntArray
    notes: tuple[Note, ...]


def match_segments(
    old: IntArray,
    new: IntArray,
    old_names: tuple[str, ...],
    new_names: tuple[str, ...],
    unfit: BoolArray | None = None,
    sizes: Sequence[int] = (),
) -> Succession:
    """Match segments one to one by the customers in common.

    Parameters
    ----------
    old, new
        Segment of the same customers, shape (n,): where the old model places them, and where they are now; -1 is
        none.
    old_names, new_names
        What the segments are called.
    unfit
        Who fitted none of the old segments, wherever they were placed, shape (n,): a new kind of customers has to
        stand somewhere, and does not take a name from those whose it is. None where that is not known.
    sizes
        How many customers each old segment was formed from. Those who fit none can be an old segment that has moved
        as a whole only where its old place is half empty at least; without sizes each place may be.
    """
    shape = len(new_names), len(old_names)
    overlap, jaccard = _in_common(old, new, shape)
    at_home, may_have_moved = overlap, jaccard
    carries_on = np.full(len(new_names), -1, dtype=np.intp)
    if unfit is not None and unfit.any():
        at_home, of_fitting = _in_common(np.where(unfit, -1, old), np.where(unfit, -1, new), shape)
        _match(of_fitting, carries_on)
        if len(sizes):
            may_have_moved = np.where(_still_there(old[~unfit], sizes), 0.0, jaccard)
    at_once = carries_on >= 0
    _match(may_have_moved, carries_on)
    n_new = np.bincount(new[new >= 0], minlength=len(new_names))
    notes = _notes(at_home, n_new, carries_on, old_names, new_names)
    if unfit is not None:
        n_unfit = np.bincount(new[unfit & (new >= 0)], minlength=len(new_names))
        notes += _notes_on_strangers(n_unfit / np.maximum(n_new, 1), carries_on, at_once, old_names)
    return Succession(carries_on, jaccard, overlap, tuple(notes))


def _in_common(old: IntArray, new: IntArray, shape: tuple[int, int]) -> tuple[IntArray, FloatArray]:
    """Return the customers in common of each new and old segment, and their share of those in either."""
    both = (old >= 0) & (new >= 0)
    overlap = np.zeros(shape, dtype=np.intp)
    np.add.at(overlap, (new[both], old[both]), 1)
    n_new = np.bincount(new[new >= 0], minlength=shape[0])[:, None]
    n_old = np.bincount(old[old >= 0], minlength=shape[1])[None, :]
    return overlap, overlap / np.maximum(n_new + n_old - overlap, 1)


def _still_there(old: IntArray, sizes: Sequence[int]) -> BoolArray:
    """Return of which old segments the customers who fit hold half the share that they had, or more."""
    now = np.bincount(old[old >= 0], minlength=len(sizes))
    return now / max(int(now.sum()), 1) >= STILL_THERE * np.asarray(sizes) / max(sum(sizes), 1)


def _match(jaccard: FloatArray, carries_on: IntArray) -> None:
    """Say of new segments that carry none on yet which old one they do, of those that no other does."""
    free_new, free_old = np.flatnonzero(carries_on < 0), np.setdiff1d(np.arange(jaccard.shape[1]), carries_on)
    among = jaccard[np.ix_(free_new, free_old)]
    for row, column in zip(*linear_sum_assignment(-among), strict=True):
        if among[row, column] > SAME:
            carries_on[free_new[row]] = free_old[column]


def _notes(
    overlap: IntArray, n_new: IntArray, carries_on: IntArray, old_names: tuple[str, ...], new_names: tuple[str, ...]
) -> list[Note]:
    of_old = overlap / np.maximum(overlap.sum(axis=0, keepdims=True), 1)
    of_new = overlap / np.maximum(overlap.sum(axis=1, keepdims=True), 1)
    notes = []
    for number, name in enumerate(old_names):
        parts = np.flatnonzero(of_old[:, number] >= PART)
        if len(parts) > 1:
            shares = ", ".join(
                f"{percent_text(of_old[part, number])} in {_called(part, carries_on, old_names, new_names)}"
                for part in parts.tolist()
            )
            notes.append(Note(f"{name} has split: {shares}."))
        elif number in carries_on:
            continue
        elif len(parts):
            notes.append(Note(f"{name} has become part of {_called(int(parts[0]), carries_on, old_names, new_names)}."))
        elif overlap[:, number].any():
            notes.append(Note(f"{name} is gone: its customers are spread over the other segments."))
        else:
            notes.append(Note(f"{name} is gone: none of these customers is like it."))
    for number, name in enumerate(new_names):
        if carries_on[number] >= 0:
            continue
        strangers = 1 - overlap[number].sum() / max(int(n_new[number]), 1)
        if strangers > SAME:
            notes.append(
                Note(f"{name} is new: {percent_text(strangers)} of its customers fitted no segment of before.")
            )
            continue
        sources = np.flatnonzero(of_new[number] >= PART)
        origin = ", ".join(f"{percent_text(of_new[number, source])} from {old_names[source]}" for source in sources)
        notes.append(Note(f"{name} is new: {origin or 'its customers come from everywhere'}."))
    return notes


def _notes_on_strangers(
    shares: FloatArray, carries_on: IntArray, at_once: BoolArray, old_names: tuple[str, ...]
) -> list[Note]:
    """Return what is said of segments under an old name that hold many customers who fitted none of before."""
    notes = []
    for number in np.flatnonzero((carries_on >= 0) & (shares >= PART)).tolist():
        what = "also takes in customers unlike those it had" if at_once[number] else "has moved"
        notes.append(
            Note(
                f"{old_names[carries_on[number]]} {what}: {percent_text(shares[number])} of its customers fitted no "
                "segment of before."
            )
        )
    return notes


def _called(number: int, carries_on: IntArray, old_names: tuple[str, ...], new_names: tuple[str, ...]) -> str:
    return old_names[carries_on[number]] if carries_on[number] >= 0 else new_names[number]


class Start(StrEnum):
    """Where segments that are formed anew begin."""

    SCRATCH = "scratch"
    MODEL = "model"


def refit(
    dataset: Dataset,
    segmentation: Segmentation,
    n_segments: int | None = None,
    *,
    start: Start = Start.SCRATCH,
    columns: Mapping[str, str] | None = None,
    form: Callable[[Dataset, Recipe, IntArray | None], Segmentation] | None = None,
    progress: Progress = silent,
) -> tuple[Segmentation, Succession]:
    """Form a model's segments anew from another file; what means the same keeps its name and number.

    Parameters
    ----------
    dataset
        The customers to form them from.
    segmentation
        Last month's model.
    n_segments
        How many; as many as before where it is None.
    start
        Whether the search begins anew, or where the old model places these customers; methods other than K-Means
        always begin anew, and a note says so.
    columns
        Model column → file column, for names that the user matched by hand.
    form
        Forms the segments of a dataset by a recipe, from the segments to begin with, if any; `fit_segmentation` where
        it is None.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        As `fit_segmentation` does.
    """
    columns = columns or {}
    dataset = as_model_reads(dataset, segmentation, columns)
    there = {column.name for column in dataset.columns}
    features = [replace(each, column=columns.get(each.column, each.column)) for each in segmentation.recipe.features]
    # Columns that describe only may have gone; that of a feature is missed by name.
    features = [each for each in features if each.segments or each.column in there]
    # What was merged or split was so by its number, which means nothing among segments that are found anew.
    edits = tuple(each for each in segmentation.recipe.edits if not each.segments)
    notes: list[Note] = []
    if edits != segmentation.recipe.edits:
        notes.append(Note("Segments that were merged or split by hand are formed anew, as many as there were."))
    recipe = replace(
        segmentation.recipe, features=tuple(features), edits=edits, n_segments=n_segments or segmentation.n_segments
    )
    begins = None
    assignment = assign_segments(dataset, segmentation, columns)
    if start is Start.MODEL:
        if segmentation.clusterer.starts_from_segments:
            begins = assignment.segmentation.labels.to_numpy()
        else:
            notes.append(Note("This method cannot begin at the old segments, so they were formed from scratch."))
    if form is None:
        new = fit_segmentation(dataset, recipe, start=begins, progress=part(progress, 0.0, 0.6))
    else:
        new = form(dataset, recipe, begins)
    now, found = carry_on(dataset, segmentation, replace(new, notes=(*new.notes, *notes)), columns)
    n_kept = np.count_nonzero(found.carries_on >= 0)
    far = _far_from_all(dataset, segmentation, assignment)
    # A few customers far out can take a segment of their own, for which two of those that people know are merged.
    can_be_mended = form is None and not ALGORITHMS[recipe.algorithm].finds_number
    if far.any() and can_be_mended and n_kept < segmentation.n_segments:
        new = _formed_without(dataset, recipe, far, begins, part(progress, 0.6, 1.0))
        notes.append(_set_aside(far))
        other = carry_on(dataset, segmentation, replace(new, notes=(*new.notes, *notes)), columns)
        if np.count_nonzero(other[1].carries_on >= 0) > n_kept:
            now, found = other
    lineage = Lineage(
        segmentation.trained_on, datetime.now(UTC).date().isoformat(), _why(dataset, segmentation, columns)
    )
    return replace(now, lineage=lineage, value_column=segmentation.value_column), found


def _far_from_all(dataset: Dataset, segmentation: Segmentation, assignment: Assignment) -> BoolArray:
    """Mark the customers who lie far from all segments of before, if they are few enough to be set aside."""
    nobody = np.zeros(dataset.n_customers, dtype=bool)
    if segmentation.profile is None or dataset.fingerprint == segmentation.trained_on:
        return nobody
    reach = np.array([extent.reach for extent in segmentation.profile.segments])
    labels, distance = assignment.segmentation.labels.to_numpy(), assignment.distance.to_numpy()
    far, placed = nobody.copy(), labels >= 0
    far[placed] = distance[placed] > FAR * reach[labels[placed]]
    return far if far.sum() <= MOST_FAR * placed.sum() else nobody


def _formed_without(
    dataset: Dataset, recipe: Recipe, far: BoolArray, begins: IntArray | None, progress: Progress
) -> Segmentation:
    """Return segments formed of all but some customers, who are placed in them afterwards."""
    rest, others = (
        replace(dataset, frame=dataset.frame.loc[rows], original=dataset.original.loc[rows]) for rows in (~far, far)
    )
    found = fit_segmentation(rest, recipe, start=None if begins is None else begins[~far], progress=progress)
    placed = assign_segments(others, found).segmentation.labels
    return replace(found, labels=pd.concat([found.labels, placed]).loc[dataset.frame.index].rename(found.labels.name))


def _set_aside(far: BoolArray) -> Note:
    rows = (np.flatnonzero(far) + 1).tolist()
    named = ", ".join(f"{row:,}" for row in rows[:MOST_NAMED]) + (", …" if len(rows) > MOST_NAMED else "")
    who = f"1 customer lies far from every segment of before (row {named})"
    if len(rows) > 1:
        who = f"{len(rows):,} customers lie far from every segment of before (rows {named})"
    more = ""
    if len(rows) > MOST_SET_ASIDE * len(far):
        more = " They may be a group: more segments than now may give them one of their own."
    text = (
        f"{who}: set aside while the segments were formed, so that these stay what people know, and placed in the "
        f"nearest afterwards.{more}"
    )
    return Note(text)


def _why(dataset: Dataset, segmentation: Segmentation, columns: Mapping[str, str]) -> str:
    """Return what the check of the new customers says, without any value of theirs: it is kept in the model."""
    try:
        check = check_model(dataset, assign_segments(dataset, segmentation, columns))
    except InvalidSettingError:
        return "The model before did not remember its customers, so it could not tell whether it was still true."
    moved = [f"{each.column} had moved" for each in check.columns if each.level is not Drift.NONE]
    changed = sum(each.changed for each in check.segments)
    if changed:
        moved.append(f"{counted(changed, 'segment')} of {len(check.segments)} held another share of the customers")
    if check.unfit_interval[0] > check.unfit_by_chance:
        moved.append(
            f"{percent_text(check.unfit, 1)} fitted no segment, {percent_text(check.unfit_by_chance, 1)} would by "
            "chance"
        )
    said = "; ".join(moved) or (
        "nothing had changed" if check.advice is Advice.KEEP else "the file was to be looked at"
    )
    return f"{check.advice.value}: {said}."


def carry_on(
    dataset: Dataset, old: Segmentation, new: Segmentation, columns: Mapping[str, str] | None = None
) -> tuple[Segmentation, Succession]:
    """Return new segments under the old names and numbers, where they mean the same.

    The old model places the new dataset too; two segments mean the same where most of the dataset of either are
    in both. A segment keeps its number, and with it its colour, unless a lower number has gone and nothing new takes
    its place; new segments get the numbers that are free.

    Parameters
    ----------
    dataset
        The customers that the new segments were formed from.
    old
        Last month's model.
    new
        Formed from `dataset`; its labels are theirs.
    columns
        Old model's column → file column, for names that the user matched by hand.

    Returns
    -------
    tuple[Segmentation, Succession]
        The segments under their names and numbers, and what they carry on, by these numbers.
    """
    assignment = assign_segments(dataset, old, columns)
    placed, labels = assignment.segmentation.labels.to_numpy(), new.labels.to_numpy()
    unfit = None
    sizes = tuple(extent.size for extent in old.profile.segments) if old.profile is not None else ()
    if dataset.fingerprint != old.trained_on:
        # Models from before they remembered their customers, or that place nobody here, cannot tell.
        with contextlib.suppress(InvalidSettingError):
            unfit = check_model(dataset, assignment).fits_none
    # What carries on is asked first: only the others get names of their own.
    fresh = _fresh_names(
        dataset, old, new, match_segments(placed, labels, old.names, new.names, unfit, sizes).carries_on
    )
    found = match_segments(placed, labels, old.names, fresh, unfit, sizes)
    order = _order(found.carries_on, len(old.names))
    names = tuple(old.names[found.carries_on[each]] if found.carries_on[each] >= 0 else fresh[each] for each in order)
    colours = carried_colours(old, found.carries_on[order].tolist())
    renumbered_found = Succession(found.carries_on[order], found.jaccard[order], found.overlap[order], found.notes)
    return replace(_renumbered(new, order, names, found.notes), colours=colours), renumbered_found


def _fresh_names(dataset: Dataset, old: Segmentation, new: Segmentation, carries_on: IntArray) -> tuple[str, ...]:
    """Return names of segments that carry no old one on, empty for those that do.

    Where the old ones have no names but their numbers, the numbers go on where the old ones end.
    """
    given = tuple(old.names[origin] if origin >= 0 else "" for origin in carries_on)
    if all(given):
        return tuple("" for _ in given)
    # A number may have gone in between.
    numbered = [language().text("names", "default", number=n + 1) for n in range(2 * MAX_SEGMENTS)]
    if set(old.names) <= set(numbered):
        free = (name for name in numbered[len(old.names) :] if name not in old.names)
        return tuple("" if name else next(free) for name in given)
    names = name_new_segments(dataset, new, given, old.names)
    return tuple("" if carried else name for carried, name in zip(given, names, strict=True))


def _order(carries_on: IntArray, n_old: int) -> IntArray:
    """Return the new segments in the order of the numbers that they get: old places first, new ones in the gaps."""
    place = {int(old): number for number, old in enumerate(carries_on) if old >= 0}
    new = [number for number, old in enumerate(carries_on) if old < 0]
    order = []
    for number in range(n_old):
        if number in place:
            order.append(place[number])
        elif new:
            order.append(new.pop(0))
    return np.array([*order, *new], dtype=np.intp)


def _renumbered(
    segmentation: Segmentation, order: IntArray, names: tuple[str, ...], notes: tuple[Note, ...]
) -> Segmentation:
    """Return the same segments with segment `order[i]` called i."""
    clusterer = copy(segmentation.clusterer)
    clusterer.labels_ = renumbered(clusterer.labels_, order)
    clusterer.placement_ = clusterer.placement_.reordered(order)
    clusterer.centres_ = clusterer.centres_[order]
    labels = segmentation.labels.copy()
    labels[:] = renumbered(labels.to_numpy(), order)
    back = np.argsort(order)
    quality, profile = segmentation.quality, segmentation.profile
    if quality is not None:
        quality = replace(quality, per_segment={int(back[key]): value for key, value in quality.per_segment.items()})
    if profile is not None:
        profile = TrainingProfile(profile.columns, tuple(profile.segments[each] for each in order))
    stability = tuple(
        sorted(
            (replace(each, segment=int(back[each.segment])) for each in segmentation.stability),
            key=lambda each: each.segment,
        )
    )
    known = segmentation.known
    if known is not None:
        known = replace(known, labels=tuple(known.labels[each] for each in order))
    return replace(
        segmentation,
        pipeline=Pipeline([("prepare", segmentation.preparation), ("segment", clusterer)]),
        labels=labels,
        names=names,
        quality=quality,
        stability=stability,
        notes=(*segmentation.notes, *notes),
        known=known,
        profile=profile,
    )
