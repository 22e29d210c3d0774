"""Where does each customer stand on a map on which alike customers stand near each other? Add a map to `MAPS`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from segmenter import config
from segmenter.algorithms.content import content_order, evenly_spaced
from segmenter.core.result import Result
from segmenter.errors import MapNotInstalledError, TooFewForMapError
from segmenter.progress import Progress, called_from_within, silent
from segmenter.threads import one_thread

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# Fewer customers have no neighbours to keep.
FEWEST_CUSTOMERS: Final = 10
# So many of each segment are drawn at least, where it has them.
FEWEST_OF_A_SEGMENT: Final = 20
# The published default of t-SNE (van der Maaten & Hinton 2008) and of UMAP (McInnes et al. 2018).
PERPLEXITY, NEIGHBOURS = 30.0, 15
# t-SNE starts from a PCA of this spread (Kobak & Berens 2019), which keeps what lies far apart far apart.
START_SPREAD: Final = 1e-4

Place = Callable[[Floats, int, int], tuple[Floats, tuple[float, ...]]]
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
    """

    kind: str
    coordinates: Floats
    segments: Labels
    rows: Labels
    shares: tuple[float, ...]
    n_all: int


def map_customers(
    result: Result,
    kind: str = "pca",
    n_dimensions: int = 2,
    *,
    seed: int = config.DEFAULT_SEED,
    progress: Progress = silent,
) -> CustomerMap:
    """Place a result's customers, or a fair sample of each segment, on a map.

    Raises
    ------
    MapNotInstalledError, TooFewForMapError
        If the map cannot be drawn here, or of so few customers.
    """
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
    return CustomerMap(kind, coordinates, labels[known][drawn], known[drawn], shares, len(known))


def sampled(X: Floats, labels: Labels, most: int) -> Labels:
    """Return the rows to draw, by their values alone: about `most`, each segment in proportion but never too few."""
    order = content_order(X)
    if len(X) <= most:
        return order
    drawn = []
    for number in np.unique(labels):
        members = order[labels[order] == number]
        wanted = max(FEWEST_OF_A_SEGMENT, round(most * len(members) / len(X)))
        drawn.append(members[evenly_spaced(len(members), wanted)])
    return np.concatenate(drawn)


def _pca(X: Floats, n_dimensions: int, seed: int) -> tuple[Floats, tuple[float, ...]]:  # noqa: ARG001 - one signature
    """Return principal components; zeros where there are fewer than asked for."""
    n = min(n_dimensions, *X.shape)
    found = PCA(n, svd_solver="full").fit(X)
    coordinates = np.zeros((len(X), n_dimensions))
    coordinates[:, :n] = found.transform(X)
    shares = np.zeros(n_dimensions)
    shares[:n] = found.explained_variance_ratio_
    return coordinates, tuple(shares.tolist())


def _t_sne(X: Floats, n_dimensions: int, seed: int) -> tuple[Floats, tuple[float, ...]]:
    start = _pca(X, n_dimensions, seed)[0]
    start *= START_SPREAD / (start[:, 0].std() or 1.0)
    model = TSNE(
        n_dimensions, perplexity=min(PERPLEXITY, (len(X) - 1) / 3), init=start, random_state=seed, learning_rate="auto"
    )
    return model.fit_transform(X).astype(np.float64), ()


def _umap(X: Floats, n_dimensions: int, seed: int) -> tuple[Floats, tuple[float, ...]]:
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
