"""Where a command's customers come from, how the file is read, and what the user says that columns are."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from segmenter import config
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError, UnknownWordError
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import read_table
from segmenter.table.dataset import ColumnKind, Dataset


def add_kinds(command: argparse.ArgumentParser) -> None:
    """Let a command hear what columns are."""
    kinds = ", ".join(kind.value for kind in ColumnKind)
    command.add_argument(
        "--kind", action="append", default=[], metavar="COLUMN=KIND", help=f"what a column is: {kinds}; repeatable"
    )


def kind_overrides(args: argparse.Namespace) -> dict[str, ColumnKind]:
    """Return what the user says that columns are.

    Raises
    ------
    InvalidSettingError, UnknownWordError
        If one is no `COLUMN=KIND`.
    """
    kinds = {}
    for text in getattr(args, "kind", ()):
        name, word = named_pair("--kind", text)
        kinds[name] = ColumnKind(one_of(f"--kind {name}", word, [kind.value for kind in ColumnKind]))
    return kinds


def checked_kinds(dataset: Dataset, args: argparse.Namespace) -> Dataset:
    """Return the table after a look at whether it has every column that was spoken of.

    Raises
    ------
    UnknownColumnError
        If it has not.
    """
    names = [column.name for column in dataset.columns]
    unknown = [name for name in kind_overrides(args) if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    return dataset


def named_pair(option: str, text: str) -> tuple[str, str]:
    """Split `COLUMN=WORD` at its last sign.

    Raises
    ------
    InvalidSettingError
        If there is none.
    """
    name, sign, word = text.rpartition("=")
    if not sign or not name:
        message = f"{option} {text} names no column; write {option} COLUMN=…."
        raise InvalidSettingError(message)
    return name, word


def one_of(what: str, word: str, possible: Sequence[str]) -> str:
    """Return a word that is possible.

    Raises
    ------
    UnknownWordError
        If it is not.
    """
    if word not in possible:
        raise UnknownWordError(what, word, tuple(possible))
    return word


DATE_ORDERS = {"day": "day first", "month": "month first"}
# A shell makes it hard to type a tab.
SEPARATORS = {"tab": "\t", "space": " ", r"\t": "\t"}


def add_reading(command: argparse.ArgumentParser) -> None:
    """Let a command be told how its file is to be read."""
    said = command.add_argument_group("how the file is read, where it was guessed wrongly")
    said.add_argument("--separator", metavar="MARK", help="what stands between two values; also: tab, space")
    said.add_argument("--encoding", metavar="NAME", help="such as utf-8, utf-16, cp1252, cp1250")
    said.add_argument("--quote", metavar="MARK", help="the mark around values; empty for none")
    said.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    said.add_argument("--header-line", metavar="LINE", help="line of the column names from 1; 0 for none")
    said.add_argument("--date-order", choices=tuple(DATE_ORDERS), help="what comes first in 01/02/2024")
    said.add_argument("--keep-ragged", action="store_true", help="keep rows with too few or too many values")
    said.add_argument("--keep-footer", action="store_true", help="keep lines below the table, such as totals")


def read_options(args: argparse.Namespace) -> ReadOptions:
    """Return what was said about the file.

    Raises
    ------
    InvalidSettingError
        If something of it makes no sense.
    """
    separator, quote = SEPARATORS.get(args.separator, args.separator), args.quote
    if separator == "" or (quote is not None and (len(quote) > 1 or quote == separator)):
        message = "--separator takes one character or more, --quote another one or none at all."
        raise InvalidSettingError(message)
    return ReadOptions(
        separator=separator,
        encoding=args.encoding,
        decimal=args.decimal,
        header_line=_line(args.header_line),
        date_order=DATE_ORDERS.get(args.date_order),
        sheet=args.table,
        keep_ragged=args.keep_ragged,
        keep_footer=args.keep_footer,
        quote=quote,
    )


def _line(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isdecimal() and text.isascii():
        return int(text)
    message = f"--header-line takes a line from 1, or 0 for none; not {text!r}."
    raise InvalidSettingError(message)


VARIABLE = "SEGMENTER_DATABASE"


def add_source(command: argparse.ArgumentParser) -> None:
    """Let a command take its customers from a file or a database."""
    command.add_argument(
        "file",
        type=Path,
        nargs="?",
        help=f"CSV, Excel, Parquet or SQLite; left out, the database whose address {VARIABLE} holds",
    )
    add_kinds(command)
    args = command.add_mutually_exclusive_group()
    args.add_argument("--table", metavar="NAME", default="", help="a table of the database, or a workbook's sheet")
    args.add_argument("--query", metavar="SELECT", default="", help="one SELECT for the database to answer")
    add_reading(command)


def read_source(args: argparse.Namespace) -> Dataset:
    """Read the customers that a command is about.

    Raises
    ------
    SegmenterError
        If there is no such file or database, or it can't be read.
    """
    return checked_kinds(_read(args), args)


def _read(args: argparse.Namespace) -> Dataset:
    if args.file is None:
        return _from_database(args)
    if args.query:
        from segmenter.io.read.database import Database, sqlite_address

        return (
            Database(sqlite_address(args.file))
            .read(query=args.query)
            .understood(read_options(args), kind_overrides(args))
        )
    dataset = read_table(args.file, options=read_options(args), kinds=kind_overrides(args))
    if args.table and (dataset.dialect is None or dataset.dialect.sheet != args.table):
        message = f"--table {args.table!r}: this file has neither sheets nor tables."
        raise InvalidSettingError(message)
    return dataset


def _from_database(args: argparse.Namespace) -> Dataset:
    # Arguments are seen by everybody on the machine; the environment of a process is not.
    address = os.environ.get(VARIABLE, "")
    if not address or not (args.table or args.query):
        message = f"Name a file, or put a database's address into {VARIABLE} and add --table or --query."
        raise InvalidSettingError(message)
    # Files need no database's library, whose import takes longer than reading a small one.
    from segmenter.io.read.database import Database

    return Database(address).read(args.table, args.query).understood(read_options(args), kind_overrides(args))


# In place of an address on the command line, which everybody on the machine can read.
ENGINE_VARIABLE = "SEGMENTER_ENGINE"


def add_engine(command: argparse.ArgumentParser, *, writes: bool = False) -> None:
    """Let a command be told where its customers live."""
    command.add_argument(
        "--engine",
        default=config.LOCAL_ENGINE,
        metavar="local|duckdb|sc://HOST:PORT",
        help=f"where the work is done: here, by DuckDB on files larger than the memory (quote patterns: "
        f"'data/*.parquet'), or on Spark; or a database's URL that ibis knows; env: the address in {ENGINE_VARIABLE}",
    )
    if writes:
        command.add_argument(
            "--labels", choices=("parquet", "csv"), default="parquet", help="what an engine writes the customers as"
        )
        command.add_argument(
            "--to-table", default="", metavar="NAME", help="let the engine keep the customers as this new table instead"
        )


def on_engine(args: argparse.Namespace) -> bool:
    """Whether a command's customers live elsewhere."""
    return bool(args.engine != config.LOCAL_ENGINE)
