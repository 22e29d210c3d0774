"""The map learns what Kohonen's rules say, measures itself as MiniSom does, and never makes an empty segment."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from minisom import MiniSom
from scipy.cluster.hierarchy import fcluster
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster import ALGORITHMS, assigners, som
from segmenter.cluster.assigners import nearest_exactly, nearest_units, two_nearest
from segmenter.cluster.som import (
    Grid,
    GridKind,
    Linkage,
    MapSettings,
    SigmaSchedule,
    closeness,
    fit_som,
    order,
    pca_init,
    quantization_error,
    spread_to_empty,
    topographic_error,
    train_batch,
    train_map,
    train_online,
    u_matrix,
    unit_tree,
    widths,
)
from segmenter.errors.forming import TooFewUnitsError
from segmenter.progress import Cancelled, silent

SQUARE = Grid(2, 2)
SMALL = MapSettings(rows=6, columns=5, epochs=15)


@pytest.fixture(scope="module")
def customers():
    random = np.random.default_rng(3)
    group = random.choice(4, 900, p=[0.4, 0.3, 0.2, 0.1])
    middles = np.array([[0, 0, 0, 0], [5, 0, 0, 2], [0, 5, 1, 0], [5, 5, 5, 5]], dtype=float)
    return middles[group] + random.normal(0, 0.6, (900, 4)), group


@pytest.fixture(scope="module")
def cards(shared_data):
    table = pd.read_csv(shared_data / "cc_general.csv").iloc[:, 1:]
    filled = table.fillna(table.median()).to_numpy(dtype=float)
    return (filled - filled.mean(axis=0)) / filled.std(axis=0)


def as_minisom(units, grid):
    """MiniSom counts hexagons' columns where we count rows."""
    hexagonal = grid.kind is GridKind.HEXAGONAL
    shape = (grid.rows, grid.columns)
    peer = MiniSom(*(shape[::-1] if hexagonal else shape), units.shape[1], topology=grid.kind.value)
    weights = units.reshape(*shape, -1)
    peer._weights = weights.transpose(1, 0, 2).copy() if hexagonal else weights.copy()
    return peer


# The grid


def test_squares_touch_eight_others_and_hexagons_six():
    assert Grid(3, 3).adjacent[4].tolist() == [True] * 4 + [False] + [True] * 4
    # The middle one of three rows of three hexagons; its row is moved half a place to the right.
    neighbours = Grid(3, 3, GridKind.HEXAGONAL).adjacent[4]
    assert np.flatnonzero(neighbours).tolist() == [1, 2, 3, 5, 7, 8]


def test_neighbours_in_a_row_are_one_apart_on_either_grid():
    assert Grid(1, 3).squared_distances[0].tolist() == [0.0, 1.0, 4.0]
    hexagons = Grid(2, 1, GridKind.HEXAGONAL)
    assert hexagons.squared_distances[0] == pytest.approx([0.0, 1.0])


# The start


def test_the_start_spans_one_standard_deviation_of_the_two_leading_directions():
    rows = np.array([[-4.0, 1.0], [4.0, 1.0], [-4.0, -1.0], [4.0, -1.0]])
    expected = [[-4.0, -1.0], [-4.0, 1.0], [4.0, -1.0], [4.0, 1.0]]
    assert pca_init(rows, SQUARE) == pytest.approx(np.array(expected))


def test_equally_large_elements_do_not_let_rounding_choose_the_direction():
    rows = np.random.default_rng(0).normal(size=(500, 1)) @ np.array([[1.0, -1.0]])
    tilted = rows * np.array([1.0, 1.0 + 1e-12]), rows * np.array([1.0 + 1e-12, 1.0])
    first, second = (pca_init(each, Grid(4, 4)) for each in tilted)
    assert first == pytest.approx(second, abs=1e-9)


