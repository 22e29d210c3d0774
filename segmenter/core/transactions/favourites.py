"""Which of several values belongs to a customer most?"""

from typing import Final

import polars as pl

# From this share on of the customers with several lines, a value that stays the same describes the customer.
_CONSTANT_SHARE: Final = 0.95


def merging_values() -> list[pl.Expr]:
    """Return how counts of a customer's values are merged."""
    return [pl.col("n").sum(), pl.col("date").max()]


def favourite(values: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return each customer's most frequent value; of equally frequent ones the latest, then the last in order.

    Parameters
    ----------
    values
        `customer`, `value`, `date` and optionally `n`, how often.
    """
    number = pl.col("n").sum() if "n" in values.columns else pl.len().alias("n")
    counted = (
        values.filter(pl.col("value").is_not_null()).group_by("customer", "value").agg(number, pl.col("date").max())
    )
    ordered = counted.sort("customer", "n", "date", "value").group_by("customer", maintain_order=True)
    return ordered.agg(pl.col("value").last().alias(name))


def attributes_of(values: pl.DataFrame) -> bool:
    """Whether a column describes customers: one value for nearly all of those who have it on several lines."""
    per_customer = values.group_by("customer").agg(pl.col("n").sum(), pl.len().alias("n_values"))
    several = per_customer.filter(pl.col("n") > 1)
    if not len(several):
        return False
    return len(several.filter(pl.col("n_values") == 1)) >= _CONSTANT_SHARE * len(several)
