"""Every registered chart of a result, as one web page that needs no network; each can be taken out as PNG or SVG."""

import html
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from segmenter.charts import CHARTS, is_empty
from segmenter.charts.paper import PICTURES, as_png, as_svg
from segmenter.charts.theme import segment_colours
from segmenter.io.writing import zipped
from segmenter.progress import Progress, silent
from segmenter.segment.profile import low_base_key
from segmenter.segment.result import Result

# No other host is asked for anything: the drawing library lies in the page itself.
_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}section{break-inside:avoid}"
    "table{border-collapse:collapse}th,td{padding:.2rem .6rem;border-bottom:1px solid #d5dde3;text-align:right}"
    "th:first-child{text-align:left}"
    "button{font:inherit;padding:.25rem .75rem;margin-right:.5rem;cursor:pointer}"
    "@media print{button{display:none}}"
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
            drawn = figure.to_html(
                full_html=False, include_plotlyjs=library, config={"displaylogo": False}, div_id=name
            )
            drawn += f"<p>{_buttons(name, heading)}</p>"
            library = False
        written.append(f"<section><h2>{html.escape(heading)}</h2>{words}{drawn}</section>")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Segments</title><style>{_STYLE}</style>'
        f"<h1>{html.escape(title)}</h1>{''.join(written)}<script>{_SCRIPT}</script></html>"
    )
    return page.encode()


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
