"""Picking a method and its settings, and what a method has to show."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter.charts.comparison import repetition, separation
from segmenter.choose.methods import BASELINE, MethodChoice, MethodComparison, MethodScore
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.display import rounded
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import Reduction, Setting, SettingPairs, SettingValue
from segmenter.ui.messages import safe_md
from segmenter.ui.pages import page_file
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.widgets.notes import in_per_cent, show_chart, show_notes
from segmenter.ui.widgets.text_fields import text_line

METHOD_HELP = (
    "K-Means is right for most files: start with it. The page Compare says whether another method earns its place with "
    "your customers."
)
SHOWN_IS_OF_K_MEANS = "The verdict, the scores and the sizes on this page are those of K-Means."
TAKES_THE_NUMBER = "The number of segments is handed to the method that you choose here."
FINDS_ITS_NUMBER = "This method finds the number of segments itself; the number picked above changes nothing about it."
# Beyond so many settings one column of them is a long way to scroll.
COLUMNS = 3
COMPONENTS_HELP = (
    "K-Means of components: columns that say nearly the same become one (PCA), categories too (FAMD). It is judged in "
    "your columns like all others."
)


def pick_method(choice_of: Callable[[str], MethodChoice], current: str, key: str) -> MethodChoice:
    """Let the visitor pick a method and its settings; `choice_of` says what was set in a method before."""
    methods = list(ALGORITHMS)
    start = methods.index(current) if current in methods else 0
    picked = st.selectbox(
        "Way to form segments",
        methods,
        start,
        format_func=lambda method: f"{ALGORITHMS[method].title}: {ALGORITHMS[method].suits}",
        help=METHOD_HELP,
        key=f"{key}_method",
    )
    algorithm = ALGORITHMS[picked]
    if picked != BASELINE.key:
        finds_it = algorithm.finds_number
        st.write(f"{SHOWN_IS_OF_K_MEANS} {FINDS_ITS_NUMBER if finds_it else TAKES_THE_NUMBER}")
    if algorithm.needs:
        st.info(safe_md(algorithm.needs, 400), icon=":material/extension_off:")
    if not algorithm.settings:
        return MethodChoice(picked)
    with st.expander(f"Settings of {algorithm.title}", icon=":material/tune:"):
        return MethodChoice(picked, settings_form(algorithm, choice_of(picked).settings, key))


def settings_form(algorithm: Algorithm, current: SettingPairs, key: str) -> SettingPairs:
    """Draw a field for each setting and return those that differ from their default, sorted by name."""
    known = dict(current)
    values: dict[str, SettingValue] = {}
    for setting, place in zip(algorithm.settings, _places(len(algorithm.settings)), strict=True):
        with place:
            start = known.get(setting.key, setting.default)
            values[setting.key] = setting_field(setting, start, f"{key}_set_{algorithm.key}_{setting.key}")
    changed: list[tuple[str, SettingValue]] = []
    for setting in algorithm.settings:
        try:
            value = setting.checked(values[setting.key])
        except InvalidSettingError as error:
            st.error(safe_md(f"{error} Until then it stays as it is by itself.", 400))
            continue
        if value != setting.default:
            changed.append((setting.key, value))
    return tuple(sorted(changed))


def setting_field(setting: Setting, start: SettingValue, key: str) -> SettingValue:
    """Draw the field that suits a setting's type and return what it holds."""
    default, help_text = setting.default, setting.explanation or None
    if isinstance(default, str) and setting.parse is not None:
        return text_line(setting.title, str(start), most=100, placeholder=setting.example, key=key, help=help_text)
    if isinstance(default, str):
        place = setting.choices.index(str(start)) if start in setting.choices else 0
        return st.selectbox(setting.title, setting.choices, place, key=key, help=help_text)
    if isinstance(default, int):
        low, high = _whole(setting.low), _whole(setting.high)
        return st.number_input(setting.title, low, high, int(start), 1, key=key, help=help_text)
    return st.number_input(
        setting.title, setting.low, setting.high, float(start), _step(default), format="%g", key=key, help=help_text
    )


def _places(count: int) -> list[DeltaGenerator]:
    # Row by row, so that on a narrow screen, where columns stand below each other, the order stays.
    rows = [st.columns(COLUMNS) for _ in range(math.ceil(count / COLUMNS))]
    return [place for row in rows for place in row][:count]


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _step(default: float) -> float:
    """Return a tenth of the default's power of ten: 0.1 for 1, 0.0001 for 0.001."""
    return float(10.0 ** (math.floor(math.log10(abs(default))) - 1)) if default else 0.05


