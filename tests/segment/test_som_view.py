"""A map in the user's words carries the numbers of the map, in the units of the file."""

from dataclasses import replace

import numpy as np
import pytest

from segmenter import Recipe, Result, assign_segments, choose_features, config, fit_segmentation, read_table
from segmenter.charts.methods import hits
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.segment.embed import customers_on_map, som_view

SMALL = (("columns", 5), ("rows", 4))
CHOSEN = ("income", "spend", "city")


@pytest.fixture(scope="module")
def dataset(make_customers):
    return read_table(make_customers(150).to_csv(index=False).encode())


@pytest.fixture(scope="module")
def result(dataset):
    recipe = Recipe(choose_features(dataset, CHOSEN), 3, algorithm="som", settings=SMALL)
    return Result(dataset, fit_segmentation(dataset, recipe))


@pytest.fixture(scope="module")
def shown(result):
    return som_view(result)


def test_every_customer_is_on_a_unit_of_its_own_segment(result, shown):
    customers = customers_on_map(result, shown.found)
    unit = np.rint(customers["down"]).astype(int) * 5 + np.rint(customers["across"]).astype(int)
    assert shown.segments[unit].tolist() == customers["segment"].tolist()
    assert np.bincount(unit, minlength=20).tolist() == shown.found.hits.tolist()


def test_no_two_customers_stand_on_the_same_spot(result, shown):
    assert not customers_on_map(result, shown.found)[["down", "across"]].round(6).duplicated().any()


def test_of_many_customers_a_sample_in_proportion_is_drawn(result, shown, monkeypatch):
    monkeypatch.setattr(config, "MAX_POINTS_SHOWN", 75)
    drawn = customers_on_map(result, shown.found)["segment"].value_counts()
    assert drawn.to_dict() == {
        segment: max(20, size // 2) for segment, size in result.segmentation.labels.value_counts().items()
    }


def test_planes_are_in_the_files_own_units(result, shown):
    hits = shown.found.hits
    frame = result.dataset.frame
    # Every unit is a weighted mean of customers, so none is beyond them, and the busy ones are around their mean.
    assert shown.planes["income"].between(frame["income"].min(), frame["income"].max()).all()
    assert np.average(shown.planes["income"], weights=hits) == pytest.approx(frame["income"].mean(), rel=0.05)


def test_planes_of_a_category_are_the_shares_of_its_customers(result, shown):
    cities = [name for name in shown.planes if name.startswith("city: ")]
    assert len(cities) == 3
    assert shown.planes[cities].sum(axis=1).to_numpy() == pytest.approx(np.ones(20))
    share = (result.dataset.frame["city"] == "Oslo").mean()
    assert np.average(shown.planes["city: Oslo"], weights=shown.found.hits) == pytest.approx(share, abs=0.05)


def test_columns_that_tell_the_segments_apart_come_first(shown):
    assert set(shown.telling_planes) == set(shown.planes)
    hits, values = shown.found.hits.astype(float), shown.planes

    def share_between(name):
        middle = np.average(values[name], weights=hits)
        means = np.array(
            [
                np.average(values[name][shown.segments == segment], weights=hits[shown.segments == segment])
                for segment in range(3)
            ]
        )
        between = np.average((means[shown.segments] - middle) ** 2, weights=hits)
        return between / np.average((values[name] - middle) ** 2, weights=hits)

    shares = [share_between(name) for name in shown.telling_planes]
    assert shares == sorted(shares, reverse=True)


def test_the_part_explained_is_one_less_the_ratio_of_the_distances(shown):
    assert replace(shown.found, quantization_error=1.0, spread=4.0).explained_share == 0.75
    # Customers who are all alike have nothing to explain.
    assert replace(shown.found, quantization_error=0.0, spread=0.0).explained_share == 1.0


def test_the_spread_is_the_mean_distance_to_the_middle(result, shown):
    X = result.segmentation.preparation.transform(result.dataset.frame)
    assert shown.found.spread == pytest.approx(np.linalg.norm(X - X.mean(axis=0), axis=1).mean())


def test_the_table_has_a_line_per_unit_and_no_column_twice(shown):
    named = replace(shown, planes=shown.planes.rename(columns={"income": "customers"}))
    table = named.table()
    assert table.columns.is_unique
    assert len(table) == 20
    assert table["customers"].sum() == 150
    assert table.loc[7, ["row", "column"]].tolist() == [2, 3]
    assert table.loc[7, "segment"] == shown.names[shown.segments[7]]


def test_another_cut_gives_as_many_segments_without_forming_them_anew(shown):
    for k in (2, 3, 6):
        assert set(shown.found.cut(k)[shown.found.leaves]) == set(range(k))
    # The map's own cut is the one asked for, under the numbers that all results have.
    pairs = set(zip(shown.found.cut(3), shown.segments, strict=True))
    assert len(pairs) == 3


def test_segments_from_centres_or_from_a_file_have_no_map(result, dataset):
    plain = fit_segmentation(dataset, Recipe(choose_features(dataset, CHOSEN), 3))
    assert som_view(Result(dataset, plain)) is None
    loaded = from_bytes(to_bytes(result.segmentation))
    assert som_view(Result(dataset, loaded)) is None


def test_new_customers_stand_on_the_same_map_whatever_their_columns_are_called(result, shown, make_customers):
    table = make_customers(40, seed=5)
    renamed = read_table(table.rename(columns={"income": "Income "}).to_csv(index=False).encode())
    assignment = assign_segments(renamed, result.segmentation)
    customers = customers_on_map(Result(renamed, assignment.segmentation, assignment), shown.found)
    unit = np.rint(customers["down"]).astype(int) * 5 + np.rint(customers["across"]).astype(int)
    assert shown.segments[unit].tolist() == customers["segment"].tolist()


@pytest.mark.parametrize("grid", ["hexagonal", "rectangular"])
def test_each_unit_can_be_picked_in_the_chart_of_customers_per_unit(result, grid):
    settings = (*((key, value) for key, value in result.segmentation.recipe.settings if key != "grid"), ("grid", grid))
    recipe = replace(result.segmentation.recipe, settings=tuple(sorted(settings)))
    found = som_view(Result(result.dataset, fit_segmentation(result.dataset, recipe)))
    # A heat map's cells cannot be picked, and what is skipped by the pointer cannot either.
    traces = [each for each in hits(found).data if each.type == "scatter" and "markers" in each.mode]
    assert [len(each.x) for each in traces] == [found.found.grid.n_units]
    assert all(each.hoverinfo != "skip" for each in traces)
