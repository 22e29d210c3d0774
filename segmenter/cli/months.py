"""`refit`, `moved`, `track` and `run`: next month on the command line, and a run repeated exactly."""

import argparse
import hashlib
import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from segmenter import config
from segmenter.activate.selection import segments_in_file
from segmenter.choose.k import compare_k
from segmenter.choose.methods import BASELINE
from segmenter.cli import REPAIRABLE
from segmenter.cli.output import print_json, progress, read_bytes, say, write_files
from segmenter.cli.purchases import add_row_type, read_customers
from segmenter.cli.sources import VARIABLE, add_engine, add_kinds, add_reading, add_source
from segmenter.display import counted, percent_text, shown
from segmenter.errors.base import SegmenterError, Surface
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.cards import name_edited_segments, name_segments
from segmenter.explain.columns import ColumnWords
from segmenter.io.export import written_files
from segmenter.io.export.csv import labelled_csv, to_csv
from segmenter.io.export.report import months_report, movement_files
from segmenter.io.export.run import check_record, run_json, run_record, versions
from segmenter.io.model.format import from_bytes
from segmenter.io.read.table import read_table
from segmenter.io.writing import json_text
from segmenter.monitor.drift import Advice, ModelCheck, check_model, leave_out_unfit, without_unfit
from segmenter.monitor.movement import (
    Month,
    Movement,
    compare_months,
    gaps_between,
    identifier_of,
    in_order_of_time,
    month,
    shares_over_time,
    told_apart,
)
from segmenter.monitor.refit import Start
from segmenter.monitor.refit import refit as refit_segments
from segmenter.recipe.recipe import FORMS, Recipe, read_edit
from segmenter.report.months import MonthChange, words_of_model
from segmenter.segment.assign import Assignment, assign_segments, needed_columns
from segmenter.segment.result import Result
from segmenter.segment.segmentation import Segmentation, edit_segmentation, fit_segmentation
from segmenter.table.dataset import Dataset, Note
from segmenter.table.repeats import check_one_row_each

# What a scheduler is told when a model is no longer true, if it asks.
FORM_ANEW: Final = 3
TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet")


def add_months(commands: "argparse._SubParsersAction[Any]") -> None:
    """Say what may be asked about next month."""
    refit = commands.add_parser("refit", help="form a model's segments anew; names and numbers carry on")
    refit.add_argument("model", type=Path, help="last month's model")
    add_source(refit)
    add_row_type(refit)
    refit.add_argument("--segments", type=int, metavar="N", help="as many as before if left out")
    refit.add_argument(
        "--from-model", action="store_true", help="begin at the old segments, so that they move as little as needed"
    )
    _add_match(refit)
    add_engine(refit, writes=True)
    refit.add_argument("--out", type=Path, required=True, metavar="DIR")
    refit.add_argument("--json", action="store_true", help="print JSON")
    moved = commands.add_parser("moved", help="say who moved between two labelled files")
    moved.add_argument("before", type=Path, help="a file with a segment for each customer")
    moved.add_argument("now", type=Path, help="the same customers a month later")
    _add_joining(moved)
    moved.add_argument("--segment", metavar="COLUMN", help="the column of labels; segment and segment_name if left out")
    moved.add_argument("--out", type=Path, metavar="DIR", help="write the table, and who joined and left each segment")
    add_engine(moved)
    moved.add_argument("--json", action="store_true", help="print JSON")
    track = commands.add_parser("track", help="place every file of a folder, month after month, and say what changed")
    track.add_argument(
        "folder",
        type=Path,
        help="one file a month, by name and the numbers in it; with --engine folders or a .duckdb file of tables, too",
    )
    track.add_argument("--model", type=Path, required=True)
    _add_joining(track)
    _add_match(track)
    add_nearest(track)
    _add_fail_on_drift(track)
    add_kinds(track)
    add_row_type(track)
    track.add_argument("--table", metavar="NAME", default="", help="a table of each database, or each workbook's sheet")
    add_reading(track)
    add_engine(track)
    track.add_argument("--out", type=Path, required=True, metavar="DIR")
    track.add_argument("--json", action="store_true", help="print JSON")
    run = commands.add_parser("run", help="repeat a run exactly, or say what differs")
    run.add_argument("record", type=Path, help="the run.json that it wrote")
    add_source(run)
    add_row_type(run)
    run.add_argument(
        "--model", type=Path, help="the model that `assign` placed customers in, or that `refit` formed anew"
    )
    run.add_argument("--out", type=Path, metavar="DIR", help="write what it gives now")
    run.add_argument("--json", action="store_true", help="print JSON")


