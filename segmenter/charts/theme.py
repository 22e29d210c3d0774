"""One colour, one symbol and safe words for every segment in every chart."""

import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from segmenter.display import ink_on, percent_text, shortened
from segmenter.explain.columns import D3_PERCENT
from segmenter.typing import FloatArray, IntArray

# Twelve colours that stay apart for every kind of colour vision, in an order in which the first k are far apart.
PALETTE: Final = (
    "#2d6987", "#d2c300", "#960000", "#69d2c3", "#9669ff", "#e13c0f",
    "#a55a5a", "#e18778", "#c3a5ff", "#6996a5", "#782d4b", "#4b00d2",
)  # fmt: skip
# The same hues for a dark page, on which the darker ones sink.
DARK_PALETTE: Final = (
    "#4a93ba", "#d2c300", "#d95050", "#69d2c3", "#9d78ff", "#f2703c",
    "#c98787", "#f0a698", "#d6c4ff", "#8db4c2", "#b0567d", "#8a5cff",
)  # fmt: skip
SYMBOLS: Final = ("circle", "square", "diamond", "cross", "triangle-up", "star", "pentagon", "hexagon", "x")
# 3-D charts know fewer symbols, and draw them as letters: many machines' fonts have none for the "x".
SYMBOLS_3D: Final = ("circle", "square", "diamond", "cross", "diamond-open")
NEUTRAL: Final = "#8a8f98"
ACCENT: Final = "#e13c0f"
# From nothing to full, and from below the average over it to above: of every heat map.
FAINT: Final = "#f2f2ef"
SEQUENTIAL: Final = ((0.0, FAINT), (1.0, PALETTE[0]))
DIVERGING: Final = ((0.0, "#b2521f"), (0.5, FAINT), (1.0, PALETTE[0]))
DARK_DIVERGING: Final = ((0.0, "#a8501d"), (0.5, "#22292d"), (1.0, "#1f7f92"))
LONGEST_WORD: Final = 60

# Plotly takes HTML, links and templates in every text; these letters look the same and mean nothing to it.
_HARMLESS: Final = str.maketrans({"<": "‹", ">": "›", "&": "＆"})

# What D3 writes of a share against what is read everywhere else; beyond 100 %, only where an axis has its ticks.
_PER_CENTS: Final = {
    f"{sign}{number}%": f"{sign}{number:,} %"
    for number in (*range(101), *range(110, 1001, 10))
    for sign in ("", "−", "-")
    if number <= 100 or not sign
}

# Which place of the palette each segment has, where that is not its own number.
_PLACES: ContextVar[tuple[int, ...]] = ContextVar("places", default=())


@contextmanager
def segment_colours(places: tuple[int, ...]) -> Iterator[None]:
    """Let segments have the colours that people know them by, in every chart that is drawn meanwhile.

    Parameters
    ----------
    places
        Place of the palette by segment, as `Segmentation.colours` holds it; empty gives each that of its number.
    """
    token = _PLACES.set(places)
    try:
        yield
    finally:
        _PLACES.reset(token)


def _place(segment: int) -> int:
    places = _PLACES.get()
    return places[segment] if 0 <= segment < len(places) else segment


def colour(segment: int, *, dark: bool = False) -> str:
    """Return the colour of a segment (0 is the largest), on a light or a dark page."""
    palette = DARK_PALETTE if dark else PALETTE
    return palette[_place(segment) % len(palette)]


