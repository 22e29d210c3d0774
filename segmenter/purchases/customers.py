"""Customers from purchase lines: the table, its report, the columns proposed for segmenting, and orders one by one."""

import hashlib
import json
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from segmenter.display import counted, listed, number_text
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import UnknownColumnError
from segmenter.errors.reading import NoCustomersError, UnsuitableColumnError
from segmenter.prepare.suggest import suggest_features
from segmenter.purchases.aggregate import (
    BETWEEN_FORMER,
    AmountTooLargeError,
    FirstChunkMismatchError,
    RfmAggregator,
    snapshot_after,
)
from segmenter.purchases.dictionary import CLASS, Chunk, to_chunk
from segmenter.purchases.recognition import doubts_about, find_purchases, recognise_purchases
from segmenter.purchases.spec import MEASURES, LineCounts, Purchases, Returns
from segmenter.recipe.recipe import FeatureSpec, Role, Transform
from segmenter.table.columns import WordOnColumns, dataset_of
from segmenter.table.dataset import Column, ColumnKind, Dataset, Dialect, FormerContacts, Note
from segmenter.table.infer.cells import to_arrow
from segmenter.table.infer.in_worker import Cells
from segmenter.table.infer.infer_type import as_text

_PER_UNIT: Final = 1_000_000
_SAY_ENOUGH: Final = frozenset({ColumnKind.CONSTANT, ColumnKind.NEAR_EMPTY})
_AMOUNTS: Final = frozenset({"spend", "average_order_value"})


@dataclass(frozen=True)
class AggregationReport:
    """What was counted, and how.

    Attributes
    ----------
    snapshot
        The day that recency counts back from.
    is_default
        Whether that is the day after the last purchase, rather than the user's word.
    without_order
        How many of the customers have no order left: they gave back all that they bought, or bought before the file.
    """

    purchases: Purchases
    tally: LineCounts
    n_customers: int
    snapshot: date
    is_default: bool = True
    without_order: int = 0


def report_notes(account: AggregationReport) -> tuple[Note, ...]:
    """Say what the lines became, which did not count, and by which convention."""
    tally = account.tally
    became = f"{counted(tally.lines, 'line')} of purchases became {counted(account.n_customers, 'customer')}."
    left = "; ".join(f"{count:,} {what}" for what, count in not_counted(account).items())
    lost = tally.customers_seen - account.n_customers
    cancelled = tally.cancelled_anywhere if tally.cancelled_anywhere > tally.cancelled else 0
    sentences = [
        became,
        f"Of the lines, {tally.purchases:,} are purchases; {left}." if left else "Every line is a purchase.",
        *([f"With those without a customer, {cancelled:,} lines are cancelled."] if cancelled else []),
        *([f"{lost:,} customers have no purchase left and are not in the table."] if lost > 1 else []),
        *(["1 customer has no purchase left and is not in the table."] if lost == 1 else []),
    ]
    return Note(" ".join(sentences)), *_money(account), Note(convention(account)), *_ahead_of_time(account)


def _money(account: AggregationReport) -> list[Note]:
    """Say what all lines came to, and what became of it."""
    rows = reconciliation(account)
    if len(rows) <= 2:
        return []
    parts = [
        f"{number_text(amount, 2, signed=True)} in lines that {what}"
        for what, amount in zip(rows["Lines that"], rows["Amount"], strict=True)
    ]
    tally = account.tally
    net = tally.worth_counted / _PER_UNIT
    total = number_text(rows["Amount"].iloc[-1], 2)
    text = f"The amounts add up: {'; '.join(parts[:-1])}; {total} in all. Spend is {number_text(net, 2)}."
    gone = tally.orders_cancelled
    if gone:
        text += (
            " 1 order was cancelled in whole and counts as none."
            if gone == 1
            else f" {gone:,} orders were cancelled in whole and count as none."
        )
    if account.without_order:
        who = "1 customer has" if account.without_order == 1 else f"{account.without_order:,} customers have"
        text += f" {who} no order left, as everything was given back: no dates and no average, and no segment by those."
    return [Note(text)]


def reconciliation(account: AggregationReport) -> pd.DataFrame:
    """Return one row for each reason why lines count or don't, and one for all lines.

    Returns
    -------
    DataFrame
        `Lines that`, `Lines`, `Amount` (what they come to in the file) and `In spend` (what of it is spend). The last
        row is the sum of the others, and of the whole file.
    """
    tally, words = account.tally, {"purchases": "are purchases", **_reasons(account)}
    counted = {"purchases": tally.worth_purchases}
    if account.purchases.returns is Returns.SUBTRACTED:
        # What is cancelled by a mark was never sold, and gives nothing back.
        counted["returned"] = tally.worth_returned
        counted["cancelled"] = tally.worth_counted - tally.worth_purchases - tally.worth_returned
    rows = [
        (what, getattr(tally, name), getattr(tally, f"worth_{name}") / _PER_UNIT, counted.get(name, 0) / _PER_UNIT)
        for name, what in words.items()
        if getattr(tally, name)
    ]
    worth = sum(getattr(tally, f"worth_{name}") for name in words) / _PER_UNIT
    rows.append(("are in the file", tally.lines, worth, tally.worth_counted / _PER_UNIT))
    return pd.DataFrame(rows, columns=["Lines that", "Lines", "Amount", "In spend"])


