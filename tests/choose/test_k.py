"""Choosing k says what is true: planted groups, clouds without groups, and files everybody knows."""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from benchmarks.structures import CLOUDS, planted, standardised, structureless
from segmenter import fit_segmentation, read_edit, read_frame, read_sample, suggest_features
from segmenter.choose.k import KSelection, Verdict, compare_k, select_k
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.borders import Border
from segmenter.measures.separation import within_sum_of_squares
from segmenter.progress import Cancelled
from segmenter.recipe.recipe import FeatureSpec, Recipe, Role
from segmenter.segment.quality import Light, measure_recurrence, stability_of
from segmenter.ui.messages import structure_words

MALL = Path(__file__).parents[3] / "shared" / "data" / "Mall_Customers.csv"
# The benchmark draws from seeds below 100,000; these are others.
FIRST_SEED = 500_000


@pytest.fixture(scope="module")
def three_groups():
    random = np.random.default_rng(1)
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    return standardised(centres[random.choice(3, 400, p=[0.5, 0.3, 0.2])] + random.normal(size=(400, 2)))


@pytest.fixture(scope="module")
def selection(three_groups):
    return select_k(three_groups)


def test_planted_groups_are_natural(selection):
    assert (selection.verdict, selection.recommended) == (Verdict.NATURAL, 3)
    assert selection.headline == "Your customers fall into 3 natural groups."
    assert [border.between for border in selection.borders] == [(0, 1), (0, 2), (1, 2)]
    assert all(border.real for border in selection.borders)
    assert {each.light for each in selection.found_again[3]} == {Light.GREEN}
    assert selection.cut == 3


def answer(found):
    return found.verdict, found.recommended, found.cut


@pytest.mark.parametrize("recipe", [Recipe((), seed=7), Recipe((), algorithm="ward")], ids=["seed", "method"])
def test_neither_the_seed_nor_the_method_changes_the_verdict(selection, three_groups, recipe):
    found = select_k(three_groups, range(2, 6), recipe=recipe)
    assert answer(found) == answer(selection)
    assert {each.light for each in found.found_again[3]} == {Light.GREEN}
    assert found.reason == selection.reason


@pytest.mark.parametrize("change", ["a doubled file", "a copied column", "other units", "one absurd customer"])
def test_what_says_nothing_new_changes_no_verdict(selection, three_groups, change):
    X = {
        "a doubled file": np.repeat(three_groups, 2, axis=0),
        "a copied column": np.column_stack([three_groups, three_groups[:, 0]]),
        "other units": standardised(1_000 * three_groups + 5),
        "one absurd customer": standardised(np.vstack([three_groups, [[0.0, 500.0]]])),
    }[change]
    found = select_k(X, range(2, 6))
    assert (found.verdict, found.recommended) == (selection.verdict, selection.recommended)


def test_numbers_are_compared_up_to_that_of_the_groups():
    random = np.random.default_rng(3)
    X = random.uniform(0, 20, (15, 12))[np.arange(600) % 15] + random.normal(size=(600, 12))
    usual, asked = select_k(X), select_k(X, range(2, 6))
    assert (usual.verdict, usual.recommended, usual.at_least) == (Verdict.NATURAL, 15, False)
    assert [score.k for score in usual.scores] == list(range(2, 16))
    assert (asked.recommended, asked.at_least) == (5, True)


def test_more_groups_than_were_compared_are_told_as_at_least_so_many(three_groups):
    found = select_k(three_groups, [2])
    assert found.recommended == 2
    assert "at least 2" in found.headline
    assert "may show more groups" in found.reason


def test_fewer_groups_than_were_compared_are_named(three_groups):
    found = select_k(three_groups, range(4, 7))
    assert found.verdict is not Verdict.NATURAL
    assert found.recommended in {4, 5, 6}
    assert found.headline == "Your customers fall into 3 natural groups, fewer than you compared."


def test_every_number_asked_for_has_every_score(selection):
    assert [score.k for score in selection.scores] == list(range(2, 11))
    for score in selection.scores:
        assert None not in (score.silhouette, score.gap, score.gap_se, score.stability, score.davies_bouldin)


