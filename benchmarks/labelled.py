"""Is the known number of groups found in public sets with labels, and do the segments follow the labels?

`python -m benchmarks.labelled` prints a line for each set: the number recommended here, the number with the best
silhouette, and for both the adjusted Rand index of K-Means' segments with the labels. The sets are
part of scikit-learn, and need no download.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from collections.abc import Iterator  # noqa: E402
from dataclasses import dataclass  # noqa: E402

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from sklearn import datasets  # noqa: E402
from sklearn.metrics import adjusted_rand_score  # noqa: E402

from segmenter.choose.k import select_k  # noqa: E402

Floats = NDArray[np.float64]
# Digits told apart in subsets: each is a set of its own, of another number of groups.
DIGITS = ((0, 1), (0, 1, 2), (0, 4, 6, 7), (1, 3, 5, 7, 9), tuple(range(10)))


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows of shape (n, p), as they are, and the known class of each."""

    name: str
    X: Floats
    labels: NDArray[np.intp]


def sets() -> Iterator[Labelled]:
    """Yield every set that is there."""
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer):
        yield Labelled(load.__name__.removeprefix("load_").replace("_", " "), *load(return_X_y=True))
    pixels, digits = datasets.load_digits(return_X_y=True)
    for chosen in DIGITS:
        rows = np.isin(digits, chosen)
        yield Labelled("digits " + ", ".join(map(str, chosen)), pixels[rows], digits[rows])


def main() -> None:
    print(
        "| set | rows × columns | groups | here | ARI | best silhouette | ARI | K-Means at the known number |",
        "|---|---|---|---|---|---|---|---|",
        sep="\n",
    )
    totals = []
    for made in sets():
        varied = made.X[:, np.ptp(made.X, axis=0) > 0]
        selection = select_k((varied - varied.mean(axis=0)) / varied.std(axis=0))
        widths = {score.k: score.silhouette or 0.0 for score in selection.scores}
        known = len(np.unique(made.labels))
        ours, best = selection.recommended or 1, max(widths, key=lambda k: widths[k])
        ari = {k: float(adjusted_rand_score(made.labels, found)) for k, found in selection.labels.items()} | {1: 0.0}
        totals.append((ours == known, ari[ours], best == known, ari[best]))
        print(
            f"| {made.name} | {len(varied):,} × {varied.shape[1]} | {known} | {ours} ({selection.verdict}) | "
            f"{ari[ours]:.2f} | {best} | {ari[best]:.2f} | {ari[known]:.2f} |",
            flush=True,
        )
    found = np.array(totals, dtype=float)
    print(
        f"| all | | | {found[:, 0].sum():.0f} of {len(found)} | {found[:, 1].mean():.2f} | "
        f"{found[:, 2].sum():.0f} of {len(found)} | {found[:, 3].mean():.2f} | |"
    )


if __name__ == "__main__":
    main()
