"""Further evidence on the number of segments: prediction strength, a vote of indices, BIC and AIC; tendency."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter.choose.k import KScore, KSelection
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FeatureGroups
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.kmeans import quick_kmeans
from segmenter.errors.base import SegmenterError, check_type
from segmenter.errors.forming import TooFewCustomersError
from segmenter.measures.tendency import FEWEST_ROWS, Tendency, measure_tendency
from segmenter.prepare.preparation import feature_groups, prepare
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Recipe
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
    """

    strengths: tuple[PredictionStrength, ...]
    votes: tuple[Vote, ...]
    mixture: str
    bic: dict[int, float]
    aic: dict[int, float]
    problem: str = ""

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
    return FurtherEvidence(strengths, votes, title, criteria.bic, criteria.aic, problem)


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
