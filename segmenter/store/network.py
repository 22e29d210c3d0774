"""How is a network that has learnt known segments written as plain numbers, and read back?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import numpy as np

from segmenter import config
from segmenter.classifiers.network import NetworkClassifier, NetworkSettings
from segmenter.errors import InvalidModelError, InvalidSettingError
from segmenter.networks.curve import LearningCurve
from segmenter.networks.stack import DenseStack
from segmenter.store import checking
from segmenter.store.encoder import read_stack, written_stack

MOST_CLASSES: Final = 200
MOST_EPOCHS: Final = 1_000
MOST_INNER_LAYERS: Final = 5
MOST_SEED: Final = 2**32 - 1

_KEYS = ("settings", "seed", "classes", "layers", "curve")


def written_network(learner: NetworkClassifier) -> dict[str, object]:
    """Return settings, weights and learning curve as plain values; no customer is in them.

    Batch normalisation is part of the weights already.
    """
    return {
        "settings": asdict(learner.settings or NetworkSettings()),
        "seed": learner.seed,
        "classes": [int(code) for code in learner.classes_],
        "layers": written_stack(learner.stack_),
        "curve": _written_curve(learner.curve_),
    }


def read_network(value: object, n_columns: int) -> NetworkClassifier:
    """Read what `written_network` wrote, for so many prepared columns.

    Raises
    ------
    InvalidModelError
        If a number is none, or the layers do not fit together.
    """
    plain = checking.mapping(value, "network", _KEYS)
    listed = checking.array(plain["classes"], "network.classes", most=MOST_CLASSES, least=1)
    classes = [checking.whole(each, f"network.classes[{n}]", least=0, most=10**6) for n, each in enumerate(listed)]
    if classes != sorted(set(classes)):
        raise InvalidModelError("network.classes", "are not in ascending order")
    stack = read_stack(plain["layers"], "network.layers", n_columns, most_layers=MOST_INNER_LAYERS + 1)
    if stack.n_out != len(classes):
        raise InvalidModelError("network.layers", f"do not end in {len(classes)} classes")
    return _learnt(plain, classes, stack)


def _learnt(plain: Mapping[str, object], classes: list[int], stack: DenseStack) -> NetworkClassifier:
    seed = checking.whole(plain["seed"], "network.seed", least=0, most=MOST_SEED)
    learner = NetworkClassifier.of(np.array(classes, dtype=np.intp), stack, _curve(plain["curve"]))
    learner.settings, learner.seed = _settings(plain["settings"]), seed
    return learner


def _settings(value: object) -> NetworkSettings:
    plain = checking.mapping(value, "network.settings", tuple(asdict(NetworkSettings())))
    try:
        return NetworkSettings.of(
            {name: checking.number(each, f"network.settings.{name}") for name, each in plain.items()}
        )
    except InvalidSettingError as error:
        raise InvalidModelError("network.settings", "are not possible") from error


def _written_curve(curve: LearningCurve) -> dict[str, object]:
    # A loss that was no number in some epoch has no place in JSON; the largest number stands for it.
    parts = {"training": curve.training, "validation": curve.validation, "rates": curve.rates}
    plain: dict[str, object] = {
        name: [float(np.nan_to_num(loss, nan=np.inf).clip(max=config.LARGEST_NUMBER)) for loss in part]
        for name, part in parts.items()
    }
    return {**plain, "measured": curve.measured}


def _curve(value: object) -> LearningCurve:
    place = "network.curve"
    plain = checking.mapping(value, place, ("training", "validation", "rates", "measured"))
    training, validation, rates = (
        tuple(
            checking.number(each, f"{place}.{name}[{n}]")
            for n, each in enumerate(checking.array(plain[name], f"{place}.{name}", most=MOST_EPOCHS))
        )
        for name in ("training", "validation", "rates")
    )
    if not len(training) == len(validation) == len(rates):
        raise InvalidModelError(place, "has parts of different lengths")
    return LearningCurve(training, validation, rates, checking.text(plain["measured"], f"{place}.measured"))
