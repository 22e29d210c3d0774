"""The registry of views of a method's own details."""

from collections.abc import Callable
from dataclasses import dataclass

from segmenter.cluster.gaussian import MixtureDetails
from segmenter.cluster.hierarchical import Dendrogram
from segmenter.cluster.som.fit import SomMap
from segmenter.networks.curve import LearningCurve
from segmenter.segment.result import Result
from segmenter.ui.widgets import mixture_view, som_view, training_view, tree_view


@dataclass(frozen=True)
class DetailsView:
    """A tab beside those that every result has.

    Attributes
    ----------
    title
        The tab's name.
    show
        Draws it from a result; the text keeps two results' widgets apart.
    """

    title: str
    show: Callable[[Result, str], None]


# Add a view here: the type of a method's details, and what draws them.
VIEWS: dict[type, DetailsView] = {
    SomMap: DetailsView("Map of units", som_view.show),
    LearningCurve: DetailsView("Training", training_view.show),
    Dendrogram: DetailsView("Tree", tree_view.show),
    MixtureDetails: DetailsView("Probabilities", mixture_view.show),
}


def view_of(result: Result) -> DetailsView | None:
    """Return what draws this method's own details; None where it has none, as in every loaded model."""
    return VIEWS.get(type(result.segmentation.clusterer.details_))
