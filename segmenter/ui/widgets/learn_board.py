"""How is the leaderboard shown?"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from segmenter.charts.learning import accuracies
from segmenter.core.learning.leaderboard import Leaderboard, Standing
from segmenter.core.learning.learned import Learned
from segmenter.core.learning.words import leaderboard_verdict
from segmenter.ui.messages import safe_md

COLUMN_HELP: Final = {
    "Accuracy": "Share of the customers told right, with its standard error over the parts.",
    "Balanced accuracy": "The mean over the segments of the share found again: small segments count as much as large.",
    "Macro F1": "The mean over the segments of F1, the harmonic mean of precision and recall.",
    "Log loss": "How surprised the answers are by the truth: 0 is perfect, and being sure and wrong costs most.",
    "Seconds": "Of one processor, for all parts together.",
    "Behind the first": "Difference in accuracy, and whether it is more than noise (corrected resampled t-test).",
}
ALL_ON_THE_SAME: Final = (
    "All were tried on the same parts of the customers, each told by what was learnt from the others. Behind ±: the "
    "standard error over the parts."
)

Row = dict[str, str | float]


def show_board(learned: Learned, key: str) -> None:
    """Draw who tells the segments best, and whether the lead is more than noise."""
    board = learned.leaderboard
    if board is None:
        return
    st.write(f"**{safe_md(leaderboard_verdict(board), 900)}**")
    if learned.tuning and learned.choice:
        st.write(
            safe_md(f"Kept: {learned.tuning.standing.title.removesuffix(', tuned')}: {learned.choice.reason}.", 600)
        )
    st.plotly_chart(accuracies(board), key=f"{key}_accuracies")
    rows = board_rows(board)
    if learned.tuning:
        rows.insert(len(rows) - 1, _row(learned.tuning.standing, ""))
    show_rows(rows)
    st.caption(ALL_ON_THE_SAME)


def show_rows(rows: Sequence[Row]) -> None:
    """Draw rows of the leaderboard as a table."""
    config = {name: st.column_config.Column(help=text) for name, text in COLUMN_HELP.items()}
    st.dataframe(list(rows), hide_index=True, width="stretch", column_config=config)


def board_rows(board: Leaderboard) -> list[Row]:
    """Return one row per classifier tried so far, the most accurate first, and the base rate."""
    behind = {lead.other: _behind(lead.ahead, real=lead.more_than_noise) for lead in board.leads}
    rows = [_row(row, behind.get(row.classifier, "")) for row in board.rows]
    return [*rows, _row(board.base, behind.get(board.base.classifier, ""))]


def _row(row: Standing, behind: str) -> Row:
    return {
        "Classifier": row.title,
        "Accuracy": _percent(row, "accuracy"),
        "Balanced accuracy": _percent(row, "balanced_accuracy"),
        "Macro F1": f"{row.mean('macro_f1'):.3f} ± {row.se('macro_f1'):.3f}",
        "Log loss": f"{row.mean('log_loss'):.3f} ± {row.se('log_loss'):.3f}",
        "Seconds": round(row.seconds, 2),
        "Behind the first": behind,
    }


def _percent(row: Standing, measure: str) -> str:
    return f"{row.mean(measure):.1%} ± {row.se(measure):.1%}"


def _behind(ahead: float, *, real: bool) -> str:
    return f"{ahead:.1%}, {'more than noise' if real else 'no more than noise'}"
