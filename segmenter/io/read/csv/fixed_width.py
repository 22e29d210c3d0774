"""Text files whose values stand below each other, with blanks between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from segmenter.io.read.csv.layout import is_typed
from segmenter.io.read.csv.records import Record, without_break

_SAMPLE_LINES: Final = 300
_LEAST_LINES: Final = 5
_LONGEST: Final = 2_000
# Two hyphens are how a missing value is written.
_RULERS: Final = ("---", "===", "___")
_RULER_LETTERS: Final = " \t|+:=_-"
_LEAST_FILLED: Final = 0.3
_AT_ONCE: Final = 2_000
_FEW_LINES: Final = 0.05

Span = tuple[int, int]


def without_rulers(records: list[Record]) -> list[Record]:
    """Return the records but for lines that are drawn; all of them where nothing else is there."""
    return [record for record in records if not is_ruler(record)] or records


def is_ruler(record: Record) -> bool:
    """Whether a record is a line that is drawn between names and rows."""
    return is_drawn("|".join(record.values))


def is_drawn(text: str) -> bool:
    """Whether a line of text is drawn between names and rows."""
    return not text.strip(_RULER_LETTERS + "\r\n") and any(ruler in text for ruler in _RULERS)


def find_spans(lines: Sequence[str]) -> list[Span]:
    """Return where each column begins and ends, in letters; none where lines are no columns of fixed width.

    Between two columns all lines have a blank. Columns are believed where they are further apart than words are, or
    where one of them holds numbers or dates in all lines: no prose does.
    """
    kept = [without_break(line).rstrip() for line in lines if line.strip()]
    kept = [text for text in kept if not is_drawn(text)]
    width = max(map(len, kept), default=0)
    if len(kept) < _LEAST_LINES or width > _LONGEST or any("\t" in text for text in kept):
        return []
    n_held = _count_letters(kept, width)
    spans = _believed(kept, n_held == 0)
    # Titles and remarks run across the columns: a few such lines are none of the table.
    return spans or _believed(kept, n_held <= max(_FEW_LINES * len(kept), 1))


def _believed(kept: Sequence[str], blank: np.ndarray) -> list[Span]:
    width = len(blank)
    inside = [text for text in kept[: 2 * _SAMPLE_LINES] if not _crosses(text, blank)]
    texts = inside[:_SAMPLE_LINES]
    if len(texts) < _LEAST_LINES:
        return []
    starts = [at for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    ends = [at + 1 for at in range(width) if not blank[at] and (at + 1 == width or blank[at + 1])]
    spans = list(zip(starts, ends, strict=True))
    rows = texts[1:]
    spans = _without_words(spans, texts[0], rows)
    if len(spans) < 2:
        return []
    if any(sum("  " in text[start:end].strip() for text in rows) > len(rows) / 2 for start, end in spans):
        # Values of their own that do not stand below each other.
        return []
    filled = [sum(bool(text[start:end].strip()) for text in rows) for start, end in spans]
    typed = [all(is_typed(text[start:end]) for text in rows if text[start:end].strip()) for start, end in spans]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    if min(filled) < _LEAST_FILLED * len(rows) or not (any(typed) or min(gaps) > 1):
        return []
    return spans


def _count_letters(texts: Sequence[str], width: int) -> np.ndarray:
    """(width,) how many texts have a letter at a place."""
    held = np.zeros(width, np.int64)
    for at in range(0, len(texts), _AT_ONCE):
        letters = np.array(texts[at : at + _AT_ONCE], f"U{width}").view(np.uint32).reshape(-1, width)
        held += ((letters != 0) & (letters != ord(" "))).sum(axis=0)
    return held


def _crosses(text: str, blank: np.ndarray) -> bool:
    """Whether a line has letters where columns are divided."""
    return any(letter != " " and at < len(blank) and blank[at] for at, letter in enumerate(text))


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
    """Split lines into records at fixed places; a line that runs across them is one value."""
    records = []
    for number, line in enumerate(lines, 1):
        text = without_break(line)
        gaps = (text[end:later] for (_, end), (later, _) in pairwise(spans))
        crosses = any(gap.strip() for gap in gaps) or bool(text[: spans[0][0]].strip() or text[spans[-1][1] :].strip())
        values = [text.strip()] if crosses or not text.strip() else [text[start:end].strip() for start, end in spans]
        records.append(Record(number, values))
    return records
