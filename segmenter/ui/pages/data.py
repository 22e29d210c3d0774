"""Upload customers and see what they are taken for."""

import streamlit as st

from segmenter.charts.segments import missing_map
from segmenter.errors.base import SegmenterError
from segmenter.io.model.pickled import refuse_foreign
from segmenter.io.read.samples import SAMPLES, sample_name
from segmenter.prepare.suggest import missing_effect
from segmenter.recipe.recipe import FeatureSpec
from segmenter.table.dataset import Dataset
from segmenter.table.quality import count_duplicates, missing_pattern
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import delete_everything, session
from segmenter.ui.widgets.column_settings import missing_field
from segmenter.ui.widgets.database import database_field
from segmenter.ui.widgets.kinds_table import kinds_table
from segmenter.ui.widgets.notes import short_cells, show_notes
from segmenter.ui.widgets.purchases import looks_like_purchases, show_purchases
from segmenter.ui.widgets.reading import read_file, show_left_out, show_reading
from segmenter.ui.widgets.repeated import show_repeated
from segmenter.ui.widgets.upload import Upload, upload_field
from segmenter.worker.limits import missing_protections

PREVIEW_ROWS = 200


def render() -> None:
    """Draw the page in the order in which it is read."""
    st.title(messages.DATA_TITLE)
    st.write(messages.DATA_INTRO)
    _take_upload()
    database_field()
    _samples()
    if session().problem:
        st.error(session().problem, icon=":material/error:")
    dataset = session().dataset
    if dataset is None:
        st.info(messages.PRIVACY, icon=":material/lock:")
        if session().placing is not None:
            _farewell()
        return
    st.subheader(safe_md(dataset.name))
    _facts(dataset)
    show_purchases(dataset, session())
    show_repeated(dataset)
    show_notes(dataset.notes)
    show_left_out(dataset)
    show_reading(dataset)
    preview, columns, missing = st.tabs(["Preview", "Columns", "Missing values"])
    with preview:
        rows = dataset.original.head(PREVIEW_ROWS)
        st.dataframe(short_cells(rows.set_axis(rows.index + 1)), width="stretch")
        st.write(f"The first {min(PREVIEW_ROWS, dataset.n_customers):,} of {dataset.n_customers:,} rows.")
    with columns:
        kinds_table(dataset)
    with missing:
        _missing(dataset)
    _farewell()


def _take_upload() -> None:
    if upload_field("Customer file", "data_upload", messages.NOT_KEPT, page="data", use=_use):
        st.rerun()
    st.write(messages.LIMITS)
    for missing in missing_protections():
        st.caption(f"This server's system cannot limit {missing}.")


def _use(upload: Upload) -> None:
    try:
        refuse_foreign(upload.content, upload.name)
        cells, dataset = read_file(upload.content, upload.name, upload.file_id, upload.forget)
        session().load(dataset, cells, upload.content)
    except SegmenterError as error:
        session().problem = messages.explain(error)


def _samples() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write("No file at hand?")
        for key, sample in SAMPLES.items():
            if st.button(sample.title, help=sample.holds, key=f"sample_{key}", icon=":material/science:"):
                content = sample.make()
                cells, dataset = read_file(content, sample_name(key), key)
                session().load(dataset, cells, content)
                st.rerun()


def _facts(dataset: Dataset) -> None:
    cells = sum(column.missing for column in dataset.columns)
    facts = {
        "Lines" if looks_like_purchases(dataset) else "Customers": f"{dataset.n_customers:,}",
        "Columns": f"{len(dataset.columns):,}",
        "Duplicate rows": f"{count_duplicates(dataset):,}",
        "Missing values": f"{cells:,} ({cells / max(dataset.frame.size, 1):.1%})",
    }
    for place, (label, value) in zip(st.columns(len(facts)), facts.items(), strict=True):
        place.metric(label, value)


def _missing(dataset: Dataset) -> None:
    if not any(column.missing for column in dataset.columns):
        st.success("No value is missing anywhere.", icon=":material/check_circle:")
        return
    st.plotly_chart(missing_map(missing_pattern(dataset)), key="missing_map")
    asked = [spec for spec in session().features if _matters(spec, dataset)]
    if not asked:
        st.write(messages.NOTHING_MISSING)
        return
    st.write(messages.MISSING_INTRO)
    places = st.columns(3)
    chosen = {}
    for number, spec in enumerate(asked):
        with places[number % 3]:
            chosen[spec.column] = missing_field(spec, dataset, "missing")
    session().features = tuple(chosen.get(spec.column, spec) for spec in session().features)
    effect = missing_effect(dataset, session().recipe)
    st.info(
        f"**{effect.rows_left_out:,} rows left out, {effect.values_filled:,} values filled in.** "
        f"{dataset.n_customers - effect.rows_left_out:,} customers will be segmented.",
        icon=":material/functions:",
    )


def _matters(spec: FeatureSpec, dataset: Dataset) -> bool:
    return spec.segments and dataset.column(spec.column).missing > 0


def _farewell() -> None:
    # Done before the page is drawn: a file that is being read must not be waited for first.
    st.button("Delete my data now", icon=":material/delete:", key="delete_data", on_click=_delete)


def _delete() -> None:
    delete_everything()
    st.toast(messages.DELETED)


if __name__ == "__main__":
    render()
