"""Rows of one customer and near-copies stay on one side of every split; honest customers are never called copies."""

import numpy as np
import pandas as pd
import pytest

from segmenter import LearningRecipe, learn, read_frame, read_table
from segmenter.classification.classifiers.classifier import stratified_group_parts
from segmenter.classification.classifiers.network import _split
from segmenter.classification.copies import group_customers, near_copies
from segmenter.classification.folds import LabelledRows, inner_splits, outer_splits, split_held_out
from segmenter.classification.model import repeats_notes
from segmenter.errors.learning import TooFewMembersError
from segmenter.io.export.learning import learning_record


def policies(n=60, rows_each=5, amounts=3, categories=0, noise=0.0, changed=0.0, seed=3):
    """Return policies with several rows each, answered at random: nothing can be told of a policy never seen."""
    random = np.random.default_rng(seed)
    values = np.repeat(random.normal(size=(n, amounts)), rows_each, axis=0)
    values = values * (1 + noise * random.normal(size=values.shape))
    frame = pd.DataFrame((1_000 * values + 10_000).round(2), columns=[f"amount {place}" for place in range(amounts)])
    for place in range(categories):
        frame[f"kind {place}"] = np.repeat(random.choice(list("abcd"), n), rows_each)
    frame["claims"] = random.integers(0, 4, len(frame))
    for name in frame:
        other = random.random(len(frame)) < changed
        frame.loc[other, name] = random.permutation(frame[name].to_numpy())[other]
    frame["answer"] = np.repeat(random.choice(["Yes", "No"], n), rows_each)
    frame["policy of"] = np.repeat(np.arange(n), rows_each)
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def groups_of(frame, target="answer"):
    dataset = read_frame(frame.drop(columns="policy of", errors="ignore"))
    return group_customers(dataset, np.arange(len(frame)), target)


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"n": 150, "rows_each": 2},
        {"n": 20, "rows_each": 15},
        {"noise": 0.001},
        {"noise": 0.01, "amounts": 6},
        {"amounts": 0, "categories": 12},
        {"amounts": 2, "categories": 6},
        {"n": 800, "rows_each": 3, "amounts": 4, "categories": 4},
    ],
)
def test_copies_are_found_whatever_their_columns_are(made):
    frame = policies(**made)
    found = groups_of(frame)
    owner = frame["policy of"].to_numpy()
    together = pd.Series(found.groups).groupby(owner).agg(lambda each: each.value_counts().iloc[0]).sum()
    assert together >= 0.97 * len(frame)
    assert np.bincount(found.groups).max() <= 0.1 * len(frame)
    assert found.n_copies >= 0.97 * len(frame)


def test_copies_of_which_some_cells_differ_are_found_for_the_most_part():
    found = groups_of(policies(n=1_000, rows_each=2, amounts=4, categories=4, changed=0.1))
    assert found.n_copies >= 1_600


@pytest.mark.parametrize(("amounts", "categories"), [(3, 0), (6, 0), (4, 4), (0, 8), (1, 8)])
def test_customers_who_are_merely_alike_are_no_copies(amounts, categories):
    found = groups_of(policies(n=1_500, rows_each=1, amounts=amounts, categories=categories))
    assert (found.n_copies, found.n_groups) == (0, 1_500)


# Columns of customers who have nothing to do with each other.
INDEPENDENT = {
    "amounts": lambda random, n: random.lognormal(3, 1, n).round(2),
    "whole numbers": lambda random, n: random.integers(0, 100, n),
    "few values": lambda random, n: random.integers(0, 6, n),
    "words": lambda random, n: random.choice(list("abcdefgh"), n),
    "yes or no": lambda random, n: random.choice(["Yes", "No"], n, p=[0.8, 0.2]),
}


@pytest.mark.parametrize("n_columns", [2, 3, 7, 24])
@pytest.mark.parametrize("kind", [*INDEPENDENT, "mixed"])
def test_customers_of_independent_columns_are_no_copies(kind, n_columns):
    random = np.random.default_rng(n_columns)
    kinds = list(INDEPENDENT.values()) if kind == "mixed" else [INDEPENDENT[kind]]
    frame = pd.DataFrame({f"c{at}": kinds[at % len(kinds)](random, 700) for at in range(n_columns)})
    assert len(near_copies(frame)) == 0


