"""Scores of several methods on the same customers, and which one they recommend."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from segmenter.choose.resampling import Agreement
from segmenter.cluster import ALGORITHMS
from segmenter.display import counted, html_view
from segmenter.measures.recurrence import SAME_SEGMENT
from segmenter.recipe.recipe import Recipe
from segmenter.recipe.settings import SettingPairs
from segmenter.table.notes import Note
from segmenter.typing import FloatArray


@dataclass(frozen=True)
class MethodChoice:
    """A method and what was set in it, as sorted (name, value) pairs."""

    key: str
    settings: SettingPairs = ()

    @property
    def title(self) -> str:
        """Its name on the screen."""
        title = ALGORITHMS[self.key].title if self.key in ALGORITHMS else self.key
        said = ", ".join(f"{name} {value}" for name, value in self.settings)
        return f"{title} ({said})" if said else title

    def within(self, recipe: Recipe) -> Recipe:
        """Return a recipe that forms its segments this way."""
        return replace(recipe, algorithm=self.key, settings=self.settings)


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
    """

    scores: tuple[MethodScore, ...] = ()
    findings: tuple[str, ...] = ()
    recommended: MethodChoice | None = None
    recommendation: str = ""
    notes: tuple[Note, ...] = ()

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


def recommend_method(contenders: Sequence[MethodCandidate]) -> Recommendation:
    """Say what the differences from the first contender, the yardstick, mean."""
    yardstick, others = contenders[0], contenders[1:]
    findings = tuple(_finding(each, yardstick if place else None) for place, each in enumerate(contenders))
    if yardstick.score.problem or not others:
        return Recommendation(findings, *_without_comparison(yardstick, others))
    better = [each for each in others if _wins(each, yardstick)]
    if better:
        best = max(better, key=lambda each: each.score.silhouette or 0.0)
        return Recommendation(findings, best.score.choice, _for_challenger(best, yardstick))
    return Recommendation(findings, yardstick.score.choice, _for_yardstick(yardstick, others))


def _variance(values: FloatArray | None) -> float:
    known = np.empty(0) if values is None else values[~np.isnan(values)]
    return float(known.var(ddof=1)) if len(known) > 1 else 0.0


def _wins(challenger: MethodCandidate, yardstick: MethodCandidate) -> bool:
    """Return whether it separates better beyond chance, is found again, and leaves segments to work with."""
    apart = difference(challenger, yardstick)
    return bool(apart and apart.counts and apart.value > 0 and _workable(challenger.score) and _steady(challenger))


def _workable(score: MethodScore) -> bool:
    return (score.largest_share or 0.0) <= MOST_IN_ONE and (score.noise_share or 0.0) <= MOST_IN_NONE


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


def _for_yardstick(yardstick: MethodCandidate, others: Sequence[MethodCandidate]) -> str:
    title = yardstick.score.choice.title
    said = [
        f"Stay with {title}: no other method here separates the customers better beyond chance and finds its segments "
        "again as well."
    ]
    said += [f"{each.score.choice.title} {fault}." for each in others if (fault := _fault(each, yardstick))]
    steady = yardstick.score.over_samples
    if steady is not None and steady.mean < FOUND_AGAIN:
        said.append(
            f"Even the segments of {title} move from sample to sample (agreement {steady.mean:.2f}): they are a useful "
            "cut, not a fact about your customers."
        )
    return " ".join(said)


def _fault(contender: MethodCandidate, yardstick: MethodCandidate) -> str:
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
    if (score.largest_share or 0.0) > MOST_IN_ONE:
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
    if (score.noise_share or 0.0) >= WORTH_SAYING_IN_NONE:
        said.append(
            f"{score.noise_share:.0%} of the customers fit no segment of it; its scores are for the others, which "
            "flatters them."
        )
    if (score.largest_share or 0.0) > MOST_IN_ONE:
        said.append(f"{score.largest_share:.0%} of the customers are in one segment: it parts a few from the rest.")
    return " ".join(said)
