"""Units learn where the border runs."""

import numpy as np
import pytest

from segmenter.cluster.assigners import NearestPrototype
from segmenter.cluster.codebook import refine_codebook


def agreement(units, segments, X, labels):
    return (NearestPrototype(units, segments).place(X) == labels).mean()


def test_two_units_on_a_line_move_until_the_border_lies_between_the_segments():
    # The middle of -1 and 4 is 1.5, which would place 1 with the left; the segments meet between 0 and 1.
    X = np.array([[-2.0], [-1.0], [0.0], [1.0], [4.0], [7.0]])
    labels, segments = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1])
    units = np.array([[-1.0], [4.0]])
    assert agreement(units, segments, X, labels) == pytest.approx(5 / 6)
    moved = refine_codebook(units, segments, X, labels)
    assert 0 < moved.mean() < 1
    assert moved.min() >= -2
    assert moved.max() <= 7


def test_a_slanted_border_is_followed_more_closely_also_for_rows_not_seen():
    random = np.random.default_rng(0)
    X = random.normal(size=(4_000, 3))
    labels = (X @ [1.0, 2.0, -1.0] + 0.5 * X[:, 0] ** 2 > 0.4).astype(int)
    seen, unseen = slice(0, 2_000), slice(2_000, None)
    units = X[seen][::40] + random.normal(0, 0.3, size=(50, 3))
    segments = labels[seen][::40]
    moved = refine_codebook(units, segments, X[seen], labels[seen])
    for part in (seen, unseen):
        before = agreement(units, segments, X[part], labels[part])
        assert agreement(moved, segments, X[part], labels[part]) > before + 0.04


def test_it_never_gets_worse_and_leaves_alone_what_agrees():
    random = np.random.default_rng(1)
    X, labels = random.normal(size=(300, 2)), random.integers(0, 3, 300)
    units, segments = X[:30], labels[:30]
    moved = refine_codebook(units, segments, X, labels)
    assert agreement(moved, segments, X, labels) >= agreement(units, segments, X, labels)
    apart = np.array([[0.0, 0.0], [9.0, 9.0]])
    np.testing.assert_array_equal(refine_codebook(apart, np.array([0, 1]), apart + 0.1, np.array([0, 1])), apart)


def test_one_segment_has_no_border():
    units = np.array([[1.0], [2.0]])
    assert refine_codebook(units, np.zeros(2, dtype=int), units, np.zeros(2, dtype=int)) is units
