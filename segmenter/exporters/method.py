"""What did the method find beside the segments, as plain values?"""

from dataclasses import asdict

from segmenter.algorithms import ALGORITHMS
from segmenter.algorithms.density import DensityDetails
from segmenter.algorithms.gaussian import MixtureDetails
from segmenter.algorithms.hierarchy import Dendrogram
from segmenter.core.segmentation import Segmentation

# The merges that a cut chooses among; those below join customers within segments.
LAST_MERGES = 30


def method_record(segmentation: Segmentation) -> dict[str, object]:
    """Return the method, how far its rule for new customers follows it, and what only this method has to show."""
    algorithm = ALGORITHMS[segmentation.recipe.algorithm]
    return {
        "key": algorithm.key,
        "title": algorithm.title,
        "finds_number": algorithm.finds_number,
        "agreement": segmentation.agreement,
        **_details(segmentation.clusterer.details_),
    }


def _details(details: object | None) -> dict[str, object]:
    match details:
        case MixtureDetails():
            return {"bic": details.bic, "best_by_bic": details.best}
        case Dendrogram():
            return {"last_merges": details.heights[-LAST_MERGES:].tolist(), "merged": details.n_leaves}
        case DensityDetails():
            return asdict(details)
        case _:
            return {}
