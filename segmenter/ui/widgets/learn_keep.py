"""How is what was learnt kept on this server, or taken home as a record?"""

import json
from typing import Final

import streamlit as st

from segmenter.classifiers import CLASSIFIERS
from segmenter.core.learning.learned import Learned
from segmenter.core.learning.model import SegmentModel
from segmenter.errors import SegmenterError
from segmenter.exporters import check_code
from segmenter.exporters.learning import leaderboard_csv, learning_record
from segmenter.store import MODELS_FOLDER, save_classifier
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_error

STAYS_HERE: Final = (
    "Classifiers stay on this server. They are opened only here, in a limited process of their own and after their "
    "hash was found in the manifest, and are never taken from an upload."
)
LISTED: Final = "A saved classifier is listed on the page “Place with a classifier” for everyone who uses this server."
PRINTS: Final = (
    "It holds no identifier, only salted fingerprints of them, so that it can say which customers it was learnt from."
)
KEEPS_ROWS: Final = (
    "{} answers by looking at the customers that it was learnt from: their prepared values are part of the file. Save "
    "another one where that must not be."
)
PLACE: Final = page_file("place")


def show_keeping(learned: Learned, key: str) -> None:
    """Draw the ways on: place customers, save on this server, download the record."""
    st.subheader("Use it")
    st.page_link(PLACE, label="Place new customers with it", icon=":material/person_search:")
    if learned.model is not None:
        _save(learned.model, key)
    _downloads(learned)


def _save(model: SegmentModel, key: str) -> None:
    st.write(f"{STAYS_HERE} {LISTED} {PRINTS if model.identities.column else ''}".strip())
    if CLASSIFIERS[model.classifier].keeps_rows:
        st.warning(KEEPS_ROWS.format(model.title), icon=":material/warning:")
    name = st.text_input("Name of the classifier", max_chars=80, key=f"{key}_name")
    if st.button("Save on this server", key=f"{key}_save", icon=":material/save:", disabled=not name.strip()):
        try:
            saved = save_classifier(MODELS_FOLDER, model, name.strip())
        except SegmenterError as error:
            show_error(error)
            return
        st.success(f"Saved as {safe_md(saved.title)} ({safe_md(saved.file)}).", icon=":material/check_circle:")


def _downloads(learned: Learned) -> None:
    if learned.leaderboard is None:
        return
    record = (json.dumps(learning_record(learned), ensure_ascii=False, indent=2) + "\n").encode()
    with st.container(horizontal=True):
        _download("Leaderboard (CSV)", "leaderboard.csv", leaderboard_csv(learned.leaderboard), "text/csv")
        _download("Everything found (JSON)", "learned.json", record, "application/json")


def _download(label: str, name: str, content: bytes, mime: str) -> None:
    stem, _, suffix = name.partition(".")
    file = f"{stem}_{check_code(content)}_{session().nonce}.{suffix}"
    st.download_button(
        label, content, file, mime, on_click="ignore", key=f"learn_{stem}_download", icon=":material/download:"
    )
