"""Statistical disclosure control: no point of a rule that is saved tells what one customer's numbers are."""

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from segmenter import config
from segmenter.cluster.assigners import (
    Assigner,
    BisectingTree,
    GaussianComponents,
    LatentCentres,
    NearestCentre,
    NearestMixedPrototype,
    NearestPrototype,
)
from segmenter.cluster.projection import OfComponents
from segmenter.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from segmenter.cluster.estimator import SegmentClusterer

# Which points of a rule lie among the customers.
_POINTS: Final[dict[type, str]] = {
    NearestCentre: "centres", NearestPrototype: "units", NearestMixedPrototype: "prototypes", BisectingTree: "centres",
    GaussianComponents: "means", LatentCentres: "centres",
}  # fmt: skip
# A step at first: this part of how far the nearest five customers' values are, and of the column's range without its
# ends; how often it is halved.
_OF_FIVE, _OF_RANGE, _HALVINGS = 0.25, 2.0**-6, 24
# A number nearer to a customer's than this part of the way to the fifth nearest is a guess at it.
_A_GUESS = 2e-3


def with_nobodys_points(clusterer: "SegmentClusterer", X: FloatArray) -> "SegmentClusterer":
    """Return the same segments under a rule in which no customer's own values stand, nor numbers near to them.

    The centre of a segment of one is that customer, a median is somebody's value, and the mean of two tells the one
    the other: these are rounded, each number by itself and as coarsely as leaves every customer where it is. Means of
    several customers stay to the last bit. Where rounding moves a customer however fine it is, the number stays, and
    the clusterer's notes say so.

    Parameters
    ----------
    clusterer
        The segments; it stays as it is.
    X
        Those that they were formed from, shape (n, n_features).
    """
    found = copy(clusterer)
    found.placement_, exposed = _hidden(clusterer.placement_, X)
    if isinstance(found.placement_, NearestCentre):
        found.centres_ = found.placement_.centres
    else:
        found.centres_, _ = _coarsely(found.centres_, X, np.bincount(found.labels_[found.labels_ >= 0]))
    if exposed:
        who = "a number" if exposed == 1 else f"{exposed:,} numbers"
        note = (
            f"The model file holds {who} near to those of single customers, because rounding would move somebody to "
            "another segment: form fewer segments, or give the file only to those who may see the customers."
        )
        found.notes_ = (*(each for each in found.notes_ if each != note), note)
    return found


def _hidden(rule: Assigner, X: FloatArray) -> tuple[Assigner, int]:
    """Return a rule that places all rows alike without their own numbers, and how many of these it could not lose."""
    encoder = getattr(rule, "encoder", None)
    seen = X if encoder is None else np.clip(encoder.outputs(X), -1e150, 1e150)
    if isinstance(rule, OfComponents):
        inner, exposed = _hidden(rule.rule, seen)
        return replace(rule, rule=inner), exposed
    name = _POINTS.get(type(rule))
    points = getattr(rule, name or "", None)
    if name is None or points is None or points.shape[1] != seen.shape[1]:
        return rule, 0
    search = _Rounding.of(rule, name, points, seen, X)
    return search.result() if search.own.any() else (rule, 0)


