"""The registry of classifiers. Add one here: an entry in `CLASSIFIERS`."""

from segmenter.classification.classifiers.classifier import Classifier, Learner, Predictor
from segmenter.classification.classifiers.network import NETWORK
from segmenter.classification.classifiers.standard import STANDARD

CLASSIFIERS: dict[str, Classifier] = {each.key: each for each in (*STANDARD, NETWORK)}

__all__ = ["CLASSIFIERS", "Classifier", "Learner", "Predictor"]