@pytest.mark.parametrize("n_columns", [1, 3])
def test_rows_on_a_line_are_subdivided_line_by_line(n_columns):
    rows = np.linspace(-1, 1, 50)[:, None] * np.ones(n_columns)
    units = pca_init(rows, Grid(3, 3))
    assert len(np.unique(units[:, 0].round(9))) == 9
    spread = rows[:, 0].std()
    assert units[:, 0] == pytest.approx(np.add.outer([-spread, 0, spread], [-spread / 3, 0, spread / 3]).ravel())


# Training


def test_one_pass_over_two_rows_is_what_a_hand_computes():
    units = np.array([[0.0], [1.0], [9.0], [10.0]])
    # Rows 0 and 10 hit the first and the last unit, corners of a square: 1 apart from the others, sqrt(2) from
    # each other. With a width of 1, neighbours weigh exp(-1/2) and the far corner exp(-1).
    far = np.exp(-1.0)
    moved = train_batch(np.array([[0.0], [10.0]]), units, SQUARE, [1.0])
    assert moved[:, 0] == pytest.approx([10 * far / (1 + far), 5.0, 5.0, 10 / (1 + far)])


@pytest.mark.parametrize("kind", GridKind)
def test_matrix_products_move_the_units_as_a_loop_over_the_rows_does(customers, kind):
    rows, grid = customers[0][:200], Grid(4, 3, kind)
    units = pca_init(rows, grid)
    expected = units.copy()
    for width in (2.0, 1.0, 0.5):
        sums, total = np.zeros_like(expected), np.zeros(grid.n_units)
        for row in rows:
            best = np.argmin(((expected - row) ** 2).sum(axis=1))
            pull = np.exp(-((grid.places - grid.places[best]) ** 2).sum(axis=1) / (2 * width**2))
            sums, total = sums + pull[:, None] * row, total + pull
        expected = sums / total[:, None]
    assert train_batch(rows, units, grid, [2.0, 1.0, 0.5]) == pytest.approx(expected, rel=1e-12)


def test_one_pass_is_the_offline_pass_of_minisom(customers):
    rows, grid = customers[0][:150], Grid(4, 3)
    units = pca_init(rows, grid)
    peer = as_minisom(units, grid)
    peer._sigma, peer._learning_rate = 1.3, 1.0
    peer.train_batch_offline(rows, 1)
    assert train_batch(rows, units, grid, [1.3]) == pytest.approx(peer.get_weights().reshape(12, -1))


@pytest.mark.parametrize("kind", GridKind)
def test_training_in_turn_takes_the_steps_of_minisom(customers, kind):
    rows, grid = customers[0], Grid(5, 5, kind)
    units = pca_init(rows, grid)
    peer = as_minisom(units, grid)
    peer._sigma = 2.0
    peer.train(rows, 1500)
    weights = peer.get_weights()
    expected = (weights.transpose(1, 0, 2) if kind is GridKind.HEXAGONAL else weights).reshape(25, -1)
    assert train_online(rows, units, grid, np.arange(1500) % 900, 2.0) == pytest.approx(expected, rel=1e-9)


def test_a_unit_too_far_from_every_customer_stays_where_it_is():
    units = np.array([[0.0], [5.0], [6.0], [7.0]])
    moved = train_batch(np.array([[0.0], [0.5]]), units, Grid(1, 4), [0.02])
    assert moved[:, 0] == pytest.approx([0.25, 5.0, 6.0, 7.0])


def test_the_neighbourhood_shrinks_evenly_or_by_the_same_share():
    assert widths(8.0, 2.0, 3, SigmaSchedule.LINEAR) == pytest.approx([8, 5, 2])
    assert widths(8.0, 2.0, 3, SigmaSchedule.EXPONENTIAL) == pytest.approx([8, 4, 2])


@pytest.mark.parametrize("how", ["batch", "sequential"])
def test_a_map_is_the_same_to_the_last_bit_again_and_for_any_order_of_the_rows(customers, how):
    X, settings = customers[0], MapSettings(rows=6, columns=5, epochs=15, training=how)
    shuffled = X[np.random.default_rng(0).permutation(len(X))]
    first, again, other = (train_map(each, seed=4, settings=settings)[1] for each in (X, X, shuffled))
    assert (first == again).all()
    assert (first == other).all()


