"""The interface that every classifier offers; fitting and splitting so that only the values of the rows matter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import SettingPairs, SettingValue
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


def all_alone(groups: IntArray) -> bool:
    """Whether every row is a group of its own."""
    return len(np.unique(groups)) == len(groups)


def stratified_group_parts(codes: IntArray, groups: IntArray, shares: Sequence[float], seed: int) -> IntArray:
    """Return the part of each row, shape (n,): every group in one part, each class in proportion to the shares.

    Groups of several rows go first, the largest first, each to the part that lacks most of what the group has; single
    rows then even out what is left.

    Parameters
    ----------
    codes
        Shape (n,): the class of each row, from 0.
    groups
        Shape (n,): rows of one group have the same number.
    shares
        Of the parts; they add up to 1.
    """
    random = np.random.default_rng(seed)
    members = np.unique(groups, return_inverse=True)[1]
    n_classes = int(codes.max()) + 1
    counts = np.zeros((int(members.max()) + 1, n_classes))
    np.add.at(counts, (members, codes), 1)
    sizes = counts.sum(axis=1)
    wanted = np.outer(shares, counts.sum(axis=0))
    left = wanted.copy()
    part_of_group = np.zeros(len(counts), dtype=np.intp)
    order = random.permutation(len(counts))
    order = order[np.argsort(-sizes[order], kind="stable")]
    for group in order[sizes[order] > 1]:
        part = int(((left / np.maximum(wanted, 1)) @ counts[group]).argmax())
        part_of_group[group] = part
        left[part] -= counts[group]
    alone = order[sizes[order] == 1]
    class_of = counts.argmax(axis=1)
    for code in range(n_classes):
        singles = alone[class_of[alone] == code]
        part_of_group[singles] = _dealt(len(singles), np.maximum(left[:, code], 0.0), shares)
    return part_of_group[members]


def _dealt(n: int, left: FloatArray, shares: Sequence[float]) -> IntArray:
    """Return the parts of n rows, in proportion to what the parts lack."""
    weights = left if left.sum() > 0 else np.asarray(shares)
    edges = np.round(np.cumsum(weights) / weights.sum() * n).astype(np.intp)
    return np.repeat(np.arange(len(weights)), np.diff(edges, prepend=0))