def symbol(segment: int) -> str:
    """Return the marker of a segment; with its colour it is unique up to 108 segments."""
    segment = _place(segment)
    return SYMBOLS[(segment + segment // len(PALETTE)) % len(SYMBOLS)]


def symbol_3d(segment: int) -> str:
    """Return the marker of a segment in a 3-D chart."""
    return SYMBOLS_3D[segment % len(SYMBOLS_3D)]


def escape_text(text: str) -> str:
    """Return a data-derived text as Plotly shows it literally, cut to a readable length."""
    cut = text if len(text) <= LONGEST_WORD else text[: LONGEST_WORD - 1] + "…"
    harmless = cut.translate(_HARMLESS).replace("%{", "％{")
    # A pair of dollar signs encloses a formula; a single one is only money.
    return harmless.replace("$", "＄") if harmless.count("$") > 1 else harmless


def axis_written(form: str | None = D3_PERCENT) -> dict[str, object]:
    """Return how an axis or a colour bar writes its values, given as D3 does (`axis_format`); shares as "64 %".

    D3 knows no blank before the sign, so that each label is replaced.
    """
    return {"tickformat": form, "labelalias": _PER_CENTS if form == D3_PERCENT else None}


def annotate_segments(
    figure: go.Figure, places: Mapping[int, Sequence[float]], *, dark: bool = False, faint: Collection[int] = ()
) -> go.Figure:
    """Write each segment's number at its place, of two or three coordinates, above everything else.

    WebGL draws points over every marker of a plain trace, whatever their order; annotations stay on top. On a plane,
    numbers that would stand on each other are moved apart, with a line to where they belong.

    Parameters
    ----------
    faint
        Segments, from 0, whose numbers are written more quietly.
    """
    flat = all(len(place) == 2 for place in places.values())
    offsets = _apart(figure, places) if flat else {}
    signs = []
    for segment, place in places.items():
        ground = colour(segment, dark=dark)
        dx, dy = offsets.get(segment, (0.0, 0.0))
        arrow = {"showarrow": True, "ax": dx, "ay": -dy, "arrowhead": 0, "arrowwidth": 1.5, "arrowcolor": ground}
        signs.append(
            {
                **dict(zip("xyz", map(float, place), strict=False)), "text": f"<b>{segment + 1}</b>",
                "font": {"color": ink_on(ground), "size": 14}, "bgcolor": ground, "bordercolor": ink_on(ground),
                "borderwidth": 1, "borderpad": 3, "opacity": 0.45 if segment in faint else 1.0,
                **(arrow if dx or dy else {"showarrow": False}),
            }
        )  # fmt: skip
    return figure.update_layout(annotations=signs) if flat else figure.update_layout(scene={"annotations": signs})


# About the size of a plot on a page, and of a number in it, in pixels.
_PLOT: Final = (520.0, 400.0)
_NUMBER: Final = 30.0


def _apart(figure: go.Figure, places: Mapping[int, Sequence[float]]) -> dict[int, tuple[float, float]]:
    """Return by how many pixels, to the right and up, numbers move so that none covers another."""
    if len(places) < 2:
        return {}
    spans = []
    for axis in ("x", "y"):
        drawn = [np.asarray(trace[axis], dtype=np.float64) for trace in figure.data if trace[axis] is not None]
        values = np.concatenate([*drawn, [place[0 if axis == "x" else 1] for place in places.values()]])
        values = values[np.isfinite(values)]
        spans.append(float(np.ptp(values)) or 1.0)
    wanted = np.array([[place[0] / spans[0] * _PLOT[0], place[1] / spans[1] * _PLOT[1]] for place in places.values()])
    at = moved_apart(wanted, _NUMBER)
    return {
        segment: (float(dx), float(dy)) if np.hypot(dx, dy) > 4 else (0.0, 0.0)
        for segment, (dx, dy) in zip(places, at - wanted, strict=True)
    }


def moved_apart(places: FloatArray, least: float) -> FloatArray:
    """Return places on a plane, shape (n, 2), moved as little as lets each two lie so far from each other."""
    at = places.copy()
    for _ in range(60):
        moved = False
        for first in range(len(at)):
            for second in range(first):
                gap = at[first] - at[second]
                far = float(np.hypot(*gap))
                if far < least:
                    moved = True
                    # Numbers on the very same place part sideways.
                    way = gap / far if far > 1e-6 else np.array([1.0, 0.0])
                    at[first] += way * (least - far) / 2 * 1.05
                    at[second] -= way * (least - far) / 2 * 1.05
        if not moved:
            break
    return at


# A telephone has room for so many letters below a chart whose bars have names.
_TITLE_LETTERS: Final = 26


def wrapped(text: str, most: int, *, most_lines: int = 9) -> str:
    """Return a text for a chart on lines of at most so many letters, broken between words; the last line is cut."""
    lines = textwrap.wrap(text, most, break_long_words=False, break_on_hyphens=False)
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], shortened(" ".join(lines[most_lines - 1 :]), most)]
    return "<br>".join(lines)


def apply_layout(figure: go.Figure, *, x: str = "", y: str = "", height: int = 380) -> go.Figure:
    """Give a figure the margins, legend and axis titles that all charts share."""
    figure.update_layout(
        margin={"t": 28, "b": 8, "l": 8, "r": 8},
        height=height,
        # Below the plot, it would stand on the axis' title in low charts and on narrow screens.
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "title": None},
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(title=wrapped(escape_text(x), _TITLE_LETTERS) or None, automargin=True)
    figure.update_yaxes(title=escape_text(y) or None, automargin=True)
    return figure


# Behind a label that stands on points, and the label.
LABEL_GROUND: Final = "rgba(255,255,255,0.75)"
LABEL_INK: Final = "#16232b"
_FOR_DARK: Final = {
    **{light: dark for light, dark in zip(PALETTE, DARK_PALETTE, strict=True) if light != dark},
    LABEL_GROUND: "rgba(16,22,26,0.75)",
    LABEL_INK: "#e9eff2",
}


def for_page(figure: go.Figure, *, dark: bool) -> go.Figure:
    """Return a figure in the colours of a page: on a dark one, segments take those that do not sink on it.

    What is written on a segment's colour stays readable on the colour that takes its place.
    """
    if not dark:
        return figure
    found = go.Figure(_recoloured(figure.to_plotly_json()))
    for sign in (*found.layout.annotations, *found.layout.scene.annotations):
        if sign.bgcolor in DARK_PALETTE:
            ink = ink_on(sign.bgcolor)
            sign.update(font={"color": ink}, bordercolor=ink)
    for trace in found.select_traces({"mode": "markers+text"}):
        grounds = trace.marker.color
        if isinstance(grounds, list | tuple) and set(grounds) <= set(DARK_PALETTE):
            trace.update(textfont={"color": [ink_on(ground) for ground in grounds]})
    for trace in found.select_traces({"meta": _CELLS}):
        # What the page's figure holds of the cells is packed for the browser.
        trace.update(textfont={"color": _inks(figure.data[0], found.data[0].colorscale)})
    return found


