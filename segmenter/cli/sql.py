"""`export-sql`: a saved model as one SELECT."""

import argparse
from pathlib import Path

from segmenter.cli.output import read_bytes, say, write_files
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.io.export.sql import DIALECTS, model_sql, table_needs
from segmenter.io.model.format import from_bytes
from segmenter.table.notes import Note


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
    wanted = [each.column for each in model.preparation.columns_]
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
