"""Columns that a model works out by formulas, as formulas of a spreadsheet."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from segmenter import config
from segmenter.errors.forming import InvalidSettingError
from segmenter.prepare.formulas import are_words, bin_levels, source_columns, syntax
from segmenter.table.infer.ordinal_scales import NO, YES

# Of spreadsheets' days, the first of January 1970.
_FIRST_DAY: Final = 25_569
MOST_CELLS: Final = 2_000
_SIGNS: Final[dict[type[ast.cmpop], str]] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "=",
    ast.NotEq: "<>",
}
_CALLED: Final = {"log": "LN", "log10": "LOG10", "sqrt": "SQRT", "abs": "ABS"}


def quoted(words: str) -> str:
    """Return a text as a formula writes it."""
    return '"' + words.replace('"', '""') + '"'


def plain(value: float) -> str:
    """Return a number as a formula writes it, in parentheses where it is below zero."""
    written = repr(float(value))
    return f"({written})" if value < 0 else written


def yes_or_no(cell: str, otherwise: str = '""') -> str:
    """Return the formula that reads a yes as 1 and a no as 0."""
    yes, no = (f"OR({','.join(f'LOWER({cell})={quoted(word)}' for word in sorted(words))})" for words in (YES, NO))
    return f"IF({yes},1,IF({no},0,{otherwise}))"


class OwnColumns:
    """Works out columns in cells of their own, one for each step of a formula; empty text where there is no answer.

    A formula that repeats its parts instead would double with each of them.

    Attributes
    ----------
    formulas
        Name → formula of the columns that are worked out.
    cells
        The formulas of the cells, in the order in which they stand.
    """

    def __init__(
        self, formulas: Mapping[str, str], asked: Callable[[str], str], reference: Callable[[int], str]
    ) -> None:
        """Begin with nothing worked out.

        Parameters
        ----------
        formulas
            Name → formula of the columns that are worked out.
        asked
            Gives the cell in which the answer to a column of the file stands.
        reference
            Gives the reference to a cell by its number.
        """
        self.formulas, self._asked, self._reference = formulas, asked, reference
        self._known: dict[tuple[str, bool], str] = {}
        self.cells: list[str] = []

    def column(self, name: str, *, words: bool) -> str:
        """Return the cell of a column that is worked out, or read from the answers.

        Raises
        ------
        InvalidSettingError
            If the formulas take too many cells.
        """
        if (name, words) not in self._known:
            if name in self.formulas:
                formula = self.formulas[name]
                tree, marks = syntax(name, formula, source_columns(formula))
                made = self._value(tree, marks, words=words)
                kept = f'IF(ISNUMBER({made}),IF(ABS({made})<={plain(config.LARGEST_NUMBER)},{made},""),"")'
                found = self._cell(made if words else kept)
            else:
                cell = self._asked(name)
                found = self._cell(f"TRIM({cell})" if words else f"IF(ISNUMBER({cell}),{cell},{yes_or_no(cell)})")
            self._known[name, words] = found
        return self._known[name, words]

    def _cell(self, formula: str) -> str:
        if len(self.cells) >= MOST_CELLS:
            message = f"The model's own columns take more than {MOST_CELLS:,} cells of a workbook. Use fewer of them."
            raise InvalidSettingError(message)
        self.cells.append(formula)
        return self._reference(len(self.cells) - 1)

    def _unless_gaps(self, parts: Sequence[str], formula: str) -> str:
        gaps = ",".join(f'{each}=""' for each in parts)
        return self._cell(f'IF(OR({gaps}),"",IFERROR({formula},""))')

    def _value(self, node: ast.expr, marks: Mapping[str, str], *, words: bool = False) -> str:  # noqa: C901 - a case a kind
        """Return the cell, or the number or word itself, of a part of a formula."""
        match node:
            case ast.Name(id=key):
                return self.column(marks[key], words=words)
            case ast.Constant(value=str(word)):
                return quoted(word)
            case ast.Constant(value=bool() | int() | float() as value):
                return plain(float(value))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._value(operand, marks)
                return self._unless_gaps([inner], f"-({inner})")
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._value(operand, marks)
            case ast.UnaryOp(operand=operand):
                truth = self._truth(operand, marks)
                return self._unless_gaps([truth], f"1-{truth}")
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self._value(left, marks), self._value(right, marks)
                return self._unless_gaps([one, other], _calculated(op, one, other))
            case ast.BoolOp(op=op, values=values):
                return self._joined(op, [self._truth(each, marks) for each in values])
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared([left, *others], ops, marks)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self._where(test, body, other, marks, words=words)
            case ast.Call(func=ast.Name(id=function), args=args):
                return self._called(function, args, marks, words=words)
        raise AssertionError(ast.dump(node))

    def _truth(self, node: ast.expr, marks: Mapping[str, str]) -> str:
        value = self._value(node, marks)
        return self._unless_gaps([value], f"IF({value}<>0,1,0)")

    def _joined(self, op: ast.boolop, parts: Sequence[str]) -> str:
        decisive = 0 if isinstance(op, ast.And) else 1
        decided = ",".join(f"{each}={decisive}" for each in parts)
        gaps = ",".join(f'{each}=""' for each in parts)
        return self._cell(f'IF(OR({decided}),{decisive},IF(OR({gaps}),"",{1 - decisive}))')

    def _compared(self, sides: Sequence[ast.expr], ops: Sequence[ast.cmpop], marks: Mapping[str, str]) -> str:
        held = []
        for left, op, right in zip(sides[:-1], ops, sides[1:], strict=True):
            as_words = are_words(left) or are_words(right)
            names = isinstance(left, ast.Name) and isinstance(right, ast.Name)
            one, other = (
                self._asked_as_it_is(each, marks) if names and isinstance(op, ast.Eq | ast.NotEq)
                else self._value(each, marks, words=as_words)
                for each in (left, right)
            )  # fmt: skip
            if isinstance(op, ast.Eq | ast.NotEq):
                same = f"EXACT({one},{other})" if as_words or names else f"{one}={other}"
                said = (1, 0) if isinstance(op, ast.Eq) else (0, 1)
                held.append(self._unless_gaps([one, other], f"IF({same},{said[0]},{said[1]})"))
            else:
                held.append(self._unless_gaps([one, other], f"IF({one}{_SIGNS[type(op)]}{other},1,0)"))
        return held[0] if len(held) == 1 else self._unless_gaps(held, f"MIN({','.join(held)})")

    def _asked_as_it_is(self, node: ast.expr, marks: Mapping[str, str]) -> str:
        """Return the cell of one of two columns that are compared, of which nobody says what they hold."""
        assert isinstance(node, ast.Name)
        name = marks[node.id]
        return self.column(name, words=name not in self.formulas)

    def _where(self, test: ast.expr, then: ast.expr, other: ast.expr, marks: Mapping[str, str], *, words: bool) -> str:
        truth = self._truth(test, marks)
        words = words or are_words(then) or are_words(other)
        one, two = (self._value(each, marks, words=words) for each in (then, other))
        return self._unless_gaps([truth], f"IF({truth}=1,{one},{two})")

    def _called(self, function: str, args: Sequence[ast.expr], marks: Mapping[str, str], *, words: bool) -> str:
        if function == "where":
            return self._where(args[0], args[1], args[2], marks, words=words)
        first = self._value(args[0], marks)
        if function == "days":
            is_date = isinstance(args[0], ast.Name) and marks[args[0].id] not in self.formulas
            return self._unless_gaps([first], f"{first}-{_FIRST_DAY}") if is_date else first
        if function == "bins":
            borders = [self._value(each, marks) for each in args[1:]]
            return self._bins(first, borders, bin_levels([_number_of(each) for each in args[1:]]))
        if function == "round":
            return self._rounded(first, int(_number_of(args[1])) if len(args) > 1 else 0)
        if function in _CALLED:
            return self._unless_gaps([first], f"{_CALLED[function]}({first})")
        parts = [first, *(self._value(each, marks) for each in args[1:])]
        called = {"mean": "AVERAGE"}.get(function, function.upper())
        return self._unless_gaps(parts, f"{called}({','.join(parts)})")

    def _bins(self, value: str, borders: Sequence[str], levels: Sequence[str]) -> str:
        found = quoted(levels[-1])
        for border, level in zip(reversed(borders), reversed(levels[:-1]), strict=True):
            found = f"IF({value}<{border},{quoted(level)},{found})"
        return self._unless_gaps([value], found)

    def _rounded(self, value: str, decimals: int) -> str:
        """Return the nearest number of so many decimals, of two the even one."""
        unit = plain(10.0**decimals)
        up = self._unless_gaps([value], f"{value}*{unit}+0.5")
        return self._unless_gaps([up], f"(INT({up})-IF(AND(INT({up})={up},MOD(INT({up}),2)=1),1,0))/{unit}")


def _calculated(op: ast.operator, one: str, other: str) -> str:
    match op:
        case ast.Mod():
            return f"{one}-{other}*INT({one}/{other})"
        case ast.Pow():
            return f"IF({other}=0,1,POWER({one},{other}))"
    sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(op)]
    return f"{one}{sign}{other}"


def _number_of(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number_of(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _number_of(operand)
    message = "A border or a number of decimals is worked out in a formula, so that no workbook can follow it."
    raise InvalidSettingError(message)
