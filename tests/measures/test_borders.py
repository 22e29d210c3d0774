"""Borders are judged on customers that did not shape them."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from benchmarks import structures
from benchmarks.families import CLEAR, few_of_many, minority, planted, structureless
from segmenter.measures.borders import borders_between, find_groups
from segmenter.measures.vee_mixture import climb, second_moments


def three_groups(n=600, seed=0):
    random = np.random.default_rng(seed)
    centres = np.array([[0.0, 0.0, 0.0], [6.0, 0.0, 0.0], [0.0, 6.0, 3.0]])
    X = centres[random.integers(0, 3, n)] + random.normal(size=(n, 3))
    return (X - X.mean(axis=0)) / X.std(axis=0)


def facts(X, **options):
    found = find_groups(X, **options)
    return found.k, [(border.between, border.p, border.valley) for border in found.borders]


def test_three_groups_have_three_real_borders():
    found = find_groups(three_groups())
    assert found.k == 3
    assert [border.between for border in found.borders] == [(0, 1), (0, 2), (1, 2)]
    assert all(border.p < 0.01 and border.valley > 0.5 for border in found.borders)


@pytest.mark.parametrize(
    "family",
    ["Gaussian", "uniform", "skewed", "zero-inflated together", "logs of zero-inflated", "percentages", "Likert"],
)
def test_customers_without_groups_have_none(family):
    assert find_groups(structureless(family, 16).X).k == 1


@pytest.mark.parametrize("family", ["Poisson", "log-normal", "outliers", "flags", "mixed"])
def test_groups_need_not_be_bells(family):
    made = planted(family, 2, CLEAR)
    assert find_groups(made.X, categories=made.categories).k == made.k


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_pile_at_one_end_of_a_scale_is_no_group(upside_down):
    # Orders are counted up to ten, or as what is left of ten: a fifth of the customers stand at the end.
    random = np.random.default_rng(0)
    habit = 0.8 * random.normal(size=(900, 1)) + 0.6 * random.normal(size=(900, 4))
    orders = np.minimum(random.poisson(np.exp(0.7 * habit + 1.7)), 10)
    X = 10.0 - orders if upside_down else orders.astype(float)
    assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 1


def arc(random, n, part, noise, *, turned=0.0, centre=(0.0, 0.0)):
    """Return customers along a part of a circle of radius 1, from `turned` on, both in turns."""
    angle = 2 * np.pi * (turned + part * random.uniform(size=n))
    return np.column_stack([np.cos(angle), np.sin(angle)]) + np.array(centre) + noise * random.normal(size=(n, 2))


@pytest.mark.parametrize("part", [1.0, 0.8])
@pytest.mark.parametrize("n", [200, 400, 1_500])
def test_a_ring_and_a_horseshoe_are_no_groups_though_there_is_a_hole_between_their_halves(n, part):
    for seed in range(3):
        random = np.random.default_rng((n, seed))
        X = arc(random, n, part, random.uniform(0.05, 0.2))
        X = X if seed < 2 else np.column_stack([X, random.normal(size=n)])
        assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 1


@pytest.mark.parametrize("n", [300, 1_500])
def test_two_arcs_whose_ends_do_not_meet_are_two_groups(n):
    random = np.random.default_rng(n)
    halves = [
        arc(random, n // 2, 0.5, 0.1, turned=turned, centre=(away, 0)) for turned, away in ((0.25, -0.6), (0.75, 0.6))
    ]
    X = np.vstack(halves)
    assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 2


def test_few_customers_far_from_many_are_a_group():
    assert find_groups(minority(0.05, 2).X).k == 2


def test_columns_that_say_nothing_do_not_hide_those_that_do():
    assert find_groups(few_of_many(20, 4).X).k == 3


def test_a_single_nominal_column_makes_no_groups():
    random = np.random.default_rng(2)
    codes = np.eye(3)[random.integers(0, 3, 500)] * 1.2
    X = np.column_stack([codes, random.normal(size=(500, 2))])
    assert find_groups(X, categories=np.array([0, 0, 0, -1, -1])).k == 1


def test_the_order_of_the_rows_a_copied_column_and_a_doubled_file_change_nothing():
    X = three_groups()
    shuffled = X[np.random.default_rng(5).permutation(len(X))]
    assert facts(shuffled) == facts(X)
    assert facts(np.column_stack([X, -2.0 * X[:, :1]])) == facts(X)
    assert facts(np.repeat(X, 2, axis=0)) == facts(X)


@pytest.mark.parametrize("shape", [(0, 2), (1, 1), (5, 2), (30, 1), (40, 3)])
def test_too_little_or_too_uniform_data_has_no_groups(shape):
    assert find_groups(np.zeros(shape)).k == 1
    assert find_groups(np.random.default_rng(0).integers(0, 2, shape).astype(float)).k == 1


def test_mixtures_side_by_side_reach_what_scikit_learn_reaches_alone():
    X = three_groups(400)
    weights = np.ones((400, 2))
    weights[:200, 1] = 0.0
    random = np.random.default_rng(1)
    truth = np.eye(3)[GaussianMixture(3, covariance_type="tied", random_state=0).fit(X).predict(X)]
    start = np.stack([truth, truth], axis=1) * 0.8 + 0.2 * random.dirichlet(np.ones(3), (400, 2))
    found, memberships = climb(X, weights, start, rounds=300, moments=second_moments(X, weights))
    for place, rows in enumerate((X, X[200:])):
        alone = GaussianMixture(3, covariance_type="tied", means_init=found.centres[place], tol=1e-9).fit(rows)
        assert found.centres[place] == pytest.approx(alone.means_, abs=0.02)
        assert found.shares[place] == pytest.approx(alone.weights_, abs=0.01)
        assert memberships[:, place].argmax(axis=1) == pytest.approx(alone.predict(X))


@pytest.mark.parametrize("few", [6, 9])
def test_a_handful_of_customers_a_hundred_deviations_away_are_a_group(few):
    X = np.random.default_rng(few).normal(size=(49, 3))
    X[:few] += 100
    groups = find_groups((X - X.mean(axis=0)) / X.std(axis=0))
    assert groups.k == 2
    # The loneliest of them may be left out.
    assert set(groups.rows[groups.labels == 1]) <= set(range(few))
    assert np.bincount(groups.labels)[1] >= few - 1


def test_ten_customers_in_a_thousand_are_found_where_all_are_bells():
    random = np.random.default_rng(3)
    X = random.normal(size=(1_000, 3))
    none = find_groups(X)
    X[:10, 0] += 7
    groups = find_groups((X - X.mean(axis=0)) / X.std(axis=0))
    assert (none.k, groups.k) == (1, 2)
    small = groups.rows[groups.labels == 1]
    assert len(set(small.tolist()) & set(range(10))) >= 8


def test_seven_bells_of_fifty_rows_are_told_apart_by_their_likelihood():
    made = structures.planted(70_010)
    found = find_groups(made.X)
    assert (made.k, found.k) == (7, 7)
    # Some of their borders alone would be uncertain, and no page calls groups natural whose borders it denies.
    assert not all(border.p < 0.01 and border.valley >= 0.25 for border in found.borders)
    assert all(border.real and border.likely for border in found.borders)


def test_groups_are_steady_where_halves_of_the_rows_lead_to_them_again():
    """Eight bells are too many for 392 rows of seven columns: the three groups found are a matter of chance."""
    seven, eight = (find_groups(structures.planted(seed).X) for seed in (90_000, 90_020))
    assert (seven.k, seven.steady) == (7, True)
    assert not eight.steady


def test_narrow_groups_at_the_ends_of_a_scale_are_no_piles():
    random = np.random.default_rng(8)
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[np.arange(60) % 4]
    X = corners + 0.1 * random.normal(size=(60, 2))
    assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 4


def _curve(bend, n, seed):
    random = np.random.default_rng(seed)
    along = random.uniform(size=n)
    X = np.column_stack([along, bend(along)])
    X = X / X.std(axis=0) + 0.15 * random.normal(size=(n, 2))
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.parametrize("bend", [lambda x: 1 / (1 + np.exp(-10 * (x - 0.5))), lambda x: np.clip(4 * x - 1.5, 0, 1)])
def test_what_rises_steeply_with_another_column_has_no_border_on_its_slope(bend):
    assert find_groups(_curve(bend, 800, seed=6)).k == 1


def test_two_bells_apart_in_both_columns_alike_are_no_curve():
    # Where they meet in a column, rows of both stand side by side; a curve is no thicker there than elsewhere.
    random = np.random.default_rng(3)
    X = 2.75 * (np.arange(2_000) % 2)[:, None] + random.normal(size=(2_000, 2))
    assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 2


def test_groups_that_differ_by_degrees_in_another_column_keep_their_border():
    random = np.random.default_rng(7)
    member = random.integers(0, 2, 800)
    age = np.where(member == 0, random.uniform(18, 50, 800), random.uniform(35, 80, 800))
    X = np.column_stack([age, 3 * member + 0.6 * random.normal(size=800)])
    assert find_groups((X - X.mean(axis=0)) / X.std(axis=0)).k == 2


def test_the_outer_thirds_of_a_line_have_no_border_though_few_of_theirs_stand_between_them():
    random = np.random.default_rng(1)
    along = random.uniform(size=600)
    X = np.column_stack([along, along + 0.05 * random.normal(size=600)])
    outer = borders_between(X, np.digitize(along, [1 / 3, 2 / 3]))[1]
    assert (outer.between, outer.real) == ((0, 2), False)
    assert outer.valley > 0.5


def test_one_group_cut_in_two_has_a_border_only_with_the_other():
    random = np.random.default_rng(2)
    far = np.arange(900) % 3 == 0
    X = np.column_stack([np.where(far, 9.0, 0.0), np.where(far, 0.0, random.uniform(-3, 3, 900))])
    X += random.normal(0, 0.6, X.shape)
    labels = np.where(far, 2, X[:, 1] > 0)
    assert [border.between for border in borders_between(X, labels) if border.real] == [(0, 2), (1, 2)]
