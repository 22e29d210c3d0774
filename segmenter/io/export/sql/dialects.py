"""Dialects of SQL: what the same value or date is called in each, as sqlglot expressions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import sqlglot
from sqlglot import exp

from segmenter.errors.forming import InvalidSettingError


@dataclass(frozen=True)
class SqlDialect:
    """One dialect.

    Attributes
    ----------
    key
        Its name here and for sqlglot.
    micros
        Microseconds from a date to the moment {latest}; {x} is the date.
    week, weekday
        The ISO week, 1-53, and the day of the week of {x}.
    monday
        The number that `weekday` gives Mondays; the other days follow, modulo 7.
    month
        The month of {x}, 1-12.
    tries
        Whether a text that is no number can be told from one by a cast that gives null.
    fence
        What keeps the planner from writing a step into every place that uses it: "offset", "materialized" or nothing.
    plain_names
        Whether names that need no quotes are written without: quoted, they would be other names.
    typed
        Columns of the customers' table that are known to be stored as numbers or dates; any other may hold texts.
    """

    key: str
    title: str
    micros: str
    week: str
    weekday: str
    monday: int = 1
    month: str = "EXTRACT(MONTH FROM CAST({x} AS TIMESTAMP))"
    tries: bool = False
    fence: str = ""
    plain_names: bool = False
    typed: frozenset[str] = frozenset()


_SQLITE_MICROS: Final = (
    "1000 * ((STRFTIME('%s', '{latest}') - STRFTIME('%s', {x})) * 1000"
    " + CAST(SUBSTR(STRFTIME('%f', '{latest}'), 4) AS INTEGER) - CAST(SUBSTR(STRFTIME('%f', {x}), 4) AS INTEGER))"
)
# A moment without a zone: a clock that is put forward in spring makes no day shorter.
_SPARK_MICROS: Final = "TIMESTAMPDIFF(MICROSECOND, TRY_CAST({x} AS TIMESTAMP_NTZ), CAST('{latest}' AS TIMESTAMP_NTZ))"

DIALECTS: Final[dict[str, SqlDialect]] = {
    each.key: each
    for each in (
        SqlDialect(
            "bigquery",
            "BigQuery",
            micros="DATETIME_DIFF(CAST('{latest}' AS DATETIME), SAFE_CAST({x} AS DATETIME), MICROSECOND)",
            week="EXTRACT(ISOWEEK FROM SAFE_CAST({x} AS DATE))",
            weekday="EXTRACT(DAYOFWEEK FROM SAFE_CAST({x} AS DATE))",
            monday=2,
            month="EXTRACT(MONTH FROM SAFE_CAST({x} AS DATE))",
            tries=True,
        ),
        SqlDialect(
            "snowflake",
            "Snowflake",
            micros="DATEDIFF(MICROSECOND, CAST({x} AS TIMESTAMP_NTZ), CAST('{latest}' AS TIMESTAMP_NTZ))",
            week="WEEKISO(CAST({x} AS DATE))",
            weekday="DAYOFWEEKISO(CAST({x} AS DATE))",
            month="MONTH(CAST({x} AS DATE))",
            plain_names=True,
        ),
        SqlDialect(
            "databricks",
            "Databricks",
            micros=_SPARK_MICROS,
            week="WEEKOFYEAR(TRY_CAST({x} AS DATE))",
            weekday="WEEKDAY(TRY_CAST({x} AS DATE))",
            monday=0,
            month="MONTH(TRY_CAST({x} AS DATE))",
            tries=True,
        ),
        SqlDialect(
            "postgres",
            "PostgreSQL",
            micros="EXTRACT(EPOCH FROM (CAST('{latest}' AS TIMESTAMP) - CAST({x} AS TIMESTAMP))) * 1000000",
            week="EXTRACT(WEEK FROM CAST({x} AS TIMESTAMP))",
            weekday="EXTRACT(ISODOW FROM CAST({x} AS TIMESTAMP))",
            fence="offset",
        ),
        SqlDialect(
            "redshift",
            "Redshift",
            micros="DATEDIFF(MICROSECOND, CAST({x} AS TIMESTAMP), CAST('{latest}' AS TIMESTAMP))",
            week="EXTRACT(WEEK FROM CAST({x} AS TIMESTAMP))",
            weekday="EXTRACT(DOW FROM CAST({x} AS TIMESTAMP))",
        ),
        SqlDialect(
            "duckdb",
            "DuckDB",
            micros="DATE_DIFF('MICROSECOND', TRY_CAST({x} AS TIMESTAMP), CAST('{latest}' AS TIMESTAMP))",
            week="EXTRACT(WEEK FROM TRY_CAST({x} AS TIMESTAMP))",
            weekday="EXTRACT(ISODOW FROM TRY_CAST({x} AS TIMESTAMP))",
            month="EXTRACT(MONTH FROM TRY_CAST({x} AS TIMESTAMP))",
            tries=True,
        ),
        SqlDialect(
            "spark",
            "Spark",
            micros=_SPARK_MICROS,
            week="WEEKOFYEAR(TRY_CAST({x} AS DATE))",
            weekday="WEEKDAY(TRY_CAST({x} AS DATE))",
            monday=0,
            month="MONTH(TRY_CAST({x} AS DATE))",
            tries=True,
        ),
        SqlDialect(
            "sqlite",
            "SQLite",
            micros=_SQLITE_MICROS,
            # Its %V is younger than most installations: the week is that of its Thursday.
            week="(CAST(STRFTIME('%j', DATE({x}, '-3 days', 'weekday 4')) AS INTEGER) - 1) / 7 + 1",
            weekday="CAST(STRFTIME('%w', {x}) AS INTEGER)",
            month="CAST(STRFTIME('%m', {x}) AS INTEGER)",
            fence="materialized",
        ),
    )
}

DOUBLE: Final = exp.DataType.Type.DOUBLE
TEXT: Final = exp.DataType.Type.TEXT
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CUSTOMER: Final = "customer"


def dialect_of(key: str) -> SqlDialect:
    """Return a dialect by its name.

    Raises
    ------
    InvalidSettingError
        If there is none of that name.
    """
    if key not in DIALECTS:
        message = f"There is no dialect {key!r}. There are: {', '.join(DIALECTS)}."
        raise InvalidSettingError(message)
    return DIALECTS[key]


def table_of(name: str, dialect: SqlDialect) -> exp.Table:
    """Return the table that a name such as `shop.customers` means, quoted where it was written so.

    Raises
    ------
    InvalidSettingError
        If it is no name of a table.
    """
    try:
        found = exp.maybe_parse(name, into=exp.Table, dialect=dialect.key)
        more = any(token.token_type is sqlglot.TokenType.SEMICOLON for token in sqlglot.tokenize(name, dialect.key))
    except sqlglot.errors.SqlglotError:
        found, more = None, False
    parts = {key for key, value in found.args.items() if value} if isinstance(found, exp.Table) else set()
    if not isinstance(found, exp.Table) or not parts <= {"this", "db", "catalog"} or more or not _is_named(found):
        message = (
            f"{name!r} is no name of a table in {dialect.title}: write it as you would after FROM, "
            "in the dialect's quotes where it holds blanks or other marks."
        )
        raise InvalidSettingError(message)
    return found


def _is_named(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Identifier | exp.Dot) and bool(table.name) and not table.comments


def identifier(name: str, dialect: SqlDialect) -> exp.Identifier:
    """Return a column's name, in quotes unless the dialect would then take it for another one."""
    plain = dialect.plain_names and _PLAIN.fullmatch(name) is not None and not _is_reserved(name)
    return exp.to_identifier(name, quoted=not plain)


