"""What a report is made of: pages, the blocks that stand on them, and how much text a box holds.

Widths are those of DejaVu Sans, which matplotlib ships. It is about a tenth wider than Arial, which the slides name,
and than what stands in for Arial on other systems, so that whatever fits here fits there.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from segmenter.charts.theme import DIVERGING, FAINT, mix
from segmenter.display import clean_text

POINTS: Final = 72
# Set as the exact distance of lines, so that a letter of another font does not push the next line down.
LINE: Final = 1.2
ELLIPSIS: Final = "…"
# How a spreadsheet's cells and a chart's labels write a share.
PERCENT: Final = r"0\ %"
PERCENT_TENTHS: Final = r"0.0\ %"
# Emoji and East Asian letters come from other fonts, in which one takes up to so much of the font's size.
_FOREIGN: Final = 1.3
_UNITS: Final = 1000


@dataclass(frozen=True)
class Fitted:
    """A text as it fits a box.

    Attributes
    ----------
    size
        Of the font, in points.
    lines
        How many lines it takes.
    """

    text: str
    size: float
    lines: int

    @property
    def height(self) -> float:
        """Height in inches."""
        return self.lines * self.size * LINE / POINTS


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most when it stands on one line, in inches.

    Parameters
    ----------
    size
        Of the font, in points.
    bold
        Whether its letters are.
    """
    return sum(_advance(letter, bold=bold) for letter in text) * size / POINTS


def count_lines(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes in a box of that width in inches; words that are too long are broken."""
    lines, room = 1, width
    blank = text_width(" ", size, bold=bold)
    for word in text.split(" "):
        needed = text_width(word, size, bold=bold)
        if needed > room and room < width:
            lines, room = lines + 1, width
        if needed > width:
            for letter in word:
                step = text_width(letter, size, bold=bold)
                if step > room and room < width:
                    lines, room = lines + 1, width
                room -= step
            room -= blank
        else:
            room -= needed + blank
    return lines


def fit_text(
    text: str, width: float, height: float, sizes: Sequence[float], *, bold: bool = False, most_lines: int = 0
) -> Fitted:
    """Return a text in the largest of the sizes in which it fits, cut to what fits where it fits in none.

    Parameters
    ----------
    text
        Is cleaned first.
    width, height
        Of the box, in inches.
    sizes
        Of the font in points, the largest first.
    bold
        Whether its letters are.
    most_lines
        How many lines it may take; 0 for as many as the height allows.
    """
    text = clean_text(text)
    for size in sizes:
        if size * LINE / POINTS > height + 1e-6:
            continue
        allowed = _lines_in(height, size, most_lines)
        # A text of so many letters fits no box of a slide; counting its lines would take as long as it is.
        if len(text) * 0.2 * size / POINTS <= allowed * width:
            lines = count_lines(text, width, size, bold=bold)
            if lines <= allowed:
                return Fitted(text, size, lines)
    size = sizes[-1]
    allowed = _lines_in(height, size, most_lines)
    low, high = 0, min(len(text), int(allowed * width * POINTS / (0.2 * size)) + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if count_lines(_cut(text, middle), width, size, bold=bold) <= allowed:
            low = middle
        else:
            high = middle - 1
    return Fitted(_cut(text, low), size, allowed)


def one_line(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return as much of a text as stands on one line of that width in inches."""
    return fit_text(text, width, size * LINE / POINTS, (size,), bold=bold, most_lines=1).text


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip(" ,.;:\u200d") + ELLIPSIS


def _lines_in(height: float, size: float, most: int) -> int:
    fitting = max(1, int(height * POINTS / (size * LINE) + 1e-6))
    return min(fitting, most) if most else fitting


@cache
def _advance(letter: str, *, bold: bool) -> float:
    """Return the width of a letter as a share of the font's size."""
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    font, own = _font(bold=bold), 0.0
    if font.get_char_index(ord(letter)):
        own = font.load_char(ord(letter), flags=LoadFlags.NO_SCALE).horiAdvance / font.units_per_EM
    if own and unicodedata.east_asian_width(letter) not in ("W", "F"):
        return float(own)
    # One letter can stand for a whole phrase, as some Arabic ones do.
    parts = unicodedata.normalize("NFKC", letter)
    return max(_FOREIGN, own, 0.7 * len(parts) if len(parts) > 1 else 0.0)


@cache
def _font(*, bold: bool) -> FT2Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FT2Font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name))


@dataclass(frozen=True)
class Text:
    """Paragraphs, or points of a list; small where they only explain what stands beside them."""

    paragraphs: tuple[str, ...]
    listed: bool = False
    small: bool = False


