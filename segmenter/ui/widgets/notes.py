"""Notes, errors, short cells and the registered charts of a finding on the page."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from segmenter.charts import charts_of
from segmenter.charts.theme import for_page
from segmenter.errors.base import SegmenterError
from segmenter.table.dataset import Note
from segmenter.ui.messages import advise, explain
from segmenter.ui.state import is_dark, set_widget, widget_value

# More than this many boxes at once are read by nobody.
SHOWN_AT_ONCE = 4


def show_notes(notes: Iterable[Note]) -> None:
    """Show warnings first; beyond a handful, the rest folds away."""
    ordered = sorted(dict.fromkeys(notes), key=lambda note: not note.warning)
    _show(ordered[:SHOWN_AT_ONCE])
    if len(ordered) > SHOWN_AT_ONCE:
        with st.expander(f"{len(ordered) - SHOWN_AT_ONCE} more notes"):
            _show(ordered[SHOWN_AT_ONCE:])


def show_error(error: SegmenterError) -> None:
    """Show what went wrong and what to do."""
    st.error(explain(error), icon=":material/error:")


def _show(notes: Sequence[Note]) -> None:
    """Draw a box for each warning, and one for all that is only to be known."""
    for note in notes:
        if note.warning:
            st.warning(advise(note), icon=":material/warning:")
    plain = [advise(note) for note in notes if not note.warning]
    if plain:
        st.info("\n".join(f"- {text}" for text in plain) if len(plain) > 1 else plain[0], icon=":material/info:")


LONGEST_CELL = 200


def short_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are cut to a length that a browser shows quickly, and whose days have no time."""
    texts = table.select_dtypes(["string", "object"]).columns
    times = table.select_dtypes(["datetime", "datetimetz"])
    days = [name for name in times if (times[name].dropna() == times[name].dropna().dt.normalize()).all()]
    return table.assign(
        **{name: table[name].astype("str").str.slice(0, LONGEST_CELL) for name in texts},
        **{str(name): table[name].dt.date for name in days},
    )


def in_per_cent(table: pd.DataFrame, names: Iterable[str], decimals: int = 0) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a table whose shares, 0-1, are per cents, and how these columns are written: 49 %.

    Parameters
    ----------
    table
        What will be shown as `st.dataframe`, whose own format for per cent has no blank before the sign.
    names
        Columns of shares; those that the table lacks are passed over.
    decimals
        Digits after the point.
    """
    shares = [name for name in names if name in table]
    scale = 10**decimals
    # Halves up, as `percent_text` writes them.
    rounded = {name: np.floor(100 * scale * table[name].astype(float) + 0.5 + 1e-9) / scale for name in shares}
    return table.assign(**rounded), {name: st.column_config.NumberColumn(format=f"%.{decimals}f %%") for name in shares}


def show_charts(finding: object, key: str) -> None:
    """Draw every registered chart of a finding; `key` keeps two pages' charts apart."""
    for name, chart, figure in charts_of(finding):
        show_chart(for_page(figure, dark=is_dark()), key=f"{key}_{name}", alt=chart.title)


PICTURE_FORMATS: Final = ("PNG", "SVG")
# A saved picture can't take the page's own font along. What was laid out by that one would be drawn by a wider one, and
# labels would lose their beginning; one that is on the machine is measured and drawn alike.
_CHART_FONT: Final = "Arial, Helvetica, sans-serif"
_PICKED: Final = "picture_format_picked"


def pick_picture_format(key: str) -> None:
    """Let the visitor say what the camera above the charts saves."""
    picked = st.segmented_control(
        "Pictures are saved as", PICTURE_FORMATS, default=_picture_format(), required=True,
        key=f"{key}_picture_format",
        help="The camera above each chart saves it: PNG for slides and mail, SVG to edit or to print large.",
    )  # fmt: skip
    set_widget(_PICKED, picked)


def _picture_format() -> str:
    picked = widget_value(_PICKED)
    return picked if isinstance(picked, str) and picked in PICTURE_FORMATS else PICTURE_FORMATS[0]


def show_chart(figure: go.Figure, *, key: str, only_camera: bool = False, **settings: Any) -> Any:  # noqa: ANN401
    """Draw a chart whose toolbar saves it as the kind of picture that the visitor picked; return what is picked in it.

    Parameters
    ----------
    only_camera
        Whether the toolbar has nothing else.
    settings
        Passed on to Streamlit's chart.
    """
    form = _picture_format().lower()
    config: dict[str, object] = {
        "displaylogo": False,
        "toImageButtonOptions": {"format": form, "filename": key, "scale": 2 if form == "png" else 1},
    }
    figure.update_layout(font_family=_CHART_FONT)
    if only_camera:
        config["modeBarButtons"] = [["toImage"]]
    return st.plotly_chart(figure, key=key, config=config, **settings)