def test_the_number_of_threads_changes_no_bit(customers, monkeypatch):
    X = np.tile(customers[0], (12, 1)) + np.arange(12 * 900)[:, None] % 7
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append(train_map(X, seed=0, settings=SMALL)[1])
    assert (found[0] == found[1]).all()


def test_only_training_in_turn_looks_at_the_seed(customers):
    X = customers[0]
    batch = [train_map(X, seed=seed, settings=SMALL)[1] for seed in (0, 1)]
    in_turn = [train_map(X, seed=s, settings=MapSettings(6, 5, 15, training="sequential"))[1] for s in (0, 1)]
    assert (batch[0] == batch[1]).all()
    assert (in_turn[0] != in_turn[1]).any()


def test_early_passes_see_a_sample_of_many_rows_and_the_last_ones_all(customers, monkeypatch):
    whole = train_map(customers[0], seed=0, settings=SMALL)[1]
    monkeypatch.setattr(som, "SAMPLE_ROWS", 300)
    sampled = train_map(customers[0], seed=0, settings=SMALL)[1]
    assert (whole != sampled).any()
    errors = [quantization_error(customers[0], units) for units in (whole, sampled)]
    assert errors[1] == pytest.approx(errors[0], rel=0.02)


def test_a_far_and_tiny_cloud_is_mapped_as_the_same_cloud_near_zero_is(customers):
    near = fit_som(customers[0], 4, seed=0, settings=SMALL)
    far = fit_som(customers[0] * 2.0**-30 + 1.0, 4, seed=0, settings=SMALL)
    assert adjusted_rand_score(near[0], far[0]) == 1
    assert far[2].topographic_error == pytest.approx(near[2].topographic_error, abs=0.01)


def test_every_pass_can_be_cancelled(customers):
    def stop(share, doing):
        if doing == "Map: pass 3 of 15":
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_som(customers[0], 3, seed=0, settings=SMALL, progress=stop)


def test_progress_never_goes_back(customers):
    shares = []
    fit_som(customers[0], 3, seed=0, settings=SMALL, progress=lambda share, doing: shares.append(share))
    assert len(shares) == 16
    assert shares == sorted(shares)


# The nearest unit


@given(
    arrays(float, (40, 3), elements=st.floats(-1e6, 1e6, width=32)),
    arrays(float, (7, 3), elements=st.floats(-1e6, 1e6, width=32)),
    st.sampled_from([1.0, 1e-30, 1e40, 1e150]),
)
def test_the_nearest_unit_is_the_one_that_brute_force_finds(rows, units, scale):
    rows, units = np.vstack([rows, units]) * scale, units * scale
    assert (nearest_units(rows, units) == nearest_exactly(rows, units)).all()


