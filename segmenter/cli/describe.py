"""`describe`: what a file holds.

It imports nothing that forming segments takes, so that the first look at a file answers in a second.
"""

import argparse
import shlex
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from segmenter import config
from segmenter.cli.output import print_json, say, write_files
from segmenter.cli.purchases import add_row_type, read_as_it_stands, word_for_row
from segmenter.cli.sources import add_engine, add_source, on_engine
from segmenter.display import counted, listed
from segmenter.prepare.suggest import Cause, Suggestion, suggest_columns
from segmenter.table.dataset import Dataset


class Parser(argparse.ArgumentParser):
    """A parser that answers a wrong argument in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        print(f"segmenter: {message}. See: {self.prog} --help", file=sys.stderr)
        sys.exit(2)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Refuse what is unknown here, where the command that it was meant for is known, and not one level above."""
        known, others = super().parse_known_args(args, namespace)
        if others:
            self.error(f"unrecognized arguments: {' '.join(others)}")
        return known, others


Commands = argparse._SubParsersAction


def new_parser() -> "tuple[Parser, Commands[Parser]]":
    """Return the parser of the command line, and where its commands are added."""
    parser = Parser(prog="segmenter", description="Customer segments that can be trusted.")
    parser.add_argument("--version", action="version", version=f"segmenter {config.VERSION}")
    return parser, parser.add_subparsers(dest="command", required=True, metavar="COMMAND")


def add_describe(commands: "Commands[Parser]") -> None:
    """Say what may be asked of describing."""
    command = commands.add_parser("describe", help="say what a file or a database's table holds")
    add_source(command)
    add_row_type(command)
    command.add_argument(
        "--left-out",
        type=Path,
        metavar="FILE",
        help="write the lines of the file that could not be read into rows as CSV",
    )
    add_engine(command)
    command.add_argument("--json", action="store_true", help="print JSON")


def parse_describe(arguments: Sequence[str]) -> Namespace:
    """Return what was asked for, where the first word is `describe`."""
    parser, commands = new_parser()
    add_describe(commands)
    return parser.parse_args(arguments)


def describe(args: Namespace) -> None:
    """Say what a file holds."""
    if on_engine(args):
        from segmenter.cli.engines import describe_engine

        describe_engine(args)
        return
    dataset = read_as_it_stands(args)
    if args.left_out:
        from segmenter.io.export.csv import left_out_csv

        write_files(args.left_out.parent, {args.left_out.name: left_out_csv(dataset)})
    suggested = {each.spec.column: each for each in suggest_columns(dataset)}
    used = frozenset(name for name, each in suggested.items() if each.spec.segments)
    if args.json:
        print_json(description(dataset, used, {name: why_off(each) for name, each in suggested.items() if each.reason}))
        return
    columns = "1 column" if len(dataset.columns) == 1 else f"{len(dataset.columns)} columns"
    print(f"{dataset.name}: {counted(dataset.n_customers, word_for_row(args, dataset))}, {columns}")
    for column in dataset.columns:
        off = why_off(suggested[column.name])
        use = "segments by default" if column.name in used else f"Off: {off}" if off else ""
        missing = f"{column.missing:,} missing"
        if unknown := suggested[column.name].spec.unknown:
            # A code stands in a cell that is filled, and counts as missing all the same.
            n_codes, codes = int(dataset.frame[column.name].isin(unknown).sum()), listed([f"{c:g}" for c in unknown])
            missing = f"{column.missing:,} empty, {n_codes:,} with {codes} taken for “not known”"
        print(f"  {column.name}: {column.kind.value} ({column.reason}), {missing}. {use}".rstrip())
    say(dataset.notes)


def why_off(suggestion: Suggestion) -> str:
    """Return why a column is off unless the user says otherwise, and what else it is for; nothing where it is not."""
    if suggestion.cause is not Cause.WEIGHT:
        return suggestion.reason
    return f"{suggestion.reason}; to count by it: --weights {shlex.quote(suggestion.spec.column)}"


def description(dataset: Dataset, used: frozenset[str], reasons: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return what a file holds as plain values.

    Parameters
    ----------
    used
        The columns that would form segments.
    reasons
        Why others would not, by column, where their kind alone does not say so.
    """
    dialect = dataset.dialect
    return {
        "rows": dataset.n_customers,
        "columns": [
            {
                "name": column.name,
                "kind": column.kind.value,
                "reason": column.reason,
                "missing": column.missing,
                "distinct": column.distinct,
                "used": column.name in used,
                "why_off": (reasons or {}).get(column.name, ""),
            }
            for column in dataset.columns
        ],
        "notes": [{"line": note.line, "text": note.text} for note in dataset.notes],
        "dialect": {
            "separator": dialect.separator,
            "encoding": dialect.encoding,
            "decimal": dialect.decimal,
            "header_line": dialect.header_line,
        }
        if dialect
        else None,
    }
