"""What can keep one method, or one known label, out of a comparison?"""

from segmenter.errors.base import SegmenterError


class MethodMemoryError(SegmenterError):
    """A method needed more memory than the machine has."""

    def __init__(self, title: str, customers: int) -> None:
        super().__init__(title, customers)
        self.title, self.customers = title, customers

    def __str__(self) -> str:
        return f"{self.title} needs more memory than there is for {self.customers:,} customers. Try it on fewer."
