"""Mixed data: Gower's distance by its definition, medoids by trying all, and no column that swamps another."""

from itertools import combinations

import kmedoids
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster import kprototypes
from segmenter.cluster.algorithm import PreparedColumn, gower_factors
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.kmedoids import best_medoids
from segmenter.cluster.kprototypes import typical_values
from segmenter.prepare.preparation import feature_groups, prepare
from segmenter.recipe.recipe import DateUse, FeatureSpec, Missing, Recipe, Role, Scaling
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame

SPECS = (FeatureSpec("income"), FeatureSpec("age", weight=2.0), FeatureSpec("city", Role.CATEGORY, weight=0.5))


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "income": random.lognormal(10, 1, 90).round(),
            "age": random.integers(18, 80, 90).astype(float),
            "city": random.choice(["Oslo", "Rome", "Paris"], 90),
        }
    )


def gower(first, second, frame, weights):
    """Return Gower's distance of two customers, straight from its definition."""
    total = 0.0
    for name, weight in weights.items():
        if isinstance(first[name], str):
            total += weight * (first[name] != second[name])
        else:
            total += weight * abs(first[name] - second[name]) / (frame[name].max() - frame[name].min())
    return total / sum(weights.values())


@pytest.mark.parametrize("scaling", Scaling)
def test_prepared_columns_add_up_to_gowers_distance_however_they_were_scaled(frame, scaling):
    prepared = prepare(read_frame(frame), Recipe(SPECS, 2, scaling))
    factors = gower_factors(prepared.X, feature_groups(prepared.preparation))
    ours = cdist(prepared.X * factors, prepared.X * factors, "cityblock")
    weights = {"income": 1.0, "age": 2.0, "city": 0.5}
    for first, second in [(0, 1), (5, 70), (33, 34), (8, 8)]:
        assert ours[first, second] == pytest.approx(gower(frame.loc[first], frame.loc[second], frame, weights))


def test_two_customers_by_hand():
    # Income 20 of a range of 100, another city: (0.2 + 1) / 2 = 0.6.
    X = np.array([[0.0, 1.0, 0.0], [20.0, 0.0, 1.0], [100.0, 1.0, 0.0]])
    space = (PreparedColumn(0), PreparedColumn(1, mismatch=2.0), PreparedColumn(1, mismatch=2.0))
    factors = gower_factors(X, space)
    assert (np.abs(X[0] - X[1]) * factors).sum() == pytest.approx(0.6)
    assert (np.abs(X[0] - X[2]) * factors).sum() == pytest.approx(0.5)


def test_months_and_missing_marks_have_their_share():
    days = pd.to_datetime("2024-01-15") + pd.to_timedelta(np.arange(80) * 9, "D")
    table = pd.DataFrame({"joined": days.astype(str), "income": np.arange(80.0)})
    table.loc[::7, "income"] = np.nan
    specs = (
        FeatureSpec("joined", Role.DATE, date_use=DateUse.MONTH),
        FeatureSpec("income", missing=Missing.MEDIAN, indicator=True),
    )
    prepared = prepare(read_frame(table), Recipe(specs, 2))
    space = feature_groups(prepared.preparation)
    assert len(space) == prepared.X.shape[1] == 4
    # Income, its mark and the month weigh the same; the month's two coordinates half of it each.
    spans = np.ptp(prepared.X, axis=0) * gower_factors(prepared.X, space)
    names = [name for _, name in prepared.preparation.owned_names_]
    shares = dict(zip(names, spans, strict=True))
    assert shares["income"] == pytest.approx(1 / 3)
    assert shares["income: missing"] == pytest.approx(1 / 3)
    assert sorted(value for name, value in shares.items() if "joined" in name) == pytest.approx([1 / 6, 1 / 6])


@pytest.mark.parametrize("seed", range(4))
def test_the_start_is_the_best_of_all_medoids_there_are(seed):
    X = np.random.default_rng(seed).normal(size=(25, 2))
    apart = cdist(X, X, "cityblock")
    best = min(apart[:, list(three)].min(axis=1).sum() for three in combinations(range(25), 3))
    ours = apart[:, best_medoids(X, 3, 0, n_starts=20)].min(axis=1).sum()
    assert ours == pytest.approx(best, rel=1e-6)


def test_typical_values_leave_less_distance_than_the_librarys_medoids(frame):
    prepared = prepare(read_frame(frame), Recipe(SPECS, 4))
    space = feature_groups(prepared.preparation)
    model = SegmentClusterer("k-prototypes", 4, space=space).fit(prepared.X)
    scaled = prepared.X * gower_factors(prepared.X, space)
    theirs = min(kmedoids.fasterpam(cdist(scaled, scaled, "cityblock"), 4, random_state=n).loss for n in range(5))
    assert model.placement_.distances(prepared.X).sum() <= theirs


def test_typical_values_are_medians_and_the_commonest_category_not_a_customer():
    rows = np.array([[1.0, 2.0, 0.0, 0.0], [2.0, 0.0, 2.0, 0.0], [9.0, 0.0, 0.0, 2.0], [3.0, 0.0, 2.0, 0.0]])
    space = (PreparedColumn(0), *[PreparedColumn(1, mismatch=4.0)] * 3)
    assert typical_values(rows, space).tolist() == [2.5, 0.0, 2.0, 0.0]
    # Even where no category has half of the customers, one is typical.
    assert typical_values(rows[:3], space)[1:].sum() == 2.0


def test_money_in_its_own_units_does_not_swamp_categories():
    random = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], 60)
    table = pd.DataFrame(
        {
            "money": random.uniform(0, 1e6, 180),
            "city": np.array(["Oslo", "Rome", "Paris"])[group],
            "plan": np.array(["basic", "plus", "gold"])[group],
        }
    )
    specs = (FeatureSpec("money"), FeatureSpec("city", Role.CATEGORY), FeatureSpec("plan", Role.CATEGORY))
    labels = {
        key: fit_segmentation(read_frame(table), Recipe(specs, 3, Scaling.NONE, key)).labels
        for key in ("k-prototypes", "k-means")
    }
    assert adjusted_rand_score(group, labels["k-prototypes"]) == 1
    assert adjusted_rand_score(group, labels["k-means"]) < 0.1
    # Nor do other units change anything.
    cents = fit_segmentation(
        read_frame(table.assign(money=table["money"] * 100)), Recipe(specs, 3, Scaling.NONE, "k-prototypes")
    ).labels
    np.testing.assert_array_equal(cents, labels["k-prototypes"])


def test_a_large_file_starts_from_some_of_its_customers_and_says_so():
    random = np.random.default_rng(2)
    X = np.vstack([random.normal(middle, 1, size=(300, 2)) for middle in (0, 8)])
    model = SegmentClusterer("k-prototypes", 2, settings={"rows": 100}).fit(X)
    assert adjusted_rand_score(np.repeat([0, 1], 300), model.labels_) == 1
    assert model.notes_[0].startswith("Typical customers were looked for among 100 of 600;")


def test_millions_of_customers_settle_where_a_tenth_of_them_already_did(monkeypatch):
    random = np.random.default_rng(3)
    X = np.vstack([random.normal(middle, 1, size=(1_000, 2)) for middle in (0, 3, 7)])
    whole = SegmentClusterer("k-prototypes", 3).fit(X)
    monkeypatch.setattr(kprototypes, "SETTLED_ROWS", 300)
    quick = SegmentClusterer("k-prototypes", 3).fit(X)
    assert adjusted_rand_score(whole.labels_, quick.labels_) > 0.97
    assert quick.placement_.distances(X).sum() <= 1.001 * whole.placement_.distances(X).sum()
