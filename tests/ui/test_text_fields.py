"""What is typed is no longer than its field, whoever sends it."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

import segmenter.ui


def _page():
    import streamlit as st

    from segmenter.ui.widgets.text_fields import text_box, text_line

    st.json({"line": text_line("Name", "abc", most=5, key="line"), "box": text_box("Rules", most=8, key="box")})


def test_a_field_gives_no_more_letters_than_it_takes():
    app = AppTest.from_function(_page).run()
    assert '"line":"abc"' in app.json[0].value.replace(" ", "")
    # Streamlit's own test checks as the browser does, what speaks to the server in its place does not.
    app.session_state["line"], app.session_state["box"] = "x" * 1_000_000, "y" * 1_000_000
    app.run()
    assert not app.exception
    found = app.json[0].value.replace(" ", "")
    assert found == '{"line":"xxxxx","box":"yyyyyyyy"}'


def test_no_page_has_a_text_field_of_no_stated_length():
    folder = Path(segmenter.ui.__file__).parent
    direct = re.compile(r"\.(?:text_input|text_area|chat_input)\(")
    found = [path.name for path in sorted(folder.rglob("*.py")) if direct.search(path.read_text(encoding="utf-8"))]
    assert found == ["text_fields.py"]
