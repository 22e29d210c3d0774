"""Latent class analysis: segments in which answers to several questions are independent of each other."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import numpy as np

from segmenter import config
from segmenter.cluster.algorithm import FeatureGroups, FitResult, PreparedColumn
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.progress import Progress, part, silent
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import canonical_order, repeated_rows, systematic_sample
from segmenter.typing import FloatArray, IntArray

SETTINGS: Final = (
    Setting("starts", "Starts", 10, low=1, high=200, explanation="Of so many beginnings the most probable end."),
    Setting(
        "bins",
        "Groups of a number",
        5,
        low=2,
        high=10,
        explanation="A number with more different values than an answer has is cut into so many groups of about equal "
        "size: latent classes know answers only.",
    ),
    Setting(
        "bic_to",
        "BIC up to",
        config.DEFAULT_MAX_SEGMENTS,
        low=0,
        high=config.MAX_SEGMENTS,
        explanation="BIC and AIC are worked out for 1 to so many segments; 0 leaves them out.",
    ),
)
# A number of so few different values is an answer: yes and no, one to ten.
MOST_ANSWERS: Final = 11
# Every start makes a few steps, and the most probable ones go on: where they rank then is where they end, nearly.
FIRST_STEPS, MOST_STEPS, CONTINUED = 30, 500, 3
# What is left to gain in the log-likelihood of a customer below which nothing moves that would be seen.
_TOLERANCE: Final = 1e-7
# Shares and probabilities of so many customers are known to within two percentage points; all are placed.
MOST_FITTED: Final = 3_000
# No answer is impossible in a class: of a new customer it would make all others certain.
_LEAST: Final = 1e-4
# Each row is measured from classes that four of five others have made, in so many steps from those of all.
_FOLDS, _STEPS_WITHOUT = 5, 10
_OTHER_STARTS: Final = 4
# Of so many customers a refit for stability is formed.
_REFIT_ROWS: Final = 2_000


@dataclass(frozen=True, eq=False)
class AnswerProbabilities:
    """How probable the answers to one question are in each class.

    Attributes
    ----------
    columns
        The prepared columns that it comes from: one of numbers, or the indicators of a category.
    borders
        Of numbers, where one answer ends and the next begins, ascending; empty for a category.
    probabilities
        Shape (n_segments, n_answers): of a category's indicators in their order, then of none of them.
    """

    columns: tuple[int, ...]
    borders: FloatArray
    probabilities: FloatArray

    def answers(self, X: FloatArray) -> IntArray:
        """Return which answer each prepared row gives, shape (n,)."""
        if len(self.borders):
            return np.searchsorted(self.borders, X[:, self.columns[0]], side="right").astype(np.intp)
        has = X[:, self.columns] > 0
        return np.where(has.any(axis=1), has.argmax(axis=1), len(self.columns)).astype(np.intp)


@dataclass(frozen=True, eq=False)
class LatentClasses:
    """A customer belongs to the class in which its answers are most probable.

    Attributes
    ----------
    weights
        Share of the customers in each class, shape (n_segments,); they add up to 1.
    variables
        One per question.
    by_answers
        Whether a row is the farther the less its answers are those of its class; in models of before, the less certain
        its class is, so that a stranger to all classes was near the one that it has to be in.
    """

    weights: FloatArray
    variables: tuple[AnswerProbabilities, ...]
    by_answers: bool = True

    def place(self, X: FloatArray) -> IntArray:
        """Return the most probable class of each row; ties go to the lower number."""
        return self._log_densities(X).argmax(axis=0).astype(np.intp)

    def probabilities(self, X: FloatArray) -> FloatArray:
        """Return the probability of each class for each row, shape (n, n_segments); rows sum to 1."""
        logs = self._log_densities(X)
        shares = np.exp(logs - logs.max(axis=0))
        return np.ascontiguousarray((shares / shares.sum(axis=0)).T)

    def distances(self, X: FloatArray) -> FloatArray:
        """Return how improbable each row's answers are in its class: the negative logarithm of their probability."""
        if not self.by_answers:
            return 1.0 - self.probabilities(X).max(axis=1)
        logs = self._log_densities(X)
        return np.asarray(np.log(self.weights)[logs.argmax(axis=0)] - logs.max(axis=0))

    def distances_without(self, X: FloatArray) -> FloatArray:
        """Return how far each of the rows that made the classes is from those that four of five others make.

        Classes follow the rows that made them; the next month's rows are farther away (cross-fitting). Of many rows
        only a sample made the classes.
        """
        if not self.by_answers:
            return self.distances(X)
        away = self.distances(X)
        order = canonical_order(X)[systematic_sample(len(X), MOST_FITTED)]
        fold = np.arange(len(order)) % _FOLDS
        for number in range(_FOLDS):
            out, others = order[fold == number], order[fold != number]
            if not len(out) or not len(others):
                continue
            again = self
            for _ in range(_STEPS_WITHOUT):
                again = again._moved(X[others])
            away[out] = again.distances(X[out])
        return away

    def _moved(self, X: FloatArray) -> Self:
        """Return the rule after one step of expectation-maximisation over these rows."""
        shares = self.probabilities(X)
        sizes = np.maximum(shares.sum(axis=0), _LEAST)
        variables = []
        for each in self.variables:
            given, n_answers = each.answers(X), each.probabilities.shape[1]
            counts = np.array([np.bincount(given, share, n_answers) for share in shares.T])
            found = np.maximum(counts / sizes[:, None], _LEAST)
            variables.append(replace(each, probabilities=found / found.sum(axis=1, keepdims=True)))
        return replace(self, weights=sizes / sizes.sum(), variables=tuple(variables))

    def reordered(self, order: IntArray) -> Self:
        """Return the same rule with class `order[i]` called `i`."""
        variables = tuple(replace(each, probabilities=each.probabilities[order]) for each in self.variables)
        return type(self)(self.weights[order] / self.weights[order].sum(), variables, self.by_answers)

    def _log_densities(self, X: FloatArray) -> FloatArray:
        """Return log(share · probability of the answers) of each class for each row, shape (n_segments, n)."""
        logs = np.repeat(np.log(self.weights)[:, None], len(X), axis=1)
        for each in self.variables:
            logs += np.log(each.probabilities)[:, each.answers(X)]
        return logs


