"""Customers of another file placed in segments or known groups, and the model that they are placed with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from segmenter.charts.learning import probability_bars, size_bars
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.columns import OTHER, Answer, FieldKind, FormField
from segmenter.classification.model import SegmentModel, is_hardly_better
from segmenter.classification.predict import (
    Change,
    Classified,
    CustomerPrediction,
    classify,
    classify_customer,
    match_fields,
)
from segmenter.classification.recipe import SEGMENTS
from segmenter.display import number_text, percent_text
from segmenter.engines.segmenting import EngineSample
from segmenter.errors.base import SegmenterError
from segmenter.explain.columns import decimals_for
from segmenter.io.export import check_code
from segmenter.io.export.learning import classified_csv, classified_json, plain_csv
from segmenter.io.model import folder as models
from segmenter.io.model.classifiers import list_classifiers, load_listed_classifier
from segmenter.io.model.folder import MODELS_FOLDER, ModelEntry, add_model, list_models, load_listed_model
from segmenter.io.model.format import convert_pickled, from_bytes
from segmenter.io.model.pickled import read_pickled_kmeans, refuse_foreign
from segmenter.progress import Progress, called_from_within
from segmenter.purchases.customers import customers_behind
from segmenter.segment.assign import ColumnMatch
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.messages import advise, count_columns, safe_md
from segmenter.ui.state import Built, FileToPlace, Identity, Placed, Placing, forget_widgets, session
from segmenter.ui.widgets.downloads import offer_download
from segmenter.ui.widgets.learn_results import places_of
from segmenter.ui.widgets.notes import in_per_cent, short_cells, show_chart, show_error, show_notes
from segmenter.ui.widgets.purchases import show_purchases
from segmenter.ui.widgets.reading import Upload, read_file, upload_field
from segmenter.ui.widgets.text_fields import text_line
from segmenter.ui.widgets.working import Work, read_now, run_job, running

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


def engine_sample() -> EngineSample | None:
    """Return what an engine holds all of the customers to place of; None where they are a file's."""
    placing = session().next_month.placing
    cells = session().file.cells if placing is None else placing.cells
    return cells if isinstance(cells, EngineSample) else None


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
    placing, cells = session().next_month.placing, engine_sample()
    rows = f"{dataset.n_customers:,} rows"
    if cells is not None and dataset.n_customers < cells.n_rows:
        rows = f"a sample of {dataset.n_customers:,} of {cells.n_rows:,} rows"
    if placing is None:
        st.write(f"The customers of the Data page: {safe_md(dataset.name)}, {rows}. {OTHERS}")
        # Customers made of lines are changed where they were made.
        if session().file.rows is None and cells is None:
            show_purchases(dataset, FileToPlace(dataset))
        return
    st.write(f"{safe_md(dataset.name)}: {rows}. Upload another file to replace it.")
    if session().dataset is not None and st.button(OWN, key=f"{key}_own", icon=":material/undo:"):
        session().place(None)
        st.rerun()
    if cells is None:
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


LEARNT: Final = "the one learnt here"
NONE_YET: Final = "No classifier is kept on this server yet. Learn known segments first."
FIELDS: Final = "place_field_"
MOST_NAMED: Final = 12


def pick_classifier() -> SegmentModel | None:
    """Draw the choice of a classifier, and what the chosen one is; None where there is none."""
    folder = list_classifiers(MODELS_FOLDER)
    for refused in folder.refused:
        st.warning(safe_md(refused.reason, 400), icon=":material/gpp_maybe:")
    if folder.ignored:
        st.info(f"{folder.ignored:,} classifiers in models are not in the manifest and are ignored.")
    placing = session().learning.placing
    labels = {**_learnt(placing), **{entry.file: _label(entry) for entry in folder.models}}
    if not labels:
        st.info(NONE_YET, icon=":material/school:")
        return None
    options = list(labels)
    current = options.index(placing.title) if placing.title in options else 0
    picked = st.selectbox("Classifier", options, current, format_func=labels.__getitem__, key="place_classifier")
    if placing.title != picked:
        _use(placing, picked)
    if placing.model is not None:
        _describe(placing.model)
    return placing.model


def _learnt(placing: Placing) -> dict[str, str]:
    if placing.learnt is None:
        return {}
    return {LEARNT: f"The one that you have just learnt: {placing.learnt.title}, tells {_told(placing.learnt)}"}


def _label(entry: ModelEntry) -> str:
    method = CLASSIFIERS[entry.algorithm].title if entry.algorithm in CLASSIFIERS else entry.algorithm
    return f"{entry.title} ({method}, {entry.k} segments, {entry.created})"


