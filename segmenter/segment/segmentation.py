"""Segmentation: forming segments by a recipe, and everything a saved model knows."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.pipeline import Pipeline

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.disclosure import with_nobodys_points
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.projection import components_of
from segmenter.display import counted, html_view, percent_text
from segmenter.errors.base import check_type
from segmenter.errors.forming import (
    InvalidSettingError,
    TooFewCustomersError,
    TooFewDistinctRowsError,
    UnknownColumnError,
)
from segmenter.prepare.coerce import absent, to_category
from segmenter.prepare.formulas import formulas_used, with_formulas
from segmenter.prepare.preparation import Preparation, Prepared, clusterer_for, feature_groups, prepare
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Edit, EditKind, Recipe, Reduction, Role
from segmenter.sampling import count_distinct
from segmenter.segment.edits import EditPrice, edit_price, edited
from segmenter.segment.quality import (
    Quality,
    SegmentStability,
    Solution,
    TrainingProfile,
    measure_recurrence,
    score_segments,
    stability_of,
    training_profile,
)
from segmenter.table.dataset import Dataset, Note
from segmenter.table.infer.cells import is_missing_word
from segmenter.table.repeats import check_one_row_each
from segmenter.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class MajorityLabelMap:
    """A known label for each segment: the one that most of its customers have.

    Attributes
    ----------
    column
        The column that holds the known labels.
    labels
        One per segment, in segment order; several segments may stand for the same label.
    accuracy
        Share of the labelled customers whose label is predicted by those of the others alone, 0-1.
    baseline
        Share that is predicted by giving everybody the most frequent label, 0-1.
    agreement
        Adjusted Rand index between segments and known labels.
    n_customers
        Number of customers with a segment and a label that this rests on.
    """

    column: str
    labels: tuple[str, ...]
    accuracy: float
    baseline: float
    agreement: float
    n_customers: int


# Below this a saved model places every tenth customer elsewhere than the method did.
LOOSE_AGREEMENT = 0.90


def notes_on(recipe: Recipe, preparation: Preparation, clusterer: SegmentClusterer) -> tuple[Note, ...]:
    """Return what was left out, what the method says about itself, and what to be careful with."""
    return (
        *_left_out(recipe, preparation),
        *_of_the_method(clusterer),
        *_cautions(clusterer, preparation),
        *_counted(recipe, clusterer),
    )


def _counted(recipe: Recipe, clusterer: SegmentClusterer) -> list[Note]:
    """Return what is said where customers count differently, or where segments are formed of components."""
    notes = []
    if recipe.weight_column:
        text = (
            f"Each customer counts as {recipe.weight_column} says: in the segments, their shares, means and tests, and "
            "in the scores. Whether segments are found again is measured with every customer counting the same."
        )
        notes.append(Note(text, column=recipe.weight_column))
    if recipe.reduction is not Reduction.NONE:
        encoder = getattr(clusterer.placement_, "encoder", None)
        number = counted(encoder.n_out, "component") if encoder is not None else "components"
        text = f"The segments are formed of {number} ({recipe.reduction.upper()}); all scores are those of the columns."
        notes.append(Note(text))
    return notes


def _left_out(recipe: Recipe, preparation: Preparation) -> list[Note]:
    used = {each.column for each in preparation.columns_}
    return [
        Note(f"Left out: {spec.column} has the same value in every row.", column=spec.column)
        for spec in recipe.segmenting
        if spec.column not in used
    ]


def _unlisted(dataset: Dataset, recipe: Recipe) -> list[Note]:
    """Return what is said of values that an order does not name."""
    notes = []
    for spec in recipe.segmenting:
        if spec.role is not Role.ORDINAL or not spec.order:
            continue
        values = dataset.frame[spec.column]
        others = to_category(values[values.notna() & absent(values, spec)])
        others = others[~others.map(is_missing_word)]
        if len(others):
            who, have = counted(len(others), "customer"), "has" if len(others) == 1 else "have"
            examples = ", ".join(map(str, others.unique()[:3]))
            text = (
                f"{spec.column}: {who} {have} values that its order does not name, such as {examples}; they count as "
                "missing. Name them in the order, or correct the file."
            )
            notes.append(Note(text, warning=True, column=spec.column))
    return notes


def _of_the_method(clusterer: SegmentClusterer) -> list[Note]:
    """Return what the method says about itself, and how far the rule for new customers follows it."""
    notes = [Note(text) for text in clusterer.notes_]
    if clusterer.agreement_ < 1:
        text = (
            f"The rule that places new customers puts {percent_text(clusterer.agreement_, 1)} of these customers in "
            "the segment in which they were formed."
        )
        notes.append(Note(text, warning=clusterer.agreement_ < LOOSE_AGREEMENT))
    return notes


def _cautions(clusterer: SegmentClusterer, preparation: Preparation) -> list[Note]:
    notes = []
    sizes = np.bincount(clusterer.labels_[clusterer.labels_ >= 0])
    if (sizes == 1).any() and len(sizes) > 1:
        text = "One customer forms a segment alone. Robust scaling, a log or leaving the customer out may help."
        notes.append(Note(text, warning=True))
    if len(preparation.names_) == 1:
        notes.append(Note("The segments, and their silhouette, rest on one column alone: they are bands of it."))
    notes += [
        Note(
            f"{each.column}: values that fewer than {percent_text(each.rare)} of the customers, or fewer than "
            f"{config.SMALL_GROUP}, have count as one."
        )
        for each in preparation.categories_
        if not each.categories
    ]
    return notes


@dataclass(frozen=True)
class Lineage:
    """From which segments others were formed anew.

    Attributes
    ----------
    trained_on
        Fingerprint of the customers that the model before was formed from.
    when
        The day on which it was done, as 2024-05-31.
    why
        What the check of the new customers said, in a sentence or two.
    """

    trained_on: str
    when: str
    why: str


UNASSIGNED = -1
# Colours that a segment can have before two have the same.
PALETTE_SIZE = 12
# What a customer is called that has every value and still is like no segment.
FITS_NONE = "fits no segment"
# Shares of the work: forming the segments, their silhouettes; the rest is finding them again.
FORMED, SCORED = 0.4, 0.6


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation:
    """Segments and everything needed to show, save and reuse them.

    Attributes
    ----------
    pipeline
        One fitted scikit-learn Pipeline `prepare → segment`; `predict` takes a Dataset's frame.
    labels
        One per customer of the file: 0 is the largest segment, -1 is in none. Empty in a loaded model.
    names
        One name per segment.
    trained_on
        Fingerprint of the data the segments were formed from.
    n_trained
        Number of customers the segments were formed from.
    quality
        How well the segments are separated; None where that is undefined (one segment).
    stability
        How reliably each segment is found again, in segment order; empty where there is one segment.
    notes
        What the user should know about this result.
    known
        What each segment stands for among labels known from elsewhere; None where nobody said.
    profile
        How the customers of the fit were spread, to compare next month's with; None in a model that an earlier
        version saved, or one that was converted.
    colours
        Place of the palette by segment, for segments that keep the colour that people know them by under another
        number; empty where each has that of its number.
    verdict
        What the comparison of numbers of segments says of these customers, such as "natural"; empty where there was
        none.
    value_column
        The column that says what a customer is worth; empty where nobody named one.
    lineage
        From which model these segments were formed anew; None for those that were not.
    """

    recipe: Recipe
    pipeline: Pipeline
    labels: pd.Series
    names: tuple[str, ...]
    trained_on: str
    n_trained: int
    quality: Quality | None = None
    stability: tuple[SegmentStability, ...] = ()
    notes: tuple[Note, ...] = ()
    known: MajorityLabelMap | None = None
    profile: TrainingProfile | None = None
    colours: tuple[int, ...] = ()
    verdict: str = ""
    value_column: str = ""
    lineage: Lineage | None = None

    @property
    def preparation(self) -> Preparation:
        """The fitted step that makes the matrix."""
        prepare: Preparation = self.pipeline["prepare"]
        return prepare

    @property
    def clusterer(self) -> SegmentClusterer:
        """The fitted step that places customers."""
        segment: SegmentClusterer = self.pipeline["segment"]
        return segment

    @property
    def agreement(self) -> float:
        """The share of the customers that the rule for new ones gives the segment they were formed in, 0-1."""
        return self.clusterer.agreement_

    def fits_none(self, frame: pd.DataFrame) -> BoolArray:
        """Return which of the labelled customers have every value needed and are like no segment."""
        return (self.labels < 0).to_numpy() & self.preparation.complete(frame)

    @property
    def n_segments(self) -> int:
        """Number of segments there are, which may be fewer than were asked for."""
        return len(self.names)

    def __repr__(self) -> str:
        of = f"of {counted(len(self.labels), 'customer')}"
        if self.labels.empty:  # loaded: the customers are not in it
            of = f"formed from {counted(self.n_trained, 'customer')}"
        return f"<Segmentation: {counted(self.n_segments, 'segment')} {of} by {self.recipe.algorithm}>"

    def _repr_html_(self) -> str:
        sizes = self.labels[self.labels >= 0].value_counts()
        found_again = {each.segment: each for each in self.stability}
        rows = (
            (
                label + 1,
                name,
                None if self.labels.empty else int(sizes.get(label, 0)),
                found_again[label].jaccard if label in found_again else None,
            )
            for label, name in enumerate(self.names)
        )
        notes = (note.text for note in self.notes)
        return html_view(repr(self), ("segment", "name", "customers", "stability"), rows, notes)

    def renamed(self, names: tuple[str, ...]) -> "Segmentation":
        """Return the same segments under other names; blank ones keep the old name, equal ones are numbered."""
        # Half of a pair of surrogates, which no file can hold, is no letter.
        writable = (name.encode("utf-8", "ignore").decode() for name in names)
        cleaned = [new.strip() or old for new, old in zip(writable, self.names, strict=True)]
        return replace(self, names=_distinct(cleaned))


def fit_segmentation(
    dataset: Dataset,
    recipe: Recipe,
    *,
    start: IntArray | None = None,
    solution: Solution | None = None,
    progress: Progress = silent,
) -> Segmentation:
    """Form segments, called "Segment 1" and so on until `name_segments` gives them the names that the screen shows.

    Parameters
    ----------
    dataset
        The customers to group.
    recipe
        Which columns form the segments and how, the method, and the number of segments.
    start
        The segment of each customer to begin from, from 0, -1 for none, shape (n_customers,); K-Means alone can.
    solution
        What `compare_k` found for this number of segments (`selection.solution(k)`): it is not computed again. Where
        it is of other customers or another recipe, the segments are formed as without it.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the columns cannot be used, there are too few different customers for so many segments, or customers stand
        in several rows and nobody has said which one counts.
    ArgumentTypeError
        If an argument is of another type, such as a pandas table where a Dataset is meant.

    Examples
    --------
    >>> from segmenter import Recipe, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> segmentation
    <Segmentation: 5 segments of 300 customers by k-means>
    >>> segmentation.labels.shape
    (300,)
    >>> from segmenter import name_segments
    >>> named = name_segments(dataset, segmentation)  # as on the screen, for tables, charts and files
    >>> segmentation.names[0], named.names[0] == segmentation.names[0]
    ('Segment 1', False)
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    _check_recipe(recipe)
    check_one_row_each(dataset)
    recipe = _without_columns(recipe)
    recipe = replace(recipe, formulas=formulas_used(dataset, recipe))
    dataset = with_formulas(dataset, recipe.formulas)
    prepared = prepare(dataset, recipe)
    _check_rows(prepared.X, recipe.n_segments)
    clusterer = clusterer_for(recipe, feature_groups(prepared.preparation), part(progress, 0.0, FORMED))
    if solution is not None and (start is not None or not solution.answers(clusterer, prepared.X, prepared.weights)):
        solution = None
    if solution is not None:
        clusterer = copy(solution.clusterer)
    elif start is None:
        clusterer.fit(prepared.X, sample_weight=prepared.weights)
    else:
        clusterer.fit_from(prepared.X, start[prepared.kept], prepared.weights)
    clusterer.progress = silent
    formed, clusterer = clusterer, edited(clusterer, prepared.X, recipe.edits, partial(_cells, dataset, prepared.kept))
    if clusterer is not formed:
        # Changed by hand, they are other segments.
        solution = None
    stability = () if solution is None else solution.stability
    if solution is None and clusterer.labels_.max() > 0:
        cut = measure_recurrence(
            components_of(clusterer, prepared.X),
            clusterer.labels_,
            algorithm=clusterer.algorithm,
            settings=clusterer.settings,
            space=clusterer.space if clusterer.reduction == "none" else None,
            progress=part(progress, SCORED, 1.0),
        )
        stability = stability_of(clusterer.labels_, cut.segments)
    clusterer = with_nobodys_points(clusterer, prepared.X)
    labels = np.full(dataset.n_customers, UNASSIGNED, dtype=np.int64)
    labels[prepared.kept] = clusterer.labels_
    return Segmentation(
        recipe=_as_used(recipe, prepared),
        pipeline=Pipeline([("prepare", prepared.preparation), ("segment", clusterer)]),
        labels=pd.Series(labels, index=dataset.frame.index, name="segment"),
        names=tuple(f"Segment {number}" for number in range(1, int(clusterer.labels_.max()) + 2)),
        trained_on=dataset.fingerprint,
        n_trained=len(prepared.X),
        quality=score_segments(
            prepared.X,
            clusterer.labels_,
            weights=prepared.weights,
            width=None if solution is None else solution.width,
            progress=part(progress, FORMED, SCORED),
        ),
        stability=stability,
        notes=(*_unlisted(dataset, recipe), *notes_on(recipe, prepared.preparation, clusterer)),
        profile=training_profile(
            prepared.preparation.columns_,
            dataset.frame,
            prepared.X,
            clusterer.labels_,
            clusterer,
        ),
    )


