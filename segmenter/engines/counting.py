"""What is counted of all customers of an engine: is a model still true, what segments bring, who moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from sqlglot import exp

from segmenter.engines.engine import Engine
from segmenter.engines.segmenting import EngineTable, is_usable, label_of_all, number_in, weights_of
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.columns import column_words
from segmenter.explain.money import Money, money_of_sums, words_of_value
from segmenter.io.export.sql import Unfit, beyond_reach, customers_query
from segmenter.io.export.sql.columns import is_value
from segmenter.io.export.sql.dialects import as_text, bare_id, case, column, is_one_of, number, text, trimmed, whole
from segmenter.monitor.drift import (
    FileCounts,
    ModelCheck,
    check_counts,
    checked_profile,
    median_of,
    strange_values,
)
from segmenter.monitor.movement import LOST, NEW, NO_SEGMENT, Month, Movement, written_otherwise
from segmenter.prepare.encoders import CategoryColumn, CycleColumn, FittedColumn
from segmenter.prepare.formulas import formulas_of
from segmenter.progress import Progress, silent
from segmenter.segment.assign import as_model_reads, assign_segments
from segmenter.segment.quality import ColumnProfile
from segmenter.segment.segmentation import FITS_NONE, Segmentation
from segmenter.table.dataset import ColumnKind, Note
from segmenter.typing import IntArray

_COMES_TWICE: Final = "One person may be placed in two segments; say which row counts, and keep that one alone."


def check_of_all(
    table: EngineTable, model: Segmentation, columns: Mapping[str, str], progress: Progress = silent
) -> tuple[ModelCheck, tuple[Note, ...]]:
    """Return whether a model is still true of all customers of an engine, and what differs in the sample of them.

    Bins, sizes and distances are counted over all customers in one pass; medians are those of the sample.

    Parameters
    ----------
    table
        The customers.
    model
        A saved model.
    columns
        Model column → the engine's column.
    progress
        Is called while the engine counts.

    Raises
    ------
    InvalidSettingError
        If the model does not remember its customers, or nobody could be placed.
    """
    checked_profile(model)
    matched = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
    notes, questions = _differences(table, model, matched, progress)
    counts = _counted(table, model, columns, progress)
    check = check_counts(model, counts, matched, questions)
    same = check.is_of_the_fit or (table.is_whole and table.sample.fingerprint == model.trained_on)
    return replace(check, same_file=same), (*questions, *notes)


def _differences(
    table: EngineTable, model: Segmentation, matched: Mapping[str, str], progress: Progress
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Return what is to be known of the sample's cells, and what is to be confirmed first."""
    found = assign_segments(table.sample, model, matched)
    twice = repeated_customers(table, progress)
    if table.is_whole:
        return found.notes, found.questions
    questions = [each for each in found.questions if twice is None or each.column != twice.column]
    said = f"Of {table.sample.n_customers:,} customers that were looked at: "
    of_sample = [
        tuple(Note(said + each.text, each.warning, column=each.column) for each in notes)
        for notes in (found.notes, questions)
    ]
    return of_sample[0], (*of_sample[1], *((twice,) if twice is not None else ()))


