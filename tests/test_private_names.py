"""What scikit-learn keeps private and this product leans on is where it was: why no later release is taken untried."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.cluster import BisectingKMeans

from segmenter.io.model.confined_child import TRUSTED

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", TRUSTED)
def test_the_types_inside_saved_classifiers_are_where_they_were(name):
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute)


def test_a_bisecting_k_means_keeps_its_tree():
    model = BisectingKMeans(3, random_state=0).fit(np.random.default_rng(0).normal(size=(50, 2)))
    tree = model._bisecting_tree
    leaves = [each for each in (tree.left, tree.right, tree.left.left, tree.right.left) if each and each.left is None]
    assert leaves
    assert all(0 <= leaf.label < 3 and leaf.center.shape == (2,) for leaf in leaves)
    assert model._X_mean.shape == (2,)


def test_no_release_of_scikit_learn_is_taken_that_these_tests_have_not_seen():
    pinned = re.search(
        r"^scikit-learn>=(\d+\.\d+),<(\d+)\.(\d+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    assert pinned, "requirements.txt must name the first minor release that was not tried"
    major, minor = map(int, sklearn.__version__.split(".")[:2])
    assert (major, minor) < (int(pinned[2]), int(pinned[3]))
    assert int(pinned[3]) == minor + 1
