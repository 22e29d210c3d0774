"""Columns of one's own, worked out from others by a formula that is safe to type: it is read, never executed."""

import ast
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.errors.base import check_type
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import Recipe
from segmenter.table.dataset import Column, ColumnKind, Dataset
from segmenter.typing import BoolArray, FloatArray

HELP: Final = (
    "Columns by their names (in double quotes or backticks where they hold signs), numbers, + - * / and ^, comparisons "
    "(>, >=, ==, !=), and, or, not, words in single quotes; log, log10, sqrt, abs, round, min, max, mean, "
    "where(condition, then, else), days(date), and bins(column, 18, 35, 65) for groups. Dates less dates are days."
)
LONGEST_NAME: Final = 200
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r"""'[^']*'|"([^"]*)"|`([^`]*)`|\[([^\[\]]*)\]""")
_QUOTES: Final = {'"': '"', "`": "`", "[": "]"}
# Nobody's formula is deeper, and reading one must not exhaust the stack.
_DEEPEST: Final = 40


@dataclass(frozen=True, eq=False)
class Values:
    """What part of a formula comes to, for each customer.

    Attributes
    ----------
    data
        Shape (n,): float64, NaN where it cannot be said; of text, object with None.
    is_text, is_condition
        Whether it is words; whether it says yes (1) and no (0).
    levels
        The groups of `bins`, lowest first.
    """

    data: np.ndarray[tuple[int], np.dtype[np.generic]]
    is_text: bool = False
    is_condition: bool = False
    levels: tuple[str, ...] = ()


def add_column(dataset: Dataset, name: str, formula: str) -> Dataset:
    """Return the customers with a column more, worked out from the others.

    A recipe that uses the column keeps its formula, so that a saved model works it out again next month. Division by
    zero, and whatever else has no answer, leaves a customer without a value.

    Parameters
    ----------
    dataset
        The customers.
    name
        Of the new column.
    formula
        Such as "spend / orders" or "bins(age, 18, 35, 65)". It knows columns, numbers, words in single quotes, + - * /
        ^, comparisons, and, or, not, and the functions log, log10, sqrt, abs, round, min, max, mean, where and bins;
        columns whose names hold signs stand in double quotes. Nothing else is read, and nothing is executed.

    Raises
    ------
    InvalidSettingError
        If there is such a column already, or the formula cannot be worked out; says what is wrong with it.
    ArgumentTypeError
        If `dataset` is none.

    Examples
    --------
    >>> from segmenter import add_column, read_sample
    >>> dataset = add_column(read_sample("mall"), "score per year", '"Spending Score (1-100)" / Age')
    >>> dataset.columns[-1].kind.value
    'number'
    """
    check_type(dataset, Dataset, "dataset")
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"A column needs a name of 1 to {LONGEST_NAME} letters, not {name!r:.60}."
        raise InvalidSettingError(message)
    if name in dataset.frame:
        message = f"There is a column {name} already. Give the new one another name."
        raise InvalidSettingError(message)
    values = evaluated(dataset, name, formula)
    written = canonical(formula, [column.name for column in dataset.columns], _dates(dataset))
    made, cells, column = _column(dataset, name, written, values)
    digest = hashlib.sha256(f"{dataset.fingerprint}\0{name}\0{written}".encode()).hexdigest()
    return replace(
        dataset,
        frame=dataset.frame.assign(**{name: made}),
        original=dataset.original.assign(**{name: cells}),
        columns=(*dataset.columns, column),
        fingerprint=digest,
    )


def without_column(dataset: Dataset, name: str) -> Dataset:
    """Return the customers without a column of one's own, and without those that are worked out from it."""
    gone = {name}
    for column in dataset.columns:
        if column.formula and gone & set(source_columns(column.formula)):
            gone.add(column.name)
    kept = tuple(column for column in dataset.columns if column.name not in gone)
    names = [column.name for column in kept]
    digest = hashlib.sha256(f"{dataset.fingerprint}\0without {name}".encode()).hexdigest()
    return replace(
        dataset, frame=dataset.frame[names], original=dataset.original[names], columns=kept, fingerprint=digest
    )


