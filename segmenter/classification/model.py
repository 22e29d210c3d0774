"""A classifier with all that it was learnt from: its recipe, the fitted model, and what it has shown."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.classifiers.classifier import Predictor
from segmenter.classification.columns import FormField, LeakFlag
from segmenter.classification.copies import CustomerGroups, MembershipFingerprints
from segmenter.classification.folds import LabelledRows, SegmentLearner, probabilities
from segmenter.classification.interpretation import KEPT_SHARE, ColumnImportance, MinimalFeatures, PartialDependence
from segmenter.classification.leaderboard import BASE_RATE, Leaderboard, PairwiseTest, Tuning, leaderboard_table
from segmenter.classification.recipe import LearningRecipe
from segmenter.display import counted, html_view, percent_text
from segmenter.measures.classification import Calibration, ClassReport, Scores
from segmenter.networks.network import LearningCurve
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Progress
from segmenter.recipe.recipe import SettingPairs
from segmenter.table.dataset import Note
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
        tested = f"{percent_text(self.held_out.accuracy, 1)} right of {counted(self.n_held_out, 'customer')} held out."
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
        ).fit(
            rows.frame,
            rows.codes,
            prepare__weights=rows.weights,
            classify__groups=rows.groups,
            classify__sample_weight=rows.weights,
        )


@dataclass(frozen=True, eq=False)
class HeldOut:
    """How the chosen one did on customers that no choice had seen.

    Attributes
    ----------
    base_rate
        The share that always naming the largest class would tell right.
    confusion
        Shape (n_classes, n_classes): a row per true class, a column per answer; rows of the file, whatever they weigh.
    report
        One per class, in the classes' order.
    """

    n_customers: int
    base_rate: float
    scores: Scores
    confusion: NDArray[np.int64]
    report: tuple[ClassReport, ...]
    calibration: Calibration


@dataclass(frozen=True)
class Choice:
    """Which classifier is kept, how it is set, and why it was chosen."""

    classifier: str
    settings: SettingPairs
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Learned:
    """Everything that learning found; while it goes on, what it has found so far.

    Attributes
    ----------
    recipe
        With the features that were used.
    n_known, n_unlabelled, n_incomplete
        Customers with a known segment that were used; without one; with one, but without a value that the
        recipe refuses to fill.
    n_customers, n_repeated, n_copies
        Different customers among those used; rows beyond the first of their identifier; rows that have a near-copy.
        All rows of a customer, and near-copies, are on one side of every split.
    leaderboard
        On the customers that were not held out.
    model
        Learnt from all customers with a known segment, once the held-out ones had judged it.
    importances, dependences
        On the held-out customers.
    """

    recipe: LearningRecipe
    classes: tuple[str, ...]
    n_known: int
    n_unlabelled: int
    n_incomplete: int
    leaks: tuple[LeakFlag, ...] = ()
    leaderboard: Leaderboard | None = None
    choice: Choice | None = None
    tuning: Tuning | None = None
    held_out: HeldOut | None = None
    importances: tuple[ColumnImportance, ...] = ()
    dependences: tuple[PartialDependence, ...] = ()
    golden: MinimalFeatures | None = None
    model: SegmentModel | None = None
    notes: tuple[Note, ...] = ()
    n_customers: int = 0
    n_repeated: int = 0
    n_copies: int = 0

    @property
    def curve(self) -> LearningCurve | None:
        """How the network that is kept has learnt; None where something else is kept."""
        curve = getattr(self.model.learner, "curve_", None) if self.model else None
        return curve if isinstance(curve, LearningCurve) and curve.n_epochs else None

    def __repr__(self) -> str:
        known = counted(self.n_known, "customer")
        chosen = f"; {CLASSIFIERS[self.choice.classifier].title} chosen" if self.choice else ""
        right = (
            f", {percent_text(self.held_out.scores.accuracy, 1)} right on customers held out" if self.held_out else ""
        )
        return f"<Learned: {counted(len(self.classes), 'segment')} of {known}{chosen}{right}>"

    def _repr_html_(self) -> str:
        board = self.leaderboard
        headers, rows = leaderboard_table(board) if board else ((), [])
        return html_view(repr(self), headers, rows, (note.text for note in self.notes))


def leaderboard_verdict(board: Leaderboard) -> str:
    """Say who leads, over whom that is more than noise, and whether anything can be told at all."""
    if not board.rows:
        return "No classifier has been tried on every part yet."
    first = board.rows[0]
    over_base = next(lead for lead in board.leads if lead.other == BASE_RATE)
    if not over_base.more_than_noise:
        return (
            "No classifier tells the segments better than always naming the largest one "
            f"({percent_text(board.base.accuracy, 1)}): these columns say nothing about them."
        )
    level = [CLASSIFIERS[lead.other].title for lead in _over_others(board) if not lead.more_than_noise]
    start = f"{first.title} tells {percent_text(first.accuracy, 1)} right (± {percent_text(first.accuracy_se, 1)}), "
    start += f"always naming the largest segment {percent_text(board.base.accuracy, 1)}. "
    if level:
        return start + f"Its lead over {', '.join(level)} is no more than noise: take whichever you can explain best."
    return start + ("Its lead over every other one is more than noise." if len(board.rows) > 1 else "")


def held_out_verdict(held_out: HeldOut) -> str:
    """Say how good the chosen one is on customers that no choice has seen."""
    text = (
        f"Of {held_out.n_customers:,} customers that no choice had seen, {percent_text(held_out.scores.accuracy, 1)} "
        f"were told right; always naming the largest segment would be right for {percent_text(held_out.base_rate, 1)}."
    )
    if is_hardly_better(held_out.scores.accuracy, held_out.base_rate, held_out.n_customers):
        text += " That is hardly better than always guessing the largest one: don't build on the answers."
    return text


# A lead over guessing that is smaller than this, or than chance makes of so many customers, is hardly one.
_LEAST_LEAD: Final = 0.02


def is_hardly_better(accuracy: float, base_rate: float, n_customers: int) -> bool:
    """Whether a share that was told right says hardly more than always naming the largest class.

    Parameters
    ----------
    accuracy, base_rate
        Shares told right, 0-1: by the classifier, and by naming the largest class.
    n_customers
        How many customers they are of.
    """
    chance = 2 * (base_rate * (1 - base_rate) / max(n_customers, 1)) ** 0.5
    return accuracy - base_rate < max(_LEAST_LEAD, chance)


def repeats_notes(customers: CustomerGroups) -> list[Note]:
    """Say how many rows are one customer's, or near-copies, and what was done about it."""
    kept = (
        "They are kept together, always on the same side when customers are set aside to judge by, or else a row would "
        f"be judged by what was learnt from its own copy. There are {customers.n_groups:,} different customers."
    )
    notes = []
    if customers.n_repeated:
        text = f"{customers.n_repeated:,} rows repeat the identifier of another row. {kept}"
        notes.append(Note(text, warning=True))
    if customers.n_copies:
        text = f"{customers.n_copies:,} rows are copies, or nearly, of another row: equal in most columns. {kept}"
        notes.append(Note(text, warning=True))
    return notes


def golden_verdict(golden: MinimalFeatures, held_out: HeldOut) -> str:
    """Say which few questions are enough; none are where all columns together tell hardly anything."""
    if is_hardly_better(held_out.scores.accuracy, held_out.base_rate, held_out.n_customers):
        return "None: where all columns together hardly tell more than a guess, a few of them are not worth asking."
    asked = ", ".join(golden.columns)
    word = "this question keeps" if len(golden.columns) == 1 else f"these {len(golden.columns)} questions keep"
    return (
        f"{asked}: {word} {percent_text(golden.share_kept)} of the accuracy (at least {percent_text(KEPT_SHARE)} was "
        f"asked for). On the customers held out: {percent_text(golden.held_out, 1)} right, with all columns "
        f"{percent_text(golden.held_out_all, 1)}."
    )


def _over_others(board: Leaderboard) -> list[PairwiseTest]:
    return [lead for lead in board.leads if lead.other != BASE_RATE]
