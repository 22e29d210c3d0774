"""A card for each segment, and the segments side by side: name, sentence, what marks it, size, reliance, money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from segmenter import config
from segmenter.display import capitalised, html_view, percent_text, whole_percent
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.columns import ColumnWords, column_words, date_text, forming_first
from segmenter.explain.contrasts import Contrast, contrasts, known_numbers
from segmenter.explain.language import language
from segmenter.explain.money import Money, checked_value_column, money_of, total_text, words_of_value
from segmenter.explain.names import CLEARLY, clause_of, is_default, suggest_names
from segmenter.prepare.coerce import complete_rows, to_category
from segmenter.prepare.weights import customer_weights
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe
from segmenter.segment.profile import LOW_BASE, VERY_LOW_BASE, low_base
from segmenter.segment.quality import Light, SegmentStability
from segmenter.segment.result import BETWEEN_TWO, Result
from segmenter.segment.segmentation import FITS_NONE, Segmentation
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.typing import FloatArray, IntArray

MARKERS_ON_A_CARD: Final = 3
# One word for one measure: on every page, in reports, files and on the command line.
LIGHT_WORDS: Final = {Light.GREEN: "Reliable", Light.AMBER: "Doubtful", Light.RED: "Unreliable"}
# Nearer to the average than this, in per cent, a comparison would only repeat "about average".
_COMPARED_FROM: Final = 10.0
_TIMES_FROM: Final = 195.0

Direction = Literal["above", "below", "average"]


@dataclass(frozen=True)
class Marker:
    """One column in which a segment stands apart from everyone.

    Attributes
    ----------
    column
        As in the dataset; `label` is its name in words.
    level
        The value of a category whose share this is; None for numbers.
    statistic
        What `value` and `overall` are: "mean", "median", or "share".
    value, overall
        Of the segment, and of all customers in segments: in the column's own unit, shares 0-1, dates as nanoseconds
        since 1970.
    text, overall_text
        The same in the column's own unit and rounded by size: "87 k$".
    direction
        Whether the segment lies above or below everyone; "average" where the two read the same.
    effect
        How far, in standard deviations; of skewed columns, of the ranks.
    index
        100 · `value` / `overall`; None where a ratio has no meaning.
    phrase
        What the sentence says of it: "earning 87 k$".
    """

    column: str
    label: str
    level: str | None
    statistic: str
    value: float
    overall: float
    text: str
    overall_text: str
    direction: Direction
    effect: float
    index: float | None
    phrase: str


@dataclass(frozen=True)
class SegmentCard:
    """One segment in words.

    Attributes
    ----------
    segment
        1 for the largest.
    name
        The user's, where somebody named it; else the suggested one.
    suggested
        Made of the columns in which it stands apart; different from every other segment's.
    sentence
        Size and markers in one sentence, every number a cell of the segment's profile.
    traits
        The same without the size: "About 33 years old, earning 87 k$, spending score 82 of 100."
    size, share
        Customers, and their share of those in segments, 0-1, or of all where they were placed in others' segments;
        `percent` is the share in whole per cent, halves up: as everywhere, so all cards' may add up to a little more or
        less than 100.
    stability
        How reliably it is found again; None where that is not known.
    markers
        The columns in which it stands apart most, in the file's order; at most three.
    money
        What it brings; None where no column says what a customer is worth.
    low_base
        "**" under 30 customers, "*" under 60: figures of so few are uncertain.
    """

    segment: int
    name: str
    suggested: str
    sentence: str
    traits: str
    size: int
    share: float
    percent: int
    stability: SegmentStability | None
    markers: tuple[Marker, ...]
    money: Money | None
    low_base: str

    @property
    def light(self) -> Light | None:
        """The traffic light of its stability; None where that is not known."""
        return self.stability.light if self.stability else None

    def __repr__(self) -> str:
        return f"<SegmentCard {self.segment} {self.name!r}: {self.sentence}>"

    def _repr_html_(self) -> str:
        rows = [(each.label, each.text, each.overall_text) for each in self.markers]
        notes = (self.sentence, self.money.text if self.money else "")
        return html_view(f"{self.segment} {self.name}", ("column", "here", "everyone"), rows, notes)


def describe_segments(
    dataset: Dataset,
    segmentation: Segmentation,
    *,
    value_column: str | None = None,
    placed: bool = False,
    progress: Progress = silent,
) -> tuple[SegmentCard, ...]:
    """Describe each segment in words: a name, a sentence in the file's own units, three markers and what it brings.

    Names that somebody gave are kept; the others are made of the columns in which a segment stands clearly apart.
    Columns that tell what the law protects name nobody, and personal data is never looked at.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them, or `assign_segments(…).segmentation`.
    value_column
        The column that says what a customer is worth; None for the one that `suggest_value_column` proposes, an
        empty text for none.
    placed
        Whether the customers were placed in segments that others formed: shares are then those of all customers, also
        of those in no segment, and nothing is said of the reliability of a segment that hardly anybody is in.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers, or there is no such column of numbers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, describe_segments, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> [card.segment for card in describe_segments(dataset, segmentation)]
    [1, 2, 3, 4, 5]
    """
    check_type(dataset, Dataset, "dataset")
    check_type(segmentation, Segmentation, "segmentation")
    return describe_labels(
        dataset,
        segmentation.recipe,
        segmentation.labels.to_numpy(),
        names=segmentation.names,
        stability=segmentation.stability,
        value_column=value_column,
        known=segmentation.known.column if segmentation.known else "",
        placed=placed,
        progress=progress,
    )


def describe_labels(  # noqa: PLR0913 - what was decided about the segments, each by its name
    dataset: Dataset,
    recipe: Recipe,
    labels: ArrayLike,
    *,
    names: Sequence[str] = (),
    stability: Sequence[SegmentStability] = (),
    value_column: str | None = None,
    known: str = "",
    placed: bool = False,
    progress: Progress = silent,
) -> tuple[SegmentCard, ...]:
    """Describe segments that are given by labels alone, such as those of a number that is only looked at.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        Says which columns formed the segments.
    labels
        Shape (n_customers,), 0 for the first segment, -1 for customers in none; or one for each customer that the
        recipe does not leave out, as in `KSelection.labels`.
    names
        Names that somebody gave, one for each segment; "Segment 1" and the like count as none.
    stability
        How reliably each segment is found again, as in `KSelection.found_again`.
    value_column, placed
        As in `describe_segments`.
    known
        The column of labels known from elsewhere, which neither names nor describes a segment; none where it is empty.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the labels are not those of these customers, or there is no such column of numbers.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    found_labels = labels_of_all(dataset, recipe, labels)
    k = max(len(names), int(found_labels.max(initial=-1)) + 1)
    progress(0.0, "Looking at the columns")
    words = column_words(dataset, recipe)
    found = contrasts(dataset, recipe, _telling(words, known), found_labels, k, progress=part(progress, 0.1, 0.9))
    suggested = suggest_names(found, k)
    weights = customer_weights(dataset, recipe)
    money = _money(dataset, words, found_labels, k, value_column, weights, of_all=placed)
    sizes = np.bincount(found_labels[found_labels >= 0], minlength=k)
    shares = sizes / max(len(found_labels) if placed else int(sizes.sum()), 1)
    if weights is not None and sizes.sum():
        counted = np.bincount(found_labels[found_labels >= 0], weights[found_labels >= 0], minlength=k)
        shares = counted / (weights.sum() if placed else counted.sum())
    # Of others' segments it is known how reliable they were, of those that are here now nothing.
    lights = {each.segment: each for each in stability if not placed or sizes[each.segment] >= config.SMALL_GROUP}
    cards = []
    for segment in range(k):
        size = int(sizes[segment])
        markers = _markers(found, segment) if size else ()
        traits = _traits(markers) if size else language().text("sentence", "empty")
        given = names[segment] if segment < len(names) else ""
        cards.append(
            SegmentCard(
                segment=segment + 1,
                name=given if given and not is_default(given, segment + 1) else suggested[segment],
                suggested=suggested[segment],
                sentence=_sentence(size, traits),
                traits=f"{traits[:1].upper()}{traits[1:]}." if traits else "",
                size=size,
                share=float(shares[segment]),
                percent=whole_percent(float(shares[segment])),
                stability=lights.get(segment),
                markers=markers,
                money=money[segment] if money else None,
                low_base=low_base(size),
            )
        )
    progress(1.0, "Described")
    return tuple(cards)


