"""Detection of separator and quotation mark."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from segmenter.io.read.csv.records import CsvFormat, Record, split_records, without_break
from segmenter.table.dataset import Note
from segmenter.table.infer.numbers import is_number

# In order of how often they are met; what is met seldom must fit better to be believed.
_CANDIDATES: Final = (
    (",", 1.0),
    (";", 1.0),
    ("\t", 1.0),
    ("|", 1.0),
    ("||", 0.95),
    (";;", 0.95),
    (", ", 0.9),
    ("\x1f", 0.9),
    ("\x01", 0.9),
    ("\x1e", 0.9),
    ("^", 0.7),
    ("~", 0.7),
    ("::", 0.7),
    ("¦", 0.7),
    ("§", 0.7),
    ("#", 0.5),
    (":", 0.4),
    (" ", 0.4),
)
_STRONG: Final = re.compile(r"[;\t|\x1f]|,(?=[A-Za-z])")
_SAMPLE_LINES: Final = 300
# Fewer agreeing lines than this and the text is no table of several columns.
_LEAST_SHARE: Final = 0.3
# Quotation marks are believed to quote nothing only where they fit clearly worse as ones that do.
_WEIGHT_WITHOUT_QUOTES: Final = 0.8
# One line with an open mark is a fault of that line; so many of them are a habit.
_LEAST_MARKED: Final = 5
# A mark inside a value tells less than one that is never closed: inches and nicknames hold one.
_STRAY_COST: Final = 0.5
_QUOTES: Final = ('"', "'")
_BRACKETS: Final = ("{", "[")
_IN_PROSE: Final = frozenset({" ", ":", "#", ", "})
_MOMENT: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d{2}")
_HINT: Final = re.compile(r"^\"?sep=(.+?)\"?$", re.IGNORECASE)
# Not a tab, which may be what the hint names.
_AROUND_HINT: Final = " \r\n"


def sniff_format(lines: list[str], separator: str | None = None, quote: str | None = None) -> CsvFormat:
    """Find the quotation mark, and the separator that gives most rows equally many clean values."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    quotes = (quote,) if quote is not None else _possible_quotes(sample)
    if separator is None and sample and (hint := _HINT.match(sample[0].strip(_AROUND_HINT))):
        separator = hint[1]
    if separator is None:
        scores: dict[str, float] = {}
        for mark, weight in _CANDIDATES:
            # No score is above its weight: what is met seldom is not tried where another one fits well.
            if mark == ", " or weight > max(scores.values(), default=0.0):
                scores[mark] = weight * max(_score(sample, mark, quote) for quote in quotes)
        separator = max(scores, key=lambda mark: scores[mark])
        if separator == "," and scores.get(", ", 0.0) >= 0.9 * scores[","]:
            # Each comma is followed by a space: the space belongs to the separator and not to the values.
            separator = ", "
        if scores[separator] < _LEAST_SHARE * 0.4:
            separator = ","
            return CsvFormat(separator, quotes[0])
    return CsvFormat(separator, max(quotes, key=lambda mark: _score(sample, separator, mark)))


def _possible_quotes(sample: list[str]) -> tuple[str, ...]:
    """Return the mark that may stand around values, and none where it may stand inside them only."""
    mark = _find_quote(sample)
    return (mark, "") if sum(mark in line for line in sample) >= _LEAST_MARKED else (mark,)


def without_hint(lines: list[str]) -> list[str]:
    """Return the lines with Excel's own hint, `sep=;` in the first one, blanked out."""
    return ["", *lines[1:]] if lines and _HINT.match(lines[0].strip(_AROUND_HINT)) else lines


def _score(sample: list[str], separator: str, quote: str) -> float:
    if not any(separator in line for line in sample):
        return 0.0
    escapes = (False, True) if quote and any("\\" + quote in line for line in sample) else (False,)
    formats = [CsvFormat(separator, quote, escape) for escape in escapes]
    if _may_hold_brackets(sample, separator):
        formats.append(CsvFormat(separator, quote, brackets=True))
    return max(_score_of(sample, marks) for marks in formats)


def _may_hold_brackets(lines: list[str], separator: str) -> bool:
    """Whether values that begin with a bracket, which nothing quotes, stand in many lines."""
    held = [line for line in lines if "{" in line or "[" in line]
    if len(held) < _LEAST_MARKED:
        return False
    begins = (any(value.lstrip(" ")[:1] in _BRACKETS for value in line.split(separator)) for line in held)
    return sum(begins) >= _LEAST_MARKED


