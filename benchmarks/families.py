"""Made-up customers of many kinds, wider than bell-shaped clouds, of whom the number of groups is known.

Every family has a name; those in `HELD_OUT` were written for judging and never looked at while the rules were made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
Random = np.random.Generator
Draw = Callable[[Random, int, int], "Floats | Drawn"]
NUMBER = -1


@dataclass(frozen=True, eq=False)
class Drawn:
    """Columns as they are, and which of them are categories.

    Attributes
    ----------
    columns
        Shape (n, p); a category is its code.
    nominal
        Which columns hold categories.
    labels
        The planted group of each row, where there are groups.
    """

    columns: Floats
    nominal: Sequence[int] = ()
    labels: NDArray[np.intp] | None = None


@dataclass(frozen=True, eq=False)
class Customers:
    """Prepared rows and the truth about them.

    Attributes
    ----------
    X
        Shape (n, columns), numbers standardised, categories as balanced indicators.
    categories
        Shape (columns,), the number of the category that a column is an indicator of; -1 for numbers.
    k
        The planted number of groups, 1 for none.
    """

    family: str
    X: Floats
    categories: NDArray[np.intp]
    k: int


def prepared(family: str, drawn: "Floats | Drawn", k: int) -> Customers:
    """Scale the columns as the product does by default."""
    drawn = drawn if isinstance(drawn, Drawn) else Drawn(drawn)
    parts, categories = [], []
    for place, column in enumerate(drawn.columns.T):
        if place not in drawn.nominal:
            spread = column.std()
            if spread > 0:
                parts.append(((column - column.mean()) / spread)[:, None])
                categories.append(NUMBER)
            continue
        codes = np.unique(column, return_inverse=True)[1]
        shares = np.bincount(codes) / len(codes)
        parts.append(np.eye(len(shares))[codes] / np.sqrt(max(1 - (shares**2).sum(), 1e-9)))
        categories.extend([place] * len(shares))
    return Customers(family, np.ascontiguousarray(np.column_stack(parts)), np.array(categories), k)


# -- without groups -----------------------------------------------------------------------------------------------


def _factor(random: Random, n: int, p: int, low: float = 0.3, high: float = 0.8) -> Floats:
    shared = random.uniform(low, high)
    return np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, p))


def _uniforms(random: Random, n: int, p: int) -> Floats:
    return norm.cdf(_factor(random, n, p, 0.0, 0.6))


def _few(p: int, most: int) -> int:
    return max(2, min(p, most))


def _mixed_integers(random: Random, n: int, p: int) -> Floats:
    columns = (
        lambda: random.poisson(random.uniform(0.5, 12.0), n),
        lambda: random.integers(18, 80, n),
        lambda: random.integers(1, int(random.integers(5, 11)), n),
        lambda: random.geometric(random.uniform(0.1, 0.5), n),
        lambda: random.binomial(int(random.integers(5, 30)), random.uniform(0.2, 0.8), n),
        lambda: np.round(random.normal(50, 12, n)),
    )
    return np.column_stack([columns[int(random.integers(len(columns)))]() for _ in range(p)]).astype(float)


def _hurdle(random: Random, n: int, p: int, shared: float) -> Floats:
    latent = np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, p))
    none = norm.ppf(random.uniform(0.1, 0.7, p))
    amount = np.exp(
        2 + 0.8 * (np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, p)))
    )
    return np.where(latent > none, amount, 0.0)


def _censored(random: Random, n: int, p: int) -> Floats:
    return np.maximum(_factor(random, n, p) + random.uniform(-0.7, 0.7, p), 0.0)


def _heaped(random: Random, n: int, p: int) -> Floats:
    values = np.exp(3 + 0.5 * _factor(random, n, p, 0.0, 0.5))
    return np.round(values / 5) * 5


def _topcoded(random: Random, n: int, p: int) -> Floats:
    values = np.exp(_factor(random, n, p) * 0.6)
    return np.minimum(values, np.quantile(values, random.uniform(0.7, 0.9), axis=0))


def _likert(latent: Floats, levels: int) -> Floats:
    edges = np.linspace(-1.6, 1.6, levels - 1)
    return np.searchsorted(edges, latent).astype(float) + 1


def _extreme(random: Random, n: int, p: int) -> Floats:
    """Return answers of people some of whom spread over the whole scale and some of whom stay in its middle."""
    style = np.exp(random.normal(0, 0.6, (n, 1)))
    return _likert(_factor(random, n, p, 0.1, 0.4) * style, 7)


def _acquiescent(random: Random, n: int, p: int) -> Floats:
    return _likert(_factor(random, n, p, 0.1, 0.3) + 0.8 * random.normal(size=(n, 1)) + 0.5, 5)


def _flags(random: Random, n: int, p: int, shared: float) -> Floats:
    latent = np.sqrt(shared) * random.normal(size=(n, 1)) + np.sqrt(1 - shared) * random.normal(size=(n, p))
    return (latent > norm.ppf(random.uniform(0.15, 0.85, p))).astype(float)


def _curve(random: Random, n: int, bend: Callable[[Floats], Floats], noise: float, p: int) -> Floats:
    along = random.uniform(0, 1, n)
    curve = np.column_stack([along, bend(along)])
    curve = curve / curve.std(axis=0) + noise * random.normal(size=(n, 2))
    more = random.normal(size=(n, max(0, min(p, 4) - 2)))
    return np.column_stack([curve, more])


def _ring(random: Random, n: int, p: int) -> Floats:
    angle = random.uniform(0, 2 * np.pi, n)
    radius = 1 + random.uniform(0.05, 0.2) * random.normal(size=n)
    return np.column_stack(
        [radius * np.cos(angle), radius * np.sin(angle), *random.normal(size=(max(0, min(p, 3) - 2), n))]
    )


def _fan(random: Random, n: int, p: int) -> Floats:
    along = random.uniform(0, 1, n)
    return np.column_stack([along, *[along * random.normal(size=n) for _ in range(_few(p, 3) - 1)]])


def _triangle(random: Random, n: int, p: int) -> Floats:
    return np.sort(random.uniform(size=(n, _few(p, 3))), axis=1)


def _copied(random: Random, n: int, p: int) -> Floats:
    X = _factor(random, n, p)
    return np.column_stack([X, X[:, : 1 + p // 3]])


def _blocks(random: Random, n: int, p: int) -> Floats:
    return np.column_stack([_factor(random, n, size, 0.5, 0.9) for size in (max(1, p // 2), max(1, p - p // 2))])


def _with_outliers(random: Random, X: Floats, share: float = 0.01) -> Floats:
    n = len(X)
    far = random.choice(n, max(1, round(share * n)), replace=False)
    X = X.copy()
    X[far] += random.normal(size=(len(far), X.shape[1])) * X.std(axis=0) * random.uniform(5, 15)
    return X


def _repeated(random: Random, X: Floats, share: float) -> Floats:
    n = len(X)
    return np.vstack([X[: n - round(share * n)], X[random.integers(0, n - round(share * n), round(share * n))]])


def _nominal(random: Random, n: int, p: int) -> Floats:
    return np.column_stack(
        [random.choice(m, n, p=random.dirichlet(np.full(m, 3.0))) for m in random.integers(2, 6, p)]
    ).astype(float)


def _ordered_codes(random: Random, n: int, p: int) -> Floats:
    latent = _factor(random, n, p, 0.1, 0.4)
    return np.column_stack(
        [np.searchsorted(np.sort(random.normal(size=int(random.integers(2, 5)))), column) for column in latent.T]
    ).astype(float)


def _mixed_columns(random: Random, n: int, p: int) -> Drawn:
    count = _few(p, 4)
    numbers = _factor(random, n, count)
    return Drawn(np.column_stack([numbers, _nominal(random, n, 2)]), (count, count + 1))


def _shares(random: Random, n: int, p: int) -> Floats:
    return random.dirichlet(np.full(_few(p, 6) + 1, random.uniform(0.4, 2.0)), n)


def _logistic_shares(random: Random, n: int, p: int) -> Floats:
    odds = np.exp(_factor(random, n, _few(p, 6) + 1, 0.0, 0.3) * random.uniform(0.5, 1.5))
    return odds / odds.sum(axis=1, keepdims=True)


def _tenure(random: Random, n: int, p: int) -> Floats:
    months = random.uniform(0, 60, n)
    spent = months * random.gamma(2.0, 10.0, n)
    return np.column_stack([months, spent, *random.poisson(months / 4, (max(0, min(p, 5) - 2), n))]).astype(float)


def _loglogs(random: Random, n: int, p: int) -> Floats:
    return np.log1p(_hurdle(random, n, min(p, 8), random.uniform(0, 0.6)))


STRUCTURELESS: dict[str, Draw] = {
    "Gaussian": lambda r, n, p: r.normal(size=(n, p)),
    "uniform": lambda r, n, p: r.uniform(size=(n, p)),
    "one factor": _factor,
    "skewed": lambda r, n, p: np.exp(r.normal(size=(n, p)) * r.uniform(0.4, 1.0)),
    "skewed together": lambda r, n, p: np.exp(_factor(r, n, p) * r.uniform(0.4, 0.8)),
    "heavy tails": lambda r, n, p: r.standard_t(r.uniform(2.5, 6.0), (n, p)),
    "mixed integers": _mixed_integers,
    "zero-inflated": lambda r, n, p: _hurdle(r, n, min(p, 8), 0.0),
    "zero-inflated together": lambda r, n, p: _hurdle(r, n, min(p, 8), 0.6),
    "logs of zero-inflated": _loglogs,
    "censored": _censored,
    "percentages": lambda r, n, p: r.beta(0.4, 0.5, (n, min(p, 8))),
    "twelfths": lambda r, n, p: r.binomial(12, r.beta(0.5, 0.5, (n, min(p, 6)))) / 12,
    "shares": _shares,
    "top-coded": _topcoded,
    "Likert": lambda r, n, p: _likert(_factor(r, n, p, 0.2, 0.6), 7),
    "Likert, extreme": _extreme,
    "flags": lambda r, n, p: _flags(r, n, min(p, 15), 0.0),
    "flags together": lambda r, n, p: _flags(r, n, min(p, 15), 0.5),
    "saturating": lambda r, n, p: _curve(r, n, lambda x: 1 - np.exp(-4 * x), r.uniform(0.05, 0.3), p),
    "ring": _ring,
    "moon": lambda r, n, p: _curve(r, n, lambda x: np.sqrt(np.maximum(0.0, x * (1 - x))), r.uniform(0.05, 0.2), p),
    "fan": _fan,
    "triangle": _triangle,
    "copied columns": _copied,
    "blocks": _blocks,
    "outliers": lambda r, n, p: _with_outliers(r, _factor(r, n, p)),
    "repeated rows": lambda r, n, p: _repeated(r, _factor(r, n, p), 0.4),
    "categories": lambda r, n, p: Drawn(_nominal(r, n, min(p, 6)), range(min(p, 6))),
    "mixed": _mixed_columns,
}

STRUCTURELESS_HELD_OUT: dict[str, Draw] = {
    "gamma together": lambda r, n, p: (-np.log(1 - _uniforms(r, n, p) * 0.9999)) ** r.uniform(0.8, 2.0),
    "Laplace": lambda r, n, p: r.laplace(size=(n, p)),
    "heavy tails together": lambda r, n, p: r.normal(size=(n, p)) / np.sqrt(r.chisquare(4, (n, 1)) / 4),
    "zero-inflated counts": lambda r, n, p: (r.poisson(r.uniform(2, 8, p), (n, p)) * (r.random((n, p)) > 0.4)).astype(
        np.float64
    ),
    "sums of purchases": lambda r, n, p: np.log1p(
        r.poisson(np.exp(_factor(r, n, min(p, 6)))) * np.exp(r.normal(3, 0.5, (n, min(p, 6))))
    ),
    "percentages to both ends": lambda r, n, p: np.clip(
        np.round(100 * (0.5 + r.uniform(0.3, 0.6) * _factor(r, n, min(p, 8)))), 0, 100
    ),
    "quarters": lambda r, n, p: r.binomial(4, r.beta(0.7, 0.9, (n, min(p, 6)))) / 4,
    "logistic shares": _logistic_shares,
    "heaped": _heaped,
    "Likert, agreeing": _acquiescent,
    "recommend 0 to 10": lambda r, n, p: np.clip(np.round(7.5 + 2.2 * _factor(r, n, min(p, 10))), 0, 10),
    "answers 1 to 3": lambda r, n, p: _likert(_factor(r, n, min(p, 12), 0.2, 0.6), 3),
    "rare flags": lambda r, n, p: (r.random((n, min(p, 15))) < r.uniform(0.03, 0.15, min(p, 15))).astype(float),
    "sigmoid": lambda r, n, p: _curve(r, n, lambda x: 1 / (1 + np.exp(-10 * (x - 0.5))), r.uniform(0.1, 0.3), p),
    "parabola": lambda r, n, p: _curve(r, n, lambda x: (x - 0.5) ** 2, r.uniform(0.05, 0.25), p),
    "spread grows": lambda r, n, p: np.column_stack(
        [t := r.gamma(2, 1, n), *[t * np.exp(0.5 * r.normal(size=n)) for _ in range(_few(p, 4) - 1)]]
    ),
    "two factors": lambda r, n, p: r.normal(size=(n, 2)) @ r.normal(size=(2, p)) + 0.5 * r.normal(size=(n, p)),
    "tenure": _tenure,
    "one column far": lambda r, n, p: np.column_stack(
        [_factor(r, n, p - 1), np.where(np.arange(n) < 3, 60.0, 1.0) * r.normal(1, 0.1, n)]
    ),
    "file doubled": lambda r, n, p: np.repeat(_factor(r, max(60, n // 2), p), 2, axis=0),
    "ordered codes": lambda r, n, p: Drawn(_ordered_codes(r, n, min(p, 6)), range(min(p, 6))),
    "flags and amounts": lambda r, n, p: np.column_stack(
        [_flags(r, n, 3, 0.3), np.exp(_factor(r, n, min(p, 3)) * 0.7)]
    ),
    "disc and sphere": lambda r, n, p: (
        (lambda z: z / np.linalg.norm(z, axis=1, keepdims=True))(r.normal(size=(n, _few(p, 5))))
        * r.uniform(size=(n, 1)) ** (1 / _few(p, 5))
    ),
}

# -- with groups --------------------------------------------------------------------------------------------------


def _members(random: Random, n: int, k: int) -> NDArray[np.intp]:
    shares = np.maximum(random.dirichlet(np.full(k, 10.0)), 0.5 / k)
    return random.choice(k, n, p=shares / shares.sum())


def _apart(random: Random, k: int, p: int, distance: float) -> Floats:
    """Return centres whose smallest distance is `distance`."""
    centres = random.normal(size=(k, p))
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)[np.triu_indices(k, 1)]
    return centres * distance / gaps.min()


def bells(random: Random, n: int, k: int, p: int, sharp: float) -> Floats:
    """Return groups of the same bell shape, the nearest two `sharp` deviations apart."""
    return _apart(random, k, p, sharp)[_members(random, n, k)] + random.normal(size=(n, p))


def _poisson_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members = _members(random, n, k)
    roots = 1.0 + _apart(random, k, 4, sharp / 2)
    rates = (np.abs(roots - roots.min(axis=0)) + 1.0) ** 2
    return random.poisson(rates[members]).astype(float)


def _lognormal_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members = _members(random, n, k)
    return np.exp(0.4 * (_apart(random, k, 3, sharp)[members] + random.normal(size=(n, 3))))


def _lognormal_logs(random: Random, n: int, k: int, sharp: float) -> Floats:
    return np.log(_lognormal_groups(random, n, k, sharp))


def _t_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members = _members(random, n, k)
    noise = random.normal(size=(n, 4)) / np.sqrt(random.chisquare(3, (n, 1)) / 3)
    return _apart(random, k, 4, sharp * 1.3)[members] + noise


def _shaped_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    """Return two long groups, each along an axis of its own, and round ones."""
    members = _members(random, n, k)
    lengths = np.ones((k, 3))
    lengths[0, 0] = lengths[1, 1] = 3.0
    centres = np.array([[0, 0, 0], [7, 7, 0], [0, 9, 4], [9, -4, 0]])[:k] * sharp / 5
    return centres[members] + random.normal(size=(n, 3)) * lengths[members]


def _outlying_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    return _with_outliers(random, _apart(random, k, 4, sharp)[_members(random, n, k)] + random.normal(size=(n, 4)))


def _skewed_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members = _members(random, n, k)
    return _apart(random, k, 3, sharp * 1.2)[members] + random.gamma(2.0, 0.7, (n, 3))


def _boxes(random: Random, n: int, k: int, sharp: float) -> Floats:
    return _apart(random, k, 3, sharp * 1.2)[_members(random, n, k)] + random.uniform(-1.7, 1.7, (n, 3))


def _types(random: Random, n: int, k: int, sharp: float) -> Floats:
    """Return orders, spend and recency of kinds of customers as shops see them."""
    members = _members(random, n, k)
    orders = np.array([1.5, 6, 16, 4])[members]
    basket = np.array([30, 60, 120, 350])[members]
    recency = np.array([250, 60, 20, 90])[members]
    spread = 0.9 / sharp * 1.4
    return np.column_stack(
        [
            1 + random.poisson(orders),
            basket * np.exp(spread * random.normal(size=n)),
            recency * np.exp(spread * random.normal(size=n)),
        ]
    ).astype(float)


def _nominal_groups(random: Random, n: int, k: int, sharp: float) -> Drawn:
    members, count = _members(random, n, k), 6
    likely = 0.55 + 0.07 * sharp
    tables = np.full((count, k, k), (1 - likely) / (k - 1))
    for table in tables:
        table[np.arange(k), random.permutation(k)] = likely
    codes = [(random.random(n)[:, None] > np.cumsum(table[members], axis=1)).sum(axis=1) for table in tables]
    return Drawn(np.column_stack(codes).clip(max=k - 1).astype(float), range(count))


def _mixed_groups(random: Random, n: int, k: int, sharp: float) -> Drawn:
    members = _members(random, n, k)
    numbers = _apart(random, k, 3, sharp)[members] + random.normal(size=(n, 3))
    codes = np.column_stack([np.where(random.random(n) < 0.8, members, random.integers(0, k, n)) for _ in range(2)])
    return Drawn(np.column_stack([numbers, codes.astype(float), random.integers(0, 4, n)]), (3, 4, 5))


def _flag_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members, count = _members(random, n, k), 15
    likely = 0.65 + 0.05 * sharp
    while True:
        on = random.random((k, count)) < 0.5
        if min((on[a] != on[b]).sum() for a in range(k) for b in range(a)) >= 6:
            break
    return (random.random((n, count)) < np.where(on, likely, 1 - likely)[members]).astype(float)


def _likert_groups(random: Random, n: int, k: int, sharp: float) -> Floats:
    members = _members(random, n, k)
    centres = _apart(random, k, 8, 0.75 * sharp)
    return _likert(np.clip(centres[members] * 0.75, -1.8, 1.8) + random.normal(size=(n, 8)) * 0.6, 7)


PLANTED: dict[str, Callable[[Random, int, int, float], Floats | Drawn]] = {
    "Poisson": _poisson_groups,
    "log-normal": _lognormal_groups,
    "log-normal, as logs": _lognormal_logs,
    "t with 3 degrees": _t_groups,
    "different shapes": _shaped_groups,
    "outliers": _outlying_groups,
    "categories": _nominal_groups,
    "mixed": _mixed_groups,
    "flags": _flag_groups,
    "Likert": _likert_groups,
}
PLANTED_HELD_OUT: dict[str, Callable[[Random, int, int, float], Floats | Drawn]] = {
    "gamma": _skewed_groups,
    "boxes": _boxes,
    "customer types": _types,
}
CLEAR, MILD = 5.0, 3.5


def structureless(family: str, seed: int) -> Customers:
    """Return customers without groups: 60 to 5,000 rows, now and then 50,000; 2 to 20 columns, now and then 60."""
    draw = (STRUCTURELESS | STRUCTURELESS_HELD_OUT)[family]
    random = np.random.default_rng((11, seed, *family.encode()))
    n = int(np.exp(random.uniform(np.log(60), np.log(5_000)))) if random.random() < 0.95 else 50_000
    p = int(random.integers(2, 11)) if random.random() < 0.8 else int(random.choice([20, 40, 60]))
    return prepared(family, draw(random, n, p), 1)


def planted(family: str, seed: int, sharp: float) -> Customers:
    """Return 300 to 3,000 customers in 2 to 4 groups, told apart as well as bells `sharp` deviations apart."""
    draw = (PLANTED | PLANTED_HELD_OUT)[family]
    random = np.random.default_rng((12, seed, *family.encode()))
    k = int(random.integers(2, 5))
    if family in ("different shapes", "customer types"):
        k = max(k, 3)
    n = int(np.exp(random.uniform(np.log(300), np.log(3_000))))
    return prepared(f"{family}, {'clear' if sharp >= CLEAR else 'mild'}", draw(random, n, k, sharp), k)


def minority(share: float, seed: int) -> Customers:
    """Return 1,000 to 50,000 customers of whom a small share stands 5 to 8 deviations from the rest."""
    random = np.random.default_rng((13, seed, round(1000 * share)))
    n, p = int(random.choice([1_000, 3_000, 10_000, 50_000])), int(random.integers(2, 9))
    away = random.normal(size=p)
    away *= random.uniform(5, 8) / np.linalg.norm(away)
    X = random.normal(size=(n, p))
    X[: round(share * n)] += away
    return prepared(f"minority of {share:.0%}", X, 2)


def few_of_many(columns: int, seed: int) -> Customers:
    """Return three groups 5 to 6 deviations apart in three columns; the other columns say nothing."""
    random = np.random.default_rng((14, seed, columns))
    n = int(random.integers(600, 2_001))
    X = random.normal(size=(n, columns))
    X[:, :3] += _apart(random, 3, 3, random.uniform(5, 6))[_members(random, n, 3)]
    return prepared(f"3 of {columns} columns", X, 3)
