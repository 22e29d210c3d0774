"""The tree is drawn as SciPy draws it, and a cut leaves the segments that the method formed."""

import numpy as np
import pytest
from scipy.cluster import hierarchy as scipy_hierarchy

from segmenter.charts.methods import dendrogram, truncate_dendrogram
from segmenter.charts.theme import NEUTRAL, colour
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import Algorithm
from segmenter.cluster.hierarchical import Dendrogram, dendrogram_of, hierarchical
from segmenter.recipe.recipe import FeatureSpec, Recipe
from segmenter.sampling import canonical_order
from segmenter.segment.embed import segments_of_leaves
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from segmenter.ui.widgets.details_view import last_merges

# 0 and 1 merge at 1, 2 and 3 at 2, all at 8.
FOUR = Dendrogram(np.array([[0.0, 1, 1, 2], [2, 3, 2, 7], [4, 5, 8, 9]]), np.array([1.0, 1, 3, 4]), "ward")


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(3).normal(size=(60, 3)) + np.repeat([[0, 0, 0], [6, 0, 0], [0, 9, 0]], 20, axis=0)


def brackets(figure):
    """Return every drawn bracket as (left x, right x, top)."""
    found = []
    for line in figure.data[:-2]:
        x, y = list(line.x), list(line.y)
        found += [(x[at], x[at + 3], y[at + 1]) for at in range(0, len(x), 5)]
    return sorted(found)


def test_each_merge_is_a_bracket_at_its_height():
    figure = dendrogram(FOUR, FOUR.cut(2), 2)
    assert brackets(figure) == [(0.0, 1.0, 1.0), (0.5, 2.5, 8.0), (2.0, 3.0, 2.0)]
    assert list(figure.layout.xaxis.ticktext) == ["1", "1", "3", "4"]


def test_branches_have_their_segments_colour_and_merges_above_the_line_none():
    figure = dendrogram(FOUR, FOUR.cut(2), 2)
    assert list(figure.data[-2].marker.color) == [colour(1), colour(1), colour(0), colour(0)]
    assert {line.line.color for line in figure.data[:-2]} == {colour(1), colour(0), NEUTRAL}


def test_heights_are_written_above_the_line_only():
    assert list(dendrogram(FOUR, FOUR.cut(2), 2).data[-1].text) == ["", "", "8"]
    assert list(dendrogram(FOUR, FOUR.cut(3), 3).data[-1].text) == ["", "2", "8"]


def test_the_line_lies_between_the_merges_it_parts():
    for k, low, high in ((2, 2, 8), (3, 1, 2), (4, 0, 1)):
        line = dendrogram(FOUR, FOUR.cut(k), k).layout.shapes[0]
        assert low < line.y0 == line.y1 < high


@pytest.mark.parametrize("n_branches", [5, 12, 60])
def test_the_crown_is_the_one_that_scipy_draws(points, n_branches):
    tree = dendrogram_of(points, np.ones(60), "average")
    drawn = scipy_hierarchy.dendrogram(
        scipy_hierarchy.linkage(points, "average"), truncate_mode="lastp", p=n_branches, no_plot=True
    )
    crown = truncate_dendrogram(tree, n_branches)
    assert len(crown.branches) == n_branches
    sizes = [1 if group < 60 else int(tree.merges[group - 60, 3]) for group in crown.branches]
    theirs = [int(text[1:-1]) if text.startswith("(") else 1 for text in drawn["ivl"]]
    assert sorted(sizes) == sorted(theirs)
    tops = [tree.heights[group - 60] for group in crown.places if group >= 60 + crown.first]
    assert sorted(tops) == pytest.approx(sorted(height[1] for height in drawn["dcoord"]))


def test_no_line_of_the_tree_crosses_another(points):
    crown = truncate_dendrogram(dendrogram_of(points, np.ones(60), "ward"), 24)
    assert sorted(crown.places[group] for group in crown.branches) == list(range(24))


def formed(monkeypatch, frame, k, rows):
    """Form segments by Ward's method; above `rows` customers from 20 small groups."""

    def form(X, n_segments, seed, settings, progress):
        return hierarchical("ward")(X, n_segments, seed, {"rows": rows, "groups": 20}, progress)

    monkeypatch.setitem(ALGORITHMS, "tree", Algorithm("tree", "Tree", form, "trees", refits=2))
    customers = read_frame(frame)
    recipe = Recipe((FeatureSpec("income"), FeatureSpec("spend")), k, algorithm="tree")
    return Result(customers, fit_segmentation(customers, recipe))


@pytest.mark.parametrize("rows", [10_000, 60])
def test_leaves_are_in_the_segments_of_their_customers(monkeypatch, make_customers, rows):
    result = formed(monkeypatch, make_customers(200), 3, rows)
    tree = result.segmentation.clusterer.details_
    leaves = segments_of_leaves(result, tree)
    assert (tree.n_leaves == 200) == (rows == 10_000)
    assert list(np.bincount(leaves, weights=tree.sizes)) == [profile.size for profile in result.profiles]
    assert len(set(zip(leaves.tolist(), tree.cut(3).tolist(), strict=True))) == 3


def test_equally_large_segments_keep_the_numbers_of_the_result(monkeypatch, make_customers):
    near_and_far = np.where(np.arange(40) % 2, 1.0, 100.0) + np.arange(40) / 100
    result = formed(monkeypatch, make_customers(40).assign(income=near_and_far, spend=near_and_far), 2, 50)
    assert [profile.size for profile in result.profiles] == [20, 20]
    tree = result.segmentation.clusterer.details_
    rows = result.segmentation.preparation.transform(result.dataset.frame)
    rows = rows[canonical_order(rows)]
    assert list(segments_of_leaves(result, tree)) == list((rows[:, 0] > 0).astype(int))
    assert list(result.segmentation.labels[:2]) == [1, 0]


def test_the_table_holds_the_last_merges():
    table = last_merges(FOUR)
    assert list(table["Height"]) == [8, 2, 1]
    assert list(table["Customers in the larger group"]) == [7, 4, 1]
    assert list(table["Segments before"]) == [2, 3, 4]
