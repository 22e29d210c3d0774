"""Comparison of numbers of segments: scores per k, evidence, the decision in words, what changes between two."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups, FitResult, categories_of
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.kmeans import KMeansSweep, quick_kmeans
from segmenter.cluster.projection import fit_projection
from segmenter.display import html_view
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError, TooFewCustomersError, TooFewDistinctRowsError
from segmenter.measures.association import adjusted_rand_index, crosstab
from segmenter.measures.borders import MOST_ROWS, Border, stray
from segmenter.measures.recurrence import (
    Cut,
    Decision,
    decide,
    matched,
    renumbered_like,
    searched_beside,
    share_from_one_parent,
)
from segmenter.measures.separation import (
    SilhouetteWidth,
    calinski_harabasz,
    davies_bouldin,
    measure_silhouettes,
    within_sum_of_squares,
)
from segmenter.measures.tendency import Gap, WcssPerK, measure_gap
from segmenter.prepare.diagnostics import customers_far_out
from segmenter.prepare.preparation import Prepared, clusterer_for, feature_groups, prepare
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe, Reduction, complete, whole_number
from segmenter.sampling import canonical_order, count_distinct, systematic_sample
from segmenter.segment.quality import SegmentStability, Solution, matrix_digest, measure_recurrence, stability_of
from segmenter.segment.result import Structure
from segmenter.table.dataset import Dataset, Note
from segmenter.table.repeats import check_one_row_each
from segmenter.typing import BoolArray, FloatArray, IntArray

# Of the rows on a border's emptier side, so few in its middle that a reader would call it empty.
NEARLY_EMPTY = 0.75
# Borders listed one by one; more are counted.
MOST_LISTED = 3


class Verdict(StrEnum):
    """What kind of segments the data holds."""

    NATURAL = "natural"
    REPRODUCIBLE = "reproducible"
    CONSTRUCTED = "constructed"
    NONE = "none"


# One sentence for each, wherever it is said.
VERDICT_WORDS: Final[Mapping[str, str]] = {
    "natural": "Natural: the segments are there.",
    "reproducible": "Reproducible: the same division is found again.",
    "constructed": "Constructed: a useful cut of your own making; expect it to move.",
    "none": "None: these columns hold no groups of their own.",
}


def reason_for(decision: Decision) -> str:
    """Return in plain sentences, to be read after the headline, what was found and what it means for the number."""
    cuts = {cut.k: cut for cut in decision.cuts}
    match Verdict(decision.kind):
        case Verdict.NATURAL:
            follows = "" if decision.followed else f" {_NOT_FOLLOWED}"
            return f"{_between(decision)} {_all_found(cuts[decision.recommended])}{follows}"
        case Verdict.NONE:
            return f"{_NO_GROUPS} {_tiers(decision.cut)}{_some_real(decision.borders)}"
        case Verdict.REPRODUCIBLE if decision.n_groups == 1:
            real = sum(border.real for border in decision.borders)
            found = _CLASSES if not real else _MAYBE if real == len(decision.borders) else _PARTLY
            return f"{found} {_again(decision, cuts)}{_some_real(decision.borders)}"
        case Verdict.REPRODUCIBLE:
            return f"{_other_number(decision)} {_again(decision, cuts)}"
        case Verdict.CONSTRUCTED:
            follows = "" if decision.followed else f" {_NOT_FOLLOWED}"
            return f"{_other_number(decision)}{follows} {_MOVES.format(k=decision.recommended)}"


_NO_GROUPS = "A search for separate groups finds none."
_CLASSES = "There are no gaps between groups of your customers, yet they are not one even cloud either."
_PARTLY = "Your customers do not fall into groups that are all apart, yet they are not one even cloud either."
_MAYBE = (
    "Between every two of these segments there are fewer customers than on either side, yet a search that starts from "
    "no segments does not lead to them."
)
_NOT_FOLLOWED = (
    "K-Means does not draw its borders where these groups have theirs: look at more segments, and compare the methods, "
    "of which a Gaussian mixture follows groups of unequal size or shape."
)
_MOVES = (
    "Formed again from other customers, a cut into {k} comes out differently: it is a useful cut of your own making, "
    "so expect it to move with the next file."
)


def _between(decision: Decision) -> str:
    shallowest = min((border.valley for border in decision.borders), default=0.0)
    found = "few customers" if shallowest >= NEARLY_EMPTY else "fewer customers than inside them"
    more = " More numbers than those compared may show more groups." if decision.at_least else ""
    return f"Between these groups there are {found}.{more}"


def _all_found(cut: Cut) -> str:
    if cut.reliable:
        return "Each is found again nearly every time that other customers are drawn."
    return _shaky(cut)


def _shaky(cut: Cut) -> str:
    shaky = [f"segment {number}" for number, each in enumerate(cut.segments, start=1) if not each.reliable]
    return f"Other samples move the borders of {_listed(shaky)}: see the light of each segment."


def _tiers(cut: int | None) -> str:
    if cut is None:
        return "No cut is found again every time either, so any borders that you draw are yours, not theirs."
    return f"If you want tiers, a cut into {cut} is found again nearly every time."


def _again(decision: Decision, cuts: Mapping[int, Cut]) -> str:
    k = decision.recommended
    count = f"at least {k}" if decision.at_least else f"{k}"
    cut = cuts[k]
    if cut.reliable:
        return f"A division into {count} segments is found again nearly every time, so you can work with it."
    return f"A division into {count} segments is found again most times, so you can work with it. {_shaky(cut)}"


def _less_often(decision: Decision, cuts: Mapping[int, Cut], recipe: Recipe) -> str:
    """Return what to add where a method's own segments are found again less often than those of K-Means."""
    k = decision.cut if decision.recommended == 1 else decision.recommended
    of_k_means = {cut.k: cut for cut in decision.cuts}
    if k is None or k not in cuts or k not in of_k_means or cuts[k].reliable or not of_k_means[k].reliable:
        return ""
    components = "" if recipe.reduction is Reduction.NONE else " on components"
    method = f"{ALGORITHMS[recipe.algorithm].title}{components}"
    return f" This is said of K-Means: the {k} segments of {method} are found again less often; see their lights."


