"""Classes of purchase lines: bought, returned, cancelled, free, incomplete."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from segmenter.purchases.spec import Purchases

# One array a column, one entry a line.
Arrays = Mapping[str, np.ndarray]

# The classes of lines, named as in `LineCounts`; the first that fits counts.
CLASSES: Final = ("without_customer", "incomplete", "later", "cancelled", "returned", "free", "purchases")
CLASS: Final = {name: number for number, name in enumerate(CLASSES)}

_YES: Final = ("1", "1.0", "true", "t", "yes", "y", "ja", "x", "c", "void", "voided", "storno", "storniert")
_CANCEL_WORDS: Final = r"(?i)cancel|return|refund|revers|chargeback"
_NOT_CANCELLED: Final = r"(?i)^(?:not|no|un|non)\b|^un|^not?[ _-]"


def some(arrays: Arrays, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """Return some of the lines."""
    return {name: values[chosen] for name, values in arrays.items()}


def are_numbers(orders: pl.Series) -> np.ndarray:
    """Tell which order ids are digits and nothing else."""
    return _flags(orders.str.contains(r"^\d+$"))


def are_marked(orders: pl.Series) -> np.ndarray:
    """Tell which order ids are those of cancellations: C and digits."""
    return _flags(orders.str.contains(r"^[Cc]\d+$"))


def say_cancelled(marks: pl.Series) -> np.ndarray:
    """Tell which marks such as "yes", "cancelled" or "not returned" say that a line is cancelled."""
    word = marks.str.contains(_CANCEL_WORDS) & ~marks.str.contains(_NOT_CANCELLED)
    return _flags(marks.str.to_lowercase().is_in(_YES) | word)


def classes_of(lines: Arrays, purchases: Purchases, snapshot: date | None) -> np.ndarray:
    """Return the class of each line, (n_lines,) uint8.

    Parameters
    ----------
    lines
        `customer` (-1 for missing), `date`, `spent`, `quantity` (NaN for missing) and `is_cancelled`.
    """
    spent, quantity, when = lines["spent"], lines["quantity"], lines["date"]
    free = (spent == 0) | (quantity == 0)
    tests = {
        "without_customer": lines["customer"] < 0,
        "incomplete": np.isnat(when) | np.isnan(spent) | np.isnan(quantity),
        "later": when >= np.datetime64(snapshot + timedelta(days=1)) if snapshot else np.zeros(len(when), np.bool_),
        "cancelled": lines["is_cancelled"],
        "returned": (spent < 0) | (quantity < 0),
        "free": np.zeros(len(when), np.bool_) if purchases.free_is_bought else free,
    }
    numbers = [np.uint8(CLASS[name]) for name in tests]
    return np.select(list(tests.values()), numbers, np.uint8(CLASS["purchases"]))


def _flags(found: pl.Series) -> np.ndarray:
    return found.fill_null(value=False).to_numpy()
