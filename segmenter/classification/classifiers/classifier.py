"""The interface that every classifier offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol, Self

from numpy.typing import NDArray

from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.settings import SettingPairs, SettingValue
from segmenter.typing import FloatArray, IntArray


class Predictor(Protocol):
    """What has learnt and answers.

    Attributes
    ----------
    classes_
        Shape (n_classes,), ascending: what the columns of `predict_proba` stand for.
    """

    classes_: NDArray[Any]

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_classes)."""


class Learner(Predictor, Protocol):
    """What learns and then answers, scikit-learn's or any other that has these three.

    One that also has an attribute `progress` reports through it while it learns, and stops when that raises.
    One that has an attribute `groups` is told there which rows are one customer's, or copies of each other.
    One whose `fit` also takes `sample_weight`, shape (n,), is told there how much each row counts.
    """

    def fit(self, X: FloatArray, y: IntArray) -> Self:
        """Learn from prepared rows (n, p) and the class of each."""


Build = Callable[[int, Mapping[str, SettingValue]], Learner]
"""(seed, settings) to a learner that has learnt nothing yet."""


@dataclass(frozen=True)
class Classifier:
    """One way to learn known segments.

    Attributes
    ----------
    key
        Its name on the command line and in saved models.
    title
        Its name on the screen.
    suits
        What it is good for, in a few words.
    defaults
        Every setting there is, with its value when nobody says otherwise.
    grid
        The values that tuning tries, per setting.
    searched_by
        The quicker classifier that looks for the golden questions in its place; empty when it is quick itself.
    keeps_rows
        Whether what it learnt is the customers' prepared rows themselves.
    """

    key: str
    title: str
    build: Build
    suits: str
    defaults: Mapping[str, SettingValue] = field(default_factory=dict)
    grid: Mapping[str, tuple[SettingValue, ...]] = field(default_factory=dict)
    searched_by: str = ""
    keeps_rows: bool = False

    @property
    def candidates(self) -> tuple[SettingPairs, ...]:
        """Every combination of the grid's values."""
        names = sorted(self.grid)
        return tuple(tuple(zip(names, values, strict=True)) for values in product(*(self.grid[name] for name in names)))

    @property
    def usual_candidate(self) -> SettingPairs:
        """What the grid's settings are when nobody says otherwise."""
        return tuple((name, self.defaults[name]) for name in sorted(self.grid))

    def learner(self, seed: int, settings: SettingPairs = ()) -> Learner:
        """Return a learner that has learnt nothing yet.

        Raises
        ------
        InvalidSettingError
            If there is no such setting.
        """
        unknown = [name for name, _ in settings if name not in self.defaults]
        if unknown:
            known = ", ".join(self.defaults) or "none"
            message = f"{self.title} has no setting {unknown[0]!r}. Its settings: {known}."
            raise InvalidSettingError(message)
        return self.build(seed, {**self.defaults, **dict(settings)})