def with_formulas(
    dataset: Dataset, formulas: Iterable[tuple[str, str]], names: Mapping[str, str] | None = None
) -> Dataset:
    """Return the customers with those columns of a recipe's formulas that they do not have yet.

    Parameters
    ----------
    dataset
        The customers.
    formulas
        (name, formula), in the order in which they are worked out.
    names
        Column of the formula → column of the file, where they are called otherwise.
    """
    for name, formula in formulas:
        if name not in dataset.frame:
            aliases = {ours: theirs for ours, theirs in (names or {}).items() if ours not in dataset.frame}
            seen = _with_aliases(dataset, aliases)
            made = add_column(seen, name, formula)
            dataset = replace(
                dataset,
                frame=dataset.frame.assign(**{name: made.frame[name]}),
                original=dataset.original.assign(**{name: made.original[name]}),
                columns=(*dataset.columns, made.columns[-1]),
                fingerprint=made.fingerprint,
            )
    return dataset


def _with_aliases(dataset: Dataset, aliases: Mapping[str, str]) -> Dataset:
    known = {ours: theirs for ours, theirs in aliases.items() if theirs in dataset.frame}
    if not known:
        return dataset
    return replace(
        dataset,
        frame=dataset.frame.assign(**{ours: dataset.frame[theirs] for ours, theirs in known.items()}),
        original=dataset.original.assign(**{ours: dataset.original[theirs] for ours, theirs in known.items()}),
        columns=(
            *dataset.columns,
            *(replace(dataset.column(theirs), name=ours) for ours, theirs in known.items()),
        ),
    )


