"""Single customers: which segment each is in, which comes second, how clear the choice is, and who is typical."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from segmenter.explain.columns import column_words, date_text, forming_first
from segmenter.explain.contrasts import known_numbers
from segmenter.prepare.coerce import to_category
from segmenter.segment.result import BETWEEN_TWO, Result
from segmenter.segment.segmentation import FITS_NONE
from segmenter.table.dataset import ColumnKind

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
        elif (values := known_numbers(column, words, unknown.get(words.column, ()))) is not None:
            for segment in range(segmentation.n_segments):
                own = values[(labels == segment) & np.isfinite(values)]
                show = date_text if words.kind is ColumnKind.DATE else words.text
                cells.append(show(float(np.median(own))) if len(own) else "–")
        if cells:
            rows[words.label[:1].upper() + words.label[1:]] = cells
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(segmentation.names))


def _mode(texts: pd.Series) -> str:
    counts = texts.value_counts()
    return str(counts.index[0]) if len(counts) else "–"
