"""Where do the customers of each segment stand?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmenter import config
from segmenter.charts.theme import NEUTRAL, colour, numbered, styled, symbol, symbol_3d, words
from segmenter.core.projection import Points, customers_by_columns, customers_by_components
from segmenter.core.result import Result
from segmenter.core.segmentation import FITS_NONE


def scatter(result: Result, columns: tuple[str, ...]) -> go.Figure:
    """Draw the customers and the segments' centres on two or three columns, in their own units."""
    points = customers_by_columns(result, columns)
    draw = _draw_3d if len(columns) == 3 else _draw_2d
    return _with_unfit(draw(points, result, (*columns, "")), result, columns)


def component_map(result: Result) -> go.Figure:
    """Draw the customers on the two directions in which they differ most (PCA)."""
    points, shares = customers_by_components(result)
    titles = tuple(
        f"{name} ({share:.0%} of the differences)" for name, share in zip(points.customers.columns, shares, strict=True)
    )
    return _draw_2d(points, result, titles)


def _draw_2d(points: Points, result: Result, titles: tuple[str, ...]) -> go.Figure:
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        x, y = _coordinates(points, segment)[:2]
        figure.add_scattergl(
            x=x, y=y, mode="markers", name=words(name),
            marker={"color": colour(segment), "symbol": symbol(segment), "size": 7, "opacity": 0.75},
        )  # fmt: skip
    numbered(figure, _centres(points, 2))
    return styled(figure, x=titles[0], y=titles[1], height=520)


def _draw_3d(points: Points, result: Result, titles: tuple[str, ...]) -> go.Figure:
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        x, y, z = _coordinates(points, segment)
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="markers", name=words(name),
            marker={"color": colour(segment), "symbol": symbol_3d(segment), "size": 3.5, "opacity": 0.8},
        )  # fmt: skip
    numbered(figure, _centres(points, 3))
    figure.update_layout(
        scene={f"{axis}axis": {"title": words(title)} for axis, title in zip("xyz", titles, strict=False)}
    )
    return styled(figure, height=600)


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


def _coordinates(points: Points, segment: int) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    members: pd.DataFrame = points.customers[(points.segments == segment).to_numpy()]
    # float32 halves what travels to the browser; a screen has no more digits.
    return [members.iloc[:, place].to_numpy(dtype=np.float32) for place in range(members.shape[1])]
