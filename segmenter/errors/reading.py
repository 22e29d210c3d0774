"""Errors of reading: files, workbooks, databases, engines, lines of purchases."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError, Surface


class NotATableError(SegmenterError):
    """The bytes are no table of a kind that is read here."""

    def __init__(self, looks_like: str) -> None:
        super().__init__(looks_like)
        self.looks_like = looks_like

    def __str__(self) -> str:
        return (
            f"This is not a CSV, Excel or Parquet file (it looks like {self.looks_like}). Nothing was read. "
            "Save or export its table as CSV or .xlsx, and upload that."
        )


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


class IrregularColumnsError(SegmenterError):
    """Values that stand below each other at the beginning of a file and no longer do further down."""

    def __str__(self) -> str:
        return (
            "The values stand below each other at the beginning of the file, with blanks between them, but not in all "
            "lines, so that it can't be told where each ends. Export the table as CSV, or delete what stands above and "
            "below it, and upload that."
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


class EncryptedWorkbookError(SegmenterError):
    """The workbook asks for a password."""

    def __str__(self) -> str:
        return "The workbook is password-protected. Save it without a password and upload it again."


class OldWorkbookError(SegmenterError):
    """A workbook of a format that is not read here."""

    def __init__(self, looks_like: str) -> None:
        super().__init__(looks_like)
        self.looks_like = looks_like

    def __str__(self) -> str:
        return f"This is {self.looks_like}. Open it in Excel, save it as .xlsx or CSV, and upload that."


class DamagedWorkbookError(SegmenterError):
    """A workbook that breaks its own format."""

    def __str__(self) -> str:
        return (
            "The workbook is damaged or unsafe and was not opened. Open it in Excel, save it again, or save "
            "the sheet as CSV."
        )


class WorkbookTooLargeError(SegmenterError):
    """A workbook that unpacks to more than can be handled."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return (
            f"This workbook unpacks to more than {self.limit:,} MB and was not opened. "
            "Save the sheet as CSV and upload that."
        )


class SheetTooLargeError(SegmenterError):
    """A sheet with stray cells far from its table."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self.rows, self.columns = rows, columns

    def __str__(self) -> str:
        return (
            f"This sheet claims {self.rows:,} × {self.columns:,} cells. Delete the stray cells far right or "
            "below (Ctrl+End shows where) or save as CSV."
        )


class UnknownSheetError(SegmenterError):
    """A sheet that the workbook does not have."""

    def __init__(self, sheet: str, available: Sequence[str]) -> None:
        super().__init__(sheet, list(available))
        self.sheet, self.available = sheet, tuple(available)

    def __str__(self) -> str:
        return f"The workbook has no sheet {self.sheet!r}. It has: {', '.join(self.available[:20])}."


_LONGEST_REASON = 300


class DatabaseAddressError(SegmenterError):
    """The text is no database address, or its driver is not installed."""

    def __init__(self, driver: str = "") -> None:
        super().__init__(driver)
        self.driver = driver

    def __str__(self) -> str:
        if self.driver:
            return (
                f"The driver for {self.driver} databases is not installed here. Ask whoever runs this server to "
                "install it."
            )
        return "The database's address can't be understood. It looks like dialect://user:password@host/name."


class DatabaseUnreachableError(SegmenterError):
    """The server does not answer, or does not let us in."""

    def __str__(self) -> str:
        return (
            "The database can't be reached, or does not accept the account. Check that it runs and that its address "
            "and password are right."
        )


class DatabaseQueryError(SegmenterError):
    """The database refuses a query; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The database refuses the query: {self.reason[:_LONGEST_REASON]}. Change it and try again."


class DatabaseRightsError(SegmenterError):
    """The account may do more than read; `may` says what, `enough` which rights suffice."""

    def __init__(self, may: str, enough: str) -> None:
        super().__init__(may, enough)
        self.may, self.enough = may, enough

    def __str__(self) -> str:
        return (
            f"The database's account may do more than read: it {self.may}. Nothing is read with such an account. Ask "
            f"whoever runs the database for one that can only read; {self.enough}."
        )


class DatabaseFunctionError(SegmenterError):
    """A query runs a function that may do more than read; `within` names the view or function that calls it."""

    def __init__(self, function: str, within: str = "") -> None:
        super().__init__(function, within)
        self.function, self.within = function, within

    def __str__(self) -> str:
        where = f" by way of {self.within}" if self.within else ""
        return (
            f"The query uses {self.function}{where}, which may do more than read: act on other people's queries, on "
            "settings, files or the server. Take it out and try again."
        )


class NotASingleSelectError(SegmenterError):
    """A query that does more than read, or might."""

    def __str__(self) -> str:
        return (
            "Only one SELECT is accepted. Begin with SELECT or WITH, and take out every semicolon, even inside "
            "quotation marks."
        )


class UnknownTableError(SegmenterError):
    """A table that the database does not have."""

    def __init__(self, table: str, available: Sequence[str]) -> None:
        super().__init__(table, list(available))
        self.table, self.available = table, tuple(available)

    def __str__(self) -> str:
        known = ", ".join(self.available[:20])
        has = f"It has: {known}." if known else "It has none that may be read."
        return f"The database has no table {self.table!r}. {has}"


class DatabaseTooSlowError(SegmenterError):
    """The query was told to stop at its time limit; `goes_on` if the database had not obeyed seconds later."""

    def __init__(self, seconds: int, goes_on: bool = False) -> None:  # noqa: FBT001, FBT002 - positional across processes
        super().__init__(seconds, goes_on)
        self.seconds, self.goes_on = seconds, goes_on

    def __str__(self) -> str:
        if self.goes_on:
            return (
                f"The database took longer than {self.seconds} seconds and was told to stop, but it first finishes the "
                "row that it is at, which may take minutes. Ask for shorter texts and fewer calculations in each row."
            )
        return (
            f"The database took longer than {self.seconds} seconds and was stopped. Ask for less with WHERE or LIMIT."
        )


class DatabaseTooManyRowsError(SegmenterError):
    """More rows than are taken out of a database."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"More than {self.limit:,} rows. Ask for fewer with WHERE or LIMIT, or choose another table."


class DatabaseTooMuchError(SegmenterError):
    """More bytes than are taken out of a database."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"More than {self.limit:,} MB. Ask for fewer columns or rows, without long texts."


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
        return self.told_on(Surface.PYTHON)

    def told_on(self, surface: Surface) -> str:
        """Return what is missing, and how to name it where the user is."""
        wanted = " and ".join(_WANTED.get(role, role) for role in self.missing)
        options = " ".join(f"--{role} COLUMN" for role in self.missing)
        columns = ", ".join(f'"{role}": "…"' for role in self.missing)
        how = {
            Surface.PAGE: "Choose the columns on the Data page, or use the file as customers",
            Surface.COMMAND_LINE: f"Name it with {options}, or use the file as customers with --as customers",
            Surface.PYTHON: f"Name it with columns={{{columns}}}, or use the rows as customers",
        }
        return f"These rows can't be read as purchases: no column was found for {wanted}. {how[surface]}."


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
            f"{self.column} holds {self.what} written as {self.example!r}, which the engine would not read as meant. "
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
