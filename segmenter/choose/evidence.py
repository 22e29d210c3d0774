"""Further evidence on the number of segments, and how much the segments hang on each choice of preparation."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter.choose.k import KScore, KSelection, compare_solutions
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import TooFewCustomersError
from segmenter.measures.tendency import FEWEST_ROWS, Tendency, measure_tendency
from segmenter.prepare.coerce import absent
from segmenter.prepare.diagnostics import find_outliers
from segmenter.prepare.preparation import Prepared, clusterer_for, feature_groups, prepare
from segmenter.prepare.suggest import missing_choices, skewed_columns
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role, Scaling, Transform
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.table.dataset import Dataset
from segmenter.typing import FloatArray, IntArray

# Tibshirani & Walther (2005): the largest number of segments whose prediction strength is above this.
STRONG: Final = 0.8
_DIVISIONS: Final = 25
# Halves of more customers agree no better.
_ROWS: Final = 4_000


@dataclass(frozen=True)
class PredictionStrength:
    """How well one half of the customers foretells the segments of the other.

    Attributes
    ----------
    mean
        Over several divisions into halves: the smallest share, over the segments of a half, of its pairs of customers
        that the other half's centres also put together, 0-1.
    standard_error
        Of the mean.
    """

    k: int
    mean: float
    standard_error: float


@dataclass(frozen=True)
class Vote:
    """The number of segments that one index would take.

    Attributes
    ----------
    index
        What the index is called; `rule` is how it names a number.
    k
        None where it names none.
    """

    index: str
    rule: str
    k: int | None


@dataclass(frozen=True, eq=False)
class FurtherEvidence:
    """What other measures say of the number of segments. None of them is the verdict.

    Attributes
    ----------
    strengths
        One per number of segments.
    votes
        One per index.
    mixture
        The method whose criteria `bic` and `aic` are, per number of segments; empty where it could not be fitted.
    problem
        Why it could not, in a sentence.
    unweighted
        What lets every customer count the same although the recipe has a column of weights, in a sentence; else empty.
    """

    strengths: tuple[PredictionStrength, ...]
    votes: tuple[Vote, ...]
    mixture: str
    bic: dict[int, float]
    aic: dict[int, float]
    problem: str = ""
    unweighted: str = ""

    @property
    def most_votes(self) -> tuple[int, ...]:
        """The numbers that most indices name; several where they tie."""
        counts = Counter(vote.k for vote in self.votes if vote.k is not None)
        return tuple(sorted(k for k, count in counts.items() if count == max(counts.values())))

    @property
    def summary(self) -> str:
        """What the votes come to, in a sentence."""
        said = [vote for vote in self.votes if vote.k is not None]
        if not said:
            return "No index names a number of segments."
        names = " and ".join(str(k) for k in self.most_votes)
        count = sum(vote.k in self.most_votes for vote in said)
        each = " each" if len(self.most_votes) > 1 else ""
        count = count // len(self.most_votes)
        return (
            f"{count} of {len(said)} indices name {names}{each}. A vote is no test: most indices always name a number, "
            "also where there are no groups."
        )


def measure_evidence(
    dataset: Dataset, recipe: Recipe, selection: KSelection, *, progress: Progress = silent
) -> FurtherEvidence:
    """Return prediction strength, a vote of indices and the criteria of a mixture for the numbers that were compared.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        Its columns are used, and its method where that is a mixture.
    selection
        What `compare_k` returned for them.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the columns cannot be used.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    check_type(selection, KSelection, "selection")
    prepared = prepare(dataset, recipe)
    ks = [score.k for score in selection.scores]
    strengths = prediction_strength(prepared.X, ks, seed=recipe.seed, progress=part(progress, 0.0, 0.5))
    space = feature_groups(prepared.preparation)
    method = _mixture_for(recipe, space)
    criteria, problem = MixtureDetails({}), ""
    try:
        settings = {**(dict(recipe.settings) if method == recipe.algorithm else {}), "bic_to": max(ks)}
        weights = prepared.weights if ALGORITHMS[method].fit_weighted else None
        X = prepared.X[canonical_order(prepared.X)] if weights is None else prepared.X
        formed = (
            ALGORITHMS[method].within(space).form(X, ks[0], recipe.seed, settings, part(progress, 0.5, 1.0), weights)
        )
        if isinstance(formed.details, MixtureDetails):
            criteria = formed.details
    except SegmenterError as error:
        problem = str(error)
    title = ALGORITHMS[method].title if criteria.bic else ""
    votes = (*index_votes(selection), *_votes_of(strengths, criteria, title))
    equal = ["Stability", "prediction strength"]
    if title and not ALGORITHMS[method].fit_weighted:
        equal.append(f"the {title}")
    said = unweighted_words(" and ".join([", ".join(equal[:-1]), equal[-1]]), recipe.weight_column)
    return FurtherEvidence(strengths, votes, title, criteria.bic, criteria.aic, problem, said)


