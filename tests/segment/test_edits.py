"""Segments changed by hand: what is asked for is met, the price is true, and the recipe gives the same again."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmenter import Recipe, choose_features, fit_segmentation, read_frame
from segmenter.errors.forming import InvalidSettingError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.recipe.recipe import Edit, EditKind, read_edit
from segmenter.segment.assign import assign_segments
from segmenter.segment.edits import edit_price
from segmenter.segment.segmentation import edit_segmentation

CENTRES = np.array([[20.0, 20.0], [80.0, 20.0], [20.0, 80.0], [80.0, 80.0], [50.0, 50.0]])
SIZES = (120, 90, 60, 30, 12)


@pytest.fixture(scope="module")
def dataset():
    random = np.random.default_rng(1)
    points = np.repeat(CENTRES, SIZES, axis=0) + random.normal(size=(sum(SIZES), 2)) * 3
    household = [f"H{number // 7}" for number in range(sum(SIZES))]
    frame = pd.DataFrame({"income": points[:, 0], "spend": points[:, 1], "age": random.normal(40, 9, sum(SIZES))})
    return read_frame(frame.assign(household=household).sample(frac=1, random_state=0).reset_index(drop=True))


def formed(dataset, edits=(), algorithm="k-means", columns=("income", "spend")):
    recipe = Recipe(choose_features(dataset, columns), 5, algorithm=algorithm, edits=edits)
    return fit_segmentation(dataset, recipe)


@pytest.fixture(scope="module")
def before(dataset):
    return formed(dataset).renamed(("A", "B", "C", "D", "E"))


def sizes(segmentation):
    return np.bincount(segmentation.labels[segmentation.labels >= 0]).tolist()


def test_merged_segments_are_one_under_the_first_number_and_the_price_is_what_they_cost(dataset, before):
    now, price = edit_segmentation(dataset, before, read_edit("merge 2,4"))
    assert sizes(now) == [120, 120, 60, 12]
    assert now.names == ("A", "B", "C", "E")
    X = before.preparation.transform(dataset.frame)
    by_hand = sum(((X[now.labels == n] - X[now.labels == n].mean(axis=0)) ** 2).sum() for n in range(4))
    assert price.wcss[1] == pytest.approx(by_hand)
    assert price.wcss[0] == pytest.approx(before.quality.wcss)
    assert price.silhouette[1] == pytest.approx(silhouette_score(X, now.labels), abs=0.01)
    assert price.n_moved == 30
    assert "30 of 312 customers move" in price.sentence()


def test_a_split_segment_keeps_its_number_for_the_larger_part(dataset, before):
    now, price = edit_segmentation(dataset, before, read_edit("split 1"))
    found = sizes(now)
    assert found[1:5] == [90, 60, 30, 12]
    assert found[0] + found[5] == 120
    assert found[0] >= found[5] > 0
    assert now.names[:5] == before.names
    assert price.wcss[1] < price.wcss[0]
    assert price.n_moved == found[5]


@pytest.mark.parametrize("size", [1, 12, 13, 50, 100, 150, 312])
def test_a_minimum_size_is_always_met(dataset, before, size):
    now, _ = edit_segmentation(dataset, before, Edit(EditKind.MINIMUM, size=size))
    assert min(sizes(now)) >= size
    assert sum(sizes(now)) == 312


def test_a_minimum_that_nobody_can_meet_is_refused(dataset, before):
    with pytest.raises(InvalidSettingError, match="312 are in segments"):
        edit_segmentation(dataset, before, Edit(EditKind.MINIMUM, size=313))
    with pytest.raises(InvalidSettingError, match="Take 1 to that"):
        edit_segmentation(dataset, before, Edit(EditKind.MINIMUM, size=0))


def test_who_must_stay_together_stays_together(dataset, before):
    now, price = edit_segmentation(dataset, before, read_edit("together household"))
    assert not any(group.max() > group.min() for _, group in now.labels.groupby(dataset.original["household"]))
    assert 0 < price.n_moved < 20


def test_what_was_asked_for_holds_after_every_later_change(dataset, before):
    household = dataset.original["household"]
    step = before
    for text in ("minimum 15", "together household", "split 1", "merge 2,3"):
        step, _ = edit_segmentation(dataset, step, read_edit(text))
        assert min(sizes(step)) >= 15
    assert not any(group.max() > group.min() for _, group in step.labels.groupby(household))
    assert (formed(dataset, step.recipe.edits).labels == step.labels).all()
    # The smaller part of a segment that is split in two is half of it at most.
    whole, _ = edit_segmentation(dataset, before, read_edit("minimum 70"))
    with pytest.raises(InvalidSettingError, match="fewer than 70 customers, the minimum"):
        edit_segmentation(dataset, whole, read_edit("split 1"))


def test_who_shares_one_of_two_values_stays_with_all_who_do(dataset):
    town = dataset.original["household"].str.removeprefix("H").astype(int) % 20
    both = read_frame(dataset.original.assign(town=[f"T{each}" for each in town]))
    step = formed(both, (read_edit("together household"), read_edit("together town")))
    for name in ("household", "town"):
        assert not any(group.max() > group.min() for _, group in step.labels.groupby(both.original[name]))


def test_a_column_that_is_left_out_forms_them_no_longer(dataset):
    before = formed(dataset, columns=("income", "spend", "age"))
    before, _ = edit_segmentation(dataset, before, read_edit("minimum 50"))
    now, price = edit_segmentation(dataset, before, read_edit("without age"))
    assert min(sizes(now)) >= 50
    assert [column.column for column in now.preparation.columns_] == ["income", "spend"]
    assert price.n_customers == 312


@pytest.mark.parametrize("algorithm", ["k-means", "ward", "gaussian-mixture", "hdbscan"])
def test_the_recipe_gives_the_same_again_and_the_model_places_by_it(dataset, algorithm):
    edits = (read_edit("merge 1,3"), read_edit("split 1"), Edit(EditKind.MINIMUM, size=40))
    step = formed(dataset, algorithm=algorithm)
    for edit in edits:
        step, _ = edit_segmentation(dataset, step, edit)
    at_once = formed(dataset, edits, algorithm)
    assert (step.labels == at_once.labels).all()
    assert step.recipe == at_once.recipe
    assert Recipe.from_json(step.recipe.to_json()) == step.recipe
    model = from_bytes(to_bytes(step))
    assert model.recipe.edits == edits
    placed = assign_segments(dataset, model).segmentation.labels
    agreement = (placed == step.labels).mean()
    assert agreement == pytest.approx(step.agreement, abs=0.02)
    assert agreement > formed(dataset, algorithm=algorithm).agreement - 0.05


def test_a_recipe_without_changes_is_written_as_before(dataset):
    assert "edits" not in Recipe(choose_features(dataset, ("income",)), 3).to_json()


@pytest.mark.parametrize(
    "text",
    ["", "merge", "merge 1", "merge a,b", "split 1,2", "minimum", "minimum -3", "glue 1,2", "split " + "9" * 5000],
)
def test_what_is_no_change_is_refused_in_a_sentence(text):
    with pytest.raises(InvalidSettingError, match="no change of segments"):
        read_edit(text)


@pytest.mark.parametrize(("text", "why"), [("merge 1,9", "no segment 9"), ("merge 2,2", "two different")])
def test_a_change_of_a_segment_that_is_not_there_is_refused(dataset, before, text, why):
    with pytest.raises(InvalidSettingError, match=why):
        edit_segmentation(dataset, before, read_edit(text))


def test_who_comes_into_a_segment_from_none_moves_as_well():
    X = np.arange(12.0).reshape(6, 2)
    price = edit_price(X, np.array([0, 0, 0, 1, -1, -1]), np.array([0, 0, -1, 1, 1, -1]))
    assert (price.n_moved, price.n_customers) == (2, 5)
