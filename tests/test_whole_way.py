"""What `from segmenter import …` offers is there, explained, and carries the whole way through."""

import inspect
import subprocess
import sys

import pytest

import segmenter
from segmenter import (
    LearningRecipe,
    Recipe,
    assign_segments,
    classify,
    compare_k,
    fit_segmentation,
    learn,
    load_model,
    profile_segments,
    read_frame,
    save_model,
    suggest_features,
    summary_table,
)
from segmenter.choose.methods import MethodChoice, compare_methods

# The steps of the way, and what each gives: whoever drops one breaks somebody's script.
STEPS = {
    "read_table": "Dataset",
    "read_purchases": "Dataset",
    "read_frame": "Dataset",
    "read_sample": "Dataset",
    "compare_k": "KSelection",
    "fit_segmentation": "Segmentation",
    "assign_segments": "Assignment",
    "learn": "Learned",
    "classify": "Classified",
    "classify_customer": "CustomerPrediction",
}


@pytest.fixture(scope="module")
def customers(make_customers):
    return read_frame(make_customers(120))


@pytest.mark.parametrize("name", segmenter.__all__)
def test_every_name_is_there_and_says_what_it_is_for(name):
    offered = getattr(segmenter, name)
    if name not in {"CHARTS", "EXPORTERS", "SECTIONS", "Progress"}:  # values, explained where they stand
        assert inspect.getdoc(offered)
        assert offered.__module__.startswith("segmenter.")


@pytest.mark.parametrize(("step", "gives"), STEPS.items())
def test_every_step_gives_a_type_that_is_offered_too(step, gives):
    assert step in segmenter.__all__
    assert gives in segmenter.__all__
    returned = inspect.signature(getattr(segmenter, step)).return_annotation
    assert gives in (returned if isinstance(returned, str) else inspect.formatannotation(returned))


def test_one_file_goes_the_whole_way(customers, tmp_path):
    recipe = Recipe(suggest_features(customers), n_segments=3)
    assert [score.k for score in compare_k(customers, recipe, k_range=(2, 3)).scores] == [2, 3]
    compared = compare_methods(customers, recipe, [MethodChoice("ward")])
    assert [score.choice.key for score in compared.scores] == ["k-means", "ward"]
    segmentation = fit_segmentation(customers, recipe)
    profiles = profile_segments(customers, segmentation)
    assert sum(profile.size for profile in profiles) == 120
    assert summary_table(profiles)["segment"].tolist() == [1, 2, 3]
    again = assign_segments(customers, load_model(save_model(segmentation, tmp_path / "three"))).segmentation.labels
    assert again.tolist() == segmentation.labels.tolist()


def test_segments_just_formed_are_learnt_and_told(customers):
    segmentation = fit_segmentation(customers, Recipe(suggest_features(customers), n_segments=3))
    recipe = LearningRecipe("the segments", classifiers=("naive-bayes",), folds=2, tune=False)
    learned = learn(customers, recipe, segmentation)
    told = classify(customers, learned.model).segments
    own = segmentation.labels.map(dict(enumerate(segmentation.names)))
    assert (told.to_numpy() == own.to_numpy()).mean() > 0.9


def test_a_name_that_is_not_there_is_refused_as_in_any_module():
    with pytest.raises(AttributeError, match="clusters"):
        _ = segmenter.clusters


def test_reading_a_file_does_not_load_what_forms_segments():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, segmenter.io.read; print('sklearn' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "False"
