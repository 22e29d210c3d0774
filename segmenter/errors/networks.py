"""What can be wrong with what a network has learned?"""

from segmenter.errors.base import SegmenterError


class EncodedAlikeError(SegmenterError):
    """A network makes the same of too many customers."""

    def __init__(self, distinct: int) -> None:
        super().__init__(distinct)
        self.distinct = distinct

    def __str__(self) -> str:
        return (
            f"The network tells only {self.distinct} kinds of customers apart, so at most {self.distinct} segments. "
            "Ask for fewer segments, or try more width, more epochs, no dropout or another seed."
        )
