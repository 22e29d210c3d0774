"""Download the result, or keep the model on the server."""

import streamlit as st

from segmenter.errors.base import SegmenterError
from segmenter.io.model.folder import MODELS_FOLDER, add_model
from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import keeping, kept, session
from segmenter.ui.widgets.downloads import offer_work, show_downloads
from segmenter.ui.widgets.notes import show_error
from segmenter.ui.widgets.text_fields import text_line

NAME = "export"


def render() -> None:
    """Draw the page in the order in which it is read."""
    st.title(messages.EXPORT_TITLE)
    result = session().current_result()
    if result is None:
        st.info("Form the segments first.", icon=":material/groups:")
        if st.button("Go to Segments", type="primary", key="export_to_segments"):
            st.switch_page(page_file("segments"))
        return
    st.write(messages.EXPORT_INTRO)
    show_downloads(result, NAME)
    offer_work(NAME)
    st.header("Keep the model on this server")
    st.write("It is listed on the page Next month for everyone who uses this server. It holds no customer.")
    before = kept("export_model_name", "")
    name = text_line("Name of the model", before, most=80, **keeping("export_model_name"))
    if st.button("Save model", key="export_save", icon=":material/save:", disabled=not name.strip()):
        try:
            saved = add_model(MODELS_FOLDER, result.segmentation, name.strip())
        except SegmenterError as error:
            show_error(error)
            return
        st.success(f"Saved as {safe_md(saved.title)} ({safe_md(saved.file)}).", icon=":material/check_circle:")


if __name__ == "__main__":
    render()
