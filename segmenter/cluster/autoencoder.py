"""K-Means on the code that an autoencoder learns.

An autoencoder squeezes every row through a narrow middle and learns to give it back; K-Means then groups what
stands in the middle.
"""

from typing import Final

import numpy as np

from segmenter.cluster.algorithm import FitResult
from segmenter.cluster.assigners import LatentCentres
from segmenter.cluster.kmeans import fit_kmeans, quick_kmeans
from segmenter.errors.forming import TooFewDistinctRowsError
from segmenter.errors.learning import EncodedAlikeError
from segmenter.networks.network import (
    ABSOLUTE,
    QUICK,
    SQUARED,
    Architecture,
    DenseStack,
    Examples,
    LearningCurve,
    Network,
    Schedule,
    train,
    unwatched,
)
from segmenter.progress import Progress, part
from segmenter.recipe.recipe import Setting, Settings
from segmenter.sampling import canonical_order, systematic_sample
from segmenter.typing import FloatArray

# Numbers in the layers of the first half, for up to REFERENCE_COLUMNS prepared columns; more columns widen all
# of them in proportion, up to MOST_WIDER times.
FIRST_HALF: Final = (16, 12, 8)
REFERENCE_COLUMNS, MOST_WIDER = 9, 4.0
# More rows teach a network of this size nothing new; above, a fair sample is learned from.
TRAINING_ROWS: Final = 100_000
# Held out to see when to stop: every tenth row, or all rows again where there are too few to spare any.
HELD_OUT_EVERY, SPARED_FROM = 10, 20
# A step's calls cost as much for 256 rows as for 32; small files need the many steps, large ones do not.
SMALLEST_BATCH, LARGEST_BATCH, STEPS_AN_EPOCH = 32, 512, 300
# On four real files the mean silhouette in the prepared space, four seeds each, was .074 .040 .129 .100 without
# dropout, .135 .120 .177 .193 with this share, .133 .117 .191 .175 with twice as much: a network that loses numbers
# at random spreads what matters evenly over its middle, and K-Means counts every number there alike.
DROPOUT: Final = 0.1
# Share of the work: training, then K-Means.
TRAINED: Final = 0.8
# Stability asks whether the same segments come back from other rows and another start. So many refits, each of so
# many epochs of at most so many steps, answer that within the time of a few whole fits.
REFITS: Final = 10
REFIT_EPOCHS, REFIT_STEPS = 40, 40

_LOSSES: Final = {each.name.split()[1]: each for each in (SQUARED, ABSOLUTE)}
MOST_LAYERS, WIDEST_LAYER = 6, 512


