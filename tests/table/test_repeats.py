"""Customers in several rows are found, told apart and brought to one row each."""

import numpy as np
import pandas as pd
import pytest

from segmenter import (
    Recipe,
    assign_segments,
    compare_k,
    deduplicate_customers,
    find_repeated_customers,
    fit_segmentation,
    read_frame,
    read_table,
    score_rfm,
    suggest_features,
)
from segmenter.cli import main
from segmenter.errors.forming import RepeatedCustomersError, UnknownColumnError, UnknownWordError
from segmenter.purchases.recognition import recognise_purchases
from segmenter.table.dataset import ColumnKind
from segmenter.table.repeats import RepeatKind, one_row_each

N = 60
IDS = [f"K{1000 + number}" for number in range(N)]


def customers(header="customer_id", ids=IDS, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            header: ids,
            "age": random.integers(18, 80, N),
            "visits": random.poisson(6, N),
            "spend": random.gamma(3, 20, N).round(2),
            "city": random.choice(["Oslo", "Rome", "Bonn"], N),
        }
    )


def with_copies(n=5, **changes):
    table = customers(**changes)
    return pd.concat([table, table.iloc[:n]], ignore_index=True)


def contradicting(**changes):
    table = with_copies(**changes)
    table.loc[N:, "spend"] += 10
    return table


def monthly(months=("2024-01-31", "2024-02-29", "2024-03-31"), name="month"):
    return pd.concat([customers(seed=at).assign(**{name: day}) for at, day in enumerate(months)], ignore_index=True)


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        *((name, IDS) for name in ("customer_id", "CUSTOMERID", "Kundennr.", "client", "Cliente", "id", "Klantnummer")),
        *((name, IDS) for name in ("numéro client", "membro", "KlientID", "ref", "会員番号", "customer key", "user")),
        ("customer_id", list(range(N))),
        ("Kunde", [f"{number:05d}" for number in range(N)]),
        ("e-mail", [f"person{number}@example.org" for number in range(N)]),
        ("contact", [f"person{number}@example.org" for number in range(N)]),
    ],
)
def test_repeated_ids_are_found_in_any_column_that_looks_like_one(header, ids):
    found = find_repeated_customers(read_frame(contradicting(header=header, ids=ids)))
    assert found is not None
    assert (found.column, found.n_customers, found.n_extra) == (header, 5, 5)


def test_what_comes_back_without_being_an_id_is_no_repeated_customer():
    table = customers().assign(
        household_id=[f"H{number // 2}" for number in range(N)],
        store_id=[f"S{number % 4}" for number in range(N)],
        order_ref=[f"R{number % 7}" for number in range(N)],
        email=["family@example.org"] * 4 + [f"p{number}@example.org" for number in range(N - 4)],
        client=["agency"] * N,
        customers=np.arange(N) % 9,
    )
    assert find_repeated_customers(read_frame(table)) is None


def test_groups_of_customers_are_no_customers_whatever_their_column_is_called():
    table = pd.DataFrame(
        {
            "Key account": ["yes", "no", "no"] * 70,
            "Customer": ["Retail", "Wholesale", "VIP"] * 70,
            "spend": np.arange(210) * 1.5,
        }
    )
    assert find_repeated_customers(read_frame(table)) is None


def test_blanks_around_an_id_do_not_make_it_another_one():
    table = with_copies()
    table.loc[N:, "customer_id"] = [f" {each} " for each in IDS[:5]]
    found = find_repeated_customers(read_frame(table))
    assert found is not None
    assert found.n_customers == 5


def test_copies_contradictions_and_snapshots_are_told_apart():
    copies = find_repeated_customers(read_frame(with_copies()))
    assert (copies.kind, copies.n_copies) == (RepeatKind.COPIES, 5)
    against = find_repeated_customers(read_frame(contradicting()))
    assert (against.kind, against.differing) == (RepeatKind.CONTRADICTIONS, ("spend",))
    assert "latest" not in against.choices
    snapshots = find_repeated_customers(read_frame(monthly()))
    assert (snapshots.kind, snapshots.by, snapshots.n_extra) == (RepeatKind.SNAPSHOTS, ("month",), 2 * N)


def test_snapshots_by_year_and_number_of_the_month_are_ordered_by_both():
    days = [(2023, 12), (2024, 1), (2024, 2)]
    table = pd.concat([customers(seed=at).assign(year=y, month=m) for at, (y, m) in enumerate(days)], ignore_index=True)
    found = find_repeated_customers(read_frame(table))
    assert (found.kind, found.by) == (RepeatKind.SNAPSHOTS, ("year", "month"))
    latest = deduplicate_customers(read_frame(table.sample(frac=1, random_state=1)), "latest").frame
    expected = customers(seed=2).set_index("customer_id")["visits"]
    assert latest.set_index("customer_id")["visits"].to_dict() == expected.to_dict()


def test_monthly_snapshots_are_no_purchases():
    assert recognise_purchases(read_frame(monthly())) is None
    assert recognise_purchases(read_frame(monthly().rename(columns={"month": "order_date"}))) is not None


