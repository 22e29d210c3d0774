"""View of learning under way."""

from dataclasses import dataclass

import streamlit as st

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.learned import Learned, held_out_verdict
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets.learn_results import board_rows, show_rows


@dataclass
class Underway:
    """What a job has found so far: networks and classifiers hand it out from several threads.

    Attributes
    ----------
    competing
        Keys of the classifiers that compete.
    """

    competing: tuple[str, ...]
    learned: Learned | None = None

    def found(self, learned: Learned) -> None:
        """Take what was found so far."""
        self.learned = learned


def draw(underway: Underway) -> None:
    """Draw the leaderboard as far as it goes."""
    board = underway.learned.leaderboard if underway.learned else None
    waiting = board.waiting if board else underway.competing
    if waiting:
        titles = ", ".join(CLASSIFIERS[key].title for key in waiting)
        st.write(f"{len(underway.competing) - len(waiting)} of {len(underway.competing)} done. At work: {titles}.")
    if board:
        show_rows(board_rows(board))
    if underway.learned and underway.learned.held_out:
        st.write(safe_md(held_out_verdict(underway.learned.held_out), 600))
