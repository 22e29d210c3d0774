"""The visitor's word on the table: which row of a customer counts, which spellings are one, what columns are."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from segmenter.recipe.recipe import FeatureSpec, Role, Transform
from segmenter.table.answers import is_box, is_box_note, is_lone_value
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.table.repeats import Repeated, RepeatedCustomers, find_repeated_customers
from segmenter.table.spellings import find_spellings, is_spelling_note
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.purchases import looks_like_purchases
from segmenter.ui.widgets.reading import read_again

WORDS = {
    Repeated.FIRST: "Keep the first row",
    Repeated.LAST: "Keep the last row",
    Repeated.SUM: "Add them up",
    Repeated.LATEST: "Take the latest row",
    Repeated.KEEP: "Every row is a customer of its own",
}
ASK = "Which row counts? Segments can be formed once that is said."
DONE = "Which row counts can be changed here."


def show_repeated(dataset: Dataset) -> None:
    """Say which customers stand in several rows, and let the visitor choose which row counts.

    Parameters
    ----------
    dataset
        The table on the page, with one row a customer where that is settled.
    """
    table = session().file.as_read
    found = None if table is None or session().file.rows is not None else find_repeated_customers(table)
    if table is None or found is None or looks_like_purchases(dataset):
        return
    with st.container(border=True):
        said = f"**{safe_md(found.sentence, 500)}**"
        if dataset.repeated:
            st.markdown(said)
            if dataset.repeated != Repeated.KEEP:
                st.write(f"{table.n_customers:,} rows became {dataset.n_customers:,} customers. {DONE}")
        else:
            st.warning(f"{said} {ASK}", icon=":material/content_copy:")
        _choose(found, Repeated(dataset.repeated) if dataset.repeated else None)


def _choose(found: RepeatedCustomers, now: Repeated | None) -> None:
    choices = list(found.choices)
    picked = st.radio(
        "Which row counts",
        choices,
        None if now is None else choices.index(now),
        format_func=WORDS.__getitem__,
        captions=[f"{safe_md(does[0].upper() + does[1:], 400)}." for does in found.choices.values()],
        key="repeated_row",
    )
    if picked is not None and picked is not now:
        session().keep_row(picked)
        st.rerun()


SHOWN = 6


def has_a_button(note: Note) -> bool:
    """Whether a note says what stands here with a button of its own."""
    return is_spelling_note(note) or (is_box_note(note) and session().file.cells is not None)


def show_boxes(dataset: Dataset) -> None:
    """Say which columns are boxes to tick, and let the visitor say that their empty cells are unknown, and back.

    Parameters
    ----------
    dataset
        The customers on the page.
    """
    file = session().file
    boxes = [column.name for column in dataset.columns if is_box(column)]
    unknown = [column.name for column in dataset.columns if column.name in file.kinds and is_lone_value(column)]
    if file.cells is None or not (boxes or unknown):
        return
    with st.container(border=True):
        if boxes and _said_with_button(
            boxes, "boxes to tick: an empty cell counts as no", "Empty is unknown", "boxes_unknown"
        ):
            read_again(file.options, {**file.kinds, **dict.fromkeys(boxes, ColumnKind.CONSTANT)})
        if unknown and _said_with_button(
            unknown, "filled or empty, and an empty cell counts as unknown", "Empty is no", "boxes_no"
        ):
            read_again(file.options, {**file.kinds, **dict.fromkeys(unknown, ColumnKind.YES_NO)})


def _said_with_button(columns: list[str], what: str, label: str, key: str) -> bool:
    named = ", ".join(safe_md(name) for name in columns[:SHOWN])
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{named}{more}** {'is' if len(columns) == 1 else 'are'} {what}.", width="stretch")
        return st.button(label, key=key, icon=":material/check_box:")


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


KINDS_HELP = (
    "Taken for the wrong thing? Choose another kind in the second column; the table is read anew at once. Identifiers, "
    "codes, constants and texts form no segments by default. Personal data never does, and stays out of models, "
    "pictures and reports."
)


def kinds_table(dataset: Dataset) -> None:
    """Show what each column was taken for and why, and let the visitor change it."""
    st.write(KINDS_HELP)
    shown = _table(dataset)
    if session().file.cells is None:
        st.dataframe(shown, hide_index=True, width="stretch")
        return
    kinds = [kind.value for kind in ColumnKind]
    edited = st.data_editor(
        shown,
        hide_index=True,
        width="stretch",
        disabled=[name for name in shown.columns if name != "Taken for"],
        column_config={"Taken for": st.column_config.SelectboxColumn(options=kinds, required=True)},
        # Another key for every meaning: edits that were taken over are not made once more.
        key=f"kind_table_{dataset.fingerprint[:12]}",
    )
    changed = {
        column.name: ColumnKind(said)
        for column, said in zip(dataset.columns, edited["Taken for"], strict=True)
        if said != column.kind.value
    }
    if changed:
        read_again(session().file.options, {**session().file.kinds, **changed})
    refused = {name for name, kind in session().file.kinds.items() if dataset.column(name).kind is not kind}
    show_notes(note for note in dataset.notes if note.column in refused)


def _table(dataset: Dataset) -> pd.DataFrame:
    specs = {spec.column: spec for spec in session().features}
    n_rows = max(dataset.n_customers, 1)
    return pd.DataFrame(
        {
            "Column": [column.name for column in dataset.columns],
            "Taken for": [column.kind.value for column in dataset.columns],
            "Because": [column.reason for column in dataset.columns],
            "Used to": [_use(specs[column.name]) for column in dataset.columns],
            "Different values": [column.distinct for column in dataset.columns],
            "Missing": [column.missing for column in dataset.columns],
            "Missing share": [messages.share_words(column.missing / n_rows) for column in dataset.columns],
        }
    )


def _use(spec: FeatureSpec) -> str:
    if spec.segments:
        return "form segments, as logarithm" if spec.transform is Transform.LOG else "form segments"
    return {Role.DESCRIPTOR: "describe segments", Role.ID: "name the customer"}.get(spec.role, "left out")
