"""Start the app: `streamlit run app.py`."""

from segmenter.ui.main import run

run()
