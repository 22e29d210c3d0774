"""Which way to form segments serves these customers best, judged by the same measure?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmenter import config
from segmenter.algorithms import ALGORITHMS
from segmenter.algorithms.content import content_order, evenly_spaced
from segmenter.algorithms.kmeans import KMeansSweep
from segmenter.algorithms.space import Space
from segmenter.core.dataset import Dataset, Note
from segmenter.core.encoding import Floats
from segmenter.core.footprint import HOW_MEMORY_IS_MEASURED, measured
from segmenter.core.method_scores import MethodChoice, MethodComparison, MethodScore
from segmenter.core.recipe import Recipe
from segmenter.core.refits import N_SAMPLES, N_SEEDS, REFIT_ROWS, mean_silhouette, refit, refit_rows
from segmenter.core.segmentation import count_distinct, prepare
from segmenter.core.space import clusterer_for, space_of
from segmenter.core.weighing import Contender, silhouette_error, weigh
from segmenter.errors import (
    InvalidSettingError,
    MethodMemoryError,
    SegmenterError,
    TooFewCustomersError,
    TooFewDistinctRowsError,
)
from segmenter.measures.agreement import adjusted_rand_index
from segmenter.measures.separation import calinski_harabasz, davies_bouldin
from segmenter.progress import Progress, part, silent
from segmenter.settings import complete

Labels = NDArray[np.intp]
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
    partial
        Is handed the rows found so far each time there is one more.

    Raises
    ------
    SegmenterError
        If there is no such method, the columns cannot be used, or there are too few different customers.
    """
    choices = list(dict.fromkeys([BASELINE, *methods]))
    _check(choices, recipe.n_segments)
    prepared = prepare(dataset, recipe)
    everyone = prepared.X
    judge = _Judge(everyone, recipe, space_of(prepared.preparation))
    comparison = MethodComparison(notes=_how(len(everyone)))
    for number, choice in enumerate(choices):
        comparison = judge.with_method(
            comparison, choice, part(progress, number / len(choices), (number + 1) / len(choices))
        )
        partial(comparison)
    return judge.concluded(comparison)


class _Judge:
    """What all methods of one comparison share: the customers, the yardstick, and what was found so far."""

    def __init__(self, everyone: Floats, recipe: Recipe, space: Space) -> None:
        k = recipe.n_segments
        if len(everyone) <= k:
            raise TooFewCustomersError(len(everyone), k)
        if (distinct := count_distinct(everyone, enough=k)) < k:
            raise TooFewDistinctRowsError(distinct)
        self._recipe, self._space = recipe, space
        self._X = everyone[content_order(everyone)[evenly_spaced(len(everyone), COMPARED_ROWS)]]
        self._again = refit_rows(self._X)
        self._scored = scored_rows(self._X)
        self._sweep = KMeansSweep(self._X, recipe.seed)
        self._yardsticks: dict[int, Labels] = {}
        self._contenders: list[Contender] = []

    def with_method(self, before: MethodComparison, choice: MethodChoice, progress: Progress) -> MethodComparison:
        """Return the comparison with one more method."""
        try:
            contender = self._judged(choice, _about(choice, progress))
        except SegmenterError as error:
            contender = self._failed(choice, str(error))
        except MemoryError:
            contender = self._failed(choice, str(MethodMemoryError(choice.title, len(self._X))))
        self._contenders.append(contender)
        findings = weigh(self._contenders).findings
        return replace(before, scores=(*before.scores, contender.score), findings=findings)

    def concluded(self, comparison: MethodComparison) -> MethodComparison:
        """Return the comparison with its recommendation."""
        weighed = weigh(self._contenders)
        return replace(comparison, recommended=weighed.recommended, recommendation=weighed.recommendation)

    def _judged(self, choice: MethodChoice, progress: Progress) -> Contender:
        progress(0.0, "forming segments")
        forming = part(progress, 0.0, FORMED)
        clusterer = clusterer_for(choice.within(self._recipe), self._space, forming)
        formed = measured(lambda: clusterer.fit(self._X).labels_)
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
        return Contender(score, widths, refits.silhouettes)

    def _failed(self, choice: MethodChoice, problem: str) -> Contender:
        return Contender(MethodScore(choice, problem=problem), np.full(len(self._scored), np.nan))

    def _scored_once(self, choice: MethodChoice, labels: Labels) -> MethodScore:
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

    def _yardstick(self, k: int) -> Labels:
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


def scored_rows(X: Floats) -> NDArray[np.intp]:
    """Return the positions of the customers whose silhouettes are measured: all, or above a limit a fair sample."""
    few = len(X) <= config.SILHOUETTE_EXACT_ROWS
    return evenly_spaced(len(X), len(X) if few else config.SILHOUETTE_SAMPLE_ROWS)


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
