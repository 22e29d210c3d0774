"""The rules that place customers as SQL: one function for each kind of rule, in `RULES`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sqlglot import exp

from segmenter.cluster.assigners import (
    FARTHEST,
    Assigner,
    BisectingTree,
    GaussianComponents,
    LatentCentres,
    NearestCentre,
    NearestMixedPrototype,
    NearestPrototype,
)
from segmenter.cluster.latent_class import LatentClasses
from segmenter.cluster.projection import OfComponents, ProbableOfComponents
from segmenter.io.export.sql.columns import Step
from segmenter.io.export.sql.dialects import case, column, least, minus, number, square, times, total, whole
from segmenter.networks.network import DenseStack
from segmenter.typing import FloatArray


@dataclass(frozen=True, eq=False)
class PlacedSql:
    """Customers as a rule places them.

    Attributes
    ----------
    steps
        What is computed first, from the prepared columns.
    segment
        The segment from 0, -1 for "fits no segment".
    distance
        How far a customer is from its segment's centre, in scaled units.
    probability
        That of the segment; None where the rule knows none.
    """

    steps: tuple[Step, ...]
    segment: exp.Expression
    distance: exp.Expression
    probability: exp.Expression | None = None


# So many squares are added up in one step: DuckDB needs 31 s to plan 3,000 of them at once, and 0.4 s in such pieces.
_TERMS_AT_ONCE: Final = 250


def _squares(names: Sequence[str], centre: FloatArray) -> list[exp.Expression]:
    return [square(minus(column(name), float(value))) for name, value in zip(names, centre, strict=True)]


def _distance_steps(names: Sequence[str], centres: FloatArray, outputs: Sequence[str]) -> list[Step]:
    """Return squared distances to centres, each added up one column at a time as it is elsewhere."""
    steps: list[Step] = []
    at_once = max(_TERMS_AT_ONCE // max(len(names), 1), 1)
    for start in range(0, len(outputs), at_once):
        terms = {outputs[place]: _squares(names, centres[place]) for place in range(start, len(outputs))[:at_once]}
        for first in range(0, max(len(names), 1), _TERMS_AT_ONCE):
            steps.append(
                {
                    name: total([*([column(name)] if first else []), *each[first : first + _TERMS_AT_ONCE]])
                    for name, each in terms.items()
                }
            )
    return steps


def _first_with(value: str, names: Sequence[str], results: Iterable[exp.Expression]) -> exp.Expression:
    """Return the result of the first of some columns that equals `value`; the last one's where none does."""
    *pairs, (_, last) = zip(names, results, strict=True)
    return case(((exp.EQ(this=column(name), expression=column(value)), result) for name, result in pairs), last)


