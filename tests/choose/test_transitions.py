"""Two solutions side by side, and segments followed across k: counted by hand."""

import numpy as np
import pytest

from segmenter.choose.k import compare_solutions, segments_across_k
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.segment.quality import k_means_rule, rule_of


def test_the_one_customer_that_moves_is_found():
    found = compare_solutions(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0]))
    assert found.table.tolist() == [[1, 2], [2, 0]]
    assert found.partner.tolist() == [1, 0]
    assert found.moves.tolist() == [False, False, True, False, False]
    assert found.smallest_shares == (0.4, 0.4)


def test_equal_solutions_under_other_numbers_agree_fully():
    found = compare_solutions(np.array([0, 0, 1]), np.array([1, 1, 0]))
    assert found.agreement == 1
    assert not found.moves.any()


def test_a_segment_keeps_its_number_when_another_one_splits():
    two, three = np.array([0, 0, 0, 0, 1, 1, 1]), np.array([1, 1, 2, 2, 0, 0, 0])
    first, second = segments_across_k({3: three, 2: two})
    assert first.flows.tolist() == [[4, 3]]
    assert second.labels[4:].tolist() == [1, 1, 1]
    assert second.flows.sum() == 7
    assert second.from_one_parent == pytest.approx([1, 1, 1])


def test_any_registered_algorithm_can_be_fitted_again():
    rows = np.array([[0.0], [1.0], [10.0], [11.0]])
    assert rule_of("k-means", {}, None) is k_means_rule
    assert len(set(rule_of("k-means", {}, None)(rows, 2, 0)(rows))) == len(set(fit_kmeans(rows, 2, seed=0).labels))
