"""What segments stand for is read back exactly, and nothing else is taken for it."""

from dataclasses import asdict

import pytest

from segmenter.core.label_mapping import LabelMapping
from segmenter.errors import InvalidModelError
from segmenter.store.known import read_known

MAPPING = LabelMapping("kind", ("A", "B", "A"), 0.4, 0.28, 0.05, 8_068)


def plain(**changed):
    return {**asdict(MAPPING), "labels": ["A", "B", "A"], **changed}


def test_it_is_read_back_as_it_was():
    assert read_known(plain(), 3) == MAPPING
    assert read_known(None, 3) is None


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"labels": ["A", "B"]}, "known.labels"),
        ({"labels": ["A", "B", 3]}, r"known.labels\[2\]"),
        ({"accuracy": 1.5}, "known.accuracy"),
        ({"baseline": -0.1}, "known.baseline"),
        ({"agreement": "high"}, "known.agreement"),
        ({"n_customers": -1}, "known.n_customers"),
        ({"column": "x" * 500}, "known.column"),
        ({"more": 1}, "known.more"),
    ],
)
def test_anything_else_is_refused_by_its_place(changed, place):
    with pytest.raises(InvalidModelError, match=place):
        read_known(plain(**changed), 3)


def test_what_is_no_object_is_refused():
    with pytest.raises(InvalidModelError, match="known"):
        read_known(["A", "B", "A"], 3)
