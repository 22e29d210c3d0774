"""From the product's types to the values of a model file, and back: what a type of `schema` cannot see is checked.

Add a rule that places customers to `RULES`, a classifier that is saved as plain numbers to `LEARNERS`, and the type of
its object to `schema`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import pandas as pd

from segmenter import config
from segmenter.classification.classifiers.classifier import Predictor
from segmenter.classification.classifiers.network import NetworkClassifier, NetworkSettings
from segmenter.classification.classifiers.standard import MixedNaiveBayes
from segmenter.cluster.assigners import (
    Assigner,
    BisectingTree,
    GaussianComponents,
    LatentCentres,
    NearestCentre,
    NearestMixedPrototype,
    NearestPrototype,
    ProbabilisticAssigner,
)
from segmenter.cluster.latent_class import AnswerProbabilities, LatentClasses
from segmenter.cluster.projection import OfComponents, ProbableOfComponents
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import InvalidModelError, UnwritableModelError
from segmenter.io.model import schema
from segmenter.networks.network import DenseLayer, DenseStack, LearningCurve
from segmenter.prepare.encoders import (
    KINDS_IN_ORDER,
    MOST_GROUPS,
    CategoryColumn,
    CycleColumn,
    FittedColumn,
    NeighbourImputer,
    NumberColumn,
)
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import DateUse, FeatureSpec, Role, Scaling
from segmenter.segment.quality import OTHER, ColumnProfile, Quality, SegmentExtent, SegmentStability, TrainingProfile
from segmenter.segment.segmentation import MajorityLabelMap
from segmenter.typing import FloatArray

# A mixture's shares may miss 1 by the rounding of so many additions.
_SUM_TOLERANCE: Final = 1e-6
Shape = tuple[int, int]
"""(n_segments, n_features)."""
_Made = TypeVar("_Made")


def made(kind: type[_Made], plain: msgspec.Struct, **changed: object) -> _Made:
    """Return a dataclass of the product from the object of the same keys, some of them changed."""
    return kind(**{**msgspec.structs.asdict(plain), **changed})


def distinct(values: Sequence[object], place: str) -> None:
    """Raise InvalidModelError if a value comes twice."""
    if len(set(values)) < len(values):
        raise InvalidModelError(place, "holds the same value twice")


# Recipes and columns.


def read_features(features: Sequence[schema.Feature]) -> tuple[FeatureSpec, ...]:
    """Return how a recipe uses each column."""
    distinct([each.column for each in features], "recipe.features")
    found = []
    for place, each in enumerate(features):
        try:
            found.append(made(FeatureSpec, each))
        except InvalidSettingError as error:
            raise InvalidModelError(f"recipe.features[{place}]", f"is not possible: {error}") from error
    return tuple(found)


_COLUMNS: Final[dict[str, type[FittedColumn]]] = {
    "number": NumberColumn,
    "cycle": CycleColumn,
    "category": CategoryColumn,
}


def written_column(column: FittedColumn) -> dict[str, object]:
    """Return a fitted column as plain values."""
    kind = next(name for name, made in _COLUMNS.items() if isinstance(column, made))
    return {"type": kind, **asdict(column)}


def _read_column(plain: schema.FittedFeature, place: str) -> FittedColumn:
    match plain:
        case schema.NumberFeature():
            if plain.role == "date":
                check_day(plain.latest, f"{place}.latest")
            distinct(plain.levels, f"{place}.levels")
            column = made(NumberColumn, plain, role=Role(plain.role))
            with np.errstate(over="ignore"):
                filled = column.scaled(np.array([plain.fill]))[0]
            if not abs(filled) <= config.LARGEST_NUMBER:
                raise InvalidModelError(f"{place}.fill", "is too large for its scale")
            return column
        case schema.CycleFeature():
            return made(CycleColumn, plain, date_use=DateUse(plain.date_use))
        case schema.CategoryFeature():
            distinct(plain.categories, f"{place}.categories")
            return made(CategoryColumn, plain)


def check_day(written: str, place: str) -> None:
    """Raise InvalidModelError if a text is no day, or one that no table can hold."""
    try:
        day = datetime.fromisoformat(written)
    except ValueError:
        raise InvalidModelError(place, "is not a date such as 2024-12-31") from None
    if day.tzinfo is not None or not pd.Timestamp.min < day < pd.Timestamp.max:
        raise InvalidModelError(place, "is not a date between 1678 and 2261 without a time zone")


def read_preparation(
    segmenting: tuple[FeatureSpec, ...],
    scaling: Scaling,
    features: Sequence[schema.FittedFeature],
    neighbours: list[list[float]] | None,
) -> Preparation:
    """Return the fitted preparation that a file holds.

    Raises
    ------
    InvalidModelError
        If its parts do not fit together, or not with the recipe.
    """
    columns = tuple(_read_column(each, f"features[{place}]") for place, each in enumerate(features))
    distinct([column.column for column in columns], "features")
    if sorted(columns, key=lambda each: KINDS_IN_ORDER.index(type(each))) != list(columns):
        raise InvalidModelError("features", "lists a category before a number")
    if {spec.column for spec in segmenting} != {column.column for column in columns}:
        raise InvalidModelError("features", "does not name the columns that the recipe forms segments by")
    if sum(len(each.categories) for each in columns if isinstance(each, CategoryColumn)) > config.MAX_CATEGORIES_TOTAL:
        raise InvalidModelError("features", f"lists more than {config.MAX_CATEGORIES_TOTAL} categories")
    preparation = Preparation(segmenting, scaling)
    preparation.columns_ = columns
    preparation.neighbours_ = None
    if neighbours is not None:
        n_groups = min(max(len(neighbours), 1), MOST_GROUPS)
        preparation.neighbours_ = NeighbourImputer(
            matrix(neighbours, "neighbours", (n_groups, len(preparation.numbers_)))
        )
    return preparation


def matrix(rows: Sequence[Sequence[float]], place: str, shape: tuple[int, int]) -> FloatArray:
    """Return rows of numbers as a matrix of this very shape.

    Raises
    ------
    InvalidModelError
        If they have another.
    """
    if len(rows) != shape[0]:
        raise InvalidModelError(place, f"does not have {shape[0]} rows")
    for number, row in enumerate(rows):
        if len(row) != shape[1]:
            raise InvalidModelError(f"{place}[{number}]", f"does not have {shape[1]} values")
    return np.array(rows, dtype=np.float64).reshape(shape)


def row(values: Sequence[float], place: str, width: int) -> FloatArray:
    """Return so many numbers; raises InvalidModelError if there are more or fewer."""
    if len(values) != width:
        raise InvalidModelError(place, f"does not have {width} values")
    return np.array(values, dtype=np.float64)


# Rules that place customers.


def _written_units(rule: NearestPrototype) -> dict[str, object]:
    return {
        "units": rule.units.tolist(),
        "segments": rule.segments.tolist(),
        "reach": None if rule.reach is None else rule.reach.tolist(),
        "agreement": rule.agreement,
    }


def _read_units(plain: schema.UnitsRule, shape: Shape) -> NearestPrototype:
    n_units = len(plain.units)
    segments = row(plain.segments, "placement.segments", n_units).astype(np.intp)
    if segments.max() >= shape[0]:
        place = f"placement.segments[{int(segments.argmax())}]"
        raise InvalidModelError(place, f"is not a whole number from -1 to {shape[0] - 1}")
    reach = None if plain.reach is None else row(plain.reach, "placement.reach", n_units)
    return NearestPrototype(
        matrix(plain.units, "placement.units", (n_units, shape[1])), segments, reach, plain.agreement
    )


def _written_encoded(rule: LatentCentres) -> dict[str, object]:
    return {"layers": _written_layers(rule.encoder), "encoded_centres": rule.centres.tolist()}


def _read_encoded(plain: schema.EncodedRule, shape: Shape) -> LatentCentres:
    encoder = _read_layers(plain.layers, "placement.layers", shape[1])
    return LatentCentres(encoder, matrix(plain.encoded_centres, "placement.encoded_centres", (shape[0], encoder.n_out)))


def _written_mixture(rule: GaussianComponents) -> dict[str, object]:
    """Return shares, means and the upper triangles of the factors, row by row; diagonals where no more is there."""
    width = rule.factors.shape[1]
    cells = np.triu_indices(width) if np.triu(rule.factors, 1).any() else np.diag_indices(width)
    return {
        "weights": rule.weights.tolist(),
        "means": rule.means.tolist(),
        "triangles": [factor[cells].tolist() for factor in rule.factors],
    }


def _read_mixture(plain: schema.MixtureRule, shape: Shape) -> GaussianComponents:
    k, width = shape
    weights = row(plain.weights, "placement.weights", k)
    if abs(weights.sum() - 1) > _SUM_TOLERANCE:
        raise InvalidModelError("placement.weights", "are not shares that add up to 1")
    means = matrix(plain.means, "placement.means", shape)
    diagonal = bool(plain.triangles) and len(plain.triangles[0]) == width
    cells = np.diag_indices(width) if diagonal else np.triu_indices(width)
    factors = np.zeros((k, width, width))
    factors[:, cells[0], cells[1]] = matrix(plain.triangles, "placement.triangles", (k, len(cells[0])))
    if (np.diagonal(factors, axis1=1, axis2=2) <= 0).any():
        raise InvalidModelError("placement.triangles", "hold a spread that is not above zero")
    return GaussianComponents(weights, means, factors)


def _written_nested(rule: BisectingTree) -> dict[str, object]:
    return {"sides": rule.centres.tolist(), "leads_to": rule.leads_to.tolist()}


def _read_nested(plain: schema.NestedRule, shape: Shape) -> BisectingTree:
    k, width = shape
    sides = matrix(plain.sides, "placement.sides", (2 * (k - 1), width))
    leads_to = row(plain.leads_to, "placement.leads_to", len(sides)).astype(np.intp)
    # A split leads onwards only, so every walk ends.
    onwards = sorted(int(split) for side, split in enumerate(leads_to) if split > side // 2)
    ends = sorted(-1 - int(split) for split in leads_to if split < 0)
    if not len(sides) or onwards != list(range(1, k - 1)) or ends != list(range(k)):
        raise InvalidModelError("placement.leads_to", "does not lead to every segment once")
    return BisectingTree(sides, leads_to)


def _written_prototypes(rule: NearestMixedPrototype) -> dict[str, object]:
    return {"prototypes": rule.prototypes.tolist(), "factors": rule.factors.tolist()}


def _read_prototypes(plain: schema.PrototypesRule, shape: Shape) -> NearestMixedPrototype:
    return NearestMixedPrototype(
        matrix(plain.prototypes, "placement.prototypes", shape), row(plain.factors, "placement.factors", shape[1])
    )


def _written_classes(rule: LatentClasses) -> dict[str, object]:
    return {
        "weights": rule.weights.tolist(),
        "variables": [
            {
                "columns": list(each.columns),
                "borders": each.borders.tolist(),
                "probabilities": each.probabilities.tolist(),
            }
            for each in rule.variables
        ],
        "by_answers": rule.by_answers,
    }


def _read_classes(plain: schema.LatentClassRule, shape: Shape) -> LatentClasses:
    k, width = shape
    weights = row(plain.weights, "placement.weights", k)
    if abs(weights.sum() - 1) > _SUM_TOLERANCE:
        raise InvalidModelError("placement.weights", "are not shares that add up to 1")
    variables = []
    for number, each in enumerate(plain.variables):
        place = f"placement.variables[{number}]"
        if max(each.columns) >= width:
            raise InvalidModelError(f"{place}.columns", f"names a column beyond the {width} there are")
        if (len(each.columns) > 1 and each.borders) or each.borders != sorted(set(each.borders)):
            raise InvalidModelError(f"{place}.borders", "are not ascending numbers of one column")
        n_answers = len(each.borders) + 1 if each.borders else len(each.columns) + 1
        probabilities = matrix(each.probabilities, f"{place}.probabilities", (k, n_answers))
        if (np.abs(probabilities.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
            raise InvalidModelError(f"{place}.probabilities", "do not add up to 1")
        variables.append(AnswerProbabilities(each.columns, np.array(each.borders, dtype=np.float64), probabilities))
    return LatentClasses(weights, tuple(variables), plain.by_answers)


def _written_components(rule: OfComponents) -> dict[str, object]:
    inner = written_rule(rule.rule, "components")
    return {"layers": _written_layers(rule.encoder), "rule": inner, "width": rule.encoder.n_out}


def _read_components(plain: schema.ComponentsRule, shape: Shape) -> OfComponents:
    encoder = _read_layers(plain.layers, "placement.layers", shape[1])
    if encoder.n_out != plain.width:
        raise InvalidModelError("placement.width", "is not the number of components")
    inner = RULES[str(plain.rule.__struct_config__.tag)].read(plain.rule, (shape[0], plain.width))
    kind = ProbableOfComponents if isinstance(inner, ProbabilisticAssigner) else OfComponents
    return kind(encoder, inner)


@dataclass(frozen=True)
class RuleCodec:
    """How one kind of rule is written and read.

    Attributes
    ----------
    made
        The rule's class.
    write
        Rule to plain values, without its "type".
    read
        (object of `schema`, shape (n_segments, n_features)) to the rule; checks what the object's type does not.
    """

    made: type[Assigner]
    write: Callable[[Any], dict[str, object]]
    read: Callable[[Any, Shape], Assigner]


RULES: dict[str, RuleCodec] = {
    "nearest-unit": RuleCodec(NearestPrototype, _written_units, _read_units),
    "encoded": RuleCodec(LatentCentres, _written_encoded, _read_encoded),
    "mixture": RuleCodec(GaussianComponents, _written_mixture, _read_mixture),
    "nested": RuleCodec(BisectingTree, _written_nested, _read_nested),
    "prototypes": RuleCodec(NearestMixedPrototype, _written_prototypes, _read_prototypes),
    "latent-class": RuleCodec(LatentClasses, _written_classes, _read_classes),
    "components": RuleCodec(OfComponents, _written_components, _read_components),
}


def written_rule(placement: Assigner, algorithm: str) -> dict[str, object] | None:
    """Return a rule as plain values; None for the nearest centre, which the centres say all about.

    Raises
    ------
    UnwritableModelError
        If this kind of rule cannot be saved.
    """
    if isinstance(placement, NearestCentre):
        return None
    for name, codec in RULES.items():
        if type(placement) in (codec.made, *codec.made.__subclasses__()):
            return {"type": name, **codec.write(placement)}
    raise UnwritableModelError(algorithm)


def read_rule(plain: schema.Rule | None, centres: FloatArray) -> Assigner:
    """Return the rule that a file holds, of as many segments and columns as the centres have.

    Raises
    ------
    InvalidModelError
        If its parts do not fit together.
    """
    if plain is None:
        return NearestCentre(centres)
    return RULES[str(plain.__struct_config__.tag)].read(plain, (len(centres), centres.shape[1]))


def _written_layers(stack: DenseStack) -> list[object]:
    return [
        {"weights": layer.weights.tolist(), "bias": layer.bias.tolist(), "relu": layer.relu} for layer in stack.layers
    ]


def _read_layers(layers: Sequence[schema.Layer], place: str, width: int) -> DenseStack:
    found = []
    for number, each in enumerate(layers):
        weights = matrix(each.weights, f"{place}[{number}].weights", (width, len(each.bias)))
        found.append(DenseLayer(weights, np.array(each.bias, dtype=np.float64), each.relu))
        width = len(each.bias)
    return DenseStack(tuple(found))


# What was found out about segments.


def written_quality(quality: Quality | None) -> dict[str, object] | None:
    """Return the scores as plain values; None where one is no finite number, as for two centres in one place."""
    if quality is None:
        return None
    plain = {**asdict(quality), "per_segment": [list(pair) for pair in sorted(quality.per_segment.items())]}
    scores = [*quality.per_segment.values(), *(value for value in plain.values() if isinstance(value, float))]
    return plain if all(map(math.isfinite, scores)) else None


def read_quality(plain: schema.SegmentScores | None, k: int) -> Quality | None:
    """Return the scores of `k` segments."""
    if plain is None:
        return None
    segments = [segment for segment, _ in plain.per_segment]
    distinct(segments, "quality.per_segment")
    _check_segments(segments, k, "quality.per_segment")
    return made(Quality, plain, per_segment=dict(plain.per_segment))


def read_stability(plain: Sequence[schema.FoundAgain], k: int) -> tuple[SegmentStability, ...]:
    """Return how reliably each of `k` segments is found again."""
    segments = [each.segment for each in plain]
    distinct(segments, "stability")
    _check_segments(segments, k, "stability")
    return tuple(SegmentStability(each.segment, each.jaccard, each.found, each.light) for each in plain)


def read_known(plain: schema.KnownLabels | None, k: int) -> MajorityLabelMap | None:
    """Return which known label each of `k` segments stands for."""
    if plain is None:
        return None
    if len(plain.labels) != k:
        raise InvalidModelError("known.labels", "does not agree with the number of segments")
    return made(MajorityLabelMap, plain)


def written_profile(profile: TrainingProfile | None) -> dict[str, object] | None:
    """Return how the customers of the fit were spread as plain values."""
    if profile is None:
        return None
    segments = [asdict(each) for each in profile.segments]
    for each in segments:
        if each["cross_fitted"] is None:
            del each["cross_fitted"]
    return {"columns": [asdict(each) for each in profile.columns], "segments": segments}


def read_profile(plain: schema.Remembered | None, columns: Sequence[FittedColumn], k: int) -> TrainingProfile | None:
    """Return how the customers of the fit of `k` segments were spread over the model's columns."""
    if plain is None:
        return None
    if [each.column for each in plain.columns] != [column.column for column in columns]:
        raise InvalidModelError("profile.columns", "are not those of the model")
    if len(plain.segments) != k:
        raise InvalidModelError("profile.segments", "does not agree with the number of segments")
    for number, (each, column) in enumerate(zip(plain.columns, columns, strict=True)):
        place = f"profile.columns[{number}]"
        if list(each.edges) != sorted(set(each.edges)):
            raise InvalidModelError(f"{place}.edges", "are not in ascending order")
        own = column.categories if isinstance(column, CategoryColumn) else ()
        ends = (OTHER,) if isinstance(column, CategoryColumn) else ()
        further = each.categories[len(own) : len(each.categories) - len(ends)]
        if each.categories != (*own, *further, *ends) or (further and not ends):
            raise InvalidModelError(f"{place}.categories", "are not those of the model")
        distinct((*own, *further), f"{place}.categories")
        n_bins = len(each.categories) or len(each.edges) + 1
        if len(each.counts) != n_bins + 1:
            raise InvalidModelError(f"{place}.counts", f"does not have {n_bins + 1} values")
    return TrainingProfile(
        tuple(made(ColumnProfile, each) for each in plain.columns),
        tuple(made(SegmentExtent, each) for each in plain.segments),
    )