@dataclass(eq=False)
class _Rounding:
    """The search for the coarsest rounding of each number under which all customers stay.

    Attributes
    ----------
    own, steps, five
        Shape (n_points, n_features): which values are a few customers' own; what they are rounded to; how far the
        fifth nearest customer's value is.
    lone
        Shape (n_points, n_features): which values are customers' own before any rounding, not means of a few.
    few
        Shape (n_points,): which points stand for a few customers.
    rows
        The rows as the rule takes them, shape (n, any).
    """

    rule: Assigner
    name: str
    points: FloatArray
    own: BoolArray
    steps: FloatArray
    five: FloatArray
    lone: BoolArray
    few: BoolArray
    rows: FloatArray

    @classmethod
    def of(cls, rule: Assigner, name: str, points: FloatArray, seen: FloatArray, rows: FloatArray) -> "_Rounding":
        sizes = np.full(len(points), config.FEWEST_WHO_SHARE)
        if not isinstance(rule, BisectingTree):
            placed = rule.nearest(rows) if isinstance(rule, NearestPrototype) else rule.place(rows)
            sizes = np.bincount(placed[placed >= 0], minlength=len(points))
        own, steps, five = _own_values(points, seen, sizes)
        lone, *_ = _own_values(points, seen, None)
        return cls(rule, name, points, own, steps, five, lone, sizes < config.FEWEST_WHO_SHARE, rows)

    def result(self) -> tuple[Assigner, int]:
        before, finest = self.rule.place(self.rows), self.steps / 2.0**_HALVINGS
        # Those whom a try has moved are asked first: a million are placed a few times only.
        watched = np.zeros(0, dtype=np.intp)
        tried = self._tried()
        while True:
            moved = watched[tried.place(self.rows[watched]) != before[watched]] if len(watched) else watched
            if not len(moved):
                moved = np.flatnonzero(tried.place(self.rows) != before)
                if not len(moved):
                    break
                watched = np.union1d(watched, moved[:: max(1, len(moved) // 1000)])
            concerned = self._concerned(moved, before, tried)
            if not self.own[concerned].any():
                concerned = np.flatnonzero(self.own.any(axis=1))
            if not len(concerned):
                return self.rule, int(self.few.sum())
            self._refine(concerned, finest)
            tried = self._tried()
        values = getattr(tried, self.name)
        exposed = self.lone & (np.abs(values - self.points) < _A_GUESS * self.five)
        return tried, int(exposed.sum())

    def _refine(self, concerned: IntArray, finest: FloatArray) -> None:
        """Halve the step of the number that has moved farthest, of each of some points."""
        away = np.abs(_rounded(self.points, self.own, self.steps) - self.points)
        for point in concerned[self.own[concerned].any(axis=1)]:
            column = int(np.where(self.own[point], away[point], -1.0).argmax())
            self.steps[point, column] /= 2
            if self.steps[point, column] < finest[point, column]:
                self.own[point, column] = False

    def _concerned(self, moved: IntArray, before: IntArray, tried: Assigner) -> IntArray:
        """Return the points between which rows have changed."""
        if isinstance(self.rule, BisectingTree):
            return np.arange(len(self.points))
        rows = self.rows[moved]
        if isinstance(self.rule, NearestPrototype) and isinstance(tried, NearestPrototype):
            return np.union1d(self.rule.nearest(rows), tried.nearest(rows))
        return np.union1d(before[moved], tried.place(rows))

    def _tried(self) -> Assigner:
        changed: dict[str, FloatArray] = {self.name: _rounded(self.points, self.own, self.steps)}
        if isinstance(self.rule, GaussianComponents):
            changed["factors"] = _widened(self.rule.factors, self.own & self.few[:, None], self.steps)
        return replace(self.rule, **changed)  # type: ignore[type-var]


def _widened(factors: FloatArray, own: BoolArray, steps: FloatArray) -> FloatArray:
    """Return the factors of components about means that were rounded: the variance is larger by a step's square.

    Around one customer alone a component is so narrow that nobody would be in it once its mean has moved.
    """
    new = factors.copy()
    for number in np.flatnonzero(own.any(axis=1)):
        inverse = np.linalg.inv(factors[number])
        covariance = inverse.T @ inverse + np.diag(np.where(own[number], steps[number], 0.0) ** 2)
        # Scaled, columns of very different sizes are inverted without losing digits.
        scale = np.sqrt(np.diag(covariance))
        lower = np.linalg.cholesky(covariance / np.outer(scale, scale))
        new[number] = np.triu(np.linalg.inv(lower).T / scale[:, None])
    return new


def _coarsely(points: FloatArray, X: FloatArray, sizes: IntArray) -> tuple[FloatArray, BoolArray]:
    own, steps, _ = _own_values(points, X, sizes)
    return _rounded(points, own, steps), own


def _own_values(points: FloatArray, X: FloatArray, sizes: IntArray | None) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Return which values of some points are those of a few customers, what to round them to, and the fifth nearest.

    All of shape (n_points, n_features). Steps are powers of two: others would tell what they were made from.

    Parameters
    ----------
    sizes
        How many customers each point stands for, shape (n_points,); None where only equal values count.
    """
    own, fifth, ranges = np.zeros(points.shape, dtype=bool), np.zeros(points.shape), np.zeros(points.shape[1])
    few = np.zeros(len(points), dtype=bool) if sizes is None else sizes < config.FEWEST_WHO_SHARE
    for place, values in enumerate(X.T):
        column = np.sort(values)
        if not len(column) or column[0] == column[-1]:
            continue
        # As sums of single precision leave it; of a million customers one in a hundred means is so near to somebody.
        low, high = (float(each) for each in np.quantile(column, [0.05, 0.95]))
        ranges[place] = high - low or float(values.std())
        near = np.maximum(1e-8 * float(values.std()), 2.0**-22 * np.abs(points[:, place]))
        held = np.searchsorted(column, points[:, place] + near, side="right")
        held -= np.searchsorted(column, points[:, place] - near, side="left")
        own[:, place] = (held > 0) & (held < config.FEWEST_WHO_SHARE)
        own[:, place] |= few & (held < config.FEWEST_WHO_SHARE)
        fifth[:, place] = _fifth_nearest(column, points[:, place])
    sizes_of_steps = np.maximum(fifth * _OF_FIVE, ranges * _OF_RANGE)
    steps = 2.0 ** np.floor(np.log2(np.where(sizes_of_steps > 0, sizes_of_steps, 1.0)))
    return own, steps, fifth


def _fifth_nearest(column: FloatArray, values: FloatArray) -> FloatArray:
    """Return how far the fifth nearest of sorted numbers is from each value."""
    n = min(config.FEWEST_WHO_SHARE, len(column))
    place = np.searchsorted(column, values)
    around = np.clip(place[:, None] + np.arange(-n, n), 0, len(column) - 1)
    away = np.abs(column[around] - values[:, None])
    # A place that was clipped stands there more than once.
    away[:, 1:][around[:, 1:] == around[:, :-1]] = np.inf
    return np.sort(away, axis=1)[:, n - 1]


def _rounded(points: FloatArray, own: BoolArray, steps: FloatArray) -> FloatArray:
    whole = np.floor(points / steps)
    # A quarter of a step away at least, so that no value stays where it is by chance.
    aside = np.where(points / steps - whole < 0.5, 0.75, 0.25)
    return np.where(own, (whole + aside) * steps, points)