def unweighted_words(measures: str, weight_column: str) -> str:
    """Return that these measures know no weights, as a sentence; empty where there is no column of weights."""
    return f"{measures} let every customer count the same, whatever {weight_column} says." if weight_column else ""


def prediction_strength(
    X: FloatArray, ks: Sequence[int], *, seed: int = 0, divisions: int = _DIVISIONS, progress: Progress = silent
) -> tuple[PredictionStrength, ...]:
    """Return how well K-Means' segments of one half of the rows are foretold by the other (Tibshirani & Walther 2005).

    Parameters
    ----------
    X
        Shape (n, p), prepared rows; halves are taken of at most 4,000 of them.
    ks
        Numbers of segments.
    divisions
        How often the rows are divided anew; both halves foretell each other every time.
    """
    rows = X[canonical_order(X)[systematic_sample(len(X), _ROWS)]]
    rows = rows - rows.mean(axis=0)
    found = []
    for number, k in enumerate(ks):
        values: list[float] = []
        for division in range(divisions):
            progress((number + division / divisions) / len(ks), f"Halves foretell {k} segments of each other")
            random = np.random.default_rng((seed, k, division))
            halves = np.array_split(random.permutation(len(rows)), 2)
            if min(len(np.unique(rows[half], axis=0)) for half in halves) < k:
                break
            fits = [quick_kmeans(rows[half], k, seed + division, n_starts=5) for half in halves]
            for one, other in ((0, 1), (1, 0)):
                foretold = NearestCentre(fits[other].centres).place(rows[halves[one]])
                values.append(_together(fits[one].labels, foretold, k))
        if values:
            error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
            found.append(PredictionStrength(k, float(np.mean(values)), error))
    return tuple(found)


def _together(labels: IntArray, foretold: IntArray, k: int) -> float:
    """Return the smallest share of a segment's pairs that are foretold to be together; one customer has none."""
    table = np.zeros((k, k))
    np.add.at(table, (labels, foretold), 1.0)
    sizes = table.sum(axis=1)
    pairs = sizes * (sizes - 1)
    same = (table * (table - 1)).sum(axis=1)
    several = pairs > 0
    return float((same[several] / pairs[several]).min()) if several.any() else 0.0


def index_votes(selection: KSelection) -> tuple[Vote, ...]:
    """Return the number of segments that each index of a comparison would take."""
    scores = list(selection.scores)
    votes = [
        Vote("Silhouette", "the highest", _best(scores, "silhouette", 1.0)),
        Vote("Calinski-Harabasz", "the highest", _best(scores, "calinski_harabasz", 1.0)),
        Vote("Davies-Bouldin", "the lowest", _best(scores, "davies_bouldin", -1.0)),
        Vote("Stability", "the highest", _best(scores, "stability", 1.0)),
        Vote("Elbow", "the bend of WCSS", _elbow(selection)),
    ]
    gaps = _gap(selection)
    return (*votes, *([gaps] if gaps else []))


def _best(scores: Sequence[KScore], name: str, sign: float) -> int | None:
    known = [(sign * float(getattr(score, name)), -score.k) for score in scores if getattr(score, name) is not None]
    return -max(known)[1] if known else None


