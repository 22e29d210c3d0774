"""What can go wrong that a user can mend? One class per cause: facts in, a sentence out."""

from collections.abc import Mapping, Sequence

from segmenter import config


class SegmenterError(Exception):
    """Anything that the user can repair; `str()` says what, where and what to do, in plain text."""


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


class NoUsableColumnError(SegmenterError):
    """No column can be segmented by."""

    def __init__(self, seen: Sequence[str]) -> None:
        super().__init__(seen)
        self.seen = tuple(seen)

    def __str__(self) -> str:
        return f"No column with numbers or categories was found. Seen: {'; '.join(self.seen[:10])}."


class UnknownColumnError(SegmenterError):
    """A column was asked for that the file does not have."""

    def __init__(self, missing: Sequence[str], available: Sequence[str]) -> None:
        super().__init__(missing, available)
        self.missing, self.available = tuple(missing), tuple(available)

    def __str__(self) -> str:
        names = ", ".join(repr(name) for name in self.missing)
        return f"The file has no column {names}. It has: {', '.join(self.available[:20])}."


class ValueTooLargeError(SegmenterError):
    """A number is too large to calculate with."""

    def __init__(self, column: str, row: int, value: float, limit: float) -> None:
        super().__init__(column, row, value, limit)
        self.column, self.row, self.value, self.limit = column, row, value, limit

    def __str__(self) -> str:
        return (
            f"Row {self.row}, {self.column} = {self.value:g} is too large to use (limit {self.limit:g}). "
            "Correct the value or leave the column out."
        )


class AllRowsEqualError(SegmenterError):
    """Every customer has the same values."""

    def __str__(self) -> str:
        return "All rows are the same in the chosen columns; there is nothing to group. Choose other columns."


class TooFewDistinctRowsError(SegmenterError):
    """More segments were asked for than there are different customers."""

    def __init__(self, distinct: int) -> None:
        super().__init__(distinct)
        self.distinct = distinct

    def __str__(self) -> str:
        return f"Only {self.distinct} different rows, so at most {self.distinct} segments."


class TooFewCustomersError(SegmenterError):
    """There are not enough customers for the number of segments."""

    def __init__(self, customers: int, n_segments: int) -> None:
        super().__init__(customers, n_segments)
        self.customers, self.n_segments = customers, n_segments

    def __str__(self) -> str:
        return (
            f"You need at least {self.n_segments + 1} customers for {self.n_segments} segments; "
            f"there are {self.customers} after leaving out rows with missing values."
        )


class InvalidSettingError(SegmenterError):
    """A setting is outside what the product can do; the text says which and what is possible."""


class MissingColumnsError(SegmenterError):
    """A file lacks columns that a model was made with.

    Attributes
    ----------
    suggestions
        Missing column → similar names in the file, best first.
    """

    def __init__(
        self,
        needed: Sequence[str],
        absent: Sequence[str],
        suggestions: Mapping[str, Sequence[str]],
        available: Sequence[str],
    ) -> None:
        super().__init__(needed, absent, suggestions, available)
        self.needed, self.absent = tuple(needed), tuple(absent)
        self.suggestions, self.available = dict(suggestions), tuple(available)

    def __str__(self) -> str:
        hints = [f"{near[0]} for {name}" for name, near in self.suggestions.items() if near]
        meant = f" Did you mean {', '.join(hints)}?" if hints else ""
        return (
            f"The model needs {', '.join(self.needed)}; your file has no {', '.join(self.absent)}.{meant} "
            "Match the columns or rename them in the file."
        )


class FileTooLargeError(SegmenterError):
    """The file is larger than what is read here."""

    def __init__(self, size_mb: float) -> None:
        super().__init__(size_mb)
        self.size_mb = size_mb

    def __str__(self) -> str:
        return (
            f"The file has {self.size_mb:,.0f} MB; the limit is {config.MAX_UPLOAD_MB} MB. "
            "Keep only the columns you want to segment by."
        )


