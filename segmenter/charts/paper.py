"""Drawings for paper, with matplotlib and seaborn: they need no browser, and are written as PNG or SVG."""

import io
from collections.abc import Callable
from functools import cache
from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from segmenter.charts.theme import DIVERGING, NEUTRAL, colour, escape_text, moved_apart
from segmenter.display import clean_text, percent_text
from segmenter.explain.columns import D3_PERCENT, axis_format, column_title
from segmenter.explain.contrasts import profiles_as_shown
from segmenter.segment.embed import best_pair, customers_by_columns, rank_columns_by_eta_squared
from segmenter.segment.profile import low_base
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
# About the size of a plot, and of a number in its frame, in points.
_PLOT: Final = (440.0, 310.0)
_NUMBER: Final = 25.0
# Of an index: so far from 100 a cell is dark.
_DARK_FROM: Final = 80
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
    axes[-1].set_xlabel(drawable(column_title(result, column)))
    _write_as(axes[-1].xaxis, axis_format(result, column))
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
    drawn = points.customers.to_numpy(dtype=float)
    if len(drawn):
        low, high = np.percentile(drawn, _SHOWN, axis=0)
        room = 0.05 * (high - low)
        # A column of one value has no room to spread.
        start, end = low - np.maximum(room, 1e-12), high + np.maximum(room, 1e-12)
        axes.set(xlim=(start[0], end[0]), ylim=(start[1], end[1]))
    _number_segments(axes, points.centres.dropna())
    axes.set_xlabel(drawable(column_title(result, columns[0])))
    axes.set_ylabel(drawable(column_title(result, columns[1])))
    _write_as(axes.xaxis, axis_format(result, columns[0]))
    _write_as(axes.yaxis, axis_format(result, columns[1]))
    sns.despine(ax=axes)
    return figure


def _write_as(axis: Axis, form: str | None) -> None:
    """Write an axis' values as the app does: rates in per cent, years whole."""
    if form == D3_PERCENT:
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    elif form == "d":
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_major_formatter(StrMethodFormatter("{x:.0f}"))


def _number_segments(axes: Axes, centres: pd.DataFrame) -> None:
    """Write each segment's number in its middle; those that would cover each other, beside it with a line to it."""
    if centres.empty:
        return
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    true = centres.to_numpy(dtype=float)
    scale = np.array([_PLOT[0] / (right - left), _PLOT[1] / (top - bottom)])
    moves = moved_apart(true * scale, _NUMBER) - true * scale
    for segment, place, move in zip(map(int, centres.index), true, moves, strict=True):
        is_moved = float(np.hypot(*move)) > _NUMBER / 8
        axes.annotate(
            f"{segment + 1}", tuple(place), tuple(move) if is_moved else (0.0, 0.0), textcoords="offset points",
            ha="center", va="center", fontweight="bold",
            bbox={"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour(segment), "linewidth": 2},
            arrowprops={"arrowstyle": "-", "color": colour(segment), "linewidth": 1.5} if is_moved else None,
        )  # fmt: skip


def sizes_figure(result: Result) -> Figure:
    """Draw how many customers each segment has."""
    profiles = result.profiles
    figure = Figure(figsize=(7, 0.42 * len(profiles) + 0.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    names = [drawable(f"{profile.segment}{low_base(profile.size)}  {profile.name}") for profile in profiles]
    places = range(len(profiles))
    bars = axes.barh(places, [profile.size for profile in profiles], color=[colour(place) for place in places])
    axes.bar_label(bars, [f"{profile.size:,} · {percent_text(profile.share)}" for profile in profiles], padding=4)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("Customers")
    sns.despine(ax=axes)
    return figure


def index_figure(result: Result) -> Figure | None:
    """Draw each segment's index per column, 100 being all customers; None where no column has one."""
    profiles = profiles_as_shown(result)
    columns = list(dict.fromkeys(name for profile in profiles for name in profile.index))
    if not columns:
        return None
    values = np.array([[profile.index.get(name, np.nan) for profile in profiles] for name in columns])
    figure = Figure(figsize=(2.6 + 0.62 * len(profiles), 0.9 + 0.36 * len(columns)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shades = LinearSegmentedColormap.from_list("index", [shade for _, shade in DIVERGING])
    axes.pcolormesh(values, vmin=0, vmax=200, cmap=shades, edgecolors="white", linewidth=1)
    for (row, place), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = "white" if abs(value - 100) > _DARK_FROM else "black"
            axes.text(place + 0.5, row + 0.5, f"{value:.0f}", ha="center", va="center", color=ink)
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.set_yticks(
        np.arange(len(columns)) + 0.5, [drawable(column_title(result, name)) for name in columns], rotation=0
    )
    axes.set_xticks(
        np.arange(len(profiles)) + 0.5,
        [f"{profile.segment}{low_base(profile.size)}" for profile in profiles],
        rotation=0,
    )
    axes.set_xlabel("Segment (index: 100 is all customers)")
    sns.despine(ax=axes, left=True, bottom=True)
    return figure


def _map(result: Result) -> Figure | None:
    best = best_pair(result)
    return scatter_figure(result, (best[0], best[1])) if len(best) == 2 else None


def _distribution(nth: int) -> Callable[[Result], Figure | None]:
    def draw(result: Result) -> Figure | None:
        best = rank_columns_by_eta_squared(result)
        if len(best) <= nth:
            return None
        placed = (result.segmentation.labels >= 0) | result.fits_none
        has_values = bool(result.dataset.frame.loc[placed, best[nth]].notna().any())
        return histogram_figure(result, best[nth]) if has_values else None

    return draw


# Pictures that are written without a browser, by the name of their file; None where there is nothing to draw.
PICTURES: dict[str, Callable[[Result], Figure | None]] = {
    "sizes": sizes_figure,
    "index": index_figure,
    "map": _map,
    **{f"distribution_{nth + 1}": _distribution(nth) for nth in range(3)},
}


def drawable(text: str) -> str:
    """Return a data-derived text in letters that the font of the drawings has, and without formulas."""
    known = _letters()
    return "".join(
        letter if ord(letter) in known else _NO_SUCH_LETTER if letter.isprintable() else " "
        for letter in escape_text(clean_text(text))
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
