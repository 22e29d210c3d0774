"""In which order did groups merge, and where does a cut leave segments?"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from segmenter.algorithms.hierarchy import Dendrogram
from segmenter.charts.theme import ACCENT, NEUTRAL, colour, styled

# On a telephone more branches' numbers would overlap; what merged before them is drawn as one.
MOST_BRANCHES = 24


@dataclass(frozen=True)
class _Branch:
    """A group as it is drawn: where its line stands, and how high it begins."""

    x: float
    height: float


def unit_tree(tree: Dendrogram, segments: NDArray[np.intp], k: int) -> go.Figure:
    """Draw the last merges of a tree, with a line that cuts it into `k` segments.

    Parameters
    ----------
    segments
        Shape (tree.n_leaves,): the segment of each leaf after that cut.
    """
    drawing = _Drawing(tree, segments, k)
    drawing.draw(2 * tree.n_leaves - 2)
    figure, branches = drawing.figure, list(range(len(drawing.customers)))
    figure.add_scatter(
        x=branches, y=[0.0] * len(branches), mode="markers", hoverinfo="skip", cliponaxis=False,
        marker={"color": drawing.shades, "size": 10},
    )  # fmt: skip
    figure.add_hline(tree.height_for(k), line={"color": ACCENT, "dash": "dash"})
    figure.update_xaxes(tickvals=branches, ticktext=drawing.customers, tickangle=-90, tickfont_size=10)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=False)
    return styled(figure, x="Customers in each branch", y="Distance at which groups merge", height=420)


class _Drawing:
    def __init__(self, tree: Dendrogram, segments: NDArray[np.intp], k: int) -> None:
        self.tree, self.segments, self.k = tree, segments, k
        self.figure = go.Figure()
        self.customers: list[str] = []
        self.shades: list[str] = []
        self._first_drawn = max(2 * tree.n_leaves - max(MOST_BRANCHES, k), tree.n_leaves)

    def draw(self, group: int) -> _Branch:
        """Draw a group and all below it; return where its line begins."""
        number = group - self.tree.n_leaves
        if group < self._first_drawn:
            size = self.tree.sizes[group] if number < 0 else self.tree.merges[number, 3]
            self.customers.append(f"{int(size):,}")
            self.shades.append(colour(self._segment(group)))
            return _Branch(len(self.customers) - 1, 0.0)
        left, right = (self.draw(int(each)) for each in self.tree.merges[number, :2])
        height = float(self.tree.heights[number])
        is_cut = number >= self.tree.n_leaves - self.k
        self._bracket(left, right, height, NEUTRAL if is_cut else colour(self._segment(group)))
        if is_cut:
            self._remark((left.x + right.x) / 2, height, f"{int(self.tree.merges[number, 3]):,} customers")
        return _Branch((left.x + right.x) / 2, height)

    def _segment(self, group: int) -> int:
        while group >= self.tree.n_leaves:
            group = int(self.tree.merges[group - self.tree.n_leaves, 0])
        return int(self.segments[group])

    def _bracket(self, left: _Branch, right: _Branch, height: float, shade: str) -> None:
        self.figure.add_scatter(
            x=[left.x, left.x, right.x, right.x], y=[left.height, height, height, right.height],
            mode="lines", line={"color": shade, "width": 2}, hoverinfo="skip",
        )  # fmt: skip

    def _remark(self, x: float, height: float, text: str) -> None:
        self.figure.add_scatter(
            x=[x], y=[height], mode="markers+text", text=[f"{height:.3g}"], textposition="top right",
            hovertext=text, hoverinfo="text", marker={"color": NEUTRAL, "size": 5}, textfont={"size": 10},
        )  # fmt: skip
