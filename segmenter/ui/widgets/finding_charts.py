"""Charts on a page: those that are registered for a finding, and the picture that a chart is saved as."""

from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from segmenter.charts import charts_of
from segmenter.ui.state import set_widget, widget_value


def show_charts(finding: object, key: str) -> None:
    """Draw every registered chart of a finding; `key` keeps two pages' charts apart."""
    for name, chart, figure in charts_of(finding):
        show_chart(figure, key=f"{key}_{name}", alt=chart.title)


PICTURE_FORMATS: Final = ("PNG", "SVG")
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
    if only_camera:
        config["modeBarButtons"] = [["toImage"]]
    return st.plotly_chart(figure, key=key, config=config, **settings)
