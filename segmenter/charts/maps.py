"""Where do all customers stand on a map of two or three dimensions?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import NEUTRAL, colour, numbered, styled, symbol, symbol_3d, words
from segmenter.core.maps import CustomerMap
from segmenter.core.segmentation import FITS_NONE

AXES: Final = ("Main direction", "Second direction", "Third direction")


def customer_map(drawn: CustomerMap, names: Sequence[str]) -> go.Figure:
    """Draw the customers in their segments' colours, those that fit none in grey, numbers in the segments' middles."""
    draw = _draw_3d if drawn.coordinates.shape[1] == 3 else _draw_2d
    return draw(drawn, names)


def _draw_2d(drawn: CustomerMap, names: Sequence[str]) -> go.Figure:
    figure = go.Figure()
    for segment, name in _groups(drawn, names):
        x, y = _coordinates(drawn, segment)
        figure.add_scattergl(
            x=x, y=y, mode="markers", name=name,
            marker={"color": _shade(segment), "symbol": _marker(segment), "size": 6, "opacity": 0.75},
        )  # fmt: skip
    numbered(figure, _middles(drawn, names))
    titles = _titles(drawn)
    if not drawn.shares:
        # The axes of such a map have neither a direction nor a unit.
        figure.update_xaxes(showticklabels=False).update_yaxes(showticklabels=False)
    return styled(figure, x=titles[0], y=titles[1], height=560)


def _draw_3d(drawn: CustomerMap, names: Sequence[str]) -> go.Figure:
    figure = go.Figure()
    for segment, name in _groups(drawn, names):
        x, y, z = _coordinates(drawn, segment)
        shape = "circle-open" if segment < 0 else symbol_3d(segment)
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="markers", name=name,
            marker={"color": _shade(segment), "symbol": shape, "size": 3, "opacity": 0.8},
        )  # fmt: skip
    numbered(figure, _middles(drawn, names))
    titles = _titles(drawn)
    figure.update_layout(
        scene={
            f"{axis}axis": {"title": title, "showticklabels": bool(drawn.shares)}
            for axis, title in zip("xyz", titles, strict=True)
        }
    )
    # Otherwise the legend's markers are as small as the points.
    return styled(figure, height=640).update_layout(legend={"itemsizing": "constant"})


def _groups(drawn: CustomerMap, names: Sequence[str]) -> list[tuple[int, str]]:
    groups = [(segment, words(name)) for segment, name in enumerate(names)]
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
    return [f"{name} ({share:.0%})" for name, share in zip(AXES, drawn.shares, strict=False)]


def _shade(segment: int) -> str:
    return colour(segment) if segment >= 0 else NEUTRAL


def _marker(segment: int) -> str:
    return symbol(segment) if segment >= 0 else "circle-open"
