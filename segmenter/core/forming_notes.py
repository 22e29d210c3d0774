"""What should a user know about how these segments came about?"""

import numpy as np

from segmenter import config
from segmenter.algorithms.clusterer import SegmentClusterer
from segmenter.core.notes import Note
from segmenter.core.preparation import Preparation
from segmenter.core.recipe import Recipe

# Below this a saved model places every tenth customer elsewhere than the method did.
LOOSE_AGREEMENT = 0.90


def notes_on(recipe: Recipe, preparation: Preparation, clusterer: SegmentClusterer) -> tuple[Note, ...]:
    """Return what was left out, what the method says about itself, and what to be careful with."""
    return (
        *_left_out(recipe, preparation),
        *_of_the_method(clusterer),
        *_cautions(clusterer, preparation),
    )


def _left_out(recipe: Recipe, preparation: Preparation) -> list[Note]:
    used = {each.column for each in preparation.columns_}
    return [
        Note(f"Left out: {spec.column} has the same value in every row.", column=spec.column)
        for spec in recipe.segmenting
        if spec.column not in used
    ]


def _of_the_method(clusterer: SegmentClusterer) -> list[Note]:
    """Return what the method says about itself, and how far the rule for new customers follows it."""
    notes = [Note(text) for text in clusterer.notes_]
    if clusterer.agreement_ < 1:
        # Rounded down: what is not all of them must not read 100.0 %.
        share = np.floor(1_000 * clusterer.agreement_) / 1_000
        text = (
            f"The rule that places new customers puts {share:.1%} of these customers in the segment in which they "
            "were formed."
        )
        notes.append(Note(text, warning=clusterer.agreement_ < LOOSE_AGREEMENT))
    return notes


def _cautions(clusterer: SegmentClusterer, preparation: Preparation) -> list[Note]:
    notes = []
    sizes = np.bincount(clusterer.labels_[clusterer.labels_ >= 0])
    if (sizes == 1).any() and len(sizes) > 1:
        text = "One customer forms a segment alone. Robust scaling, a log or leaving the customer out may help."
        notes.append(Note(text, warning=True))
    if len(preparation.names_) == 1:
        notes.append(Note("The segments, and their silhouette, rest on one column alone: they are bands of it."))
    notes += [
        Note(
            f"{each.column}: values that fewer than {each.rare:.0%} of the customers, or fewer than "
            f"{config.SMALL_GROUP}, have count as one."
        )
        for each in preparation.categories_
        if not each.categories
    ]
    return notes