def test_one_segment_has_a_wcss_and_a_gap_and_nothing_else(selection, three_groups):
    assert selection.one.wcss == pytest.approx(three_groups.size)
    assert selection.one.gap is not None
    assert selection.one.silhouette is None


def test_the_shares_and_sums_belong_to_the_labels(selection, three_groups):
    for score in selection.scores:
        sizes = np.bincount(selection.labels[score.k])
        assert score.smallest_share == sizes.min() / len(three_groups)
        assert list(sizes) == sorted(sizes, reverse=True)
        assert score.wcss == pytest.approx(within_sum_of_squares(three_groups, selection.labels[score.k]))


def test_a_fit_alone_gives_the_solution_that_the_comparison_showed(selection, three_groups):
    alone = fit_kmeans(three_groups, 4, seed=Recipe(()).seed)
    assert alone.wcss == pytest.approx(selection.scores[2].wcss)
    assert Counter(alone.labels).most_common()[0][1] == np.bincount(selection.labels[4])[0]


def test_the_order_of_the_rows_changes_nothing(selection, three_groups):
    order = np.random.default_rng(0).permutation(len(three_groups))
    mixed = select_k(three_groups[order])
    assert (mixed.labels[3] == selection.labels[3][order]).all()
    assert [score.gap for score in mixed.scores] == pytest.approx([score.gap for score in selection.scores])
    assert mixed.recommended == selection.recommended


def test_scores_arrive_number_by_number(three_groups):
    seen = []
    select_k(three_groups, range(2, 5), partial=lambda found: seen.append(len(found.scores)))
    assert seen[:3] == [1, 2, 3]


def test_it_stops_at_any_moment(three_groups):
    calls = []

    def cancel_late(share, doing):
        calls.append(share)
        if share > 0.7:
            raise Cancelled

    with pytest.raises(Cancelled):
        select_k(three_groups, progress=cancel_late)
    assert calls == sorted(calls)


def test_few_rows_are_told_so(three_groups):
    assert "few for 2 columns" in select_k(three_groups[:80], range(2, 4)).notes[0].text
    assert select_k(three_groups, range(2, 4)).notes == ()


def test_noise_has_no_segments():
    found = select_k(np.random.default_rng(0).normal(size=(600, 4)))
    assert (found.verdict, found.recommended) == (Verdict.NONE, 1)


def test_the_lights_of_the_comparison_are_those_of_the_segments(three_groups, selection):
    for k in (3, 5):
        labels = selection.labels[k]
        assert stability_of(labels, measure_recurrence(three_groups, labels).segments) == selection.found_again[k]


def test_iris_has_two_or_three():
    assert select_k(load_iris().data).recommended in {2, 3}


@pytest.mark.skipif(not MALL.exists(), reason="the mall file is not beside the project")
def test_the_mall_has_five():
    with MALL.open() as file:
        rows = list(csv.reader(file))[1:]
    found = select_k(standardised(np.array([[float(value) for value in row[3:5]] for row in rows])))
    best_known = [269.69, 157.70, 108.92, 65.57, 55.06, 44.86, 37.23, 32.39, 29.98]
    assert all(score.wcss <= 1.001 * best for score, best in zip(found.scores, best_known, strict=True))
    assert found.scores[3].silhouette == pytest.approx(0.5547, abs=0.0005)
    assert found.recommended == 5
    assert np.bincount(found.labels[5]).tolist() == [81, 39, 35, 23, 22]


@pytest.mark.parametrize("offset", range(len(CLOUDS)), ids=list(CLOUDS))
def test_one_cloud_holds_no_segments(offset):
    first = FIRST_SEED - FIRST_SEED % len(CLOUDS)
    assert select_k(structureless(first + offset).X).verdict is Verdict.NONE


def test_planted_segments_are_counted():
    sets = [planted(FIRST_SEED + number) for number in range(6)]
    right = [select_k(made.X).recommended == made.k for made in sets]
    assert sum(right) >= 5