def _some_real(borders: tuple[Border, ...]) -> str:
    real = [border for border in borders if border.real]
    if not real or len(real) == len(borders):
        return ""
    if len(real) > MOST_LISTED:
        count = f"{len(real)} of its {len(borders)}"
        return f" On {count} borders there are fewer customers than on either side, on the others there are not."
    pairs = _listed([f"{border.between[0] + 1} and {border.between[1] + 1}" for border in real])
    return f" Only between segments {pairs} there are fewer customers than on either side."


def _other_number(decision: Decision) -> str:
    k = decision.n_groups
    if k == decision.recommended:
        return f"There are gaps between {k} groups of your customers, but segments formed again do not all follow them."
    if k > decision.recommended:
        return f"There are gaps between at least {decision.recommended} groups, more than were compared."
    return f"Each number compared cuts through groups: compare {k} segments, too."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# Beyond this many rows the gap no longer changes, and the time goes up.
DIAGNOSTIC_ROWS = 2_000
N_REFERENCES = 10


def gap_per_k(X: FloatArray, ks: Sequence[int], *, seed: int, progress: Progress = silent) -> Gap:
    """Return the gap statistic of K-Means for one segment and then each number of segments."""
    return measure_gap(_sample(X), _wcss_of((1, *ks)), n_references=N_REFERENCES, seed=seed, progress=progress)


def _sample(X: FloatArray) -> FloatArray:
    """Return a fair sample of the rows around their mean, in an order that only their values decide."""
    chosen = X[canonical_order(X)[systematic_sample(len(X), DIAGNOSTIC_ROWS)]]
    centred: FloatArray = chosen - chosen.mean(axis=0)
    return centred


def _wcss_of(ks: Sequence[int]) -> WcssPerK:
    def wcss_per_k(rows: FloatArray, random: np.random.Generator) -> FloatArray:
        return np.array([quick_kmeans(rows, k, int(random.integers(2**31))).wcss for k in ks])

    return wcss_per_k


Solve = Callable[[int, Progress], SegmentClusterer]
"""(k, progress) to the segments of the rows."""

# Shares of the work: forming the segments, their silhouettes, the gap; the rest is the decision.
FITTED, MEASURED, COMPARED = 0.3, 0.4, 0.7
# At least so many rows per column make segments that other samples show too (Dolnicar et al. 2014).
ADVISED_ROWS_PER_COLUMN = 60
# Of the customers set aside, so many are named.
MOST_NAMED = 10


