"""A network's weights are saved as plain numbers, place every customer as the fit did, and are checked on reading."""

import hashlib
import json

import numpy as np
import pytest

from segmenter import Recipe, assign_segments, fit_segmentation, read_table
from segmenter.core.columns import read_frame
from segmenter.core.features import choose_features
from segmenter.core.recipe import FeatureSpec, Role
from segmenter.errors import InvalidModelError
from segmenter.store import from_bytes, to_bytes

FEATURES = (FeatureSpec("income"), FeatureSpec("spend"), FeatureSpec("city", Role.CATEGORY))


@pytest.fixture(scope="module")
def customers(make_customers):
    return read_frame(make_customers(200))


@pytest.fixture(scope="module")
def segmentation(customers):
    recipe = Recipe(FEATURES, 3, algorithm="autoencoder", settings=(("epochs", 20),))
    return fit_segmentation(customers, recipe)


@pytest.fixture(scope="module")
def content(segmentation):
    return to_bytes(segmentation)


def rewritten(content, change):
    plain = json.loads(content)
    change(plain["placement"])
    plain["sha256_of_rest"] = "0" * 64
    unsigned = json.dumps(plain)
    return unsigned.replace("0" * 64, hashlib.sha256(unsigned.encode()).hexdigest()).encode()


def test_a_loaded_model_gives_every_customer_the_label_and_the_distance_of_the_fit(customers, segmentation, content):
    loaded = from_bytes(content)
    placed = assign_segments(loaded, customers)
    assert (placed.segmentation.labels == segmentation.labels).all()
    X = segmentation.preparation.transform(customers.frame)
    np.testing.assert_array_equal(
        loaded.clusterer.placement_.distances(X), segmentation.clusterer.placement_.distances(X)
    )


def test_writing_what_was_read_gives_the_same_bytes(content):
    assert to_bytes(from_bytes(content)) == content


def test_a_model_holds_the_first_half_of_the_network_alone(content):
    layers = json.loads(content)["placement"]["layers"]
    assert [(len(layer["weights"]), len(layer["bias"]), layer["relu"]) for layer in layers] == [
        (6, 16, True),
        (16, 12, True),
        (12, 8, False),
    ]


def test_known_customers_teach_next_months_file_its_segments(shared_data):
    train, test = (read_table(shared_data / name) for name in ("Train.csv", "Test.csv"))
    columns = ("Age", "Family_Size", "Work_Experience", "Gender", "Profession", "Var_1")
    recipe = Recipe(choose_features(train, columns), 7, algorithm="autoencoder", settings=(("epochs", 3),))
    fitted = fit_segmentation(train, recipe)
    loaded = from_bytes(to_bytes(fitted))
    assert (assign_segments(loaded, train).segmentation.labels == fitted.labels).all()
    placed = assign_segments(loaded, test)
    assert (placed.segmentation.labels == assign_segments(fitted, test).segmentation.labels).all()
    assert len(placed.segmentation.labels) == 2_627


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p["layers"][0]["weights"][1].__setitem__(0, "x"), "layers[0].weights[1][0] is not a number"),
        (lambda p: p["layers"][0]["weights"].pop(), "layers[0].weights does not have 6 rows"),
        (lambda p: p["layers"][1]["weights"].append([0.0] * 12), "layers[1].weights is not a list of 1 to 16"),
        (lambda p: p["layers"][1]["weights"][3].pop(), "layers[1].weights[3] is not a list of 12 to 12"),
        (lambda p: p["layers"][1]["bias"].append(0.0), "layers[1].weights[0] is not a list of 13 to 13"),
        (lambda p: p["layers"][2].update(relu=1), "layers[2].relu is neither true nor false"),
        (lambda p: p["layers"][2].update(kind="tanh"), "layers[2].kind does not belong"),
        (lambda p: p["layers"][0].update(bias=[0.0] * 2_000), "layers[0].bias is not a list of 1 to 1024"),
        (lambda p: p.update(layers=[]), "placement.layers is not a list of 1 to 6"),
        (lambda p: p.update(layers=p["layers"] * 3), "placement.layers is not a list of 1 to 6"),
        (lambda p: p["layers"].pop(), "encoded_centres[0] is not a list of 12 to 12"),
        (lambda p: p["encoded_centres"].pop(), "encoded_centres does not agree with the number of segments"),
        (lambda p: p["encoded_centres"][0].__setitem__(0, 1e200), "encoded_centres[0][0] is not a finite number"),
        (lambda p: p.update(type="pickled"), "placement.type is none of"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(content, change, sentence):
    with pytest.raises(InvalidModelError) as caught:
        from_bytes(rewritten(content, change))
    assert sentence in str(caught.value)