@cache
def _is_reserved(name: str) -> bool:
    """Whether a name without quotes would be taken for a word of the language."""
    try:
        found = sqlglot.parse_one(f"SELECT t.x AS {name}, {name} FROM t ORDER BY {name}", read="snowflake")
    except sqlglot.errors.SqlglotError:
        return True
    return not isinstance(found.expressions[1], exp.Column) or name.upper() in _SNOWFLAKE_RESERVED


# Those of Snowflake's reserved words that a parser takes for a column.
_SNOWFLAKE_RESERVED: Final = frozenset(
    """ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CHECK COLUMN CONNECT CONSTRAINT CREATE CURRENT DATABASE DELETE DISTINCT
    DROP ELSE EXISTS FOLLOWING FOR FROM GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INSERT INTERSECT INTO IS ISSUE
    LIKE MINUS NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RLIKE ROW ROWS SAMPLE SCHEMA SELECT SET SOME
    START TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE UPDATE VALUES VIEW WHENEVER WHERE WITH""".split()  # noqa: SIM905
)


def raw_column(name: str, dialect: SqlDialect) -> exp.Column:
    """Return a column of the customers' own table.

    With its table's name before it: SQLite would take a quoted name that is no column for a text.
    """
    return exp.Column(this=identifier(name, dialect), table=exp.to_identifier(_CUSTOMER))


