"""Who moved, who came and who went, to the last customer."""

import numpy as np
import pandas as pd
import pytest

from segmenter.errors.forming import InvalidSettingError
from segmenter.monitor.movement import (
    LOST,
    NEW,
    NO_SEGMENT,
    compare_months,
    gaps_between,
    in_order_of_time,
    month,
    shares_over_time,
)


def may():
    return month(
        "May", pd.Series(["a", "b", "c", "d", "e"]), pd.Series(["Big", "Big", "Small", "Small", None]),
        value=pd.Series([100, 80, 10, 5, 1]),
    )  # fmt: skip


def june():
    return month(
        "June", pd.Series(["f", "e", "c", "b", "a"]), pd.Series(["Small", "Small", "Big", "Small", "Big"]),
        value=pd.Series([7, 2, 30, 40, 110]),
    )  # fmt: skip


def test_every_customer_of_either_month_is_in_one_cell():
    moved = compare_months(may(), june())
    table = moved.customers
    assert table.to_numpy().sum() == 6
    assert table.loc["Big", "Big"] == 1
    assert table.loc["Big", "Small"] == 1
    assert table.loc["Small", "Big"] == 1
    assert table.loc["Small", LOST] == 1
    assert table.loc[NO_SEGMENT, "Small"] == 1
    assert table.loc[NEW, "Small"] == 1
    assert moved.n_moved == 3
    assert moved.stayed["Big"] == 0.5
    assert moved.stayed["Small"] == 0.0


def test_money_moves_with_its_customers():
    moved = compare_months(may(), june())
    assert moved.money.loc["Small", "Big"] == 30
    assert moved.money.loc["Small", LOST] == 5
    assert moved.money.loc[NEW, "Small"] == 7
    assert moved.money.to_numpy().sum() == 110 + 40 + 30 + 2 + 7 + 5


def test_joined_and_left_are_lists_of_ids():
    moved = compare_months(may(), june())
    assert set(moved.joined("Small")) == {"b", "e", "f"}
    assert set(moved.left("Small")) == {"c", "d"}
    assert set(moved.joined("Big")) == {"c"}


def test_one_customer_in_two_rows_is_refused_by_name():
    with pytest.raises(InvalidSettingError, match=r"1 ids stand for more than one row \(2 rows\), such as b"):
        month("May", pd.Series(["a", "b", "b "]), pd.Series(["x", "x", "y"]))


def test_customers_without_an_id_are_refused():
    with pytest.raises(InvalidSettingError, match="2 rows have no id"):
        month("May", pd.Series(["a", None, " "]), pd.Series(["x", "x", "y"]))


def test_files_of_different_people_are_no_months_of_one():
    other = month("June", pd.Series(["x1", "x2"]), pd.Series(["Big", "Big"]))
    with pytest.raises(InvalidSettingError, match="nothing in common"):
        compare_months(may(), other)


def test_shares_over_three_months_add_up():
    shares = shares_over_time([may(), june(), may()])
    assert list(shares.index) == ["May", "June", "May"] or len(shares) == 2
    assert np.allclose(shares.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (["0001", "0002", "0003"], ["1", "2", "3"]),
        ([1.0, 2.0, 3.0], ["1", "2", "3"]),
        (["1", "2", "3"], ["1.0", "2.0", "3"]),
        (["k1", "k 2", "K3"], ["K1", "K2 ", "K3"]),
    ],
)
def test_ids_that_a_spreadsheet_has_changed_are_the_same_customers(then, now):
    before = month("May", pd.Series(then), pd.Series(["Big", "Big", "Small"]), value=pd.Series([1, 2, 3]))
    moved = compare_months(before, month("June", pd.Series(now), pd.Series(["Big", "Small", "Small"])))
    assert moved.n_both == 3
    assert moved.n_moved == 1
    # Lists name customers as this month's file does.
    assert set(moved.left("Big")) == set(moved.joined("Small")) == {str(now[1]).strip()}
    assert "written otherwise" in moved.notes[0].text


def test_two_customers_whom_shortening_would_make_one_stay_apart():
    before = month("May", pd.Series(["001", "1", "7"]), pd.Series(["Big", "Small", "Big"]))
    moved = compare_months(before, month("June", pd.Series(["1", "01", "7"]), pd.Series(["Small", "Big", "Big"])))
    assert moved.n_both == 2
    assert not moved.notes


@pytest.mark.parametrize(
    "names",
    [
        ["12-2024.csv", "01-2025.csv", "02-2025.csv"],
        ["Nov 2024.csv", "Dec 2024.csv", "Jan 2025.csv"],
        ["january.csv", "february.csv", "april.csv", "august.csv"],
        ["nov.csv", "dec.csv", "jan.csv", "feb.csv"],
        ["Januar_2024.xlsx", "Februar_2024.xlsx", "März_2024.xlsx"],
        ["29.02.2024.csv", "31.03.2024.csv", "01.04.2024.csv"],
        ["customers_122024.csv", "customers_012025.csv"],
        ["set_2024-01.csv", "set_2024-02.csv"],
        ["Q4 2024.csv", "Q1 2025.csv"],
        ["month 2.csv", "month 9.csv", "month 10.csv"],
        ["2024-W9.csv", "2024-W10.csv"],
        ["first.csv", "january.csv", "second.csv"],
        # What says no month does not make the others come by the alphabet.
        ["Jan 2024.csv", "Feb 2024.csv", "Apr 2024.csv", "all customers.csv"],
    ],
)
def test_months_come_in_the_order_of_time(names):
    assert in_order_of_time(names[::-1]) == names
    assert in_order_of_time(sorted(names)) == names


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["2026-01.csv", "2026-02.csv", "2026-04.csv"], ["Between 2026-02.csv and 2026-04.csv lie 2 months, and 1 "]),
        (["nov.csv", "dec.csv", "feb.csv"], ["Between dec.csv and feb.csv lie 2 months"]),
        # Quarters, days of one month, two files alone, and names without a month.
        (["2025-12.csv", "2026-03.csv", "2026-06.csv"], []),
        (["20260501.csv", "20260508.csv", "20260515.csv"], []),
        (["2026-01.csv", "2026-05.csv"], []),
        (["a.csv", "b.csv", "c.csv"], []),
    ],
)
def test_a_month_that_is_missing_between_others_is_told(names, told):
    found = gaps_between(names)
    assert len(found) == len(told)
    assert all(text.startswith(begin) for text, begin in zip(found, told, strict=True))
