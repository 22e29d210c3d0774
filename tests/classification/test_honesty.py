"""Nothing of whom a classifier is judged by ever reaches what it learns."""

import hashlib

import numpy as np
import pytest

from segmenter import LearningRecipe, learn, read_frame
from segmenter.classification.columns import find_leaks, known_segments, learning_features, usable
from segmenter.classification.folds import LabelledRows, outer_splits, prepare_fold, split_held_out

RECIPE = LearningRecipe("tier", classifiers=("logistic-regression",), tune=False, folds=4)


@pytest.fixture
def rows(known):
    found = known_segments(known, RECIPE)
    return LabelledRows(known.frame.iloc[found.rows], found.codes, np.arange(len(found.rows)))


def test_what_is_learnt_in_a_part_is_the_same_whatever_the_others_hold(known, rows):
    features = usable(known, learning_features(known, "tier"), "tier")
    learn_from, tell = outer_splits(rows, RECIPE)[0]
    before = prepare_fold(rows.taken(learn_from), rows.taken(tell), features, RECIPE.scaling)
    other = rows.frame.copy()
    other.iloc[tell, other.columns.get_loc("income")] = 1e6
    other.iloc[tell, other.columns.get_loc("plan")] = "Never seen"
    codes = rows.codes.copy()
    codes[tell] = (codes[tell] + 1) % 3
    after_rows = LabelledRows(other, codes, rows.groups)
    after = prepare_fold(after_rows.taken(learn_from), after_rows.taken(tell), features, RECIPE.scaling)
    np.testing.assert_array_equal(before.X, after.X)
    np.testing.assert_array_equal(before.y, after.y)
    assert not np.array_equal(before.X_test, after.X_test)


def test_every_customer_is_told_once_and_never_learnt_from_then(rows):
    splits = outer_splits(rows, RECIPE)
    told = np.concatenate([tell for _, tell in splits])
    assert sorted(told) == list(range(len(rows)))
    assert all(not set(learn_from) & set(tell) for learn_from, tell in splits)


def test_the_customers_held_out_have_the_same_mix_of_segments(rows):
    learning, held_out = split_held_out(rows.codes, rows.groups, RECIPE)
    assert not set(learning) & set(held_out)
    shares = [np.bincount(rows.codes[part]) / len(part) for part in (learning, held_out)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


def test_shuffled_segments_are_told_no_better_than_the_base_rate(known_frame):
    shuffled = known_frame.assign(tier=np.random.default_rng(1).permutation(known_frame["tier"].to_numpy()))
    found = learn(read_frame(shuffled), RECIPE)
    board = found.leaderboard
    assert board.rows[0].accuracy <= board.base.accuracy + 3 * max(board.rows[0].accuracy_se, 0.02)
    assert not next(lead for lead in board.leads if lead.other == "base-rate").more_than_noise


@pytest.mark.parametrize(
    "give_away",
    [
        lambda tier: hashlib.sha256(tier.encode()).hexdigest()[:8],
        lambda tier: {"bronze": 1.5, "silver": 7.0, "gold": 9.5}[tier],
    ],
    ids=["hash", "number"],
)
def test_a_column_made_from_the_answer_is_flagged_and_left_out(known_frame, give_away):
    leaky = read_frame(known_frame.assign(made=known_frame["tier"].map(give_away)))
    found = learn(leaky, RECIPE)
    assert [leak.column for leak in found.leaks] == ["made"]
    assert "made" not in {spec.column for spec in found.recipe.features}
    assert any("made alone tells 100 %" in note.text for note in found.notes)


def test_an_honest_column_and_an_identifier_are_no_leaks(known):
    found = known_segments(known, RECIPE)
    assert find_leaks(known, found.rows, found.codes, "tier") == ()


def test_identifiers_are_never_learnt_from(learned):
    assert "customer_id" not in {spec.column for spec in learned.recipe.features}


def test_the_order_of_the_file_changes_nothing(known_frame, learned):
    turned = read_frame(known_frame.iloc[::-1].reset_index(drop=True)[list(known_frame.columns[::-1])])
    recipe = LearningRecipe("tier", classifiers=("logistic-regression", "decision-tree", "naive-bayes"), folds=3)
    again = learn(turned, recipe)
    assert again.held_out.scores == learned.held_out.scores
    assert [row.folds for row in again.leaderboard.rows] == [row.folds for row in learned.leaderboard.rows]
