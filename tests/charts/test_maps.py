"""A map draws each customer once, in its segment's colour."""

import numpy as np
import pytest

from segmenter.charts.maps import customer_map
from segmenter.charts.theme import NEUTRAL, colour
from segmenter.segment.embed import CustomerMap

SEGMENTS = np.array([0, 0, 1, -1, 0])
NAMES = ("Regulars", "<b>Rest</b>")


def drawn(n_dimensions, shares=()):
    coordinates = np.arange(5.0 * n_dimensions).reshape(5, n_dimensions)
    return CustomerMap("pca", coordinates, SEGMENTS, np.arange(5), shares, 5)


@pytest.mark.parametrize("n_dimensions", [2, 3])
def test_colours_are_those_of_the_segments_and_grey_is_for_none(n_dimensions):
    figure = customer_map(drawn(n_dimensions), NAMES)
    traces = {trace.name: trace for trace in figure.data}
    assert traces["fits no segment"].marker.color == NEUTRAL
    assert traces["Regulars"].marker.color == colour(0)
    assert list(traces["Regulars"].x) == [0, n_dimensions, 4 * n_dimensions]
    assert "<b>" not in "".join(traces)


def test_numbers_stand_in_the_middles():
    figure = customer_map(drawn(2), NAMES)
    assert [(each.text, each.x) for each in figure.layout.annotations] == [("<b>1</b>", 2), ("<b>2</b>", 4)]
    assert {trace.type for trace in figure.data} == {"scattergl"}
    solid = customer_map(drawn(3), NAMES).layout.scene.annotations
    assert [(each.text, each.z) for each in solid] == [("<b>1</b>", 5), ("<b>2</b>", 8)]


def test_only_axes_with_a_meaning_are_named():
    assert customer_map(drawn(2, (0.6, 0.3)), NAMES).layout.xaxis.title.text == "Main direction (60 %)"
    plain = customer_map(drawn(2), NAMES).layout
    assert plain.xaxis.title.text is None
    assert plain.xaxis.showticklabels is False


def test_where_everybody_has_a_segment_there_is_no_grey():
    everyone = CustomerMap("pca", np.zeros((2, 2)), np.array([0, 1]), np.arange(2), (), 2)
    assert [trace.name for trace in customer_map(everyone, NAMES).data] == ["Regulars", "‹b›Rest‹/b›"]
