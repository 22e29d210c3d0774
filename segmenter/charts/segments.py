"""Charts of the segments: sizes, index map, histograms and silhouettes."""

from collections.abc import Callable, Collection, Sequence

import pandas as pd
import plotly.graph_objects as go

from segmenter.charts.theme import DARK_DIVERGING, DIVERGING, NEUTRAL, apply_layout, colour, escape_text, ink_on
from segmenter.explain.columns import column_title
from segmenter.segment.profile import SegmentProfile, low_base, rank_values_by_difference
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE

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
    share = f" · {n_unfit / n_customers:.1%} of all" if n_customers else ""
    figure = go.Figure(
        go.Bar(
            x=[*(profile.size for profile in profiles), *unfit],
            y=[*(escape_text(profile.name) for profile in profiles), *(FITS_NONE for _ in unfit)],
            orientation="h",
            text=[
                *(f"{profile.size:,}{low_base(profile.size)} · {profile.share:.1%}" for profile in profiles),
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
            y=[f"{escape_text(profile.name)}{low_base(profile.size)}" for profile in known],
            orientation="h",
            text=[f"{profile.silhouette:.2f}" for profile in known],
            marker_color=[colour(profile.segment - 1) for profile in known],
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(autorange="reversed")
    return apply_layout(figure, x="Mean silhouette (1 is best, below 0 is misplaced)", height=90 + 44 * len(known))


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
        ranked = [
            pair for at, pair in enumerate(ranked) if sum(pair[0] == other[0] for other in ranked[:at]) < _VALUES_EACH
        ]
    for column, value in ranked:
        # A grade that was read as a number is a 3, not a 3.0.
        whole = value.removesuffix(".0")
        said = whole if whole.lstrip("-").isdecimal() else value
        rows[f"{title(column)}: {said}"] = [profile.share_index.get(column, {}).get(value) for profile in profiles]
    if most is not None and len(rows) > most:
        far = sorted(rows, key=lambda name: -max(abs((each or 100) - 100) for each in rows[name]))[:most]
        rows = {name: row for name, row in rows.items() if name in far}
    return {name: [each if each is None else each - 100 for each in row] for name, row in rows.items()}


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
            texttemplate="%{text}",
            customdata=[[escape_text(profile.name) for profile in profiles] for _ in values],
            hovertemplate="%{y}<br>%{customdata}: %{text} %<extra></extra>",
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticklabelstandoff=4)
    figure.update_xaxes(showticklabels=False, fixedrange=True, showgrid=False, zeroline=False)
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
    return apply_layout(figure, height=110 + 40 * len(columns)).update_layout(margin={"t": 44})


_LONGEST_ROW = 26
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
            hovertemplate="%{y}, %{x}: %{z:.0%} missing<extra></extra>",
            colorbar={"title": "missing", "tickformat": ".0%", "thickness": 12},
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
