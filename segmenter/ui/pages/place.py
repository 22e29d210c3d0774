"""Place new customers in known segments, one at a time or a file at a time."""

import streamlit as st

from segmenter.ui.pages import page_file
from segmenter.ui.widgets.learn_results import STAYS_HERE
from segmenter.ui.widgets.place_customers import pick_classifier, show_file, show_form

TITLE = "Which segment does a new customer belong to?"
INTRO = "What was learnt from customers whose segment is known says it, and how sure that is."


def render() -> None:
    """Draw the page in the order in which it is read."""
    st.title(TITLE)
    st.write(f"{INTRO} {STAYS_HERE}")
    model = pick_classifier()
    if model is None:
        if st.button("Go to Learn known segments", type="primary", key="place_to_learn"):
            st.switch_page(page_file("learn"))
        return
    form, file = st.tabs(["One customer", "A file"], key="place_tabs")
    with form:
        show_form(model)
    with file:
        show_file(model)


if __name__ == "__main__":
    render()
