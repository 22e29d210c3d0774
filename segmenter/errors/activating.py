"""Errors of making audiences."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError


class ConsentUnknownError(SegmenterError):
    """Nothing says who may be contacted."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(columns)
        self.columns = tuple(columns)

    def __str__(self) -> str:
        if self.columns:
            return f"Say which column holds the consent; {', '.join(self.columns)} look like it."
        return (
            "No column says who has agreed to be contacted. Name the one that does, or state that everybody in "
            "the file has agreed."
        )


class NoIdentifierError(SegmenterError):
    """The file has nothing by which a platform could find customers."""

    def __init__(self, platform: str, needed: Sequence[str]) -> None:
        super().__init__(platform, needed)
        self.platform, self.needed = platform, tuple(needed)

    def __str__(self) -> str:
        return (
            f"{self.platform} finds customers by {', or '.join(self.needed)}, and no column of the file is known "
            "to hold that. Say which column does, or choose another platform."
        )


class CountryNeededError(SegmenterError):
    """Telephone numbers stand without country code, and nobody said where."""

    def __init__(self, n_numbers: int) -> None:
        super().__init__(n_numbers)
        self.n_numbers = n_numbers

    def __str__(self) -> str:
        numbers = "1 telephone number has" if self.n_numbers == 1 else f"{self.n_numbers:,} telephone numbers have"
        return (
            f"{numbers} no country code. Name the column of the customers' countries, or the one country that all of "
            "them are in; or leave telephone numbers out."
        )


class UnknownPlatformError(SegmenterError):
    """There is no such platform."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, tuple(known)

    def __str__(self) -> str:
        return f"There is no platform {self.name!r}. There are: {', '.join(self.known)}."


class TemplateError(SegmenterError):
    """A template of a platform cannot be filled; the text says why and what to do."""


class AudienceError(SegmenterError):
    """An audience cannot be made of what was asked for; the text says why and what to do."""
