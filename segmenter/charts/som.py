"""Charts of a self-organising map: U-matrix, hits, component planes and segments."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmenter.charts.theme import apply_layout, colour, escape_text, symbol
from segmenter.cluster.som.grid import Grid, GridKind
from segmenter.segment.som_view import SomView
from segmenter.typing import FloatArray, IntArray

Scale = Sequence[tuple[float, str]]

# Alike units are light and borders dark, in greys that leave the colours to the segments.
_GREYS: Scale = ((0.0, "#fbfbf9"), (1.0, "#3f434b"))
_BLUES: Scale = ((0.0, "#f2f2ef"), (1.0, "#2d6987"))
# No higher than a phone is wide, with room for a legend: below a narrower map would be nothing.
_HEIGHT, _PLANE_HEIGHT = 400, 270
# Numbers inside the units of a larger map cannot be read.
_LONGEST_SIDE_WITH_NUMBERS = 20
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
    """Draw how many customers each unit is nearest to."""
    grid, counts = shown.found.grid, shown.found.hits
    # Shades go with the square root: one crowded unit would leave all others equally pale.
    figure = go.Figure(_cells(grid, np.sqrt(counts), [f"{count:,} customers" for count in counts], _BLUES))
    if max(grid.rows, grid.columns) <= _LONGEST_SIDE_WITH_NUMBERS:
        down, across = grid.places.T
        dark = np.sqrt(counts) > 0.6 * np.sqrt(counts.max())
        figure.add_scatter(
            x=across, y=down, mode="text", text=[f"{count}" if count else "" for count in counts], hoverinfo="skip",
            textfont={"size": 10, "color": np.where(dark, "#ffffff", "#26282c").tolist()}, showlegend=False,
        )  # fmt: skip
    return _squared(figure)


def plane(shown: SomView, column: str) -> go.Figure:
    """Draw what the units are like in one column (a component plane)."""
    values = shown.planes[column].to_numpy(dtype=np.float64)
    figure = go.Figure(_cells(shown.found.grid, values, [_said(value) for value in values], _BLUES))
    title = f"{escape_text(column)}<br>{_said(values.min())} (light) to {_said(values.max())} (dark)"
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


def _said(value: float) -> str:
    """Return a number with three digits, and all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _squared(figure: go.Figure, height: int = _HEIGHT) -> go.Figure:
    apply_layout(figure, height=height).update_layout(legend={"y": 1.0, "itemsizing": "constant"})
    figure.update_xaxes(visible=False, constrain="domain")
    return figure.update_yaxes(
        visible=False, autorange="reversed", scaleanchor="x", constrain="domain", constraintoward="top"
    )