def _cells(dataset: Dataset, kept: BoolArray, column: str) -> pd.Series:
    """Return the cells of a column, tidy, of the customers that form segments; empty ones are missing."""
    if column not in dataset.original:
        raise UnknownColumnError([column], [each.name for each in dataset.columns])
    cells = dataset.original.loc[kept, column].astype("str").str.strip()
    return cells.mask(cells == "")


def _without_columns(recipe: Recipe) -> Recipe:
    """Return a recipe in which the columns that were left out by hand only describe."""
    out = {edit.column for edit in recipe.edits if edit.kind is EditKind.WITHOUT}
    unknown = out - {spec.column for spec in recipe.features}
    if unknown:
        raise UnknownColumnError(sorted(unknown), [spec.column for spec in recipe.features])
    features = (
        replace(spec, role=Role.DESCRIPTOR) if spec.column in out and spec.segments else spec
        for spec in recipe.features
    )
    return replace(recipe, features=tuple(features)) if out else recipe


def edit_segmentation(
    dataset: Dataset, segmentation: Segmentation, edit: Edit, *, progress: Progress = silent
) -> tuple[Segmentation, EditPrice]:
    """Change formed segments by hand, and say what that costs.

    The same change in the recipe gives the same segments when they are formed.

    Parameters
    ----------
    dataset
        The customers from whom the segments were formed.
    segmentation
        As `fit_segmentation` formed it of them; it stays as it is.
    edit
        The change; one that leaves a column out forms the segments again, and then those that were merged or split
        before are gone; a minimum size and who must stay together hold after every change.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    InvalidSettingError
        If the change cannot be made.
    SegmenterError
        If no segments can be formed without a column.
    """
    old, recipe = segmentation, segmentation.recipe
    kept = (old.labels >= 0).to_numpy() | old.fits_none(dataset.frame)
    X = old.preparation.transform(dataset.frame[kept])
    before = old.labels[kept].to_numpy()
    if edit.kind is EditKind.WITHOUT:
        again = tuple(each for each in recipe.edits if not each.segments)
        new = fit_segmentation(dataset, replace(recipe, edits=(*again, edit)), progress=progress)
        return new, edit_price(X, before, new.labels[kept].to_numpy())
    here = copy(old.clusterer)
    here.labels_ = before
    changed = edited(here, X, (edit,), partial(_cells, dataset, kept), recipe.edits)
    changed = with_nobodys_points(changed, X)
    progress(0.3, "Measuring the price")
    price = edit_price(X, before, changed.labels_)
    labels = old.labels.copy()
    labels[kept] = changed.labels_
    stability: tuple[SegmentStability, ...] = ()
    if changed.labels_.max() > 0:
        found = measure_recurrence(
            X, changed.labels_, algorithm=changed.algorithm, settings=changed.settings, space=changed.space,
            progress=part(progress, 0.4, 1.0),
        )  # fmt: skip
        stability = stability_of(changed.labels_, found.segments)
    origins = _origins(old.n_segments, before, changed.labels_)
    free = (f"Segment {number}" for number in range(old.n_segments + 1, 2 * old.n_segments + len(origins) + 2))
    unused = (name for name in free if name not in old.names)
    names = tuple(old.names[origin] if origin >= 0 else next(unused) for origin in origins)
    new = replace(
        old,
        recipe=replace(recipe, edits=(*recipe.edits, edit)),
        pipeline=Pipeline([("prepare", old.preparation), ("segment", changed)]),
        labels=labels,
        names=names,
        colours=carried_colours(old, origins),
        quality=score_segments(X, changed.labels_),
        stability=stability,
        notes=notes_on(recipe, old.preparation, changed),
        known=None,
        profile=training_profile(old.preparation.columns_, dataset.frame, X, changed.labels_, changed),
    )
    return new, price


