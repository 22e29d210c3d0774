"""Serve the app from an installed package."""

from collections.abc import Mapping
from pathlib import Path

from streamlit.web import bootstrap


def serve(options: Mapping[str, object]) -> None:
    """Run Streamlit's server in this process, with its options under the names of its flags."""
    bootstrap.load_config_options(dict(options))
    bootstrap.run(str(Path(__file__).with_name("page.py")), is_hello=False, args=[], flag_options=dict(options))
