"""Charts of what segments are like: distributions, profiles, how clearly each customer belongs to its segment."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from segmenter import config
from segmenter.charts.theme import DIVERGING, NEUTRAL, apply_layout, colour, escape_text, ink_on
from segmenter.explain.columns import column_title
from segmenter.measures.separation import silhouette_samples
from segmenter.sampling import systematic_sample
from segmenter.segment.embed import rank_columns_by_eta_squared
from segmenter.segment.profile import SegmentProfile, low_base
from segmenter.segment.result import Result
from segmenter.typing import FloatArray

# More columns than these make a profile that nobody reads; those that differ most are drawn.
MOST_COLUMNS: Final = 8
MOST_LINES: Final = 600
MOST_SILHOUETTES: Final = 2_000


def small_multiples(result: Result, column: str) -> go.Figure:
    """Draw the distribution of one column, one small picture a segment under a common axis."""
    values, title = result.dataset.frame[column], column_title(result, column)
    labels = result.segmentation.labels
    names = result.segmentation.names
    known = values[(labels >= 0) & values.notna()]
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.25 / max(len(names), 2))
    if known.empty:
        return apply_layout(go.Figure())
    codes = np.unique(known.to_numpy()[:5_000])
    edges = _edges(known.to_numpy(dtype=np.float64), codes)
    for segment, name in enumerate(names):
        own = known[labels[known.index] == segment].to_numpy(dtype=np.float64)
        counts = np.histogram(own, edges)[0] / max(len(own), 1)
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, y=counts, width=np.diff(edges), marker_color=colour(segment), name="",
            hovertemplate=f"{escape_text(title)} %{{x}}: %{{y:.0%}}<extra></extra>", showlegend=False,
            row=segment + 1, col=1,
        )  # fmt: skip
        axis = str(segment + 1) if segment else ""
        figure.add_annotation(
            text=f"<b>{_number(result, segment)}</b> {escape_text(name)}",
            xref=f"x{axis} domain", yref=f"y{axis} domain", x=0, y=1.02, xanchor="left", yanchor="bottom",
            showarrow=False,
        )  # fmt: skip
    apply_layout(figure, height=90 + 96 * len(names))
    figure.update_layout(bargap=0.02)
    figure.update_yaxes(tickformat=".0%", nticks=3, rangemode="tozero", matches="y")
    figure.update_xaxes(title=None)
    figure.update_xaxes(title=escape_text(title), row=len(names), col=1)
    return figure


def _number(result: Result, segment: int) -> str:
    """Return a segment's number, with a mark where its figures rest on few customers."""
    return f"{segment + 1}{low_base(result.profiles[segment].size)}"


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
    labels = result.segmentation.labels
    placed = labels >= 0
    table = pd.crosstab(labels[placed], result.dataset.frame.loc[placed, column].astype("str"), normalize="index")
    top = table.sum().sort_values(ascending=False).index[:12]
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        shares = table[top].reindex([segment], fill_value=0.0).iloc[0]
        figure.add_bar(
            x=shares.to_numpy(), y=[escape_text(str(value)) for value in top], orientation="h",
            name=f"{_number(result, segment)} {escape_text(name)}", marker_color=colour(segment),
            hovertemplate="%{y}: %{x:.0%}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group")
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(tickformat=".0%")
    return apply_layout(
        figure,
        x=f"{column_title(result, column)}: share of the segment with each value",
        height=120 + 22 * len(top) * max(2, len(result.segmentation.names)) // 2,
    )