def _check_segments(segments: Sequence[int], k: int, place: str) -> None:
    for number, segment in enumerate(segments):
        if segment >= k:
            raise InvalidModelError(f"{place}[{number}]", f"is of a segment above {k - 1}")


# What classifiers have learnt.


def _written_bayes(learner: MixedNaiveBayes) -> dict[str, object]:
    return {
        "classes": [int(each) for each in learner.classes_],
        "log_prior": learner.log_prior_.tolist(),
        "borders": learner.borders_.tolist(),
        "two_valued": [int(each) for each in learner.two_valued_],
        "telling": [int(each) for each in learner.telling_],
        "mean": learner.mean_.tolist(),
        "variance": learner.variance_.tolist(),
        "yes": learner.yes_.tolist(),
    }


def _read_bayes(plain: schema.LearntBayes, width: int) -> MixedNaiveBayes:
    learner, n_classes = MixedNaiveBayes(), len(plain.classes)
    learner.classes_ = _read_codes(plain.classes)
    learner.log_prior_ = row(plain.log_prior, "learner.log_prior", n_classes)
    learner.borders_ = row(plain.borders, "learner.borders", width)
    learner.two_valued_ = row(plain.two_valued, "learner.two_valued", width) > 0
    learner.telling_ = row(plain.telling, "learner.telling", width) > 0
    learner.mean_ = matrix(plain.mean, "learner.mean", (n_classes, width))
    learner.variance_ = matrix(plain.variance, "learner.variance", (n_classes, width))
    learner.yes_ = matrix(plain.yes, "learner.yes", (n_classes, width))
    numbers = learner.telling_ & ~learner.two_valued_
    if (learner.variance_[:, numbers] <= 0).any():
        raise InvalidModelError("learner.variance", "holds a number that is not above 0")
    yes = learner.yes_[:, learner.telling_ & learner.two_valued_]
    if ((yes <= 0) | (yes >= 1)).any():
        raise InvalidModelError("learner.yes", "holds a probability that is not between 0 and 1")
    return learner


