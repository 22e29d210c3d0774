"""Columns that a model works out by formulas, as SQL expressions on the columns of the customers' table."""

import ast
from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from segmenter import config
from segmenter.errors.models import NoSqlError
from segmenter.io.export.sql.dialects import (
    DOUBLE,
    SqlDialect,
    as_text,
    case,
    cast,
    column,
    date_cell,
    is_one_of,
    is_word,
    number,
    of_date,
    over,
    raw_column,
    read_number,
    text,
    total,
    trimmed,
)
from segmenter.prepare.formulas import are_words, bin_levels, source_columns, syntax
from segmenter.table.infer.cells import CLEAR_MISSING
from segmenter.table.infer.ordinal_scales import NO, YES

_MICROS_PER_DAY: Final = 86_400_000_000.0
_FIRST_DAY: Final = "1970-01-01 00:00:00"
# exp(345) is about the largest number that counts; a database may give an error for what is beyond a double.
_LARGEST_EXPONENT: Final = 345.0
_LN_10: Final = 2.302585092994046
# Columns made of columns made of columns grow without bounds where each is used twice.
_MOST_PARTS: Final = 5_000
_COMPARISONS: Final[dict[type[ast.cmpop], type[exp.Binary]]] = {
    ast.Gt: exp.GT,
    ast.GtE: exp.GTE,
    ast.Lt: exp.LT,
    ast.LtE: exp.LTE,
    ast.Eq: exp.EQ,
    ast.NotEq: exp.NEQ,
}


def own_column(
    name: str,
    formulas: Mapping[str, str],
    names: Mapping[str, str],
    dialect: SqlDialect,
    read: dict[str, exp.Expression],
    *,
    words: bool,
) -> exp.Expression:
    """Return what a formula comes to for a customer: a double or a text, null where there is no answer.

    Parameters
    ----------
    name
        Of the column that is worked out.
    formulas
        Name → formula of all such columns, every column in quotes.
    names
        Model column → column of the table, where they are not the same.
    read
        Columns of the step before, `f0` …: what the formula reads of the table is added. A formula names a column
        several times and the functions in it repeat what they are given, while reading a cell takes a page of SQL.
    words
        Whether texts are wanted, rather than numbers.

    Raises
    ------
    NoSqlError
        If the expression would become too long.
    """
    made = _Formula(formulas, names, dialect, read).column(name, words=words)
    return made if words else _finite(made)


