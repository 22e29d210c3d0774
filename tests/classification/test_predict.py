"""New customers: one at a time, with bounds, and a file at a time, with notes."""

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    LearningRecipe,
    choose_features,
    classify,
    classify_customer,
    learn,
    read_frame,
    read_table,
    suggest_features,
)
from segmenter.classification.columns import OTHER, FieldKind, form_fields
from segmenter.errors.forming import MissingColumnsError, UnknownColumnError
from segmenter.errors.learning import AnswerNeededError, OutsideKnownRangeError, UnknownChoiceError
from segmenter.prepare.preparation import Preparation
from segmenter.recipe.recipe import Missing

RECIPE = LearningRecipe("tier", classifiers=("naive-bayes",), tune=False, folds=2)
ANSWERS = {"income": 20.0, "plan": "Basic", "spending": "Low", "member": "Yes", "joined": "2024-06-01"}


@pytest.fixture(scope="module")
def model(learned):
    return learned.model


def test_no_range_reaches_what_no_customer_can_have():
    random = np.random.default_rng(2)
    dataset = read_frame(pd.DataFrame({"orders": random.poisson(1.5, 200), "balance": random.normal(0, 90, 200)}))
    preparation = Preparation(suggest_features(dataset)).fit(dataset.frame)
    orders, balance = form_fields(dataset, np.arange(200), preparation)
    assert orders.low == 0
    assert orders.high == int(orders.high) >= dataset.frame["orders"].max()
    parties = read_frame(pd.DataFrame({"people": random.integers(1, 9, 200), "balance": dataset.frame["balance"]}))
    people, _ = form_fields(parties, np.arange(200), Preparation(suggest_features(parties)).fit(parties.frame))
    assert people.low == 1
    assert balance.low < dataset.frame["balance"].min()


def test_the_form_has_one_bounded_field_per_column(model, known_frame):
    fields = {field.column: field for field in model.fields}
    assert list(fields) == ["income", "plan", "spending", "member", "joined"]
    income = fields["income"]
    assert (income.kind, income.low, income.high) == (FieldKind.WHOLE, 4, 96)
    assert income.low < known_frame["income"].min() < known_frame["income"].max() < income.high
    assert fields["spending"].choices == ("Low", "Average", "High")
    assert set(fields["plan"].choices) == {"Basic", "Plus", "Top", OTHER}
    assert (fields["member"].kind, fields["member"].choices) == (FieldKind.YES_NO, ("No", "Yes"))
    assert (fields["joined"].earliest, fields["joined"].latest) == (
        known_frame["joined"].min(),
        known_frame["joined"].max(),
    )


def test_one_customer_has_probabilities_and_a_runner_up(model):
    told = classify_customer(ANSWERS, model)
    assert told.segment == "bronze"
    assert sum(probability for _, probability in told.probabilities) == pytest.approx(1.0)
    assert told.probability >= told.runner_up_probability
    assert told.probabilities[1] == (told.runner_up, told.runner_up_probability)


def test_the_form_and_the_file_give_the_same_answer(model):
    told = classify_customer(ANSWERS, model)
    placed = classify(read_frame(pd.DataFrame([ANSWERS])), model)
    assert placed.segments.tolist() == [told.segment]
    assert placed.probability[0].max() == told.probability


def test_what_would_change_the_answer_really_changes_it(model):
    told = classify_customer(ANSWERS, model)
    assert told.changes
    for change in told.changes:
        again = classify_customer({**ANSWERS, change.column: change.answer}, model)
        assert again.segment == change.segment != told.segment
        assert again.probability == pytest.approx(change.probability)


def test_missing_answers_are_allowed_and_named(model):
    told = classify_customer({"plan": "Top", "income": None}, model)
    assert told.left_out == ("income", "spending", "member", "joined")