@pytest.mark.parametrize("kinds", [("amounts", "amounts"), ("amounts", "whole numbers", "words")])
def test_equal_rows_of_two_or_three_columns_are_found_and_their_likes_are_not(kinds):
    random = np.random.default_rng(2)
    frame = pd.DataFrame({f"c{at}": INDEPENDENT[kind](random, 600) for at, kind in enumerate(kinds)})
    copied = random.choice(600, 150, replace=False)
    pairs = near_copies(pd.concat([frame, frame.iloc[copied]], ignore_index=True))
    found = {(copied[high - 600], high) for low, high in pairs if high >= 600 and low == copied[high - 600]}
    assert len(found) >= 0.95 * 150
    assert len(pairs) <= 1.05 * 150


def test_columns_that_belong_together_do_not_make_copies():
    random = np.random.default_rng(5)
    size = random.lognormal(3, 1, 1_500)
    frame = pd.DataFrame(
        {
            "spend": (100 * size).round(2),
            "orders": random.poisson(size / 4),
            "items": random.poisson(size),
            "points": (random.poisson(size / 4) * 10),
            "returned": np.where(random.random(1_500) < 0.7, 0, random.poisson(3, 1_500)),
            "answer": random.choice(["Yes", "No"], 1_500),
        }
    )
    assert groups_of(frame).n_copies == 0


@pytest.mark.parametrize("name", ["Train.csv", "Mall_Customers.csv", "cc_general.csv"])
def test_real_customers_are_no_copies(shared_data, name):
    dataset = read_table(shared_data / name)
    assert group_customers(dataset, np.arange(dataset.n_customers), dataset.columns[-1].name).n_copies == 0


def test_the_repeated_customers_of_a_real_file_are_found(shared_data):
    dataset = read_table(shared_data / "marketing_campaign.csv")
    found = group_customers(dataset, np.arange(dataset.n_customers), "Response")
    # Rows that repeat an earlier one in every column but the identifier, whatever the answer, and their firsts.
    same = dataset.frame.drop(columns=["ID", "Response"]).duplicated(keep=False).to_numpy()
    assert len(np.unique(found.groups[same])) <= same.sum() / 2
    assert found.n_copies >= same.sum()


