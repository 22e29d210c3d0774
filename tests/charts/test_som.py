"""Charts of a map carry its numbers, each in the place of its unit."""

import numpy as np
import pandas as pd
import pytest

from segmenter.charts.methods import borders, hits, plane, segments_on_map
from segmenter.charts.theme import PALETTE, SYMBOLS
from segmenter.cluster.hierarchical import dendrogram_of
from segmenter.cluster.som import Grid, GridKind, SomMap
from segmenter.segment.embed import SomView

NAMES = ("Big <b>", "Small")


def shown_on(kind=GridKind.RECTANGULAR):
    """Two rows of three units; the fifth has no customers."""
    grid = Grid(2, 3, kind)
    units = np.array([[0.0], [1.0], [2.0], [7.0], [8.0], [9.0]])
    found = SomMap(
        grid, units, np.array([400, 3, 100, 5, 0, 6]), np.arange(6) / 2, 0.5, 2.0, 0.1, np.array([0, 1, 2, 3, 5]),
        dendrogram_of(units[[0, 1, 2, 3, 5]], np.ones(5), "ward"),
    )  # fmt: skip
    planes = pd.DataFrame({"spend ($)": [0.0, 1200.0, 2.0, 7.0, 8.0, 9.0]})
    return SomView(found, np.array([0, 0, 0, 1, 1, 1]), NAMES, planes)


def test_squares_stand_in_their_rows_and_columns():
    cells = hits(shown_on()).data[0]
    assert np.asarray(cells.z) ** 2 == pytest.approx(np.array([[400, 3, 100], [5, 0, 6]]))
    assert list(cells.x) == [-0.5, 0.5, 1.5, 2.5]
    assert list(cells.y) == [-0.5, 0.5, 1.5]


def test_hexagons_are_bricks_that_touch_six_others():
    shown = shown_on(GridKind.HEXAGONAL)
    cells = borders(shown, pd.DataFrame({"down": [], "across": [], "segment": []})).data[0]
    z = np.asarray(cells.z)
    # Every unit is two cells wide, and the second row is moved by one of them.
    assert z[0].tolist() == pytest.approx([0, 0, 0.5, 0.5, 1, 1, np.nan], nan_ok=True)
    assert z[1].tolist() == pytest.approx([np.nan, 1.5, 1.5, 2, 2, 2.5, 2.5], nan_ok=True)
    middles = (np.asarray(cells.x)[:-1] + np.asarray(cells.x)[1:]) / 2
    across = [middles[z[row] == value].mean() for row, value in ((0, 0.5), (1, 2.0))]
    assert across == pytest.approx(shown.found.grid.places[[1, 4], 1])
    edges = np.asarray(cells.y)
    assert (edges[:-1] + edges[1:]) / 2 == pytest.approx(shown.found.grid.places[[0, 3], 0])


def test_customers_stand_on_the_borders_in_their_segments_colour_and_symbol():
    customers = pd.DataFrame({"down": [0.0, 1.0, 0.1], "across": [0.0, 2.0, 1.0], "segment": [0, 1, 0]})
    big, small = borders(shown_on(), customers).data[1:]
    assert list(big.x) == [0.0, 1.0]
    assert list(big.y) == pytest.approx([0.0, 0.1])
    assert list(small.x) == [2.0]
    assert [each.marker.color for each in (big, small)] == list(PALETTE[:2])
    assert [each.marker.symbol for each in (big, small)] == list(SYMBOLS[:2])


def test_hits_are_written_on_their_units_and_none_where_there_are_none():
    assert list(hits(shown_on()).data[1].text) == ["400", "3", "100", "5", "", "6"]


def test_numbers_are_left_out_where_they_could_not_be_read():
    shown = shown_on()
    grid = Grid(1, 21)
    wide = SomView(
        SomMap(grid, np.zeros((21, 1)), np.ones(21, int), np.zeros(21), 0.0, 0.0, 0.0, np.arange(21), shown.found.tree),
        np.zeros(21, int), NAMES, pd.DataFrame(),
    )  # fmt: skip
    assert "text" not in [trace.mode for trace in hits(wide).data[1:]]


def test_units_have_their_segments_colour_and_markers_the_customers_area():
    shown = shown_on()
    cells, big, small = segments_on_map(shown, shown.segments, shown.names).data
    assert np.asarray(cells.z).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert [tuple(stop) for stop in cells.colorscale] == [
        (0.0, PALETTE[0]), (0.5, PALETTE[0]), (0.5, PALETTE[1]), (1.0, PALETTE[1]),
    ]  # fmt: skip
    assert (cells.zmin, cells.zmax) == (-0.5, 1.5)
    # 400 and 100 customers; the unit without any has no marker.
    assert (big.marker.size[0] / big.marker.size[2]) ** 2 == pytest.approx(4)
    assert list(small.x) == [0.0, 2.0]


def test_names_are_no_markup():
    shown = shown_on()
    customers = pd.DataFrame({"down": [0.0], "across": [0.0], "segment": [0]})
    for figure in (borders(shown, customers), segments_on_map(shown, shown.segments, shown.names)):
        assert "<b>" not in figure.to_json()


def test_a_plane_says_its_range_in_the_files_own_units():
    figure = plane(shown_on(), "spend ($)")
    assert figure.layout.title.text == "spend ($)<br>0 (light) to 1,200 (dark)"
    assert np.asarray(figure.data[0].z).tolist() == [[0, 1200, 2], [7, 8, 9]]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((5.8e-6, 1.0, 3.0), "0", "3"),
        ((-1e-9, 0.034, 0.5), "0", "0.5"),
        ((23.21, 70.0, 156.4), "23", "156"),
        ((-4.02, 0.0, 3.995), "−4.02", "4"),
        ((0.0, 0.0, 0.0), "0", "0"),
    ],
)
def test_the_ends_of_a_plane_have_the_digits_of_its_largest_number(values, low, high):
    shown = shown_on()
    planes = pd.DataFrame({"x": [values[0], *[values[1]] * 4, values[2]]})
    figure = plane(SomView(shown.found, shown.segments, shown.names, planes), "x")
    assert figure.layout.title.text == f"x<br>{low} (light) to {high} (dark)"
