"""What a report is made of, whatever it is written as: pages, and the blocks that stand on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from segmenter.charts.theme import DIVERGING, FAINT
from segmenter.display import clean_text
from segmenter.report.fitting import text_width

BLACK: Final = "#111111"
WHITE: Final = "#ffffff"


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


def ink_on(fill: str) -> str:
    """Return black or white, whichever is easier to read on a colour (`#rrggbb`)."""
    return WHITE if _luminance(fill) < 0.1791 else BLACK


def index_fill(index: float | None) -> str:
    """Return the colour of an index, of which 100 is the average of all; none for no value."""
    if index is None:
        return ""
    share = min(max((index - 100) / 100, -1.0), 1.0)
    end = DIVERGING[2][1] if share > 0 else DIVERGING[0][1]
    return mix(FAINT, end, abs(share))


def mix(start: str, end: str, share: float) -> str:
    """Return the colour that lies this share of the way, 0-1, from one to another."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_parts(start), _parts(end), strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _parts(colour: str) -> Sequence[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in _parts(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
