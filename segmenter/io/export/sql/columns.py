"""Customers as SQL: each column read, filled, transformed, encoded, scaled; and the rules that place them (`RULES`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from sqlglot import exp

from segmenter import config
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
from segmenter.io.export.sql.dialects import (
    DOUBLE,
    SqlDialect,
    as_text,
    case,
    cast,
    column,
    date_cell,
    is_finite,
    is_one_of,
    is_word,
    joined,
    least,
    minus,
    number,
    of_date,
    over,
    raw_column,
    read_number,
    square,
    text,
    times,
    total,
    trimmed,
    whole,
)
from segmenter.io.export.sql.formulas import own_column
from segmenter.networks.network import DenseStack
from segmenter.prepare.coerce import DAYS_PER_YEAR, WEEKS_PER_YEAR
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn, NumberColumn
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import DateUse, Missing, Role, Transform
from segmenter.table.infer.cells import CLEAR_MISSING, MISSING_AMONG_NUMBERS
from segmenter.table.infer.ordinal_scales import NO, YES
from segmenter.typing import FloatArray

Step = dict[str, exp.Expression]
"""New columns by name, computed from those of earlier steps."""

# Beyond exp(690) a database may give an error for what is infinite here; both are too large to use.
_LARGEST_EXPONENT, _BEYOND = 690.0, 1e300
# Below exp(-50), exp(y) - 1 is -1 to the last bit; PostgreSQL refuses an exponential that becomes zero.
_SMALLEST_EXPONENT: Final = -50.0
# Up to here exp(y) - 1 is summed as a series: the difference would lose the digits that a small power leaves.
_SERIES_TO, _SERIES_TERMS = 0.01, 8
# Where a sum or a product that is too large is infinite, and no error.
_OVERFLOW_TO_INFINITY: Final = ("duckdb", "spark", "databricks")
# Where a product that is too small for a double is an error; what is smaller than this adds nothing to a distance.
_UNDERFLOW_IS_ERROR, _TINY = ("postgres", "redshift"), 1e-140
_MICROS_PER_DAY: Final = 86_400_000_000.0


@dataclass(frozen=True, eq=False)
class PreparedSql:
    """Prepared customers as steps of a query.

    Attributes
    ----------
    read
        The first step, which reads the customers' own table.
    own
        The second, of the columns that the model works out itself; empty where there are none.
    steps
        Those that follow.
    names
        The steps' columns that are the prepared matrix, in its order.
    reasons
        (condition, why a customer then cannot be placed), on columns of the steps.
    """

    read: Step
    own: Step
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    reasons: tuple[tuple[exp.Expression, str], ...]


@dataclass(eq=False)
class _Parts:
    """What all columns together come to, step by step."""

    read: Step = field(default_factory=dict)
    own: Step = field(default_factory=dict)
    typed: Step = field(default_factory=dict)
    valued: Step = field(default_factory=dict)
    in_units: Step = field(default_factory=dict)
    logs: Step = field(default_factory=dict)
    scaled: Step = field(default_factory=dict)
    prepared: Step = field(default_factory=dict)
    reasons: list[tuple[exp.Expression, str]] = field(default_factory=list)


def prepared_sql(
    preparation: Preparation, names: Mapping[str, str], dialect: SqlDialect, formulas: Mapping[str, str] | None = None,
    full: Mapping[str, tuple[float, float]] | None = None,
) -> PreparedSql:  # fmt: skip
    """Return a fitted preparation as steps of a query.

    Parameters
    ----------
    names
        Model column → column of the table, where they are not the same.
    formulas
        Name → formula of the columns that the model works out itself.
    full
        The table's columns in which every customer has a number that can be used → the least and the largest of them:
        nothing is looked for there that is known not to be.
    """
    parts = _Parts()
    marks: Step = {}
    for place, each in enumerate(preparation.columns_):
        # Its own table is asked once for each column, however often the column is used.
        is_own = each.column in (formulas or {}) and each.column not in names
        step = parts.own if is_own else parts.read
        step[f"x{place}"] = column_sql(each.column, preparation, names, dialect, formulas or {}, parts.read)
        is_typed = is_own or names.get(each.column, each.column) in dialect.typed
        if isinstance(each, NumberColumn):
            ends = None if is_own else (full or {}).get(names.get(each.column, each.column))
            full_within = ends is not None and _stays_within(each, *ends)
            _add_number(parts, marks, place, each, dialect, is_typed=is_typed, is_full=full_within)
        elif isinstance(each, CycleColumn):
            _add_cycle(parts, place, each, dialect, is_typed=is_typed)
        else:
            _add_category(parts, place, each)
    # In the matrix, which numbers are missing stands between the numbers and all other columns.
    firsts = [name for name in parts.prepared if name.startswith("p")]
    others = [name for name in parts.prepared if not name.startswith("p")]
    parts.prepared |= marks
    steps = tuple(filter(None, (parts.typed, parts.valued, parts.in_units, parts.logs, parts.scaled, parts.prepared)))
    return PreparedSql(parts.read, parts.own, steps, (*firsts, *marks, *others), tuple(parts.reasons))


def column_sql(
    name: str,
    preparation: Preparation,
    names: Mapping[str, str],
    dialect: SqlDialect,
    formulas: Mapping[str, str],
    read: Step,
) -> exp.Expression:
    """Return a column of the customers' own table, or what its formula comes to; what that reads goes to `read`."""
    if name not in formulas or name in names:
        return raw_column(names.get(name, name), dialect)
    fitted = next((each for each in preparation.columns_ if each.column == name), None)
    words = isinstance(fitted, CategoryColumn) or (isinstance(fitted, NumberColumn) and bool(fitted.levels))
    return own_column(name, formulas, names, dialect, read, words=words)


