"""What to offer: what a segment buys more than others, what is bought together, and who comes back."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, triu
from scipy.special import gammaln

from segmenter.errors.base import OffersError
from segmenter.measures.association import holm
from segmenter.table.dataset import Note
from segmenter.typing import FloatArray

ALPHA: Final = 0.05
# Cochran's rule: below so many expected buyers an index is noise, however large.
FEWEST_EXPECTED: Final = 5
# Orders that two products must share before their lift is worth a look.
FEWEST_TOGETHER: Final = 10
MOST_PRODUCTS: Final = 500


@dataclass(frozen=True, eq=False)
class Offers:
    """A table of offers and how it came about."""

    table: pd.DataFrame
    notes: tuple[Note, ...] = ()


def preferred_products(lines: pd.DataFrame, segments: pd.Series) -> Offers:
    """Return the products that a segment's customers buy more often than the others, surely.

    Customers are counted, not lines: one who buys a product ten times is one buyer. One-sided hypergeometric test of
    buyers in the segment, Holm's correction over every pair of segment and product that has enough buyers.

    Parameters
    ----------
    lines
        `customer` and `product` of purchases.
    segments
        Segment name by customer.

    Returns
    -------
    Offers
        `segment`, `product`, `buyers`, `share` of the segment's customers, `share_of_all`, `index` (100 is all
        customers), `p_holm`; the largest index of each segment first.

    Raises
    ------
    OffersError
        If there are no products, or fewer than two segments.
    """
    known = _products(lines)
    segment = known["customer"].map(segments.to_dict())
    members = segments[segments.index.isin(lines["customer"].unique())].dropna()
    sizes = members.value_counts()
    if len(sizes) < 2:
        message = "What a segment buys more than others takes two segments with purchases, and there are fewer."
        raise OffersError(message)
    pairs = pd.DataFrame({"segment": segment, "product": known["product"], "customer": known["customer"]}).dropna()
    pairs = pairs.drop_duplicates()
    n_all = len(members)
    buyers = pairs.groupby("product")["customer"].nunique()
    table = pairs.groupby(["segment", "product"]).size().rename("buyers").reset_index()
    size, everywhere = table["segment"].map(sizes), table["product"].map(buyers)
    # Pairs without a single buyer are tests too, which only a search for "less" would turn up; "more" never would.
    fair = size * everywhere / n_all >= FEWEST_EXPECTED
    n_rare = int((buyers * sizes.max() / n_all < FEWEST_EXPECTED).sum())
    table, size, everywhere = table[fair], size[fair], everywhere[fair]
    p_values = _upper_tail(table["buyers"].to_numpy(), n_all, everywhere.to_numpy(), size.to_numpy())
    table = table.assign(
        share=table["buyers"] / size,
        share_of_all=everywhere / n_all,
        index=100 * (table["buyers"] / size) / (everywhere / n_all),
        p_holm=holm(p_values),
    )
    sure = table[(table["p_holm"] <= ALPHA) & (table["index"] > 100)]
    tested = f"{len(table):,} pairs of segment and product were tested; the p-values are corrected for all of them."
    if not len(table):
        tested = "No product has enough buyers for segments to be compared by it."
    elif not len(sure):
        tested += " None is bought surely more by one segment than by all."
    notes = [Note(tested)]
    if n_rare and len(table):
        notes.append(Note(f"{n_rare:,} products have too few buyers to compare and are left out."))
    sure = sure.sort_values(["segment", "index", "product"], ascending=[True, False, True], kind="stable")
    return Offers(sure.reset_index(drop=True), tuple(notes))


def bought_together(lines: pd.DataFrame, *, fewest: int = FEWEST_TOGETHER) -> Offers:
    """Return the pairs of products that stand in one order more often than chance, surely.

    Parameters
    ----------
    lines
        `customer`, `order` and `product` of purchases.
    fewest
        Orders that a pair must share.

    Returns
    -------
    Offers
        `product`, `with`, `orders` with both, `support` (their share of all orders), `confidence` (share of the first
        product's orders that have the other), `lift` (1 is chance), `p_holm`; most orders first.

    Raises
    ------
    OffersError
        If there are no products.
    """
    known = _products(lines)
    order = known.groupby(["customer", "order"], sort=False).ngroup().to_numpy()
    n_orders = int(order.max()) + 1
    counts = pd.DataFrame({"order": order, "product": known["product"]}).drop_duplicates()["product"].value_counts()
    frequent = counts[counts >= fewest].sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    kept = frequent.index[:MOST_PRODUCTS]
    notes = []
    if len(frequent) > MOST_PRODUCTS:
        notes.append(Note(f"Pairs are of the {MOST_PRODUCTS} products with most orders, of {len(counts):,}."))
    columns = ["product", "with", "orders", "support", "confidence", "lift", "p_holm"]
    place = kept.get_indexer(pd.Index(known["product"]))
    here = place >= 0
    seen = np.unique(np.column_stack([order[here], place[here]]), axis=0)
    shape = (n_orders, len(kept))
    basket = csr_array((np.ones(len(seen), dtype=np.int64), (seen[:, 0], seen[:, 1])), shape=shape)
    both = triu((basket.T @ basket), k=1).tocoo()
    first, second, n_both = both.coords[0], both.coords[1], both.data
    enough = n_both >= fewest
    first, second, n_both = first[enough], second[enough], n_both[enough]
    n_tested = len(kept) * (len(kept) - 1) // 2
    own = frequent.iloc[: len(kept)].to_numpy(dtype=float)
    p_values = _upper_tail(n_both, n_orders, own[first], own[second])
    # All pairs of these products were looked at; those that share too few orders count as tests without effect.
    adjusted = holm(np.concatenate([p_values, np.ones(n_tested - len(n_both))]))[: len(n_both)]
    table = pd.DataFrame({
        "product": kept[first], "with": kept[second], "orders": n_both, "support": n_both / n_orders,
        "confidence": n_both / own[first], "lift": n_both * n_orders / (own[first] * own[second]), "p_holm": adjusted,
    }, columns=columns)  # fmt: skip
    sure = table[(table["p_holm"] <= ALPHA) & (table["lift"] > 1)]
    if not len(sure):
        notes.append(Note("No two products are surely bought together more often than by chance."))
    sure = sure.sort_values(["orders", "lift", "product"], ascending=[False, False, True], kind="stable")
    return Offers(sure.reset_index(drop=True), tuple(notes))


def _upper_tail(found: ArrayLike, n_all: int, good: ArrayLike, drawn: ArrayLike) -> FloatArray:
    """Return the probability of so many or more good ones among those drawn, by chance; 1 where chance expects more.

    The hypergeometric distribution's upper tail, summed from its largest term on: above the mean each next term is
    smaller, so a few hundred are enough for all pairs at once. SciPy sums them pair by pair, in Python.

    Parameters
    ----------
    found, good, drawn
        Good ones among those drawn, good ones in all, and drawn ones; shape (n,).
    n_all
        Number of all.
    """
    x, of, size = (np.asarray(each, dtype=np.float64) for each in (found, good, drawn))
    tail = np.ones(len(x))
    rest = n_all - of - size
    above = np.flatnonzero((x > of * size / n_all) & (x > 0))
    at, of, size, rest = x[above], of[above], size[above], rest[above]

    def log_choose(n: FloatArray, k: FloatArray) -> FloatArray:
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    first = log_choose(of, at) + log_choose(n_all - of, size - at) - log_choose(np.full(len(size), float(n_all)), size)
    term, total = np.ones(len(at)), np.ones(len(at))
    while (term > np.finfo(float).eps * total).any():
        term = term * (of - at) * (size - at) / ((at + 1) * (rest + at + 1))
        total, at = total + term, at + 1
    tail[above] = np.minimum(np.exp(first) * total, 1.0)
    return tail


def _products(lines: pd.DataFrame) -> pd.DataFrame:
    known = lines.dropna(subset=["product"]) if "product" in lines else lines.iloc[:0]
    if known.empty:
        message = "No column says what was bought. Name the column of products, or of their categories."
        raise OffersError(message)
    return known


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Customers by the month of their first order.

    Attributes
    ----------
    customers
        Number of each cohort, by month ("2024-01").
    retention, revenue
        (cohorts × months since the first): share of the cohort with an order in that month, and its revenue; missing
        where the month is not over yet.
    """

    customers: pd.Series
    retention: pd.DataFrame
    revenue: pd.DataFrame
    notes: tuple[Note, ...] = ()


def cohorts(lines: pd.DataFrame) -> Cohorts:
    """Return who comes back, and what they spend, by month of the first order.

    Parameters
    ----------
    lines
        `customer`, `day` and `amount` of purchases.

    Raises
    ------
    OffersError
        If there are no purchases.
    """
    if lines.empty:
        message = "There are no purchases to make cohorts of."
        raise OffersError(message)
    month = lines["day"].dt.year * 12 + lines["day"].dt.month - 1
    first = month.groupby(lines["customer"]).transform("min")
    keys = pd.DataFrame(
        {"cohort": first, "since": month - first, "customer": lines["customer"], "amount": lines["amount"]}
    )
    last_day = lines["day"].max()
    is_over = last_day.day == last_day.days_in_month
    last_month = int(month.max())
    months = range(int(first.min()), last_month + 1)
    width = range(last_month - int(first.min()) + 1)
    active = keys.pivot_table("customer", "cohort", "since", "nunique").reindex(index=months, columns=width)
    money = keys.pivot_table("amount", "cohort", "since", "sum").reindex(index=months, columns=width)
    sizes = active[0].fillna(0).astype(int)
    ends = np.add.outer(np.array(months), np.array(width))
    seen = ends < last_month + int(is_over)
    # The first month is the cohort itself, over or not.
    seen[:, 0] = True
    retention: pd.DataFrame = active.fillna(0).div(sizes.where(sizes > 0), axis=0).where(seen)
    revenue = pd.DataFrame(money.fillna(0).where(seen))
    names = [f"{each // 12}-{each % 12 + 1:02d}" for each in months]
    notes = []
    if not is_over:
        notes.append(
            Note(f"{names[-1]} ends after the last order of {last_day:%Y-%m-%d}: what came back in it is not shown.")
        )
    kept = (sizes > 0).to_numpy()

    def named(table: pd.DataFrame) -> pd.DataFrame:
        return table.set_axis(names, axis=0).loc[kept]

    return Cohorts(sizes.set_axis(names)[kept], named(retention), named(revenue), tuple(notes))
