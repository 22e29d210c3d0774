"""One JSON for every record: strict parsers read it, and it holds what NumPy, dates and enumerations mean."""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from segmenter.io.writing import json_text
from segmenter.recipe.recipe import Role


@dataclass(frozen=True)
class _Pair:
    name: str
    share: float


def _strict(text):
    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def test_numbers_without_a_word_in_json_are_null():
    record = {"a": float("nan"), "b": [np.float64("inf"), -np.inf], "c": np.array([1.5, np.nan])}
    assert _strict(json_text(record)) == {"a": None, "b": [None, None], "c": [1.5, None]}


def test_values_of_libraries_become_plain_ones():
    record = {
        1: np.int64(7),
        "flag": np.bool_(True),
        "role": Role.NUMBER,
        "day": date(2024, 12, 31),
        "pair": _Pair("ü", 0.1),
        "names": ("a", "b"),
    }
    assert _strict(json_text(record)) == {
        "1": 7, "flag": True, "role": "number", "day": "2024-12-31", "pair": {"name": "ü", "share": 0.1},
        "names": ["a", "b"],
    }  # fmt: skip
    assert "ü" in json_text(record)


def test_what_has_no_json_is_refused_and_not_written_as_something_else():
    with pytest.raises(TypeError, match="object has no JSON"):
        json_text({"a": object()})
