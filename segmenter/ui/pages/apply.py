"""Place customers in segments that were formed before."""

from collections.abc import Callable, Mapping

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.model.folder import MODELS_FOLDER, list_models, load_model
from segmenter.io.model.foreign import refuse_foreign
from segmenter.io.model.format import from_bytes
from segmenter.segment.assign import assign_segments, match_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import Dataset
from segmenter.ui import messages
from segmenter.ui.messages import advise, safe_md
from segmenter.ui.state import session
from segmenter.ui.widgets.downloads import show_downloads
from segmenter.ui.widgets.legacy import show_pickles
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.place_customers import is_model_name, match_by_hand, pick_customers
from segmenter.ui.widgets.result_view import show_result
from segmenter.ui.widgets.upload import Upload, upload_field

NAME = "apply"
UPLOADED = "an uploaded model file"
FORMED = "the segments formed here"


def render() -> None:
    """Draw the page in the order in which it is read."""
    st.title(messages.APPLY_TITLE)
    st.write(messages.APPLY_INTRO)
    left, right = st.columns(2)
    with left:
        _pick_model()
    with right:
        st.subheader("2. The customers")
        dataset = pick_customers(NAME)
    model = session().model
    if model is None or dataset is None:
        return
    matches = _matches(model, dataset)
    if matches is None:
        return
    result = _applied(model, dataset, matches)
    if result is not None and _confirmed(result):
        _show(result)


def _pick_model() -> None:
    st.subheader("1. The model")
    folder = list_models(MODELS_FOLDER)
    for refused in folder.refused:
        st.warning(safe_md(refused.reason, 400), icon=":material/gpp_maybe:")
    if folder.ignored:
        st.info(f"{folder.ignored:,} other files in models are not in the manifest and are ignored.")
    formed = session().current_result()
    titles = {FORMED: f"The segments formed here ({formed.segmentation.n_segments} segments)"} if formed else {}
    titles |= {entry.file: f"{entry.title} ({entry.k} segments)" for entry in folder.models}
    options = [*titles, UPLOADED]
    current = options.index(session().model_title) if session().model_title in options else 0
    picked = st.selectbox(
        "Model", options, current, format_func=lambda file: titles.get(file, "Upload a model file"), key="apply_model"
    )
    if picked == UPLOADED:
        _upload_model()
    elif picked == FORMED and formed is not None:
        # Taken anew on every run: its segments may have been renamed or formed again since.
        session().model, session().model_title, session().model_problem = formed.segmentation, FORMED, ""
    elif session().model_title != picked:
        _use(picked, lambda: load_model(MODELS_FOLDER, picked))
    if session().model_problem:
        st.error(session().model_problem, icon=":material/error:")
    show_pickles(folder.pickles)
    if session().model is not None:
        _describe(session().model)


def _upload_model() -> None:
    if session().model_title not in ("", UPLOADED):
        session().model, session().model_title, session().model_problem = None, UPLOADED, ""
    if upload_field(
        "Model file (.segmodel.json)",
        "model_upload",
        "Only models saved by this app are read.",
        page=NAME,
        use=_read_model,
        takes=is_model_name,
    ):
        st.rerun()


def _read_model(upload: Upload) -> None:
    def read() -> Segmentation:
        refuse_foreign(upload.content, upload.name)
        return from_bytes(upload.content)

    _use(UPLOADED, read)


def _use(title: str, read: Callable[[], Segmentation]) -> None:
    session().model, session().model_title, session().model_problem = None, title, ""
    try:
        session().model = read()
    except SegmenterError as error:
        session().model_problem = messages.explain(error)


def _describe(model: Segmentation | None) -> None:
    if model is None:
        return
    names = ", ".join(safe_md(each.column) for each in model.preparation.columns_)
    st.write(f"{model.n_segments} segments by {names}; made from {model.n_trained:,} customers.")


def _matches(model: Segmentation, dataset: Dataset) -> Mapping[str, str] | None:
    """Return which column stands for which; None while the user has to say so."""
    match = match_columns(model, dataset)
    if match.suggestions:
        st.subheader("3. Match the columns")
    return match_by_hand(match, dataset, {}, "")


def _applied(model: Segmentation, dataset: Dataset, matches: Mapping[str, str]) -> Result | None:
    before, of = session().applied_of, f"{dataset.fingerprint} {sorted(matches.items())}"
    if before is None or before[0] is not model or before[1] != of:
        try:
            assignment = assign_segments(model, dataset, matches)
        except SegmenterError as error:
            show_error(error)
            return None
        session().applied = Result(dataset, assignment.segmentation, assignment)
        session().applied_of = model, of
        session().forget_built(NAME)
    return session().applied


def _confirmed(result: Result) -> bool:
    questions = result.assignment.questions if result.assignment else ()
    for question in questions:
        st.warning(advise(question), icon=":material/help:")
    return not questions or st.checkbox("I have checked this; go on", key=f"confirm_{result.dataset.fingerprint[:8]}")


def _show(result: Result) -> None:
    st.subheader("The result")
    assignment = result.assignment
    if assignment is not None and assignment.matched:
        pairs = ", ".join(f"{safe_md(model)} = {safe_md(file)}" for model, file in assignment.matched.items())
        st.info(f"Columns matched: {pairs}.", icon=":material/compare_arrows:")
    if assignment is not None and result.n_left_out:
        reasons = assignment.reasons[assignment.reasons != ""].value_counts()
        st.warning(
            f"**{result.n_left_out:,} customers could not be placed**: "
            + "; ".join(f"{safe_md(str(reason))} ({count:,})" for reason, count in reasons.items()),
            icon=":material/warning:",
        )
    show_result(result, NAME)
    st.subheader("Downloads")
    show_downloads(result, NAME)


if __name__ == "__main__":
    render()