@dataclass(frozen=True)
class KScore:
    """Scores of one number of segments; None where undefined or not measured yet.

    Attributes
    ----------
    wcss
        Within-cluster sum of squares.
    silhouette
        Mean silhouette; `silhouette_se` is its standard error when it comes from a sample, 0 when exact.
    gap
        How much smaller log WCSS is than in data without segments; `gap_se` its standard error.
    stability
        Mean agreement (adjusted Rand index) with the solutions that fresh samples lead to.
    bic, aic
        Bayesian and Akaike information criterion of a mixture or of latent classes; lower is better.
    smallest_share
        Of the smallest segment among all customers, 0-1.
    """

    k: int
    wcss: float
    calinski_harabasz: float | None = None
    davies_bouldin: float | None = None
    smallest_share: float = 1.0
    silhouette: float | None = None
    silhouette_se: float = 0.0
    gap: float | None = None
    gap_se: float | None = None
    stability: float | None = None
    bic: float | None = None
    aic: float | None = None


@dataclass(frozen=True, eq=False, repr=False)
class KSelection:
    """Scores for every number of segments, and which one is recommended.

    Attributes
    ----------
    scores
        One per number of segments asked for, ascending.
    one
        The scores of all customers as one segment, which the gap compares with.
    recommended
        The recommended number of segments, 1 for none; None while evidence is still gathered.
    cut
        The number into which a cut is found again nearly every time; None where there is none.
    reason
        Why, in a few sentences.
    borders
        Of every two segments of the recommended number, or else of the cut, numbered from 0 as in the labels.
    found_again
        Per k, how reliably each segment is found again, in the order of the labels.
    clusterers
        Per k, the segments as they were formed.
    widths
        Per k, their silhouettes.
    rows
        A digest of the prepared rows.
    n_groups
        The number of groups with real borders, whatever was asked for; 1 for none, None while not looked for.
    at_least
        Whether there may be more groups than the recommended number.
    followed
        Whether the segments of the recommended number follow the groups, where there are as many.
    """

    scores: tuple[KScore, ...]
    one: KScore | None = None
    verdict: Verdict | None = None
    recommended: int | None = None
    cut: int | None = None
    reason: str = ""
    borders: tuple[Border, ...] = ()
    found_again: Mapping[int, tuple[SegmentStability, ...]] = field(default_factory=dict)
    clusterers: Mapping[int, SegmentClusterer] = field(default_factory=dict)
    widths: Mapping[int, SilhouetteWidth] = field(default_factory=dict)
    rows: bytes = b""
    notes: tuple[Note, ...] = ()
    n_groups: int | None = None
    at_least: bool = False
    followed: bool = True

    @property
    def labels(self) -> dict[int, IntArray]:
        """Per k, the segment of each customer that could be used, so that picking another k computes nothing."""
        return {k: clusterer.labels_ for k, clusterer in self.clusterers.items()}

    def solution(self, k: int) -> Solution | None:
        """Return what is known of the segments at `k`, for `fit_segmentation`; None while something is missing."""
        if k not in self.widths or k not in self.found_again:
            return None
        return Solution(self.rows, self.clusterers[k], self.widths[k], self.found_again[k])

    @property
    def n_real(self) -> int:
        """How many of the borders are real: what every sentence about gaps is made of."""
        return sum(border.real for border in self.borders)

    @property
    def headline(self) -> str:
        """Whether there are groups, as one sentence: the same on the page and in every report."""
        k, n_groups = self.recommended or 1, self.n_groups or 1
        match self.verdict:
            case Verdict.NATURAL:
                return f"Your customers fall into {'at least ' if self.at_least else ''}{k} natural groups."
            case Verdict.REPRODUCIBLE if n_groups > 1:
                return f"Your customers fall into {n_groups} natural groups, fewer than you compared."
            case Verdict.REPRODUCIBLE if self.n_real == len(self.borders) > 0:
                return f"Your customers may fall into {k} groups."
            case Verdict.REPRODUCIBLE if self.n_real:
                return "Some borders between your customers are real, others are not."
            case Verdict.REPRODUCIBLE:
                return "Your customers differ by degrees, not by groups."
            case Verdict.CONSTRUCTED:
                return f"A division into {k} is constructed: expect it to move."
            case _:
                return "Your customers are one crowd."

    @property
    def statement(self) -> str:
        """The headline and why, for where nothing else is said of them."""
        return f"{self.headline} {self.reason}"

    @property
    def structure(self) -> Structure | None:
        """Whether there are segments at all, as a result carries it along; None while evidence is still gathered."""
        if self.verdict is None or self.recommended is None:
            return None
        return Structure(self.verdict.value, self.headline, self.reason, self.recommended)

    def __repr__(self) -> str:
        scored = f"{self.scores[0].k} to {self.scores[-1].k} segments scored" if self.scores else "nothing scored yet"
        if self.recommended is None:
            return f"<KSelection: {scored}>"
        return f"<KSelection: {scored}; {self.recommended} recommended ({self.verdict})>"

    def _repr_html_(self) -> str:
        headers = ("segments", "silhouette", "gap", "stability", "smallest share")
        rows = ((each.k, each.silhouette, each.gap, each.stability, each.smallest_share) for each in self.scores)
        return html_view(repr(self), headers, rows, (self.reason,))


