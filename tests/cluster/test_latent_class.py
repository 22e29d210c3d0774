"""Latent classes, against a published example."""

import numpy as np
import pandas as pd
import pytest

from segmenter import Recipe, assign_segments, fit_segmentation, read_frame, suggest_features
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import PreparedColumn
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.latent_class import AnswerProbabilities, LatentClasses, fit_latent_class
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.monitor.drift import check_model
from segmenter.progress import silent
from segmenter.recipe.recipe import complete

# Seven pathologists (A-G) on 118 slides: Agresti, Categorical Data Analysis (2002), table 13.1.
CARCINOMA = {
    "0000000": 34, "0000100": 2, "0100000": 6, "0100001": 1, "0100100": 4, "0100101": 5, "1000000": 2, "1010101": 1,
    "1100000": 2, "1100001": 1, "1100100": 2, "1100101": 7, "1100111": 1, "1101001": 1, "1101101": 2, "1101111": 3,
    "1110101": 13, "1110111": 5, "1111101": 10, "1111111": 16,
}  # fmt: skip
# Linzer & Lewis, "poLCA: An R Package for Polytomous Variable Latent Class Analysis", J. Stat. Software 42(10), 2011.
PUBLISHED = {2: (664.51, 706.07), 3: (633.41, 697.14)}
PUBLISHED_SHARES = (0.4447, 0.3736, 0.1817)


def slides():
    patterns = np.array([[int(letter) for letter in pattern] for pattern in CARCINOMA], dtype=np.float64)
    return patterns, np.array(list(CARCINOMA.values()), dtype=np.float64)


def test_classes_criteria_and_shares_are_the_published_ones():
    patterns, counts = slides()
    X = np.repeat(patterns, counts.astype(int), axis=0)
    formed = ALGORITHMS["latent-class"].form(X, 3, 0, {"bic_to": 3}, silent)
    for k, (aic, bic) in PUBLISHED.items():
        assert formed.details.aic[k] == pytest.approx(aic, abs=0.01)
        assert formed.details.bic[k] == pytest.approx(bic, abs=0.01)
    assert sorted(formed.placement.weights, reverse=True) == pytest.approx(PUBLISHED_SHARES, abs=5e-4)
    assert formed.details.best == 3
    # What is said of another number is what forming that one would say.
    four = ALGORITHMS["latent-class"].form(X, 3, 0, {"bic_to": 4}, silent)
    for k in (2, 4):
        other = ALGORITHMS["latent-class"].form(X, k, 0, {"bic_to": 0}, silent)
        assert other.details.bic[k] == four.details.bic[k]


def test_a_weight_counts_as_so_many_customers():
    patterns, counts = slides()
    weighted = SegmentClusterer("latent-class", 3).fit(patterns, sample_weight=counts)
    repeated = SegmentClusterer("latent-class", 3).fit(np.repeat(patterns, counts.astype(int), axis=0))
    assert weighted.details_.bic[3] == pytest.approx(repeated.details_.bic[3], abs=1e-3)
    assert (weighted.predict(patterns) == repeated.predict(patterns)).all()


def test_numbers_are_cut_where_repeated_customers_would_cut_them():
    random = np.random.default_rng(5)
    group = random.integers(0, 3, 300)
    X = np.column_stack([random.normal(4 * group, 1), random.normal(3 * (group == 1), 1), random.gamma(2, 1 + group)])
    times = random.integers(1, 6, 300)
    weighted = SegmentClusterer("latent-class", 3).fit(X, sample_weight=times)
    repeated = SegmentClusterer("latent-class", 3).fit(np.repeat(X, times, axis=0))
    for own, other in zip(weighted.placement_.variables, repeated.placement_.variables, strict=True):
        assert own.borders == pytest.approx(other.borders)
    assert np.array_equal(np.repeat(weighted.labels_, times), repeated.labels_)


