"""The charts of a comparison hold its numbers, each with its error."""

import pytest

from segmenter.charts.comparison import repetition, separation
from segmenter.choose.methods import Agreement, MethodChoice, MethodComparison, MethodScore

SCORES = (
    MethodScore(
        MethodChoice("k-means"),
        n_segments=3,
        silhouette=0.5,
        silhouette_se=0.01,
        over_samples=Agreement(0.9, 0.02),
        over_seeds=Agreement(1.0, 0.0),
    ),
    MethodScore(MethodChoice("som"), problem="It could not be used here."),
    MethodScore(
        MethodChoice("autoencoder", (("epochs", 5),)), n_segments=3, silhouette=0.3, over_samples=Agreement(0.4, 0.05)
    ),
)
COMPARISON = MethodComparison(SCORES)


def test_silhouettes_stand_beside_their_methods_with_two_standard_errors():
    points = separation(COMPARISON).data[0]
    assert list(points.x) == [0.5, 0.3]
    assert list(points.y) == ["K-Means", "Autoencoder + K-Means (epochs 5)"]
    assert list(points.error_x.array) == pytest.approx([0.02, 0.0])


def test_agreements_over_samples_and_seeds_are_told_apart():
    samples, seeds = repetition(COMPARISON).data
    assert list(samples.x) == [0.9, 0.4]
    assert list(seeds.x) == [1.0, None]
    assert list(samples.error_x.array) == pytest.approx([0.04, 0.1])


def test_a_comparison_under_way_draws_too():
    assert not separation(MethodComparison()).data[0].x
    assert len(repetition(MethodComparison()).data) == 2
