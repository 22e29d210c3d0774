"""Which segments do the customers of a file belong to? The same reading, matching and notes as on the page Apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from segmenter.charts.learning import size_bars
from segmenter.core.assignment import ColumnMatch
from segmenter.core.dataset import Dataset
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.placing import Classified, classify, match_fields
from segmenter.errors import SegmenterError
from segmenter.exporters import check_code
from segmenter.exporters.classified import classified_csv, classified_json, plain_csv
from segmenter.importers import ReadOptions, read_cells
from segmenter.progress import Progress
from segmenter.store import refuse_foreign
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.learning import Placed
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.learn_colours import places_of
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.tables import short_cells
from segmenter.ui.widgets.upload import upload_field
from segmenter.ui.widgets.working import running, start, take, watch

NAME: Final = "place"
SHOWN_ROWS: Final = 100


@dataclass(frozen=True)
class Download:
    """One file to take home; `stem` and `suffix` are of its name, and it `holds` what is in it."""

    title: str
    stem: str
    suffix: str
    mime: str
    holds: str
    export: Callable[[Classified], bytes]


DOWNLOADS: Final = {
    "customers": Download(
        "Customers with their segments (CSV)",
        "customers",
        ".csv",
        "text/csv",
        "your file, every row and column as it was, plus segment, probability, runner-up and who was used for learning",
        classified_csv,
    ),
    "plain": Download(
        "Customer and segment alone (CSV)",
        "id_and_segment",
        ".csv",
        "text/csv",
        "two columns: the identifier, or the row where there is none, and the segment",
        plain_csv,
    ),
    "record": Download(
        "Record (JSON)",
        "run",
        ".json",
        "application/json",
        "the classifier, counts, versions and every note",
        classified_json,
    ),
}


def show_file(model: SegmentModel) -> None:
    """Draw the file to place, and where its customers belong."""
    _pick_customers()
    dataset = session().dataset
    if dataset is None:
        return
    if running(NAME):
        watch(NAME)
        return
    matches = _matched(match_fields(model, dataset), dataset)
    if matches is None:
        return
    of = (id(model), dataset.fingerprint, tuple(sorted(matches.items())))
    placing = session().learning.placing
    finished = take(NAME, of)
    if isinstance(finished, Placed):
        placing.keep(finished, of)
        st.rerun()
    if st.button(
        f"Place these {dataset.n_customers:,} customers", type="primary", key="place_run", icon=":material/play_arrow:"
    ):
        _start(model, dataset, matches, of)
        st.rerun()
    if placing.placed is not None and placing.placed_of == of:
        _show(placing.placed)


def _start(model: SegmentModel, dataset: Dataset, matches: Mapping[str, str], of: object) -> None:
    def work(progress: Progress, job: Job[Placed]) -> Placed:  # noqa: ARG001 - every job is handed itself
        progress(0.1, f"Placing {dataset.n_customers:,} customers")
        classified = classify(model, dataset, matches)
        progress(0.9, "Writing their segments beside them")
        return Placed(classified, classified.labelled().head(SHOWN_ROWS))

    start(NAME, of, work)


def _pick_customers() -> None:
    upload = upload_field("Customer file to place", "place_upload", messages.NOT_KEPT)
    if upload is not None:
        try:
            refuse_foreign(upload.content, upload.name)
            cells = read_cells(upload.content, upload.name, ReadOptions())
            session().load(cells.understood(ReadOptions()), cells)
        except SegmenterError as error:
            session().problem = messages.explain(error)
        st.rerun()
    if session().problem:
        st.error(session().problem, icon=":material/error:")
    dataset = session().dataset
    if dataset is None:
        st.write(messages.LIMITS)
        return
    st.write(f"{safe_md(dataset.name)}: {dataset.n_customers:,} customers. Upload another file to replace it.")
    show_notes(dataset.notes)


def _matched(match: ColumnMatch, dataset: Dataset) -> Mapping[str, str] | None:
    """Return which column stands for which; None while the user has to say so."""
    if not match.suggestions:
        return match.found
    absent = ", ".join(safe_md(name) for name in match.suggestions)
    st.warning(f"**The file has no {absent}.** Say which of its columns is meant.", icon=":material/compare_arrows:")
    names = [column.name for column in dataset.columns if column.name not in match.found.values()]
    given = session().learning.placing.matches
    for wanted, near in match.suggestions.items():
        ordered = list(dict.fromkeys([*near, *names]))
        chosen = st.selectbox(
            safe_md(wanted),
            ordered,
            ordered.index(given[wanted]) if given.get(wanted) in ordered else None,
            placeholder=f"Did you mean {near[0]}?" if near else "Pick a column",
            key=f"match_place_{wanted}",
        )
        if chosen:
            given[wanted] = chosen
        else:
            given.pop(wanted, None)
    said = {wanted: given[wanted] for wanted in match.suggestions if wanted in given}
    return {**match.found, **said} if len(said) == len(match.suggestions) else None


def _show(placed: Placed) -> None:
    classified = placed.classified
    for question in classified.questions:
        st.warning(advise(question), icon=":material/help:")
    key = f"confirm_place_{classified.dataset.fingerprint[:8]}"
    if classified.questions and not st.checkbox("I have checked this; go on", key=key):
        return
    _facts(classified)
    show_notes(classified.notes)
    counts = list(classified.counts().items())
    st.plotly_chart(size_bars(counts, places_of(classified.model.classes)), key="place_sizes")
    with st.expander(f"The first {len(placed.preview):,} customers", icon=":material/table:"):
        st.dataframe(short_cells(placed.preview), hide_index=True, width="stretch")
    st.subheader("Downloads")
    for name, download in DOWNLOADS.items():
        with st.container(border=True):
            _download(name, download, classified)


def _facts(classified: Classified) -> None:
    placed, n_customers = int(classified.placed.sum()), classified.dataset.n_customers
    if classified.matched:
        pairs = ", ".join(f"{safe_md(model)} = {safe_md(file)}" for model, file in classified.matched.items())
        st.info(f"Columns matched: {pairs}.", icon=":material/compare_arrows:")
    if placed < n_customers:
        reasons = classified.reasons[classified.reasons != ""].value_counts()
        st.warning(
            f"**{n_customers - placed:,} customers could not be placed**: "
            + "; ".join(f"{safe_md(str(reason))} ({count:,})" for reason, count in reasons.items()),
            icon=":material/warning:",
        )
    first, second, third = st.columns(3)
    first.metric("Customers placed", f"{placed:,} of {n_customers:,}")
    second.metric("Used for learning", f"{classified.learnt_from.mean():.1%}")
    third.metric("Mean probability", f"{_mean_probability(classified):.1%}")


def _mean_probability(classified: Classified) -> float:
    return float(classified.probability[classified.placed].max(axis=1).mean()) if classified.placed.any() else 0.0


def _download(name: str, download: Download, classified: Classified) -> None:
    built = session().learning.placing.built
    st.markdown(f"**{download.title}**: {download.holds}.")
    if name not in built:
        if st.button("Build", key=f"place_{name}_build", icon=":material/construction:"):
            built[name] = download.export(classified)
            st.rerun()
        return
    content = built[name]
    code = check_code(content)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            content,
            f"{download.stem}_{code}_{session().nonce}{download.suffix}",
            download.mime,
            on_click="ignore",
            key=f"place_{name}_download",
            type="primary",
            icon=":material/download:",
        )
        st.write(f"{len(content) / 1e6:,.2f} MB · check code {code}")
