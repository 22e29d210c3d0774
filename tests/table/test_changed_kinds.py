"""The user's own word on what a column is: taken where the cells allow it, refused in words where not."""

import numpy as np
import pandas as pd
import pytest

from segmenter.io.read.table import read_table
from segmenter.prepare.preparation import prepare
from segmenter.prepare.suggest import choose_features, suggest_features
from segmenter.recipe.recipe import Recipe, Role
from segmenter.table.columns import build_dataset, read_frame
from segmenter.table.dataset import ColumnKind, fingerprint_of


def said(frame, **kinds):
    return build_dataset(frame, "table", fingerprint=fingerprint_of(frame), kinds=kinds)


N = 40
FRAME = pd.DataFrame(
    {
        "spend": np.arange(N) * 7 % 23 + 0.5,
        "rating": np.arange(N) % 4 + 1,
        "city": ["Oslo", "Rome", "Bonn", "Lyon"] * 10,
        "answer": ["yes", "no"] * 20,
        "side": ["left", "right"] * 20,
        "day": pd.date_range("2024-01-01", periods=N).strftime("%Y-%m-%d"),
    }
)


@pytest.mark.parametrize("column", FRAME.columns)
@pytest.mark.parametrize("kind", ColumnKind)
def test_whatever_is_said_of_a_column_it_can_be_prepared_or_a_sentence_says_why_not(column, kind):
    frame = FRAME.astype(dict.fromkeys(FRAME.columns, "str"))
    dataset = said(frame, **{column: kind})
    taken = dataset.column(column).kind
    if taken is not kind:
        assert any(note.column == column and "can't be taken for" in note.text for note in dataset.notes)
    if taken is ColumnKind.PERSONAL:
        assert column not in [spec.column for spec in suggest_features(dataset) if spec.segments]
        return
    other = "spend" if column != "spend" else "rating"
    recipe = Recipe(choose_features(dataset, (column, other)), 2)
    assert np.isfinite(prepare(dataset, recipe).X).all()


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("city", ColumnKind.NUMBER), ("city", ColumnKind.MONEY), ("city", ColumnKind.DATE), ("side", ColumnKind.YES_NO),
        ("spend", ColumnKind.DATE), ("day", ColumnKind.PERCENTAGE), ("city", ColumnKind.YES_NO),
    ],
)  # fmt: skip
def test_words_are_no_amounts_and_numbers_no_dates(column, kind):
    before, after = read_frame(FRAME), said(FRAME, **{column: kind})
    assert after.column(column).kind is before.column(column).kind
    text = next(note.text for note in after.notes if note.column == column)
    assert f"`{column}` can't be taken for a {kind}, because too few of its cells are. It stays" in text


def test_a_number_said_to_be_ordered_has_its_own_order():
    dataset = said(FRAME, rating=ColumnKind.ORDERED)
    spec = next(each for each in choose_features(dataset, ("rating", "spend")) if each.column == "rating")
    assert (spec.role, spec.order) == (Role.ORDINAL, ("1", "2", "3", "4"))


def test_words_said_to_be_ordered_wait_for_their_order():
    dataset = said(FRAME, city=ColumnKind.ORDERED)
    spec = next(each for each in choose_features(dataset, ("city", "spend")) if each.column == "city")
    assert (spec.role, spec.order) == (Role.CATEGORY, ())


def test_numbers_are_personal_data_as_the_same_cells_are_as_text():
    phones = 4915112345000 + np.arange(30)
    typed = read_frame(pd.DataFrame({"phone": phones, "spend": np.arange(30) % 7}))
    text = read_table(pd.DataFrame({"phone": phones, "spend": np.arange(30) % 7}).to_csv(index=False).encode())
    for dataset in (typed, text):
        assert dataset.column("phone").kind is ColumnKind.PERSONAL
        assert dataset.column("phone").reason == "telephone numbers, as the column is called"


def test_a_column_that_holds_few_addresses_is_personal_all_the_same():
    emails = ["a@b.com", "c@d.org", "e@f.net"] + [None] * 27
    dataset = read_frame(pd.DataFrame({"contact": emails, "spend": np.arange(30) % 7}))
    assert dataset.column("contact").kind is ColumnKind.PERSONAL
