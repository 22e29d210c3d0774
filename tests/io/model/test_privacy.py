"""What a saved model tells of single customers: no date, answer or number that only a few of them have."""

import json

import numpy as np
import pandas as pd
import pytest

from segmenter import Recipe, choose_features, fit_segmentation, name_segments, read_frame
from segmenter.io.model.format import to_bytes

FEW = 5


def shop(n, seed):
    """Return customers of a shop; one has an answer, a date and numbers that nobody else has."""
    random = np.random.default_rng([n, seed])
    joined = pd.Timestamp("2021-01-01") + pd.to_timedelta(random.integers(0, 1_400, n), unit="D")
    frame = pd.DataFrame(
        {
            "income": random.lognormal(10, 0.3, n).round(2),
            "score": random.normal(3.3, 1.1, n).round(2),
            "city": random.choice(["Wien", "Linz", "Graz"], n, p=[0.6, 0.3, 0.1]),
            "joined": pd.Series(joined),
        }
    )
    frame.loc[7, ["income", "score"]] = [987_654.37, 91.37]
    frame.loc[7, "city"] = "Hintertupfing"
    frame.loc[13, "joined"] = pd.Timestamp("2026-11-05")
    return frame


@pytest.mark.parametrize("method", ["k-means", "ward", "k-medoids", "latent-class", "gaussian-mixture"])
def test_a_model_names_no_answer_date_or_border_that_a_few_customers_have(method):
    for n in (40, 100, 300):
        frame = shop(n, 1)
        dataset = read_frame(frame)
        recipe = Recipe(choose_features(dataset, tuple(frame)), 5, algorithm=method)
        saved = to_bytes(name_segments(dataset, fit_segmentation(dataset, recipe))).decode()
        assert "Hintertupfing" not in saved
        assert "2026-11-05" not in saved
        for column in json.loads(saved)["profile"]["columns"]:
            if column["column"] in ("income", "score"):
                held = frame[column["column"]].value_counts()
                assert not [edge for edge in column["edges"] if 0 < held.get(edge, 0) < FEW]


@pytest.mark.parametrize(
    ("dates", "counted_from"),
    [
        # A Thursday that one customer has: the Monday after it.
        (["2026-11-05", *["2026-06-01"] * 9], "2026-11-09T00:00:00"),
        # Over years: the first of the next month.
        (["2026-11-05", *["2020-06-01"] * 9], "2026-12-01T00:00:00"),
        # The day of the export, when many bought, is nobody's; a moment of it is somebody's.
        (["2026-06-01", *["2026-11-05"] * 9], "2026-11-05T00:00:00"),
        (["2026-06-01", *[f"2026-11-05T1{each}:30:00" for each in range(9)]], "2026-11-06T00:00:00"),
    ],
)
def test_days_are_counted_back_from_a_date_that_is_not_one_customers(dates, counted_from):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"spend": random.normal(50, 9, 10).round(1), "last order": pd.to_datetime(dates, format="ISO8601")}
    )
    dataset = read_frame(frame)
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, tuple(frame)), 2))
    assert next(each.latest for each in model.preparation.columns_ if each.column == "last order") == counted_from
