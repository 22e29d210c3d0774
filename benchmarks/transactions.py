"""How much longer, and with how much more memory, are purchase lines turned into customers than by pandas?"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from benchmarks.measuring import Line, measured_apart

N_LINES = 10_000_000
MOST_TIME, MOST_MEMORY = 0.7, 0.6
_ROUNDS = 3

# Each side in a process of its own, after its imports; both write the customers that they found.
_MEASURE = """
import sys, time
import pandas as pd
{prepare}
start = time.perf_counter()
{work}
print(time.perf_counter() - start)
customers.to_parquet(sys.argv[2])
"""
# Only the columns that count are read, and each measure is taken in the way that pandas is quickest at.
_PANDAS = _MEASURE.format(
    prepare="",
    work="""
columns = ["invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id", "country"]
lines = pd.read_csv(sys.argv[1], usecols=columns, parse_dates=["invoice_date"])
known = lines[lines["customer_id"].notna()]
cancelled = known["invoice_no"].str.startswith("C")
bought = known[~cancelled & (known["quantity"] > 0) & (known["unit_price"] > 0)]
bought = bought.assign(spend=bought["quantity"] * bought["unit_price"])
customers = bought.groupby("customer_id").agg(
    orders=("invoice_no", "nunique"), spend=("spend", "sum"), first_order=("invoice_date", "min"),
    last_order=("invoice_date", "max"), items=("quantity", "sum"), distinct_products=("stock_code", "nunique"),
    country=("country", "last"),
)
customers["average_order_value"] = customers["spend"] / customers["orders"]
customers["share_of_returns"] = cancelled.groupby(known["customer_id"]).mean()
orders = bought.drop_duplicates(["customer_id", "invoice_no"])
weekdays = orders["invoice_date"].groupby([orders["customer_id"], orders["invoice_date"].dt.day_name().rename("day")])
ranked = weekdays.agg(["size", "max"]).sort_values(["size", "max"]).reset_index("day")
customers["favourite_weekday"] = ranked.groupby("customer_id")["day"].last()
""",
)
_OURS = _MEASURE.format(
    prepare="""
from segmenter.io.read import read_table
from segmenter.io.read.purchases import read_purchases
from segmenter.purchases.spec import Returns
read_table(b'a,b\\n1,2\\n3,4\\n')
""",
    work="customers = read_purchases(sys.argv[1], returns=Returns.LEFT_OUT).original",
)


def transactions() -> Iterator[Line]:
    """Turn 10,000,000 lines of a CSV into customers, with all checks on."""
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = Path(folder) / "theirs.parquet", Path(folder) / "ours.parquet"
        with purchase_lines(N_LINES) as path:
            # In turns, so that a busy machine slows both alike; the best of each is the least disturbed.
            runs = [(measured_apart(_PANDAS, path, theirs), measured_apart(_OURS, path, ours)) for _ in range(_ROUNDS)]
        apart = _difference(pd.read_parquet(ours), pd.read_parquet(theirs))
    for at, (what, unit, most) in enumerate((("time", "s", MOST_TIME), ("peak memory", "MB", MOST_MEMORY))):
        peer, own = (min(run[side][at] for run in runs) for side in (0, 1))
        yield Line(
            "transactions",
            f"{what} of turning {N_LINES:,} lines of a CSV into customers, against pandas' group-by",
            f"{own / peer:.2f}× ({own:,.1f} against {peer:,.1f} {unit})",
            f"≤ {most}×",
            own <= most * peer,
        )
    yield Line(
        "transactions", "largest relative difference from pandas' customers", f"{apart:.1e}", "≤ 1e-9", apart <= 1e-9
    )


def _difference(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """Return by how much numbers differ at most; infinity where anything else does."""
    ours = ours.set_index("customer_id").sort_index()
    for name in ("first_order", "last_order"):
        theirs[name] = theirs[name].dt.normalize()
    same = [name for name in theirs if not pd.api.types.is_numeric_dtype(theirs[name])]
    if len(ours) != len(theirs) or any((ours[name].to_numpy() != theirs[name].to_numpy()).any() for name in same):
        return float("inf")
    numbers = theirs.columns.difference(same)
    apart = (ours[numbers] - theirs[numbers]).abs() / theirs[numbers].abs().clip(lower=1.0)
    return float(apart.to_numpy().max())


@contextmanager
def purchase_lines(n: int) -> Iterator[Path]:
    """Write made-up invoice lines: five an order, four orders a customer, some cancelled, some of nobody."""
    random = np.random.default_rng(0)
    n_orders, n_customers = n // 5, n // 20
    order = np.sort(random.integers(0, n_orders, n))
    owner, moment = random.integers(0, n_customers, n_orders), np.sort(random.integers(0, 730 * 86_400, n_orders))
    cancelled = (random.random(n_orders) < 0.02)[order]
    when = np.datetime64("2022-01-01") + moment[order].astype("timedelta64[s]")
    quantity = random.geometric(0.3, n)
    countries = random.choice(["United Kingdom", "France", "Germany", "Norway"], n_customers, p=[0.8, 0.1, 0.05, 0.05])
    described = np.array(["WHITE HANGING HEART", "RED MUG", "BLUE PEN SET", "GREEN BAG LARGE"])
    table = pa.table(
        {
            "invoice_no": _named(np.where(cancelled, "C", ""), 500_000 + order),
            "stock_code": _named("P", 10_000 + random.zipf(1.3, n) % 4_000),
            "description": described[random.integers(0, 4, n)],
            "quantity": np.where(cancelled, -quantity, quantity),
            "invoice_date": pd.Series(when).dt.strftime("%Y-%m-%d %H:%M:%S").to_numpy(dtype=object),
            "unit_price": (random.gamma(2, 4, n) + 0.05).round(2),
            "customer_id": np.where(random.random(n) < 0.02, "", _named("K", 100_000 + owner[order])),
            "country": countries[owner[order]],
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.csv"
        csv.write_csv(table, path, csv.WriteOptions(quoting_style="none"))
        yield path


def _named(prefix: str | np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return np.char.add(prefix, numbers.astype(str))
