"""A report as one web page (HTML) that needs no network and no script, and prints on A4 and Letter."""

import base64
import html
from collections.abc import Callable, Sequence
from typing import Final

from segmenter.display import clean_text, ink_on, shortened
from segmenter.progress import Progress, silent
from segmenter.report.blocks import (
    Bars,
    Block,
    Card,
    Cards,
    Cell,
    Facts,
    Lines,
    Page,
    Picture,
    Series,
    Table,
    Text,
    columns_that_fit,
)

# Nothing is asked of any host, and nothing runs.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# A sheet of A4 in upright position, which is narrower than Letter, between its margins of 15 mm; in inches.
_PAPER: Final = 7.0
_PAPER_SIZE: Final = 9
_PADDING: Final = 0.06
_COLUMNS_ON_PAPER: Final = 8
# A table of more columns is scrolled sideways on a telephone.
_FEW_COLUMNS: Final = 4
# Of one text; sentences are shorter.
_LONGEST: Final = 2_000

_STYLE: Final = """
:root{color-scheme:light}
*{box-sizing:border-box;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font:16px/1.5 system-ui,"Segoe UI",Arial,sans-serif;color:#16232b;background:#fff;
 margin:0 auto;max-width:62rem;padding:1.5rem 1rem 3rem;overflow-wrap:anywhere}
h1{font-size:2rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;line-height:1.25;margin:0 0 .25rem;display:flex;gap:.6rem;align-items:center}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.25rem 0 .75rem}
.lead,.small,figcaption,.foot{color:#4d5c66}
.small,figcaption,.foot{font-size:.875rem}
details{border:1px solid #d5dde3;border-radius:8px;padding:.5rem 1rem;margin:1rem 0 0}
summary{cursor:pointer;font-weight:600}
a{color:#1f5f7f}
section{border-top:1px solid #d5dde3;margin-top:2rem;padding-top:1.5rem}
.chip{flex:none;display:inline-block;min-width:2rem;
 padding:.15rem .4rem;border-radius:8px;text-align:center;font-weight:700}
.facts{display:flex;flex-wrap:wrap;gap:.75rem 2rem;margin:.75rem 0}
.facts div{min-width:7rem}
.facts b{display:block;font-size:1.6rem;line-height:1.2}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:1rem;margin:1rem 0}
.card{border:1px solid #d5dde3;border-radius:8px;padding:.75rem 1rem;break-inside:avoid}
.card h3{margin:0 0 .5rem;display:flex;gap:.6rem;align-items:center}
.card p{margin:0 0 .25rem;text-wrap:balance}
.green{color:#1a7f37}.amber{color:#9a5b00}.red{color:#b42318}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;table-layout:fixed;width:100%;font-size:.9375rem;margin:.5rem 0 .25rem;
 font-variant-numeric:tabular-nums}
caption{text-align:left;color:#4d5c66;font-size:.875rem;caption-side:bottom;padding-top:.25rem}
th,td{padding:.3rem .5rem;border-bottom:1px solid #d5dde3;text-align:left;vertical-align:middle}
thead th{border-bottom:1px solid #16232b;vertical-align:bottom}
th{font-weight:600}
.n{text-align:right;white-space:nowrap;overflow-wrap:normal}
th.n{white-space:normal}
.map .n,tbody th.n[style]{text-align:center}
.many{min-width:38rem}
.bars{table-layout:auto}.bars th{width:30%}.bars td.bar{width:50%}
.bars svg{display:block;width:100%;height:1rem}
.bars tr.more th{border-bottom-color:transparent}
.key{display:inline-block;width:.8rem;height:.8rem;margin:0 .4rem 0 1rem;vertical-align:-.05rem}
figure{margin:1rem 0}
img{max-width:100%;height:auto}
ul{margin:.25rem 0;padding-left:1.25rem}
.foot{border-top:1px solid #d5dde3;margin-top:2rem;padding-top:.75rem}
@page{margin:15mm}
@media print{
body{font-size:10pt;max-width:none;padding:0}
h1{font-size:20pt}h2{font-size:14pt}
table{font-size:9pt}th,td{padding:1mm 1.5mm}
details{display:none}
section{break-before:auto;margin-top:7mm;padding-top:5mm}
section.own{break-before:page;border-top:0;margin-top:0}
h2,h3,.lead,.keys,tbody tr:first-child,tbody tr:nth-last-child(2){break-after:avoid}
tr,figure,.facts,.card{break-inside:avoid}
table.bars,.two table{break-inside:avoid}
img{max-height:100mm;width:auto}
thead{display:table-header-group}
.cards{grid-template-columns:1fr 1fr}
.two{display:block}
.many{min-width:0}
.wide{overflow:visible}
}
"""


