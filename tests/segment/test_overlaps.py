"""Segments beside lists, inside groups, on a map's units, and in files of their own."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    FeatureSpec,
    Recipe,
    Result,
    compare_lists,
    fit_segmentation,
    fit_within,
    read_frame,
    win_map,
)
from segmenter.charts.comparison import label_bars, label_boxes, label_shares, venn
from segmenter.errors.forming import InvalidSettingError, UnknownColumnError
from segmenter.io.export.csv import metrics_csv, predictions_csv, segments_zip
from segmenter.segment.external_labels import compare_external_labels, external_labels, list_columns, with_label_map

N = 150


@pytest.fixture(scope="module")
def result():
    random = np.random.default_rng(0)
    group = np.arange(N) % 3
    frame = pd.DataFrame(
        {
            "customer_id": [f"K{number:04d}" for number in range(N)],
            "a": np.round(random.normal(8 * group, 1), 2),
            "b": np.round(random.normal(-6 * group, 1), 2),
            "newsletter": np.where(random.random(N) < 0.2 + 0.3 * (group == 1), "yes", "no"),
            "app": random.integers(0, 2, N),
            "card": np.where(random.random(N) < 0.5, "yes", "no"),
            "stage": np.where(np.arange(N) < 90, "active", "lapsed"),
            "tier": np.array(["gold", "silver", "bronze"])[group],
        }
    )
    dataset = read_frame(frame)
    recipe = Recipe((FeatureSpec("a"), FeatureSpec("b")), n_segments=3)
    return Result(dataset, fit_segmentation(dataset, recipe))


def test_a_list_counts_who_is_on_it_in_each_segment(result):
    found = compare_lists(result, ["newsletter"])
    on = (result.dataset.original.newsletter == "yes").to_numpy()
    labels = result.segmentation.labels.to_numpy()
    for segment in range(3):
        row = found.table.iloc[segment]
        assert row["newsletter"] == on[labels == segment].sum()
        assert row["newsletter: index"] == pytest.approx(100 * on[labels == segment].mean() / on.mean())


def test_the_regions_of_three_lists_add_up_to_everyone(result):
    found = compare_lists(result, ["newsletter", "app", "card"])
    assert len(found.regions) == 8
    assert sum(found.regions.values()) == N
    original = result.dataset.original
    all_three = (original.newsletter == "yes") & (original.app.astype(int) == 1) & (original.card == "yes")
    assert found.regions[True, True, True] == all_three.sum()
    written = next(trace for trace in venn(found).data if trace.mode == "text")
    assert f"{all_three.sum():,}" in written.text
    assert len(set(zip(written.x, written.y, strict=True))) == 8


def test_a_pasted_list_is_matched_by_identifier(result):
    found = compare_lists(result, {"mine": [" K0003", "K0004 ", "nobody"], "app": result.dataset.frame.app == 1})
    assert found.members["app"].sum() == (result.dataset.original.app.astype(int) == 1).sum()
    assert found.members["mine"].nonzero()[0].tolist() == [3, 4]
    assert [note.text for note in found.notes] == [
        "mine: 1 of the 3 identifiers on the list is of no customer of this file."
    ]
    # The header of a pasted column is nobody; an identifier that stands twice is one.
    assert not compare_lists(result, {"mine": ["customer_id", "K0003", "K0003"]}).notes
    with pytest.raises(InvalidSettingError, match="none of its 2 lines is a customer"):
        compare_lists(result, {"mine": ["nobody", "either"]})


def test_an_array_of_identifiers_names_customers_and_one_of_truths_says_who(result):
    ids = result.dataset.original["customer_id"]
    few, truths = [], ids.isin(["K0003", "K0004"])
    for members in (
        np.array(["K0003", "K0004"]), pd.Series(["K0003", "K0004"]),
        truths.to_numpy(), truths.astype("boolean").where(truths, pd.NA),
    ):  # fmt: skip
        few.append(compare_lists(result, {"mine": members}).members["mine"].tolist())
    assert few == [truths.tolist()] * 4
    # As many as there are customers, but of one only.
    same = np.array(["K0003"] * len(ids))
    assert compare_lists(result, {"mine": same}).members["mine"].sum() == 1


def test_shares_of_lists_count_a_surveys_weights(result):
    random = np.random.default_rng(5)
    times = random.integers(1, 6, N)
    dataset = read_frame(result.dataset.original.assign(wgt=times * 0.5))
    recipe = Recipe(result.segmentation.recipe.features, 3, weight_column="wgt")
    found = compare_lists(Result(dataset, fit_segmentation(dataset, recipe)), {"readers": "newsletter"})
    labels = fit_segmentation(dataset, recipe).labels.to_numpy().repeat(times)
    on = (dataset.original.newsletter == "yes").to_numpy().repeat(times)
    shares = np.array([on[labels == segment].mean() for segment in range(3)])
    assert found.table["readers: share"].to_numpy() == pytest.approx(shares)
    assert found.table["readers: index"].to_numpy() == pytest.approx(100 * shares / on.mean())


def test_what_is_no_list_is_refused(result):
    with pytest.raises(UnknownColumnError):
        compare_lists(result, ["nobody"])
    with pytest.raises(InvalidSettingError, match="tier says more than yes and no"):
        compare_lists(result, ["tier"])
    with pytest.raises(InvalidSettingError, match="One to 3 lists"):
        compare_lists(result, [])
    with pytest.raises(InvalidSettingError, match="names nobody"):
        compare_lists(result, {"empty": ["", " "]})
    assert set(list_columns(result.dataset)) >= {"newsletter", "app", "card"}


def test_segments_inside_a_group_are_those_of_its_customers_alone(result):
    found = fit_within(result.dataset, result.segmentation.recipe, "stage")
    assert [each.group for each in found.groups] == ["active", "lapsed"]
    alone = read_frame(result.dataset.original[result.dataset.original.stage == "active"].reset_index(drop=True))
    reference = fit_segmentation(alone, result.segmentation.recipe)
    assert (found.groups[0].segmentation.labels == reference.labels).all()
    labelled = found.labelled()
    assert labelled.segment.notna().all()
    assert (labelled.group == labelled.stage).all()
    assert found.table()["Customers"].sum() == N


def test_groups_that_are_too_small_or_none_are_told(result):
    frame = result.dataset.original.assign(stage=["new"] * 6 + ["old"] * (N - 6))
    found = fit_within(read_frame(frame), result.segmentation.recipe, "stage")
    assert found.groups[1].segmentation is None
    assert "Too few customers" in found.groups[1].problem
    assert found.labelled().segment.isna().sum() == 6
    with pytest.raises(InvalidSettingError, match="different values"):
        fit_within(result.dataset, result.segmentation.recipe, "customer_id")


def test_every_customer_is_on_one_unit_of_a_map(result):
    recipe = Recipe(result.segmentation.recipe.features, 3, algorithm="som", settings=(("columns", 4), ("rows", 3)))
    formed = Result(result.dataset, fit_segmentation(result.dataset, recipe))
    units = win_map(formed)
    assert sorted(np.concatenate(list(units.values()))) == list(range(N))
    found = formed.segmentation.clusterer.details_
    X = formed.segmentation.preparation.transform(result.dataset.frame)
    for (row, column), rows in units.items():
        nearest = np.linalg.norm(X[rows][:, None] - found.units[None], axis=2).argmin(axis=1)
        assert set(nearest) == {(row - 1) * 4 + column - 1}
    with pytest.raises(InvalidSettingError, match="method som"):
        win_map(result)


def test_a_file_for_each_segment_holds_its_customers(result):
    with zipfile.ZipFile(io.BytesIO(segments_zip(result))) as folder:
        tables = [pd.read_csv(io.BytesIO(folder.read(name))) for name in sorted(folder.namelist())]
    assert [table.segment.unique().tolist() for table in tables] == [[1], [2], [3]]
    assert sum(len(table) for table in tables) == N


def test_metrics_are_the_scores_on_the_screen(result):
    table = pd.read_csv(io.BytesIO(metrics_csv(result)))
    of_all = table[table.segment.isna()].set_index("measure").value
    assert of_all["silhouette"] == pytest.approx(result.segmentation.quality.silhouette, rel=1e-5)
    assert table[table.measure == "customers"].value.sum() == N
    named = table[table.segment.notna()]
    assert (named.segment_name == [result.segmentation.names[int(number) - 1] for number in named.segment]).all()
    assert all(len(f"{value:.10g}".replace(".", "").strip("0")) <= 6 for value in table.value.dropna())


def test_predictions_name_the_second_best(result):
    comparison = compare_external_labels(result, "tier")
    table = pd.read_csv(io.BytesIO(predictions_csv(with_label_map(result, comparison.mapping))))
    assert list(table) == ["customer_id", "tier", "second_best", "margin"]
    assert (table.tier == result.dataset.original.tier).all()
    assert (table.second_best != table.tier).all()
    # Two of the segments stand for one label: who is of one of them has the third's as second best.
    known = replace(comparison.mapping, labels=("gold", "gold", "silver"))
    shared = pd.read_csv(io.BytesIO(predictions_csv(with_label_map(result, known))))
    assert (shared.tier + shared.second_best).isin({"goldsilver", "silvergold"}).all()
    X = result.segmentation.preparation.transform(result.dataset.frame)
    away = np.linalg.norm(X[:, None] - result.segmentation.clusterer.centres_[None], axis=2)
    labels = result.segmentation.labels.to_numpy()
    own, other = away[np.arange(N), labels], np.where(labels == 2, away[:, :2].min(axis=1), away[:, 2])
    assert shared.margin.to_numpy() == pytest.approx(1 - own / other, abs=6e-4)
    alone = replace(comparison.mapping, labels=("gold",) * 3)
    assert pd.read_csv(io.BytesIO(predictions_csv(with_label_map(result, alone)))).second_best.isna().all()


def test_the_pictures_of_a_label_show_its_customers(result):
    comparison = compare_external_labels(result, "tier")
    assert sum(label_bars(comparison).data[0].y) == N
    shares = np.array([trace.x for trace in label_shares(comparison, result.segmentation.names).data])
    assert shares.sum(axis=0) == pytest.approx(1.0)
    labels = external_labels(result.dataset, "tier")
    boxes = {trace.x[0]: trace.median[0] for trace in label_boxes(labels, result.dataset.frame.a).data}
    assert boxes == pytest.approx(dict(result.dataset.frame.a.groupby(labels).median()))
