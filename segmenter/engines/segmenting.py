"""Describe, choose, segment and assign on an engine: samples and aggregates here, all customers there."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sqlglot import exp

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.display import counted
from segmenter.engines.engine import Engine
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.reading import EngineCellsError, EngineColumnError, EngineSourceError, EngineTypeError
from segmenter.explain.money import Money
from segmenter.io.export.sql import CustomersQuery, Unfit, beyond_reach, customers_query, placement_query
from segmenter.io.export.sql.dialects import (
    SqlDialect,
    as_text,
    case,
    column,
    date_cell,
    is_finite,
    minus,
    number,
    of_date,
    read_number,
    text,
    trimmed,
    whole,
)
from segmenter.io.model.format import fitted_clusterer
from segmenter.io.read.csv.layout import SHORT_LABELS, label_strength
from segmenter.io.read.parquet import left_out_note
from segmenter.monitor.refit import Start, Succession, refit
from segmenter.prepare.coerce import to_dates
from segmenter.prepare.encoders import (
    FEW_VALUES,
    SMALLEST_SPREAD,
    CycleColumn,
    NumberColumn,
    rounded_ends,
    rounded_range,
)
from segmenter.prepare.formulas import formulas_used
from segmenter.prepare.preparation import Preparation
from segmenter.prepare.weights import check_spread, checked_numbers_column, checked_weight_column, without_weight
from segmenter.progress import Progress, part, silent
from segmenter.purchases.customers import propose_features
from segmenter.purchases.spec import Purchases
from segmenter.recipe.recipe import Recipe, Reduction, Role, Scaling, Transform
from segmenter.segment.assign import columns_needed, used_columns
from segmenter.segment.profile import profile_segments, summary_table
from segmenter.segment.quality import SegmentStability, score_segments, training_profile
from segmenter.segment.segmentation import UNASSIGNED, Segmentation, fit_segmentation
from segmenter.table.columns import build_dataset
from segmenter.table.dataset import NUMERIC_KINDS, ColumnKind, Dataset, Note, fingerprint_of
from segmenter.table.repeats import Repeated
from segmenter.typing import FloatArray, IntArray

# A pass that brings less than this share of the distances is the last one: a tenth of what would be seen.
_BROUGHT: Final = 1e-4
# What the engines call columns of doubles.
_DOUBLES: Final = ("DOUBLE", "FLOAT", "REAL")
_TIMES: Final = ("TIME ", "INTERVAL", "DURATION", "TIME_NS")
# Sums of many threads differ in their last digits: centres keep those that are always the same.
_DIGITS: Final = 9


def sample_note(n: int, n_rows: int) -> Note:
    """Say what a sample of `n` of `n_rows` customers is, and how exact."""
    if n == n_rows:
        return Note(f"All {n:,} customers were looked at.")
    within = 100 * 2 * 0.5 / np.sqrt(max(n, 1))
    return Note(
        f"What columns are, and how many segments there are, rests on {n:,} of {n_rows:,} customers, the same "
        f"ones every time; a share of them is known to within {within:.1f} percentage points (two standard errors)."
    )


@dataclass(eq=False)
class EngineTable:
    """All customers on an engine, and the sample of them that is here.

    Attributes
    ----------
    engine
        Where the customers are.
    sample
        Some of them, the same ones every time; all where there are few.
    n_rows
        How many there are.
    totals
        Says which rows that add up the others were left out; they are among the sample's notes, too.
    full
        Columns in which every customer has a number that can be used → the least and the largest: as many as were
        found so far.
    """

    engine: Engine
    sample: Dataset
    n_rows: int
    totals: tuple[Note, ...] = ()
    full: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the sample is all there is."""
        return self.sample.n_customers == self.n_rows

    @cached_property
    def missing(self) -> dict[str, int]:
        """How many customers have nothing in a column, counted over all of them."""
        engine = self.engine
        names = list(engine.columns)
        counts = [
            exp.alias_(exp.Sum(this=case([(_is_nothing(name, engine), whole(1))], whole(0))), f"n{place}")
            for place, name in enumerate(names)
        ]
        found = engine.rows(exp.select(*counts).from_(engine.source), doing="Counting missing values").iloc[0]
        return {name: int(found[f"n{place}"] or 0) for place, name in enumerate(names)}


def is_usable(value: exp.Expression, dialect: SqlDialect) -> exp.Expression:
    """Return whether a double is a number that can be used."""
    low, high = number(-config.LARGEST_NUMBER), number(config.LARGEST_NUMBER)
    return exp.and_(is_finite(value, dialect), exp.Between(this=value.copy(), low=low, high=high))


def _is_nothing(name: str, engine: Engine) -> exp.Expression:
    cell = exp.column(name, quoted=True)
    null = exp.Is(this=cell, expression=exp.Null())
    if engine.types.get(name, "").upper().lstrip("!").startswith(_DOUBLES):
        # What is no number is missing here, whatever an engine calls it.
        return exp.or_(null, exp.not_(is_finite(cell.copy(), engine.dialect)))
    if not engine.as_text:
        return null
    return exp.or_(null, exp.EQ(this=trimmed(as_text(cell.copy())), expression=text("")))


@dataclass(frozen=True)
class EngineSource:
    """Where an engine's customers are: what `open_engine` takes.

    Attributes
    ----------
    title
        What the customers are called.
    address, source, table
        As for `open_engine`; an address may hold a password and is therefore never shown.
    lines
        What holds what, where the rows are lines of purchases; None where each row is a customer.
    engine
        What the server's secrets call the engine.
    without
        What is true of the rows that add up the others, as for `Engine.without`; empty where there are none.
    """

    title: str
    address: str = field(repr=False)
    source: str = ""
    table: str = ""
    lines: Purchases | None = None
    engine: str = ""
    without: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class AllCustomers:
    """What was counted of all customers in segments: figures with a row a segment, who is in none, what each brings."""

    figures: pd.DataFrame
    without: int
    money: tuple[Money, ...] = ()


