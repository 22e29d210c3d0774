"""A card says who a segment is: every number a cell of its profile, every name true and its own."""

import re

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    FeatureSpec,
    Recipe,
    compare_k,
    describe_labels,
    describe_segments,
    fit_segmentation,
    name_segments,
    profile_segments,
    read_frame,
    read_table,
    suggest_features,
    suggest_value_column,
    summarise_segments,
)
from segmenter.display import percent_text, whole_percent
from segmenter.errors.base import SegmenterError
from segmenter.explain.money import money_of, words_of_value


def segmented(frame, k, **settings):
    dataset = read_frame(frame) if isinstance(frame, pd.DataFrame) else frame
    return dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=k, **settings))


@pytest.fixture(scope="module")
def mall(shared_data):
    return segmented(read_table(shared_data / "Mall_Customers.csv"), 6)


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers_in(text):
    return [float(each.replace(",", "")) for each in NUMBER.findall(text)]


def cells_of(profile, everyone=()):
    cells = [profile.size, *(abs(each) for each in (*profile.means.values(), *profile.medians.values()))]
    cells += [100 * share for shares in profile.shares.values() for share in shares.values()]
    cells += [100 * each for each in profile.means.values()]
    for index in [*profile.index.values(), *(v for each in profile.share_index.values() for v in each.values())]:
        cells += [abs(index - 100), index / 100]
    return np.array([*cells, *everyone], dtype=float)


def is_a_cell(number, written_with, cells):
    """Whether a number is one of the cells, rounded to as many digits as it is written with."""
    return bool((np.abs(cells - number) <= 0.5 * 10.0**-written_with + 1e-9).any())


def unknown_numbers(card, profile, labels=()):
    text = card.sentence
    for label in sorted(labels, key=len, reverse=True):
        text = text.replace(label, " ")
    text = re.sub(r"of \d+(?=\b)", " ", text).replace("> 99 %", " ").replace("< 1 %", " ")
    text = re.sub(r"\d{4}-\d\d-\d\d", " ", text)  # dates have no cell; they are compared with the file's own
    cells = cells_of(profile)
    written = [(each, len(each.partition(".")[2])) for each in NUMBER.findall(text)]
    return [each for each, digits in written if not is_a_cell(float(each.replace(",", "")), digits, cells)]


def test_the_cards_of_the_mall_say_who_its_six_kinds_of_visitors_are(mall):
    cards = describe_segments(*mall)
    assert [card.name for card in cards] == [
        "Older mid-range customers",
        "High-income big spenders",
        "Young mid-range customers",
        "High-income small spenders",
        "Young low-income big spenders",
        "Low-income small spenders",
    ]
    assert cards[1].sentence == (
        "39 customers, about 33 years old, earning 87 k$, spending score 82 of 100 (64 % above average)."
    )
    assert [card.percent for card in cards] == [23, 20, 19, 17, 12, 11]
    assert cards[1].money.text == "3,375 k$ annual income, 28 % of the total"
    assert [card.low_base for card in cards] == ["*", "*", "*", "*", "**", "**"]
    assert [marker.text for marker in cards[3].markers] == ["42 years", "89 k$", "17 of 100"]
    assert [marker.direction for marker in cards[3].markers] == ["above", "above", "below"]


def test_a_name_that_somebody_gave_is_kept_and_the_others_are_suggested(mall):
    dataset, segmentation = mall
    renamed = segmentation.renamed(("", "Our best", "", "", "", ""))
    cards = describe_segments(dataset, renamed)
    assert cards[1].name == "Our best"
    assert cards[1].suggested == "High-income big spenders"
    assert cards[0].name == "Older mid-range customers"
    assert name_segments(dataset, renamed).names[:2] == ("Older mid-range customers", "Our best")


def test_labels_alone_are_described_as_the_segments_they_are(make_customers):
    frame = make_customers(200)
    frame.loc[:3, "income"] = np.nan
    dataset = read_frame(frame)
    recipe = Recipe(suggest_features(dataset), n_segments=3)
    selection = compare_k(dataset, recipe, range(2, 4))
    assert len(selection.labels[3]) < dataset.n_customers
    seen = describe_labels(dataset, recipe, selection.labels[3], stability=selection.found_again[3])
    formed = describe_segments(dataset, fit_segmentation(dataset, recipe))
    assert [(each.name, each.sentence, each.size, each.light) for each in seen] == [
        (each.name, each.sentence, each.size, each.light) for each in formed
    ]


def test_labels_of_other_customers_are_refused(mall):
    dataset, segmentation = mall
    with pytest.raises(SegmenterError, match="assign_segments"):
        describe_labels(dataset, segmentation.recipe, [0, 1, 0])


@pytest.mark.parametrize(("share", "percent"), [(0.095, 10), (0.105, 11), (0.145, 15), (0.5, 50), (1 / 3, 33), (0, 0)])
def test_a_share_reads_the_same_on_a_card_as_in_a_text_halves_up(share, percent):
    assert whole_percent(share) == percent
    assert percent_text(share) == f"{percent} %"


def test_money_adds_up_and_a_share_of_losses_is_not_said():
    frame = pd.DataFrame({
        "age": [20.0, 21, 22, 23, 60, 61, 62, 63] * 5,
        "revenue": [10.0, 20, 30, 40, 100, 200, 300, 400] * 5,
        "profit": [-10.0, 20, 30, 40, 100, 200, 300, 400] * 5,
    })  # fmt: skip
    dataset = read_frame(frame)
    segmentation = fit_segmentation(dataset, Recipe((FeatureSpec("age"),), n_segments=2))
    assert suggest_value_column(dataset) == "revenue"
    cards = {card.markers[0].direction: card for card in describe_segments(dataset, segmentation)}
    assert cards["above"].money.sum == 5_000
    assert cards["above"].money.share == pytest.approx(5_000 / 5_500)
    assert cards["above"].money.per_head == 250
    losses = describe_segments(dataset, segmentation, value_column="profit")
    assert [card.money.share for card in losses] == [None, None]
    assert all(card.money is None for card in describe_segments(dataset, segmentation, value_column=""))
    with pytest.raises(SegmenterError, match="nowhere"):
        describe_segments(dataset, segmentation, value_column="nowhere")


def test_money_of_customers_who_count_differently_is_by_what_they_count_for():
    dataset = read_frame(pd.DataFrame({"age": [20.0, 21, 60, 61], "revenue": [10.0, np.nan, 100, 300]}))
    labels, weights = np.array([0, 0, 1, 1]), np.array([0.5, 1.5, 0.4, 1.6])
    words = words_of_value((), "revenue")
    young, old = money_of(dataset, words, labels, 2, weights)
    # 10 × .5; 100 × .4 + 300 × 1.6, of two that count for 2.
    assert (young.sum, young.heads, young.per_head) == (5, 0.5, 10)
    assert (old.sum, old.heads, old.per_head) == (520, 2, 260)


def test_every_number_in_a_sentence_is_a_cell_of_the_profile(mall):
    profiles = profile_segments(*mall)
    for card, profile in zip(describe_segments(*mall), profiles, strict=True):
        assert unknown_numbers(card, profile) == []


def test_the_summary_marks_segments_of_few_customers(mall):
    table = summarise_segments(*mall)
    marks = table[table["figure"] == "stars"].iloc[0]
    sizes = table[table["figure"] == "customers"].iloc[0]
    assert list(marks.iloc[3:]) == [2 if each < 30 else 1 if each < 60 else 0 for each in sizes.iloc[3:]]
    assert "fewer than 60" in marks["column"]
