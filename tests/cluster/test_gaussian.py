"""Normal mixtures: densities by SciPy, the criterion by its formula, segments that circles cannot have."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segmenter import config
from segmenter.cluster import ALGORITHMS, gaussian
from segmenter.cluster.assigners import GaussianComponents, ProbabilisticAssigner
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.progress import silent

SHAPES = ("full", "tied", "diag", "spherical")


@pytest.fixture(scope="module")
def bands():
    """Two long bands side by side, which the nearest centre would cut across."""
    random = np.random.default_rng(0)
    long = random.normal(size=(800, 2)) * [6.0, 0.4]
    long[400:, 1] += 4.0
    return long, np.repeat([0, 1], 400)


def density(rule, number, X):
    covariance = np.linalg.inv(rule.factors[number] @ rule.factors[number].T)
    return multivariate_normal(rule.means[number], covariance).pdf(X)


@pytest.mark.parametrize("shape", SHAPES)
def test_probabilities_are_those_of_bayes_rule_with_scipys_densities(bands, shape):
    X, _ = bands
    rule = ALGORITHMS["gaussian-mixture"].form(X, 3, 0, {"shape": shape, "bic_to": 0}, silent).placement
    assert isinstance(rule, ProbabilisticAssigner)
    joint = np.column_stack([weight * density(rule, n, X) for n, weight in enumerate(rule.weights)])
    np.testing.assert_allclose(rule.probabilities(X), joint / joint.sum(axis=1, keepdims=True), rtol=1e-6, atol=1e-12)
    np.testing.assert_array_equal(rule.place(X), joint.argmax(axis=1))


def test_two_normal_distributions_on_a_line_meet_where_their_densities_do():
    # Equal shares and spreads 1 around 0 and 4: the border is 2, the odds at 3 are e^(4·3 − 8) = e^4.
    rule = GaussianComponents(np.array([0.5, 0.5]), np.array([[0.0], [4.0]]), np.ones((2, 1, 1)))
    assert rule.place(np.array([[1.99], [2.01]])).tolist() == [0, 1]
    assert rule.probabilities(np.array([[3.0]]))[0, 1] == pytest.approx(1 / (1 + np.exp(-4)))
    assert rule.probabilities(np.array([[2.0]])).tolist() == [[0.5, 0.5]]


def test_customers_beyond_all_numbers_still_have_probabilities_that_add_up_to_one():
    rule = GaussianComponents(np.array([0.5, 0.5]), np.array([[0.0, 0.0], [4.0, 0.0]]), np.tile(np.eye(2), (2, 1, 1)))
    far = np.array([[1e200, -1e200], [-1e160, 3.0], [1e150, 1e150]])
    np.testing.assert_array_equal(rule.probabilities(far).sum(axis=1), 1.0)


def test_long_segments_are_found_that_k_means_cuts_across(bands):
    X, truth = bands
    assert adjusted_rand_score(truth, SegmentClusterer("gaussian-mixture", 2).fit(X).labels_) > 0.99
    assert adjusted_rand_score(truth, SegmentClusterer("k-means", 2).fit(X).labels_) < 0.1


def test_the_criterion_is_schwarzs_and_lowest_for_the_number_of_distributions_there_are(bands):
    X, _ = bands
    details = SegmentClusterer("gaussian-mixture", 2, settings={"bic_to": 4}).fit(X).details_
    assert list(details.bic) == [1, 2, 3, 4]
    assert details.best == 2
    # One normal distribution is its mean and covariance: 5 parameters (the floor on variances adds .001 of them).
    one = multivariate_normal(X.mean(axis=0), np.cov(X.T, bias=True)).logpdf(X).sum()
    assert details.bic[1] == pytest.approx(-2 * one + 5 * np.log(len(X)), rel=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_customers_are_at_least_as_probable_as_by_scikit_learn(bands, shape):
    X, _ = bands
    floor = 0.001 * X.var(axis=0).mean()
    theirs = GaussianMixture(3, covariance_type=shape, n_init=5, random_state=0, reg_covar=floor, max_iter=300).fit(X)
    rule = ALGORITHMS["gaussian-mixture"].form(X, 3, 0, {"shape": shape, "bic_to": 0}, silent).placement
    ours = np.log(sum(weight * density(rule, n, X) for n, weight in enumerate(rule.weights))).mean()
    assert ours >= theirs.score(X) - 0.002


def test_a_large_file_is_fitted_on_a_sample_and_says_so(bands, monkeypatch):
    monkeypatch.setattr(config, "MIXTURE_ROWS", 300)
    X, truth = bands
    model = SegmentClusterer("gaussian-mixture", 2).fit(X)
    assert model.notes_[0] == "The normal distributions were fitted to 300 of 800 customers; all were placed."
    assert adjusted_rand_score(truth, model.labels_) > 0.97


def test_distributions_that_are_nobodys_best_are_dropped_and_said_to_be():
    # A rare wide distribution under a frequent narrow one on the same place is nobody's, and so on.
    random = np.random.default_rng(3)
    X = random.normal(size=(60, 1))
    model = SegmentClusterer("gaussian-mixture", 8, settings={"floor": 1.0}).fit(X)
    rule = model.placement_
    assert len(rule.weights) == model.labels_.max() + 1
    assert rule.weights.sum() == pytest.approx(1)
    said = [note for note in model.notes_ if "nobody's most probable one" in note]
    assert len(said) == (len(rule.weights) < 8)
    assert len(rule.weights) < 8


def test_shapes_with_more_numbers_than_customers_tell_are_replaced_and_said_to_be():
    # Three ellipses in ten columns are 165 numbers, more than half of 200 customers.
    X = np.random.default_rng(4).normal(size=(200, 10))
    form = ALGORITHMS["gaussian-mixture"].form
    formed = form(X, 3, 0, {"bic_to": 0}, silent)
    assert "segments are stretched along the columns" in formed.notes[-1]
    assert not np.triu(formed.placement.factors, 1).any()
    assert not form(X[:, :6], 3, 0, {"bic_to": 0}, silent).notes


def test_wide_tables_are_fitted_to_fewer_customers():
    assert gaussian.rows_fitted(50_000, 20) == 20_000
    assert gaussian.rows_fitted(50_000, 200) == 2_000
    assert gaussian.rows_fitted(300, 8) == 300
