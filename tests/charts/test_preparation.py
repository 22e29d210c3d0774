"""Pictures of preparation hold the numbers that they are made of."""

import numpy as np
import pandas as pd

from segmenter.charts.profiles import fill_bars, influence_bars, outlier_strip, shape_bars
from segmenter.prepare.diagnostics import Influence, fill_previews, find_outliers, shape_previews
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe, Role
from segmenter.table.columns import read_frame


def test_filled_in_customers_stand_on_those_that_have_a_value():
    dataset = read_frame(pd.DataFrame({"<b>city": ["Oslo"] * 5 + ["Rome"] * 3 + [None] * 2}))
    spec = FeatureSpec("<b>city", Role.CATEGORY, Missing.MODE)
    previews = fill_previews(dataset, Recipe((spec,)), "<b>city")
    figure = fill_bars(previews, next(each for each in previews.choices if each.choice is Missing.MODE))
    known, filled = figure.data
    assert list(known.x) == ["Oslo", "Rome", "(missing)", "all others"]
    assert list(known.y) == [5, 3, 0, 0]
    assert list(filled.y) == [2, 0, 0, 0]
    assert figure.layout.barmode == "stack"


def test_a_shape_is_drawn_as_its_histogram():
    dataset = read_frame(pd.DataFrame({"spend": np.random.default_rng(0).lognormal(3, 1, 200)}))
    for preview in shape_previews(dataset, FeatureSpec("spend")):
        bars = shape_bars(preview).data[0]
        assert sum(bars.y) == 200
        np.testing.assert_array_equal(bars.x, preview.middles)


def test_every_customer_far_out_is_a_dot_beside_the_box_of_the_others():
    dataset = read_frame(pd.DataFrame({"spend": [*range(1, 100), 1000, -500]}))
    found = find_outliers(dataset, FeatureSpec("spend"))
    box, dots = outlier_strip(found).data
    assert list(dots.x) == [1000, -500]
    assert list(dots.text) == ["row 100", "row 101"]
    assert (box.q1[0], box.median[0], box.q3[0]) == found.quartiles
    # The fences, −99 and 200, are no numbers that anybody has.
    assert (box.lowerfence[0], box.upperfence[0]) == (1, 99)


def test_bars_show_each_columns_share_under_a_harmless_name():
    bars = influence_bars([Influence("<i>a", 0.75, 1), Influence("b", 0.25, 3)]).data[0]
    assert list(bars.x) == [0.75, 0.25]
    assert list(bars.y) == ["‹i›a", "b"]