def _add_joining(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--id", metavar="COLUMN", help="the column that names the customer; the identifier if left out"
    )
    command.add_argument("--value", metavar="COLUMN", help="the column of money")


def _add_match(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--match", action="append", default=[], metavar="OLD=NEW", help="a model's column and what the file calls it"
    )


def add_nearest(command: argparse._ActionsContainer) -> None:
    """Let those who fit no segment be placed all the same."""
    command.add_argument(
        "--nearest",
        action="store_true",
        help="place customers who fit no segment in the nearest one; left out, they stand in none",
    )


def add_placing(command: argparse.ArgumentParser) -> None:
    """Let a command that places customers be given columns by hand, and told who stands in no segment."""
    _add_match(command)
    add_nearest(command)


def add_check(command: argparse.ArgumentParser) -> None:
    """Let `assign` be asked whether the model is still true and who fits no segment, and be given columns by hand."""
    add_placing(command)
    command.add_argument("--no-check", action="store_true", help="do not say whether the model is still true")
    _add_fail_on_drift(command)


def _add_fail_on_drift(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fail-on-drift", action="store_true", help=f"end with code {FORM_ANEW} where segments should be formed anew"
    )  # fmt: skip


def add_edits(command: argparse.ArgumentParser) -> None:
    """Let segments be changed by hand after they are formed."""
    command.add_argument(
        "--edit", action="append", default=[], metavar="CHANGE", help=f"change the segments by hand, in order: {FORMS}"
    )


def changed_by_hand(
    dataset: Dataset, segmentation: Segmentation, changes: list[str]
) -> tuple[Segmentation, list[dict[str, str]]]:
    """Return the segments after some changes by hand, and each change with its price in words.

    Raises
    ------
    InvalidSettingError
        If a change is none, or cannot be made.
    """
    prices = []
    for edit in [read_edit(text) for text in changes]:
        before, names = segmentation, segmentation.names
        segmentation, price = edit_segmentation(dataset, segmentation, edit, progress=progress())
        segmentation = name_edited_segments(dataset, before, segmentation)
        prices.append({"change": edit.words(names), "price": price.sentence()})
    return segmentation, prices


def matched_columns(pairs: list[str], model: Segmentation, customers: Dataset) -> dict[str, str]:
    """Return model column → file column, as said on the command line.

    Raises
    ------
    UnknownColumnError, InvalidSettingError
        If a side names no column.
    """
    found: dict[str, str] = {}
    wanted = list(dict.fromkeys([*(each.column for each in model.preparation.columns_), *needed_columns(model)]))
    available = [column.name for column in customers.columns]
    for pair in pairs:
        splits = [(pair[:place], pair[place + 1 :]) for place, letter in enumerate(pair) if letter == "="]
        known = [(old, new) for old, new in splits if old in wanted and new in available]
        if not known:
            if not splits:
                message = f"--match takes OLD=NEW, not {pair!r}."
                raise InvalidSettingError(message)
            old, new = splits[0]
            raise UnknownColumnError([old], wanted) if old not in wanted else UnknownColumnError([new], available)
        found[known[0][0]] = known[0][1]
    return found


