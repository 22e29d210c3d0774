"""What is to be learnt, from which columns, by which classifiers, and how it is checked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.columns import (
    FEWEST_CLASSES,
    MOST_CLASSES,
    check_customers,
    find_leaks,
    known_segments,
    learning_features,
    suggest_targets,
    without_leaks,
)
from segmenter.classification.copies import group_customers
from segmenter.classification.folds import split_held_out
from segmenter.classification.learn import stratified_subsample
from segmenter.classification.model import repeats_notes
from segmenter.classification.recipe import (
    AUTO,
    FEWEST_FOLDS,
    LEAST_HELD_OUT,
    MOST_FOLDS,
    MOST_HELD_OUT,
    MOST_REPEATS,
    SEGMENTS,
    LearningRecipe,
)
from segmenter.errors.base import SegmenterError
from segmenter.prepare.suggest import can_segment, possible_missing, unused, used
from segmenter.recipe.recipe import FeatureSpec, Missing
from segmenter.segment.segmentation import Segmentation
from segmenter.table.dataset import NUMERIC_KINDS, ColumnKind, Dataset
from segmenter.ui.messages import explain, safe_md
from segmenter.ui.state import TargetCheck, forget_widgets, session, start_widget
from segmenter.ui.widgets.column_settings import PREFIX, column_settings
from segmenter.ui.widgets.notes import show_notes

TARGET_HELP: Final = (
    "A column that says the segment of customers whose segment is known, or the segments that were just formed: then a "
    "new customer's segment can be told by a few questions."
)
NOTHING: Final = (
    "No column here could be a known segment: it would have 2 to 30 different values. Form segments first; they can be "
    "learnt as well."
)
LOOKING: Final = "Looking at who has a known segment, and at what gives it away …"
MOST_COUNTED: Final = 12
# What gives the answer away shows in so many customers; learning itself looks at all that it uses.
MOST_LOOKED_AT: Final = 10_000


def segmentation_of_file() -> Segmentation | None:
    """Return the segments that were just formed from the file, if they were."""
    result = session().current_result()
    return result.segmentation if result is not None else None


def pick_target(dataset: Dataset) -> tuple[LearningRecipe, TargetCheck] | None:
    """Draw the choice of what is to be learnt, with how many customers have it; None where nothing can be."""
    labels = _options(dataset)
    if not labels:
        st.info(NOTHING, icon=":material/info:")
        return None
    learning = session().learning
    targets = list(labels)
    current = learning.recipe.target if learning.recipe else ""
    picked = st.selectbox(
        "Column to foretell",
        targets,
        targets.index(current) if current in targets else 0,
        format_func=labels.__getitem__,
        help=TARGET_HELP,
        key="learn_target",
    )
    recipe = learning.recipe or LearningRecipe(picked, weight_column=session().weight_column)
    check = _checked(dataset, replace(recipe, target=picked))
    if learning.recipe is None or picked != learning.recipe.target:
        features = without_leaks(learning_features(dataset, picked), check.leaks)
        recipe = replace(recipe, target=picked, features=features)
        forget_widgets("learn_columns", "learn_use_", PREFIX)
    learning.recipe, learning.check = recipe, check
    _say(check)
    return recipe, check


def _options(dataset: Dataset) -> Mapping[str, str]:
    """Return what can be learnt, the likeliest first, with how it is shown."""
    suggested = suggest_targets(dataset)
    segmentation = segmentation_of_file()
    counted = {
        column.name: f"{column.name}: {column.distinct:,} different values"
        for column in dataset.columns
        if FEWEST_CLASSES <= column.distinct <= MOST_CLASSES and column.kind is not ColumnKind.PERSONAL
    }
    named = [each.column for each in suggested if each.named]
    formed = {SEGMENTS: f"The segments of this segmentation: {segmentation.n_segments}"} if segmentation else {}
    ordered = dict.fromkeys([*named, *formed, *(each.column for each in suggested), *counted])
    labels = {**counted, **formed}
    return {target: labels[target] for target in ordered if target in labels}


def _checked(dataset: Dataset, recipe: LearningRecipe) -> TargetCheck:
    """Look once at who has a known segment, and at what gives it away."""
    segmentation = segmentation_of_file() if recipe.target == SEGMENTS else None
    names = segmentation.names if segmentation else ()
    of = (dataset.fingerprint, recipe.target, recipe.folds, recipe.held_out_share, names)
    before = session().learning.check
    if before is not None and before.of == of:
        return before
    with st.spinner(LOOKING):
        try:
            known = known_segments(dataset, recipe, segmentation)
            used = stratified_subsample(known, recipe, MOST_LOOKED_AT)
            customers = group_customers(dataset, used.rows, recipe.target)
            check_customers(used, customers.groups, recipe)
        except SegmenterError as error:
            return TargetCheck(of, problem=explain(error))
        # The split that learning makes: the customers held out have no say in what is left out either.
        learning, _ = split_held_out(used.codes, customers.groups, recipe)
        leaks = find_leaks(
            dataset, used.rows[learning], used.codes[learning], recipe.target, customers.groups[learning]
        )
    repeats = tuple(repeats_notes(customers)) if len(used.rows) == len(known.rows) else ()
    counts = zip(known.classes, np.bincount(known.codes).tolist(), strict=True)
    return TargetCheck(of, tuple(counts), known.n_unlabelled, leaks, repeats=repeats)


def _say(check: TargetCheck) -> None:
    if check.problem:
        st.error(check.problem, icon=":material/error:")
        return
    shown = [f"{safe_md(name)} {count:,}" for name, count in check.counts[:MOST_COUNTED]]
    more = f", and {len(check.counts) - MOST_COUNTED} more" if len(check.counts) > MOST_COUNTED else ""
    without = f"; {check.n_unlabelled:,} have none and are left out" if check.n_unlabelled else ""
    total = sum(count for _, count in check.counts)
    st.write(f"{total:,} customers with a known segment: {', '.join(shown)}{more}{without}.")
    show_notes(check.repeats)


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
WEIGHTS_HELP: Final = (
    "A survey's column that says how many people each row stands for. It counts in learning and in every score; "
    "nothing is told by it."
)
CHOSEN_HELP: Final = "Which one is kept. The most accurate, or the one that you can explain best."


def pick_columns(recipe: LearningRecipe, dataset: Dataset, check: TargetCheck) -> LearningRecipe:
    """Draw the columns to tell by, with a warning for each that gives the answer away."""
    taken = (recipe.target, recipe.weight_column)
    names = [each.name for each in dataset.columns if can_segment(each) and each.name not in taken]
    current = [spec.column for spec in recipe.features if spec.segments]
    # Given as what to begin with, a browser that shows the list already would go on showing the column now foretold.
    start_widget("learn_columns", [name for name in current if name in names])
    picked = st.multiselect("Columns to tell it by", names, help=COLUMNS_HELP, key="learn_columns")
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


def pick_checking(recipe: LearningRecipe, dataset: Dataset, *, classifiers: bool) -> LearningRecipe:
    """Draw how customers are split, which classifiers compete, which one is kept, and whether it is tuned."""
    with st.expander("How it is learnt and checked", icon=":material/tune:"):
        if classifiers:
            recipe = pick_classifiers(recipe)
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
        weights = _pick_weights(recipe, dataset)
    return replace(
        recipe,
        folds=int(folds),
        repeats=int(repeats),
        held_out_share=share / 100,
        chosen=chosen,
        tune=tune,
        weight_column=weights,
    )


def _pick_weights(recipe: LearningRecipe, dataset: Dataset) -> str:
    names = [each.name for each in dataset.columns if each.kind in NUMERIC_KINDS and each.name != recipe.target]
    if not names:
        return ""
    options = ["", *names]
    return st.selectbox(
        "Survey weights",
        options,
        options.index(recipe.weight_column) if recipe.weight_column in options else 0,
        format_func=lambda name: name or "Every customer counts the same",
        help=WEIGHTS_HELP,
        key="learn_weights",
    )


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
