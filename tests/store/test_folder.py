"""Models that are damaged are not offered, and saving never leaves half a file."""

import json
import os
from pathlib import Path

import pytest

from segmenter import Recipe, choose_features, fit_segmentation, read_sample
from segmenter.errors import ModelIntegrityError, UnsavedModelError
from segmenter.store import MODELS_FOLDER, list_models, load_model, save_model
from segmenter.store.manifest import MANIFEST
from segmenter.store.writing import write_atomically

COLUMNS = ("Annual Income (k$)", "Spending Score (1-100)")


@pytest.fixture(scope="module")
def segmentation():
    dataset = read_sample("mall")
    return fit_segmentation(dataset, Recipe(choose_features(dataset, COLUMNS), 5))


def test_a_saved_model_is_listed_and_loads(tmp_path, segmentation):
    entry = save_model(tmp_path, segmentation, "My model!")
    assert [each.title for each in list_models(tmp_path).models] == ["My model!"]
    assert entry.file.startswith("my-model-")
    assert load_model(tmp_path, entry.file).names == segmentation.names


def test_equal_names_never_overwrite(tmp_path, segmentation):
    first = save_model(tmp_path, segmentation, "A")
    second = save_model(tmp_path, segmentation.renamed(("x", "", "", "", "")), "A")
    assert (first.title, second.title) == ("A", "A (2)")
    assert len(list_models(tmp_path).models) == 2


def test_a_damaged_model_is_refused_and_the_others_work(tmp_path, segmentation):
    good = save_model(tmp_path, segmentation, "Good")
    bad = save_model(tmp_path, segmentation.renamed(("x", "", "", "", "")), "Bad")
    (tmp_path / bad.file).write_bytes((tmp_path / bad.file).read_bytes()[:-10])
    folder = list_models(tmp_path)
    assert [each.file for each in folder.models] == [good.file]
    assert "'Bad' failed its integrity check" in folder.refused[0].reason
    assert bad.sha256[:4] in folder.refused[0].reason
    with pytest.raises(ModelIntegrityError):
        load_model(tmp_path, bad.file)


def test_a_file_that_is_not_listed_is_counted_and_ignored(tmp_path, segmentation):
    entry = save_model(tmp_path, segmentation, "A")
    (tmp_path / "other.segmodel.json").write_bytes((tmp_path / entry.file).read_bytes())
    folder = list_models(tmp_path)
    assert (len(folder.models), folder.ignored) == (1, 1)


def test_a_damaged_manifest_is_said(tmp_path, segmentation):
    save_model(tmp_path, segmentation, "A")
    (tmp_path / MANIFEST).write_text("{")
    assert "damaged" in list_models(tmp_path).refused[0].reason


def test_a_manifest_cannot_point_outside_its_folder(tmp_path, segmentation):
    entry = save_model(tmp_path / "models", segmentation, "A")
    manifest = tmp_path / "models" / MANIFEST
    manifest.write_text(manifest.read_text().replace(entry.file, f"../{entry.file}"))
    assert [each.file for each in list_models(tmp_path / "models").models] == [entry.file]


def test_an_interrupted_saving_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "a.json"
    write_atomically(target, b"old")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_full_disk_is_said(tmp_path, segmentation, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnsavedModelError, match=r"No space left on device.*still download"):
        save_model(tmp_path, segmentation, "A")
    assert list_models(tmp_path).models == ()


def test_the_shipped_models_are_what_the_manifest_says():
    folder = list_models(MODELS_FOLDER)
    assert not folder.refused
    listed = {entry["file"] for entry in json.loads((MODELS_FOLDER / MANIFEST).read_text())["models"]}
    assert {entry.file for entry in folder.models} == listed
    assert Path(MODELS_FOLDER / "README.md").is_file()


def test_the_shipped_model_places_the_mall_sample():
    entry = list_models(MODELS_FOLDER).models[0]
    model = load_model(MODELS_FOLDER, entry.file)
    labels = model.pipeline.predict(read_sample("mall").frame)
    assert sorted(set(labels)) == [0, 1, 2, 3, 4]
