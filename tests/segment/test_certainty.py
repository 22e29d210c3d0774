"""How sure customers are to belong to their segment."""

import numpy as np
import pandas as pd
import pytest

from segmenter.charts.methods import criterion
from segmenter.cluster.gaussian import MixtureDetails
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe
from segmenter.segment.assign import assign_segments
from segmenter.segment.result import Certainty, Result, certainty_by_segment, probability_of_segment
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame

SPECS = (FeatureSpec("income", missing=Missing.DROP), FeatureSpec("spend"))


@pytest.fixture(scope="module")
def customers(make_customers):
    frame = make_customers(120)
    frame.loc[3, "income"] = np.nan
    return read_frame(frame)


@pytest.fixture(scope="module")
def mixed(customers):
    recipe = Recipe(SPECS, 3, algorithm="gaussian-mixture", settings=(("bic_to", 0),))
    return fit_segmentation(customers, recipe)


def test_certainty_of_four_customers_by_hand():
    labels = pd.Series([0, 0, -1, 1])
    found = certainty_by_segment(labels, pd.Series([1.0, 0.5, np.nan, 0.9]))
    assert found == (Certainty(0, 2, 0.75, 1), Certainty(1, 1, 0.9, 0))


def test_the_labelled_table_has_each_customers_probability_of_its_segment(customers, mixed):
    table = Result(customers, mixed).labelled()
    kept = (mixed.labels >= 0).to_numpy()
    shares = mixed.clusterer.placement_.probabilities(mixed.preparation.transform(customers.frame[kept]))
    np.testing.assert_array_equal(table["probability"][kept], shares.max(axis=1))
    assert table["probability"].isna().tolist() == table["segment"].isna().tolist()


def test_customers_placed_later_have_theirs_too_whatever_their_columns_are_called(customers, mixed):
    renamed = read_frame(customers.frame[:50].rename(columns={"income": "INCOME", "spend": "Spend "}))
    assignment = assign_segments(renamed, mixed)
    table = Result(renamed, assignment.segmentation, assignment).labelled()
    first = probability_of_segment(mixed, customers.frame)[:50]
    np.testing.assert_array_equal(table["probability"], first)


def test_methods_without_probabilities_add_no_column(customers):
    plain = fit_segmentation(customers, Recipe(SPECS, 3))
    assert "probability" not in Result(customers, plain).labelled()


def test_the_lowest_criterion_is_marked():
    figure = criterion(MixtureDetails({1: 30.0, 2: 10.0, 3: 20.0}))
    assert list(figure.data[0].y) == [30.0, 10.0, 20.0]
    assert list(figure.data[0].marker.symbol) == ["circle", "star", "circle"]
