"""Text files whose values stand below each other, with blanks between them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter.io.read.csv.layout import is_typed
from segmenter.io.read.csv.records import Record, without_break

_SAMPLE_LINES: Final = 300
_LEAST_LINES: Final = 5
_LONGEST: Final = 2_000
_RULER: Final = re.compile(r"^[\s|+:=_-]*[-=_]{2}[\s|+:=_-]*$")
_LEAST_FILLED: Final = 0.3
_AT_ONCE: Final = 2_000

Span = tuple[int, int]


def is_ruler(record: Record) -> bool:
    """Whether a record is a line that is drawn between names and rows."""
    text = "|".join(record.values)
    return len(text) <= _LONGEST and _RULER.match(text) is not None


def find_spans(lines: Sequence[str]) -> list[Span]:
    """Return where each column begins and ends, in letters; none where lines are no columns of fixed width.

    Between two columns all lines have a blank. Columns are believed where they are further apart than words are, or
    where one of them holds numbers or dates in all lines: no prose does.
    """
    kept = [without_break(line).rstrip() for line in lines if line.strip()]
    kept = [text for text in kept if not _RULER.match(text[:_LONGEST])]
    width = max(map(len, kept), default=0)
    if len(kept) < _LEAST_LINES or width > _LONGEST or any("\t" in text for text in kept):
        return []
    texts = kept[:_SAMPLE_LINES]
    blank = _blank_in_all(kept, width)
    starts = [at for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    ends = [at + 1 for at in range(width) if not blank[at] and (at + 1 == width or blank[at + 1])]
    spans = list(zip(starts, ends, strict=True))
    rows = texts[1:]
    spans = _without_words(spans, texts[0], rows)
    if len(spans) < 2:
        return []
    filled = [sum(bool(text[start:end].strip()) for text in rows) for start, end in spans]
    typed = [all(is_typed(text[start:end]) for text in rows if text[start:end].strip()) for start, end in spans]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    if min(filled) < _LEAST_FILLED * len(rows) or not (any(typed) or min(gaps) > 1):
        return []
    return spans


def _blank_in_all(texts: Sequence[str], width: int) -> np.ndarray:
    """(width,) whether no text has a letter at a place."""
    held = np.zeros(width, bool)
    for at in range(0, len(texts), _AT_ONCE):
        letters = np.array(texts[at : at + _AT_ONCE], f"U{width}").view(np.uint32).reshape(-1, width)
        held |= ((letters != 0) & (letters != ord(" "))).any(axis=0)
    return ~held


def _without_words(spans: list[Span], first: str, rows: Sequence[str]) -> list[Span]:
    """Join what only looks apart: words of one column, where one blank divides them and the names don't."""
    joined: list[Span] = []
    for start, end in spans:
        values = [row[start:end].strip() for row in rows]
        is_named = bool(first[start:end].strip())
        if joined and start - joined[-1][1] == 1 and not is_named and not all(map(is_typed, filter(None, values))):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_spans(lines: Sequence[str], spans: Sequence[Span]) -> list[Record]:
    """Split lines into records at fixed places."""
    records = []
    for number, line in enumerate(lines, 1):
        text = without_break(line)
        values = [text[start:end].strip() for start, end in spans] if text.strip() else [""]
        records.append(Record(number, values))
    return records