def _elbow(selection: KSelection) -> int | None:
    """Return where WCSS bends most: farthest below the line from its first to its last value (Satopää et al. 2011)."""
    scores = [*([selection.one] if selection.one else []), *selection.scores]
    if len(scores) < 3:
        return None
    ks = np.array([score.k for score in scores], dtype=np.float64)
    wcss = np.array([score.wcss for score in scores])
    if wcss[0] <= wcss[-1]:
        return None
    below = (1 - (ks - ks[0]) / (ks[-1] - ks[0])) - (wcss - wcss[-1]) / (wcss[0] - wcss[-1])
    return int(ks[below.argmax()])


def _gap(selection: KSelection) -> Vote | None:
    """Return the smallest k with Gap(k) ≥ Gap(k+1) − s(k+1) (Tibshirani, Walther & Hastie 2001), 1 among them."""
    scores = [score for score in (selection.one, *selection.scores) if score is not None and score.gap is not None]
    rule = "the first that the next is not above"
    for score, following in pairwise(scores):
        if (score.gap or 0.0) >= (following.gap or 0.0) - (following.gap_se or 0.0):
            return Vote("Gap", rule, score.k)
    return Vote("Gap", rule, None) if scores else None


def _votes_of(strengths: Sequence[PredictionStrength], criteria: MixtureDetails, title: str) -> list[Vote]:
    strong = [each.k for each in strengths if each.mean > STRONG]
    votes = [Vote("Prediction strength", f"the largest above {STRONG}", max(strong, default=1) if strengths else None)]
    for name, values in (("BIC", criteria.bic), ("AIC", criteria.aic)):
        if len(values) > 1:
            votes.append(Vote(f"{name} ({title})", "the lowest", min(values, key=lambda k: values[k])))
    return votes


def _mixture_for(recipe: Recipe, space: FeatureGroups) -> str:
    """Return the mixture whose criteria say something of these columns: the recipe's own, else by their kind."""
    if any(setting.key == "bic_to" for setting in ALGORITHMS[recipe.algorithm].settings):
        return recipe.algorithm
    categories = sum(column.mismatch > 0 for column in space)
    return "latent-class" if categories > len(space) / 2 else "gaussian-mixture"


