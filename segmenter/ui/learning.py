"""What has this visitor decided and found out about known segments?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from segmenter.core.dataset import Note
from segmenter.core.learning.customer import CustomerAnswer
from segmenter.core.learning.features import LeakFlag
from segmenter.core.learning.fields import Answer
from segmenter.core.learning.learned import Learned
from segmenter.core.learning.model import SegmentModel
from segmenter.core.learning.placing import Classified
from segmenter.core.learning.recipe import LearningRecipe


@dataclass(frozen=True)
class TargetCheck:
    """Whether what is to be learnt can be learnt.

    Attributes
    ----------
    of
        What was looked at, so that a changed choice is noticed.
    counts
        (class, customers) in the classes' order.
    leaks
        The columns that give the answer away.
    problem
        Why it cannot be learnt, as Markdown; empty where it can.
    repeats
        How many rows are one customer's, or copies.
    """

    of: object
    counts: tuple[tuple[str, int], ...] = ()
    n_unlabelled: int = 0
    leaks: tuple[LeakFlag, ...] = ()
    problem: str = ""
    repeats: tuple[Note, ...] = ()


@dataclass(frozen=True, eq=False)
class Placed:
    """A file's customers in known segments, with the first lines of the table to show."""

    classified: Classified
    preview: pd.DataFrame


@dataclass
class Placing:
    """What is placed with which classifier; it outlives the file that was learnt from.

    Attributes
    ----------
    learnt
        The classifier learnt in this session, saved or not.
    model, title
        The one in use, and its file or what else it was picked as.
    answers, answer
        The last customer of the form, and where it belongs.
    matches
        Column that the classifier knows → column of the file, where the visitor said so.
    placed, placed_of
        The last file, and the classifier, file and columns that it was placed with.
    built
        Downloads of it.
    """

    learnt: SegmentModel | None = None
    model: SegmentModel | None = None
    title: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    answer: CustomerAnswer | None = None
    matches: dict[str, str] = field(default_factory=dict)
    placed: Placed | None = None
    placed_of: object | None = None
    built: dict[str, bytes] = field(default_factory=dict)

    def use(self, model: SegmentModel | None, title: str) -> None:
        """Place with another classifier from now on."""
        self.model, self.title = model, title
        self.answers, self.answer = {}, None
        self.matches = {}
        self.keep(None, None)

    def keep(self, placed: Placed | None, of: object | None) -> None:
        """Keep a placed file in place of the one before."""
        self.placed, self.placed_of = placed, of
        self.built = {}


@dataclass
class Learning:
    """Everything about known segments; None until a step is done.

    Attributes
    ----------
    recipe
        Every decision, its features as they stand on the page.
    learned, learned_of
        What was found, and the basis that it was started from.
    """

    recipe: LearningRecipe | None = None
    check: TargetCheck | None = None
    learned: Learned | None = None
    learned_of: object | None = None
    placing: Placing = field(default_factory=Placing)

    def keep(self, learned: Learned, of: object) -> None:
        """Keep what was found, and place with it unless something else is picked."""
        self.learned, self.learned_of = learned, of
        self.placing.learnt = learned.model
        self.placing.use(None, "")

    def for_another_file(self) -> "Learning":
        """Return what stays when other customers are loaded: the classifiers to place them with."""
        return Learning(placing=self.placing)