class AnswerPatterns(NamedTuple):
    """Who answered what, equal answers merged.

    Attributes
    ----------
    answers
        Shape (n_patterns, n_questions): which answer each pattern gives, numbered through all questions.
    weights
        Shape (n_patterns,): how many customers have it.
    sizes
        How many answers each question has.
    """

    answers: IntArray
    weights: FloatArray
    sizes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LatentClassModel:
    """The most probable classes of some patterns.

    Attributes
    ----------
    shares
        Shape (k,).
    probabilities
        Shape (k, all answers).
    log_likelihood
        Of all customers.
    converged
        Whether the last step moved nothing that would be seen.
    """

    shares: FloatArray
    probabilities: FloatArray
    log_likelihood: float
    converged: bool


def fit_latent_class(
    X: FloatArray,
    n_segments: int,
    seed: int,
    settings: Settings,
    progress: Progress,
    weights: FloatArray | None = None,
    space: FeatureGroups | None = None,
) -> FitResult:
    """Form segments of customers who answer alike (Lazarsfeld & Henry 1968; fitted as in Goodman 1974).

    Within a class every answer is independent of every other; expectation-maximisation finds shares and probabilities
    of the answers, the most probable of several starts.
    """
    variables, cut = questions(X, space, int(settings["bins"]), weights)
    rows = systematic_sample(len(X), MOST_FITTED)
    patterns = answer_patterns(X[rows], variables, None if weights is None else weights[rows])
    model = best_model(patterns, n_segments, seed, int(settings["starts"]), part(progress, 0.0, 0.3))
    rule = _rule(model, variables, patterns.sizes)
    labels = rule.place(X)
    used = np.unique(labels)
    if len(used) < n_segments:
        rule = rule.reordered(used)
        labels = rule.place(X)
    bic, aic = _criteria(patterns, {n_segments: model}, seed, settings, progress)
    details = MixtureDetails(bic, aic)
    return FitResult(labels, rule, details, _notes(model, n_segments - len(used), cut, details))


