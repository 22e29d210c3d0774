"""Charts of segments: sizes, distributions, profiles, silhouettes; and what each choice for a column does to it."""

from collections.abc import Callable, Collection, Sequence
from itertools import zip_longest
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from segmenter import config
from segmenter.charts.theme import (
    ACCENT,
    DARK_DIVERGING,
    DIVERGING,
    FAINT,
    NEUTRAL,
    PALETTE,
    apply_layout,
    axis_written,
    colour,
    escape_text,
    wrapped,
    write_in_cells,
)
from segmenter.display import ink_on, percent_text
from segmenter.explain.columns import D3_PERCENT, axis_format, column_title, decimals_for
from segmenter.explain.names import CLEARLY
from segmenter.measures.separation import silhouette_samples
from segmenter.measures.tendency import Tendency
from segmenter.prepare.diagnostics import FillPreview, FillPreviews, Influence, Outliers, ShapePreview
from segmenter.sampling import systematic_sample
from segmenter.segment.embed import rank_columns_by_eta_squared, weighted_sums
from segmenter.segment.profile import SegmentProfile, low_base, rank_values_by_difference
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE
from segmenter.typing import FloatArray

# More columns than these make a profile that nobody reads; those that differ most are drawn.
MOST_COLUMNS: Final = 8
MOST_LINES: Final = 600
MOST_SILHOUETTES: Final = 2_000
# Of letters, for what a narrow screen has beside other things; and the pixels of such a title above a panel.
_NARROW: Final = 12
_NARROWEST: Final = 10
_BESIDE: Final = 22
_TITLE: Final = 64
# So many names stand above a chart of usual height; and the pixels of a line of a legend.
_SHORT_LEGEND: Final = 4
_LINE: Final = 20


def small_multiples(result: Result, column: str) -> go.Figure:
    """Draw the distribution of one column, one small picture a segment under a common axis."""
    values, title = result.dataset.frame[column], column_title(result, column)
    labels = result.segmentation.labels.to_numpy()
    names = result.segmentation.names
    known = values[(labels >= 0) & values.notna()]
    rows = result.counted_rows
    drawn, drawn_labels = values.to_numpy(dtype=np.float64)[rows], labels[rows]
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.25 / max(len(names), 2))
    if known.empty:
        return apply_layout(go.Figure())
    codes = np.unique(known.to_numpy()[:5_000])
    edges = _edges(known.to_numpy(dtype=np.float64), codes)
    for segment, name in enumerate(names):
        own = drawn[(drawn_labels == segment) & np.isfinite(drawn)]
        counts = np.histogram(own, edges)[0] / max(len(own), 1)
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, y=counts, width=np.diff(edges), marker_color=colour(segment), name="",
            hovertext=[percent_text(share) for share in counts],
            hovertemplate=f"{escape_text(title)} %{{x}}: %{{hovertext}}<extra></extra>", showlegend=False,
            row=segment + 1, col=1,
        )  # fmt: skip
        _title_above(figure, segment, f"<b>{_number(result, segment)}</b> {escape_text(name)}")
    apply_layout(figure, height=90 + 96 * len(names))
    figure.update_layout(bargap=0.02)
    figure.update_yaxes(nticks=3, rangemode="tozero", matches="y", **axis_written())
    figure.update_xaxes(title=None, **axis_written(axis_format(result, column)))
    figure.update_xaxes(title=escape_text(title), row=len(names), col=1)
    return figure


def _title_above(figure: go.Figure, place: int, text: str) -> None:
    """Write a title above the left of a panel, where also a narrow screen has room for it."""
    axis = str(place + 1) if place else ""
    figure.add_annotation(
        text=text, xref=f"x{axis} domain", yref=f"y{axis} domain", x=0, y=1.02, xanchor="left", yanchor="bottom",
        showarrow=False, align="left",
    )  # fmt: skip


def _number(result: Result, segment: int) -> str:
    """Return a segment's number, with a mark where its figures rest on few customers."""
    return f"{segment + 1}{low_base(result.profiles[segment].size)}"