def _ahead_of_time(account: AggregationReport) -> list[Note]:
    tomorrow = date.today() + timedelta(days=1)
    if not account.is_default or account.snapshot <= tomorrow:
        return []
    text = (
        f"The last order is dated after today, and recency counts back from {account.snapshot}. Set the snapshot date "
        "to leave such lines out."
    )
    return [Note(text, warning=True)]


def not_counted(account: AggregationReport) -> dict[str, int]:
    """Return how many lines are no purchases, by the reason in words; only reasons that occur."""
    reasons = _reasons(account)
    return {what: getattr(account.tally, name) for name, what in reasons.items() if getattr(account.tally, name)}


def _reasons(account: AggregationReport) -> dict[str, str]:
    net, tally = account.purchases.returns is Returns.SUBTRACTED, account.tally
    given_back = "lower the spend" if net else "are left out"
    # By a mark, the sale itself is cancelled: nothing was paid, and nothing comes back.
    lowered = net and tally.worth_counted != tally.worth_purchases + tally.worth_returned
    return {
        "without_customer": "have no customer id and are left out",
        "incomplete": "have no date or no amount and are left out",
        "later": f"are later than {account.snapshot} and are left out",
        "cancelled": "are cancelled and lower the spend" if lowered else "are cancelled and are left out",
        "returned": f"give something back and {given_back}",
        "free": "cost nothing and are left out",
    }


def convention(account: AggregationReport) -> str:
    """Say how recency, orders and spend are counted; systems differ in each of them."""
    purchases = account.purchases
    day = f"{account.snapshot}" + (", the day after the last order" if account.is_default else "")
    order = (
        f"the number of different values of {purchases.order}"
        if purchases.order
        else "the number of days with a purchase"
    )
    return (
        f"How it is counted: recency_days from the last order to {day}; orders as {order}; spend as the sum of "
        f"{_worth(purchases)} over all orders, not their mean; {_returns(purchases)}."
    )


def explained(column: Column, account: AggregationReport, id_name: str, told: Container[str]) -> Column:
    """Return what a column is, with what it measures as the reason; `told` are the user's own words."""
    if column.name in told:
        return column
    if column.name == id_name:
        return replace(column, reason="names the customer, as in the lines")
    meaning = meanings(account).get(column.name)
    if meaning is None or column.kind in _SAY_ENOUGH:
        return column
    kind = ColumnKind.MONEY if column.name in _AMOUNTS else column.kind
    return replace(column, kind=kind, reason=meaning)


def meanings(account: AggregationReport) -> dict[str, str]:
    """Return what each measured column says about a customer."""
    purchases, day = account.purchases, account.snapshot
    return {
        "recency_days": f"days from the last order to {day}",
        "orders": f"different {purchases.order}" if purchases.order else "days with a purchase",
        "spend": f"sum of {_worth(purchases)}"
        + (", less what was given back" if purchases.returns is Returns.SUBTRACTED else ", before anything came back"),
        "average_order_value": "spend divided by orders",
        "first_order": "day of the first order",
        "last_order": "day of the last order",
        "days_as_customer": f"days from the first order to {day}",
        "items": f"sum of {purchases.quantity}",
        "distinct_products": f"different {purchases.product}",
        "share_of_returns": "share of the customer's lines that were cancelled or given back, 0 to 1",
        "favourite_weekday": "weekday of most orders, of equal ones the latest",
        "favourite_store": f"{purchases.store} of most orders, of equal ones the latest",
    }


def _worth(purchases: Purchases) -> str:
    return purchases.amount or f"{purchases.quantity} × {purchases.price}"


