"""Errors of writing a result."""

from segmenter.errors.base import SegmenterError


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
