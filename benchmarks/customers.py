"""Many made-up customers with the columns that files have: skewed, counted, yes/no, even."""

import numpy as np
from numpy.typing import NDArray

N_TYPES = 5


def mixed_customers(n: int, seed: int) -> NDArray[np.float64]:
    """Return standardised rows of six columns: spend, visits, age, member, tenure, rating."""
    random = np.random.default_rng(seed)
    lean = random.normal(0, 1.5, (N_TYPES, 4))[random.integers(0, N_TYPES, n)]
    spend = np.exp(0.4 * lean[:, 0] + random.normal(0, 0.6, n))
    visits = random.poisson(np.exp(0.5 + 0.4 * lean[:, 1]))
    age = random.normal(40 + 10 * lean[:, 2], 12, n)
    member = random.random(n) < 1 / (1 + np.exp(-lean[:, 3]))
    tenure = np.exp(random.normal(0, 1, n))
    rating = random.integers(1, 11, n)
    X = np.column_stack([spend, visits, age, member, tenure, rating])
    return (X - X.mean(axis=0)) / X.std(axis=0)
