"""Further evidence beside the decision: prediction strength, a vote, criteria; sensitivity of the segments."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segmenter import FeatureSpec, Recipe, compare_k, read_frame
from segmenter.choose.evidence import (
    clustering_tendency,
    index_votes,
    measure_evidence,
    measure_sensitivity,
    prediction_strength,
)
from segmenter.choose.k import KScore, KSelection
from segmenter.cli.inspection import print_preparation
from segmenter.errors.forming import TooFewCustomersError
from segmenter.prepare.preparation import prepare
from segmenter.sampling import canonical_order
from segmenter.table.repeats import missing_together

RECIPE = Recipe((FeatureSpec("a"), FeatureSpec("b")), n_segments=3)


@pytest.fixture(scope="module")
def groups():
    random = np.random.default_rng(0)
    centres = np.repeat([[0, 0], [9, 0], [0, 9]], 60, axis=0)
    return read_frame(pd.DataFrame(np.round(centres + random.normal(size=(180, 2)), 3), columns=["a", "b"]))


def by_hand(X, k):
    """Prediction strength as Tibshirani & Walther write it: pair by pair."""
    random, values = np.random.default_rng(7), []
    for _ in range(15):
        halves = np.array_split(random.permutation(len(X)), 2)
        fits = [KMeans(k, n_init=5, random_state=0).fit(X[half]) for half in halves]
        for one, other in ((0, 1), (1, 0)):
            own, foretold = fits[one].labels_, fits[other].predict(X[halves[one]])
            together = foretold[:, None] == foretold[None]
            shares = []
            for segment in range(k):
                members = np.flatnonzero(own == segment)
                if len(members) > 1:
                    pairs = together[np.ix_(members, members)]
                    shares.append((pairs.sum() - len(members)) / (len(members) * (len(members) - 1)))
            values.append(min(shares))
    return np.mean(values)


def test_prediction_strength_is_that_of_its_definition(groups):
    X = prepare(groups, RECIPE).X
    for found in prediction_strength(X, [2, 3, 4], divisions=15):
        assert found.mean == pytest.approx(by_hand(X, found.k), abs=0.08)
    assert prediction_strength(X, [3])[0].mean > 0.95


def test_measures_that_see_three_groups_vote_for_three(groups):
    selection = compare_k(groups, RECIPE, range(2, 6))
    found = measure_evidence(groups, RECIPE, selection)
    assert found.most_votes == (3,)
    assert found.mixture == "Gaussian mixture"
    X = prepare(groups, RECIPE).X
    reference = {k: GaussianMixture(k, n_init=10, random_state=0).fit(X) for k in (2, 3)}
    for k, model in reference.items():
        assert found.bic[k] == pytest.approx(model.bic(X), abs=6)
        assert found.aic[k] == pytest.approx(model.aic(X), abs=6)
    assert "A vote is no test" in found.summary


def test_the_criteria_of_a_mixture_stand_beside_each_number(groups):
    scores = compare_k(groups, replace(RECIPE, algorithm="gaussian-mixture"), range(2, 5)).scores
    assert min(scores, key=lambda score: score.bic).k == 3
    assert all(score.aic < score.bic for score in scores)
    assert all(score.bic is None for score in compare_k(groups, RECIPE, range(2, 4)).scores)


def test_measures_that_know_no_weights_say_so(groups, capsys):
    weighted = read_frame(groups.frame.assign(w=np.tile([1.0, 2.0, 3.0], 60)))
    recipe = replace(RECIPE, weight_column="w")
    found = measure_evidence(weighted, recipe, compare_k(weighted, recipe, range(2, 4)))
    assert found.unweighted == (
        "Stability, prediction strength and the Gaussian mixture let every customer count the same, whatever w says."
    )
    assert measure_evidence(groups, RECIPE, compare_k(groups, RECIPE, range(2, 4))).unweighted == ""
    classes = replace(recipe, algorithm="latent-class")
    assert "class" not in measure_evidence(weighted, classes, compare_k(weighted, recipe, range(2, 4))).unweighted
    print_preparation(weighted, recipe, None, clustering_tendency(weighted, recipe), as_json=False)
    assert "count the same, whatever w says." in capsys.readouterr().out


def test_each_index_votes_by_its_rule():
    one = KScore(1, 100.0, gap=0.1, gap_se=0.01)
    scores = (
        KScore(2, 50.0, 5.0, 0.9, silhouette=0.3, gap=0.5, gap_se=0.01, stability=0.7),
        KScore(3, 20.0, 9.0, 0.5, silhouette=0.6, gap=0.9, gap_se=0.01, stability=0.9),
        KScore(4, 18.0, 8.0, 0.4, silhouette=0.5, gap=0.905, gap_se=0.01, stability=0.6),
    )
    votes = {vote.index: vote.k for vote in index_votes(KSelection(scores, one=one))}
    assert votes == {
        "Silhouette": 3, "Calinski-Harabasz": 3, "Davies-Bouldin": 4, "Stability": 3, "Elbow": 3, "Gap": 3,
    }  # fmt: skip


def test_sensitivity_tries_seeds_columns_and_halves_and_names_who_flips(groups):
    loose = replace(RECIPE, n_segments=5)
    found = measure_sensitivity(groups, loose)
    tried = [(each.alternative.what, each.alternative.column) for each in found.effects]
    assert {("without", "a"), ("without", "b")} <= set(tried)
    assert sum(what == "seed" for what, _ in tried) == 3
    assert sum(what == "half" for what, _ in tried) == 2
    moved = sum(round((each.moved or 0) * each.n_compared) for each in found.effects)
    assert moved == pytest.approx(sum(share for _, share in found.flips) * len(found.effects))
    shares = [share for _, share in found.flips]
    assert shares == sorted(shares, reverse=True)


def test_segments_of_half_of_the_customers_are_those_that_a_hand_would_form(groups):
    loose = replace(RECIPE, n_segments=4)
    found = measure_sensitivity(groups, loose)
    told = {each.alternative.to: each for each in found.effects if each.alternative.what == "half"}
    X = groups.frame[["a", "b"]].to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    order = canonical_order(X)
    own = KMeans(4, n_init=50, random_state=0).fit_predict(X)
    for half, word in enumerate(("one half", "other half")):
        formed = KMeans(4, n_init=50, random_state=0).fit(X[order[half::2]]).predict(X)
        counts = pd.crosstab(own, formed).to_numpy()
        stay = counts[linear_sum_assignment(-counts)].sum()
        assert told[word].agreement == pytest.approx(adjusted_rand_score(own, formed))
        assert told[word].moved == pytest.approx(1 - stay / len(X))
        assert len(told[word].flips) == len(X) - stay > 0


def test_few_customers_have_no_tendency(groups):
    with pytest.raises(TooFewCustomersError):
        clustering_tendency(read_frame(groups.original.head(12)), RECIPE)


def test_gaps_of_one_cause_go_together():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(100, 3)).round(2), columns=["x", "y", "z"])
    frame.loc[:29, ["x", "y"]] = np.nan
    frame.loc[29, "y"] = 1.0
    frame.loc[90:, "z"] = np.nan
    found = missing_together(read_frame(frame))
    assert tuple(found.loc[0, ["first", "second", "both missing"]]) == ("x", "y", 29)
    gaps = frame.isna().astype(float)
    assert found.loc[0, "correlation"] == pytest.approx(np.corrcoef(gaps.x, gaps.y)[0, 1])
    assert len(missing_together(read_frame(frame[["z"]]))) == 0