@dataclass(frozen=True, eq=False)
class EngineSample:
    """A sample of an engine's customers, which can be understood without asking it again.

    Attributes
    ----------
    place
        Where all of them are.
    rows
        The sample's cells as the engine has handed them over.
    n_rows
        How many customers there are.
    said
        What was counted over all of them and is worth knowing.
    missing
        How many of all of them have nothing in a column.
    """

    place: EngineSource
    rows: pd.DataFrame
    n_rows: int
    said: tuple[Note, ...] = ()
    missing: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the table is called on the screen."""
        return self.place.title

    def understood(self, options: object = None, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:  # noqa: ARG002
        """Return the sample as a table like any other.

        Parameters
        ----------
        options
            Not looked at: the engine's cells have their types. Tables that were read take the user's word on reading.
        kinds
            The user's own word for some columns, by name.
        """
        sample = _sample_of(self.rows, self.name, self.n_rows, kinds, self.said)
        return propose_features(sample) if self.place.lines is not None else sample


def _sample_of(
    rows: pd.DataFrame, name: str, n_rows: int, kinds: Mapping[str, ColumnKind] | None, said: Sequence[Note] = ()
) -> Dataset:
    sample = build_dataset(rows, name, fingerprint=fingerprint_of(rows), kinds=kinds)
    # Rows that repeat are counted in the engine, where all of them are; in a sample each stands for others.
    return replace(sample, repeated=Repeated.KEEP.value, notes=(sample_note(len(rows), n_rows), *said, *sample.notes))


def look_at(
    engine: Engine, name: str, kinds: Mapping[str, ColumnKind] | None = None, progress: Progress = silent,
    *, keep_totals: bool = False,
) -> EngineTable:  # fmt: skip
    """Return an engine's customers with a sample of them, and what its columns are.

    Parameters
    ----------
    name
        What to call the customers.
    kinds
        The user's own word for some columns.
    keep_totals
        Whether rows of a CSV that add up the others are customers, too; otherwise the table's engine has none.
    """
    n_rows = engine.count(progress)
    if not n_rows:
        raise EngineSourceError(name, "it holds no customers")
    if len(engine.nested) == len(engine.columns):
        raise EngineSourceError(name, "it holds lists, records and bytes alone")
    rows = engine.sample(n_rows, config.ENGINE_SAMPLE_ROWS, progress)
    table = EngineTable(engine, _sample_of(rows, name, n_rows, kinds), n_rows)
    totals: tuple[Note, ...] = ()
    if not keep_totals and (found := _find_totals(table, progress)) is not None:
        condition, totals = found
        table = look_at(engine.without(condition), name, kinds, progress, keep_totals=True)
    first, *others = table.sample.notes
    notes = (first, *(() if totals else left_out_notes(engine)), *totals, *others)
    return replace(table, sample=replace(table.sample, notes=notes), totals=totals)


def left_out_notes(engine: Engine) -> tuple[Note, ...]:
    """Say which columns of an engine no sample has, as they hold no one value a customer."""
    return (left_out_note(list(engine.nested)),) if engine.nested else ()


def _find_totals(table: EngineTable, progress: Progress) -> tuple[str, tuple[Note, ...]] | None:
    """Return what is true of the rows of a CSV that add up the others, and what to say of them; None without any.

    They are labelled in one of the first columns, or have nothing in the first one and hold the sums of all others.
    """
    engine, sample = table.engine, table.sample
    names = [each.name for each in sample.columns if each.name in engine.columns]
    if not engine.as_text or not names:
        return None
    is_number = {name: pd.api.types.is_numeric_dtype(sample.frame[name].dtype) for name in names}
    # As in a file that is read here; the sample may hold none, so that ids seem to be numbers.
    labels = [*names[:2], *(name for name in names[2:] if not is_number[name])][:_LABEL_COLUMNS]
    cells = {name: trimmed(as_text(exp.column(name, quoted=True))) for name in names}
    is_labelled = [exp.RegexpLike(this=exp.Lower(this=cells[name].copy()), expression=text(SHORT_LABELS))
                   for name in labels]  # fmt: skip
    has_none = exp.EQ(this=_text_or_nothing(cells[names[0]]), expression=text(""))
    shown = [exp.alias_(cell.copy(), f"c{place}") for place, cell in enumerate(cells.values())]
    suspects = exp.select(*shown).from_(engine.source).where(exp.or_(*is_labelled, has_none)).limit(_MOST_TOTALS + 1)
    found = engine.rows(suspects, progress, 0.3, "Looking for totals").set_axis(names, axis=1)
    if not 0 < len(found) <= min(_MOST_TOTALS, max(2.0, _SHARE_OF_TOTALS * table.n_rows)):
        return None
    amounts = [name for name in names if is_number[name] and sample.column(name).kind is not ColumnKind.IDENTIFIER]
    own = found[amounts].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    is_label = pd.DataFrame({name: [label_strength(str(cell or "").strip()) > 1 for cell in found[name]]
                             for name in labels})  # fmt: skip
    strong = is_label.any(axis=1)
    # No word is anybody's id, number or date.
    sure = is_label.apply(lambda flags: flags & (is_number[flags.name] or sample.column(flags.name).kind in _NO_WORDS))
    certain = sure.any(axis=1) | (strong & found.replace("", None).notna().sum(axis=1).le((len(names) + 1) / 2))
    if amounts and not certain.all():
        usable = [number_in(exp.column(name, quoted=True), name, engine) for name in amounts]
        of_all = [exp.alias_(exp.Sum(this=case([(is_usable(each, engine.dialect), each.copy())])), f"n{place}")
                  for place, each in enumerate(usable)]  # fmt: skip
        sums = engine.rows(exp.select(*of_all).from_(engine.source), progress, 0.3, "Looking for totals")
        everything = sums.iloc[0].astype(np.float64).to_numpy()
        # A total is as much as all others, or as all that bear no label.
        for others in (everything - own, everything - own[strong].sum().to_numpy() - own.where(~strong, 0.0)):
            adds_up = (own - others).abs().le(1e-9 * own.abs() + _CENT) & own.abs().gt(_CENT)
            least = np.where(strong, 1, min(2, len(amounts)))
            certain |= adds_up.sum(axis=1).ge(least)
    if not certain.any():
        return None
    rows = [
        exp.and_(*(exp.EQ(this=_text_or_nothing(cells[name]), expression=text(_plain(row[name]))) for name in names))
        for _, row in found[certain].drop_duplicates().iterrows()
    ]
    first = found[certain].iloc[0]
    label = next((_plain(first[name]) for name in labels if label_strength(_plain(first[name])) > 1), "")
    why = repr(label) if label else f"nothing stands in {names[0]}"
    n_totals = int(certain.sum())
    said = (
        f"1 row reads as a total of the others ({why}) and was left out. Keep it if it is a customer."
        if n_totals == 1
        else f"{n_totals} rows read as totals of others (the first: {why}) and were left out. Keep them if they are "
        "customers."
    )
    return exp.or_(*rows).sql(dialect=engine.dialect.key), (Note(said, warning=True, column=names[0]),)


def _text_or_nothing(cell: exp.Expression) -> exp.Expression:
    return exp.func("COALESCE", cell.copy(), text(""))


def _plain(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


# More rows with such a label are customers of a segment, a tariff or a shop of that name.
_MOST_TOTALS: Final = 200
_SHARE_OF_TOTALS: Final = 0.2
_LABEL_COLUMNS: Final = 3
_NO_WORDS: Final = NUMERIC_KINDS | {ColumnKind.IDENTIFIER, ColumnKind.DATE}
_CENT: Final = 0.01


def check_cells(table: EngineTable, recipe: Recipe) -> tuple[Note, ...]:
    """Check that the engine reads cells as this program does; return what is to be said of those that nobody reads.

    Raises
    ------
    EngineCellsError
        With the first column of texts that mean numbers or dates only a person reads.
    EngineColumnError
        If a column is made here of another one's cells, so that the engine has none of that name.
    """
    own = formulas_used(table.sample, recipe)
    roles = {spec.column: spec.role for spec in recipe.segmenting}
    return check_roles(table, _with_sources(table, roles, own))


def _with_sources(
    table: EngineTable,
    roles: Mapping[str, Role],
    own: Sequence[tuple[str, str]],
    columns: Mapping[str, str] | None = None,
) -> dict[str, Role]:
    """Return how each of the engine's columns is read, those included that others are worked out from."""
    names, made = columns or {}, {name for name, _ in own}
    found = {name: role for name, role in roles.items() if name not in made}
    for name in columns_needed([name for name in roles if name in made], own):
        there = names.get(name, name)
        kinds = {each.name: each.kind for each in table.sample.columns}
        found.setdefault(there, _ROLES.get(kinds.get(there, ColumnKind.CATEGORY), Role.CATEGORY))
    return found


