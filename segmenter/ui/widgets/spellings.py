"""Other spellings of the same answer on the page, each column with one click to join them."""

import streamlit as st

from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
from segmenter.table.spellings import find_spellings
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session

SHOWN = 6


def has_a_button(note: Note) -> bool:
    """Whether a note says what stands here with a button of its own."""
    return "may be other spellings of the same" in note.text


def show_spellings(dataset: Dataset) -> None:
    """Name the values that may be spellings of the same, and let the visitor join them.

    Parameters
    ----------
    dataset
        The customers on the page.
    """
    found = find_spellings(dataset)
    if not found:
        return
    with st.container(border=True):
        st.markdown("**Some values look like spellings of the same.** Until they are joined, they count as different.")
        for name, variants in found.items():
            pairs = [f"{safe_md(value)} → {safe_md(meant)}" for value, meant in list(variants.items())[:SHOWN]]
            more = f" and {len(variants) - SHOWN} more" if len(variants) > SHOWN else ""
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{safe_md(name)}: {', '.join(pairs)}{more}", width="stretch")
                if st.button("Join these spellings", key=f"spelling_{name}", icon=":material/merge:"):
                    session().join([name])
                    st.rerun()
