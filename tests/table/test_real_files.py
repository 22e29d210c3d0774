"""Real customer files: the numbers that others published, and kinds that a person would give."""

import numpy as np
import pandas as pd
import pytest

from segmenter.choose.k import compare_k
from segmenter.io.read.table import read_table
from segmenter.prepare.suggest import (
    choose_features,
    correlated_pairs,
    missing_effect,
    skewed_columns,
    suggest_features,
    with_transforms,
)
from segmenter.recipe.recipe import Recipe
from segmenter.segment.assign import assign_segments
from segmenter.segment.profile import profile_segments
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"
# Published for this file, standardised; other starts find slightly lower sums, never higher ones.
PUBLISHED_WCSS = [269.69, 157.70, 108.92, 65.57, 55.06, 44.86, 37.23, 32.39, 29.98]


@pytest.fixture(scope="module")
def mall(shared_data):
    return read_table(shared_data / "Mall_Customers.csv")


@pytest.fixture(scope="module")
def recipe(mall):
    return Recipe(choose_features(mall, (INCOME, SCORE)), n_segments=5)


@pytest.fixture(scope="module")
def segmentation(mall, recipe):
    return fit_segmentation(mall, recipe)


@pytest.fixture(scope="module")
def selection(mall, recipe):
    return compare_k(mall, recipe)


def test_the_mall_files_elbow_is_the_published_one(selection):
    assert [score.k for score in selection.scores] == list(range(2, 11))
    for score, published in zip(selection.scores, PUBLISHED_WCSS, strict=True):
        assert score.wcss <= published * 1.001


def test_the_mall_files_silhouette_is_the_published_one_and_five_are_recommended(selection):
    silhouettes = {score.k: score.silhouette for score in selection.scores}
    assert silhouettes[5] == pytest.approx(0.5547, abs=0.0005)
    assert selection.recommended == 5
    assert "5" in selection.reason


def test_comparing_and_fitting_give_the_same_labels(selection, segmentation):
    np.testing.assert_array_equal(selection.labels[5], segmentation.labels)


def test_the_mall_files_segments_have_the_published_sizes_and_centres(mall, segmentation):
    profiles = profile_segments(mall, segmentation)
    assert [profile.size for profile in profiles] == [81, 39, 35, 23, 22]
    centres = [(round(profile.means[INCOME], 1), round(profile.means[SCORE], 1)) for profile in profiles]
    assert centres == [(55.3, 49.5), (86.5, 82.1), (88.2, 17.1), (26.3, 20.9), (25.7, 79.4)]
    in_own_units = segmentation.preparation.in_own_units(segmentation.clusterer.placement_.centres)
    np.testing.assert_allclose(in_own_units[INCOME], [each.means[INCOME] for each in profiles], rtol=1e-9)


@pytest.mark.parametrize("choose", ["first hundred", "one row", "well paid"])
def test_a_part_of_the_file_is_labelled_as_in_the_whole(mall, segmentation, choose):
    frame = mall.original
    part = {
        "first hundred": frame[:100],
        "one row": frame[42:43],
        "well paid": frame[mall.frame[INCOME] >= 60],
    }[choose]
    assignment = assign_segments(read_table(part.to_csv(index=False).encode()), segmentation)
    np.testing.assert_array_equal(assignment.segmentation.labels, segmentation.labels[part.index])


def test_shuffled_rows_and_turned_columns_give_the_same_segments(mall, segmentation):
    shuffled = mall.original.sample(frac=1, random_state=1)[mall.original.columns[::-1]]
    dataset = read_table(shuffled.to_csv(index=False).encode())
    again = fit_segmentation(dataset, Recipe(choose_features(dataset, (SCORE, INCOME)), n_segments=5))
    np.testing.assert_array_equal(again.labels, segmentation.labels[shuffled.index])


def test_a_frame_in_memory_and_the_file_give_the_same_segments(mall, recipe, shared_data, segmentation):
    dataset = read_frame(pd.read_csv(shared_data / "Mall_Customers.csv"))
    np.testing.assert_array_equal(fit_segmentation(dataset, recipe).labels, segmentation.labels)


