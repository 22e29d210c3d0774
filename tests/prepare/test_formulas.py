"""Columns of one's own: what formulas come to, what they refuse, and that models work them out again."""

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    add_column,
    assign_segments,
    choose_features,
    fit_segmentation,
    read_frame,
)
from segmenter.errors.forming import InvalidSettingError, MissingColumnsError
from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.prepare.formulas import canonical, source_columns, without_column

N = 40


@pytest.fixture(scope="module")
def dataset():
    random = np.random.default_rng(0)
    return read_frame(
        pd.DataFrame(
            {
                "spend": np.round(random.uniform(10, 900, N), 2),
                "orders": [0.0, None, *random.integers(1, 20, N - 2)],
                "Annual Income (k$)": random.integers(15, 140, N).astype(float),
                "country": random.choice(["DE", "FR"], N),
                "first": pd.date_range("2024-01-01", periods=N, freq="2D").strftime("%Y-%m-%d"),
                "last": pd.date_range("2024-02-01", periods=N, freq="3D").strftime("%Y-%m-%d"),
                "log": random.uniform(1, 2, N),
            }
        )
    )


def values(dataset, formula):
    return add_column(dataset, "own", formula).frame["own"]


def test_a_ratio_is_missing_where_nothing_divides(dataset):
    found = values(dataset, "spend / orders")
    assert np.isnan(found[0])
    assert np.isnan(found[1])
    assert found[2:].tolist() == (dataset.frame.spend / dataset.frame.orders)[2:].tolist()


@pytest.mark.parametrize(
    ("formula", "python"),
    [
        ("Annual Income (k$) - SPEND * 2", lambda f: f["Annual Income (k$)"] - f.spend * 2),
        ('("Annual Income (k$)" + `spend`) ^ 2', lambda f: (f["Annual Income (k$)"] + f.spend) ** 2),
        ("=log(spend) + log10(spend) + sqrt(spend)", lambda f: np.log(f.spend) + np.log10(f.spend) + np.sqrt(f.spend)),
        ("log * -1.5e1", lambda f: f.log * -15),
        ("max(spend, 100, log) - min(spend, log)", lambda f: np.maximum(f.spend, 100) - np.minimum(f.spend, f.log)),
        ("last - first", lambda f: 31.0 + np.arange(N)),
        ("IF(spend > 100 and country == 'DE', 1, 2)", lambda f: np.where((f.spend > 100) & (f.country == "DE"), 1, 2)),
        ("round(spend, 1) if not spend < 100 else 0", lambda f: np.where(f.spend >= 100, f.spend.round(1), 0)),
        ("mean(spend, log)", lambda f: (f.spend + f.log) / 2),
        ("10 < spend <= 500", lambda f: ((f.spend > 10) & (f.spend <= 500)).astype(float)),
    ],
)
def test_formulas_come_to_what_they_say(dataset, formula, python):
    assert values(dataset, formula).to_numpy() == pytest.approx(np.asarray(python(dataset.frame), dtype=float))


def test_groups_have_an_order_and_words_are_categories(dataset):
    column = add_column(dataset, "band", "bins(spend, 100, 500)").columns[-1]
    assert (column.kind.value, column.levels) == (
        "ordered category",
        ("below 100", "100 to below 500", "500 and above"),
    )
    assert (
        values(dataset, "where(country == 'DE', 'home', 'abroad')").value_counts()["home"]
        == (dataset.frame.country == "DE").sum()
    )


