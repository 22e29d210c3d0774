"""Models that are damaged are not offered, and saving never leaves half a file."""

import io
import json
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from segmenter import Recipe, choose_features, fit_segmentation, read_sample
from segmenter.errors.base import SegmenterError
from segmenter.errors.models import DamagedManifestError, ModelIntegrityError, UnsavedModelError
from segmenter.io.model import folder as folder_module
from segmenter.io.model.classifiers import CLASSIFIER, list_classifiers, load_classifier
from segmenter.io.model.folder import (
    MANIFEST,
    MODELS_FOLDER,
    SEGMENTATION,
    SUFFIX,
    add_model,
    keep,
    list_models,
    load_listed_model,
)
from segmenter.io.writing import write_atomically, write_together
from tests.io.model.saving import draft

COLUMNS = ("Annual Income (k$)", "Spending Score (1-100)")


@pytest.fixture(scope="module")
def segmentation():
    dataset = read_sample("mall")
    return fit_segmentation(dataset, Recipe(choose_features(dataset, COLUMNS), 5))


def test_a_saved_model_is_listed_and_loads(tmp_path, segmentation):
    entry = add_model(tmp_path, segmentation, "My model!")
    assert [each.title for each in list_models(tmp_path).models] == ["My model!"]
    assert entry.file.startswith("my-model-")
    assert load_listed_model(tmp_path, entry.file).names == segmentation.names


def test_equal_names_never_overwrite(tmp_path, segmentation):
    first = add_model(tmp_path, segmentation, "A")
    second = add_model(tmp_path, segmentation.renamed(("x", "", "", "", "")), "A")
    assert (first.title, second.title) == ("A", "A (2)")
    assert len(list_models(tmp_path).models) == 2


def test_a_damaged_model_is_refused_and_the_others_work(tmp_path, segmentation):
    good = add_model(tmp_path, segmentation, "Good")
    bad = add_model(tmp_path, segmentation.renamed(("x", "", "", "", "")), "Bad")
    (tmp_path / bad.file).write_bytes((tmp_path / bad.file).read_bytes()[:-10])
    folder = list_models(tmp_path)
    assert [each.file for each in folder.models] == [good.file]
    assert "'Bad' failed its integrity check" in folder.refused[0].reason
    assert bad.sha256[:4] in folder.refused[0].reason
    with pytest.raises(ModelIntegrityError):
        load_listed_model(tmp_path, bad.file)


def test_a_file_that_is_not_listed_is_counted_and_ignored(tmp_path, segmentation):
    entry = add_model(tmp_path, segmentation, "A")
    (tmp_path / "other.segmodel.json").write_bytes((tmp_path / entry.file).read_bytes())
    folder = list_models(tmp_path)
    assert (len(folder.models), folder.ignored) == (1, 1)


def test_a_damaged_manifest_is_said(tmp_path, segmentation):
    add_model(tmp_path, segmentation, "A")
    (tmp_path / MANIFEST).write_text("{")
    assert "damaged" in list_models(tmp_path).refused[0].reason


GOOD_LINE = {
    "file": "a.segmodel.json", "title": "A", "sha256": "0" * 64, "bytes": 1, "algorithm": "kmeans", "k": 2,
    "features": ["x"], "made_with": "", "created": "", "licence": "", "origin": "",
}  # fmt: skip


def listing(**changes):
    return json.dumps({"models": [{**GOOD_LINE, **changes}]}).encode()


