"""`--engine`: the commands where the customers live."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from sqlglot import exp

from segmenter import config
from segmenter.activate.identifiers import recognise_contacts
from segmenter.activate.permission import consent_columns
from segmenter.activate.selection import Segments
from segmenter.choose.k import KSelection, compare_k
from segmenter.cli.describe import description, why_off
from segmenter.cli.months import (
    check_count,
    movement_record,
    print_check,
    print_movement,
    titles_of,
    too_few_months,
    write_track,
)
from segmenter.cli.output import check_folder, print_json, progress, read_bytes, say, write_files
from segmenter.cli.preparation import with_own_columns
from segmenter.cli.purchases import SAY_SO_HERE, purchase_columns, returns_of, snapshot_date
from segmenter.cli.sources import ENGINE_VARIABLE, checked_kinds, kind_overrides
from segmenter.display import counted, percent_text
from segmenter.engines.counting import (
    LabelledTable,
    check_of_all,
    joined_and_left_query,
    joined_months,
    money_of_all,
    movement_of_all,
    repeated_customers,
    with_ids_of,
)
from segmenter.engines.engine import Engine, address_in, connected, is_engine_file, open_engine
from segmenter.engines.purchases import ATTRIBUTES_NOTE, check_lines, customers_behind_lines
from segmenter.engines.segmenting import (
    EngineSegmentation,
    EngineTable,
    check_cells,
    check_cells_of_model,
    counted_by_model,
    keep_labels,
    look_at,
    match_table,
    refit_all,
    segment_all,
    summary_of_all,
    write_labels,
)
from segmenter.errors.base import SegmenterError, Surface
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.models import UnwritableFolderError
from segmenter.explain.cards import name_segments
from segmenter.explain.columns import column_words
from segmenter.explain.money import Money, checked_value_column, outside_note, words_of_value
from segmenter.io.export.csv import to_csv
from segmenter.io.export.report import movement_tables
from segmenter.io.export.run import check_record, versions
from segmenter.io.export.sql import DIALECTS, Unfit, model_sql, placement_query, table_needs
from segmenter.io.export.sql.dialects import as_customers, as_text, text
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.io.writing import json_text
from segmenter.monitor.drift import ModelCheck, without_unfit
from segmenter.monitor.movement import NO_SEGMENT, Movement, identifier_of, in_order_of_time
from segmenter.monitor.refit import Start
from segmenter.prepare.suggest import suggest_columns
from segmenter.purchases.customers import propose_features
from segmenter.purchases.recognition import doubts_about, find_purchases, recognise_purchases
from segmenter.purchases.spec import Purchases
from segmenter.recipe.recipe import Recipe
from segmenter.report.months import words_of_model
from segmenter.segment.assign import assign_segments, needed_columns
from segmenter.segment.result import Result, free_name
from segmenter.segment.segmentation import FITS_NONE, Segmentation
from segmenter.table.columns import build_dataset
from segmenter.table.dataset import ColumnKind, Dataset, Note, fingerprint_of
from segmenter.table.repeats import Repeated

Named = Callable[[Segmentation, argparse.Namespace], Segmentation]
# Columns that say who a customer is.
_WHO = (ColumnKind.IDENTIFIER, ColumnKind.PERSONAL)
RecipeOf = Callable[[argparse.Namespace, EngineTable], Recipe]


@contextmanager
def engine_table(args: argparse.Namespace) -> Iterator[EngineTable]:
    """Open the engine that a command names, and look at its customers.

    Raises
    ------
    SegmenterError
        If there is no such engine, or something was asked for that engines cannot do.
    """
    _refuse_local_options(args)
    if folder := getattr(args, "out", None):
        check_folder(folder)
    source = "" if args.file is None else address_in(args.file)
    with open_engine(_address(args), source, args.table, writes=bool(getattr(args, "to_table", ""))) as engine:
        table = _customers_of(args, engine, Path(source).name or args.table)
        checked_kinds(table.sample, args)
        yield replace(table, sample=with_own_columns(table.sample, args))


def _customers_of(args: argparse.Namespace, engine: Engine, name: str) -> EngineTable:
    """Return an engine's customers with a sample of them, made of lines of purchases where the rows are those."""
    kinds = kind_overrides(args)
    words = None if args.rows_are == "transactions" else kinds
    table = look_at(engine, name, words, progress(), keep_totals=args.keep_footer)
    lines, notes = _lines_in(args, table)
    if lines is None:
        return table
    check_lines(table, lines, progress())
    made = customers_behind_lines(table.engine, lines, snapshot_date(args.snapshot_date), progress())
    table = look_at(made, name, kinds, progress())
    sample = propose_features(table.sample)
    return replace(table, sample=replace(sample, notes=(*notes, *sample.notes)))


