"""Scatter plots: customers and centres by two columns, and maps of all columns."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.spatial import ConvexHull, QhullError

from segmenter import config
from segmenter.charts.theme import (
    LABEL_GROUND,
    LABEL_INK,
    NEUTRAL,
    annotate_segments,
    apply_layout,
    axis_written,
    colour,
    escape_text,
    symbol,
    symbol_3d,
    translucent,
)
from segmenter.display import percent_text, shortened
from segmenter.explain.columns import axis_format, column_title
from segmenter.segment.embed import CustomerMap, Points, customers_by_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE
from segmenter.typing import FloatArray


def pair_map(
    result: Result, columns: tuple[str, str], *, picked: Collection[int] = (), dark: bool = False
) -> go.Figure:
    """Draw the customers on two columns in their own units; clicks on a point tell its segment.

    Parameters
    ----------
    picked
        Segments, from 1, that stand out; empty for all.
    dark
        Whether the page is dark.
    """
    points = customers_by_columns(result, columns)
    figure = go.Figure()
    order = sorted(range(result.segmentation.n_segments), key=lambda segment: segment + 1 in picked)
    for segment in order:
        x, y = _pair_coordinates(points, segment)[:2]
        figure.add_scattergl(
            x=x, y=y, mode="markers", name=escape_text(result.segmentation.names[segment]),
            customdata=np.full(len(x), segment + 1), hovertemplate="%{x}, %{y}<extra>%{fullData.name}</extra>",
            marker={
                "color": colour(segment, dark=dark), "size": 8, "line": {"width": 0.5, "color": "#ffffff"},
                "opacity": 0.85 if not picked or segment + 1 in picked else 0.12,
            },
            # Streamlit dims what is not selected; who is picked says that already.
            selected={"marker": {"opacity": 0.85}}, unselected={"marker": {"opacity": 0.85 if not picked else 0.12}},
        )  # fmt: skip
    faint = [each for each in range(len(order)) if picked and each + 1 not in picked]
    figure = _with_unfit(figure, result, columns)
    annotate_segments(figure, _centres(points, 2), dark=dark, faint=faint)
    figure = apply_layout(figure, x=column_title(result, columns[0]), y=column_title(result, columns[1]), height=430)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(**axis_written(axis_format(result, columns[0])))
    figure.update_yaxes(**axis_written(axis_format(result, columns[1])))
    return figure.update_xaxes(fixedrange=True).update_yaxes(fixedrange=True)


def scatter(result: Result, columns: tuple[str, ...]) -> go.Figure:
    """Draw the customers and the segments' centres on two or three columns, in their own units."""
    points = customers_by_columns(result, columns)
    draw = _draw_triple if len(columns) == 3 else _draw_pair
    titles = (*(column_title(result, column) for column in columns), "")
    figure = draw(points, result, titles)
    for axis, column in zip("xyz", columns, strict=False):
        form = {f"{axis}axis": axis_written(axis_format(result, column))}
        figure.update_layout({"scene": form} if len(columns) == 3 else form)
    return _with_unfit(figure, result, columns)


def _draw_pair(points: Points, result: Result, titles: tuple[str, ...]) -> go.Figure:
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        x, y = _pair_coordinates(points, segment)[:2]
        figure.add_scattergl(
            x=x, y=y, mode="markers", name=escape_text(name),
            marker={"color": colour(segment), "symbol": symbol(segment), "size": 7, "opacity": 0.75},
        )  # fmt: skip
    annotate_segments(figure, _centres(points, 2))
    return apply_layout(figure, x=titles[0], y=titles[1], height=520)


def _draw_triple(points: Points, result: Result, titles: tuple[str, ...]) -> go.Figure:
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        x, y, z = _pair_coordinates(points, segment)
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="markers", name=escape_text(name),
            marker={"color": colour(segment), "symbol": symbol_3d(segment), "size": 3.5, "opacity": 0.8},
        )  # fmt: skip
    annotate_segments(figure, _centres(points, 3))
    figure.update_layout(
        scene={f"{axis}axis": {"title": escape_text(title)} for axis, title in zip("xyz", titles, strict=False)}
    )
    return apply_layout(figure, height=600)