def placed(dataset: Dataset, model: Segmentation, args: Namespace) -> tuple[Assignment, ModelCheck | None]:
    """Return where a model places a file's customers, and whether it is still true of them.

    Who fits no segment stands in none, unless `--nearest` was asked for. There is no check by models that cannot tell.

    Raises
    ------
    RepeatedCustomersError
        If customers stand in rows that contradict each other, and nobody has said which one counts.
    """
    check_one_row_each(dataset)
    assignment = assign_segments(dataset, model, matched_columns(args.match, model, dataset))
    try:
        check = check_model(dataset, assignment)
    except InvalidSettingError as error:
        print(f"note: {error}", file=sys.stderr)
        return assignment, None
    kept = assignment if args.nearest else leave_out_unfit(dataset, assignment, check)
    return kept, check if kept is assignment else without_unfit(model, check)


def print_check(check: ModelCheck) -> None:
    """Print whether the model is still true, and why."""
    print(check.sentence)
    for reason in check.reasons[1:]:
        print(f"  also: {reason}")
    if check.sensitivity is not None and check.advice is not Advice.REFIT:
        print(check.sensitivity.sentence)


def check_count(n_segments: int) -> None:
    """Raise InvalidSettingError if there cannot be so many segments."""
    if not 1 <= n_segments <= config.MAX_SEGMENTS:
        message = f"--segments takes a number from 1 to {config.MAX_SEGMENTS}."
        raise InvalidSettingError(message)


def refit(args: Namespace) -> None:
    """Form a model's segments anew from a file; what means the same keeps its name and number."""
    old = from_bytes(read_bytes(args.model))
    check_count(args.segments or old.n_segments)
    dataset = read_customers(args)
    start = Start.MODEL if args.from_model else Start.SCRATCH
    matched = matched_columns(args.match, old, dataset)
    now, succession = refit_segments(dataset, old, args.segments, start=start, columns=matched, progress=progress())
    result = Result(dataset, now, value_column=now.value_column if now.value_column in dataset.frame else None)
    write_files(args.out, {**written_files(result), "run.json": run_json(result, "refit")})
    if args.json:
        carried = {old.names[each] for each in succession.carries_on if each >= 0}
        print_json({**run_record(result, "refit"), "carried_on": [name for name in now.names if name in carried]})
        return
    for profile in result.profiles:
        mark = "" if profile.name in old.names else " (new)"
        print(f"{profile.name}: {counted(profile.size, 'customer')} ({percent_text(profile.share, 1)}){mark}")
    print(f"Written to {args.out}")
    say(result.notes)


def moved(args: Namespace) -> None:
    """Say who moved between two labelled files."""
    titles = titles_of([args.before, args.now])
    before, now = (_labelled(path, title, args) for path, title in zip((args.before, args.now), titles, strict=True))
    movement = compare_months(before, now)
    if args.out:
        write_files(args.out, movement_files(movement))
    if args.json:
        print_json(movement_record(movement))
        return
    print_movement(movement)
    if args.out:
        print(f"Written to {args.out}")


def movement_record(movement: Movement) -> dict[str, object]:
    """Return who moved as plain values: counts alone, no id."""
    return {
        "before": movement.before.title,
        "now": movement.now.title,
        "in_both": movement.n_both,
        "moved": movement.n_moved,
        "customers": movement.customers.to_dict(orient="index"),
        "money": None if movement.money is None else movement.money.to_dict(orient="index"),
        "stayed": movement.stayed.to_dict(),
        "notes": [note.text for note in movement.notes],
    }


