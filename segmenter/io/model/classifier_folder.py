"""The folder of saved classifiers: listed, saved and opened only as its manifest pins them."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from segmenter.classification.model import SegmentModel
from segmenter.errors.base import check_type
from segmenter.errors.learning import UnpinnedClassifierError
from segmenter.errors.models import ModelIntegrityError
from segmenter.errors.reading import FileNotReadableError
from segmenter.io.model.classifiers import MOST_BYTES, SUFFIX, classifier_bytes, classifier_from_bytes
from segmenter.io.model.folder import ModelFolder, keep, list_models, read_listed
from segmenter.io.model.format import APP_VERSION
from segmenter.io.model.manifest import ModelEntry

CLASSIFIER: Final = "classifier"
# What the command line calls the one file that it writes.
USUAL_FILE: Final = f"model{SUFFIX}"


def list_classifiers(folder: Path) -> ModelFolder:
    """Return the classifiers whose content is what the manifest says; the others with the reason."""
    return list_models(folder, CLASSIFIER, SUFFIX, MOST_BYTES)


def add_classifier(folder: Path, model: SegmentModel, title: str, *, origin: str = "saved in the app") -> ModelEntry:
    """Save a classifier beside the other models; it never replaces one.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    """
    content = classifier_bytes(model)
    return keep(folder, content, _draft(model, content, title, origin), SUFFIX)


def save_classifier(model: SegmentModel, folder: Path | str, *, origin: str = "saved from Python") -> ModelEntry:
    """Write a classifier as the one of a folder, with the manifest that pins it.

    Parameters
    ----------
    model
        What `learn` returns as `.model`.
    folder
        Is made where there is none; the classifier that it holds is replaced.
    origin
        Where the classifier comes from, in a few words for the manifest.

    Raises
    ------
    UnsavedModelError
        If the folder cannot be written to or the disk is full.
    ArgumentTypeError
        If `model` is something else than a classifier.
    """
    check_type(model, SegmentModel, "model")
    folder = Path(folder)
    content = classifier_bytes(model)
    draft = _draft(model, content, model.recipe.target, origin, file=USUAL_FILE)
    return keep(folder, content, draft, SUFFIX)


def load_listed_classifier(folder: Path, file: str) -> SegmentModel:
    """Open a listed classifier, after checking its content.

    Raises
    ------
    DamagedManifestError, ModelIntegrityError
        If the manifest is damaged, does not name it, or its content has changed.
    SegmenterError
        If it cannot be opened.
    """
    entry, content = read_listed(folder, file, CLASSIFIER, MOST_BYTES)
    if not entry.load:
        raise ModelIntegrityError(file, "", "")
    return classifier_from_bytes(content)


def load_classifier(path: Path | str) -> SegmentModel:
    """Open a classifier by its path, or the usual one of a folder, if the manifest beside it pins its content.

    Parameters
    ----------
    path
        Of the classifier's file, or of the folder that `save_classifier` wrote.

    Raises
    ------
    FileNotReadableError, DamagedManifestError, UnpinnedClassifierError
        If there is no such file, the manifest is damaged, or it does not name this content.
    SegmenterError
        If it cannot be opened.
    """
    path = Path(path)
    try:
        file = path / USUAL_FILE if path.is_dir() else path
        there = file.is_file()
    except (OSError, ValueError):
        file, there = path, False
    if not there:
        raise FileNotReadableError(str(file))
    try:
        return load_listed_classifier(file.parent, file.name)
    except ModelIntegrityError as error:
        raise UnpinnedClassifierError(file.name, changed=bool(error.expected)) from error


def _draft(model: SegmentModel, content: bytes, title: str, origin: str, file: str = "") -> ModelEntry:
    return ModelEntry(
        file=file,
        title=title,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        algorithm=model.classifier,
        k=len(model.classes),
        features=tuple(field.column for field in model.fields),
        made_with=f"segmenter {APP_VERSION}",
        created=datetime.now(UTC).date().isoformat(),
        licence="the owner's",
        origin=origin,
        kind=CLASSIFIER,
    )