@pytest.mark.parametrize(("keep", "row"), [("first", 0), ("last", 2), ("latest", 1)])
def test_the_row_that_was_chosen_is_kept_as_it_stands(keep, row):
    rows = pd.DataFrame(
        {
            "customer_id": ["A1", "A1", "A1", "B2"],
            "updated_at": ["2024-02-01", "2024-05-01", "2024-03-01", "2024-01-01"],
            "spend": [1.5, 2.5, 3.5, 9.0],
        }
    )
    kept = deduplicate_customers(read_frame(rows), keep)
    assert kept.original["spend"].tolist() == [rows["spend"][row], 9.0]
    assert kept.frame["spend"].tolist() == [rows["spend"][row], 9.0]
    assert kept.column("customer_id").distinct == kept.n_customers == 2


def test_adding_up_adds_amounts_and_counts_and_no_ages():
    content = (
        b"client;age;visits;spend;city\nK1;40;3;1,50;Rome\nK2;30;1;2,00;Oslo\nK1;41;4;2,25;Bonn\nK1;41;4;2,25;Bonn\n"
    )
    summed = deduplicate_customers(read_table(content, "rows.csv"), "sum", column="client")
    # The last row is a copy of the one before it, and counts once.
    assert summed.frame[["visits", "spend"]].to_numpy().tolist() == [[1, 2.0], [7, 3.75]]
    assert summed.original.to_numpy().tolist() == [["K2", "30", "1", "2,00", "Oslo"], ["K1", "41", "7", "3,75", "Bonn"]]


def test_rows_without_an_id_stay():
    table = with_copies()
    table.loc[10:12, "customer_id"] = None
    assert deduplicate_customers(read_frame(table), "first").n_customers == N


def test_nothing_goes_on_to_segments_with_one_person_in_two_rows():
    dataset = read_frame(contradicting())
    recipe = Recipe(suggest_features(dataset), n_segments=2)
    for work in (lambda: fit_segmentation(dataset, recipe), lambda: compare_k(dataset, recipe, range(2, 4))):
        with pytest.raises(RepeatedCustomersError, match=r"5 customers stand in more than one row.*first, last"):
            work()
    once = deduplicate_customers(dataset, "last")
    segmentation = fit_segmentation(once, Recipe(suggest_features(once), n_segments=2))
    assert len(segmentation.labels) == N
    assert len(fit_segmentation(deduplicate_customers(dataset, "keep"), recipe).labels) == N + 5
    questions = assign_segments(dataset, segmentation).questions
    assert any("more than one row" in each.text for each in questions)


def test_copies_and_snapshots_are_resolved_by_themselves_and_contradictions_are_not():
    assert one_row_each(read_frame(with_copies()), None).n_customers == N
    latest = one_row_each(read_frame(monthly()), None)
    assert latest.frame["visits"].tolist() == customers(seed=2)["visits"].tolist()
    dataset = read_frame(contradicting())
    assert one_row_each(dataset, None) is dataset
    assert find_repeated_customers(latest) is None


def test_the_customers_of_one_row_are_another_data_set_with_a_note():
    dataset = read_frame(contradicting())
    first = deduplicate_customers(dataset, "first")
    assert len({dataset.fingerprint, first.fingerprint, deduplicate_customers(dataset, "last").fingerprint}) == 3
    assert first.notes[-1].text.endswith("The first row of each customer was kept: 65 rows became 60 customers.")
    assert first.column("customer_id").kind is ColumnKind.IDENTIFIER


def test_what_cannot_be_done_is_said():
    dataset = read_frame(contradicting())
    with pytest.raises(UnknownWordError, match="latest"):
        deduplicate_customers(dataset, "latest")
    with pytest.raises(UnknownWordError, match="newest"):
        deduplicate_customers(dataset, "newest")
    with pytest.raises(UnknownColumnError, match="name"):
        deduplicate_customers(dataset, "first", column="name")


def test_neither_rfm_nor_a_model_on_the_command_line_places_rows_that_contradict_each_other(tmp_path, capsys):
    table = contradicting().rename(columns={"age": "recency_days", "visits": "orders"})
    with pytest.raises(RepeatedCustomersError, match="5 customers stand in more than one row"):
        score_rfm(read_frame(table))
    assert len(score_rfm(deduplicate_customers(read_frame(table), "last")).scores) == N
    before, now = tmp_path / "before.csv", tmp_path / "now.csv"
    table.iloc[:N].to_csv(before, index=False)
    table.to_csv(now, index=False)
    formed, placed = tmp_path / "formed", tmp_path / "placed"
    assert main(["segment", str(before), "--out", str(formed), "--segments", "2"]) == 0
    model = str(formed / "model.segmodel.json")
    assert main(["assign", model, str(now), "--out", str(placed)]) != 0
    assert "Say which row counts with --repeated" in capsys.readouterr().err
    assert not placed.exists()
    assert main(["assign", model, str(now), "--out", str(placed), "--repeated", "last"]) == 0
    assert len(pd.read_csv(placed / "customers.csv")) == N
