"""The first value of a file that is not what it should be is named, whatever the method, the version and the place."""

import json
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from sklearn.datasets import make_classification

from segmenter import assign_segments, check_model, read_table, refit
from segmenter.classification.classifiers.network import NetworkClassifier, NetworkSettings
from segmenter.cluster import ALGORITHMS
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.models import InvalidModelError, UnwritableModelError
from segmenter.io.model import schema
from segmenter.io.model.classifiers import read_learner, written_learner
from segmenter.io.model.codec import RULES
from segmenter.io.model.folder import MODELS_FOLDER
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.monitor.drift import Advice
from segmenter.networks.network import LearningCurve
from tests.io.model.mutations import signed
from tests.io.model.saved_models import MODELS, classifier_file, customers, model_file, older, parts_of, segmentation

# Written by the versions themselves, with the segments that they gave: never to be written again.
EARLIER = Path(__file__).parent / "earlier"
METHOD_OF = {
    "mixture": "full mixture",
    "nested": "bisecting",
    "prototypes": "k-prototypes",
    "nearest-unit": "hdbscan",
    "encoded": "autoencoder",
    "latent-class": "latent-class",
    "components": "mixture of components",
    None: "k-means",
}


def plain_of(name):
    return json.loads(model_file(name))


def read(plain):
    return from_bytes(signed(json.dumps(plain)))


@pytest.mark.parametrize("name", [f"{method}{mixed}" for method in ALGORITHMS for mixed in ("", " of mixed columns")])
def test_a_model_of_every_method_is_read_as_it_was_written(name):
    method, mixed = name.removesuffix(" of mixed columns"), "mixed" in name
    formed, loaded = segmentation(method, mixed=mixed), from_bytes(model_file(name))
    assert to_bytes(loaded) == model_file(name)
    assert loaded.preparation.columns_ == formed.preparation.columns_
    placed = assign_segments(customers(), loaded).segmentation.labels
    assert (placed == assign_segments(customers(), formed).segmentation.labels).all()


@pytest.mark.parametrize(
    ("name", "version"), [("k-means", 1), ("k-means", 2), ("som", 2), ("bisecting", 2), ("gaussian-mixture", 3)]
)
def test_files_of_earlier_versions_place_customers_as_before(name, version):
    loaded = read(older(plain_of(name), version))
    today = assign_segments(customers(), from_bytes(model_file(name))).segmentation.labels
    assert (assign_segments(customers(), loaded).segmentation.labels == today).all()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_that_an_earlier_version_wrote_is_taken_and_places_every_customer_as_then(version):
    content = (EARLIER / f"version_{version}.segmodel.json").read_bytes()
    plain = json.loads(content)
    assert plain["version"] == version
    jsonschema.validate(plain, json.loads((MODELS_FOLDER / "segmodel.schema.json").read_bytes()))
    model, dataset = from_bytes(content), read_table(EARLIER / "customers.csv")
    then = dataset.original[f"version_{version}"].astype(int) - 1
    placed = assign_segments(dataset, model)
    assert placed.segmentation.labels.tolist() == then.tolist()
    with pytest.raises(InvalidSettingError, match="earlier version"):
        check_model(dataset, placed)
    # Formed anew, it is a model of today that keeps what its segments were called, and can be asked next month.
    anew, _ = refit(dataset, model.renamed(("Few", "Some", "Many")))
    assert set(anew.names) == {"Few", "Some", "Many"}
    loaded = from_bytes(to_bytes(anew))
    assert check_model(dataset, assign_segments(dataset, loaded)).advice is Advice.KEEP