def _use(placing: Placing, picked: str) -> None:
    forget_widgets(FIELDS)
    model = placing.learnt if picked == LEARNT else None
    if picked != LEARNT:
        try:
            load = partial(load_listed_classifier, MODELS_FOLDER, picked)
            model = read_now(picked, load, "Opening the classifier", cancelled=partial(placing.use, None, picked))
        except SegmenterError as error:
            show_error(error)
    placing.use(model, picked)


def _describe(model: SegmentModel) -> None:
    named = ", ".join(safe_md(name) for name in model.classes[:MOST_NAMED])
    more = f" and {len(model.classes) - MOST_NAMED} more" if len(model.classes) > MOST_NAMED else ""
    st.write(
        f"Tells {safe_md(_told(model))} ({named}{more}) by {count_columns(len(model.fields))}; learnt from "
        f"{model.n_trained:,} customers. **Right for {percent_text(model.held_out.accuracy, 1)} of "
        f"{model.n_held_out:,} customers "
        f"that no choice had seen**; {percent_text(model.base_rate, 1)} of those that it was learnt from are in the "
        "largest segment."
    )
    if is_hardly_better(model.held_out.accuracy, model.base_rate, model.n_held_out):
        st.warning("That is hardly better than always guessing the largest one.", icon=":material/warning:")


def _told(model: SegmentModel) -> str:
    return "the segments" if model.recipe.target == SEGMENTS else model.recipe.target


INTRO: Final = (
    "Fill in what is known and leave the rest empty. In brackets stands about the range that the model knows, rounded "
    "so that it gives no customer away: it answers for nothing beyond."
)
OTHER_HELP: Final = f"“{OTHER}” is any value that is not listed; empty is not known."
CHANGES: Final = "What would change it"
CHANGES_HELP: Final = "One other answer, everything else as it is: the nearest number, or the surest choice."
NO_CHANGE: Final = "No single other answer would change the segment."
COLUMNS: Final = 3


def show_form(model: SegmentModel) -> None:
    """Draw the form, and the answer for the customer that was last asked about."""
    st.write(INTRO)
    placing = session().learning.placing
    with st.form("place_form"):
        answers = _fields(model.fields)
        asked = st.form_submit_button("Tell the segment", type="primary", icon=":material/person_search:")
    if asked:
        placing.answers, placing.answer = answers, None
        try:
            placing.answer = classify_customer(answers, model)
        except SegmenterError as error:
            show_error(error)
    if placing.answer is not None:
        _show_answer(placing.answer, model)


def _fields(fields: tuple[FormField, ...]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    # Row by row, so that on a narrow screen, where columns stand below each other, the order stays.
    for first in range(0, len(fields), COLUMNS):
        for place, field in zip(st.columns(COLUMNS), fields[first : first + COLUMNS], strict=False):
            with place:
                answers[field.column] = _field(field)
    return answers


def _field(field: FormField) -> Answer:
    key = f"{FIELDS}{field.column}"
    before = session().learning.placing.answers.get(field.column)
    if field.choices:
        start = field.choices.index(str(before)) if before in field.choices else None
        help_text = OTHER_HELP if OTHER in field.choices else None
        label = safe_md(field.column)
        return st.selectbox(label, field.choices, start, placeholder=_empty(field), help=help_text, key=key)
    if field.kind is FieldKind.DATE:
        return _date(field, before, key)
    return _number(field, before, key)


def _number(field: FormField, before: Answer, key: str) -> float | None:
    # No bounds of the field's own: it would move what was typed in silence. The model says what it does not know.
    label = f"{safe_md(field.column)} (about {shown(field.low)} to {shown(field.high)})"
    start = before if isinstance(before, int | float) else None
    if field.kind is FieldKind.WHOLE:
        whole = None if start is None else int(start)
        return st.number_input(label, value=whole, step=1, placeholder=_empty(field), key=key)
    number = None if start is None else float(start)
    return st.number_input(label, value=number, format="%g", placeholder=_empty(field), key=key)


def _date(field: FormField, before: Answer, key: str) -> str | None:
    start = date.fromisoformat(before) if isinstance(before, str) else None
    label = f"{safe_md(field.column)} ({field.earliest} to {field.latest})"
    picked = st.date_input(label, start, date(1900, 1, 1), date(2200, 1, 1), key=key)
    return picked.isoformat() if isinstance(picked, date) else None


def _empty(field: FormField) -> str:
    middle = field.typical
    if isinstance(middle, int | float):
        # The middle of what customers have, which nobody has to the last digit.
        is_whole = field.kind is FieldKind.WHOLE
        middle = f"{middle:.0f}" if is_whole else number_text(middle, decimals_for(abs(middle)))
    typical = f"; typically {shown(middle)}" if middle is not None else ""
    return f"not known{typical}" if field.may_be_missing else f"needed{typical}"


def shown(answer: Answer) -> str:
    """Return an answer as a visitor would write it."""
    if answer is None:
        return "not known"
    return str(answer) if isinstance(answer, str) else f"{answer:,.6g}"


def _show_answer(answer: CustomerPrediction, model: SegmentModel) -> None:
    st.success(
        f"**{safe_md(answer.segment)}, with a probability of {percent_text(answer.probability, 1)}.** "
        f"Next: {safe_md(answer.runner_up)}, {percent_text(answer.runner_up_probability, 1)}.",
        icon=":material/person_pin:",
    )
    if answer.left_out:
        names = ", ".join(safe_md(name) for name in answer.left_out)
        st.info(f"Not known: {names}. The answer counts what is usual there.", icon=":material/info:")
    places = dict(zip(model.classes, places_of(model.classes), strict=True))
    chart = probability_bars(answer.probabilities, [places[name] for name, _ in answer.probabilities])
    show_chart(chart, key="place_probabilities")
    st.subheader(CHANGES, help=CHANGES_HELP)
    if not answer.changes:
        st.write(NO_CHANGE)
        return
    answers = session().learning.placing.answers
    rows = [_row(change, answers.get(change.column)) for change in answer.changes]
    table, config = in_per_cent(pd.DataFrame(rows), ["Probability"], decimals=1)
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)


