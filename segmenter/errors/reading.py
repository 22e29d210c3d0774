"""Errors of reading a file."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError


class NotATableError(SegmenterError):
    """The bytes are no table of a kind that is read here."""

    def __init__(self, looks_like: str) -> None:
        super().__init__(looks_like)
        self.looks_like = looks_like

    def __str__(self) -> str:
        return f"This is not a CSV, Excel or Parquet file (it looks like {self.looks_like}). Nothing was read."


class EmptyFileError(SegmenterError):
    """There is nothing in the file."""

    def __str__(self) -> str:
        return "The file is empty. Choose a file with a line of column names and one line per customer."


class NoRowsError(SegmenterError):
    """There are column names and nothing below them."""

    def __str__(self) -> str:
        return "There are column names but no rows. Choose a file with one line per customer."


class CompressedFileError(SegmenterError):
    """The file is packed."""

    def __str__(self) -> str:
        return "Compressed files are not accepted. Unzip it first."


class NotTextError(SegmenterError):
    """A text file with NUL bytes."""

    def __str__(self) -> str:
        return "This is not a text table. Nothing was read; export it again as CSV, Excel or Parquet."


class UnreadableEncodingError(SegmenterError):
    """The bytes are no text in the encoding that was asked for."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding

    def __str__(self) -> str:
        return f"The file can't be read as {self.encoding}. Choose another encoding, or export it again as UTF-8."


class UnclosedQuoteError(SegmenterError):
    """A quotation mark is opened and never closed."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line

    def __str__(self) -> str:
        return (
            f"Line {self.line}: a quotation mark is opened and never closed. Rows after it cannot be "
            "trusted, so nothing was loaded. Close it or delete it in that line, and upload the file again."
        )


class RaggedTableError(SegmenterError):
    """Most rows do not have the same number of values."""

    def __init__(self, ragged: int, rows: int, line: int) -> None:
        super().__init__(ragged, rows, line)
        self.ragged, self.rows, self.line = ragged, rows, line

    def __str__(self) -> str:
        return (
            f"{self.ragged:,} of {self.rows:,} rows have a different number of values than the header "
            f"(first: line {self.line}). Check the separator, or export the file again."
        )


class UnknownLineError(SegmenterError):
    """The line of column names that was asked for is not in the file."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line

    def __str__(self) -> str:
        return f"The file has no line {self.line} with column names. Choose another line."


class TooManyColumnsError(SegmenterError):
    """A table wider than what can be handled."""

    def __init__(self, columns: int, limit: int) -> None:
        super().__init__(columns, limit)
        self.columns, self.limit = columns, limit

    def __str__(self) -> str:
        return f"{self.columns:,} columns; the limit is {self.limit:,}. Keep the columns you want to group by."


class TooManyRowsError(SegmenterError):
    """A table longer than what can be handled."""

    def __init__(self, rows: int, limit: int) -> None:
        super().__init__(rows, limit)
        self.rows, self.limit = rows, limit

    def __str__(self) -> str:
        return f"{self.rows:,} rows; the limit is {self.limit:,}. Upload a part of them or a sample."


class FileTooLargeError(SegmenterError):
    """A file bigger than the limit."""

    def __init__(self, megabytes: float, limit: int) -> None:
        super().__init__(megabytes, limit)
        self.megabytes, self.limit = megabytes, limit

    def __str__(self) -> str:
        return (
            f"The file has {self.megabytes:,.0f} MB; the limit is {self.limit:,} MB. "
            "Keep the columns you want to group by, or save it as Parquet."
        )


class ReadingTooLongError(SegmenterError):
    """Reading was stopped at its time limit."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"Reading took longer than {self.seconds} seconds and was stopped. "
            "Save the table as a plain CSV file and upload that."
        )


class ReadingTooMuchMemoryError(SegmenterError):
    """Reading was stopped at its memory limit, or the file made the reader fail."""

    def __str__(self) -> str:
        return (
            "The file is damaged, or would need too much memory, and could not be read. "
            "Export it again, or save the table as a plain CSV file."
        )


class FileNotReadableError(SegmenterError):
    """A path that leads to no readable file."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"There is no readable file {self.path!r}. Check the path."


class DamagedFileError(SegmenterError):
    """A Parquet file that breaks its own format."""

    def __str__(self) -> str:
        return "The file is damaged and could not be read. Export it again."


class NestedColumnsError(SegmenterError):
    """Columns of lists, records or bytes."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(list(columns))
        self.columns = tuple(columns)

    def __str__(self) -> str:
        names = ", ".join(repr(name) for name in self.columns[:10])
        return f"Columns of lists, records or bytes can't be used: {names}. Export the file without them."


class ParquetTooLargeError(SegmenterError):
    """A Parquet file that unpacks to more than can be handled."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self.rows, self.columns = rows, columns

    def __str__(self) -> str:
        return (
            f"This Parquet file would need too much memory ({self.rows:,} rows × {self.columns:,} columns). "
            "Export fewer rows or columns."
        )
