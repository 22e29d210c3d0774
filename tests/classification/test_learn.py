"""Learning known segments: who leads, what is kept, what it is about."""

import threading
from dataclasses import replace

import numpy as np
import pytest

import segmenter.progress
from segmenter import LearningRecipe, Recipe, choose_features, fit_segmentation, learn, read_frame
from segmenter.classification import leaderboard
from segmenter.classification.columns import known_segments, learning_features, suggest_targets, usable
from segmenter.classification.folds import LabelledRows, Task, fit_learner, side_by_side
from segmenter.classification.model import golden_verdict, held_out_verdict, leaderboard_verdict
from segmenter.classification.recipe import SEGMENTS
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.errors.learning import NothingToLearnFromError, OneClassError, TooFewMembersError, TooManyClassesError
from segmenter.io.export.learning import learning_record
from segmenter.progress import Cancelled, silent
from segmenter.recipe.recipe import Scaling


def test_the_leaderboard_is_against_the_base_rate_with_errors(learned):
    board = learned.leaderboard
    assert {row.classifier for row in board.rows} == {"logistic-regression", "decision-tree", "naive-bayes"}
    assert [row.accuracy for row in board.rows] == sorted((row.accuracy for row in board.rows), reverse=True)
    first = board.rows[0]
    assert first.accuracy_se == pytest.approx(first.accuracies.std(ddof=1) / np.sqrt(3))
    assert {lead.other for lead in board.leads} == {*(row.classifier for row in board.rows[1:]), "base-rate"}


def test_the_base_rate_is_the_share_of_the_largest_segment(known_frame, learned):
    share = known_frame["tier"].value_counts(normalize=True).max()
    assert learned.leaderboard.base.accuracy == pytest.approx(share, abs=0.01)


def test_the_held_out_customers_are_told_much_better_than_by_the_base_rate(learned):
    held_out = learned.held_out
    assert held_out.scores.accuracy > held_out.base_rate + 0.2
    assert held_out.confusion.sum() == held_out.n_customers == 80
    assert sum(row.support for row in held_out.report) == held_out.n_customers


def test_tuning_is_judged_on_the_parts_of_the_leaderboard(learned):
    assert len(learned.tuning.standing.folds) == 3
    kept = learned.tuning.settings if learned.tuning.better else ()
    assert learned.choice.settings == kept
    losses = [each.log_loss for each in learned.tuning.candidates]
    assert losses == sorted(losses)


def test_the_usual_settings_are_never_ruled_out_by_a_part_of_the_rows(monkeypatch, known):
    monkeypatch.setattr(leaderboard, "FEWEST_ROWS_TO_HALVE", 100)
    judged = []
    ranked = leaderboard._ranked

    def noted(search, folds, candidates, progress):
        judged.append(list(candidates))
        return ranked(search, folds, candidates, progress)

    monkeypatch.setattr(leaderboard, "_ranked", noted)
    found = known_segments(known, LearningRecipe("tier"))
    rows = LabelledRows(known.frame.iloc[found.rows], found.codes, np.arange(len(found.rows)))
    features = usable(known, learning_features(known, "tier"), "tier")
    search = leaderboard.Search("nearest-neighbours", features, Scaling.STANDARD, 0, 3)
    leaderboard.search_settings(search, rows, silent)
    everything, finalists = judged
    assert len(everything) == 10
    # A third of them, and five neighbours, whose probabilities are too sure to be among the best.
    assert len(finalists) == 5
    assert finalists[-1] == (("n_neighbors", 5), ("weights", "uniform"))


def test_the_columns_that_tell_the_segment_matter_and_the_others_do_not(learned):
    by_column = {each.column: each.loss for each in learned.importances}
    assert {each.column for each in learned.importances[:2]} == {"income", "plan"}
    assert abs(by_column["member"]) < 0.05 < by_column["plan"]


def test_the_golden_questions_are_those_that_tell_the_segment(learned):
    assert set(learned.golden.columns) <= {"income", "plan"}
    assert learned.golden.share_kept >= 0.95
    assert learned.golden.steps[0].column in ("income", "plan")


def test_dependences_keep_ordered_values_in_their_order(known):
    features = choose_features(known, ("spending",))
    found = learn(known, LearningRecipe("tier", features, classifiers=("logistic-regression",), tune=False))
    assert found.dependences[0].values == ("Low", "Average", "High")
    np.testing.assert_allclose(found.dependences[0].probability.sum(axis=1), 1.0)


def test_the_segments_just_formed_are_learnt_nearly_perfectly(make_customers):
    customers = read_frame(make_customers(300))
    segmentation = fit_segmentation(customers, Recipe(choose_features(customers, ("income", "spend")), 3))
    recipe = LearningRecipe(SEGMENTS, classifiers=("logistic-regression", "decision-tree"), tune=False)
    found = learn(customers, recipe, segmentation)
    assert found.held_out.scores.accuracy > 0.97
    assert set(found.golden.columns) <= {"income", "spend"}
    assert found.model.classes == ("Segment 1", "Segment 2", "Segment 3")


def test_results_come_one_by_one_while_learning_goes_on(known):
    boards = []
    recipe = LearningRecipe("tier", classifiers=("naive-bayes", "decision-tree"), tune=False, folds=2)
    learn(known, recipe, partial=lambda found: boards.append(found.leaderboard))
    assert [len(board.rows) for board in boards][:2] == [1, 2]
    assert boards[0].waiting
    assert not boards[1].waiting


