"""Text to records and values, with quotation marks."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

# A quoted value that runs over more lines or characters than this was rather never closed.
_LONGEST_LINES: Final = 1_000
_LONGEST_CHARACTERS: Final = 1_000_000
_LONE_RETURN: Final = re.compile(r"\r(?!\n)")
_QUOTED: Final = re.compile(r'"[^"]*(?:"|$)')
_CLOSING: Final = {"{": "}", "[": "]"}
_OPENING: Final = frozenset(_CLOSING)
# Brackets, and strings as JSON and Python write them, within which brackets are letters; one that is left open goes on
# to the end, so that no letter is looked at twice.
_BRACKET_TOKENS: Final = re.compile(r"""[\[\]{}]|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?""")


@dataclass(frozen=True)
class CsvFormat:
    """The characters that structure a text file.

    Attributes
    ----------
    escape
        Whether a backslash before a quotation mark makes it part of the value.
    brackets
        Whether a value that begins with a bracket ends at the one that closes it: JSON and lists that nobody quoted.
    """

    separator: str = ","
    quote: str = '"'
    escape: bool = False
    brackets: bool = False


@dataclass(slots=True)
class Record:
    """One row of the file, on one line or more.

    Attributes
    ----------
    line
        The line it starts on, from 1.
    unclosed
        A quotation mark was opened on the line and not closed; `values` are split without regard to it.
    stray
        A quotation mark stands inside a value where it does not belong.
    quoted
        The positions of the values that stand between quotation marks.
    """

    line: int
    values: list[str]
    n_lines: int = 1
    unclosed: bool = False
    stray: bool = False
    quoted: Sequence[int] = ()

    @property
    def is_blank(self) -> bool:
        """Whether no value holds anything."""
        return not "".join(self.values).strip()


@dataclass(slots=True)
class _Cut:
    """What splitting one stretch of text came to, and where it goes on when lines are added to the text.

    Attributes
    ----------
    at
        Where the next value begins.
    searched
        Up to where the end of a quoted value was looked for in vain.
    """

    values: list[str] = field(default_factory=list)
    stray: bool = False
    quoted: list[int] = field(default_factory=list)
    is_open: bool = False
    at: int = 0
    searched: int = 0


def split_lines(text: str) -> list[str]:
    """Split a text into lines, each with its line break, so that values that run over several keep theirs.

    Lines end at the line break that the text uses; others stay inside the values.
    """
    end = "\r" if _ends_with_returns(text) else "\n"
    lines = [line + end for line in text.split(end)]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def without_break(line: str) -> str:
    """Return a line without its line break."""
    return line.removesuffix("\n").removesuffix("\r")


def _ends_with_returns(text: str) -> bool:
    """Whether lone carriage returns end the lines, and line feeds stand in quoted values at most."""
    if "\n" not in text:
        return True
    return bool(_LONE_RETURN.search(text)) and "\n" not in _QUOTED.sub("", text)


def split_records(lines: list[str], marks: CsvFormat, first_line: int = 1) -> list[Record]:
    """Split lines into records."""
    records = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if marks.brackets and (values := _bracketed_values(without_break(line), marks)):
            record = Record(first_line + at, values)
        elif not marks.quote or marks.quote not in line:
            record = Record(first_line + at, without_break(line).split(marks.separator))
        else:
            record = _quoted_record(lines, at, marks)
            record.line = first_line + at
        records.append(record)
        at += record.n_lines
    return records


def _bracketed_values(text: str, marks: CsvFormat) -> list[str]:
    """Split a line in which some value is JSON or a list without quotation marks; nothing where none is."""
    if not any(bracket in text for bracket in _OPENING):
        return []
    values: list[str] = []
    at, found = 0, False
    while at <= len(text):
        start = at
        while text.startswith(" ", start):
            start += 1
        end = -1
        if text[start : start + 1] in _OPENING:
            end = _closing_bracket(text, start)
            if end < 0:
                return []
            found = True
        elif marks.quote and text.startswith(marks.quote, start):
            cut = _Cut()
            end = _cut_quoted(text, start, marks, cut)
            if cut.is_open or cut.stray:
                return []
            values.append(cut.values[0])
            at = end + len(marks.separator)
            continue
        end = text.find(marks.separator, max(end, at))
        end = len(text) if end < 0 else end
        values.append(text[at:end])
        at = end + len(marks.separator)
    return values if found else []


def _closing_bracket(text: str, start: int) -> int:
    """Return where a value that begins with a bracket ends, behind the one that closes it; -1 where none does."""
    open_brackets: list[str] = []
    for token in _BRACKET_TOKENS.finditer(text, start):
        mark = token[0]
        if mark in _CLOSING:
            open_brackets.append(_CLOSING[mark])
        elif mark in _CLOSING.values():
            if open_brackets.pop() != mark:
                return -1
            if not open_brackets:
                return token.end()
    return -1


def split_stray_returns(records: list[Record]) -> list[Record]:
    """Split records that hold lone carriage returns where these end rows."""
    if not any("\r" in "".join(record.values) for record in records):
        return records
    width = Counter(len(record.values) for record in records).most_common(1)[0][0]
    return [part for record in records for part in _split_at_returns(record, width)]


def _split_at_returns(record: Record, width: int) -> list[Record]:
    if len(record.values) <= width or record.n_lines > 1 or width < 2:
        return [record]
    parts: list[list[str]] = [[]]
    for value in record.values:
        first, *rest = value.split("\r")
        parts[-1].append(first)
        parts.extend([one] for one in rest)
    if any(len(part) != width for part in parts):
        return [record]
    return [Record(record.line, part, stray=record.stray) for part in parts]


def _quoted_record(lines: list[str], at: int, marks: CsvFormat) -> Record:
    text, n_lines = without_break(lines[at]), 1
    cut = _Cut()
    _cut(text, marks, cut)
    while cut.is_open or (n_lines > 1 and cut.stray):
        text, n_lines, found = _up_to_next_quote(lines, at, n_lines, marks.quote, text)
        # Something stands behind a quotation mark on one of several lines: the mark was never meant to open a value.
        if cut.stray or not found:
            return Record(0, without_break(lines[at]).split(marks.separator), unclosed=True)
        # Gone on with, not begun anew: a thousand lines would be gone through a thousand times.
        _cut(text, marks, cut)
    return Record(0, cut.values, n_lines, stray=cut.stray, quoted=cut.quoted)


def _up_to_next_quote(lines: list[str], at: int, n_lines: int, quote: str, text: str) -> tuple[str, int, bool]:
    """Add lines to the text of some up to the next one with a quotation mark."""
    last = lines[at + n_lines - 1]
    parts = [text, last[len(without_break(last)) :]]
    length = len(text)
    while at + n_lines < len(lines) and n_lines < _LONGEST_LINES and length < _LONGEST_CHARACTERS:
        line = lines[at + n_lines]
        length += len(line)
        n_lines += 1
        if quote in line:
            return "".join([*parts, without_break(line)]), n_lines, True
        parts.append(line)
    return text, n_lines, False


def _cut(text: str, marks: CsvFormat, cut: _Cut) -> None:
    """Go on splitting a text up to its end, or to a quoted value that it does not close."""
    cut.is_open = False
    at = cut.at
    while True:
        start = at
        while marks.separator != " " and text.startswith(" ", start):
            start += 1
        if text.startswith(marks.quote, start):
            end = _cut_quoted(text, start, marks, cut)
            if cut.is_open:
                cut.at = at
                return
        else:
            end = text.find(marks.separator, at)
            end = len(text) if end < 0 else end
            value = text[at:end]
            cut.stray = cut.stray or marks.quote in value
            cut.values.append(value)
        if end >= len(text):
            return
        at = end + len(marks.separator)


def _cut_quoted(text: str, start: int, marks: CsvFormat, cut: _Cut) -> int:
    """Take one quoted value; return where it ends."""
    quote, at = marks.quote, max(start + 1, cut.searched)
    while True:
        close = text.find(quote, at)
        if close < 0:
            cut.is_open, cut.searched = True, len(text)
            return len(text)
        if marks.escape and _is_escaped(text, close):
            at = close + 1
            continue
        if text.startswith(quote, close + 1):
            at = close + 2
            continue
        end = close + 1
        while marks.separator != " " and text.startswith(" ", end):
            end += 1
        if end >= len(text) or text.startswith((marks.separator, "\n"), end):
            break
        cut.stray = True
        at = close + 1
    cut.searched = 0
    cut.quoted.append(len(cut.values))
    value = text[start + 1 : close]
    cut.values.append(_unescaped(value, quote) if marks.escape else value.replace(quote * 2, quote))
    return end


def _is_escaped(text: str, at: int) -> bool:
    before = at - 1
    while before >= 0 and text[before] == "\\":
        before -= 1
    return (at - before) % 2 == 0


def _unescaped(value: str, quote: str) -> str:
    """Take away each backslash that stands before a quotation mark, a backslash or a line break."""
    mark = re.escape(quote)
    return re.sub(rf"\\([\\\r\n{mark}])|{mark}{mark}", lambda found: found[1] or quote, value)
