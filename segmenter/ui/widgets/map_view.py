"""What is shown of a self-organising map?"""

from typing import Final

import streamlit as st

from segmenter.algorithms.som.fit import SomMap
from segmenter.core.result import Result

INTRO: Final = (
    "Every square of the map is a unit, a typical customer; each customer belongs to the unit that is most like it. "
    "Units that stand beside each other are alike, and the segments are groups of units."
)


def show(result: Result, key: str) -> None:  # noqa: ARG001 - one signature for all views
    """Draw the map behind a result, and say how true it is."""
    found = result.segmentation.clusterer.details_
    if not isinstance(found, SomMap):
        return
    st.write(INTRO)
    st.write(f"Quantization error {found.quantization_error:.2f}, topographic error {found.topographic_error:.2f}.")
