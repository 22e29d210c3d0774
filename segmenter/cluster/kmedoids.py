"""K-medoids, whose centres are typical customers, and K-medians, whose centres are medians."""

from typing import Final, Literal

import kmedoids
import numpy as np
from scipy.spatial.distance import cdist

from segmenter import config
from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import NearestCentre, NearestMixedPrototype
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.typing import FloatArray, IntArray

STARTS: Final = Setting(
    "starts",
    "Starts",
    0,
    low=0,
    high=50,
    explanation="Of so many beginnings the best end is kept. 0: 5 of a large file, and up to 50 of a small one, where "
    "they cost nothing.",
)
MEDOID_SETTINGS: Final = (
    Setting(
        "distance",
        "Distance",
        "euclidean",
        choices=("euclidean", "manhattan"),
        explanation="Straight, or the sum of the differences column by column, which a single large one moves less.",
    ),
    STARTS,
    Setting(
        "rows",
        "Customers looked at for the centres",
        config.MEDOID_ROWS,
        low=100,
        high=config.MOST_MEDOID_ROWS,
        explanation="The centres are chosen among so many customers; all customers are then placed.",
    ),
)
MEDIAN_SETTINGS: Final = (STARTS,)
CUSTOMERS_OF_A_CENTRE: Final = 5
# Medoids of so many rows show whether the same segments come back.
REFIT_ROWS: Final = 1_500
# With 0 starts, so many rows are begun with altogether: distances of all pairs are what a start costs.
_ROWS_BEGUN, _FEWEST_STARTS, _MOST_STARTS = 20_000, 5, 50
# Medians are looked for among so many rows; all rows then move the best of these ends.
_MEDIAN_ROWS, _CARRIED = 3_000, 3
# Medians come to rest in 5 to 40 steps.
MOST_STEPS: Final = 100
# So often one centre is put elsewhere, and so many steps show whether that is better.
_EXCHANGES, _STEPS_OF_AN_EXCHANGE = 20, 12
# An end is better by more than rounding.
_BETTER = 1 - 1e-9
_ROWS_AT_ONCE: Final = 1_000
_METRIC: Final[dict[str, Literal["euclidean", "cityblock"]]] = {"euclidean": "euclidean", "manhattan": "cityblock"}