def movement_since(args: Namespace, result: Result) -> Movement:
    """Return who moved from last month's file, as it is labelled or else as the model says, to a result's customers."""
    names, before = result.segmentation.names, read_table(args.since)
    found = segments_in_file(before)
    if found is not None:
        then, order = found.as_named(names)
    else:
        # As the customers of now: lines of purchases are added up, and who fits no segment is in none.
        before = read_customers(Namespace(**{**vars(args), "file": args.since, "query": "", "snapshot_date": None}))
        pairs = _pairs_of(result.assignment.matched_in(before)) if result.assignment is not None else []
        assignment, _ = placed(before, result.segmentation, Namespace(match=pairs, nearest=args.nearest))
        then, order = assignment.segmentation.labels.map(dict(enumerate(names))), names
    now = result.segmentation.labels.map(dict(enumerate(names)))
    months = [
        _month(args.since.name, before, then, args, order, like=result.dataset),
        _month(result.dataset.name, result.dataset, now, args, names),
    ]
    return compare_months(*told_apart(*months))


def track(args: Namespace) -> int:
    """Place every file of a folder in a model's segments, and say what changed from month to month.

    A month that cannot be read or placed is left out, and said; returns what the program ends with, see `write_track`.
    """
    model = from_bytes(read_bytes(args.model))
    if not args.folder.is_dir():
        message = f"{args.folder} is no folder. Name the one that holds a file for each month."
        raise InvalidSettingError(message)
    # Hidden files, and those that an office program keeps beside an open one, are nobody's months.
    tables = (
        path for path in args.folder.iterdir()
        if path.suffix.lower() in TABLES and path.is_file() and not path.name.startswith((".", "~$"))
    )  # fmt: skip
    found = {path.name: path for path in tables}
    files = [found[name] for name in in_order_of_time(list(found))]
    if len(files) < 2:
        message = f"{args.folder} holds {len(files)} tables ({', '.join(TABLES)}); put one for each month into it."
        raise InvalidSettingError(message)
    say((*_copies(files), *map(Note, gaps_between([path.name for path in files]))))
    # Files of one name in two formats are two months.
    stems = [path.stem for path in files]
    folders = {path.name: path.stem if stems.count(path.stem) == 1 else path.name for path in files}
    months: list[Month] = []
    checks: dict[str, ModelCheck | None] = {}
    words: Mapping[str, ColumnWords] = {}
    left_out: dict[str, str] = {}
    for path in files:
        try:
            result, check = _placed_month(path, model, args)
            value = args.value or (model.value_column if model.value_column in result.dataset.original else None)
            joining = Namespace(id=args.id, value=value)
            this = _month(path.name, result.dataset, _names_of(result), joining, model.names)
        except SegmenterError as error:
            # One broken month is no reason not to hear of the others.
            left_out[path.name] = error.told_on(Surface.COMMAND_LINE)
            continue
        months.append(this)
        checks[path.name], words = check, words_of_model(result)
        write_files(args.out / folders[path.name], {"customers.csv": labelled_csv(result)})
    if len(months) < 2:
        raise InvalidSettingError(too_few_months(len(months), left_out))
    moves = []
    for before, now in pairwise(months):
        try:
            movement = compare_months(before, now)
        except SegmenterError as error:
            left_out[f"{before.title} to {now.title}"] = error.told_on(Surface.COMMAND_LINE)
            continue
        moves.append(movement)
        folder = args.out / f"{folders[before.title]} to {folders[now.title]}"
        write_files(folder, movement_files(movement))
    return write_track(args, checks, shares_over_time(months), moves, words, left_out)


def _copies(files: Sequence[Path]) -> list[Note]:
    """Say which files are the same: between two such months nobody can have moved."""
    alike: dict[str, list[str]] = {}
    for path in files:
        with path.open("rb") as content:
            alike.setdefault(hashlib.file_digest(content, "sha256").hexdigest(), []).append(path.name)
    return [
        Note(
            f"{' and '.join(names)} are the same file, so that nobody has moved between them. Take away what is a copy."
        )
        for names in alike.values()
        if len(names) > 1
    ]


