"""What may be set in a method, and the rules that place customers by the nearest of many units."""

import numpy as np
import pytest

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import NearestCentre, NearestPrototype, agreement_with
from segmenter.cluster.codebook import fit_codebook, rounded
from segmenter.errors.forming import InvalidSettingError
from segmenter.recipe.recipe import Setting, complete

WHOLE = Setting("starts", "Starts", 10, 1, 50)
NUMBER = Setting("floor", "Floor", 0.5, 0.0, 1.0)
WORD = Setting("shape", "Shape", "full", choices=("full", "round"))


def test_what_is_not_set_has_its_default():
    assert complete((WHOLE, NUMBER, WORD), {"floor": 1}) == {"starts": 10, "floor": 1.0, "shape": "full"}
    assert isinstance(complete((NUMBER,), {"floor": 1})["floor"], float)
    assert isinstance(complete((WHOLE,), {"starts": 7.0})["starts"], int)


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        (WHOLE, 0, r"Starts \(starts\) = 0 is not possible; 1 to 50 are."),
        (WHOLE, 51, "51 is not possible"),
        (WHOLE, 2.5, "2.5 is not possible"),
        (WHOLE, "many", "many is not possible"),
        (WHOLE, float("inf"), "inf is not possible"),
        (NUMBER, float("nan"), "nan is not possible"),
        (NUMBER, "x", "x is not possible"),
        (WORD, "square", r"Shape \(shape\) = square is not possible; there are: full, round."),
    ],
)
def test_what_is_not_possible_is_refused_with_what_is(setting, value, sentence):
    with pytest.raises(InvalidSettingError, match=sentence):
        setting.checked(value)


def test_what_is_not_known_is_refused_with_what_is():
    with pytest.raises(InvalidSettingError, match=r"no setting 'colour'\. There are: starts, floor\."):
        complete((WHOLE, NUMBER), {"colour": 1})
    with pytest.raises(InvalidSettingError, match="It has none"):
        complete((), {"colour": 1})


@pytest.mark.parametrize("key", ALGORITHMS)
def test_defaults_are_possible_and_every_setting_is_explained(key):
    settings = ALGORITHMS[key].settings
    assert complete(settings, {}) == {setting.key: setting.default for setting in settings}
    for setting in settings:
        assert setting.explanation or setting.key == "columns"
        if setting.parse is not None:
            setting.parse(setting.example)
            continue
        assert setting.choices or (setting.low is not None and setting.high is not None)


def test_the_nearest_unit_says_the_segment_and_ties_go_to_the_first():
    rule = NearestPrototype(np.array([[0.0], [2.0], [10.0]]), np.array([1, 0, -1]))
    assert rule.place(np.array([[0.4], [1.0], [1.1], [9.0]])).tolist() == [1, 1, 0, -1]
    assert rule.distances(np.array([[0.4], [9.0]])) == pytest.approx([0.4, 1.0])


def test_who_is_beyond_a_units_reach_fits_no_segment():
    rule = NearestPrototype(np.array([[0.0], [10.0]]), np.array([0, 1]), reach=np.array([1.0, 3.0]))
    assert rule.place(np.array([[1.0], [1.5], [7.0], [6.9]])).tolist() == [0, -1, 1, -1]


def test_new_numbers_change_nothing_else():
    rule = NearestPrototype(np.array([[0.0], [5.0], [9.0]]), np.array([0, 2, -1]), np.array([1.0, 2.0, 3.0]), 0.9)
    turned = rule.reordered(np.array([2, 0]))
    assert turned.segments.tolist() == [1, 0, -1]
    assert (turned.reach.tolist(), turned.agreement) == ([1.0, 2.0, 3.0], 0.9)


def test_only_rules_that_can_differ_from_the_fit_say_how_often_they_agree():
    assert agreement_with(NearestPrototype(np.zeros((1, 1)), np.zeros(1, dtype=int), agreement=0.75)) == 0.75
    assert agreement_with(NearestCentre(np.zeros((1, 1)))) == 1.0


def test_units_are_middles_of_small_groups_and_nobodys_row():
    random = np.random.default_rng(0)
    X = random.normal(size=(900, 2))
    labels = (X[:, 0] > 0).astype(int)
    labels[X[:, 1] > 2] = -1
    rule = fit_codebook(X, labels, seed=0)
    assert 20 <= len(rule.units) <= 45
    assert set(rule.segments) == {0, 1}
    nearest = np.linalg.norm(rule.units[:, None] - X[labels >= 0], axis=2).min(axis=1)
    assert nearest.min() > 1e-6
    agreed = rule.place(X)[labels >= 0] == labels[labels >= 0]
    assert agreed.mean() > 0.95


def test_a_segment_of_few_customers_has_one_unit_in_their_middle():
    X = np.array([[0.0], [1.0], [2.0], [10.0], [12.0]])
    rule = fit_codebook(X, np.array([0, 0, 0, 1, 1]), seed=0)
    assert rule.units.tolist() == [[1.0], [11.0]]


def test_rounded_units_keep_six_digits_of_the_largest():
    units = np.array([[123456.789, 1e-7], [-0.001, 2.3456789e-7]])
    assert rounded(units).tolist() == [[123457.0, 1e-7], [-0.0, 2.34568e-7]]
