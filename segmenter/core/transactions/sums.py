"""How are numbers added up for many customers at once, to the same sum in any order?"""

from typing import Final

import numpy as np

from segmenter.core.transactions.lines import CLASS, Arrays
from segmenter.core.transactions.purchases import Purchases, Returns

# Amounts are added up as whole units and whole millionths: sums of floats would depend on the order of lines.
PER_UNIT: Final = 1_000_000
# A larger amount on one line is an error; 10 million of them still fit a sum of 64 bits.
LARGEST_AMOUNT: Final = 1e11
# Above so many units, a float holds no millionths anyway.
_EXACT_UNITS: Final = 1 << 43

_EARLY: Final = np.iinfo(np.int64).min
_LATE: Final = np.iinfo(np.int64).max
_STARTS: Final = {
    "n_bought": 0, "n_returns": 0, "n_free": 0, "spend": 0, "spend_rest": 0, "items": 0, "items_rest": 0,
    "first": _LATE, "first_other": _LATE, "last": _EARLY, "last_other": _EARLY,
}  # fmt: skip


class Sums:
    """Sums, minima and maxima, one entry a customer."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases
        self._held = {name: np.full(0, start, np.int64) for name, start in _STARTS.items()}

    def __len__(self) -> int:
        """Return the number of customers so far."""
        return int(np.count_nonzero(self.result()["n_lines"]))

    def add(self, lines: Arrays) -> None:
        """Add lines of known customers."""
        customer, kind = lines["customer"], lines["class"]
        if not len(customer):
            return
        self._make_room(int(customer.max()) + 1)
        bought = kind == CLASS["purchases"]
        np.add.at(self._held["n_bought"], customer[bought], 1)
        when = lines["date"].astype(np.int64)
        self._widen(customer[bought], when[bought], "")
        self._add_amounts("spend", lines["spent"], lines)
        if self._purchases.quantity:
            self._add_amounts("items", lines["quantity"], lines)
        others = ~bought
        if others.any():
            self._add_others(customer[others], when[others], kind[others])

    def result(self) -> dict[str, np.ndarray]:
        """Return one array a measure, one entry a code of a customer; moments are microseconds since 1970.

        `first` and `last` are of purchases, `first_other` and `last_other` of other lines.
        """
        counts = {name: self._held[name] for name in ("n_bought", "n_returns", "n_free")}
        moments = {name: self._held[name] for name in ("first", "last", "first_other", "last_other")}
        n_lines = np.sum(list(counts.values()), axis=0)
        return {**counts, **moments, "n_lines": n_lines, "spend": self._units("spend"), "items": self._units("items")}

    def _add_others(self, customer: np.ndarray, when: np.ndarray, kind: np.ndarray) -> None:
        free = kind == CLASS["free"]
        np.add.at(self._held["n_free"], customer[free], 1)
        np.add.at(self._held["n_returns"], customer[~free], 1)
        self._widen(customer, when, "_other")

    def _make_room(self, n_customers: int) -> None:
        held = len(self._held["n_bought"])
        if n_customers > held:
            more = max(n_customers, 2 * held) - held
            self._held = {
                name: np.concatenate([values, np.full(more, _STARTS[name], np.int64)])
                for name, values in self._held.items()
            }

    def _add_amounts(self, name: str, amounts: np.ndarray, lines: Arrays) -> None:
        counted, customer = self._counted(amounts, lines["class"]), lines["customer"]
        whole = np.floor(counted)
        np.add.at(self._held[name], customer, whole.astype(np.int64))
        rest = np.rint((counted - whole) * PER_UNIT).astype(np.int64)
        if rest.any():
            np.add.at(self._held[f"{name}_rest"], customer, rest)

    def _counted(self, amounts: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Return what each line adds to a sum."""
        if self._purchases.returns is Returns.LEFT_OUT:
            return np.where(kind == CLASS["purchases"], amounts, 0.0)
        return np.where(kind == CLASS["cancelled"], -np.abs(amounts), amounts)

    def _widen(self, customer: np.ndarray, when: np.ndarray, name: str) -> None:
        np.minimum.at(self._held[f"first{name}"], customer, when)
        np.maximum.at(self._held[f"last{name}"], customer, when)

    def _units(self, name: str) -> np.ndarray:
        whole, rest = self._held[name], self._held[f"{name}_rest"]
        exact = np.abs(whole) < _EXACT_UNITS
        # One division of a whole number gives the float nearest to the sum of cents.
        millionths = np.where(exact, whole, 0) * PER_UNIT + rest
        return np.where(exact, 0.0, whole) + millionths / PER_UNIT
