"""Every registered chart of a result, as one web page that needs no network; each can be taken out as PNG or SVG."""

import html
from typing import Final

from segmenter.charts import CHARTS, is_empty
from segmenter.segment.result import Result

# No other host is asked for anything: the drawing library lies in the page itself.
_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE: Final = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}section{break-inside:avoid}"
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
    Plotly.downloadImage(chart, {...size(), format: button.dataset.format, filename: button.dataset.chart});
}
"""
_BUTTONS: Final = (("png", "PNG"), ("svg", "SVG"), ("copy", "Copy"))


def charts_page(result: Result) -> bytes:
    """Return an HTML page of every chart in `CHARTS` that has something to show."""
    figures = [(name, chart, chart.draw(result)) for name, chart in CHARTS.items()]
    sections, library = [], True
    for name, chart, figure in figures:
        if is_empty(figure):
            continue
        drawn = figure.to_html(full_html=False, include_plotlyjs=library, config={"displaylogo": False}, div_id=name)
        library = False
        title = html.escape(chart.title)
        buttons = "".join(
            f'<button type="button" data-chart="{html.escape(name)}" data-format="{form}" '
            f'aria-label="{word}: {title}">{word}</button>'
            for form, word in _BUTTONS
        )
        sections.append(f"<section><h2>{title}</h2><p>{html.escape(chart.help)}</p>{drawn}<p>{buttons}</p></section>")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Segments</title><style>{_STYLE}</style>'
        f"<h1>{result.segmentation.n_segments} segments of {result.n_placed:,} customers</h1>{''.join(sections)}"
        f"<script>{_SCRIPT}</script></html>"
    )
    return page.encode()
