"""Several methods on the same customers, judged by the same measures, and which of them is recommended."""

import contextlib
import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Generic, Self, TypeVar

import numpy as np

from segmenter import config
from segmenter.choose.k import KSelection
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmeans import KMeansSweep
from segmenter.display import counted, html_view, percent_text
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import (
    InvalidSettingError,
    MethodMemoryError,
    TooFewCustomersError,
    TooFewDistinctRowsError,
)
from segmenter.measures.association import adjusted_rand_index
from segmenter.measures.recurrence import SAME_SEGMENT
from segmenter.measures.separation import calinski_harabasz, davies_bouldin, silhouette_samples
from segmenter.prepare.preparation import clusterer_for, feature_groups, prepare
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe, Reduction, SettingPairs, complete
from segmenter.sampling import canonical_order, count_distinct, systematic_sample, weighted_sample
from segmenter.table.dataset import Dataset, Note
from segmenter.table.repeats import check_one_row_each
from segmenter.typing import FloatArray, IntArray

# Refits of more rows change agreements by less than their own error, and slow methods would take minutes.
REFIT_ROWS = 5_000
# Eight samples make 28 pairs, five seeds ten.
N_SAMPLES, N_SEEDS = 8, 5
# Seeds of the samples stand apart from those of the seeds.
_SAMPLE_SEEDS = 1_000


@dataclass(frozen=True)
class Agreement:
    """How alike several solutions of the same customers are.

    Attributes
    ----------
    mean
        Mean adjusted Rand index of all pairs; 1 is the same division every time.
    standard_error
        Of `mean`, by leaving out one solution at a time (jackknife).
    """

    mean: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class RefitAgreement:
    """What forming the segments again showed.

    Attributes
    ----------
    over_samples
        Agreement of the solutions from bootstrap samples, each placed on the same customers.
    over_seeds
        Agreement of the solutions from the same customers with different seeds.
    silhouettes
        Shape (N_SAMPLES,): mean silhouette of each bootstrap solution on the same customers; NaN where it
        is undefined. The samples are the same for every method, so that differences can be paired.
    problem
        Why there is nothing to show, as a sentence; empty where there is.
    """

    over_samples: Agreement | None = None
    over_seeds: Agreement | None = None
    silhouettes: FloatArray | None = None
    problem: str = ""


def refit_rows(X: FloatArray) -> FloatArray:
    """Return at most REFIT_ROWS fair rows, chosen and ordered by their values alone."""
    rows: FloatArray = X[canonical_order(X)[systematic_sample(len(X), REFIT_ROWS)]]
    return rows


