"""Of which layers is a network made?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Layout:
    """A chain of layers, each `dense → batch normalisation → ReLU → dropout`, the linear ones only `dense`.

    Attributes
    ----------
    widths
        Numbers per row, from what goes in to what comes out.
    linear
        Which dense layers (0 is the first) are linear; the last one always is.
    dropout
        Share of the numbers set to zero after each ReLU while training (0-1).
    batch_norm
        Whether numbers are normalised over the batch before each ReLU.
    """

    widths: tuple[int, ...]
    linear: frozenset[int] = frozenset()
    dropout: float = 0.0
    batch_norm: bool = False

    @property
    def n_layers(self) -> int:
        """Number of dense layers."""
        return len(self.widths) - 1

    def is_linear(self, layer: int) -> bool:
        """Whether a dense layer's sums go on as they are."""
        return layer in self.linear or layer == self.n_layers - 1

    def normalised(self, layer: int) -> bool:
        """Whether a dense layer's sums are normalised over the batch."""
        return self.batch_norm and not self.is_linear(layer)

    def shapes(self) -> Iterator[tuple[int, int, int]]:
        """Yield every dense layer's (number, numbers in, numbers out)."""
        for layer, (n_in, n_out) in enumerate(pairwise(self.widths)):
            yield layer, n_in, n_out

    @property
    def n_parameters(self) -> int:
        """Numbers that are learned: weights and biases, and a scale and a shift where sums are normalised."""
        return sum(n_in * n_out + n_out * (3 if self.normalised(layer) else 1) for layer, n_in, n_out in self.shapes())
