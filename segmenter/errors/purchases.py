"""Errors of purchase lines."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError

_WANTED = {
    "customer": "a customer id",
    "date": "the date of the purchase",
    "amount": "an amount, or a quantity and a unit price",
}


class NoPurchasesError(SegmenterError):
    """The file lacks columns that purchases need."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(missing)
        self.missing = tuple(missing)

    def __str__(self) -> str:
        wanted = " and ".join(_WANTED.get(role, role) for role in self.missing)
        return (
            f"These rows can't be read as purchases: no column was found for {wanted}. "
            "Choose the columns on the Data page, or use the file as customers."
        )


class UnsuitableColumnError(SegmenterError):
    """A column was given a part that its values can't play."""

    def __init__(self, column: str, role: str, needs: str) -> None:
        super().__init__(column, role, needs)
        self.column, self.role, self.needs = column, role, needs

    def __str__(self) -> str:
        return f"The column {self.column!r} can't be the {self.role}: that takes {self.needs}. Choose another column."


class NoCustomersError(SegmenterError):
    """No line is a purchase of a known customer."""

    def __init__(self, lines: int) -> None:
        super().__init__(lines)
        self.lines = lines

    def __str__(self) -> str:
        return (
            f"None of the {self.lines:,} lines is a purchase of a known customer on or before the snapshot date. "
            "Choose other columns or another date."
        )


class UnreadableDayError(SegmenterError):
    """A snapshot date is no date."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is no date. Write the snapshot date as YYYY-MM-DD, such as 2024-01-31."
