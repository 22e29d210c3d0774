"""A saved model as one SELECT: customers are placed where they live, by the database's own arithmetic."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

from sqlglot import exp

from segmenter import config
from segmenter.display import counted
from segmenter.errors.base import check_type
from segmenter.errors.models import NoSqlError
from segmenter.io.export.sql.columns import RULES, PlacedSql, Step, column_sql, none_of, prepared_sql, why_not
from segmenter.io.export.sql.dialects import (
    DIALECTS as DIALECTS,
)
from segmenter.io.export.sql.dialects import (
    SqlDialect,
    as_customers,
    case,
    column,
    dialect_of,
    identifier,
    number,
    raw_column,
    table_of,
    text,
    whole,
)
from segmenter.prepare.encoders import CategoryColumn, FittedColumn, NumberColumn, is_date
from segmenter.recipe.recipe import Missing, Role
from segmenter.segment.result import free_name
from segmenter.segment.segmentation import FITS_NONE, Segmentation


class Unfit(StrEnum):
    """What becomes of customers farther from their segment's centre than 99 of 100 were when it was formed."""

    PLACED = "placed"
    MARKED = "placed, and said in a column of its own"
    LEFT_OUT = "in no segment"


# BigQuery and Snowflake take at most so many letters.
_LONGEST: Final = 1_000_000
# Up to so many letters a person may want to read it.
_READABLE: Final = 200_000


