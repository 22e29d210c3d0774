"""Purchase lines one by one, cleaned by the same convention as the customers that are made of them."""

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from segmenter.errors.reading import NoCustomersError
from segmenter.purchases.aggregate import RfmAggregator
from segmenter.purchases.customers import check_columns, line_cells
from segmenter.purchases.dictionary import to_chunk
from segmenter.purchases.lines import CLASS
from segmenter.purchases.spec import Purchases
from segmenter.table.dataset import Dataset


def purchase_lines(lines: Dataset, purchases: Purchases, snapshot: date | None = None) -> pd.DataFrame:
    """Return the lines that are purchases of known customers, in file order.

    Returned, cancelled and free lines are no purchases, whatever is done with them in the spend.

    Returns
    -------
    DataFrame
        `customer` (text), `day` (datetime64), `amount` (float64), `order` (a number that lines of one order of one
        customer share) and, where the file has one, `product` (text, missing where there is none).

    Raises
    ------
    UnknownColumnError, UnsuitableColumnError
        If a column is not there, or holds what its part can't use.
    NoCustomersError
        If no line is a purchase of a known customer.
    """
    check_columns(lines, purchases)
    whole = slice(0, len(lines.frame))
    cells = {role: line_cells(lines, role, name, whole) for role, name in purchases.sources.items()}
    chunk = to_chunk(pa.table(cells))
    classified = RfmAggregator(purchases, snapshot).classified(chunk)
    bought = np.flatnonzero(classified["class"] == CLASS["purchases"])
    if not len(bought):
        raise NoCustomersError(len(lines.frame))
    table = {
        "customer": _texts(chunk.texts["customer"].texts, chunk.texts["customer"].places[bought]),
        "day": classified["date"][bought].astype("datetime64[D]").astype("datetime64[s]"),
        "amount": classified["spent"][bought],
        "order": classified["order"][bought],
    }
    if purchases.product:
        product = chunk.texts["product"]
        table["product"] = _texts(product.texts, product.places[bought])
    return pd.DataFrame(table)


def _texts(texts: pl.Series, places: np.ndarray) -> pd.Series:
    known = pd.Series([*texts.to_list(), None], dtype=pd.StringDtype(na_value=np.nan))
    return known.iloc[places].reset_index(drop=True)