def tick_methods() -> tuple[MethodChoice, ...]:
    """Let the visitor tick methods to compare with K-Means, and set each; return what was ticked."""
    others = [algorithm for algorithm in ALGORITHMS.values() if algorithm.key != BASELINE.key]
    ticked = []
    reduced = [MethodChoice(BASELINE.key, (), each) for each in (Reduction.PCA, Reduction.FAMD)]
    places = _places(len(others) + len(reduced))
    for algorithm, place in zip(others, places, strict=False):
        with place:
            if _tick(algorithm):
                ticked.append(algorithm)
    on_components = []
    for choice, place in zip(reduced, places[len(others) :], strict=True):
        shown = session().reduction is Reduction.NONE and place.checkbox(
            choice.title,
            choice.name in session().ticked,
            key=f"compare_tick_{choice.name}",
            help=COMPONENTS_HELP,
        )
        if shown:
            on_components.append(choice.name)
    session().ticked = (*(algorithm.key for algorithm in ticked), *on_components)
    _tick_all(others, () if session().reduction is not Reduction.NONE else [each.name for each in reduced])
    for algorithm in ticked:
        if algorithm.settings:
            with st.expander(f"Settings of {algorithm.title}", icon=":material/tune:"):
                before = session().choice_of(algorithm.key).settings
                session().method_settings[algorithm.key] = settings_form(algorithm, before, "compare")
    return tuple(session().choice_of(key) for key in session().ticked)


def _tick(algorithm: Algorithm) -> bool:
    usable = not algorithm.needs
    ticked = st.checkbox(
        algorithm.title,
        usable and algorithm.key in session().ticked,
        key=f"compare_tick_{algorithm.key}",
        disabled=not usable,
        help=f"For {algorithm.suits}.",
    )
    if not usable:
        st.write(safe_md(algorithm.needs, 400))
    return ticked and usable


def _tick_all(others: Sequence[Algorithm], on_components: Sequence[str]) -> None:
    usable = (*(algorithm.key for algorithm in others if not algorithm.needs), *on_components)
    if session().ticked != usable and st.button("Tick all", icon=":material/done_all:", key="compare_all"):
        session().ticked = usable
        forget_widgets("compare_tick_")
        st.rerun()


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
        if not comparison.followed:
            return "None of these methods finds your groups reliably."
        return "Stay with K-Means: no other method serves you better."
    return f"{safe_md(best.title)} serves you better than K-Means."


def _show_evidence(comparison: MethodComparison) -> None:
    show_rows(comparison)
    left, right = st.columns(2)
    with left:
        st.header("How well are the segments apart?")
        st.write("Mean silhouette with two standard errors either way; the line is that of K-Means.")
        show_chart(separation(comparison), key="compare_separation")
    with right:
        st.header("Are they found again?")
        st.write("Agreement of a method with itself; from the line on, its segments are found again.")
        show_chart(repetition(comparison), key="compare_repetition")
    st.header("Which differences mean something?")
    st.markdown("\n".join(f"- {safe_md(finding, 900)}" for finding in comparison.findings))
    show_notes(comparison.notes)


def show_rows(comparison: MethodComparison) -> None:
    """Draw one row for each method judged so far."""
    table, shares = in_per_cent(pd.DataFrame(map(_row, comparison.scores)), ["Smallest", "In none"], decimals=1)
    config: dict[str, Any] = {name: {**shares.get(name, {}), "help": text} for name, text in COLUMN_HELP.items()}
    st.dataframe(table, hide_index=True, width="stretch", column_config=config)


def _row(score: MethodScore) -> dict[str, str | float | None]:
    samples, seeds = score.over_samples, score.over_seeds
    return {
        "Method": score.choice.title,
        "Segments": score.n_segments or None,
        "Silhouette": rounded(score.silhouette, 3),
        "± (silhouette)": rounded(score.silhouette_se, 3),
        "Davies-Bouldin": rounded(score.davies_bouldin, 2),
        "Calinski-Harabasz": rounded(score.calinski_harabasz, 1),
        "Found again (samples)": rounded(samples.mean if samples else None, 2),
        "Found again (seeds)": rounded(seeds.mean if seeds else None, 2),
        "Smallest": score.smallest_share,
        "In none": score.noise_share,
        "ARI with K-Means": rounded(score.agreement, 2),
        "Seconds": rounded(score.seconds, 2),
        "Memory (MB)": rounded(score.memory_mb, 0),
        "Remark": score.problem or score.remark,
    }


def _offer(comparison: MethodComparison) -> None:
    usable = [score.choice for score in comparison.scores if not score.problem]
    with st.container(horizontal=True):
        for number, choice in enumerate(usable):
            # Where even the yardstick does not follow the groups, none is the one to take.
            best = choice == comparison.recommended and (comparison.followed or choice != BASELINE)
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
