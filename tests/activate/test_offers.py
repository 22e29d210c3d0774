"""What to offer: planted preferences found, chance not, and cohorts counted by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segmenter.activate.offers import bought_together, cohorts, preferred_products
from segmenter.errors.base import OffersError


@pytest.fixture
def lines():
    random = np.random.default_rng(0)
    rows = []
    for customer in range(400):
        likes = customer % 2
        for order in range(4):
            for product in range(20):
                chance = 0.4 if product == 3 and likes else 0.1
                if random.random() < chance:
                    rows.append((f"C{customer}", order, f"P{product}"))
            if random.random() < 0.1:
                rows += [(f"C{customer}", order, "bread"), (f"C{customer}", order, "butter")]
    return pd.DataFrame(rows, columns=["customer", "order", "product"])


@pytest.fixture
def segments():
    return pd.Series({f"C{n}": f"Segment {n % 2 + 1}" for n in range(400)})


def test_the_product_that_a_segment_likes_is_found_and_no_other(lines, segments):
    found = preferred_products(lines, segments).table
    assert found[["segment", "product"]].to_numpy().tolist() == [["Segment 2", "P3"]]
    row = found.iloc[0]
    buyers = lines[lines["product"] == "P3"].drop_duplicates("customer")
    in_two = buyers["customer"].map(segments) == "Segment 2"
    assert row["buyers"] == in_two.sum()
    assert row["index"] == pytest.approx(100 * (in_two.sum() / 200) / (len(buyers) / 400))
    table = [[in_two.sum(), 200 - in_two.sum()], [(~in_two).sum(), 200 - (~in_two).sum()]]
    assert row["p_holm"] >= stats.fisher_exact(table, alternative="greater").pvalue


def test_segments_drawn_by_chance_prefer_nothing(lines):
    random = np.random.default_rng(4)
    chance = pd.Series({f"C{n}": random.choice(["a", "b", "c"]) for n in range(400)})
    assert preferred_products(lines, chance).table.empty


def test_rare_products_are_left_out_and_counted(lines, segments):
    rare = pd.concat([lines, pd.DataFrame({"customer": ["C1"] * 3, "order": 9, "product": "once"})])
    found = preferred_products(rare, segments)
    assert "once" not in set(found.table["product"])
    assert any("1 products have too few" in note.text for note in found.notes)


def test_bread_is_bought_with_butter(lines):
    found = bought_together(lines).table
    first = found.iloc[0]
    assert {first["product"], first["with"]} == {"bread", "butter"}
    n = lines.drop_duplicates(["customer", "order"]).shape[0]
    with_bread = (lines["product"] == "bread").sum()
    assert first["orders"] == with_bread
    assert first["support"] == pytest.approx(with_bread / n)
    assert first["lift"] == pytest.approx(n / with_bread)
    assert len(found) == 1


def test_orders_of_two_customers_with_one_number_are_two_orders():
    frame = pd.DataFrame({"customer": [f"C{n}" for n in range(60)], "order": 1, "product": ["a", "b"] * 30})
    assert bought_together(frame).table.empty


def test_cohorts_are_counted_by_hand():
    days = {"a": ["2024-01-05", "2024-02-03", "2024-02-20"], "b": ["2024-01-31"], "c": ["2024-02-10", "2024-03-31"]}
    rows = [(who, day, 10.0) for who, all_days in days.items() for day in all_days]
    lines = pd.DataFrame(rows, columns=["customer", "day", "amount"]).astype({"day": "datetime64[s]"})
    found = cohorts(lines)
    assert found.customers.to_dict() == {"2024-01": 2, "2024-02": 1}
    assert found.retention.loc["2024-01"].tolist() == [1.0, 0.5, 0.0]
    assert found.retention.loc["2024-02"].tolist()[:2] == [1.0, 1.0]
    assert np.isnan(found.retention.loc["2024-02", 2])
    assert found.revenue.loc["2024-01"].tolist() == [20.0, 20.0, 0.0]


def test_a_month_that_is_not_over_says_nothing_of_who_came_back():
    lines = pd.DataFrame({
        "customer": ["a", "b", "c"], "day": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-02-02"]), "amount": 1.0,
    })  # fmt: skip
    found = cohorts(lines)
    assert np.isnan(found.retention.loc["2024-01", 1])
    assert found.customers["2024-02"] == 1
    assert found.notes


def test_files_without_products_or_segments_are_refused_in_words(lines, segments):
    with pytest.raises(OffersError, match="No column says what was bought"):
        bought_together(lines.drop(columns="product"))
    with pytest.raises(OffersError, match="two segments"):
        preferred_products(lines, segments[segments == "Segment 1"])