def test_a_comparison_with_a_gap_says_nothing_but_or_may_decide(dataset):
    assert np.isnan(values(dataset, "orders > 3")[1])
    assert values(dataset, "orders > 3 or spend > 0")[1] == 1.0
    assert (
        values(dataset, "orders > 3 and spend < 0 or spend < 0 and orders > 1000 or country == 'x' or spend > 0")[1]
        == 1
    )


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')", "().__class__", "spend.__class__", "open('x')", "lambda: spend",
        "spend[0]", "spend; 1", "spend := 3", "f'{spend}'", "spend if", "exec('1')", "spend // 2",
        "spend in (1, 2)", "spend == 'x'", "country + 1", "country > 'DE'", "9**9**9**9 * spend + nobody", "", "  ",
        "1 + 1", "bins(spend, 5, 2)", "bins(spend, orders)", "min(spend)", "where(spend > 1, 'a', 2)", "spend = 3",
        "(" * 300 + "spend" + ")" * 300, "-" * 200 + "spend", "spend / 0", "x" * 501, "'spend", '"nobody" + spend',
        'orders / "spend', "orders / `spend", "orders / [spend", "bins(spend, 1e999)",
        "spend if country else 1", "*spend", "max(*spend)", "max(spend, b=2)", "1e999999 * spend - spend",
        "spend and yield", "await spend", "spend\x00", "not", "spend # comment (", "'a' if spend > 1 else 1",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_in_a_sentence(dataset, formula):
    with pytest.raises(InvalidSettingError, match=r"^own: .*\.$"):
        add_column(dataset, "own", formula)


def test_names_that_are_taken_or_empty_are_refused(dataset):
    for name in ("spend", " ", "x" * 201, "a\nb"):
        with pytest.raises(InvalidSettingError):
            add_column(dataset, name, "spend / orders")


def test_a_formula_is_kept_with_its_columns_in_quotes(dataset):
    names = [column.name for column in dataset.columns]
    written = canonical("Annual Income (k$) / spend if country == 'spend' else 1", names)
    assert written == '"Annual Income (k$)" / "spend" if "country" == \'spend\' else 1'
    assert canonical(written, names) == written
    assert source_columns(written) == ("Annual Income (k$)", "spend", "country")


@pytest.mark.parametrize("word", ["a\\b", "a\tb", "a\u00a0b", "Zürich", 'the "best"', "x^y <> z"])
def test_a_word_stands_in_the_kept_formula_as_it_was_typed(word):
    people = read_frame(pd.DataFrame({"shop": [word, "other"] * 20, "spend": range(40)}))
    kept = add_column(people, "own", f"shop == '{word}'").columns[-1].formula
    assert kept == f"\"shop\" == '{word}'"
    assert values(people, kept).tolist() == [1.0, 0.0] * 20


def test_a_saved_model_works_its_columns_out_again(dataset):
    table = add_column(add_column(dataset, "basket", "spend / max(orders, 1)"), "dear", "basket > 50")
    formed = fit_segmentation(table, Recipe(choose_features(table, ("dear", "log")), n_segments=2))
    assert [name for name, _ in formed.recipe.formulas] == ["basket", "dear"]
    model = from_bytes(to_bytes(formed))
    assert (assign_segments(dataset, model).segmentation.labels == formed.labels).all()
    renamed = read_frame(dataset.original.rename(columns={"spend": "SPEND"}))
    assert (assign_segments(renamed, model).segmentation.labels == formed.labels).all()
    other = read_frame(dataset.original.rename(columns={"spend": "Umsatz"}))
    assert (assign_segments(other, model, {"spend": "Umsatz"}).segmentation.labels == formed.labels).all()
    with pytest.raises(MissingColumnsError, match="no orders"):
        assign_segments(read_frame(dataset.original.drop(columns="orders")), model)


def test_a_recipe_with_formulas_forms_the_same_segments_from_the_file_alone(dataset):
    table = add_column(dataset, "basket", "spend / max(orders, 1)")
    features = choose_features(table, ("basket", "log"))
    recipe = Recipe(features, n_segments=2, formulas=(("basket", "spend / max(orders, 1)"),))
    assert (fit_segmentation(dataset, recipe).labels == fit_segmentation(table, Recipe(features, 2)).labels).all()


def test_taking_a_column_away_takes_what_rests_on_it(dataset):
    table = add_column(add_column(dataset, "basket", "spend / orders"), "dear", "basket > 50")
    assert list(without_column(table, "basket").frame) == list(dataset.frame)
