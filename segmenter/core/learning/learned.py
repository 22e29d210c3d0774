"""What came out of learning?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.core.dataset import Note
from segmenter.core.learning.features import LeakFlag
from segmenter.core.learning.golden import GoldenQuestions
from segmenter.core.learning.leaderboard import Leaderboard
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.recipe import LearningRecipe
from segmenter.core.learning.tuning import Tuning
from segmenter.core.learning.understanding import ColumnImportance, Dependence
from segmenter.measures.classification import Calibration, ClassReport, Scores
from segmenter.settings import SettingPairs


@dataclass(frozen=True, eq=False)
class HeldOut:
    """How the chosen one did on customers that no choice had seen.

    Attributes
    ----------
    base_rate
        The share that always naming the largest class would tell right.
    confusion
        Shape (n_classes, n_classes): a row per true class, a column per answer.
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


@dataclass(frozen=True, eq=False)
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
    dependences: tuple[Dependence, ...] = ()
    golden: GoldenQuestions | None = None
    model: SegmentModel | None = None
    notes: tuple[Note, ...] = ()
    n_customers: int = 0
    n_repeated: int = 0
    n_copies: int = 0
