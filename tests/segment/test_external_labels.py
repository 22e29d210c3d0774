"""Segments are set beside known labels, and predict them honestly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from segmenter.errors.base import SegmenterError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role
from segmenter.segment.assign import assign_segments
from segmenter.segment.external_labels import (
    compare_external_labels,
    external_labels,
    held_out_accuracy,
    label_columns,
    label_map_accuracy,
    majority_labels,
    with_label_map,
)
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from tests.methods_for_tests import register

FEATURES = (FeatureSpec("income"), FeatureSpec("spend"))


def formed(frame, features=FEATURES, algorithm="k-means"):
    customers = read_frame(frame)
    return Result(customers, fit_segmentation(customers, Recipe(features, 3, algorithm=algorithm)))


def with_labels(make_customers, n=200):
    """Customers whose label is their group's for nine in ten, and another's for the rest."""
    frame = make_customers(n)
    kind = np.where(frame["income"] < 40, "low", np.where(frame["income"] < 80, "middle", "high"))
    return frame.assign(kind=np.where(np.arange(n) % 10 == 0, "low", kind))


@pytest.fixture(scope="module")
def result(make_customers):
    return formed(with_labels(make_customers))


def test_the_table_counts_each_pair(result):
    compared = compare_external_labels(result, "kind")
    expected = pd.crosstab(result.segmentation.labels, result.dataset.frame["kind"])[list(compared.labels)]
    assert compared.table.tolist() == expected.to_numpy().tolist()
    assert compared.labels[0] == "low"


def test_each_segment_stands_for_the_label_that_most_of_it_have(result):
    assert compare_external_labels(result, "kind").mapping.labels == ("low", "middle", "high")


def test_agreement_is_that_of_scikit_learn(result):
    expected = adjusted_rand_score(result.dataset.frame["kind"], result.segmentation.labels)
    assert compare_external_labels(result, "kind").mapping.agreement == pytest.approx(expected)


def accuracy(table, common):
    pairs = np.repeat(np.argwhere(np.ones_like(table)), table.ravel(), axis=0)
    return held_out_accuracy(pairs[:, 0], pairs[:, 1], table, common)


def by_hand(table, common):
    """Hold out every customer in turn."""
    right = 0
    for segment, label in np.argwhere(table):
        others = table[segment].copy()
        others[label] -= 1
        right += table[segment, label] * (int(np.argmax(others[:common])) == label)
    return right / table.sum()


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=5), st.integers(1, 3))
def test_the_accuracy_is_that_of_holding_out_every_customer(rows, common):
    table = np.array(rows)
    if table.sum():
        assert accuracy(table, common) == pytest.approx(by_hand(table, common))


def test_holding_out_is_not_flattered_by_lone_customers():
    # Alone in its segment a customer's label cannot be predicted by others; the first label is said instead.
    assert accuracy(np.array([[2, 0], [0, 1]]), 2) == pytest.approx(2 / 3)
    # Nor by one who counts as much as many: held out, nobody else has that label.
    told = held_out_accuracy(
        np.zeros(3, dtype=int), np.array([0, 1, 1]), np.array([[5.0, 2.0]]), 2, np.array([5.0, 1.0, 1.0])
    )
    assert told == 0
    assert list(majority_labels(np.array([[1, 1], [0, 0], [0, 2]]), 2)) == [0, 0, 1]


def test_labels_that_tell_nothing_foretell_no_better_than_the_most_frequent(make_customers):
    frame = make_customers(400)
    coin = np.random.default_rng(1).choice(["a", "b"], 400, p=[0.7, 0.3])
    mapping = compare_external_labels(formed(frame.assign(coin=coin)), "coin").mapping
    assert mapping.accuracy <= mapping.baseline
    assert mapping.agreement == pytest.approx(0, abs=0.05)


def test_customers_without_a_label_or_a_segment_are_left_out_and_counted(make_customers, monkeypatch):
    register(monkeypatch)
    frame = with_labels(make_customers)
    frame.loc[frame.index % 7 == 0, "kind"] = None
    result = formed(frame, algorithm="leaves-out")
    compared = compare_external_labels(result, "kind")
    assert compared.mapping.n_customers == compared.table.sum()
    assert compared.mapping.n_customers + compared.n_unlabelled == result.n_placed < 200


def test_a_rare_label_is_counted_but_no_segment_stands_for_it(make_customers):
    frame = with_labels(make_customers)
    result = formed(frame)
    odd = frame.assign(kind=frame["kind"].where(result.segmentation.labels != 2, "rare"))
    few = odd.assign(kind=odd["kind"].where((odd["kind"] != "rare") | (odd.groupby("kind").cumcount() < 9)))
    compared = compare_external_labels(formed(few), "kind")
    assert "rare" in compared.labels
    assert "rare" not in compared.mapping.labels


def test_a_label_that_formed_the_segments_is_said_to_flatter(make_customers):
    features = (*FEATURES, FeatureSpec("kind", role=Role.CATEGORY))
    frame = with_labels(make_customers)
    assert compare_external_labels(formed(frame, features), "kind").formed_by_it
    assert not compare_external_labels(formed(frame), "kind").formed_by_it


def test_columns_that_may_hold_labels_are_those_with_a_few_kinds(result):
    assert label_columns(result.dataset) == ("city", "kind")


def test_labels_are_as_they_stand_in_the_file():
    customers = read_frame(pd.DataFrame({"yes": [" Yes", "No ", None, "Yes"] * 5, "n": range(20)}))
    assert external_labels(customers, "yes").tolist()[:2] == ["Yes", "No"]
    assert external_labels(customers, "yes").isna().sum() == 5


@pytest.mark.parametrize(
    ("column", "sentence"),
    [("colour", "colour"), ("customer_id", "200 different values; at most 50"), ("alone", "is shared by 10 customers")],
)
def test_what_cannot_be_labels_is_refused(make_customers, column, sentence):
    frame = with_labels(make_customers).assign(alone=[f"v{n}" if n < 40 else None for n in range(200)])
    with pytest.raises(SegmenterError, match=sentence):
        compare_external_labels(formed(frame), column)


def test_the_mapping_is_saved_with_the_model_and_foretells_another_file(result, make_customers):
    kept = with_label_map(result, compare_external_labels(result, "kind").mapping)
    model = from_bytes(to_bytes(kept.segmentation))
    assert model.known == kept.segmentation.known
    other = read_frame(make_customers(80, seed=4))
    assignment = assign_segments(other, model)
    placed = Result(other, assignment.segmentation, assignment)
    expected = [model.known.labels[label] for label in assignment.segmentation.labels]
    assert list(placed.labelled()["predicted_kind"]) == expected
    assert label_map_accuracy(placed) is None


def test_where_the_other_file_has_labels_the_mapping_is_judged_by_them(result, make_customers):
    kept = with_label_map(result, compare_external_labels(result, "kind").mapping)
    other = read_frame(with_labels(make_customers, 60))
    assignment = assign_segments(other, kept.segmentation)
    placed = Result(other, assignment.segmentation, assignment)
    right = placed.labelled()["predicted_kind"] == other.frame["kind"]
    assert label_map_accuracy(placed) == pytest.approx(right.mean())


def test_without_a_mapping_nothing_is_foretold(result):
    assert result.predicted is None
    assert "predicted_kind" not in result.labelled()
    assert from_bytes(to_bytes(result.segmentation)).known is None
