"""What a user can say about a file instead of having it guessed."""

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class ReadOptions:
    """The user's word on how a file is read; None or the default leaves it to the reader.

    Attributes
    ----------
    separator
        What stands between two values: one or a few characters.
    encoding
        Such as "utf-8", "utf-16" or "cp1252".
    decimal
        "." or ",".
    header_line
        Line of the column names, from 1; 0 when the first line is a customer already.
    date_order
        "day first" or "month first".
    sheet
        Name of a workbook's sheet, or of a database's table; empty for the first one that holds a table.
    keep_ragged
        Read rows with too few values as if the last ones were missing, and cut those with too many, instead
        of leaving them out.
    keep_footer
        Read lines below the table, such as totals, as customers.
    quote
        The character around values that hold separators; empty when there is none.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    header_line: int | None = None
    date_order: str | None = None
    sheet: str = ""
    keep_ragged: bool = False
    keep_footer: bool = False
    quote: str | None = None

    def settings(self) -> tuple[tuple[str, str | int | bool | None], ...]:
        """Return every option with its value, as plain data."""
        return tuple((option.name, getattr(self, option.name)) for option in fields(self))

    def said(self) -> dict[str, str | bool]:
        """Return what was said, by the names that the command line has for it."""
        told = {name: value for name, value in asdict(self).items() if value != getattr(ReadOptions(), name)}
        words: dict[str, str | bool] = {}
        for name, value in told.items():
            if name == "date_order":
                value = str(value).split()[0]
            words["table" if name == "sheet" else name] = value if isinstance(value, bool) else str(value)
        return words

    def as_plain(self) -> dict[str, str | int | bool | None]:
        """Return the options as a JSON-ready mapping."""
        return asdict(self)