def test_cancel_stops_the_work(known):
    def cancel(share, doing):
        if share > 0.01:
            raise Cancelled

    with pytest.raises(Cancelled):
        learn(known, LearningRecipe("tier", classifiers=("naive-bayes", "decision-tree")), progress=cancel)


def test_progress_reaches_the_end_and_never_goes_back(known):
    shares = []
    recipe = LearningRecipe("tier", classifiers=("naive-bayes",), tune=False, folds=2)
    learn(known, recipe, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0


def test_what_came_out_is_said_in_sentences(learned):
    assert "always naming the largest segment" in leaderboard_verdict(learned.leaderboard)
    assert "80 customers that no choice had seen" in held_out_verdict(learned.held_out)
    hardly = "hardly better than always guessing"
    assert hardly not in held_out_verdict(learned.held_out)
    assert learning_record(learned)["held_out"]["hardly_better"] is False
    guessing = replace(learned.held_out, base_rate=learned.held_out.scores.accuracy - 0.01)
    assert learning_record(replace(learned, held_out=guessing))["held_out"]["hardly_better"] is True
    assert hardly in held_out_verdict(guessing)
    assert "keep" in golden_verdict(learned.golden, learned.held_out)
    assert golden_verdict(learned.golden, guessing).startswith("None")


def test_the_recipe_survives_json(learned):
    assert LearningRecipe.from_json(learned.recipe.to_json()) == learned.recipe


def test_a_column_called_like_a_segment_is_proposed_first(known):
    assert suggest_targets(known)[0].column == "tier"
    assert "customer_id" not in {each.column for each in suggest_targets(known)}


@pytest.mark.parametrize(
    ("change", "recipe", "error", "words"),
    [
        ({}, LearningRecipe("nothing"), UnknownColumnError, "no column 'nothing'"),
        ({"tier": "gold"}, LearningRecipe("tier"), OneClassError, "only the value 'gold'"),
        ({}, LearningRecipe("customer_id"), TooManyClassesError, "400 different values"),
        ({}, LearningRecipe("tier", classifiers=("magic",)), InvalidSettingError, "no classifier 'magic'"),
        ({}, LearningRecipe("tier", folds=1), InvalidSettingError, "2 to 20"),
        ({}, LearningRecipe(SEGMENTS), InvalidSettingError, "no segments to learn"),
    ],
)
def test_what_cannot_be_learnt_is_said(known_frame, change, recipe, error, words):
    with pytest.raises(error, match=words):
        learn(read_frame(known_frame.assign(**change)), recipe)


def test_too_few_members_of_a_segment_are_named(known_frame):
    few = known_frame.copy()
    few.loc[:2, "tier"] = "platinum"
    with pytest.raises(TooFewMembersError, match="'platinum' 3"):
        learn(read_frame(few), LearningRecipe("tier"))


def test_a_file_of_identifiers_alone_has_nothing_to_learn_from(known_frame):
    with pytest.raises(NothingToLearnFromError, match="customer_id"):
        learn(read_frame(known_frame[["customer_id", "tier"]]), LearningRecipe("tier"))


def test_customers_without_a_segment_are_counted_and_left_out(known_frame):
    some = known_frame.copy()
    some.loc[:39, "tier"] = None
    recipe = LearningRecipe("tier", classifiers=("naive-bayes",), tune=False, folds=2)
    found = learn(read_frame(some), recipe)
    assert (found.n_known, found.n_unlabelled) == (360, 40)
    assert any("40 customers without a value in tier" in note.text for note in found.notes)


def test_very_many_customers_are_thinned_evenly_and_that_is_said(known, monkeypatch):
    monkeypatch.setattr("segmenter.classification.learn.MOST_CUSTOMERS", 200)
    recipe = LearningRecipe("tier", classifiers=("naive-bayes",), tune=False, folds=2)
    found = learn(known, recipe)
    assert found.n_known == found.model.n_trained == 200
    assert found.model.base_rate == pytest.approx(found.leaderboard.base.accuracy, abs=0.02)
    assert any(note.text.startswith("200 of the 400 customers") for note in found.notes)


def test_a_classifier_that_keeps_its_customers_says_so(known):
    recipe = LearningRecipe("tier", classifiers=("nearest-neighbours",), tune=False, folds=2)
    assert any("keeps the prepared values of its 400 customers" in note.text for note in learn(known, recipe).notes)


def test_a_network_that_reports_is_never_called_while_it_does(monkeypatch):
    # Any call of a function is a moment to look in on a learner; within its own report, two would wait for each other.
    monkeypatch.setattr(segmenter.progress, "_CALL_SECONDS", 0.0)
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 3)), np.repeat([0, 1, 2], 20)
    heard = []

    def learn(progress):
        return fit_learner("network", X, y, seed=0, settings=(("epochs", 3),), progress=progress)

    def both():
        tasks = [Task("one", learn), Task("two", learn)]
        heard.append(dict(side_by_side(tasks, lambda share, doing: None)))

    thread = threading.Thread(target=both, daemon=True)
    thread.start()
    thread.join(30)
    assert len(heard[0]) == 2
