"""Is the number behind a light what fresh samples of the same source show, and does each light keep its promise?

`python -m benchmarks.lights --first-seed 501 --sets 60` prints the table.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse  # noqa: E402
from dataclasses import dataclass  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks import families  # noqa: E402
from segmenter.measures.recurrence import (  # noqa: E402
    SAME_SEGMENT,
    found_again,
    jaccard_table,
)
from segmenter.measures.vee_mixture import best_centres  # noqa: E402
from segmenter.segment.quality import Light, stability_of  # noqa: E402

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]
# Families whose rows repeat or follow each other: halves of their draw are no fresh samples.
_NOT_FRESH = ("file doubled", "repeated rows", "one column far")
FRESH = 20


@dataclass(frozen=True, eq=False)
class Source:
    """One sample of a source, and fresh ones of the same size."""

    family: str
    X: Floats
    fresh: tuple[Floats, ...]


def source(seed: int, *, rows: int | None = None, fresh: int = FRESH) -> Source:
    """Return samples of bells, of other groups or of customers without groups, 100 to 2,500 rows each."""
    random = np.random.default_rng((17, seed))
    n = rows or int(np.exp(random.uniform(np.log(100), np.log(2_500))))
    p, total = int(random.integers(2, 11)), n * (1 + fresh)
    drawn: families.Floats | families.Drawn
    kind = int(random.integers(3))
    if kind == 0:
        draws = families.STRUCTURELESS | families.STRUCTURELESS_HELD_OUT
        family = str(random.choice([name for name in draws if name not in _NOT_FRESH]))
        drawn = draws[family](random, total, p)
    elif kind == 1:
        groups = families.PLANTED | families.PLANTED_HELD_OUT
        family = str(random.choice(list(groups)))
        k = int(random.integers(3, 5))
        drawn = groups[family](random, total, k, float(random.uniform(2.5, 6)))
    else:
        family, k = "bells", int(random.integers(2, 9))
        drawn = families.bells(random, total, k, p, float(random.uniform(2, 6)))
    X = families.prepared(family, drawn, 1).X
    samples = np.split(X[random.permutation(len(X))], 1 + fresh)
    return Source(family, samples[0], tuple(samples[1:]))


def fresh_recurrence(made: Source, k: int) -> tuple[Labels, Floats]:
    """Return K-Means' segments of a sample, and their best Jaccard index per fresh sample, shape (fresh, k)."""
    random = np.random.default_rng(k)
    labels = _nearest(made.X, _centres(made.X, k, random))
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    labels = np.argsort(order)[labels]
    found = [_nearest(made.X, _centres(other, k, random)) for other in made.fresh]
    return labels, np.array([jaccard_table(labels, each).max(axis=1) for each in found])


def _centres(X: Floats, k: int, random: np.random.Generator) -> Floats:
    return best_centres(X, k, starts=10, steps=30, random=random)


def _nearest(X: Floats, centres: Floats) -> Labels:
    return np.asarray(((centres**2).sum(axis=1) - 2 * X @ centres.T).argmin(axis=1))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--first-seed", type=int, default=501)
    parser.add_argument("--sets", type=int, default=60)
    asked = parser.parse_args()
    shown: list[float] = []
    true: list[float] = []
    lights: list[Light] = []
    again: list[float] = []
    for seed in range(asked.first_seed, asked.first_seed + asked.sets):
        made = source(seed)
        for k in np.random.default_rng(seed).choice(np.arange(2, 11), 3, replace=False):
            if len(np.unique(made.X, axis=0)) < 12 * k:
                continue
            labels, found = fresh_recurrence(made, int(k))
            (cut,) = found_again(made.X, [int(k)], labels={int(k): labels}, clouds=False)
            shown += [segment.jaccard for segment in cut.segments]
            lights += [each.light for each in stability_of(labels, cut.segments)]
            true += found.mean(axis=0).tolist()
            again += (found >= SAME_SEGMENT).mean(axis=0).tolist()
    error = np.array(shown) - np.array(true)
    print(
        f"{len(shown)} segments: shown {np.mean(shown):.3f}, true {np.mean(true):.3f}, mean error {error.mean():+.3f}, "
        f"mean absolute error {np.abs(error).mean():.3f}"
    )
    print("| light | segments | found again in fresh samples | mean error |", "|---|---|---|---|", sep="\n")
    for light in Light:
        here = np.array([each is light for each in lights])
        if here.any():
            print(f"| {light} | {here.sum()} | {np.array(again)[here].mean():.2f} | {error[here].mean():+.3f} |")


if __name__ == "__main__":
    main()
