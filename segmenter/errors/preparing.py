"""Errors of the columns that segments are to be formed from."""

from collections.abc import Mapping

from segmenter.errors.base import SegmenterError


class PersonalColumnError(SegmenterError):
    """Segments were to be formed from personal data."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason

    def __str__(self) -> str:
        return (
            f"{self.column} is personal data ({self.reason}) and never forms segments. Leave it out; if it is "
            "something else, say so in the table of columns (--kind on the command line)."
        )


class TooManyCategoriesError(SegmenterError):
    """The categories of all columns together have more values than distances can be taken over.

    Attributes
    ----------
    counts
        Column → values it would bring, most first.
    """

    def __init__(self, counts: Mapping[str, int], limit: int) -> None:
        super().__init__(dict(counts), limit)
        self.counts = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        self.limit = limit

    def __str__(self) -> str:
        most = ", ".join(f"{name} ({count})" for name, count in list(self.counts.items())[:5])
        return (
            f"The chosen categories have {sum(self.counts.values())} values together; the limit is {self.limit}. "
            f"Most have: {most}. Leave one out, or gather more of its rare values."
        )


class UnknownWordError(SegmenterError):
    """A word was given where only some are possible."""

    def __init__(self, what: str, word: str, possible: tuple[str, ...]) -> None:
        super().__init__(what, word, possible)
        self.what, self.word, self.possible = what, word, possible

    def __str__(self) -> str:
        return f"{self.what}: {self.word!r} is not possible. Possible: {', '.join(self.possible)}."
