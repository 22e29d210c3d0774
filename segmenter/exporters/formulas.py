"""Which cells would a spreadsheet run as formulas, and how are they written so that it does not?"""

import re
from typing import Final

import pandas as pd

_STARTERS: Final = "=+\\-@\t\r\n＝＋－＠"
_BLANKS: Final = " \u00a0\u200b\ufeff"
# Apostrophes that stand there already get one more, so that no two texts are written alike.
_RISKY = rf"^'*[{_BLANKS}]*[{_STARTERS}]"
# A signed number is no formula: an apostrophe would spoil it.
_NUMBER = rf"^'*[{_BLANKS}]*[+-]?(?:\d[\d,]*(?:\.\d*)?|\d[\d.]*,\d+|[.,]\d+)(?:[eE][+-]?\d+)?%?[{_BLANKS}]*$"


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would read the text as a formula."""
    return bool(re.match(_RISKY, text)) and not re.match(_NUMBER, text)


def escaped(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if is_risky(text) else text


def risky_cells(texts: pd.Series) -> pd.Series:
    """Return which texts a spreadsheet would read as formulas; missing ones are not."""
    starts = texts.str.match(_RISKY, na=False)
    if starts.any():
        starts &= ~texts.str.match(_NUMBER, na=False)
    return starts


def escaped_cells(texts: pd.Series) -> pd.Series:
    """Return the texts with an apostrophe in front of those that a spreadsheet would run."""
    risky = risky_cells(texts)
    return texts.where(~risky, "'" + texts) if risky.any() else texts