Partial = Callable[[KSelection], None]


def compare_k(
    dataset: Dataset,
    recipe: Recipe,
    k_range: Sequence[int] = range(2, 11),
    *,
    progress: Progress = silent,
    partial: Partial = lambda _: None,
) -> KSelection:
    """Score each number of segments, and say whether there are segments and how many.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        Its columns, method and seed are used; its own number of segments is not.
    k_range
        The numbers of segments to compare, 2 or more each. Where there are more groups than the last of them, and that
        is 10 or more, the numbers up to that of the groups are compared, too.
    progress
        Is called with the share done, 0 to 1, and what is being done.
    partial
        Is handed the scores found so far each time there are more.

    Raises
    ------
    SegmenterError
        If the columns cannot be used, or there are too few different customers.
    ArgumentTypeError
        If an argument is of another type.

    Examples
    --------
    >>> from segmenter import Recipe, compare_k, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> compare_k(dataset, Recipe(suggest_features(dataset)), range(4, 7))
    <KSelection: 4 to 6 segments scored; 5 recommended (natural)>
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    check_one_row_each(dataset)
    prepared = prepare(dataset, recipe)
    space = feature_groups(prepared.preparation)
    notes = _set_aside(dataset, recipe, prepared)

    def with_notes(selection: KSelection) -> KSelection:
        return replace(selection, notes=selection.notes + notes)

    def seen(selection: KSelection) -> None:
        partial(with_notes(selection))

    return with_notes(
        select_k(
            prepared.X, k_range, recipe=recipe, space=space, weights=prepared.weights, progress=progress, partial=seen
        )
    )


def _set_aside(dataset: Dataset, recipe: Recipe, prepared: Prepared) -> tuple[Note, ...]:
    """Name the customers far out in several columns whom the evidence leaves out; they stay in the segments."""
    if len(prepared.X) > MOST_ROWS:
        # The evidence is a sample's then.
        return ()
    place = np.cumsum(prepared.kept) - 1
    alone = stray(prepared.X)
    rows = [
        each.row + 1
        for each in customers_far_out(dataset, recipe)
        if prepared.kept[each.row] and alone[place[each.row]]
    ]
    if not rows:
        return ()
    named = ", ".join(f"{row:,}" for row in rows[:MOST_NAMED]) + (", …" if len(rows) > MOST_NAMED else "")
    who = "1 customer lies" if len(rows) == 1 else f"{len(rows):,} customers lie"
    where, stay = (f"row {named}", "the customer stays") if len(rows) == 1 else (f"rows {named}", "they stay")
    text = f"{who} far out in several columns at once ({where}): set aside for the evidence; {stay} in the segments."
    return (Note(text),)


def select_k(
    X: FloatArray,
    k_range: Sequence[int] = range(2, 11),
    *,
    recipe: Recipe | None = None,
    space: FeatureGroups | None = None,
    weights: FloatArray | None = None,
    progress: Progress = silent,
    partial: Partial = lambda _: None,
) -> KSelection:
    """Score each number of segments of a prepared matrix, shape (n, p); see `compare_k`.

    Only the recipe's algorithm, its settings, its components and the seed matter here; `space` is what the columns
    come from, and `weights`, shape (n,), what each row counts in segments and scores. Borders, gap and stability are
    about the rows as they are.
    """
    recipe = recipe or Recipe(())
    if ALGORITHMS[recipe.algorithm].finds_number:
        message = f"{ALGORITHMS[recipe.algorithm].title} finds the number of segments itself; there is none to choose."
        raise InvalidSettingError(message)
    ks, notes = _possible(X, k_range)
    one = KScore(1, within_sum_of_squares(X, np.zeros(len(X), dtype=np.intp), weights))
    selection = KSelection((), one=one, rows=matrix_digest(X, weights), notes=notes + _advice(X))
    solve = _solver(X, recipe, space, weights)
    categories = categories_of(space)
    plain = recipe.algorithm == "k-means" and recipe.reduction is Reduction.NONE
    # Other methods need the memory and the threads for themselves.
    with searched_beside(X, categories=categories) if plain else nullcontext() as searched:
        for number, k in enumerate(ks):
            start, end = (FITTED * each / len(ks) for each in (number, number + 1))
            selection = _with_solution(X, selection, solve(k, part(progress, start, end)), weights)
            partial(selection)
        selection = _with_silhouettes(X, selection, weights, part(progress, FITTED, MEASURED))
        partial(selection)
        gap = gap_per_k(X, ks, seed=recipe.seed, progress=part(progress, MEASURED, COMPARED))
        # The answer is one for every method: other methods' segments are not what K-Means finds again.
        shown = selection.labels if plain else None
        last = part(progress, COMPARED, 1.0)
        decision = decide(X, ks, labels=shown, categories=categories, searched=searched, progress=last)
    if len(ks) > 1 and config.DEFAULT_MAX_SEGMENTS <= ks[-1] < decision.n_groups:
        # Whoever hears "at least 10" of 15 groups would have to ask again.
        further = range(ks[-1] + 1, min(decision.n_groups, config.MAX_SEGMENTS) + 1)
        numbers, _ = _possible(X, [*ks, *further])
        if len(numbers) > len(ks):
            last = part(progress, 1.0, 1.0)
            return select_k(X, numbers, recipe=recipe, space=space, weights=weights, progress=last)
    cuts = {cut.k: cut for cut in decision.cuts}
    if shown is None:
        projection = fit_projection(recipe.reduction.value, recipe.n_components, X[canonical_order(X)], space)
        seen, of = (X, space) if projection is None else (projection.projected(X), None)
        for k, labels in selection.labels.items():
            cuts[k] = measure_recurrence(
                seen, labels, algorithm=recipe.algorithm, settings=dict(recipe.settings), space=of, progress=silent
            )
    return _judged(selection, gap, decision, cuts, recipe)


def _possible(X: FloatArray, k_range: object) -> tuple[list[int], tuple[Note, ...]]:
    message = "k_range must be whole numbers of segments from 2 on, such as range(2, 11) for 2 to 10."
    if not isinstance(k_range, Iterable) or isinstance(k_range, str):
        raise InvalidSettingError(message)
    asked = sorted({whole_number(k, "Each k of k_range", "4") for k in k_range})
    if not asked or asked[0] < 2:
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


def _advice(X: FloatArray) -> tuple[Note, ...]:
    rows, columns = X.shape
    if rows >= ADVISED_ROWS_PER_COLUMN * columns:
        return ()
    text = (
        f"{rows} customers are few for {columns} columns: segments from fewer than "
        f"{ADVISED_ROWS_PER_COLUMN * columns} ({ADVISED_ROWS_PER_COLUMN} for each column) often look different "
        "in the next sample. Fewer columns or more customers make them more reliable."
    )
    return (Note(text),)


def _solver(X: FloatArray, recipe: Recipe, space: FeatureGroups | None, weights: FloatArray | None) -> Solve:
    plain = recipe.algorithm == "k-means" and recipe.reduction is Reduction.NONE
    settings = dict(complete(ALGORITHMS[recipe.algorithm].settings, dict(recipe.settings)))
    sweep = None
    if plain:
        starts, steps = int(settings["starts"]), int(settings["steps"])
        sweep = KMeansSweep(X, recipe.seed, weights, starts=starts, steps=steps)
    # Each number's own criterion comes with its fit.
    asked = tuple(sorted({**dict(recipe.settings), "bic_to": 0}.items())) if "bic_to" in settings else recipe.settings

    def solve(k: int, progress: Progress) -> SegmentClusterer:
        clusterer = clusterer_for(replace(recipe, n_segments=k, settings=asked), space, progress)
        if sweep is None:
            progress(0.0, f"{ALGORITHMS[recipe.algorithm].title} with {k} segments")
            clusterer.fit(X, sample_weight=weights)
        else:
            fit = sweep.fit(k, progress)
            clusterer.fit_with(X, FitResult(fit.labels, NearestCentre(fit.centres)), weights)
        # Whoever watches this comparison is not to be called by it later.
        clusterer.progress = silent
        return clusterer

    return solve


def _with_solution(
    X: FloatArray, selection: KSelection, clusterer: SegmentClusterer, weights: FloatArray | None
) -> KSelection:
    k, labels, details = clusterer.n_segments, clusterer.labels_, clusterer.details_
    criteria = details if isinstance(details, MixtureDetails) else MixtureDetails({})
    score = KScore(
        k=k,
        wcss=within_sum_of_squares(X, labels, weights),
        calinski_harabasz=calinski_harabasz(X, labels, weights),
        davies_bouldin=davies_bouldin(X, labels, weights),
        smallest_share=float(np.bincount(labels, weights).min() / (len(X) if weights is None else weights.sum())),
        bic=criteria.bic.get(k),
        aic=criteria.aic.get(k),
    )
    return replace(selection, scores=(*selection.scores, score), clusterers={**selection.clusterers, k: clusterer})


def _with_silhouettes(
    X: FloatArray, selection: KSelection, weights: FloatArray | None, progress: Progress
) -> KSelection:
    widths = measure_silhouettes(X, list(selection.labels.values()), weights=weights, progress=progress)
    scores = tuple(
        replace(score, silhouette=width.mean, silhouette_se=width.standard_error)
        for score, width in zip(selection.scores, widths, strict=True)
    )
    return replace(selection, scores=scores, widths=dict(zip(selection.labels, widths, strict=True)))


def _judged(
    selection: KSelection, evidence: Gap, decision: Decision, cuts: Mapping[int, Cut], recipe: Recipe
) -> KSelection:
    gap, error = evidence.gap, evidence.standard_error
    scores = tuple(
        replace(
            score,
            gap=float(gap[place]),
            gap_se=float(error[place]),
            stability=cuts[score.k].agreement if score.k in cuts else None,
        )
        for place, score in enumerate(selection.scores, start=1)
    )
    assert selection.one is not None
    return replace(
        selection,
        scores=scores,
        one=replace(selection.one, gap=float(gap[0]), gap_se=float(error[0])),
        verdict=Verdict(decision.kind),
        recommended=decision.recommended,
        cut=decision.cut,
        reason=f"{reason_for(decision)}{_less_often(decision, cuts, recipe)}",
        borders=decision.borders,
        found_again={k: stability_of(selection.labels[k], cut.segments) for k, cut in cuts.items()},
        n_groups=decision.n_groups,
        at_least=decision.at_least,
        followed=decision.followed,
    )


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two solutions side by side.

    Attributes
    ----------
    table
        Shape (k_first, k_second): customers in each pair of segments.
    partner
        Shape (k_first,): the segment of the second solution that each of the first resembles; -1 for none.
    agreement
        Adjusted Rand index, 1 for the same division.
    moves
        Shape (n,): whether each customer leaves the counterpart of its segment.
    smallest_shares
        Share of all customers in the smallest segment of the first and of the second solution.
    """

    table: IntArray
    partner: IntArray
    agreement: float
    moves: BoolArray
    smallest_shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Step:
    """What becomes of the segments from one number of segments to the next.

    Attributes
    ----------
    labels
        Shape (n,), numbered like the segments before wherever one continues.
    flows
        Shape (k before, k): customers that go from each segment to each.
    from_one_parent
        Shape (k,): SLSA, 1 where all customers of a segment come from one segment before; NaN for the first.
    """

    k: int
    labels: IntArray
    flows: IntArray
    from_one_parent: FloatArray


def compare_solutions(first: IntArray, second: IntArray) -> Comparison:
    """Set two solutions of the same customers, labels 0 … k-1, side by side."""
    table = crosstab(first, second)
    partner = matched(table)
    return Comparison(
        table=table,
        partner=partner,
        agreement=adjusted_rand_index(first, second),
        moves=partner[first] != second,
        smallest_shares=(_smallest_share(first), _smallest_share(second)),
    )


def segments_across_k(labels: Mapping[int, IntArray]) -> tuple[Step, ...]:
    """Follow segments through solutions with more and more of them, renumbered so that they keep their number."""
    ks = sorted(labels)
    named = {ks[0]: labels[ks[0]]}
    for before, k in pairwise(ks):
        named[k] = renumbered_like(labels[k], named[before])
    first = Step(ks[0], named[ks[0]], np.bincount(named[ks[0]])[None, :], np.full(ks[0], np.nan))
    later = (
        Step(k, named[k], crosstab(named[before], named[k]), share_from_one_parent(named[k], named[before]))
        for before, k in pairwise(ks)
    )
    return (first, *later)


def _smallest_share(labels: IntArray) -> float:
    return float(np.bincount(labels).min() / len(labels))
