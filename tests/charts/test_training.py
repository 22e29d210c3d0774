"""The learning curve carries the losses of every epoch and marks the one that was kept."""

import pytest

from segmenter.charts.learning import learning_curves
from segmenter.networks.network import LearningCurve

CURVE = LearningCurve((0.9, 0.6, 0.5, 0.45), (0.8, 0.55, 0.6, 0.7), (0.1, 0.1, 0.1, 0.05), "cross-entropy")


def test_both_losses_stand_over_their_epochs_and_the_kept_one_is_marked():
    training, validation, kept = learning_curves((CURVE,)).data
    assert list(training.x) == list(validation.x) == [1, 2, 3, 4]
    assert list(training.y) == [0.9, 0.6, 0.5, 0.45]
    assert list(validation.y) == [0.8, 0.55, 0.6, 0.7]
    assert (list(kept.x), list(kept.y)) == ([2], [0.55])


def test_the_two_lines_differ_in_more_than_colour():
    training, validation, _ = learning_curves((CURVE,)).data
    assert training.line.dash != validation.line.dash


def test_the_axis_names_what_was_measured():
    assert learning_curves((CURVE,)).layout.yaxis.title.text == "Cross-entropy"


@pytest.mark.parametrize(("last", "axis"), [(0.2, "linear"), (0.01, "log")])
def test_a_loss_that_falls_deep_gets_a_logarithmic_axis_and_says_so(last, axis):
    figure = learning_curves((LearningCurve((1.0, last), (1.0, last), (0.1, 0.1)),))
    assert figure.layout.yaxis.type == axis
    assert ("logarithmic" in figure.layout.yaxis.title.text) == (axis == "log")


def test_a_logarithmic_axis_writes_each_of_its_numbers_in_full():
    axis = learning_curves((LearningCurve((1.3, 0.26), (0.8, 0.012), (0.1, 0.1)),)).layout.yaxis
    written = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert [text for text in written if 0.012 <= float(text) <= 1.3] == ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    assert all(float(text) == value for text, value in written.items())


def test_a_loss_of_zero_leaves_the_axis_plain():
    assert learning_curves((LearningCurve((1.0, 0.0), (1.0, 0.0), (0.1, 0.1)),)).layout.yaxis.type == "linear"


def test_several_networks_share_one_legend():
    figure = learning_curves((CURVE, CURVE, CURVE))
    assert len(figure.data) == 9
    assert [trace.name for trace in figure.data if trace.showlegend] == ["Training", "Validation", "Kept"]


def test_before_the_first_epoch_nothing_is_drawn():
    assert not learning_curves(()).data
