"""Is choosing k faster than plain scikit-learn, used as public apps use it?"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from benchmarks.customers import mixed_customers
from benchmarks.measuring import MB, Line, fastest, peak_above, timed
from benchmarks.varied import SETS, blobs, drawn
from segmenter.choose.k import select_k
from segmenter.cluster.kmeans import KMeansSweep
from segmenter.measures.separation import measure_silhouettes

KS = range(2, 11)
ROUNDS = 3
LEAST_RATIO, GOAL_RATIO = 15, 40
WORST_WCSS, LARGEST_DIFFERENCE = 1.001, 1e-6
MOST_GROWTH, MOST_MEMORY_MB = 4.5, 300
MANY, SOME = 1_000_000, 20_000
# Rows, columns, and how many times faster than the peer the whole step must be.
STEPS = ((200, 3, 1 / 3), (2_000, 10, 1.0), (10_000, 6, 5.0), (10_000, 17, 5.0), (100_000, 6, 10.0))
ALL_SILHOUETTES = 20_000

Floats = NDArray[np.float64]


def wcss() -> Iterator[Line]:
    X = mixed_customers(MANY, seed=11)
    own, sums = fastest(lambda: _sweep(X), ROUNDS)
    peer, peer_sums = timed(lambda: [KMeans(k, n_init=10, random_state=0).fit(X).inertia_ for k in KS])
    worst = max(ours / theirs for ours, theirs in zip(sums, peer_sums, strict=True))
    yield _ratio_line("wcss", f"WCSS for k = 2…10, {MANY:,} × 6", own, peer)
    passed = worst <= WORST_WCSS
    yield Line("wcss", "largest WCSS relative to the peer's", f"{worst:.5f}", f"≤ {WORST_WCSS}", passed)


def varied() -> Iterator[Line]:
    worst = {}
    for name in SETS:
        X = drawn(name)
        sweep = KMeansSweep(X, seed=0)
        for k in range(2, 13):
            worst[name, k] = sweep.fit(k).wcss / KMeans(k, n_init=10, random_state=0).fit(X).inertia_
    where = max(worst, key=lambda each: worst[each])
    work = f"largest WCSS relative to the peer's, {len(SETS)} data sets, k = 2…12"
    measured = f"{worst[where]:.5f} ({where[0]}, k = {where[1]})"
    yield Line("varied", work, measured, f"≤ {WORST_WCSS}", worst[where] <= WORST_WCSS)


def silhouette() -> Iterator[Line]:
    X = mixed_customers(SOME, seed=12)
    sweep = KMeansSweep(X, seed=0)
    solutions = [sweep.fit(k).labels for k in KS]
    own, widths = fastest(lambda: measure_silhouettes(X, solutions), ROUNDS)
    peer, peer_means = timed(lambda: [silhouette_score(X, labels) for labels in solutions])
    apart = max(abs(width.mean - mean) for width, mean in zip(widths, peer_means, strict=True))
    yield _ratio_line("silhouette", f"exact silhouettes of nine k, {SOME:,} × 6", own, peer)
    passed = apart <= LARGEST_DIFFERENCE
    yield Line("silhouette", "largest difference", f"{apart:.1e}", f"≤ {LARGEST_DIFFERENCE}", passed)


def step() -> Iterator[Line]:
    for n, p, least in STEPS:
        X = blobs(np.random.default_rng((13, n, p)), n, p, k=5, apart=3.5)
        own, _ = fastest(partial(select_k, X, KS), ROUNDS)
        peer, _ = timed(partial(_elbow_and_silhouette, X))
        if n > ALL_SILHOUETTES:
            # The peer's silhouettes of all customers take minutes for each k: those of a fifth, as their square.
            some = X[:ALL_SILHOUETTES]
            labels = KMeans(5, n_init=1, random_state=0).fit_predict(some)
            peer += len(KS) * timed(partial(silhouette_score, some, labels))[0] * (n / len(some)) ** 2
        measured = f"{peer / own:.1f}× ({own:.2f} s against {peer:.2f} s)"
        yield Line("step", f"the whole step, {n:,} × {p}", measured, f"≥ {least:.2g}×", peer >= least * own)


def growth() -> Iterator[Line]:
    small, large = mixed_customers(MANY, seed=14), mixed_customers(4 * MANY, seed=14)
    ratio = fastest(lambda: _sweep(large), 2)[0] / fastest(lambda: _sweep(small), 2)[0]
    work = f"time of {4 * MANY:,} rows relative to {MANY:,}"
    yield Line("growth", work, f"{ratio:.2f}×", f"≤ {MOST_GROWTH}×", ratio <= MOST_GROWTH)
    for X in (small, large):
        table = X.nbytes / MB
        peak = peak_above(partial(_sweep, X))
        most = table + MOST_MEMORY_MB
        measured, needed = f"{peak:.0f} MB", f"≤ {most:.0f} MB (the table and {MOST_MEMORY_MB} MB)"
        yield Line("growth", f"memory above the table, {len(X):,} rows", measured, needed, peak <= most)


def _sweep(X: Floats) -> list[float]:
    sweep = KMeansSweep(X, seed=0)
    return [sweep.fit(k).wcss for k in KS]


def _elbow_and_silhouette(X: Floats) -> None:
    for k in KS:
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(X)
        if len(X) <= ALL_SILHOUETTES:
            silhouette_score(X, labels)


def _ratio_line(name: str, work: str, own: float, peer: float) -> Line:
    measured = f"{peer / own:.1f}× ({own:.2f} s against {peer:.2f} s)"
    needed = f"≥ {LEAST_RATIO}×, {GOAL_RATIO}× is the goal"
    return Line(name, work, measured, needed, peer >= LEAST_RATIO * own)