def _nearest(names: Sequence[str], units: FloatArray, answers: Mapping[str, Sequence[exp.Expression]]) -> list[Step]:
    """Return steps to the squared distance of the nearest unit, `nearest`, and to what the first such unit answers.

    Units are taken in blocks, of which only the nearest so far is kept.
    """
    steps: list[Step] = []
    at_once = max(_TERMS_AT_ONCE // max(len(names), 1), 1)
    for start in range(0, len(units), at_once):
        block = slice(start, start + at_once)
        near = f"near{start}" if start else "nearest"
        distances = [f"d{place}" for place in range(len(units))[block]]
        found = {name: _first_with(near, distances, each[block]) for name, each in answers.items()}
        if start:
            closer = exp.LT(this=column(near), expression=column("nearest"))
            found = {name: case([(closer.copy(), each)], column(name)) for name, each in found.items()}
            found["nearest"] = case([(closer, column(near))], column("nearest"))
        steps += [
            *_distance_steps(names, units[block], distances),
            {near: least([column(name) for name in distances])},
            found,
        ]
    return steps


def _nearest_centre(rule: NearestCentre, names: Sequence[str]) -> PlacedSql:
    steps = _nearest(names, rule.centres, {"own": [whole(place) for place in range(len(rule.centres))]})
    return PlacedSql(tuple(steps), column("own"), exp.Sqrt(this=column("nearest")))


def _nearest_prototype(rule: NearestPrototype, names: Sequence[str]) -> PlacedSql:
    answers = {"own": [whole(int(each)) for each in rule.segments]}
    if rule.reach is not None:
        answers["reach"] = [number(float(each)) for each in rule.reach]
    steps = tuple(_nearest(names, rule.units, answers))
    distance = exp.Sqrt(this=column("nearest"))
    if rule.reach is None:
        return PlacedSql(steps, column("own"), distance)
    # The distances themselves are compared, not their squares: a root may round two of these to one.
    beyond = exp.GT(this=distance, expression=column("reach"))
    return PlacedSql(steps, case([(beyond, whole(-1))], column("own")), distance.copy())


def _nearest_mixed_prototype(rule: NearestMixedPrototype, names: Sequence[str]) -> PlacedSql:
    distances = {
        f"d{place}": total(
            times(exp.Abs(this=minus(column(name), float(value))), float(factor))
            for name, value, factor in zip(names, prototype, rule.factors, strict=True)
            if factor
        )
        for place, prototype in enumerate(rule.prototypes)
    }
    nearest = {"nearest": least([column(name) for name in distances])}
    segment = _first_with("nearest", tuple(distances), map(whole, range(len(distances))))
    return PlacedSql((distances, nearest), segment, column("nearest"))


def _bisecting_tree(rule: BisectingTree, names: Sequence[str]) -> PlacedSql:
    steps = _distance_steps(names, rule.centres, [f"d{side}" for side in range(len(rule.centres))])

    def below(split: int, ending: Callable[[int], exp.Expression]) -> exp.Expression:
        left, right = 2 * split, 2 * split + 1
        first, second = (
            ending(side) if rule.leads_to[side] < 0 else below(int(rule.leads_to[side]), ending)
            for side in (left, right)
        )
        return case([(exp.LTE(this=column(f"d{left}"), expression=column(f"d{right}")), first)], second)

    segment = below(0, lambda side: whole(-1 - int(rule.leads_to[side])))
    return PlacedSql(tuple(steps), segment, exp.Sqrt(this=below(0, lambda side: column(f"d{side}"))))


# Exponentials below this are nothing beside 1, and PostgreSQL refuses those that become zero.
_NOTHING: Final = -700.0


def _gaussian_components(rule: GaussianComponents, names: Sequence[str]) -> PlacedSql:
    steps: list[Step] = []
    at_once = max(_TERMS_AT_ONCE // len(names), 1)
    for start in range(0, len(rule.weights), at_once):
        components = range(start, min(start + at_once, len(rule.weights)))
        projected = {
            f"q{place}_{axis}": total(
                times(
                    minus(column(names[int(above)]), float(rule.means[place, above])),
                    float(rule.factors[place, above, axis]),
                )
                for above in np.flatnonzero(rule.factors[place, : axis + 1, axis])
            )
            for place in components
            for axis in range(len(names))
        }
        densities = {f"l{place}": _log_density(rule, place, len(names)) for place in components}
        steps += [projected, densities]
    against: Step = {f"a{place}": exp.Neg(this=column(f"l{place}")) for place in range(len(rule.weights))}
    # The most probable is the one with the least of the negative logarithms.
    best = {"best": least([column(name) for name in against])}
    from_means = _distance_steps(names, rule.means, [f"e{place}" for place in range(len(rule.means))])
    segment = _first_with("best", tuple(against), map(whole, range(len(against))))
    squared = _first_with("best", tuple(against), (column(f"e{place}") for place in range(len(against))))
    behind = [exp.Sub(this=column("best"), expression=column(name)) for name in against]
    shares = total(
        case([(exp.LT(this=each, expression=number(_NOTHING)), number(0.0))], exp.Exp(this=each.copy()))
        for each in behind
    )
    probability = exp.Div(this=number(1.0), expression=exp.paren(shares), typed=True)
    return PlacedSql((*steps, against, best, *from_means), segment, exp.Sqrt(this=squared), probability)


def _log_density(rule: GaussianComponents, place: int, width: int) -> exp.Expression:
    constant = np.log(rule.weights[place]) + np.log(np.diag(rule.factors[place])).sum() - width / 2 * np.log(2 * np.pi)
    squares = total(square(_bounded(f"q{place}_{axis}")) for axis in range(width))
    half = exp.Mul(this=number(0.5), expression=exp.paren(squares))
    return exp.Sub(this=number(float(constant)), expression=half)


def _bounded(name: str) -> exp.Expression:
    """Return a column kept where its square is still a number."""
    return case(
        [
            (exp.GT(this=column(name), expression=number(FARTHEST)), number(FARTHEST)),
            (exp.LT(this=column(name), expression=number(-FARTHEST)), number(-FARTHEST)),
        ],
        column(name),
    )


def _latent_centres(rule: LatentCentres, names: Sequence[str]) -> PlacedSql:
    steps, encoded = _encoded(rule.encoder, names)
    found = _nearest_centre(NearestCentre(rule.centres), encoded)
    return PlacedSql((*steps, *found.steps), found.segment, found.distance)


def _of_components(rule: OfComponents, names: Sequence[str]) -> PlacedSql:
    steps, encoded = _encoded(rule.encoder, names)
    found = RULES[type(rule.rule)](rule.rule, encoded)
    return replace(found, steps=(*steps, *found.steps))


def _latent_classes(rule: LatentClasses, names: Sequence[str]) -> PlacedSql:
    against: Step = {}
    for place, share in enumerate(rule.weights):
        terms = [number(-float(np.log(share)))]
        for each in rule.variables:
            *answers, last = (number(-float(value)) for value in np.log(each.probabilities[place]))
            first = column(names[each.columns[0]])
            if len(each.borders):
                below: list[exp.Expression] = [
                    exp.LT(this=first.copy(), expression=number(float(border))) for border in each.borders
                ]
            else:
                below = [exp.GT(this=column(names[at]), expression=number(0.0)) for at in each.columns]
            terms.append(case(zip(below, answers, strict=True), last))
        against[f"a{place}"] = total(terms)
    best: Step = {"best": least([column(name) for name in against])}
    segment = _first_with("best", tuple(against), map(whole, range(len(against))))
    behind = [exp.Sub(this=column("best"), expression=column(name)) for name in against]
    shares = total(
        case([(exp.LT(this=each, expression=number(_NOTHING)), number(0.0))], exp.Exp(this=each.copy()))
        for each in behind
    )
    probability = exp.Div(this=number(1.0), expression=exp.paren(shares), typed=True)
    distance = exp.Sub(this=number(1.0), expression=exp.paren(probability.copy()))
    return PlacedSql((against, best), segment, distance, probability)


def _encoded(encoder: DenseStack, names: Sequence[str]) -> tuple[list[Step], tuple[str, ...]]:
    """Return steps to what a network makes of the prepared columns, and its columns."""
    steps: list[Step] = []
    inputs = list(names)
    for depth, layer in enumerate(encoder.layers):
        sums: Step = {}
        for place, (bias, weights) in enumerate(zip(layer.bias, layer.weights.T, strict=True)):
            terms = (times(column(name), float(weight)) for name, weight in zip(inputs, weights, strict=True))
            sums[f"h{depth}_{place}"] = total((number(float(bias)), *terms))
        steps.append(sums)
        inputs = list(sums)
        if layer.relu:
            zero = number(0.0)
            above = {
                f"r{name[1:]}": case([(exp.GT(this=column(name), expression=zero.copy()), column(name))], zero.copy())
                for name in inputs
            }
            steps.append(above)
            inputs = list(above)
    bounded = {f"z{place}": _bounded(name) for place, name in enumerate(inputs)}
    return [*steps, bounded], tuple(bounded)


RULES: Final[dict[type[Assigner], Callable[..., PlacedSql]]] = {
    NearestCentre: _nearest_centre,
    NearestPrototype: _nearest_prototype,
    NearestMixedPrototype: _nearest_mixed_prototype,
    BisectingTree: _bisecting_tree,
    GaussianComponents: _gaussian_components,
    LatentCentres: _latent_centres,
    LatentClasses: _latent_classes,
    OfComponents: _of_components,
    ProbableOfComponents: _of_components,
}
"""Rule → (rule, names of the prepared columns) to steps of a query."""