class _Formula:
    def __init__(
        self,
        formulas: Mapping[str, str],
        names: Mapping[str, str],
        dialect: SqlDialect,
        read: dict[str, exp.Expression],
    ) -> None:
        self._formulas, self._names, self._dialect, self._read, self._parts = formulas, names, dialect, read, 0

    def column(self, name: str, *, words: bool) -> exp.Expression:
        """Return a column of the table, or one that is worked out, as a number or as text."""
        if name in self._formulas and name not in self._names:
            formula = self._formulas[name]
            tree, marks = syntax(name, formula, source_columns(formula))
            return self._value(tree, marks, words=words)
        raw = raw_column(self._names.get(name, name), self._dialect)
        if words:
            written = trimmed(as_text(raw))
            return self._of_table(case([(exp.not_(is_one_of(written, CLEAR_MISSING)), written.copy())]))
        if self._names.get(name, name) in self._dialect.typed:
            return self._of_table(read_number(raw, self._dialect, is_typed=True))
        # A yes or a no is 1 or 0, and may be anything in a table.
        return self._of_table(
            case(
                [(is_word(raw, YES), number(1.0)), (is_word(raw.copy(), NO), number(0.0))],
                read_number(trimmed(as_text(raw.copy())), self._dialect, is_text=True),
            )
        )

    def _of_table(self, made: exp.Expression) -> exp.Column:
        """Return what is read of the table, which the step before reads once."""
        known = next((mark for mark, each in self._read.items() if each == made), f"f{len(self._read)}")
        self._read[known] = made
        return column(known)

    def _value(self, node: ast.expr, marks: Mapping[str, str], *, words: bool = False) -> exp.Expression:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise NoSqlError("formulas", "its own columns rest on each other so often that it would be too long")
        match node:
            case ast.Name(id=key):
                return self.column(marks[key], words=words)
            case ast.Constant(value=str(word)):
                return text(word)
            case ast.Constant(value=bool() | int() | float() as value):
                return number(float(value))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return exp.paren(exp.Neg(this=exp.paren(self._value(operand, marks))))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._value(operand, marks)
            case ast.BinOp(left=left, op=op, right=right):
                return exp.paren(self._calculated(op, self._value(left, marks), self._value(right, marks)))
            case ast.IfExp(test=test, body=body, orelse=other):
                return self._where(test, body, other, marks, words=words)
            case ast.Call(func=ast.Name(id=function), args=args):
                return self._called(function, args, marks, words=words)
            case _:
                # What is left are conditions: 1, 0, or nothing.
                held = self._truth(node, marks)
                return exp.paren(case([(held, number(1.0)), (exp.not_(exp.paren(held.copy())), number(0.0))]))

    def _truth(self, node: ast.expr, marks: Mapping[str, str]) -> exp.Expression:
        """Return a condition, null where it is not known: SQL knows three answers as formulas do."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [exp.paren(self._truth(each, marks)) for each in values]
                return exp.and_(*parts) if isinstance(op, ast.And) else exp.or_(*parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return exp.not_(exp.paren(self._truth(operand, marks)))
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared([left, *others], ops, marks)
            case _:
                return exp.NEQ(this=self._value(node, marks), expression=number(0.0))

    def _compared(self, sides: list[ast.expr], ops: list[ast.cmpop], marks: Mapping[str, str]) -> exp.Expression:
        pairs = zip(sides[:-1], ops, sides[1:], strict=True)
        found = [self._pair(left, op, right, marks) for left, op, right in pairs]
        if len(found) == 1:
            return found[0]
        # Of several, one that is not known leaves all unknown.
        gaps = exp.or_(*(exp.Is(this=exp.paren(each.copy()), expression=exp.Null()) for each in found))
        return case([(gaps, exp.Null())], exp.and_(*map(exp.paren, found)))

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, marks: Mapping[str, str]) -> exp.Expression:
        compare = _COMPARISONS[type(op)]
        if are_words(left) or are_words(right):
            one, other = (self._value(each, marks, words=True) for each in (left, right))
            return compare(this=one, expression=other)
        one, other = (self._value(each, marks) for each in (left, right))
        if isinstance(op, ast.Eq | ast.NotEq) and isinstance(left, ast.Name) and isinstance(right, ast.Name):
            # Two columns may hold words; where one is no number, they are compared as they are written.
            both = exp.not_(exp.or_(*(exp.Is(this=each.copy(), expression=exp.Null()) for each in (one, other))))
            words = [self._value(each, marks, words=True) for each in (left, right)]
            return case([(both, compare(this=one, expression=other))], compare(this=words[0], expression=words[1]))
        return compare(this=one, expression=other)

    def _calculated(self, op: ast.operator, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        zero = exp.EQ(this=right.copy(), expression=number(0.0))
        match op:
            case ast.Add():
                return exp.Add(this=left, expression=right)
            case ast.Sub():
                return exp.Sub(this=left, expression=right)
            case ast.Mult():
                return exp.Mul(this=left, expression=right)
            case ast.Div():
                return case([(exp.not_(zero), exp.Div(this=left, expression=right, typed=True))])
            case ast.Mod():
                whole = exp.Floor(this=exp.Div(this=left.copy(), expression=right.copy(), typed=True))
                part = exp.paren(exp.Mul(this=right, expression=whole))
                return case([(exp.not_(zero), exp.Sub(this=left, expression=part))])
            case _:
                return _power(left, right)

    def _where(
        self, test: ast.expr, then: ast.expr, other: ast.expr, marks: Mapping[str, str], *, words: bool
    ) -> exp.Expression:
        held = self._truth(test, marks)
        words = words or are_words(then) or are_words(other)
        one, two = (self._value(each, marks, words=words) for each in (then, other))
        return exp.paren(case([(held, one), (exp.not_(exp.paren(held.copy())), two)]))

    def _called(self, function: str, args: list[ast.expr], marks: Mapping[str, str], *, words: bool) -> exp.Expression:
        if function == "where":
            return self._where(args[0], args[1], args[2], marks, words=words)
        if function == "days":
            return self._days(args[0], marks)
        first, *others = (self._value(each, marks) for each in args)
        match function:
            case "log" | "log10" | "sqrt" | "abs":
                return _of_one(function, first)
            case "round":
                return exp.paren(_rounded(first, args[1:]))
            case "bins":
                return self._bins(first, args[1:])
            case "mean":
                return exp.paren(over(exp.paren(total([first, *others])), float(len(args))))
            case _:
                compare = exp.LT if function == "min" else exp.GT
                for other in others:
                    gap = exp.Is(this=exp.paren(exp.Add(this=first.copy(), expression=other)), expression=exp.Null())
                    ahead = compare(this=first.copy(), expression=other.copy())
                    first = exp.paren(case([(gap, exp.Null()), (ahead, first)], other.copy()))
                return first

    def _days(self, node: ast.expr, marks: Mapping[str, str]) -> exp.Expression:
        """Return the days from the first of January 1970 to a date."""
        if not isinstance(node, ast.Name) or marks[node.id] in self._formulas:
            return self._value(node, marks)
        name = marks[node.id]
        name = self._names.get(name, name)
        cell = date_cell(raw_column(name, self._dialect), self._dialect, is_typed=name in self._dialect.typed)
        micros = self._of_table(cast(of_date(self._dialect.micros, cell, self._dialect, _FIRST_DAY), DOUBLE))
        return exp.paren(exp.Neg(this=exp.paren(over(micros, _MICROS_PER_DAY))))

    def _bins(self, value: exp.Expression, args: list[ast.expr]) -> exp.Expression:
        borders = [ast_number(each) for each in args]
        *below, last = bin_levels(borders)
        branches = [
            (exp.LT(this=value.copy(), expression=number(border)), text(level))
            for border, level in zip(borders, below, strict=True)
        ]
        above = exp.GTE(this=value.copy(), expression=number(borders[-1]))
        return case([*branches, (above, text(last))])


def ast_number(node: ast.expr) -> float:
    """Return a plain number of a formula, with or without a sign."""
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -ast_number(operand)
        case ast.UnaryOp(operand=operand):
            return ast_number(operand)
    raise NoSqlError("formulas", "a border or a number of decimals in a formula is worked out, not written as a number")


def _finite(value: exp.Expression) -> exp.Expression:
    large = exp.Between(this=value.copy(), low=number(-config.LARGEST_NUMBER), high=number(config.LARGEST_NUMBER))
    return case([(large, value)])


def _of_one(function: str, value: exp.Expression) -> exp.Expression:
    """Return a function of one number, null where it has no answer: a database may give an error."""
    if function == "abs":
        return exp.Abs(this=value)
    if function == "sqrt":
        return case([(exp.GTE(this=value.copy(), expression=number(0.0)), exp.Sqrt(this=value))])
    found = exp.Ln(this=value)
    positive = exp.GT(this=value.copy(), expression=number(0.0))
    return case([(positive, found if function == "log" else over(found, _LN_10))])


def _power(base: exp.Expression, exponent: exp.Expression) -> exp.Expression:
    zero = number(0.0)
    size = exp.Abs(this=base.copy())
    grown = exp.paren(exp.Mul(this=exponent.copy(), expression=exp.Ln(this=size.copy())))
    raised = exp.Pow(this=size.copy(), expression=exponent.copy())
    whole = exp.EQ(this=exponent.copy(), expression=exp.Floor(this=exponent.copy()))
    half = exp.paren(over(exponent.copy(), 2.0))
    odd = exp.NEQ(this=half, expression=exp.Floor(this=half.copy()))
    negative = exp.LT(this=base.copy(), expression=zero.copy())
    return case(
        [
            (exp.EQ(this=exponent.copy(), expression=zero.copy()), number(1.0)),
            (
                exp.EQ(this=base.copy(), expression=zero.copy()),
                case([(exp.GT(this=exponent.copy(), expression=zero.copy()), zero.copy())]),
            ),
            (exp.and_(negative, exp.not_(whole)), exp.Null()),
            (exp.GT(this=grown, expression=number(_LARGEST_EXPONENT)), exp.Null()),
            (exp.LT(this=grown.copy(), expression=number(-_LARGEST_EXPONENT)), zero.copy()),
            (exp.and_(negative.copy(), odd), exp.Neg(this=exp.paren(raised))),
        ],
        raised.copy(),
    )


def _rounded(value: exp.Expression, decimals: list[ast.expr]) -> exp.Expression:
    """Return the nearest number of so many decimals, of two the even one, as numpy does."""
    places = int(ast_number(decimals[0])) if decimals else 0
    scaled = exp.paren(exp.Mul(this=value, expression=number(10.0**places))) if places > 0 else value
    scaled = exp.paren(over(value, 10.0**-places)) if places < 0 else scaled
    up = exp.paren(exp.Add(this=scaled.copy(), expression=number(0.5)))
    floor = exp.Floor(this=up)
    half = exp.paren(over(floor.copy(), 2.0))
    odd_tie = exp.and_(
        exp.EQ(this=floor.copy(), expression=up.copy()), exp.NEQ(this=half, expression=exp.Floor(this=half.copy()))
    )
    found = exp.paren(case([(odd_tie, exp.Sub(this=floor.copy(), expression=number(1.0)))], floor.copy()))
    if places > 0:
        return over(found, 10.0**places)
    return exp.Mul(this=found, expression=number(10.0**-places)) if places < 0 else found
