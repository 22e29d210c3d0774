"""Does the answer about a real file hang on the seed, on half of its customers, or on a single one?

`python -m benchmarks.stability FILE ...` prints a line for each file. Nothing is set by hand: the columns are the
suggested ones, and the numbers 2 to 10 are compared.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from segmenter.cluster.algorithm import categories_of  # noqa: E402
from segmenter.cluster.kmeans import KMeansSweep  # noqa: E402
from segmenter.io.read.table import read_table  # noqa: E402
from segmenter.measures.recurrence import decide  # noqa: E402
from segmenter.prepare.preparation import feature_groups, prepare  # noqa: E402
from segmenter.prepare.suggest import suggest_features  # noqa: E402
from segmenter.recipe.recipe import Recipe  # noqa: E402
from segmenter.table.dataset import Dataset  # noqa: E402

Floats = NDArray[np.float64]
Answer = tuple[str, int]
MOST_ROWS = 20_000


def answer(dataset: Dataset, seed: int = 0) -> Answer:
    """Return the verdict and the number recommended for a file, its columns chosen anew."""
    recipe = Recipe(suggest_features(dataset), seed=seed)
    prepared = prepare(dataset, recipe)
    categories = categories_of(feature_groups(prepared.preparation))
    sweep = KMeansSweep(prepared.X, seed, None)
    ks = range(2, min(11, len(np.unique(prepared.X, axis=0)) + 1))
    decision = decide(prepared.X, ks, labels={k: sweep.fit(k).labels for k in ks}, categories=categories, seed=seed)
    return decision.kind, decision.recommended


def farthest(dataset: Dataset, count: int) -> list[int]:
    """Return the rows of the customers farthest from the middle, in the columns as they are prepared."""
    prepared = prepare(dataset, Recipe(suggest_features(dataset)))
    rows = np.flatnonzero(prepared.kept)
    return [int(row) for row in rows[np.argsort(-((prepared.X - prepared.X.mean(axis=0)) ** 2).sum(axis=1))[:count]]]


def without(dataset: Dataset, kept: NDArray[np.bool_]) -> Dataset:
    """Return the file as it would be read if it held some of its rows only."""
    return read_table(dataset.frame[kept].to_csv(index=False).encode(), "some.csv")


def halves(dataset: Dataset, count: int) -> Iterator[Dataset]:
    """Yield random halves of the customers."""
    random = np.random.default_rng(23)
    for _ in range(count):
        kept = np.zeros(len(dataset.frame), dtype=bool)
        kept[random.choice(len(kept), len(kept) // 2, replace=False)] = True
        yield without(dataset, kept)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--halves", type=int, default=10)
    parser.add_argument("--left-out", type=int, default=20)
    asked = parser.parse_args()
    print("| file | answer | seeds | halves | one left out |", "|---|---|---|---|---|", sep="\n")
    for path in asked.files:
        dataset = read_table(path)
        found = answer(dataset)
        seeds = [answer(dataset, seed) for seed in range(1, asked.seeds)]
        half = [answer(each) for each in halves(dataset, asked.halves)]
        rows = np.arange(len(dataset.frame))
        single = [answer(without(dataset, rows != row)) for row in farthest(dataset, asked.left_out)]
        print(f"| {path.name} | {found} | " + " | ".join(_share(found, each) for each in (seeds, half, single)) + " |")
        print("  ", sorted({each for each in (*seeds, *half, *single) if each != found}), flush=True)


def _share(found: Answer, others: list[Answer]) -> str:
    return f"{sum(each == found for each in others)} of {len(others)}"


if __name__ == "__main__":
    main()