def _counted(table: EngineTable, model: Segmentation, columns: Mapping[str, str], progress: Progress) -> FileCounts:
    profile, fitted = checked_profile(model), model.preparation.columns_
    further = {each.column: each.categories for each in profile.columns if each.categories}
    names = list(further)
    query = customers_query(
        model, table.engine.source, table.engine.dialect, [columns.get(name, name) for name in names], columns
    )
    places = {each.column: place for place, each in enumerate(fitted)}
    values = {
        each.column: f"h{places[each.column]}" if isinstance(each, CycleColumn) else f"n{places[each.column]}"
        for each in fitted
    }
    inner = query.answering(
        [
            exp.alias_(label_of_all(), "label"),
            *(column(name) for name in ("away", "usable")),
            *(exp.alias_(column(name), f"v{place}") for place, name in enumerate(values.values())),
            *(exp.alias_(column(f"keep{at}"), f"w{places[name]}") for at, name in enumerate(names)),
        ]
    )
    beyond = beyond_reach(model) or exp.false()
    outside = exp.and_(
        exp.LT(this=column("label"), expression=whole(0)), exp.EQ(this=column("usable"), expression=whole(1))
    )
    wanted: list[exp.Expression] = [
        column("label"),
        exp.alias_(exp.Count(this=exp.Star()), "n"),
        exp.alias_(_how_many(beyond), "beyond"),
        exp.alias_(_how_many(outside), "outside"),
    ]
    for before in profile.columns:
        place = places[before.column]
        for bin_, condition in enumerate(_bins(fitted[place], before, column(f"v{place}"), column(f"w{place}"))):
            wanted.append(exp.alias_(_how_many(condition), f"b{place}_{bin_}"))
    grouped = exp.select(*wanted).from_(inner.subquery("placed")).group_by(column("label"))
    found = table.engine.rows(grouped, progress, 0.5, "Comparing with the customers of the fit").set_index("label")
    inside = found[found.index >= 0]
    summed = found.astype(float).sum()
    bins = {}
    for before in profile.columns:
        place = places[before.column]
        counted = np.array([summed[name] for name in map(str, found) if name.startswith(f"b{place}_")])
        bins[before.column] = _apart(fitted[place], counted, float(summed["n"]))
    read = as_model_reads(table.sample, model, columns)
    frame, middles = read.frame, {}
    for each in fitted:
        middles[each.column] = median_of(each, frame[columns.get(each.column, each.column)])
    matched = {each.column: columns.get(each.column, each.column) for each in fitted}
    # Which values are new is looked for in the sample.
    strange = strange_values(model, read, matched)
    sizes = inside["n"].reindex(range(model.n_segments), fill_value=0).to_numpy(dtype=np.intp)
    far = inside["beyond"].fillna(0).reindex(range(model.n_segments), fill_value=0).to_numpy(dtype=np.intp)
    return FileCounts(bins, middles, sizes, far, int(summed["outside"]), strange)


def _how_many(condition: exp.Expression) -> exp.Expression:
    return exp.Sum(this=case([(condition, whole(1))], whole(0)))


def _bins(fitted: FittedColumn, before: ColumnProfile, value: exp.Column, cell: exp.Column) -> list[exp.Expression]:
    """Return conditions whose counts give the bins: up to each border, or each category; then missing values."""
    if isinstance(fitted, CategoryColumn):
        listed: list[exp.Expression] = [
            exp.EQ(this=value.copy(), expression=whole(code)) for code in range(len(fitted.categories))
        ]
        unlisted = exp.Is(this=value.copy(), expression=exp.Null())
        for each in before.categories[len(fitted.categories) : -1]:
            is_it = is_value(cell, each, before.categories, fitted.joined)
            listed.append(exp.and_(unlisted.copy(), is_it))
        return [*listed, exp.EQ(this=value.copy(), expression=whole(-1))]
    borders = [exp.LTE(this=value.copy(), expression=number(edge)) for edge in before.edges]
    return [*borders, exp.Is(this=value.copy(), expression=exp.Null())]


def _apart(fitted: FittedColumn, counted: np.ndarray, n_rows: float) -> np.ndarray:
    """Return the customers of each bin, missing ones last, from those up to its border or of its category."""
    *parts, missing = counted
    if isinstance(fitted, CategoryColumn):
        return np.array([*parts, n_rows - sum(parts) - missing, missing]).astype(np.intp)
    return np.array([*np.diff([0.0, *parts, n_rows - missing]), missing]).astype(np.intp)