class TooManyRowsError(SegmenterError):
    """The table has more rows than are read here."""

    def __init__(self, n_rows: int) -> None:
        super().__init__(n_rows)
        self.n_rows = n_rows

    def __str__(self) -> str:
        return f"The table has {self.n_rows:,} rows; the limit is {config.MAX_ROWS:,}. Upload a part or a sample of it."


class TooManyColumnsError(SegmenterError):
    """The table has more columns than are read here."""

    def __init__(self, n_columns: int, limit: int) -> None:
        super().__init__(n_columns, limit)
        self.n_columns, self.limit = n_columns, limit

    def __str__(self) -> str:
        return f"{self.n_columns:,} columns; the limit is {self.limit}. Keep the columns you want to group by."


class UnreadableFileError(SegmenterError):
    """The file cannot be opened."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    def __str__(self) -> str:
        return f"{self.path} could not be opened: {self.why}. Check the name and whether you may read it."


class CompressedFileError(SegmenterError):
    """The file is compressed."""

    def __str__(self) -> str:
        return "Compressed files are not accepted. Unzip it first and upload what is inside."


class OldWorkbookError(SegmenterError):
    """The workbook is encrypted or of the format before 2007."""

    def __str__(self) -> str:
        return (
            "The workbook is password-protected or in the old .xls format. "
            "Save it without a password as .xlsx or CSV and upload that."
        )


class DamagedFileError(SegmenterError):
    """The file is of a known kind and cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"The {self.what} is damaged or unsafe and was not opened. Export it again, or save it as CSV."


class WorkbookTooLargeError(SegmenterError):
    """The workbook would unpack to more than memory should hold."""

    def __init__(self, limit_mb: int) -> None:
        super().__init__(limit_mb)
        self.limit_mb = limit_mb

    def __str__(self) -> str:
        return (
            f"This workbook unpacks to more than {self.limit_mb} MB and was not opened. "
            "Save the sheet as CSV and upload that."
        )


class NotATextTableError(SegmenterError):
    """The bytes are no text."""

    def __str__(self) -> str:
        return (
            "This is not a text table: it holds NUL or control bytes. "
            "Export it again as CSV in UTF-8, or upload the Excel file itself."
        )


class WrongEncodingError(SegmenterError):
    """The bytes are no text in the encoding that was asked for."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding

    def __str__(self) -> str:
        return f"The file is not written in {self.encoding}. Choose another encoding."


class RaggedTableError(SegmenterError):
    """No row has as many values as there are column names."""

    def __init__(self, width: int, line: int) -> None:
        super().__init__(width, line)
        self.width, self.line = width, line

    def __str__(self) -> str:
        return (
            f"No row has the {self.width} values that the header names (first: line {self.line:,}). "
            "Check the separator and the line of the column names."
        )


class UnclosedQuoteError(SegmenterError):
    """A quotation mark swallows the rest of the file."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line

    def __str__(self) -> str:
        return (
            f"Line {self.line:,}: a quotation mark is opened and never closed. "
            "Rows after it cannot be trusted, so nothing was loaded. Correct that line and upload the file again."
        )


class PickleRefusedError(SegmenterError):
    """Somebody uploaded a pickle."""

    def __str__(self) -> str:
        return (
            "Pickle files are not opened here. A pickle (.pkl, .joblib) can run hidden programs the moment it is "
            "opened, so this app never opens one from an upload. Your file was discarded unread. To use this model: "
            "(1) fit it again here and press Save model, or (2) ask the person who runs this app to convert it with "
            "python -m segmenter convert-model. Models saved by this app end in .segmodel.json."
        )


class TooManyRowsForExcelError(SegmenterError):
    """There are more rows than a sheet of a workbook holds."""

    def __init__(self, n_rows: int, limit: int) -> None:
        super().__init__(n_rows, limit)
        self.n_rows, self.limit = n_rows, limit

    def __str__(self) -> str:
        return f"An Excel sheet holds {self.limit:,} customers; there are {self.n_rows:,}. Download the CSV instead."