def document(pages: Sequence[Page], *, title: str, source: str, progress: Progress = silent) -> bytes:
    """Return pages as one web page.

    Parameters
    ----------
    pages
        One part of the document each.
    title
        Of the whole.
    source
        Stands at the foot.
    progress
        Is called with the share done, 0 to 1, and what is being done.
    """
    first, *following = pages
    parts = [_opening(first, following)]
    for number, page in enumerate(following, start=1):
        progress(0.95 * number / len(pages), f"Writing part {number} of {len(following)}")
        parts.append(_section(page, number))
    body = "".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>"
        f'<main>{body}</main><footer class="foot">{_data(source)}</footer></body></html>'
    ).encode()


def _opening(page: Page, following: Sequence[Page]) -> str:
    entries = "".join(
        f'<li><a href="#part-{number}">{f"{each.number} · " if each.number else ""}{_data(each.title)}</a></li>'
        for number, each in enumerate(following, start=1)
    )
    contents = f"<details><summary>Contents</summary><ul>{entries}</ul></details>" if entries else ""
    return f"<header><h1>{_data(page.title)}</h1>{_lead(page)}{_blocks(page.blocks)}{contents}</header>"


def _section(page: Page, number: int) -> str:
    chip = _chip(page.number, page.colour) if page.number else ""
    body = _blocks(page.blocks)
    if page.side:
        body = f'<div class="two"><div>{body}</div><div>{_blocks(page.side)}</div></div>'
    own = ' class="own"' if page.number else ""
    heading = f"<h2>{chip}<span>{_data(page.title)}</span></h2>"
    return f'<section id="part-{number}"{own}>{heading}{_lead(page)}{body}</section>'


def _lead(page: Page) -> str:
    return f'<p class="lead">{_data(page.lead)}</p>' if page.lead else ""


def _blocks(blocks: Sequence[Block]) -> str:
    return "".join(_WRITTEN[type(block)](block) for block in blocks)


def _text(block: Text) -> str:
    if block.listed:
        return f"<ul>{''.join(f'<li>{_data(each)}</li>' for each in block.paragraphs)}</ul>"
    kind = ' class="small"' if block.small else ""
    return "".join(f"<p{kind}>{_data(each)}</p>" for each in block.paragraphs)


def _facts(block: Facts) -> str:
    facts = (f"<div><b>{_data(value)}</b>{_data(label)}</div>" for value, label in block.facts)
    return f'<div class="facts">{"".join(facts)}</div>'


def _cards(block: Cards) -> str:
    return f'<div class="cards">{"".join(map(_card, block.cards))}</div>'


def _card(card: Card) -> str:
    light = f'<p class="{card.light}">{_safe(card.light_words)}</p>' if card.light_words else ""
    money = f"<p>{_data(card.money)}</p>" if card.money else ""
    return (
        f'<article class="card"><h3>{_chip(card.number, card.colour)}<span>{_data(card.name)}</span></h3>'
        f"<p>{_data(card.sentence)}</p><p><b>{_data(card.size)}</b></p>{money}{light}</article>"
    )


def _bars(block: Bars) -> str:
    known = [value for series in block.series for value in series.values if value is not None]
    low = min(0.0, *known) if known else 0.0
    high = max(0.0, *known) if known else 1.0
    rows = []
    for place, category in enumerate(block.categories):
        for nth, series in enumerate(block.series):
            label = f'<th scope="row" rowspan="{len(block.series)}">{_data(category)}</th>' if nth == 0 else ""
            rows.append(f"<tr>{label}{_bar(series, place, low, high, signed=block.signed)}</tr>")
    keys = "".join(
        f'<span class="key" style="background:{series.colours[0]}"></span>{_data(series.name)}'
        for series in block.series
    )
    one_each = all(len(series.colours) == 1 for series in block.series)
    key = f'<p class="small keys">{keys}</p>' if len(block.series) > 1 and one_each else ""
    return f'<h3>{_data(block.title)}</h3>{key}<table class="bars"><tbody>{"".join(rows)}</tbody></table>'


def _bar(series: Series, place: int, low: float, high: float, *, signed: bool) -> str:
    """Return a bar, drawn as a vector so that it prints where backgrounds do not, and its value as text."""
    value, span = series.values[place], (high - low) or 1.0
    zero = 100 * -low / span
    drawn = ""
    if value is not None:
        start, width = (zero, 100 * value / span) if value >= 0 else (zero + 100 * value / span, -100 * value / span)
        drawn = f'<rect x="{start:.2f}" y="1" width="{width:.2f}" height="8" fill="{series.colour(place)}"/>'
    if signed:
        drawn += f'<rect x="{min(max(zero - 0.2, 0.0), 99.6):.2f}" y="0" width=".4" height="10" fill="#4d5c66"/>'
    svg = f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
    return f'<td class="bar">{svg}</td><td class="n">{_data(series.texts[place])}</td>'