def _placed_month(path: Path, model: Segmentation, args: Namespace) -> tuple[Result, ModelCheck | None]:
    dataset = read_customers(Namespace(**{**vars(args), "file": path, "query": ""}))
    # A column that is called otherwise in one of the months.
    here = [pair for pair in args.match if pair.rpartition("=")[2] in dataset.original]
    assignment, check = placed(dataset, model, Namespace(match=here, nearest=args.nearest))
    return Result(dataset, assignment.segmentation, assignment), check


def _names_of(result: Result) -> pd.Series:
    return result.segmentation.labels.map(dict(enumerate(result.segmentation.names)))


def too_few_months(n_months: int, left_out: Mapping[str, str]) -> str:
    """Return what is said where fewer than two months are left."""
    reasons = " ".join(f"{name}: {reason}" for name, reason in left_out.items())
    return f"{counted(n_months, 'month')} could be placed, and it takes two to compare. {reasons}"


def write_track(
    args: Namespace,
    checks: Mapping[str, ModelCheck | None],
    shares: pd.DataFrame,
    moves: Sequence[Movement],
    words: Mapping[str, ColumnWords],
    left_out: Mapping[str, str],
) -> int:
    """Write what was found of several months, and print it; returns what the program ends with.

    That is 2 where a month was left out, else 3 where that was asked for and the last month says to form anew, else 0.

    Parameters
    ----------
    args
        Say where to, and whether JSON is printed.
    checks
        Month → whether the model is still true of it.
    shares
        A row per month, a column per segment.
    moves
        From each month to the next.
    words
        How the model's columns are spoken of.
    left_out
        Month, or two of them, → why nothing is said of it.
    """
    record: dict[str, object] = {
        "months": {name: check_record(check) if check else None for name, check in checks.items()},
        "shares": shares.to_dict(orient="index"),
        "movements": [movement_record(movement) for movement in moves],
        "left_out": dict(left_out),
    }
    report = {
        "shares.csv": to_csv(shares.round(4).reset_index(names="month")),
        "track.json": json_text(record).encode(),
    }
    for suffix in ("html", "pptx"):
        report[f"report.{suffix}"] = months_report(checks, shares, moves, suffix, words, left_out)
    write_files(args.out, report)
    if args.json:
        print_json(record)
    else:
        for name, check in checks.items():
            print(f"{name}: {check.sentence if check else 'not compared'}")
        for movement in moves:
            print_movement(movement)
        print(f"Written to {args.out}")
    for name, reason in left_out.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    if left_out:
        return REPAIRABLE
    last = list(checks.values())[-1]
    return FORM_ANEW if args.fail_on_drift and last is not None and last.advice is Advice.REFIT else 0


def run(args: Namespace) -> int:
    """Repeat a run, and say what differs from its record; returns 0 where nothing does, else 1."""
    content = read_bytes(args.record)
    try:
        record = json.loads(content)
        recipe = Recipe.from_json(json.dumps(record["recipe"]))
        told = {"fingerprint": record["trained_on"], "versions": record["versions"], "segments": record["segments"]}
    except (ValueError, KeyError, TypeError) as error:
        message = f"{args.record} is no record of a run: name the run.json that `segment`, `assign` or `refit` wrote."
        raise InvalidSettingError(message) from error
    command = str(record.get("command", "segment"))
    if command in NEEDS_MODEL and args.model is None:
        message = f"{args.record} is of a run that {NEEDS_MODEL[command]}: name that model with --model."
        raise InvalidSettingError(message)
    asked = _read_as_recorded(args, record.get("reading", {}))
    if asked.file is None and not (asked.query or (asked.table and os.environ.get(VARIABLE))):
        asked = Namespace(**{**vars(asked), "file": _file_of(args.record, str(record.get("file", "")))})
    dataset = read_customers(asked)
    segmentation, assignment, extra, change = _made_again(args, dataset, recipe, record)
    names = tuple(str(each["name"]) for each in told["segments"])
    if segmentation.trained_on == told["fingerprint"] and len(names) == segmentation.n_segments:
        segmentation = segmentation.renamed(names)
    elif command not in NEEDS_MODEL:
        # The names of others' segments need not be true of these.
        segmentation = name_segments(dataset, segmentation)
    # What is said of whether there are groups is part of the run, too.
    structure = (
        compare_k(dataset, replace(BASELINE.within(recipe), edits=()), progress=progress()).structure
        if command == "segment"
        else None
    )
    result = Result(dataset, segmentation, assignment, value_column=_value_of(record, dataset), structure=structure)
    extra |= {"edits": record["edits"]} if "edits" in record else {}
    now = run_record(result, command) | extra
    differences = _differences(record, told, now, dataset)
    if args.out:
        write_files(args.out, {**written_files(result, (), change), "run.json": run_json(result, command, extra)})
    if args.json:
        print_json({"same": not differences, "differences": differences, "run": now})
    elif differences:
        print("This run differs from its record:")
        for text in differences:
            print(f"  {text}")
    else:
        print(f"The same to the last customer: {result.n_placed:,} customers in {len(result.profiles)} segments.")
    return 1 if differences else 0


