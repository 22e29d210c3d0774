"""Agreement of two solutions: hand-counted tables, and scikit-learn as the independent reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster.kmeans import fit_kmeans
from segmenter.measures.association import adjusted_rand_index, crosstab
from segmenter.measures.recurrence import (
    jaccard_table,
    matched,
    renumbered_like,
    share_from_one_parent,
)

labels_of_30 = st.lists(st.integers(0, 3), min_size=30, max_size=30).map(np.array)


def test_crosstab_counts_pairs_of_segments():
    table = crosstab(np.array([0, 0, 1, 1]), np.array([0, 2, 2, 2]))
    assert table.tolist() == [[1, 0, 1], [0, 0, 2]]


@given(labels_of_30, labels_of_30)
def test_the_adjusted_rand_index_is_scikit_learns(first, second):
    assert adjusted_rand_index(first, second) == pytest.approx(adjusted_rand_score(first, second), abs=1e-12)


def test_jaccard_is_both_over_either():
    # segments {a,b} and {c,d} against {a,b,c} and {d}: 2/3, 0; 1/4, 1/2
    table = jaccard_table(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]))
    assert table.ravel() == pytest.approx([2 / 3, 0, 1 / 4, 1 / 2])


def test_each_segment_is_matched_with_another_one():
    # Both lines like column 0 best; together 8 + 4 beats 9 + 0.
    assert matched(np.array([[9, 4], [8, 0]])).tolist() == [1, 0]


@given(labels_of_30, st.permutations(range(4)))
def test_renumbering_like_itself_undoes_any_renaming(labels, names):
    labels = np.unique(labels, return_inverse=True)[1]
    renamed = np.array(names)[labels]
    again = renumbered_like(np.unique(renamed, return_inverse=True)[1], labels)
    assert (again == labels).all()


def test_segments_across_k_on_iris():
    X = load_iris().data
    two, three, four = (fit_kmeans(X, k, seed=0).labels for k in (2, 3, 4))
    assert np.sort(share_from_one_parent(three, two)) == pytest.approx([0.72, 1, 1], abs=0.005)
    assert np.sort(share_from_one_parent(four, three)) == pytest.approx([0.615, 1, 1, 1], abs=0.005)


def test_a_segment_mixed_evenly_from_all_parents_scores_nothing():
    assert share_from_one_parent(np.zeros(4, int), np.array([0, 0, 1, 1])) == pytest.approx([0.0])


def test_one_parent_says_nothing():
    assert np.isnan(share_from_one_parent(np.array([0, 1]), np.zeros(2, int))).all()
