"""A result as a report to take along: a web page, slides, a workbook; and all charts as one page."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from segmenter.charts import CHARTS, is_empty
from segmenter.charts.paper import PICTURES, as_png, as_svg
from segmenter.charts.theme import segment_colours
from segmenter.display import counted
from segmenter.errors.forming import InvalidSettingError
from segmenter.explain.columns import ColumnWords
from segmenter.io.export.csv import to_csv
from segmenter.io.export.excel import workbook
from segmenter.io.writing import write_atomically, zipped
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
from segmenter.progress import Progress, silent
from segmenter.report import build_report, write_pages
from segmenter.report.months import MonthChange, pages_of_months
from segmenter.segment.profile import low_base_key
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
    return {**movement_tables(movement), "joined_and_left.csv": to_csv(joined_and_left(movement))}


def movement_tables(movement: Movement) -> dict[str, bytes]:
    """Return the counts of who moved, and the money where it is known, by file name."""
    files = {"movement.csv": to_csv(movement.customers.reset_index(names="before"))}
    if movement.money is not None:
        files["money.csv"] = to_csv(movement.money.round(2).reset_index(names="before"))
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
    left_out: Mapping[str, str] | None = None,
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
    left_out
        Month, or two of them, → why nothing is said of it; None where nothing is left out.
    """
    pages = pages_of_months(checks, shares, movements, words or {}, left_out or {})
    return write_pages(pages, format, f"{counted(len(checks), 'month')} · Segmenter")


# No other host is asked for anything: the drawing library lies in the page itself. It makes functions of texts of its
# own; where that is forbidden, it says in the place of maps and of customers as lines that the browser knows no WebGL.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
)
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}section{break-inside:avoid}"
    "table{border-collapse:collapse}th,td{padding:.2rem .6rem;border-bottom:1px solid #d5dde3;text-align:right}"
    "th:first-child{text-align:left}"
    "button{font:inherit;padding:.25rem .75rem;margin-right:.5rem;cursor:pointer}"
    ".chart{overflow-x:auto}@media print{button{display:none}}"
)
# Twice as many dots as on the screen, for print. Copying needs a browser that lets pages write to the clipboard.
_SCRIPT: Final = """
for (const button of document.querySelectorAll("button[data-chart]")) {
  const chart = document.getElementById(button.dataset.chart);
  const size = () => ({width: chart.offsetWidth, height: chart.offsetHeight, scale: 2});
  if (button.dataset.format === "copy") {
    if (!navigator.clipboard || !window.ClipboardItem) { button.remove(); continue; }
    button.onclick = async () => {
      const picture = await Plotly.toImage(chart, {...size(), format: "png"});
      const bytes = Uint8Array.from(atob(picture.split(",")[1]), (letter) => letter.charCodeAt(0));
      await navigator.clipboard.write([new ClipboardItem({"image/png": new Blob([bytes], {type: "image/png"})})]);
      button.textContent = "Copied";
    };
    continue;
  }
  button.onclick = () =>
    Plotly.downloadImage(chart, {...size(), format: button.dataset.format, filename: button.dataset.file});
}
"""


def charts_page(result: Result) -> bytes:
    """Return an HTML page of every chart in `CHARTS` that has something to show."""
    with segment_colours(result.segmentation.colours):
        figures = [(chart, chart.draw(result)) for chart in CHARTS.values()]
    key = low_base_key(profile.size for profile in result.profiles)
    first = f"<p>{html.escape(key)}</p>" if key else ""
    return html_page(
        f"{result.segmentation.n_segments} segments of {result.n_placed:,} customers",
        [
            (chart.title, f"<p>{html.escape(chart.help)}</p>{first}", each)
            for chart, each in figures
            if not is_empty(each)
        ],
    )


def html_page(title: str, sections: Sequence[tuple[str, str, go.Figure | None]]) -> bytes:
    """Return a page of sections with their figures that asks no other host for anything.

    Parameters
    ----------
    sections
        Heading as text, words as HTML, and what is drawn below them, if anything.
    """
    written, library = [], True
    for number, (heading, words, figure) in enumerate(sections):
        drawn = ""
        if figure is not None:
            name = f"chart-{number}"
            # Figures take a template of Streamlit's in the app, and a file is the same wherever it is made.
            drawn = (
                go.Figure(figure)
                .update_layout(template="plotly")
                .to_html(full_html=False, include_plotlyjs=library, config={"displaylogo": False}, div_id=name)
            )
            drawn = f'<div class="chart"><div style="min-width:{_least_width(figure)}px">{drawn}</div></div>'
            drawn += f"<p>{_buttons(name, heading)}</p>"
            library = False
        written.append(f"<section><h2>{html.escape(heading)}</h2>{words}{drawn}</section>")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Segments</title><style>{_STYLE}</style>'
        f"<h1>{html.escape(title)}</h1>{''.join(written)}<script>{_SCRIPT}</script></html>"
    )
    return page.encode()


def _least_width(figure: go.Figure) -> int:
    """Return how many pixels a chart needs so that its cells hold their words and its axes stand apart."""
    first = figure.data[0] if figure.data else None
    if isinstance(first, go.Heatmap) and first.x is not None:
        return 150 + 42 * len(first.x)
    return 120 * len(first.dimensions) if isinstance(first, go.Parcoords) else 0


def _buttons(chart: str, heading: str) -> str:
    file = "_".join("".join(letter if letter.isalnum() else " " for letter in heading.lower()).split())[:60]
    return "".join(
        f'<button type="button" data-chart="{chart}" data-file="{html.escape(file)}" data-format="{form}" '
        f'aria-label="{word}: {html.escape(heading)}">{word}</button>'
        for form, word in (("png", "PNG"), ("svg", "SVG"), ("copy", "Copy"))
    )


def pictures_zip(result: Result, progress: Progress = silent) -> bytes:
    """Return every picture in `PICTURES` that has something to show, twice: as dots for slides, as lines for print.

    Parameters
    ----------
    progress
        Is called with the share done, 0 to 1, and what is being done.
    """
    files = {}
    for number, (name, draw) in enumerate(PICTURES.items()):
        progress(number / len(PICTURES), f"Drawing {name.replace('_', ' ')}")
        with segment_colours(result.segmentation.colours):
            figure = draw(result)
        if figure is not None:
            files[f"{name}.png"], files[f"{name}.svg"] = as_png(figure), as_svg(figure)
    return zipped(files)