def test_indicators_of_a_category_are_one_question():
    random = np.random.default_rng(0)
    classes = random.integers(0, 2, 400)
    answers = np.where(random.random(400) < 0.9, classes, 2)
    X = np.column_stack([answers == 0, answers == 1]).astype(float) * 1.7
    X = np.column_stack([X, np.where(random.random(400) < 0.9, classes, 1 - classes)])
    space = (PreparedColumn(0, mismatch=3.4), PreparedColumn(0, mismatch=3.4), PreparedColumn(1))
    settings = complete(ALGORITHMS["latent-class"].settings, {})
    rule = fit_latent_class(X, 2, 0, settings, silent, None, space).placement
    assert sorted(each.probabilities.shape for each in rule.variables) == [(2, 2), (2, 3)]
    assert max(np.mean(rule.place(X) == classes), np.mean(rule.place(X) != classes)) > 0.85


def test_a_saved_model_places_and_doubts_as_the_fitted_one():
    random = np.random.default_rng(1)
    group = random.integers(0, 3, 300)
    words = np.array([["red", "blue", "green"], ["dog", "cat", "none"], ["yes", "no", "no"]])
    frame = {name: words[place][(group + (random.random(300) < 0.15)) % 3] for place, name in enumerate("xyz")}
    frame["spend"] = np.round(random.normal(100 + 40 * group, 10), 2)
    dataset = read_frame(pd.DataFrame(frame))
    recipe = Recipe(suggest_features(dataset), n_segments=3, algorithm="latent-class")
    formed = fit_segmentation(dataset, recipe)
    again = assign_segments(dataset, from_bytes(to_bytes(formed))).segmentation
    assert (again.labels == formed.labels).all()
    probable = again.clusterer.placement_.probabilities(again.preparation.transform(dataset.frame))
    assert np.allclose(probable.sum(axis=1), 1)
    assert any("cut into groups" in note.text for note in formed.notes)


def test_a_row_is_the_farther_the_less_its_answers_are_those_of_its_class():
    yes = AnswerProbabilities((0,), np.empty(0), np.array([[0.9, 0.1], [0.2, 0.8]]))
    other = AnswerProbabilities((1,), np.array([0.5]), np.array([[0.75, 0.25], [0.4, 0.6]]))
    rule = LatentClasses(np.array([0.6, 0.4]), (yes, other))
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert rule.place(X).tolist() == [0, 1, 0]
    assert rule.distances(X) == pytest.approx(-np.log([0.9 * 0.75, 0.8 * 0.6, 0.9 * 0.25]))
    # Models of before keep what their limits were measured by: .54 × .25 of .54 × .25 + .08 × .6.
    before = LatentClasses(rule.weights, rule.variables, by_answers=False)
    assert before.distances(X)[2] == pytest.approx(1 - 0.135 / (0.135 + 0.048))


def test_who_answers_as_no_class_does_fits_none():
    def drawn(seed):
        random = np.random.default_rng(seed)
        group = random.integers(0, 3, 1_200)
        often = np.array([[0.9, 0.1, 0.8, 0.2, 0.7], [0.1, 0.9, 0.2, 0.8, 0.3], [0.8, 0.8, 0.1, 0.1, 0.9]])[group]
        answers = np.where(random.random((1_200, 5)) < often, "yes", "no")
        spend = np.round(np.array([10, 80, 40])[group] + random.normal(0, 6, 1_200), 1)
        return pd.DataFrame(answers, columns=list("abcde")).assign(spend=spend)

    dataset = read_frame(drawn(0))
    formed = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3, algorithm="latent-class"))

    def unfit(frame):
        placed = read_frame(frame)
        return check_model(placed, assign_segments(placed, formed)).unfit

    assert unfit(drawn(1)) < 0.03
    # Each answer is common, and nobody gives them together: one class's, and what another one spends.
    strangers = pd.DataFrame([("yes", "no", "yes", "no", "yes")] * 40, columns=list("abcde")).assign(spend=80.0)
    assert unfit(strangers) == 1
