"""Customers that fit no segment are grey in every chart, and nobody is missing."""

import pytest

from segmenter.charts import CHARTS
from segmenter.charts.maps import scatter
from segmenter.charts.paper import histogram_figure
from segmenter.charts.profiles import histogram
from segmenter.charts.theme import NEUTRAL
from segmenter.cluster import ALGORITHMS
from segmenter.display import percent_text
from segmenter.recipe.recipe import FeatureSpec, Recipe
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from tests.methods_for_tests import register


@pytest.fixture(scope="module")
def result(make_customers):
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        assert "leaves-out" in ALGORITHMS
        customers = read_frame(make_customers(120))
        features = (FeatureSpec("income"), FeatureSpec("spend"))
        return Result(customers, fit_segmentation(customers, Recipe(features, 3, algorithm="leaves-out")))


def test_sizes_have_a_grey_bar_for_them(result):
    bars = CHARTS["sizes"].draw(result).data[0]
    assert sum(bars.x) == 120
    assert bars.text[-1] == f"{result.n_left_out:,} · {percent_text(result.n_left_out / 120, 1)} of all"
    assert (bars.y[-1], bars.x[-1], bars.marker.color[-1]) == ("fits no segment", result.n_left_out, NEUTRAL)


@pytest.mark.parametrize("columns", [("income", "spend"), ("income", "spend", "visits")])
def test_they_are_drawn_beneath_the_others(result, columns):
    traces = scatter(result, columns).data
    assert (traces[0].name, traces[0].marker.color) == ("fits no segment", NEUTRAL)
    assert sum(len(trace.x) for trace in traces) == 120


def test_the_histogram_holds_them_too(result):
    traces = histogram(result, "income").data
    assert sum(len(trace.x) for trace in traces) == 120
    assert traces[-1].marker.color == NEUTRAL


def test_the_picture_for_paper_has_a_part_for_them(result):
    labels = [axis.get_ylabel() for axis in histogram_figure(result, "income").axes]
    assert labels == ["Segment 1", "Segment 2", "Segment 3", "fits no segment"]
