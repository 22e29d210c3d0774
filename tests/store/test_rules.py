"""Rules that place customers, written as plain numbers: read back bit for bit, and only if they make sense."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.algorithms import ALGORITHMS
from segmenter.errors import InvalidModelError
from segmenter.progress import silent
from segmenter.store.placements import PLACEMENTS, read_placement, written_placement

CENTRES = np.zeros((4, 2))
KEYS = {
    "mixture": "gaussian-mixture",
    "nested": "bisecting",
    "prototypes": "k-prototypes",
    "nearest-unit": "hdbscan",
    "encoded": "autoencoder",
}


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    return np.vstack([random.normal(middle, 0.6, size=(60, 2)) for middle in ((0, 0), (5, 0), (0, 5), (5, 5))])


@pytest.fixture(scope="module")
def written(rows):
    def plain(kind):
        formed = ALGORITHMS[KEYS[kind]].form(rows, 4, 0, {}, silent)
        return json.loads(json.dumps(written_placement(formed.placement, KEYS[kind])))

    return {kind: plain(kind) for kind in KEYS}


def test_every_kind_of_rule_is_tried_here():
    assert set(KEYS) == set(PLACEMENTS)


@pytest.mark.parametrize("kind", KEYS)
def test_a_rule_that_was_read_places_everybody_as_the_one_that_was_written(rows, kind, written):
    formed = ALGORITHMS[KEYS[kind]].form(rows, 4, 0, {}, silent).placement
    read = read_placement(written[kind], CENTRES)
    anywhere = np.random.default_rng(1).uniform(-20, 20, size=(500, 2))
    np.testing.assert_array_equal(read.place(anywhere), formed.place(anywhere))
    np.testing.assert_array_equal(read.distances(anywhere), formed.distances(anywhere))
    assert written_placement(read, "") == written[kind]


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("mixture", {"weights": [0.5, 0.5, 0.5, -0.5]}, "placement.weights are not shares"),
        ("mixture", {"weights": [0.5, 0.1, 0.1, 0.1]}, "placement.weights are not shares"),
        ("mixture", {"weights": [0.5, 0.5]}, r"placement.weights\[0\] is not a list"),
        ("mixture", {"means": [[0, 0]]}, "placement.means does not have 4 rows"),
        ("mixture", {"triangles": [[1, 0, 0]] * 4}, "hold a spread that is not above zero"),
        ("mixture", {"triangles": [[1, 0, 0, 0]] * 4}, r"placement.triangles\[0\] is not a list"),
        ("nested", {"sides": [[0, 0]]}, "placement.sides does not have 6 rows"),
        ("nested", {"leads_to": [0, 1, 2, -1, -2, -3]}, "does not lead to every segment once"),
        ("nested", {"leads_to": [1, 2, -1, -2, -3, -3]}, "does not lead to every segment once"),
        ("nested", {"leads_to": [1, 1, -1, -2, -3, -4]}, "does not lead to every segment once"),
        ("nested", {"leads_to": [9, 2, -1, -2, -3, -4]}, r"placement.leads_to\[0\] is not a whole number"),
        ("prototypes", {"factors": [1, -1]}, "placement.factors holds a number below zero"),
        ("prototypes", {"prototypes": [[0, 0]] * 3}, "placement.prototypes does not have 4 rows"),
        ("nearest-unit", {"agreement": 2}, "placement.agreement is not a share"),
        ("nearest-unit", {"reach": [-1]}, "placement.reach"),
        ("nearest-unit", {"segments": [7]}, "placement.segments"),
        ("nearest-unit", {"surprise": 1}, "placement.surprise does not belong there"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_its_place_named(written, kind, change, sentence):
    with pytest.raises(InvalidModelError, match=sentence):
        read_placement({**written[kind], **change}, CENTRES)


def test_units_written_before_they_had_a_reach_are_read():
    old = {"type": "nearest-unit", "units": [[0.0, 0.0], [1.0, 1.0]], "segments": [0, 1]}
    rule = read_placement(old, CENTRES)
    assert (rule.reach, rule.agreement) == (None, 1.0)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KEYS)
@given(place=st.integers(0, 5), value=JSON)
def test_no_value_brings_the_reader_down(written, kind, place, value):
    keys = sorted(set(written[kind]) - {"type"})
    changed = {**written[kind], keys[place % len(keys)]: value}
    try:
        rule = read_placement(changed, CENTRES)
    except InvalidModelError as error:
        assert "placement" in str(error)  # noqa: PT017 - either outcome is right
        return
    assert set(rule.place(np.zeros((1, 2)))) <= {-1, 0, 1, 2, 3}


def test_a_mixtures_file_holds_no_more_than_the_triangle_or_the_diagonal(rows, written):
    assert [len(triangle) for triangle in written["mixture"]["triangles"]] == [3] * 4
    diagonal = ALGORITHMS["gaussian-mixture"].form(rows, 4, 0, {"shape": "diag"}, silent).placement
    plain = written_placement(diagonal, "")
    assert [len(triangle) for triangle in plain["triangles"]] == [2] * 4
    np.testing.assert_array_equal(read_placement(plain, CENTRES).factors, diagonal.factors)