def first_half(text: str, n_columns: int = 0) -> tuple[int, ...]:
    """Return the widths from the first layer to the middle of a text.

    Parameters
    ----------
    text
        "16-12-8", or with the way back, "16-12-8-12-16", or with the columns too, "9-16-12-8-12-16-9".
    n_columns
        How many there are; 0 where that is not known.

    Raises
    ------
    ValueError
        If it is neither; the message says what is wrong.
    """
    parts = [part.strip() for part in text.split("-")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        raise ValueError("whole numbers with hyphens between them are wanted")
    widths = [int(part) for part in parts]
    if len(widths) >= 3 and widths == widths[::-1]:
        widths = widths[int(widths[0] == n_columns) : len(widths) // 2 + 1]
    if len(widths) > MOST_LAYERS:
        raise ValueError(f"at most {MOST_LAYERS} layers lead to the middle")
    if not all(2 <= width <= WIDEST_LAYER for width in widths):
        raise ValueError(f"each layer has 2 to {WIDEST_LAYER} numbers")
    return tuple(widths)


SETTINGS: Final = (
    Setting("epochs", "Epochs at most", 100, 1, 1_000, explanation="Passes over the customers."),
    Setting(
        "dropout",
        "Dropout",
        DROPOUT,
        0.0,
        0.5,
        explanation=(
            "Share of the numbers dropped at random while learning. With 0 the network gives customers back almost "
            "exactly, but the segments stand apart far less; more than 0.2 blurs what it gives back."
        ),
    ),
    Setting("rate", "Learning rate", 1e-3, 1e-5, 0.1, explanation="How far each step goes (Adam)."),
    Setting(
        "batch", "Customers per step", 0, 0, 4_096, explanation="0 picks 32, and more for large files: at most 512."
    ),
    Setting("patience", "Patience", 15, 1, 1_000, explanation="Epochs without improvement after which learning stops."),
    Setting("flat", "Flat epochs", 5, 1, 1_000, explanation="Flat epochs after which the learning rate is halved."),
    Setting("wider", "Width", 1.0, 0.25, 2.0, explanation="Multiplies the numbers in every layer."),
    Setting(
        "layers",
        "Layers",
        "",
        parse=first_half,
        example="16-12-8",
        explanation=(
            "Numbers in the layers from the first to the middle; the way back is its mirror. Empty for 16-12-8, wider "
            "for many columns."
        ),
    ),
    Setting(
        "loss",
        "Loss",
        "squared",
        choices=tuple(_LOSSES),
        explanation="What learning makes small: squared errors, or absolute ones, which few large ones move less.",
    ),
)


def fit_autoencoder(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Train an autoencoder, then find segments in its middle with K-Means.

    Raises
    ------
    DivergedError
        If the learning rate is too high to learn anything.
    EncodedAlikeError
        If the network makes fewer than `n_segments` different things of the customers.
    """
    encoder, curve = train_encoder(X, seed, settings, part(progress, 0.0, TRAINED))
    codes = LatentCentres(encoder, np.empty((0, encoder.n_out))).encode(X)
    try:
        fit = fit_kmeans(codes, n_segments, seed=seed, progress=part(progress, TRAINED, 1.0))
    except TooFewDistinctRowsError as error:
        raise EncodedAlikeError(error.distinct) from error
    return FitResult(fit.labels, LatentCentres(encoder, fit.centres), curve)


def refit_autoencoder(X: FloatArray, n_segments: int, seed: int, settings: Settings, progress: Progress) -> FitResult:
    """Form them once more for stability: a new start of the network, fewer and larger steps, few K-Means starts."""
    fewer = {**settings, "epochs": min(int(settings["epochs"]), REFIT_EPOCHS)}
    batch = max(int(settings["batch"]), SMALLEST_BATCH, len(X) // REFIT_STEPS)
    with unwatched():
        encoder, curve = train_encoder(X, seed, {**fewer, "batch": min(batch, LARGEST_BATCH)}, progress)
    codes = LatentCentres(encoder, np.empty((0, encoder.n_out))).encode(X)
    shift = np.median(codes, axis=0)
    end = quick_kmeans(codes - shift, n_segments, seed)
    return FitResult(end.labels.astype(np.intp), LatentCentres(encoder, end.centres + shift), curve)


def train_encoder(X: FloatArray, seed: int, settings: Settings, progress: Progress) -> tuple[DenseStack, LearningCurve]:
    """Return the first half of an autoencoder trained on `X`, shape (n, p), and how it learned.

    The same rows in any order and the same seed give the same numbers to the last bit.
    """
    # Medians, unlike means, are the same to the last bit for any order of the rows.
    middle = np.median(X, axis=0)
    unit = _spread(X - middle)
    # Learning from float32 also takes away the last bits in which the same amounts in other units differ.
    rows = ((X - middle) / unit).astype(QUICK)
    order = canonical_order(rows.astype(np.float64))
    rows = rows[order[systematic_sample(len(rows), TRAINING_ROWS)]]
    network = Network(layout_for(X.shape[1], settings), seed)
    held = np.arange(len(rows)) % HELD_OUT_EVERY == HELD_OUT_EVERY // 2
    learned = ~held if len(rows) >= SPARED_FROM else np.ones(len(rows), dtype=bool)
    held = held if len(rows) >= SPARED_FROM else learned
    examples = Examples(rows[learned], rows[learned], rows[held], rows[held])
    loss = _LOSSES[str(settings["loss"])]
    curve = train(network, examples, loss, _schedule(len(examples.rows), seed, settings), progress)
    return network.stack(len(network.layout.widths) // 2).standardised(middle, unit), curve


def layout_for(n_columns: int, settings: Settings) -> Architecture:
    """Return the layers: n-16-12-8-12-16-n for up to nine prepared columns, wider in proportion for more, or as asked.

    The middle is linear: numbers that ReLU sets to zero for all would make different customers look alike.
    """
    factor = float(settings["wider"]) * min(max(n_columns / REFERENCE_COLUMNS, 1.0), MOST_WIDER)
    asked = str(settings["layers"])
    half = first_half(asked, n_columns) if asked else tuple(max(2, round(width * factor)) for width in FIRST_HALF)
    widths = (n_columns, *half, *half[-2::-1], n_columns)
    return Architecture(widths, frozenset({len(half) - 1}), float(settings["dropout"]))


def _schedule(n_rows: int, seed: int, settings: Settings) -> Schedule:
    return Schedule(
        epochs=int(settings["epochs"]),
        batch_rows=int(settings["batch"]) or int(np.clip(n_rows // STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH)),
        rate=float(settings["rate"]),
        patience=int(settings["patience"]),
        flat_epochs=int(settings["flat"]),
        seed=seed,
    )


def _spread(gaps: FloatArray) -> float:
    """Return one length for all columns: their root mean square.

    Columns keep the weights that the preparation gave them; networks learn best from numbers around one.
    """
    largest = float(np.abs(gaps).max()) or 1.0
    return largest * float(np.sqrt(np.mean((gaps / largest) ** 2))) or 1.0
