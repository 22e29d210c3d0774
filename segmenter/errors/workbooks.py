"""Errors of workbooks."""

from collections.abc import Sequence

from segmenter.errors.base import SegmenterError


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