def refit_latent_class(
    X: FloatArray,
    n_segments: int,
    seed: int,
    settings: Settings,
    progress: Progress,
    space: FeatureGroups | None = None,
) -> FitResult:
    """Form them once more for stability: of fewer rows, from fewer starts."""
    fewer = {**settings, "starts": min(int(settings["starts"]), _OTHER_STARTS), "bic_to": 0}
    rows = X[systematic_sample(len(X), _REFIT_ROWS)]
    # Where numbers are cut has to be the same question for all rows.
    rule = fit_latent_class(rows, n_segments, seed, fewer, progress, None, space).placement
    return FitResult(rule.place(X), rule)


def questions(
    X: FloatArray, space: FeatureGroups | None, bins: int, weights: FloatArray | None = None
) -> tuple[tuple[AnswerProbabilities, ...], int]:
    """Return the questions that prepared columns ask, without probabilities yet, and how many are cut from numbers.

    `weights` says how much each row counts, shape (n,): groups of a number are of about equal weight.
    """
    columns = space or tuple(PreparedColumn(number) for number in range(X.shape[1]))
    none = np.empty((0, 0))
    found, cut = [], 0
    categories: dict[int, list[int]] = {}
    counted = None if weights is None else repeated_rows(weights)
    for place, column in enumerate(columns):
        if column.mismatch > 0:
            categories.setdefault(column.feature, []).append(place)
            continue
        values = np.unique(X[:, place])
        if len(values) < 2:
            continue
        if len(values) > MOST_ANSWERS:
            cut += 1
            numbers = X[:, place] if counted is None else X[counted, place]
            ends = np.quantile(numbers, np.arange(1, bins) / bins)
            borders = np.unique(ends[ends > values[0]])
            # Halfway to the next smaller number, where a border would be a customer's own: a model is to hold none.
            above = np.searchsorted(values, borders)
            borders = np.unique(np.where(values[above] == borders, (values[above - 1] + values[above]) / 2, borders))
        else:
            borders = (values[1:] + values[:-1]) / 2
        found.append(AnswerProbabilities((place,), borders, none))
    for places in categories.values():
        found.append(AnswerProbabilities(tuple(places), np.empty(0), none))
    return tuple(found), cut


def answer_patterns(
    X: FloatArray, variables: tuple[AnswerProbabilities, ...], weights: FloatArray | None = None
) -> AnswerPatterns:
    """Return what each row answers, equal rows merged; `weights` says how much each counts, shape (n,)."""
    codes = np.column_stack([each.answers(X) for each in variables])
    rows, index = np.unique(codes, axis=0, return_inverse=True)
    counts = np.bincount(index.ravel(), weights, minlength=len(rows)).astype(np.float64)
    sizes = tuple(len(each.borders) + 1 if len(each.borders) else len(each.columns) + 1 for each in variables)
    firsts = np.cumsum([0, *sizes[:-1]])
    return AnswerPatterns(np.ascontiguousarray(rows + firsts, dtype=np.intp), counts, sizes)