# How a column is read by what it holds.
_ROLES: Final = {ColumnKind.NUMBER: Role.NUMBER, ColumnKind.DATE: Role.DATE}


def check_cells_of_model(table: EngineTable, model: Segmentation, columns: Mapping[str, str]) -> tuple[Note, ...]:
    """Check that the engine reads cells as a model does; returns and raises what `check_cells` does.

    Parameters
    ----------
    table
        The customers to place.
    model
        A saved model.
    columns
        Model column → the engine's column.
    """
    roles: dict[str, Role] = {}
    for fitted in model.preparation.columns_:
        role = Role.CATEGORY
        if isinstance(fitted, CycleColumn):
            role = Role.DATE
        elif isinstance(fitted, NumberColumn) and not (fitted.role is Role.NUMBER and fitted.may_be_yes_no):
            role = fitted.role
        own = fitted.column not in columns and fitted.column in dict(model.recipe.formulas)
        if fitted.column in columns or own:
            roles[columns.get(fitted.column, fitted.column)] = role
    return check_roles(table, _with_sources(table, roles, model.recipe.formulas, columns))


def check_roles(table: EngineTable, roles: Mapping[str, Role], progress: Progress = silent) -> tuple[Note, ...]:
    """Check that the engine reads cells of columns as this program does; returns and raises what `check_cells` does.

    The sample is compared cell by cell. Of all other customers, what the engine reads as nothing though there are
    digits in it is looked at, too: one amount in a million may have a thousands' mark.

    Parameters
    ----------
    roles
        The engine's columns, and how each is read.
    """
    original, frame = table.sample.original, table.sample.frame
    texts: dict[str, Role] = {}
    for name, role in roles.items():
        if name not in table.engine.columns:
            raise EngineColumnError(name, table.sample.column(name).part_of)
        kind = table.engine.types.get(name, "").upper().lstrip("!")
        if role is not Role.CATEGORY and f"{kind} ".startswith(_TIMES):
            raise EngineTypeError(name, "lengths of time" if kind.startswith(("INT", "DUR")) else "times of day")
        if role not in (Role.NUMBER, Role.DATE) or name in table.engine.dialect.typed:
            continue
        if pd.api.types.is_string_dtype(original[name].dtype) and not _check_sample(
            name, role, original[name], frame[name]
        ):
            continue
        texts[name] = role
    notes = []
    for name, (n_cells, cells) in _unread(table.engine, texts, progress).items():
        # Understood among those of the sample, as a file's are among the others of their column.
        known = original[name].dropna().astype("str").head(len(cells) + _LEAST_BESIDE)
        beside = pd.concat([known, cells], ignore_index=True).rename(name).to_frame()
        kinds = {name: table.sample.column(name).kind}
        here = build_dataset(beside, name, fingerprint=fingerprint_of(beside), kinds=kinds).frame[name]
        meant = here.iloc[len(known) :].notna().to_numpy()
        if meant.any() and not pd.api.types.is_string_dtype(here.dtype):
            raise EngineCellsError(name, str(cells[meant].iloc[0]), _WHAT[texts[name]])
        of_all = f"{counted(n_cells, 'cell')} of all customers"
        said = f"could not be read as {_WHAT[texts[name]]} and {'counts' if n_cells == 1 else 'count'} as missing"
        notes.append(Note(f"`{name}`: {of_all} {said} (such as {cells.iloc[0]!r}).", warning=True, column=name))
    return tuple(notes)


def _check_sample(name: str, role: Role, cells: pd.Series, here: pd.Series) -> bool:
    """Compare what a sample's texts are here and to an engine; return whether they are no yes and no."""
    if role is Role.DATE:
        # Engines take the time that is written, whatever zone stands behind it.
        there = to_dates(cells.str.strip().str.replace(_ZONE, r"\1", regex=True))
    else:
        there = pd.to_numeric(cells.str.strip(), errors="coerce")
        if here.dropna().isin((0.0, 1.0)).all() and there.notna().sum() < here.notna().sum():
            return False
    differs = (here.notna() & ~(here == there)).to_numpy()
    if differs.any():
        raise EngineCellsError(name, str(cells[differs].iloc[0]), _WHAT[role])
    return True


_ZONE: Final = r"(:\d\d(?:\.\d+)?) ?(?:Z|[+-]\d\d:?\d\d)$"
_WHAT: Final = {Role.NUMBER: "numbers", Role.DATE: "dates"}
# So many different cells that an engine reads as nothing are looked at, beside so many others.
_MOST_UNREAD: Final = 500
_LEAST_BESIDE: Final = 1_000


