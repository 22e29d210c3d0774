"""How many segments does the data hold?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms import ALGORITHMS
from segmenter.algorithms.clusterer import SegmentClusterer
from segmenter.core.dataset import Dataset, Note
from segmenter.core.encoding import Floats
from segmenter.core.recipe import Recipe
from segmenter.core.segmentation import count_distinct, prepare
from segmenter.errors import InvalidSettingError, TooFewCustomersError, TooFewDistinctRowsError
from segmenter.measures.separation import calinski_harabasz, davies_bouldin, within_sum_of_squares
from segmenter.measures.silhouette import measure_silhouettes
from segmenter.progress import Progress, part, silent

# Below this, Kaufman & Rousseeuw (1990) call the structure found "weak, possibly artificial".
WEAK_SILHOUETTE = 0.25
# Share of the work that fitting takes; the rest is silhouettes.
FITTING_SHARE = 0.6


@dataclass(frozen=True)
class KScore:
    """Scores of one number of segments.

    Attributes
    ----------
    silhouette
        Mean silhouette, None until it has been measured; `silhouette_se` is 0 when it is exact.
    smallest_share
        Of the smallest segment among all customers, 0-1.
    """

    k: int
    wcss: float
    calinski_harabasz: float
    davies_bouldin: float
    smallest_share: float
    silhouette: float | None = None
    silhouette_se: float = 0.0


@dataclass(frozen=True, eq=False)
class KSelection:
    """Scores for every number of segments, and which one is recommended.

    Attributes
    ----------
    recommended
        The recommended number of segments; None while silhouettes are still being measured.
    reason
        Why, in a sentence.
    labels
        Per k, the segment of each customer that could be used, so that picking another k computes nothing.
    """

    scores: tuple[KScore, ...]
    recommended: int | None = None
    reason: str = ""
    labels: Mapping[int, NDArray[np.intp]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


Partial = Callable[[KSelection], None]


def compare_k(
    dataset: Dataset,
    recipe: Recipe,
    k_range: Sequence[int] = range(2, 11),
    *,
    progress: Progress = silent,
    partial: Partial = lambda _: None,
) -> KSelection:
    """Score each number of segments and recommend one.

    Parameters
    ----------
    partial
        Is handed the scores found so far each time there are more.

    Raises
    ------
    SegmenterError
        If the columns cannot be used, or there are too few different customers.
    """
    X = prepare(dataset, recipe).X
    possible, notes = _possible(X, k_range)
    selection = KSelection((), notes=notes)
    for number, k in enumerate(possible):
        start, end = (FITTING_SHARE * each / len(possible) for each in (number, number + 1))
        labels = _fitted(X, recipe, k, part(progress, start, end))
        selection = replace(
            selection,
            scores=(*selection.scores, _scored(X, labels, k)),
            labels={**selection.labels, k: labels},
        )
        partial(selection)
    return _recommended(_with_silhouettes(X, selection, part(progress, FITTING_SHARE, 1.0)))


def _possible(X: Floats, k_range: Sequence[int]) -> tuple[list[int], tuple[Note, ...]]:
    asked = sorted(set(k_range))
    if not asked or asked[0] < 2:
        message = "Comparing numbers of segments starts at 2; ask for a range such as 2 to 10."
        raise InvalidSettingError(message)
    if len(X) <= asked[0]:
        raise TooFewCustomersError(len(X), asked[0])
    distinct = count_distinct(X, enough=asked[-1])
    possible = [k for k in asked if k <= distinct and k < len(X)]
    if not possible:
        raise TooFewDistinctRowsError(distinct)
    if len(possible) == len(asked):
        return possible, ()
    most = min(distinct, len(X) - 1)
    return possible, (Note(f"Only {distinct} different rows, so at most {most} segments.", warning=True),)


def _fitted(X: Floats, recipe: Recipe, k: int, progress: Progress) -> NDArray[np.intp]:
    progress(0.0, f"{ALGORITHMS[recipe.algorithm].title} with {k} segments")
    clusterer = SegmentClusterer(recipe.algorithm, k, recipe.seed, dict(recipe.settings), progress)
    return clusterer.fit(X).labels_


def _scored(X: Floats, labels: NDArray[np.intp], k: int) -> KScore:
    return KScore(
        k=k,
        wcss=within_sum_of_squares(X, labels),
        calinski_harabasz=calinski_harabasz(X, labels),
        davies_bouldin=davies_bouldin(X, labels),
        smallest_share=float(np.bincount(labels).min() / len(X)),
    )


def _with_silhouettes(X: Floats, selection: KSelection, progress: Progress) -> KSelection:
    widths = measure_silhouettes(X, list(selection.labels.values()), progress=progress)
    scores = tuple(
        replace(score, silhouette=width.mean, silhouette_se=width.standard_error)
        for score, width in zip(selection.scores, widths, strict=True)
    )
    return replace(selection, scores=scores)


def _recommended(selection: KSelection) -> KSelection:
    best = max(selection.scores, key=lambda score: (score.silhouette or 0.0, -score.k))
    width = best.silhouette or 0.0
    strength = (
        "The segments are clearly apart."
        if width >= 2 * WEAK_SILHOUETTE
        else "The segments overlap; treat their borders as a convention."
        if width >= WEAK_SILHOUETTE
        else "That is weak: the customers may not fall into groups at all."
    )
    reason = f"{best.k} segments have the highest mean silhouette ({width:.3f}). {strength}"
    return replace(selection, recommended=best.k, reason=reason)
