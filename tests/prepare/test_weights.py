"""Survey weights: a weight of three is three customers, wherever something is counted."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    assign_segments,
    compare_columns,
    compare_k,
    describe_segments,
    find_rules,
    fit_segmentation,
    profile_segments,
    read_frame,
    suggest_features,
)
from segmenter.charts.profiles import box_plots, code_bars, marker_panels, parallel_profiles
from segmenter.cluster.kmeans import START_ROWS, fit_kmeans
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.explain.within import eta_squared
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.measures.separation import silhouette_samples
from segmenter.prepare.weights import effective_size, weighted_median
from segmenter.sampling import repeated_rows
from segmenter.segment.external_labels import compare_external_labels
from segmenter.segment.result import Result

N = 180


def people(scale=1.0):
    random = np.random.default_rng(3)
    group = random.integers(0, 3, N)
    weights = random.integers(1, 6, N).astype(float)
    frame = pd.DataFrame(
        {
            "age": np.round(random.normal(30 + 15 * group, 4), 1),
            "spend": np.round(random.normal(100 + 90 * (group == 1), 15), 1),
            "colour": np.array(["red", "blue", "green"])[(group + (random.random(N) < 0.2)) % 3],
            "wgt": weights * scale,
        }
    )
    return frame, weights.astype(int)


@pytest.fixture(scope="module")
def weighted():
    frame, times = people(0.4)
    dataset = read_frame(frame)
    recipe = Recipe(suggest_features(dataset), n_segments=3, weight_column="wgt")
    repeated = read_frame(frame.drop(columns="wgt").loc[np.repeat(np.arange(N), times)].reset_index(drop=True))
    repeated = replace(repeated, repeated="keep")
    plain = Recipe(tuple(each for each in recipe.features if each.column != "wgt"), n_segments=3)
    return dataset, fit_segmentation(dataset, recipe), repeated, fit_segmentation(repeated, plain), times


def test_segments_and_profiles_are_those_of_repeated_customers(weighted):
    dataset, formed, repeated, reference, times = weighted
    assert (np.repeat(formed.labels.to_numpy(), times) == reference.labels).all()
    assert formed.clusterer.centres_ == pytest.approx(reference.clusterer.centres_, abs=1e-3)
    for own, other in zip(profile_segments(dataset, formed), profile_segments(repeated, reference), strict=True):
        assert own.share == pytest.approx(other.share)
        assert dict(own.means) == pytest.approx(dict(other.means))
        assert dict(own.medians) == pytest.approx(dict(other.medians))
        assert dict(own.index) == pytest.approx(dict(other.index))
        assert dict(own.shares["colour"]) == pytest.approx(dict(other.shares["colour"]))
        assert "wgt" not in own.means
    cards = describe_segments(dataset, formed)
    assert [card.share for card in cards] == pytest.approx([each.share for each in profile_segments(dataset, formed)])


def test_labels_rules_and_value_are_those_of_repeated_customers(weighted):
    dataset, formed, repeated, reference, times = weighted
    ours, theirs = Result(dataset, formed), Result(repeated, reference)
    own, other = (compare_external_labels(each, "colour") for each in (ours, theirs))
    assert own.table.sum() == N
    assert own.shares == pytest.approx(other.shares[:, [other.labels.index(label) for label in own.labels]])
    assert own.mapping.labels == other.mapping.labels
    assert (own.mapping.baseline, own.mapping.agreement) == pytest.approx(
        (other.mapping.baseline, other.mapping.agreement)
    )
    mine, others = find_rules(dataset, formed), find_rules(repeated, reference)
    for rule, expected in zip(mine.rules, others.rules, strict=True):
        assert rule.conditions == expected.conditions
        assert (rule.coverage, rule.exclusivity) == pytest.approx((expected.coverage, expected.exclusivity))
        assert rule.size == (formed.labels == rule.segment - 1).sum()
    assert mine.tree.accuracy == pytest.approx(others.tree.accuracy)
    assert mine.tree.price == pytest.approx(others.tree.price, abs=1e-6)
    assert (ours.counted_rows == np.repeat(np.arange(N), times)).all()


def numbers_of(figure):
    """Every number that a figure draws."""
    parts = [
        np.atleast_1d(trace[key])
        for trace in figure.data
        for key in ("x", "y", "q1", "median", "q3", "lowerfence", "upperfence")
        if key in trace and trace[key] is not None
    ]
    return np.concatenate([part.astype(float) for part in parts if np.issubdtype(part.dtype, np.number)])


@pytest.mark.parametrize(
    "draw", [partial(code_bars, column="colour"), partial(box_plots, column="spend"), marker_panels, parallel_profiles]
)
def test_pictures_are_those_of_repeated_customers(weighted, draw):
    dataset, formed, repeated, reference, _ = weighted
    unweighted = replace(formed, recipe=replace(formed.recipe, weight_column=""))
    drawn = numbers_of(draw(Result(dataset, formed)))
    assert drawn == pytest.approx(numbers_of(draw(Result(repeated, reference))), abs=1e-6)
    assert drawn != pytest.approx(numbers_of(draw(Result(dataset, unweighted))), abs=1e-3)


def test_scores_count_the_weights(weighted):
    dataset, formed, repeated, _, times = weighted
    own = compare_k(dataset, formed.recipe, range(2, 4)).scores
    other = compare_k(repeated, Recipe(suggest_features(repeated)), range(2, 4)).scores
    for one, two in zip(own, other, strict=True):
        assert one.wcss * times.mean() == pytest.approx(two.wcss, rel=1e-2)
        assert one.smallest_share == pytest.approx(two.smallest_share)
        assert one.davies_bouldin == pytest.approx(two.davies_bouldin, rel=1e-2)


def test_a_silhouette_weighs_the_distances_to_others():
    random = np.random.default_rng(0)
    X, labels = random.normal(size=(30, 2)), random.integers(0, 3, 30)
    weights = random.uniform(0.3, 3, 30)
    apart = np.linalg.norm(X[:, None] - X[None], axis=2)
    expected = []
    for i in range(30):
        means = [
            np.average(apart[i, mask], weights=weights[mask])
            for k in range(3)
            for mask in [(labels == k) & (np.arange(30) != i)]
        ]
        a, b = means[labels[i]], min(each for k, each in enumerate(means) if k != labels[i])
        expected.append((b - a) / max(a, b))
    assert silhouette_samples(X, [labels], weights=weights)[0] == pytest.approx(expected, abs=1e-5)


def test_tests_have_the_effective_number_of_customers(weighted):
    dataset, formed, *_ = weighted
    random = np.random.default_rng(1)
    values, groups = random.normal(size=100), random.integers(0, 2, 100)
    same = eta_squared(values, groups, np.full(100, 7.0))
    assert same == pytest.approx(eta_squared(values, groups))
    uneven = np.where(np.arange(100) < 10, 100.0, 1.0)
    assert effective_size(uneven) == pytest.approx(1090**2 / 100_090)
    assert eta_squared(values + groups, groups, uneven)[1] > eta_squared(values + groups, groups)[1]
    assert all(0 <= each.effect <= 1 and 0 <= each.p <= 1 for each in compare_columns(dataset, formed))


def test_large_files_count_weights_too():
    random = np.random.default_rng(0)
    X = np.round(random.normal(size=(START_ROWS + 2_000, 2)) + 4 * random.integers(0, 3, (START_ROWS + 2_000, 1)), 3)
    weights = random.integers(1, 4, len(X)).astype(float)
    own = fit_kmeans(X, 3, seed=0, weights=weights)
    other = fit_kmeans(np.repeat(X, weights.astype(int), axis=0), 3, seed=0)
    assert own.wcss == pytest.approx(other.wcss, rel=1e-4)


def test_a_multiple_of_the_weights_changes_nothing():
    labels = []
    for scale in (1.0, 0.37):
        frame, _ = people(scale)
        dataset = read_frame(frame)
        labels.append(fit_segmentation(dataset, Recipe(suggest_features(dataset), 3, weight_column="wgt")).labels)
    assert (labels[0] == labels[1]).all()


def test_rows_are_repeated_in_proportion():
    assert repeated_rows(np.array([0.5, 1.5, 1.0])).tolist() == [0, 1, 1, 1, 2, 2]
    odd = np.random.default_rng(0).uniform(0.2, 4, 50)
    assert np.bincount(repeated_rows(odd)) / len(repeated_rows(odd)) == pytest.approx(odd / odd.sum(), abs=1e-5)


def test_a_weighted_median_is_that_of_repeated_values():
    values, times = np.array([3.0, 1.0, 9.0, 4.0]), np.array([2, 3, 1, 4])
    assert weighted_median(values, times * 0.1) == np.median(np.repeat(values, times))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_a_customer_without_a_weight_is_named(bad):
    frame, _ = people()
    frame.loc[6, "wgt"] = bad
    dataset = read_frame(frame)
    with pytest.raises(InvalidSettingError, match=r"wgt: 1 of 180 customers .* \(row 7 is the first\)"):
        fit_segmentation(dataset, Recipe(suggest_features(dataset), 3, weight_column="wgt"))


def test_words_unknown_columns_and_methods_that_cannot_count_are_refused(weighted):
    dataset, formed, *_ = weighted
    with pytest.raises(InvalidSettingError, match="colour holds no numbers"):
        fit_segmentation(dataset, replace(formed.recipe, weight_column="colour"))
    with pytest.raises(UnknownColumnError):
        fit_segmentation(dataset, replace(formed.recipe, weight_column="nobody"))
    with pytest.raises(InvalidSettingError, match=r"Hierarchical \(Ward\) cannot count a column of weights"):
        fit_segmentation(dataset, replace(formed.recipe, algorithm="ward"))


def test_a_saved_model_places_customers_without_weights(weighted):
    dataset, formed, *_ = weighted
    model = from_bytes(to_bytes(formed))
    assert model.recipe.weight_column == "wgt"
    without = read_frame(dataset.original.drop(columns="wgt"))
    assert (assign_segments(without, model).segmentation.labels == formed.labels).all()
