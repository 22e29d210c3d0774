"""Reports to take along. Add a section here: a function from a `ReportSource` to pages, and an entry in `SECTIONS`.

An entry stands in the web page and in the slides, in the order of the registry; those of the appendix come last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from segmenter.charts.theme import segment_colours
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.progress import Progress, part, silent
from segmenter.report.blocks import Page
from segmenter.report.document import document
from segmenter.report.months import MonthChange
from segmenter.report.sections import (
    ReportSource,
    caveats,
    customers_on_two_columns,
    drawn_charts,
    each_segment,
    method,
    money,
    month_done,
    month_drifted,
    month_moved,
    month_then_and_now,
    opening,
    reliability,
    segments_at_a_glance,
    sizes,
    values_in_own_units,
    what_makes_different,
)
from segmenter.report.slides import slides
from segmenter.segment.result import Result


@dataclass(frozen=True)
class Section:
    """One section of a report.

    Attributes
    ----------
    pages
        Its pages; none where there is nothing to say.
    appendix
        Whether it is for those who ask how it was done.
    """

    pages: Callable[[ReportSource], Sequence[Page]]
    appendix: bool = False


SECTIONS: dict[str, Section] = {
    "opening": Section(opening),
    "then-and-now": Section(month_then_and_now),
    "moved": Section(month_moved),
    "drifted": Section(month_drifted),
    "done": Section(month_done),
    "cards": Section(segments_at_a_glance),
    "sizes": Section(sizes),
    "index": Section(what_makes_different),
    "money": Section(money),
    "map": Section(customers_on_two_columns),
    "charts": Section(drawn_charts),
    "segments": Section(each_segment),
    "values": Section(values_in_own_units, appendix=True),
    "reliability": Section(reliability, appendix=True),
    "method": Section(method, appendix=True),
    "caveats": Section(caveats, appendix=True),
}

_WRITERS: Final = {"html": document, "pptx": slides}
# Describing the segments takes about as long as writing them down.
_DESCRIBED: Final = 0.4


def write_pages(pages: Sequence[Page], format: str, source: str, progress: Progress = silent) -> bytes:
    """Return pages as "html" or "pptx"; the first one's title is that of the whole."""
    return _WRITERS[format](pages, title=pages[0].title, source=source, progress=progress)


def build_report(
    result: Result,
    format: str = "html",
    *,
    value_column: str | None = None,
    change: MonthChange | None = None,
    progress: Progress = silent,
) -> bytes:
    """Return a report of segments: whether there are any, who they are, what they bring, and how that was found.

    Of customers who were placed in segments from before it also says what has changed: then and now, which columns have
    moved, what was done, and, where `change` holds it, who moved.

    No customer's row or identifier is in it, nor any column of personal data. The same result gives the same bytes.

    Parameters
    ----------
    result
        The customers and their segments.
    format
        "html" for one web page that needs nothing and prints, "pptx" for slides whose charts can be edited.
    value_column
        The column that says what a customer is worth; None for the result's own, an empty text for none.
    change
        What is known of this month against the one before: `MonthChange(check_model(…), compare_months(…))`; the check
        is made where it is missing.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    InvalidSettingError, UnknownColumnError
        If there is no such format, or no such column of numbers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, Result, build_report, fit_segmentation, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> build_report(Result(dataset, segmentation))[:15]
    b'<!doctype html>'
    """
    check_type(result, Result, "result")
    if format not in _WRITERS:
        message = f"There is no report as {format!r}. There are: {', '.join(_WRITERS)}."
        raise InvalidSettingError(message)
    progress(0.0, "Describing the segments")
    source = ReportSource(result, value_column, change)
    pages: list[Page] = []
    ordered = sorted(SECTIONS.values(), key=lambda section: section.appendix)
    with segment_colours(result.segmentation.colours):
        for number, section in enumerate(ordered):
            pages += section.pages(source)
            progress(_DESCRIBED * (number + 1) / len(ordered), "Describing the segments")
    return write_pages(pages, format, source.footer, part(progress, _DESCRIBED, 1.0))