def box_plots(result: Result, column: str) -> go.Figure:
    """Draw the spread of one column in each segment: box from the first to the third quarter, line at the middle."""
    values, labels = result.dataset.frame[column], result.segmentation.labels
    figure = go.Figure()
    for segment, name in enumerate(result.segmentation.names):
        own = values[labels == segment].dropna().to_numpy(dtype=np.float64)
        if not len(own):
            continue
        low, q1, median, q3, high = np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95])
        figure.add_box(
            q1=[q1], median=[median], q3=[q3], lowerfence=[low], upperfence=[high],
            y=[f"{_number(result, segment)} {escape_text(name)}"],
            orientation="h", name=escape_text(name), marker_color=colour(segment), showlegend=False,
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    return apply_layout(
        figure,
        x=f"{column_title(result, column)}, whiskers: the middle 90 %",
        height=110 + 44 * len(result.segmentation.names),
    )


def _standardised(result: Result) -> pd.DataFrame:
    """Return each segment's mean in standard deviations from everyone's, one row a segment, the clearest columns."""
    names = rank_columns_by_eta_squared(result)[:MOST_COLUMNS]
    labels = result.segmentation.labels
    values = result.dataset.frame.loc[labels >= 0, list(names)].astype(float)
    spread = values.std(ddof=0)
    kept = [name for name in names if spread[name] > 0]
    standard = (values[kept] - values[kept].mean()) / spread[kept]
    return standard.groupby(labels[labels >= 0]).mean().reindex(range(result.segmentation.n_segments))


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
    return apply_layout(figure, y="Standard deviations from everyone", height=440)


# A column marks a segment from so far from everyone on, in standard deviations, as its name and its card say.
_MARKER: Final = 0.7


def marker_panels(result: Result) -> go.Figure:
    """Draw a panel a segment, a bar a column: its mean against everyone's, at the line; marker columns in colour.

    After the segment profile plot of flexclust (Dolnicar et al. 2018), in standard deviations.
    """
    table = _standardised(result)
    names, n = result.segmentation.names, table.shape[1]
    if not n:
        return go.Figure()
    abreast = min(len(names), 3)
    lines = -(-len(names) // abreast)
    titles = [f"{_number(result, at)} {_cut(escape_text(name), 30)}" for at, name in enumerate(names)]
    figure = make_subplots(
        rows=lines, cols=abreast, shared_yaxes=True, subplot_titles=titles,
        vertical_spacing=0.3 / max(lines, 2), horizontal_spacing=0.03,
    )  # fmt: skip
    labels = [_cut(escape_text(column_title(result, str(name))), 26) for name in table.columns]
    for segment in range(len(names)):
        values = table.loc[segment].to_numpy(dtype=np.float64)
        figure.add_bar(
            x=values, y=labels, orientation="h", showlegend=False,
            marker_color=[colour(segment) if abs(value) >= _MARKER else NEUTRAL for value in values],
            hovertemplate="%{y}: %{x:.1f}<extra></extra>", row=segment // abreast + 1, col=segment % abreast + 1,
        )  # fmt: skip
    reach = max(1.0, float(np.nanmax(np.abs(table.to_numpy())))) * 1.05
    apply_layout(figure, height=100 + lines * (70 + 24 * n))
    figure.update_xaxes(range=[-reach, reach], nticks=5, zeroline=True, zerolinecolor=NEUTRAL, zerolinewidth=2)
    return figure.update_yaxes(autorange="reversed")


def radar_profiles(result: Result) -> go.Figure:
    """Draw the segments' means as a web, in standard deviations from everyone; nothing of fewer than three columns."""
    table = _standardised(result)
    figure = go.Figure()
    if table.shape[1] < 3:
        return figure
    titles = [escape_text(column_title(result, str(name))) for name in table.columns]
    around = [*titles, titles[0]]
    for segment, name in enumerate(result.segmentation.names):
        values = table.loc[segment].to_numpy()
        figure.add_scatterpolar(
            r=[*values, values[0]], theta=around, name=f"{_number(result, segment)} {escape_text(name)}",
            line={"color": colour(segment), "width": 3}, hovertemplate="%{theta}: %{r:.1f}<extra></extra>",
        )  # fmt: skip
    low, high = (float(edge(table.to_numpy())) for edge in (np.nanmin, np.nanmax))
    radial = {"range": [min(low, -1.0) - 0.2, max(high, 1.0) + 0.1], "nticks": 5}
    figure.update_layout(polar={"radialaxis": radial, "bgcolor": "rgba(0,0,0,0)"})
    return apply_layout(figure, height=480)


def customer_lines(result: Result) -> go.Figure:
    """Draw customers as lines across the columns that tell the segments apart (parallel coordinates)."""
    names = list(rank_columns_by_eta_squared(result)[:MOST_COLUMNS])
    labels = result.segmentation.labels
    frame = result.dataset.frame.loc[labels >= 0, names].astype(float)
    complete = frame.dropna()
    if len(names) < 2 or complete.empty:
        return go.Figure()
    rows = complete.index[systematic_sample(len(complete), MOST_LINES)]
    k = result.segmentation.n_segments
    steps = [(place, colour(min(int(place * k), k - 1))) for place in np.linspace(0, 1, 2 * k + 1)]
    figure = go.Figure(
        go.Parcoords(
            line={"color": labels[rows].to_numpy() + 0.5, "colorscale": steps, "cmin": 0, "cmax": k},
            dimensions=[
                {
                    "label": _cut(escape_text(column_title(result, name)), 22),
                    "values": complete.loc[rows, name].to_numpy(),
                }
                for name in names
            ],
        )
    )
    return apply_layout(figure, height=460).update_layout(margin={"t": 60, "b": 30, "l": 70, "r": 60})


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
    figure.add_vline(x=float(np.nanmean(widths)), line={"color": NEUTRAL, "dash": "dash"})
    figure.update_yaxes(showticklabels=False, autorange="reversed")
    return apply_layout(figure, x="Silhouette of each customer (dashed: the mean of all)", height=460)


def gorge(result: Result) -> go.Figure:
    """Draw how near customers are to each segment's centre: two peaks with a gorge between show a segment apart."""
    labels = result.segmentation.labels.to_numpy()
    placed = np.flatnonzero(labels >= 0)
    names = result.segmentation.names
    if not len(placed) or len(names) < 2:
        return go.Figure()
    rows = placed[systematic_sample(len(placed), config.MAX_POINTS_SHOWN)]
    X = result.segmentation.preparation.transform(result.model_frame.iloc[rows])
    centres = result.segmentation.clusterer.centres_
    far = np.sqrt(((X[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    similarity = 1 - far / far.sum(axis=1, keepdims=True)
    columns = 2 if len(names) > 1 else 1
    lines = -(-len(names) // columns)
    titles = [f"{_number(result, at)} {_cut(escape_text(name), 34)}" for at, name in enumerate(names)]
    figure = make_subplots(
        rows=lines, cols=columns, subplot_titles=titles,
        vertical_spacing=0.35 / max(lines, 2), horizontal_spacing=0.1,
    )  # fmt: skip
    for segment in range(len(names)):
        share = similarity[:, segment]
        edges = np.linspace(float(share.min()), float(share.max()) or 1.0, 31)
        counts = np.histogram(share, edges)[0]
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, y=counts, marker_color=colour(segment), showlegend=False,
            width=np.diff(edges), hovertemplate="%{y} customers<extra></extra>",
            row=segment // columns + 1, col=segment % columns + 1,
        )  # fmt: skip
    apply_layout(figure, height=80 + 170 * lines)
    figure.update_layout(bargap=0.02)
    return figure


def correlation_map(frame: pd.DataFrame) -> go.Figure:
    """Draw how columns of numbers go together: 1 rise together, −1 one falls as the other rises, 0 neither."""
    table = frame.corr()
    names = [escape_text(str(name)) for name in table.columns]
    values = table.to_numpy()
    few = len(names) <= 14
    figure = go.Figure(
        go.Heatmap(
            z=values, x=names, y=names, zmin=-1, zmid=0, zmax=1, colorscale=DIVERGING,
            text=[[f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "" for value in row] for row in values],
            texttemplate="%{text}" if few else None, hovertemplate="%{y}, %{x}: %{z:.2f}<extra></extra>",
            colorbar={"thickness": 12},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(tickangle=-45)
    return apply_layout(figure, height=180 + 30 * len(names))


# What a chart of that height leaves its points, about; bubbles are moved aside by it.
_PLOT_PIXELS: Final = (620.0, 360.0)
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
                # Exactly above each other, they part sideways: to the right the later one.
                way = gap / distance if distance > 1 else np.array([1.0, 0.0])
                way = np.array([way[0] if abs(way[0]) > 0.1 else 0.6, way[1]])
                step = (needed - distance) / 2 * way / float(np.hypot(*way))
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
    labels = [
        f"{n}{mark} {escape_text(name)}" for n, (name, mark) in enumerate(zip_longest(names, marks, fillvalue=""), 1)
    ]
    figure = go.Figure(
        go.Bar(
            x=[value or 0.0 for value in index], y=labels,
            orientation="h", marker_color=[colour(place) for place in range(len(names))],
            text=["–" if value is None else f"{value:.0f}" for value in index], cliponaxis=False, hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_vrect(x0=80, x1=120, fillcolor=NEUTRAL, opacity=0.25, line_width=0)
    figure.update_yaxes(autorange="reversed")
    return apply_layout(
        figure,
        x=f"What a customer {verb}: 100 is everyone, the band 80 to 120",
        height=110 + 44 * len(names),
    )
