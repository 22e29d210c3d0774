"""HDBSCAN: dense regions as segments, and noise."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sklearn.cluster import HDBSCAN

from segmenter import config
from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import NearestPrototype
from segmenter.cluster.codebook import fit_codebook, with_reach
from segmenter.errors.forming import NoDenseGroupError
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import systematic_sample
from segmenter.threads import one_thread
from segmenter.typing import FloatArray, IntArray

SETTINGS: Final = (
    Setting(
        "smallest",
        "Smallest segment (share)",
        0.02,
        low=0.001,
        high=0.5,
        explanation="Share of the customers that must stand close together to be a segment; at least 10 of them.",
    ),
    Setting(
        "neighbours",
        "Neighbours",
        5,
        low=1,
        high=500,
        explanation="How many customers must be near one before it counts as dense there; more leaves more customers "
        "in no segment.",
    ),
    Setting(
        "selection",
        "Segments",
        "eom",
        choices=("eom", "leaf"),
        explanation="eom: those that last longest as the density asked for rises; leaf: the smallest ones.",
    ),
)
# Whether dense regions come back shows in so many rows within half a second; 1,500 leave them too thin.
REFIT_ROWS: Final = 5_000
# The time grows with the columns and the square of the customers: above so many columns, fewer are looked at.
USUAL_COLUMNS: Final = 40
# Where not all are looked at, at least one of so many is not.
_STRANGERS: Final = 7


@dataclass(frozen=True)
class HdbscanDetails:
    """What was looked for and found.

    Attributes
    ----------
    smallest, neighbours
        Customers a segment must have, and that must be near one, as they were used.
    n_looked_at
        Customers among whom dense regions were looked for.
    noise_share
        Share of those that stand in no dense region, 0-1.
    """

    smallest: int
    neighbours: int
    n_looked_at: int
    noise_share: float


def fit_hdbscan(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments by HDBSCAN (Campello, Moulavi & Sander 2013); the number of segments is its own finding.

    Raises
    ------
    NoDenseGroupError
        If customers stand nowhere closer together than elsewhere.
    """
    rows = X[systematic_sample(len(X), rows_searched(*X.shape))]
    progress(0.0, f"Looking for dense regions among {len(rows):,} customers")
    found, details = _clustered(rows, settings)
    if found.max() < 0:
        raise NoDenseGroupError(details.smallest, details.neighbours)
    rule = with_reach(fit_codebook(rows, found, seed, part(progress, 0.6, 0.9)), rows, found)
    rule = replace(rule, agreement=float((rule.place(rows) == found).mean()))
    labels = found if len(rows) == len(X) else rule.place(X)
    return FitResult(labels, rule, details, _notes(len(X), n_segments, int(found.max()) + 1, details))


def refit_hdbscan(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:  # noqa: ARG001 - one signature for all
    """Look once more for stability: among fewer rows, each of which then places its nearest.

    Where nothing is dense in these rows, everybody fits no segment.
    """
    rows = X[systematic_sample(len(X), REFIT_ROWS)]
    found, details = _clustered(rows, settings)
    rule = NearestPrototype(rows, found)
    return FitResult(rule.place(X), rule, details)


def rows_searched(n: int, width: int) -> int:
    """Return among how many of n customers in `width` prepared columns dense regions are looked for."""
    most = round(config.DENSITY_ROWS * min(1.0, USUAL_COLUMNS / width) ** 0.5)
    # The others tell how many new customers fit none: there are enough of them, or none.
    return n if n <= most else min(most, n - n // _STRANGERS)


def sizes_for(looked_at: int, settings: Settings) -> tuple[int, int]:
    """Return how many of the customers looked at a segment must have, and must be near one to make it dense."""
    wanted = max(round(float(settings["smallest"]) * looked_at), config.SMALL_GROUP)
    # A third of a tiny file may be a segment.
    smallest = max(min(wanted, looked_at // 3), 2)
    return smallest, min(int(settings["neighbours"]), looked_at)


def _clustered(rows: FloatArray, settings: Settings) -> tuple[IntArray, HdbscanDetails]:
    smallest, neighbours = sizes_for(len(rows), settings)
    model = HDBSCAN(
        min_cluster_size=smallest,
        min_samples=neighbours,
        cluster_selection_method=str(settings["selection"]),
        copy=True,
        n_jobs=1,
    )
    with one_thread():
        found = np.asarray(model.fit(rows).labels_, dtype=np.intp)
    return found, HdbscanDetails(smallest, neighbours, len(rows), float((found < 0).mean()))


def _notes(n: int, asked: int, found: int, details: HdbscanDetails) -> tuple[str, ...]:
    looked_at = details.n_looked_at
    notes = [
        f"The number of segments is the method's own finding: {found}. It does not depend on the {asked} asked for."
    ]
    if looked_at < n:
        notes.append(f"Dense regions were looked for among {looked_at:,} of {n:,} customers; the others joined them.")
    if details.noise_share > 0:
        apart = round(details.noise_share * looked_at)
        notes.append(
            f"{apart:,} of the {looked_at:,} customers looked at stand in no dense region and fit no segment. A "
            "smaller smallest segment or fewer neighbours leave fewer out."
        )
    return tuple(notes)
