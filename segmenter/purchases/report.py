"""The report on an aggregation: counts, conventions, meaning of columns."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from segmenter.purchases.spec import LineCounts, Purchases, Returns
from segmenter.table.dataset import Column, ColumnKind
from segmenter.table.notes import Note

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
    """

    purchases: Purchases
    tally: LineCounts
    n_customers: int
    snapshot: date
    is_default: bool = True


def report_notes(account: AggregationReport) -> tuple[Note, ...]:
    """Say what the lines became, which did not count, and by which convention."""
    tally = account.tally
    became = f"{tally.lines:,} lines of purchases became {account.n_customers:,} customers."
    left = "; ".join(f"{count:,} {what}" for what, count in not_counted(account).items())
    lost = tally.customers_seen - account.n_customers
    cancelled = tally.cancelled_anywhere if tally.cancelled_anywhere > tally.cancelled else 0
    sentences = [
        became,
        f"Of the lines, {tally.purchases:,} are purchases; {left}." if left else "Every line is a purchase.",
        *([f"With those without a customer, {cancelled:,} lines are cancelled."] if cancelled else []),
        *([f"{lost:,} customers have no purchase left and are not in the table."] if lost else []),
    ]
    return Note(" ".join(sentences)), Note(convention(account)), *_ahead_of_time(account)


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
    tally, subtracted = account.tally, account.purchases.returns is Returns.SUBTRACTED
    given_back = "lower the spend" if subtracted else "are left out"
    counts = {
        "have no customer id and are left out": tally.without_customer,
        "have no date or no amount and are left out": tally.incomplete,
        f"are later than {account.snapshot} and are left out": tally.later,
        f"are cancelled and {given_back}": tally.cancelled,
        f"give something back and {given_back}": tally.returned,
        "cost nothing and are left out": tally.free,
    }
    return {what: count for what, count in counts.items() if count}


def convention(account: AggregationReport) -> str:
    """Say how recency, orders and spend are counted; systems differ in each of them."""
    purchases = account.purchases
    day = f"{account.snapshot}" + (", the day after the last order" if account.is_default else "")
    order = f"different {purchases.order}" if purchases.order else "days with a purchase"
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
        "spend": f"sum of {_worth(purchases)}",
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
        return "every line counts, and money given back lowers the spend"
    return "cancelled lines, lines that give something back and lines that cost nothing are no purchases"
