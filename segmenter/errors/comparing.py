"""What can keep a method, a map or a known label out of a comparison?"""

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
