"""How public types show themselves in a console and in a notebook: short, and with every text of the user's escaped."""

import html
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

# A notebook shows a table to be read, not one to scroll through.
_MOST_ROWS: Final = 50


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
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def counted(number: int, thing: str) -> str:
    """Return a number with its noun: `1 segment`, `1,200 segments`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _row(cell: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{html.escape(text)}</{cell}>' for text in texts)}</tr>"
