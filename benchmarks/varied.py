"""Data sets of many kinds, to see whether K-Means finds good segments in all of them."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.customers import mixed_customers

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]


def blobs(random: np.random.Generator, n: int, p: int, *, k: int = 7, apart: float = 4.0) -> Floats:
    """Round clouds of equal size."""
    centres = random.normal(0, apart / np.sqrt(2), (k, p))
    return centres[random.integers(0, k, n)] + random.normal(size=(n, p))


def uneven_blobs(random: np.random.Generator, n: int, p: int) -> Floats:
    """Clouds of which the largest holds half of the rows and the smallest less than one in a hundred."""
    shares = 0.5 ** np.arange(1, 9)
    centres, widths = random.normal(0, 4, (8, p)), random.uniform(0.3, 2, 8)
    which = random.choice(8, n, p=shares / shares.sum())
    return centres[which] + widths[which, None] * random.normal(size=(n, p))


def heavy_tails(random: np.random.Generator, n: int, p: int) -> Floats:
    """Amounts of money: some rows stand very far out."""
    return np.exp(random.normal(size=(n, p)) * 1.2)


def wild_tails(random: np.random.Generator, n: int, p: int) -> Floats:
    """Student's t with three degrees of freedom: single rows make up much of the sum of squares."""
    return random.standard_t(3, (n, p))


def counts(random: np.random.Generator, n: int, p: int) -> Floats:
    """Small whole numbers, so that rows repeat and many stand exactly between two centres."""
    return random.poisson(np.exp(random.normal(0.5, 0.7, (n, 1))), (n, p)).astype(np.float64)


def even(random: np.random.Generator, n: int, p: int) -> Floats:
    """No groups at all."""
    return random.random((n, p))


def yes_no(random: np.random.Generator, n: int, p: int) -> Floats:
    """Columns of two values, of different shares."""
    return (random.random((n, p)) < random.uniform(0.1, 0.6, p)).astype(np.float64)


def ratings(random: np.random.Generator, n: int, p: int) -> Floats:
    """Answers from 1 to 5 that follow a common opinion."""
    opinion = random.normal(size=(n, 1))
    return np.clip(np.round(3 + 0.8 * opinion + random.normal(size=(n, p))), 1, 5)


def bands(random: np.random.Generator, n: int, p: int) -> Floats:
    """Long, correlated clouds."""
    long = random.normal(size=(n, 1)) * 5 + random.normal(size=(n, p))
    return long + random.integers(0, 3, (n, 1)) * np.where(np.arange(p) % 2, 4.0, -4.0)


def lattice(random: np.random.Generator, n: int, p: int) -> Floats:
    """Clouds on the corners of a lattice: many equally good ways to divide them."""
    return random.integers(0, 3, (n, p)) * 3.0 + random.normal(size=(n, p)) * 0.5


def customers(random: np.random.Generator, n: int, p: int) -> Floats:  # noqa: ARG001 - one signature for all
    """Columns that customer files have; always six."""
    return mixed_customers(n, seed=int(random.integers(2**31)))


# Kind, rows, columns.
SETS: Final[Mapping[str, tuple[Draw, int, int]]] = {
    "blobs, 200 × 2": (blobs, 200, 2),
    "blobs, 3,000 × 4": (blobs, 3_000, 4),
    "blobs, 200,000 × 8": (blobs, 200_000, 8),
    "uneven blobs, 1,000 × 3": (uneven_blobs, 1_000, 3),
    "uneven blobs, 50,000 × 5": (uneven_blobs, 50_000, 5),
    "heavy tails, 500 × 4": (heavy_tails, 500, 4),
    "heavy tails, 8,000 × 10": (heavy_tails, 8_000, 10),
    "heavy tails, 120,000 × 3": (heavy_tails, 120_000, 3),
    "wild tails, 20,000 × 6": (wild_tails, 20_000, 6),
    "counts, 300 × 2": (counts, 300, 2),
    "counts, 30,000 × 5": (counts, 30_000, 5),
    "even, 2,000 × 2": (even, 2_000, 2),
    "even, 15,000 × 20": (even, 15_000, 20),
    "yes/no, 6,000 × 8": (yes_no, 6_000, 8),
    "ratings, 1,500 × 12": (ratings, 1_500, 12),
    "ratings, 40,000 × 6": (ratings, 40_000, 6),
    "bands, 10,000 × 5": (bands, 10_000, 5),
    "lattice, 5,000 × 3": (lattice, 5_000, 3),
    "customers, 4,500 × 6": (customers, 4_500, 6),
    "customers, 200,000 × 6": (customers, 200_000, 6),
}


def drawn(name: str, seed: int = 0) -> Floats:
    """Return a data set by its name, shape (n, p), its columns standardised."""
    draw, n, p = SETS[name]
    X = draw(np.random.default_rng([seed, list(SETS).index(name)]), n, p)
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))
