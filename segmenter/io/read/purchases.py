"""Customers from a file, whether its rows are customers or purchases."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from segmenter.config import MAX_FILE_MB
from segmenter.errors.base import ArgumentTypeError, SegmenterError
from segmenter.errors.reading import FileNotReadableError, FileTooLargeError
from segmenter.io.read.parsed import ReadOptions
from segmenter.io.read.table import ReadCells, content_digest, parse, read_table
from segmenter.purchases.customers import CustomerTable, RowType, Source, as_customers, customer_table, saying_why
from segmenter.purchases.recognition import (
    are_snapshots,
    doubts_about,
    find_purchases,
    have_a_row_each,
    ids_repeat,
    reason_for,
)
from segmenter.purchases.spec import LineCounts, Purchases, Returns
from segmenter.table.dataset import ColumnKind, Dataset, Note
from segmenter.worker.processes import warm_up

# Smaller files are read as a whole in no time.
_LARGE_MB: Final = 20
# So much of a file shows which columns there are.
_HEAD: Final = 1 << 20
_MB: Final = 1_000_000


def read_purchases(
    path: Path | str,
    options: ReadOptions | None = None,
    meaning: RowType = RowType.RECOGNISED,
    snapshot: date | None = None,
    kinds: Mapping[str, ColumnKind] | None = None,
    columns: Mapping[str, str] | None = None,
    returns: Returns | None = None,
) -> Dataset:
    """Read a file of customers, or one of purchases as the customers behind them.

    A large text file of purchases is added up while it is read, and never in memory as a whole.

    Parameters
    ----------
    path
        Of the file.
    options
        The user's word on separator, encoding, … instead of what is found.
    meaning
        What a row is; recognised when nothing is said.
    snapshot
        The day that the recency of purchases counts back from; the day after the last one when nothing is said.
    kinds
        The user's own word for some columns of the customers, by name.
    columns
        The user's word on which column of purchases holds what, such as {"customer": "Name", "amount": "Sales"}: of
        customer, date, amount, quantity, price, order, product, store and cancelled. Where one is named,
        rows are purchases.
    returns
        Whether spend is net (SUBTRACTED) or gross (LEFT_OUT); net when nothing is said.

    Raises
    ------
    SegmenterError
        If the file can't be read, or the rows can't be what they are said to be.
    ArgumentTypeError
        If `path` is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise ArgumentTypeError("path", "path", path)
    options = options or ReadOptions()
    if columns:
        meaning = RowType.TRANSACTIONS
    said = _Said(meaning, snapshot, columns, returns)
    wanted = None if meaning is RowType.CUSTOMERS else _wanted(Path(path), options, said)
    if wanted is None:
        rows = read_table(path, options=options, kinds=None if columns else kinds)
        return as_customers(rows, meaning, snapshot, kinds, columns, returns)
    found = _added_up(Path(path), options, wanted, kinds)
    if isinstance(found, Dataset):
        return as_customers(found, meaning, snapshot, kinds, columns, returns)
    if meaning is RowType.TRANSACTIONS:
        return found.table.understood(kinds=kinds)
    if not ids_repeat(found.n_ids, found.n_known):
        return read_table(path, options=options, kinds=kinds)
    return saying_why(found.table, reason_for(wanted.purchases, found.n_ids, found.n_known), kinds)


@dataclass(frozen=True)
class _Said:
    """The user's word on what the rows are."""

    meaning: RowType
    snapshot: date | None
    columns: Mapping[str, str] | None
    returns: Returns | None


@dataclass(frozen=True)
class _Wanted:
    """What a file that begins like one of purchases is added up from."""

    purchases: Purchases
    places: Mapping[str, int]
    snapshot: date | None
    doubts: tuple[Note, ...]

    def as_plain(self) -> dict[str, object]:
        """Return what the worker is told, as a JSON-ready mapping."""
        day = self.snapshot.isoformat() if self.snapshot else ""
        return {"purchases": self.purchases.as_plain(), "places": dict(self.places), "snapshot": day}


@dataclass(frozen=True, eq=False)
class _Found:
    """Customers, with the number of different ids on the lines that have one."""

    table: CustomerTable
    n_ids: int
    n_known: int


def _wanted(path: Path, options: ReadOptions, said: _Said) -> _Wanted | None:
    """Look at the beginning of a file; None when it is small, or not plainly purchases."""
    try:
        with path.open("rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size < _LARGE_MB * _MB:
                return None
            head = file.read(_HEAD)
    except (OSError, ValueError) as error:
        raise FileNotReadableError(str(path)) from error
    try:
        lines = read_table(head[: head.rfind(b"\n") + 1], path.name, options)
        purchases = find_purchases(lines, said.columns, said.returns)
    except SegmenterError:
        return None
    if lines.dialect is None or lines.dialect.decimal != "." or any(note.warning for note in lines.notes):
        return None
    if said.meaning is RowType.RECOGNISED and (have_a_row_each(lines, purchases) or are_snapshots(lines, purchases)):
        return None
    names = [column.name for column in lines.columns]
    places = {source: names.index(name) for source, name in purchases.sources.items()}
    return _Wanted(purchases, places, said.snapshot, doubts_about(lines, purchases, said.columns or ()))


def _added_up(
    path: Path, options: ReadOptions, wanted: _Wanted, kinds: Mapping[str, ColumnKind] | None
) -> _Found | Dataset:
    """Return the customers of a large file, or its rows where something in it takes a closer look."""
    warm_up()
    try:
        size = path.stat().st_size
        if size > MAX_FILE_MB * _MB:
            raise FileTooLargeError(size / _MB, MAX_FILE_MB)
        with ThreadPoolExecutor(1) as thread:
            digest = thread.submit(content_digest, path)
            parsed, _ = parse(path, options, "purchases", wanted.as_plain())
            cells = ReadCells(parsed, path.name, digest.result())
    except OSError as error:
        raise FileNotReadableError(str(path)) from error
    return _found(cells, options, wanted) if parsed.said else cells.understood(options, kinds)


def _found(cells: ReadCells, options: ReadOptions, wanted: _Wanted) -> _Found:
    said = json.loads(cells.parsed.said)
    tally = LineCounts(**said["tally"])
    digest = cells.digest.copy()
    digest.update(repr(options.settings()).encode())
    notes = (*cells.parsed.notes, *wanted.doubts)
    source = Source(cells.name, digest.hexdigest(), notes, cells.parsed.dialect, reading=options.said())
    customers = pl.DataFrame(cells.parsed.cells)
    table = customer_table(customers, tally, wanted.purchases, wanted.snapshot, source)
    return _Found(table, int(said["n_ids"]), tally.lines - tally.without_customer)