@dataclass(frozen=True)
class Facts:
    """A few large figures, each with what it counts: (value, label)."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Card:
    """One segment at a glance.

    Attributes
    ----------
    number
        1 for the largest.
    light, light_words
        "green", "amber" or "red" and what it means; empty where nothing is known.
    """

    number: int
    name: str
    sentence: str
    size: str
    money: str
    light: str
    light_words: str
    colour: str


@dataclass(frozen=True)
class Cards:
    """All segments at a glance."""

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Series:
    """Values of a bar chart under one name.

    Attributes
    ----------
    values
        One a category; None where there is none.
    texts
        The same values as they are read, in the units of the file.
    colours
        One for every bar, or one a category.
    """

    name: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    colours: tuple[str, ...]

    def colour(self, place: int) -> str:
        """Return the colour of a bar."""
        return self.colours[place % len(self.colours)]


@dataclass(frozen=True)
class Bars:
    """A chart of horizontal bars, of numbers that can be edited in slides.

    Attributes
    ----------
    title
        What the bars measure.
    number_format
        Of the values, as spreadsheets write it.
    signed
        Whether bars go to both sides of a middle, which stands for all customers.
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    number_format: str = "General"
    signed: bool = False


@dataclass(frozen=True)
class Lines:
    """A chart of lines over time, of numbers that can be edited in slides.

    Attributes
    ----------
    title
        What the lines measure.
    points
        What stands along the bottom, the first on the left.
    series
        One line each, of the first of its colours.
    number_format
        Of the values, as spreadsheets write it.
    """

    title: str
    points: tuple[str, ...]
    series: tuple[Series, ...]
    number_format: str = "General"


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    fill
        Its colour; empty for none.
    number
        Whether it stands on the right, as numbers do.
    """

    text: str
    fill: str = ""
    bold: bool = False
    number: bool = False


_MOSTLY_COLOURED: Final = 0.5


@dataclass(frozen=True)
class Table:
    """A table whose first column says what each row is about.

    Attributes
    ----------
    headers
        One a column.
    rows
        Of as many cells each.
    label_share
        How much of the width the first column takes, 0-1.
    caption
        One sentence on how to read it.
    lines
        How many lines a text may take on a slide; longer ones are cut.
    """

    headers: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    label_share: float = 0.25
    caption: str = ""
    lines: int = 3

    @property
    def is_map(self) -> bool:
        """Whether colours say what its numbers do: these then stand in the middle, and else one below the other."""
        numbers = [cell for row in self.rows for cell in row[1:] if cell.number]
        return bool(numbers) and sum(bool(cell.fill) for cell in numbers) > _MOSTLY_COLOURED * len(numbers)

    def columns(self, most: int) -> tuple["Table", ...]:
        """Return tables of at most so many columns beside the first, as even as can be."""
        count = len(self.headers) - 1
        parts = max(1, -(-count // most))
        edges = [1 + count * part // parts for part in range(parts + 1)]
        return tuple(
            replace(
                self,
                headers=(self.headers[0], *self.headers[start:stop]),
                rows=tuple((row[0], *row[start:stop]) for row in self.rows),
            )
            for start, stop in pairwise(edges)
        )


@dataclass(frozen=True)
class Picture:
    """A drawing that is a picture in slides, too.

    Attributes
    ----------
    svg, png
        The same drawing twice.
    ratio
        Its width divided by its height.
    description
        What it shows, for whoever cannot see it.
    """

    svg: bytes
    png: bytes
    ratio: float
    description: str
    caption: str = ""


Block = Text | Facts | Cards | Bars | Lines | Table | Picture


@dataclass(frozen=True)
class Page:
    """One page of a report: a slide, or a part of the document.

    Attributes
    ----------
    title
        The answer as one sentence.
    lead
        One line on what it means; may be empty.
    blocks
        From top to bottom.
    side
        Blocks of a second column; empty for a page of one column.
    number
        The segment that it is about, 1 for the largest; None where it is about all.
    colour
        Of that segment.
    split
        How much of the width the first of two columns takes, 0-1.
    """

    title: str
    blocks: tuple[Block, ...]
    lead: str = ""
    side: tuple[Block, ...] = ()
    number: int | None = None
    colour: str = ""
    split: float = 0.52


def columns_that_fit(table: Table, width: float, size: float, padding: float, most: int) -> int:
    """Return how many columns beside the first stand abreast so that no number is broken or cut.

    Parameters
    ----------
    width
        Of the table, in inches.
    size
        Of the font, in points.
    padding
        On either side of a cell's text, in inches.
    most
        Columns beside the first that are enough in any case.
    """
    needed = widest_number(table, size) + 2 * padding + 0.02
    return max(1, min(most, int(width * (1 - table.label_share) / needed)))


def widest_number(table: Table, size: float) -> float:
    """Return the width of the widest number beside the first column, in inches."""
    cells = [cell for row in table.rows for cell in row[1:] if cell.number]
    return max((text_width(clean_text(cell.text), size, bold=cell.bold) for cell in cells), default=0.5)


def index_fill(index: float | None) -> str:
    """Return the colour of an index, of which 100 is the average of all; none for no value."""
    if index is None:
        return ""
    share = min(max((index - 100) / 100, -1.0), 1.0)
    end = DIVERGING[2][1] if share > 0 else DIVERGING[0][1]
    return mix(FAINT, end, abs(share))
