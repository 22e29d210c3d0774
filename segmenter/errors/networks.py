"""Errors of neural networks."""

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


class DivergedError(SegmenterError):
    """A network's numbers grew without bounds while it learned."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self.rate = rate

    def __str__(self) -> str:
        return (
            f"The network did not learn: at a learning rate of {self.rate:g} its numbers grew without bounds. "
            "Lower the learning rate to a tenth, and bring columns with a few huge values closer with a log or a cap."
        )