def _unread(engine: Engine, roles: Mapping[str, Role], progress: Progress) -> dict[str, tuple[int, pd.Series]]:
    """Return how many texts with digits an engine reads as neither number nor date, and some of them, by column."""
    if not roles or not engine.dialect.tries:
        return {}
    unread: dict[str, exp.Expression] = {}
    for name, role in roles.items():
        cell = exp.column(name, quoted=True)
        if role is Role.DATE:
            day = of_date(_DAYS.get(engine.dialect.key, _DAY), date_cell(cell, engine.dialect), engine.dialect)
            value: exp.Expression = day
        else:
            value = number_in(cell, name, engine)
        has_digits = exp.RegexpLike(this=as_text(cell.copy()), expression=text("[0-9]"))
        unread[name] = exp.and_(exp.Is(this=value, expression=exp.Null()), has_digits)
    counts = [exp.alias_(exp.Sum(this=case([(each, whole(1))], whole(0))), f"n{place}")
              for place, each in enumerate(unread.values())]  # fmt: skip
    counted_ = engine.rows(exp.select(*counts).from_(engine.source), progress, 0.0, "Looking at the cells").iloc[0]
    found: dict[str, tuple[int, pd.Series]] = {}
    for place, (name, condition) in enumerate(unread.items()):
        if n_cells := int(counted_[f"n{place}"] or 0):
            cells = exp.select(exp.alias_(as_text(exp.column(name, quoted=True)), "cell")).from_(engine.source)
            query = cells.where(condition.copy()).distinct().limit(_MOST_UNREAD)
            found[name] = n_cells, engine.rows(query, progress, 0.0, "Looking at the cells")["cell"].astype("str")
    return found


