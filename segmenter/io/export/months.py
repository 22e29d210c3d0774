"""Who moved between months, as files: tables, lists of who joined and left, and the report of all months."""

import html
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from segmenter.charts.months import movement_sankey, shares_over_months, then_and_now
from segmenter.io.export.charts import html_page
from segmenter.io.export.csv import to_csv
from segmenter.monitor.drift import Drift, ModelCheck
from segmenter.monitor.movement import Movement

DRIFT_WORDS: Mapping[Drift, str] = {
    Drift.NONE: "as before",
    Drift.SLIGHT: "a little",
    Drift.CLEAR: "clearly",
    Drift.STRONG: "strongly",
}


def movement_files(movement: Movement) -> dict[str, bytes]:
    """Return who moved, by file name: counts, money where it is known, and who joined and left each segment.

    Parameters
    ----------
    movement
        What `compare_months` found.
    """
    files = {"movement.csv": to_csv(movement.customers.reset_index(names="before"))}
    if movement.money is not None:
        files["money.csv"] = to_csv(movement.money.reset_index(names="before"))
    files["joined_and_left.csv"] = to_csv(joined_and_left(movement))
    return files


def joined_and_left(movement: Movement) -> pd.DataFrame:
    """Return one row per customer and segment that it has joined or left: `id`, `segment`, `what`."""
    joined = [
        pd.DataFrame({"id": movement.joined(name), "segment": name, "what": "joined"}) for name in movement.now.names
    ]
    left = [
        pd.DataFrame({"id": movement.left(name), "segment": name, "what": "left"}) for name in movement.before.names
    ]
    return pd.concat([*joined, *left], ignore_index=True)


def months_page(checks: Mapping[str, ModelCheck | None], shares: pd.DataFrame, movements: Sequence[Movement]) -> bytes:
    """Return an HTML page of all months that needs no network: still true or not, shares over time, who moved.

    Parameters
    ----------
    checks
        Month → whether the model is still true of it; None where that cannot be told.
    shares
        A row per month, a column per segment.
    movements
        From each month to the next.
    """
    figures: list[tuple[str, str, go.Figure | None]] = [
        ("Shares over time", _table(shares.map(lambda share: f"{share:.1%}"), "month"), shares_over_months(shares))
    ]
    for month, check in checks.items():
        if check is None:
            figures.append((month, "<p>This model cannot tell whether it is still true.</p>", None))
            continue
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in check.reasons[1:])
        drift = pd.DataFrame(
            {
                "then": [_value(each.typical[1]) for each in check.columns],
                "now": [_value(each.typical[0]) for each in check.columns],
                "has moved": [DRIFT_WORDS[each.level] for each in check.columns],
            },
            index=[each.column for each in check.columns],
        )
        text = f"<p><strong>{html.escape(check.sentence)}</strong></p><ul>{reasons}</ul>{_table(drift, 'column')}"
        text += f"<p>{html.escape(check.fit_sentence)}</p>"
        figures.append((month, text, then_and_now(check.segments)))
    for each in movements:
        both = len(each.both)
        said = f"<p>{each.n_moved:,} of {both:,} customers of both months moved.</p>"
        counts = each.customers.map(lambda count: f"{count:,}")
        title = f"{each.before.title} to {each.now.title}"
        figures.append((title, said + _table(counts, "from \\ to"), movement_sankey(each)))
    return html_page(f"{len(checks)} months", figures)


def _value(value: float | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:,.4g}"


def _table(table: pd.DataFrame, corner: str) -> str:
    head = "".join(f"<th scope=col>{html.escape(str(name))}</th>" for name in (corner, *table.columns))
    rows = "".join(
        f"<tr><th scope=row>{html.escape(str(name))}</th>"
        + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row)
        + "</tr>"
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
