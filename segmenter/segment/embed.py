"""Maps of all customers in two or three dimensions: PCA, t-SNE and UMAP (add a map to `MAPS`); units of a SOM."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from segmenter import config
from segmenter.cluster.assigners import LatentCentres, NearestPrototype, nearest_units
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.cluster.som import SomMap
from segmenter.display import html_view
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, MapNotInstalledError, TooFewForMapError, UnknownWordError
from segmenter.prepare.preparation import Preparation
from segmenter.progress import Progress, called_from_within, silent
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.segment.profile import number_columns
from segmenter.segment.result import Result
from segmenter.threads import one_thread
from segmenter.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Points:
    """Customers to draw, and their segments' centres.

    Attributes
    ----------
    customers
        Coordinates by column, one row per customer drawn.
    segments
        Segment of each customer drawn.
    centres
        Coordinates of each segment's centre, one row per segment; NaN where it has none.
    n_all
        How many customers there are; more than were drawn when sampled.
    """

    customers: pd.DataFrame
    segments: pd.Series
    centres: pd.DataFrame
    n_all: int


def customers_by_columns(result: Result, columns: tuple[str, ...]) -> Points:
    """Return the customers on columns of the file, in the file's own units."""
    frame = result.dataset.frame[list(columns)].astype(float)
    labels = result.segmentation.labels
    known = (labels >= 0) & frame.notna().all(axis=1)
    rows = drawn_rows(labels[known])  # positions and index are the same in a dataset
    placed = labels >= 0
    sums, counted = weighted_sums(frame[placed], result.weights[placed], labels[placed])
    centres = (sums / counted.where(counted > 0)).reindex(range(result.segmentation.n_segments))
    fitted = _model_centres(result)
    for column in columns:
        if column in fitted:
            centres[column] = fitted[column].to_numpy()
    return Points(frame.iloc[rows], labels.iloc[rows], centres, int((labels >= 0).sum()))


def rank_columns_by_eta_squared(result: Result) -> tuple[str, ...]:
    """Return the number columns, those in which the segments differ most first.

    Measured by the correlation ratio: the share of a column's variance that lies between segments.
    """
    labels = result.segmentation.labels
    placed = labels >= 0
    names = number_columns(result.dataset, result.segmentation)
    values = result.dataset.frame.loc[placed, list(names)].astype(float)
    weights = result.weights[placed]
    centred = values - values.mul(weights, axis=0).sum() / values.notna().mul(weights, axis=0).sum()
    total = centred.pow(2).mul(weights, axis=0).sum()
    sums, counted = weighted_sums(centred, weights, labels[placed])
    between = ((sums**2 / counted.where(counted > 0)).sum() / total.where(total > 0)).fillna(0.0)
    return tuple(sorted(names, key=lambda name: -float(between[name])))


def best_pair(result: Result) -> tuple[str, ...]:
    """Return the two number columns in which the segments differ most, fewer where there are no two.

    A column of two values is passed over where others are left: customers would stand on two lines.
    """
    ranked = rank_columns_by_eta_squared(result)
    several = tuple(name for name in ranked if result.dataset.frame[name].nunique() > 2)
    return (several if len(several) > 1 else ranked)[:2]