def _score_of(sample: list[str], marks: CsvFormat) -> float:
    records = [record for record in split_records(sample, marks) if not record.is_blank]
    widths = Counter(len(record.values) for record in records)
    width, n_rows = max(((w, n) for w, n in widths.items() if w > 1), key=lambda one: (one[1], one[0]), default=(1, 0))
    share = n_rows / max(len(records), 1)
    if width < 2 or share < _LEAST_SHARE:
        return 0.0
    if (marks.separator in _IN_PROSE or not marks.quote) and len(records[0].values) != width:
        # Spaces and colons stand in any sentence: without a first line of as many names it is free text. And marks
        # that quote nothing are believed only where the names say how many values there are.
        return 0.0
    if marks.separator == " " and not _is_apart(records, width):
        return 0.0
    rows = [record for record in records if len(record.values) == width]
    cells = [value for record in rows for value in record.values]
    # Between quotation marks any separator may stand.
    bare = [value for record in rows for at, value in enumerate(record.values) if at not in record.quoted]
    clean = 1 - sum(_STRONG.search(value) is not None for value in bare) / len(cells)
    filled = sum(bool(value.strip()) for value in cells) / len(cells)
    sound = 1 - sum(map(_unsoundness, records)) / len(records)
    believed = 1.0 if marks.quote else _WEIGHT_WITHOUT_QUOTES
    return believed * share * sound * clean**2 * (0.5 + 0.5 * filled) * (1 - 0.5 / width)


def _unsoundness(record: Record) -> float:
    """Return how much speaks against a record: marks that are left open, inside values, or around them and kept."""
    if record.unclosed or _keeps_quotes(record.values):
        return 1.0
    # With the wrong separator, marks around values stand inside values.
    return _STRAY_COST if record.stray else 0.0


def _keeps_quotes(values: Sequence[str]) -> bool:
    """Whether marks that were kept open a value and close it, or a later one: they were meant to quote it."""
    opened = False
    for value in map(str.strip, values):
        opened = opened or value[:1] in _QUOTES
        if opened and len(value) > 1 and value[-1:] in _QUOTES:
            return True
    return False


def _is_apart(records: list[Record], width: int) -> bool:
    """Whether spaces separate values, and not the words of a name or the date from the time."""
    rows = [record.values for record in records[1:] if len(record.values) == width]
    if any(_MOMENT.search(" ".join(row)) for row in rows):
        return False
    # Two words in each line are rather one column of names than two of words.
    return width > 2 or any(is_number(value, ".") for row in rows for value in row)


def _find_quote(sample: list[str]) -> str:
    text = "\n".join(map(without_break, sample))
    double = len(re.findall(r'(?:^|[,;\t|:~^ ])"', text, re.MULTILINE))
    # A quoting apostrophe opens at a separator and closes at one, and does so often.
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=$|[,;\t|])", text, re.MULTILINE))
    opened = len(re.findall(r"(?:^|[,;\t|])'", text, re.MULTILINE))
    return "'" if single > double and single >= 0.8 * opened and single >= max(3, 0.3 * len(sample)) else '"'


def split_as_quoted(lines: list[str], marks: CsvFormat) -> tuple[CsvFormat, list[Record], tuple[Note, ...]]:
    """Split lines into records, and find whether backslashes escape quotation marks in them.

    Marks are doubled (RFC 4180), or a backslash stands before each one and before each backslash (MySQL): read
    the wrong way, values run over their ends. The way that leaves fewer records with open marks, marks inside values or
    another number of values is the file's own; of two that leave as few, the doubled marks are, and that is said.
    """
    records = split_records(lines, marks)
    if _may_hold_brackets(lines, marks.separator):
        bracketed = replace(marks, brackets=True)
        others = split_records(lines, bracketed)
        if _count_faults(others) < _count_faults(records):
            return bracketed, others, ()
    if not marks.quote or not any("\\" + marks.quote in line for line in lines):
        return marks, records, ()
    escaped = replace(marks, escape=True)
    others = split_records(lines, escaped)
    n_faults, n_others = _count_faults(records), _count_faults(others)
    if n_others < n_faults:
        return escaped, others, ()
    changed = (one.line for one, other in zip(records, others, strict=False) if one.values != other.values)
    first = next(changed, None) if n_others == n_faults else None
    return marks, records, () if first is None else (_backslashes(first),)


def _count_faults(records: list[Record]) -> int:
    widths = Counter(len(record.values) for record in records if not record.is_blank)
    usual = widths.most_common(1)[0][0] if widths else 0
    return sum(
        record.unclosed or record.stray or len(record.values) != usual for record in records if not record.is_blank
    )


def _backslashes(line: int) -> Note:
    """Say that backslashes may have been meant to be left out."""
    return Note(
        f"Line {line}: a backslash before a quotation mark was kept as part of the value. If the program that wrote "
        "the file puts backslashes before quotation marks and backslashes, export it with doubled marks instead.",
        warning=True,
        line=line,
    )
