"""What charts of learning show is what was found."""

import numpy as np
import pytest

from segmenter.charts.learning import (
    accuracies,
    calibration_curve,
    confusion_map,
    dependence_lines,
    importance_bars,
    probability_bars,
    questions_line,
    size_bars,
)
from segmenter.charts.theme import colour, symbol
from segmenter.classification.interpretation import (
    ColumnImportance,
    MinimalFeatures,
    MinimalFeaturesStep,
    PartialDependence,
)
from segmenter.classification.leaderboard import Leaderboard, LeaderboardRow
from segmenter.measures.classification import Calibration, Scores


def standing(key, title, *accuracies_):
    return LeaderboardRow(key, title, tuple(Scores(each, each, each, 1.0) for each in accuracies_), 1.0)


def test_each_classifier_stands_at_its_mean_with_its_standard_error():
    board = Leaderboard(
        (standing("tree", "Tree", 0.5, 0.7), standing("bayes", "Bayes", 0.4, 0.4)),
        standing("base", "Base", 0.3, 0.3),
        2,
    )
    figure = accuracies(board)
    dots = figure.data[0]
    assert list(dots.y) == ["Tree", "Bayes"]
    assert list(dots.x) == pytest.approx([0.6, 0.4])
    # Deviation of .5 and .7 is .1414; over the root of two folds, .1.
    assert list(dots.error_x.array) == pytest.approx([0.1, 0.0])
    assert figure.layout.shapes[0].x0 == pytest.approx(0.3)


def test_confusion_is_coloured_by_the_share_of_the_true_segment():
    figure = confusion_map(np.array([[3, 1], [0, 0]]), ["<b>A</b>", "2"])
    heat = figure.data[0]
    assert np.asarray(heat.z).tolist() == [[0.75, 0.25], [0, 0]]
    assert np.asarray(heat.text).tolist() == [[3, 1], [0, 0]]
    assert heat.y[0] == "‹b›A‹/b›"
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("category", "category")


def test_calibration_is_drawn_beside_the_line_of_perfect_answers():
    line, answers = calibration_curve(Calibration((0.4, 0.9), (0.5, 0.8), (25, 100), 0.1)).data
    assert list(line.x) == list(line.y) == [0, 1]
    assert (list(answers.x), list(answers.y)) == ([0.4, 0.9], [0.5, 0.8])
    # Half the way from the smallest to the largest dot: the root of a quarter of the customers.
    assert list(answers.marker.size) == pytest.approx([21, 34])


def test_the_most_important_column_is_on_top():
    figure = importance_bars([ColumnImportance("Age", 0.2, 0.01), ColumnImportance("City", 0.0, 0.02)])
    assert list(figure.data[0].y) == ["Age", "City"]
    assert list(figure.data[0].x) == [0.2, 0.0]
    assert figure.layout.yaxis.autorange == "reversed"


def test_a_number_is_joined_by_lines_and_a_category_is_not():
    shares = np.array([[0.2, 0.8], [0.6, 0.4]])
    number = dependence_lines(PartialDependence("Age", ("18", "40"), (18.0, 40.0), shares), ["A", "B"], [0, 1])
    category = dependence_lines(PartialDependence("City", ("Oslo", "Rome"), (), shares), ["A", "B"], [0, 1])
    assert [trace.mode for trace in number.data] == ["lines+markers"] * 2
    assert [trace.mode for trace in category.data] == ["markers"] * 2
    assert list(number.data[0].x) == [18.0, 40.0]
    assert list(category.data[1].x) == ["Oslo", "Rome"]
    assert list(category.data[1].y) == [0.8, 0.4]


def test_a_class_has_the_colour_and_symbol_of_its_segment():
    chart = dependence_lines(PartialDependence("Age", ("18",), (18.0,), np.array([[0.2, 0.8]])), ["A", "B"], [4, 2])
    assert [trace.marker.color for trace in chart.data] == [colour(4), colour(2)]
    assert [trace.marker.symbol for trace in chart.data] == [symbol(4), symbol(2)]
    bars = probability_bars([("B", 0.8), ("A", 0.2)], [2, 4]).data[0]
    assert list(bars.marker.color) == [colour(2), colour(4)]
    assert list(bars.text) == ["80.0 %", "20.0 %"]


def test_questions_are_numbered_as_they_were_added():
    steps = (MinimalFeaturesStep("Age", 0.4), MinimalFeaturesStep("City", 0.5))
    golden = MinimalFeatures(("Age", "City"), 0.5, 0.52, 0.49, 0.5, steps, "tree")
    figure = questions_line(golden)
    assert list(figure.data[0].x) == ["1. Age", "2. City"]
    assert list(figure.data[0].y) == [0.4, 0.5]
    assert figure.layout.shapes[0].y0 == pytest.approx(0.52)


def test_bars_count_the_customers_of_a_file():
    bars = size_bars([("A", 1200), ("B", 3)], [0, 1]).data[0]
    assert list(bars.y) == [1200, 3]
    assert list(bars.text) == ["1,200", "3"]
