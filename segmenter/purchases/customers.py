"""Customers from purchase lines: the table, its report, and the columns proposed for segmenting."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.reading import NoCustomersError, UnsuitableColumnError
from segmenter.prepare.suggest import suggest_features
from segmenter.purchases.aggregate import AmountTooLargeError, FirstChunkMismatchError, RfmAggregator, snapshot_after
from segmenter.purchases.dictionary import Chunk, to_chunk
from segmenter.purchases.recognition import find_purchases, recognise_purchases
from segmenter.purchases.report import AggregationReport, explained, report_notes
from segmenter.purchases.spec import MEASURES, LineCounts, Purchases, Returns
from segmenter.recipe.recipe import FeatureSpec, Role, Transform
from segmenter.table.columns import WordOnColumns, dataset_of
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.cells import to_arrow
from segmenter.table.infer.in_worker import Cells
from segmenter.table.infer.typed import as_text
from segmenter.table.notes import Dialect, Note

# Recency, frequency and monetary value; the other measures largely follow from them.
BASIS: Final = ("recency_days", "orders", "spend")
_FOLLOWING: Final = ("average_order_value", "days_as_customer", "items", "distinct_products", "share_of_returns")


def propose_features(customers: Dataset) -> Dataset:
    """Return the customers with a suggestion: by recency, orders and spend, long tails as logarithms."""
    features = suggest_features(customers)
    evened = {each.column for each in features if each.transform is not Transform.NONE}
    tails = [str(name) for name in (*BASIS, *_FOLLOWING) if name in evened]
    carrying = sum(each.column in BASIS and each.role is Role.NUMBER for each in features)
    suggested = tuple(_proposed(each, tails, narrow=carrying > 1) for each in features)
    used = [each.column for each in suggested if each.segments]
    notes = (*customers.notes, *_note(used, tails))
    return replace(customers, suggested=suggested, notes=notes)


def _proposed(spec: FeatureSpec, tails: list[str], *, narrow: bool) -> FeatureSpec:
    transform = Transform.LOG if spec.column in tails else spec.transform
    role = Role.DESCRIPTOR if narrow and spec.segments and spec.column in _FOLLOWING else spec.role
    return replace(spec, role=role, transform=transform)


def _note(used: list[str], tails: list[str]) -> list[Note]:
    logged = [name for name in tails if name in used]
    if not logged:
        return []
    verb = "is" if len(logged) == 1 else "are"
    few = "A few very large values would decide alone otherwise; this can be changed."
    return [Note(f"{_listed(logged)} {verb} strongly skewed and taken as logarithm. {few}")]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# Lines that are added up at once: enough to be quick, few enough to need little memory beside the table.
_PIECE: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class Source:
    """What is known about a file of lines once the lines themselves are gone.

    `id_kind` is what the column of customers was taken for: an e-mail address stays personal data.
    """

    name: str
    fingerprint: str
    notes: tuple[Note, ...] = ()
    dialect: Dialect | None = None
    left_out: pd.DataFrame | None = None
    id_kind: ColumnKind = ColumnKind.IDENTIFIER
    reading: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """Customers made of purchase lines; their columns can be understood without adding up again.

    Attributes
    ----------
    cells
        (n_customers × n_columns): the customer's id under its own name, what was measured, and what describes
        the customer; ordered by id.
    account
        What was counted, and how.
    source
        Where the lines stood, and what was said about them.
    digest
        SHA-256 over the lines and how they were added up.
    """

    cells: pd.DataFrame
    account: AggregationReport
    source: Source
    digest: str

    @property
    def name(self) -> str:
        """What the table is called on the screen."""
        return f"{self.source.name}: customers"

    def understood(self, options: object = None, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:  # noqa: ARG002
        """Return the customers as a table like any other.

        Parameters
        ----------
        options
            Not looked at: nothing is read here. Tables that were read take the user's word on reading.
        kinds
            The user's own word for some columns, by name.
        """
        told = dict(kinds or {})
        id_name, *_ = self.cells.columns
        kinds_known = {id_name: self.source.id_kind, **_stores(self.cells), **told}
        digest = hashlib.sha256(f"{self.digest}{sorted(told.items())}".encode())
        dataset = dataset_of(
            self.cells,
            Cells.of(self.cells).inferred(WordOnColumns(kinds=kinds_known)),
            self.name,
            fingerprint=digest.hexdigest(),
            notes=(*self.source.notes, *report_notes(self.account)),
        )
        dataset = replace(dataset, dialect=self.source.dialect, reading=self._reading(told))
        if self.source.left_out is not None:
            dataset = replace(dataset, left_out=self.source.left_out)
        columns = tuple(explained(column, self.account, id_name, told) for column in dataset.columns)
        return propose_features(replace(dataset, columns=columns))

    def _reading(self, told: Mapping[str, ColumnKind]) -> dict[str, object]:
        """Return what is to be said for the lines to become these customers again."""
        said = {**self.source.reading, **self.account.purchases.roles}
        if not self.account.is_default:
            said["snapshot_date"] = self.account.snapshot.isoformat()
        if self.account.purchases.returns is Returns.LEFT_OUT:
            said["returns"] = "gross"
        if told:
            said["kind"] = [f"{name}={kind.value}" for name, kind in sorted(told.items())]
        return said


class RowType(StrEnum):
    """What the rows of a file are taken for."""

    RECOGNISED = "recognised"
    CUSTOMERS = "customers"
    TRANSACTIONS = "transactions"


def as_customers(
    rows: Dataset,
    meaning: RowType = RowType.RECOGNISED,
    snapshot: date | None = None,
    kinds: Mapping[str, ColumnKind] | None = None,
    columns: Mapping[str, str] | None = None,
    returns: Returns | None = None,
) -> Dataset:
    """Return the rows as they are when they are customers, and the customers behind them when they are purchases.

    Parameters
    ----------
    rows
        A table that was read.
    meaning
        What a row is; recognised when nothing is said.
    snapshot
        The day that recency counts back from; the day after the last purchase when nothing is said.
    kinds
        The user's own word for some columns of the customers behind purchases.
    columns
        The user's word on which column holds what, such as {"customer": "Name", "amount": "Sales"}; rows of which
        columns are named so are purchases.
    returns
        Whether spend is net (SUBTRACTED) or gross (LEFT_OUT); net when nothing is said.

    Raises
    ------
    NoPurchasesError
        If they are said to be purchases and a column for the customer, the date or the amount is missing.
    NoCustomersError
        If no line is a purchase of a known customer.
    """
    if meaning is RowType.CUSTOMERS:
        return rows
    if meaning is RowType.TRANSACTIONS or columns:
        return customers_from(rows, find_purchases(rows, columns, returns), snapshot).understood(kinds=kinds)
    found = recognise_purchases(rows)
    if found is None:
        return rows
    purchases = replace(found.purchases, returns=returns or found.purchases.returns)
    return saying_why(customers_from(rows, purchases, snapshot), found.reason, kinds)


# Adding up takes seconds for large files; a table never changes after it was made.
_BEHIND: WeakKeyDictionary[Dataset, CustomerTable | None] = WeakKeyDictionary()


def customers_behind(rows: Dataset) -> CustomerTable | None:
    """Return the customers behind rows that are recognised as purchases; None where they are none, or make none."""
    if rows not in _BEHIND:
        found = recognise_purchases(rows)
        try:
            _BEHIND[rows] = customers_from(rows, found.purchases) if found else None
        except SegmenterError:
            _BEHIND[rows] = None
    return _BEHIND[rows]


def saying_why(table: CustomerTable, reason: str, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:
    """Return the customers, with a note on why the rows were taken for purchases."""
    customers = table.understood(kinds=kinds)
    taken = Note(f"{table.source.name} was taken for a file of purchases: {reason}. If each row is a customer, say so.")
    return replace(customers, notes=(taken, *customers.notes))


def customers_from(lines: Dataset, purchases: Purchases, snapshot: date | None = None) -> CustomerTable:
    """Add the lines of purchases up to customers.

    Parameters
    ----------
    snapshot
        The day that recency counts back from; later lines do not count. The day after the last purchase when
        nothing is said.

    Raises
    ------
    UnknownColumnError, UnsuitableColumnError
        If a column is not there, or holds what its part can't use.
    NoCustomersError
        If no line is a purchase of a known customer.
    """
    check_columns(lines, purchases)
    try:
        found, tally = _added_up(lines, purchases, snapshot, _PIECE)
    except FirstChunkMismatchError:
        found, tally = _added_up(lines, purchases, snapshot, len(lines.frame))
    said = tuple(note for note in lines.notes if note.column is None or note.column in purchases.sources.values())
    is_personal = lines.column(purchases.customer).kind is ColumnKind.PERSONAL
    kind = ColumnKind.PERSONAL if is_personal else ColumnKind.IDENTIFIER
    source = Source(lines.name, lines.fingerprint, said, lines.dialect, lines.left_out, kind, lines.reading)
    return customer_table(found, tally, purchases, snapshot, source)


def customer_table(
    found: pl.DataFrame, tally: LineCounts, purchases: Purchases, snapshot: date | None, source: Source
) -> CustomerTable:
    """Return what a ledger found as a table of customers.

    Raises
    ------
    NoCustomersError
        If there is none.
    """
    day = snapshot or snapshot_after(found["last_order"])
    if not len(found) or day is None:
        raise NoCustomersError(tally.lines)
    said = json.dumps([source.fingerprint, purchases.as_plain(), day.isoformat()])
    digest = hashlib.sha256(said.encode()).hexdigest()
    cells = _to_pandas(found, purchases)
    without_order = int((found["orders"] == 0).sum())
    account = AggregationReport(
        purchases, tally, len(cells), day, is_default=snapshot is None, without_order=without_order
    )
    return CustomerTable(cells, account, source, digest)


def check_columns(lines: Dataset, purchases: Purchases) -> None:
    """Refuse columns that are not there or can't play their part."""
    names = [column.name for column in lines.columns]
    unknown = [name for name in purchases.sources.values() if name not in names]
    if unknown:
        raise UnknownColumnError(unknown, names)
    for role, name in purchases.roles.items():
        values = lines.frame[name]
        if role == "date" and not pd.api.types.is_datetime64_any_dtype(values.dtype):
            raise UnsuitableColumnError(name, role, "dates")
        if role in MEASURES and not pd.api.types.is_numeric_dtype(values.dtype):
            raise UnsuitableColumnError(name, role, "numbers")


