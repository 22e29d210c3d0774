"""Dense regions: nodes of the tree they are defined by, with customers who fit none."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score

from segmenter import config
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.estimator import SegmentClusterer
from segmenter.cluster.hdbscan import rows_searched, sizes_for
from segmenter.errors.forming import NoDenseGroupError
from segmenter.progress import silent


@pytest.fixture(scope="module")
def moons():
    """Two bent bands, and fifty customers anywhere."""
    random = np.random.default_rng(0)
    angle = random.uniform(0, np.pi, 600)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    bands = np.vstack([upper[:300], lower[300:]]) + random.normal(0, 0.05, size=(600, 2))
    return np.vstack([bands, random.uniform(-6, 6, size=(50, 2))]), np.repeat([0, 1, -1], [300, 300, 50])


def mutual_reachability(X, neighbours):
    apart = squareform(pdist(X))
    core = np.sort(apart, axis=1)[:, neighbours - 1]
    reach = np.maximum(apart, np.maximum(core[:, None], core))
    np.fill_diagonal(reach, 0.0)
    return reach


@pytest.mark.parametrize("selection", ["eom", "leaf"])
def test_every_segment_is_a_node_of_the_tree_of_mutual_reachability(moons, selection):
    X, _ = moons
    settings = {"neighbours": 5, "selection": selection, "smallest": 0.05}
    labels = SegmentClusterer("hdbscan", 9, settings=settings).fit(X).labels_
    reach = mutual_reachability(X, 5)
    assert labels.max() >= 1
    for number in range(labels.max() + 1):
        inside = labels == number
        # Somewhere up the tree the members hang together, and nobody else is as near as they are to each other.
        last_merge = linkage(squareform(reach[np.ix_(inside, inside)]), "single")[-1, 2]
        assert reach[np.ix_(inside, ~inside)].min() >= last_merge
        assert inside.sum() >= round(0.05 * len(X))


def test_bent_segments_are_found_and_those_far_away_fit_none(moons):
    X, truth = moons
    model = SegmentClusterer("hdbscan", 7).fit(X)
    assert model.labels_.max() == 1
    banded = truth >= 0
    assert adjusted_rand_score(truth[banded], model.labels_[banded]) > 0.95
    assert (model.labels_[~banded] == -1).mean() > 0.8
    assert model.notes_[0].startswith("The number of segments is the method's own finding: 2.")
    assert model.details_.noise_share == pytest.approx((model.labels_ < 0).mean())


def test_new_customers_join_the_band_they_stand_in_or_fit_none(moons):
    X, _ = moons
    model = SegmentClusterer("hdbscan", 2).fit(X)
    top, bottom, far = model.predict(np.array([[0.0, 1.0], [1.0, -0.5], [5.0, 5.0]]))
    assert {top, bottom} == {0, 1}
    assert far == -1
    assert model.agreement_ > 0.97


def test_where_nothing_is_dense_the_way_out_is_said():
    even = np.linspace(0, 1, 90)[:, None]
    with pytest.raises(NoDenseGroupError, match=r"No 10 customers stand closer together.*take K-Means"):
        ALGORITHMS["hdbscan"].form(even, 3, 0, {}, silent)
    again = ALGORITHMS["hdbscan"].form_again(even, 3, 0, {}, silent)
    assert set(again.labels) == {-1}


def test_a_large_file_is_looked_at_in_part_and_says_so(moons, monkeypatch):
    X, _ = moons
    whole = SegmentClusterer("hdbscan", 2).fit(X)
    monkeypatch.setattr(config, "DENSITY_ROWS", 400)
    model = SegmentClusterer("hdbscan", 2).fit(X)
    assert "Dense regions were looked for among 400 of 650 customers; the others joined them." in model.notes_
    assert adjusted_rand_score(whole.labels_, model.labels_) > 0.85
    # All are placed by the rule that the model keeps.
    np.testing.assert_array_equal(model.predict(X), model.labels_)


@pytest.mark.parametrize(
    ("n", "share", "smallest"),
    [(10_000, 0.02, 200), (200, 0.02, 10), (12, 0.02, 4), (3, 0.02, 2), (1_000, 0.5, 333)],
)
def test_the_smallest_segment_is_a_share_and_never_a_handful(n, share, smallest):
    assert sizes_for(n, {"smallest": share, "neighbours": 5}) == (smallest, min(5, n))


def test_wide_tables_are_looked_at_in_part():
    assert [rows_searched(50_000, width) for width in (10, 40, 160)] == [10_000, 10_000, 5_000]


def test_where_not_all_are_looked_at_a_seventh_are_left_to_say_how_many_fit_none():
    assert [rows_searched(n, 10) for n in (10_000, 10_001, 11_000, 12_000)] == [10_000, 8_573, 9_429, 10_000]
