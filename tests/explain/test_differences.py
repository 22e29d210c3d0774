"""What tells segments apart agrees with SciPy; margins and money with arithmetic on the file."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, f_oneway
from scipy.stats.contingency import association

from segmenter import (
    FeatureSpec,
    Recipe,
    Result,
    compare_columns,
    describe_segments,
    fit_segmentation,
    read_frame,
    suggest_features,
)
from segmenter.explain.cards import list_customers, summarise_segments, typical_customers
from segmenter.explain.columns import column_words, decimals_for
from segmenter.explain.money import attractiveness_criteria, concentrate, weighted_scores, words_of_value


@pytest.fixture(scope="module")
def result(make_customers):
    dataset = read_frame(make_customers(300))
    return Result(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=3)))


def test_effects_and_tests_are_those_of_scipy(result):
    labels, frame = result.segmentation.labels, result.dataset.frame
    found = {each.column: each for each in compare_columns(result.dataset, result.segmentation)}
    p_values = {}
    for name in ("income", "spend", "visits"):
        groups = [frame.loc[labels == each, name] for each in range(3)]
        between = sum(len(g) * (g.mean() - frame[name].mean()) ** 2 for g in groups)
        assert found[name].effect == pytest.approx(between / ((frame[name] - frame[name].mean()) ** 2).sum())
        p_values[name] = f_oneway(*groups).pvalue
    table = pd.crosstab(frame["city"], labels)
    p_values["city"] = chi2_contingency(table, correction=False).pvalue
    assert found["city"].measure == "Cramér's V"
    assert found["city"].effect <= association(table) + 1e-9
    order = sorted(p_values, key=p_values.get)
    corrected, before = {}, 0.0
    for place, name in enumerate(order):
        before = corrected[name] = max(before, min(1.0, (len(order) - place) * p_values[name]))
    assert {name: found[name].p for name in p_values} == pytest.approx(corrected, abs=1e-12)


def test_the_columns_that_drive_the_segments_move_customers_and_descriptors_none(result):
    found = {each.column: each for each in compare_columns(result.dataset, result.segmentation)}
    assert found["spend"].importance > 0.2
    assert found["visits"].forming == (found["visits"].importance is not None)
    assert found["city"].importance is None


def test_margins_are_relative_distances_to_the_two_nearest_centres(result):
    X = result.segmentation.preparation.transform(result.dataset.frame)
    far = np.linalg.norm(X[:, None] - result.segmentation.clusterer.centres_[None], axis=2)
    labels = result.segmentation.labels.to_numpy()
    nearest = np.sort(far, axis=1)
    assert result.margins.margin == pytest.approx(1 - nearest[:, 0] / nearest[:, 1])
    assert (result.margins.second == np.argsort(far, axis=1)[:, 1]).all()
    assert (result.margins.second != labels).all()
    labelled = result.labelled()
    assert list(labelled.columns[-3:]) == ["second_best", "margin", "light"]
    assert set(labelled["light"]) <= {"green", "amber", "red"}


def test_the_list_finds_what_is_searched_for_and_starts_between_two_segments(result):
    found = list_customers(result, (2,), "oslo")
    wanted = (result.segmentation.labels == 1) & (result.dataset.frame["city"] == "Oslo")
    assert sorted(found.table["row"] - 1) == list(np.flatnonzero(wanted))
    assert found.table["margin"].is_monotonic_increasing
    assert list_customers(result, (), "nowhere to be found").n_found == 0


def test_typical_customers_have_the_middle_of_each_column(result):
    table = typical_customers(result)
    first = result.segmentation.labels == 0
    assert table.loc["City", result.segmentation.names[0]] == result.dataset.frame.loc[first, "city"].mode()[0]


def test_a_fifth_of_the_customers_holds_what_arithmetic_says(result):
    labels = result.segmentation.labels.to_numpy()
    cards = describe_segments(result.dataset, result.segmentation, value_column="visits")
    words = words_of_value(column_words(result.dataset, result.segmentation.recipe), "visits")
    found = concentrate(result.dataset, words, labels, tuple(card.money for card in cards))
    visits = result.dataset.frame["visits"].sort_values(ascending=False)
    assert found.top_share == pytest.approx(visits.iloc[:60].sum() / visits.sum())
    assert found.segments_share >= 0.5
    assert sum(cards[each - 1].money.share for each in found.segments[:-1]) < 0.5


def test_customers_of_whom_no_value_is_known_do_not_bring_nought():
    spend = [*range(10, 90), *[np.nan] * 80]
    dataset = read_frame(pd.DataFrame({"age": [20, 60] * 80, "spend": spend}))
    segmentation = fit_segmentation(dataset, Recipe((FeatureSpec("age"),), n_segments=2))
    cards = describe_segments(dataset, segmentation)
    words = words_of_value(column_words(dataset, segmentation.recipe), "spend")
    found = concentrate(dataset, words, segmentation.labels.to_numpy(), tuple(card.money for card in cards))
    assert found.top_share == pytest.approx(sum(range(74, 90)) / sum(range(10, 90)))
    assert "with a value" in found.text


def test_weights_decide_what_is_attractive():
    criteria = attractiveness_criteria((10, 30, 20), (), (1.0, 0.0, 0.5), (None, None, None))
    assert [each.key for each in criteria] == ["size", "reliable"]
    assert weighted_scores(criteria, {"size": 1, "reliable": 0}) == (0, 10, 5)
    assert weighted_scores(criteria, {"size": 0, "reliable": 2}) == (10, 0, 5)
    assert weighted_scores(criteria, {"size": 0, "reliable": 0}) == (5, 5, 5)


def test_the_summary_has_one_row_a_column_and_is_rounded(result):
    table = summarise_segments(result.dataset, result.segmentation).set_index("column")
    assert list(table.columns) == ["figure", "everyone", *result.segmentation.names]
    assert table.loc["Customers", list(result.segmentation.names)].sum() == table.loc["Customers", "everyone"] == 300
    income = result.dataset.frame["income"].groupby(result.segmentation.labels).mean()
    assert list(table.loc["Income"][2:]) == pytest.approx(list(income), abs=0.05)
    numbers = [value for value in table.drop(columns="figure").to_numpy().ravel() if isinstance(value, float)]
    assert all(len(f"{value:.12g}".partition(".")[2]) <= 2 for value in numbers)


@pytest.mark.parametrize(
    ("size", "whole", "digits"),
    [
        (12_345.6, False, 0),
        (56.2, True, 0),
        (56.2, False, 1),
        (3.2, True, 1),
        (0.5, False, 2),
        (0.004, False, 4),
        (0, False, 0),
    ],
)
def test_digits_follow_from_the_size_of_the_values(size, whole, digits):
    assert decimals_for(size, whole=whole) == digits