def _recoloured(part: Any) -> Any:  # noqa: ANN401 - whatever stands in a figure
    if isinstance(part, dict):
        return {name: _recoloured(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_recoloured(value) for value in part]
    if not isinstance(part, str):
        return part
    if part in _FOR_DARK or not (see_through := _TRANSLUCENT.fullmatch(part)):
        return _FOR_DARK.get(part, part)
    shade = "#" + "".join(f"{int(each):02x}" for each in see_through.groups()[:3])
    return translucent(_FOR_DARK.get(shade, shade), see_through[4])


# The colours that `translucent` makes.
_TRANSLUCENT: Final = re.compile(r"rgba\((\d{1,3}),(\d{1,3}),(\d{1,3}),([0-9.]{1,6})\)")


def translucent(shade: str, opacity: float | str) -> str:
    """Return a colour such as "#2d6987" through which so much, 0-1, of what lies behind is hidden."""
    red, green, blue = (int(shade[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def mix(start: str, end: str, share: float) -> str:
    """Return the colour that lies this share of the way, 0-1, from one to another, each such as "#2d6987"."""
    pairs = (([int(colour[at : at + 2], 16) for colour in (start, end)]) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def write_in_cells(figure: go.Figure, words: Sequence[Sequence[str]]) -> go.Figure:
    """Write into each cell of a heat map, the figure's first trace, in black or white, whichever is read better there.

    Plotly has one colour for the words of all cells, or a grey of its own that sinks in those of middling shades.

    Parameters
    ----------
    words
        Row by row, as the cells are.
    """
    cells = figure.data[0]
    x, y = list(cells.x), list(cells.y)
    figure.add_scatter(
        x=[name for _ in y for name in x], y=[name for name in y for _ in x], mode="text",
        text=[word for row in words for word in row], textfont={"color": _inks(cells, cells.colorscale)},
        hoverinfo="skip", showlegend=False, cliponaxis=False, meta=_CELLS,
    )  # fmt: skip
    # Words would widen the axes by a margin.
    first_on_top = figure.layout.yaxis.autorange == "reversed"
    figure.update_xaxes(range=[-0.5, len(x) - 0.5])
    height = [-0.5, len(y) - 0.5]
    return figure.update_yaxes(autorange=False, range=height[::-1] if first_on_top else height)


# By which the words in a heat map's cells are known again.
_CELLS: Final = "cells"


def _inks(cells: go.Heatmap, scale: Sequence[tuple[float, str]]) -> list[str]:
    """Return black or white for each cell of a heat map in the colours of a scale, row by row."""
    values = np.asarray(cells.z, dtype=np.float64)
    low = float(np.nanmin(values)) if cells.zmin is None else cells.zmin
    high = float(np.nanmax(values)) if cells.zmax is None else cells.zmax
    along = np.nan_to_num(np.clip((values - low) / ((high - low) or 1.0), 0.0, 1.0))
    return [ink_on(_shade_of(scale, float(place))) for place in along.ravel()]


def _shade_of(scale: Sequence[tuple[float, str]], place: float) -> str:
    """Return the colour at a place, 0-1, of a colour scale."""
    for (start, before), (end, after) in pairwise(scale):
        if place <= end:
            return mix(before, after, (place - start) / (end - start))
    return scale[-1][1]


def share_heatmap(
    counts: IntArray,
    x: Sequence[str],
    y: Sequence[str],
    *,
    pair: str,
    to_whole: bool,
    shares: FloatArray | None = None,
) -> go.Figure:
    """Draw the share of each row's customers in each column, with their number written in.

    Parameters
    ----------
    counts
        Shape (rows, columns).
    x, y
        Names of the columns and rows, as they come from the file.
    pair
        How a row (`%{y}`) and a column (`%{x}`) are told together where the pointer is.
    to_whole
        Whether the darkest is all of a row; else it is the largest share.
    shares
        Of the same shape, where customers do not all count the same; None works them out.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) if shares is None else shares
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[escape_text(name) for name in x],
            y=[escape_text(name) for name in y],
            text=counts,
            hovertext=[[percent_text(share) for share in row] for row in shares],
            hovertemplate=f"{pair}: %{{hovertext}} of the segment<extra></extra>",
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=1 if to_whole else float(shares.max()),
            # Above a low bar, the title would stand on its highest number.
            colorbar={"title": {"text": "share", "side": "right"}, "thickness": 12, **axis_written()},
        )
    )
    # Names such as 1 and 2 are no numbers on a scale.
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="category")
    return write_in_cells(figure, [[f"{count:,}" for count in row] for row in counts.tolist()])
