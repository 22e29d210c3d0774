"""Columns that group nobody are named, columns that do are not."""

import numpy as np
import pandas as pd
import pytest

from segmenter.io.read.table import read_table
from segmenter.prepare.diagnostics import structureless_columns
from segmenter.prepare.suggest import choose_features, suggest_features
from segmenter.recipe.recipe import Recipe
from segmenter.table.columns import read_frame


def customers(n, seed=0):
    random = np.random.default_rng(seed)
    group = random.integers(0, 3, n)
    return pd.DataFrame(
        {
            "income": np.array([0.0, 5, 10])[group] + random.normal(size=n),
            "spend": np.array([0.0, 9, 2])[group] + random.normal(size=n),
            "height": random.normal(170, 9, n),
            "lucky": random.integers(1, 50, n),
            "wealth": random.lognormal(3, 1, n),
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_named_and_groups_are_not(seed):
    dataset = read_frame(customers(600, seed))
    assert structureless_columns(dataset, Recipe(suggest_features(dataset))) == ("height", "lucky", "wealth")


def test_two_heaps_in_one_column_alone_are_structure():
    frame = customers(400)
    frame["height"] += np.where(np.arange(400) % 2, 60.0, 0.0)
    dataset = read_frame(frame)
    assert "height" not in structureless_columns(dataset, Recipe(suggest_features(dataset)))


def test_nothing_is_said_about_few_customers_or_one_column():
    few = read_frame(customers(90))
    assert structureless_columns(few, Recipe(suggest_features(few))) == ()
    alone = read_frame(customers(600))
    assert structureless_columns(alone, Recipe(choose_features(alone, ("height",)))) == ()


def test_days_since_the_last_purchase_tell_nothing_in_the_campaign_file(shared_data):
    dataset = read_table(shared_data / "marketing_campaign.csv")
    assert structureless_columns(dataset, Recipe(suggest_features(dataset))) == ("Recency",)
    mall = read_table(shared_data / "Mall_Customers.csv")
    assert structureless_columns(mall, Recipe(suggest_features(mall))) == ()