def test_an_unknown_category_counts_as_other(model):
    assert classify_customer({**ANSWERS, "plan": OTHER}, model).probability > 0


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ({"income": 0.0}, OutsideKnownRangeError, r"income = 0.0 is outside \d+ to \d+"),
        ({"income": "many"}, OutsideKnownRangeError, "income = many"),
        ({"joined": "1999-01-01"}, OutsideKnownRangeError, "joined = 1999-01-01 is outside 2024"),
        ({"plan": "Gratis"}, UnknownChoiceError, "'Gratis' is not one of"),
        ({"shoe_size": 44.0}, UnknownColumnError, "shoe_size"),
    ],
)
def test_what_the_model_cannot_know_is_said(model, answer, error, words):
    with pytest.raises(error, match=words):
        classify_customer({**ANSWERS, **answer}, model)


def test_a_customer_without_a_needed_answer_is_not_guessed(known):
    features = tuple(
        each if each.column != "income" else type(each)(each.column, each.role, Missing.DROP)
        for each in choose_features(known, ("income", "plan"))
    )
    found = learn(known, LearningRecipe("tier", features, classifiers=("naive-bayes",), tune=False, folds=2))
    assert found.n_incomplete > 0
    with pytest.raises(AnswerNeededError, match="income is missing"):
        classify_customer({"plan": "Top"}, found.model)
    placed = classify(read_frame(pd.DataFrame({"income": [np.nan, 70.0, 71.0], "plan": ["Top"] * 3})), found.model)
    assert placed.reasons.tolist() == ["income is missing", "", ""]
    assert placed.labelled()["segment"].isna().tolist() == [True, False, False]


def test_a_file_says_how_many_of_its_customers_were_learnt_from(model, known_frame):
    both = pd.concat([known_frame.iloc[:30], known_frame.iloc[:10].assign(customer_id=[f"N{n}" for n in range(10)])])
    placed = classify(read_frame(both.drop(columns="tier")), model)
    assert placed.learnt_from.sum() == 30
    assert placed.notes[0].text.startswith("75.0 % of these customers were used for learning (30 of 40")


def test_the_table_keeps_the_file_and_adds_what_was_found(model, known_frame):
    placed = classify(read_frame(known_frame), model)
    table = placed.labelled()
    assert list(table.columns[: known_frame.shape[1]]) == list(known_frame.columns)
    assert list(table.columns[known_frame.shape[1] :]) == [
        "segment", "probability", "runner_up", "runner_up_probability", "used_for_learning", "reason",
    ]  # fmt: skip
    assert (table["segment"] != table["runner_up"]).all()
    assert (table["segment"] == known_frame["tier"]).mean() > 0.7


def test_the_plain_table_is_the_identifier_and_the_target(model, known_frame):
    placed = classify(read_frame(known_frame), model)
    assert list(placed.plain().columns) == ["customer_id", "tier"]
    unnamed = classify(read_frame(known_frame.drop(columns="customer_id")), model)
    assert unnamed.plain()["row"].tolist() == list(range(1, len(known_frame) + 1))


def test_columns_are_found_by_name_in_any_order_and_spelling(model, known_frame):
    renamed = known_frame[known_frame.columns[::-1]].rename(columns={"income": "In Come"})
    first, second = (classify(read_frame(frame), model) for frame in (known_frame, renamed))
    np.testing.assert_array_equal(first.probability, second.probability)
    assert second.matched == {"income": "In Come"}


def test_a_missing_column_is_named_with_what_is_like_it(model, known_frame):
    with pytest.raises(MissingColumnsError, match="incomes for income"):
        classify(read_frame(known_frame.rename(columns={"income": "incomes"})), model)


def test_a_customer_is_told_the_same_in_a_file_of_one(model, known_frame):
    everyone = classify(read_frame(known_frame), model).probability
    for place in (0, 5, 17):
        alone = known_frame.iloc[[place]].to_csv(index=False).encode()
        np.testing.assert_array_equal(classify(read_table(alone, "one.csv"), model).probability[0], everyone[place])


def test_values_never_seen_are_said(model, known_frame):
    odd = known_frame.assign(plan="Family", income=500.0)
    texts = " ".join(note.text for note in classify(read_frame(odd), model).questions)
    assert "plan: 400 customers (100 %)" in texts
    assert "income" in texts


def test_ordered_values_are_kept_in_order(known):
    found = learn(known, RECIPE)
    spending = next(spec for spec in found.recipe.features if spec.column == "spending")
    assert spending.order == ("Low", "Average", "High")