def _origins(n_before: int, before: IntArray, after: IntArray) -> list[int]:
    """Return which old segment each new one is, by most customers in common, once each; -1 is a new one."""
    table = np.zeros((int(after.max()) + 1, n_before), dtype=np.intp)
    both = (before >= 0) & (after >= 0)
    np.add.at(table, (after[both], before[both]), 1)
    origins = [-1] * len(table)
    for row, column in zip(*linear_sum_assignment(-table), strict=True):
        if table[row, column]:
            origins[row] = int(column)
    return origins


def carried_colours(old: Segmentation, origins: Sequence[int]) -> tuple[int, ...]:
    """Return the palette's place of each new segment: that of the old one that it carries on, else one not used yet.

    Parameters
    ----------
    old
        The segments before.
    origins
        The old segment, from 0, that each new one carries on; -1 for a new one.
    """
    before = old.colours or tuple(range(old.n_segments))
    carried = {before[origin] for origin in origins if origin >= 0}
    # A colour that stood for other customers is taken again only where there is no other left.
    fresh = [place for place in range(PALETTE_SIZE) if place not in before]
    fresh += [place for place in range(PALETTE_SIZE + len(origins)) if place in before or place >= PALETTE_SIZE]
    free = iter([place for place in fresh if place not in carried])
    found = tuple(before[origin] if origin >= 0 else next(free) for origin in origins)
    return () if found == tuple(range(len(found))) else found


