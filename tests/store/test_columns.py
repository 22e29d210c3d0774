"""A fitted column comes out of a model file exactly as it went in, and older files still mean what they meant."""

import json

import numpy as np
import pandas as pd
import pytest

from segmenter.core.encoding import fit_column
from segmenter.core.recipe import DateUse, FeatureSpec, Missing, Role, Scaling, Transform
from segmenter.errors import InvalidModelError
from segmenter.store.columns import read_column, written_column

RANDOM = np.random.default_rng(0)
NUMBERS = pd.Series(np.append(RANDOM.lognormal(3, 1, 99), np.nan))
WORDS = pd.Series([*RANDOM.choice(["a", "b", "c"], 99), None])
DATES = pd.Series([*pd.date_range("2020-02-01", periods=99, freq="11D"), pd.NaT])

COLUMNS = {
    "number": (FeatureSpec("x"), NUMBERS),
    "capped": (FeatureSpec("x", cap=(1.0, 99.0), indicator=True), NUMBERS),
    "power": (FeatureSpec("x", transform=Transform.YEO_JOHNSON, missing=Missing.CONSTANT, constant=3.0), NUMBERS),
    "ordinal": (FeatureSpec("x", Role.ORDINAL, order=("c", "a", "b")), WORDS),
    "age": (FeatureSpec("x", Role.DATE, date_use=DateUse.AGE, reference="2024-01-01"), DATES),
    "month": (FeatureSpec("x", Role.DATE, Missing.MODE, date_use=DateUse.MONTH, indicator=True), DATES),
    "category": (FeatureSpec("x", Role.CATEGORY, Missing.CATEGORY, rare=0.1, indicator=True), WORDS),
}


@pytest.fixture(params=COLUMNS)
def column(request):
    spec, values = COLUMNS[request.param]
    return fit_column(spec, values, Scaling.STANDARD)


def plain(column):
    return json.loads(json.dumps(written_column(column)))


def test_a_column_is_read_as_it_was_written_to_the_last_bit(column):
    assert read_column(plain(column), "here") == column


def test_a_column_from_before_these_choices_has_none_of_them():
    spec, values = COLUMNS["number"]
    fitted = fit_column(spec, values, Scaling.STANDARD)
    old = plain(fitted)
    for name in ("date_use", "floor", "ceiling", "power", "indicator"):
        del old[name]
    assert read_column(old, "here") == fitted


@pytest.mark.parametrize(
    ("which", "name", "value", "sentence"),
    [
        ("number", "type", "magic", "here.type is neither number, cycle nor category"),
        ("number", "power", "x", "here.power is not a number"),
        ("capped", "ceiling", "x", "here.ceiling is not a number"),
        ("capped", "indicator", -1, "here.indicator is not above zero"),
        ("month", "fill", [1], "here.fill is not a list"),
        ("month", "date_use", "age", "here.date_use is not one of the possible choices"),
        ("category", "rare", None, "here.rare is not a number"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(which, name, value, sentence):
    spec, values = COLUMNS[which]
    changed = {**plain(fit_column(spec, values, Scaling.STANDARD)), name: value}
    with pytest.raises(InvalidModelError) as caught:
        read_column(changed, "here")
    assert sentence in str(caught.value)
