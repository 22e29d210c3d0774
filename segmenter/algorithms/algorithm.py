"""What is one way to form segments?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.formed import FitFunction, Formed
from segmenter.algorithms.space import Space
from segmenter.progress import Progress
from segmenter.settings import Setting, Settings, complete


@dataclass(frozen=True)
class Algorithm:
    """One way to form segments.

    Attributes
    ----------
    key
        Its name on the command line and in saved models.
    title
        Its name on the screen.
    fit
        Forms segments from prepared rows.
    suits
        What it is good for, in a few words.
    settings
        What the user may change about it; `fit` gets a value for each.
    needs
        What must be installed first, as a sentence; empty where it can be used.
    refit
        A quicker way to form segments once more, to see whether they come back; None for `fit`.
    refits
        How many times that is done.
    for_space
        Makes this entry for prepared columns of known origin; None where a method treats all columns alike.
    finds_number
        Whether the number of segments is the method's own finding; the number asked for then changes nothing.
    """

    key: str
    title: str
    fit: FitFunction
    suits: str
    settings: tuple[Setting, ...] = ()
    needs: str = ""
    refit: FitFunction | None = None
    refits: int = 100
    for_space: "Callable[[Space], Algorithm] | None" = None
    finds_number: bool = False

    def within(self, space: Space | None) -> "Algorithm":
        """Return this method for prepared columns of which it is known what they come from."""
        return self if space is None or self.for_space is None else self.for_space(space)

    def form(
        self, X: NDArray[np.float64], n_segments: int, seed: int, settings: Settings, progress: Progress
    ) -> Formed:
        """Form segments with these settings, defaults for the rest.

        Raises
        ------
        InvalidSettingError
            If a setting is not known or not possible.
        """
        return self.fit(X, n_segments, seed, complete(self.settings, settings), progress)

    def form_again(
        self, X: NDArray[np.float64], n_segments: int, seed: int, settings: Settings, progress: Progress
    ) -> Formed:
        """Form segments of a resample, as well as it takes to see whether they come back."""
        again = self.refit or self.fit
        return again(X, n_segments, seed, complete(self.settings, settings), progress)
