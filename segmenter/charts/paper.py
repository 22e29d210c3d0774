"""The same distributions for paper: one small histogram per segment, drawn with seaborn."""

import io

import pandas as pd
import seaborn as sns
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from segmenter.charts.theme import NEUTRAL, colour, escape_text
from segmenter.segment.result import Result
from segmenter.segment.segmentation import FITS_NONE

# Ten thousand customers draw a histogram that a million do not change visibly.
MOST_CUSTOMERS = 100_000
PRINT_DPI = 200


def histogram_figure(result: Result, column: str) -> Figure:
    """Draw one column's distribution per segment, stacked under a common axis; last, customers that fit none."""
    names = (*result.segmentation.names, FITS_NONE)
    labels = result.segmentation.labels.mask(result.fits_none, result.segmentation.n_segments)
    placed = labels >= 0
    values = pd.DataFrame({"value": result.dataset.frame.loc[placed, column], "segment": labels[placed]}).dropna()
    if len(values) > MOST_CUSTOMERS:
        values = values.sample(MOST_CUSTOMERS, random_state=0)
    present = sorted(values["segment"].unique())
    # A Figure of its own, never pyplot: pyplot's current figure is shared by all visitors.
    figure = Figure(figsize=(7, 1.15 * len(present) + 0.7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(present), 1, sharex=True, squeeze=False)[:, 0]
    bins = min(40, max(8, int(len(values) ** 0.5)))
    limits = (float(values["value"].min()), float(values["value"].max()))
    for axis, segment in zip(axes, present, strict=True):
        members = values.loc[values["segment"] == segment, "value"]
        shade = colour(int(segment)) if segment < result.segmentation.n_segments else NEUTRAL
        sns.histplot(x=members, bins=bins, binrange=limits, color=shade, ax=axis)
        axis.set_ylabel(escape_text(names[int(segment)]), rotation=0, ha="right", va="center")
        axis.set_xlabel("")
        sns.despine(ax=axis)
    axes[-1].set_xlabel(escape_text(column))
    return figure


def as_png(figure: Figure) -> bytes:
    """Return the figure as a picture fit for print."""
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=PRINT_DPI)
    return target.getvalue()
