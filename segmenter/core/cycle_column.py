"""How does a month, a week or a weekday become numbers in which December lies beside January?"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from segmenter.core.number_column import SMALLEST_SPREAD
from segmenter.core.numbering import Floats, turns
from segmenter.core.recipe import DateUse, FeatureSpec, Missing, Scaling


@dataclass(frozen=True)
class CycleColumn:
    """A fitted column of dates as places on a circle: two numbers, so that the ends of the year meet.

    Attributes
    ----------
    fill
        The place (x, y) of a missing value: that of the commonest month for `Missing.MODE`, of the given one for
        `Missing.CONSTANT` (January and Monday are 1), else the mean of all places, which no month is far from.
    factor
        What a place is multiplied by: chosen so that the column's mean squared difference between two
        customers is that of a standardised number.
    indicator
        What a missing value weighs in a column of its own, before the weight; 0 where there is none.
    """

    column: str
    date_use: DateUse
    missing: Missing
    weight: float
    fill: tuple[float, float]
    factor: float
    indicator: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        marks = (f"{self.column}: missing",) if self.indicator else ()
        return (f"{self.column}: {self.date_use} (x)", f"{self.column}: {self.date_use} (y)", *marks)

    def encoded(self, values: pd.Series) -> Floats:
        """Return places on the circle, shape (n, len(names))."""
        places = _places(turns(values, self.date_use))
        gaps = np.isnan(places[:, 0])
        places[gaps] = self.fill
        places = places * (self.factor * self.weight)
        if not self.indicator:
            return places
        return np.column_stack([places, gaps * (self.indicator * self.weight)])

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn where a missing value goes and how far the places lie apart."""
        around = turns(values, spec.date_use)
        known = np.sort(around[~np.isnan(around)])
        fill = _fill(spec, known)
        n_filled = 0 if spec.missing is Missing.DROP else len(around) - len(known)
        places = np.vstack([_places(known), np.tile(fill, (n_filled, 1))])
        spread = float(places.var(axis=0).sum()) if len(places) else 0.0
        balanced = scaling in (Scaling.STANDARD, Scaling.ROBUST)
        # Min–max scaling gives every column the range 1: the circle gets the diameter 1.
        other = 0.5 if scaling is Scaling.MINMAX else 1.0
        factor = 1.0 / np.sqrt(max(spread, SMALLEST_SPREAD)) if balanced else other
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.date_use, spec.missing, spec.weight, fill, float(factor), 1.0 if indicated else 0.0
        )


def _fill(spec: FeatureSpec, known: Floats) -> tuple[float, float]:
    if spec.missing is Missing.CONSTANT:
        per_turn = {DateUse.MONTH: 12, DateUse.WEEKDAY: 7}.get(spec.date_use, 52)
        known = np.array([(float(spec.constant) - 1) / per_turn])
    elif spec.missing is Missing.MODE and len(known):
        found, counts = np.unique(known, return_counts=True)
        known = found[[counts.argmax()]]
    x, y = _places(known).mean(axis=0) if len(known) else (0.0, 0.0)
    return float(x), float(y)


def _places(around: Floats) -> Floats:
    angles = 2 * np.pi * around
    return np.column_stack([np.cos(angles), np.sin(angles)])
