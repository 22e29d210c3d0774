"""What is said about a customer, from the sums of its lines?"""

from datetime import date, timedelta
from typing import Final

import polars as pl

from segmenter.core.transactions.purchases import Purchases

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def measured(customers: pl.DataFrame, purchases: Purchases, snapshot: date | None) -> pl.DataFrame:
    """Turn sums into what is said about a customer."""
    bought = pl.col("n_bought") > 0
    customers = customers.with_columns(
        _day(pl.when(bought).then("first").otherwise("first_other")).alias("first_order"),
        _day(pl.when(bought).then("last").otherwise("last_other")).alias("last_order"),
    )
    day = pl.lit(snapshot or snapshot_after(customers["last_order"]), pl.Date)
    names = [
        "customer",
        "recency_days",
        "orders",
        "spend",
        "average_order_value",
        "first_order",
        "last_order",
        "days_as_customer",
        *(["items"] if purchases.quantity else []),
        *(["distinct_products"] if purchases.product else []),
        "share_of_returns",
        "favourite_weekday",
        *(["favourite_store"] if purchases.store else []),
        *(name for name in customers.columns if name.startswith("attribute ")),
    ]
    return customers.with_columns(
        (day - pl.col("last_order")).dt.total_days().alias("recency_days"),
        (day - pl.col("first_order")).dt.total_days().alias("days_as_customer"),
        (pl.col("spend") / pl.max_horizontal("orders", 1)).alias("average_order_value"),
        (pl.col("n_returns") / pl.col("n_lines")).alias("share_of_returns"),
        pl.col("favourite_weekday").replace_strict(range(7), WEEKDAYS, default=None, return_dtype=pl.String),
    ).select(names)


def snapshot_after(last_orders: pl.Series) -> date | None:
    """Return the day after the last order; None when there is none."""
    last = last_orders.max()
    if not isinstance(last, date):
        return None
    # Some systems write 9999-12-31 for "never"; there is no day after it.
    return last + timedelta(days=1) if last < date.max else last


def _day(moment: pl.Expr) -> pl.Expr:
    return moment.cast(pl.Datetime("us")).dt.date()