def _returns(purchases: Purchases) -> str:
    if purchases.returns is Returns.SUBTRACTED:
        return "spend is net: money given back lowers it, and an order that was cancelled in whole counts as none"
    return (
        "spend is gross: cancelled lines, lines that give something back and lines that cost nothing are no purchases"
    )


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
    return [Note(f"{listed(logged)} {verb} strongly skewed and taken as logarithm. {few}")]


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
    former
        Addresses that customers had beside the one in their cell; None where there are none.
    """

    cells: pd.DataFrame
    account: AggregationReport
    source: Source
    digest: str
    former: FormerContacts | None = None

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
            notes=(*self.source.notes, *report_notes(self.account), *self._former_notes()),
        )
        dataset = replace(dataset, dialect=self.source.dialect, reading=self._reading(told), former=self.former)
        if self.source.left_out is not None:
            dataset = replace(dataset, left_out=self.source.left_out)
        columns = tuple(explained(column, self.account, id_name, told) for column in dataset.columns)
        return propose_features(replace(dataset, columns=columns))

    def _former_notes(self) -> tuple[Note, ...]:
        if self.former is None:
            return ()
        text = (
            f"{self.former.values['customer'].nunique():,} customers have had several e-mail addresses or telephone "
            "numbers. The most frequent stands in the table; people to leave out are found by all of them, also in the "
            "labelled file, whose column former_contacts holds the others."
        )
        return (Note(text),)

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
        return customers_from(rows, find_purchases(rows, columns, returns), snapshot, columns or ()).understood(
            kinds=kinds
        )
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


# Where to say it depends on who is asked: the page has a choice, the command line an option.
SAY_SO: Final = "If each row is a customer, say so."


def saying_why(table: CustomerTable, reason: str, kinds: Mapping[str, ColumnKind] | None = None) -> Dataset:
    """Return the customers, with a note on why the rows were taken for purchases."""
    customers = table.understood(kinds=kinds)
    taken = Note(f"{table.source.name} was taken for a file of purchases: {reason}. {SAY_SO}", asks=True)
    return replace(customers, notes=(taken, *customers.notes))


def customers_from(
    lines: Dataset, purchases: Purchases, snapshot: date | None = None, named: Collection[str] = ()
) -> CustomerTable:
    """Add the lines of purchases up to customers.

    Parameters
    ----------
    snapshot
        The day that recency counts back from; later lines do not count. The day after the last purchase when
        nothing is said.
    named
        The parts whose columns are the user's word; what is doubtful of the others is said in a note.

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
    said += doubts_about(lines, purchases, named)
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
    was = [name for name in found.columns if name.startswith("former ")]
    cells = _to_pandas(found.drop(was), purchases)
    without_order = int((found["orders"] == 0).sum())
    account = AggregationReport(
        purchases, tally, len(cells), day, is_default=snapshot is None, without_order=without_order
    )
    return CustomerTable(cells, account, source, digest, _former(found, was, purchases.customer))


def _former(found: pl.DataFrame, names: list[str], id_column: str) -> FormerContacts | None:
    parts = [found.select("customer", pl.col(name).str.split(BETWEEN_FORMER).alias("value")) for name in names]
    values = pl.concat(parts).drop_nulls().explode("value") if parts else pl.DataFrame()
    if not len(values):
        return None
    texts = {name: pd.Series(values[name].to_list(), dtype=pd.StringDtype(na_value=np.nan)) for name in values.columns}
    return FormerContacts(id_column, pd.DataFrame(texts))


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


def purchase_lines(
    lines: Dataset, purchases: Purchases, snapshot: date | None = None, *, with_free: bool = False
) -> pd.DataFrame:
    """Return the lines that are purchases of known customers, in file order.

    Returned, cancelled and free lines are no purchases, whatever is done with them in the spend.

    Parameters
    ----------
    lines
        The file's own rows.
    purchases
        Which columns hold what.
    snapshot
        The last day that counts; all days where it is None.
    with_free
        Whether lines that cost nothing come along, with an amount of 0: they are visits, if no revenue.

    Returns
    -------
    DataFrame
        `customer` (text), `day` (datetime64), `amount` (float64), `order` (a number that lines of one order of one
        customer share) and, where the file has one, `product` (text, missing where there is none).

    Raises
    ------
    UnknownColumnError, UnsuitableColumnError
        If a column is not there, or holds what its part can't use.
    NoCustomersError
        If no line is a purchase of a known customer.
    """
    check_columns(lines, purchases)
    whole = slice(0, len(lines.frame))
    cells = {role: line_cells(lines, role, name, whole) for role, name in purchases.sources.items()}
    chunk = to_chunk(pa.table(cells))
    classified = RfmAggregator(purchases, snapshot).classified(chunk)
    wanted = [CLASS["purchases"], *([CLASS["free"]] if with_free else [])]
    bought = np.flatnonzero(np.isin(classified["class"], wanted))
    if not (classified["class"][bought] == CLASS["purchases"]).any():
        raise NoCustomersError(len(lines.frame))
    table = {
        "customer": _texts(chunk.texts["customer"].texts, chunk.texts["customer"].places[bought]),
        "day": classified["date"][bought].astype("datetime64[D]").astype("datetime64[s]"),
        "amount": np.where(classified["class"][bought] == CLASS["free"], 0.0, classified["spent"][bought]),
        "order": classified["order"][bought],
    }
    if purchases.product:
        product = chunk.texts["product"]
        table["product"] = _texts(product.texts, product.places[bought])
    return pd.DataFrame(table)


def _texts(texts: pl.Series, places: np.ndarray) -> pd.Series:
    known = pd.Series([*texts.to_list(), None], dtype=pd.StringDtype(na_value=np.nan))
    return known.iloc[places].reset_index(drop=True)
