"""The chart of known labels carries the counts, coloured by their share of the segment."""

import numpy as np
import pytest

from segmenter.charts.comparison import label_map
from segmenter.segment.external_labels import ExternalLabelComparison
from segmenter.segment.segmentation import MajorityLabelMap


def test_shares_are_of_the_segment_and_labels_are_names():
    mapping = MajorityLabelMap("kind", ("1", "2"), 0.8, 0.6, 0.3, 10)
    table = np.array([[6, 2], [0, 2]])
    figure = label_map(
        ExternalLabelComparison(("1", "2"), table, mapping, 0, formed_by_it=False), ("Regulars", "<i>Rest</i>")
    )
    drawn = figure.data[0]
    assert drawn.z.tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert drawn.text.tolist() == table.tolist()
    assert (drawn.zmin, drawn.zmax) == (0, pytest.approx(1.0))
    assert list(drawn.y) == ["Regulars", "‹i›Rest‹/i›"]
    assert figure.layout.xaxis.type == "category"
