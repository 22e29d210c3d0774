"""Made-up customers of whom it is known whether, and how many, segments they hold.

The tests and the benchmark draw from the same generators with different seeds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]


@dataclass(frozen=True, eq=False)
class Made:
    """Standardised rows and the truth about them.

    Attributes
    ----------
    X
        Shape (n, p), every column with mean 0 and standard deviation 1.
    kind
        Which generator made it.
    k
        The planted number of segments; 1 for none.
    apart
        Smallest distance of two planted centres, in standard deviations within a segment; 0 for none.
    """

    X: Floats
    kind: str
    k: int
    apart: float = 0.0


def structureless(seed: int) -> Made:
    """Return one cloud without segments: 200–1,500 rows, 2–7 columns."""
    random = np.random.default_rng((1, seed))
    kind = tuple(CLOUDS)[seed % len(CLOUDS)]
    n, p = int(random.integers(200, 1501)), int(random.integers(2, 8))
    return Made(standardised(CLOUDS[kind](random, n, p)), kind, 1)


def planted(seed: int) -> Made:
    """Return one mixture: 2–8 segments in 2–8 columns, 300–2,000 rows, centres 3.5–6 sd apart."""
    random = np.random.default_rng((2, seed))
    kind = tuple(LAYOUTS)[seed % len(LAYOUTS)]
    k, p, n = int(random.integers(2, 9)), int(random.integers(2, 9)), int(random.integers(300, 2001))
    apart = float(random.uniform(3.5, 6.0))
    labels = random.choice(k, n, p=_shares(random, k))
    spreads = random.uniform(*((1.0, 1.0), (0.8, 1.2), (0.6, 1.4))[int(random.integers(3))], k)
    spreads /= spreads.mean()
    X = LAYOUTS[kind](random, k, p)[labels] * apart + random.normal(size=(n, p)) * spreads[labels, None]
    if random.random() < 0.3:
        X = np.c_[X, random.normal(size=n) * X.std()]
    return Made(standardised(X), kind, k, apart)


def standardised(X: Floats) -> Floats:
    """Return every column with mean 0 and standard deviation 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def _correlated(random: np.random.Generator, n: int, p: int) -> Floats:
    return random.normal(size=(n, p)) @ random.normal(size=(p, p))


def _one_factor(random: np.random.Generator, n: int, p: int) -> Floats:
    shared = random.uniform(0.3, 0.9)
    return np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, p))


def _skewed(random: np.random.Generator, n: int, p: int) -> Floats:
    return np.exp(random.normal(size=(n, p)) * random.uniform(0.4, 1.0))


def _skewed_together(random: np.random.Generator, n: int, p: int) -> Floats:
    return np.exp(_one_factor(random, n, p) * random.uniform(0.4, 0.8))


def _heavy_together(random: np.random.Generator, n: int, p: int) -> Floats:
    freedom = random.uniform(2.5, 6.0)
    return random.normal(size=(n, p)) / np.sqrt(random.chisquare(freedom, (n, 1)) / freedom)


def _counts(random: np.random.Generator, n: int, p: int) -> Floats:
    return random.poisson(random.uniform(1.0, 20.0, p), (n, p)).astype(float)


def _mixed_integers(random: np.random.Generator, n: int, p: int) -> Floats:
    columns = (
        lambda: random.poisson(random.uniform(0.5, 12.0), n),
        lambda: random.integers(18, 80, n),
        lambda: random.integers(1, int(random.integers(5, 11)), n),
        lambda: random.geometric(random.uniform(0.1, 0.5), n),
        lambda: random.binomial(int(random.integers(5, 30)), random.uniform(0.2, 0.8), n),
        lambda: np.round(random.normal(50, 12, n)),
    )
    chosen = [columns[int(random.integers(len(columns)))]() for _ in range(p)]
    return np.column_stack(chosen).astype(float)


CLOUDS: dict[str, Draw] = {
    "Gaussian": lambda random, n, p: random.normal(size=(n, p)),
    "uniform": lambda random, n, p: random.uniform(size=(n, p)),
    "correlated": _correlated,
    "one factor": _one_factor,
    "skewed": _skewed,
    "skewed together": _skewed_together,
    "exponential": lambda random, n, p: random.exponential(size=(n, p)),
    "heavy tails": lambda random, n, p: random.standard_t(random.uniform(2.5, 6.0), (n, p)),
    "heavy tails together": _heavy_together,
    "counts": _counts,
    "mixed integers": _mixed_integers,
}


def _shares(random: np.random.Generator, k: int) -> Floats:
    shares = random.dirichlet(np.full(k, random.choice([4.0, 10.0, 100.0])))
    # A segment of less than a quarter of its even share is no longer what anybody would plant.
    shares = np.maximum(shares, 0.25 / k)
    return shares / shares.sum()


def _scattered(random: np.random.Generator, k: int, p: int) -> Floats:
    centres = random.normal(size=(k, p))
    return centres / _smallest_distance(centres)


def _boxed(random: np.random.Generator, k: int, p: int) -> Floats:
    """Return centres uniform in a box, none nearer to another than 1; the box grows until they fit."""
    side, tries = 1.0, 0
    while True:
        centres = random.uniform(0, side, (k, p))
        if _smallest_distance(centres) >= 1.0:
            return centres
        tries += 1
        side *= 1.0 + 0.05 * (tries % 20 == 0)


def _grown(random: np.random.Generator, k: int, p: int) -> Floats:
    """Return centres each of which has a nearest neighbour at a distance of exactly 1."""
    centres = np.zeros((1, p))
    while len(centres) < k:
        step = random.normal(size=p)
        candidate = centres[random.integers(len(centres))] + step / np.linalg.norm(step)
        both = np.vstack([centres, candidate])
        if _smallest_distance(both) >= 1.0 - 1e-9:
            centres = both
    return centres


def _smallest_distance(centres: Floats) -> float:
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    return float(distances[np.triu_indices(len(centres), 1)].min())


LAYOUTS: dict[str, Callable[[np.random.Generator, int, int], Floats]] = {
    "scattered": _scattered,
    "boxed": _boxed,
    "grown": _grown,
}
