"""The pages: each is a script that Streamlit runs."""

from pathlib import Path


def page_file(name: str) -> str:
    """Return a page's file, by which links find it whichever script the server was started with."""
    return str(Path(__file__).resolve().with_name(f"{name}.py"))
