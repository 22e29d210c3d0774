"""Open one classifier and answer for prepared rows; runs in a worker.

What comes in and goes out are numbers. The classifier is opened by skops, which makes nothing but the types of
`TRUSTED` and those that it knows to be harmless itself; any other ends the work with the name that was refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import skops.io

if TYPE_CHECKING:
    from segmenter.worker.program import Call

# What scikit-learn's classifiers are made of, beyond NumPy arrays and scikit-learn's own estimators.
TRUSTED = (
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)


def answer(calls: Iterator[Call]) -> None:
    """Open the classifier of the first call, and answer the others for their rows."""
    opening = next(calls)
    classifier, said = opened(bytes(opening.inputs[0]))
    opening.answer(said)
    for call in calls if classifier is not None else ():
        X = np.frombuffer(call.inputs[0], dtype=np.float64).reshape(call.request["shape"])
        probabilities = np.ascontiguousarray(classifier.predict_proba(X), dtype=np.float64)  # type: ignore[attr-defined]
        with call.outputs[0].writer() as file:
            file.write(probabilities.data)
        call.answer({"shape": probabilities.shape})


def opened(content: bytes) -> tuple[object, dict[str, object]]:
    """Return the classifier and what to say of it; nothing, and why, where it is refused."""
    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED))
        if unknown:
            return None, {"refused": unknown[0]}
        classifier = skops.io.loads(content, trusted=list(TRUSTED))
        return classifier, {"classes": [int(each) for each in classifier.classes_]}
    except Exception as error:  # noqa: BLE001 - whatever a damaged file provokes is an answer
        return None, {"problem": type(error).__name__}
