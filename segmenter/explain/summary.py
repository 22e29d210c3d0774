"""The segments side by side: one row a column, one column a segment, rounded by size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.base import check_type
from segmenter.explain.cards import describe_labels, labels_of_all
from segmenter.explain.columns import column_words, forming_first, percent_text
from segmenter.explain.contrasts import Contrast, contrasts
from segmenter.explain.money import total_text, words_of_value
from segmenter.progress import Progress, silent
from segmenter.segment.profile import LOW_BASE, VERY_LOW_BASE, low_base
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import ColumnKind, Dataset

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
    dataset: Dataset, segmentation: Segmentation, *, value_column: str | None = None
) -> tuple[SummaryRow, ...]:
    """Return sizes, every column that describes customers, and the sum of the value column.

    Highest and lowest are compared as they are displayed: what reads the same is the same.
    """
    labels = labels_of_all(dataset, segmentation.recipe, segmentation.labels)
    k = segmentation.n_segments
    words = forming_first(column_words(dataset, segmentation.recipe))
    cards = describe_labels(dataset, segmentation.recipe, labels, names=segmentation.names, value_column=value_column)
    sizes = [card.size for card in cards]
    rows = [
        _row("", "Customers", "customers", f"{sum(sizes):,}", [f"{size:,}" for size in sizes], [sum(sizes), *sizes]),
        _row("", "Share", "share", "100 %", [f"{card.percent} %" for card in cards], [1.0, *(c.share for c in cards)]),
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
            _row(money[0].column, f"{_capital(spoken.label)}, total", "sum", total_text(spoken, total),
                 [each.sum_text for each in money], [total, *(each.sum for each in money)])
        )  # fmt: skip
    return tuple(rows)


def _row_of(contrast: Contrast) -> SummaryRow:
    words = contrast.words
    show = words.text if contrast.level is None else percent_text
    label = _capital(words.label) if contrast.level is None else f"{_capital(words.label)}: {contrast.level}"
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
    rows = summary_rows(dataset, segmentation, value_column=value_column)
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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