def clustering_tendency(dataset: Dataset, recipe: Recipe, *, progress: Progress = silent) -> Tendency:
    """Return the Hopkins statistic and the ordered distances (VAT) of the prepared customers.

    Neither is a verdict: one single crowd is as far from evenly spread as several are.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        Which columns form the segments and how.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the columns cannot be used, or there are fewer than 20 customers.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    X = prepare(dataset, replace(recipe, weight_column="")).X
    if len(X) < FEWEST_ROWS:
        raise TooFewCustomersError(len(X), FEWEST_ROWS)
    return measure_tendency(X[canonical_order(X)], seed=recipe.seed, progress=progress)


# What `clustering_tendency` returns, as it is called in sentences.
TENDENCY_MEASURES: Final = "The Hopkins statistic and the picture of distances"

# More customers change the agreements by less than their own error.
SENSITIVITY_ROWS = 20_000
CAPS = (1.0, 99.0)
_SEEDS = 3
# Steinley (2004), "Properties of the Hubert-Arabie adjusted Rand index": above .90 excellent, .80 good, .65
# moderate recovery, below it poor.
_WORDS = ((0.9, "the same segments"), (0.8, "nearly the same"), (0.65, "partly others"), (-1.0, "other segments"))


@dataclass(frozen=True)
class Alternative:
    """Another way to prepare: one choice is different, all others stay.

    Attributes
    ----------
    column
        The column whose treatment changes; empty where it is the scaling of all.
    what
        What changes: missing, transform, cap, scaling, indicator; without (the column stays out), seed (another start
        of the search), or half (the segments are formed of half of the customers).
    to
        What it changes to.
    half
        0 or 1 for the customers at even or odd places of an order that only their values decide; None for all.
    """

    column: str
    what: str
    to: str
    recipe: Recipe
    half: int | None = None


@dataclass(frozen=True)
class Effect:
    """What an alternative does to the segments.

    Attributes
    ----------
    agreement
        Adjusted Rand index of both solutions; None where the alternative cannot be used.
    moved
        Share of the customers, 0-1, that leave the counterpart of their segment.
    n_compared
        Customers that are in both solutions.
    problem
        Why it cannot be used, as a sentence.
    flips
        Shape (n_compared,): the rows (from 0, in the file) of the customers that move.
    """

    alternative: Alternative
    agreement: float | None = None
    moved: float | None = None
    n_compared: int = 0
    problem: str = ""
    flips: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp), compare=False, repr=False)

    @property
    def verdict(self) -> str:
        """What the agreement means, in words."""
        if self.agreement is None:
            return "cannot be used"
        return verdict_of(self.agreement)


@dataclass(frozen=True)
class Sensitivity:
    """How much the segments depend on how the columns were prepared.

    Attributes
    ----------
    by_chance
        Agreement of the solution with itself under another seed: what no choice is to blame for.
    effects
        The alternatives, the one that changes most first.
    n_customers
        So many customers were used.
    flips
        (row in the file from 0, share of the other choices in which that customer would be in another segment, 0-1),
        who flips most first; nobody who never does.
    """

    by_chance: float
    effects: tuple[Effect, ...]
    n_customers: int
    flips: tuple[tuple[int, float], ...] = ()


def verdict_of(agreement: float) -> str:
    """Return what an adjusted Rand index says, in words."""
    return next(words for least, words in _WORDS if agreement >= least)


def alternatives_to(dataset: Dataset, recipe: Recipe) -> tuple[Alternative, ...]:
    """Return the other choices that could as well have been made, one at a time.

    For every column with gaps the other treatments; for strongly skewed numbers another shape, and caps where
    some lie far out; the other ways to scale; each column left out; other seeds; and either half of the customers.
    A constant is the user's own word and is not tried.
    """
    found: list[Alternative] = []
    for spec in recipe.segmenting:
        found += [_changed(recipe, spec, what, to) for what, to in _choices(dataset, spec)]
    scalings = [each for each in (Scaling.STANDARD, Scaling.ROBUST, Scaling.MINMAX) if each is not recipe.scaling]
    found += [Alternative("", "scaling", each.value, replace(recipe, scaling=each)) for each in scalings]
    forming = recipe.segmenting
    for spec in forming if len(forming) > 1 else ():
        features = tuple(replace(each, role=Role.DESCRIPTOR) if each is spec else each for each in recipe.features)
        found.append(Alternative(spec.column, "without", "", replace(recipe, features=features)))
    for step in range(1, _SEEDS + 1):
        found.append(Alternative("", "seed", str(recipe.seed + step), replace(recipe, seed=recipe.seed + step)))
    found += [Alternative("", "half", word, recipe, half) for half, word in enumerate(("one half", "other half"))]
    return tuple(found)


def measure_sensitivity(
    dataset: Dataset,
    recipe: Recipe,
    alternatives: Sequence[Alternative] | None = None,
    *,
    progress: Progress = silent,
) -> Sensitivity:
    """Form the segments again with each alternative, and compare them with the recipe's own.

    Parameters
    ----------
    dataset
        The customers.
    recipe
        What the alternatives depart from.
    alternatives
        Other preparations; those that the columns give reason for when nothing is said.
    progress
        Is called with the share done, 0 to 1, and what is being done.

    Raises
    ------
    SegmenterError
        If the recipe itself cannot be used.
    ArgumentTypeError
        If an argument is of another type.
    """
    check_type(dataset, Dataset, "dataset")
    check_type(recipe, Recipe, "recipe")
    progress(0.0, "Forming the segments")
    base = prepare(dataset, recipe)
    rows = np.flatnonzero(base.kept)[canonical_order(base.X)[systematic_sample(len(base.X), SENSITIVITY_ROWS)]]
    some = _only(dataset, rows)
    base = prepare(some, recipe)
    own = _solution(base, recipe, len(rows))
    again = _solution(base, replace(recipe, seed=recipe.seed + 1), len(rows))
    tried = alternatives_to(dataset, recipe) if alternatives is None else tuple(alternatives)
    effects = []
    for number, alternative in enumerate(tried):
        stretch = part(progress, (number + 1) / (len(tried) + 1), (number + 2) / (len(tried) + 1))
        effects.append(_effect(some, own, alternative, stretch))
        if effects[-1].agreement is not None:
            effects[-1] = replace(effects[-1], flips=np.sort(rows)[effects[-1].flips])
    effects.sort(key=lambda each: 2.0 if each.agreement is None else each.agreement)
    known = [each for each in effects if each.agreement is not None]
    times = np.bincount(np.concatenate([np.empty(0, dtype=np.intp), *(each.flips for each in known)]))
    often = sorted(np.flatnonzero(times), key=lambda row: (-times[row], row))
    flips = tuple((int(row), float(times[row] / len(known))) for row in often)
    return Sensitivity(_compared(own, again)[0], tuple(effects), len(rows), flips)


def _choices(dataset: Dataset, spec: FeatureSpec) -> list[tuple[str, str]]:
    choices: list[tuple[str, str]] = []
    if absent(dataset.frame[spec.column], spec).any():
        others = [each for each in missing_choices(spec.role) if each not in (spec.missing, Missing.CONSTANT)]
        choices += [("missing", each.value) for each in others]
        choices += [("indicator", "no" if spec.indicator else "yes")] if spec.missing is not Missing.DROP else []
    if spec.role is Role.NUMBER:
        if spec.transform is not Transform.NONE or skewed_columns(dataset, (spec,)):
            choices += [("transform", each.value) for each in Transform if each is not spec.transform]
        outliers = find_outliers(dataset, spec)
        if spec.cap is not None or (outliers is not None and len(outliers.rows)):
            choices += [("cap", "none" if spec.cap else f"{CAPS[0]:g} to {CAPS[1]:g}")]
    return choices


def _changed(recipe: Recipe, spec: FeatureSpec, what: str, to: str) -> Alternative:
    match what:
        case "missing":
            other = replace(spec, missing=Missing(to))
        case "transform":
            other = replace(spec, transform=Transform(to))
        case "indicator":
            other = replace(spec, indicator=to == "yes")
        case _:
            other = replace(spec, cap=None if spec.cap else CAPS)
    features = tuple(other if each.column == spec.column else each for each in recipe.features)
    return Alternative(spec.column, what, to, replace(recipe, features=features))


def _effect(dataset: Dataset, own: IntArray, alternative: Alternative, progress: Progress) -> Effect:
    progress(0.0, f"Trying {alternative.what} {alternative.to}".replace("  ", " "))
    try:
        prepared = prepare(dataset, alternative.recipe)
        other = _solution(prepared, alternative.recipe, dataset.n_customers, progress, alternative.half)
    except SegmenterError as error:
        return Effect(alternative, problem=str(error))
    agreement, moved, n = _compared(own, other)
    both = np.flatnonzero((own >= 0) & (other >= 0))
    return Effect(alternative, agreement, moved, n, flips=both[compare_solutions(own[both], other[both]).moves])


def _solution(
    prepared: Prepared, recipe: Recipe, n_customers: int, progress: Progress = silent, half: int | None = None
) -> IntArray:
    """Return a label per customer: -2 for those left out; those that fit no segment are a group of their own.

    With a `half`, segments are formed of half of the customers, and all are placed in them.
    """
    clusterer = clusterer_for(recipe, feature_groups(prepared.preparation), progress)
    X, weights = prepared.X, prepared.weights
    if half is None:
        found = clusterer.fit(X, sample_weight=weights).labels_
    else:
        some = canonical_order(X)[half::2]
        clusterer.fit(X[some], sample_weight=None if weights is None else weights[some])
        found = clusterer.predict(X)
    labels = np.full(n_customers, -2, dtype=np.intp)
    labels[prepared.kept] = np.where(found < 0, found.max() + 1, found)
    return labels


def _compared(first: IntArray, second: IntArray) -> tuple[float, float, int]:
    both = (first >= 0) & (second >= 0)
    found = compare_solutions(first[both], second[both])
    return found.agreement, float(found.moves.mean()), int(both.sum())


def _only(dataset: Dataset, rows: IntArray) -> Dataset:
    frame = dataset.frame.iloc[np.sort(rows)].reset_index(drop=True)
    return replace(dataset, frame=frame, original=dataset.original.iloc[np.sort(rows)].reset_index(drop=True))