def refit(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> RefitAgreement:
    """Form the segments of `rows`, shape (n, p), again and again; the clusterer says how."""
    try:
        over_samples = _from_samples(rows, clusterer, part(progress, 0.0, 0.6))
        over_seeds = _from_seeds(rows, clusterer, part(progress, 0.6, 0.9))
    except SegmenterError as error:
        return RefitAgreement(problem=f"It could not be formed again: {error}")
    progress(0.9, "silhouettes of the segments formed again")
    return RefitAgreement(
        mean_pairwise_agreement(over_samples), mean_pairwise_agreement(over_seeds), _silhouettes(rows, over_samples)
    )


def mean_pairwise_agreement(solutions: Sequence[IntArray]) -> Agreement:
    """Return the mean agreement of all pairs; customers in no segment count as a group of their own."""
    grouped = [np.where(labels < 0, labels.max() + 1, labels) for labels in solutions]
    n = len(grouped)
    table = np.zeros((n, n))
    for first, second in combinations(range(n), 2):
        table[first, second] = table[second, first] = adjusted_rand_index(grouped[first], grouped[second])
    mean = table.sum() / (n * (n - 1))
    without = (table.sum() - 2 * table.sum(axis=1)) / ((n - 1) * (n - 2))
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    return Agreement(float(mean), float(error))


def mean_silhouette(X: FloatArray, labels: IntArray, progress: Progress = silent) -> tuple[float, FloatArray]:
    """Return the mean silhouette of the customers in a segment, and each customer's, NaN in none.

    Both are NaN where fewer than two segments hold customers.
    """
    widths = np.full(len(X), np.nan)
    placed = labels >= 0
    if len(np.unique(labels[placed])) < 2:
        return np.nan, widths
    widths[placed] = silhouette_samples(X[placed], [labels[placed]], progress=progress)[0]
    return float(widths[placed].mean()), widths


def _from_samples(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> list[IntArray]:
    random = np.random.default_rng(clusterer.seed)
    found = []
    for number in range(N_SAMPLES):
        progress(number / N_SAMPLES, "forming segments again from other samples")
        sample = random.integers(0, len(rows), len(rows))
        found.append(clusterer.again((clusterer.seed + _SAMPLE_SEEDS + number) % 2**32).fit(rows[sample]).predict(rows))
    return found


def _from_seeds(rows: FloatArray, clusterer: SegmentClusterer, progress: Progress) -> list[IntArray]:
    found = []
    for number in range(N_SEEDS):
        progress(number / N_SEEDS, "forming segments again with other seeds")
        found.append(clusterer.again((clusterer.seed + number) % 2**32).fit(rows).labels_)
    return found


def _silhouettes(rows: FloatArray, solutions: Sequence[IntArray]) -> FloatArray:
    if all((labels >= 0).all() and labels.any() for labels in solutions):
        return np.array([width.mean() for width in silhouette_samples(rows, solutions)])
    return np.array([mean_silhouette(rows, labels)[0] for labels in solutions])


@dataclass(frozen=True)
class MethodChoice:
    """A method and what was set in it.

    Attributes
    ----------
    key
        Of the method.
    settings
        Sorted (name, value) pairs.
    reduction
        What the columns are put into before segments are formed, such as `Reduction.PCA`; whatever the recipe says
        where it is None. The segments are judged in the columns all the same.
    """

    key: str
    settings: SettingPairs = ()
    reduction: Reduction | None = None

    def __post_init__(self) -> None:
        if self.reduction is not None:
            object.__setattr__(self, "reduction", Reduction(self.reduction))

    @classmethod
    def named(cls, name: str, settings: SettingPairs = ()) -> Self:
        """Return the choice of a name such as "ward" or "k-means+pca".

        Parameters
        ----------
        name
            A method's key, and + with what the columns are put into.
        settings
            What is set in the method.

        Raises
        ------
        InvalidSettingError
            If the columns cannot be put into that.
        """
        key, plus, reduction = name.partition("+")
        if plus and reduction not in tuple(Reduction):
            message = f"{name!r}: columns are put into {Reduction.PCA} or {Reduction.FAMD}, as in k-means+pca."
            raise InvalidSettingError(message)
        return cls(key, settings, Reduction(reduction) if plus else None)

    @property
    def name(self) -> str:
        """The text that `named` reads."""
        return self.key if self.reduction is None else f"{self.key}+{self.reduction.value}"

    @property
    def title(self) -> str:
        """Its name on the screen."""
        title = ALGORITHMS[self.key].title if self.key in ALGORITHMS else self.key
        if self.reduction is not None:
            title += (
                " on the columns" if self.reduction is Reduction.NONE else f" on {self.reduction.upper()} components"
            )
        said = ", ".join(f"{name} {value}" for name, value in self.settings)
        return f"{title} ({said})" if said else title

    def within(self, recipe: Recipe) -> Recipe:
        """Return a recipe that forms its segments this way."""
        recipe = replace(recipe, algorithm=self.key, settings=self.settings)
        if self.reduction in (None, recipe.reduction):
            return recipe
        return replace(recipe, reduction=self.reduction, n_components=0)


@dataclass(frozen=True)
class MethodScore:
    """One method's segments, judged in the prepared space of the chosen columns; None where undefined.

    Attributes
    ----------
    problem
        Why it formed no segments, as a sentence; empty where it did.
    n_segments
        How many there are, which need not be how many were asked for.
    silhouette, silhouette_se
        Mean over the customers in a segment; its standard error covers both other customers to score and
        other customers to form the segments from.
    over_samples, over_seeds
        How alike the segments are when they are formed again.
    smallest_share, largest_share, noise_share
        Of the smallest and largest segment, and of the customers in no segment, among all customers, 0-1.
    agreement
        Adjusted Rand index with K-Means of the same number of segments, over the customers in a segment.
    seconds, memory_mb
        What forming the segments once took; memory in millions of bytes, None where not measured.
    remark
        What could not be measured, and why; empty where everything was.
    """

    choice: MethodChoice
    problem: str = ""
    n_segments: int = 0
    silhouette: float | None = None
    silhouette_se: float | None = None
    davies_bouldin: float | None = None
    calinski_harabasz: float | None = None
    over_samples: Agreement | None = None
    over_seeds: Agreement | None = None
    smallest_share: float | None = None
    largest_share: float | None = None
    noise_share: float | None = None
    agreement: float | None = None
    seconds: float | None = None
    memory_mb: float | None = None
    remark: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class MethodComparison:
    """Several methods on the same customers, side by side.

    Attributes
    ----------
    scores
        One per method, K-Means first.
    findings
        Which differences mean something, one sentence each.
    recommended
        The method worth taking; None while the comparison is under way.
    recommendation
        Why, in a sentence or two.
    notes
        How the figures came about.
    followed
        False where there are groups that K-Means is known not to follow.
    """

    scores: tuple[MethodScore, ...] = ()
    findings: tuple[str, ...] = ()
    recommended: MethodChoice | None = None
    recommendation: str = ""
    notes: tuple[Note, ...] = ()
    followed: bool = True

    def __repr__(self) -> str:
        advice = f"; {self.recommended.title} recommended" if self.recommended else ""
        return f"<MethodComparison: {counted(len(self.scores), 'method')} compared{advice}>"

    def _repr_html_(self) -> str:
        headers = ("method", "segments", "silhouette", "smallest share", "agreement with K-Means", "seconds", "remark")
        rows = (
            (
                each.choice.title,
                each.n_segments,
                each.silhouette,
                each.smallest_share,
                each.agreement,
                each.seconds,
                each.problem or each.remark,
            )
            for each in self.scores
        )
        return html_view(repr(self), headers, rows, (self.recommendation, *self.findings))


# A difference within two standard errors happens by chance more often than once in twenty.
ERRORS_THAT_COUNT = 2.0
# Below, the same method gives other segments each time.
FOUND_AGAIN = SAME_SEGMENT
# From here two methods tell the same story about nearly every customer.
NEARLY_THE_SAME = 0.8
# A segment with more than this share, or so many customers in none, is no segmentation to work with.
# The levels beside it are over all that each method placed, so that their difference is another number.
_PAIRED = "customer by customer, where both placed them: "
MOST_IN_ONE, MOST_IN_NONE, WORTH_SAYING_IN_NONE = 0.9, 0.2, 0.01


@dataclass(frozen=True, eq=False)
class MethodCandidate:
    """A method's score, and the detail that differences are measured on.

    Attributes
    ----------
    widths
        Silhouette of each scored customer, the same customers for every method; NaN for those in no segment.
    refits
        Mean silhouette of the segments of each bootstrap sample, the same samples for every method.
    """

    score: MethodScore
    widths: FloatArray
    refits: FloatArray | None = None


@dataclass(frozen=True)
class SilhouetteDifference:
    """By how much one method's silhouette is above another's, on the customers that both placed."""

    value: float
    standard_error: float

    @property
    def counts(self) -> bool:
        """Whether it is beyond what chance does."""
        return abs(self.value) > ERRORS_THAT_COUNT * self.standard_error

    def __str__(self) -> str:
        direction = "higher" if self.value > 0 else "lower"
        verdict = "this counts" if self.counts else "within chance"
        return f"{direction} by {abs(self.value):.3f} ± {self.standard_error:.3f}: {verdict}"


@dataclass(frozen=True)
class Recommendation:
    """What a comparison comes to.

    Attributes
    ----------
    findings
        One text per method, in the order of the methods.
    """

    findings: tuple[str, ...]
    recommended: MethodChoice | None
    recommendation: str


def silhouette_error(widths: FloatArray, refits: FloatArray | None) -> float | None:
    """Return the standard error of a mean silhouette: other customers to score, and others to form from."""
    known = widths[~np.isnan(widths)]
    if len(known) < 2:
        return None
    return float(np.sqrt(known.var(ddof=1) / len(known) + _variance(refits)))


def difference(one: MethodCandidate, other: MethodCandidate) -> SilhouetteDifference | None:
    """Return how two silhouettes differ, customer by customer and sample by sample; None where undefined."""
    apart = one.widths - other.widths
    apart = apart[~np.isnan(apart)]
    if len(apart) < 2:
        return None
    again = None if one.refits is None or other.refits is None else one.refits - other.refits
    error = np.sqrt(apart.var(ddof=1) / len(apart) + _variance(again))
    return SilhouetteDifference(float(apart.mean()), float(error))


def recommend_method(contenders: Sequence[MethodCandidate], *, few_apart: bool = False) -> Recommendation:
    """Say what the differences from the first contender, the yardstick, mean.

    Parameters
    ----------
    few_apart
        Whether the groups are known to be other than the yardstick's: a method that parts a few customers from the rest
        may then be right.
    """
    yardstick, others = contenders[0], contenders[1:]
    findings = tuple(_finding(each, yardstick if place else None) for place, each in enumerate(contenders))
    if yardstick.score.problem or not others:
        return Recommendation(findings, *_without_comparison(yardstick, others))
    better = [each for each in others if _wins(each, yardstick, few_apart=few_apart)]
    if better:
        best = max(better, key=lambda each: each.score.silhouette or 0.0)
        return Recommendation(findings, best.score.choice, _for_challenger(best, yardstick))
    return Recommendation(findings, yardstick.score.choice, _for_yardstick(yardstick, others, few_apart=few_apart))


def _variance(values: FloatArray | None) -> float:
    known = np.empty(0) if values is None else values[~np.isnan(values)]
    return float(known.var(ddof=1)) if len(known) > 1 else 0.0


def _wins(challenger: MethodCandidate, yardstick: MethodCandidate, *, few_apart: bool) -> bool:
    """Return whether it separates better beyond chance, is found again, and leaves segments to work with."""
    apart = difference(challenger, yardstick)
    workable = _workable(challenger.score, few_apart=few_apart)
    return bool(apart and apart.counts and apart.value > 0 and workable and _steady(challenger))


def _workable(score: MethodScore, *, few_apart: bool) -> bool:
    one_holds_all = (score.largest_share or 0.0) > MOST_IN_ONE and not few_apart
    return not one_holds_all and (score.noise_share or 0.0) <= MOST_IN_NONE


def _steady(contender: MethodCandidate) -> bool:
    found = (contender.score.over_seeds, contender.score.over_samples)
    return all(each is not None and each.mean >= FOUND_AGAIN for each in found)


def _without_comparison(
    yardstick: MethodCandidate, others: Sequence[MethodCandidate]
) -> tuple[MethodChoice | None, str]:
    title = yardstick.score.choice.title
    if yardstick.score.problem:
        return None, f"Without {title} there is nothing to compare the others with. {yardstick.score.problem}"
    if not others:
        return yardstick.score.choice, f"Only {title} was tried; tick another method to see whether it earns its place."
    raise AssertionError


def _for_challenger(best: MethodCandidate, yardstick: MethodCandidate) -> str:
    again = best.score.over_samples
    return (
        f"{best.score.choice.title} separates these customers better than {yardstick.score.choice.title} does "
        f"({best.score.silhouette:.2f} against {yardstick.score.silhouette:.2f}), beyond chance, and finds its "
        f"segments again in other samples (agreement {again.mean if again else 0.0:.2f})."
    )


def _for_yardstick(yardstick: MethodCandidate, others: Sequence[MethodCandidate], *, few_apart: bool) -> str:
    title = yardstick.score.choice.title
    said = [
        f"{title} does not follow the groups of these customers, and no other method here surely separates them better "
        "and finds its segments again: try more segments, or other columns."
        if few_apart
        else f"Stay with {title}: no other method here separates the customers better beyond chance and finds its "
        "segments again as well."
    ]
    said += [
        f"{each.score.choice.title} {fault}."
        for each in others
        if (fault := _fault(each, yardstick, few_apart=few_apart))
    ]
    steady = yardstick.score.over_samples
    if steady is not None and steady.mean < FOUND_AGAIN:
        said.append(
            f"Even the segments of {title} move from sample to sample (agreement {steady.mean:.2f}): they are a useful "
            "cut, not a fact about your customers."
        )
    return " ".join(said)


def _fault(contender: MethodCandidate, yardstick: MethodCandidate, *, few_apart: bool) -> str:
    """Return why a method is not the one to take, as the rest of a sentence; empty for no plain reason."""
    score = contender.score
    if score.problem or score.n_segments < 2:
        return "formed no segments to compare"
    apart = difference(contender, yardstick)
    faults = ["scores lower here"] if apart and apart.counts and apart.value < 0 else []
    if score.over_seeds and score.over_seeds.mean < FOUND_AGAIN:
        faults.append("agrees poorly over its own seeds")
    if score.over_samples and score.over_samples.mean < FOUND_AGAIN and len(faults) < 2:
        faults.append("forms other segments from other samples")
    if (score.noise_share or 0.0) > MOST_IN_NONE:
        faults.append("leaves many customers in no segment")
    if (score.largest_share or 0.0) > MOST_IN_ONE and not few_apart:
        faults.append("puts nearly everybody in one segment")
    return " and ".join([", ".join(faults[:-1]), faults[-1]] if len(faults) > 1 else faults)


def _finding(contender: MethodCandidate, yardstick: MethodCandidate | None) -> str:
    score = contender.score
    if score.problem:
        return f"{score.choice.title}: {score.problem}"
    said = [_about_size(score), _about_separation(contender, yardstick), _about_repetition(score)]
    first, *others = [each for each in said if each] or [""]
    return f"{score.choice.title}: " + " ".join([first, *(each[0].upper() + each[1:] for each in others)])


def _about_separation(contender: MethodCandidate, yardstick: MethodCandidate | None) -> str:
    score = contender.score
    if score.silhouette is None:
        return "it formed fewer than two segments, so there is nothing to tell apart."
    if yardstick is None or yardstick.score.silhouette is None:
        return f"silhouette {score.silhouette:.2f}; the others are measured against this."
    apart = difference(contender, yardstick)
    if apart is None:
        return ""
    level = (
        f"silhouette {score.silhouette:.2f} against {yardstick.score.silhouette:.2f} of {yardstick.score.choice.title}"
    )
    if score.agreement is not None and score.agreement >= NEARLY_THE_SAME:
        level += f", and nearly the same segments (agreement {score.agreement:.2f})"
    if not apart.counts:
        return f"{level}: the difference is no larger than chance makes it ({_PAIRED}{apart})."
    word = "better" if apart.value > 0 else "less well"
    return f"{level}: its segments are {word} separated ({_PAIRED}{apart})."


def _about_repetition(score: MethodScore) -> str:
    said = []
    if score.over_seeds and score.over_seeds.mean < FOUND_AGAIN:
        said.append(
            f"Another seed gives other segments: its own runs agree only {score.over_seeds.mean:.2f} on average, where "
            "1 is the same every time."
        )
    if score.over_samples and score.over_samples.mean < FOUND_AGAIN:
        said.append(f"Other samples of your customers give other segments (agreement {score.over_samples.mean:.2f}).")
    return " ".join(said)


def _about_size(score: MethodScore) -> str:
    said = []
    in_none, largest = score.noise_share or 0.0, score.largest_share or 0.0
    if in_none >= WORTH_SAYING_IN_NONE:
        said.append(
            f"{percent_text(in_none)} of the customers fit no segment of it; its scores are for the "
            "others, which flatters them."
        )
    if largest > MOST_IN_ONE:
        said.append(f"{percent_text(largest)} of the customers are in one segment: it parts a few from the rest.")
    return " ".join(said)


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
    selection: KSelection | None = None,
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
    selection
        What the search for the number of segments found, where it is known: groups that K-Means does not follow may be
        a few customers beside all others.
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
    if prepared.weights is not None:
        # As many rows, drawn in proportion to the weights: every method and every measure then counts them.
        order = canonical_order(everyone)
        everyone = everyone[order][weighted_sample(prepared.weights[order], len(everyone))]
    few_apart = selection is not None and not selection.followed
    judge = _Judge(everyone, recipe, feature_groups(prepared.preparation), few_apart=few_apart)
    notes = (*_how(len(everyone)), *_weighted(recipe, prepared.weights))
    comparison = MethodComparison(notes=notes, followed=not few_apart)
    for number, choice in enumerate(choices):
        comparison = judge.with_method(
            comparison, choice, part(progress, number / len(choices), (number + 1) / len(choices))
        )
        partial(comparison)
    return judge.concluded(comparison)


class _Judge:
    """What all methods of one comparison share: the customers, the yardstick, and what was found so far."""

    def __init__(self, everyone: FloatArray, recipe: Recipe, space: FeatureGroups, *, few_apart: bool) -> None:
        k = recipe.n_segments
        if len(everyone) <= k:
            raise TooFewCustomersError(len(everyone), k)
        if (distinct := count_distinct(everyone, enough=k)) < k:
            raise TooFewDistinctRowsError(distinct)
        self._recipe, self._space, self._few_apart = recipe, space, few_apart
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
        weighed = recommend_method(self._contenders, few_apart=self._few_apart)
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


def _weighted(recipe: Recipe, weights: FloatArray | None) -> tuple[Note, ...]:
    if weights is None:
        return ()
    text = (
        f"Customers were drawn as often as {recipe.weight_column} counts them, so that every method and every figure "
        "counts the weights."
    )
    return (Note(text, column=recipe.weight_column),)


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
