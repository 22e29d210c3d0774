"""A network's learning is seen while it goes on, can be cancelled, and stays to be looked at."""

import json
import threading
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.choose.methods import MethodChoice
from segmenter.cluster import ALGORITHMS
from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.kmeans import fit_kmeans
from segmenter.networks.network import LearningCurve, audience
from segmenter.progress import Cancelled
from segmenter.ui import messages
from segmenter.ui.jobs import Job
from segmenter.ui.widgets.learn_results import outcome
from tests.ui.test_pages import look_at

PAGE = "segmenter/ui/pages/{}.py"
CURVE = LearningCurve((0.9, 0.6), (0.8, 0.55), (0.1, 0.1), "mean squared error")


@pytest.fixture
def gate():
    opened = threading.Event()
    yield opened
    opened.set()


@pytest.fixture
def app(monkeypatch, gate):
    """The app at the Segments page, where forming segments waits at the gate after two epochs."""

    def waits(X, n_segments, seed, settings, progress):
        hand_out = audience()
        hand_out(CURVE)
        while not gate.is_set():
            progress(0.2, "Epoch 3 of at most 9, validation loss 0.5500")
            time.sleep(0.01)
        fit = fit_kmeans(X, n_segments, seed=seed, progress=progress)
        hand_out(CURVE.grown(0.5, 0.6, 0.1))
        return FitResult(fit.labels, NearestCentre(fit.centres), CURVE.grown(0.5, 0.6, 0.1))

    monkeypatch.setitem(ALGORITHMS, "mini-batch", replace(ALGORITHMS["mini-batch"], fit=waits))
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.button(key="sample_mall").click().run()
    app.session_state["segmenter"].k_range = (2, 4)
    app.switch_page(PAGE.format("choose")).run()
    app.session_state["segmenter"].jobs.job.wait(180)
    app.run().slider(key="choose_k").set_value(3).run()
    # What K-Means formed on Choose is not formed again: another method is.
    app.session_state["segmenter"].choose_method(MethodChoice("mini-batch"))
    app.switch_page(PAGE.format("segments")).run()
    return app


def until_handed_out(app):
    job = app.session_state["segmenter"].jobs.job
    end = time.time() + 30
    while not job.curves:
        assert time.time() < end
        time.sleep(0.01)
    return job


def drawn(app):
    """Return the points of each line of the charts with a training line."""
    specs = [json.loads(each.proto.spec) for each in app.get("plotly_chart")]
    return [
        {trace["name"]: trace["y"] for trace in spec["data"]}
        for spec in specs
        if any(trace.get("name") == "Training" for trace in spec["data"])
    ]


def test_losses_are_drawn_while_the_network_learns_and_after_it(app, gate):
    job = until_handed_out(app)
    app.run()
    assert not app.exception
    assert drawn(app) == [{"Training": [0.9, 0.6], "Validation": [0.8, 0.55], "Kept": [0.55]}]
    gate.set()
    job.wait(180)
    app.run()
    assert not app.exception
    look_at(app, "Training")
    assert [lines["Training"] for lines in drawn(app)] == [[0.9, 0.6, 0.5]]
    assert any("The weights of epoch 2 were kept" in each.value for each in app.markdown)


def test_cancel_ends_the_learning(app):
    job = until_handed_out(app)
    app.run()
    app.button(key="segments_cancel").click().run()
    assert isinstance(job.wait(180), Cancelled)
    assert not app.exception
    assert drawn(app) == []


def test_after_cancel_nothing_starts_until_it_is_asked_for(app, gate):
    job = until_handed_out(app)
    app.run()
    app.button(key="segments_cancel").click().run()
    assert isinstance(job.wait(180), Cancelled)
    app.run()
    assert app.session_state["segmenter"].jobs.job is None
    assert messages.SEGMENTS_CANCELLED in [each.value for each in app.info]
    gate.set()
    app.button(key="segments_again").click().run()
    if (again := app.session_state["segmenter"].jobs.job) is not None:
        again.wait(180)
    app.run()
    assert "Training" in app.segmented_control(key="segments_view").options


def test_a_job_shows_what_networks_in_it_have_learnt_and_other_jobs_nothing():
    def learns(_, job):
        audience()(CURVE)
        audience()(CURVE.grown(1.0, 1.0, 1.0))
        return "done"

    job, other = Job("segments", None, learns), Job("choose", None, lambda *_: "nothing")
    assert (job.wait(180), other.wait(30)) == (None, None)
    assert [curve.n_epochs for curve in job.curves] == [2, 3]
    assert other.curves == ()


def test_of_many_networks_the_newest_are_drawn_and_the_rest_are_counted():
    def page():
        from segmenter.networks.network import LearningCurve
        from segmenter.ui.widgets.learn_results import draw_curves

        draw_curves(tuple(LearningCurve((float(n),), (float(n),), (0.1,)) for n in range(1, 13)), "live")
        draw_curves((), "none")

    app = AppTest.from_function(page).run()
    assert not app.exception
    (chart,) = app.get("plotly_chart")
    training = [each["y"] for each in json.loads(chart.proto.spec)["data"] if each["name"] == "Training"]
    assert training == [[8.0], [9.0], [10.0], [11.0], [12.0]]
    assert "12 networks so far" in app.caption[0].value
    assert "the newest 5 are drawn" in app.caption[0].value


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (
            CURVE.grown(0.5, 0.6, 0.1),
            "The weights of epoch 2 were kept: mean squared error 0.55 on",
        ),
        (CURVE, "It was still getting better: more epochs may help."),
    ],
)
def test_the_outcome_is_said_in_words(curve, said):
    assert said in outcome(curve)
