"""Roles of the columns of purchase lines, and what counts as a purchase.

Kept apart from pandas, so that the process that reads files can use it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Final, Self

ROLES: Final = ("customer", "date", "amount", "quantity", "price", "order", "product", "store", "cancelled")
MEASURES: Final = frozenset({"amount", "quantity", "price"})


class Returns(StrEnum):
    """What happens to lines that give money back."""

    LEFT_OUT = "left out"
    SUBTRACTED = "subtracted"


@dataclass(frozen=True)
class Purchases:
    """Which column of a file of purchase lines holds what; empty where there is none.

    Attributes
    ----------
    customer, date
        Who bought, and when.
    amount
        What the line came to; without it, `quantity` times `price`.
    order
        What the lines of one order share; without it, an order is all that a customer buys on one day.
    cancelled
        A mark such as "yes" or "cancelled". Order ids such as C536379 among plain numbers are one, too.
    returns
        SUBTRACTED: spend is net. Money that came back lowers it, an order that was cancelled in whole is none, and
        customers who only gave something back have no order. LEFT_OUT: spend is gross. Cancelled and returned lines
        are left out, and so are customers without a purchase. In a file that has amounts alone, an amount of 0 is a
        purchase that a promotion paid under SUBTRACTED.
    attributes
        Columns that may describe the customer rather than the purchase, such as a birth date or a city.
    """

    customer: str
    date: str
    amount: str = ""
    quantity: str = ""
    price: str = ""
    order: str = ""
    product: str = ""
    store: str = ""
    cancelled: str = ""
    returns: Returns = Returns.SUBTRACTED
    attributes: tuple[str, ...] = ()

    @property
    def roles(self) -> dict[str, str]:
        """Role → column, for the roles that a column has."""
        return {role: getattr(self, role) for role in ROLES if getattr(self, role)}

    @property
    def sources(self) -> dict[str, str]:
        """Name used while counting → column: the roles, and `attribute 0`, `attribute 1`, …."""
        return {**self.roles, **{f"attribute {at}": column for at, column in enumerate(self.attributes)}}

    def as_plain(self) -> dict[str, object]:
        """Return the columns as a JSON-ready mapping."""
        return asdict(self)

    @property
    def free_is_bought(self) -> bool:
        """Whether a line that cost nothing is a purchase: where nothing but amounts could tell."""
        return self.returns is Returns.SUBTRACTED and not (self.quantity or self.cancelled)

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Return the columns that `as_plain` wrote."""
        texts = {each.name: str(plain[each.name]) for each in fields(cls) if each.name in ROLES}
        attributes = plain["attributes"]
        assert isinstance(attributes, list | tuple)
        returns = Returns(str(plain["returns"]))
        return cls(**texts, returns=returns, attributes=tuple(str(each) for each in attributes))


@dataclass(frozen=True)
class LineCounts:
    """How many lines there were, and why some did not count; each line stands in one of the counts.

    Attributes
    ----------
    incomplete
        Lines without a date or an amount.
    later
        Lines after the snapshot date.
    returned
        Lines with a negative quantity or amount that are not marked as cancelled.
    free
        Lines with an amount or a quantity of 0, where those are left out.
    cancelled_anywhere
        Cancelled lines with or without a customer.
    customers_seen
        Customers with any line that has a date and an amount.
    orders_cancelled
        Orders that a later cancellation gave back in whole.
    worth_…
        What the lines of a class came to, in millionths; lines without an amount come to nothing.
    worth_counted
        The sum of what entered the spend of customers, in millionths.
    """

    lines: int = 0
    without_customer: int = 0
    incomplete: int = 0
    later: int = 0
    cancelled: int = 0
    returned: int = 0
    free: int = 0
    purchases: int = 0
    cancelled_anywhere: int = 0
    customers_seen: int = 0
    orders_cancelled: int = 0
    worth_without_customer: int = 0
    worth_incomplete: int = 0
    worth_later: int = 0
    worth_cancelled: int = 0
    worth_returned: int = 0
    worth_free: int = 0
    worth_purchases: int = 0
    worth_counted: int = 0

    def __add__(self, other: "LineCounts") -> "LineCounts":
        return LineCounts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))
