"""The script that Streamlit runs for each visitor of an installed app; a checkout's `app.py` is the same."""

from segmenter.ui.main import run

run()
