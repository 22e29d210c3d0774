"""Refusal of every query but a single SELECT."""

import re
from typing import Final

from segmenter.errors.databases import NotASingleSelectError

_READS: Final = re.compile(r"(?:select|with)\b", re.IGNORECASE)


def _begin(statement: str) -> int:
    """Return where a statement's first word stands, behind blanks, comments and brackets."""
    at = 0
    while at < len(statement):
        if statement[at].isspace() or statement[at] == "(":
            at += 1
        elif statement.startswith("--", at):
            at = statement.find("\n", at) % (len(statement) + 1)
        elif statement.startswith("/*", at):
            end = statement.find("*/", at + 2)
            at = len(statement) if end < 0 else end + 2
        else:
            break
    return at


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
    if ";" in statement or "\0" in statement or not _READS.match(statement, _begin(statement)):
        raise NotASingleSelectError
    return statement