# What is told to this program's own reader of files, and what it makes of customers in memory.
_READING = (
    "separator", "encoding", "quote", "decimal", "header_line", "date_order", "keep_ragged",
)  # fmt: skip
_IN_MEMORY = ("query", "join", "left_out", "evidence", "known", "also", "list", "within", "edit")


def _refuse_local_options(args: argparse.Namespace) -> None:
    """Refuse what an engine would not follow: nothing that was asked for is passed over in silence.

    Raises
    ------
    InvalidSettingError
        With the first option of that kind.
    """
    for name in (*_READING, *_IN_MEMORY):
        if getattr(args, name, None) not in (None, "", False, []):
            instead = "hand it Parquet" if name in _READING else "make a table of customers first"
            message = f"--{name.replace('_', '-')} works on this machine only: leave out --engine, or {instead}."
            raise InvalidSettingError(message)
    if getattr(args, "repeated", None) not in (None, Repeated.KEEP.value):
        message = (
            f"--repeated {args.repeated} works on this machine only: leave out --engine, or make a table of customers "
            "first."
        )
        raise InvalidSettingError(message)


def _lines_in(args: argparse.Namespace, table: EngineTable) -> tuple[Purchases | None, tuple[Note, ...]]:
    """Return which column holds what where the rows are lines of purchases, and what to say of it."""
    columns, returns = purchase_columns(args), returns_of(args)
    if args.rows_are == "customers":
        return None, ()
    if args.rows_are == "transactions" or columns:
        said = find_purchases(table.sample, columns, returns)
        return said, (*doubts_about(table.sample, said, columns), ATTRIBUTES_NOTE)
    found = recognise_purchases(table.sample)
    if found is None:
        return None, ()
    text = f"{table.sample.name} was taken for lines of purchases: {found.reason}. {SAY_SO_HERE}"
    notes = (Note(text), *doubts_about(table.sample, found.purchases), ATTRIBUTES_NOTE)
    return replace(found.purchases, returns=returns), notes


def _address(args: argparse.Namespace) -> str:
    return os.environ.get(ENGINE_VARIABLE, "") if args.engine == "env" else str(args.engine)


def describe_engine(args: argparse.Namespace) -> None:
    """Say what an engine's table holds."""
    with engine_table(args) as table:
        missing, dataset = table.missing, table.sample
    suggested = {each.spec.column: each for each in suggest_columns(dataset)}
    used = frozenset(name for name, each in suggested.items() if each.spec.segments)
    notes = table.sample.notes
    if args.json:
        said = description(dataset, used, {name: why_off(each) for name, each in suggested.items() if each.reason})
        columns = [{**each, "missing": missing.get(str(each["name"]), 0)} for each in said["columns"]]  # type: ignore[attr-defined]
        print_json({**said, "rows": table.n_rows, "sampled": dataset.n_customers, "columns": columns})
        return
    print(f"{dataset.name}: {table.n_rows:,} customers, {len(dataset.columns)} columns")
    for column in dataset.columns:
        use = "segments by default" if column.name in used else f"Off: {why_off(suggested[column.name])}"
        use = "" if use == "Off: " else use
        empty = missing.get(column.name, 0)
        print(f"  {column.name}: {column.kind.value} ({column.reason}), {empty:,} missing. {use}".rstrip())
    say(notes)


