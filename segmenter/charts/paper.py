"""Drawings for paper, with matplotlib and seaborn: they need no browser, and are written as PNG or SVG."""

import io
from functools import cache
from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from segmenter.charts.theme import NEUTRAL, colour, escape_text
from segmenter.segment.embed import customers_by_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE

# Ten thousand customers draw a histogram that a million do not change visibly.
MOST_CUSTOMERS = 100_000
PRINT_DPI = 200
# So many dots fill a picture; more only make it darker.
MOST_DOTS: Final = 4_000
# Width by height.
PICTURE_RATIO: Final = 1.4
# Of a column's values lie within the axes, in per cent: one customer far out would press all others together.
_SHOWN: Final = (0.5, 99.5)
_NO_SUCH_LETTER: Final = "\u25a1"
# Marks of the parts of a drawing are counted up from this text, so that equal drawings are equal bytes.
mpl.rcParams["svg.hashsalt"] = "segmenter"


def histogram_figure(result: Result, column: str) -> Figure:
    """Draw one column's distribution per segment, stacked under a common axis; last, customers that fit none."""
    names = (*result.segmentation.names, FITS_NONE)
    labels = result.segmentation.labels.mask(result.fits_none, result.segmentation.n_segments)
    placed = labels >= 0
    values = pd.DataFrame({"value": result.dataset.frame.loc[placed, column], "segment": labels[placed]}).dropna()
    if len(values) > MOST_CUSTOMERS:
        values = values.sample(MOST_CUSTOMERS, random_state=0)
    present = sorted(values["segment"].unique())
    # A Figure of its own, never pyplot: pyplot's current figure is shared by all visitors.
    figure = Figure(figsize=(7, 1.15 * len(present) + 0.7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(present), 1, sharex=True, squeeze=False)[:, 0]
    bins = min(40, max(8, int(len(values) ** 0.5)))
    limits = (float(values["value"].min()), float(values["value"].max()))
    for axis, segment in zip(axes, present, strict=True):
        members = values.loc[values["segment"] == segment, "value"]
        shade = colour(int(segment)) if segment < result.segmentation.n_segments else NEUTRAL
        sns.histplot(x=members, bins=bins, binrange=limits, color=shade, ax=axis)
        axis.set_ylabel(drawable(names[int(segment)]), rotation=0, ha="right", va="center")
        axis.set_xlabel("")
        sns.despine(ax=axis)
    axes[-1].set_xlabel(drawable(column))
    return figure


def scatter_figure(result: Result, columns: tuple[str, str]) -> Figure:
    """Draw the customers on two columns in their own units, each segment's number in its middle."""
    points = customers_by_columns(result, columns)
    figure = Figure(figsize=(7, 7 / PICTURE_RATIO), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for segment in range(result.segmentation.n_segments):
        members = points.customers[(points.segments == segment).to_numpy()].iloc[:MOST_DOTS]
        x, y = (members.iloc[:, place].to_numpy(dtype=float) for place in (0, 1))
        # Dots are painted, not drawn one by one: the file stays small, and no customer's value can be read from it.
        axes.scatter(x, y, s=14, color=colour(segment), alpha=0.6, linewidths=0, rasterized=True)
    centres = points.centres.dropna()
    for segment, place in zip(map(int, centres.index), centres.to_numpy(dtype=float), strict=True):
        axes.annotate(
            f"{segment + 1}", tuple(place), ha="center", va="center", fontweight="bold",
            bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour(segment), "linewidth": 2},
        )  # fmt: skip
    drawn = points.customers.to_numpy(dtype=float)
    if len(drawn):
        low, high = np.percentile(drawn, _SHOWN, axis=0)
        room = 0.05 * (high - low)
        # A column of one value has no room to spread.
        start, end = low - np.maximum(room, 1e-12), high + np.maximum(room, 1e-12)
        axes.set(xlim=(start[0], end[0]), ylim=(start[1], end[1]))
    axes.set_xlabel(drawable(columns[0]))
    axes.set_ylabel(drawable(columns[1]))
    sns.despine(ax=axes)
    return figure


def drawable(text: str) -> str:
    """Return a data-derived text in letters that the font of the drawings has, and without formulas."""
    known = _letters()
    return "".join(
        letter if ord(letter) in known else _NO_SUCH_LETTER if letter.isprintable() else " "
        for letter in escape_text(text)
    )


@cache
def _letters() -> frozenset[int]:
    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return frozenset(font.get_charmap())


def as_png(figure: Figure) -> bytes:
    """Return the figure as a picture fit for print."""
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=PRINT_DPI, metadata={"Software": None})
    return target.getvalue()


def as_svg(figure: Figure) -> bytes:
    """Return the figure as a vector drawing that needs no font."""
    target = io.BytesIO()
    figure.savefig(target, format="svg", dpi=PRINT_DPI, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return target.getvalue()
