"""Changing segments by hand: each change with its price before it is made, and a way back."""

from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from segmenter.explain.cards import name_edited_segments
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Edit, EditKind
from segmenter.segment.result import Result
from segmenter.segment.segmentation import edit_segmentation
from segmenter.ui.jobs import Job
from segmenter.ui.messages import safe_md, safe_text
from segmenter.ui.state import EditTried, Identity, session, set_widget
from segmenter.ui.widgets.working import Work, run_job

NAME: Final = "edit"
_WORDS: Final = {
    EditKind.MERGE: "Merge segments",
    EditKind.SPLIT: "Split one in two",
    EditKind.MINIMUM: "Set a minimum size",
    EditKind.TOGETHER: "Keep customers together",
    EditKind.WITHOUT: "Leave a column out",
}
_HELP: Final = (
    "Nothing changes before you have seen the price. Numbers, and names that you gave, stay with the customers "
    "who bear them; a suggested name that is no longer true is suggested anew. Every "
    "change stands in the recipe, in the model and in run.json, and can be undone."
)


def show_edits(result: Result) -> None:
    """Draw how the segments that were formed here are changed by hand, what that costs, and Undo."""
    with st.expander("Change the segments by hand", icon=":material/back_hand:", key=f"{NAME}_open"):
        made = session().edits
        if made:
            names = session().by_hand.before[0].segmentation.names if session().by_hand.before else ()
            st.markdown("\n".join(f"{number}. {safe_md(edit.words())}" for number, edit in enumerate(made, start=1)))
            if names:
                st.button("Undo the last change", icon=":material/undo:", key=f"{NAME}_undo", on_click=_undo)
        edit = _pick(result)
        if edit is None:
            return
        of, memo = (Identity(result), edit), session().by_hand.tried

        def ask() -> Work[EditTried] | None:
            if memo.on(of) is not None or not st.button("Show the price", key=f"{NAME}_price"):
                return None

            def work(progress: Progress, _: Job[EditTried]) -> EditTried:
                segmentation, price = edit_segmentation(
                    result.dataset, result.segmentation, edit, progress=part(progress, 0.0, 0.95)
                )
                # A new segment bears the name of its card everywhere, in lists and files, too.
                named = name_edited_segments(
                    result.dataset, result.segmentation, segmentation, progress=part(progress, 0.95, 1.0)
                )
                return EditTried(edit, replace(result, segmentation=named), price)

            return work

        run_job(NAME, lambda: of, ask, partial(memo.keep, basis=of), n_cells=result.dataset.frame.size)
        tried = memo.on(of)
        if tried is not None:
            _show_price(result, tried)


def _pick(result: Result) -> Edit | None:
    """Draw the choice of a change; return None until it is complete."""
    names = result.segmentation.names
    numbers = range(1, len(names) + 1)

    def called(number: int) -> str:
        return f"{number} {safe_text(names[number - 1])}"

    kind = st.selectbox("What to change", list(_WORDS), format_func=_WORDS.__getitem__, help=_HELP, key=f"{NAME}_kind")
    match kind:
        case EditKind.MERGE:
            merged = st.multiselect("Segments", numbers, format_func=called, key=f"{NAME}_merge")
            return Edit(kind, tuple(merged)) if len(merged) > 1 else None
        case EditKind.SPLIT:
            split = st.selectbox("Segment", numbers, None, format_func=called, key=f"{NAME}_split")
            return Edit(kind, (split,)) if split is not None else None
        case EditKind.MINIMUM:
            size = st.number_input("Customers at least", 1, max(result.n_placed, 1), 1, key=f"{NAME}_minimum")
            return Edit(kind, size=int(size)) if size > 1 else None
        case EditKind.TOGETHER:
            columns = [column.name for column in result.dataset.columns]
            column = st.selectbox("Those with the same", columns, None, key=f"{NAME}_together")
            return Edit(kind, column=column) if column is not None else None
        case _:
            used = [column.column for column in result.segmentation.preparation.columns_]
            out = st.selectbox("Column", used, None, key=f"{NAME}_without", disabled=len(used) < 2)
            return Edit(EditKind.WITHOUT, column=out) if out is not None else None


def _show_price(result: Result, tried: EditTried) -> None:
    st.markdown(f"**{safe_md(tried.edit.words(result.segmentation.names))}:** {safe_md(tried.price.sentence(), 600)}")
    names = tried.result.segmentation.names
    sizes = " · ".join(f"{safe_md(name)} {size:,}" for name, size in zip(names, tried.price.sizes, strict=True))
    st.markdown(f":gray[Afterwards: {sizes}]")
    if tried.edit.kind is EditKind.WITHOUT and session().edits:
        st.markdown(":gray[The segments are formed again, so changes of single segments before are gone.]")
    st.button(
        "Make this change", type="primary", icon=":material/check:", key=f"{NAME}_make", on_click=_make,
        args=(result, tried),
    )  # fmt: skip


def _make(result: Result, tried: EditTried) -> None:
    session().make_edit(result, tried)
    _pick_anew()


def _undo() -> None:
    session().undo_edit()
    _pick_anew()


def _pick_anew() -> None:
    # A number that was picked before a change may be another segment's after it. The browser empties a field only
    # where an empty value is set before it is drawn, which is what a button's callback can do.
    set_widget(f"{NAME}_merge", [])
    set_widget(f"{NAME}_split", None)