def choose_on_engine(args: argparse.Namespace, recipe_of: RecipeOf) -> tuple[KSelection, tuple[Note, ...]]:
    """Compare numbers of segments on an engine's sample."""
    with engine_table(args) as table:
        recipe = recipe_of(args, table)
        check_cells(table, recipe)
    selection = compare_k(table.sample, recipe, range(args.min, args.max + 1), progress=progress())
    return selection, (*table.sample.notes, *selection.notes)


def segment_on_engine(args: argparse.Namespace, count: int | None, recipe_of: RecipeOf, named: Named) -> None:
    """Form segments of all customers on an engine, and let it write them, under names that are true or given.

    Without a count, there are as many as the sample advises.
    """
    with engine_table(args) as table:
        value_column = checked_value_column(table.sample, args.value)
        recipe = recipe_of(args, table)
        advice = None if count else _advice(table, recipe)
        recipe = replace(recipe, n_segments=count or (advice.recommended if advice else None) or 1)
        twice = repeated_customers(table, progress())
        found = segment_all(table, recipe, progress())
        model = named(name_segments(table.sample, found.segmentation), args)
        verdict = advice.structure.kind if advice and advice.structure else ""
        found = replace(found, segmentation=replace(model, verdict=verdict, value_column=value_column or ""))
        _write_formed(args, "segment", table, found, value_column or "", (twice,) if twice else ())


def refit_on_engine(args: argparse.Namespace) -> None:
    """Form a model's segments anew from all customers on an engine; what means the same keeps its name and number."""
    old = from_bytes(read_bytes(args.model))
    check_count(args.segments or old.n_segments)
    start = Start.MODEL if args.from_model else Start.SCRATCH
    with engine_table(args) as table:
        columns = match_table(table, old, _by_hand(args.match, old, table))
        check_cells_of_model(table, old, columns)
        matched = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
        model, succession = refit_all(table, old, args.segments, start=start, columns=matched, progress=progress())
        found = counted_by_model(table, model, progress=progress())
        carried = [old.names[each] for each in succession.carries_on if each >= 0]
        more = {"carried_on": [name for name in model.names if name in carried]}
        _write_formed(args, "refit", table, found, "", (), more)


