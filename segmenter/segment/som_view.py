"""What a self-organising map shows of its customers, unit by unit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.cluster.assigners import NearestPrototype, nearest_units
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.som import SomMap
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.preparation import Preparation
from segmenter.sampling import canonical_order
from segmenter.segment.embed import drawn_rows
from segmenter.segment.result import Result
from segmenter.typing import FloatArray, IntArray


def segments_of_leaves(result: Result, tree: Dendrogram) -> IntArray:
    """Return the segments of a result formed by merging, leaf by leaf, shape (n_leaves,).

    The tree alone knows them too, but not their numbers where two segments are equally large.
    """
    segmentation = result.segmentation
    placed = (segmentation.labels >= 0).to_numpy()
    if tree.n_leaves == placed.sum():
        # The leaves are the customers, in the order that their values decide.
        X = segmentation.preparation.transform(result.dataset.frame[placed])
        labels: IntArray = segmentation.labels[placed].to_numpy(dtype=np.intp)[canonical_order(X)]
        return labels
    rule = segmentation.clusterer.placement_
    if isinstance(rule, NearestPrototype) and len(rule.segments) == tree.n_leaves:
        return rule.segments
    return tree.cut(segmentation.n_segments)


# The customers of the most crowded unit reach this far from its middle, where 0.5 is its border.
_FILLED = 0.4
# The angle by which the seeds of a sunflower follow each other: no two of them hide a third.
_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True, eq=False)
class SomView:
    """A self-organising map in the user's words.

    Attributes
    ----------
    segments
        Shape (n_units,): the segment of each unit, 0 is the largest.
    names
        One name per segment.
    planes
        What each unit is like, one row per unit: numbers in their own units, categories as shares (0-1).
    """

    found: SomMap
    segments: IntArray
    names: tuple[str, ...]
    planes: pd.DataFrame

    @property
    def telling_planes(self) -> tuple[str, ...]:
        """The planes, those first in which the units of the segments differ most.

        Measured by the correlation ratio: the part of the units' variance that lies between segments, a unit
        counting as often as it has customers.
        """
        hits = pd.Series(self.found.hits, dtype=float)
        total, within = (
            (self.planes - centres).pow(2).mul(hits, axis=0).sum()
            for centres in (self._means(np.zeros_like(self.segments)), self._means(self.segments))
        )
        share = 1.0 - (within / total.where(total > 0)).fillna(1.0)
        return tuple(share.sort_values(ascending=False, kind="stable").index)

    def _means(self, groups: IntArray) -> pd.DataFrame:
        """Return the mean plane values of each unit's group, weighted by customers."""
        weights = pd.Series(self.found.hits, dtype=float)
        sums = self.planes.mul(weights, axis=0).groupby(groups).transform("sum")
        return sums.div(weights.groupby(groups).transform("sum"), axis=0)

    def table(self) -> pd.DataFrame:
        """Return one line per unit: where it is, its segment, its customers, how far its neighbours are."""
        row, column = np.divmod(np.arange(self.found.grid.n_units), self.found.grid.columns)
        first = {
            "row": row + 1,
            "column": column + 1,
            "segment": [self.names[segment] for segment in self.segments],
            "customers": self.found.hits,
            "distance to neighbours": self.found.u_matrix,
        }
        # A file may have a column of the same name.
        planes = self.planes.rename(columns={name: f"{name} (in your file)" for name in first})
        return pd.concat([pd.DataFrame(first), planes], axis=1)


def som_view(result: Result) -> SomView | None:
    """Return the map behind a result; None where its segments were not formed on one in this session."""
    clusterer = result.segmentation.clusterer
    found, rule = clusterer.details_, clusterer.placement_
    if not isinstance(found, SomMap) or not isinstance(rule, NearestPrototype):
        return None
    planes = _component_planes(result.segmentation.preparation, found.units)
    return SomView(found, rule.segments, result.segmentation.names, planes)


def customers_on_map(result: Result, found: SomMap) -> pd.DataFrame:
    """Return where customers stand: `down`, `across` in units from the first one, and their `segment`.

    At most about config.MAX_POINTS_SHOWN, each segment in proportion. Those of one unit fill a disc around its
    middle, equally dense in all units, so that its size is their number.
    """
    labels = result.segmentation.labels
    rows = drawn_rows(labels[labels >= 0])
    frame = result.dataset.frame.iloc[rows]
    if result.assignment is not None:
        frame = frame.rename(columns={file: model for model, file in result.assignment.matched.items()})
    units = nearest_units(result.segmentation.preparation.transform(frame), found.units)
    places = found.grid.places[units] + _phyllotaxis(units)
    return pd.DataFrame({"down": places[:, 0], "across": places[:, 1], "segment": labels.iloc[rows].to_numpy()})


def win_map(result: Result) -> dict[tuple[int, int], IntArray]:
    """Return which customers belong to each unit of a self-organising map.

    Parameters
    ----------
    result
        Segments that were formed on a map in this session.

    Returns
    -------
    dict
        (row, column) of a unit, from 1 as in the table of units, to the rows of its customers in the file, from 0;
        units without customers are not in it.

    Raises
    ------
    InvalidSettingError
        If the segments were formed by another method, or were loaded.
    """
    check_type(result, Result, "result")
    shown = som_view(result)
    if shown is None:
        message = "Only segments of the method som, formed in this session, have a map. Form them with it."
        raise InvalidSettingError(message)
    placed = np.flatnonzero((result.segmentation.labels >= 0).to_numpy())
    X = result.segmentation.preparation.transform(result.model_frame.iloc[placed])
    units = nearest_units(X, shown.found.units)
    columns = shown.found.grid.columns
    return {(int(unit) // columns + 1, int(unit) % columns + 1): placed[units == unit] for unit in np.unique(units)}


def _phyllotaxis(units: IntArray) -> FloatArray:
    """Return how far each customer stands from the middle of its unit, shape (n, 2)."""
    number = pd.Series(units).groupby(units).cumcount().to_numpy()
    radius = _FILLED * np.sqrt((number + 0.5) / np.bincount(units).max(initial=1))
    angle = _GOLDEN_ANGLE * number
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


def _component_planes(preparation: Preparation, units: FloatArray) -> pd.DataFrame:
    shares = {}
    names = preparation.names_
    for column in preparation.categories_:
        for value, name in zip(column.categories, column.names, strict=False):
            indicator = units[:, names.index(name)] / (column.factor * column.weight)
            shares[f"{column.column}: {value}"] = np.clip(indicator, 0.0, 1.0)
    return pd.concat([preparation.in_own_units(units), pd.DataFrame(shares, index=range(len(units)))], axis=1)