def _beside(number: int, mark: str, name: str) -> str:
    """Return a segment's number and name as they stand beside its bar: a long one would leave the bars no room."""
    return wrapped(f"{number}{mark} {escape_text(name)}", _BESIDE, most_lines=3)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _edges(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return bins; a column of few values has one around each of them."""
    if len(codes) <= 15:
        if len(codes) == 1:
            return np.array([codes[0] - 0.5, codes[0] + 0.5])
        middles = (codes[1:] + codes[:-1]) / 2
        return np.concatenate([[2 * codes[0] - middles[0]], middles, [2 * codes[-1] - middles[-1]]])
    low, high = float(values.min()), float(values.max())
    n = min(40, max(8, int(len(values) ** 0.5)))
    size = (high - low) / n
    if (values == np.round(values)).all():
        size = max(1.0, float(round(size)))
        return np.arange(low - 0.5, high + size, size)
    return np.linspace(low, high, n + 1)


def code_bars(result: Result, column: str) -> go.Figure:
    """Draw the share of each value of a category, a bar a segment."""
    rows = result.counted_rows
    labels = result.segmentation.labels.to_numpy()[rows]
    texts = result.dataset.frame[column].astype("str").array[rows]
    table = pd.crosstab(labels, texts, normalize="index")
    levels = result.dataset.column(column).levels
    frequent = list(table.sum().sort_values(ascending=False, kind="stable").index[:12])
    # An order that the answers have says more than that of how often they are given.
    top = [level for level in levels if level in frequent] if levels else frequent
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        shares = table[top].reindex([segment], fill_value=0.0).iloc[0]
        figure.add_bar(
            x=shares.to_numpy(), y=[escape_text(str(value)) for value in top], orientation="h",
            name=f"{_number(result, segment)} {escape_text(name)}", marker_color=colour(segment),
            hovertext=[percent_text(share) for share in shares], hovertemplate="%{y}: %{hovertext}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group")
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(**axis_written())
    return apply_layout(
        figure,
        x=f"{column_title(result, column)}: share of the segment with each value",
        height=120 + 22 * len(top) * max(2, len(result.segmentation.names)) // 2,
    )


def box_plots(result: Result, column: str) -> go.Figure:
    """Draw the spread of one column in each segment: box from the first to the third quarter, line at the middle."""
    rows = result.counted_rows
    values = result.dataset.frame[column].to_numpy(dtype=np.float64, na_value=np.nan)[rows]
    labels = result.segmentation.labels.to_numpy()[rows]
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        own = values[(labels == segment) & np.isfinite(values)]
        if not len(own):
            continue
        low, q1, median, q3, high = np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95])
        figure.add_box(
            q1=[q1], median=[median], q3=[q3], lowerfence=[low], upperfence=[high],
            y=[_beside(segment + 1, low_base(result.profiles[segment].size), name)],
            orientation="h", name=escape_text(name), marker_color=colour(segment), showlegend=False,
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(**axis_written(axis_format(result, column)))
    return apply_layout(
        figure,
        x=f"{column_title(result, column)}, whiskers: the middle 90 %",
        height=110 + 44 * len(result.segmentation.names),
    )


def _standardised(result: Result) -> pd.DataFrame:
    """Return each segment's mean in standard deviations from everyone's, one row a segment, the clearest columns."""
    names = rank_columns_by_eta_squared(result)[:MOST_COLUMNS]
    labels = result.segmentation.labels
    placed = labels >= 0
    values, weights = result.dataset.frame.loc[placed, list(names)].astype(float), result.weights[placed]
    everyone = values.notna().mul(weights, axis=0).sum()
    centred = values - values.mul(weights, axis=0).sum() / everyone
    spread = (centred.pow(2).mul(weights, axis=0).sum() / everyone) ** 0.5
    kept = [name for name in names if spread[name] > 0]
    sums, counted = weighted_sums(centred[kept] / spread[kept], weights, labels[placed])
    return (sums / counted.where(counted > 0)).reindex(range(result.segmentation.n_segments))


def parallel_profiles(result: Result) -> go.Figure:
    """Draw the segments' means across the columns that tell them apart, in standard deviations from everyone."""
    table = _standardised(result)
    figure = go.Figure()
    labels = [escape_text(column_title(result, name)) for name in table.columns]
    for segment, name in enumerate(result.segmentation.names):
        if len(labels):
            figure.add_scatter(
                x=labels, y=table.loc[segment].to_numpy(), mode="lines+markers",
                name=f"{_number(result, segment)} {escape_text(name)}", line={"color": colour(segment), "width": 3},
                hovertemplate="%{x}: %{y:.1f}<extra></extra>",
            )  # fmt: skip
    figure.add_hline(y=0, line={"color": NEUTRAL, "dash": "dot"})
    figure.update_xaxes(tickangle=-30)
    return _with_room_for_names(apply_layout(figure, y="Standard deviations from everyone", height=440))


def _with_room_for_names(figure: go.Figure) -> go.Figure:
    """Let a legend show every name where a narrow screen has one a line: in a saved picture nobody can scroll."""
    more = max(0, len(figure.data) - _SHORT_LEGEND)
    figure.update_layout(height=figure.layout.height + _LINE * more)
    return figure.update_layout(legend={"maxheight": _LINE * len(figure.data) + _LINE})


def marker_panels(result: Result) -> go.Figure:
    """Draw a panel a segment, a bar a column: its mean against everyone's, at the line; marker columns in colour.

    After the segment profile plot of flexclust (Dolnicar et al. 2018), in standard deviations.
    """
    table = _standardised(result)
    names, n = result.segmentation.names, table.shape[1]
    if not n:
        return go.Figure()
    abreast = min(len(names), 2)
    lines = -(-len(names) // abreast)
    height = 60 + lines * (_TITLE + 30 + 24 * n)
    figure = make_subplots(
        rows=lines, cols=abreast, shared_yaxes=True, vertical_spacing=min((_TITLE + 30) / height, 0.9 / max(lines, 2)),
        horizontal_spacing=0.03,
    )  # fmt: skip
    labels = [_cut(escape_text(column_title(result, str(name))), 22) for name in table.columns]
    for segment in range(len(names)):
        values = table.loc[segment].to_numpy(dtype=np.float64)
        figure.add_bar(
            x=values, y=labels, orientation="h", showlegend=False,
            marker_color=[colour(segment) if abs(value) >= CLEARLY else NEUTRAL for value in values],
            hovertemplate="%{y}: %{x:.1f}<extra></extra>", row=segment // abreast + 1, col=segment % abreast + 1,
        )  # fmt: skip
        number, *name = wrapped(
            f"{_number(result, segment)} {escape_text(names[segment])}", _NARROW, most_lines=3
        ).partition(" ")
        _title_above(figure, segment, f"<b>{number}</b>{''.join(name)}")
    reach = max(1.0, float(np.nanmax(np.abs(table.to_numpy())))) * 1.05
    apply_layout(figure, height=height).update_layout(margin={"t": _TITLE})
    figure.update_xaxes(range=[-reach, reach], nticks=3, zeroline=True, zerolinecolor=NEUTRAL, zerolinewidth=2)
    return figure.update_yaxes(autorange="reversed")


def radar_profiles(result: Result) -> go.Figure:
    """Draw the segments' means as a web, in standard deviations from everyone; nothing of fewer than three columns."""
    table = _standardised(result)
    figure = go.Figure()
    if table.shape[1] < 3:
        return figure
    titles = [
        wrapped(
            " ".join(_cut(word, _NARROW) for word in escape_text(column_title(result, str(name))).split()), _NARROWEST
        )
        for name in table.columns
    ]
    around = [*titles, titles[0]]
    for segment, name in enumerate(result.segmentation.names):
        values = table.loc[segment].to_numpy()
        figure.add_scatterpolar(
            r=[*values, values[0]], theta=around, name=f"{_number(result, segment)} {escape_text(name)}",
            line={"color": colour(segment), "width": 3}, hovertemplate="%{theta}: %{r:.1f}<extra></extra>",
        )  # fmt: skip
    low, high = (float(edge(table.to_numpy())) for edge in (np.nanmin, np.nanmax))
    radial = {"range": [min(low, -1.0) - 0.2, max(high, 1.0) + 0.1], "nticks": 5}
    figure.update_layout(polar={"radialaxis": radial, "bgcolor": "rgba(0,0,0,0)", "domain": {"y": [0.03, 0.87]}})
    # Around a web there is no margin that grows with its labels.
    apply_layout(figure, height=480).update_layout(margin={"t": 60, "b": 50, "l": 72, "r": 72})
    return _with_room_for_names(figure)


def customer_lines(result: Result) -> go.Figure:
    """Draw customers as lines across the columns that tell the segments apart (parallel coordinates)."""
    names = list(rank_columns_by_eta_squared(result)[:MOST_COLUMNS])
    labels = result.segmentation.labels
    frame = result.dataset.frame.loc[labels >= 0, names].astype(float)
    complete = frame.dropna()
    if len(names) < 2 or complete.empty:
        return go.Figure()
    rows = complete.index[systematic_sample(len(complete), MOST_LINES)]
    k, segments = result.segmentation.n_segments, result.segmentation.names
    steps = [(place, colour(min(int(place * k), k - 1))) for place in np.linspace(0, 1, 2 * k + 1)]
    figure = go.Figure(
        go.Parcoords(
            line={"color": labels[rows].to_numpy() + 0.5, "colorscale": steps, "cmin": 0, "cmax": k},
            dimensions=[
                _dimension(complete.loc[rows, name].to_numpy(), column_title(result, name), axis_format(result, name))
                for name in names
            ],
        )
    )
    # The lines have no names of their own: marks without a place, for the legend alone.
    for segment, name in enumerate(segments):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", marker={"color": colour(segment), "size": 10},
            name=f"{_number(result, segment)} {escape_text(name)}", hoverinfo="skip",
        )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    apply_layout(figure, height=460 + 20 * len(segments))
    return figure.update_layout(
        margin={"t": 60, "b": 30, "l": 70, "r": 60},
        legend={"y": -0.05, "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
    )


def _dimension(values: np.ndarray, title: str, form: str | None) -> dict[str, object]:
    # These axes replace no labels: the sign stands beside the name.
    is_rate = form == D3_PERCENT
    values = 100 * values if is_rate else values
    # The ends of an axis are written, too: the least and the most customer would stand there to the last digit.
    is_whole = bool((values == np.round(values)).all())
    decimals = 0 if is_whole else decimals_for(float(np.ptp(values)))
    low, high = np.floor(values.min() * 10**decimals), np.ceil(values.max() * 10**decimals)
    return {
        "label": _cut(escape_text(title), 18) + (", %" if is_rate else ""),
        "values": values,
        "range": [low / 10**decimals, high / 10**decimals],
        "tickformat": form if form and not is_rate else f",.{decimals}f",
    }


def customer_silhouettes(result: Result) -> go.Figure:
    """Draw the silhouette of each customer, segment by segment, the clearest first; below 0 another one is nearer."""
    labels = result.segmentation.labels.to_numpy()
    placed = np.flatnonzero(labels >= 0)
    figure = go.Figure()
    if len(np.unique(labels[placed])) < 2:
        return figure
    rows = placed[systematic_sample(len(placed), MOST_SILHOUETTES)]
    X = result.segmentation.preparation.transform(result.model_frame.iloc[rows])
    widths = silhouette_samples(X, [labels[rows].astype(np.intp)])[0]
    start = 0
    for segment, name in enumerate(result.segmentation.names):
        own = np.sort(widths[labels[rows] == segment])[::-1]
        own = own[np.isfinite(own)]
        if not len(own):
            continue
        figure.add_scatter(
            x=own, y=np.arange(start, start + len(own)), mode="lines", fill="tozerox",
            name=f"{_number(result, segment)} {escape_text(name)}", line={"color": colour(segment), "width": 1},
            hovertemplate="%{x:.2f}<extra></extra>",
        )  # fmt: skip
        start += len(own) + max(3, len(rows) // 60)
    known = np.isfinite(widths)
    mean = float(np.average(widths[known], weights=result.weights[rows][known])) if known.any() else 0.0
    figure.add_vline(x=mean, line={"color": NEUTRAL, "dash": "dash"})
    figure.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed")
    return _with_room_for_names(apply_layout(figure, x="Silhouette (dashed: mean of all)", height=460))


def gorge(result: Result) -> go.Figure:
    """Draw how near customers are to each segment's centre: two peaks with a gorge between show a segment apart.

    The similarity of a customer to a centre at the distance d is exp(-d), divided by its sum over all centres
    (Dolnicar, Grün & Leisch 2018, step 7).
    """
    labels = result.segmentation.labels.to_numpy()
    placed = np.flatnonzero(labels >= 0)
    names = result.segmentation.names
    if not len(placed) or len(names) < 2:
        return go.Figure()
    rows = placed[systematic_sample(len(placed), config.MAX_POINTS_SHOWN)]
    X = result.segmentation.preparation.transform(result.model_frame.iloc[rows])
    centres = result.segmentation.clusterer.centres_
    far = np.sqrt(((X[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    near = np.exp(far.min(axis=1, keepdims=True) - far)
    similarity = near / near.sum(axis=1, keepdims=True)
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.25 / len(names))
    edges = np.linspace(0.0, 1.0, 41)
    for segment, name in enumerate(names):
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, y=np.histogram(similarity[:, segment], edges)[0],
            marker_color=colour(segment), showlegend=False, width=np.diff(edges),
            hovertemplate="%{y:,} customers<extra></extra>", row=segment + 1, col=1,
        )  # fmt: skip
        _title_above(figure, segment, f"<b>{_number(result, segment)}</b> {escape_text(name)}")
    apply_layout(figure, height=90 + 96 * len(names))
    figure.update_layout(bargap=0.02)
    # Most customers are far from most centres: a peak there must not flatten the one at 1.
    figure.update_yaxes(nticks=3, rangemode="tozero", **axis_written(",d"))
    figure.update_xaxes(title=None, range=[0, 1])
    return figure.update_xaxes(title="Similarity to the segment's centre", row=len(names), col=1)


# Of more columns than these the numbers would not fit their cells.
_WRITTEN_IN: Final = 14


def correlation_map(frame: pd.DataFrame) -> go.Figure:
    """Draw how columns of numbers go together: 1 rise together, −1 one falls as the other rises, 0 neither."""
    table = frame.corr()
    full = [escape_text(str(name)) for name in table.columns]
    short = [_cut(name, _BESIDE) for name in full]
    names = short if len(set(short)) == len(full) else full
    values = table.to_numpy()
    figure = go.Figure(
        go.Heatmap(
            z=values, x=names, y=names, zmin=-1, zmid=0, zmax=1, colorscale=DIVERGING,
            hovertemplate="%{y}, %{x}: %{z:.2f}<extra></extra>",
            # Beside the cells it would take a third of their room on a telephone.
            colorbar={"thickness": 10, "orientation": "h", "y": 1.0, "yanchor": "bottom", "nticks": 5},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", nticks=len(names))
    figure.update_xaxes(tickangle=-90, nticks=len(names))
    if len(names) <= _WRITTEN_IN:
        write_in_cells(figure, [[_coefficient(value) for value in row] for row in values])
    return apply_layout(figure, height=180 + 30 * len(names))


def _coefficient(value: float) -> str:
    """Return a correlation in so few letters that a narrow cell holds it: ".7", "−.4", "0"; the pointer has more."""
    if not np.isfinite(value):
        return ""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0").replace("0.", ".").replace("-", "−")


# What a chart of that height leaves its points on a narrow screen, about; bubbles are moved aside by it.
_PLOT_PIXELS: Final = (280.0, 360.0)
_SPAN: Final = (11.4, 11.8)


def evaluation_plot(
    profiles: tuple[SegmentProfile, ...], attractiveness: tuple[float, ...], fit: tuple[float, ...]
) -> go.Figure:
    """Draw the segments by how attractive they are and how well they fit, bubbles as large as the segments.

    Bubbles that would cover each other are moved aside; a line leads from each of these to its place.
    """
    most = max((profile.size for profile in profiles), default=1) or 1
    sizes = np.array([22 + 42 * (profile.size / most) ** 0.5 for profile in profiles])
    true = np.column_stack([fit, attractiveness]).astype(np.float64).reshape(-1, 2)
    drawn = _moved_apart(true, sizes / 2)
    figure = go.Figure()
    for place, (x, y) in enumerate(drawn):
        if np.abs(drawn[place] - true[place]).max() > 0.05:
            figure.add_scatter(
                x=[true[place, 0], x], y=[true[place, 1], y], mode="lines+markers", showlegend=False, hoverinfo="skip",
                line={"color": NEUTRAL, "width": 1}, marker={"size": [7, 0], "color": colour(place)},
            )  # fmt: skip
    figure.add_scatter(
        x=drawn[:, 0], y=drawn[:, 1], mode="markers+text", showlegend=False,
        text=[f"<b>{profile.segment}{low_base(profile.size)}</b>" for profile in profiles],
        textfont={"color": [ink_on(colour(profile.segment - 1)) for profile in profiles], "size": 14},
        marker={
            "size": sizes, "color": [colour(profile.segment - 1) for profile in profiles], "opacity": 0.95,
            "line": {"width": 1, "color": "#ffffff"},
        },
        customdata=true, hovertext=[escape_text(profile.name) for profile in profiles],
        hovertemplate="%{hovertext}<br>attractiveness %{customdata[1]:.1f}, fit %{customdata[0]:.1f}<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip
    figure.add_hline(y=5, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    figure.add_vline(x=5, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    figure.update_xaxes(range=[-0.7, 10.7])
    figure.update_yaxes(range=[-0.9, 10.9])
    return apply_layout(figure, x="Fit with what you can offer (0-10)", y="Attractiveness (0-10)", height=460)


# The golden angle: so turned, no two of few point the same way.
_TURN: Final = np.pi * (3 - 5**0.5)


def _moved_apart(places: FloatArray, radii: FloatArray) -> FloatArray:
    """Return places at which circles of these radii, in pixels, don't cover each other, near where they were."""
    scale = np.array(_PLOT_PIXELS) / np.array(_SPAN)
    at, low, high = places * scale, np.zeros(2), 10 * scale
    for _ in range(300):
        is_apart = True
        for one in range(len(at)):
            for other in range(one):
                gap = at[one] - at[other]
                distance = float(np.hypot(*gap))
                needed = float(radii[one] + radii[other]) + 3
                if distance >= needed:
                    continue
                is_apart = False
                # Exactly above each other, each has a way of its own: two part sideways, more into a flower.
                way = gap / distance if distance > 1e-6 else np.array([np.cos(_TURN * one), np.sin(_TURN * one)])
                # A little aside of it, or those in one line would stay in it.
                step = (needed - distance) / 2 * (way + 0.1 * np.array([-way[1], way[0]]))
                at[one], at[other] = np.clip(at[one] + step, low, high), np.clip(at[other] - step, low, high)
        if is_apart:
            break
    moved: FloatArray = at / scale
    return moved


def value_index(
    names: tuple[str, ...], index: tuple[float | None, ...], *, marks: Sequence[str] = (), verb: str = "brings"
) -> go.Figure:
    """Draw what a customer of each segment brings against everyone's 100; 80 to 120 is about the same.

    Parameters
    ----------
    marks
        Stand beside the segments' numbers, for those of few customers; empty for none.
    verb
        What customers do with the value: bring it, or earn it elsewhere.
    """
    labels = [_beside(n, mark, name) for n, (name, mark) in enumerate(zip_longest(names, marks, fillvalue=""), 1)]
    figure = go.Figure(
        go.Bar(
            x=[value or 0.0 for value in index], y=labels,
            orientation="h", marker_color=[colour(place) for place in range(len(names))],
            text=["–" if value is None else f"{value:.0f}" for value in index], textangle=0, cliponaxis=False,
            hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_vrect(x0=80, x1=120, fillcolor=NEUTRAL, opacity=0.25, line_width=0, layer="below")
    figure.update_yaxes(autorange="reversed")
    return apply_layout(
        figure,
        x=f"Each {verb} (everyone: 100)",
        height=110 + 44 * len(names),
    )


# An index is read around 100; 50 points either way already fill the colours.
INDEX_SPAN = 100
# More values of categories than this are no picture any more; all stand in the summary.
MOST_VALUES = 12
_VALUES_EACH = 3


def sizes(profiles: tuple[SegmentProfile, ...], n_unfit: int = 0, n_customers: int = 0) -> go.Figure:
    """Draw the number of customers of each segment with its share, and in grey of those that fit none.

    Segments have their share of the customers in segments; those that fit none, of all `n_customers`.
    """
    unfit = [n_unfit] if n_unfit else []
    largest = max([*(profile.size for profile in profiles), *unfit], default=0)
    share = f" · {percent_text(n_unfit / n_customers, 1)} of all" if n_customers else ""
    figure = go.Figure(
        go.Bar(
            x=[*(profile.size for profile in profiles), *unfit],
            y=[*(_beside(profile.segment, "", profile.name) for profile in profiles), *(FITS_NONE for _ in unfit)],
            orientation="h",
            # A narrow screen has room for the words within a long bar, and behind a short one.
            textposition=[
                "inside" if 2 * n > largest else "outside" for n in (*(profile.size for profile in profiles), *unfit)
            ],
            text=[
                *(
                    f"{profile.size:,}{low_base(profile.size)} · {percent_text(profile.share, 1)}"
                    for profile in profiles
                ),
                *(f"{n:,}{share}" for n in unfit),
            ],
            marker_color=[*(colour(profile.segment - 1) for profile in profiles), *(NEUTRAL for _ in unfit)],
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    return apply_layout(
        figure,
        x="Customers (shares: of those in segments)" if unfit else "Customers",
        height=90 + 44 * (len(profiles) + len(unfit)),
    )


def silhouette_bars(profiles: tuple[SegmentProfile, ...]) -> go.Figure:
    """Draw the mean silhouette of each segment."""
    known = [profile for profile in profiles if profile.silhouette is not None]
    figure = go.Figure(
        go.Bar(
            x=[profile.silhouette for profile in known],
            y=[_beside(profile.segment, low_base(profile.size), profile.name) for profile in known],
            orientation="h",
            text=[f"{profile.silhouette:.2f}" for profile in known],
            textangle=0,
            marker_color=[colour(profile.segment - 1) for profile in known],
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, x="Mean silhouette (best: 1)", height=90 + 44 * len(known))


def index_rows(
    profiles: tuple[SegmentProfile, ...], most: int | None = None, title: Callable[[str], str] = str
) -> dict[str, list[float | None]]:
    """Return how many per cent each segment lies above or below everyone, per column and per telling value.

    Parameters
    ----------
    most
        Only so many rows: those in which some segment lies farthest from everyone; None for all.
    title
        What a column is called.
    """
    named = dict.fromkeys(name for profile in profiles for name in profile.index)
    rows = {title(name): [profile.index.get(name) for profile in profiles] for name in named}
    ranked = list(rank_values_by_difference(profiles, MOST_VALUES))
    if most is not None:
        # At a glance, no category with many values takes the rows of all others.
        # Its values are taken as rows are: those farthest from everyone.
        index = {
            (column, value): [profile.share_index.get(column, {}).get(value) for profile in profiles]
            for column, value in ranked
        }
        far_pairs = sorted(ranked, key=lambda pair: -_farthest(index[pair]))
        kept = [
            pair
            for at, pair in enumerate(far_pairs)
            if sum(pair[0] == other[0] for other in far_pairs[:at]) < _VALUES_EACH
        ]
        ranked = [pair for pair in ranked if pair in kept]
    for column, value in ranked:
        # A grade that was read as a number is a 3, not a 3.0.
        whole = value.removesuffix(".0")
        said = whole if whole.lstrip("-").isdecimal() else value
        rows[f"{title(column)}: {said}"] = [profile.share_index.get(column, {}).get(value) for profile in profiles]
    if most is not None and len(rows) > most:
        far = sorted(rows, key=lambda name: -_farthest(rows[name]))[:most]
        rows = {name: row for name, row in rows.items() if name in far}
    return {name: [each if each is None else each - 100 for each in row] for name, row in rows.items()}


def _farthest(index: Sequence[float | None]) -> float:
    """Return how far the index of some segment lies from everyone's 100; None says nothing."""
    return max((abs(each - 100) for each in index if each is not None), default=0.0)


def index_map(
    profiles: tuple[SegmentProfile, ...],
    *,
    picked: Collection[int] = (),
    dark: bool = False,
    most: int | None = None,
    title: Callable[[str], str] = str,
) -> go.Figure:
    """Draw how many per cent each segment lies above or below everyone, per column and per telling value.

    Parameters
    ----------
    picked
        Segments, from 1, whose columns are framed; empty for none.
    dark
        Whether the page is dark.
    most
        Draw only so many rows: those in which some segment lies farthest from everyone; None for all.
    title
        What a column is called.
    """
    rows = index_rows(profiles, most, title)
    columns, values = list(rows), list(rows.values())
    scale = DARK_DIVERGING if dark else DIVERGING
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=list(range(len(profiles))),
            y=_short_rows(columns),
            zmin=-INDEX_SPAN,
            zmid=0,
            zmax=INDEX_SPAN,
            colorscale=scale,
            xgap=2,
            ygap=2,
            text=[[signed_percent(value) for value in row] for row in values],
            customdata=[[escape_text(profile.name) for profile in profiles] for _ in values],
            hovertemplate="%{y}<br>%{customdata}: %{text} %<extra></extra>",
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticklabelstandoff=8, ticks="", showgrid=False)
    if columns:
        write_in_cells(figure, [[signed_percent(value) for value in row] for row in values])
    figure.update_xaxes(showticklabels=False, fixedrange=True, ticks="", showgrid=False, zeroline=False)
    if columns:
        for place, profile in enumerate(profiles):
            ground = colour(profile.segment - 1, dark=dark)
            figure.add_annotation(
                x=place, y=1, yref="paper", yanchor="bottom", yshift=4,
                text=f"<b>{profile.segment}{low_base(profile.size)}</b>", showarrow=False, bgcolor=ground,
                font={"color": ink_on(ground), "size": 14}, borderpad=4,
            )  # fmt: skip
            if profile.segment in picked:
                figure.add_shape(
                    type="rect", x0=place - 0.5, x1=place + 0.5, y0=-0.5, y1=len(columns) - 0.5,
                    line={"width": 3, "color": "#ffffff" if dark else "#16232b"},
                )  # fmt: skip
    # As high as the map of points beside it, as far as few rows reach.
    row = min(56.0, max(28.0, 336 / max(len(columns), 1)))
    return apply_layout(figure, height=94 + round(row * len(columns))).update_layout(margin={"t": 44})


_LONGEST_ROW = 30
_FEWEST_OF_COLUMN = 6


def _short_rows(names: Sequence[str]) -> list[str]:
    """Return names of rows that fit beside a map, all different: rows of one name would be drawn over each other."""
    found: list[str] = []
    for name in names:
        short = _short(name)
        tries = (short, *(f"{short[: _LONGEST_ROW - 5]}… ({number})" for number in range(2, len(names) + 2)))
        found.append(next(each for each in map(escape_text, tries) if each not in found))
    return found


def _short(name: str) -> str:
    """Return a row's name cut to a readable length; of a category, its value is the last to go."""
    if len(name) <= _LONGEST_ROW:
        return name
    column, colon, value = name.rpartition(": ")
    room = _LONGEST_ROW - len(value) - len("…: ")
    return (
        f"{column[:room].rstrip()}…: {value}" if colon and room >= _FEWEST_OF_COLUMN else f"{name[: _LONGEST_ROW - 1]}…"
    )


def signed_percent(value: float | None) -> str:
    """Return a difference in whole per cent with its sign; nothing where there is none."""
    if value is None:
        return ""
    rounded = round(value)
    return f"+{rounded:,}" if rounded > 0 else f"−{-rounded:,}" if rounded < 0 else "0"


def histogram(result: Result, column: str) -> go.Figure:
    """Draw the distribution of one column, one colour per segment and grey for customers that fit none."""
    values, labels = result.dataset.frame[column], result.segmentation.labels
    figure = go.Figure()
    start, size = _bins(values[(labels >= 0) | result.fits_none])
    drawn = [
        (escape_text(name), labels == segment, colour(segment))
        for segment, name in enumerate(result.segmentation.names)
    ]
    if result.fits_none.any():
        drawn.append((FITS_NONE, pd.Series(result.fits_none, index=labels.index), NEUTRAL))
    for name, members, shade in drawn:
        figure.add_histogram(
            x=values[members].dropna().to_numpy(),
            name=name,
            marker_color=shade,
            opacity=0.75,
            xbins={"start": start, "size": size} if size else None,
        )
    figure.update_layout(barmode="stack")
    return apply_layout(figure, x=column_title(result, column), y="Customers")


def missing_map(table: pd.DataFrame) -> go.Figure:
    """Draw where values are missing: one row per column, one stripe per part of the file."""
    figure = go.Figure(
        go.Heatmap(
            z=table.to_numpy().T,
            x=[f"from row {row:,}" for row in table.index],
            y=[escape_text(str(name)) for name in table.columns],
            colorscale=[[0, "#e8eaed"], [1, "#960000"]],
            zmin=0,
            zmax=1,
            hovertext=[[percent_text(share) for share in row] for row in table.to_numpy(dtype=float).T],
            hovertemplate="%{y}, %{x}: %{hovertext} missing<extra></extra>",
            # Above a low bar, the title would stand on its highest number.
            colorbar={"title": {"text": "missing", "side": "right"}, "thickness": 12, **axis_written()},
        )
    )
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, x="Rows of the file, first to last", height=120 + 26 * table.shape[1])


def _bins(values: pd.Series) -> tuple[float, float]:
    known = values.dropna()
    low, high = float(known.min()), float(known.max())
    # Sturges' rule, at most 40 bins; whole numbers get whole bins.
    count = min(40, max(8, int(len(known) ** 0.5)))
    size = (high - low) / count
    whole = bool((known == known.round()).all())
    return low, max(1.0, round(size)) if whole else size


# Several of these stand side by side.
_SMALL = 170
_POINTS = 500


def fill_bars(previews: FillPreviews, preview: FillPreview) -> go.Figure:
    """Draw the column as one treatment of its missing values leaves it; filled-in values stand out."""
    bars = [escape_text(bar) if isinstance(bar, str) else bar for bar in previews.bars]
    figure = go.Figure()
    for name, counts, shade in (("known", preview.known, NEUTRAL), ("filled in", preview.filled, ACCENT)):
        figure.add_bar(x=bars, y=counts, name=name, marker_color=shade)
    return _small(figure.update_layout(barmode="stack"))


def shape_bars(preview: ShapePreview) -> go.Figure:
    """Draw a column in one shape."""
    return _small(go.Figure(go.Bar(x=preview.middles, y=preview.counts, marker_color=PALETTE[0], name="customers")))


def distance_picture(tendency: Tendency) -> go.Figure:
    """Draw the distances of a sample of customers, ordered so that near ones stand together (VAT)."""
    figure = go.Figure(
        go.Heatmap(
            z=tendency.distances,
            colorscale=[[0.0, ACCENT], [1.0, FAINT]],
            showscale=False,
            hovertemplate="distance %{z:.2f}<extra></extra>",
        )
    )
    figure = apply_layout(figure, height=420)
    return figure.update_layout(
        xaxis={"visible": False, "constrain": "domain"},
        yaxis={"visible": False, "autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
    )


def outlier_strip(outliers: Outliers) -> go.Figure:
    """Draw the middle half of a column as a box, and every customer that lies far out as a dot."""
    lower, middle, upper = outliers.quartiles
    least, most = outliers.whiskers
    figure = go.Figure(
        go.Box(
            q1=[lower], median=[middle], q3=[upper], lowerfence=[least], upperfence=[most],
            y=[""], orientation="h", name="all customers", marker_color=PALETTE[0], showlegend=False, hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_scatter(
        x=outliers.values[:_POINTS],
        y=[""] * min(len(outliers.values), _POINTS),
        mode="markers",
        marker={"color": ACCENT, "size": 8, "opacity": 0.6},
        name="far out",
        text=[f"row {row + 1:,}" for row in outliers.rows[:_POINTS]],
        hovertemplate="%{text}: %{x:,}<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    return apply_layout(figure, x=outliers.column, height=150)


def influence_bars(influences: Sequence[Influence]) -> go.Figure:
    """Draw how much each column counts when two customers are compared."""
    figure = go.Figure(
        go.Bar(
            x=[each.share for each in influences],
            y=[escape_text(each.column) for each in influences],
            orientation="h",
            text=[percent_text(each.share, 1) for each in influences],
            marker_color=PALETTE[0],
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(rangemode="tozero", **axis_written())
    return apply_layout(figure, x="Share of the distance between customers", height=90 + 28 * len(influences))


def _small(figure: go.Figure) -> go.Figure:
    figure.update_layout(bargap=0.05, showlegend=False)
    figure.update_yaxes(showticklabels=False)
    return apply_layout(figure, height=_SMALL)