def _stays_within(fitted: NumberColumn, low: float, high: float) -> bool:
    """Whether numbers from `low` to `high` all mean one, and none of them becomes too large to use."""
    if fitted.role is not Role.NUMBER or any(low <= code <= high for code in fitted.unknown):
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        # What scaling makes of a number grows with it.
        ends = [low, high, *fitted.scaled(np.array([low, high]))]
    return bool(np.abs(ends).max() < config.LARGEST_NUMBER)


def _add_number(
    parts: _Parts, marks: Step, place: int, fitted: NumberColumn, dialect: SqlDialect, *, is_typed: bool, is_full: bool
) -> None:
    raw, value = column(f"x{place}"), column(f"n{place}")
    if fitted.role is Role.NUMBER:
        parts.typed[f"r{place}"] = _read(raw, fitted, dialect, is_typed=is_typed)
        read = column(f"r{place}")
        parts.valued[f"n{place}"] = read if is_full else _known(read, fitted, dialect)
    else:
        parts.valued[f"n{place}"] = _steps_or_days(raw, fitted, dialect, is_typed=is_typed)
    parts.in_units[f"t{place}"] = _in_units(value, fitted, is_full=is_full)
    transformed: exp.Expression = column(f"t{place}")
    if fitted.transform is not Transform.NONE:
        size = exp.Abs(this=transformed)
        parts.logs[f"l{place}"] = exp.Ln(this=exp.Add(this=number(1.0), expression=size))
        transformed = _transformed(transformed.copy(), column(f"l{place}"), fitted)
    away = minus(transformed, fitted.centre)
    parts.scaled[f"s{place}"] = times(over(away, fitted.scale), fitted.weight)
    scaled = column(f"s{place}")
    if is_full:
        parts.prepared[f"p{place}"] = scaled
        if fitted.indicator:
            marks[f"m{place}"] = number(0.0)
        return
    # What takes the place of a missing value is scaled here: the same number for every customer.
    fill = float(fitted.scaled(np.array([fitted.fill]))[0])
    if dialect.key in _OVERFLOW_TO_INFINITY:
        # What is too large is in no segment, and may be as large as it likes: one comparison less for everybody.
        parts.prepared[f"p{place}"] = exp.func("COALESCE", scaled.copy(), number(fill))
    else:
        parts.prepared[f"p{place}"] = case([(_within(scaled, config.LARGEST_NUMBER), scaled.copy())], number(fill))
    if fitted.indicator:
        marks[f"m{place}"] = _marked(exp.Is(this=value.copy(), expression=exp.Null()), fitted)
    _add_reasons_missing(parts, fitted, exp.Is(this=value.copy(), expression=exp.Null()), raw.copy())
    beyond = exp.or_(exp.not_(_within(value, config.LARGEST_NUMBER)), exp.not_(_within(scaled, config.LARGEST_NUMBER)))
    parts.reasons.append((beyond, f"{fitted.column} is too large to use"))


