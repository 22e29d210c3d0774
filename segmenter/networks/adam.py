"""How far does each number move, given its slope now and before?"""

from typing import Final

import numpy as np

from segmenter.networks.parameters import Array, ParameterStore

# Kingma & Ba (2015), algorithm 1 with the defaults of its section 2; the small constant is Keras' (1e-7).
FIRST_DECAY: Final = 0.9
SECOND_DECAY: Final = 0.999
EPSILON: Final = 1e-7


class Adam:
    """Steps of about `rate` for each number, smaller where its slope keeps changing sign.

    Attributes
    ----------
    rate
        The learning rate; may be lowered between steps.
    """

    def __init__(self, store: ParameterStore, rate: float) -> None:
        self._store, self.rate, self._steps = store, rate, 0
        self._mean: Array = np.zeros_like(store.values)
        self._square: Array = np.zeros_like(store.values)

    def step(self) -> None:
        """Move every number of the store against its slope.

        As the end of section 2 has it: both corrections of the early steps go into the rate.
        """
        self._steps += 1
        slopes, kind = self._store.slopes, self._store.values.dtype.type
        self._mean += kind(1.0 - FIRST_DECAY) * (slopes - self._mean)
        self._square += kind(1.0 - SECOND_DECAY) * (slopes * slopes - self._square)
        rate = self.rate * np.sqrt(1.0 - SECOND_DECAY**self._steps) / (1.0 - FIRST_DECAY**self._steps)
        below = np.sqrt(self._square)
        below += kind(EPSILON)
        self._store.values -= kind(rate) * (self._mean / below)