def _added_up(
    lines: Dataset, purchases: Purchases, snapshot: date | None, step: int
) -> tuple[pl.DataFrame, LineCounts]:
    ledger = RfmAggregator(purchases, snapshot)
    try:
        for piece in _pieces(lines, purchases, step):
            ledger.add(piece)
    except AmountTooLargeError as error:
        role = "amount" if purchases.amount else "price"
        raise UnsuitableColumnError(
            purchases.roles[role], role, "amounts of at most a hundred thousand million"
        ) from error
    return ledger.finish()


def _pieces(lines: Dataset, purchases: Purchases, step: int) -> Iterator[Chunk]:
    for start in range(0, len(lines.frame), step):
        rows = slice(start, start + step)
        yield to_chunk(
            pa.table({role: line_cells(lines, role, name, rows) for role, name in purchases.sources.items()})
        )


def line_cells(lines: Dataset, role: str, name: str, rows: slice) -> pa.Array:
    """Return some rows of a column in the type that a ledger takes."""
    if role == "date":
        return pa.array(lines.frame[name].iloc[rows].to_numpy(dtype="datetime64[us]"))
    if role in MEASURES:
        return pa.array(lines.frame[name].iloc[rows].to_numpy(dtype=np.float64))
    return to_arrow(as_text(lines.original[name].iloc[rows]))


def _to_pandas(found: pl.DataFrame, purchases: Purchases) -> pd.DataFrame:
    names = {"customer": purchases.customer, **{f"attribute {at}": one for at, one in enumerate(purchases.attributes)}}
    columns = [_column(found[name]) for name in found.columns]
    return pd.DataFrame(dict(enumerate(columns))).set_axis([names.get(name, name) for name in found.columns], axis=1)


def _column(values: pl.Series) -> pd.Series:
    if values.dtype == pl.Date:
        return pd.Series(values.cast(pl.Datetime("us")).to_numpy())
    if values.dtype == pl.String:
        return pd.Series(values.to_list(), dtype=pd.StringDtype(na_value=np.nan))
    return pd.Series(values.to_numpy())


def _stores(cells: pd.DataFrame) -> dict[str, ColumnKind]:
    # The name says store, but what is meant is the customer's habit.
    name = "favourite_store"
    return {name: ColumnKind.CATEGORY} if name in cells.columns and len(cells[name].unique()) > 2 else {}
