"""Which row counts where a customer stands in several: said at once, with what each choice does."""

import streamlit as st

from segmenter.table.dataset import Dataset
from segmenter.table.repeats import Repeated, RepeatedCustomers, find_repeated_customers
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.purchases import looks_like_purchases

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