DAMAGED = {
    "empty": (b"", "not JSON"),
    "cut off": (listing()[:-3], "not JSON"),
    "deep": (b"[" * 100_000, "not JSON"),
    "deep extra": (b'{"models": [], "more": ' + b"[" * 100_000, "not JSON"),
    "list": (b"[]", "no list named models"),
    "number": (b'{"models": 5}', "no list named models"),
    "text in the list": (b'{"models":["a"]}', r"models\[0\] is not an object"),
    "key missing": (b'{"models":[{"file": "a"}]}', r"models\[0\].title is missing"),
    "sha256": (listing(sha256=5), r"models\[0\].sha256 is not a SHA-256"),
    "sha256 long": (listing(sha256="0" * 65), "sha256"),
    "file": (listing(file=5), "file is not a text"),
    "file nothing": (listing(file="/"), "file is not the name"),
    "file NUL": (listing(file="a\0b"), "file is not the name"),
    "file long": (listing(file="a" * 300), "file is not the name"),
    "half a letter": (listing(title="\ud800"), "title holds half a letter"),
    "half a letter beside": (listing(more="\ud800"), "holds what is no text"),
    "title": (listing(title=["a"]), "title is not a text"),
    "k": (listing(k=2.5), "k is not a count"),
    "bytes": (listing(bytes=True), "bytes is not a count"),
    "k of 4,000 digits": (listing().replace(b'"k": 2', b'"k": ' + b"9" * 4_000), "k is not a count"),
    "1e999": (listing().replace(b'"k": 2', b'"k": 1e999'), "not JSON"),
    "NaN beside": (b'{"models": [], "more": NaN}', "not JSON"),
    "features": (listing(features="x"), "features is not a list"),
    "features inside": (listing(features=[1]), r"features\[0\] is not a text"),
    "load": (listing(load="no"), "load is neither"),
    "twice": (b'{"models": [], "models": []}', "not JSON"),
    "NUL": (b"\0" * 1000, "not JSON"),
    "UTF-16": (listing().decode().encode("utf-16"), "not UTF-8"),
    "Latin-1": (listing(title="Jörg").replace(b"\\u00f6", b"\xf6"), "not UTF-8"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_list_is_said_and_never_replaced(tmp_path, segmentation, case):
    content, why = DAMAGED[case]
    (tmp_path / MANIFEST).write_bytes(content)
    folder = list_models(tmp_path)
    assert not folder.models
    assert re.search(f"damaged.*{why}.*Restore it from a copy", folder.refused[0].reason)
    with pytest.raises(UnsavedModelError, match=f"is damaged.*{why}"):
        keep(tmp_path, b"new", draft("New", b"new"), SUFFIX)
    with pytest.raises(DamagedManifestError):
        load_listed_model(tmp_path, "a.segmodel.json")
    assert (tmp_path / MANIFEST).read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", MANIFEST]


def test_a_list_that_is_no_file_is_said_and_never_replaced(tmp_path):
    (tmp_path / "folder" / MANIFEST).mkdir(parents=True)
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost" / MANIFEST).symlink_to(tmp_path / "nowhere")
    for folder in (tmp_path / "folder", tmp_path / "lost"):
        assert "damaged (it is no file)" in list_models(folder).refused[0].reason
        with pytest.raises(UnsavedModelError, match="it is no file"):
            keep(folder, b"new", draft("New", b"new"), SUFFIX)
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "lost" / MANIFEST).is_symlink()


def test_a_linked_list_is_read_and_never_replaced(tmp_path, segmentation):
    entry = add_model(tmp_path / "real", segmentation, "A")
    folder = tmp_path / "linked"
    folder.mkdir()
    for name in (MANIFEST, entry.file):
        (folder / name).symlink_to(tmp_path / "real" / name)
    assert [each.title for each in list_models(folder).models] == ["A"]
    with pytest.raises(UnsavedModelError, match="is a link"):
        add_model(folder, segmentation, "B")
    assert len(list_models(tmp_path / "real").models) == 1


def test_what_a_later_version_wrote_into_the_list_is_kept(tmp_path):
    first = keep(tmp_path, b"one", draft("One", b"one"), SUFFIX)
    plain = json.loads((tmp_path / MANIFEST).read_text())
    plain["signed"] = "somebody"
    plain["models"][0]["audience"] = ["a"]
    (tmp_path / MANIFEST).write_text("\ufeff" + json.dumps(plain), encoding="utf-8")
    keep(tmp_path, b"two", draft("Two", b"two"), SUFFIX)
    after = json.loads((tmp_path / MANIFEST).read_text())
    assert (after["signed"], after["models"][0]["audience"], after["models"][0]["file"]) == (
        "somebody", ["a"], first.file,
    )  # fmt: skip
    assert len(list_models(tmp_path).models) == 2


def test_what_stands_in_a_models_place_is_refused_in_words(tmp_path):
    kinds = [keep(tmp_path, text, draft(text.decode(), text), SUFFIX).file for text in (b"a", b"b", b"c", b"d")]
    for file in kinds:
        (tmp_path / file).unlink()
    (tmp_path / kinds[0]).mkdir()
    (tmp_path / kinds[1]).symlink_to("/dev/zero")
    (tmp_path / kinds[2]).symlink_to(tmp_path / kinds[2])
    (tmp_path / os.fsdecode(b"odd\xff.pkl")).write_bytes(b"x")
    folder = list_models(tmp_path)
    assert not folder.models
    assert not folder.pickles
    assert sum("failed its integrity check" in each.reason for each in folder.refused) == 4
    assert sum("Give it another name" in each.reason for each in folder.refused) == 1


def zipped(**parts):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return written.getvalue()


CARD = b'{"format":"segclassifier","version":'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[" * 100_000, b"\0" * 1_000, b"\xff\xfea\0", b'{"format":"segmodel","version":1e999}', b"PK\3\4x",
        zipped(), zipped(model__json=b"{}", learner=b""), zipped(model__json=b"[" * 100_000, learner=b""),
        zipped(model__json=b"\0" * 210_000_000, learner=b""), zipped(**{"../../x": b"1"}),
        zipped(model__json=CARD + b"1e999}", learner=b""), zipped(model__json=CARD + b"9" * 9_000 + b"}", learner=b""),
        zipped(model__json=CARD + b"1}", learner=b"x"),
    ],
    ids=range(15),
)  # fmt: skip
def test_a_listed_file_that_is_no_model_is_refused_in_words(tmp_path, content):
    for kind, suffix in ((SEGMENTATION, SUFFIX), (CLASSIFIER, ".segclassifier")):
        keep(tmp_path, content, replace(draft(kind, content), kind=kind), suffix)
    (model,), (classifier,) = list_models(tmp_path).models, list_classifiers(tmp_path).models
    with pytest.raises(SegmenterError):
        load_listed_model(tmp_path, model.file)
    with pytest.raises(SegmenterError):
        load_classifier(tmp_path / classifier.file)