def test_every_kind_of_rule_is_tried_here():
    assert set(METHOD_OF) == {*RULES, None}
    for kind, name in METHOD_OF.items():
        assert (plain_of(name)["placement"] or {"type": None})["type"] == kind


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("mixture", {"weights": [0.5, 0.5, 0.5]}, "placement.weights are not shares"),
        ("mixture", {"weights": [0.5, 0.7, -0.2]}, "placement.weights[2] is not above 0"),
        ("mixture", {"weights": [0.5, 0.5]}, "placement.weights does not have 3 values"),
        ("mixture", {"means": [[0, 0]]}, "placement.means does not have 3 rows"),
        ("mixture", {"triangles": [[1, 0, 0]] * 3}, "hold a spread that is not above zero"),
        ("mixture", {"triangles": [[1, 0, 0, 0]] * 3}, "placement.triangles[0] does not have 3 values"),
        ("nested", {"sides": [[0, 0]]}, "placement.sides does not have 4 rows"),
        ("nested", {"leads_to": [0, 1, -1, -2]}, "does not lead to every segment once"),
        ("nested", {"leads_to": [1, -1, -2, -2]}, "does not lead to every segment once"),
        ("nested", {"leads_to": [99, -1, -2, -3]}, "placement.leads_to[0] is above 49"),
        ("prototypes", {"factors": [1, -1]}, "placement.factors[1] is below 0"),
        ("prototypes", {"prototypes": [[0, 0]] * 2}, "placement.prototypes does not have 3 rows"),
        ("nearest-unit", {"agreement": 2}, "placement.agreement is above 1"),
        ("nearest-unit", {"reach": [-1]}, "placement.reach[0] is below 0"),
        ("nearest-unit", {"reach": [1]}, "placement.reach does not have"),
        ("nearest-unit", {"surprise": 1}, "placement.surprise does not belong there"),
        ("encoded", {"layers": []}, "placement.layers is empty"),
        ("latent-class", {"weights": [0.5, 0.5, 0.5]}, "placement.weights are not shares"),
        ("latent-class", {"variables": []}, "placement.variables is empty"),
        (
            "latent-class",
            {"variables": [{"columns": [9], "borders": [0.0], "probabilities": [[0.5, 0.5]] * 3}]},
            "names a column beyond the 2 there are",
        ),
        (
            "latent-class",
            {"variables": [{"columns": [0], "borders": [1.0, 0.0], "probabilities": [[0.5, 0.25, 0.25]] * 3}]},
            "are not ascending numbers of one column",
        ),
        (
            "latent-class",
            {"variables": [{"columns": [0], "borders": [0.0], "probabilities": [[0.5, 0.4]] * 3}]},
            "do not add up to 1",
        ),
        ("components", {"width": 3}, "placement.width is not the number of components"),
        ("components", {"rule": {"type": "components"}}, "placement.rule.type is not one of the possible choices"),
        ("encoded", {"encoded_centres": []}, "placement.encoded_centres does not have 3 rows"),
        ("encoded", {"type": "pickled"}, "placement.type is not one of the possible choices"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_its_place_named(kind, change, sentence):
    plain = plain_of(METHOD_OF[kind])
    plain["placement"].update(change)
    with pytest.raises(InvalidModelError) as caught:
        read(plain)
    assert sentence in str(caught.value)


def feature(plain, kind):
    return next(each for each in plain["features"] if each["type"] == kind)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p["features"][0].update(type="magic"), "features[0].type is not one of the possible choices"),
        (lambda p: p["features"][0].update(power="x"), "features[0].power is not a number"),
        (lambda p: p["features"][0].update(scale=-2.0), "features[0].scale is not above 0"),
        (lambda p: p["features"][0].update(scale=1e-150, fill=1e9), "features[0].fill is too large for its scale"),
        (lambda p: p["features"][0].update(column="in\x07come"), "features[0].column holds a control character"),
        (lambda p: p["features"][0].update(column="x" * 10**6), "features[0].column has more than 200 letters"),
        (lambda p: feature(p, "cycle").update(fill=[1]), ".fill does not have 2 values"),
        (lambda p: feature(p, "cycle").update(date_use="age"), ".date_use is not one of the possible choices"),
        (lambda p: feature(p, "category").update(rare=None), ".rare is not a number"),
        (lambda p: feature(p, "category").update(categories=["a", "a"]), ".categories holds the same value twice"),
        (lambda p: p["recipe"].update(seed=-5), "recipe.seed is below 0"),
        (lambda p: p["recipe"].update(settings=[["n_init", 3]]), "recipe.settings are not possible"),
        (lambda p: p["recipe"]["features"][0].update(role=[]), "recipe.features[0].role is not"),
        (lambda p: p["known"].update(labels=["A", "B"]), "known.labels does not agree"),
        (lambda p: p["known"].update(accuracy=1.5), "known.accuracy is above 1"),
        (lambda p: p.update(known=["A"]), "known is not an object or null"),
        (lambda p: p.update(neighbours=[[1.0]]), "neighbours[0] does not have"),
        (lambda p: p["quality"]["per_segment"].append([7, 0.5]), "quality.per_segment[3] is of a segment above 2"),
        (lambda p: p.update({"x" * 10**6: 1}), "x… does not belong there"),
        (lambda p: p.update({"a\n\u202e": 1}), r"a\u000a\u202e does not belong there"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(change, sentence):
    plain = plain_of("with known labels")
    change(plain)
    with pytest.raises(InvalidModelError) as caught:
        read(plain)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("latest", ["now", "2024-02-30", "2024-01-01T00:00:00+02:00", "9999-12-31", "0001-01-01", ""])
def test_days_that_no_table_can_count_from_are_refused(latest):
    plain = plain_of("k-means of mixed columns")
    place = next(at for at, each in enumerate(plain["features"]) if each.get("role") == "date")
    plain["features"][place]["latest"] = latest
    with pytest.raises(InvalidModelError, match=rf"features\[{place}\].latest is not a date"):
        read(plain)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("1e999", "row_count is not a finite number"),
        ("9" * 4_000, "row_count is above 1000000000000"),
        ("9" * 4_900_000, "row_count is not a finite number"),
        ("NaN", "row_count is followed by what is not JSON"),
        ("[" * 100_000, "holds lists within lists without end"),
        ('"\\ud800"', "row_count holds half a letter"),
        ('1, "k": 3', "k stands there twice"),
    ],
)
def test_what_only_json_text_can_say_is_named_in_bounded_time(written, sentence):
    plain = plain_of("k-means")
    plain["row_count"] = "HERE"
    started = time.process_time()
    with pytest.raises(InvalidModelError) as caught:
        from_bytes(signed(json.dumps(plain).replace('"HERE"', written)))
    assert sentence in str(caught.value)
    assert time.process_time() - started < 5


