"""Customers that an engine makes of lines of purchases are those that this program makes of the same lines."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmenter import Returns, read_frame, read_table
from segmenter.cli import main
from segmenter.engines.engine import open_engine
from segmenter.engines.purchases import customers_behind_lines
from segmenter.purchases.customers import customers_from
from segmenter.purchases.recognition import recognise_purchases
from segmenter.purchases.spec import Purchases

SHOP = Purchases(
    "customer_id",
    "invoice_date",
    quantity="quantity",
    price="unit_price",
    order="invoice",
    product="product",
    store="shop",
)


def shop_lines(n: int = 6_000, seed: int = 1, *, times: bool = True) -> pd.DataFrame:
    """Return lines of a shop with returns, cancellations, gaps, free lines and orders given back in whole."""
    random = np.random.default_rng(seed)
    order = np.sort(random.integers(0, n // 3, n))
    customer = random.integers(0, 150, n // 3)[order]
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 400, n // 3)[order], unit="D")
    frame = pd.DataFrame({"invoice": (500_000 + order).astype(str), "customer_id": customer.astype(float)})
    frame["invoice_date"] = day + pd.to_timedelta(random.integers(0, 86_400, n) if times else 0, unit="s")
    frame["product"] = random.choice(["tea", "cup", "pot", " tea ", "NA"], n)
    frame["quantity"] = random.choice([1, 2, 3, 0, -1], n, p=[0.5, 0.25, 0.15, 0.03, 0.07]).astype(float)
    frame["unit_price"] = random.choice([1.25, 2.5, 0.1, 0.0, 33.333], n, p=[0.4, 0.3, 0.2, 0.02, 0.08])
    frame["shop"] = random.choice(["Oslo", "Rome", None], n)
    # Whole orders that come back some days later, some twice, some before they were made.
    backs = []
    for number, whole in frame.groupby("invoice", sort=False):
        if random.random() < 0.15:
            back = whole.assign(invoice=f"C{number}", quantity=-whole["quantity"])
            back["invoice_date"] += pd.to_timedelta(int(random.integers(-2, 9)), unit="D")
            backs += [back] * (2 if random.random() < 0.1 else 1)
    frame = pd.concat([frame, *backs], ignore_index=True).sample(frac=1, random_state=seed, ignore_index=True)
    for name in ("customer_id", "invoice_date", "quantity", "invoice"):
        frame[name] = frame[name].mask(random.random(len(frame)) < 0.02)
    return frame


def assert_same_customers(there: pd.DataFrame, here: pd.DataFrame) -> None:
    name = here.columns[0]
    there = there.sort_values(name, ignore_index=True)
    assert list(there) == list(here)
    assert len(there) == len(here) > 100
    for column in here:
        mine, other = here[column], there[column]
        if pd.api.types.is_numeric_dtype(mine.dtype):
            np.testing.assert_allclose(other.astype(float), mine.astype(float), rtol=1e-12, err_msg=column)
        elif pd.api.types.is_datetime64_any_dtype(mine.dtype):
            assert pd.to_datetime(other).astype("datetime64[us]").equals(mine.astype("datetime64[us]")), column
        else:
            assert other.fillna("").astype(str).tolist() == mine.fillna("").astype(str).tolist(), column


@pytest.mark.parametrize("returns", list(Returns))
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_customers_are_those_made_here(returns, kind, tmp_path):
    lines = shop_lines()
    path = tmp_path / f"lines.{kind}"
    (lines.to_parquet if kind == "parquet" else lines.to_csv)(path, index=False)
    purchases = Purchases(**{**vars(SHOP), "returns": returns})
    here = customers_from(read_frame(lines) if kind == "parquet" else read_table(path), purchases).cells
    with open_engine("duckdb", str(path)) as engine:
        found = customers_behind_lines(engine, purchases)
        there = found.backend.execute(f"SELECT * FROM {found.source.sql('duckdb')}").df()
    assert_same_customers(there, here)


def test_amounts_days_and_marks_alone_make_the_same_customers(tmp_path):
    lines = shop_lines(seed=2, times=False)
    lines["total"] = (lines["quantity"] * lines["unit_price"]).round(4)
    lines["unsigned"] = lines["total"].abs()
    lines["status"] = np.random.default_rng(0).choice(["paid", "Cancelled", "not returned", "yes"], len(lines))
    lines.to_parquet(tmp_path / "l.parquet", index=False)
    for purchases, snapshot in (
        (Purchases("customer_id", "invoice_date", amount="total"), None),
        (Purchases("customer_id", "invoice_date", amount="total", cancelled="status"), date(2024, 8, 1)),
        (Purchases("customer_id", "invoice_date", amount="unsigned", quantity="quantity"), None),
    ):
        here = customers_from(read_frame(lines), purchases, snapshot).cells
        with open_engine("duckdb", str(tmp_path / "l.parquet")) as engine:
            found = customers_behind_lines(engine, purchases, snapshot)
            there = found.backend.execute(f"SELECT * FROM {found.source.sql('duckdb')}").df()
        assert_same_customers(there, here)


def test_the_command_segments_the_customers_behind_lines(tmp_path, capsys):
    shop_lines().to_parquet(tmp_path / "lines.parquet", index=False)
    command = ["segment", str(tmp_path / "lines.parquet"), "--engine", "duckdb", "--segments", "3", "--json"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert any("taken for lines of purchases" in note for note in said["notes"])
    written = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    assert {"recency_days", "orders", "spend", "segment"} <= set(written)
    assert said["rows"]["read"] == len(written) < 160
    assert main([*command, "--as", "customers", "--out", str(tmp_path / "as_rows")]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["read"] > 6_000


def test_the_customers_of_a_real_shop_are_those_made_here(shared_data):
    path = shared_data / "online_retail.parquet"
    data = read_table(path)
    found = recognise_purchases(data)
    here = customers_from(data, found.purchases).cells.drop(columns="Country")
    with open_engine("duckdb", str(path)) as engine:
        made = customers_behind_lines(engine, found.purchases)
        there = made.backend.execute(f"SELECT * FROM {made.source.sql('duckdb')}").df()
    # The customers that its publishers count.
    assert len(there) == 4_372
    assert_same_customers(there.astype({"CustomerID": here["CustomerID"].dtype}), here)


@pytest.mark.parametrize(
    ("column", "written"),
    [("total", "{:,.2f}"), ("total", "€ {:.2f}"), ("total", "({:.2f})"), ("day", "%d/%m/%Y"), ("day", "%Y%m%d")],
)
def test_amounts_and_days_that_an_engine_would_lose_are_refused(column, written, tmp_path, capsys):
    lines = shop_lines(600).dropna()
    lines["total"] = (lines["quantity"].abs() * lines["unit_price"] * 100).map(
        written.format if column == "total" else "{:.2f}".format
    )
    lines["day"] = lines["invoice_date"].dt.strftime(written if column == "day" else "%Y-%m-%d")
    path = tmp_path / "lines.csv"
    lines[["customer_id", "day", "total"]].to_csv(path, index=False, sep=";")
    command = ["describe", str(path), "--as", "transactions", "--customer", "customer_id", "--date", "day"]
    command += ["--amount", "total"]
    assert main(command) == 0
    capsys.readouterr()
    assert main([*command, "--engine", "duckdb"]) == 2
    assert f"{column} holds {'numbers' if column == 'total' else 'dates'} written as" in capsys.readouterr().err