def _file_of(record: Path, name: str) -> Path:
    """Return the file that a run was of, as it lies beside the record, one folder up, or where the command is given.

    Raises
    ------
    InvalidSettingError
        If there is none of that name.
    """
    folders = dict.fromkeys((record.parent, record.absolute().parent.parent, Path()))
    # A record comes from anywhere, and names a file, not a way to it.
    found = [folder / name for folder in folders if name == Path(name).name and (folder / name).is_file()]
    if not found:
        message = f"{record} is of {shown(name)}, which lies neither beside it nor here: name the file."
        raise InvalidSettingError(message)
    return found[0]


def _made_again(
    args: Namespace, dataset: Dataset, recipe: Recipe, record: Mapping[str, Any]
) -> tuple[Segmentation, Assignment | None, dict[str, object], MonthChange | None]:
    """Return the segments that a run makes now, where it placed customers, and what record and report say besides."""
    command = record.get("command")
    if command == "refit":
        sizes = [each["size"] for each in record["segments"]]
        return _formed_anew_again(args, dataset, recipe, sizes), None, {}, None
    if command != "assign":
        # Changes by hand are made as they were, one after another, so that segments keep their colours too.
        segmentation = fit_segmentation(dataset, replace(recipe, edits=()), progress=progress())
        for edit in recipe.edits:
            segmentation, _ = edit_segmentation(dataset, segmentation, edit, progress=progress())
        return segmentation, None, {}, None
    model, said = from_bytes(read_bytes(args.model)), record.get("placing") or {}
    pairs = _pairs_of(dict(said.get("matched", {})))
    assignment, check = placed(dataset, model, Namespace(match=pairs, nearest=bool(said.get("nearest", False))))
    extra: dict[str, object] = {} if check is None or "check" not in record else {"check": check_record(check)}
    return assignment.segmentation, assignment, extra, MonthChange(check) if extra else None


def _pairs_of(matched: Mapping[str, str]) -> list[str]:
    return [f"{old}={new}" for old, new in matched.items()]


def _formed_anew_again(args: Namespace, dataset: Dataset, recipe: Recipe, sizes: Sequence[object]) -> Segmentation:
    """Return a model's segments formed anew as a run of `refit` did, from wherever that gives its segments."""
    old = from_bytes(read_bytes(args.model))
    # Columns that form segments stand in the order of the model's, under the names of the file.
    pairs = zip(old.recipe.segmenting, recipe.segmenting, strict=False)
    matched = {before.column: now.column for before, now in pairs if before.column != now.column}
    found = []
    for start in Start:
        found.append(
            refit_segments(dataset, old, recipe.n_segments, start=start, columns=matched, progress=progress())[0]
        )
        counts = np.bincount(found[-1].labels[found[-1].labels >= 0], minlength=found[-1].n_segments)
        if counts.tolist() == list(sizes):
            return found[-1]
    return found[0]