def as_customers(source: exp.Table | exp.Subquery) -> exp.Expression:
    """Return a table or a query under the name that `raw_column` means."""
    return source.copy().as_(_CUSTOMER)


def column(name: str) -> exp.Column:
    """Return a column of an earlier step."""
    return exp.column(name)


def number(value: float) -> exp.Expression:
    """Return a double to its last bit; with an exponent, for without one it would be a decimal."""
    text = repr(abs(float(value)))
    literal = exp.Literal.number(text if "e" in text else f"{text}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def whole(value: int) -> exp.Expression:
    """Return a whole number."""
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def text(value: str) -> exp.Literal:
    """Return a text."""
    return exp.Literal.string(value)


def minus(left: exp.Expression, value: float) -> exp.Expression:
    """Return an expression less a number; as it stands where the number is zero."""
    if value == 0:
        return left
    if value < 0:
        return exp.Add(this=left, expression=number(-value))
    return exp.Sub(this=left, expression=number(value))


def times(left: exp.Expression, value: float) -> exp.Expression:
    """Return an expression times a number; as it stands where the number is one."""
    return left if value == 1 else exp.Mul(this=_within(left), expression=number(value))


def over(left: exp.Expression, value: float) -> exp.Expression:
    """Return an expression divided by a number; as it stands where the number is one."""
    return left if value == 1 else exp.Div(this=_within(left), expression=number(value), typed=True)


def _within(expression: exp.Expression) -> exp.Expression:
    return exp.paren(expression) if isinstance(expression, exp.Binary | exp.Neg) else expression


def square(expression: exp.Expression) -> exp.Expression:
    """Return an expression times itself: a power is not rounded alike everywhere."""
    inner = _within(expression)
    return exp.Mul(this=inner, expression=inner.copy())


def total(terms: Iterable[exp.Expression]) -> exp.Expression:
    """Return a sum that is added from left to right, as doubles are here."""
    result: exp.Expression | None = None
    for term in terms:
        result = term if result is None else exp.Add(this=result, expression=term)
    return number(0.0) if result is None else result


def joined(texts: Iterable[exp.Expression]) -> exp.Expression:
    """Return texts one after the other."""
    result: exp.Expression | None = None
    for each in texts:
        result = each if result is None else exp.DPipe(this=result, expression=each, safe=True)
    return text("") if result is None else result


# SQLite takes at most 127 arguments.
_ARGUMENTS: Final = 50


def least(expressions: list[exp.Expression]) -> exp.Expression:
    """Return the least of some expressions."""
    if len(expressions) == 1:
        return expressions[0]
    if len(expressions) > _ARGUMENTS:
        starts = range(0, len(expressions), _ARGUMENTS)
        return least([least(expressions[start : start + _ARGUMENTS]) for start in starts])
    return exp.Least(this=expressions[0], expressions=expressions[1:])


def case(
    branches: Iterable[tuple[exp.Expression, exp.Expression]], otherwise: exp.Expression | None = None
) -> exp.Expression:
    """Return CASE WHEN … THEN … ELSE … END."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    if not ifs:
        return exp.Null() if otherwise is None else otherwise
    return exp.Case(ifs=ifs, default=otherwise)


def cast(expression: exp.Expression, to: exp.DataType.Type) -> exp.Cast:
    """Return a plain cast."""
    return exp.Cast(this=expression, to=exp.DataType(this=to))


def as_text(expression: exp.Expression) -> exp.Expression:
    """Return a value as text."""
    return cast(expression, TEXT)


# What stands around a value and is none of it: every blank of Unicode, as in a file; databases take off spaces alone.
# Tabs and line ends are the only control letters that every dialect writes alike.
_BLANKS: Final = "\t\n\r" + "".join(chr(code) for code in range(0x20, 0x3001) if chr(code).isspace())


def trimmed(expression: exp.Expression) -> exp.Expression:
    """Return a text without the blanks around it."""
    return exp.Trim(this=expression, expression=text(_BLANKS))


def bare_id(expression: exp.Expression) -> exp.Expression:
    """Return a text without capitals and blanks, and a whole number without zeros in front and .0 behind, as one id."""
    bare = exp.Lower(this=exp.func("TRANSLATE", expression, text(_BLANKS), text("")))
    whole_part = exp.RegexpReplace(this=bare, expression=text("[.]0+$"), replacement=text(""))
    digits = exp.RegexpReplace(this=whole_part.copy(), expression=text("^0+"), replacement=text(""))
    is_whole = exp.RegexpLike(this=whole_part, expression=text("^[0-9]+$"))
    return case([(is_whole, digits)], bare.copy())


def is_one_of(expression: exp.Expression, values: Iterable[str]) -> exp.Expression:
    """Return whether a text is one of some."""
    return exp.In(this=expression, expressions=[text(each) for each in values])


def is_word(expression: exp.Expression, words: Iterable[str]) -> exp.Expression:
    """Return whether a text is one of some words, whatever its capitals and the blanks around it."""
    known = set(words)
    # SQLite, and PostgreSQL without a language, change the capitals of A to Z alone.
    known |= {form for word in words if not word.isascii() for form in (word.upper(), word.capitalize())}
    known |= {"".join(letter.lower() if letter.isascii() else letter for letter in form) for form in known}
    return is_one_of(exp.Lower(this=trimmed(as_text(expression))), sorted(known))


# What SQLite would cut off and read the rest of, or read in part: signs, points and exponents out of their place.
_NO_NUMBERS: Final = ("*[^0-9.eE+-]*", "*[^eE][+-]*", "*[+-]", "*.*.*", "*[eE]*[.eE]*", "*[eE]", "[eE]*", "[+-.][eE]*")
_NUMERIC_TEXT: Final = r"^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$"
# Where a cast reads more than numbers (1_000 is one to DuckDB, 1d to Spark), and knows few of the blanks around one.
_READ_WIDELY: Final = ("duckdb", "spark", "databricks")


def read_number(
    value: exp.Expression, dialect: SqlDialect, *, is_text: bool = False, is_typed: bool = False
) -> exp.Expression:
    """Return a value as a double.

    A text that is no number is null where the dialect can tell, and an error of the database elsewhere.

    Parameters
    ----------
    is_text, is_typed
        Whether the value is known to be a text, or known to be none.
    """
    if dialect.key == "sqlite":
        kind = exp.func("TYPEOF", value)
        written = trimmed(value.copy())
        looks = exp.and_(
            exp.Glob(this=written, expression=text("*[0-9]*")),
            *(exp.not_(exp.Glob(this=written.copy(), expression=text(each))) for each in _NO_NUMBERS),
        )
        stored = exp.In(this=kind, expressions=[text("integer"), text("real")])
        return case([(stored, cast(value, DOUBLE)), (looks, cast(written.copy(), DOUBLE))])
    if is_text and dialect.key in ("postgres", "redshift"):
        looks = exp.RegexpLike(this=value, expression=text(_NUMERIC_TEXT))
        return case([(looks, cast(value.copy(), DOUBLE))])
    if dialect.key in _READ_WIDELY and not is_typed:
        written = trimmed(as_text(value))
        looks = exp.RegexpLike(this=written, expression=text(_NUMERIC_TEXT))
        tried = _tried(written.copy())
        # A number is not read by way of its text, which may have fewer digits.
        return case([(looks, tried if is_text else exp.func("COALESCE", _tried(value.copy()), tried))])
    return _tried(value) if dialect.tries or is_text else cast(value, DOUBLE)


def _tried(value: exp.Expression) -> exp.TryCast:
    return exp.TryCast(this=value, to=exp.DataType(this=DOUBLE), safe=True)


def date_cell(value: exp.Expression, dialect: SqlDialect, *, is_typed: bool = False) -> exp.Expression:
    """Return a cell as `of_date` takes it: without blanks around it where it may be a text."""
    return value if is_typed or dialect.key not in (*_READ_WIDELY, "sqlite") else trimmed(as_text(value))


# The largest double: what is larger, or no number, counts as missing. PostgreSQL, DuckDB and Spark sort NaN last.
_LARGEST_DOUBLE: Final = float(np.finfo(np.float64).max)


def is_finite(value: exp.Expression, dialect: SqlDialect) -> exp.Expression:
    """Return whether a double is a number that is not infinite.

    DuckDB leaves a comparison out that the least and the largest of a Parquet file make true for every row, and these
    say nothing of NaN; a function it asks.
    """
    if dialect.key == "duckdb":
        return exp.Anonymous(this="ISFINITE", expressions=[value.copy()])
    return exp.Between(this=value.copy(), low=number(-_LARGEST_DOUBLE), high=number(_LARGEST_DOUBLE))


def of_date(template: str, value: exp.Expression, dialect: SqlDialect, latest: str = "") -> exp.Expression:
    """Return what a dialect's template says of a date."""
    written = template.format(x=value.sql(dialect=dialect.key), latest=latest)
    return sqlglot.parse_one(written, read=dialect.key)
