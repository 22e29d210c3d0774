"""Several methods on the same customers, judged by the same measures."""

import contextlib
import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from segmenter import config
from segmenter.choose.recommend_method import (
    MethodCandidate,
    MethodChoice,
    MethodComparison,
    MethodScore,
    recommend_method,
    silhouette_error,
)
from segmenter.choose.resampling import N_SAMPLES, N_SEEDS, REFIT_ROWS, mean_silhouette, refit, refit_rows
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.feature_groups import FeatureGroups
from segmenter.cluster.kmeans import KMeansSweep
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import (
    InvalidSettingError,
    MethodMemoryError,
    TooFewCustomersError,
    TooFewDistinctRowsError,
)
from segmenter.measures.agreement import adjusted_rand_index
from segmenter.measures.separation import calinski_harabasz, davies_bouldin
from segmenter.prepare.preparation import clusterer_for, feature_groups, prepare
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe
from segmenter.recipe.settings import complete
from segmenter.sampling import canonical_order, count_distinct, systematic_sample
from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note
from segmenter.table.repeats import check_one_row_each
from segmenter.typing import FloatArray, IntArray

Result = TypeVar("Result")

# Linux tells a program's memory here, in pages; elsewhere memory is not measured.
_STATM = Path("/proc/self/statm")
# Often enough to see an array that lives for a tenth of a second, and too seldom to slow the work down.
SAMPLED_EVERY_SECONDS = 0.01
HOW_MEMORY_IS_MEASURED = (
    "Memory: by how much this program grew while the method ran on these customers, looked up 100 times a second. "
    "What other visitors do at the same moment counts too, so take it as a size, not as a digit."
)


@dataclass(frozen=True, eq=False)
class MeasuredCost(Generic[Result]):
    """What some work gave, and what it cost.

    Attributes
    ----------
    memory_mb
        The most that the program grew by, in millions of bytes; None where the system does not tell.
    """

    result: Result
    seconds: float
    memory_mb: float | None


def measure_cost(work: Callable[[], Result]) -> MeasuredCost[Result]:
    """Do the work, by the clock and with an eye on the memory."""
    # What an earlier method left would be used again without being seen.
    return_memory()
    before = _resident_bytes()
    start = time.perf_counter()
    with _sampled_memory() as most:
        result = work()
    seconds = time.perf_counter() - start
    memory = None if before is None else max(most[0] - before, 0) / 1e6
    return MeasuredCost(result, seconds, memory)


