"""Charts of what a method alone knows: a tree of merges, a mixture's criterion, a self-organising map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, SEQUENTIAL, apply_layout, colour, escape_text, symbol
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.som import Grid, GridKind
from segmenter.display import counted, number_text
from segmenter.segment.embed import SomView
from segmenter.typing import FloatArray, IntArray

# On a telephone the numbers below more branches would overlap; what merged before them is drawn as one.
MOST_BRANCHES = 24


@dataclass(frozen=True)
class TruncatedDendrogram:
    """The last merges of a tree as they are drawn.

    Attributes
    ----------
    branches
        The groups that stand below the drawn merges, from left to right, by their number in the tree.
    first
        The merge from which on all are drawn.
    places
        Where each drawn group stands from left to right, by its number in the tree.
    """

    branches: tuple[int, ...]
    first: int
    places: dict[int, float]


def dendrogram(tree: Dendrogram, segments: IntArray, k: int) -> go.Figure:
    """Draw the last merges of a tree, with their heights, and the line that cuts it into `k` segments.

    Parameters
    ----------
    segments
        Shape (tree.n_leaves,): the segment of each leaf after that cut.
    """
    crown = truncate_dendrogram(tree, max(MOST_BRANCHES, k))
    shades = [_shade(tree, segments, group, k) for group in crown.branches]
    figure = go.Figure()
    _draw_merges(figure, tree, segments, crown, k)
    places = list(range(len(crown.branches)))
    figure.add_scatter(
        x=places, y=[0.0] * len(places), mode="markers", hoverinfo="skip", cliponaxis=False,
        marker={"color": shades, "size": 10},
    )  # fmt: skip
    _annotate(figure, tree, crown, k)
    figure.add_hline(
        tree.height_for(k), line={"color": ACCENT, "dash": "dash"}, annotation_text=f"{k} segments",
        annotation_font_color=ACCENT,
    )  # fmt: skip
    customers = [f"{_customers(tree, group):,}" for group in crown.branches]
    figure.update_xaxes(tickvals=places, ticktext=customers, tickangle=-90, tickfont_size=10)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=False)
    return apply_layout(figure, x="Customers in each branch", y="Height (distance) of a merge", height=440)


def truncate_dendrogram(tree: Dendrogram, n_branches: int) -> TruncatedDendrogram:
    """Return the merges that leave at most `n_branches` branches, and where everything stands."""
    n = tree.n_leaves
    first = max(n - n_branches, 0)
    children = tree.merges[:, :2].astype(np.intp)
    branches, waiting = [], [2 * n - 2]
    while waiting:
        group = waiting.pop()
        if group < n + first:
            branches.append(int(group))
        else:
            left, right = children[group - n]
            waiting += [int(right), int(left)]
    places = {group: float(place) for place, group in enumerate(branches)}
    for number in range(first, n - 1):
        left, right = children[number]
        places[n + number] = (places[int(left)] + places[int(right)]) / 2
    return TruncatedDendrogram(tuple(branches), first, places)


def _draw_merges(figure: go.Figure, tree: Dendrogram, segments: IntArray, crown: TruncatedDendrogram, k: int) -> None:
    """Draw a bracket for each merge, all of one colour as one line with gaps."""
    lines: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for number in range(crown.first, tree.n_leaves - 1):
        left, right = (int(group) for group in tree.merges[number, :2])
        x, y = lines.setdefault(_shade(tree, segments, tree.n_leaves + number, k), ([], []))
        top = float(tree.heights[number])
        x += [crown.places[left], crown.places[left], crown.places[right], crown.places[right], None]
        y += [_base(tree, crown, left), top, top, _base(tree, crown, right), None]
    for shade, (x, y) in lines.items():
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": shade, "width": 2}, hoverinfo="skip")


def _annotate(figure: go.Figure, tree: Dendrogram, crown: TruncatedDendrogram, k: int) -> None:
    """Write the height of every merge, and on top of those above the cut."""
    n = tree.n_leaves
    drawn = [(n + number, float(tree.heights[number])) for number in range(crown.first, n - 1)]
    figure.add_scatter(
        x=[crown.places[group] for group, _ in drawn],
        y=[height for _, height in drawn],
        text=[f"{height:.3g}" if group >= 2 * n - k else "" for group, height in drawn],
        hovertext=[f"{_customers(tree, group):,} customers merge at {height:.4g}" for group, height in drawn],
        mode="markers+text", textposition="top right", hoverinfo="text", cliponaxis=False,
        marker={"color": NEUTRAL, "size": 5}, textfont={"size": 10},
    )  # fmt: skip


def _base(tree: Dendrogram, crown: TruncatedDendrogram, group: int) -> float:
    number = group - tree.n_leaves
    return float(tree.heights[number]) if number >= crown.first else 0.0


def _customers(tree: Dendrogram, group: int) -> int:
    number = group - tree.n_leaves
    return int(tree.sizes[group] if number < 0 else tree.merges[number, 3])


def _shade(tree: Dendrogram, segments: IntArray, group: int, k: int) -> str:
    """Return the colour of the segment that a group lies in; grey for one above the cut."""
    n = tree.n_leaves
    if group >= 2 * n - k:
        return NEUTRAL
    while group >= n:
        group = int(tree.merges[group - n, 0])
    return colour(int(segments[group]))


def criterion(details: MixtureDetails) -> go.Figure:
    """Draw the Bayesian information criterion over the number of segments, its lowest marked."""
    ks = list(details.bic)
    shapes = ["star" if k == details.best else "circle" for k in ks]
    sizes = [16 if k == details.best else 8 for k in ks]
    figure = go.Figure(
        go.Scatter(
            x=ks, y=[details.bic[k] for k in ks], mode="lines+markers", line={"color": ACCENT},
            marker={"symbol": shapes, "size": sizes, "opacity": 1},
            hovertemplate="%{x} segments: %{y:,.0f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(tickformat=",.0f")
    return apply_layout(figure, x="Number of segments", y="BIC (lower is better)", height=340)


Scale = Sequence[tuple[float, str]]

# Alike units are light and borders dark, in greys that leave the colours to the segments.
_GREYS: Scale = ((0.0, "#fbfbf9"), (1.0, "#3f434b"))
_BLUES: Scale = SEQUENTIAL
# No higher than a phone is wide, with room for a legend: below a narrower map would be nothing.
_HEIGHT, _PLANE_HEIGHT = 400, 270
# Numbers inside the units of a larger map cannot be read.
_LONGEST_SIDE_WITH_NUMBERS = 20
# Of a picked unit: the frame around it, and the pixels that such frames side by side take.
_PICKED, _UNIT_SIZE = "#c8370d", 260
# Pixels of the marker of the unit with most customers, and the fewest that can be seen.
_LARGEST_MARKER, _SMALLEST_MARKER = 17.0, 4.0


def borders(shown: SomView, customers: pd.DataFrame) -> go.Figure:
    """Draw how far each unit is from its neighbours (U-matrix), with the customers standing on it.

    Parameters
    ----------
    customers
        Their `down`, `across` and `segment`.
    """
    grid, distances = shown.found.grid, shown.found.u_matrix
    figure = go.Figure(_cells(grid, distances, [f"{each:.2f} to its neighbours" for each in distances], _GREYS))
    for segment, name in enumerate(shown.names):
        members = customers[customers["segment"] == segment]
        # float32 halves what travels to the browser; a screen has no more digits.
        figure.add_scattergl(
            x=members["across"].to_numpy(dtype=np.float32), y=members["down"].to_numpy(dtype=np.float32),
            mode="markers", name=escape_text(name), hoverinfo="skip",
            marker={"color": colour(segment), "symbol": symbol(segment), "size": 3},
        )  # fmt: skip
    return _squared(figure)


def segments_on_map(shown: SomView, segments: IntArray, names: Sequence[str]) -> go.Figure:
    """Draw the segment of each unit; the area of its marker says how many customers it has.

    Parameters
    ----------
    segments
        Shape (n_units,): the map's own or those of another cut.
    names
        One name per segment.
    """
    found = shown.found
    text = [
        f"{escape_text(names[segment])}<br>{hits:,} customers"
        for segment, hits in zip(segments, found.hits, strict=True)
    ]
    cells = _cells(found.grid, segments.astype(np.float64), text, _steps(len(names)))
    figure = go.Figure(cells.update(zmin=-0.5, zmax=len(names) - 0.5, opacity=0.4))
    sizes = np.maximum(_LARGEST_MARKER * np.sqrt(found.hits / found.hits.max()), _SMALLEST_MARKER)
    for segment, name in enumerate(names):
        units = np.flatnonzero((segments == segment) & (found.hits > 0))
        down, across = found.grid.places[units].T
        figure.add_scatter(
            x=across, y=down, mode="markers", name=escape_text(name), hoverinfo="skip",
            marker={
                "color": colour(segment), "symbol": symbol(segment), "size": sizes[units], "opacity": 1.0,
                "line": {"width": 0.5, "color": "#ffffff"},
            },
        )  # fmt: skip
    return _squared(figure)


def hits(shown: SomView) -> go.Figure:
    """Draw how many customers each unit is nearest to; later traces have a point a unit, in their order."""
    grid, counts = shown.found.grid, shown.found.hits
    # Shades go with the square root: one crowded unit would leave all others equally pale.
    figure = go.Figure(_cells(grid, np.sqrt(counts), [counted(int(count), "customer") for count in counts], _BLUES))
    if max(grid.rows, grid.columns) <= _LONGEST_SIDE_WITH_NUMBERS:
        down, across = grid.places.T
        dark = np.sqrt(counts) > 0.6 * np.sqrt(counts.max())
        figure.add_scatter(
            x=across, y=down, mode="text", text=[f"{count}" if count else "" for count in counts], hoverinfo="skip",
            textfont={"size": 10, "color": np.where(dark, "#ffffff", "#26282c").tolist()}, showlegend=False,
            unselected={"textfont": {"color": "#26282c"}},
        )  # fmt: skip
    # Cells of a heat map cannot be picked; these can, and are seen once they are.
    down, across = grid.places.T
    figure.add_scatter(
        x=across, y=down, mode="markers", hoverinfo="text",
        hovertext=[counted(int(count), "customer") for count in counts],
        marker={
            "symbol": "square-open", "size": _UNIT_SIZE / max(grid.rows, grid.columns), "color": _PICKED,
            "opacity": 0.0, "line": {"width": 3},
        },
        selected={"marker": {"opacity": 1.0}}, unselected={"marker": {"opacity": 0.0}}, showlegend=False,
    )  # fmt: skip
    return _squared(figure)


def plane(shown: SomView, column: str) -> go.Figure:
    """Draw what the units are like in one column (a component plane)."""
    values = shown.planes[column].to_numpy(dtype=np.float64)
    said = _said(values)
    figure = go.Figure(_cells(shown.found.grid, values, said, _BLUES))
    low, high = said[int(values.argmin())], said[int(values.argmax())]
    title = f"{escape_text(column)}<br>{low} (light) to {high} (dark)"
    figure.update_layout(title={"text": title, "font": {"size": 13}, "x": 0.5, "xanchor": "center"})
    return _squared(figure, _PLANE_HEIGHT).update_layout(margin={"t": 48})


def _cells(grid: Grid, values: FloatArray, text: Sequence[str], scale: Scale) -> go.Heatmap:
    """Return one cell per unit; hexagons are drawn as bricks, of which each touches six others too."""
    row, column = np.divmod(np.arange(grid.n_units), grid.columns)
    wide, high = (2, float(grid.places[grid.columns, 0])) if _is_brick(grid) else (1, 1.0)
    n_across = wide * grid.columns + (wide - 1)
    z = np.full((grid.rows, n_across), np.nan)
    said = np.full((grid.rows, n_across), "", dtype=object)
    for part in range(wide):
        places = wide * column + (row % 2 if wide == 2 else 0) + part
        z[row, places], said[row, places] = values, text
    return go.Heatmap(
        z=z, text=said, hoverinfo="text", hoverongaps=False, colorscale=[list(stop) for stop in scale], showscale=False,
        x=np.arange(n_across + 1) / wide - 0.5, y=(np.arange(grid.rows + 1) - 0.5) * high,
    )  # fmt: skip


def _is_brick(grid: Grid) -> bool:
    return grid.kind is GridKind.HEXAGONAL and grid.rows > 1


def _steps(n_segments: int) -> Scale:
    """Return a scale without shades between two segments."""
    return [(edge / n_segments, colour(n)) for n in range(n_segments) for edge in (n, n + 1)]


def _said(values: FloatArray) -> list[str]:
    """Return numbers in text, all to three digits of the largest, and all the digits before the point."""
    largest = float(np.abs(values).max(initial=0.0))
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest > 0 else 0
    texts = [number_text(value, decimals) for value in values.tolist()]
    return [text.rstrip("0").rstrip(".") if decimals else text for text in texts]


def _squared(figure: go.Figure, height: int = _HEIGHT) -> go.Figure:
    apply_layout(figure, height=height).update_layout(legend={"y": 1.0, "itemsizing": "constant"})
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_yaxes(
        visible=False, autorange="reversed", scaleanchor="x", constrain="domain", constraintoward="top"
    )
