"""Notes, errors and short cells on the page."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.table.notes import Note
from segmenter.ui.messages import advise, explain

# More than this many boxes at once are read by nobody.
SHOWN_AT_ONCE = 4


def show_notes(notes: Iterable[Note]) -> None:
    """Show warnings first; beyond a handful, the rest folds away."""
    ordered = sorted(dict.fromkeys(notes), key=lambda note: not note.warning)
    for note in ordered[:SHOWN_AT_ONCE]:
        _show(note)
    if len(ordered) > SHOWN_AT_ONCE:
        with st.expander(f"{len(ordered) - SHOWN_AT_ONCE} more notes"):
            for note in ordered[SHOWN_AT_ONCE:]:
                _show(note)


def show_error(error: SegmenterError) -> None:
    """Show what went wrong and what to do."""
    st.error(explain(error), icon=":material/error:")


def _show(note: Note) -> None:
    if note.warning:
        st.warning(advise(note), icon=":material/warning:")
    else:
        st.info(advise(note), icon=":material/info:")


LONGEST_CELL = 200


def short_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are cut to a length that a browser shows quickly."""
    texts = table.select_dtypes(["string", "object"]).columns
    return table.assign(**{name: table[name].astype("str").str.slice(0, LONGEST_CELL) for name in texts})
