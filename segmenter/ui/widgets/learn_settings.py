"""How does a visitor say what is to be learnt, by which columns, by whom, and how it is checked?"""

from dataclasses import replace
from typing import Final

import streamlit as st

from segmenter.classifiers import CLASSIFIERS
from segmenter.core.dataset import Dataset
from segmenter.core.features import unused, used
from segmenter.core.learning.recipe import (
    AUTO,
    FEWEST_FOLDS,
    LEAST_HELD_OUT,
    MOST_FOLDS,
    MOST_HELD_OUT,
    MOST_REPEATS,
    LearningRecipe,
)
from segmenter.core.recipe import FeatureSpec, Missing
from segmenter.core.roles import can_segment, possible_missing
from segmenter.ui.learning import TargetCheck
from segmenter.ui.messages import safe_md
from segmenter.ui.widgets.column_settings import column_settings

COLUMNS_HELP: Final = (
    "What a new customer can be asked. Missing values are filled, rare values gathered and ordered categories numbered "
    "anew inside every part, from the customers to learn from alone."
)
FOLDS_HELP: Final = "The customers are split into so many parts; each part is told by what was learnt from the others."
REPEATS_HELP: Final = "How often they are split anew. More repeats take longer and make the errors more certain."
HELD_OUT_HELP: Final = (
    "Set aside before anything is looked at, for one last score that no choice has seen. The classifier that is kept "
    "is then learnt from everybody."
)
TUNE_HELP: Final = (
    "Search for better settings of the chosen one, inside each part anew, so that the score stays honest. They are "
    "kept only if they are more accurate."
)
CHOSEN_HELP: Final = "Which one is kept. The most accurate, or the one that you can explain best."


def pick_columns(recipe: LearningRecipe, dataset: Dataset, check: TargetCheck) -> LearningRecipe:
    """Draw the columns to tell by, with a warning for each that gives the answer away."""
    names = [each.name for each in dataset.columns if can_segment(each) and each.name != recipe.target]
    current = [spec.column for spec in recipe.features if spec.segments]
    picked = st.multiselect("Columns to tell it by", names, current, help=COLUMNS_HELP, key="learn_columns")
    features = tuple(_switched(spec, dataset, on=spec.column in picked) for spec in recipe.features)
    for leak in check.leaks:
        what = "You use it all the same." if leak.column in picked else "It is left out."
        st.warning(f"{safe_md(leak.reason, 300)} **{what}**", icon=":material/warning:")
    if not picked:
        st.warning("Pick at least one column.", icon=":material/warning:")
    return replace(recipe, features=_one_changed(features, dataset))


def pick_classifiers(recipe: LearningRecipe) -> LearningRecipe:
    """Draw the classifiers that compete."""
    keys = list(CLASSIFIERS)
    suits = "\n".join(f"- {each.title}: {each.suits}" for each in CLASSIFIERS.values())
    picked = st.multiselect(
        "Classifiers that compete",
        keys,
        list(recipe.classifiers or keys),
        format_func=lambda key: CLASSIFIERS[key].title,
        help=suits,
        key="learn_classifiers",
    )
    if not picked:
        st.info("None is picked: all compete.", icon=":material/info:")
    # None is all: so is a recipe that was made before another classifier joined.
    return replace(recipe, classifiers=() if len(picked) == len(keys) else tuple(picked))


def pick_checking(recipe: LearningRecipe) -> LearningRecipe:
    """Draw how customers are split, which classifier is kept, and whether it is tuned."""
    with st.expander("How it is checked, and which one is kept", icon=":material/tune:"):
        left, middle, right = st.columns(3)
        folds = left.number_input(
            "Parts (folds)", FEWEST_FOLDS, MOST_FOLDS, recipe.folds, help=FOLDS_HELP, key="learn_folds"
        )
        repeats = middle.number_input(
            "Repeats", 1, MOST_REPEATS, recipe.repeats, help=REPEATS_HELP, key="learn_repeats"
        )
        share = right.slider(
            "Held out (%)",
            round(100 * LEAST_HELD_OUT),
            round(100 * MOST_HELD_OUT),
            round(100 * recipe.held_out_share),
            help=HELD_OUT_HELP,
            key="learn_held_out",
        )
        options = [AUTO, *recipe.competing]
        chosen = st.selectbox(
            "Keep",
            options,
            options.index(recipe.chosen) if recipe.chosen in options else 0,
            format_func=lambda key: CLASSIFIERS[key].title if key in CLASSIFIERS else "The most accurate",
            help=CHOSEN_HELP,
            key="learn_chosen",
        )
        tune = st.toggle("Tune it", recipe.tune, help=TUNE_HELP, key="learn_tune")
    return replace(recipe, folds=int(folds), repeats=int(repeats), held_out_share=share / 100, chosen=chosen, tune=tune)


def _switched(spec: FeatureSpec, dataset: Dataset, *, on: bool) -> FeatureSpec:
    if on == spec.segments:
        return spec
    if not on:
        return unused(spec)
    taken = used(spec, dataset)
    # A customer who leaves a question out is told all the same.
    filled = possible_missing(taken.role, Missing.MEDIAN) if taken.missing is Missing.DROP else taken.missing
    return replace(taken, missing=filled)


def _one_changed(features: tuple[FeatureSpec, ...], dataset: Dataset) -> tuple[FeatureSpec, ...]:
    """Offer the settings of one column at a time: there may be hundreds."""
    names = [spec.column for spec in features if spec.segments]
    line = st.expander("How each column is used", icon=":material/table_rows:", key="learn_use_open", on_change="rerun")
    if not (line.open and names):
        return features
    with line:
        name = st.selectbox("Column", names, key="learn_use_column")
        spec = next(spec for spec in features if spec.column == name)
        now = column_settings(spec, dataset)
    return tuple(now if each is spec else each for each in features)
