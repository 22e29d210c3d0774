"""Who moved, who came and who went, to the last customer."""

import numpy as np
import pandas as pd
import pytest

from segmenter.errors.forming import InvalidSettingError
from segmenter.monitor.movement import LOST, NEW, NO_SEGMENT, compare_months, month, shares_over_time


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