def _within(value: exp.Expression, largest: float) -> exp.Expression:
    return exp.Between(this=value.copy(), low=number(-largest), high=number(largest))


def _steps_or_days(raw: exp.Column, fitted: NumberColumn, dialect: SqlDialect, *, is_typed: bool) -> exp.Expression:
    """Return the steps of an ordinal column, or the days or years from dates; null where there is none."""
    if fitted.role is Role.ORDINAL:
        return case(
            (is_value(raw, level, fitted.levels, fitted.joined), number(float(step)))
            for step, level in enumerate(fitted.levels)
        )
    cell = date_cell(raw, dialect, is_typed=is_typed)
    micros = cast(of_date(dialect.micros, cell, dialect, fitted.latest.replace("T", " ")), DOUBLE)
    days = over(micros, _MICROS_PER_DAY)
    return over(days, DAYS_PER_YEAR) if fitted.date_use is DateUse.AGE else days


def _known(value: exp.Column, fitted: NumberColumn, dialect: SqlDialect) -> exp.Expression:
    """Return numbers that are some, and mean one."""
    known = exp.and_(
        is_finite(value, dialect),
        *(exp.NEQ(this=value.copy(), expression=number(code)) for code in fitted.unknown),
    )
    if dialect.key in _UNDERFLOW_IS_ERROR:
        tiny = exp.LT(this=exp.Abs(this=value.copy()), expression=number(_TINY))
        return case([(exp.and_(known, tiny), number(0.0)), (known.copy(), value.copy())])
    return case([(known, value.copy())])


def _read(raw: exp.Column, fitted: NumberColumn, dialect: SqlDialect, *, is_typed: bool) -> exp.Expression:
    if is_typed or not fitted.may_be_yes_no:
        return read_number(raw, dialect, is_typed=is_typed)
    # A yes or a no is 1 or 0 here, and may be anything in a table.
    return case(
        [
            (is_word(raw, YES | {spelling.strip().lower() for spelling, _ in fitted.joined}), number(1.0)),
            (is_word(raw.copy(), NO), number(0.0)),
        ],
        read_number(trimmed(as_text(raw.copy())), dialect, is_text=True),
    )


def _in_units(value: exp.Column, fitted: NumberColumn, *, is_full: bool) -> exp.Expression:
    """Return numbers, capped, as the transform wants them; null for what is too large to use."""
    if fitted.floor is None or fitted.ceiling is None:
        capped = value if is_full else case([(_within(value, config.LARGEST_NUMBER), value.copy())])
    else:
        below = exp.LT(this=value.copy(), expression=number(fitted.floor))
        above = exp.GT(this=value.copy(), expression=number(fitted.ceiling))
        capped = case([(below, number(fitted.floor)), (above, number(fitted.ceiling))], value.copy())
    if fitted.transform is Transform.NONE:
        return capped
    return over(minus(capped, fitted.origin), fitted.unit)


def _transformed(value: exp.Expression, log: exp.Column, fitted: NumberColumn) -> exp.Expression:
    above, below = (0.0, 0.0) if fitted.transform is Transform.LOG else (fitted.power, 2.0 - fitted.power)
    negative = exp.LT(this=value, expression=number(0.0))
    return case([(negative, exp.Neg(this=exp.paren(_powered(log, below))))], _powered(log.copy(), above))


