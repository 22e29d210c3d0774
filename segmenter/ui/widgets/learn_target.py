"""What can be learnt in a file, and who is there to learn it from?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from segmenter.core.dataset import ColumnKind, Dataset
from segmenter.core.learning.copies import group_customers
from segmenter.core.learning.features import find_leaks, learning_features, without_leaks
from segmenter.core.learning.folds import split_held_out
from segmenter.core.learning.learn import thinned
from segmenter.core.learning.recipe import SEGMENTS, LearningRecipe
from segmenter.core.learning.target import (
    FEWEST_CLASSES,
    MOST_CLASSES,
    check_customers,
    known_segments,
    suggest_targets,
)
from segmenter.core.learning.words import repeats_notes
from segmenter.core.segmentation import Segmentation
from segmenter.errors import SegmenterError
from segmenter.ui.learning import TargetCheck
from segmenter.ui.messages import explain, safe_md
from segmenter.ui.state import forget_widgets, session
from segmenter.ui.widgets.column_settings import PREFIX
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
        "What is to be learnt",
        targets,
        targets.index(current) if current in targets else 0,
        format_func=labels.__getitem__,
        help=TARGET_HELP,
        key="learn_target",
    )
    recipe = learning.recipe or LearningRecipe(picked)
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
            used = thinned(known, recipe, MOST_LOOKED_AT)
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