def test_a_damaged_list_beside_a_classifier_is_said_to_who_opens_it(tmp_path):
    (tmp_path / "model.segclassifier").write_bytes(b"x")
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(DamagedManifestError, match="not JSON"):
        load_classifier(tmp_path)


def test_a_model_that_is_replaced_is_found_at_every_moment(tmp_path, monkeypatch):
    """A reader who has seen the list before the file was replaced looks again."""
    file = f"model{SUFFIX}"
    keep(tmp_path, b"old", draft("M", b"old", file), SUFFIX)
    seen = []

    def look(*arguments, **more):
        found = list_models(tmp_path)
        seen.append((len(found.models), len(found.refused)))
        return write_together(*arguments, **more)

    monkeypatch.setattr(folder_module, "write_together", look)
    keep(tmp_path, b"new", draft("M", b"new", file), SUFFIX)
    assert seen == [(1, 0)] * 3
    assert len(list_models(tmp_path).models) == 1


def test_a_manifest_cannot_point_outside_its_folder(tmp_path, segmentation):
    entry = add_model(tmp_path / "models", segmentation, "A")
    manifest = tmp_path / "models" / MANIFEST
    manifest.write_text(manifest.read_text().replace(entry.file, f"../{entry.file}"))
    assert [each.file for each in list_models(tmp_path / "models").models] == [entry.file]


def test_an_interrupted_saving_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "a.json"
    write_atomically(target, b"old")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_full_disk_is_said(tmp_path, segmentation, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnsavedModelError, match=r"No space left on device.*still download"):
        add_model(tmp_path, segmentation, "A")
    assert list_models(tmp_path).models == ()


def test_the_shipped_models_are_what_the_manifest_says():
    folder = list_models(MODELS_FOLDER)
    assert not folder.refused
    listed = {entry["file"] for entry in json.loads((MODELS_FOLDER / MANIFEST).read_text())["models"]}
    assert {entry.file for entry in folder.models} == listed
    assert Path(MODELS_FOLDER / "README.md").is_file()


def test_the_shipped_model_places_the_mall_sample():
    entry = list_models(MODELS_FOLDER).models[0]
    model = load_listed_model(MODELS_FOLDER, entry.file)
    labels = model.pipeline.predict(read_sample("mall").frame)
    assert sorted(set(labels)) == [0, 1, 2, 3, 4]
