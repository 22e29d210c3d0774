"""Table of what each column was taken for, and why, with a switch."""

import pandas as pd
import streamlit as st

from segmenter.recipe.recipe import FeatureSpec, Role, Transform
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.ui import messages
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.reading import read_again

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
