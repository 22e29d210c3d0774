"""An autoencoder learns the same from the same customers, can be set and stopped, and its segments save as numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from segmenter.cluster import ALGORITHMS
from segmenter.cluster.assigners import LatentCentres
from segmenter.cluster.autoencoder import FIRST_HALF, SETTINGS, layout_for, train_encoder
from segmenter.errors.forming import InvalidSettingError
from segmenter.errors.learning import EncodedAlikeError
from segmenter.networks.network import DenseLayer, DenseStack, LearningCurve, watching
from segmenter.progress import Cancelled, silent
from segmenter.recipe.recipe import complete

AUTOENCODER = ALGORITHMS["autoencoder"]
DEFAULTS = complete(SETTINGS, {})


def bent(n=400, seed=0):
    """Return customers on three arcs that five columns show in bent ways, and their arcs."""
    random = np.random.default_rng(seed)
    arc = random.integers(0, 3, n)
    place = random.uniform(0, 1, n) + 3 * arc
    columns = [np.sin(place), np.cos(place), place / 5, np.abs(place - 4) / 3, (arc == 1) * 1.0]
    return np.column_stack(columns) + random.normal(0, 0.03, (n, 5)), arc


@pytest.fixture(scope="module")
def rows():
    return bent()[0]


@pytest.fixture(scope="module")
def formed(rows):
    return AUTOENCODER.form(rows, 3, 0, {"epochs": 30}, silent)


def test_nine_columns_go_through_sixteen_twelve_and_eight_numbers_and_back():
    assert layout_for(9, DEFAULTS).widths == (9, 16, 12, 8, 12, 16, 9)
    assert layout_for(3, DEFAULTS).widths == (3, 16, 12, 8, 12, 16, 3)
    assert layout_for(18, DEFAULTS).widths == (18, 32, 24, 16, 24, 32, 18)
    assert layout_for(900, DEFAULTS).widths[1:4] == (64, 48, 32)
    assert layout_for(9, {**DEFAULTS, "wider": 0.5}).widths == (9, 8, 6, 4, 6, 8, 9)


@pytest.mark.parametrize(
    ("asked", "widths"),
    [
        ("9-16-12-8-12-16-9", (9, 16, 12, 8, 12, 16, 9)),
        ("16-12-8-12-16", (9, 16, 12, 8, 12, 16, 9)),
        (" 16 - 12 - 8 ", (9, 16, 12, 8, 12, 16, 9)),
        ("4", (9, 4, 9)),
        ("9-4-9", (9, 4, 9)),
        ("20-5-20", (9, 20, 5, 20, 9)),
    ],
)
def test_layers_are_asked_for_whole_or_by_half(asked, widths):
    settings = complete(SETTINGS, {"layers": asked})
    layout = layout_for(9, settings)
    assert layout.widths == widths
    assert layout.linear == {len(widths) // 2 - 1}


@pytest.mark.parametrize(
    "asked", ["16-x", "16,8", "1-1", "600-8", "9-8-7-6-5-4-3", "-", "16--8", "²-8", "12-8-" * 4_000]
)
def test_layers_that_are_not_possible_are_refused_with_an_example(asked):
    with pytest.raises(InvalidSettingError, match="16-12-8"):
        complete(SETTINGS, {"layers": asked})


def test_the_middle_is_linear_and_the_rest_is_not():
    layout = layout_for(9, {**DEFAULTS, "dropout": 0.2})
    assert [layout.is_linear(layer) for layer in range(6)] == [False, False, True, False, False, True]
    assert layout.dropout == 0.2


def test_groups_that_stand_apart_are_found(formed):
    assert adjusted_rand_score(formed.labels, bent()[1]) > 0.9


def test_a_linear_network_finds_the_plane_of_the_principal_components():
    # Baldi & Hornik (1989): the least squared error of a linear autoencoder is that of the principal components.
    # What the trained one loses must come near, and can never be below, what two components lose of a plane.
    random = np.random.default_rng(3)
    plane = random.normal(size=(600, 2)) @ random.normal(size=(2, 5)) + random.normal(0, 0.1, (600, 5))
    scaled = (plane - np.median(plane, axis=0)) / plane.std()
    components = PCA(2).fit(scaled)
    lost = float(np.mean((components.inverse_transform(components.transform(scaled)) - scaled) ** 2))
    _, curve = train_encoder(plane, 0, {**DEFAULTS, "epochs": 120, "dropout": 0.0}, silent)
    assert curve.best_loss < 2 * lost
    assert curve.best_loss < 0.03 * scaled.var()


def test_the_segments_are_those_of_k_means_on_what_the_network_makes_of_them(rows, formed):
    placement = formed.placement
    codes = placement.encode(rows)
    theirs = KMeans(3, n_init=10, random_state=1).fit(codes)
    assert adjusted_rand_score(theirs.labels_, formed.labels) == 1
    squared = ((codes - placement.centres[formed.labels]) ** 2).sum()
    assert squared == pytest.approx(theirs.inertia_, rel=1e-6)


def test_the_same_seed_and_rows_in_any_order_repeat_to_the_last_bit(rows, formed):
    shuffled = np.random.default_rng(1).permutation(len(rows))
    again = AUTOENCODER.form(rows[shuffled], 3, 0, {"epochs": 30}, silent)
    np.testing.assert_array_equal(again.labels, formed.labels[shuffled])
    np.testing.assert_array_equal(again.placement.centres, formed.placement.centres)
    for first, second in zip(again.placement.encoder.layers, formed.placement.encoder.layers, strict=True):
        np.testing.assert_array_equal(first.weights, second.weights)
        np.testing.assert_array_equal(first.bias, second.bias)
    assert again.details == formed.details


def test_another_seed_learns_something_else(rows, formed):
    other = AUTOENCODER.form(rows, 3, 1, {"epochs": 30}, silent)
    assert not np.array_equal(other.placement.encoder.layers[0].weights, formed.placement.encoder.layers[0].weights)


def test_the_same_amounts_in_another_unit_give_the_same_segments(rows, formed):
    # Multiplied by a power of two nothing is rounded; otherwise the last bits differ, and the numbering may.
    exact = AUTOENCODER.form(rows * 1_024, 3, 0, {"epochs": 30}, silent)
    np.testing.assert_array_equal(exact.labels, formed.labels)
    rounded = AUTOENCODER.form(rows * 0.3 + 5.0, 3, 0, {"epochs": 30}, silent)
    assert adjusted_rand_score(rounded.labels, formed.labels) > 0.95


def test_the_curve_of_the_training_is_kept_to_be_shown(formed):
    curve = formed.details
    assert isinstance(curve, LearningCurve)
    assert curve.n_epochs == len(curve.validation) <= 30
    assert curve.measured == "mean squared error"
    assert curve.validation[-1] < 0.3 * curve.validation[0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"epochs": 3}, lambda curve, _: curve.n_epochs == 3),
        ({"epochs": 2, "rate": 0.02}, lambda curve, _: curve.rates == (0.02, 0.02)),
        ({"epochs": 60, "patience": 1, "rate": 0.05}, lambda curve, _: curve.n_epochs == curve.best_epoch + 1 < 60),
        ({"epochs": 60, "flat": 1, "rate": 0.05}, lambda curve, _: curve.rates[-1] < 0.05),
        ({"epochs": 2, "wider": 0.5}, lambda _, encoder: encoder.n_out == FIRST_HALF[-1] // 2),
        ({"epochs": 2, "layers": "7-3"}, lambda _, encoder: encoder.n_out == 3),
        ({"epochs": 2, "loss": "absolute"}, lambda curve, _: curve.measured == "mean absolute error"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_every_setting_does_what_it_says(rows, settings, expected):
    encoder, curve = train_encoder(rows, 0, {**DEFAULTS, **settings}, silent)
    assert expected(curve, encoder)


def test_the_number_of_customers_per_step_can_be_set(rows):
    def steps(batch):
        seen = []
        train_encoder(rows, 0, {**DEFAULTS, "epochs": 1, "batch": batch}, lambda share, _: seen.append(share))
        return len(seen)

    # 360 of the 400 rows are learned from.
    assert (steps(36), steps(360), steps(0)) == (10, 1, 12)


def test_dropout_makes_what_such_a_narrow_network_gives_back_worse(rows):
    losses = [train_encoder(rows, 0, {**DEFAULTS, "dropout": share}, silent)[1].best_loss for share in (0.0, 0.1, 0.2)]
    assert losses[2] > losses[1] > 3 * losses[0]


@pytest.mark.parametrize(
    "settings",
    [{"dropout": 0.9}, {"epochs": 0}, {"epochs": 2.5}, {"rate": 1.0}, {"layers": "x"}, {"nodes": 3}, {"wider": 9.0}],
)
def test_a_setting_that_is_not_possible_is_refused(rows, settings):
    with pytest.raises(InvalidSettingError):
        AUTOENCODER.form(rows, 3, 0, settings, silent)


def test_progress_says_the_epoch_and_the_loss_and_cancel_is_heard(rows):
    said = []

    def progress(share, doing):
        said.append((share, doing))
        if len(said) == 40:
            raise Cancelled

    with pytest.raises(Cancelled):
        AUTOENCODER.form(rows, 3, 0, {}, progress)
    assert len(said) == 40
    assert said[0][1] == "Epoch 1 of at most 100"
    assert said[-1][1].startswith("Epoch 4 of at most 100, validation loss 0.")
    assert [share for share, _ in said] == sorted(share for share, _ in said)


def test_who_watches_sees_the_training_but_not_those_that_test_stability(rows):
    seen = []
    with watching(seen.append):
        AUTOENCODER.form(rows, 3, 0, {"epochs": 4}, silent)
        AUTOENCODER.form_again(rows, 3, 5, {"epochs": 4}, silent)
    assert [[curve.n_epochs for curve in curves] for curves in seen] == [[1], [2], [3], [4]]


def test_forming_again_takes_fewer_steps_and_mostly_finds_the_same_groups(rows, formed):
    steps, agreements = [], []
    for seed in range(9, 14):
        again = AUTOENCODER.form_again(rows, 3, seed, {}, lambda *said: steps.append(said))
        agreements.append(adjusted_rand_score(again.placement.place(rows), formed.labels))
    assert len(steps) <= 5 * 40 * 40
    assert np.median(agreements) > 0.9


def test_customers_that_are_all_alike_to_the_network_are_said_to_be():
    # The float32 that the network learns from, and the weights, see no difference between these rows.
    rows = np.repeat([[1.0, 2.0], [3.0, 4.0]], 20, axis=0)
    with pytest.raises(EncodedAlikeError, match="2"):
        AUTOENCODER.form(rows, 4, 0, {"epochs": 2}, silent)


@given(cut=st.integers(0, 400))
def test_a_customers_encoding_does_not_depend_on_who_else_is_there(rows, formed, cut):
    parts = [formed.placement.distances(rows[:cut]), formed.placement.distances(rows[cut:])]
    np.testing.assert_array_equal(np.concatenate(parts), formed.placement.distances(rows))


def test_distances_by_hand():
    # One layer: 2a + b + 1; customers (1, 2) and (0, -1) stand at 5 and 0, centres at 4 and 0.5.
    encoder = DenseStack((DenseLayer(np.array([[2.0], [1.0]]), np.array([1.0]), relu=True),))
    placement = LatentCentres(encoder, np.array([[4.0], [0.5]]))
    customers = np.array([[1.0, 2.0], [0.0, -1.0]])
    assert placement.place(customers).tolist() == [0, 1]
    assert placement.distances(customers).tolist() == [1.0, 0.5]
    turned = placement.reordered(np.array([1, 0]))
    assert turned.place(customers).tolist() == [1, 0]


def test_a_customer_far_outside_still_gets_a_segment(formed):
    far = np.full((1, 5), 1e150)
    assert formed.placement.place(far)[0] in (0, 1, 2)
    assert np.isfinite(formed.placement.distances(np.full((1, 5), 1e100))).all()
