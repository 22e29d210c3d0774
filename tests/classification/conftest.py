"""Customers whose segment is known, and what is learnt of them once for many tests."""

import numpy as np
import pandas as pd
import pytest

from segmenter import LearningRecipe, learn, read_frame


@pytest.fixture(scope="session")
def known_frame():
    """Return 400 customers: income and plan tell the tier, the rest tells nothing."""
    random = np.random.default_rng(7)
    n = 400
    tier = random.choice(3, n, p=[0.5, 0.3, 0.2])
    plan = np.array(["Basic", "Plus", "Top"])[np.where(random.random(n) < 0.8, tier, random.integers(0, 3, n))]
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(n)],
            "income": (np.array([20.0, 45.0, 70.0])[tier] + random.normal(0, 12, n)).clip(5, 95).round(),
            "plan": plan,
            "spending": np.array(["Low", "Average", "High"])[random.integers(0, 3, n)],
            "member": np.array(["No", "Yes"])[random.integers(0, 2, n)],
            "joined": (pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 600, n), "D")).astype("str"),
            "tier": np.array(["bronze", "silver", "gold"])[tier],
        }
    )
    frame.loc[::17, "income"] = np.nan
    frame.loc[5::23, "plan"] = None
    return frame


@pytest.fixture(scope="session")
def known(known_frame):
    return read_frame(known_frame, "tiers")


@pytest.fixture(scope="session")
def learned(known):
    recipe = LearningRecipe("tier", classifiers=("logistic-regression", "decision-tree", "naive-bayes"), folds=3)
    return learn(known, recipe)
