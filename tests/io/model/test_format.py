"""A saved model is plain data, labels exactly as the fit did, and is trusted only after it was checked."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from segmenter import Missing, Recipe, assign_segments, choose_features, fit_segmentation, read_sample, read_table
from segmenter.errors.base import SegmenterError
from segmenter.errors.models import (
    ChangedModelError,
    InvalidModelError,
    NewerModelError,
    NotAModelError,
    PickleRefusedError,
    UnsupportedModelError,
)
from segmenter.io.model.format import FORMAT_VERSION, from_bytes, to_bytes
from segmenter.io.model.pickled import refuse_foreign
from segmenter.prepare.suggest import suggest_features, with_missing
from segmenter.table.columns import read_frame


@pytest.fixture(scope="module")
def customers():
    return read_sample("retail")


@pytest.fixture(scope="module")
def segmentation(customers):
    columns = ("orders", "spend", "recency_days", "region", "newsletter", "member_since", "age")
    features = with_missing(choose_features(customers, columns), "knn")
    return fit_segmentation(customers, Recipe(features, 4))


@pytest.fixture(scope="module")
def content(segmentation):
    return to_bytes(segmentation)


def rewritten(content, change):
    """Return the model with a change and a checksum that fits it."""
    plain = json.loads(content)
    change(plain)
    plain["sha256_of_rest"] = "0" * 64
    unsigned = json.dumps(plain)
    return unsigned.replace("0" * 64, hashlib.sha256(unsigned.encode()).hexdigest()).encode()


def test_a_loaded_model_gives_every_customer_the_label_of_the_fit(customers, segmentation, content):
    placed = assign_segments(customers, from_bytes(content))
    assert (placed.segmentation.labels == segmentation.labels).all()


def test_a_loaded_model_needs_nothing_but_predict(customers, segmentation, content):
    kept = (segmentation.labels >= 0).to_numpy()
    predicted = from_bytes(content).pipeline.predict(customers.frame[kept])
    assert (predicted == segmentation.labels[kept]).all()


def test_writing_what_was_read_gives_the_same_bytes(content):
    assert to_bytes(from_bytes(content)) == content


def test_no_customer_is_in_a_model(customers, content):
    text = content.decode()
    assert len(content) < 200_000
    assert not any(value in text for value in customers.original["customer_id"])


def test_every_real_file_survives_saving(shared_data):
    for name in ("Train.csv", "cc_general.csv", "marketing_campaign.csv"):
        dataset = read_table(shared_data / name)
        fitted = fit_segmentation(dataset, Recipe(suggest_features(dataset), 4))
        placed = assign_segments(dataset, from_bytes(to_bytes(fitted)))
        assert (placed.segmentation.labels == fitted.labels).all(), name


def test_any_changed_byte_is_noticed(content):
    random = np.random.default_rng(0)
    for position in random.choice(len(content), 300, replace=False):
        changed = bytearray(content)
        changed[position] ^= 1
        with pytest.raises(SegmenterError):
            from_bytes(bytes(changed))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda model: model["centres"][1].__setitem__(2, "x"), "centres[1][2] is not a number"),
        (lambda model: model["centres"][1].__setitem__(0, 1e200), "centres[1][0] is not a finite number"),
        (lambda model: model["centres"][0].pop(), "centres[0] does not have"),
        (lambda model: model.update(k=10**9), "k is above 50"),
        (lambda model: model.update(k=3), "k does not agree"),
        (lambda model: model["features"][0].update(scale=0), "features[0].scale is not above 0"),
        (lambda model: model["features"][0].update(missing="guess"), "not one of the possible choices"),
        (lambda model: model["features"][0].pop("low"), "features[0].low is missing"),
        (lambda model: model["features"][0].update(extra=1), "features[0].extra does not belong"),
        (lambda model: model.update(features=[]), "features is empty"),
        (lambda model: model["segment_names"].__setitem__(0, "x" * 300), "segment_names[0] has more than 200 letters"),
        (lambda model: model.update(algorithm="magic"), "algorithm is not one"),
        (lambda model: model.update(quality={}), "quality.wcss is missing"),
        (lambda model: model["recipe"].update(scaling="huge"), "recipe.scaling is not one of the possible choices"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(content, change, sentence):
    with pytest.raises(InvalidModelError) as caught:
        from_bytes(rewritten(content, change))
    assert sentence in str(caught.value)


def test_a_model_without_centres_is_no_model(content):
    with pytest.raises(NotAModelError, match="missing: centres"):
        from_bytes(rewritten(content, lambda model: model.pop("centres")))


def test_a_changed_model_is_said_to_be_changed(content):
    with pytest.raises(ChangedModelError, match="changed or cut off"):
        from_bytes(content.replace(b'"row_count": ', b'"row_count": 1'))


def test_a_model_from_a_newer_version_is_said_to_be_newer(content):
    with pytest.raises(NewerModelError, match=f"format {FORMAT_VERSION + 1}"):
        from_bytes(rewritten(content, lambda model: model.update(version=FORMAT_VERSION + 1)))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"format": "segmodel", "version": NaN}'])
def test_what_is_no_model_is_refused_in_words(text):
    with pytest.raises((NotAModelError, InvalidModelError)):
        from_bytes(text)


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(noise):
    with pytest.raises(SegmenterError):
        from_bytes(noise)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    key=st.sampled_from(["recipe", "features", "neighbours", "centres", "segment_names", "quality", "k", "seed"]),
    value=JSON,
)
def test_no_value_anywhere_brings_the_reader_down(content, key, value):
    try:
        from_bytes(rewritten(content, lambda model: model.update({key: value})))
    except SegmenterError as error:
        assert str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "A.PICKLE", "a.sav"])
def test_a_pickle_is_refused_by_its_name(name):
    with pytest.raises(PickleRefusedError, match="never opens one from an upload"):
        refuse_foreign(b"harmless", name)


@pytest.mark.parametrize("start", [b"\x80\x02", b"\x80\x04\x95", b"cposix\nsystem\n", b"(dp0\n"])
def test_a_pickle_is_refused_by_its_content_under_any_name(start):
    with pytest.raises(PickleRefusedError):
        refuse_foreign(start + b"x" * 50, "customers.csv")


@pytest.mark.parametrize("name", ["a.skops", "a.onnx", "a.h5", "a.pt"])
def test_models_of_other_programs_are_refused(name):
    with pytest.raises(UnsupportedModelError, match=r"reads .segmodel.json only"):
        refuse_foreign(b"PK", name)


def test_a_customer_who_lacks_a_value_is_placed_the_same_after_loading():
    dataset = read_table(b"a,b\n" + b"\n".join(f"{n % 9},{n * n % 31}".encode() for n in range(60)) + b"\n,5\n")
    features = tuple(each for each in with_missing(suggest_features(dataset), Missing.MEAN.value))
    fitted = fit_segmentation(dataset, Recipe(features, 3))
    assert from_bytes(to_bytes(fitted)).pipeline.predict(dataset.frame)[-1] == fitted.labels.iloc[-1]


def test_a_loaded_model_for_mixed_data_refits_to_the_same_segments():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "spend": random.normal(size=90),
            "visits": random.normal(size=90),
            "region": random.choice(["north", "south", "east", "west"], 90),
            "plan": random.choice(["basic", "plus", "pro"], 90),
            "channel": random.choice(["shop", "web", "phone", "mail", "agent"], 90),
        }
    )
    dataset = read_frame(frame)
    model = fit_segmentation(dataset, Recipe(choose_features(dataset, tuple(frame)), 3, algorithm="k-prototypes"))
    loaded = from_bytes(to_bytes(model))
    X = loaded.preparation.transform(dataset.frame)
    assert clone(loaded.clusterer).fit(X).labels_.tolist() == model.labels.tolist()
