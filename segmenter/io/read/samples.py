"""Made-up customers to try the product with."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmenter.errors.forming import InvalidSettingError
from segmenter.io.read.table import read_table
from segmenter.table.dataset import Dataset

SAMPLE_SEED = 7


@dataclass(frozen=True)
class Sample:
    """A made-up customer file; `make` writes it as CSV."""

    title: str
    holds: str
    make: Callable[[], bytes]


def mall_customers() -> bytes:
    """Write 300 made-up visitors of a mall: five groups by income and spending score, as CSV."""
    random = np.random.default_rng(SAMPLE_SEED)
    groups = [
        (55, 50, 9, 7, 110),
        (86, 82, 10, 8, 55),
        (88, 18, 11, 8, 50),
        (26, 21, 7, 8, 43),
        (26, 78, 7, 9, 42),
    ]
    parts = [
        np.column_stack([random.normal(income, spread, size), random.normal(score, wide, size)])
        for income, score, spread, wide, size in groups
    ]
    income, score = np.vstack(parts).T
    ages = np.concatenate(
        [random.normal(age, 9, group[-1]) for age, group in zip((43, 33, 41, 45, 26), groups, strict=True)]
    )
    n_customers = len(income)
    table = pd.DataFrame(
        {
            "Gender": random.choice(["Female", "Male"], n_customers, p=[0.56, 0.44]),
            "Age": ages.clip(18, 75).round().astype(int),
            "Annual Income (k$)": income.clip(12, 140).round().astype(int),
            "Spending Score (1-100)": score.clip(1, 99).round().astype(int),
        }
    ).sample(frac=1, random_state=SAMPLE_SEED)
    table.insert(0, "CustomerID", [f"{number:04d}" for number in range(1, n_customers + 1)])
    return _written(table)


def retail_customers() -> bytes:
    """Write 5,000 made-up customers of a shop, skewed spend and gaps included, as CSV."""
    random = np.random.default_rng(SAMPLE_SEED + 1)
    sizes = {"loyal": 900, "occasional": 2100, "new": 1200, "lapsed": 800}
    recency = {"loyal": 14, "occasional": 75, "new": 20, "lapsed": 330}
    orders = {"loyal": 24, "occasional": 5, "new": 1.6, "lapsed": 4}
    basket = {"loyal": 62, "occasional": 48, "new": 39, "lapsed": 44}
    kind = np.repeat(list(sizes), list(sizes.values()))
    random.shuffle(kind)
    n_customers = len(kind)
    n_orders = 1 + random.poisson([orders[each] for each in kind])
    value = np.array([basket[each] for each in kind]) * random.lognormal(0, 0.45, n_customers)
    days = random.gamma(4, [recency[each] / 4 for each in kind]).clip(0, 900).round().astype(int)
    since = np.array([{"loyal": 1400, "occasional": 900, "new": 60, "lapsed": 1100}[each] for each in kind])
    tenure = (since * random.lognormal(0, 0.3, n_customers)).clip(days + 1).round().astype(int)
    table = pd.DataFrame(
        {
            "customer_id": [f"C{100000 + number}" for number in range(n_customers)],
            "member_since": (pd.Timestamp("2026-06-30") - pd.to_timedelta(tenure, "D")).strftime("%Y-%m-%d"),
            "region": random.choice(["North", "South", "East", "West"], n_customers, p=[0.3, 0.3, 0.25, 0.15]),
            "age": random.normal(44, 14, n_customers).clip(18, 90).round().astype(int),
            "recency_days": days,
            "orders": n_orders,
            "spend": (n_orders * value).round(2),
            "average_order_value": value.round(2),
            "share_returned": (100 * random.beta(1.3, 14, n_customers)).round(1),
            "newsletter": random.choice(["yes", "no"], n_customers, p=[0.4, 0.6]),
        }
    )
    table.loc[random.random(n_customers) < 0.07, "age"] = np.nan
    table.loc[random.random(n_customers) < 0.012, "average_order_value"] = np.nan
    table["age"] = table["age"].astype("Int64")
    return _written(table)


SAMPLES: dict[str, Sample] = {
    "mall": Sample("Mall visitors (made up)", "300 customers: gender, age, income, spending score", mall_customers),
    "retail": Sample(
        "Shop customers (made up)", "5,000 customers: orders, spend, recency, gaps and all", retail_customers
    ),
}


def read_sample(key: str) -> Dataset:
    """Return a made-up table, read the way an upload is.

    Parameters
    ----------
    key
        "mall" (300 customers) or "retail" (5,000).

    Raises
    ------
    InvalidSettingError
        If there is no such table.

    Examples
    --------
    >>> from segmenter import read_sample
    >>> read_sample("mall")
    <Dataset 'mall sample, made up': 300 customers × 5 columns>
    """
    if key not in SAMPLES:
        message = f"There is no sample {key!r}. There are: {', '.join(SAMPLES)}."
        raise InvalidSettingError(message)
    return read_table(SAMPLES[key].make(), name=sample_name(key))


def sample_name(key: str) -> str:
    """Return what a made-up table is called on the screen."""
    return f"{key} sample, made up"


def _written(table: pd.DataFrame) -> bytes:
    target = io.StringIO()
    table.to_csv(target, index=False, lineterminator="\n")
    return target.getvalue().encode()
