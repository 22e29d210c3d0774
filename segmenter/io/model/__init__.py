"""Saved segmentations: plain data, a format version, a manifest; old pickles only through a restricted reader."""

from segmenter.io.model.classifier_folder import list_classifiers, load_classifier, open_classifier, save_classifier
from segmenter.io.model.conversion import convert_pickled
from segmenter.io.model.folder import MODELS_FOLDER, ModelFolder, list_models, load_model, save_model
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.io.model.manifest import ModelEntry
from segmenter.io.model.pickled import PickledKMeans, read_pickled_kmeans, refuse_foreign

__all__ = [
    "MODELS_FOLDER",
    "ModelEntry",
    "ModelFolder",
    "PickledKMeans",
    "convert_pickled",
    "from_bytes",
    "list_classifiers",
    "list_models",
    "load_classifier",
    "load_model",
    "open_classifier",
    "read_pickled_kmeans",
    "refuse_foreign",
    "save_classifier",
    "save_model",
    "to_bytes",
]
