"""Serve the app from an installed package, or from a checkout without Streamlit's own command."""

from collections.abc import Mapping
from pathlib import Path

from streamlit.web import bootstrap

# In an installed package the script lies beside this file; in a checkout it stands where users look for it.
_SCRIPTS = (Path(__file__).with_name("app.py"), Path(__file__).resolve().parents[2] / "app.py")


def serve(options: Mapping[str, object]) -> None:
    """Run Streamlit's server in this process, with its options under the names of its flags."""
    script = next(path for path in _SCRIPTS if path.exists())
    bootstrap.load_config_options(dict(options))
    # As `streamlit run` does: requests pass the guard that the script names.
    bootstrap.run_asgi_app(str(script), "app:app", args=[], flag_options=dict(options))