def test_the_mall_files_customer_number_is_no_feature(mall):
    roles = {spec.column: spec.segments for spec in suggest_features(mall)}
    assert roles == {"CustomerID": False, "Genre": False, "Age": True, INCOME: True, SCORE: True}


@pytest.mark.parametrize("name", ["Train.csv", "marketing_campaign.csv", "cc_general.csv"])
def test_real_files_go_from_reading_to_segments_with_no_setting_touched(shared_data, name):
    dataset = read_table(shared_data / name)
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset)))
    profiles = profile_segments(dataset, segmentation)
    effect = missing_effect(dataset, segmentation.recipe)
    assert sum(profile.size for profile in profiles) == dataset.n_customers - effect.rows_left_out
    assert segmentation.quality is not None


def test_card_customers_lose_one_row_and_gain_313_values(shared_data):
    dataset = read_table(shared_data / "cc_general.csv")
    effect = missing_effect(dataset, Recipe(suggest_features(dataset)))
    assert (effect.rows_left_out, effect.values_filled) == (1, 313)
    as_it_is = with_transforms(suggest_features(dataset), dataset, on=False)
    assert skewed_columns(dataset, as_it_is)["MINIMUM_PAYMENTS"] > 2
    assert correlated_pairs(dataset, suggest_features(dataset)) == ()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (
            "marketing_campaign.csv",
            {
                "ID": ColumnKind.IDENTIFIER,
                "Income": ColumnKind.NUMBER,
                "Dt_Customer": ColumnKind.DATE,
                "Z_CostContact": ColumnKind.CONSTANT,
                "Z_Revenue": ColumnKind.CONSTANT,
                "Marital_Status": ColumnKind.CATEGORY,
                "Response": ColumnKind.YES_NO,
            },
        ),
        (
            "cproducts_bbid.csv",
            {
                "customerID": ColumnKind.IDENTIFIER,
                "DOB": ColumnKind.DATE,
                "PinCode": ColumnKind.CODE,
                "State": ColumnKind.CATEGORY,
                "product_description": ColumnKind.TEXT,
                "promotion_description": ColumnKind.NEAR_EMPTY,
                "sale_price_after_promo": ColumnKind.NUMBER,
            },
        ),
        (
            "online_retail.parquet",
            {
                "InvoiceNo": ColumnKind.CODE,
                "StockCode": ColumnKind.CODE,
                "Description": ColumnKind.TEXT,
                "InvoiceDate": ColumnKind.DATE,
                "CustomerID": ColumnKind.IDENTIFIER,
                "Country": ColumnKind.CATEGORY,
                "Quantity": ColumnKind.NUMBER,
            },
        ),
    ],
)
def test_columns_of_real_files_are_what_a_person_would_say(shared_data, name, kinds):
    dataset = read_table(shared_data / name)
    assert {column: dataset.column(column).kind for column in kinds} == kinds


def test_a_cp1252_file_with_decimal_commas_is_read_as_it_is_meant(shared_data):
    dataset = read_table(shared_data / "dialects" / "brussels_hotels_cp1252_semicolon_deccomma.csv")
    assert (dataset.dialect.separator, dataset.dialect.encoding, dataset.dialect.decimal) == (";", "cp1252", ",")
    assert dataset.frame["Average Price"].iloc[0] == pytest.approx(81.20416129)
    assert dataset.frame["Date"].max() == pd.Timestamp("2017-10-01")
    assert dataset.n_customers == 638


def test_titles_thousands_and_footnotes_do_not_disturb(shared_data):
    dataset = read_table(shared_data / "dialects" / "FY10_EDU_preamble_thousands.csv")
    assert dataset.n_customers == 53
    assert dataset.frame["TOTAL"].iloc[0] == 19_582
    assert dataset.column("State Name").kind is not ColumnKind.PERSONAL
    assert [note.line for note in dataset.notes] == [2, 57]
