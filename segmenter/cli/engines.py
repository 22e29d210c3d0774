"""`--engine`: the commands where the customers live."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from segmenter.choose.k import KSelection, compare_k
from segmenter.cli.describe import description
from segmenter.cli.kinds import checked_kinds, kind_overrides
from segmenter.cli.output import print_json, progress, say, write_files
from segmenter.cli.sources import ENGINE_VARIABLE
from segmenter.engines.engine import address_in, open_engine
from segmenter.engines.segmenting import (
    EngineTable,
    check_cells,
    check_cells_of_model,
    counted_by_model,
    look_at,
    match_table,
    segment_all,
    summary_of_all,
    write_labels,
)
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.io.export.csv import to_csv
from segmenter.io.export.run import versions
from segmenter.io.model.format import to_bytes
from segmenter.io.writing import json_text
from segmenter.prepare.suggest import suggest_columns
from segmenter.purchases.recognition import recognise_purchases
from segmenter.recipe.recipe import Recipe
from segmenter.segment.segmentation import Segmentation
from segmenter.table.notes import Note

RecipeOf = Callable[[argparse.Namespace, EngineTable], Recipe]


@contextmanager
def engine_table(args: argparse.Namespace) -> Iterator[EngineTable]:
    """Open the engine that a command names, and look at its customers.

    Raises
    ------
    SegmenterError
        If there is no such engine, or something was asked for that engines cannot do.
    """
    if args.query or args.rows_are == "transactions":
        what = "--query" if args.query else "--as transactions"
        message = f"{what} works on this machine only: leave out --engine, or make a table of customers first."
        raise InvalidSettingError(message)
    address = os.environ.get(ENGINE_VARIABLE, "") if args.engine == "env" else args.engine
    source = "" if args.file is None else address_in(args.file)
    with open_engine(address, source, args.table) as engine:
        table = look_at(engine, Path(source).name or args.table, kind_overrides(args), progress())
        checked_kinds(table.sample, args)
        yield table


def describe_engine(args: argparse.Namespace) -> None:
    """Say what an engine's table holds."""
    with engine_table(args) as table:
        missing, dataset = table.missing, table.sample
    suggested = {each.spec.column: each for each in suggest_columns(dataset)}
    used = frozenset(name for name, each in suggested.items() if each.spec.segments)
    notes = _notes(table)
    if args.json:
        why_off = {name: each.reason for name, each in suggested.items() if each.reason}
        said = description(dataset, used, why_off)
        columns = [{**each, "missing": missing.get(str(each["name"]), 0)} for each in said["columns"]]  # type: ignore[attr-defined]
        print_json({**said, "rows": table.n_rows, "sampled": dataset.n_customers, "columns": columns})
        return
    print(f"{dataset.name}: {table.n_rows:,} customers, {len(dataset.columns)} columns")
    for column in dataset.columns:
        use = "segments by default" if column.name in used else f"Off: {suggested[column.name].reason}"
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
    return selection, (*_notes(table), *selection.notes)


def segment_on_engine(args: argparse.Namespace, recipe_of: RecipeOf) -> None:
    """Form segments of all customers on an engine, and let it write them."""
    with engine_table(args) as table:
        found = segment_all(table, recipe_of(args, table), progress())
        model = found.segmentation
        summary = summary_of_all(table, found)
        labels = args.out / f"customers.{args.labels}"
        write_labels(table, model, labels, args.labels, progress=progress())
    placed = int(found.sizes.sum())
    record: dict[str, object] = {
        "command": "segment",
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
            {"segment": number + 1, "name": name, "size": int(size), "share": int(size) / max(placed, 1)}
            for number, (name, size) in enumerate(zip(model.names, found.sizes, strict=True))
        ],
        "notes": [note.text for note in (*_notes(table), *model.notes)],
    }  # fmt: skip
    files = {"model.segmodel.json": to_bytes(model), "segments.csv": to_csv(summary)}
    write_files(args.out, {**files, "run.json": json_text(record).encode()})
    _report(args, record, model, found.sizes.tolist(), (*_notes(table), *model.notes))


def assign_on_engine(args: argparse.Namespace, model: Segmentation) -> None:
    """Place all customers on an engine in a saved model's segments, and let it write them."""
    with engine_table(args) as table:
        columns = match_table(table, model, _by_hand(args.match, model, table))
        check_cells_of_model(table, model, columns)
        found = counted_by_model(table, model, columns, progress())
        write_labels(table, model, args.out / f"customers.{args.labels}", args.labels, columns, progress())
    record: dict[str, object] = {
        "command": "assign",
        "engine": table.engine.title,
        "file": table.sample.name,
        "trained_on": model.trained_on,
        "versions": versions(),
        "rows": {"read": table.n_rows, "in_segments": int(found.sizes.sum()), "without_segment": found.without},
        "segments": [
            {"segment": number + 1, "name": name, "size": int(size)}
            for number, (name, size) in enumerate(zip(model.names, found.sizes, strict=True))
        ],
    }
    write_files(args.out, {"run.json": json_text(record).encode()})
    _report(args, record, model, found.sizes.tolist(), ())


def _by_hand(pairs: list[str], model: Segmentation, table: EngineTable) -> dict[str, str]:
    wanted = {each.column for each in model.preparation.columns_}
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
) -> None:
    if args.json:
        print_json(record)
        return
    total = max(sum(sizes), 1)
    for name, size in zip(model.names, sizes, strict=True):
        print(f"{name}: {size:,} customers ({size / total:.1%})")
    rows = record["rows"]
    if isinstance(rows, dict):
        print(f"{rows['read']:,} rows = {rows['in_segments']:,} in segments + {rows['without_segment']:,} without.")
    print(f"Written to {args.out}")
    say(notes)


def _notes(table: EngineTable) -> tuple[Note, ...]:
    notes = (table.note, *table.sample.notes)
    found = recognise_purchases(table.sample)
    if found is None:
        return notes
    return (
        *notes,
        Note(f"These rows look like purchases: {found.reason}. Each was taken for a customer.", warning=True),
    )


def advised_on(table: EngineTable, recipe: Recipe) -> int:
    """Return the number of segments that the sample advises."""
    check_cells(table, recipe)
    selection = compare_k(table.sample, replace(recipe, algorithm="k-means", settings=()), progress=progress())
    say((Note(selection.reason),))
    return selection.recommended or 1
