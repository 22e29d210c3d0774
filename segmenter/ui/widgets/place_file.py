"""Which segments do the customers of a file belong to? The same reading, matching and notes as on the page Apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import streamlit as st

from segmenter.charts.learning import size_bars
from segmenter.core.dataset import Dataset
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.placing import Classified, classify, match_fields
from segmenter.exporters import check_code
from segmenter.exporters.classified import classified_csv, classified_json, plain_csv
from segmenter.progress import Progress
from segmenter.ui.jobs import Job
from segmenter.ui.learning import Placed
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.learn_colours import places_of
from segmenter.ui.widgets.notes import show_notes
from segmenter.ui.widgets.place_customers import match_by_hand, pick_customers
from segmenter.ui.widgets.tables import short_cells
from segmenter.ui.widgets.working import Work, run_job

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
    dataset = pick_customers(NAME)
    if dataset is None:
        return
    placing = session().learning.placing
    matches = match_by_hand(match_fields(model, dataset), dataset, placing.matches, "place_")
    if matches is None:
        return
    of = (id(model), dataset.fingerprint, tuple(sorted(matches.items())))
    keep = partial(placing.keep, of=of)
    if run_job(NAME, lambda: of, partial(_ask, model, dataset, matches), keep, n_cells=dataset.frame.size):
        return
    if placing.placed is not None and placing.placed_of == of:
        _show(placing.placed)


def _ask(model: SegmentModel, dataset: Dataset, matches: Mapping[str, str]) -> Work[Placed] | None:
    label = f"Place these {dataset.n_customers:,} customers"
    if not st.button(label, type="primary", key="place_run", icon=":material/play_arrow:"):
        return None

    def work(progress: Progress, job: Job[Placed]) -> Placed:  # noqa: ARG001 - every job is handed itself
        progress(0.1, f"Placing {dataset.n_customers:,} customers")
        classified = classify(model, dataset, matches)
        progress(0.9, "Writing their segments beside them")
        return Placed(classified, classified.labelled().head(SHOWN_ROWS))

    return work


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
