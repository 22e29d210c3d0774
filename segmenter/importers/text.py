"""Which encoding and which separator was a text file written with?"""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence

from segmenter.errors import NotATextTableError, WrongEncodingError
from segmenter.importers.structure import modal_width

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1")

# Enough lines to see the shape of a table, few enough to be instant.
SNIFFED_LINES = 200
SNIFFED_LETTERS = 2_000_000
LONGEST_CELL = 10_000_000
# More control characters than this among the first letters, and it is no text.
CONTROL_SHARE = 0.01
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes, encoding: str | None) -> tuple[str, str]:
    """Return the text and its encoding: byte-order mark, else strict UTF-8 over the whole file, else cp1252.

    Raises
    ------
    NotATextTableError
        If there are NUL bytes in it.
    WrongEncodingError
        If it is not in the encoding that was asked for.
    """
    if encoding:
        try:
            return _checked(content.decode(encoding)), encoding
        except (UnicodeError, LookupError) as error:
            raise WrongEncodingError(encoding) from error
    for mark, name in _BOMS:
        if content.startswith(mark):
            try:
                return _checked(content.decode(name)), name
            except UnicodeError as error:
                raise NotATextTableError from error
    half = _without_mark(content)
    if half:
        return _checked(content.decode(half)), half
    try:
        return _checked(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        # cp1252 leaves five bytes undefined; latin-1 never fails and differs only in those.
        try:
            return _checked(content.decode("cp1252")), "cp1252"
        except UnicodeDecodeError:
            return _checked(content.decode("latin-1")), "latin-1"


def find_separator(text: str) -> str:
    """Return the separator whose commonest number of cells covers most lines; wider tables win ties."""
    lines = head(text)
    scores = {separator: _consistency(split(lines, separator)) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    return best if scores[best][0] > 0 else ","


def head(text: str) -> list[str]:
    """Return the first lines, with their line ends."""
    position = 0
    for _ in range(SNIFFED_LINES):
        following = text.find("\n", position)
        if following < 0:
            position = len(text)
            break
        position = following + 1
    # Only these characters end a line here; str.splitlines would also cut at form feeds and other rare ones.
    return list(io.StringIO(text[: min(position, SNIFFED_LETTERS)], newline="\n"))[:SNIFFED_LINES]


def split(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Return the lines as rows of cells."""
    return [row for row, _ in numbered_rows(lines, separator)]


def numbered_rows(lines: Iterable[str], separator: str) -> list[tuple[list[str], int]]:
    """Return each row with the number of its last line, from 1; a quoted cell may span several lines."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=separator)
    rows = []
    try:
        for row in reader:
            rows.append((row, reader.line_num))
    except csv.Error:
        return [(line.rstrip("\r\n").split(separator), number) for number, line in enumerate(lines, start=1)]
    return rows


def _consistency(rows: list[list[str]]) -> tuple[float, int]:
    width = modal_width(rows)
    if width < 2:
        return 0.0, 0
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    return sum(len(row) == width for row in filled) / len(filled), width


def _checked(text: str) -> str:
    sample = text[: SNIFFED_LETTERS // 100]
    controls = sum(letter < " " and letter not in "\t\r\n\f" for letter in sample)
    if "\x00" in text or controls > CONTROL_SHARE * len(sample):
        raise NotATextTableError
    return text


def _without_mark(content: bytes) -> str | None:
    # Text in a Latin script has a zero in every second byte of UTF-16.
    sample = content[:2000]
    if len(sample) < 4 or len(content) % 2 or not sample.count(0):
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    enough = len(sample) / 4
    if odd > enough and not even:
        return "utf-16-le"
    return "utf-16-be" if even > enough and not odd else None
