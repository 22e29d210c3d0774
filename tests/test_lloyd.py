"""The compiled loops do what the formulas say, bit for bit where a saved model must agree."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans

from segmenter.cluster.assigners import nearest_exactly
from segmenter.cluster.kmeans import WeightedSample, lloyd
from segmenter.lloyd import draw_centres, exchange_rows, nearest_centres, without_least_missed


@pytest.fixture
def random():
    return np.random.default_rng(4)


@pytest.mark.parametrize(("n", "p", "k"), [(5, 1, 2), (256, 4, 3), (700, 6, 8), (1_000, 17, 12)])
@pytest.mark.parametrize("steps", [1, 7, 300])
def test_steps_are_those_of_plain_k_means(random, n, p, k, steps):
    rows, weights = random.lognormal(size=(n, p)), random.uniform(0.5, 3, n)
    start = rows[:k]
    end = lloyd(WeightedSample(rows, weights), start, steps=steps)
    plain = _plain_steps(rows, weights, start, steps)
    assert end.centres == pytest.approx(plain)
    squared = ((rows[:, None] - plain[None]) ** 2).sum(axis=2)
    assert (end.labels == squared.argmin(axis=1)).all()
    assert end.nearest == pytest.approx(squared.min(axis=1))
    assert end.wcss == pytest.approx(squared.min(axis=1) @ weights)


def _plain_steps(rows, weights, centres, steps):
    for _ in range(steps):
        labels = ((rows[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        new = np.array(
            [np.average(rows[labels == c], axis=0, weights=weights[labels == c]) for c in range(len(centres))]
        )
        if np.allclose(new, centres, rtol=0, atol=0):
            break
        centres = new
    return centres


def test_scikit_learn_comes_to_rest_in_the_same_place(random):
    rows = random.normal(size=(2_000, 3))
    end = lloyd(WeightedSample(rows, np.ones(len(rows))), rows[:6])
    plain = KMeans(6, init=rows[:6], n_init=1, tol=0, max_iter=1_000).fit(rows)
    assert end.wcss == pytest.approx(plain.inertia_)
    assert end.centres == pytest.approx(plain.cluster_centers_)


def test_a_centre_without_rows_starts_anew_at_the_farthest_row():
    rows = np.array([[0.0], [1.0], [10.0]])
    end = lloyd(WeightedSample(rows, np.ones(3)), np.array([[0.5], [9.0], [99.0]]))
    assert sorted(np.unique(end.labels)) == [0, 1, 2]
    assert end.wcss == 0


def test_two_centres_without_rows_start_at_different_rows():
    rows = np.array([[0.0], [1.0], [10.0], [30.0]])
    end = lloyd(WeightedSample(rows, np.ones(4)), np.array([[0.5], [500.0], [700.0], [900.0]]))
    assert end.wcss == 0


def test_labels_are_those_of_the_exact_rule_ties_included(random):
    rows = random.integers(0, 4, (3_000, 7)) / 3
    centres = random.integers(0, 4, (9, 7)) / 3 + 0.1
    labels = np.full(len(rows), -1)
    sums, sizes, wcss = nearest_centres(rows, 100, 2_900, np.zeros(7), centres, labels)
    expected = nearest_exactly(rows[100:2_900], centres)
    assert (labels[100:2_900] == expected).all()
    assert (labels[:100] == -1).all()
    assert (labels[2_900:] == -1).all()
    assert sizes.tolist() == np.bincount(expected, minlength=9).tolist()
    assert sums == pytest.approx(np.array([rows[100:2_900][expected == c].sum(axis=0) for c in range(9)]))
    assert wcss == pytest.approx(((rows[100:2_900] - centres[expected]) ** 2).sum())


def test_centres_are_drawn_by_squared_distance_and_weight():
    rows, weights = np.array([[0.0], [1.0], [3.0], [5.0]]), np.array([1.0, 2.0, 1.0, 0.0])
    # From the first row: weighted squared distances 0, 2, 9, 0.
    draws = {share: draw_centres(rows, weights, rows[:, 0] ** 2, np.array([[share]]))[0] for share in (0.1, 0.17, 0.2)}
    assert draws == {0.1: 1, 0.17: 1, 0.2: 2}


def test_the_candidate_that_leaves_least_is_taken_and_the_next_knows_of_it():
    rows, nearest = np.array([[0.0], [1.0], [9.0], [10.0]]), np.array([0.0, 1.0, 81.0, 100.0])
    # Row 2 would leave 0 + 1 + 0 + 1, row 3 as much: the one drawn first is taken. Then only rows 1 and 3 are away.
    drawn = draw_centres(rows, np.ones(4), nearest, np.array([[0.0, 0.1, 0.9], [0.9, 0.9, 0.9]]))
    assert drawn.tolist() == [2, 3]
    assert nearest.tolist() == [0, 1, 0, 0]


def test_the_centres_taken_away_are_those_missed_least(random):
    rows, weights = random.normal(size=(400, 3)), random.uniform(1, 2, 400)
    centres = rows[:9]
    expected = centres
    for _ in range(4):
        squared = np.sort(((rows[:, None] - expected[None]) ** 2).sum(axis=2), axis=1)
        own = ((rows[:, None] - expected[None]) ** 2).sum(axis=2).argmin(axis=1)
        missed = np.bincount(own, weights * (squared[:, 1] - squared[:, 0]), len(expected))
        expected = np.delete(expected, missed.argmin(), axis=0)
    assert (without_least_missed(rows, weights, centres, 4) == expected).all()


STEP = """
import numba.core.caching as caching
def fail(*_, **__):
    raise OSError("no room")
{without}
import numpy as np
from segmenter.lloyd import nearest_centres
rows, labels = np.array([[0.0], [2.0], [10.0], [12.0]]), np.zeros(4, int)
print(nearest_centres(rows, 0, 4, np.zeros(1), rows[[0, 2]], labels)[2], *labels)
"""


@pytest.mark.parametrize(
    "without",
    ["caching._CacheLocator.ensure_cache_path = fail", "caching.IndexDataCacheFile.save = fail"],
    ids=["no folder can be written", "the disk is full"],
)
def test_without_a_place_for_what_was_compiled_it_is_compiled_again(without, tmp_path):
    root = Path(__file__).parents[1]
    environment = {"PYTHONPATH": str(root), "NUMBA_CACHE_DIR": str(tmp_path / "empty")}
    command = [sys.executable, "-c", STEP.format(without=without)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("8.0 0 0 1 1", "")


def test_the_package_is_imported_without_the_compiler():
    script = "import sys, segmenter, segmenter.cluster.kmeans, segmenter.choose.k; print('numba' in sys.modules)"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_step_at_a_time_ends_where_one_call_does(random, monkeypatch):
    rows = random.normal(size=(500, 2))
    whole = lloyd(WeightedSample(rows, np.ones(500)), rows[:5])
    heard = []
    monkeypatch.setattr("segmenter.cluster.kmeans._MOST_AT_ONCE", 1)
    cut = lloyd(WeightedSample(rows, np.ones(500)), rows[:5], progress=lambda share, doing: heard.append(share))
    assert cut.centres == pytest.approx(whole.centres)
    assert (cut.labels == whole.labels).all()
    assert len(heard) > 1
    assert heard == sorted(heard)


def test_single_rows_change_their_centre_where_lloyd_rests():
    # 4 is nearer to 2, the middle of 0 and 4, than to 6.5; but the middles follow it.
    rows, weights = np.array([[0.0], [4.0], [6.5]]), np.ones(3)
    rest = lloyd(WeightedSample(rows, weights), np.array([[2.0], [6.5]]))
    assert rest.wcss == 8.0
    centres, labels = rest.centres.copy(), rest.labels.copy()
    assert exchange_rows(rows, weights, centres, labels, 5) == 1
    assert labels.tolist() == [0, 1, 1]
    assert centres.ravel() == pytest.approx([0.0, 5.25])


def test_rows_change_their_centre_in_their_order_one_at_a_time(random):
    rows, weights = random.lognormal(size=(300, 5)), random.uniform(0.5, 3, 300)
    labels = random.integers(0, 4, 300)
    centres = np.array([np.average(rows[labels == c], axis=0, weights=weights[labels == c]) for c in range(4)])
    expected, moved = labels.copy(), 0
    for _ in range(3):
        for i in range(300):
            # Both middles as they would be afterwards, from nothing but the rows.
            sums = [_sum_of_squares(rows, weights, np.where(np.arange(300) == i, c, expected)) for c in range(4)]
            best = int(np.argmin(sums))
            moved += best != expected[i]
            expected[i] = best
    assert exchange_rows(rows, weights, centres, labels, 3) == moved
    assert (labels == expected).all()


def _sum_of_squares(rows, weights, labels):
    total = 0.0
    for c in np.unique(labels):
        own = labels == c
        middle = np.average(rows[own], axis=0, weights=weights[own])
        total += float((weights[own][:, None] * (rows[own] - middle) ** 2).sum())
    return total


def test_after_all_exchanges_no_single_row_lowers_the_sum(random):
    rows, weights, k = random.lognormal(size=(60, 2)), random.uniform(0.5, 3, 60), 6
    rest = lloyd(WeightedSample(rows, weights), rows[:k])
    centres, labels = rest.centres.copy(), rest.labels.copy()
    assert exchange_rows(rows, weights, centres, labels, 100) > 0

    def left(members):
        groups = [members == c for c in range(k)]
        means = [np.average(rows[each], axis=0, weights=weights[each]) for each in groups]
        return sum((weights[g] * ((rows[g] - m) ** 2).sum(axis=1)).sum() for g, m in zip(groups, means, strict=True))

    best = left(labels)
    assert best < rest.wcss
    for row in range(60):
        for other in set(range(k)) - {labels[row]}:
            moved = labels.copy()
            moved[row] = other
            if len(set(moved)) == k:
                assert left(moved) >= best * (1 - 1e-9)
