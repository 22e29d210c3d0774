"""The dendrogram of an agglomerative clustering, truncated, with the cut that leaves the segments."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from segmenter.charts.theme import ACCENT, NEUTRAL, apply_layout, colour
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.typing import IntArray

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
