"""How values and public types are shown: short, every text of the user's escaped, and on one line."""

import html
import math
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

# A notebook shows a table to be read, not one to scroll through.
_MOST_ROWS: Final = 50
# More marks on one letter than any language writes only serve to paint over other lines.
_MOST_MARKS: Final = 3
# At these no line is broken: they hold a number and its unit together.
_UNBROKEN: Final = frozenset("\u00a0\u202f")
# Overrides and embeddings of the direction would turn what stands around them.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def html_view(
    title: str,
    headers: Sequence[str] = (),
    rows: Iterable[Sequence[object]] = (),
    notes: Iterable[str] = (),
) -> str:
    """Return a heading, sentences and a table as HTML for `_repr_html_`.

    Parameters
    ----------
    title
        The same text as the type's `repr`.
    headers
        Names of the table's columns; without any there is no table.
    rows
        One sequence of cells each; floats are shown with four digits, None as a dash.
    notes
        Sentences between the heading and the table.
    """
    parts = [f"<strong>{html.escape(title)}</strong>"]
    parts += [f"<p>{html.escape(note)}</p>" for note in notes if note]
    if headers:
        rows = iter(rows)
        body = "".join(_row("td", map(shown, row)) for row in islice(rows, _MOST_ROWS))
        parts.append(f"<table><thead>{_row('th', headers)}</thead><tbody>{body}</tbody></table>")
        if more := sum(1 for _ in rows):
            parts.append(f"<p>… and {more:,} more</p>")
    return f"<div>{''.join(parts)}</div>"


def shown(value: object) -> str:
    """Return a cell's value as text: four digits of a float, thousands apart, a dash for what is not there."""
    if value is None or value != value:  # NaN alone differs from itself
        return "–"
    if isinstance(value, float):
        return (f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}").replace("-", "−")
    return f"{value:,}".replace("-", "−") if isinstance(value, int) and not isinstance(value, bool) else str(value)


def number_text(value: float, decimals: int, *, signed: bool = False) -> str:
    """Return a number with thousands apart and a true minus sign; never a minus nought.

    Parameters
    ----------
    decimals
        Digits after the point.
    signed
        Whether it is a change, with its sign: "+1.5".
    """
    if round(value, decimals) == 0:
        value = 0.0
    return f"{value:{'+' if signed and value else ''},.{decimals}f}".replace("-", "−")


def rounded(value: float | None, digits: int) -> float | None:
    """Return a number of so many decimals for a table; None stays None."""
    return None if value is None else round(value, digits)


def counted(number: int, thing: str) -> str:
    """Return a number with its noun: `1 segment`, `1,200 segments`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def whole_percent(share: float) -> int:
    """Return a share, 0-1, in whole per cent, halves up: the same share reads the same wherever it stands."""
    return _in_steps(share, 100)


def percent_text(share: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a share, 0-1, or a relative change as every page, chart, report and command writes it: "64 %".

    Halves go up. A small share is never written as none nor a large one as all: "< 1 %", "> 99 %".

    Parameters
    ----------
    share
        1 is all; nan is written as a dash.
    decimals
        Digits after the point.
    signed
        Whether it is a change, with its sign: "+20 %".
    """
    if math.isnan(share):
        return "–"
    if math.isinf(share):
        return f"{'−' if share < 0 else ''}∞ %"
    scale = 10**decimals
    steps = _in_steps(share, 100 * scale)
    if not signed and steps == 0 < share:
        return f"< {1 / scale:.{decimals}f} %"
    if not signed and share < 1 and steps == 100 * scale:
        return f"> {100 - 1 / scale:.{decimals}f} %"
    return f"{steps / scale:{'+' if signed and steps else ''},.{decimals}f} %".replace("-", "−")


def sum_text(shares: Sequence[float]) -> str:
    """Return the sum of shares, 0-1, that stand beside it in whole per cent: "60 %".

    A few are added up by whoever reads them. Where what is read adds up to something else, the sum has a decimal: it is
    as true as before, and shows that the others are rounded.
    """
    total = sum(shares)
    is_read = len(shares) <= _ADDED_UP_BY_READERS
    differs = is_read and sum(map(whole_percent, shares)) != whole_percent(total)
    return percent_text(total, int(differs))


_ADDED_UP_BY_READERS: Final = 3


def _in_steps(share: float, n_steps: int) -> int:
    # 0.145 is a little less than that in binary.
    return math.floor(n_steps * share + 0.5 + 1e-9)


def _row(cell: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{html.escape(text)}</{cell}>' for text in texts)}</tr>"


def clean_text(text: str) -> str:
    """Return a text on one line and without what XML cannot hold or what changes its surroundings.

    Control letters, lone surrogates and what turns the direction of writing go; blanks and line ends become one blank;
    a letter keeps at most three marks above or below it.
    """
    kept, marks = [], 0
    for letter in text:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks > _MOST_MARKS or letter in _TURNING or kind in ("Cs", "Cn", "Co"):
            continue
        kept.append(" " if kind in ("Cc", "Zl", "Zp", "Zs") and letter not in _UNBROKEN else letter)
    return " ".join(word for word in "".join(kept).split(" ") if word)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many letters; of a longer one an ellipsis ends it, behind a whole word if it can."""
    if len(text) <= most:
        return text
    cut = text[: max(most - 1, 1)]
    # Where the next word begins right behind, the last one is whole.
    whole = cut if text[len(cut)].isspace() else cut.rpartition(" ")[0]
    return (whole if len(whole) > most // 2 else cut).rstrip(" ,…") + "…"


def capitalised(text: str) -> str:
    """Return a text with a capital at its beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def ink_on(ground: str) -> str:
    """Return black or white, whichever is read better on a colour such as "#2d6987" (WCAG 2.2)."""
    channels = (int(ground[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"