def _lines(block: Lines) -> str:
    """Return lines over time as a vector drawing, with each line's last value beside its end and a key below."""
    wide, high, count = 640.0, 240.0, len(block.points)
    known = [value for series in block.series for value in series.values if value is not None]
    most = max(known, default=1.0) or 1.0
    step = wide / max(count - 1, 1)
    drawn = []
    for series in block.series:
        shade = series.colours[0]
        places = [
            (place * step, high * (1 - value / most)) for place, value in enumerate(series.values) if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{shade}"/>' for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{shade}" stroke-width="2.5"/>{dots}')
    labels = [shortened(point, 18) for point in block.points]
    # As many as stand side by side: a letter takes some 7.5 of the drawing's units.
    every = max(1, -(-count // int(wide // (7.5 * max(map(len, labels), default=1) + 14))))
    ticks = "".join(
        f'<text x="{place * step:.1f}" y="{high + 26:.0f}" text-anchor="middle" font-size="13" '
        f'fill="#4d5c66">{_safe(label)}</text>'
        for place, label in enumerate(labels)
        if place % every == 0
    )
    floor = f'<line x1="0" y1="{high}" x2="{wide}" y2="{high}" stroke="#8a8f98"/>'
    keys = "".join(
        f'<span class="key" style="background:{series.colours[0]}"></span>{_data(f"{series.name} {series.texts[-1]}")}'
        for series in block.series
        if series.texts
    )
    told = "; ".join(f"{series.name}: {', '.join(series.texts)}" for series in block.series)
    svg = (
        f'<svg viewBox="-45 -10 {wide + 90:.0f} {high + 46:.0f}" role="img" aria-label="{_safe(told)}" '
        f'style="width:100%;height:auto">{floor}{"".join(drawn)}{ticks}</svg>'
    )
    return f'<h3>{_data(block.title)}</h3><figure>{svg}</figure><p class="small">{keys}</p>'


def _table(block: Table) -> str:
    fitting = columns_that_fit(block, _PAPER, _PAPER_SIZE, _PADDING, _COLUMNS_ON_PAPER)
    return "".join(map(_one_table, block.columns(fitting)))


def _one_table(table: Table) -> str:
    head = "".join(_table_cell(cell, 'th scope="col"') for cell in table.headers)
    rows = "".join(
        f"<tr>{_table_cell(row[0], 'th scope=row')}{''.join(_table_cell(cell, 'td') for cell in row[1:])}</tr>"
        for row in table.rows
    )
    caption = f"<caption>{_data(table.caption)}</caption>" if table.caption else ""
    kinds = [*(["many"] if len(table.headers) > _FEW_COLUMNS else []), *(["map"] if table.is_map else [])]
    kind = f' class="{" ".join(kinds)}"' if kinds else ""
    label = f'<colgroup><col style="width:{table.label_share:.0%}"></colgroup>'
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="wide"><table{kind}>{caption}{label}{body}</table></div>'


def _table_cell(cell: Cell, tag: str) -> str:
    colours = f' style="background:{cell.fill};color:{ink_on(cell.fill)}"' if cell.fill else ""
    kind = ' class="n"' if cell.number else ""
    words = f"<b>{_data(cell.text)}</b>" if cell.bold and tag == "td" else _data(cell.text)
    return f"<{tag}{kind}{colours}>{words}</{tag.split()[0]}>"


def _picture(block: Picture) -> str:
    coded = base64.b64encode(block.svg).decode()
    caption = f"<figcaption>{_data(block.caption)}</figcaption>" if block.caption else ""
    source = f"data:image/svg+xml;base64,{coded}"
    return f'<figure><img alt="{_safe(block.description)}" src="{source}">{caption}</figure>'


_WRITTEN: Final[dict[type, Callable[..., str]]] = {
    Text: _text,
    Facts: _facts,
    Cards: _cards,
    Bars: _bars,
    Lines: _lines,
    Table: _table,
    Picture: _picture,
}


def _chip(number: int, shade: str) -> str:
    return f'<span class="chip" style="background:{shade};color:{ink_on(shade)}">{number}</span>'


def _data(text: str) -> str:
    """Return text that may hold the customers' own words: as it stands, and turning nothing beside it around."""
    return f"<bdi>{_safe(text)}</bdi>" if any(letter > "\u0590" for letter in text) else _safe(text)


def _safe(text: str) -> str:
    cleaned = clean_text(text)
    cut = cleaned if len(cleaned) <= _LONGEST else cleaned[: _LONGEST - 1] + "…"
    return html.escape(cut)