def name_segments(dataset: Dataset, segmentation: Segmentation, *, progress: Progress = silent) -> Segmentation:
    """Return the segmentation with suggested names in the place of "Segment 1" and the like.

    Names that somebody gave stay. The names travel with the segmentation into every chart, table, file and model.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, fit_segmentation, name_segments, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> len(set(name_segments(dataset, segmentation).names))
    5
    """
    cards = describe_segments(dataset, segmentation, value_column="", progress=progress)
    return segmentation.renamed(tuple(card.name for card in cards))


def placed_customers(dataset: Dataset, segmentation: Segmentation) -> tuple[IntArray, IntArray]:
    """Return the rows of the customers in segments and their segments, both (n_placed,), of arguments that are checked.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(segmentation, Segmentation, "segmentation")
    labels = labels_of_all(dataset, segmentation.recipe, segmentation.labels)
    placed = np.flatnonzero(labels >= 0)
    return placed, labels[placed]


def name_new_segments(
    dataset: Dataset, segmentation: Segmentation, given: Sequence[str], taken: Sequence[str]
) -> tuple[str, ...]:
    """Return the names of segments some of which carry earlier ones on, and suggest one for each of the others.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        Segments that were formed anew.
    given
        The name that each carries on; empty where it is new.
    taken
        Names that mean other customers, also where no segment has them any more.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    """
    recipe, k = segmentation.recipe, segmentation.n_segments
    labels = labels_of_all(dataset, recipe, segmentation.labels)
    telling = _telling(column_words(dataset, recipe), segmentation.known.column if segmentation.known else "")
    return suggest_names(contrasts(dataset, recipe, telling, labels, k), k, given, taken)


def _telling(words: Sequence[ColumnWords], known: str) -> tuple[ColumnWords, ...]:
    """Return the columns that describe segments: what they are held against says nothing unless it formed them."""
    return tuple(each for each in words if each.forming or each.column != known)


def name_edited_segments(
    dataset: Dataset, before: Segmentation, after: Segmentation, *, progress: Progress = silent
) -> Segmentation:
    """Return segments changed by hand under names that are true of them.

    A name that somebody gave stays, with the larger part of what was merged or split. A suggested one says what is true
    of its customers: where they are others now, it is suggested anew.

    Parameters
    ----------
    dataset
        The customers whose labels both segmentations have, in the same order.
    before, after
        The segments before and after the change.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If a segmentation has no labels of these customers.
    """
    cards = describe_segments(dataset, before, value_column="", progress=part(progress, 0.0, 0.5))
    suggested = {card.name: card.segment - 1 for card in cards if card.name == card.suggested}
    then, now = before.labels.to_numpy(), after.labels.to_numpy()
    names = [
        language().text("names", "default", number=segment + 1)
        if name in suggested and not np.array_equal(now == segment, then == suggested[name])
        else name
        for segment, name in enumerate(after.names)
    ]
    renamed = after.renamed(tuple(names))
    return name_segments(dataset, renamed, progress=part(progress, 0.5, 1.0))


def labels_of_all(dataset: Dataset, recipe: Recipe, labels: ArrayLike) -> IntArray:
    """Return one label for each customer of the dataset, -1 for those in no segment, shape (n_customers,).

    Raises
    ------
    InvalidSettingError
        If the labels are neither of all customers nor of those that the recipe keeps.
    """
    given = np.asarray(labels, dtype=np.intp)
    if len(given) == dataset.n_customers:
        return given
    kept = complete_rows(dataset, recipe.segmenting)
    if len(given) == int(kept.sum()):
        found = np.full(dataset.n_customers, -1, dtype=np.intp)
        found[kept] = given
        return found
    message = (
        f"These segments have labels of {len(given):,} customers, and {dataset.name} has {dataset.n_customers:,}. "
        "Place its customers with assign_segments first, and describe the segmentation that it returns."
    )
    raise InvalidSettingError(message)


def _money(
    dataset: Dataset,
    words: Sequence[ColumnWords],
    labels: IntArray,
    k: int,
    value_column: str | None,
    weights: FloatArray | None,
    *,
    of_all: bool,
) -> tuple[Money, ...]:
    name = checked_value_column(dataset, value_column)
    if name is None:
        return ()
    return money_of(dataset, words_of_value(words, name), labels, k, weights, of_all=of_all)


def _markers(found: Sequence[Contrast], segment: int) -> tuple[Marker, ...]:
    """Return the columns in which a segment stands apart most: of those that formed it first, one value a category."""
    able = [
        each for each in found
        if np.isfinite(each.values[segment]) and each.known[segment] >= 0.5
        and (each.words.forming or not each.words.protected)
    ]  # fmt: skip
    usable = [each for each in able if each.words.forming or _sets_apart(each, segment)]
    # Of a category, the value that the segment has more of than everyone says most.
    ranked = sorted(usable, key=lambda each: (not each.words.forming, -_strength(each, segment)))
    chosen: dict[str, Contrast] = {}
    for each in ranked:
        if len(chosen) < MARKERS_ON_A_CARD:
            chosen.setdefault(each.words.column, each)
    order = {id(each): place for place, each in enumerate(found)}
    return tuple(_marker(each, segment) for each in sorted(chosen.values(), key=lambda each: order[id(each)]))


def _strength(contrast: Contrast, segment: int) -> float:
    effect = float(contrast.effects[segment])
    return abs(effect) if contrast.level is None or effect > 0 else abs(effect) / 10


def _sets_apart(contrast: Contrast, segment: int) -> bool:
    """Whether a column that only describes says something of a segment, and of more than a handful of people."""
    if abs(float(contrast.effects[segment])) < CLEARLY:
        return False
    return contrast.level is None or contrast.n_have >= config.SMALL_GROUP


def _marker(contrast: Contrast, segment: int) -> Marker:
    words, value, index = contrast.words, float(contrast.values[segment]), float(contrast.index[segment])
    show = words.text if contrast.level is None else percent_text
    text, overall = show(value), show(contrast.overall)
    direction: Direction = "average"
    if text != overall:
        direction = "above" if value > contrast.overall else "below"
    return Marker(
        column=words.column,
        label=words.label,
        level=contrast.level,
        statistic=contrast.statistic,
        value=value,
        overall=contrast.overall,
        text=text,
        overall_text=overall,
        direction=direction,
        effect=float(contrast.effects[segment]),
        index=index if np.isfinite(index) else None,
        phrase=clause_of(contrast, segment),
    )


def _traits(markers: Sequence[Marker]) -> str:
    """Return what marks a segment, and how far its strongest mean lies from the average."""
    text = language().text
    strongest = max(
        (
            each
            for each in markers
            if each.statistic == "mean" and each.index is not None and each.direction != "average"
        ),
        key=lambda each: abs(each.effect),
        default=None,
    )
    said = []
    for each in markers:
        compared = _comparison(each) if each is strongest and each.value else ""
        said.append(each.phrase + (text("sentence", "compared", comparison=compared) if compared else ""))
    return text("sentence", "joint").join(said)


def _comparison(marker: Marker) -> str:
    assert marker.index is not None
    apart = marker.index - 100
    if abs(apart) < _COMPARED_FROM:
        return ""
    if marker.index >= _TIMES_FROM:
        return language().text("sentence", "times", value=f"{marker.index / 100:.1f}".removesuffix(".0"))
    if apart > 0:
        return language().text("sentence", "above", value=f"{apart:.0f} %")
    return language().text("sentence", "below", value=percent_text(-apart / 100))


def _sentence(size: int, traits: str) -> str:
    one, many = language().texts["sentence"]["customers"]
    count = (one if size == 1 else many).format(n=f"{size:,}")
    return f"{count}, {traits}." if size and traits else f"{count}."


MOST_LISTED: Final = 10_000


@dataclass(frozen=True, eq=False)
class CustomerList:
    """Customers to look through.

    Attributes
    ----------
    table
        One row a customer: `row` (of the file, from 1), `segment`, `second best`, `margin`, `light`, then the
        file's columns that describe or name a customer, as they were read; those between two segments come first.
    n_found
        How many there are; more than rows where the list is cut.
    """

    table: pd.DataFrame
    n_found: int


def list_customers(
    result: Result, segments: tuple[int, ...] = (), search: str = "", *, only_between: bool = False
) -> CustomerList:
    """Return the customers of some segments whose cells hold a text, those that fit least clearly first.

    Parameters
    ----------
    segments
        From 1; empty for all, and for customers in none.
    search
        Looked for in every column, whatever its capitals.
    only_between
        Whether only customers are listed who stand between two segments.
    """
    labels, margins = result.segmentation.labels.to_numpy(), result.margins
    chosen = np.isin(labels, [each - 1 for each in segments]) if segments else np.ones(len(labels), dtype=bool)
    if only_between:
        chosen &= margins.margin < BETWEEN_TWO
    rows = np.flatnonzero(chosen)
    shown = result.dataset.original
    if search.strip():
        wanted = search.strip().casefold()
        texts = shown.iloc[rows].astype("str")
        hits = np.zeros(len(rows), dtype=bool)
        for name in texts:
            hits |= texts[name].str.casefold().str.contains(wanted, regex=False, na=False).to_numpy(dtype=bool)
        rows = rows[hits]
    order = np.argsort(np.nan_to_num(margins.margin[rows], nan=np.inf), kind="stable")
    listed = rows[order][:MOST_LISTED]
    names = np.array([*result.segmentation.names, FITS_NONE], dtype=object)
    head = pd.DataFrame(
        {
            "row": listed + 1,
            "segment": names[labels[listed]],
            "second best": names[margins.second[listed]],
            "margin": margins.margin[listed],
            "light": margins.light[listed],
        }
    )
    head.loc[margins.second[listed] < 0, "second best"] = ""
    body = shown.iloc[listed].reset_index(drop=True)
    free = [name for name in body if name not in head]
    return CustomerList(pd.concat([head, body[free]], axis=1), len(rows))


def typical_customers(result: Result) -> pd.DataFrame:
    """Return a made-up customer for each segment: the middle of its numbers, the most frequent of its values.

    One row a column, one column a segment, under the segments' names; texts in the columns' own units. Nobody of the
    file need be like it in every column, and nobody is shown.
    """
    dataset, segmentation = result.dataset, result.segmentation
    labels = segmentation.labels.to_numpy()
    unknown = {spec.column: spec.unknown for spec in segmentation.recipe.features}
    rows: dict[str, list[str]] = {}
    for words in forming_first(column_words(dataset, segmentation.recipe)):
        column = dataset.frame[words.column]
        cells = []
        if words.counted or words.is_share:
            written = column if words.counted else dataset.original[words.column].where(column.notna())
            texts = to_category(written)
            cells = [_mode(texts[labels == segment]) for segment in range(segmentation.n_segments)]
            if words.is_share:
                # A yes that the file writes as 1 is read as a number.
                cells = [_ANSWERS.get(cell, cell) for cell in cells]
        elif (values := known_numbers(column, words, unknown.get(words.column, ()))) is not None:
            for segment in range(segmentation.n_segments):
                own = values[(labels == segment) & np.isfinite(values)]
                show = date_text if words.kind is ColumnKind.DATE else words.text
                cells.append(show(float(np.median(own))) if len(own) else "–")
        if cells:
            rows[words.label[:1].upper() + words.label[1:]] = cells
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(segmentation.names))


_ANSWERS: Final = {"1": "yes", "0": "no", "1.0": "yes", "0.0": "no"}


def _mode(texts: pd.Series) -> str:
    counts = texts.value_counts()
    return str(counts.index[0]) if len(counts) else "–"


# More values of one category than these, the most frequent, make a table that nobody reads.
MOST_LEVELS: Final = 6


@dataclass(frozen=True)
class SummaryRow:
    """One column, or one value of a category, in every segment.

    Attributes
    ----------
    column
        As in the dataset; empty for sizes.
    label
        In words.
    figure
        What the cells are: "customers", "mean", "median", "share", "sum".
    everyone, cells
        In the column's own unit and rounded by size; one cell a segment.
    numbers
        The same as numbers, everyone first, dates as nanoseconds since 1970, shares 0-1.
    highest, lowest
        Which segments read the highest and the lowest, from 1; empty where all read the same.
    """

    column: str
    label: str
    figure: str
    everyone: str
    cells: tuple[str, ...]
    numbers: tuple[float, ...]
    highest: tuple[int, ...] = ()
    lowest: tuple[int, ...] = ()


def summary_rows(
    dataset: Dataset,
    segmentation: Segmentation,
    *,
    value_column: str | None = None,
    placed: bool = False,
    cards: Sequence[SegmentCard] = (),
) -> tuple[SummaryRow, ...]:
    """Return sizes, every column that describes customers, and the sum of the value column.

    Highest and lowest are compared as they are displayed: what reads the same is the same. `placed` is as in
    `describe_segments`, and `cards` are what that returned for them and the value column, where somebody has them.
    """
    labels = labels_of_all(dataset, segmentation.recipe, segmentation.labels)
    k = segmentation.n_segments
    words = forming_first(column_words(dataset, segmentation.recipe))
    cards = cards or describe_labels(
        dataset, segmentation.recipe, labels, names=segmentation.names, value_column=value_column, placed=placed
    )
    sizes = [card.size for card in cards]
    # Of customers who were placed, those in segments need not be all.
    shares = [sum(card.share for card in cards) if placed else 1.0, *(card.share for card in cards)]
    percent = sum(card.percent for card in cards) if placed else 100
    rows = [
        _row("", "Customers", "customers", f"{sum(sizes):,}", [f"{size:,}" for size in sizes], [sum(sizes), *sizes]),
        _row("", "Share", "share", f"{percent} %", [f"{card.percent} %" for card in cards], shares),
    ]
    shown: dict[str, int] = {}
    for each in contrasts(dataset, segmentation.recipe, words, labels, k):
        shown[each.words.column] = shown.get(each.words.column, 0) + 1
        # What few customers have could point at one of them.
        few = each.n_have < config.SMALL_GROUP and not each.words.forming
        if each.level is None or (shown[each.words.column] <= MOST_LEVELS and not few):
            rows.append(_row_of(each))
    money = [card.money for card in cards if card.money]
    if money:
        total, spoken = sum(each.sum for each in money), words_of_value(words, money[0].column)
        rows.append(
            _row(money[0].column, f"{capitalised(spoken.label)}, total", "sum", total_text(spoken, total),
                 [each.sum_text for each in money], [total, *(each.sum for each in money)])
        )  # fmt: skip
        held = [each.share for each in money if each.share is not None]
        if held:
            # Of the same total as on the cards: of placed customers, those in no segment are part of it.
            of_all = sum(held) if placed else 1.0
            rows.append(
                _row(money[0].column, f"{capitalised(spoken.label)}, share of the total", "share",
                     percent_text(of_all), list(map(percent_text, held)), [of_all, *held])
            )  # fmt: skip
    return tuple(rows)


def _row_of(contrast: Contrast) -> SummaryRow:
    words = contrast.words
    show = words.text if contrast.level is None else percent_text
    label = capitalised(words.label) if contrast.level is None else f"{capitalised(words.label)}: {contrast.level}"
    cells = ["–" if not np.isfinite(value) else show(float(value)) for value in contrast.values]
    return _row(
        words.column, label, contrast.statistic, show(contrast.overall), cells, [contrast.overall, *contrast.values]
    )


def _row(
    column: str, label: str, figure: str, everyone: str, cells: Sequence[str], numbers: Sequence[float]
) -> SummaryRow:
    values = [float(value) for value in numbers[1:]]
    known = [place for place, value in enumerate(values) if np.isfinite(value)]
    highest: tuple[int, ...] = ()
    lowest: tuple[int, ...] = ()
    if len({cells[place] for place in known}) > 1:
        top = cells[max(known, key=lambda place: values[place])]
        bottom = cells[min(known, key=lambda place: values[place])]
        highest = tuple(place + 1 for place in known if cells[place] == top)
        lowest = tuple(place + 1 for place in known if cells[place] == bottom)
    return SummaryRow(column, label, figure, everyone, tuple(cells), tuple(map(float, numbers)), highest, lowest)


def summarise_segments(
    dataset: Dataset,
    segmentation: Segmentation,
    *,
    value_column: str | None = None,
    placed: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return the segments side by side: one row a column, one column a segment, rounded by size.

    The columns are `column`, `figure` (customers, mean, median, share, sum), `everyone` and one for each segment,
    under its name. Shares are in per cent; dates are days. Where segments are small, a last row counts their stars.

    Parameters
    ----------
    dataset
        The customers whose labels the segmentation has, in the same order.
    segmentation
        What `fit_segmentation` returned for them, or `assign_segments(…).segmentation`.
    value_column
        The column that is summed up; None for the one that `suggest_value_column` proposes, an empty text for none.
    placed
        As in `describe_segments`.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the segmentation has no labels of these customers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, fit_segmentation, read_sample, suggest_features, summarise_segments
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> list(summarise_segments(dataset, segmentation)["column"][:3])
    ['Customers', 'Share', 'Age']
    """
    check_type(dataset, Dataset, "dataset")
    check_type(segmentation, Segmentation, "segmentation")
    progress(0.0, "Putting the segments side by side")
    decimals = {each.column: each.decimals for each in column_words(dataset, segmentation.recipe)}
    dates = {column.name for column in dataset.columns if column.kind is ColumnKind.DATE}
    headers = ["everyone", *segmentation.names]
    lines: list[list[object]] = []
    rows = summary_rows(dataset, segmentation, value_column=value_column, placed=placed)
    for row in rows:
        if row.column in dates:
            cells: list[object] = [row.everyone, *row.cells]
        else:
            cells = [_rounded(number, row.figure, decimals.get(row.column, 0)) for number in row.numbers]
        lines.append([row.label, f"{row.figure}, %" if row.figure == "share" else row.figure, *cells])
    sizes = [int(size) for size in rows[0].numbers[1:]]
    if any(map(low_base, sizes)):
        # As numbers, so that the columns of the file stay columns of numbers.
        label = f"Stars: 1 for fewer than {LOW_BASE} customers, 2 for fewer than {VERY_LOW_BASE}"
        lines.append([label, "stars", None, *(len(low_base(size)) for size in sizes)])
    progress(1.0, "Side by side")
    return pd.DataFrame(lines, columns=["column", "figure", *headers])


def _rounded(number: float, figure: str, decimals: int) -> float | int | None:
    if not np.isfinite(number):
        return None
    if figure == "share":
        return round(100 * number, 1)
    places = 0 if figure == "customers" or (figure == "sum" and abs(number) >= 100) else decimals
    return round(number) if places == 0 else round(number, places)
