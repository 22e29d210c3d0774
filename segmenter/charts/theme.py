"""One colour, one symbol and safe words for every segment in every chart."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import plotly.graph_objects as go

# Twelve colours that stay apart for every kind of colour vision, in an order in which the first k are far apart.
PALETTE: Final = (
    "#2d6987", "#d2c300", "#960000", "#69d2c3", "#9669ff", "#e13c0f",
    "#a55a5a", "#e18778", "#c3a5ff", "#6996a5", "#782d4b", "#4b00d2",
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
LONGEST_WORD: Final = 60

# Plotly takes HTML, links and templates in every text; these letters look the same and mean nothing to it.
_HARMLESS: Final = str.maketrans({"<": "‹", ">": "›", "&": "＆"})


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


def colour(segment: int) -> str:
    """Return the colour of a segment (0 is the largest)."""
    return PALETTE[_place(segment) % len(PALETTE)]


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


def annotate_segments(figure: go.Figure, places: Mapping[int, Sequence[float]]) -> go.Figure:
    """Write each segment's number at its place, of two or three coordinates, above everything else.

    WebGL draws points over every marker of a plain trace, whatever their order; annotations stay on top.
    """
    signs = [
        {
            **dict(zip("xyz", map(float, place), strict=False)), "text": f"<b>{segment + 1}</b>", "showarrow": False,
            "font": {"color": "#111111", "size": 14}, "bgcolor": "#ffffff", "bordercolor": colour(segment),
            "borderwidth": 3, "borderpad": 4,
        }
        for segment, place in places.items()
    ]  # fmt: skip
    flat = all(len(place) == 2 for place in places.values())
    return figure.update_layout(annotations=signs) if flat else figure.update_layout(scene={"annotations": signs})


def apply_layout(figure: go.Figure, *, x: str = "", y: str = "", height: int = 380) -> go.Figure:
    """Give a figure the margins, legend and axis titles that all charts share."""
    figure.update_layout(
        margin={"t": 28, "b": 8, "l": 8, "r": 8},
        height=height,
        # Below the plot, it would stand on the axis' title in low charts and on narrow screens.
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "title": None},
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(title=escape_text(x) or None, automargin=True)
    figure.update_yaxes(title=escape_text(y) or None, automargin=True)
    return figure