def _written_network(learner: NetworkClassifier) -> dict[str, object]:
    """Return settings, weights and learning curve; batch normalisation is part of the weights already."""
    curve = learner.curve_
    # A loss that was no number in some epoch has no place in JSON; the largest number stands for it.
    losses = {
        name: [float(np.nan_to_num(loss, nan=np.inf).clip(max=config.LARGEST_NUMBER)) for loss in getattr(curve, name)]
        for name in ("training", "validation", "rates")
    }
    return {
        "settings": asdict(learner.settings or NetworkSettings()),
        "seed": learner.seed,
        "classes": [int(code) for code in learner.classes_],
        "layers": _written_layers(learner.stack_),
        "curve": {**losses, "measured": curve.measured},
    }


def _read_network(plain: schema.LearntNetwork, width: int) -> NetworkClassifier:
    classes, curve = _read_codes(plain.classes), plain.curve
    stack = _read_layers(plain.layers, "learner.layers", width)
    if stack.n_out != len(classes):
        raise InvalidModelError("learner.layers", f"do not end in {len(classes)} classes")
    if not len(curve.training) == len(curve.validation) == len(curve.rates):
        raise InvalidModelError("learner.curve", "has parts of different lengths")
    learner = NetworkClassifier.of(classes, stack, made(LearningCurve, curve))
    try:
        learner.settings = NetworkSettings.of(msgspec.structs.asdict(plain.settings))
    except InvalidSettingError as error:
        raise InvalidModelError("learner.settings", f"are not possible: {error}") from error
    learner.seed = plain.seed
    return learner


def _read_codes(codes: Sequence[int]) -> np.ndarray[Any, np.dtype[np.intp]]:
    if list(codes) != sorted(set(codes)):
        raise InvalidModelError("learner.classes", "are not in ascending order")
    return np.array(codes, dtype=np.intp)


@dataclass(frozen=True)
class LearnerCodec:
    """How one kind of classifier is written as plain numbers.

    Attributes
    ----------
    made
        The classifier's class.
    plain
        The type of its object.
    write
        What has learnt to plain values.
    read
        (object of `plain`, number of prepared columns) to what has learnt; checks what the type does not.
    """

    made: type[Predictor]
    plain: type[schema.Plain]
    write: Callable[[Any], dict[str, object]]
    read: Callable[[Any, int], Predictor]


LEARNERS: Final[Mapping[str, LearnerCodec]] = {
    "naive-bayes": LearnerCodec(MixedNaiveBayes, schema.LearntBayes, _written_bayes, _read_bayes),
    "network": LearnerCodec(NetworkClassifier, schema.LearntNetwork, _written_network, _read_network),
}
