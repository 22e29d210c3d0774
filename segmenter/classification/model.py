"""A trained classifier with its preparation: what is saved and predicts."""

from dataclasses import dataclass

import pandas as pd
from sklearn.pipeline import Pipeline

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Predictor
from segmenter.classification.classifiers.fitting import SegmentLearner, probabilities
from segmenter.classification.fingerprints import MembershipFingerprints
from segmenter.classification.folds import LabelledRows
from segmenter.classification.form_fields import FormField
from segmenter.classification.recipe import LearningRecipe
from segmenter.display import counted, html_view
from segmenter.measures.classification import Scores
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Progress
from segmenter.recipe.settings import SettingPairs
from segmenter.threads import one_blas_thread
from segmenter.typing import FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class SegmentModel:
    """A fitted preparation and what has learnt on it.

    Attributes
    ----------
    recipe
        Every decision; its features are those in use.
    classifier, settings
        Which one was kept, and how it was set.
    learner
        Answers for the codes 0 … n_classes-1; may live in another process.
    classes
        The segments' names in the codes' order.
    n_trained
        How many customers it was learnt from, the held-out ones among them once these had judged it.
    held_out
        How the same recipe did on customers that it had not seen; `n_held_out` of them.
    trained_on
        Fingerprint of the file.
    identities
        Fingerprints of the customers it was learnt from.
    fields
        One per column: what a new customer's answer may be.
    """

    recipe: LearningRecipe
    classifier: str
    settings: SettingPairs
    preparation: Preparation
    learner: Predictor
    classes: tuple[str, ...]
    n_trained: int
    base_rate: float
    held_out: Scores
    n_held_out: int
    trained_on: str
    identities: MembershipFingerprints
    fields: tuple[FormField, ...]

    def __repr__(self) -> str:
        segments, customers = counted(len(self.classes), "segment"), counted(self.n_trained, "customer")
        return f"<SegmentModel: {self.title} for {segments}, learnt from {customers}>"

    def _repr_html_(self) -> str:
        rows = ((each.column, each.kind.value) for each in self.fields)
        tested = f"{self.held_out.accuracy:.1%} right of {counted(self.n_held_out, 'customer')} held out."
        return html_view(repr(self), ("column", "kind"), rows, (tested,))

    @property
    def title(self) -> str:
        """The classifier's name on the screen."""
        return CLASSIFIERS[self.classifier].title

    def probabilities(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of each class for customers in their own units, shape (n, n_classes)."""
        # One thread: a matrix product's last bits may depend on how many share it.
        with one_blas_thread():
            return probabilities(self.learner, self.preparation.transform(frame), len(self.classes))


def fit_pipeline(
    rows: LabelledRows, recipe: LearningRecipe, key: str, settings: SettingPairs, progress: Progress
) -> Pipeline:
    """Return one Pipeline `prepare → classify`, fitted to the rows; it tells codes."""
    with one_blas_thread():
        return Pipeline(
            [
                ("prepare", Preparation(recipe.features, recipe.scaling)),
                ("classify", SegmentLearner(key, recipe.seed, settings, progress)),
            ]
        ).fit(rows.frame, rows.codes, classify__groups=rows.groups)
