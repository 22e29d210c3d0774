"""View of a comparison of methods."""

import streamlit as st

from segmenter.charts.comparison import repetition, separation
from segmenter.choose.methods import BASELINE
from segmenter.choose.recommend_method import MethodChoice, MethodComparison, MethodScore
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import session
from segmenter.ui.widgets.notes import show_notes

NOT_CHOOSE = "The method itself is run again; Stability on the page Choose is of quick K-Means runs, so they differ."
SPACE = "In the common space: your columns, filled, transformed and scaled as on the page Prepare."
COLUMN_HELP = {
    "Segments": "How many there are; a method may form fewer, or find its own number.",
    "Silhouette": f"How much nearer customers are to their own segment than to the next; 1 is best. {SPACE}",
    "± (silhouette)": "Its standard error: other customers to score, and other customers to form the segments from.",
    "Davies-Bouldin": f"How wide segments are for their distance; lower is better. {SPACE}",
    "Calinski-Harabasz": f"Spread between segments over spread within; higher is better. {SPACE}",
    "Found again (samples)": f"Agreement of its segments from other samples; 1 is the same every time. {NOT_CHOOSE}",
    "Found again (seeds)": "Agreement of its segments from other random starts; 1 is the same every time.",
    "Smallest": "Share of all customers in the smallest segment.",
    "In none": "Share of the customers that fit no segment; the scores are of the others.",
    "ARI with K-Means": "Adjusted Rand index: 1 for the same division, about 0 for one unrelated to it.",
    "Seconds": "What forming the segments once took.",
    "Memory (MB)": "What it needed on top while it did.",
}
SEGMENTS_PAGE = page_file("segments")


def show_comparison(comparison: MethodComparison) -> None:
    """Say which method is worth taking and why, and offer each of them."""
    text = f"**{safe_md(comparison.recommendation, 900)}**"
    if comparison.recommended is not None and comparison.recommended != BASELINE:
        st.success(text, icon=":material/verified:")
    else:
        st.info(text, icon=":material/balance:")
    _offer(comparison)
    with st.expander("Show the evidence", icon=":material/query_stats:", key="compare_evidence"):
        _show_evidence(comparison)


def answer(comparison: MethodComparison) -> str:
    """Return in a sentence which method serves best."""
    best = comparison.recommended
    if best is None or best == BASELINE:
        return "Stay with K-Means: no other method serves you better."
    return f"{safe_md(best.title)} serves you better than K-Means."


def _show_evidence(comparison: MethodComparison) -> None:
    show_rows(comparison)
    left, right = st.columns(2)
    with left:
        st.subheader("How well are the segments apart?")
        st.write("Mean silhouette with two standard errors either way; the line is that of K-Means.")
        st.plotly_chart(separation(comparison), key="compare_separation")
    with right:
        st.subheader("Are they found again?")
        st.write("Agreement of a method with itself; from the line on, its segments are found again.")
        st.plotly_chart(repetition(comparison), key="compare_repetition")
    st.subheader("Which differences mean something?")
    st.markdown("\n".join(f"- {safe_md(finding, 900)}" for finding in comparison.findings))
    show_notes(comparison.notes)


def show_rows(comparison: MethodComparison) -> None:
    """Draw one row for each method judged so far."""
    config = {name: st.column_config.Column(help=text) for name, text in COLUMN_HELP.items()}
    for name in ("Smallest", "In none"):
        config[name] = st.column_config.NumberColumn(format="percent", help=COLUMN_HELP[name])
    rows = [_row(score) for score in comparison.scores]
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def _row(score: MethodScore) -> dict[str, str | float | None]:
    samples, seeds = score.over_samples, score.over_seeds
    return {
        "Method": score.choice.title,
        "Segments": score.n_segments or None,
        "Silhouette": _rounded(score.silhouette, 3),
        "± (silhouette)": _rounded(score.silhouette_se, 3),
        "Davies-Bouldin": _rounded(score.davies_bouldin, 2),
        "Calinski-Harabasz": _rounded(score.calinski_harabasz, 1),
        "Found again (samples)": _rounded(samples.mean if samples else None, 2),
        "Found again (seeds)": _rounded(seeds.mean if seeds else None, 2),
        "Smallest": score.smallest_share,
        "In none": score.noise_share,
        "ARI with K-Means": _rounded(score.agreement, 2),
        "Seconds": _rounded(score.seconds, 2),
        "Memory (MB)": _rounded(score.memory_mb, 0),
        "Remark": score.problem or score.remark,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _offer(comparison: MethodComparison) -> None:
    usable = [score.choice for score in comparison.scores if not score.problem]
    with st.container(horizontal=True):
        for number, choice in enumerate(usable):
            best = choice == comparison.recommended
            if st.button(
                f"Use {safe_md(choice.title)}",
                type="primary" if best else "secondary",
                icon=":material/check:" if best else None,
                key=f"compare_use_{number}",
            ):
                _use(choice)


def _use(choice: MethodChoice) -> None:
    session().choose_method(choice)
    st.switch_page(SEGMENTS_PAGE)
