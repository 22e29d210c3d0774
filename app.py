"""Start the app: `streamlit run app.py`, or `segmenter app`, which serves this file too."""

import streamlit as st
from starlette.middleware import Middleware

from segmenter.ui.guard import RequestGuard
from segmenter.ui.main import run

if __name__ == "__main__":
    # One run of the script, for one visitor.
    run()
else:
    # The server imports this file once: every request passes the guard.
    app = st.App(__file__, middleware=[Middleware(RequestGuard)])