@pytest.mark.parametrize(
    ("name", "form"),
    [("customer_id", "C{:04d}"), ("email", "p{}@example.com"), ("policy number", "{:06d}"), ("Customer", "AB{:05d}")],
)
def test_rows_of_one_customer_belong_together_by_its_identifier(name, form):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"spend": random.normal(50, 9, 300), "answer": random.choice(["Yes", "No"], 300)})
    frame[name] = [form.format(7_919 * (row // 5) % 100_000) for row in range(300)]
    found = groups_of(frame)
    np.testing.assert_array_equal(found.groups, np.arange(300) // 5)
    assert (found.n_repeated, found.n_copies) == (240, 0)


def test_a_column_of_few_codes_is_no_customer():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"spend": random.normal(50, 9, 300), "answer": random.choice(["Yes", "No"], 300)})
    frame["store_id"] = [f"S{row % 7}" for row in range(300)]
    frame["customer type"] = random.choice(["new", "old", "lost"], 300)
    assert groups_of(frame).n_groups == 300


def test_no_split_parts_rows_of_a_group():
    random = np.random.default_rng(1)
    groups = random.integers(0, 120, 600)
    codes = (groups % 7 < 2).astype(np.intp)
    rows = LabelledRows(pd.DataFrame({"spend": random.random(600)}), codes, groups)
    recipe = LearningRecipe("answer", repeats=2)
    splits = [split_held_out(codes, groups, recipe), *outer_splits(rows, recipe), *inner_splits(rows, 3, 0)]
    for learn_from, tell in splits:
        assert not set(groups[learn_from]) & set(groups[tell])
        assert sorted([*learn_from, *tell]) == list(range(600))
        assert codes[tell].mean() == pytest.approx(codes.mean(), abs=0.06)
    assert len(splits[0][1]) == pytest.approx(120, abs=12)
    told = np.concatenate([tell for _, tell in splits[1:6]])
    assert sorted(told) == list(range(600))


def test_a_network_stops_by_customers_it_does_not_learn_from():
    groups = np.repeat(np.arange(70), 5).astype(np.intp)
    rows = groups[:, None].astype(float)
    examples = _split(rows, (groups % 2).astype(np.intp), 2, 0, groups)
    assert not set(examples.rows[:, 0]) & set(examples.held_rows[:, 0])
    assert 0.1 <= len(examples.held_rows) / len(rows) <= 0.2


def test_single_rows_even_out_what_groups_leave():
    groups = np.concatenate([np.zeros(40), np.arange(1, 161)]).astype(np.intp)
    parts = stratified_group_parts(np.zeros(200, dtype=np.intp), groups, (0.25,) * 4, 0)
    assert np.bincount(parts).tolist() == [50, 50, 50, 50]


def test_random_answers_of_copied_policies_are_told_no_better_than_by_naming_the_commonest():
    frame = policies(seed=8).drop(columns="policy of")
    found = learn(
        read_frame(frame), LearningRecipe("answer", classifiers=("random-forest", "decision-tree"), tune=False)
    )
    board = found.leaderboard
    assert board.rows[0].accuracy <= board.base.accuracy + 0.1
    assert found.held_out.scores.accuracy <= found.held_out.base_rate + 0.2
    assert found.golden.held_out_all <= found.held_out.base_rate + 0.2
    assert found.leaks == ()
    assert (found.n_customers, found.n_copies) == (60, 300)
    assert any("300 rows are copies" in note.text and "60 different customers" in note.text for note in found.notes)
    assert learning_record(found)["customers"]["near_copies"] == 300


def test_the_order_of_the_file_changes_no_group():
    frame = policies(noise=0.001)
    turned = frame.iloc[::-1].reset_index(drop=True)
    recipe = LearningRecipe("answer", classifiers=("naive-bayes",), tune=False)
    first, second = (learn(read_frame(each.drop(columns="policy of")), recipe) for each in (frame, turned))
    assert first.held_out.scores == second.held_out.scores
    assert first.n_customers == second.n_customers


def test_too_few_different_customers_are_refused_in_a_sentence():
    frame = policies(n=12, rows_each=20)
    frame["customer_id"] = frame.pop("policy of").map("C{:03d}".format)
    with pytest.raises(TooFewMembersError, match="count once"):
        learn(read_frame(frame), LearningRecipe("answer"))


def test_a_file_without_repeats_says_nothing_of_them():
    assert repeats_notes(groups_of(policies(n=300, rows_each=1))) == []


@pytest.mark.parametrize("is_product", [True, False])
def test_a_column_that_is_worked_out_from_others_makes_no_copies(is_product):
    random = np.random.default_rng(4)
    n = 1_000
    group = random.integers(0, 3, n)
    months = np.clip(np.array([6, 30, 60])[group] + random.normal(0, 7, n), 1, 72).round()
    fee = (np.array([75, 50, 100])[group] + random.normal(0, 9, n)).round(2)
    frame = pd.DataFrame(
        {
            "months": months,
            "fee": fee,
            "total": (months * fee if is_product else 40 * months + 100 * fee).round(2),
            "contract": np.array(["monthly", "one year", "two years"])[group],
            "payment": random.choice(["card", "check", "transfer"], n),
            "gender": random.choice(["f", "m"], n),
        }
    )
    assert len(near_copies(frame)) < 0.02 * n
    if not is_product:
        return
    # The copies that there are stay found.
    copied = pd.concat([frame, frame.head(100).assign(fee=lambda each: each["fee"] + 0.01)], ignore_index=True)
    pairs = near_copies(copied)
    assert np.isin(np.arange(n, n + 100), pairs).mean() > 0.8


def packages(random, n):
    """Customers of a telephone company: six columns say the same where there is no line, prices follow packages."""
    line = random.choice(["cable", "fibre", "No"], n, p=[0.34, 0.44, 0.22])
    extras = {
        f"extra {at}": np.where(line == "No", "No service", random.choice(["Yes", "No"], n, p=[0.4, 0.6]))
        for at in range(6)
    }
    price = 20 + 25 * (line == "cable") + 50 * (line == "fibre") + 5 * sum(each == "Yes" for each in extras.values())
    months = random.integers(1, 73, n)
    return pd.DataFrame(
        {
            "line": line,
            "months": months,
            "contract": np.where(months < 20, "monthly", random.choice(["monthly", "yearly"], n)),
            "partner": random.choice(["Yes", "No"], n),
            "fee": (price + random.integers(-10, 10, n) * 0.05).round(2),
            **extras,
        }
    )


def questionnaires(random, n):
    """Fifteen answers that one attitude is behind: who is all for it gives the same fifteen answers as others."""
    attitude = random.normal(0, 1, n)
    answers = {f"q{at}": np.clip((3 + attitude + random.normal(0, 1, n)).round(), 1, 5) for at in range(15)}
    return pd.DataFrame(answers | {"age": random.integers(18, 80, n)})


@pytest.mark.parametrize("made", [packages, questionnaires])
def test_customers_whose_columns_follow_from_each_other_are_no_copies(made):
    assert len(near_copies(made(np.random.default_rng(1), 3_000))) == 0
