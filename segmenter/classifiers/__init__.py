"""Which ways to learn known segments are there? Add one here: an entry in `CLASSIFIERS`."""

from segmenter.classifiers.classifier import Classifier, Learner, Teller
from segmenter.classifiers.network import NETWORK
from segmenter.classifiers.standard import STANDARD

CLASSIFIERS: dict[str, Classifier] = {each.key: each for each in (*STANDARD, NETWORK)}

__all__ = ["CLASSIFIERS", "Classifier", "Learner", "Teller"]
