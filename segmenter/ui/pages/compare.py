"""Judge ways to form segments by the same measure, and take one of them."""

from functools import partial

import streamlit as st

from segmenter.choose.methods import MethodComparison, compare_methods
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.method_choice import answer, show_comparison, show_rows, tick_methods
from segmenter.ui.widgets.working import Work, run_job

NAME = "compare"
TITLE = "Does another method serve you better?"
SKIP = "You can skip this page: K-Means is right for most files."
NOT_FOLLOWED = "K-Means draws its borders elsewhere than your groups have theirs."
INTRO = (
    "Here other methods form segments of your customers too, and all are judged by the same measures in the same "
    "space: your columns as they are scaled, never a space that a method made for itself."
)
FOUND = "All methods were judged by the same measures, in the same space: your columns as they are prepared."
CHANGED = "The columns, the settings or the number of segments have changed since the comparison. Run it again."


def render() -> None:
    """Draw the page in the order in which it is read."""
    dataset = session().dataset
    if dataset is None:
        return
    comparison = session().current_comparison()
    st.title(TITLE if comparison is None else answer(comparison))
    selection = session().current_selection()
    why = SKIP if selection is None or selection.followed else NOT_FOLLOWED
    st.write(f"{why} {INTRO}" if comparison is None else FOUND)
    if session().n_segments is None or selection is None:
        st.info(messages.CHOOSE_FIRST, icon=":material/query_stats:")
        if st.button("Go to Choose", type="primary", key="compare_to_choose"):
            st.switch_page(page_file("choose"))
        return
    ask, size = partial(_ask, dataset), dataset.frame.size
    if run_job(NAME, _basis, ask, session().keep_comparison, n_cells=size, draw=show_rows):
        return
    if comparison is not None:
        show_comparison(comparison)
    elif session().comparison.latest is not None:
        st.info(CHANGED, icon=":material/update:")


def _basis() -> tuple[str, Recipe] | None:
    return session().comparison_basis()


def _ask(dataset: Dataset) -> Work[MethodComparison] | None:
    """Let the visitor tick methods and set them, and start the comparison on a click."""
    choices = tick_methods()
    basis = _basis()
    label = f"Compare with K-Means, {session().n_segments} segments each"
    start_it = st.button(
        label, type="primary", icon=":material/play_arrow:", key="compare_run", disabled=basis is None or not choices
    )
    if not start_it or basis is None:
        return None
    recipe = basis[1]
    selection = session().current_selection()
    return lambda progress, job: compare_methods(
        dataset, recipe, choices, selection=selection, progress=progress, partial=job.show
    )


if __name__ == "__main__":
    render()
