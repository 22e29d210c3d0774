"""How are a network's weights written as plain numbers, and read back?"""

from collections.abc import Mapping
from typing import Final

from segmenter.algorithms.encoded import Encoded
from segmenter.algorithms.placement import Placement
from segmenter.errors import InvalidModelError
from segmenter.networks.stack import DenseLayer, DenseStack
from segmenter.store import checking

# The encoder has three layers of at most 16 × 4 × 2 numbers.
MOST_LAYERS: Final = 6
MOST_WIDTH: Final = 1_024


def written_encoder(placement: Placement) -> dict[str, object]:
    """Return the layers and the centres as lists of numbers."""
    assert isinstance(placement, Encoded)
    return {"layers": written_stack(placement.encoder), "encoded_centres": placement.centres.tolist()}


def read_encoder(value: Mapping[str, object], shape: tuple[int, int]) -> Encoded:
    """Read what `written_encoder` wrote, for `shape` (n_segments, n_features).

    Raises
    ------
    InvalidModelError
        If a number is none, or the layers do not fit together.
    """
    n_segments, width = shape
    plain = checking.mapping(value, "placement", ("type", "layers", "encoded_centres"))
    encoder = read_stack(plain["layers"], "placement.layers", width)
    place = "placement.encoded_centres"
    centres = checking.matrix(plain["encoded_centres"], place, most_rows=n_segments, width=encoder.n_out)
    if len(centres) != n_segments:
        raise InvalidModelError(place, "does not agree with the number of segments")
    return Encoded(encoder, centres)


def written_stack(stack: DenseStack) -> list[object]:
    """Return the layers as lists of numbers."""
    return [
        {"weights": layer.weights.tolist(), "bias": layer.bias.tolist(), "relu": layer.relu} for layer in stack.layers
    ]


def read_stack(value: object, place: str, width: int, *, most_layers: int = MOST_LAYERS) -> DenseStack:
    """Read what `written_stack` wrote, for rows of `width` numbers.

    Raises
    ------
    InvalidModelError
        If a number is none, or the layers do not fit together.
    """
    layers = []
    for n, each in enumerate(checking.array(value, place, most=most_layers, least=1)):
        layers.append(_layer(each, f"{place}[{n}]", width))
        width = len(layers[-1].bias)
    return DenseStack(tuple(layers))


def _layer(value: object, place: str, n_in: int) -> DenseLayer:
    plain = checking.mapping(value, place, ("weights", "bias", "relu"))
    n_out = len(checking.array(plain["bias"], f"{place}.bias", most=MOST_WIDTH, least=1))
    bias = checking.matrix([plain["bias"]], f"{place}.bias", most_rows=1, width=n_out)[0]
    weights = checking.matrix(plain["weights"], f"{place}.weights", most_rows=n_in, width=n_out)
    if len(weights) != n_in:
        raise InvalidModelError(f"{place}.weights", f"does not have {n_in} rows")
    if not isinstance(plain["relu"], bool):
        raise InvalidModelError(f"{place}.relu", "is neither true nor false")
    return DenseLayer(weights, bias, plain["relu"])
