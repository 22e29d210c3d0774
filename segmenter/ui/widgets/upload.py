"""The upload field: an uploaded file is taken once, wherever the visitor has gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import streamlit as st

from segmenter.ui import messages
from segmenter.ui.messages import safe_md
from segmenter.ui.state import session
from segmenter.ui.uploads import UPLOADS, Underway, arrived, current_session, drop

_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Upload:
    """A file's bytes, the name it was given, which is only ever shown, and its identifier in the upload field."""

    content: bytes
    name: str
    file_id: str

    def forget(self) -> None:
        """Empty the field, and remove the copy that Streamlit keeps."""
        drop(self.file_id)
        session().file.uploads += 1


def upload_field(
    label: str,
    key: str,
    help_text: str,
    *,
    page: str,
    use: Callable[[Upload], None],
    takes: Callable[[str], bool] = lambda _: True,
) -> bool:
    """Draw an upload field, use what was dropped on it, once, and return whether there was anything.

    Streamlit keeps uploads until the visitor's session ends and copies them on every run while the field shows
    them, so the bytes are taken, its copy dropped, and the field emptied by giving it a new key. Its copy is dropped
    last: a visitor who goes to another page while a file is read ends that run, and is taken back to it.

    Parameters
    ----------
    page
        The page that the field is on: it also takes what was dropped on it before the visitor went elsewhere.
    use
        Reads the file and keeps what is in it, or what is wrong with it.
    takes
        Whether a file of this name is meant for this field, where the page has several.
    """
    UPLOADS.show_field(current_session(), page)
    uploaded = st.file_uploader(label, key=f"{key}_{session().file.uploads}", help=help_text)
    if uploaded is not None:
        upload = Upload(uploaded.getvalue(), uploaded.name, uploaded.file_id)
    else:
        waiting = (each for each in UPLOADS.under_way(current_session()) if each.page == page and takes(each.name))
        record = next((record for each in waiting if each.left and (record := arrived(each)) is not None), None)
        if record is None:
            return False
        upload = Upload(record.data, record.name, record.file_id)
    use(upload)
    upload.forget()
    return True


def elsewhere(page: str) -> Underway | None:
    """Return an upload that was dropped on another page's field, and has not been taken yet."""
    return next((each for each in UPLOADS.under_way(current_session()) if each.page not in ("", page)), None)


@contextmanager
def taken_here(page: str) -> Iterator[None]:
    """Let the fields of a page take what has arrived for them; what none of them wants is not waited for any more."""
    here = [each for each in UPLOADS.under_way(current_session()) if each.page == page and arrived(each) is not None]
    yield
    for each in here:
        UPLOADS.done(current_session(), each.file_id)


@st.fragment(run_every=_LOOK_SECONDS)
def wait_for(upload: Underway) -> None:
    """Say that an upload is on its way; rerun the page when it is here or nobody waits for it any more."""
    if arrived(upload) is not None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(messages.UPLOAD_UNDER_WAY.format(safe_md(upload.name)), icon=":material/upload_file:")
        if st.button("Do not wait for it", key="upload_forget"):
            drop(upload.file_id)
            st.rerun()