def fit_kmedoids(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments around customers: those with the smallest sum of distances of all to the nearest of them.

    Partitioning around medoids (Kaufman & Rousseeuw 1990) by FasterPAM (Schubert & Rousseeuw 2021). A medoid is one
    customer's row, which no saved model may hold: the centre is the mean (Manhattan: the median) of the medoid and
    the customers nearest to it.
    """
    metric = _METRIC[str(settings["distance"])]
    rows = X[systematic_sample(len(X), int(settings["rows"]))]
    progress(0.0, f"Looking for {n_segments} typical customers")
    medoids = rows[best_medoids(rows, n_segments, seed, int(settings["starts"]), metric)]
    near = np.argsort(cdist(medoids, X, metric), axis=1, kind="stable")[:, :CUSTOMERS_OF_A_CENTRE]
    centres = X[near].mean(axis=1) if metric == "euclidean" else np.median(X[near], axis=1)
    rule: NearestCentre | NearestMixedPrototype = NearestCentre(centres)
    if metric == "cityblock":
        rule = NearestMixedPrototype(centres, np.ones(X.shape[1]))
    labels = rule.place(X)
    used = np.unique(labels)
    notes = [f"Each centre is the middle of {near.shape[1]} customers: the most typical one and those nearest to it."]
    if len(rows) < len(X):
        notes.append(f"The centres were chosen among {len(rows):,} of {len(X):,} customers; all were then placed.")
    return FitResult(np.searchsorted(used, labels), rule.reordered(used), notes=tuple(notes))


def refit_kmedoids(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form them once more for stability, from fewer rows."""
    return fit_kmedoids(X, n_segments, seed, fewer_rows(settings), progress)


def fewer_rows(settings: Settings) -> Settings:
    """Return the settings of medoids that only show whether the same segments come back."""
    starts = min(int(settings["starts"]) or _FEWEST_STARTS, _FEWEST_STARTS)
    return {**settings, "starts": starts, "rows": min(int(settings["rows"]), REFIT_ROWS)}


def fit_kmedians(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments with the smallest sum of differences from the medians of their columns (Bradley et al. 1997).

    As K-Means with medians for means and Manhattan distances for squared ones: no single large value moves a centre.
    Steps from one beginning end some per cent above the smallest sum. So they begin at medoids, and at customers far
    apart, each drawn by its distance to those before (Arthur & Vassilvitskii 2007); and in the best ends single
    centres are put elsewhere for as long as that is better.
    """
    return _best_medians(X, n_segments, seed, int(settings["starts"]), _MEDIAN_ROWS, progress)


def refit_kmedians(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form them once more for stability, from fewer rows."""
    starts = min(int(settings["starts"]) or _FEWEST_STARTS, _FEWEST_STARTS)
    return _best_medians(X, n_segments, seed, starts, REFIT_ROWS, progress)


def _best_medians(
    X: FloatArray, n_segments: int, seed: int, n_starts: int, n_rows: int, progress: Progress
) -> FitResult:
    random = np.random.default_rng(seed)
    rows = X[systematic_sample(len(X), n_rows)]
    n_starts = n_starts or _enough_starts(len(rows))
    progress(0.0, "Looking for typical customers")
    begun = [rows[medoids] for medoids in _medoids_of_starts(rows, n_segments, seed, n_starts, "cityblock")]
    begun += [_far_apart(rows, n_segments, random) for _ in range(n_starts)]
    ends = []
    for number, centres in enumerate(begun):
        progress(0.2 + 0.3 * number / len(begun), f"Looking for {n_segments} medians")
        ends.append(_settled(rows, centres))
    best: tuple[float, FloatArray] | None = None
    for number, end in enumerate(sorted(ends, key=lambda each: each[0])[:_CARRIED]):
        step = part(progress, 0.5 + 0.5 * number / _CARRIED, 0.5 + 0.5 * (number + 1) / _CARRIED)
        total, centres = _exchanged(rows, *end, random, step)
        if len(rows) < len(X):
            total, centres = _settled(X, centres, progress=step)
        if best is None or total < best[0] * _BETTER:
            best = total, centres
    assert best is not None
    rule = NearestMixedPrototype(best[1], np.ones(X.shape[1]))
    labels = rule.place(X)
    used = np.unique(labels)
    return FitResult(np.searchsorted(used, labels), rule.reordered(used))


def best_medoids(
    rows: FloatArray,
    n_medoids: int,
    seed: int,
    n_starts: int,
    metric: Literal["euclidean", "cityblock"] = "cityblock",
) -> IntArray:
    """Return the positions of the best medoids that FasterPAM finds from so many starts (0: enough), ascending."""
    found = _medoids_of_starts(rows, n_medoids, seed, n_starts or _enough_starts(len(rows)), metric)
    return np.sort(found[0])


def _enough_starts(n_rows: int) -> int:
    return int(np.clip(_ROWS_BEGUN // n_rows, _FEWEST_STARTS, _MOST_STARTS))


def _medoids_of_starts(
    rows: FloatArray, n_medoids: int, seed: int, n_starts: int, metric: Literal["euclidean", "cityblock"]
) -> list[IntArray]:
    """Return the positions of the medoids that each start leads to, the best first."""
    apart = np.empty((len(rows), len(rows)), dtype=np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        apart[block] = cdist(rows[block], rows, metric)
    found = [kmedoids.fasterpam(apart, n_medoids, random_state=(seed + n) % 2**32, n_cpu=1) for n in range(n_starts)]
    return [each.medoids.astype(np.intp) for each in sorted(found, key=lambda each: each.loss)]


def _settled(
    X: FloatArray, centres: FloatArray, steps: int = MOST_STEPS, progress: Progress = silent
) -> tuple[float, FloatArray]:
    """Return the sum of distances to the medians that so many steps lead to, and those medians."""
    factors = np.ones(X.shape[1])
    before = np.full(len(X), -1, dtype=np.intp)
    for step in range(steps):
        progress(step / steps, f"Moving {len(centres)} medians")
        labels = NearestMixedPrototype(centres, factors).place(X)
        if np.array_equal(labels, before):
            break
        centres = np.array(
            [
                np.median(X[labels == number], axis=0) if (labels == number).any() else old
                for number, old in enumerate(centres)
            ]
        )
        before = labels
    return float(NearestMixedPrototype(centres, factors).distances(X).sum()), centres


def _exchanged(
    X: FloatArray, total: float, centres: FloatArray, random: np.random.Generator, progress: Progress
) -> tuple[float, FloatArray]:
    """Put the centre that is missed least where a customer is far from all, again and again, while that is better."""
    for exchange in range(_EXCHANGES if len(centres) > 1 else 0):
        progress(exchange / _EXCHANGES, f"Moving {len(centres)} medians")
        apart = cdist(X, centres, "cityblock")
        nearest = apart.min(axis=1)
        if not nearest.sum() > 0:
            break
        row = X[int(random.choice(len(X), p=nearest / nearest.sum()))]
        apart = np.column_stack([apart, np.abs(X - row).sum(axis=1)])
        two = np.partition(apart, 1, axis=1)
        missed = np.bincount(apart.argmin(axis=1), two[:, 1] - two[:, 0], minlength=len(centres) + 1)
        others = np.delete(centres, int(missed[:-1].argmin()), axis=0)
        other = _settled(X, np.vstack([others, row]), _STEPS_OF_AN_EXCHANGE)
        if other[0] < total * _BETTER:
            total, centres = other
    return _settled(X, centres)


def _far_apart(X: FloatArray, k: int, random: np.random.Generator) -> FloatArray:
    chosen = [int(random.integers(len(X)))]
    nearest = np.abs(X - X[chosen[0]]).sum(axis=1)
    while len(chosen) < k and nearest.sum() > 0:
        chosen.append(int(random.choice(len(X), p=nearest / nearest.sum())))
        np.minimum(nearest, np.abs(X - X[chosen[-1]]).sum(axis=1), out=nearest)
    return X[chosen]