def _check_recipe(recipe: Recipe) -> None:
    if recipe.algorithm not in ALGORITHMS:
        message = f"There is no method {recipe.algorithm!r}. There are: {', '.join(ALGORITHMS)}."
        raise InvalidSettingError(message)
    if not 1 <= recipe.n_segments <= config.MAX_SEGMENTS:
        message = f"{recipe.n_segments} segments were asked for; 1 to {config.MAX_SEGMENTS} are possible."
        raise InvalidSettingError(message)


def _check_rows(X: FloatArray, n_segments: int) -> None:
    if len(X) <= n_segments:
        raise TooFewCustomersError(len(X), n_segments)
    distinct = count_distinct(X, enough=n_segments)
    if distinct < n_segments:
        raise TooFewDistinctRowsError(distinct)


def _as_used(recipe: Recipe, prepared: Prepared) -> Recipe:
    used = {each.column for each in prepared.preparation.columns_}
    features = tuple(
        replace(spec, role=Role.IGNORED) if spec.segments and spec.column not in used else spec
        for spec in recipe.features
    )
    return replace(recipe, features=features)


def _distinct(names: list[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        tries = (name if count == 1 else f"{name} ({count})" for count in range(1, len(names) + 2))
        taken.append(next(each for each in tries if each not in taken))
    return tuple(taken)