def model_sql(
    segmentation: Segmentation,
    dialect: str = "duckdb",
    source: str = "customers",
    *,
    keep: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> str:
    """Return a model as one SELECT that places the customers of a table.

    It fills, transforms, encodes and scales the columns as the model does and gives, beside the columns kept,
    `segment` (1 … k, null for customers in none), `segment_name`, `distance` to the segment's centre in scaled
    units and `reason`, why a customer is in no segment; `probability` where the method knows one. `fits_none` is 1
    for customers who are like no segment: farther from the centre than 99 of 100 were when it was formed.

    Parameters
    ----------
    segmentation
        The segments, just formed or loaded.
    dialect
        bigquery, snowflake, databricks, postgres, redshift, duckdb, spark or sqlite.
    source
        The customers' table, as it would be written after FROM.
    keep
        The table's columns that stand beside the segment; the identifiers that the model was made with if left out,
        or the columns it looks at where there is none.
    columns
        Model column → the table's column, where they are not called the same.

    Raises
    ------
    NoSqlError
        If the model's rule is none that a SELECT can follow.
    InvalidSettingError
        If there is no such dialect, or `source` is no name of a table.
    ArgumentTypeError
        If `segmentation` is no Segmentation.

    Examples
    --------
    >>> from segmenter import Recipe, fit_segmentation, model_sql, read_sample, suggest_features
    >>> dataset = read_sample("mall")
    >>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
    >>> "WITH step1 AS (" in model_sql(segmentation, "bigquery", "shop.customers").splitlines()
    True
    """
    check_type(segmentation, Segmentation, "segmentation")
    spoken = dialect_of(dialect)
    kept = kept_columns(segmentation, keep)
    query = placement_query(segmentation, table_of(source, spoken), spoken, kept, columns, Unfit.MARKED)
    written = query.sql(dialect=spoken.key)
    if len(written) > _LONGEST:
        raise NoSqlError(segmentation.recipe.algorithm, f"it would be {len(written):,} letters long")
    counted_segments = counted(segmentation.n_segments, "segment")
    head = f"-- Segmenter {config.VERSION}: customers in {counted_segments} by {segmentation.recipe.algorithm}"
    readable = query.sql(dialect=spoken.key, pretty=True) if len(written) <= _READABLE else written
    # A name may hold a line's end, after which a comment would be none.
    needs = "".join(f"-- {' '.join(each.split())}\n" for each in table_needs(segmentation, columns))
    return f"{head}, in the words of {spoken.title}.\n{needs}{readable}\n"


def table_needs(segmentation: Segmentation, columns: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what a table has to hold so that a database places its customers as this program does, as sentences.

    What reading a file does is not repeated in SQL: answers that become columns, decimal commas, the order of dates.

    Parameters
    ----------
    segmentation
        The segments.
    columns
        Model column → the table's column, where they are not called the same.
    """
    names = dict(columns or {})
    fitted = segmentation.preparation.columns_
    found = []
    for each in fitted:
        source, mark, answer = each.column.partition(": ")
        if mark and isinstance(each, NumberColumn) and each.may_be_yes_no and each.column not in names:
            found.append(
                f'The table needs a column "{each.column}": 1 where {source} holds the answer {answer}, 0 where it '
                "holds others, null where it is empty."
            )
    own = {name: formula for name, formula in segmentation.recipe.formulas if name not in names}
    fitted = tuple(each for each in fitted if each.column not in own)
    plain = [names.get(each.column, each.column) for each in fitted if _is_number(each)]
    dates = [names.get(each.column, each.column) for each in fitted if is_date(each)]
    if plain:
        found.append(f"Stored as numbers, or as texts such as 1234.5 that any database reads: {', '.join(plain)}.")
    if dates:
        found.append(
            "Stored as dates, as texts such as 2024-03-31, or as moments with a time zone in a session whose zone is "
            f"UTC: {', '.join(dates)}."
        )
    if own:
        made = ", ".join(f"{name} = {formula}" for name, formula in own.items())
        found.append(
            f"Worked out in the query, from columns stored as numbers, texts, and dates where days(…) stands: {made}."
        )
    for each in fitted:
        name = names.get(each.column, each.column)
        joined = len(each.joined) if isinstance(each, NumberColumn | CategoryColumn) else 0
        if joined:
            known = f"{counted(joined, 'spelling')} of {name} {'counts' if joined == 1 else 'count'} as in the model"
            others = '"other"' if isinstance(each, CategoryColumn) else "missing"
            found.append(
                f"{known}; a spelling that is new in the table counts as {others}: write it as the model does."
            )
    return tuple(found)


def _is_number(fitted: FittedColumn) -> bool:
    return isinstance(fitted, NumberColumn) and fitted.role is Role.NUMBER


def has_sql(segmentation: Segmentation) -> bool:
    """Whether a model's rule, and how it fills missing values, are such that a SELECT can follow them."""
    try:
        _refuse_neighbours(segmentation)
    except NoSqlError:
        return False
    return type(segmentation.clusterer.placement_) in RULES


def sql_zip(segmentation: Segmentation) -> bytes:
    """Return one SELECT for each dialect, for a table called customers, as a zip.

    Raises
    ------
    NoSqlError
        If the model's rule is none that a SELECT can follow.
    """
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in DIALECTS:
            # No time of day: the same model makes the same file.
            archive.writestr(
                zipfile.ZipInfo(f"customers.{name}.sql"), model_sql(segmentation, name), zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


def kept_columns(segmentation: Segmentation, keep: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the columns that stand beside the segment: those asked for, or what tells customers apart."""
    if keep is not None:
        return tuple(dict.fromkeys(keep))
    found = tuple(spec.column for spec in segmentation.recipe.features if spec.role is Role.ID)
    return found or tuple(each.column for each in segmentation.preparation.columns_)


def placement_query(
    segmentation: Segmentation,
    source: exp.Table | exp.Subquery,
    dialect: SqlDialect,
    keep: Sequence[str],
    columns: Mapping[str, str] | None = None,
    unfit: Unfit = Unfit.PLACED,
    full: Mapping[str, tuple[float, float]] | None = None,
) -> exp.Select:
    """Return the query that places the customers of a table or of another query.

    Parameters
    ----------
    keep
        Columns of the source that stand beside the segment.
    columns
        Model column → column of the source, where they are not called the same.
    unfit
        What becomes of customers who are like no segment; models of earlier versions cannot tell who is.
    full
        Columns of the source in which every customer has a number, as for `prepared_sql`.

    Raises
    ------
    NoSqlError
        If the model's rule is none that a SELECT can follow.
    """
    query = customers_query(segmentation, source, dialect, keep, columns, full)
    return query.answering(_answer(segmentation, keep, dialect, query.placed, unfit))


def beyond_reach(segmentation: Segmentation) -> exp.Expression | None:
    """Return whether a customer of the last step is farther from its segment than 99 of 100 were at its forming.

    None for models of earlier versions, which do not remember how far that is.
    """
    if segmentation.profile is None:
        return None
    reach = case(
        (exp.EQ(this=column("label"), expression=whole(segment)), number(extent.reach))
        for segment, extent in enumerate(segmentation.profile.segments)
    )
    return exp.GT(this=column("away"), expression=reach)


@dataclass(frozen=True, eq=False)
class CustomersQuery:
    """Prepared and placed customers as steps of a query, to be asked whatever is wanted of them.

    The last step knows `keep0` …, `usable` (1 where a customer can be placed) and `why` it cannot, `n0` … (the values
    of the model's columns, before they are capped, transformed and scaled; of categories their places, -1 where missing
    and null where not listed), `h0` … (places on the circle of columns that have one, from 0 to 1), `label` (from 0, -1
    for customers like no segment), `away` (the distance), the columns `names` (the prepared matrix), and `chance` where
    the rule knows a probability.
    """

    steps: tuple[Step, ...]
    names: tuple[str, ...]
    placed: PlacedSql
    source: exp.Table | exp.Subquery
    dialect: SqlDialect

    def answering(self, answer: list[exp.Expression]) -> exp.Select:
        """Return the query that answers with expressions on the last step's columns."""
        return _assembled(self.steps, answer, self.source, self.dialect)


def customers_query(
    segmentation: Segmentation,
    source: exp.Table | exp.Subquery,
    dialect: SqlDialect,
    keep: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    full: Mapping[str, tuple[float, float]] | None = None,
) -> CustomersQuery:
    """Return the customers of a table or of another query, prepared and placed; see `placement_query`."""
    preparation, names = segmentation.preparation, dict(columns or {})
    _refuse_neighbours(segmentation)
    rule = segmentation.clusterer.placement_
    if type(rule) not in RULES:
        raise NoSqlError(segmentation.recipe.algorithm, "its rule is none that a SELECT can follow")
    own = dict(segmentation.recipe.formulas)
    prepared = prepared_sql(preparation, names, dialect, own, full)
    placed: PlacedSql = RULES[type(rule)](rule, prepared.names)
    reason: Step = {
        "why": why_not(prepared.reasons),
        "usable": none_of(when for when, _ in prepared.reasons),
    }
    # A column of the model's own is kept as it is worked out; of the table, under the table's name.
    kept: Step = {}
    worked_out: Step = {}
    for place, name in enumerate(keep):
        if name in own and name not in names:
            worked_out[f"keep{place}"] = column_sql(name, preparation, names, dialect, own, prepared.read)
        else:
            kept[f"keep{place}"] = raw_column(names[name] if name in own else name, dialect)
    found: Step = {"label": placed.segment, "away": placed.distance}
    if placed.probability is not None:
        found["chance"] = placed.probability
    firsts = filter(None, (kept | prepared.read, worked_out | prepared.own))
    steps = (*firsts, *prepared.steps, reason, *placed.steps, found)
    return CustomersQuery(steps, prepared.names, placed, source, dialect)


def _refuse_neighbours(segmentation: Segmentation) -> None:
    similar = [each.column for each in segmentation.preparation.numbers_ if each.missing is Missing.KNN]
    if segmentation.preparation.neighbours_ is not None and similar:
        why = f"it fills {', '.join(similar)} from the most similar customers; choose another filling for that"
        raise NoSqlError(segmentation.recipe.algorithm, why)


def _answer(
    segmentation: Segmentation, keep: Sequence[str], dialect: SqlDialect, placed: PlacedSql, unfit: Unfit
) -> list[exp.Expression]:
    """Return the columns of the answer, from those of the last step."""
    usable = exp.EQ(this=column("usable"), expression=whole(1))
    far = beyond_reach(segmentation)
    like_none: exp.Expression = exp.LT(this=column("label"), expression=whole(0))
    unlike = like_none.copy() if far is None else exp.or_(like_none.copy(), far)
    if unfit is Unfit.LEFT_OUT:
        like_none = unlike
    outside = exp.and_(usable.copy(), exp.paren(like_none.copy()))
    inside = exp.and_(usable.copy(), exp.not_(exp.paren(like_none.copy())))

    def by_segment(values: Sequence[str]) -> list[tuple[exp.Expression, exp.Expression]]:
        return [
            (exp.and_(inside.copy(), exp.EQ(this=column("label"), expression=whole(place))), text(value))
            for place, value in enumerate(values)
        ]

    answer: Step = {
        "segment": case([(inside, exp.Add(this=column("label"), expression=whole(1)))]),
        "segment_name": case([*by_segment(segmentation.names), (outside, text(FITS_NONE))]),
    }
    if placed.probability is not None:
        answer["probability"] = case([(inside.copy(), column("chance"))])
    answer["distance"] = case([(inside.copy(), column("away"))])
    answer["reason"] = case([(outside.copy(), text(FITS_NONE)), (exp.not_(usable.copy()), column("why"))])
    if unfit is Unfit.MARKED and far is not None:
        answer["fits_none"] = case([(exp.and_(usable.copy(), exp.paren(unlike)), whole(1)), (usable.copy(), whole(0))])
    if segmentation.known is not None:
        answer[f"predicted_{segmentation.known.column}"] = case(by_segment(segmentation.known.labels))
    taken = list(keep)
    kept = [exp.alias_(column(f"keep{place}"), identifier(name, dialect)) for place, name in enumerate(keep)]
    return [*kept, *(exp.alias_(each, identifier(free_name(name, taken), dialect)) for name, each in answer.items())]


def _assembled(
    steps: Sequence[Step], answer: list[exp.Expression], source: exp.Table | exp.Subquery, dialect: SqlDialect
) -> exp.Select:
    """Return steps as one query, each carrying on no more columns than later ones need."""
    needed = _columns_in(answer)
    query = exp.Select(expressions=answer).from_(f"step{len(steps)}")
    inner: list[exp.Select] = []
    for place in range(len(steps), 0, -1):
        made = {name: each for name, each in steps[place - 1].items() if name in needed}
        carried = sorted(needed - set(made), key=_place)
        needed = set(carried) | _columns_in(made.values())
        selected = [*(column(name) for name in carried), *(exp.alias_(each, name) for name, each in made.items())]
        select = exp.Select(expressions=selected)
        select = select.from_(as_customers(source) if place == 1 else f"step{place - 1}", copy=False)
        # Without a fence the planner would write a step into every place that uses it.
        inner.append(select.offset(0) if dialect.fence == "offset" else select)
    if dialect.key == "duckdb":
        # No distance is null; sqlglot would have each of them looked at there.
        for select in inner:
            for least in select.find_all(exp.Least):
                least.set("ignore_nulls", True)
    if dialect.key == "sqlite":
        # Of two, sqlglot writes the first alone.
        for least in [each for select in inner for each in select.find_all(exp.Least)]:
            least.replace(exp.Anonymous(this="MIN", expressions=[least.this, *least.expressions]))
    materialized = True if dialect.fence == "materialized" else None
    for place, select in enumerate(reversed(inner), 1):
        query = query.with_(f"step{place}", as_=select, materialized=materialized, copy=False)
    return query


def _columns_in(expressions: Iterable[exp.Expression]) -> set[str]:
    return {each.name for expression in expressions for each in expression.find_all(exp.Column)}


def _place(name: str) -> tuple[str, int, str]:
    letters = name.rstrip("0123456789")
    return (letters, int(name[len(letters) :] or 0), name)
