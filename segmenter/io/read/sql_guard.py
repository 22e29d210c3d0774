"""Refusal of every query but a single SELECT."""

import re
from typing import Final

from segmenter.errors.databases import NotASingleSelectError

_READS: Final = re.compile(
    # What was taken is not given back (`+` after a repetition): blanks could be shared out in 2^n ways.
    r"\A(?:\s++|--[^\n]*+(?:\n|$)|/\*(?:(?!\*/).)*+\*/|\()*+(?:select|with)\b",
    re.IGNORECASE | re.DOTALL,
)


def single_select(query: str) -> str:
    """Return a query without the semicolon at its end.

    Which quotation marks and comments hide a semicolon differs between databases, so that any reading of them
    can be led astray; none is therefore accepted at all. The connection refuses to write besides.

    Raises
    ------
    NotASingleSelectError
        If it does not begin with SELECT or WITH, or may be several statements.
    """
    statement = query.strip().removesuffix(";").rstrip()
    if ";" in statement or "\0" in statement or not _READS.match(statement):
        raise NotASingleSelectError
    return statement