def repeated_customers(table: EngineTable, progress: Progress = silent) -> Note | None:
    """Return a warning where customers stand in more than one row, counted over all of them; None where none does.

    Parameters
    ----------
    table
        The customers.
    progress
        Is called while the engine counts.
    """
    engine = table.engine
    for each in table.sample.columns:
        n_filled = table.sample.n_customers - each.missing
        # Who stands in some rows of many is mostly alone in a sample.
        if each.kind is not ColumnKind.IDENTIFIER or each.name not in engine.columns or 2 * each.distinct < n_filled:
            continue
        if engine.in_process and _rises(engine, each.name, progress):
            return None
        ids, lines = 0, 0
        parts = -(-table.n_rows // _IDS_AT_ONCE) if engine.dialect.key == "duckdb" else 1
        for turn in range(parts):
            found = engine.rows(_repeated_in(engine, each.name, turn, parts), progress, 0.1, "Looking for repeated ids")
            ids, lines = ids + int(found["ids"].iloc[0]), lines + int(found["lines"].fillna(0).iloc[0])
        if not ids:
            return None
        values = f"{ids:,} values of {each.name} stand" if ids > 1 else f"1 value of {each.name} stands"
        said = f"{values} in more than one row, {lines:,} rows in all. {_COMES_TWICE}"
        return Note(said, warning=True, column=each.name)
    return None


_WHOLE_NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


def _rises(engine: Engine, name: str, progress: Progress) -> bool:
    """Whether ids are whole numbers each larger than the one before, as in most exports: then none comes twice.

    Looking at them one after the other takes a sixth of what grouping them does, and no memory.
    """
    if engine.types.get(name, "").upper() not in _WHOLE_NUMBERS:
        return False
    last: int | None = None
    rises = True

    def look(ids: IntArray, known: IntArray) -> bool:
        nonlocal last, rises
        rises = bool(known.all() and (last is None or ids[0] > last) and (ids[1:] > ids[:-1]).all())
        last = int(ids[-1])
        return rises

    cell = exp.column(name, quoted=True)
    is_known = case([(exp.Is(this=cell.copy(), expression=exp.Null()), whole(0))], whole(1))
    numbers = exp.func("COALESCE", cell.copy(), whole(0))
    query = exp.select(exp.alias_(numbers, "id"), exp.alias_(is_known, "known")).from_(engine.source)
    engine.each_block(query, look, progress, 0.1, "Looking for repeated ids")
    return rises


# Ids of so many rows are grouped within the memory of an engine that is in this process; of more, part by part.
_IDS_AT_ONCE: Final = 20_000_000


def _repeated_in(engine: Engine, name: str, turn: int, parts: int) -> exp.Select:
    """Return the query that counts ids of several rows, and their rows, in one of some parts of the ids."""
    cell = exp.column(name, quoted=True)
    known: exp.Expression = exp.not_(exp.Is(this=cell.copy(), expression=exp.Null()))
    if parts > 1:
        part = exp.Mod(this=exp.Anonymous(this="hash", expressions=[cell.copy()]), expression=whole(parts))
        known = exp.and_(known, exp.EQ(this=part, expression=whole(turn)))
    rows = exp.select(exp.alias_(exp.Count(this=exp.Star()), "c")).from_(engine.source).where(known).group_by(cell)
    rows = rows.having(exp.GT(this=exp.Count(this=exp.Star()), expression=whole(1)))
    counts = [exp.alias_(exp.Count(this=exp.Star()), "ids"), exp.alias_(exp.Sum(this=column("c")), "lines")]
    return exp.select(*counts).from_(rows.subquery("twice"))


def money_of_all(
    table: EngineTable,
    model: Segmentation,
    value_column: str,
    columns: Mapping[str, str] | None = None,
    progress: Progress = silent,
    unfit: Unfit = Unfit.PLACED,
    *,
    placed: bool = False,
) -> tuple[Money, ...]:
    """Return what each segment brings, added up over all customers.

    Parameters
    ----------
    table
        The customers.
    model
        Places them.
    value_column
        The column that says what a customer is worth.
    columns
        Model column → the engine's column, where they are not called the same.
    progress
        Is called while the engine adds up.
    unfit
        Whether those who are like no segment are left out.
    placed
        Whether they were placed in segments that others formed: the total is then also of those in none.
    """
    engine, recipe = table.engine, model.recipe
    if value_column not in engine.columns:
        needed = [value_column, *(spec.column for spec in recipe.segmenting)]
        recipe = replace(recipe, formulas=formulas_of(table.sample, recipe.formulas, needed))
        model = replace(model, recipe=recipe)
    by = weights_of(model, engine)
    query = customers_query(model, engine.source, engine.dialect, [value_column, *by], columns)
    value = number_in(column("keep0"), value_column, engine)
    weight = number_in(column("keep1"), by[0], engine) if by else number(1.0)
    shown = [exp.alias_(value, "value"), exp.alias_(weight, "weight")]
    inner = query.answering([exp.alias_(label_of_all(model, unfit), "label"), *shown])
    usable = is_usable(column("value"), engine.dialect)
    known = case([(usable, column("value"))])
    counted = exp.Mul(this=column("weight"), expression=column("value")) if by else column("value")
    wanted = [
        exp.alias_(exp.Sum(this=case([(usable.copy(), counted)])), "total"),
        exp.alias_(exp.Count(this=known.copy()), "n"),
        exp.alias_(exp.Min(this=known.copy()), "least"),
        exp.alias_(exp.Sum(this=case([(usable.copy(), column("weight"))])), "heads"),
        exp.alias_(exp.Avg(this=column("weight")), "one"),
        exp.alias_(exp.Count(this=exp.Star()), "rows"),
    ]
    grouped = exp.select(column("label"), *wanted).from_(inner.subquery("placed")).group_by(column("label"))
    found = engine.rows(grouped, progress, 0.6, "Adding up what they bring").set_index("label").astype(float)
    # A mean weight of 1, over those in no segment, too.
    one = float((found["one"] * found["rows"]).sum() / found["rows"].sum())
    outside = found[found.index < 0]
    found = found.reindex(range(model.n_segments + placed))
    if placed:
        # One more segment, of those in none, whose sum nobody is told.
        sums_outside = {name: outside[name].sum() for name in ("total", "heads", "n")}
        found.loc[model.n_segments, [*sums_outside]] = [*sums_outside.values()]
        found.loc[model.n_segments, "least"] = outside["least"].min()
    words = words_of_value(column_words(table.sample, model.recipe), value_column)
    sums, heads = (found[name].fillna(0.0).to_numpy() / one for name in ("total", "heads"))
    counts = found["n"].fillna(0).to_numpy(dtype=np.intp)
    least = float(np.nanmin(found["least"].to_numpy())) if counts.any() else 0.0
    return money_of_sums(words, sums, counts, least, heads if by else None)[: model.n_segments]


@dataclass(frozen=True, eq=False)
class LabelledTable:
    """One month's customers on an engine, with the columns that hold their ids, segments and, perhaps, money.

    `notes` say which ids are written otherwise in the month that this one is compared with.
    """

    engine: Engine
    title: str
    id_column: str
    segment_column: str
    value_column: str = ""
    notes: tuple[Note, ...] = ()

    def query(self, prefix: str) -> exp.Select:
        """Return `{prefix}id`, `{prefix}segment` and `{prefix}value` of every customer.

        Raises
        ------
        UnknownColumnError
            If one of the columns is not there.
        """
        names = [name for name in (self.id_column, self.segment_column, self.value_column) if name]
        if absent := [name for name in names if name not in self.engine.columns]:
            raise UnknownColumnError(absent, list(self.engine.columns))
        ids = trimmed(as_text(exp.column(self.id_column, quoted=True)))
        segment = trimmed(as_text(exp.column(self.segment_column, quoted=True)))
        empty = exp.or_(exp.Is(this=segment, expression=exp.Null()), is_one_of(segment.copy(), ("", FITS_NONE)))
        value: exp.Expression = exp.Null()
        if self.value_column:
            cell = exp.column(self.value_column, quoted=True)
            money = number_in(cell, self.value_column, self.engine)
            value = case([(is_usable(money, self.engine.dialect), money.copy())], number(0.0))
        cells = {"id": ids, "segment": case([(empty, text(NO_SEGMENT))], segment.copy()), "value": value}
        return exp.select(*(exp.alias_(each, f"{prefix}{name}") for name, each in cells.items())).from_(
            self.engine.source
        )

    def check(self, progress: Progress = silent) -> None:
        """Refuse customers without an id, and ids of several rows: nobody can say which of them moved.

        Raises
        ------
        InvalidSettingError
            If there are such.
        """
        grouped = exp.select(column("id"), exp.alias_(exp.Count(this=exp.Star()), "c"))
        grouped = grouped.from_(self.query("").subquery("month")).group_by(column("id"))
        nameless = exp.or_(
            exp.Is(this=column("id"), expression=exp.Null()), exp.EQ(this=column("id"), expression=text(""))
        )
        twice = exp.and_(exp.not_(exp.paren(nameless.copy())), exp.GT(this=column("c"), expression=whole(1)))
        wanted = {
            "empty": exp.Sum(this=case([(nameless, column("c"))], whole(0))),
            "twice": _how_many(twice),
        }
        counted = exp.select(*(exp.alias_(each, name) for name, each in wanted.items())).from_(grouped.subquery("ids"))
        found = self.engine.rows(counted, progress, 0.2, f"Checking the ids of {self.title}").iloc[0].fillna(0)
        if found["empty"]:
            message = (
                f"{self.title}: {int(found['empty']):,} rows have no id. Give every customer one, or leave them out."
            )
            raise InvalidSettingError(message)
        if found["twice"]:
            message = (
                f"{self.title}: {int(found['twice']):,} ids stand for more than one row. One customer can be in one "
                "segment only: keep one row for each."
            )
            raise InvalidSettingError(message)


def with_ids_of(now: LabelledTable, before: LabelledTable, progress: Progress = silent) -> LabelledTable:
    """Return the month before with its ids as the month now writes them, as `compare_months` reads those of files.

    Ids that differ only in zeros in front, .0 behind, blanks or capitals are one customer's, unless that made one of
    two customers of a month. Nothing is changed where no ids do.

    Parameters
    ----------
    now, before
        The two months, on one connection.
    progress
        Is called while the engine compares.

    Raises
    ------
    UnknownColumnError
        If one of their columns is not there.
    """

    def alone(month: LabelledTable) -> exp.Select:
        ids = exp.select(column("id"), exp.alias_(bare_id(column("id")), "bare")).from_(month.query("").subquery("m"))
        named = ids.where(exp.not_(exp.Is(this=column("id"), expression=exp.Null())))
        one = exp.EQ(this=exp.Count(this=exp.Star()), expression=whole(1))
        return (
            exp.select(column("bare"), exp.alias_(exp.Min(this=column("id")), "id"))
            .from_(named.subquery("ids")).group_by(column("bare")).having(one)
        )  # fmt: skip

    # An id that both months write alike has no other one of the same bare form beside it.
    names = [exp.column("id", table="b"), exp.column("id", table="n")]
    pairs = (
        exp.select(exp.alias_(names[0], "theirs"), exp.alias_(names[1], "ours"))
        .from_(alone(before).subquery("b"))
        .join(alone(now).subquery("n"), on=exp.EQ(this=exp.column("bare", "b"), expression=exp.column("bare", "n")))
        .where(exp.NEQ(this=names[0].copy(), expression=names[1].copy()))
    )
    wanted = [exp.alias_(exp.Count(this=exp.Star()), "n"), exp.alias_(exp.Min(this=column("theirs")), "theirs")]
    asked = exp.select(*wanted).from_(pairs.subquery("pairs"))
    found = now.engine.rows(asked, progress, 0.3, f"Comparing the ids of {before.title} and {now.title}").iloc[0]
    if not found["n"]:
        return before
    theirs = str(found["theirs"])
    like = exp.select(column("ours")).from_(pairs.subquery("pairs"))
    like = like.where(exp.EQ(this=column("theirs"), expression=text(theirs)))
    ours = str(now.engine.rows(like)["ours"].iloc[0])
    renamed = exp.select(
        exp.alias_(exp.func("COALESCE", column("ours"), column("id")), "id"), column("segment"), column("value")
    ).from_(before.query("").subquery("m"))
    renamed = renamed.join(
        pairs.subquery("pairs"), on=exp.EQ(this=column("id"), expression=column("theirs")), join_type="left"
    )
    note = Note(written_otherwise(int(found["n"]), before.title, now.title, theirs, ours))
    engine = before.engine.seen_as(renamed.sql(dialect=before.engine.dialect.key))
    return LabelledTable(engine, before.title, "id", "segment", "value" if before.value_column else "", (note,))


def joined_months(before: LabelledTable, now: LabelledTable) -> exp.Select:
    """Return each customer of two months once: `id`, `segment_before`, `segment_now` and the money of both."""
    joined = exp.select(
        exp.alias_(exp.func("COALESCE", column("now_id"), column("before_id")), "id"),
        exp.alias_(exp.func("COALESCE", column("before_segment"), text(NEW)), "segment_before"),
        exp.alias_(exp.func("COALESCE", column("now_segment"), text(LOST)), "segment_now"),
        exp.alias_(exp.func("COALESCE", column("now_value"), column("before_value")), "money"),
    )
    on = exp.EQ(this=column("before_id"), expression=column("now_id"))
    joined = joined.from_(before.query("before_").subquery("month_before"))
    return joined.join(now.query("now_").subquery("month_now"), on=on, join_type="full outer")


def joined_and_left_query(before: LabelledTable, now: LabelledTable) -> exp.Query:
    """Return one row per customer and segment that it has joined or left, as `joined_and_left` does for files."""

    def lists(segment: str, outside: tuple[str, ...], what: str) -> exp.Select:
        moved = exp.NEQ(this=column("segment_before"), expression=column("segment_now"))
        wanted = exp.and_(moved, exp.not_(is_one_of(column(segment), outside)))
        named = [column("id"), exp.alias_(column(segment), "segment"), exp.alias_(text(what), "what")]
        return exp.select(*named).from_(joined_months(before, now).subquery("months")).where(wanted)

    joined = lists("segment_now", (LOST, NO_SEGMENT), "joined")
    return exp.union(joined, lists("segment_before", (NEW, NO_SEGMENT), "left"), distinct=False)


def movement_of_all(
    before: LabelledTable, now: LabelledTable, progress: Progress = silent, names: Sequence[str] | None = None
) -> Movement:
    """Return who moved between two months, joined and counted by the engine; its months name no customer.

    Parameters
    ----------
    before, now
        The two months, on one connection.
    progress
        Is called while the engine counts.
    names
        The segments in the order to show them; each month's by size where it is None.

    Raises
    ------
    InvalidSettingError, UnknownColumnError
        If an id is missing or stands for two rows, a column is not there, or nobody is in both months.
    """
    before.check(progress)
    now.check(progress)
    by = [column("segment_before"), column("segment_now")]
    wanted = [exp.alias_(exp.Count(this=exp.Star()), "n"), exp.alias_(exp.Sum(this=column("money")), "money")]
    grouped = exp.select(*by, *wanted).from_(joined_months(before, now).subquery("months")).group_by(*by)
    found = now.engine.rows(grouped, progress, 0.5, "Counting who moved").rename(
        columns={"segment_before": "before", "segment_now": "now"}
    )
    both = found[(found["before"] != NEW) & (found["now"] != LOST)]
    if not len(both):
        message = (
            f"No customer of {before.title} is in {now.title}: the ids have nothing in common. Name the column that "
            "holds the same id in both, with --id."
        )
        raise InvalidSettingError(message)
    then, here = _month_of(found, "before", before, names), _month_of(found, "now", now, names)
    customers = _crossed(found, "n", then, here).astype(np.int64)
    money = None
    if before.value_column and now.value_column:
        money = _crossed(found, "money", then, here).astype(float).round(6)
    kept = both[(both["before"] == both["now"]) & (both["before"] != NO_SEGMENT)].set_index("before")["n"]
    returned = both[both["before"] != NO_SEGMENT].groupby("before")["n"].sum()
    stayed = pd.Series(
        {name: kept.get(name, 0) / returned[name] for name in then.names if name in returned.index},
        dtype=float, name="stayed",
    )  # fmt: skip
    return Movement(then, here, customers, money, stayed, before.notes)


def _month_of(found: pd.DataFrame, axis: str, table: LabelledTable, names: Sequence[str] | None) -> Month:
    """Return a month's segments, the largest first unless their order is known."""
    sizes = found.groupby(axis)["n"].sum().drop([NEW, LOST, NO_SEGMENT], errors="ignore")
    order = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    if names is not None:
        order = [*names, *(name for name in order if name not in names)]
    return Month(table.title, pd.Series([], dtype="str", index=pd.Index([], name="id")), tuple(order))


def _crossed(found: pd.DataFrame, measure: str, before: Month, now: Month) -> pd.DataFrame:
    """Return a row per segment before and a column per segment now, those of none last where there is somebody."""
    table = found.pivot_table(index="before", columns="now", values=measure, aggfunc="sum", fill_value=0)
    rows = [*before.names, *(name for name in (NO_SEGMENT, NEW) if name in table.index)]
    columns = [*now.names, *(name for name in (NO_SEGMENT, LOST) if name in table)]
    table = table.reindex(index=rows, columns=columns, fill_value=0)
    return table.rename_axis(index=before.title, columns=now.title)