def _with_unfit(figure: go.Figure, result: Result, columns: tuple[str, ...]) -> go.Figure:
    """Draw the customers that fit no segment in grey, beneath the others; a sample where there are very many."""
    unfit = result.dataset.frame.loc[result.fits_none, list(columns)].astype(float).dropna()
    if unfit.empty:
        return figure
    some = unfit.sample(min(len(unfit), config.MAX_POINTS_SHOWN // 5), random_state=config.DEFAULT_SEED)
    places = dict(zip("xyz", some.to_numpy(dtype=np.float32).T, strict=False))
    add = figure.add_scatter3d if len(columns) == 3 else figure.add_scattergl
    marker = {"color": NEUTRAL, "symbol": "circle-open", "size": 3.5 if len(columns) == 3 else 6}
    add(**places, mode="markers", name=FITS_NONE, marker=marker)
    figure.data = (figure.data[-1], *figure.data[:-1])
    return figure


def _centres(points: Points, n_axes: int) -> dict[int, list[float]]:
    centres = points.centres.dropna().iloc[:, :n_axes]
    return dict(zip(map(int, centres.index), centres.to_numpy(dtype=float).tolist(), strict=True))


def _pair_coordinates(points: Points, segment: int) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    members: pd.DataFrame = points.customers[(points.segments == segment).to_numpy()]
    # float32 halves what travels to the browser; a screen has no more digits.
    return [members.iloc[:, place].to_numpy(dtype=np.float32) for place in range(members.shape[1])]


AXES: Final = ("Main direction", "Second direction", "Third direction")


def customer_map(drawn: CustomerMap, names: Sequence[str], *, title: Callable[[str], str] = str) -> go.Figure:
    """Draw the customers in their segments' colours, those that fit none in grey, numbers in the segments' middles.

    On a plane, a line runs around the inner nine tenths of each segment; arrows show the way in which the columns
    rise that the map shows best, where its axes have a meaning.

    Parameters
    ----------
    title
        What a column is called.
    """
    if drawn.coordinates.shape[1] == 3:
        return _draw_3d(drawn, names)
    return _draw_2d(drawn, names, title)


# The farthest customers of a segment would draw its outline alone.
_INSIDE: Final = 0.9
_MOST_ARROWS: Final = 6


def _add_hulls(figure: go.Figure, drawn: CustomerMap, names: Sequence[str]) -> None:
    """Draw the convex hull of the inner customers of each segment."""
    for segment, _ in enumerate(names):
        points = drawn.coordinates[drawn.segments == segment]
        if len(points) < 5:
            continue
        far = np.linalg.norm(points - np.median(points, axis=0), axis=1)
        inner = points[far <= np.quantile(far, _INSIDE)]
        try:
            hull = inner[ConvexHull(inner).vertices]
        except QhullError:
            continue  # on a line there is no hull
        around = np.vstack([hull, hull[:1]])
        figure.add_scatter(
            x=around[:, 0], y=around[:, 1], mode="lines", line={"color": colour(segment), "width": 1.5},
            fill="toself", fillcolor=translucent(colour(segment), 0.1), hoverinfo="skip", showlegend=False,
        )  # fmt: skip


def _add_arrows(figure: go.Figure, drawn: CustomerMap, title: Callable[[str], str]) -> None:
    """Draw which way the columns rise that the two axes show best."""
    if not drawn.shares or not drawn.loadings:
        return
    ranked = sorted(drawn.loadings.items(), key=lambda each: -float(np.hypot(each[1][0], each[1][1])))[:_MOST_ARROWS]
    longest = max((float(np.hypot(way[0], way[1])) for _, way in ranked), default=0.0)
    if longest <= 0:
        return
    reach = 0.75 * float(np.abs(drawn.coordinates).max()) / longest
    ends = np.array([way[:2] for _, way in ranked], dtype=np.float64) * reach
    for (name, way), lift in zip(ranked, _lifts(ends * 1.06, np.ptp(drawn.coordinates, axis=0)), strict=True):
        figure.add_annotation(
            x=way[0] * reach, y=way[1] * reach, ax=0, ay=0, xref="x", yref="y", axref="x", ayref="y", text="",
            showarrow=True, arrowhead=2, arrowwidth=1.5, arrowcolor=NEUTRAL,
        )  # fmt: skip
        # Labels lie towards the middle of the map, or a narrow screen would cut them off.
        figure.add_annotation(
            x=way[0] * reach * 1.06, y=way[1] * reach * 1.06, text=shortened(escape_text(title(name)), 24),
            showarrow=False,
            yshift=lift, xanchor="right" if way[0] > 0 else "left",
            bgcolor=LABEL_GROUND, font={"size": 13, "color": LABEL_INK},
        )  # fmt: skip


# What a map leaves its points, about, and how large a label is on it, in pixels.
_MAP_PIXELS: Final = (1000.0, 400.0)
_LABEL: Final = (130.0, 22.0)


def _lifts(places: FloatArray, spans: FloatArray) -> list[float]:
    """Return how many pixels each label is moved up or down so that none stands on another, in the places' order."""
    at = places / np.maximum(spans[:2], 1e-12) * _MAP_PIXELS
    moved = at.copy()
    order = np.argsort(at[:, 1], kind="stable")
    for nth, one in enumerate(order):
        for other in order[:nth]:
            is_beside = abs(at[one, 0] - at[other, 0]) >= _LABEL[0]
            if not is_beside and moved[one, 1] - moved[other, 1] < _LABEL[1]:
                moved[one, 1] = moved[other, 1] + _LABEL[1]
    return [float(each) for each in moved[:, 1] - at[:, 1]]


def _draw_2d(drawn: CustomerMap, names: Sequence[str], title: Callable[[str], str]) -> go.Figure:
    figure = go.Figure()
    for segment, name in _groups(drawn, names):
        x, y = _coordinates(drawn, segment)
        figure.add_scattergl(
            x=x, y=y, mode="markers", name=name,
            marker={"color": _shade(segment), "symbol": _marker(segment), "size": 6, "opacity": 0.75},
        )  # fmt: skip
    _add_hulls(figure, drawn, names)
    annotate_segments(figure, _middles(drawn, names))
    _add_arrows(figure, drawn, title)
    titles = _titles(drawn)
    if not drawn.shares:
        # The axes of such a map have neither a direction nor a unit.
        figure.update_xaxes(showticklabels=False).update_yaxes(showticklabels=False)
    return apply_layout(figure, x=titles[0], y=titles[1], height=560)


def _draw_3d(drawn: CustomerMap, names: Sequence[str]) -> go.Figure:
    figure = go.Figure()
    for segment, name in _groups(drawn, names):
        x, y, z = _coordinates(drawn, segment)
        shape = "circle-open" if segment < 0 else symbol_3d(segment)
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="markers", name=name,
            marker={"color": _shade(segment), "symbol": shape, "size": 3, "opacity": 0.8},
        )  # fmt: skip
    annotate_segments(figure, _middles(drawn, names))
    titles = _titles(drawn)
    figure.update_layout(
        scene={
            f"{axis}axis": {"title": title, "showticklabels": bool(drawn.shares)}
            for axis, title in zip("xyz", titles, strict=True)
        }
    )
    # Otherwise the legend's markers are as small as the points.
    return apply_layout(figure, height=640).update_layout(legend={"itemsizing": "constant"})


def _groups(drawn: CustomerMap, names: Sequence[str]) -> list[tuple[int, str]]:
    groups = [(segment, escape_text(name)) for segment, name in enumerate(names)]
    return [(-1, FITS_NONE), *groups] if (drawn.segments < 0).any() else groups


def _coordinates(drawn: CustomerMap, segment: int) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    # float32 halves what travels to the browser; a screen has no more digits.
    return list(drawn.coordinates[drawn.segments == segment].T.astype(np.float32))


def _middles(drawn: CustomerMap, names: Sequence[str]) -> dict[int, list[float]]:
    """Return the median place of each segment's customers; a few stray ones do not move it."""
    members = {segment: drawn.coordinates[drawn.segments == segment] for segment in range(len(names))}
    return {segment: np.median(points, axis=0).tolist() for segment, points in members.items() if len(points)}


def _titles(drawn: CustomerMap) -> list[str]:
    if not drawn.shares:
        return [""] * drawn.coordinates.shape[1]
    return [f"{name} ({percent_text(share)})" for name, share in zip(AXES, drawn.shares, strict=False)]


def _shade(segment: int) -> str:
    return colour(segment) if segment >= 0 else NEUTRAL


def _marker(segment: int) -> str:
    return symbol(segment) if segment >= 0 else "circle-open"