_DAY: Final = "TRY_CAST({x} AS TIMESTAMP)"
_DAYS: Final = {"spark": "TRY_CAST({x} AS TIMESTAMP_NTZ)", "databricks": "TRY_CAST({x} AS TIMESTAMP_NTZ)",
                "bigquery": "SAFE_CAST({x} AS DATETIME)"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class EngineSegmentation:
    """Segments of all customers on an engine.

    Attributes
    ----------
    segmentation
        What a saved model holds; its labels are those of the sample.
    sizes
        Shape (n_segments,): customers of each segment, counted over all.
    without
        How many customers are in no segment.
    wcss
        Within-cluster sum of squares over all customers.
    passes
        How often all customers were gone through to refine the centres.
    sums
        Shape (n_segments, n_prepared_columns): sums of the prepared columns over all customers; None where the
        sample is all there is, or placed by another rule than K-Means'.
    weights
        Shape (n_segments,): what the customers of each segment count together by the column of weights; None where
        all count the same.
    weight_without
        What those in no segment count together, where `weights` is there.
    """

    segmentation: Segmentation
    sizes: IntArray
    without: int
    wcss: float
    passes: int
    sums: FloatArray | None = None
    weights: FloatArray | None = None
    weight_without: float = 0.0

    @property
    def shares(self) -> FloatArray:
        """Shape (n_segments,): the segments' shares, 0-1, by what their customers count."""
        return self._shares(0.0)

    @property
    def shares_of_all(self) -> FloatArray:
        """Shape (n_segments,): the same of all customers, those in no segment among them."""
        return self._shares(float(self.without) if self.weights is None else self.weight_without)

    def _shares(self, others: float) -> FloatArray:
        counted = self.sizes if self.weights is None else self.weights
        return np.asarray(counted / max(float(counted.sum()) + others, np.finfo(float).tiny), dtype=np.float64)


def segment_all(
    table: EngineTable, recipe: Recipe, progress: Progress = silent, start: IntArray | None = None
) -> EngineSegmentation:
    """Form segments of all customers on an engine.

    The sample gives the columns' preparation, the first centres and the lights; means, deviations and smallest and
    largest values come from all customers, and so do the centres of K-Means. Other methods, and K-Means of components,
    form the segments of the sample, and their rule places the others.

    Parameters
    ----------
    start
        The segment of each customer of the sample to begin from, as for `fit_segmentation`.
    """
    unread = check_cells(table, recipe)
    check_weights(table, recipe.weight_column, part(progress, 0.0, 0.1))
    formed = fit_segmentation(table.sample, recipe, start=start, progress=part(progress, 0.1, 0.4))
    if not table.is_whole:
        formed = replace(formed, notes=(*formed.notes, *unread))
    if table.is_whole:
        return counted_by_model(table, formed, progress=part(progress, 0.4, 0.6))
    if recipe.algorithm != "k-means" or recipe.reduction is not Reduction.NONE:
        title = ALGORITHMS[recipe.algorithm].title
        title += "" if recipe.reduction is Reduction.NONE else f" of components ({recipe.reduction.upper()})"
        note = Note(
            f"{title} needs all customers in memory: the segments are those of {table.sample.n_customers:,} of "
            f"{table.n_rows:,} customers, and its rule placed the others.",
            warning=True,
        )
        noted = replace(formed, notes=(*formed.notes, note))
        return counted_by_model(table, noted, progress=part(progress, 0.4, 0.6))
    preparation = _measured_on_all(table, formed, part(progress, 0.4, 0.45))
    centres = _in_other_space(formed.clusterer.centres_, formed.preparation, preparation)
    return _refined(table, formed, preparation, centres, part(progress, 0.45, 0.7))


def refit_all(
    table: EngineTable, model: Segmentation, n_segments: int | None = None, *, start: Start = Start.SCRATCH,
    columns: Mapping[str, str] | None = None, progress: Progress = silent,
) -> tuple[Segmentation, Succession]:  # fmt: skip
    """Form a model's segments anew from all customers of an engine; see `refit` and `segment_all`.

    What carries on is told by the customers of the sample.

    Parameters
    ----------
    columns
        Model column → the engine's column, for names that the user matched by hand.
    """

    def form(sample: Dataset, recipe: Recipe, begins: IntArray | None) -> Segmentation:
        return segment_all(replace(table, sample=sample), recipe, progress, begins).segmentation

    return refit(table.sample, model, n_segments, start=start, columns=columns, form=form, progress=progress)


def check_weights(table: EngineTable, name: str, progress: Progress = silent) -> None:
    """Check over all customers that a column of weights says what each of them counts.

    Parameters
    ----------
    name
        Of the column; nothing is checked where it is empty.

    Raises
    ------
    InvalidSettingError
        If somebody has no weight above 0, or one counts more than a billion times as much as another.
    """
    if not name:
        return
    checked_weight_column(table.sample, name)
    checked_numbers_column(table.sample, name)
    if name not in table.engine.columns:
        message = f"{name} is worked out, and an engine takes weights from a column of its table. Give the table one."
        raise InvalidSettingError(message)
    query = exp.select(exp.alias_(exp.column(name, quoted=True), "cell")).from_(table.engine.source)
    value = number_in(column("cell"), name, table.engine)
    weights = exp.select(exp.alias_(value, "weight")).from_(query.subquery("cells"))
    counts = exp.and_(
        is_usable(column("weight"), table.engine.dialect), exp.GT(this=column("weight"), expression=number(0.0))
    )
    known = case([(counts, column("weight"))])
    wanted = [
        exp.alias_(exp.Count(this=exp.Star()), "n"),
        exp.alias_(exp.Count(this=known), "known"),
        exp.alias_(exp.Min(this=known.copy()), "least"),
        exp.alias_(exp.Max(this=known.copy()), "most"),
    ]
    asked = exp.select(*wanted).from_(weights.subquery("weights"))
    found = table.engine.rows(asked, progress, 0.0, "Looking at the weights").iloc[0]
    if found["known"] < found["n"]:
        raise InvalidSettingError(without_weight(name, int(found["n"] - found["known"]), int(found["n"])))
    check_spread(name, float(found["least"]), float(found["most"]))


def number_in(cell: exp.Expression, name: str, engine: Engine) -> exp.Expression:
    """Return the number in a cell of the engine's column of some name, or of a column that is worked out."""
    is_own = name not in engine.columns
    return read_number(
        cell, engine.dialect, is_text=engine.as_text and not is_own, is_typed=is_own or name in engine.dialect.typed
    )


def weights_of(model: Segmentation, engine: Engine) -> list[str]:
    """Return the column of weights where an engine's customers have one; without it, all count the same."""
    name = model.recipe.weight_column
    return [name] if name and name in engine.columns else []


def _measured_on_all(table: EngineTable, formed: Segmentation, progress: Progress) -> Preparation:
    """Return the preparation with centres, scales and ranges of its numbers measured over all customers."""
    fitted = formed.preparation
    numbers = fitted.numbers_
    if not numbers:
        return fitted
    plain = [replace(each, centre=0.0, scale=1.0, weight=1.0, indicator=0.0) for each in numbers]
    raw = [replace(each, transform=Transform.NONE, floor=None, ceiling=None) for each in plain]
    cells = _moments_of_cells(table, formed, raw, progress)
    transformed = cells if cells and raw == plain else _moments(table, formed, plain, progress)
    ranges = cells or (transformed if raw == plain else _moments(table, formed, raw, progress))
    scaling_of = {spec.column: spec.scaling or formed.recipe.scaling for spec in formed.recipe.segmenting}
    values = {each.column: each.numbers(table.sample.frame[each.column]) for each in numbers}
    measured: dict[str, NumberColumn] = {}
    for place, each in enumerate(numbers):
        mean, deviation, low, high = transformed[place]
        seen = values[each.column][~np.isnan(values[each.column])]
        ends = rounded_range(np.sort(np.append(seen, ranges[place][2:])))
        centre, scale = each.centre, each.scale
        if scaling_of[each.column] is Scaling.STANDARD and deviation > 0:
            two_valued = len(np.unique(seen)) <= 2
            least = (high - low) * np.sqrt(SMALLEST_SPREAD / 2) if two_valued else 0.0
            centre, scale = mean, max(deviation, least)
        elif scaling_of[each.column] is Scaling.MINMAX and high > low:
            low, high = rounded_ends(low, high) if len(np.unique(seen)) > FEW_VALUES else (low, high)
            centre, scale = low, high - low
        indicator = deviation / scale if each.indicator and scale else each.indicator
        measured[each.column] = replace(
            each,
            centre=_steady(centre),
            scale=_steady(scale),
            low=ends[0],
            high=ends[-1],
            indicator=_steady(indicator),
        )
    found = copy(fitted)
    found.columns_ = tuple(
        measured[each.column] if isinstance(each, NumberColumn) else each for each in fitted.columns_
    )
    return found


_Moments = list[tuple[float, float, float, float]]


def _moments_of_cells(
    table: EngineTable, formed: Segmentation, numbers: Sequence[NumberColumn], progress: Progress
) -> _Moments:
    """Return mean, standard deviation, smallest and largest of columns in which nothing is to be filled in.

    Which columns are such is remembered as `EngineTable.full`: of those, nothing is looked for in later queries. Where
    not all are, or customers count by weights, nothing is returned. Tables that others may write to are not trusted to
    stay as they were.
    """
    engine = table.engine
    own = dict(formed.recipe.formulas)
    asked = [
        place
        for place, each in enumerate(numbers)
        if each.role is Role.NUMBER and each.column in engine.dialect.typed and each.column not in own
    ]
    if not engine.in_process or not asked:
        return []
    shifts = [_middle(each.numbers(table.sample.frame[each.column])) for each in numbers]
    wanted: list[exp.Expression] = []
    for place in asked:
        value = number_in(exp.column(numbers[place].column, quoted=True), numbers[place].column, engine)
        wanted += _four(value, shifts[place], place, exp.Avg)
        wanted.append(exp.alias_(exp.Count(this=value.copy()), f"c{place}"))
    found = engine.rows(exp.select(*wanted).from_(engine.source), progress, 0.0, "Measuring the columns").iloc[0]
    measured = {}
    for place in asked:
        low, high = float(found[f"l{place}"]), float(found[f"h{place}"])
        # What is no number is larger than all, there and in a comparison with it.
        if found[f"c{place}"] == table.n_rows and -config.LARGEST_NUMBER <= low <= high <= config.LARGEST_NUMBER:
            table.full[numbers[place].column] = low, high
            measured[place] = _measured(found, place, shifts[place])
    all_known = len(measured) == len(numbers) and not any(each.unknown for each in numbers)
    return list(measured.values()) if all_known and not weights_of(formed, engine) else []


def _four(
    value: exp.Expression, shift: float, place: int, averaged: Callable[..., exp.Expression]
) -> list[exp.Expression]:
    """Return what mean, deviation, smallest and largest of a number are worked out from.

    Around about the mean the squares lose no digits, and a sum of them takes less than a deviation.
    """
    away = exp.paren(minus(value, shift))
    square = exp.Mul(this=away, expression=away.copy())
    return [
        exp.alias_(averaged(this=away.copy()), f"m{place}"),
        exp.alias_(averaged(this=exp.paren(square)), f"d{place}"),
        exp.alias_(exp.Min(this=value.copy()), f"l{place}"),
        exp.alias_(exp.Max(this=value.copy()), f"h{place}"),
    ]


def _measured(found: pd.Series, place: int, shift: float) -> tuple[float, float, float, float]:
    mean, squares = float(found[f"m{place}"]), float(found[f"d{place}"])
    deviation = np.sqrt(max(squares - mean**2, 0.0))
    return shift + mean, float(deviation), float(found[f"l{place}"]), float(found[f"h{place}"])


def _moments(table: EngineTable, formed: Segmentation, numbers: Sequence[NumberColumn], progress: Progress) -> _Moments:
    """Return mean, standard deviation, smallest and largest of some columns, what is filled in counted."""
    preparation = Preparation(tuple(s for s in formed.recipe.segmenting if s.column in {n.column for n in numbers}))
    preparation.columns_, preparation.neighbours_ = tuple(numbers), formed.preparation.neighbours_
    origin = NearestCentre(np.zeros((1, len(numbers))))
    model = replace(formed, pipeline=Pipeline([("prepare", preparation), ("segment", _with_rule(formed, origin))]))
    weights = weights_of(model, table.engine)
    query = customers_query(model, table.engine.source, table.engine.dialect, weights, full=table.full)
    wanted: list[exp.Expression] = []
    weight = [exp.alias_(number_in(column("keep0"), name, table.engine), "weight") for name in weights]

    def weighted(this: exp.Expression) -> exp.Expression:
        total_weight = exp.Sum(this=column("weight"))
        return exp.Div(this=exp.Sum(this=exp.Mul(this=column("weight"), expression=this)), expression=total_weight)

    shifts = _sample_means(table, preparation, numbers)
    for place, name in enumerate(query.names):
        wanted += _four(column(name), shifts[place], place, weighted if weight else exp.Avg)
    shown = [column("usable"), *weight, *(column(name) for name in query.names)]
    prepared = query.answering(shown).subquery("prepared")
    least = exp.alias_(exp.Min(this=column("usable")), "all_usable")
    measures = exp.select(*wanted, least).from_(prepared)
    found = table.engine.rows(measures, progress, 0.0, "Measuring the columns").iloc[0]
    if not found["all_usable"]:
        # Looked at for the few tables that have such: a condition on each value takes as long as all the sums.
        usable = exp.EQ(this=column("usable"), expression=whole(1))
        found = table.engine.rows(measures.where(usable), progress, 0.5, "Measuring the columns").iloc[0]
    return [_measured(found, place, shift) for place, shift in enumerate(shifts)]


def _sample_means(table: EngineTable, preparation: Preparation, numbers: Sequence[NumberColumn]) -> list[float]:
    """Return about where each prepared column lies; 0 where that cannot be told."""
    kept = preparation.complete(table.sample.frame)
    with np.errstate(over="ignore", invalid="ignore"):
        return [_middle(each) for each in preparation.transform(table.sample.frame[kept])[:, : len(numbers)].T]


def _middle(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else 0.0
    return mean if abs(mean) < config.LARGEST_NUMBER else 0.0


def _with_rule(formed: Segmentation, rule: NearestCentre) -> SegmentClusterer:
    clusterer = copy(formed.clusterer)
    clusterer.placement_ = rule
    return clusterer


def _steady(value: float) -> float:
    """Return a number with the digits that do not depend on the order in which an engine adds."""
    return float(f"{value:.{_DIGITS + 3}g}")


def _in_other_space(centres: FloatArray, old: Preparation, new: Preparation) -> FloatArray:
    """Return centres of one preparation in the space of another that only scales otherwise."""
    moved = centres.copy()
    for place, (was, now) in enumerate(zip(old.numbers_, new.numbers_, strict=True)):
        in_between = centres[:, place] / was.weight * was.scale + was.centre
        moved[:, place] = (in_between - now.centre) / now.scale * now.weight
    return moved


def _refined(
    table: EngineTable,
    formed: Segmentation,
    preparation: Preparation,
    centres: FloatArray,
    progress: Progress,
) -> EngineSegmentation:
    """Return the segments after Lloyd's passes over all customers."""
    last, passes = np.inf, 0
    while True:
        model = _model(formed, preparation, centres)
        sizes, counted, wcss, sums, without = _pass(table, model, part(progress, 0.0, 1.0), passes)
        if last - wcss <= _BROUGHT * wcss or passes >= config.ENGINE_PASSES:
            break
        # A segment that lost everybody stays where it was.
        moved = np.where(sizes[:, None] > 0, sums / np.where(sizes > 0, counted, 1)[:, None], centres)
        centres, last, passes = np.asarray(np.round(moved, _DIGITS), dtype=np.float64), wcss, passes + 1
    # Sums of weights in another order differ in their last bits.
    order = np.argsort(-counted.round(6), kind="stable")
    model = _model(formed, preparation, centres[order])
    kept = preparation.complete(table.sample.frame)
    X = preparation.transform(table.sample.frame[kept])
    labels = np.full(table.sample.n_customers, UNASSIGNED, dtype=np.int64)
    labels[kept] = model.clusterer.placement_.place(X)
    quality = score_segments(X, labels[kept])
    if quality is not None:
        quality = replace(quality, wcss=float(wcss))
    # Lights come with the segments, whose numbers follow their sizes.
    stability = _stability_in_order(formed, labels)
    finished = replace(
        model,
        labels=pd.Series(labels, name="segment"),
        quality=quality,
        stability=stability,
        n_trained=int(sizes.sum()),
        profile=training_profile(preparation.columns_, table.sample.frame, X, labels[kept], model.clusterer),
    )
    weights = counted[order] if weights_of(model, table.engine) else None
    return EngineSegmentation(finished, sizes[order], without, float(wcss), passes, sums[order], weights)


def _stability_in_order(formed: Segmentation, labels: IntArray) -> tuple[SegmentStability, ...]:
    """Return each light with the segment that holds most of the sample's customers of the old one."""
    found = []
    old = formed.labels.to_numpy()
    for place in range(formed.n_segments):
        both = old[(labels == place) & (old >= 0)]
        was = int(np.bincount(both, minlength=formed.n_segments).argmax()) if len(both) else place
        found.append(replace(formed.stability[was], segment=place))
    return tuple(found) if formed.stability else ()


def _model(formed: Segmentation, preparation: Preparation, centres: FloatArray) -> Segmentation:
    clusterer = fitted_clusterer(formed.recipe, preparation, centres)
    return replace(formed, pipeline=Pipeline([("prepare", preparation), ("segment", clusterer)]))


def label_of_all(model: Segmentation | None = None, unfit: Unfit = Unfit.PLACED) -> exp.Expression:
    """Return a customer's segment from 0; -1 where it is in none, for whatever reason.

    Parameters
    ----------
    model, unfit
        The model, and whether those who are like none of its segments are left out.
    """
    inside: exp.Expression = exp.EQ(this=column("usable"), expression=whole(1))
    far = beyond_reach(model) if model is not None and unfit is Unfit.LEFT_OUT else None
    if far is not None:
        inside = exp.and_(inside, exp.not_(exp.paren(far)))
    return case([(inside, column("label"))], whole(-1))


def _pass(
    table: EngineTable, model: Segmentation, progress: Progress, number_: int
) -> tuple[IntArray, FloatArray, float, FloatArray, int]:
    """Return sizes, what they count, within-cluster sum of squares and column sums of the segments, and who is in none.

    With a column of weights, sums count each customer as it says, by weights with a mean of 1.
    """
    weights = weights_of(model, table.engine)
    share = min(number_ / (config.ENGINE_PASSES + 1), 1.0)
    doing = f"Going through all customers, pass {number_ + 1}"
    query = customers_query(model, table.engine.source, table.engine.dialect, weights, full=table.full)
    if table.engine.in_process and not weights:
        return _pass_here(table, query, model.clusterer.centres_, part(progress, share, share), doing)
    label = label_of_all()
    distance = exp.Mul(this=column("away"), expression=column("away"))
    weight = [exp.alias_(number_in(column("keep0"), name, table.engine), "weight") for name in weights]
    inner = query.answering(
        [exp.alias_(label, "label"), exp.alias_(distance, "away2"), *weight, *(column(name) for name in query.names)]
    )

    def added(name: str) -> exp.Sum:
        return exp.Sum(this=exp.Mul(this=column("weight"), expression=column(name)) if weight else column(name))

    sums = [exp.alias_(added(name), name) for name in query.names]
    counted = [exp.alias_(exp.Count(this=exp.Star()), "n"), exp.alias_(added("away2"), "w")]
    counted += [exp.alias_(exp.Sum(this=column("weight")), "counted")] if weight else []
    outer = exp.select(column("label"), *counted, *sums).from_(inner.subquery("placed")).group_by(column("label"))
    found = table.engine.rows(outer, progress, share, doing).set_index("label")
    k = model.n_segments
    # A mean weight of 1, over those in no segment, too.
    one = float(found["counted"].sum() / found["n"].sum()) if weight else 1.0
    inside = found.reindex(range(k), fill_value=0)
    outside = found[found.index < 0]
    return (
        inside["n"].to_numpy(dtype=np.intp),
        inside["counted" if weight else "n"].to_numpy(dtype=np.float64) / one,
        float(inside["w"].sum()) / one,
        inside[list(query.names)].to_numpy(dtype=np.float64) / one,
        int(outside["n"].sum()),
    )


def _pass_here(
    table: EngineTable, query: CustomersQuery, centres: FloatArray, progress: Progress, doing: str
) -> tuple[IntArray, FloatArray, float, FloatArray, int]:
    """Return what `_pass` does, by the compiled loop that places customers in memory.

    The engine is inside this process: it hands over blocks of prepared rows, of which none is kept. Its own arithmetic,
    one operation after the other on all rows, takes ten times as long.
    """
    from segmenter.lloyd import nearest_centres

    sums, sizes, squares = np.zeros(centres.shape), np.zeros(len(centres)), 0.0
    nowhere = np.zeros(centres.shape[1])

    def add(usable: IntArray, *prepared: FloatArray) -> bool:
        nonlocal squares
        rows = np.empty((len(usable), len(prepared)))
        for place, each in enumerate(prepared):
            rows[:, place] = each
        if not usable.all():
            rows = rows[usable == 1]
        of_block = nearest_centres(rows, 0, len(rows), nowhere, centres, np.empty(len(rows), dtype=np.intp))
        np.add(sums, of_block[0], out=sums)
        np.add(sizes, of_block[1], out=sizes)
        squares += of_block[2]
        return True

    asked = query.answering([column("usable"), *(column(name) for name in query.names)])
    table.engine.each_block(asked, add, progress, 0.0, doing)
    counted = sizes.astype(np.intp)
    return counted, sizes, squares, sums, table.n_rows - int(counted.sum())


def counted_by_model(
    table: EngineTable, model: Segmentation, columns: Mapping[str, str] | None = None, progress: Progress = silent,
    unfit: Unfit = Unfit.PLACED,
) -> EngineSegmentation:  # fmt: skip
    """Return a model with the sizes of its segments over all customers of an engine.

    Parameters
    ----------
    columns
        Model column → the engine's column, where they are not called the same.
    unfit
        Whether those who are like no segment are left out of them.
    """
    by = weights_of(model, table.engine)
    query = customers_query(model, table.engine.source, table.engine.dialect, by, columns)
    weight = [exp.alias_(number_in(column("keep0"), name, table.engine), "weight") for name in by]
    inner = query.answering([exp.alias_(label_of_all(model, unfit), "label"), *weight])
    counts = [exp.alias_(exp.Count(this=exp.Star()), "n")]
    counts += [exp.alias_(exp.Sum(this=column("weight")), "counted")] if by else []
    outer = exp.select(column("label"), *counts).from_(inner.subquery("placed")).group_by(column("label"))
    found = table.engine.rows(outer, progress, 0.5, "Counting the segments").set_index("label")
    inside = found.reindex(range(model.n_segments), fill_value=0)
    wcss = model.quality.wcss if model.quality else 0.0
    weights = inside["counted"].to_numpy(dtype=np.float64) if by else None
    outside = found[found.index < 0]
    return EngineSegmentation(
        model, inside["n"].to_numpy(dtype=np.intp), int(outside["n"].sum()), wcss, 0, weights=weights,
        weight_without=float(outside["counted"].sum()) if by else 0.0,
    )  # fmt: skip


def labels_query(
    table: EngineTable, model: Segmentation, columns: Mapping[str, str] | None = None, unfit: Unfit = Unfit.PLACED
) -> exp.Select:
    """Return the query for all customers of an engine, every column as it is, with their segments.

    Parameters
    ----------
    columns
        Model column → the engine's column, where they are not called the same.
    unfit
        What becomes of those who are like no segment.
    """
    engine = table.engine
    return placement_query(model, engine.source, engine.dialect, engine.columns, columns, unfit, table.full)


def write_labels(
    table: EngineTable, model: Segmentation, path: Path, kind: str, columns: Mapping[str, str] | None = None,
    progress: Progress = silent, unfit: Unfit = Unfit.PLACED,
) -> None:  # fmt: skip
    """Let the engine write its customers, every column as it is, with their segments.

    Parameters
    ----------
    kind
        "parquet" or "csv".
    columns
        Model column → the engine's column, where they are not called the same.
    unfit
        What becomes of those who are like no segment.
    """
    query = labels_query(table, model, columns, unfit)
    table.engine.write(query, path, kind, progress, 0.7)


def keep_labels(
    table: EngineTable, model: Segmentation, name: str, columns: Mapping[str, str] | None = None,
    progress: Progress = silent, unfit: Unfit = Unfit.PLACED,
) -> None:  # fmt: skip
    """Let the engine keep its customers, every column as it is, with their segments as a new table.

    Parameters
    ----------
    name
        Of the table.
    columns
        Model column → the engine's column, where they are not called the same.
    unfit
        What becomes of those who are like no segment.
    """
    query = labels_query(table, model, columns, unfit)
    table.engine.write_table(query, name, progress, 0.7)


def summary_of_all(
    table: EngineTable, found: EngineSegmentation, progress: Progress = silent,
    columns: Mapping[str, str] | None = None, unfit: Unfit = Unfit.PLACED, *, placed: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Return one row per segment, as `summary_table` does; sizes, shares, means and indexes are those of all customers.

    Medians and the shares of categories are the sample's.

    Parameters
    ----------
    columns
        Model column → the engine's column, where they are not called the same.
    unfit
        Whether those who are like no segment are left out, as they were counted.
    placed
        Whether they were placed in segments that others formed: shares are then also of those in none.
    """
    model = found.segmentation
    summary = summary_table(profile_segments(table.sample, model))
    summary["size"], summary["share"] = found.sizes, found.shares_of_all if placed else found.shares
    described = (str(name).removesuffix(" (mean)") for name in summary if str(name).endswith(" (mean)"))
    numbers = [name for name in described if name in table.engine.columns or name in dict(model.recipe.formulas)]
    if not numbers:
        return summary
    known = _means_of_prepared(table, found)
    others = [name for name in numbers if name not in known]
    means, counts = pd.DataFrame(known), pd.DataFrame(dict.fromkeys(known, found.shares))
    if others:
        means, counts = _means(table, model, others, progress, columns, unfit)
        means, counts = means.assign(**known), counts.assign(**dict.fromkeys(known, found.shares))
    for name in numbers:
        # Read by the engine as it stands; a yes or a no is the sample's.
        if means[name].notna().all():
            # Of those who have a value, as many as they are in each segment.
            overall = float((means[name] * counts[name]).sum() / counts[name].sum())
            summary[f"{name} (mean)"] = means[name].to_numpy()
            if f"{name} (index)" in summary and summary[f"{name} (index)"].notna().any() and overall:
                summary[f"{name} (index)"] = (100 * means[name] / overall).to_numpy()
    return summary


def _means_of_prepared(table: EngineTable, found: EngineSegmentation) -> dict[str, FloatArray]:
    """Return the segments' means of columns that were only scaled: the last pass has them already."""
    if found.sums is None or (found.sizes == 0).any():
        return {}
    return {
        each.column: each.unscaled(found.sums[:, place] / (found.sizes if found.weights is None else found.weights))
        for place, each in enumerate(found.segmentation.preparation.numbers_)
        if each.role is Role.NUMBER
        and each.transform is Transform.NONE
        and each.floor is None
        and not each.unknown
        and not table.engine.as_text
        and (each.column in table.full or table.missing.get(each.column) == 0)
    }


def _means(
    table: EngineTable, model: Segmentation, numbers: Sequence[str], progress: Progress,
    columns: Mapping[str, str] | None, unfit: Unfit,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Return the segments' means of some columns, and what the customers count together who have a value there."""
    engine, names, by = table.engine, list(numbers), weights_of(model, table.engine)
    query = customers_query(model, engine.source, engine.dialect, [*names, *by], columns)
    label = label_of_all(model, unfit)
    values = [
        exp.alias_(number_in(column(f"keep{place}"), name, engine), f"v{place}")
        for place, name in enumerate([*names, *by])
    ]
    inner = query.answering([exp.alias_(label, "label"), *values])
    weight = column(f"v{len(names)}") if by else number(1.0)
    unknown = {spec.column: spec.unknown for spec in model.recipe.features}
    kept = []
    for place, name in enumerate(names):
        value = column(f"v{place}")
        codes = [exp.NEQ(this=value.copy(), expression=number(code)) for code in unknown.get(name, ())]
        known = exp.and_(is_usable(value, engine.dialect), *codes)
        shown = exp.Mul(this=weight.copy(), expression=value.copy()) if by else value.copy()
        kept.append(exp.alias_(exp.Sum(this=case([(known, shown)])), f"s{place}"))
        kept.append(exp.alias_(exp.Sum(this=case([(known.copy(), weight.copy())])), f"c{place}"))
    outer = exp.select(column("label"), *kept).from_(inner.subquery("placed")).group_by(column("label"))
    found = engine.rows(outer, progress, 0.5, "Describing the segments").set_index("label")
    found = found.reindex(range(model.n_segments)).astype(float)
    places = range(len(names))
    counts = found[[f"c{place}" for place in places]].set_axis(names, axis=1)
    return found[[f"s{place}" for place in places]].set_axis(names, axis=1) / counts, counts.fillna(0.0)


def match_table(table: EngineTable, model: Segmentation, by_hand: Mapping[str, str]) -> dict[str, str]:
    """Return model column → the engine's column.

    Raises
    ------
    MissingColumnsError
        If one is not there.
    """
    fitted = [each.column for each in model.preparation.columns_]
    # A column that the model works out itself is worked out by the engine, too, unless the table has it.
    formulas = [each for each in model.recipe.formulas if each[0] not in by_hand]
    return dict(used_columns(columns_needed(fitted, formulas), table.sample, by_hand).names)
