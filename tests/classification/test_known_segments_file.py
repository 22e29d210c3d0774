"""A real file of customers with known segments: what cross-validation done right gives, and not more."""

import numpy as np
import pytest

from segmenter import LearningRecipe, Recipe, classify, classify_customer, fit_segmentation, learn, read_table
from segmenter.classification.columns import known_segments, learning_features, suggest_targets, usable
from segmenter.classification.folds import LabelledRows, inner_splits, prepare_fold, prepared_folds, split_held_out
from segmenter.classification.leaderboard import Search, fold_result, run_leaderboard, search_settings
from segmenter.classification.recipe import SEGMENTS
from segmenter.errors.learning import OutsideKnownRangeError
from segmenter.prepare.suggest import suggest_features
from segmenter.progress import silent

TARGET = "Segmentation"
RECIPE = LearningRecipe(TARGET)
# Five folds without identifiers, each ± .02.
EXPECTED = {
    "decision-tree": 0.43,
    "nearest-neighbours": 0.47,
    "naive-bayes": 0.48,
    "random-forest": 0.49,
    "logistic-regression": 0.51,
    "gradient-boosting": 0.54,
}


@pytest.fixture(scope="module")
def train(shared_data):
    return read_table(shared_data / "Train.csv")


@pytest.fixture(scope="module")
def rows(train):
    known = known_segments(train, RECIPE)
    return LabelledRows(train.frame.iloc[known.rows], known.codes, np.arange(len(known.rows)))


@pytest.fixture(scope="module")
def features(train):
    return usable(train, learning_features(train, TARGET), TARGET)


@pytest.fixture(scope="module")
def quick(train):
    return learn(train, LearningRecipe(TARGET, classifiers=("naive-bayes",), tune=False, folds=2)).model


def test_the_known_segment_is_the_column_proposed(train):
    assert suggest_targets(train)[0].column == TARGET


def test_six_classifiers_reach_what_is_known_of_this_file_and_not_more(rows, features):
    # Two of the five folds tell it within .02 already.
    folds = list(prepared_folds(rows, list(inner_splits(rows, 5, 0))[:2], features, RECIPE.scaling))
    board = run_leaderboard(folds, tuple(EXPECTED), 0, silent, lambda _: None)
    assert board.base.accuracy == pytest.approx(0.281, abs=0.001)
    assert {row.classifier: row.accuracy for row in board.rows} == pytest.approx(EXPECTED, abs=0.02)
    assert board.rows[0].classifier == "gradient-boosting"


def test_tuned_histogram_boosting_reaches_its_ceiling_on_customers_held_out(rows, features):
    learning, held_out = split_held_out(rows.codes, rows.groups, RECIPE)
    search = Search("histogram-gradient-boosting", features, RECIPE.scaling, 0, 4)
    # What is best for half of them is good for all.
    best = search_settings(search, rows.taken(learning[::2]), silent)[0]
    fold = prepare_fold(rows.taken(learning), rows.taken(held_out), features, RECIPE.scaling)
    found = fold_result(search.key, fold, seed=0, n_classes=4, progress=silent, settings=best.settings)
    assert 0.53 <= found.scores.accuracy <= 0.57


def test_spending_is_kept_in_its_order(features):
    spending = next(spec for spec in features if spec.column == "Spending_Score")
    assert spending.order == ("Low", "Average", "High")
    assert "ID" not in {spec.column for spec in features}


def test_age_0_is_refused_with_the_range_that_the_model_knows(quick):
    with pytest.raises(OutsideKnownRangeError, match="Age = 0 is outside 16 to 90"):
        classify_customer({"Age": 0}, quick)


def test_the_next_file_says_who_was_learnt_from(quick, shared_data):
    test = read_table(shared_data / "Test.csv")
    placed = classify(test, quick)
    assert (int(placed.learnt_from.sum()), test.n_customers) == (2_332, 2_627)
    assert placed.notes[0].text.startswith("88.8 % of these customers were used for learning")
    assert list(placed.plain().columns) == ["ID", TARGET]


def test_the_segments_of_k_means_are_learnt_and_the_golden_questions_are_among_its_columns(train):
    segmentation = fit_segmentation(train, Recipe(suggest_features(train), 4))
    recipe = LearningRecipe(SEGMENTS, classifiers=("decision-tree", "naive-bayes"), tune=False, folds=3)
    found = learn(train, recipe, segmentation)
    assert found.held_out.scores.accuracy > 0.95
    assert set(found.golden.columns) == {spec.column for spec in segmentation.recipe.segmenting}
