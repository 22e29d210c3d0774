"""Tables of customers' own cells."""

import pandas as pd

LONGEST_CELL = 200


def short_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are cut to a length that a browser shows quickly."""
    texts = table.select_dtypes(["string", "object"]).columns
    return table.assign(**{name: table[name].astype("str").str.slice(0, LONGEST_CELL) for name in texts})
