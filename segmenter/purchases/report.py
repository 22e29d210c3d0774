"""The report on an aggregation: counts, conventions, meaning of columns."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import pandas as pd

from segmenter.purchases.spec import LineCounts, Purchases, Returns
from segmenter.table.dataset import Column, ColumnKind
from segmenter.table.notes import Note

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
    return Note(" ".join(sentences)), *_money(account), Note(convention(account)), *_ahead_of_time(account)


def _money(account: AggregationReport) -> list[Note]:
    """Say what all lines came to, and what became of it."""
    rows = reconciliation(account)
    if len(rows) <= 2:
        return []
    parts = [
        f"{amount:+,.2f} in lines that {what}" for what, amount in zip(rows["Lines that"], rows["Amount"], strict=True)
    ]
    tally = account.tally
    net = tally.worth_counted / _PER_UNIT
    text = f"The amounts add up: {'; '.join(parts[:-1])}; {rows['Amount'].iloc[-1]:,.2f} in all. Spend is {net:,.2f}."
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