def _row(change: Change, now: Answer) -> dict[str, str | float]:
    return {
        "If": change.column,
        "were": shown(change.answer),
        "instead of": shown(now),
        "it would be": change.segment,
        "Probability": change.probability,
    }


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
    matches = match_by_hand(match_fields(dataset, model), dataset, placing.matches, "place_")
    if matches is None:
        return
    of = (Identity(model), dataset.fingerprint, tuple(sorted(matches.items())))
    keep = partial(placing.keep, of=of)
    if run_job(NAME, lambda: of, partial(_ask, model, dataset, matches), keep, n_cells=dataset.frame.size):
        return
    placed = placing.placed.on(of)
    if placed is not None:
        _show(placed)


def _ask(model: SegmentModel, dataset: Dataset, matches: Mapping[str, str]) -> Work[Placed] | None:
    label = f"Place these {dataset.n_customers:,} customers"
    if not st.button(label, type="primary", key="place_run", icon=":material/play_arrow:"):
        return None

    def work(progress: Progress, job: Job[Placed]) -> Placed:  # noqa: ARG001 - every job is handed itself
        progress(0.1, f"Placing {dataset.n_customers:,} customers")
        classified = classify(dataset, model, matches)
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
    show_chart(size_bars(counts, places_of(classified.model.classes)), key="place_sizes")
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
    second.metric("Used for learning", percent_text(classified.learnt_from.mean(), 1))
    third.metric("Mean probability", percent_text(_mean_probability(classified), 1))


def _mean_probability(classified: Classified) -> float:
    return float(classified.probability[classified.placed].max(axis=1).mean()) if classified.placed.any() else 0.0


def _download(name: str, download: Download, classified: Classified) -> None:
    st.markdown(f"**{download.title}**: {download.holds}.")

    def build(progress: Progress) -> Built:
        with called_from_within(progress, 0.1, "Writing"):
            return Built(download.export(classified))

    slot, placing = f"place_{name}", session().learning.placing
    told = (classified.dataset.fingerprint, placing.title, sorted(placing.matches.items()))
    offer_download(
        slot,
        build,
        built=placing.built,
        n_cells=classified.dataset.frame.size,
        file=(download.stem, download.suffix, download.mime),
        code=check_code(repr(told).encode() + classified.probability.tobytes()),
        primary=name == "customers",
    )


UPLOADED = "an uploaded model file"
FORMED = "the segments formed here"
# Columns of a model that are named; a long list of them would push what it is for off the screen.
COLUMNS_NAMED = 5


