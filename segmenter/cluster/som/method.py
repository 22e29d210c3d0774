"""The self-organising map as a way to form segments: its settings, and its quality in words."""

from typing import Final

from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.som.fit import BATCH, IN_TURN, Linkage, MapSettings, SomMap, fit_som
from segmenter.cluster.som.grid import GridKind
from segmenter.cluster.som.training import SigmaSchedule
from segmenter.progress import Progress
from segmenter.recipe.settings import Setting, Settings
from segmenter.typing import FloatArray

# A topographic error up to the first is faithful, up to the second usable.
FAITHFUL: Final = 0.10
USABLE: Final = 0.20


def in_words(found: SomMap) -> str:
    """Say how closely the map follows the customers, and whether like stands beside like."""
    return f"{closeness(found)} {order(found)}"


def closeness(found: SomMap) -> str:
    """Say how closely the map follows the customers."""
    return (
        f"On average a customer is {found.quantization_error:.2f} scaled units away from its unit of the map "
        f"(quantization error) and {found.spread:.2f} from the middle of all customers: the map takes away "
        f"{found.explained_share:.0%} of the distance."
    )


def order(found: SomMap) -> str:
    """Say whether like stands beside like."""
    torn = f"{found.topographic_error:.1%} of the customers have two most similar units that do not touch"
    if found.topographic_error <= FAITHFUL:
        return f"Like stands beside like on the map: only {torn} (topographic error)."
    if found.topographic_error <= USABLE:
        return f"Like mostly stands beside like on the map: {torn} (topographic error); more smoothness lowers it."
    return (
        f"Like does not reliably stand beside like on the map: {torn} (topographic error). Raise the smoothness "
        "before you read meaning into places on the map."
    )


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
        "shrink", "Narrowing", _DEFAULT.shrink.value, choices=tuple(shrink.value for shrink in SigmaSchedule),
        explanation="Whether the reach of a customer over the map narrows by equal shares or equal steps.",
    ),
)  # fmt: skip


def fit_som_segments(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form segments on a self-organising map."""
    labels, placement, details = fit_som(X, n_segments, seed=seed, settings=_map_settings(settings), progress=progress)
    return FitResult(labels, placement, details, (in_words(details),))


def _map_settings(settings: Settings) -> MapSettings:
    return MapSettings(
        rows=int(settings["rows"]),
        columns=int(settings["columns"]),
        epochs=int(settings["epochs"]),
        training=str(settings["training"]),
        grid=GridKind(settings["grid"]),
        linkage=Linkage(settings["linkage"]),
        smoothness=float(settings["smoothness"]),
        shrink=SigmaSchedule(settings["shrink"]),
    )
