"""Every registered chart of a result, as one web page that needs no network."""

import html

from segmenter.charts import CHARTS, is_empty
from segmenter.segment.result import Result

# No other host is asked for anything: the drawing library lies in the page itself.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE = "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}section{break-inside:avoid}"


def charts_page(result: Result) -> bytes:
    """Return an HTML page of every chart in `CHARTS` that has something to show."""
    figures = [(name, chart, chart.draw(result)) for name, chart in CHARTS.items()]
    sections, library = [], True
    for name, chart, figure in figures:
        if is_empty(figure):
            continue
        drawn = figure.to_html(full_html=False, include_plotlyjs=library, config={"displaylogo": False}, div_id=name)
        library = False
        sections.append(
            f"<section><h2>{html.escape(chart.title)}</h2><p>{html.escape(chart.help)}</p>{drawn}</section>"
        )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Segments</title><style>{_STYLE}</style>'
        f"<h1>{result.segmentation.n_segments} segments of {result.n_placed:,} customers</h1>{''.join(sections)}</html>"
    )
    return page.encode()
