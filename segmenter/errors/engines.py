"""Errors of engines that hold the customers."""

from segmenter.errors.base import SegmenterError


class EngineAddressError(SegmenterError):
    """There is no engine at an address."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address, self.why = address, why

    def __str__(self) -> str:
        return f"No engine answers at {self.address}: {self.why}. Check the address, and that the server runs."


class EngineMissingError(SegmenterError):
    """What an engine needs is not installed."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title

    def __str__(self) -> str:
        return f"{self.title} needs more than is installed: pip install 'segmenter[engines]'."


class EngineSourceError(SegmenterError):
    """The customers are not where an engine was told to look."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(source, why)
        self.source, self.why = source, why

    def __str__(self) -> str:
        return f"{self.source} cannot be read by the engine: {self.why}."


class EngineFailedError(SegmenterError):
    """An engine gave up on a query."""

    def __init__(self, title: str, doing: str, why: str) -> None:
        super().__init__(title, doing, why)
        self.title, self.doing, self.why = title, doing, why

    def __str__(self) -> str:
        return f"{self.title} stopped while {self.doing}: {self.why}. Nothing was written."


class EngineCellsError(SegmenterError):
    """A column of text holds numbers or dates in a form that no engine reads by itself."""

    def __init__(self, column: str, example: str, what: str) -> None:
        super().__init__(column, example, what)
        self.column, self.example, self.what = column, example, what

    def __str__(self) -> str:
        return (
            f"{self.column} holds {self.what} written as {self.example!r}, which the engine would take for missing. "
            f"Write the file with plain {self.what}, as Parquet for one, or leave the column out."
        )


class EngineColumnError(SegmenterError):
    """A column is made of another one's cells when a file is read, and the engine has none of that name."""

    def __init__(self, column: str, source: str) -> None:
        super().__init__(column, source)
        self.column, self.source = column, source

    def __str__(self) -> str:
        return (
            f"{self.column} is made of the answers in {self.source}, which the engine does not take apart. Give the "
            f"table a yes/no column called {self.column}, leave it out, or work without an engine."
        )


class EngineTypeError(SegmenterError):
    """A column is of a type that an engine does not count with as this program does."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(column, what)
        self.column, self.what = column, what

    def __str__(self) -> str:
        return (
            f"{self.column} holds {self.what}, which the engine does not read as a number. Give the table a column of "
            "their hours or seconds, leave it out, or work without an engine."
        )
