"""Maps keep what they promise, whatever the order of the file, and say what they leave out."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from segmenter.errors.base import SegmenterError
from segmenter.recipe.recipe import FeatureSpec, Missing, Recipe
from segmenter.segment import embed
from segmenter.segment.assign import assign_segments
from segmenter.segment.embed import MAPS, map_customers, sampled
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from segmenter.table.columns import read_frame
from tests.methods_for_tests import register

FEATURES = (FeatureSpec("income"), FeatureSpec("spend"), FeatureSpec("visits"))


def formed(frame, algorithm="k-means", features=FEATURES):
    customers = read_frame(frame)
    return Result(customers, fit_segmentation(customers, Recipe(features, 3, algorithm=algorithm)))


@pytest.fixture(scope="module")
def result(make_customers):
    return formed(make_customers(120))


def prepared(result):
    return result.segmentation.preparation.transform(result.model_frame)


def test_pca_is_that_of_scikit_learn(result):
    drawn = map_customers(result, "pca", 3)
    reference = PCA(3).fit(prepared(result))
    assert drawn.shares == pytest.approx(reference.explained_variance_ratio_)
    expected = reference.transform(prepared(result)[drawn.rows])
    assert np.abs(drawn.coordinates) == pytest.approx(np.abs(expected))


def test_one_column_makes_a_line(make_customers):
    drawn = map_customers(formed(make_customers(60), features=FEATURES[:1]), "pca", 3)
    assert drawn.shares == (pytest.approx(1.0), 0.0, 0.0)
    assert not drawn.coordinates[:, 1:].any()


@pytest.mark.parametrize("n_dimensions", [2, 3])
def test_neighbours_stay_neighbours_on_a_t_sne_map(result, n_dimensions):
    drawn = map_customers(result, "t-sne", n_dimensions)
    assert drawn.coordinates.shape == (120, n_dimensions)
    assert trustworthiness(prepared(result)[drawn.rows], drawn.coordinates, n_neighbors=5) > 0.9
    assert drawn.shares == ()


def test_the_same_customers_make_the_same_map_in_any_order(make_customers):
    frame = make_customers(90)
    shuffled = frame.sample(frac=1, random_state=5)
    first, second = (map_customers(formed(each.reset_index(drop=True)), "t-sne") for each in (frame, shuffled))
    assert list(shuffled.index[second.rows]) == list(first.rows)
    assert np.array_equal(first.coordinates, second.coordinates)


def test_every_customer_drawn_has_its_segment(result):
    drawn = map_customers(result)
    assert sorted(drawn.rows) == list(range(120))
    assert list(drawn.segments) == list(result.segmentation.labels.iloc[drawn.rows])


def test_large_files_are_sampled_in_proportion_and_small_segments_kept():
    X = np.random.default_rng(0).normal(size=(10_000, 2))
    labels = np.repeat([0, 1, 2], [8_000, 1_970, 30])
    drawn = labels[sampled(X, labels, 1_000)]
    assert np.bincount(drawn).tolist() == [800, 197, 20]
    assert len(np.unique(sampled(X, labels, 1_000))) == 1_017


def test_customers_that_fit_no_segment_are_drawn_and_those_without_a_value_are_not(make_customers, monkeypatch):
    register(monkeypatch)
    result = formed(make_customers(120), "leaves-out")
    drawn = map_customers(result)
    assert (drawn.segments == -1).sum() == result.n_left_out > 0
    gaps = make_customers(120).assign(income=lambda each: each["income"].where(each.index > 9))
    complete_only = tuple(replace(spec, missing=Missing.DROP) for spec in FEATURES)
    model = formed(make_customers(120), features=complete_only).segmentation
    placed = assign_segments(read_frame(gaps), model)
    assert map_customers(Result(read_frame(gaps), placed.segmentation, placed)).n_all == 110


def test_columns_matched_by_name_are_found(make_customers):
    other = read_frame(make_customers(80).rename(columns={"income": "Income"}))
    assignment = assign_segments(other, formed(make_customers(120)).segmentation)
    assert map_customers(Result(other, assignment.segmentation, assignment)).n_all == 80


def test_a_map_of_too_few_customers_is_refused(make_customers):
    few = read_frame(make_customers(9))
    assignment = assign_segments(few, formed(make_customers(120)).segmentation)
    with pytest.raises(SegmenterError, match="needs 10 customers to draw; there are 9"):
        map_customers(Result(few, assignment.segmentation, assignment))


def test_what_is_not_installed_says_how_to_install_it(result, monkeypatch):
    monkeypatch.setattr(embed, "find_spec", lambda _: None)
    assert "pip install -r requirements-maps.txt" in MAPS["umap"].needs
    assert MAPS["t-sne"].needs == ""
    with pytest.raises(SegmenterError, match=r"UMAP is not installed here\. Install it with: pip"):
        map_customers(result, "umap")


def test_umap_is_asked_for_a_repeatable_map(result, monkeypatch):
    asked = {}

    def umap(**settings):
        asked.update(settings)
        return SimpleNamespace(fit_transform=lambda X: X[:, :2])

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=umap))
    monkeypatch.setattr(embed, "find_spec", lambda name: name)
    drawn = map_customers(result, "umap", seed=7)
    assert asked == {"n_components": 2, "n_neighbors": 15, "random_state": 7, "n_jobs": 1}
    assert np.array_equal(drawn.coordinates, prepared(result)[drawn.rows][:, :2])
