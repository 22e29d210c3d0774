"""Errors of comparisons: methods, maps, known labels."""

from segmenter.errors.base import SegmenterError


class MethodMemoryError(SegmenterError):
    """A method needed more memory than the machine has."""

    def __init__(self, title: str, customers: int) -> None:
        super().__init__(title, customers)
        self.title, self.customers = title, customers

    def __str__(self) -> str:
        return f"{self.title} needs more memory than there is for {self.customers:,} customers. Try it on fewer."


class MapNotInstalledError(SegmenterError):
    """A map needs a library that is not there."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title

    def __str__(self) -> str:
        return f"{self.title} is not installed here. Install it with: pip install -r requirements-maps.txt"


class TooFewForMapError(SegmenterError):
    """There are too few customers for a map."""

    def __init__(self, title: str, customers: int, needed: int) -> None:
        super().__init__(title, customers, needed)
        self.title, self.customers, self.needed = title, customers, needed

    def __str__(self) -> str:
        return f"A {self.title} map needs {self.needed} customers to draw; there are {self.customers}."


class TooManyLabelsError(SegmenterError):
    """A column has too many values to be labels."""

    def __init__(self, column: str, labels: int, most: int) -> None:
        super().__init__(column, labels, most)
        self.column, self.labels, self.most = column, labels, most

    def __str__(self) -> str:
        return (
            f"{self.column} has {self.labels:,} different values; at most {self.most} can be known labels. "
            "Name a column with a few kinds of customers."
        )


class NoSharedLabelError(SegmenterError):
    """No label is shared by enough customers to stand for a segment."""

    def __init__(self, column: str, needed: int) -> None:
        super().__init__(column, needed)
        self.column, self.needed = column, needed

    def __str__(self) -> str:
        return (
            f"No value of {self.column} is shared by {self.needed} customers in segments, so none can stand for a "
            "segment. Name a column with a few kinds of customers."
        )


class NoKnownLabelsError(SegmenterError):
    """Labels are to be predicted by a model that knows none."""

    def __str__(self) -> str:
        return "This model does not say which known label a segment stands for. Compare it with known labels first."
