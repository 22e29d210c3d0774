"""Methods are judged by the same measure in the same space, and told apart only where it means something."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.preprocessing import StandardScaler

from segmenter.choose import methods
from segmenter.choose.methods import MethodChoice, compare_methods
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.display import percent_text
from segmenter.errors.base import SegmenterError
from segmenter.progress import Cancelled
from segmenter.recipe.recipe import FeatureSpec, Recipe, Reduction
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from tests.methods_for_tests import register

FEATURES = (FeatureSpec("income"), FeatureSpec("spend"), FeatureSpec("visits"))
ALL = tuple(MethodChoice(key) for key in ("by-chance", "leaves-out", "not-here", "hungry"))


@pytest.fixture(autouse=True)
def _tiny_methods(monkeypatch):
    register(monkeypatch)


@pytest.fixture(scope="module")
def customers(make_customers):
    return read_frame(make_customers(240))


@pytest.fixture(scope="module")
def compared(customers):
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        return compare_methods(customers, Recipe(FEATURES, 3), ALL)


def scaled(customers):
    return StandardScaler().fit_transform(customers.frame[["income", "spend", "visits"]])


def row(compared, key):
    return next(score for score in compared.scores if score.choice.key == key)


def test_k_means_comes_first_though_nobody_asked_for_it(compared):
    assert [score.choice.key for score in compared.scores] == [
        "k-means",
        "by-chance",
        "leaves-out",
        "not-here",
        "hungry",
    ]


def test_scores_are_those_of_scikit_learn_on_the_scaled_columns(compared, customers):
    X, score = scaled(customers), row(compared, "k-means")
    labels = KMeans(3, n_init=20, random_state=0).fit_predict(X)
    assert score.silhouette == pytest.approx(silhouette_score(X, labels), abs=1e-5)
    assert score.davies_bouldin == pytest.approx(davies_bouldin_score(X, labels))
    assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(X, labels))
    assert score.smallest_share == np.bincount(labels).min() / len(X)
    assert (score.agreement, score.noise_share, score.n_segments) == (1.0, 0.0, 3)


def test_customers_in_no_segment_are_left_out_of_the_scores_and_counted(compared, customers):
    X, score = scaled(customers), row(compared, "leaves-out")
    labels = SegmentClusterer("leaves-out", 3).fit(X).labels_
    placed = labels >= 0
    assert 0 < score.noise_share == pytest.approx((~placed).mean())
    assert score.silhouette == pytest.approx(silhouette_score(X[placed], labels[placed]), abs=1e-5)
    assert score.davies_bouldin == pytest.approx(davies_bouldin_score(X[placed], labels[placed]))
    k_means = KMeans(3, n_init=20, random_state=0).fit_predict(X)
    assert score.agreement == pytest.approx(adjusted_rand_score(k_means[placed], labels[placed]))
    finding = compared.findings[2]
    assert f"{percent_text(score.noise_share)} of the customers fit no segment" in finding


def test_a_method_that_changes_with_its_seed_is_found_out(compared):
    steady, chance = row(compared, "k-means"), row(compared, "by-chance")
    assert steady.over_seeds.mean == pytest.approx(1.0)
    assert chance.over_seeds.mean < 0.75
    assert "Another seed gives other segments" in compared.findings[1]
    assert "Another seed" not in compared.findings[0]


def test_a_lower_silhouette_counts_only_beyond_its_standard_error(compared):
    chance = row(compared, "by-chance")
    assert chance.silhouette < row(compared, "k-means").silhouette
    assert "this counts" in compared.findings[1]
    assert compared.recommended == MethodChoice("k-means")
    assert "By chance scores lower here and agrees poorly over its own seeds." in compared.recommendation


def test_a_method_that_fails_says_so_in_its_row_and_stops_no_other(compared):
    assert row(compared, "not-here").problem == "This method is not installed: pip install it."
    assert "needs more memory than there is for 240 customers" in row(compared, "hungry").problem
    assert row(compared, "not-here").silhouette is None
    assert compared.findings[3] == "Not here: This method is not installed: pip install it."


def test_time_and_memory_are_measured(compared):
    score = row(compared, "k-means")
    assert score.seconds > 0
    assert score.memory_mb is None or score.memory_mb >= 0


def test_rows_arrive_one_by_one(customers):
    seen = []
    compare_methods(customers, Recipe(FEATURES, 3), ALL[:2], partial=lambda found: seen.append(len(found.scores)))
    assert seen == [1, 2, 3]


def test_it_stops_at_any_moment_and_its_progress_only_rises(customers):
    calls = []

    def cancel_late(share, doing):
        calls.append(share)
        if share > 0.9:
            raise Cancelled

    with pytest.raises(Cancelled):
        compare_methods(customers, Recipe(FEATURES, 3), ALL[:2], progress=cancel_late)
    assert calls == sorted(calls)
    assert len(calls) > 20


def test_the_same_comparison_again_gives_the_same_scores(customers, compared):
    again = compare_methods(customers, Recipe(FEATURES, 3), ALL[:2])
    for first, second in zip(compared.scores, again.scores, strict=False):
        assert (first.silhouette, first.silhouette_se) == (second.silhouette, second.silhouette_se)
        assert (first.over_samples, first.over_seeds) == (second.over_samples, second.over_seeds)
    assert compared.findings[:3] == again.findings[:3]


def test_the_order_of_the_rows_changes_no_score(make_customers):
    frame = make_customers(150)
    shuffled = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (compare_methods(read_frame(each), Recipe(FEATURES, 3), ALL[:1]) for each in (frame, shuffled))
    assert [score.silhouette for score in first.scores] == pytest.approx([score.silhouette for score in second.scores])
    assert [score.over_samples for score in first.scores] == [score.over_samples for score in second.scores]


def test_settings_reach_the_method_and_its_name(customers):
    choice = MethodChoice("by-chance", (("spread", 0.1), ("way", "far")))
    plain, set_ = compare_methods(customers, Recipe(FEATURES, 3), [MethodChoice("by-chance"), choice]).scores[1:]
    assert plain.silhouette != set_.silhouette
    assert choice.title == "By chance (spread 0.1, way far)"


@pytest.mark.parametrize(
    ("choice", "n_segments", "sentence"),
    [
        (MethodChoice("magic"), 3, "There is no method 'magic'. There are: k-means"),
        (
            MethodChoice("by-chance", (("colour", 3),)),
            3,
            "This method has no setting 'colour'. There are: spread, way.",
        ),
        (MethodChoice("by-chance", (("spread", 99),)), 3, r"Spread \(spread\) = 99 is not possible; 0.1 to 10 are."),
        (MethodChoice("by-chance"), 900, "900 segments were asked for"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_computed(customers, choice, n_segments, sentence):
    with pytest.raises(SegmenterError, match=sentence):
        compare_methods(customers, Recipe(FEATURES, n_segments), [choice])


def test_too_few_different_customers_are_refused():
    frame = pd.DataFrame({"income": [1.0, 2, 3] * 5, "spend": 1.0})
    with pytest.raises(SegmenterError, match="Only 3 different rows"):
        compare_methods(read_frame(frame), Recipe(FEATURES[:2], 4), [])


def test_large_files_are_judged_on_samples_and_say_so(customers, monkeypatch):
    monkeypatch.setattr(methods, "COMPARED_ROWS", 120)
    compared = compare_methods(customers, Recipe(FEATURES, 3), [])
    assert compared.notes[0].text == "Segments were formed of a fair sample of 120 of the 240 customers."
    assert compared.scores[0].silhouette == pytest.approx(0.5, abs=0.2)


def test_components_are_a_candidate_and_are_judged_in_the_columns(customers):
    choice = MethodChoice.named("k-means+pca")
    recipe = Recipe(FEATURES, 3)
    score = row_named(compare_methods(customers, recipe, [choice]), "k-means+pca")
    formed = fit_segmentation(customers, replace(recipe, reduction=Reduction.PCA))
    assert choice.within(recipe) == formed.recipe
    assert score.choice.title == "K-Means on PCA components"
    X, labels = scaled(customers), formed.labels.to_numpy()
    assert score.silhouette == pytest.approx(silhouette_score(X, labels), abs=1e-5)
    assert score.calinski_harabasz == pytest.approx(calinski_harabasz_score(X, labels))
    with pytest.raises(SegmenterError, match="k-means\\+pca"):
        MethodChoice.named("k-means+magic")


def row_named(compared, name):
    return next(score for score in compared.scores if score.choice.name == name)


def test_weights_count_in_a_comparison_as_customers_repeated_do(make_customers):
    frame = make_customers(240)
    frame["people"] = np.where(frame["income"] > frame["income"].median(), 4.0, 1.0)
    weighted = compare_methods(read_frame(frame), Recipe(FEATURES, 3, weight_column="people"), [])
    plain = compare_methods(read_frame(frame), Recipe(FEATURES, 3), [])
    repeated = frame.loc[frame.index.repeat(frame["people"].astype(int))]
    X = StandardScaler().fit(repeated[["income", "spend", "visits"]]).transform(repeated[["income", "spend", "visits"]])
    labels = KMeans(3, n_init=20, random_state=0).fit_predict(X)
    expected = np.bincount(labels).min() / len(labels)
    assert weighted.scores[0].smallest_share == pytest.approx(expected, abs=0.03)
    assert abs(plain.scores[0].smallest_share - expected) > 0.05
    assert any("people" in note.text for note in weighted.notes)
