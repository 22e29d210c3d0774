"""Trees of customers: as R, SciPy and a hand computation have them, also for summaries of large files."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.hierarchical import Dendrogram, dendrogram_of
from segmenter.progress import silent

every_linkage = pytest.mark.parametrize("method", ["ward", "average", "complete"])
# Violent crime in the states of the USA, alphabetically (McNeil 1977): R's USArrests.
ARRESTS = np.array(
    [
        [13.2, 236, 58, 21.2], [10.0, 263, 48, 44.5], [8.1, 294, 80, 31.0], [8.8, 190, 50, 19.5], [9.0, 276, 91, 40.6],
        [7.9, 204, 78, 38.7], [3.3, 110, 77, 11.1], [5.9, 238, 72, 15.8], [15.4, 335, 80, 31.9], [17.4, 211, 60, 25.8],
        [5.3, 46, 83, 20.2], [2.6, 120, 54, 14.2], [10.4, 249, 83, 24.0], [7.2, 113, 65, 21.0], [2.2, 56, 57, 11.3],
        [6.0, 115, 66, 18.0], [9.7, 109, 52, 16.3], [15.4, 249, 66, 22.2], [2.1, 83, 51, 7.8], [11.3, 300, 67, 27.8],
        [4.4, 149, 85, 16.3], [12.1, 255, 74, 35.1], [2.7, 72, 66, 14.9], [16.1, 259, 44, 17.1], [9.0, 178, 70, 28.2],
        [6.0, 109, 53, 16.4], [4.3, 102, 62, 16.5], [12.2, 252, 81, 46.0], [2.1, 57, 56, 9.5], [7.4, 159, 89, 18.8],
        [11.4, 285, 70, 32.1], [11.1, 254, 86, 26.1], [13.0, 337, 45, 16.1], [0.8, 45, 44, 7.3], [7.3, 120, 75, 21.4],
        [6.6, 151, 68, 20.0], [4.9, 159, 67, 29.3], [6.3, 106, 72, 14.9], [3.4, 174, 87, 8.3], [14.4, 279, 48, 22.5],
        [3.8, 86, 45, 12.8], [13.2, 188, 59, 26.9], [12.7, 201, 80, 25.5], [3.2, 120, 80, 22.9], [2.2, 48, 32, 11.2],
        [8.5, 156, 63, 20.7], [4.0, 145, 73, 26.2], [5.7, 81, 39, 9.3], [2.6, 53, 66, 10.8], [6.8, 161, 60, 15.6],
    ]
)  # fmt: skip
FLORIDA, NORTH_CAROLINA = 8, 32


def plain_tree(rows, method):
    return dendrogram_of(rows, np.ones(len(rows)), method)


def test_average_linkage_of_the_states_is_rs():
    # R: hclust(dist(USArrests), "average"), as its dendrogram is published.
    tree = plain_tree(ARRESTS, "average")
    assert tree.heights[-1] == pytest.approx(152.313999380806, abs=1e-11)
    merged = tree.merges[(tree.merges[:, :2] == [FLORIDA, NORTH_CAROLINA]).all(axis=1)]
    assert merged[0, 2] == pytest.approx(38.5279119600323, abs=1e-12)
    assert np.abs(tree.heights - 77.6050243110769).min() < 1e-11


def test_three_complete_segments_of_the_states_have_rs_sizes():
    labels = SegmentClusterer("complete", 3).fit(ARRESTS).labels_
    assert np.bincount(labels).tolist() == [20, 16, 14]
    assert labels[FLORIDA] == labels[NORTH_CAROLINA] == 1


def test_merges_of_five_customers_are_those_computed_by_hand():
    # 0 and 1 merge at 1, 10 and 12 at 2; 30 joins {10, 12} at (20 + 18) / 2 = 19, or at 20; then both groups.
    rows = np.array([[0.0], [1.0], [10.0], [12.0], [30.0]])
    average, complete = plain_tree(rows, "average"), plain_tree(rows, "complete")
    # {0, 1} to {10, 12}: (10 + 12 + 9 + 11) / 4 = 10.5; to the four then 30 comes at (30 + 29 + 20 + 18) / 4.
    assert average.heights.tolist() == [1, 2, 10.5, 24.25]
    assert complete.heights.tolist() == [1, 2, 12, 30]
    assert average.cut(3).tolist() == [0, 0, 1, 1, 2]
    assert average.cut(2).tolist() == [0, 0, 0, 0, 1]
    assert average.height_for(2) == (10.5 + 24.25) / 2


@every_linkage
def test_cutting_gives_scipys_segments(method):
    rows = np.random.default_rng(0).normal(size=(80, 3))
    tree = plain_tree(rows, method)
    for k in (1, 2, 5, 17, 80):
        theirs = fcluster(linkage(rows, method), k, "maxclust")
        assert adjusted_rand_score(theirs, tree.cut(k)) == 1
        assert len(np.unique(tree.cut(k))) == k


@every_linkage
def test_a_line_at_the_height_for_k_meets_k_branches(method):
    tree = plain_tree(np.random.default_rng(1).normal(size=(40, 2)), method)
    for k in (1, 2, 7, 40):
        assert (tree.heights > tree.height_for(k)).sum() + 1 == k


@every_linkage
def test_a_row_that_stands_for_several_customers_merges_as_if_they_were_there(method):
    random = np.random.default_rng(2)
    rows, sizes = random.normal(size=(30, 3)), random.integers(1, 6, 30)
    ours = dendrogram_of(rows, sizes.astype(float), method)
    repeated = linkage(np.repeat(rows, sizes, axis=0), method)
    # Repeats merge first, at height 0; what comes after are the same merges with as many customers.
    np.testing.assert_allclose(ours.heights, repeated[-29:, 2], rtol=1e-9)
    np.testing.assert_array_equal(ours.merges[:, 3], repeated[-29:, 3])


def test_equal_heights_still_leave_exactly_k_segments():
    square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    for k in (1, 2, 3, 4):
        assert len(np.unique(plain_tree(square, "complete").cut(k))) == k


@every_linkage
def test_a_large_file_is_summarised_and_still_gives_the_segments_of_all_customers(method):
    random = np.random.default_rng(3)
    X = np.vstack([random.normal(middle, 0.5, size=(300, 2)) for middle in ((0, 0), (5, 0), (0, 6))])
    whole = SegmentClusterer(method, 3).fit(X)
    summarised = SegmentClusterer(method, 3, settings={"rows": 100, "groups": 60}).fit(X)
    assert adjusted_rand_score(whole.labels_, summarised.labels_) == 1
    assert "900 customers are too many to be merged one by one" in summarised.notes_[0]
    assert not whole.notes_
    tree = summarised.details_
    assert tree.sizes.sum() == 900
    assert tree.n_leaves <= 60
    assert np.bincount(tree.cut(3), weights=tree.sizes).tolist() == [300, 300, 300]


@every_linkage
def test_the_tree_shown_is_the_one_the_segments_were_cut_from(method):
    X = np.random.default_rng(4).normal(size=(120, 3))
    model = SegmentClusterer(method, 4).fit(X)
    tree = model.details_
    assert isinstance(tree, Dendrogram)
    assert (tree.method, tree.n_leaves, tree.merges.shape) == (method, 120, (119, 4))
    assert sorted(np.bincount(tree.cut(4))) == sorted(np.bincount(model.labels_))
    top = pdist(X).max() if method == "complete" else tree.heights.max()
    assert tree.heights[-1] == pytest.approx(top)


@every_linkage
def test_the_rule_for_new_customers_says_how_often_it_differs(method):
    X = np.random.default_rng(5).normal(size=(600, 2))
    formed = ALGORITHMS[method].form(X, 4, 0, {}, silent)
    assert formed.placement.agreement == (formed.placement.place(X) == formed.labels).mean()
    assert 0.8 < formed.placement.agreement < 1


@every_linkage
def test_forming_again_for_stability_finds_the_same_clear_segments(method):
    random = np.random.default_rng(6)
    X = np.vstack([random.normal(middle, 0.4, size=(700, 2)) for middle in ((0, 0), (4, 4))])
    again = ALGORITHMS[method].form_again(X[random.integers(0, 1400, 1400)], 2, 1, {}, silent)
    assert adjusted_rand_score(np.repeat([0, 1], 700), again.placement.place(X)) == 1
