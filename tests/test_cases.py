"""The small inputs beside the project that stand for a kind of fault each, with their right result."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmenter import Recipe, assign_segments, compare_k, fit_segmentation, read_table
from segmenter.measures.association import adjusted_rand_index
from segmenter.prepare.suggest import choose_features, special_codes, suggest_columns, suggest_features
from segmenter.purchases.customers import as_customers
from segmenter.table.dataset import ColumnKind


@pytest.fixture(scope="module")
def cases() -> Path:
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("the folder with small inputs is not beside this project")
    return folder


def kinds_of(dataset):
    return {column.name: column.kind for column in dataset.columns}


@pytest.mark.parametrize(
    "name",
    ["three_poisson_groups_300", "counts_three_groups_300", "three_skewed_groups_300", "three_flat_groups_300"],
)
def test_three_planted_groups_are_three_segments(cases, name):
    customers = read_table(cases / f"{name}.csv")
    assert compare_k(customers, Recipe(suggest_features(customers))).recommended == 3


def test_three_different_rows_are_three_segments(cases):
    customers = read_table(cases / "three_kinds_of_customers.csv")
    selection = compare_k(customers, Recipe(suggest_features(customers)))
    score = {score.k: score for score in selection.scores}[3]
    assert selection.recommended == 3
    assert (score.wcss, score.silhouette) == pytest.approx((0, 1), abs=1e-9)
    segmentation = fit_segmentation(customers, Recipe(suggest_features(customers), n_segments=3))
    rows = pd.util.hash_pandas_object(customers.original, index=False)
    assert adjusted_rand_index(pd.factorize(rows)[0], np.asarray(segmentation.labels)) == 1


def test_codes_for_not_known_are_asked_about_and_never_transformed(cases):
    customers = read_table(cases / "sentinel_codes.csv")
    features = suggest_features(customers)
    codes = {found.column: set(found.codes) for found in special_codes(customers, features)}
    assert codes == {"children": {-1, 99, 999}, "income": {-999}, "phone_minutes": {9999}}
    assert {spec.transform.value for spec in features if spec.segments} == {"none"}


def test_values_that_an_ordered_column_does_not_list_are_asked_about(cases):
    before = read_table(cases / "ordered_unknown_train.csv")
    model = fit_segmentation(before, Recipe(choose_features(before, ("visits", "basket", "tier")), n_segments=3))
    for name, value in (("ordered_unknown_next.csv", "Platinum"), ("ordered_unknown_upper_next.csv", "GOLD")):
        assigned = assign_segments(read_table(cases / name), model)
        said = [note.text for note in (*assigned.questions, *assigned.notes) if note.text.startswith("tier")]
        assert said, name
        if value == "Platinum":
            assert any(value in text for text in said)


def test_blanks_around_values_make_no_difference(cases):
    before = read_table(cases / "padded_cells_train.csv")
    model = fit_segmentation(before, Recipe(choose_features(before, ("visits", "basket", "tier")), n_segments=3))
    assigned = assign_segments(read_table(cases / "padded_cells_next.csv"), model)
    assert not [note.text for note in (*assigned.questions, *assigned.notes) if "tier" in note.text]
    assert read_table(cases / "padded_cells_train.csv").column("tier").levels == ("Bronze", "Silver", "Gold")


def test_order_lines_of_customers_with_names_become_customers(cases):
    lines = read_table(cases / "order_lines_by_customer_name.csv")
    customers = as_customers(lines)
    assert customers.n_customers == 40
    assert customers.columns[0].name == "CUSTOMERNAME"
    assert not [name for name in customers.frame if "NUMBER" in name.upper()]
    written = pd.read_csv(cases / "order_lines_by_customer_name.csv")
    spend = (written["QUANTITYORDERED"] * written["PRICEEACH"]).sum()
    assert customers.frame["spend"].sum() == pytest.approx(spend)


def test_lines_whose_status_is_cancelled_are_left_out(cases):
    customers = as_customers(read_table(cases / "order_status_cancelled.csv"))
    written = pd.read_csv(cases / "order_status_cancelled.csv")
    kept = written[~written["order_status"].str.contains("ancel")]
    assert len(written) - len(kept) == 20
    assert customers.frame["spend"].sum() == pytest.approx(kept["total"].sum())


def test_who_only_gave_something_back_has_no_order(cases):
    customers = as_customers(read_table(cases / "return_only_customers.csv"))
    only = customers.frame[customers.frame["Kundennummer"].isin(["P206", "P207", "P208", "P209"])]
    assert len(only) == 4
    assert (only["orders"] == 0).all()
    assert only.filter(regex="first_order|last_order|average_order|recency").isna().all(axis=None)
    assert any("4 customers have no order left" in note.text for note in customers.notes)


def test_names_of_people_are_personal_data_however_their_columns_are_called(cases):
    kinds = kinds_of(read_table(cases / "names_in_capitals.csv"))
    assert {name for name, kind in kinds.items() if kind is not ColumnKind.PERSONAL} == {
        "client",
        "visits",
        "basket",
        "tier",
    }


def test_the_sheet_with_the_table_is_read(cases):
    customers = read_table(cases / "cover_sheet.xlsx")
    assert customers.frame.columns[:3].tolist() == ["client", "visits", "basket"]
    assert any("Read me" in note.text for note in customers.notes)


# The order that somebody who reads the answers would give them.
SCALES = {
    "Frequency of purchases": ("Every 3 Months", "Weekly"),
    "VisitFrequency": ("Never", "Once a week"),
    "Like": ("-2", "+2"),
    "budget": ("Entre 20 et 29 EUR", "Plus de 50 EUR"),
    "age": ("De 26 à 35 ans", "De 36 à 50 ans"),
    "income": ("Less than $40K", "$80K - $120K"),
    "satisfaction": ("2 - poor", "5 - very good"),
    "children": ("1", "4"),
    "Education": ("High School or Below", "Doctor"),
    "nps band": ("Detractor", "Passive"),
    "tenure": ("1-2 years", "> 10 years"),
    "importance": ("not important", "slightly important"),
    "usage": ("rarely", "always"),
    "Zufriedenheit": ("unzufrieden", "sehr zufrieden"),
    "size": ("Small", "Medsize"),
    "coverage": ("Basic", "Premium"),
}


def test_answer_scales_are_ordered_in_the_right_direction(cases):
    customers = read_table(cases / "scales_not_ordered.csv")
    for name, (low, high) in SCALES.items():
        column = customers.column(name)
        assert column.kind is ColumnKind.ORDERED, name
        levels = list(column.levels)
        if low in levels and high in levels:
            assert levels.index(low) < levels.index(high), (name, levels)
    assert set(SCALES) == {column.name for column in customers.columns} - {"client", "visits", "basket"}


def test_dates_that_spreadsheets_and_servers_count_are_dates(cases):
    customers = read_table(cases / "dates_as_numbers.csv")
    kinds = kinds_of(customers)
    for name in ("last_session_creation_time", "signup_serial", "first_order"):
        assert kinds[name] is ColumnKind.DATE
    assert customers.frame["signup_serial"].dt.year.between(2000, 2030).all()
    assert kinds["birth_year"] is ColumnKind.NUMBER
    assert kinds["join_month"] is ColumnKind.CATEGORY


def test_segments_and_scores_of_before_do_not_segment(cases):
    customers = read_table(cases / "old_segment_columns.csv")
    used = {spec.column for spec in suggest_features(customers) if spec.segments}
    assert used == {"visits", "basket"}
    off = [each for each in suggest_columns(customers) if each.spec.column not in {*used, "client", "group"}]
    assert len(off) == 15
    assert all(each.reason for each in off), [each.spec.column for each in off]
