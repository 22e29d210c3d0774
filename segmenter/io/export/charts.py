"""Every registered chart of a result, as one web page that needs no network."""

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from segmenter.charts import CHARTS, is_empty
from segmenter.segment.result import Result

# No other host is asked for anything: the drawing library lies in the page itself.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}section{break-inside:avoid}"
    "table{border-collapse:collapse}th,td{padding:.2rem .6rem;border-bottom:1px solid #d5dde3;text-align:right}"
    "th:first-child{text-align:left}"
)


def charts_page(result: Result) -> bytes:
    """Return an HTML page of every chart in `CHARTS` that has something to show."""
    figures = [(chart, chart.draw(result)) for chart in CHARTS.values()]
    return html_page(
        f"{result.segmentation.n_segments} segments of {result.n_placed:,} customers",
        [(chart.title, f"<p>{html.escape(chart.help)}</p>", each) for chart, each in figures if not is_empty(each)],
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
            drawn = figure.to_html(
                full_html=False, include_plotlyjs=library, config={"displaylogo": False}, div_id=f"chart-{number}"
            )
            library = False
        written.append(f"<section><h2>{html.escape(heading)}</h2>{words}{drawn}</section>")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Segments</title><style>{_STYLE}</style>'
        f"<h1>{html.escape(title)}</h1>{''.join(written)}</html>"
    )
    return page.encode()