def pick_model(page: str) -> tuple[Path, ...]:
    """Draw the choice of a model, which the session then holds; return the pickled ones that could be converted."""
    folder = list_models(models.MODELS_FOLDER)
    for refused in folder.refused:
        st.warning(safe_md(refused.reason, 400), icon=":material/gpp_maybe:")
    if folder.ignored:
        st.info(f"{folder.ignored:,} other files in models are not in the manifest and are ignored.")
    formed, work = session().current_result(), session().work
    here = formed.segmentation if formed else work.model if work else None
    whose = "formed here" if formed else "of your kept work"
    titles = {FORMED: f"The segments {whose} ({here.n_segments} segments)"} if here else {}
    titles |= {entry.file: f"{entry.title} ({entry.k} segments)" for entry in folder.models}
    options = [*titles, UPLOADED]
    current = options.index(session().next_month.model_title) if session().next_month.model_title in options else 0
    picked = st.selectbox(
        "Model", options, current, format_func=lambda file: titles.get(file, "Upload a model file"), key=f"{page}_model"
    )
    if picked == UPLOADED:
        _upload_model(page)
    elif picked == FORMED and here is not None:
        # Taken anew on every run: its segments may have been renamed or formed again since.
        session().next_month.model, session().next_month.model_title, session().next_month.model_problem = (
            here,
            FORMED,
            "",
        )
    elif session().next_month.model_title != picked:
        _use_for_next_month(picked, lambda: load_listed_model(models.MODELS_FOLDER, picked))
    if session().next_month.model_problem:
        st.error(session().next_month.model_problem, icon=":material/error:")
    if session().next_month.model is not None:
        _describe_segmentation(session().next_month.model)
    return folder.pickles


def _upload_model(page: str) -> None:
    if session().next_month.model_title not in ("", UPLOADED):
        session().next_month.model, session().next_month.model_title, session().next_month.model_problem = (
            None,
            UPLOADED,
            "",
        )
    if upload_field(
        "Model file (.segmodel.json)",
        "model_upload",
        "Only models saved by this app are read.",
        page=page,
        use=_read_model,
        takes=is_model_name,
    ):
        st.rerun()


def _read_model(upload: Upload) -> None:
    def read() -> Segmentation:
        refuse_foreign(upload.content, upload.name)
        return from_bytes(upload.content)

    _use_for_next_month(UPLOADED, read)


def _use_for_next_month(title: str, read: Callable[[], Segmentation]) -> None:
    session().next_month.model, session().next_month.model_title, session().next_month.model_problem = None, title, ""
    try:
        session().next_month.model = read()
    except SegmenterError as error:
        session().next_month.model_problem = messages.explain(error)


def _describe_segmentation(model: Segmentation | None) -> None:
    if model is None:
        return
    columns = [each.column for each in model.preparation.columns_]
    more = f" and {len(columns) - COLUMNS_NAMED:,} more columns" if len(columns) > COLUMNS_NAMED + 1 else ""
    names = ", ".join(safe_md(column) for column in (columns[:COLUMNS_NAMED] if more else columns)) + more
    st.write(f"{model.n_segments} segments by {names}; made from {model.n_trained:,} customers.")


CONVERSION_INTRO = (
    "Pickled models lie in models. They are read by a restricted reader that takes numbers out and runs nothing; "
    "say which columns they were made for, and they are kept converted."
)
BY_FILE = "the customer file that is loaded now is what it was trained on"
SCALED = "new files hold values that are scaled already"
OWN_SCALING = "it brings its own scaling"


def show_pickles(pickles: Sequence[Path]) -> None:
    """Offer each pickled model for conversion, or say why it is refused."""
    if not pickles:
        return
    title = f"{len(pickles)} pickled models"
    place = st.expander(title, icon=":material/history_edu:", key="open_pickles", on_change="rerun")
    # Each is read in a process of its own: only for whoever wants to see them.
    if place.open:
        with place:
            st.write(CONVERSION_INTRO)
            for path in pickles:
                _offer(path)


def _offer(path: Path) -> None:
    st.markdown(f"**{safe_md(path.name)}**")
    try:
        pickled = read_now(path, partial(read_pickled_kmeans, path), f"Reading {safe_md(path.name)}")
    except SegmenterError as error:
        show_error(error)
        return
    n_segments, n_columns = pickled.centres.shape
    st.write(f"K-Means with {n_segments} segments on {count_columns(n_columns)}.")
    known = ",".join(pickled.feature_names)
    typed = text_line(
        "Its columns, in the model's order, separated by commas", known, most=20_000, key=f"pickle_columns_{path.name}"
    )
    scalings = [OWN_SCALING] if pickled.scale is not None else [BY_FILE, SCALED]
    scaling = st.radio("Scaling", scalings, key=f"pickle_scaling_{path.name}")
    if st.button("Convert and keep", key=f"pickle_convert_{path.name}", disabled=not typed.strip()):
        columns = tuple(name.strip() for name in typed.split(",") if name.strip())
        try:
            model = convert_pickled(
                pickled,
                columns,
                fitted_on=session().to_place if scaling == BY_FILE else None,
                already_scaled=scaling == SCALED,
            )
            add_model(models.MODELS_FOLDER, model, path.stem)
        except SegmenterError as error:
            show_error(error)
            return
        st.rerun()