def test_numbers_that_no_model_file_may_hold_are_said_before_saving():
    formed = segmentation("k-means", mixed=False)
    with pytest.raises(UnwritableModelError, match=r"segment_names\[0\] holds a control character"):
        to_bytes(formed.renamed(("a\x07b", "", "")))
    # Half of a letter is no letter; a name is kept without it.
    assert from_bytes(to_bytes(formed.renamed(("a\ud800b", "", "")))).names[0] == "ab"


def test_two_centres_in_one_place_leave_no_score_and_a_model_that_can_be_read():
    placed = assign_segments(customers(), from_bytes(model_file("k-means"))).segmentation
    assert from_bytes(to_bytes(placed)).quality == placed.quality
    endless = replace(placed, quality=replace(placed.quality, davies_bouldin=np.inf))
    assert from_bytes(to_bytes(endless)).quality is None


# What classifiers have learnt.


@pytest.fixture(scope="module")
def rows():
    return make_classification(300, 6, n_informative=4, n_classes=3, random_state=0)


@pytest.fixture(scope="module")
def network(rows):
    return NetworkClassifier(NetworkSettings(width=12, epochs=8), seed=3).fit(*rows)


def test_a_network_that_is_loaded_says_the_same_to_the_last_bit(rows, network):
    kind, content = written_learner(network)
    loaded = read_learner(kind, content, 6)
    np.testing.assert_array_equal(loaded.predict_proba(rows[0]), network.predict_proba(rows[0]))
    # Accuracies are shown while and after it learns; what is saved are the losses.
    losses = replace(network.curve_, training_accuracy=(), validation_accuracy=())
    assert (loaded.settings, loaded.seed, loaded.curve_) == (network.settings, network.seed, losses)
    assert written_learner(loaded) == (kind, content)


def test_a_loss_that_was_no_number_is_written_as_the_largest(network):
    curve = LearningCurve((np.inf, 0.5), (np.nan, 0.4), (0.1, 0.1))
    loaded = read_learner(*written_learner(NetworkClassifier.of(network.classes_, network.stack_, curve)), 6)
    assert loaded.curve_.training == (1e150, 0.5)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.update(classes=[0, 2, 1]), "learner.classes are not in ascending order"),
        (lambda p: p.update(classes=[0, 1]), "learner.layers do not end in 2 classes"),
        (lambda p: p["layers"][0]["weights"].pop(), "learner.layers[0].weights does not have 6 rows"),
        (lambda p: p["layers"][1]["bias"].__setitem__(0, None), "layers[1].bias[0] is not a number"),
        (lambda p: p["settings"].update(dropout=0.9), "learner.settings are not possible"),
        (lambda p: p["curve"]["rates"].pop(), "learner.curve has parts of different lengths"),
        (lambda p: p.update(seed=-1), "seed is below 0"),
        (lambda p: p.update(code="print()"), "code does not belong"),
    ],
)
def test_a_network_that_makes_no_sense_is_refused(network, change, sentence):
    kind, content = written_learner(network)
    plain = json.loads(content)
    change(plain)
    with pytest.raises(InvalidModelError) as caught:
        read_learner(kind, json.dumps(plain).encode(), 6)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("variance", 0.0, "learner.variance holds"),
        ("yes", 1.5, r"yes\[0\]\[0\] is above 1"),
        ("log_prior", 1.0, "above 0"),
    ],
)
def test_naive_bayes_with_impossible_numbers_is_refused(name, value, sentence):
    plain = parts_of(classifier_file("naive-bayes"))[1]
    width = len(plain["borders"])
    table = plain[name]
    plain[name] = [value] * len(table) if name == "log_prior" else [[value] * width] * len(table)
    with pytest.raises(InvalidModelError, match=sentence):
        read_learner("naive-bayes", json.dumps(plain).encode(), width)


# The published schemas.


def test_the_published_schemas_are_current():
    for name, content in schema.published().items():
        assert (MODELS_FOLDER / name).read_bytes() == content, "run: make schema"


def test_another_reader_of_the_schema_takes_every_file_and_refuses_what_is_refused_here():
    validator = jsonschema.Draft202012Validator(json.loads((MODELS_FOLDER / "segmodel.schema.json").read_bytes()))
    for name in MODELS:
        validator.validate(plain_of(name))
    validator.validate(older(plain_of("k-means"), 1))
    validator.validate(older(plain_of("som"), 2))
    for change in ({"k": "3"}, {"seed": -5}, {"extra": 1}, {"centres": {}}, {"segment_names": ["a\n"] * 3}):
        assert not validator.is_valid(plain_of("k-means") | change)
        with pytest.raises(SegmenterError):
            read(plain_of("k-means") | change)


def test_the_schema_of_classifiers_takes_one():
    validator = jsonschema.Draft202012Validator(json.loads((MODELS_FOLDER / "segclassifier.schema.json").read_bytes()))
    card, _ = parts_of(classifier_file("naive-bayes"))
    validator.validate(card)
    assert not validator.is_valid(card | {"classes": ["one"]})
