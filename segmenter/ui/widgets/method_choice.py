"""Choice of a clustering method and its settings."""

import math
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from segmenter.choose.methods import BASELINE
from segmenter.choose.recommend_method import MethodChoice
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.settings import Setting, SettingPairs, SettingValue
from segmenter.ui.messages import safe_md
from segmenter.ui.state import forget_widgets, session

METHOD_HELP = (
    "K-Means is right for most files: start with it. The page Compare says whether another method earns its place with "
    "your customers."
)
SHOWN_IS_OF_K_MEANS = "The verdict, the scores and the sizes on this page are those of K-Means."
TAKES_THE_NUMBER = "The number of segments is handed to the method that you choose here."
FINDS_ITS_NUMBER = "This method finds the number of segments itself; the number picked above changes nothing about it."
# Beyond so many settings one column of them is a long way to scroll.
COLUMNS = 3


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
        return st.text_input(setting.title, str(start), placeholder=setting.example, key=key, help=help_text)
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
    for algorithm, place in zip(others, _places(len(others)), strict=True):
        with place:
            if _tick(algorithm):
                ticked.append(algorithm)
    session().ticked = tuple(algorithm.key for algorithm in ticked)
    _tick_all(others)
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


def _tick_all(others: Sequence[Algorithm]) -> None:
    usable = tuple(algorithm.key for algorithm in others if not algorithm.needs)
    if session().ticked != usable and st.button("Tick all", icon=":material/done_all:", key="compare_all"):
        session().ticked = usable
        forget_widgets("compare_tick_")
        st.rerun()