# What a run did with a model that it cannot be repeated without.
NEEDS_MODEL: Final = {
    "assign": "placed customers in a model's segments",
    "refit": "formed a model's segments anew",
}


def _read_as_recorded(args: Namespace, said: object) -> Namespace:
    """Return what was asked, with what the record says about reading wherever nothing else is asked.

    Raises
    ------
    InvalidSettingError
        If the record says what cannot be said on the command line.
    """
    known = {*vars(args)} - {"command", "record", "file", "model", "out", "json", "query"}
    if not isinstance(said, dict) or not set(said) <= known:
        message = f"{args.record}: `reading` names something that `run` has no option for."
        raise InvalidSettingError(message)
    words = []
    for name, value in said.items():
        option = "--as" if name == "rows_are" else f"--{name.replace('_', '-')}"
        each = value if isinstance(value, list) else [value]
        words += [option] if value is True else [f"{option}={one}" for one in each]
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_source(parser)
    add_row_type(parser)
    try:
        recorded, rest = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        message = f"{args.record}: `reading` says what makes no sense ({error})."
        raise InvalidSettingError(message) from error
    if rest:
        message = f"{args.record}: `reading` names something that `run` has no option for."
        raise InvalidSettingError(message)
    nothing = vars(parser.parse_args([]))
    asked = {name: value for name, value in vars(args).items() if name not in nothing or value != nothing[name]}
    return Namespace(**{**vars(args), **vars(recorded), **asked})


def _value_of(record: Mapping[str, object], dataset: Dataset) -> str | None:
    """Return the column of money of a run: empty where it had none.

    None where it was proposed and not named, or the file hasn't got it any more.
    """
    column = record.get("value_column")
    if column is None:
        return ""
    if record.get("value_named") is False:
        return None
    return str(column) if column in dataset.frame else None


def _differences(
    record: Mapping[str, object], told: Mapping[str, object], now: Mapping[str, object], dataset: Dataset
) -> list[str]:
    found = []
    if record.get("fingerprint", told["fingerprint"]) != now["fingerprint"]:
        found.append(f"The file is another one, or was read otherwise: the record is of {record.get('file')}.")
    if told["fingerprint"] != now["trained_on"] and record.get("command") == "assign":
        found.append("The model is another one: the record is of one that was formed from other customers.")
    if (before := _lineage(record)) != (after := _lineage(now)) and before:
        found.append(
            f"The model is another one: its customers were {before[:8]}, and are {(after or 'not known')[:8]}."
        )
    if gone := [shown(name) for name in _columns_of(record) if name not in dataset.frame]:
        found.append(f"The file has no {', '.join(gone)} any more.")
    libraries = versions()
    found += [
        f"{name} was {version} and is {libraries.get(name)}."
        for name, version in dict(told["versions"]).items()  # type: ignore[call-overload]
        if libraries.get(name) != version
    ]
    then = [(each["name"], each["size"]) for each in told["segments"]]  # type: ignore[attr-defined]
    here = [(each["name"], each["size"]) for each in now["segments"]]  # type: ignore[attr-defined]
    if [size for _, size in then] != [size for _, size in here]:
        found.append(f"Segments held {_sizes(then)} customers and hold {_sizes(here)}.")
    rows, scores = record.get("rows"), record.get("scores")
    if isinstance(rows, dict) and rows.get("read") != (read := now["rows"]["read"]):  # type: ignore[index]
        found.append(f"{shown(rows.get('read'))} rows were read, and {read:,} are.")
    if isinstance(scores, dict):
        found += _scores_apart(scores, now["scores"] if isinstance(now["scores"], dict) else {})
    if record.get("value_column") and now["value_column"] != record["value_column"]:
        found.append(f"The column of money, {record['value_column']}, is not there any more.")
    return found


