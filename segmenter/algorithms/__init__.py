"""Which ways to form segments are there? Add one here: an entry in `ALGORITHMS`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms import autoencoder
from segmenter.algorithms.formed import FitFunction, Formed, Setting, Settings, complete
from segmenter.algorithms.kmeans import fit_kmeans
from segmenter.algorithms.placement import NearestCentre
from segmenter.algorithms.som.method import SOM_SETTINGS, form_by_map
from segmenter.progress import Progress


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
    """

    key: str
    title: str
    fit: FitFunction
    suits: str
    settings: tuple[Setting, ...] = ()
    needs: str = ""
    refit: FitFunction | None = None
    refits: int = 100

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


def _k_means(
    X: NDArray[np.float64],
    n_segments: int,
    seed: int,
    settings: Settings,  # noqa: ARG001 - one signature for all
    progress: Progress,
) -> Formed:
    fit = fit_kmeans(X, n_segments, seed=seed, progress=progress)
    return Formed(fit.labels, NearestCentre(fit.centres))


ALGORITHMS: dict[str, Algorithm] = {
    each.key: each
    for each in (
        Algorithm("k-means", "K-Means", _k_means, "round segments, files of any size"),
        Algorithm(
            "som",
            "Self-organising map",
            form_by_map,
            "a map to look at, segments of any shape",
            SOM_SETTINGS,
            refits=20,
        ),
        Algorithm(
            "autoencoder",
            "Autoencoder + K-Means",
            autoencoder.form_encoded,
            "columns that depend on each other in bent ways; seldom better than K-Means",
            autoencoder.SETTINGS,
            refit=autoencoder.form_encoded_again,
            refits=autoencoder.REFITS,
        ),
    )
}