def best_model(
    patterns: AnswerPatterns, k: int, seed: int, n_starts: int, progress: Progress = silent
) -> LatentClassModel:
    """Return the most probable of the ends that random starts lead to."""
    begun = []
    for number in range(1 if k == 1 else n_starts):
        progress(0.6 * number / n_starts, f"Fitting {k} latent classes")
        random = np.random.default_rng((seed, k, number))
        begun.append(_maximised(patterns, random.dirichlet(np.ones(k), len(patterns.weights)), FIRST_STEPS))
    begun.sort(key=lambda each: -round(each[0].log_likelihood, 6))
    ends = []
    for number, (model, belongs) in enumerate(begun[: CONTINUED if n_starts > _OTHER_STARTS else 1]):
        progress(0.6 + 0.4 * number / CONTINUED, f"Fitting {k} latent classes")
        ends.append(model if model.converged else _maximised(patterns, belongs, MOST_STEPS)[0])
    return max(ends, key=lambda end: round(end.log_likelihood, 6))


def _maximised(patterns: AnswerPatterns, belongs: FloatArray, steps: int) -> tuple[LatentClassModel, FloatArray]:
    """Return where so many steps of expectation-maximisation lead, and how each pattern belongs to the classes."""
    # Numba takes half a second to import: only whoever fits classes waits for it.
    from segmenter.lloyd import latent_class_steps

    answers, weights, sizes = patterns
    belongs, k = np.ascontiguousarray(belongs), belongs.shape[1]
    shares, probabilities = np.empty(k), np.empty((sum(sizes), k))
    least = _TOLERANCE * float(weights.sum())
    found, converged = latent_class_steps(answers, weights, belongs, shares, probabilities, steps, least)
    return LatentClassModel(shares, probabilities.T.copy(), float(found), bool(converged)), belongs


def n_parameters(patterns: AnswerPatterns, k: int) -> int:
    """Return how many numbers `k` classes are described by; answers that nobody gives are none."""
    given = (len(np.unique(column[patterns.weights > 0])) for column in patterns.answers.T)
    return k - 1 + k * sum(each - 1 for each in given)


def _criteria(
    patterns: AnswerPatterns,
    known: dict[int, LatentClassModel],
    seed: int,
    settings: Settings,
    progress: Progress,
) -> tuple[dict[int, float], dict[int, float]]:
    """Return BIC (Schwarz 1978) and AIC (Akaike 1974) per number of classes: what forming so many would say."""
    most = min(int(settings["bic_to"]), len(patterns.weights))
    bic, aic = {}, {}
    n_starts = int(settings["starts"])
    for k in sorted({*range(1, most + 1), *known}):
        step = part(progress, 0.3 + 0.7 * (k - 1) / max(most, k), 0.3 + 0.7 * k / max(most, k))
        model = known.get(k) or best_model(patterns, k, seed, n_starts, step)
        fitted, n = n_parameters(patterns, k), float(patterns.weights.sum())
        bic[k] = float(-2 * model.log_likelihood + np.log(n) * fitted)
        aic[k] = float(-2 * model.log_likelihood + 2 * fitted)
    return bic, aic


def _rule(model: LatentClassModel, variables: tuple[AnswerProbabilities, ...], sizes: tuple[int, ...]) -> LatentClasses:
    parts = np.split(model.probabilities, np.cumsum(sizes)[:-1], axis=1)
    asked = []
    for each, found in zip(variables, parts, strict=True):
        kept = np.maximum(found, _LEAST)
        asked.append(replace(each, probabilities=(kept / kept.sum(axis=1, keepdims=True)).round(9)))
    shares = np.maximum(model.shares, np.finfo(float).tiny)
    return LatentClasses(shares / shares.sum(), tuple(asked))


def _notes(model: LatentClassModel, unused: int, cut: int, details: MixtureDetails) -> tuple[str, ...]:
    notes = []
    if cut:
        columns = "1 column of numbers was" if cut == 1 else f"{cut} columns of numbers were"
        notes.append(f"{columns} cut into groups of about equal size: latent classes know answers only.")
    if not model.converged:
        notes.append(f"The classes were still moving after {MOST_STEPS:,} steps; another start may end elsewhere.")
    if unused:
        notes.append(f"{unused} of the classes are nobody's most probable one, so there are fewer segments.")
    return (*notes, *details.advice())
