"""How does an uploaded file reach us without staying twice in memory?"""

import logging
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from segmenter.ui.state import session

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A file's bytes and the name it was given; the name is only ever shown."""

    content: bytes
    name: str


def upload_field(label: str, key: str, help_text: str, *, visible: bool = True) -> Upload | None:
    """Draw an upload field and return what was dropped on it, once; Streamlit's own copy is removed.

    Streamlit keeps uploads until the visitor's session ends and copies them on every run while the field shows
    them, so the bytes are taken, its copy dropped, and the field emptied by giving it a new key.
    """
    uploaded = st.file_uploader(
        label,
        key=f"{key}_{session().uploads}",
        help=help_text,
        label_visibility="visible" if visible else "collapsed",
    )
    if uploaded is None:
        return None
    upload = Upload(uploaded.getvalue(), uploaded.name)
    _drop(uploaded)
    session().uploads += 1
    return upload


def _drop(uploaded: UploadedFile) -> None:
    context = get_script_run_ctx()
    try:
        manager: Any = get_instance().uploaded_file_mgr  # the protocol leaves removing out
        if context is not None:
            manager.remove_file(session_id=context.session_id, file_id=uploaded.file_id)
    except (
        RuntimeError,
        AttributeError,
    ):  # a test without a server, or a Streamlit that keeps files elsewhere
        _LOG.debug("the upload's copy stays with Streamlit until the session ends")
