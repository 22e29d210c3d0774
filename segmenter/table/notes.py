"""Notes and the dialect of a file: what is said beside its values.

Kept apart from pandas, so that the process that reads files starts quickly.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """Advice that travels in a result.

    Attributes
    ----------
    text
        One or two plain sentences: what happened and what it means.
    warning
        True when the user should look at it before going on.
    line
        First line of the file concerned, from 1; None where no line is.
    column
        Column concerned; None where it is about the whole.
    """

    text: str
    warning: bool = False
    line: int | None = None
    column: str | None = None


@dataclass(frozen=True)
class Dialect:
    """How a text file was read; every part can be switched by the user.

    `header_line` counts from 1; 0 means that the file has no line of column names. `quote` is the character
    around cells that hold separators; `sheet` the sheet of a workbook, or the table of a database, among `sheets`.
    """

    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header_line: int = 1
    quote: str = '"'
    sheet: str = ""
    sheets: tuple[str, ...] = ()
