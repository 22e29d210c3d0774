"""Is a cut into k segments found again in other halves of the customers, more than one cloud's own shape explains?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from segmenter.measures.agreement import adjusted_rand_index, jaccard_table
from segmenter.measures.border_rows import content_key
from segmenter.measures.starts import batched_k_means
from segmenter.typing import FloatArray, IntArray

MOST_ROWS, PAIRS, CLOUDS, LOOKED_AT = 1_000, 10, 4, 3
_STARTS, _STEPS = 4, 12
# Agreement (adjusted Rand) from which clouds are asked, and from which a cut is found again nearly every time.
AGAIN, NEARLY_ALWAYS = 0.6, 0.8
# A cut through classes disagrees less than half as much with itself as one through a cloud.
LESS_DOUBT = 0.5
_ROUNDS_OF_CORRELATION, _SMALLEST = 3, 1e-6


@dataclass(frozen=True)
class Cut:
    """How well a division into k segments is found again.

    Attributes
    ----------
    agreement
        Mean adjusted Rand index of the divisions that two halves of the rows lead to, of all rows.
    segments
        Per segment, largest first, the mean Jaccard index with what the halves make of it.
    cloud
        The highest agreement of rows that keep every column and all correlations but have no classes; None
        where it was not measured.
    """

    k: int
    agreement: float
    segments: tuple[float, ...]
    cloud: float | None = None

    @property
    def beyond_one_cloud(self) -> bool:
        """Whether it is found again, and plainly more so than a cut through one cloud."""
        return (
            self.cloud is not None
            and self.agreement >= NEARLY_ALWAYS
            and 1 - self.agreement < LESS_DOUBT * (1 - self.cloud)
        )


def found_again(X: FloatArray, ks: Sequence[int], *, seed: int = 0) -> tuple[Cut, ...]:
    """Measure for each number of segments how well K-Means' division is found again, in ascending order.

    Parameters
    ----------
    X
        Shape (n, p), prepared rows; at most MOST_ROWS of them are looked at.
    """
    random = np.random.default_rng(seed)
    rows = X[np.argsort(content_key(X), kind="stable")]
    rows = rows[random.permutation(len(rows))[:MOST_ROWS]]
    distinct = len(np.unique(rows, axis=0))
    cuts = {k: _cut(rows, k, random) for k in sorted(ks) if k <= distinct and 4 * k <= len(rows)}
    promising = sorted((k for k in cuts if cuts[k].agreement >= AGAIN), key=lambda k: (-cuts[k].agreement, k))
    clouds = [_cloud_like(rows, random) for _ in range(CLOUDS)] if promising else []
    for k in promising[:LOOKED_AT]:
        cloud = max(_cut(each, k, random).agreement for each in clouds)
        cuts[k] = Cut(k, cuts[k].agreement, cuts[k].segments, cloud)
    return tuple(cuts.values())


def _cut(X: FloatArray, k: int, random: np.random.Generator) -> Cut:
    labels = _nearest(X, _centres(X, k, random))
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    labels = np.argsort(order)[labels]
    agreements: list[float] = []
    overlaps: list[FloatArray] = []
    for _ in range(PAIRS):
        shuffled = random.permutation(len(X))
        halves = (shuffled[: len(X) // 2], shuffled[len(X) // 2 :])
        first, second = (_nearest(X, _centres(X[half], k, random)) for half in halves)
        agreements.append(adjusted_rand_index(first, second))
        overlaps.extend(jaccard_table(labels, found).max(axis=1) for found in (first, second))
    return Cut(k, float(np.mean(agreements)), tuple(float(each) for each in np.mean(overlaps, axis=0)))


def _centres(X: FloatArray, k: int, random: np.random.Generator) -> FloatArray:
    labels, centres = batched_k_means(X, k, starts=_STARTS, steps=_STEPS, random=random)
    each = np.arange(_STARTS)[:, None]
    wcss = ((X - centres[each, labels]) ** 2).sum(axis=(1, 2))
    return centres[int(np.argmin(wcss))]


def _nearest(X: FloatArray, centres: FloatArray) -> IntArray:
    return ((centres**2).sum(axis=1) - 2 * X @ centres.T).argmin(axis=1)


def _cloud_like(X: FloatArray, random: np.random.Generator) -> FloatArray:
    """Draw rows whose columns take the same values as often and correlate alike, without classes (normal copula)."""
    ordered = np.sort(X, axis=0)
    varied = np.ptp(X, axis=0) > 0
    wanted = np.eye(X.shape[1])
    scores = ndtri((rankdata(X[:, varied], axis=0) - 0.5) / len(X))
    wanted[np.ix_(varied, varied)] = np.atleast_2d(np.corrcoef(scores.T))
    latent = wanted.copy()
    drawn = X
    noise = random.normal(size=X.shape)
    for _ in range(_ROUNDS_OF_CORRELATION):
        values, axes = np.linalg.eigh(latent)
        normal = noise @ (axes * np.sqrt(np.maximum(values, _SMALLEST))).T
        normal /= np.maximum(normal.std(axis=0), _SMALLEST)
        places = np.minimum((ndtr(normal) * len(X)).astype(np.intp), len(X) - 1)
        drawn = np.take_along_axis(ordered, places, axis=0)
        found = np.eye(X.shape[1])
        scores = ndtri((rankdata(drawn[:, varied], axis=0) - 0.5) / len(X))
        # A rare flag may be drawn by no row, and then follows no other column.
        with np.errstate(invalid="ignore", divide="ignore"):
            found[np.ix_(varied, varied)] = np.nan_to_num(np.atleast_2d(np.corrcoef(scores.T)))
        latent = np.clip(latent + wanted - found, -0.99, 0.99)
        np.fill_diagonal(latent, 1.0)
    return drawn