def _scores_apart(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [
        "The {} was {} and is {}.".format(_SCORE_WORDS.get(name, name), *_digits_apart(value, now.get(name)))
        for name, value in before.items()
        if value != now.get(name)
    ]


def _columns_of(record: Mapping[str, Any]) -> list[str]:
    """Return the file's columns that a run knew; of customers who were placed, a file needs the model's alone."""
    if record.get("command") == "assign":
        return []
    recipe = Recipe.from_json(json.dumps(record["recipe"]))
    made = {name for name, _ in recipe.formulas}
    return [spec.column for spec in recipe.features if spec.column not in made]


def _lineage(record: Mapping[str, Any]) -> str:
    """Return the fingerprint of the customers of the model before, of segments that were formed anew."""
    lineage = record.get("lineage") if record.get("command") == "refit" else None
    return str(lineage.get("trained_on", "")) if isinstance(lineage, dict) else ""


_SCORE_WORDS: Final = {
    "wcss": "spread within segments (WCSS)",
    "silhouette": "mean silhouette",
    "silhouette_se": "standard error of the silhouette",
    "calinski_harabasz": "Calinski-Harabasz index",
    "davies_bouldin": "Davies-Bouldin index",
}


def _digits_apart(before: object, now: object) -> tuple[str, str]:
    """Return two scores with as many digits as show that they differ."""
    return next(
        (pair for digits in (6, 9, 12) if (pair := (_score(before, digits), _score(now, digits)))[0] != pair[1]),
        (_score(before, 17), _score(now, 17)),
    )


def _score(value: object, digits: int) -> str:
    return f"{value:,.{digits}g}" if isinstance(value, int | float) else "not defined"


def _sizes(segments: list[tuple[str, int]]) -> str:
    return ", ".join(f"{size:,}" for _, size in segments)


def titles_of(paths: Sequence[Path]) -> list[str]:
    """Return what files are called: their names, with as many of their folders as it takes to tell them apart."""
    parts = [path.absolute().parts for path in paths]
    for length in range(1, max(map(len, parts))):
        titles = ["/".join(each[-length:]) for each in parts]
        if len(set(titles)) == len(titles):
            return titles
    return [f"{path.name} ({number})" for number, path in enumerate(paths, start=1)]


def _labelled(path: Path, title: str, args: Namespace) -> Month:
    dataset = read_table(path)
    found = None if args.segment else segments_in_file(dataset)
    if found is not None:
        named = pd.Series(np.array([*found.names, None], dtype=object)[found.labels], index=dataset.original.index)
        return _month(title, dataset, named, args, found.names)
    column = args.segment or "segment_name"
    if column not in dataset.original:
        raise UnknownColumnError([column], [column.name for column in dataset.columns])
    return _month(title, dataset, dataset.original[column], args, None)


def _month(
    title: str,
    dataset: Dataset,
    segment: pd.Series,
    args: Namespace,
    names: tuple[str, ...] | None,
    like: Dataset | None = None,
) -> Month:
    name = args.id or identifier_of(dataset if like is None else like)
    if like is not None and not args.id and name not in dataset.original:
        name = identifier_of(dataset)
    for wanted in (name, args.value):
        if wanted and wanted not in dataset.original:
            raise UnknownColumnError([wanted], [column.name for column in dataset.columns])
    value = dataset.frame[args.value] if args.value else None
    return month(title, dataset.original[name], segment, names=names, value=value)


def print_movement(movement: Movement) -> None:
    """Print who moved from which segment to which."""
    both = movement.n_both
    share = movement.n_moved / both if both else 0.0
    print(
        f"{movement.before.title} to {movement.now.title}: {movement.n_moved:,} of {both:,} moved "
        f"({percent_text(share)})."
    )
    print(movement.customers.to_string())
    for name, stayed in movement.stayed.items():
        print(f"  {name}: {percent_text(stayed)} stayed")
    say(movement.notes)
