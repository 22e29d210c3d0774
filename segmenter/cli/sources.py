"""Where do the customers of a command come from: a file, or a database?"""

import argparse
import os
from pathlib import Path

from segmenter.cli.kinds import add_kinds, checked_kinds, said_kinds
from segmenter.cli.reading import add_reading, said_options
from segmenter.core.dataset import Dataset
from segmenter.errors import InvalidSettingError
from segmenter.importers import read_table
from segmenter.importers.database import Database, sqlite_address

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
    asked = command.add_mutually_exclusive_group()
    asked.add_argument("--table", metavar="NAME", default="", help="a table of the database, or a workbook's sheet")
    asked.add_argument("--query", metavar="SELECT", default="", help="one SELECT for the database to answer")
    add_reading(command)


def read_source(asked: argparse.Namespace) -> Dataset:
    """Read the customers that a command is about.

    Raises
    ------
    SegmenterError
        If there is no such file or database, or it can't be read.
    """
    return checked_kinds(_read(asked), asked)


def _read(asked: argparse.Namespace) -> Dataset:
    if asked.file is None:
        return _from_database(asked)
    if asked.query:
        return (
            Database(sqlite_address(asked.file))
            .read(query=asked.query)
            .understood(said_options(asked), said_kinds(asked))
        )
    dataset = read_table(asked.file, options=said_options(asked), kinds=said_kinds(asked))
    if asked.table and (dataset.dialect is None or dataset.dialect.sheet != asked.table):
        message = f"--table {asked.table!r}: this file has neither sheets nor tables."
        raise InvalidSettingError(message)
    return dataset


def _from_database(asked: argparse.Namespace) -> Dataset:
    # Arguments are seen by everybody on the machine; the environment of a process is not.
    address = os.environ.get(VARIABLE, "")
    if not address or not (asked.table or asked.query):
        message = f"Name a file, or put a database's address into {VARIABLE} and add --table or --query."
        raise InvalidSettingError(message)
    return Database(address).read(asked.table, asked.query).understood(said_options(asked), said_kinds(asked))
