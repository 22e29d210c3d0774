"""A hostile file with a right checksum is refused in a sentence, or does all that a model has to do."""

import hashlib
import io
import json
import random
import zipfile

import numpy as np
import pytest

from segmenter import assign_segments
from segmenter.classification.predict import classify, classify_customer
from segmenter.errors.base import SegmenterError
from segmenter.errors.forming import MissingColumnsError
from segmenter.io.export import EXPORTERS
from segmenter.io.export.learning import classified_csv, classified_json, plain_csv
from segmenter.io.export.run import run_json
from segmenter.io.model.classifiers import (
    classifier_bytes,
    classifier_from_bytes,
    list_classifiers,
    load_listed_classifier,
)
from segmenter.io.model.folder import list_models, load_listed_model
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.measures.separation import measure_silhouette
from segmenter.segment.assign import reasons_of
from segmenter.segment.result import Result
from tests.io.model.mutations import mutated, signed, text_of
from tests.io.model.saved_models import (
    CLASSIFIERS_AS_NUMBERS,
    MODELS,
    classifier_file,
    customers,
    model_file,
    older,
    parts_of,
)

TIMES = 6
FEW = ("model", "customers-csv")


def refused(error):
    return 20 < len(str(error)) < 600 and str(error).isprintable()


def try_model(content, downloads=EXPORTERS):
    """Return whether a model was accepted; it then places, describes, exports and is read again equal."""
    try:
        model = from_bytes(content)
    except SegmenterError as error:
        assert refused(error), str(error)[:200]  # noqa: PT017 - either outcome is right
        return False
    written = to_bytes(model)
    assert to_bytes(from_bytes(written)) == written
    try:
        assignment = assign_segments(customers(), model)
    except MissingColumnsError:
        return True
    result = Result(customers(), assignment.segmentation, assignment)
    assert len(result.profiles) == model.n_segments
    exported = {
        name: each.export(result) for name, each in EXPORTERS.items() if name in downloads and each.offered(result)
    }
    assert to_bytes(from_bytes(exported["model"])) == exported["model"]
    assert json.loads(run_json(result, "assign"))["rows"]["read"] == customers().n_customers
    return True


@pytest.mark.parametrize("name", sorted(MODELS))
def test_any_change_of_a_model_is_refused_in_a_sentence_or_harmless(name):
    plain = json.loads(model_file(name))
    chance = random.Random(name)
    versions = [plain, older(plain, 2)]
    if plain["placement"] is None and "mixed" not in name and "known" not in name:
        versions.append(older(plain, 1))
    # That whole models fill every download is tested with the downloads.
    assert all(try_model(signed(text_of(each)), downloads=FEW) for each in versions)
    accepted = []
    for _ in range(TIMES):
        content = signed(text_of(mutated(chance.choice(versions), chance)))
        # The first that is accepted fills every download, which takes seconds; mixed columns hold all kinds.
        few = any(accepted) or "mixed" not in name
        accepted.append(try_model(content, downloads=FEW if few else EXPORTERS))
    assert not all(accepted)


def packed(card, learnt):
    """Return a classifier's file in which the hash of what was learnt is right."""
    content = text_of(learnt).encode()
    if isinstance(card.get("learner"), dict):
        card["learner"]["sha256"] = hashlib.sha256(content).hexdigest()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("model.json", text_of(card))
        archive.writestr("learner", content)
    return target.getvalue()


def try_classifier(content):
    """Return whether a classifier was accepted; it then answers, places a file and is read again equal."""
    try:
        model = classifier_from_bytes(content)
    except SegmenterError as error:
        assert refused(error), str(error)[:200]  # noqa: PT017 - either outcome is right
        return False
    written = classifier_bytes(model)
    assert classifier_bytes(classifier_from_bytes(written)) == written
    usual = {
        each.column: None if each.choices and each.typical not in each.choices else each.typical
        for each in model.fields
    }
    try:
        assert classify_customer(usual, model).segment in model.classes
        classified = classify(customers(), model)
    except SegmenterError as error:
        assert refused(error)  # noqa: PT017 - an answer that the form does not offer
        return True
    assert np.isfinite(classified.probability[classified.placed]).all()
    assert all((classified_csv(classified), plain_csv(classified), classified_json(classified)))
    return True


