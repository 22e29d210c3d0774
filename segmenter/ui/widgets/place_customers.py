"""The file whose customers are assigned, and its columns matched by hand."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.model.pickled import refuse_foreign
from segmenter.purchases.customers import customers_behind
from segmenter.segment.assign import ColumnMatch
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import FileToPlace, session
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.purchases import show_purchases
from segmenter.ui.widgets.reading import read_file
from segmenter.ui.widgets.upload import Upload, upload_field
from segmenter.ui.widgets.working import running

FIELD: Final = "Customer file to place"
OTHERS: Final = "Upload a file to place others; your own data and segments stay as they are."
OWN: Final = "Place the customers of the Data page"


def pick_customers(key: str) -> Dataset | None:
    """Draw the upload field, and return the customers to place: those of a file of their own, or the visitor's."""
    if upload_field(
        FIELD,
        f"{key}_upload",
        messages.NOT_KEPT,
        page=key,
        use=partial(_take, key=key),
        takes=lambda name: not is_model_name(name),
    ):
        st.rerun()
    if session().next_month.placing_problem:
        st.error(session().next_month.placing_problem, icon=":material/error:")
    dataset = session().to_place
    if dataset is None:
        st.write(messages.LIMITS)
        return None
    _whose(dataset, key)
    show_notes(dataset.notes)
    return dataset


def is_model_name(name: str) -> bool:
    """Whether a file is a model by its name, and holds no customers to place."""
    return name.lower().endswith(".json")


def _take(upload: Upload, key: str) -> None:
    """Read the file beside the visitor's own data, of which nothing changes."""
    try:
        refuse_foreign(upload.content, upload.name)
        _, dataset = read_file(upload.content, upload.name, upload.file_id, upload.forget)
        file = FileToPlace(dataset)
        if (customers := customers_behind(dataset)) is not None:
            # Added up as on Data, with the way back to the lines.
            file.turn(customers)
        session().place(file)
    except SegmenterError as error:
        session().next_month.placing_problem = messages.explain(error)
        return
    if running(key):
        session().jobs.stop_job()


def _whose(dataset: Dataset, key: str) -> None:
    placing = session().next_month.placing
    if placing is None:
        st.write(f"The customers of the Data page: {safe_md(dataset.name)}, {dataset.n_customers:,} rows. {OTHERS}")
        # Customers made of lines are changed where they were made.
        if session().file.rows is None:
            show_purchases(dataset, FileToPlace(dataset))
        return
    st.write(f"{safe_md(dataset.name)}: {dataset.n_customers:,} rows. Upload another file to replace it.")
    if session().dataset is not None and st.button(OWN, key=f"{key}_own", icon=":material/undo:"):
        session().place(None)
        st.rerun()
    show_purchases(dataset, placing)


def match_by_hand(match: ColumnMatch, dataset: Dataset, given: dict[str, str], key: str) -> Mapping[str, str] | None:
    """Return which column stands for which; None while the visitor has to say so.

    Parameters
    ----------
    given
        What was said before; it is kept up to date, so that it outlasts a page on which it is not asked.
    """
    if not match.suggestions:
        return match.found
    absent = ", ".join(safe_md(name) for name in match.suggestions)
    st.warning(f"**The file has no {absent}.** Say which of its columns is meant.", icon=":material/compare_arrows:")
    names = [column.name for column in dataset.columns if column.name not in match.found.values()]
    for wanted, near in match.suggestions.items():
        ordered = list(dict.fromkeys([*near, *names]))
        chosen = st.selectbox(
            safe_md(wanted),
            ordered,
            ordered.index(given[wanted]) if given.get(wanted) in ordered else None,
            placeholder=f"Did you mean {near[0]}?" if near else "Pick a column",
            key=f"match_{key}{wanted}",
        )
        if chosen:
            given[wanted] = chosen
        else:
            given.pop(wanted, None)
    said = {wanted: given[wanted] for wanted in match.suggestions if wanted in given}
    return {**match.found, **said} if len(said) == len(match.suggestions) else None