def _powered(log: exp.Column, power: float) -> exp.Expression:
    """Return (exp(power · log) − 1) / power, the logarithm itself at power 0."""
    if power == 0:
        return log
    exponent = times(log, power)
    series: exp.Expression = number(1.0)
    for term in range(_SERIES_TERMS, 1, -1):
        factor = exp.Mul(this=over(exponent.copy(), float(term)), expression=exp.paren(series))
        series = exp.Add(this=number(1.0), expression=factor)
    near = exp.Between(this=exponent.copy(), low=number(-_SERIES_TO), high=number(_SERIES_TO))
    grown = case(
        [
            (exp.GT(this=exponent.copy(), expression=number(_LARGEST_EXPONENT)), number(_BEYOND)),
            (exp.LT(this=exponent.copy(), expression=number(_SMALLEST_EXPONENT)), number(-1.0)),
            (near, exp.Mul(this=exp.paren(exponent.copy()), expression=exp.paren(series))),
        ],
        exp.Sub(this=exp.Exp(this=exponent.copy()), expression=number(1.0)),
    )
    return over(grown, power) if power > 0 else over(exp.Neg(this=exp.paren(grown)), -power)


def _add_cycle(parts: _Parts, place: int, fitted: CycleColumn, dialect: SqlDialect, *, is_typed: bool) -> None:
    raw, value = column(f"x{place}"), column(f"n{place}")
    if fitted.date_use is DateUse.MONTH:
        template, phases = dialect.month, {month: (month - 1) / 12 for month in range(1, 13)}
    elif fitted.date_use is DateUse.WEEK:
        template, phases = dialect.week, {week: (week - 1) / WEEKS_PER_YEAR for week in range(1, 54)}
    else:
        template = dialect.weekday
        # The numbers of a week run from 0 or from 1.
        first = 0 if dialect.monday == 0 or ("DOW" in template and "ISO" not in template) or "%w" in template else 1
        phases = {first + day: (first + day - dialect.monday) % 7 / 7 for day in range(7)}
    parts.valued[f"n{place}"] = of_date(template, date_cell(raw, dialect, is_typed=is_typed), dialect)
    height = fitted.factor * fitted.weight
    angles = {turn: 2 * np.pi * phase for turn, phase in phases.items()}
    parts.scaled[f"h{place}"] = case(
        (exp.EQ(this=value.copy(), expression=whole(turn)), number(float(phase))) for turn, phase in phases.items()
    )
    # There are few places on the circle: as numbers, they are the same everywhere to the last bit. No rule calls its
    # own steps by these names: those of a long one come while the prepared columns are still needed.
    for axis, (name, of_angle) in enumerate((("c", np.cos), ("y", np.sin))):
        shown = [
            (exp.EQ(this=value.copy(), expression=whole(turn)), number(float(of_angle(angle)) * height))
            for turn, angle in angles.items()
        ]
        parts.prepared[f"{name}{place}"] = case(shown, number(fitted.fill[axis] * height))
    gap = exp.Is(this=value.copy(), expression=exp.Null())
    if fitted.indicator:
        parts.prepared[f"i{place}"] = _marked(gap, fitted)
    _add_reasons_missing(parts, fitted, gap, raw.copy())


def _add_category(parts: _Parts, place: int, fitted: CategoryColumn) -> None:
    raw, value = column(f"x{place}"), column(f"n{place}")
    written = as_text(raw)
    blank = exp.EQ(this=trimmed(written), expression=text(""))
    absent = exp.or_(
        exp.Is(this=raw.copy(), expression=exp.Null()), blank, is_one_of(written.copy(), CLEAR_MISSING[1:])
    )
    # Which of the listed values it is: -1 where it is missing, null where it is none of them.
    listed = (
        (is_value(raw, each, fitted.categories, fitted.joined), whole(code))
        for code, each in enumerate(fitted.categories)
    )
    parts.valued[f"n{place}"] = case([(absent, whole(-1)), *listed])
    codes = {each: code for code, each in enumerate(fitted.categories)}
    fill = codes.get(fitted.fill)
    height = fitted.factor * fitted.weight
    gap = exp.EQ(this=value, expression=whole(-1))
    for code in range(len(fitted.categories)):
        means = [code, -1] if fill == code else [code]
        is_it = exp.In(this=value.copy(), expressions=[whole(each) for each in means])
        parts.prepared[f"c{place}_{code}"] = case([(is_it, number(height))], number(0.0))
    others = exp.Is(this=value.copy(), expression=exp.Null())
    is_other = exp.or_(others, gap.copy()) if fill is None else others
    parts.prepared[f"c{place}_o"] = case([(is_other, number(height))], number(0.0))
    if fitted.indicator:
        parts.prepared[f"c{place}_m"] = _marked(gap.copy(), fitted)
    if fitted.missing is Missing.DROP:
        parts.reasons.append((gap.copy(), f"{fitted.column} is missing"))