@pytest.mark.parametrize("key", CLASSIFIERS_AS_NUMBERS)
@pytest.mark.parametrize("part", [0, 1])
def test_any_change_of_a_classifier_is_refused_in_a_sentence_or_harmless(key, part):
    parts = parts_of(classifier_file(key))
    chance = random.Random(f"{key} {part}")
    assert try_classifier(packed(*parts_of(classifier_file(key))))
    for _ in range(3 * TIMES):
        changed = [json.loads(json.dumps(each)) for each in parts]
        changed[part] = mutated(changed[part], chance)
        try_classifier(packed(*changed))


def damaged_zips():
    """Return files that are zips and cannot be read: bit flips in what is packed, encrypted, lzma, twice the same."""
    good = classifier_file("naive-bayes")
    middle = good.find(b"model.json") + 60
    yield good[:middle] + bytes(255 - each for each in good[middle : middle + 40]) + good[middle + 40 :]
    flag = good.find(b"PK\x01\x02") + 8
    yield good[:flag] + b"\x01" + good[flag + 1 :]
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for method, extra in ((zipfile.ZIP_LZMA, {}), (zipfile.ZIP_STORED, {"../../evil": b"x"})):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, content in {**parts, **extra}.items():
                archive.writestr(name, content)
        yield target.getvalue()


@pytest.mark.parametrize("number", range(4))
def test_a_damaged_zip_is_no_classifier(number):
    with pytest.raises(SegmenterError) as caught:
        classifier_from_bytes(list(damaged_zips())[number])
    assert refused(caught.value)


def pinned(folder, file, content, kind):
    """Put a file into a folder with a manifest that vouches for it, as whoever can write there could."""
    (folder / file).write_bytes(content)
    entry = {
        "file": file, "title": "Hostile", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
        "algorithm": "k-means", "k": 3, "features": [], "made_with": "x", "created": "2026-01-01", "licence": "x",
        "origin": "x", "load": True, "kind": kind,
    }  # fmt: skip
    (folder / "MANIFEST.json").write_text(json.dumps({"models": [entry]}))


def test_hostile_files_that_a_manifest_vouches_for_are_refused_when_they_are_opened(tmp_path):
    hostile = signed(model_file("k-means").decode().replace('"scale": ', '"scale": -'))
    pinned(tmp_path, "h.segmodel.json", hostile, "segmentation")
    assert [each.title for each in list_models(tmp_path).models] == ["Hostile"]
    with pytest.raises(SegmenterError, match=r"features\[0\].scale is not above 0"):
        load_listed_model(tmp_path, "h.segmodel.json")
    card, learnt = parts_of(classifier_file("naive-bayes"))
    learnt["variance"][0][0] = -1.0
    pinned(tmp_path, "h.segclassifier", packed(card, learnt), "classifier")
    assert [each.title for each in list_classifiers(tmp_path).models] == ["Hostile"]
    with pytest.raises(SegmenterError, match=r"variance\[0\]\[0\] is below 0"):
        load_listed_classifier(tmp_path, "h.segclassifier")


def test_a_customer_whom_the_model_throws_beyond_every_number_is_not_placed_and_told_why():
    plain = json.loads(model_file("k-means"))
    plain["features"][0].update(scale=1e-153, fill=plain["features"][0]["centre"])
    model = from_bytes(signed(json.dumps(plain)))
    reasons = reasons_of(model.preparation.columns_, customers().frame)
    known = customers().frame["income"].notna() & customers().frame["spend"].notna()
    assert set(reasons[known]) == {"income is too large to use"}


def test_silhouettes_do_not_depend_on_the_unit_however_large():
    X = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0.0, 0.0], [5.0, 5.0]], 30, axis=0)
    labels = np.repeat([0, 1], 30)
    assert measure_silhouette(X * 1e100, labels).mean == pytest.approx(measure_silhouette(X, labels).mean, abs=1e-6)
