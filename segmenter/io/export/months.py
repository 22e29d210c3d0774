"""Who moved between months, as files: tables, lists of who joined and left, and the report of all months."""

from collections.abc import Mapping, Sequence

import pandas as pd

from segmenter.display import counted
from segmenter.explain.columns import ColumnWords
from segmenter.io.export.csv import to_csv
from segmenter.monitor.drift import ModelCheck
from segmenter.monitor.movement import Movement
from segmenter.report import write_pages
from segmenter.report.months import pages_of_months


def movement_files(movement: Movement) -> dict[str, bytes]:
    """Return who moved, by file name: counts, money where it is known, and who joined and left each segment.

    Parameters
    ----------
    movement
        What `compare_months` found.
    """
    files = {"movement.csv": to_csv(movement.customers.reset_index(names="before"))}
    if movement.money is not None:
        files["money.csv"] = to_csv(movement.money.round(2).reset_index(names="before"))
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


def months_report(
    checks: Mapping[str, ModelCheck | None],
    shares: pd.DataFrame,
    movements: Sequence[Movement],
    format: str,
    words: Mapping[str, ColumnWords] | None = None,
) -> bytes:
    """Return a report of all months: still true or not, shares over time, who moved, what has drifted.

    Parameters
    ----------
    checks
        Month → whether the model is still true of it; None where that cannot be told.
    shares
        A row per month, a column per segment.
    movements
        From each month to the next.
    format
        "html" for one web page that needs nothing and prints, "pptx" for slides whose charts can be edited.
    words
        How the model's columns are spoken of; None for their own names.
    """
    return write_pages(
        pages_of_months(checks, shares, movements, words or {}), format, f"{counted(len(checks), 'month')} · Segmenter"
    )
