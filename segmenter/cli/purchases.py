"""`--as`: whether rows are customers or purchases."""

import argparse
from dataclasses import replace
from datetime import date
from typing import Final

from segmenter.cli.kinds import checked_kinds, kind_overrides
from segmenter.cli.sources import read_options, read_source
from segmenter.errors.reading import UnreadableDayError
from segmenter.purchases.recognition import Recognised, recognise_purchases
from segmenter.table.dataset import Dataset
from segmenter.table.notes import Note

_OFFER: Final = "Other commands add them up to customers; add --as transactions to see those here."


def add_row_type(command: argparse.ArgumentParser) -> None:
    """Let a command be told what the rows are, and from which day recency counts."""
    command.add_argument(
        "--as",
        dest="rows_are",
        choices=("customers", "transactions"),
        help="what a row is; recognised if left out, and transactions are added up to customers",
    )
    command.add_argument(
        "--snapshot-date",
        metavar="YYYY-MM-DD",
        help="the day that the recency of transactions counts back from; the day after the last one if left out",
    )


def read_customers(args: argparse.Namespace) -> Dataset:
    """Read the customers that a command is about, made of their purchases where the rows are those.

    Raises
    ------
    SegmenterError
        If they can't be read, or the rows can't be what they are said to be.
    """
    # A file that is only described is not added up, and need not wait for what that imports.
    from segmenter.io.read import purchases
    from segmenter.purchases.customers import RowType, as_customers

    meaning = RowType(args.rows_are) if args.rows_are else RowType.RECOGNISED
    snapshot = snapshot_date(args.snapshot_date)
    if args.file is None or args.query or args.table:
        customers = as_customers(read_source(args), meaning, snapshot, kind_overrides(args))
    else:
        customers = purchases.read_purchases(args.file, read_options(args), meaning, snapshot, kind_overrides(args))
    return checked_kinds(customers, args)


def read_as_it_stands(args: argparse.Namespace) -> Dataset:
    """Read what a command is about row by row, saying so where the rows look like purchases."""
    if args.rows_are == "transactions":
        return read_customers(args)
    lines = read_source(args)
    found = _recognised(args, lines)
    if found is None:
        return lines
    return replace(lines, notes=(*lines.notes, Note(f"These rows look like purchases: {found.reason}. {_OFFER}")))


def word_for_rows(args: argparse.Namespace, rows: Dataset) -> str:
    """Return what the rows that a command shows are called."""
    return "lines" if _recognised(args, rows) else "customers"


def snapshot_date(text: str | None) -> date | None:
    """Return the day that was asked for; None when none was.

    Raises
    ------
    UnreadableDayError
        If it is no day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableDayError(text) from error


def _recognised(args: argparse.Namespace, rows: Dataset) -> Recognised | None:
    return None if args.rows_are else recognise_purchases(rows)
