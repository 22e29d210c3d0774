"""The RFM grid: no hole, no overlap, ties treated alike, and natural breaks that are the best there are."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter import read_table
from segmenter.activate.rfm import (
    ADVICE,
    Across,
    RfmCell,
    RfmChoices,
    Scoring,
    cells_of_grid,
    default_cells,
    draw_grid,
    natural_breaks,
    quantile_scores,
    read_cuts,
    read_rfm_cells,
    score_rfm,
)  # fmt: skip
from segmenter.errors.base import RfmGridError
from segmenter.errors.forming import UnknownColumnError


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_usual_names_cover_every_cell_once(n):
    grid = draw_grid(default_cells(n), n)
    area = sum((c.recency[1] - c.recency[0] + 1) * (c.value[1] - c.value[0] + 1) for c in default_cells(n))
    assert area == n * n == sum(len(row) for row in grid)
    assert grid[n - 1][n - 1] == "Champions"
    assert grid[0][0] == "Lost"


sides = st.tuples(st.integers(1, 4), st.integers(1, 4)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(st.tuples(sides, sides), max_size=8))
def test_a_grid_is_taken_exactly_when_each_cell_has_one_owner(rectangles):
    cover = np.zeros((4, 4), dtype=int)
    for (r_1, r_2), (v_1, v_2) in rectangles:
        cover[r_1 - 1 : r_2, v_1 - 1 : v_2] += 1
    cells = [RfmCell(f"cell {place}", r, v) for place, (r, v) in enumerate(rectangles)]
    if (cover == 1).all():
        assert len({name for row in draw_grid(cells, 4) for name in row}) == len(cells)
    else:
        with pytest.raises(RfmGridError) as refused:
            draw_grid(cells, 4)
        assert ("nobody" in str(refused.value)) == bool((cover == 0).any())
        assert ("more than one" in str(refused.value)) == bool((cover > 1).any())


def test_holes_and_overlaps_are_named():
    with pytest.raises(RfmGridError, match=r"R 1, F 2 \(a and b\).*nobody: R 2, F 1; R 2, F 2"):
        draw_grid(read_rfm_cells("a: R1, F1-2; b = R 1 F 2"), 2)
    with pytest.raises(RfmGridError, match="leaves the grid"):
        draw_grid(read_rfm_cells("a: R 1-3, F 1-2"), 2)
    with pytest.raises(RfmGridError, match="Write it like"):
        read_rfm_cells("the best ones")


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(2, 6))
def test_equal_customers_have_equal_scores_in_order_and_whatever_the_order_of_the_file(values, n):
    values = np.array(values, dtype=float)
    scores = quantile_scores(values, n)
    assert pd.Series(scores).groupby(values).nunique().eq(1).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert scores.min() >= 1
    assert scores.max() <= n
    assert (quantile_scores(values[::-1], n)[::-1] == scores).all()


def test_different_values_fall_into_equal_fifths():
    scores = quantile_scores(np.random.default_rng(0).permutation(1_000).astype(float), 5)
    assert np.bincount(scores)[1:].tolist() == [200] * 5


@given(st.lists(st.integers(-50, 50), min_size=4, max_size=14), st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all(values, k):
    values = np.sort(np.array(values, dtype=float))
    different = np.unique(values)
    if len(different) < k:
        with pytest.raises(RfmGridError, match="different values"):
            natural_breaks(values, k)
        return

    def within(cuts):
        parts = np.split(values, np.searchsorted(values, cuts))
        return sum(float(((part - part.mean()) ** 2).sum()) for part in parts)

    best = min(within(cuts) for cuts in combinations(different[1:], k - 1))
    assert within(natural_breaks(values, k)) == pytest.approx(best, abs=1e-9)


@pytest.fixture
def customers():
    random = np.random.default_rng(1)
    rows = [f"C{n},{random.integers(1, 400)},{random.integers(1, 30)},{random.integers(5, 900)}.5" for n in range(500)]
    return read_table("\n".join(["customer,recency_days,orders,spend", *rows]).encode())


def test_every_customer_is_in_one_cell_and_the_money_adds_up(customers):
    found = score_rfm(customers)
    assert found.cells["customers"].sum() == 500 == found.counts().sum()
    assert found.cells["revenue"].sum() == pytest.approx(customers.frame["spend"].sum())
    assert found.cells["share"].sum() == pytest.approx(1)
    champions = found.cells.set_index("cell").loc["Champions"]
    assert champions["average_order"] == pytest.approx(champions["revenue"] / champions["orders"])
    assert champions["advice"]
    best = found.scores["cell"] == "Champions"
    assert customers.frame["recency_days"][best].max() < customers.frame["recency_days"][~best].max()
    assert found.labelled(customers)["rfm_cell"].equals(found.scores["cell"].rename("rfm_cell"))


def test_customers_on_the_grid_stand_beside_the_segments_found(customers):
    found = score_rfm(customers)
    segments = pd.Series(np.where(customers.frame["orders"] > 15, "often", "seldom"))
    table = found.crosstab(segments)
    assert table.to_numpy().sum() == 500
    assert table.loc["Champions", "often"] > table.loc["Champions", "seldom"]
    # In the order of their numbers, or that of the names as they were handed over.
    assert list(found.crosstab(pd.Series([str(2 + n % 10) for n in range(500)]))) == [*map(str, range(2, 12))]
    named = pd.Series(pd.Categorical(segments, ["seldom", "often"]))
    assert list(found.crosstab(named)) == ["seldom", "often"]


def test_a_cell_of_an_own_name_has_the_advice_for_most_of_its_customers(customers):
    rules = read_rfm_cells("Best: R 5, F 1-5; Champions: R 4, F 1-5; Rest: R 1-3, F 1-5")
    found = score_rfm(customers, RfmChoices(cells=rules))
    advice = found.cells.set_index("cell")["advice"]
    usual = score_rfm(customers).scores["cell"]
    for name in ("Best", "Rest"):
        like = usual[found.scores["cell"] == name].value_counts().index[0]
        assert advice[name] == f"As {like}: {ADVICE[like]}"
    assert advice["Champions"] == ADVICE["Champions"]


def test_own_cuts_mean_what_they_say(customers):
    cuts = (("recency_days", (30.0, 90.0)), ("orders", (2.0, 10.0)), ("spend", (100.0, 500.0)))
    found = score_rfm(customers, RfmChoices(3, Scoring.CUTS, cuts=cuts))
    frame = customers.frame
    assert ((found.scores["R"] == 3) == (frame["recency_days"] < 30)).all()
    assert ((found.scores["F"] == 3) == (frame["orders"] >= 10)).all()
    with pytest.raises(RfmGridError, match="take 2 different cuts"):
        score_rfm(customers, RfmChoices(3, Scoring.CUTS, cuts=cuts[1:]))


def test_money_can_be_the_other_side(customers):
    found = score_rfm(customers, RfmChoices(across=Across.MONETARY))
    assert found.scores["value"].equals(found.scores["M"].rename("value"))
    both = score_rfm(customers, RfmChoices(across=Across.BOTH)).scores
    assert both["value"].between(1, 5).all()


def test_many_customers_with_one_order_are_said():
    rows = [f"C{n},{n + 1},{1 if n < 70 else n},{n + 1}" for n in range(100)]
    found = score_rfm(read_table("\n".join(["customer,recency_days,orders,spend", *rows]).encode()))
    assert any("70 % of customers have 1 in orders" in note.text for note in found.notes)
    assert len(set(found.scores["F"][:70])) == 1


def test_customers_without_a_value_are_in_no_cell_and_counted():
    rows = [f"C{n},{n + 1},{n % 9 + 1},{n + 1}" for n in range(60)]
    rows[3] = "C3,,2,5"
    found = score_rfm(read_table("\n".join(["customer,recency_days,orders,spend", *rows]).encode()))
    assert found.scores["cell"].isna().sum() == 1
    assert any("1 customer lacks" in note.text for note in found.notes)


def test_missing_columns_are_named(customers):
    with pytest.raises(UnknownColumnError, match="'sales'"):
        score_rfm(customers, RfmChoices(monetary="sales"))


def test_of_orders_and_money_together_halves_go_up():
    table = read_table(b"customer,recency_days,orders,spend\nA,10,4,500\nB,20,3,300\nC,30,2,500\nD,40,1,900\n")
    cuts = (("recency_days", (1.0, 2.0, 3.0, 4.0)), ("orders", (1.0, 2.0, 3.0, 4.0)), ("spend", (1.0, 2.0, 3.0, 400.0)))
    scores = score_rfm(table, RfmChoices(5, Scoring.CUTS, Across.BOTH, cuts=cuts)).scores
    assert scores["F"].tolist() == [5, 4, 3, 2]
    assert scores["M"].tolist() == [5, 4, 5, 5]
    assert scores["value"].tolist() == [5, 4, 4, 4]


def test_a_grid_has_at_most_ten_scores_a_side():
    assert len(draw_grid([RfmCell("All", (1, 10), (1, 10))], 10)) == 10
    with pytest.raises(RfmGridError, match="2 to 10 scores a side, not 11"):
        draw_grid([RfmCell("All", (1, 11), (1, 11))], 11)


@pytest.mark.parametrize(
    ("text", "cuts"),
    [("30; 90; 180", (30, 90, 180)), ("30, 90", (30, 90)), ("1,5; 2,5", (1.5, 2.5)), ("7 14 21", (7, 14, 21)),
     ("12.5", (12.5,)), ("", ())],
)  # fmt: skip
def test_thresholds_are_read_as_people_write_them(text, cuts):
    assert read_cuts(text) == cuts


def test_a_grid_drawn_by_hand_is_taken_cell_by_cell_and_an_empty_one_is_a_hole():
    drawn = [list(row) for row in draw_grid(default_cells(3), 3)]
    drawn[2][2] = "Best of all"
    assert draw_grid(cells_of_grid(drawn), 3)[2][2] == "Best of all"
    drawn[0][1] = " "
    with pytest.raises(RfmGridError, match="R 1, F 2"):
        draw_grid(cells_of_grid(drawn), 3)
