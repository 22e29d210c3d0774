"""Saved segmentations: plain data, a format version, a manifest; old pickles only through a restricted reader."""

from segmenter.io.model.classifiers import (
    add_classifier,
    list_classifiers,
    load_classifier,
    load_listed_classifier,
)
from segmenter.io.model.folder import MODELS_FOLDER, ModelEntry, ModelFolder, add_model, list_models, load_listed_model
from segmenter.io.model.format import convert_pickled, from_bytes, load_model, save_model, to_bytes
from segmenter.io.model.pickled import PickledKMeans, read_pickled_kmeans, refuse_foreign

__all__ = [
    "MODELS_FOLDER",
    "ModelEntry",
    "ModelFolder",
    "PickledKMeans",
    "add_classifier",
    "add_model",
    "convert_pickled",
    "from_bytes",
    "list_classifiers",
    "list_models",
    "load_classifier",
    "load_listed_classifier",
    "load_listed_model",
    "load_model",
    "read_pickled_kmeans",
    "refuse_foreign",
    "save_model",
    "to_bytes",
]
