"""How wide text is, and how much of it a box holds: what keeps every text of a slide inside its box.

Widths are those of DejaVu Sans, which matplotlib ships. It is about a tenth wider than Arial, which the slides name,
and than what stands in for Arial on other systems, so that whatever fits here fits there.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from segmenter.display import clean_text

POINTS: Final = 72
# Set as the exact distance of lines, so that a letter of another font does not push the next line down.
LINE: Final = 1.2
ELLIPSIS: Final = "…"
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
