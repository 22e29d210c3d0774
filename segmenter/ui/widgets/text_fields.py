"""Fields to type in, of a stated length.

A browser stops at so many letters. What speaks to the server in a browser's place need not, and whatever reads the text
would have millions of letters before it while everybody else waits.
"""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def text_line(label: str, value: str = "", *, most: int, where: DeltaGenerator | None = None, **named: Any) -> str:  # noqa: ANN401 - handed on
    """Draw a field for a line of text and return what it holds, at most so many letters of it.

    Parameters
    ----------
    label, value
        What is asked for, and what stands in the field at first.
    most
        How many letters the field takes.
    where
        Where it is drawn; on the page by default.
    named
        Whatever else Streamlit's field takes, such as `key` or `placeholder`.
    """
    typed: str = (where or st).text_input(label, value[:most], max_chars=most, **named)
    return typed[:most]


def text_box(label: str, value: str = "", *, most: int, **named: Any) -> str:  # noqa: ANN401 - handed on
    """Draw a field for several lines of text and return what it holds, at most so many letters of it."""
    typed: str = st.text_area(label, value[:most], max_chars=most, **named) or ""
    return typed[:most]
