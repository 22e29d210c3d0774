"""How does one column of categories become indicators?"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.core.number_column import SMALLEST_SPREAD
from segmenter.core.numbering import Bools, Floats, texts_of
from segmenter.core.recipe import FeatureSpec, Missing, Scaling

MISSING_CATEGORY: Final = "(missing)"


@dataclass(frozen=True)
class CategoryColumn:
    """A fitted column of categories: one indicator per listed value, one for all others.

    Attributes
    ----------
    fill
        What a missing value counts as.
    categories
        The values with an indicator of their own, commonest first.
    factor
        What an indicator is multiplied by: chosen so that the column's mean squared difference between two
        customers is that of a standardised number.
    rare
        The share, 0-1, that a value must have to be listed.
    indicator
        What a missing value weighs in a column of its own, before the weight; 0 where there is none.
    """

    column: str
    missing: Missing
    weight: float
    fill: str
    categories: tuple[str, ...]
    factor: float
    rare: float = config.RARE_SHARE
    indicator: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The prepared columns that this one becomes."""
        marks = (f"{self.column}: missing",) if self.indicator else ()
        return (*(f"{self.column}: {value}" for value in self.categories), f"{self.column}: other", *marks)

    def encoded(self, values: pd.Series) -> Floats:
        """Return indicators of shape (n, len(names)); unseen values count as "other"."""
        texts = texts_of(values)
        codes = pd.Index(self.categories).get_indexer(pd.Index(texts.fillna(self.fill)))
        codes[codes < 0] = len(self.categories)
        shown = np.eye(len(self.categories) + 1)[codes] * (self.factor * self.weight)
        if not self.indicator:
            return shown
        return np.column_stack([shown, texts.isna().to_numpy() * (self.indicator * self.weight)])

    def unseen(self, values: pd.Series) -> Bools:
        """Return which present values have no indicator of their own."""
        texts = texts_of(values)
        return (texts.notna() & ~texts.isin(self.categories)).to_numpy()

    @classmethod
    def fitted(cls, spec: FeatureSpec, values: pd.Series, scaling: Scaling) -> Self:
        """Learn the categories; values that few customers share are gathered under "other"."""
        texts = texts_of(values)
        known = texts.dropna()
        counts = known.value_counts()
        counts = counts.sort_index().sort_values(ascending=False, kind="stable")
        enough = (counts >= config.SMALL_GROUP) & (counts >= spec.rare * len(known))
        kept = tuple(str(value) for value in counts[enough].index[: config.MAX_CATEGORIES - 1])
        fill = _fill(spec, str(counts.index[0]) if len(counts) else "")
        if spec.missing in (Missing.CATEGORY, Missing.CONSTANT):
            # What the user named is a value of its own, however few customers lack one.
            kept = kept if fill in kept else (*kept[: config.MAX_CATEGORIES - 2], fill)
            counts = texts.fillna(fill).value_counts()
        balanced = scaling in (Scaling.STANDARD, Scaling.ROBUST)
        factor = 1.0 / np.sqrt(max(_spread(counts, kept), SMALLEST_SPREAD)) if balanced else 1.0
        indicated = spec.indicator and spec.missing is not Missing.DROP
        return cls(
            spec.column, spec.missing, spec.weight, fill, kept, float(factor), spec.rare, 1.0 if indicated else 0.0
        )


def _fill(spec: FeatureSpec, commonest: str) -> str:
    if spec.missing is Missing.CATEGORY:
        return MISSING_CATEGORY
    return str(spec.constant) if spec.missing is Missing.CONSTANT else commonest


def _spread(counts: pd.Series, kept: tuple[str, ...]) -> float:
    """Return how often two customers differ, 0-1."""
    shares = counts.to_numpy(dtype=float) / max(int(counts.sum()), 1)
    own = np.array([str(value) in kept for value in counts.index], dtype=bool)
    return 1.0 - float((shares[own] ** 2).sum()) - float(shares[~own].sum() ** 2)
