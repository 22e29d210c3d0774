"""Other spellings of the same answer on the page, each column with one click to join them."""

from collections.abc import Mapping

import streamlit as st

from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
from segmenter.table.spellings import find_spellings, is_spelling_note
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session

SHOWN = 6


def has_a_button(note: Note) -> bool:
    """Whether a note says what stands here with a button of its own."""
    return is_spelling_note(note)


def show_spellings(dataset: Dataset) -> None:
    """Name the values that may be spellings of the same, and let the visitor join them.

    Parameters
    ----------
    dataset
        The customers on the page.
    """
    found = find_spellings(dataset)
    joined = {name: pairs for name, pairs in dataset.joined.items() if name in session().file.joined}
    if not found and not joined:
        return
    with st.container(border=True):
        if found:
            st.markdown(
                "**Some values look like spellings of the same.** Until they are joined, they count as different."
            )
        for name, variants in found.items():
            if _column_with_button(name, variants, "Join these spellings", f"spelling_{name}", ":material/merge:"):
                session().join([name])
                st.rerun()
        if joined:
            st.markdown("**These spellings count as one**, here and in every model that is made of these customers.")
        for name, pairs in joined.items():
            if _column_with_button(name, pairs, "Keep them apart", f"apart_{name}", ":material/undo:"):
                session().separate([name])
                st.rerun()


def _column_with_button(name: str, variants: Mapping[str, str], label: str, key: str, icon: str) -> bool:
    pairs = [f"{safe_md(value)} → {safe_md(meant)}" for value, meant in list(variants.items())[:SHOWN]]
    more = f" and {len(variants) - SHOWN} more" if len(variants) > SHOWN else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{safe_md(name)}: {', '.join(pairs)}{more}", width="stretch")
        return st.button(label, key=key, icon=icon)