class UnwritableFolderError(SegmenterError):
    """A folder cannot be written to."""

    def __init__(self, folder: str, why: str) -> None:
        super().__init__(folder, why)
        self.folder, self.why = folder, why

    def __str__(self) -> str:
        return f"{self.folder} could not be written: {self.why}. Choose another folder."


class UnsupportedModelError(SegmenterError):
    """Somebody uploaded a model of another program."""

    def __str__(self) -> str:
        return (
            "This model format is not supported. This app reads .segmodel.json only. "
            "Form the segments here and save them, or ask for a model that this app has saved."
        )


class NotAModelError(SegmenterError):
    """The file is no model."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return f"This is not a segment model (missing: {self.missing}). Models saved by this app end in .segmodel.json."


class ChangedModelError(SegmenterError):
    """The file's checksum is not its own."""

    def __str__(self) -> str:
        return "This model file was changed or cut off after it was saved. Ask for a fresh copy."


class NewerModelError(SegmenterError):
    """The file was written by a later version."""

    def __init__(self, version: int, known: int) -> None:
        super().__init__(version, known)
        self.version, self.known = version, known

    def __str__(self) -> str:
        return f"Made with a newer version (format {self.version}, this app reads up to {self.known}). Update this app."


class InvalidModelError(SegmenterError):
    """A value in a model file is not what it should be."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(place, what)
        self.place, self.what = place, what

    def __str__(self) -> str:
        return f"The model file is not valid ({self.place} {self.what}). Ask for a fresh copy."


class UnwritableModelError(SegmenterError):
    """A method's segments cannot be written as centres."""

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithm)
        self.algorithm = algorithm

    def __str__(self) -> str:
        return f"Segments of the method {self.algorithm} cannot be saved as a model yet. Use K-Means to save one."


class ModelIntegrityError(SegmenterError):
    """A saved model is not the one that the manifest names."""

    def __init__(self, title: str, expected: str, found: str) -> None:
        super().__init__(title, expected, found)
        self.title, self.expected, self.found = title, expected, found

    def __str__(self) -> str:
        return (
            f"Model {self.title!r} failed its integrity check and is not offered "
            f"(expected {self.expected[:4] or 'an entry'}…, found {self.found[:4] or 'none'}…). "
            "Restore it from a copy or save it again."
        )


class UnsavedModelError(SegmenterError):
    """A model could not be saved on the server."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"The model could not be saved ({self.why}). You can still download it."


class PickledModelRefusedError(SegmenterError):
    """A pickled model names something that a K-Means does not need."""

    def __init__(self, file: str, name: str) -> None:
        super().__init__(file, name)
        self.file, self.name = file, name

    def __str__(self) -> str:
        return f"{self.file} is refused: it asks for {self.name}, which no K-Means needs. Nothing in it was run."


class NotAKMeansError(SegmenterError):
    """A pickled file holds no fitted K-Means."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return (
            f"The pickled model cannot be used: {self.why}. "
            "It must be a fitted KMeans, or a Pipeline of StandardScaler and KMeans."
        )


class ColumnCountError(SegmenterError):
    """The named columns are not as many as a model has."""

    def __init__(self, named: int, needed: int) -> None:
        super().__init__(named, needed)
        self.named, self.needed = named, needed

    def __str__(self) -> str:
        return (
            f"The model has {self.needed} columns and {self.named} different ones were named. "
            "Name each once, in the model's order."
        )


class ScalingUnknownError(SegmenterError):
    """A bare K-Means does not say how its columns were scaled."""

    def __str__(self) -> str:
        return (
            "The model comes without its scaling. Give the file it was trained on (--fitted-on FILE), "
            "or say that new files are scaled already (--already-scaled)."
        )
