"""Long loops of other libraries hear Cancel, and give the same answer as without it."""

import sys
import threading

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.manifold import TSNE

from segmenter import progress as module
from segmenter.progress import Cancelled, called_from_within, called_meanwhile, silent

X = np.random.default_rng(0).normal(size=(200, 4))
Y = (X.sum(axis=1) > 0).astype(int)
LOOPS = {
    "forest": lambda: RandomForestClassifier(40, random_state=0).fit(X, Y).predict_proba(X),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=40, random_state=0).fit(X, Y).predict_proba(X),
    "histograms": lambda: HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(X, Y).predict_proba(X),
    "t-SNE": lambda: TSNE(perplexity=10, init="pca", max_iter=250, random_state=0).fit_transform(X[:50]),
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


def test_a_single_long_call_is_cancelled_while_it_lasts_and_goes_no_further():
    begun, over, further, ended = (threading.Event() for _ in range(4))

    def work():
        try:
            begun.set()
            over.wait()
            np.linalg.norm(X)
            further.set()
        finally:
            ended.set()

    def progress(share, doing):
        begun.wait()
        raise Cancelled

    # The call lasts until it is cancelled: without a word meanwhile this test would never end.
    with pytest.raises(Cancelled):
        called_meanwhile(work, progress, 0.0, "at it")
    over.set()
    ended.wait()
    assert not further.is_set()


@pytest.mark.parametrize("loop", ["forest", "boosting", "histograms"])
def test_work_in_a_thread_of_its_own_gives_the_same_answer(loop, monkeypatch):
    monkeypatch.setattr(module, "_CALL_SECONDS", 0.01)
    answers, calls = [], []
    called_meanwhile(lambda: answers.append(LOOPS[loop]()), lambda *said: calls.append(said), 0.25, "at it")
    np.testing.assert_array_equal(answers[0], LOOPS[loop]())
    assert set(calls) == {(0.25, "at it")}


def test_an_error_of_work_in_a_thread_of_its_own_comes_out():
    with pytest.raises(ZeroDivisionError):
        called_meanwhile(lambda: 1 / 0, lambda share, doing: None, 0.0, "at it")


def test_work_in_a_thread_of_its_own_pauses_with_its_progress(monkeypatch):
    monkeypatch.setattr(module, "_CALL_SECONDS", 0.001)
    steps, seen = [], []

    def work():
        while len(seen) < 5:
            steps.append(np.linalg.norm(X[:2]))

    def progress(share, doing):
        before = len(steps)
        # At most the step that has begun is finished while this pauses.
        threading.Event().wait(0.01)
        seen.append(len(steps) - before)

    called_meanwhile(work, progress, 0.0, "at it")
    assert max(seen) <= 1
