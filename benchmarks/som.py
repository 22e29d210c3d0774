"""Is the map truer than MiniSom's, in less time, and are customers placed on it faster?"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from minisom import MiniSom
from numpy.typing import NDArray

from benchmarks.customers import mixed_customers
from benchmarks.measuring import Line, fastest, timed
from segmenter.cluster.assigners import nearest_units
from segmenter.cluster.som import MapSettings, SomMap, fit_som, train_map

SIDE, N_COLUMNS, N_SEGMENTS, STEPS, MANY = 15, 17, 8, 10_000, 1_000_000
# Smoothness: (most quantization error, most topographic error, sigma of the peer).
NEEDED = {0.42: (1.30, 0.20, 1.0), 0.6: (1.41, 0.10, 3.0)}
MOST_TIME, LEAST_RATIO, GOAL_RATIO = 0.5, 20, 50
ROUNDS = 3
CARDS = Path("../shared/data/cc_general.csv")

Floats = NDArray[np.float64]


def som() -> Iterator[Line]:
    """Return what a map of card customers is like, where the file is there, and how fast customers are placed."""
    if CARDS.exists():
        X = _cards()
        for smoothness in NEEDED:
            yield from _against_minisom(X, smoothness)
        yield _repeated(X)
    yield _winners()


def _against_minisom(X: Floats, smoothness: float) -> Iterator[Line]:
    most_quantization, most_topographic, sigma = NEEDED[smoothness]
    settings = MapSettings(SIDE, SIDE, smoothness=smoothness)
    own, found = fastest(lambda: fit_som(X, N_SEGMENTS, seed=0, settings=settings)[2], ROUNDS)
    peer, theirs = fastest(lambda: _minisom(X, sigma), ROUNDS)
    work = f"{SIDE} × {SIDE} map of {len(X):,} × {X.shape[1]} card customers, smoothness {smoothness}"
    errors = theirs.quantization_error(X), theirs.topographic_error(X)
    measured = f"{_errors(found)} (MiniSom, sigma {sigma:g}: {errors[0]:.3f} and {errors[1]:.3f})"
    needed = f"≤ {most_quantization:.2f} and ≤ {most_topographic:.2f}"
    passed = found.quantization_error <= most_quantization and found.topographic_error <= most_topographic
    yield Line("som", f"quantization and topographic error, {work}", measured, needed, passed)
    measured = f"{own / peer:.2f}× ({own:.2f} s against {peer:.2f} s for {STEPS:,} steps)"
    yield Line("som", "its time, merging and measuring included", measured, f"≤ {MOST_TIME}×", own <= MOST_TIME * peer)


def _repeated(X: Floats) -> Line:
    shuffled = np.random.default_rng(0).permutation(len(X))
    (first, _, one), (again, _, two), (other, _, _) = (
        fit_som(rows, N_SEGMENTS, seed=seed) for rows, seed in ((X, 0), (X, 0), (X[shuffled], 1))
    )
    equal_bits = (one.units == two.units).all() and (first == again).all()
    same_segments = (other == first[shuffled]).all()
    measured = f"{'every' if equal_bits else 'not every'} bit, {'the same' if same_segments else 'other'} segments"
    work = "the same map again, and from shuffled rows with another seed"
    return Line("som", work, measured, "every bit, the same segments", bool(equal_bits and same_segments))


def _winners() -> Line:
    tables = [mixed_customers(MANY, seed) for seed in (21, 22, 23)]
    X = np.ascontiguousarray(np.hstack(tables)[:, :N_COLUMNS])
    _, units = train_map(X[:20_000], seed=0, settings=MapSettings(SIDE, SIDE))
    own, best = fastest(lambda: nearest_units(X, units), ROUNDS)
    map_of_peer = MiniSom(SIDE, SIDE, N_COLUMNS)
    map_of_peer._weights = units.reshape(SIDE, SIDE, N_COLUMNS)
    peer, winners = timed(lambda: [map_of_peer.winner(row) for row in X])
    same = bool((np.array(winners) @ [SIDE, 1] == best).all())
    measured = f"{peer / own:.1f}× ({own:.2f} s against {peer:.2f} s), {'all the same' if same else 'NOT the same'}"
    needed = f"≥ {LEAST_RATIO}×, {GOAL_RATIO}× is the goal"
    return Line("som", f"nearest units of {MANY:,} × {N_COLUMNS}", measured, needed, same and peer >= LEAST_RATIO * own)


def _minisom(X: Floats, sigma: float) -> MiniSom:
    peer = MiniSom(SIDE, SIDE, X.shape[1], sigma=sigma, random_seed=0)
    peer.train_random(X, STEPS)
    return peer


def _cards() -> Floats:
    table = pd.read_csv(CARDS).iloc[:, 1:]
    filled = table.fillna(table.median()).to_numpy(dtype=np.float64)
    return (filled - filled.mean(axis=0)) / filled.std(axis=0)


def _errors(found: SomMap) -> str:
    return f"{found.quantization_error:.3f} and {found.topographic_error:.3f}"