def test_units_that_float64_cannot_tell_apart_from_a_far_row_are_a_tie():
    units = np.array([[-5.446707e-41, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert nearest_units(np.full((1, 3), 9180.0), units).tolist() == [0]


@given(arrays(float, (30, 2), elements=st.integers(0, 3)), arrays(float, (9, 2), elements=st.integers(0, 3)))
def test_ties_go_to_the_first_unit(rows, units):
    distances = ((rows[:, None] - units) ** 2).sum(axis=2)
    assert (nearest_units(rows, units) == distances.argmin(axis=1)).all()


def test_a_row_has_the_same_unit_alone_and_among_many(customers, monkeypatch):
    X, units = customers[0], train_map(customers[0], seed=0, settings=SMALL)[1]
    # Half way between two units: the last bits decide.
    X = np.vstack([X, (units[:-1] + units[1:]) / 2])
    together = nearest_units(X, units)
    assert [nearest_units(row[None], units)[0] for row in X] == together.tolist()
    monkeypatch.setattr(assigners, "ROWS_AT_ONCE", 64)
    assert (nearest_units(X, units) == together).all()


def test_the_winners_are_those_of_minisom(customers):
    X, grid = customers[0], Grid(6, 5)
    units = train_map(X, seed=0, settings=SMALL)[1]
    peer = as_minisom(units, grid)
    assert [row * 5 + column for row, column in map(peer.winner, X)] == nearest_units(X, units).tolist()


def test_the_two_nearest_are_in_order():
    assert two_nearest(np.array([[0.9], [2.2]]), np.array([[0.0], [1.0], [3.0]])).tolist() == [[1, 0], [2, 1]]


def test_no_rows_have_no_units():
    assert nearest_units(np.empty((0, 2)), np.eye(2)).shape == (0,)
    assert two_nearest(np.empty((0, 2)), np.eye(2)).shape == (0, 2)


# Measures


def test_errors_of_a_square_map_are_what_a_hand_computes():
    units = np.array([[0.0], [10.0], [20.0], [1.0]])
    line = Grid(1, 4)
    rows = np.array([[0.0], [9.0], [18.0], [21.0]])
    assert quantization_error(rows, units) == pytest.approx((0 + 1 + 2 + 1) / 4)
    # Nearest two: (0, 3) apart; (1, 3) apart; (2, 1) and (2, 1) side by side.
    assert topographic_error(rows, units, line) == pytest.approx(0.5)
    assert u_matrix(units, line) == pytest.approx([10, 10, (10 + 19) / 2, 19])


@pytest.mark.parametrize("kind", GridKind)
def test_errors_and_the_u_matrix_are_those_of_minisom(customers, kind):
    X, grid = customers[0], Grid(7, 5, kind)
    units = train_map(X, seed=0, settings=MapSettings(7, 5, 10, grid=kind))[1]
    peer = as_minisom(units, grid)
    assert quantization_error(X, units) == pytest.approx(peer.quantization_error(X))
    assert topographic_error(X, units, grid) == pytest.approx(peer.topographic_error(X))
    # MiniSom's map of distances takes other hexagons for neighbours than its topographic error does.
    if kind is GridKind.RECTANGULAR:
        theirs = peer.distance_map(scaling="mean").ravel()
        assert u_matrix(units, grid) / u_matrix(units, grid).max() == pytest.approx(theirs)


@pytest.mark.parametrize(("smoothness", "quantization", "topographic"), [(0.42, 1.30, 0.20), (0.6, 1.41, 0.10)])
def test_the_map_of_card_customers_is_truer_than_minisoms(cards, smoothness, quantization, topographic):
    _, _, found = fit_som(cards, 8, seed=0, settings=MapSettings(smoothness=smoothness))
    assert found.quantization_error <= quantization
    assert found.topographic_error <= topographic


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (0.10, "Like stands beside like on the map: only 10.0 % of the customers have two"),
        (0.20, "Like mostly stands beside like on the map: 20.0 % of the customers have two"),
        (0.38, "Like does not reliably stand beside like on the map: 38.0 % of the customers have two"),
    ],
)
def test_a_topographic_error_is_said_in_words(customers, error, sentence):
    found = fit_som(customers[0], 4, seed=0, settings=SMALL)[2]
    assert order(replace(found, topographic_error=error)).startswith(sentence)


def test_a_quantization_error_is_said_beside_the_distance_to_the_middle(customers):
    found = fit_som(customers[0], 4, seed=0, settings=SMALL)[2]
    text = closeness(replace(found, quantization_error=0.9, spread=3.6))
    assert "0.90 scaled units away from its unit" in text
    assert "3.60 from the middle of all customers: the map takes away 75 % of the distance" in text


def test_both_errors_are_among_the_notes_of_the_result(customers):
    formed = ALGORITHMS["som"].form(customers[0], 4, 0, {"rows": 6, "columns": 5}, silent)
    assert formed.notes == (f"{closeness(formed.details)} {order(formed.details)}",)


# Segments


def test_groups_far_apart_are_the_segments(customers):
    X, group = customers
    for linkage in Linkage:
        labels, _, _ = fit_som(X, 4, seed=0, settings=MapSettings(linkage=linkage))
        assert adjusted_rand_score(labels, group) == 1


@pytest.mark.parametrize("kind", Linkage)
@pytest.mark.parametrize("n_segments", [1, 2, 5, 19, 20])
def test_the_cut_is_scipys(kind, n_segments):
    tree = unit_tree(np.random.default_rng(1).normal(size=(20, 3)), np.ones(20, dtype=int), kind)
    assert adjusted_rand_score(tree.cut(n_segments), fcluster(tree.merges, n_segments, "maxclust")) == 1


def test_equally_high_merges_still_give_as_many_segments_as_asked_for():
    tree = unit_tree(np.arange(8.0)[:, None], np.ones(8, dtype=int), Linkage.AVERAGE)
    assert [len(np.unique(tree.cut(k))) for k in range(1, 9)] == list(range(1, 9))
    assert tree.cut(4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_the_tree_counts_customers_and_compares_units():
    tree = unit_tree(np.array([[0.0], [1.0], [10.0]]), np.array([5, 1, 90]), Linkage.AVERAGE)
    assert tree.merges.tolist() == [[0, 1, 1, 6], [2, 3, 9.5, 96]]


def test_one_leaf_is_one_segment():
    assert unit_tree(np.array([[1.0]]), np.array([4]), Linkage.WARD).cut(1).tolist() == [0]


def test_a_unit_without_customers_has_the_segment_of_the_nearest_with_some():
    units = np.array([[0.0], [4.0], [6.0], [10.0]])
    assert spread_to_empty(units, np.array([0, 3]), np.array([1, 0])).tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("n_segments", [2, 7, 15])
@pytest.mark.parametrize("how", ["batch", "sequential"])
def test_no_segment_is_empty(customers, n_segments, how):
    labels, placement, found = fit_som(customers[0], n_segments, seed=0, settings=MapSettings(training=how))
    assert (np.bincount(labels, minlength=n_segments) > 0).all()
    assert found.hits.sum() == 900
    assert (found.hits[found.leaves] > 0).all()
    assert found.tree.merges.shape == (len(found.leaves) - 1, 4)
    assert found.tree.merges[-1, 3] == 900
    np.testing.assert_array_equal(labels, placement.place(customers[0]))


def test_shuffled_rows_have_the_same_segments(customers):
    X = customers[0]
    order = np.random.default_rng(2).permutation(len(X))
    assert (fit_som(X[order], 6, seed=0)[0] == fit_som(X, 6, seed=0)[0][order]).all()


def test_a_map_may_have_more_units_than_there_are_customers():
    X = np.array([[0.0, 0], [0, 1], [9, 9], [9, 8], [30, 0]])
    labels, _, found = fit_som(X, 3, seed=0)
    assert adjusted_rand_score(labels, [0, 0, 1, 1, 2]) == 1
    assert np.isfinite(found.units).all()
    assert (found.hits > 0).sum() <= 5


def test_a_constant_column_changes_no_segment(customers):
    X = customers[0]
    wider = np.column_stack([X, np.full(len(X), 7.0)])
    assert adjusted_rand_score(fit_som(wider, 5, seed=0)[0], fit_som(X, 5, seed=0)[0]) == 1


def test_more_segments_than_units_with_customers_are_refused_in_a_sentence():
    X = np.repeat(np.array([[0.0], [1.0], [5.0]]), 20, axis=0)
    sentence = "Only 3 of the map's 225 units hold customers, so at most 3 segments; 4 were asked for."
    with pytest.raises(TooFewUnitsError, match=sentence):
        fit_som(X, 4, seed=0)


def test_equal_rows_hit_one_unit():
    labels, _, found = fit_som(np.ones((12, 2)), 1, seed=0)
    assert set(labels) == {0}
    assert found.quantization_error == 0.0


@given(arrays(float, (25, 2), elements=st.floats(-1e100, 1e100)))
@settings(max_examples=25)
def test_whatever_the_scale_the_map_is_finite(X):
    _, _, found = fit_som(X, 1, seed=0, settings=MapSettings(rows=3, columns=3, epochs=4))
    assert np.isfinite(found.units).all()
    assert np.isfinite([found.quantization_error, found.topographic_error]).all()
