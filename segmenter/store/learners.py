"""How is what a classifier has learnt written, and read back without running anything? Add a kind to `KINDS`."""

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import skops.io

from segmenter.classifiers import Teller
from segmenter.classifiers.bayes import MixedNaiveBayes
from segmenter.classifiers.network import NetworkClassifier
from segmenter.errors import InvalidModelError
from segmenter.store import checking
from segmenter.store.confined import ConfinedClassifier, confined
from segmenter.store.network import read_network, written_network

SKOPS: Final = "skops"
MOST_CLASSES: Final = 200


@dataclass(frozen=True)
class LearnerKind:
    """How one kind of classifier is written as plain numbers.

    Attributes
    ----------
    made
        The classifier's class.
    write
        What has learnt to plain values.
    read
        (plain values, number of prepared columns) to what has learnt; checks every value.
    """

    made: type[Teller]
    write: Callable[..., dict[str, object]]
    read: Callable[[object, int], Teller]


def written_learner(learner: Teller) -> tuple[str, bytes]:
    """Return the kind and the bytes of what has learnt: plain numbers as JSON where possible, else skops."""
    for name, kind in KINDS.items():
        if type(learner) is kind.made:
            return name, json.dumps(kind.write(learner), allow_nan=False).encode()
    if isinstance(learner, ConfinedClassifier):
        # What another process opened is written the way it was read.
        return SKOPS, learner.content
    return SKOPS, skops.io.dumps(learner, compression=zipfile.ZIP_DEFLATED, compresslevel=1)


def read_learner(kind: str, content: bytes, n_columns: int) -> Teller:
    """Return what has learnt, for so many prepared columns; skops files stay in a process of their own.

    Raises
    ------
    InvalidModelError, ClassifierRefusedError, ClassifierFailedError
        If the content is not what `written_learner` wrote.
    """
    if kind == SKOPS:
        return confined(content)
    if kind not in KINDS:
        raise InvalidModelError("learner.kind", f"is none of {', '.join((SKOPS, *KINDS))}")
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidModelError("learner", "is not JSON") from error
    return KINDS[kind].read(plain, n_columns)


def _written_bayes(learner: MixedNaiveBayes) -> dict[str, object]:
    return {
        "classes": [int(each) for each in learner.classes_],
        "log_prior": learner.log_prior_.tolist(),
        "borders": learner.borders_.tolist(),
        "two_valued": [int(each) for each in learner.two_valued_],
        "telling": [int(each) for each in learner.telling_],
        "mean": learner.mean_.tolist(),
        "variance": learner.variance_.tolist(),
        "yes": learner.yes_.tolist(),
    }


def _read_bayes(value: object, n_columns: int) -> MixedNaiveBayes:
    keys = ("classes", "log_prior", "borders", "two_valued", "telling", "mean", "variance", "yes")
    plain = checking.mapping(value, "learner", keys)
    listed = checking.array(plain["classes"], "learner.classes", most=MOST_CLASSES, least=2)
    learner = MixedNaiveBayes()
    learner.classes_ = np.array(
        [checking.whole(each, "learner.classes", least=0, most=MOST_CLASSES) for each in listed]
    )
    learner.log_prior_ = checking.matrix([plain["log_prior"]], "learner.log_prior", most_rows=1, width=len(listed))[0]
    rows = _rows(plain, ("borders", "two_valued", "telling"), n_columns)
    learner.borders_ = rows["borders"]
    learner.two_valued_, learner.telling_ = rows["two_valued"] > 0, rows["telling"] > 0
    tables = {
        name: checking.matrix(plain[name], f"learner.{name}", most_rows=MOST_CLASSES, width=n_columns)
        for name in ("mean", "variance", "yes")
    }
    if any(len(table) != len(listed) for table in tables.values()):
        raise InvalidModelError("learner", "does not have a row per class")
    learner.mean_, learner.variance_, learner.yes_ = tables["mean"], tables["variance"], tables["yes"]
    return learner


def _rows(plain: Mapping[str, object], names: tuple[str, ...], width: int) -> dict[str, np.ndarray]:
    return {name: checking.matrix([plain[name]], f"learner.{name}", most_rows=1, width=width)[0] for name in names}


KINDS: Final[dict[str, LearnerKind]] = {
    "naive-bayes": LearnerKind(MixedNaiveBayes, _written_bayes, _read_bayes),
    "network": LearnerKind(NetworkClassifier, written_network, read_network),
}