def _marked(gap: exp.Expression, fitted: FittedColumn) -> exp.Expression:
    return case([(gap, number(fitted.indicator * fitted.weight))], number(0.0))


def _add_reasons_missing(parts: _Parts, fitted: FittedColumn, gap: exp.Expression, raw: exp.Column) -> None:
    if fitted.missing is not Missing.DROP:
        return
    levels = fitted.levels if isinstance(fitted, NumberColumn) else ()
    is_date = isinstance(fitted, CycleColumn) or (isinstance(fitted, NumberColumn) and fitted.role is Role.DATE)
    why = "the model does not list" if levels else f"cannot be read as a {'date' if is_date else 'number'}"
    written = trimmed(as_text(raw))
    words = CLEAR_MISSING if levels else MISSING_AMONG_NUMBERS
    said = exp.and_(
        exp.not_(exp.Is(this=raw.copy(), expression=exp.Null())),
        exp.not_(exp.or_(exp.EQ(this=written, expression=text("")), is_one_of(written.copy(), words[1:]))),
    )
    parts.reasons.append((exp.and_(gap.copy(), exp.not_(said)), f"{fitted.column} is missing"))
    parts.reasons.append((exp.and_(gap.copy(), said.copy()), f"{fitted.column} has a value that {why}"))


def is_value(
    raw: exp.Column, value: str, values: Iterable[str], joined: Iterable[tuple[str, str]] = ()
) -> exp.Expression:
    """Return whether a cell holds a value, blanks around it aside; numbers, yes and no have other ways, too.

    `joined` are spellings with the value that each is meant for.
    """
    meant = dict(joined)
    spelled = (each for each, other in meant.items() if other == value)
    written = {value, *spelled, *(each for each in _other_ways(value) if each not in set(values))}
    if meant:
        # Where spellings count as one, capitals and blanks around them are nothing.
        return is_one_of(exp.Lower(this=trimmed(as_text(raw.copy()))), sorted({each.lower() for each in written}))
    # Blanks around a value are none of it, as in a file.
    return is_one_of(trimmed(as_text(raw.copy())), sorted({each.strip() for each in written}))


def _other_ways(value: str) -> tuple[str, ...]:
    try:
        found = float(value)
    except ValueError:
        return ()
    if not found.is_integer() or value != f"{found:.15g}":
        return ()
    return (f"{found:.1f}", *{"1": ("true",), "0": ("false",)}.get(value, ()))


def why_not(reasons: Iterable[tuple[exp.Expression, str]]) -> exp.Expression:
    """Return why a customer cannot be placed, as text; empty where it can."""
    said: Callable[[exp.Expression, str], exp.Expression] = lambda when, why: case(  # noqa: E731 - one line
        [(when, text(f"; {why}"))], text("")
    )
    known = list(reasons)
    if not known:
        return text("")
    written = exp.Substring(this=exp.paren(joined(said(when, why) for when, why in known)), start=whole(3))
    # Written for the few whom it concerns: for all customers it would take as long as to place them.
    return case([(exp.or_(*(when.copy() for when, _ in known)), written)], text(""))


def none_of(conditions: Iterable[exp.Expression]) -> exp.Expression:
    """Return 1 for a customer for whom no condition is true, else 0."""
    return case(((when.copy(), whole(0)) for when in conditions), whole(1))


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
    if not rule.by_answers:
        distance: exp.Expression = exp.Sub(this=number(1.0), expression=exp.paren(probability.copy()))
    else:
        # What the class's own share adds to `best` is no matter of the answers.
        shares_of = _first_with("best", tuple(against), (number(float(np.log(share))) for share in rule.weights))
        distance = exp.Add(this=column("best"), expression=exp.paren(shares_of))
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