def formulas_used(dataset: Dataset, recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Return the formulas that a recipe's columns rest on, in the order in which they are worked out."""
    return formulas_of(dataset, recipe.formulas, [spec.column for spec in recipe.segmenting])


def formulas_of(
    dataset: Dataset, formulas: Iterable[tuple[str, str]], columns: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Return the formulas that some columns rest on, in the order in which they are worked out.

    Parameters
    ----------
    dataset
        The customers; those of their columns that were worked out know their formulas.
    formulas
        (name, formula) of other columns.
    columns
        Names of the columns that are needed.
    """
    own = {**dict(formulas), **{each.name: each.formula for each in dataset.columns if each.formula}}
    needed = set(columns)
    known = [*(column.name for column in dataset.columns), *own]
    own = {name: canonical(formula, known, _dates(dataset)) for name, formula in own.items()}
    for name in reversed(list(own)):
        if name in needed:
            needed |= set(source_columns(own[name]))
    return tuple((name, formula) for name, formula in own.items() if name in needed)


def source_columns(formula: str) -> tuple[str, ...]:
    """Return which columns a formula names in double quotes or the like, as `canonical` writes them."""
    found = (match[1] or match[2] or match[3] for match in _QUOTED.finditer(formula))
    return tuple(dict.fromkeys(each for each in found if each))


def dates_of(formula: str) -> tuple[str, ...]:
    """Return the columns of dates that a formula names, as `canonical` writes them."""
    names = source_columns(formula)
    return tuple(name for name in names if any(f"days({mark}{name}{end})" in formula for mark, end in _QUOTES.items()))


def canonical(formula: str, columns: Sequence[str], dates: Collection[str] = ()) -> str:
    """Return a formula with every column in quotes, so that it says without its table which ones it names.

    Columns of `dates` stand within days(…), so that it also says which ones hold dates.
    """
    return _marked("", formula.strip().removeprefix("="), columns, dates)[2].strip()


def _dates(dataset: Dataset) -> set[str]:
    return {column.name for column in dataset.columns if column.kind is ColumnKind.DATE}


def syntax(name: str, formula: str, columns: Sequence[str]) -> tuple[ast.expr, dict[str, str]]:
    """Return a formula's syntax, with a mark in the place of each column, and which column each mark is.

    Parameters
    ----------
    name
        Of the column that is worked out, for messages.
    formula
        What `add_column` takes.
    columns
        Those that it may name.

    Raises
    ------
    InvalidSettingError
        If it cannot be read.
    """
    return _read(name, formula, columns)


def are_words(node: ast.expr) -> bool:
    """Whether part of a formula gives words, as far as that can be told without its columns."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.IfExp(body=body, orelse=other):
            return are_words(body) or are_words(other)
        case ast.Call(func=ast.Name(id="where"), args=[_, body, other]):
            return are_words(body) or are_words(other)
        case ast.Call(func=ast.Name(id="bins")):
            return True
    return False


def evaluated(dataset: Dataset, name: str, formula: str) -> Values:
    """Return what a formula comes to for each customer.

    Raises
    ------
    InvalidSettingError
        If it cannot be read or worked out.
    """
    tree, columns = _read(name, formula, [column.name for column in dataset.columns])
    personal = [each for each in columns.values() if dataset.column(each).kind is ColumnKind.PERSONAL]
    if personal:
        raise _wrong(name, f"{personal[0]} holds personal data, which no column is worked out from")
    known = {mark: _column_values(dataset, column) for mark, column in columns.items()}
    with np.errstate(all="ignore"):
        found = _value(tree, known, dataset.n_customers, name, 0)
    if not columns:
        raise _wrong(name, "the formula names no column")
    return found


def _wrong(name: str, what: str) -> InvalidSettingError:
    return InvalidSettingError(f"{name}: {what}." if name else f"{what[:1].upper()}{what[1:]}.")


def _read(name: str, formula: str, columns: Sequence[str]) -> tuple[ast.expr, dict[str, str]]:
    """Return a formula's syntax, with a mark in the place of each column, and which column each mark is."""
    if not formula.strip():
        raise _wrong(name, "the formula is empty; write one such as spend / orders")
    if len(formula) > config.LONGEST_FORMULA:
        raise _wrong(name, f"a formula has at most {config.LONGEST_FORMULA} letters")
    text, marks, _ = _marked(name, formula.strip().removeprefix("="), columns)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        hint = "; write == to compare" if re.search(r"[^<>=!]=[^=]", text) else ""
        what = f"{formula.strip()!r:.120} is no formula{hint}, such as spend / orders or age > 30"
        raise _wrong(name, what) from error
    return tree, marks


def _marked(
    name: str, formula: str, columns: Sequence[str], dates: Collection[str] = ()
) -> tuple[str, dict[str, str], str]:
    """Return a formula with marks in the place of columns, the column of each mark, and the formula with quotes."""
    by_length = sorted((each for each in columns if any(map(str.isalpha, each))), key=len, reverse=True)
    folded = {each.casefold(): each for each in reversed(columns)}
    marks: dict[str, str] = {}
    # Side by side: what Python's parser reads, and what is kept as the formula.
    found: list[str] = []
    kept: list[str] = []

    def add(read: str, written: str = "") -> None:
        found.append(read)
        kept.append(written or read)

    def mark(column: str) -> None:
        key = next((key for key, each in marks.items() if each == column), f"column_{len(marks)}")
        marks[key] = column
        opening = next((each for each, closing in _QUOTES.items() if closing not in column), None)
        if opening is None:
            raise _wrong(name, f"the name of {column} holds every kind of quote, so no formula can name it")
        inside = "".join(found).rstrip().endswith("days(")
        quoted = f"{opening}{column}{_QUOTES[opening]}"
        add(f" {key} ", f"days({quoted})" if column in dates and not inside else quoted)

    place = 0
    while place < len(formula):
        letter = formula[place]
        if letter == "'":
            end = _end_of_quote(name, formula, place)
            add(repr(formula[place + 1 : end]), formula[place : end + 1])
            place = end + 1
        elif letter in _QUOTES:
            end = _end_of_quote(name, formula, place)
            asked = formula[place + 1 : end]
            if asked not in columns and asked.casefold() not in folded:
                raise _wrong(name, f"there is no column {asked!r:.80}. There are: {_some(columns)}")
            mark(asked if asked in columns else folded[asked.casefold()])
            place = end + 1
        else:
            before = formula[place - 1] if place else " "
            word = None if before.isalnum() or before == "_" else _column_at(formula, place, by_length)
            if word is not None:
                mark(word)
                place += len(word)
            elif before.isalnum() or before == "_" or not (letter.isalpha() or letter == "_"):
                add("**" if letter == "^" else "!=" if formula[place : place + 2] == "<>" else letter)
                place += 2 if formula[place : place + 2] == "<>" else 1
            else:
                word = _WORD.match(formula, place)[0]  # type: ignore[index]
                add(_known_word(name, formula, place, word, columns))
                place += len(word)
    return "".join(found), marks, "".join(kept)


def _end_of_quote(name: str, formula: str, place: int) -> int:
    closing = _QUOTES.get(formula[place], "'")
    end = formula.find(closing, place + 1)
    if end < 0:
        raise _wrong(name, f"what begins with {formula[place]} does not end; write {closing} behind it")
    return end


def _column_at(formula: str, place: int, columns: Sequence[str]) -> str | None:
    for column in columns:
        end = place + len(column)
        if formula[place:end].casefold() != column.casefold():
            continue
        after = formula[end : end + 1]
        if column[-1].isalnum() and (after.isalnum() or after == "_"):
            continue
        if column.casefold() in _FUNCTIONS and formula[end:].lstrip().startswith("("):
            continue
        return column
    return None


def _known_word(name: str, formula: str, place: int, word: str, columns: Sequence[str]) -> str:
    low, after = word.lower(), formula[place + len(word) :].lstrip()
    before = formula[:place].rstrip()
    if low == "if" and after.startswith("(") and (not before or before[-1] in "(,+-*/^<>="):
        return "where"
    if low in _FUNCTIONS and after.startswith("("):
        return low
    if low in ("and", "or", "not", "if", "else"):
        return low
    if low in ("true", "false"):
        return low.capitalize()
    if re.fullmatch(r"[eE]\d*", word) and before[-1:].isdecimal():
        return word
    what = "function" if after.startswith("(") else "column"
    there = ", ".join(_FUNCTIONS) if what == "function" else _some(columns)
    raise _wrong(name, f"there is no {what} {word!r:.80}. There are: {there}")


def _some(columns: Sequence[str]) -> str:
    return ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")


def _column_values(dataset: Dataset, name: str) -> Values:
    column = dataset.frame[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        days = (column - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        return Values(days.to_numpy(dtype=np.float64))
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return Values(numbers, is_condition=dataset.column(name).kind is ColumnKind.YES_NO)
    texts = column.astype("object").to_numpy()
    return Values(_with_gaps(pd.isna(texts), texts), is_text=True)


def _with_gaps(gaps: BoolArray, texts: np.ndarray[tuple[int], np.dtype[np.generic]]) -> np.ndarray[tuple[int], Any]:
    found = texts.astype(object)
    found[gaps] = None
    return found


def _value(node: ast.expr, known: Mapping[str, Values], n: int, name: str, depth: int) -> Values:  # noqa: C901 - a case a kind
    if depth > _DEEPEST:
        raise _wrong(name, "the formula is nested too deeply")

    def inner(each: ast.expr) -> Values:
        return _value(each, known, n, name, depth + 1)

    match node:
        case ast.Name(id=key) if key in known:
            return known[key]
        case ast.Constant(value=str(text)):
            return Values(np.full(n, text, dtype=object), is_text=True)
        case ast.Constant(value=bool() | int() | float() as number):
            try:
                return Values(np.full(n, float(number)), is_condition=isinstance(number, bool))
            except OverflowError:
                raise _wrong(name, "a number is too large") from None
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
            return Values(_SIGNS[type(op)](_numbers(inner(operand), name)), is_condition=isinstance(op, ast.Not))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            found = _OPERATIONS[type(op)](_numbers(inner(left), name), _numbers(inner(right), name))
            return Values(_finite(found))
        case ast.BoolOp(op=op, values=values):
            parts = np.array([_truth(inner(each), name) for each in values])
            # Like Excel and SQL: one "no" decides an "and", one "yes" an "or"; else nothing is known beside a gap.
            decisive = 0.0 if isinstance(op, ast.And) else 1.0
            decided = (parts == decisive).any(axis=0)
            gaps = np.isnan(parts).any(axis=0)
            return Values(np.where(decided, decisive, np.where(gaps, np.nan, 1.0 - decisive)), is_condition=True)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _compared(inner(left), ops, [inner(each) for each in others], name)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _where(name, [inner(test), inner(body), inner(other)])
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS:
            return _FUNCTIONS[function](name, [inner(each) for each in args])
        case _:
            raise _wrong(name, "the formula holds something that is not known. " + HELP.rstrip("."))


def _numbers(values: Values, name: str) -> FloatArray:
    if values.is_text:
        raise _wrong(name, "words cannot be calculated with; compare them, as in country == 'DE'")
    return values.data.astype(np.float64)


def _truth(values: Values, name: str) -> FloatArray:
    numbers = _numbers(values, name)
    return np.where(np.isnan(numbers), np.nan, (numbers != 0).astype(np.float64))


def _finite(numbers: FloatArray) -> FloatArray:
    return np.where(np.abs(numbers) <= config.LARGEST_NUMBER, numbers, np.nan)


def _compared(left: Values, ops: Sequence[ast.cmpop], others: Sequence[Values], name: str) -> Values:
    found = np.ones(len(left.data))
    for op, right in zip(ops, others, strict=True):
        if type(op) not in _COMPARISONS:
            raise _wrong(name, "only >, >=, <, <=, == and != compare")
        if left.is_text != right.is_text:
            raise _wrong(name, "words are compared with words in single quotes, as in country == 'DE'")
        gaps = pd.isna(left.data) | pd.isna(right.data)
        if left.is_text:
            if not isinstance(op, ast.Eq | ast.NotEq):
                raise _wrong(name, "words are equal or not (==, !=); they have no order")
            same = np.array([str(one) == str(other) for one, other in zip(left.data, right.data, strict=True)])
            held = same if isinstance(op, ast.Eq) else ~same
        else:
            held = _COMPARISONS[type(op)](left.data.astype(np.float64), right.data.astype(np.float64))
        found = np.where(gaps | np.isnan(found), np.nan, found * held)
        left = right
    return Values(found, is_condition=True)


_SIGNS: Final[dict[type[ast.unaryop], Callable[[FloatArray], FloatArray]]] = {
    ast.USub: lambda numbers: -numbers,
    ast.UAdd: lambda numbers: numbers,
    ast.Not: lambda numbers: np.where(np.isnan(numbers), np.nan, (numbers == 0).astype(np.float64)),
}
_OPERATIONS: Final[dict[type[ast.operator], Callable[[FloatArray, FloatArray], FloatArray]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[FloatArray, FloatArray], BoolArray]]] = {
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_Function = Callable[[str, Sequence[Values]], Values]


def _of_one(work: Callable[[FloatArray], FloatArray], called: str) -> _Function:
    def function(name: str, args: Sequence[Values]) -> Values:
        if len(args) != 1:
            raise _wrong(name, f"{called}(…) takes one number")
        return Values(_finite(work(_numbers(args[0], name))))

    return function


def _of_several(work: Callable[[FloatArray], FloatArray], called: str) -> _Function:
    def function(name: str, args: Sequence[Values]) -> Values:
        if len(args) < 2:
            raise _wrong(name, f"{called}(…) takes two numbers or more")
        return Values(work(np.array([_numbers(each, name) for each in args])))

    return function


def _rounded(name: str, args: Sequence[Values]) -> Values:
    if len(args) not in (1, 2):
        raise _wrong(name, "round(…) takes a number, and how many decimals")
    decimals = int(np.clip(_constant(args[1], name, "round"), -15, 15)) if len(args) == 2 else 0
    return Values(np.round(_numbers(args[0], name), decimals))


def _where(name: str, args: Sequence[Values]) -> Values:
    if len(args) != 3:
        raise _wrong(name, "where(…) takes a condition, what holds then, and what holds else")
    truth, then, other = _truth(args[0], name), args[1], args[2]
    if then.is_text != other.is_text:
        raise _wrong(name, "where(…) gives words in both cases, or numbers in both")
    gaps = np.isnan(truth)
    if then.is_text:
        return Values(_with_gaps(gaps, np.where(truth == 1, then.data, other.data)), is_text=True)
    found = np.where(truth == 1, then.data.astype(np.float64), other.data.astype(np.float64))
    return Values(np.where(gaps, np.nan, found), is_condition=then.is_condition and other.is_condition)


def _bins(name: str, args: Sequence[Values]) -> Values:
    if len(args) < 2:
        raise _wrong(name, "bins(…) takes a number and the borders of the groups, as in bins(age, 18, 35, 65)")
    borders = [_constant(each, name, "bins") for each in args[1:]]
    if borders != sorted(set(borders)):
        raise _wrong(name, "the borders of bins(…) go from the lowest to the highest, each once")
    levels = bin_levels(borders)
    numbers = _numbers(args[0], name)
    codes = np.searchsorted(borders, numbers, side="right")
    texts = np.array(levels, dtype=object)[np.minimum(codes, len(borders))]
    return Values(_with_gaps(np.isnan(numbers), texts), is_text=True, levels=levels)


def bin_levels(borders: Sequence[float]) -> tuple[str, ...]:
    """Return what the groups between borders are called, one more than there are borders, the lowest first."""
    said = [f"{border:,.15g}" for border in borders]
    return (
        f"below {said[0]}",
        *(f"{low} to below {high}" for low, high in pairwise(said)),
        f"{said[-1]} and above",
    )


def _days(name: str, args: Sequence[Values]) -> Values:
    if len(args) != 1:
        raise _wrong(name, "days(…) takes one date")
    return Values(_numbers(args[0], name))


def _constant(values: Values, name: str, function: str) -> float:
    numbers = _numbers(values, name)
    if not len(numbers) or not np.isfinite(numbers[0]) or not (numbers == numbers[0]).all():
        raise _wrong(name, f"{function}(…) takes plain numbers after the first, the same for everybody")
    return float(numbers[0])


_FUNCTIONS: Final[dict[str, _Function]] = {
    "log": _of_one(np.log, "log"),
    "log10": _of_one(np.log10, "log10"),
    "sqrt": _of_one(np.sqrt, "sqrt"),
    "abs": _of_one(np.abs, "abs"),
    "round": _rounded,
    "min": _of_several(lambda parts: parts.min(axis=0), "min"),
    "max": _of_several(lambda parts: parts.max(axis=0), "max"),
    "mean": _of_several(lambda parts: parts.mean(axis=0), "mean"),
    "where": _where,
    "bins": _bins,
    "days": _days,
}


def _column(dataset: Dataset, name: str, formula: str, values: Values) -> tuple[pd.Series, pd.Series, Column]:
    index = dataset.frame.index
    if values.is_text:
        made: pd.Series = pd.Series(values.data, index=index, name=name).astype("str")
        cells, kind = made.copy(), ColumnKind.ORDERED if values.levels else ColumnKind.CATEGORY
    else:
        made = pd.Series(_finite(values.data.astype(np.float64)), index=index, name=name)
        kind = ColumnKind.YES_NO if values.is_condition else ColumnKind.NUMBER
        yes_no = {1.0: "yes", 0.0: "no"}
        written = made.map(yes_no) if values.is_condition else made.map("{:.12g}".format)
        cells = written.astype("str").mask(made.isna())
    missing, distinct = int(made.isna().sum()), int(made.nunique())
    if missing == len(made):
        raise _wrong(name, "the formula comes to nothing for every customer")
    levels = tuple(each for each in values.levels if (made == each).any()) if distinct > 1 else ()
    if distinct < 2:
        kind = ColumnKind.CONSTANT
    reason = f"worked out: {formula}"
    return made, cells, Column(name, kind, reason, missing, distinct, name, levels=levels, formula=formula)
