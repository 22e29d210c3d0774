"""What is each line of purchases: bought, given back, cancelled, or none of it?"""

from datetime import date
from typing import Final

import polars as pl

from segmenter.core.kinds.missing import CLEAR_MISSING
from segmenter.core.transactions.purchases import Purchases, Returns

# The classes of lines, named as in `Tally`; the first that fits counts.
CLASSES: Final = ("without_customer", "incomplete", "later", "cancelled", "returned", "free", "purchases")
CLASS: Final = {name: number for number, name in enumerate(CLASSES)}
# Amounts are added up as whole millionths: sums of floats would depend on the order of the lines.
PER_UNIT: Final = 1_000_000
# A larger amount on one line is an error, and would not fit the sums.
LARGEST_AMOUNT: Final = 1e15

_YES: Final = ("1", "1.0", "true", "t", "yes", "y", "ja", "x", "c", "void", "voided", "storno", "storniert")
_CANCEL_WORDS: Final = r"(?i)cancel|return|refund|revers|chargeback"
_NOT_CANCELLED: Final = r"(?i)^(?:not|no|un|non)\b|^un|^not?[ _-]"


def cleaned(name: str) -> pl.Expr:
    """Return text without spaces around it, null where it says that nothing is there."""
    trimmed = pl.col(name).str.strip_chars()
    return pl.when(trimmed.is_in(CLEAR_MISSING)).then(None).otherwise(trimmed).alias(name)


def plain_numbers(name: str) -> pl.Expr:
    """Tell which order ids are digits and nothing else."""
    return pl.col(name).str.contains(r"^\d+$")


def marked_order() -> pl.Expr:
    """Tell which order ids are those of cancellations: C and digits."""
    return pl.col("order").str.contains(r"^[Cc]\d+$").fill_null(value=False)


def cancelled(purchases: Purchases, *, by_order: bool) -> pl.Expr:
    """Tell which lines are cancelled, by a mark or by their order id."""
    says: list[pl.Expr] = [marked_order()] if by_order else []
    if purchases.cancelled:
        mark = pl.col("cancelled")
        word = mark.str.contains(_CANCEL_WORDS) & ~mark.str.contains(_NOT_CANCELLED)
        says.append((mark.str.to_lowercase().is_in(_YES) | word).fill_null(value=False))
    return pl.any_horizontal(says) if says else pl.lit(value=False)


def amount(purchases: Purchases) -> pl.Expr:
    """Return what a line came to."""
    return pl.col("amount") if purchases.amount else pl.col("quantity") * pl.col("price")


def class_of(purchases: Purchases, snapshot: date | None) -> pl.Expr:
    """Return the class of each line; needs the columns `spent` and `is_cancelled`."""
    quantity = pl.col("quantity") if purchases.quantity else pl.lit(1.0)
    day = pl.col("date").dt.date()
    incomplete = pl.col("date").is_null() | pl.col("spent").is_null() | quantity.is_null()
    is_later = day > snapshot if snapshot else pl.lit(value=False)
    free = (pl.col("spent") == 0) | (quantity == 0)
    if purchases.returns is Returns.SUBTRACTED:
        free = pl.lit(value=False)
    tests = {
        "without_customer": pl.col("customer").is_null(),
        "incomplete": incomplete,
        "later": is_later,
        "cancelled": pl.col("is_cancelled"),
        "returned": (pl.col("spent") < 0) | (quantity < 0),
        "free": free,
    }
    chosen = pl.lit(CLASS["purchases"], pl.UInt8)
    for name in reversed(CLASSES[:-1]):
        chosen = pl.when(tests[name]).then(pl.lit(CLASS[name], pl.UInt8)).otherwise(chosen)
    return chosen.alias("class")


def millionths(name: str, purchases: Purchases) -> pl.Expr:
    """Return a number of each line as whole millionths, as far as the line counts."""
    number = pl.col(name)
    left_out = purchases.returns is Returns.LEFT_OUT
    counted = is_class("purchases") if left_out else pl.lit(value=True)
    cancelled_again = pl.when(is_class("cancelled")).then(-number.abs()).otherwise(number)
    return pl.when(counted).then((cancelled_again * PER_UNIT).round()).otherwise(0.0).cast(pl.Int128)


def is_class(*names: str) -> pl.Expr:
    """Tell which lines are of one of some classes."""
    return pl.any_horizontal([pl.col("class") == CLASS[name] for name in names])