def test_customers_far_out_in_several_columns_are_named_and_stay_in_the_segments():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(50, 5, (120, 3)), columns=["age", "spent", "visits"])
    frame.loc[7, ["age", "spent"]] = [900, 700]
    dataset = read_frame(frame)
    recipe = Recipe(tuple(FeatureSpec(name, Role.NUMBER) for name in frame.columns))
    selection = compare_k(dataset, recipe, range(2, 4))
    (note,) = [each.text for each in selection.notes if "far out" in each.text]
    assert "row 8" in note
    assert all(len(labels) == 120 for labels in selection.labels.values())


@pytest.mark.parametrize("algorithm", ["k-means", "gaussian-mixture"])
def test_segments_taken_from_a_comparison_are_those_formed_without_it(algorithm: str) -> None:
    dataset = read_sample("mall")
    recipe = Recipe(suggest_features(dataset), n_segments=4, algorithm=algorithm)
    compared = compare_k(dataset, recipe, range(3, 6))
    taken = fit_segmentation(dataset, recipe, solution=compared.solution(4))
    formed = fit_segmentation(dataset, recipe)
    assert taken.labels.equals(formed.labels)
    assert taken.clusterer.centres_.tobytes() == formed.clusterer.centres_.tobytes()
    assert (taken.quality, taken.stability, taken.profile) == (formed.quality, formed.stability, formed.profile)


@pytest.mark.parametrize("other", ["seed", "columns", "number", "edits"])
def test_a_comparison_of_something_else_changes_no_segments(other: str) -> None:
    dataset = read_sample("mall")
    recipe = Recipe(suggest_features(dataset), n_segments=4)
    changed = {
        "seed": replace(recipe, seed=3),
        "columns": replace(recipe, features=recipe.features[:-1]),
        "number": replace(recipe, n_segments=5),
        "edits": replace(recipe, edits=(read_edit("merge 1,2"),)),
    }[other]
    solution = compare_k(dataset, recipe, [4]).solution(4)
    taken, formed = fit_segmentation(dataset, changed, solution=solution), fit_segmentation(dataset, changed)
    assert taken.labels.equals(formed.labels)
    assert (taken.quality, taken.stability) == (formed.quality, formed.stability)


def _divided(k, *real):
    """Return a comparison that found classes but no groups, of whose borders those are real."""
    pairs = [(a, b) for a in range(k) for b in range(a + 1, k)]
    borders = tuple(Border(pair, 0.0001 if pair in real else 0.9, 0.8) for pair in pairs)
    return KSelection((), verdict=Verdict.REPRODUCIBLE, recommended=k, n_groups=1, borders=borders)


@pytest.mark.parametrize(
    ("real", "headline", "line"),
    [
        ((), "Your customers differ by degrees, not by groups.", "There are no gaps between them"),
        (
            ((0, 2), (1, 2)),
            "Some borders between your customers are real, others are not.",
            "2 of the 3 borders lie in gaps",
        ),
        (((0, 1), (0, 2), (1, 2)), "Your customers may fall into 3 groups.", "There are gaps between all 3"),
    ],
)
def test_the_headline_says_what_the_table_of_borders_does(real, headline, line):
    title, below = structure_words(_divided(3, *real))
    assert title == headline
    assert below.startswith(line)


def test_one_crowd_with_a_gap_along_a_cut_denies_no_gap():
    cut = replace(_divided(2, (0, 1)), verdict=Verdict.NONE, recommended=1, cut=2)
    assert "no gaps" not in structure_words(cut)[1]
    assert "1 of 1 border" in structure_words(cut)[1]


@pytest.mark.parametrize(("algorithm", "said"), [("k-means", False), ("average", True)])
def test_a_promise_that_another_methods_segments_do_not_keep_is_said_to_be_of_k_means(algorithm, said):
    random = np.random.default_rng(1)
    # A long cloud: cut across by K-Means, of which average linkage only takes far points off.
    X = random.normal(size=(400, 1)) @ np.ones((1, 3)) + 0.4 * random.normal(size=(400, 3))
    found = select_k(X, range(2, 5), recipe=Recipe((), algorithm=algorithm))
    assert found.cut == 2
    assert "a cut into 2 is found again nearly every time" in found.reason
    assert ("found again less often" in found.reason) is said
    stability = {score.k: score.stability for score in found.scores}
    assert (stability[2] < 0.75) is said