@contextlib.contextmanager
def _sampled_memory() -> Iterator[list[int]]:
    """Keep the most memory seen in a list of one."""
    most, done = [_resident_bytes() or 0], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLED_EVERY_SECONDS):
            most[0] = max(most[0], _resident_bytes() or 0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()
        most[0] = max(most[0], _resident_bytes() or 0)


def _resident_bytes() -> int | None:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return None


def return_memory() -> None:
    """Return memory that was freed, but that the C library keeps for later, to the system."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


Partial = Callable[[MethodComparison], None]

BASELINE = MethodChoice("k-means")
# Above, a fair sample of so many customers is segmented: a comparison is something one waits for.
COMPARED_ROWS = 100_000
# Shares of the work on one method: forming segments, scoring them; the rest is forming them again.
FORMED, SCORED = 0.25, 0.35


def compare_methods(
    dataset: Dataset,
    recipe: Recipe,
    methods: Sequence[MethodChoice],
    *,
    progress: Progress = silent,
    partial: Partial = lambda _: None,
) -> MethodComparison:
    """Judge methods by the same measures in the same space; K-Means always comes first, as the yardstick.

    The space is the prepared one of the chosen columns, never a method's own. The recipe says everything but
    the method. A method that cannot be used here says so in its row and stops no other.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        Columns, number of segments and seed; its method is not used.
    methods
        What to compare with K-Means, such as `MethodChoice("ward")`.
    progress
        Is called with the share done, 0 to 1, and what is being done.
    partial
        Is handed the rows found so far each time there is one more.

    Raises
    ------
    SegmenterError
        If there is no such method, the columns cannot be used, or there are too few different customers.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    check_one_row_each(dataset)
    if not all(isinstance(each, MethodChoice) for each in methods):
        message = 'methods must be MethodChoices, such as [MethodChoice("ward"), MethodChoice("gaussian-mixture")].'
        raise InvalidSettingError(message)
    choices = list(dict.fromkeys([BASELINE, *methods]))
    _check(choices, recipe.n_segments)
    prepared = prepare(dataset, recipe)
    everyone = prepared.X
    judge = _Judge(everyone, recipe, feature_groups(prepared.preparation))
    comparison = MethodComparison(notes=_how(len(everyone)))
    for number, choice in enumerate(choices):
        comparison = judge.with_method(
            comparison, choice, part(progress, number / len(choices), (number + 1) / len(choices))
        )
        partial(comparison)
    return judge.concluded(comparison)


class _Judge:
    """What all methods of one comparison share: the customers, the yardstick, and what was found so far."""

    def __init__(self, everyone: FloatArray, recipe: Recipe, space: FeatureGroups) -> None:
        k = recipe.n_segments
        if len(everyone) <= k:
            raise TooFewCustomersError(len(everyone), k)
        if (distinct := count_distinct(everyone, enough=k)) < k:
            raise TooFewDistinctRowsError(distinct)
        self._recipe, self._space = recipe, space
        self._X = everyone[canonical_order(everyone)[systematic_sample(len(everyone), COMPARED_ROWS)]]
        self._again = refit_rows(self._X)
        self._scored = scored_rows(self._X)
        self._sweep = KMeansSweep(self._X, recipe.seed)
        self._yardsticks: dict[int, IntArray] = {}
        self._contenders: list[MethodCandidate] = []

    def with_method(self, before: MethodComparison, choice: MethodChoice, progress: Progress) -> MethodComparison:
        """Return the comparison with one more method."""
        try:
            contender = self._judged(choice, _about(choice, progress))
        except SegmenterError as error:
            contender = self._failed(choice, str(error))
        except MemoryError:
            contender = self._failed(choice, str(MethodMemoryError(choice.title, len(self._X))))
        self._contenders.append(contender)
        findings = recommend_method(self._contenders).findings
        return replace(before, scores=(*before.scores, contender.score), findings=findings)

    def concluded(self, comparison: MethodComparison) -> MethodComparison:
        """Return the comparison with its recommendation."""
        weighed = recommend_method(self._contenders)
        return replace(comparison, recommended=weighed.recommended, recommendation=weighed.recommendation)

    def _judged(self, choice: MethodChoice, progress: Progress) -> MethodCandidate:
        progress(0.0, "forming segments")
        forming = part(progress, 0.0, FORMED)
        clusterer = clusterer_for(choice.within(self._recipe), self._space, forming)
        formed = measure_cost(lambda: clusterer.fit(self._X).labels_)
        score = replace(self._scored_once(choice, formed.result), seconds=formed.seconds, memory_mb=formed.memory_mb)
        scoring = part(progress, FORMED, SCORED)
        mean, widths = mean_silhouette(self._X[self._scored], formed.result[self._scored], scoring)
        refits = refit(self._again, clusterer, part(progress, SCORED, 1.0))
        score = replace(
            score,
            silhouette=None if np.isnan(mean) else mean,
            silhouette_se=silhouette_error(widths, refits.silhouettes),
            over_samples=refits.over_samples,
            over_seeds=refits.over_seeds,
            remark=refits.problem,
        )
        return MethodCandidate(score, widths, refits.silhouettes)

    def _failed(self, choice: MethodChoice, problem: str) -> MethodCandidate:
        return MethodCandidate(MethodScore(choice, problem=problem), np.full(len(self._scored), np.nan))

    def _scored_once(self, choice: MethodChoice, labels: IntArray) -> MethodScore:
        """Score what needs no further fit, over the customers that are in a segment."""
        placed = labels >= 0
        X, members = self._X[placed], labels[placed]
        sizes = np.bincount(members)
        score = MethodScore(choice, n_segments=len(sizes), noise_share=float((~placed).mean()))
        if len(sizes) < 2:
            return score
        return replace(
            score,
            smallest_share=float(sizes.min() / len(labels)),
            largest_share=float(sizes.max() / len(labels)),
            davies_bouldin=davies_bouldin(X, members),
            calinski_harabasz=calinski_harabasz(X, members),
            agreement=adjusted_rand_index(members, self._yardstick(len(sizes))[placed]),
        )

    def _yardstick(self, k: int) -> IntArray:
        """Return the segments of K-Means with `k` of them."""
        if k not in self._yardsticks:
            self._yardsticks[k] = self._sweep.fit(k).labels
        return self._yardsticks[k]


def _about(choice: MethodChoice, progress: Progress) -> Progress:
    return lambda share, doing: progress(share, f"{choice.title}: {doing}")


def _check(choices: Sequence[MethodChoice], n_segments: int) -> None:
    for choice in choices:
        if choice.key not in ALGORITHMS:
            message = f"There is no method {choice.key!r}. There are: {', '.join(ALGORITHMS)}."
            raise InvalidSettingError(message)
        complete(ALGORITHMS[choice.key].settings, dict(choice.settings))
    if not config.MIN_SEGMENTS <= n_segments <= config.MAX_SEGMENTS:
        message = f"{n_segments} segments were asked for; methods are compared with 2 to {config.MAX_SEGMENTS}."
        raise InvalidSettingError(message)


def scored_rows(X: FloatArray) -> IntArray:
    """Return the positions of the customers whose silhouettes are measured: all, or above a limit a fair sample."""
    few = len(X) <= config.SILHOUETTE_EXACT_ROWS
    return systematic_sample(len(X), len(X) if few else config.SILHOUETTE_SAMPLE_ROWS)


def _how(n: int) -> tuple[Note, ...]:
    """Return how the figures came about, as far as it depends on the number of customers."""
    said = []
    if n > COMPARED_ROWS:
        said.append(f"Segments were formed of a fair sample of {COMPARED_ROWS:,} of the {n:,} customers.")
    if n > config.SILHOUETTE_EXACT_ROWS:
        said.append(f"Silhouettes are of a fair sample of {config.SILHOUETTE_SAMPLE_ROWS:,} customers.")
    if n > REFIT_ROWS:
        said.append(
            f"For stability the segments were formed again of a fair sample of {REFIT_ROWS:,} customers, so a method "
            "that needs many customers may be steadier on all of them."
        )
    said.append(
        f"Stability: mean agreement (adjusted Rand index) of {N_SAMPLES} bootstrap samples, each placing the same "
        f"customers, and of {N_SEEDS} seeds."
    )
    return tuple(Note(text) for text in (*said, HOW_MEMORY_IS_MEASURED))
