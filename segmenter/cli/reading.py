"""What may be said about a file on the command line instead of having it guessed?"""

import argparse

from segmenter.errors import InvalidSettingError
from segmenter.importers import ReadOptions

DATE_ORDERS = {"day": "day first", "month": "month first"}
# A shell makes it hard to type a tab.
SEPARATORS = {"tab": "\t", "space": " ", r"\t": "\t"}


def add_reading(command: argparse.ArgumentParser) -> None:
    """Let a command be told how its file is to be read."""
    said = command.add_argument_group("how the file is read, where it was guessed wrongly")
    said.add_argument("--separator", metavar="MARK", help="what stands between two values; also: tab, space")
    said.add_argument("--encoding", metavar="NAME", help="such as utf-8, utf-16, cp1252, cp1250")
    said.add_argument("--quote", metavar="MARK", help="the mark around values; empty for none")
    said.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    said.add_argument("--header-line", metavar="LINE", help="line of the column names from 1; 0 for none")
    said.add_argument("--date-order", choices=tuple(DATE_ORDERS), help="what comes first in 01/02/2024")
    said.add_argument("--keep-ragged", action="store_true", help="keep rows with too few or too many values")
    said.add_argument("--keep-footer", action="store_true", help="keep lines below the table, such as totals")


def said_options(asked: argparse.Namespace) -> ReadOptions:
    """Return what was said about the file.

    Raises
    ------
    InvalidSettingError
        If something of it makes no sense.
    """
    separator, quote = SEPARATORS.get(asked.separator, asked.separator), asked.quote
    if separator == "" or (quote is not None and (len(quote) > 1 or quote == separator)):
        message = "--separator takes one character or more, --quote another one or none at all."
        raise InvalidSettingError(message)
    return ReadOptions(
        separator=separator,
        encoding=asked.encoding,
        decimal=asked.decimal,
        header_line=_line(asked.header_line),
        date_order=DATE_ORDERS.get(asked.date_order),
        sheet=asked.table,
        keep_ragged=asked.keep_ragged,
        keep_footer=asked.keep_footer,
        quote=quote,
    )


def _line(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isdecimal() and text.isascii():
        return int(text)
    message = f"--header-line takes a line from 1, or 0 for none; not {text!r}."
    raise InvalidSettingError(message)
