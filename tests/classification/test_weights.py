"""A column of weights counts in learning, in scores and in shares, as rows repeated would; own columns come along."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score
from sklearn.model_selection import train_test_split

from segmenter import LearningRecipe, SegmenterError, classify, learn, load_classifier, read_frame, save_classifier
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import fit_learner
from segmenter.cli import main
from segmenter.measures.classification import calibration, report, score
from segmenter.recipe.recipe import pairs_of

QUICK = {
    "decision-tree": pairs_of({"max_depth": 2}),
    "random-forest": pairs_of({"n_estimators": 10}),
    "gradient-boosting": pairs_of({"n_estimators": 10}),
}
# These use the order or number of rows in other ways than as weights: by chance, in leaves, neighbours or batches.
NOT_EXACT = {"random-forest", "histogram-gradient-boosting", "nearest-neighbours", "network", "decision-tree"}


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(5)
    y = random.integers(0, 2, 300)
    X = np.column_stack([y + random.normal(0, 1, 300), random.integers(0, 2, 300).astype(float)])
    weights = random.integers(1, 5, 300).astype(float)
    return X, y, weights


@pytest.mark.parametrize("key", sorted(set(CLASSIFIERS) - NOT_EXACT))
def test_a_weight_of_three_is_three_customers(key, rows):
    X, y, weights = rows
    # Repeated rows are worth their number in the penalty too; weights have a mean of 1.
    times = weights.astype(int)
    settings = QUICK.get(key, ())
    if key == "logistic-regression":
        settings = pairs_of({"C": 1e6})
    weighted = fit_learner(key, X, y, seed=0, settings=settings, weights=weights)
    if key == "naive-bayes":
        settings = pairs_of({"smoothing": weights.mean()})
    repeated = fit_learner(key, np.repeat(X, times, axis=0), np.repeat(y, times), seed=0, settings=settings)
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("key", sorted(CLASSIFIERS))
def test_whoever_counts_more_pulls_the_answers_their_way(key, rows):
    X, y, _ = rows
    settings = QUICK.get(key, ())
    others = np.column_stack([np.random.default_rng(8).normal(0.5, 1, 300), X[:, 1]])
    plain = fit_learner(key, X, y, seed=0, settings=settings).predict_proba(others)[:, 1].mean()
    pulled = fit_learner(key, X, y, seed=0, settings=settings, weights=np.where(y == 1, 20.0, 1.0))
    assert pulled.predict_proba(others)[:, 1].mean() > plain + 0.02


@pytest.mark.parametrize("key", sorted(CLASSIFIERS))
def test_weights_that_are_all_alike_change_nothing(key, rows):
    X, y, _ = rows
    settings = QUICK.get(key, ())
    plain = fit_learner(key, X, y, seed=0, settings=settings).predict_proba(X)
    alike = fit_learner(key, X, y, seed=0, settings=settings, weights=np.full(len(X), 7.0)).predict_proba(X)
    np.testing.assert_allclose(alike, plain, atol=1e-6)


def test_scores_are_those_of_scikit_learn_with_weights(rows):
    _, truth, weights = rows
    said = np.random.default_rng(0).dirichlet([1, 1], len(truth))
    answer, found = said.argmax(axis=1), score(truth, said, weights)
    assert found.accuracy == pytest.approx(accuracy_score(truth, answer, sample_weight=weights))
    assert found.macro_f1 == pytest.approx(f1_score(truth, answer, average="macro", sample_weight=weights))
    assert found.log_loss == pytest.approx(log_loss(truth, said, sample_weight=weights))
    assert report(truth, answer, 2, weights)[1].precision == pytest.approx(
        precision_score(truth, answer, sample_weight=weights)
    )
    again = np.repeat(np.arange(len(truth)), weights.astype(int))
    assert calibration(truth, said, weights=weights).error == pytest.approx(
        calibration(truth[again], said[again]).error
    )


@pytest.fixture(scope="module")
def survey(known_frame):
    frame = known_frame.copy()
    frame["weight"] = np.where(frame["tier"] == "gold", 6.0, 1.0)
    frame["spend"] = frame["income"] * 2 + 1
    return frame


def test_every_share_of_what_was_learnt_is_weighted(survey):
    recipe = LearningRecipe("tier", classifiers=("logistic-regression",), folds=3, tune=False, weight_column="weight")
    learned = learn(read_frame(survey, "survey"), recipe)
    gold = survey["weight"][survey["tier"] == "gold"].sum() / survey["weight"].sum()
    # One customer in five, who count six each.
    assert learned.model.base_rate == pytest.approx(gold)
    assert learned.leaderboard.base.accuracy == pytest.approx(gold, abs=0.03)
    assert learned.held_out.base_rate > 0.5
    assert "weight" not in [spec.column for spec in learned.recipe.features]
    assert any("weight" in note.text for note in learned.notes)
    plain = learn(
        read_frame(survey.drop(columns="weight"), "survey"),
        LearningRecipe("tier", classifiers=("logistic-regression",), folds=3, tune=False),
    )
    called = [classify(read_frame(survey), each.model).counts()["gold"] for each in (learned, plain)]
    assert called[0] > called[1]


@pytest.mark.parametrize(
    ("weight", "words"),
    [(0.0, "without a weight above 0"), (-1.0, "without a weight above 0"), (None, "without a weight above 0")],
)
def test_weights_that_count_nothing_are_refused_with_their_row(survey, weight, words):
    frame = survey.copy()
    frame.loc[7, "weight"] = weight
    recipe = LearningRecipe("tier", weight_column="weight", classifiers=("naive-bayes",))
    with pytest.raises(SegmenterError, match=words) as caught:
        learn(read_frame(frame, "survey"), recipe)
    assert "row 8 " in str(caught.value)


@pytest.mark.parametrize("weight", [1e300, 1e-300])
def test_a_weight_beside_which_nobody_else_counts_is_refused(survey, weight):
    frame = survey.copy()
    frame.loc[7, "weight"] = weight
    with pytest.raises(SegmenterError, match="a billion times"):
        learn(read_frame(frame), LearningRecipe("tier", weight_column="weight", classifiers=("naive-bayes",)))


def test_customers_without_a_segment_need_no_weight(survey):
    frame = survey.copy()
    frame.loc[:4, ["tier", "weight"]] = None
    recipe = LearningRecipe("tier", weight_column="weight", classifiers=("naive-bayes",), folds=3, tune=False)
    assert learn(read_frame(frame, "survey"), recipe).n_unlabelled == 5


@pytest.mark.parametrize(
    ("column", "words"), [("tier", "cannot be learnt"), ("absent", "absent"), ("plan", "no numbers")]
)
def test_a_column_that_cannot_weigh_is_refused(survey, column, words):
    with pytest.raises(SegmenterError, match=words):
        learn(read_frame(survey, "survey"), LearningRecipe("tier", weight_column=column, classifiers=("naive-bayes",)))


def test_own_columns_and_weights_travel_in_the_saved_classifier(survey, tmp_path, capsys):
    train, new = train_test_split(survey, test_size=0.3, random_state=0)
    train.to_csv(tmp_path / "train.csv", index=False)
    new.drop(columns=["tier", "weight"]).to_csv(tmp_path / "new.csv", index=False)
    out = str(tmp_path / "out")
    asked = ["--target", "tier", "--weights", "weight", "--formula", "per=spend / income", "--compete", "naive-bayes"]
    assert main(["learn", str(tmp_path / "train.csv"), *asked, "--no-tuning", "--folds", "3", "--out", out]) == 0
    assert main(["classify", out, str(tmp_path / "new.csv"), "--out", str(tmp_path / "told")]) == 0
    model = load_classifier(out)
    assert model.recipe.weight_column == "weight"
    assert dict(model.recipe.formulas) == {"per": '"spend" / "income"'}
    told = pd.read_csv(tmp_path / "told" / "customers.csv")
    assert (told["segment"].to_numpy() == new["tier"].to_numpy()).mean() > 0.6
    capsys.readouterr()
    assert main(["classify", out, str(tmp_path / "new.csv"), "--out", str(tmp_path / "told"), "--json"]) == 0
    save_classifier(model, tmp_path / "again")
    assert load_classifier(tmp_path / "again").recipe == model.recipe
