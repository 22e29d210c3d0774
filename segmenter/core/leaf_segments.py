"""Which segment is each leaf of a tree of merges in?"""

import numpy as np
from numpy.typing import NDArray

from segmenter.algorithms.content import content_order
from segmenter.algorithms.hierarchy import Dendrogram
from segmenter.algorithms.units import NearestUnit
from segmenter.core.result import Result


def segments_of_leaves(result: Result, tree: Dendrogram) -> NDArray[np.intp]:
    """Return the segments of a result formed by merging, leaf by leaf, shape (n_leaves,).

    The tree alone knows them too, but not their numbers where two segments are equally large.
    """
    segmentation = result.segmentation
    placed = (segmentation.labels >= 0).to_numpy()
    if tree.n_leaves == placed.sum():
        # The leaves are the customers, in the order that their values decide.
        X = segmentation.preparation.transform(result.dataset.frame[placed])
        labels: NDArray[np.intp] = segmentation.labels[placed].to_numpy(dtype=np.intp)[content_order(X)]
        return labels
    rule = segmentation.clusterer.placement_
    if isinstance(rule, NearestUnit) and len(rule.segments) == tree.n_leaves:
        return rule.segments
    return tree.cut(segmentation.n_segments)
