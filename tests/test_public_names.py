"""The public names: one order of arguments, help where the wrong thing is handed in, short views, examples that run."""

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import segmenter
from segmenter import (
    FeatureSpec,
    LearningRecipe,
    MethodChoice,
    Recipe,
    Result,
    SegmenterError,
    assign_segments,
    choose_features,
    classify,
    classify_customer,
    compare_k,
    compare_methods,
    fit_segmentation,
    learn,
    load_classifier,
    load_model,
    map_customers,
    measure_sensitivity,
    profile_segments,
    read_frame,
    read_purchases,
    read_table,
    save_classifier,
    save_model,
    suggest_features,
)

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = [name for name in segmenter.__all__ if inspect.isfunction(getattr(segmenter, name))]
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def frame(make_customers):
    return make_customers(120)


@pytest.fixture(scope="module")
def dataset(frame):
    return read_frame(frame.rename(columns={"income": EVIL}), name=EVIL)


@pytest.fixture(scope="module")
def recipe(dataset):
    return Recipe(suggest_features(dataset), n_segments=3)


@pytest.fixture(scope="module")
def segmentation(dataset, recipe):
    return fit_segmentation(dataset, recipe).renamed((EVIL, "", ""))


@pytest.fixture(scope="module")
def learned(dataset, segmentation):
    recipe = LearningRecipe("the segments", classifiers=("naive-bayes",), folds=2, tune=False)
    return learn(dataset, recipe, segmentation)


