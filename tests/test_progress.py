"""Long loops of other libraries hear Cancel, and give the same answer as without it."""

import sys

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.manifold import TSNE

from segmenter import progress as module
from segmenter.progress import Cancelled, called_from_within, silent

X = np.random.default_rng(0).normal(size=(200, 4))
Y = (X.sum(axis=1) > 0).astype(int)
LOOPS = {
    "forest": lambda: RandomForestClassifier(40, random_state=0).fit(X, Y).predict_proba(X),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=40, random_state=0).fit(X, Y).predict_proba(X),
    "histograms": lambda: HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(X, Y).predict_proba(X),
    "t-SNE": lambda: TSNE(init="pca", random_state=0).fit_transform(X),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let progress be called at every chance."""
    monkeypatch.setattr(module, "_CALL_SECONDS", 0.0)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_knows_nothing_of_progress_is_cancelled_in_its_midst(loop):
    calls = []

    def progress(share, doing):
        calls.append(doing)
        if len(calls) == 100:
            raise Cancelled

    with pytest.raises(Cancelled), called_from_within(progress, 0.0, "at it"):
        LOOPS[loop]()
    assert calls == ["at it"] * 100
    assert sys.getprofile() is None


@pytest.mark.parametrize("loop", LOOPS)
def test_being_looked_at_changes_no_number(loop):
    alone = LOOPS[loop]()
    with called_from_within(lambda *_: None, 0.0, "at it"):
        watched = LOOPS[loop]()
    assert np.array_equal(alone, watched)


def test_nothing_is_called_where_nobody_watches_or_somebody_profiles():
    with called_from_within(silent, 0.0, "at it"):
        assert sys.getprofile() is None
    sys.setprofile(mine := lambda *_: None)
    try:
        with called_from_within(lambda *_: pytest.fail("called"), 0.0, "at it"):
            assert sys.getprofile() is mine
            sorted([2, 1])
    finally:
        sys.setprofile(None)
