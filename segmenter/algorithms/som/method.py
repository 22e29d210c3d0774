"""What may a user change about a map, and how is it one of the ways to form segments?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.formed import Formed
from segmenter.algorithms.som.fit import BATCH, IN_TURN, MapSettings, fit_som
from segmenter.algorithms.som.grid import GridKind
from segmenter.algorithms.som.hierarchy import Linkage
from segmenter.algorithms.som.training import Shrink
from segmenter.algorithms.som.words import in_words
from segmenter.progress import Progress
from segmenter.settings import Setting, Settings

# A saved model holds up to 1,600 units.
_LONGEST_SIDE = 40
_DEFAULT = MapSettings()

SOM_SETTINGS = (
    Setting("rows", "Rows of the map", _DEFAULT.rows, 2, _LONGEST_SIDE, explanation="More units show finer detail."),
    Setting("columns", "Columns of the map", _DEFAULT.columns, 2, _LONGEST_SIDE),
    Setting(
        "epochs", "Passes", _DEFAULT.epochs, 1, 1_000,
        explanation="How often the customers are shown to the map; one after the other, 250 of them each time.",
    ),
    Setting(
        "training", "Training", _DEFAULT.training, choices=(BATCH, IN_TURN),
        explanation="All customers at once (batch, repeatable without a seed) or one after the other.",
    ),
    Setting(
        "grid", "Grid", _DEFAULT.grid.value, choices=tuple(kind.value for kind in GridKind),
        explanation="A unit touches eight others (rectangular) or six (hexagonal).",
    ),
    Setting(
        "linkage", "Merging units", _DEFAULT.linkage.value, choices=tuple(kind.value for kind in Linkage),
        explanation="Ward gives segments of usable sizes; average may leave one large segment and many tiny ones.",
    ),
    Setting(
        "smoothness", "Smoothness", _DEFAULT.smoothness, 0.1, 5.0,
        explanation="Higher keeps like beside like more strictly; lower follows the customers more closely.",
    ),
    Setting(
        "shrink", "Narrowing", _DEFAULT.shrink.value, choices=tuple(shrink.value for shrink in Shrink),
        explanation="Whether the reach of a customer over the map narrows by equal shares or equal steps.",
    ),
)  # fmt: skip


def form_by_map(X: NDArray[np.float64], n_segments: int, seed: int, settings: Settings, progress: Progress) -> Formed:
    """Form segments on a self-organising map."""
    labels, placement, details = fit_som(X, n_segments, seed=seed, settings=_map_settings(settings), progress=progress)
    return Formed(labels, placement, details, (in_words(details),))


def _map_settings(settings: Settings) -> MapSettings:
    return MapSettings(
        rows=int(settings["rows"]),
        columns=int(settings["columns"]),
        epochs=int(settings["epochs"]),
        training=str(settings["training"]),
        grid=GridKind(settings["grid"]),
        linkage=Linkage(settings["linkage"]),
        smoothness=float(settings["smoothness"]),
        shrink=Shrink(settings["shrink"]),
    )