def _write_formed(
    args: argparse.Namespace, command: str, table: EngineTable, found: EngineSegmentation, value_column: str,
    notes: tuple[Note, ...], more: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Let the engine write its customers with the segments that were formed, and write and print the rest."""
    model = found.segmentation
    summary = summary_of_all(table, found)
    money = money_of_all(table, model, value_column, progress=progress()) if value_column else ()
    written = _write_customers(args, table, model, {})
    for name, values in (("sum", [each.sum for each in money]), ("share of the sum", [each.share for each in money])):
        if money:
            summary[f"{value_column} ({name})"] = values
    placed = int(found.sizes.sum())
    notes = (*table.sample.notes, *notes, *model.notes)
    record: dict[str, object] = {
        "command": command,
        "engine": table.engine.title,
        "file": table.sample.name,
        "recipe": model.recipe,
        "versions": versions(),
        "rows": {"read": table.n_rows, "in_segments": placed, "without_segment": found.without,
                 "sampled": table.sample.n_customers},
        "passes": found.passes,
        "scores": {"wcss": found.wcss, "silhouette": model.quality.silhouette if model.quality else None,
                   "silhouette_se": model.quality.silhouette_se if model.quality else None},
        "segments": [
            {"segment": number + 1, "name": name, "size": int(size), "share": float(share),
             **_money_record(money, number)}
            for number, (name, size, share) in enumerate(zip(model.names, found.sizes, found.shares, strict=True))
        ],
        "value_column": value_column or None,
        "customers": written,
        "notes": [note.text for note in notes],
        **(more or {}),
    }  # fmt: skip
    files = {"model.segmodel.json": to_bytes(model), "segments.csv": to_csv(summary)}
    write_files(args.out, {**files, "run.json": json_text(record).encode()})
    _report(args, record, model, found.sizes.tolist(), notes, money)


def _write_customers(
    args: argparse.Namespace, table: EngineTable, model: Segmentation, columns: Mapping[str, str],
    unfit: Unfit = Unfit.PLACED,
) -> str:  # fmt: skip
    """Let the engine write its customers with their segments; return where."""
    if args.to_table:
        keep_labels(table, model, args.to_table, columns, progress(), unfit)
        return str(args.to_table)
    name = f"customers.{args.labels}"
    write_labels(table, model, args.out / name, args.labels, columns, progress(), unfit)
    return name


def _money_record(money: tuple[Money, ...], segment: int) -> dict[str, object]:
    if not money:
        return {}
    each = money[segment]
    return {"sum": each.sum, "share_of_sum": each.share, "per_head": each.per_head}


def assign_on_engine(args: argparse.Namespace, model: Segmentation) -> ModelCheck | None:
    """Place all customers on an engine in a saved model's segments, and let it write them; say whether it is true."""
    with engine_table(args) as table:
        columns, check, unfit, notes = _placing(args, table, model, _by_hand(args.match, model, table))
        check = None if args.no_check else check
        found = counted_by_model(table, model, columns, progress(), unfit)
        value_column = checked_value_column(table.sample, None)
        money: tuple[Money, ...] = ()
        if value_column:
            money = money_of_all(table, model, value_column, columns, progress(), unfit, placed=True)
        written = _write_customers(args, table, model, columns, unfit)
        words = column_words(table.sample, model.recipe) if value_column else ()
        outside = outside_note(words_of_value(words, value_column or ""), money)
    record: dict[str, object] = {
        "command": "assign",
        "engine": table.engine.title,
        "file": table.sample.name,
        "trained_on": model.trained_on,
        "versions": versions(),
        "rows": {"read": table.n_rows, "in_segments": int(found.sizes.sum()), "without_segment": found.without},
        "segments": [
            {"segment": number + 1, "name": name, "size": int(size), **_money_record(money, number)}
            for number, (name, size) in enumerate(zip(model.names, found.sizes, strict=True))
        ],
        "value_column": value_column,
        "customers": written,
        "notes": [note.text for note in notes],
    }
    if check is not None:
        record["check"] = check_record(check)
    write_files(args.out, {"run.json": json_text(record).encode()})
    if check is not None and not args.json:
        print_check(check)
    _report(args, record, model, found.sizes.tolist(), notes, money, outside)
    return check


def _placing(
    args: argparse.Namespace, table: EngineTable, model: Segmentation, by_hand: Mapping[str, str]
) -> tuple[dict[str, str], ModelCheck | None, Unfit, tuple[Note, ...]]:
    """Return a table's columns for a model's, whether the model is still true, and what becomes of whom it doesn't fit.

    As for files, those who fit no segment stand in none, unless `--nearest` was asked for, or the segments were formed
    from these very customers. There is no check by models that cannot tell. And what is worth knowing.
    """
    columns = match_table(table, model, by_hand)
    said = (*table.totals, *check_cells_of_model(table, model, columns))
    try:
        check, notes = check_of_all(table, model, columns, progress())
    except InvalidSettingError as error:
        twice = repeated_customers(table, progress())
        return columns, None, Unfit.PLACED, (*said, *((twice,) if twice is not None else ()), Note(str(error)))
    notes = (*said, *notes)
    own = table.sample.fingerprint == model.trained_on or check.is_of_the_fit
    if args.nearest or own:
        return columns, check, Unfit.PLACED, notes
    return columns, without_unfit(model, check), Unfit.LEFT_OUT, notes


def moved_on_engine(args: argparse.Namespace) -> None:
    """Say who moved between two labelled tables, joined and counted by an engine."""
    if args.out:
        check_folder(args.out)
    with connected(_address(args)) as engine:
        titles = titles_of([args.before, args.now])
        before, now = (
            _labelled_table(args, engine, address_in(path), title)
            for path, title in zip((args.before, args.now), titles, strict=True)
        )
        before = with_ids_of(now, before, progress())
        found = movement_of_all(before, now, progress())
        if args.out:
            each = joined_months(before, now).subquery("months")
            now.engine.write(exp.select("*").from_(each), args.out / "customers.parquet", "parquet", progress(), 0.8)
            lists = joined_and_left_query(before, now)
            now.engine.write(lists, args.out / "joined_and_left.csv", "csv", progress(), 0.9)
    if args.out:
        write_files(args.out, movement_tables(found))
    if args.json:
        print_json(movement_record(found))
        return
    print_movement(found)
    if args.out:
        print(f"Written to {args.out}")


def track_on_engine(args: argparse.Namespace) -> int:
    """Place every month of a folder on an engine, and say what changed: labels and lists there, counts alone here.

    Returns what the program ends with, see `write_track`.
    """
    model = from_bytes(read_bytes(args.model))
    checks: dict[str, ModelCheck | None] = {}
    sizes, months, words = {}, [], {}
    names = list(model.names)
    left_out: dict[str, str] = {}
    moves: list[Movement] = []
    _refuse_local_options(args)
    check_folder(args.out)
    if args.table:
        message = (
            "On an engine, the months are the files of a folder, or the tables of a .duckdb file: leave out --table."
        )
        raise InvalidSettingError(message)
    value_column = args.value or model.value_column
    with _months(args) as sources:
        folders = {title: folder for title, folder, _ in sources}
        for title, _, source in sources:
            try:
                # Of one engine that reads all, each month is another source.
                table = _customers_of(args, source, title)
                engine = table.engine
                here = [pair for pair in args.match if pair.rpartition("=")[2] in engine.columns]
                columns, check, unfit, notes = _placing(args, table, model, _by_hand(here, model, table))
                found = counted_by_model(table, model, columns, progress(), unfit)
                path = args.out / folders[title] / "customers.parquet"
                write_labels(table, model, path, "parquet", columns, progress(), unfit)
                sample = assign_segments(table.sample, model, columns)
                id_column = args.id or identifier_of(table.sample)
            except UnwritableFolderError:
                raise
            except SegmenterError as error:
                left_out[title] = error.told_on(Surface.COMMAND_LINE)
                continue
            say(Note(f"{title}: {each.text}", each.warning) for each in notes)
            sizes[title], checks[title] = np.append(found.sizes, found.without), check
            words = words_of_model(Result(table.sample, sample.segmentation, sample))
            segment_column = free_name("segment_name", list(engine.columns))
            brings = value_column if args.value or value_column in engine.columns else ""
            months.append(LabelledTable(engine.on(str(path)), title, id_column, segment_column, brings))
        if len(months) < 2:
            raise InvalidSettingError(too_few_months(len(months), left_out))
        for before, now in pairwise(months):
            try:
                then = with_ids_of(now, before, progress())
                moves.append(movement_of_all(then, now, progress(), names))
            except SegmenterError as error:
                left_out[f"{before.title} to {now.title}"] = error.told_on(Surface.COMMAND_LINE)
                continue
            folder = args.out / f"{folders[before.title]} to {folders[now.title]}"
            now.engine.write(joined_and_left_query(then, now), folder / "joined_and_left.csv", "csv", progress(), 0.9)
            write_files(folder, movement_tables(moves[-1]))
    shares = pd.DataFrame(
        {title: each / max(each.sum(), 1) for title, each in sizes.items()}, index=pd.Index([*names, NO_SEGMENT])
    ).T
    if not shares[NO_SEGMENT].any():
        shares = shares.drop(columns=NO_SEGMENT)
    return write_track(args, checks, shares, moves, words, left_out)


@contextmanager
def _months(args: argparse.Namespace) -> Iterator[list[tuple[str, str, Engine]]]:
    """Open an engine on each month, with its title and the name of its folder of results, as for files.

    Months are the files and folders of a folder, or the tables of a database.

    Raises
    ------
    InvalidSettingError
        If there are fewer than two.
    """
    where = address_in(args.folder)
    database = where if where.endswith((".duckdb", ".ddb")) else ""
    if database:
        with connected(_address(args), database) as engine:
            tables = _enough(in_order_of_time(engine.tables()), where)
            yield [(name, name, engine.on(where, name)) for name in tables]
        return
    if not Path(where).is_dir():
        message = f"{where} is no folder. Name the one that holds a file or a folder for each month."
        raise InvalidSettingError(message)
    there = {each.name: each for each in Path(where).iterdir() if _is_month(each)}
    found = [there[name] for name in in_order_of_time(list(there))]
    stems = [each.stem for each in found]
    folders = [each.stem if stems.count(each.stem) == 1 else each.name for each in found]
    _enough(folders, where)
    with connected(_address(args)) as engine:
        yield [(each.name, folder, engine.on(str(each))) for each, folder in zip(found, folders, strict=True)]


def _is_month(path: Path) -> bool:
    return not path.name.startswith((".", "_")) and (path.is_dir() or is_engine_file(path.name))


def _enough(months: list[str], where: str) -> list[str]:
    if len(months) < 2:
        message = f"{where} holds {counted(len(months), 'table')} that an engine reads; put one for each month into it."
        raise InvalidSettingError(message)
    return months


def _is_file(source: str) -> bool:
    # What ends like no file is one of the engine's own tables.
    return "/" in source or "." in Path(source).name or Path(source).exists()


def _labelled_table(args: argparse.Namespace, engine: Engine, source: str, title: str) -> LabelledTable:
    found = engine.on(source) if _is_file(source) else engine.on(table=source)
    table = look_at(found, title)
    found, id_column = table.engine, args.id or identifier_of(table.sample)
    usual = "segment_name" if "segment_name" in found.columns else "segment"
    return LabelledTable(found, title, id_column, args.segment or usual, args.value or "")


def _by_hand(pairs: list[str], model: Segmentation, table: EngineTable) -> dict[str, str]:
    wanted = {*(each.column for each in model.preparation.columns_), *needed_columns(model)}
    found: dict[str, str] = {}
    for pair in pairs:
        splits = [(pair[:place], pair[place + 1 :]) for place, letter in enumerate(pair) if letter == "="]
        known = [(old, new) for old, new in splits if old in wanted and new in table.engine.columns]
        if not known:
            raise UnknownColumnError([pair], [*sorted(wanted), *table.engine.columns])
        found[known[0][0]] = known[0][1]
    return found


def _report(
    args: argparse.Namespace,
    record: dict[str, object],
    model: Segmentation,
    sizes: list[int],
    notes: tuple[Note, ...],
    money: tuple[Money, ...] = (),
    outside: str = "",
) -> None:
    if args.json:
        print_json(record)
        return
    rows = record["rows"]
    # Of placed customers shares are those of all, as for files.
    of_all = int(rows["read"]) if isinstance(rows, dict) and record["command"] == "assign" else sum(sizes)
    total = max(of_all, 1)
    texts = [f"; {each.text}" for each in money] or [""] * len(sizes)
    for name, size, brings in zip(model.names, sizes, texts, strict=True):
        print(f"{name}: {counted(size, 'customer')} ({percent_text(size / total, 1)}){brings}")
    if isinstance(rows, dict):
        print(f"{rows['read']:,} rows = {rows['in_segments']:,} in segments + {rows['without_segment']:,} without.")
    if outside:
        print(outside)
    print(f"Written to {args.out}")
    say(notes)


def audience_on_engine(
    args: argparse.Namespace, model: Segmentation | None, chosen: tuple[str, ...], *, everybody: bool = False
) -> tuple[Dataset, tuple[tuple[str, str], ...]]:
    """Return those customers of an engine who are in the segments asked for, with their segments and contacts.

    Who is to be contacted has to come here, and nobody else: segments are told apart where the customers live.
    Where everybody is needed, the others come too. Beside them stand all segments there are, as (key, name).
    """
    with engine_table(args) as table:
        engine, sample = table.engine, table.sample
        wanted = _columns_of_audience(args, sample)
        if model is not None:
            columns, check, unfit, notes = _placing(args, table, model, {})
            if check is not None and unfit is Unfit.LEFT_OUT:
                notes = (*notes, Note(f"Who fits no segment is in no list. {check.sentence}", warning=True))
            say(notes)
            placed = placement_query(model, engine.source, engine.dialect, wanted, columns, unfit)
            known = [(str(number + 1), name) for number, name in enumerate(model.names)]
        else:
            placed, known = _labelled_by_engine(args, table, wanted)
        seen = engine.seen_as(placed.sql(dialect=engine.dialect.key))
        placed = exp.select("*").from_(as_customers(seen.source))
        asked = Segments(np.zeros(0, dtype=np.intp), tuple(key for key, _ in known), tuple(name for _, name in known))
        titles = asked.titles()
        keys = [known[titles.index(each.name)][0] for each in asked.audiences(chosen)]
        inside: exp.Expression = exp.true()
        if not everybody:
            inside = exp.In(this=as_text(exp.column("segment")), expressions=[text(key) for key in keys])
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(placed.subquery("placed")).where(inside)
        n = int(engine.rows(counted, progress(), 0.2, "Counting who is asked for")["n"].iloc[0])
        if n > config.MAX_DATABASE_ROWS:
            message = (
                f"The segments asked for hold {n:,} customers, and a list is made of at most "
                f"{config.MAX_DATABASE_ROWS:,} at once: name fewer with --segments."
            )
            raise InvalidSettingError(message)
        contacts = [name for name in recognise_contacts(sample).values() if name in wanted and not everybody]
        concerned = exp.or_(inside.copy(), *(_same_person(name, placed, inside) for name in contacts))
        everything = exp.select("*").from_(placed.subquery("placed")).where(concerned)
        rows = engine.rows(everything, progress(), 0.5, "Fetching them")
        kinds = {each.name: each.kind for each in sample.columns if each.name in wanted}
    return build_dataset(rows, sample.name, fingerprint=fingerprint_of(rows), kinds=kinds), tuple(known)


def _same_person(name: str, placed: exp.Select, inside: exp.Expression) -> exp.Expression:
    """Return whether a contact is one of those asked for: who has said no in another row has said no."""
    cell = exp.Lower(this=exp.Trim(this=as_text(exp.column(name, quoted=True))))
    known = exp.not_(exp.Is(this=cell.copy(), expression=exp.Null()))
    theirs = exp.select(cell.copy()).from_(placed.subquery("asked")).where(exp.and_(inside.copy(), known))
    return exp.In(this=cell, query=theirs.subquery())


def _columns_of_audience(args: argparse.Namespace, sample: Dataset) -> list[str]:
    """Return the columns that lists may need: contacts, consent, identifiers, and those that were named."""
    names = [each.name for each in sample.columns]
    named = {*(args.consent or "").split(","), args.consent, args.value, args.country}
    if args.typical is not None and args.model is None:
        named.add("distance")
    named |= {each.partition("=")[2] for each in args.field} | {*recognise_contacts(sample).values()}
    named |= {*consent_columns(sample)} | {each.name for each in sample.columns if each.kind in _WHO}
    ruled = [name for name in names if any(name.casefold() in rule.casefold() for rule in args.where)]
    plain = {str(each).strip() for each in named if each} | {*ruled}
    return [name for name in names if name in plain]


def _labelled_by_engine(
    args: argparse.Namespace, table: EngineTable, wanted: list[str]
) -> tuple[exp.Select, list[tuple[str, str]]]:
    """Return the customers with the label that they have already, and the labels there are."""
    engine, name = table.engine, args.segment_column or "segment"
    if name not in engine.columns:
        raise UnknownColumnError([name], list(engine.columns))
    label = exp.Trim(this=as_text(exp.column(name, quoted=True)))
    others = [exp.column(each, quoted=True) for each in wanted if each != name]
    beside = f"{name}_name" if f"{name}_name" in engine.columns else ""
    shown: exp.Expression = exp.Trim(this=as_text(exp.column(beside, quoted=True))) if beside else label.copy()
    labels = exp.select(exp.alias_(label.copy(), "label"), exp.alias_(shown, "shown")).from_(engine.source).distinct()
    labels = labels.limit(config.MAX_SEGMENTS + 2)
    found = engine.rows(labels, progress(), 0.1, "Looking for the segments").dropna().sort_values("label")
    known = [(str(key), str(title)) for key, title in found.itertuples(index=False) if str(key) not in ("", FITS_NONE)]
    named = [exp.alias_(label.copy(), "segment"), exp.alias_(shown.copy(), "segment_name")]
    return exp.select(*others, *named).from_(engine.source), known


def _advice(table: EngineTable, recipe: Recipe) -> KSelection:
    """Return what the sample says of the number of segments, by K-Means, whatever the method."""
    check_cells(table, recipe)
    selection = compare_k(table.sample, replace(recipe, algorithm="k-means", settings=()), progress=progress())
    say((Note(selection.statement),))
    return selection


def add_export_sql(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of a model as SQL."""
    command.add_argument("model", type=Path)
    command.add_argument("--dialect", choices=tuple(DIALECTS), required=True, help="whose SQL it is to be")
    command.add_argument(
        "--table", default="customers", metavar="NAME", help="the customers' table, as it would stand after FROM"
    )
    command.add_argument(
        "--keep",
        action="append",
        metavar="COLUMN",
        help="a column that stands beside the segment; the identifiers of the model if left out; repeatable",
    )
    command.add_argument(
        "--match", action="append", default=[], metavar="OLD=NEW", help="a model's column and what the table calls it"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write it; printed if left out")


def export_sql(args: argparse.Namespace) -> None:
    """Write a saved model as one SELECT."""
    model = from_bytes(read_bytes(args.model))
    # Also what its own columns are made of.
    wanted = list(dict.fromkeys([*(each.column for each in model.preparation.columns_), *needed_columns(model)]))
    names = dict(_matched(pair, wanted) for pair in args.match)
    query = model_sql(model, args.dialect, args.table, keep=args.keep, columns=names)
    say(Note(each) for each in table_needs(model, names))
    if args.out is None:
        print(query, end="")
        return
    write_files(args.out.parent, {args.out.name: query.encode()})
    print(f"{args.out}: {model.n_segments} segments as SQL for {DIALECTS[args.dialect].title}.")


def _matched(pair: str, wanted: list[str]) -> tuple[str, str]:
    """Split `OLD=NEW`; an old name may hold the sign itself."""
    splits = [(pair[:place], pair[place + 1 :]) for place, letter in enumerate(pair) if letter == "="]
    if not splits:
        message = f"--match takes OLD=NEW, not {pair!r}."
        raise InvalidSettingError(message)
    known = [(old, new) for old, new in splits if old in wanted and new]
    if not known:
        raise UnknownColumnError([splits[0][0]], wanted)
    return known[0]
