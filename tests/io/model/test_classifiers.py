"""Classifiers come back to the last bit, and nothing but what was saved here is ever opened."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from segmenter import LearningRecipe, Recipe, choose_features, fit_segmentation, learn, read_frame
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.classification.folds import fit_learner
from segmenter.errors.learning import (
    ClassifierFailedError,
    ClassifierRefusedError,
    ClassifierUploadError,
    UnpinnedClassifierError,
)
from segmenter.errors.models import InvalidModelError, ModelIntegrityError, NewerModelError, NotAModelError
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model.classifiers import (
    ConfinedClassifier,
    add_classifier,
    classifier_bytes,
    classifier_from_bytes,
    close_all,
    confined,
    list_classifiers,
    load_classifier,
    load_listed_classifier,
    save_classifier,
)
from segmenter.io.model.confined_child import TRUSTED
from segmenter.io.model.folder import add_model, list_models
from segmenter.io.model.pickled import refuse_foreign

QUICK = {
    "random-forest": (("n_estimators", 5),),
    "gradient-boosting": (("n_estimators", 3),),
    "histogram-gradient-boosting": (("max_iter", 3),),
    "network": (("epochs", 3),),
}


@pytest.fixture(scope="module")
def known():
    random = np.random.default_rng(0)
    n = 150
    tier = random.integers(0, 2, n)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(n)],
            "income": (30 + 30 * tier + random.normal(0, 8, n)).round(1),
            "plan": np.array(["Basic", "Top"])[np.where(random.random(n) < 0.8, tier, 1 - tier)],
            "size": np.array(["Low", "Average", "High"])[random.integers(0, 3, n)],
            "joined": (pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, n), "D")).astype("str"),
            "tier": np.array(["gold", "silver"])[tier],
        }
    )
    return read_frame(frame)


@pytest.fixture(scope="module")
def model(known):
    return learn(known, LearningRecipe("tier", classifiers=("naive-bayes",), tune=False, folds=2)).model


@pytest.fixture(scope="module", autouse=True)
def _end_processes():
    yield
    close_all()


def with_learner(model, known, key):
    X = model.preparation.transform(known.frame)
    y = (known.frame["tier"] == "silver").to_numpy().astype(np.intp)
    return replace(model, classifier=key, learner=fit_learner(key, X, y, seed=0, settings=QUICK.get(key, ())))


@pytest.mark.parametrize("key", list(CLASSIFIERS))
def test_what_was_saved_tells_the_same_to_the_last_bit(model, known, key):
    saved = with_learner(model, known, key)
    opened = classifier_from_bytes(classifier_bytes(saved))
    np.testing.assert_array_equal(opened.probabilities(known.frame), saved.probabilities(known.frame))
    assert opened.fields == saved.fields
    assert opened.recipe == saved.recipe
    assert (opened.classes, opened.held_out, opened.n_trained) == (saved.classes, saved.held_out, saved.n_trained)
    assert opened.identities.known(known.original["customer_id"]).all()


def test_the_same_model_gives_the_same_bytes_also_after_opening(model, known):
    saved = with_learner(model, known, "decision-tree")
    content = classifier_bytes(saved)
    assert classifier_bytes(classifier_from_bytes(content)) == content


def test_no_identifier_is_in_the_file(model):
    with zipfile.ZipFile(io.BytesIO(classifier_bytes(model))) as archive:
        assert not any(b"C00001" in archive.read(name) for name in archive.namelist())


def test_a_saved_classifier_is_listed_apart_from_segmentations(tmp_path, model, known):
    segmentation = fit_segmentation(known, Recipe(choose_features(known, ("income",)), 2))
    add_model(tmp_path, segmentation, "Segments")
    entry = add_classifier(tmp_path, model, "Tiers")
    assert [each.title for each in list_classifiers(tmp_path).models] == ["Tiers"]
    assert [each.title for each in list_models(tmp_path).models] == ["Segments"]
    assert list_models(tmp_path).ignored == list_classifiers(tmp_path).ignored == 0
    assert load_listed_classifier(tmp_path, entry.file).classes == ("gold", "silver")


def test_a_file_that_no_manifest_names_is_not_opened(tmp_path, model):
    path = tmp_path / "model.segclassifier"
    path.write_bytes(classifier_bytes(model))
    with pytest.raises(UnpinnedClassifierError, match="not named by a MANIFEST"):
        load_classifier(path)


def test_a_file_that_changed_is_not_opened(tmp_path, model):
    entry = save_classifier(model, tmp_path, origin="a test")
    path = tmp_path / entry.file
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(UnpinnedClassifierError, match="is not what its MANIFEST"):
        load_classifier(tmp_path)
    with pytest.raises(ModelIntegrityError):
        load_listed_classifier(tmp_path, entry.file)
    assert "failed its integrity check" in list_classifiers(tmp_path).refused[0].reason


def test_writing_again_replaces_the_result(tmp_path, model):
    save_classifier(model, tmp_path, origin="first")
    save_classifier(model, tmp_path, origin="second")
    assert [each.origin for each in list_classifiers(tmp_path).models] == ["second"]
    assert load_classifier(tmp_path).classes == model.classes


def test_no_file_is_said(tmp_path):
    with pytest.raises(FileNotReadableError):
        load_classifier(tmp_path)


def test_an_uploaded_classifier_is_refused_unread():
    with pytest.raises(ClassifierUploadError, match="never taken from an upload"):
        refuse_foreign(b"PK", "tiers.segclassifier")


def repacked(model, change):
    with zipfile.ZipFile(io.BytesIO(classifier_bytes(model))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    card = json.loads(parts["model.json"])
    change(card)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("model.json", json.dumps(card))
        archive.writestr("learner", parts["learner"])
    return target.getvalue()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda card: card.update(version=99), NewerModelError, "format 99"),
        (lambda card: card.update(format="other"), NotAModelError, "format"),
        (lambda card: card.update(classifier="magic"), InvalidModelError, "classifier"),
        (lambda card: card.update(classes=["one"]), InvalidModelError, "classes"),
        (lambda card: card["learner"].update(sha256="0"), InvalidModelError, "learner"),
        (lambda card: card["learner"].update(kind="pickle"), InvalidModelError, "learner.kind"),
        (lambda card: card["form"][0].update(kind="colour"), InvalidModelError, r"form\[0\].kind"),
        (lambda card: card["identities"].update(prints="xyz"), InvalidModelError, "identities"),
        (lambda card: card["held_out"].update(accuracy="high"), InvalidModelError, "held_out.accuracy"),
        (lambda card: card.update(extra=1), InvalidModelError, "extra"),
    ],
)
def test_the_first_value_that_is_wrong_is_named(model, change, error, words):
    with pytest.raises(error, match=words):
        classifier_from_bytes(repacked(model, change))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}"])
def test_what_is_no_classifier_is_said(content):
    with pytest.raises(NotAModelError):
        classifier_from_bytes(content)


def test_a_file_that_asks_for_another_type_is_refused_with_its_name():
    hostile = skops.io.dumps(FunctionTransformer(func=json.loads))
    with pytest.raises(ClassifierRefusedError, match="json"):
        ConfinedClassifier(hostile)


def test_a_damaged_skops_file_is_said():
    with pytest.raises(ClassifierFailedError, match="damaged"):
        ConfinedClassifier(b"not a file of skops")


def test_the_trusted_types_are_few_and_belong_to_scikit_learn():
    assert len(TRUSTED) == 4
    assert all(name.startswith("sklearn.") for name in TRUSTED)


def test_a_process_that_ended_is_started_again():
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = (X[:, 0] > 0).astype(int)
    plain = LogisticRegression().fit(X, y)
    kept = confined(skops.io.dumps(plain))
    kept._worker.end()
    np.testing.assert_array_equal(kept.predict_proba(X), plain.predict_proba(X))
    assert kept.predict_proba(np.empty((0, 2))).shape == (0, 2)


def test_the_same_content_is_opened_once():
    content = skops.io.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    assert confined(content) is confined(content)
