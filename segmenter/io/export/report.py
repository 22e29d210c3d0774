"""A result as a report to take along: a web page, slides, or a workbook."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from segmenter.display import counted
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.columns import ColumnWords
from segmenter.io.export.csv import to_csv
from segmenter.io.export.excel import workbook
from segmenter.io.writing import write_atomically
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
from segmenter.progress import Progress, silent
from segmenter.report import build_report, write_pages
from segmenter.report.months import MonthChange, pages_of_months
from segmenter.segment.result import Result


def report_of(
    result: Result,
    format: str,
    *,
    value_column: str | None = None,
    change: MonthChange | None = None,
    progress: Progress = silent,
) -> bytes:
    """Return a result as "html", "pptx" or "xlsx", as in `write_report`."""
    if format == "xlsx":
        return workbook(result, progress, value_column=value_column)
    return build_report(result, format, value_column=value_column, change=change, progress=progress)


def report_page(result: Result, progress: Progress = silent) -> bytes:
    """Return the report as one web page."""
    return report_of(result, "html", progress=progress)


def report_slides(result: Result, progress: Progress = silent) -> bytes:
    """Return the report as slides."""
    return report_of(result, "pptx", progress=progress)


def write_report(
    result: Result,
    path: str | Path,
    *,
    value_column: str | None = None,
    change: MonthChange | None = None,
    progress: Progress = silent,
) -> Path:
    """Write a report of segments into a file and return its path.

    Parameters
    ----------
    result
        The customers and their segments.
    path
        Its ending says what is written: `.html` for a web page that needs nothing and prints, `.pptx` for slides
        whose charts can be edited, `.xlsx` for a workbook that also holds the labelled customers.
    value_column
        The column that says what a customer is worth; None for the result's own, an empty text for none.
    change
        What is known of this month against the one before, as in `build_report`.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    InvalidSettingError, UnknownColumnError
        If there is no report of that ending, or no such column of numbers.
    TooManyRowsForExcelError
        If there are more customers than a sheet of a workbook has rows.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from segmenter import Recipe, Result, fit_segmentation, read_sample, suggest_features, write_report
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(Result(dataset, segmentation), f"{folder}/report.pptx").suffix
    '.pptx'
    """
    target = Path(path)
    format = target.suffix.lower().removeprefix(".")
    if format not in ("html", "pptx", "xlsx"):
        message = f"There is no report as {target.name!r}. Its name must end in .html, .pptx or .xlsx."
        raise InvalidSettingError(message)
    write_atomically(target, report_of(result, format, value_column=value_column, change=change, progress=progress))
    return target


def movement_files(movement: Movement) -> dict[str, bytes]:
    """Return who moved, by file name: counts, money where it is known, and who joined and left each segment.

    Parameters
    ----------
    movement
        What `compare_months` found.
    """
    files = {"movement.csv": to_csv(movement.customers.reset_index(names="before"))}
    if movement.money is not None:
        files["money.csv"] = to_csv(movement.money.round(2).reset_index(names="before"))
    files["joined_and_left.csv"] = to_csv(joined_and_left(movement))
    return files


def joined_and_left(movement: Movement) -> pd.DataFrame:
    """Return one row per customer and segment that it has joined or left: `id`, `segment`, `what`."""
    joined = [
        pd.DataFrame({"id": movement.joined(name), "segment": name, "what": "joined"}) for name in movement.now.names
    ]
    left = [
        pd.DataFrame({"id": movement.left(name), "segment": name, "what": "left"}) for name in movement.before.names
    ]
    return pd.concat([*joined, *left], ignore_index=True)


def months_report(
    checks: Mapping[str, ModelCheck | None],
    shares: pd.DataFrame,
    movements: Sequence[Movement],
    format: str,
    words: Mapping[str, ColumnWords] | None = None,
) -> bytes:
    """Return a report of all months: still true or not, shares over time, who moved, what has drifted.

    Parameters
    ----------
    checks
        Month → whether the model is still true of it; None where that cannot be told.
    shares
        A row per month, a column per segment.
    movements
        From each month to the next.
    format
        "html" for one web page that needs nothing and prints, "pptx" for slides whose charts can be edited.
    words
        How the model's columns are spoken of; None for their own names.
    """
    return write_pages(
        pages_of_months(checks, shares, movements, words or {}), format, f"{counted(len(checks), 'month')} · Segmenter"
    )