def test_type_checkers_and_the_program_read_the_same_list(tmp_path):
    (tmp_path / "mine.py").write_text("from segmenter import read_table\nreveal_type(read_table)\n")
    # With the project's own settings, so that what a check of the types has just found out is not found out again.
    said = subprocess.run(
        [sys.executable, "-m", "mypy", tmp_path / "mine.py"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert re.search(r'Revealed type is "def \(source: .*-> segmenter\.table\.dataset\.Dataset"', said.stdout), said


def test_importing_the_package_imports_nothing_that_calculates():
    code = (
        "import sys, segmenter; print(*sorted({'numpy', 'pandas', 'sklearn', 'plotly', 'polars'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_data_comes_first_then_the_recipe_or_the_model(name):
    parameters = list(inspect.signature(getattr(segmenter, name)).parameters)
    order = {"dataset": 0, "recipe": 1, "segmentation": 2, "model": 2}
    ranks = [order[each] for each in parameters if each in order]
    assert ranks == sorted(ranks)
    assert not {"customers", "data", "table", "df"} & set(parameters)
    if "dataset" in parameters:
        assert parameters[0] == "dataset"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_works_on_all_customers_takes_progress(name):
    parameters = inspect.signature(getattr(segmenter, name)).parameters
    works = "dataset" in parameters and {"recipe", "segmentation", "model"} & set(parameters)
    # A result holds both; reports and maps take seconds of it, the others nothing that anybody waits for.
    writes = "result" in parameters and (name.endswith("_report") or name == "map_customers")
    assert ("progress" in parameters) == bool(works or writes)


def test_progress_is_told_of_short_work_too(dataset, segmentation, learned):
    shares = []

    def progress(share, doing):
        assert doing
        shares.append(share)

    for work, model in ((assign_segments, segmentation), (profile_segments, segmentation), (classify, learned.model)):
        shares.clear()
        work(dataset, model, progress=progress)
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert shares[-1] == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_describe_every_argument(name):
    described = re.findall(r"^(\w[\w, ]*)$", inspect.getdoc(getattr(segmenter, name)), re.MULTILINE)
    described = {each for line in described for each in line.split(", ")}
    assert set(inspect.signature(getattr(segmenter, name)).parameters) <= described


MODULES = sorted({getattr(segmenter, name).__module__ for name in FUNCTIONS})


@pytest.mark.parametrize("module", ["segmenter", *MODULES])
def test_the_examples_say_what_happens(module):
    failed, _ = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_there_are_examples_on_the_whole_way():
    finder = doctest.DocTestFinder()
    shown = {name for name in FUNCTIONS for each in finder.find(getattr(segmenter, name), name) if each.examples}
    assert {
        "read_table", "read_frame", "read_sample", "suggest_features", "compare_k", "fit_segmentation",
        "profile_segments", "assign_segments", "save_model",
    } <= shown  # fmt: skip


# What is handed in wrongly, and a part of the sentence that says how to do it.
MISTAKES = {
    "a pandas table to form segments of": (lambda w: fit_segmentation(w.frame, w.recipe), r"read_frame\(table\)"),
    "a path to form segments of": (lambda w: fit_segmentation("customers.csv", w.recipe), r"read_table\(path\)"),
    "a Path object": (lambda w: fit_segmentation(Path("customers.csv"), w.recipe), r"read_table\(path\)"),
    "the recipe first": (lambda w: fit_segmentation(w.recipe, w.dataset), "data comes first"),
    "no recipe": (lambda w: fit_segmentation(w.dataset, None), "recipe must be a Recipe, not None"),
    "a number in place of a recipe": (lambda w: fit_segmentation(w.dataset, 5), r"Recipe\(suggest_features"),
    "the model first": (lambda w: assign_segments(w.segmentation, w.dataset), "data comes first"),
    "a pandas table to place": (lambda w: assign_segments(w.frame, w.segmentation), r"read_frame\(table\)"),
    "a path of a model": (lambda w: assign_segments(w.dataset, "model.segmodel.json"), r"load_model\(path\)"),
    "a classifier to place by": (lambda w: assign_segments(w.dataset, w.learned.model), r"classify\(dataset, model\)"),
    "the segmentation first": (lambda w: profile_segments(w.segmentation, w.dataset), "data comes first"),
    "a pandas table to profile": (lambda w: profile_segments(w.frame, w.segmentation), r"read_frame\(table\)"),
    "a placing to profile": (
        lambda w: profile_segments(w.dataset, assign_segments(w.dataset, w.segmentation)), r"\.segmentation is one",
    ),
    "a pandas table to compare": (lambda w: compare_k(w.frame, w.recipe), r"read_frame\(table\)"),
    "features in place of a recipe": (lambda w: compare_k(w.dataset, w.recipe.features), "not a tuple"),
    "a pandas table for methods": (lambda w: compare_methods(w.frame, w.recipe, []), r"read_frame\(table\)"),
    "a pandas table for preparation": (lambda w: measure_sensitivity(w.frame, w.recipe), r"read_frame\(table\)"),
    "a pandas table for suggestions": (lambda w: suggest_features(w.frame), r"read_frame\(table\)"),
    "a pandas table for columns": (lambda w: choose_features(w.frame, ("spend",)), r"read_frame\(table\)"),
    "a pandas table to learn": (lambda w: learn(w.frame, LearningRecipe("city")), r"read_frame\(table\)"),
    "a recipe for segments to learn": (lambda w: learn(w.dataset, w.recipe), "must be a LearningRecipe, not a Recipe"),
    "the classifier first": (lambda w: classify(w.learned.model, w.dataset), "data comes first"),
    "what learning found": (lambda w: classify(w.dataset, w.learned), r"\.model is one"),
    "a segmentation to classify by": (lambda w: classify(w.dataset, w.segmentation), "assign_segments"),
    "a table for one customer": (lambda w: classify_customer([1], w.learned.model), "must be a mapping, not a list"),
    "a Dataset to make one of": (lambda w: read_frame(w.dataset), "is a Dataset already"),
    "a path to make a Dataset of": (lambda w: read_frame("customers.csv"), r"read_table\(path\)"),
    "a polars table": (lambda w: read_frame(pl.DataFrame({"a": [1]})), r"not a polars DataFrame: call its \.to_pandas"),
    "an array": (lambda w: read_frame(np.zeros((3, 2))), "not a numpy ndarray"),
    "a pandas table to read": (lambda w: read_table(w.frame), r"read_frame\(table\)"),
    "a Dataset to read": (lambda w: read_table(w.dataset), "is a Dataset already"),
    "a pandas table of purchases": (lambda w: read_purchases(w.frame), "must be a path, not a pandas DataFrame"),
    "the path first": (lambda w: save_model("model.segmodel.json", w.segmentation), "not a str"),
    "no path": (lambda w: save_model(w.segmentation, None), "path must be a path, not None"),
    "a model to load": (lambda w: load_model(w.segmentation), "path must be a path, not a Segmentation"),
    "a folder of a classifier": (lambda w: save_classifier("here", w.learned.model), "not a str"),
    "a pandas table for a result": (lambda w: Result(w.frame, w.segmentation), r"read_frame\(table\)"),
    "a segmentation to map": (lambda w: map_customers(w.segmentation), "must be a Result, not a Segmentation"),
    "a map that is none": (
        lambda w: map_customers(Result(w.dataset, w.segmentation), "tsne"), "'tsne' is not possible. Possible: pca",
    ),
    "a map of one line": (lambda w: map_customers(Result(w.dataset, w.segmentation), "pca", 1), "2 or 3 dimensions"),
    "k as text": (lambda w: Recipe(w.recipe.features, n_segments="5"), r"n_segments must be a whole number .* not '5'"),
    "k as a fraction": (lambda w: Recipe(w.recipe.features, n_segments=5.5), "n_segments must be a whole number"),
    "k as a float": (lambda w: Recipe(w.recipe.features, n_segments=5.0), "n_segments must be a whole number"),
    "k as yes": (lambda w: Recipe(w.recipe.features, n_segments=True), "n_segments must be a whole number"),
    "a seed as text": (lambda w: Recipe(w.recipe.features, seed="x"), "seed must be a whole number"),
    "names as features": (lambda w: Recipe(["income", "spend"]), r"choose_features\(dataset"),
    "one name as features": (lambda w: Recipe("income"), r"choose_features\(dataset"),
    "k_range as a number": (lambda w: compare_k(w.dataset, w.recipe, 5), r"range\(2, 11\)"),
    "k_range as text": (lambda w: compare_k(w.dataset, w.recipe, "2-5"), r"range\(2, 11\)"),
    "k_range of fractions": (lambda w: compare_k(w.dataset, w.recipe, [2.5]), "whole number such as 4, not 2.5"),
    "columns as one text": (lambda w: choose_features(w.dataset, "spend"), r'\("spend",\)'),
    "methods as text": (lambda w: compare_methods(w.dataset, w.recipe, ["ward"]), r'MethodChoice\("ward"\)'),
}  # fmt: skip


@pytest.fixture
def world(frame, dataset, recipe, segmentation, learned):
    class World:
        pass

    world = World()
    world.frame, world.dataset, world.recipe = frame, dataset, recipe
    world.segmentation, world.learned = segmentation, learned
    return world


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_wrong_thing_is_answered_with_the_way(mistake, world):
    do, way = MISTAKES[mistake]
    with pytest.raises(SegmenterError, match=way) as caught:
        do(world)
    assert EVIL not in str(caught.value)


def test_wrong_types_are_type_errors_for_whoever_catches_those(frame, recipe):
    with pytest.raises(TypeError):
        fit_segmentation(frame, recipe)


def test_numbers_of_numpy_and_lists_are_taken_as_they_are_meant(dataset, recipe):
    again = Recipe(list(recipe.features), n_segments=np.int64(3), seed=np.int32(0))
    assert again == recipe
    assert again.to_json() == recipe.to_json()
    assert [score.k for score in compare_k(dataset, recipe, np.arange(2, 4)).scores] == [2, 3]


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_every_type_shows_itself_shortly_and_safely(dataset, recipe, segmentation, learned):
    profiles = profile_segments(dataset, segmentation)
    classified = classify(dataset, learned.model)
    one = {each.column: None for each in learned.model.fields}
    views = [
        dataset,
        compare_k(dataset, recipe, (2, 3)),
        segmentation,
        profiles,
        profiles[0],
        assign_segments(dataset, segmentation),
        Result(dataset, segmentation),
        map_customers(Result(dataset, segmentation)),
        compare_methods(dataset, recipe, [MethodChoice("ward")]),
        learned,
        learned.leaderboard,
        learned.model,
        classified,
        classify_customer(one, learned.model),
    ]
    for view in views:
        assert len(repr(view)) < 250, repr(view)
        assert repr(view).startswith(f"<{type(view).__name__}")
        assert "array(" not in repr(view)
        parser = _Text()
        parser.feed(view._repr_html_())
        assert "table" in parser.tags
        assert "script" not in parser.tags
        assert len(parser.text) < 20_000
    shown = _Text()
    shown.feed(dataset._repr_html_())
    assert EVIL in shown.text
    assert "120 customers × 5 columns" in shown.text
    shown = _Text()
    shown.feed(profiles._repr_html_())
    assert EVIL in shown.text
    assert "50" in shown.text


def test_no_view_shows_a_customer(frame, dataset, segmentation):
    for view in (dataset, segmentation, Result(dataset, segmentation), assign_segments(dataset, segmentation)):
        assert not any(each in view._repr_html_() + repr(view) for each in frame["customer_id"])


def test_a_wide_table_is_cut_short_and_says_so():
    wide = read_frame(pd.DataFrame({f"column {n}": np.arange(5.0) + n for n in range(80)}))
    assert wide._repr_html_().count("<tr>") == 51
    assert "and 30 more" in wide._repr_html_()


def test_models_are_saved_under_one_name_and_loaded_by_it(dataset, segmentation, learned, tmp_path):
    path = save_model(segmentation, str(tmp_path / "tiers"))
    assert path.name == "tiers.segmodel.json"
    assert repr(load_model(path)) == "<Segmentation: 3 segments formed from 120 customers by k-means>"
    assert "customers</th>" in load_model(str(path))._repr_html_()
    save_classifier(learned.model, tmp_path / "classifier")
    again = classify(dataset, load_classifier(str(tmp_path / "classifier"))).segments
    assert again.equals(classify(dataset, learned.model).segments)
    with pytest.raises(SegmenterError, match="nowhere"):
        load_model(tmp_path / "nowhere.segmodel.json")
    with pytest.raises(SegmenterError, match="Choose another folder"):
        save_model(segmentation, tmp_path / "no" / "folder")


def test_charts_and_downloads_are_reached_by_public_names(dataset, segmentation):
    result = Result(dataset, segmentation)
    for chart in segmenter.CHARTS.values():
        assert chart.draw(result).to_dict()["data"]
    for exporter in segmenter.EXPORTERS.values():
        if exporter.offered(result):
            assert exporter.export(result)


def test_features_of_one_column_are_enough(dataset):
    assert fit_segmentation(dataset, Recipe([FeatureSpec("spend")], n_segments=3)).n_segments == 3