def weighted_sums(values: pd.DataFrame, weights: FloatArray, labels: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each segment's sum of every column by weight, and the weight of those who have a value; a row a segment.

    Parameters
    ----------
    values
        Customers in segments, one row each.
    weights
        What each of them counts, shape (n,).
    labels
        Their segments.
    """
    # A grouped frame takes ten times as long over many rows and few segments.
    segments, members = np.unique(labels.to_numpy(), return_inverse=True)
    sums, counted = {}, {}
    for name in values:
        column = values[name].to_numpy(dtype=np.float64)
        is_known = np.isfinite(column)
        sums[name] = np.bincount(members, np.where(is_known, column, 0.0) * weights, len(segments))
        counted[name] = np.bincount(members, is_known * weights, len(segments))
    return pd.DataFrame(sums, index=segments), pd.DataFrame(counted, index=segments)


def _model_centres(result: Result) -> pd.DataFrame:
    centres = result.segmentation.preparation.in_own_units(result.segmentation.clusterer.centres_)
    matched = result.assignment.matched if result.assignment else {}
    return centres.rename(columns=dict(matched))


def drawn_rows(labels: pd.Series) -> NDArray[np.int64]:
    """Return the rows to draw: all, or a sample in proportion to the segments, at least 20 of each."""
    if len(labels) <= config.MAX_POINTS_SHOWN:
        return labels.index.to_numpy(dtype=np.int64)
    share = config.MAX_POINTS_SHOWN / len(labels)
    parts = [
        group.sample(min(len(group), max(20, int(len(group) * share))), random_state=config.DEFAULT_SEED)
        for _, group in labels.groupby(labels)
    ]
    return np.sort(np.concatenate([part.index.to_numpy(dtype=np.int64) for part in parts]))


# Fewer customers have no neighbours to keep.
FEWEST_CUSTOMERS: Final = 10
# So many of each segment are drawn at least, where it has them.
FEWEST_OF_A_SEGMENT: Final = 20
# The published default of t-SNE (van der Maaten & Hinton 2008) and of UMAP (McInnes et al. 2018).
PERPLEXITY, NEIGHBOURS = 30.0, 15
# t-SNE starts from a PCA of this spread (Kobak & Berens 2019), which keeps what lies far apart far apart.
START_SPREAD: Final = 1e-4

Place = Callable[[FloatArray, int, int], tuple[FloatArray, tuple[float, ...]]]
"""(rows, number of dimensions, seed) to coordinates and, where it has a meaning, each axis' share of the variance."""


@dataclass(frozen=True)
class MapKind:
    """One way to draw a map.

    Attributes
    ----------
    most_customers
        More are sampled: beyond, a browser or the method itself is too slow.
    quick
        Whether it is drawn within a blink.
    explanation
        How it is to be read.
    module
        What must be installed for it; empty for nothing more.
    """

    key: str
    title: str
    place: Place
    most_customers: int
    quick: bool
    explanation: str
    module: str = ""

    @property
    def needs(self) -> str:
        """How to install what is missing, as a sentence; empty where nothing is."""
        return "" if not self.module or find_spec(self.module) else str(MapNotInstalledError(self.title))


@dataclass(frozen=True, eq=False)
class CustomerMap:
    """Customers on a map.

    Attributes
    ----------
    coordinates
        Shape (n_drawn, n_dimensions).
    segments
        Shape (n_drawn,): the segment of each, -1 for "fits no segment".
    rows
        Shape (n_drawn,): the position of each in the dataset.
    shares
        The share of the variance that each axis shows, 0-1; empty where axes have no meaning.
    n_all
        How many customers could be drawn.
    loadings
        Per prepared column, how far it goes along each axis (correlations); empty where axes have no meaning.
    """

    kind: str
    coordinates: FloatArray
    segments: IntArray
    rows: IntArray
    shares: tuple[float, ...]
    n_all: int
    loadings: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say which map it is and how many customers are drawn."""
        n_drawn, n_dimensions = self.coordinates.shape
        drawn = f"{n_drawn:,} of {self.n_all:,} customers"
        return f"<CustomerMap: {MAPS[self.kind].title}, {drawn}, {n_dimensions} dimensions>"

    def _repr_html_(self) -> str:
        """Return the map's axes as a table for a notebook: no customer is in it."""
        axes = [f"Axis {at + 1}" for at in range(self.coordinates.shape[1])]
        rows = [("Share of the variance", *self.shares)] if self.shares else []
        return html_view(repr(self), ("Column", *axes), [*rows, *((name, *way) for name, way in self.loadings.items())])


def map_customers(
    result: Result,
    kind: str = "pca",
    n_dimensions: int = 2,
    *,
    seed: int = config.DEFAULT_SEED,
    progress: Progress = silent,
) -> CustomerMap:
    """Place a result's customers, or a fair sample of each segment, on a map.

    Parameters
    ----------
    result
        Segments and their customers.
    kind
        "pca" for principal components, "t-sne" or "umap" (`pip install "segmenter[maps]"`).
    n_dimensions
        2 or 3.
    seed
        Where t-SNE and UMAP begin their search; the same seed gives the same map.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    ArgumentTypeError, UnknownWordError, InvalidSettingError
        If there is no such map.
    MapNotInstalledError, TooFewForMapError
        If the map cannot be drawn here, or of so few customers.

    Examples
    --------
    >>> from segmenter import Recipe, Result, fit_segmentation, map_customers, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> map_customers(Result(dataset, segmentation)).coordinates.shape
    (300, 2)
    """
    check_type(result, Result, "result")
    if kind not in MAPS:
        raise UnknownWordError("kind", str(kind), tuple(MAPS))
    if n_dimensions not in (2, 3):
        message = f"A map has 2 or 3 dimensions, not {n_dimensions}."
        raise InvalidSettingError(message)
    made = MAPS[kind]
    if made.needs:
        raise MapNotInstalledError(made.title)
    labels = result.segmentation.labels.to_numpy(dtype=np.intp)
    known = np.flatnonzero((labels >= 0) | result.fits_none)
    if len(known) < FEWEST_CUSTOMERS:
        raise TooFewForMapError(made.title, len(known), FEWEST_CUSTOMERS)
    X = result.segmentation.preparation.transform(result.model_frame.iloc[known])
    drawn = sampled(X, labels[known], made.most_customers)
    doing = f"{made.title} map of {len(drawn):,} customers; this takes a moment and shows no steps"
    progress(0.0, doing)
    with one_thread(), called_from_within(progress, 0.0, doing):
        coordinates, shares = made.place(X[drawn], n_dimensions, seed)
    names = result.segmentation.preparation.names_
    loadings = _loadings(X[drawn], coordinates, names) if shares else {}
    return CustomerMap(kind, coordinates, labels[known][drawn], known[drawn], shares, len(known), loadings)


def _loadings(X: FloatArray, coordinates: FloatArray, names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return the correlation of each prepared column with each axis; 0 where either does not vary."""
    standard = [
        (each - each.mean(axis=0)) / np.where(each.std(axis=0) > 0, each.std(axis=0), 1) for each in (X, coordinates)
    ]
    table = standard[0].T @ standard[1] / len(X)
    return {name: tuple(map(float, way)) for name, way in zip(names, table, strict=True)}


def sampled(X: FloatArray, labels: IntArray, most: int) -> IntArray:
    """Return the rows to draw, by their values alone: about `most`, each segment in proportion but never too few."""
    order = canonical_order(X)
    if len(X) <= most:
        return order
    drawn = []
    for number in np.unique(labels):
        members = order[labels[order] == number]
        wanted = max(FEWEST_OF_A_SEGMENT, round(most * len(members) / len(X)))
        drawn.append(members[systematic_sample(len(members), wanted)])
    return np.concatenate(drawn)


def _pca(X: FloatArray, n_dimensions: int, seed: int) -> tuple[FloatArray, tuple[float, ...]]:  # noqa: ARG001 - one signature
    """Return principal components; zeros where there are fewer than asked for."""
    n = min(n_dimensions, *X.shape)
    found = PCA(n, svd_solver="full").fit(X)
    coordinates = np.zeros((len(X), n_dimensions))
    coordinates[:, :n] = found.transform(X)
    shares = np.zeros(n_dimensions)
    shares[:n] = found.explained_variance_ratio_
    return coordinates, tuple(shares.tolist())


def _t_sne(X: FloatArray, n_dimensions: int, seed: int) -> tuple[FloatArray, tuple[float, ...]]:
    start = _pca(X, n_dimensions, seed)[0]
    start *= START_SPREAD / (start[:, 0].std() or 1.0)
    model = TSNE(
        n_dimensions, perplexity=min(PERPLEXITY, (len(X) - 1) / 3), init=start, random_state=seed, learning_rate="auto"
    )
    return model.fit_transform(X).astype(np.float64), ()


def _umap(X: FloatArray, n_dimensions: int, seed: int) -> tuple[FloatArray, tuple[float, ...]]:
    model = import_module("umap").UMAP(
        n_components=n_dimensions, n_neighbors=min(NEIGHBOURS, len(X) - 1), random_state=seed, n_jobs=1
    )
    return np.asarray(model.fit_transform(X), dtype=np.float64), ()


_NEAR_ONLY = (
    "Neighbours on it are alike; how far apart two groups stand, and how large they look, means nothing. Take no "
    "segment for real because it stands alone here."
)

MAPS: Final[dict[str, MapKind]] = {
    each.key: each
    for each in (
        MapKind(
            "pca",
            "PCA",
            _pca,
            config.MAX_POINTS_SHOWN,
            quick=True,
            explanation=(
                "The directions in which your customers differ most. Distances are true as far as these show them: "
                "segments that overlap here may be apart in other directions."
            ),
        ),
        MapKind("t-sne", "t-SNE", _t_sne, config.MAP_ROWS, quick=False, explanation=_NEAR_ONLY),
        MapKind("umap", "UMAP", _umap, config.MAP_ROWS, quick=False, explanation=_NEAR_ONLY, module="umap"),
    )
}


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


# An elbow is a shape: so many customers show it.
_ELBOW_ROWS: Final = 3_000
_ELBOW_MOST: Final = 10


def encoded_elbow(result: Result) -> pd.DataFrame:
    """Return the within-cluster sum of squares of K-Means for 1 to 10 segments, in an encoding and in the columns.

    Parameters
    ----------
    result
        Segments that were formed in an autoencoder's middle, or of components.

    Returns
    -------
    pandas.DataFrame
        A row for each number of segments `k`; `encoding` and `columns` are shares of that of one segment, 0-1, of the
        same customers: at most 3,000 of those in segments. A network is trained to make its encoding compact, so that
        a lower curve there says nothing about the customers.

    Raises
    ------
    InvalidSettingError
        If the segments were formed by another method.
    """
    check_type(result, Result, "result")
    rule = result.segmentation.clusterer.placement_
    if not isinstance(rule, LatentCentres):
        message = "Only segments of the method autoencoder, or K-Means of components, have an encoding."
        raise InvalidSettingError(message)
    X = result.segmentation.preparation.transform(result.model_frame[result.segmentation.labels >= 0])
    X = X[canonical_order(X)]
    X = X[systematic_sample(len(X), _ELBOW_ROWS)]
    ks = range(1, min(_ELBOW_MOST, len(X)) + 1)
    table: dict[str, list[float]] = {"k": list(ks)}
    for name, seen in (("encoding", rule.encode(X)), ("columns", X)):
        middle = seen - seen.mean(axis=0)
        wcss = [quick_kmeans(middle, k, result.segmentation.recipe.seed).wcss for k in ks]
        # More segments are never worse: a poor start gives way to the number before.
        table[name] = [float(each) / (wcss[0] or 1.0) for each in np.minimum.accumulate(wcss)]
    return pd.DataFrame(table)


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
