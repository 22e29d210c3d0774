"""Names and sentences of many kinds of files: numbers are cells; names are true, different, and tell no secrets."""

import re

import numpy as np
import pandas as pd
import pytest

from segmenter import Recipe, describe_segments, fit_segmentation, profile_segments, read_table, suggest_features
from segmenter.explain.columns import read_header
from segmenter.recipe.recipe import FeatureSpec, Role
from tests.explain.files import customer_files
from tests.explain.test_cards import unknown_numbers

FILES = customer_files()


@pytest.fixture(scope="module", params=FILES)
def described(request):
    dataset = read_table(pd.DataFrame(FILES[request.param]).to_csv(index=False).encode(), f"{request.param}.csv")
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=4))
    return dataset, segmentation, describe_segments(dataset, segmentation)


def test_every_number_is_a_cell_of_the_profile(described):
    dataset, segmentation, cards = described
    for card, profile in zip(cards, profile_segments(dataset, segmentation), strict=True):
        names = [each.label for each in card.markers] + [each.level for each in card.markers if each.level]
        assert unknown_numbers(card, profile, names) == [], card.sentence
        members = (segmentation.labels == card.segment - 1).to_numpy()
        for marker in card.markers:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", marker.text):
                assert pd.Timestamp(marker.text) == dataset.frame.loc[members, marker.column].median().normalize()


def test_names_are_different_and_can_be_read(described):
    names = [card.name for card in described[2]]
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 60 and name[:1] == name[:1].upper() for name in names)


@pytest.mark.parametrize("name", ["bank", "telephone", "hotel", "gym", "business", "donors", "insurance", "newsletter"])
def test_most_names_are_read_at_a_glance(name):
    dataset = read_table(pd.DataFrame(FILES[name]).to_csv(index=False).encode(), f"{name}.csv")
    segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3))
    names = [card.name for card in describe_segments(dataset, segmentation)]
    assert np.median([len(each) for each in names]) <= 30, names


OPPOSITES = {"high-income": 1, "low-income": -1, "big spenders": 1, "small spenders": -1, "Older": 1, "Young": -1}


def test_a_word_in_a_name_is_true_of_most_customers_of_the_segment(described):
    dataset, segmentation, cards = described
    columns = {"income": ("income", "Einkommen in EUR"), "spenders": ("spend", "Umsatz (€)"), "er": ("age", "Alter")}
    for card in cards:
        for word, side in OPPOSITES.items():
            key = "income" if "income" in word else "spenders" if "spenders" in word else "er"
            column = next((name for name in columns[key] if name in dataset.frame), None)
            if word.lower() not in card.name.lower() or column is None or "(" in card.name:
                continue
            placed = (segmentation.labels >= 0).to_numpy()
            values = dataset.frame[column].to_numpy(dtype=float)
            own = values[(segmentation.labels == card.segment - 1).to_numpy()]
            own = own[np.isfinite(own)]
            middle = np.nanmedian(values[placed]) if side > 0 else np.nanmean(values[placed])
            assert (side * (own - middle) > 0).mean() >= 0.6, (card.name, column)


def test_neither_protected_nor_personal_columns_stand_in_a_name_or_a_sentence(described):
    for card in described[2]:
        text = f"{card.name} {card.sentence}".lower()
        assert not any(word in text for word in ("female", "gender", "@", "email address"))


def test_a_protected_column_that_forms_segments_names_none_of_them():
    table = pd.DataFrame(FILES["protected"])
    dataset = read_table(table.to_csv(index=False).encode(), "c.csv")
    features = (FeatureSpec("gender", Role.CATEGORY), FeatureSpec("age"))
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe(features, n_segments=3)))
    assert not any("male" in card.name.lower() or "gender" in card.name.lower() for card in cards)
    # Whoever chose it to form segments is shown it on the card.
    assert any(marker.column == "gender" for card in cards for marker in card.markers)


def test_two_columns_of_a_kind_are_told_by_their_labels():
    dataset = read_table(pd.DataFrame(FILES["years of birth"]).to_csv(index=False).encode(), "c.csv")
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3)))
    assert all("wine spend" in card.sentence and "meat spend" in card.sentence for card in cards)


def test_seventy_year_olds_are_not_called_young():
    random = np.random.default_rng(1)
    ages = np.concatenate([random.integers(66, 70, 60), random.integers(80, 84, 60)])
    dataset = read_table(
        pd.DataFrame({"age": ages, "spend": random.normal(50, 2, 120)}).to_csv(index=False).encode(), "c"
    )
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe((FeatureSpec("age"),), n_segments=2)))
    assert sorted(card.name.split()[0] for card in cards) == ["Older", "Younger"]


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("Annual Income (k$)", ("annual income", "k$", "k$", "")),
        ("Spending Score (1-100)", ("spending score", "", "", "100")),
        ("recency_days", ("recency", "days", "days", "")),
        ("NumWebVisitsMonth", ("web visits per month", "", "", "")),
        ("visits last 30 days", ("visits in the last 30 days", "", "", "")),
        ("orders_per_years", ("orders per years", "", "", "")),
        ("Umsatz_EUR", ("umsatz", "EUR", "EUR", "")),
        ("MntMeatProducts", ("spending on meat products", "", "", "")),
        ("", ("column", "", "", "")),
    ],
)
def test_headers_are_read_as_words_and_units(header, read):
    assert read_header(header) == read


def test_a_comparative_is_no_other_segments_name_and_true_against_everyone(shared_data):
    dataset = read_table(shared_data / "Mall_Customers.csv")
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=12)))
    names = [card.name for card in cards]
    assert len(set(names)) == 12
    assert not any(re.search(r"\(\d+\)$", name) for name in names)
    mean = dataset.frame["Age"].mean()
    for card in cards:
        age = next(marker.value for marker in card.markers if marker.column == "Age")
        if card.name.startswith(("Older", "Younger")):
            assert (age > mean) == card.name.startswith("Older")


def test_questions_cut_in_their_middle_are_told_apart_by_their_ends():
    question = (
        "Please say how far you agree with the following about our company and all of its many services (1 to 7) "
    )
    table = {question + "Cheap": [1, 7] * 60, question + "Friendly (always)": [7, 1] * 60, "age": [20, 60] * 60}
    dataset = read_table(pd.DataFrame(table).to_csv(index=False).encode(), "c.csv")
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=2)))
    assert {marker.label for card in cards for marker in card.markers} >= {"cheap", "friendly (always)"}
