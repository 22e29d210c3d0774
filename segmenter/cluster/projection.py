"""Principal components of the prepared columns (PCA, FAMD), and segments that are formed of them."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from segmenter import config
from segmenter.cluster.algorithm import FeatureGroups, PreparedColumn
from segmenter.cluster.assigners import (
    FARTHEST,
    Assigner,
    LatentCentres,
    NearestCentre,
    ProbabilisticAssigner,
    agreement_with,
)
from segmenter.errors.forming import InvalidSettingError
from segmenter.networks.network import DenseLayer, DenseStack
from segmenter.typing import FloatArray, IntArray

# Directions keep so many digits: two processors differ in the last ones.
_DIGITS = 9
# A component that holds less than this share of the variance is rounding.
_NOTHING = 1e-12


class Reduced(Protocol):
    """A fitted clusterer, as far as its components go."""

    reduction: str
    placement_: Assigner


@dataclass(frozen=True, eq=False)
class Projection:
    """Components of the prepared columns.

    Attributes
    ----------
    encoder
        One linear layer, from the prepared columns to the components.
    shares
        Share of the variance that each component holds, 0-1, shape (n_components,).
    eigenvalues
        Of all components, shape (n_features,), the largest first.
    """

    encoder: DenseStack
    shares: FloatArray
    eigenvalues: FloatArray

    def projected(self, X: FloatArray) -> FloatArray:
        """Return the components of prepared rows, shape (n, n_components); a row's are the same in any company."""
        return np.clip(self.encoder.outputs(X), -FARTHEST, FARTHEST)

    def before(self, rule: Assigner) -> Assigner:
        """Return a rule for components as one for prepared rows."""
        if isinstance(rule, NearestCentre):
            return LatentCentres(self.encoder, rule.centres)
        kind = ProbableOfComponents if isinstance(rule, ProbabilisticAssigner) else OfComponents
        return kind(self.encoder, rule)


@dataclass(frozen=True, eq=False)
class OfComponents:
    """A customer belongs where a rule places its components.

    Attributes
    ----------
    encoder
        One linear layer, from the prepared columns to the components.
    rule
        Places components.
    """

    encoder: DenseStack
    rule: Assigner

    def place(self, X: FloatArray) -> IntArray:
        """Return the segment of each row, shape (n,)."""
        return self.rule.place(self._components(X))

    def distances(self, X: FloatArray) -> FloatArray:
        """Return how far each row's components are from its segment's centre, shape (n,)."""
        return self.rule.distances(self._components(X))

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with segment `order[i]` called `i`."""
        return replace(self, rule=self.rule.reordered(order))

    @property
    def agreement(self) -> float:
        """As of the rule for components."""
        return agreement_with(self.rule)

    def _components(self, X: FloatArray) -> FloatArray:
        return np.clip(self.encoder.outputs(X), -FARTHEST, FARTHEST)


class ProbableOfComponents(OfComponents):
    """The same with a rule that also says how sure it is."""

    def probabilities(self, X: FloatArray) -> FloatArray:
        """Return the probability of each segment for each row, shape (n, n_segments); rows sum to 1."""
        assert isinstance(self.rule, ProbabilisticAssigner)
        return self.rule.probabilities(self._components(X))


def components_of(clusterer: Reduced, X: FloatArray) -> FloatArray:
    """Return what a fitted clusterer's segments are formed of: the components, or the prepared rows themselves."""
    encoder = getattr(clusterer.placement_, "encoder", None)
    return X if clusterer.reduction == "none" or encoder is None else np.clip(encoder.outputs(X), -FARTHEST, FARTHEST)


def fit_projection(
    reduction: str,
    n_components: int,
    X: FloatArray,
    space: FeatureGroups | None = None,
    weights: FloatArray | None = None,
) -> Projection | None:
    """Learn the components of prepared rows; None where the columns stay as they are.

    PCA takes the columns as they were prepared. FAMD (Pagès 2004) takes numbers at a variance of 1 and each category's
    indicators divided by the root of their share, so that a number counts 1 and a category of m values m − 1.

    Parameters
    ----------
    reduction
        "none", "pca" or "famd".
    n_components
        So many; 0 for as many as hold `config.VARIANCE_KEPT` of the variance.
    X
        Shape (n, n_features).
    space
        What the columns come from; None where all are numbers.
    weights
        How much each row counts, shape (n,).

    Raises
    ------
    InvalidSettingError
        If there are not so many components.
    """
    if reduction == "none":
        return None
    weights = np.ones(len(X)) if weights is None else weights
    middle = np.average(X, axis=0, weights=weights)
    away = X - middle
    scales = np.ones(X.shape[1]) if reduction == "pca" else _famd_scales(away, middle, weights, space)
    away = away * scales
    covariance = (away * weights[:, None]).T @ away / weights.sum()
    values, directions = np.linalg.eigh(covariance)
    values, directions = np.maximum(values[::-1], 0.0), directions[:, ::-1]
    total = max(float(values.sum()), np.finfo(float).tiny)
    most = max(int((values > _NOTHING * total).sum()), 1)
    wanted = n_components or int(np.searchsorted(np.cumsum(values) / total, config.VARIANCE_KEPT - _NOTHING)) + 1
    if wanted > most:
        message = f"{wanted} components were asked for, and these columns have {most}. Ask for at most so many."
        raise InvalidSettingError(message)
    kept = directions[:, :wanted]
    # Either sign is as good; the largest part of each direction is positive, on every machine.
    kept = kept * np.sign(kept[np.abs(kept).round(6).argmax(axis=0), np.arange(wanted)])
    layer = (scales[:, None] * kept).round(_DIGITS)
    encoder = DenseStack((DenseLayer(layer, -(middle @ layer), relu=False),))
    return Projection(encoder, values[:wanted] / total, values)


def _famd_scales(away: FloatArray, middle: FloatArray, weights: FloatArray, space: FeatureGroups | None) -> FloatArray:
    columns = space or tuple(PreparedColumn(number) for number in range(len(middle)))
    spread = np.sqrt(np.average(away**2, axis=0, weights=weights))
    scales = np.zeros(len(columns))
    for place, column in enumerate(columns):
        if spread[place] == 0:
            continue
        if column.mismatch > 0:
            height = column.mismatch / 2
            scales[place] = column.weight / (height * np.sqrt(middle[place] / height))
        else:
            scales[place] = column.weight / (spread[place] * np.sqrt(column.parts))
    return scales
