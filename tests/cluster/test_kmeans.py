"""K-Means finds the best known sums of squares, whatever the order of the rows."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans

from benchmarks.varied import SETS, drawn
from segmenter.cluster import kmeans
from segmenter.cluster.assigners import NearestCentre
from segmenter.cluster.kmeans import KMeansSweep, fit_kmeans
from segmenter.errors.forming import TooFewDistinctRowsError
from segmenter.progress import Cancelled
from segmenter.sampling import canonical_order, distinct_rows


@pytest.fixture(scope="module")
def many():
    random = np.random.default_rng(5)
    n = 30_000
    amounts = np.exp(random.normal(size=(n, 2)) * 0.8)
    return np.column_stack([amounts, random.poisson(3, n), random.random(n) < 0.3, random.normal(40, 12, n)])


def test_four_rows_in_two_pairs():
    fit = fit_kmeans(np.array([[0.0], [2.0], [10.0], [12.0]]), 2, seed=0)
    assert sorted(fit.centres.ravel()) == [1.0, 11.0]
    assert fit.wcss == pytest.approx(4.0)


def test_one_segment_stands_in_the_middle():
    fit = fit_kmeans(np.array([[0.0, 1.0], [2.0, 5.0]]), 1, seed=0)
    assert fit.centres == pytest.approx(np.array([[1.0, 3.0]]))


@pytest.mark.parametrize("k", [3, 8])
def test_few_rows_reach_the_best_of_twenty_plain_starts(k):
    X = np.random.default_rng(k).normal(size=(300, 3))
    plain = KMeans(k, n_init=20, random_state=0).fit(X).inertia_
    assert fit_kmeans(X, k, seed=0).wcss <= plain * (1 + 1e-4)


@pytest.mark.parametrize("k", [2, 6])
def test_many_rows_reach_plain_k_means(many, k):
    X = (many - many.mean(axis=0)) / many.std(axis=0)
    assert fit_kmeans(X, k, seed=0).wcss <= 1.001 * KMeans(k, n_init=10, random_state=0).fit(X).inertia_


@pytest.mark.parametrize("rows", [200, 6_000, 30_000])
def test_the_order_of_the_rows_does_not_matter(many, rows):
    X, order = many[:rows], np.random.default_rng(0).permutation(rows)
    straight, mixed = (fit_kmeans(each, 4, seed=1) for each in (X, X[order]))
    assert (straight.centres == mixed.centres).all()
    assert (straight.labels[order] == mixed.labels).all()


def test_the_same_seed_gives_the_same_result(many):
    first, second = (fit_kmeans(many, 5, seed=9) for _ in range(2))
    assert (first.centres == second.centres).all()


def test_a_sweep_gives_what_a_single_fit_gives(many):
    sweep = KMeansSweep(many, seed=2)
    sweep.fit(3)
    assert (sweep.fit(4).centres == fit_kmeans(many, 4, seed=2).centres).all()


def test_rows_are_labelled_as_the_saved_centres_will_label_them(many):
    fit = fit_kmeans(many, 5, seed=0)
    one_by_one = [int(NearestCentre(fit.centres).place(row[None])[0]) for row in many[:500]]
    assert one_by_one == fit.labels[:500].tolist()


def test_repeated_rows_count_as_often_as_they_occur():
    X = np.array([[0.0], [0.0], [0.0], [4.0], [100.0]])
    assert sorted(fit_kmeans(X, 2, seed=0).centres.ravel()) == [1.0, 100.0]


def test_nearly_all_rows_the_same(monkeypatch):
    monkeypatch.setattr(kmeans, "START_ROWS", 100)
    X = np.zeros((5_000, 2))
    X[:3] = [[1, 0], [0, 1], [1, 1]]
    assert fit_kmeans(X, 4, seed=0).wcss == pytest.approx(0.0, abs=1e-12)


def test_a_tie_goes_to_the_lower_number():
    assert NearestCentre(np.array([[-1.0], [1.0]])).place(np.array([[0.0]])).tolist() == [0]


def test_huge_numbers_are_placed():
    centres = np.array([[1e150], [-1e150]])
    assert NearestCentre(centres).place(np.array([[9e149], [-9e149]])).tolist() == [0, 1]


def test_too_few_different_rows():
    with pytest.raises(TooFewDistinctRowsError, match="Only 2 different rows"):
        fit_kmeans(np.array([[1.0], [1.0], [2.0]]), 3, seed=0)


def test_it_stops_when_cancelled(many):
    def cancel(share, doing):
        raise Cancelled

    with pytest.raises(Cancelled):
        fit_kmeans(many, 3, seed=0, progress=cancel)


def test_equal_rows_stand_together_and_minus_zero_is_zero():
    X = np.array([[0.0, 1.0], [5.0, 5.0], [-0.0, 1.0]])
    order = canonical_order(X).tolist()
    assert abs(order.index(0) - order.index(2)) == 1
    assert sorted(distinct_rows(X).weights) == [1, 2]


LABELS = """
import hashlib
from benchmarks.varied import drawn
from segmenter.cluster.kmeans import KMeansSweep
for name, k in (("counts, 300 × 2", 8), ("ratings, 1,500 × 12", 5), ("wild tails, 20,000 × 6", 4)):
    fit = KMeansSweep(drawn(name), seed=0).fit(k)
    print(name, hashlib.sha256(fit.labels.tobytes() + fit.centres.tobytes()).hexdigest())
"""


def _labels_with(**machine):
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), **machine}
    command = [sys.executable, "-c", LABELS]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_segments_are_the_same_on_every_machine():
    one = _labels_with(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    assert one.count("\n") == 3
    # All at once: more threads, the matrix products of an old processor, NumPy's loops without the widest instructions,
    # and our loops compiled for a processor without any wide ones.
    other = {
        "OMP_NUM_THREADS": "4",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL",
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
    }
    assert _labels_with(**other) == one


@pytest.mark.parametrize("name", [name for name, (_, n, p) in SETS.items() if n <= 3_000 and p <= 4])
def test_no_number_of_segments_is_worse_than_the_best_of_ten_plain_starts(name):
    X = drawn(name, seed=3)
    sweep = KMeansSweep(X, seed=0)
    for k in (3, 8):
        assert sweep.fit(k).wcss <= 1.001 * KMeans(k, n_init=10, random_state=0).fit(X).inertia_


def test_last_bits_move_no_row_in_the_order():
    X = np.random.default_rng(2).lognormal(size=(5_000, 4))
    noisy = X * (1 + 2e-16 * np.random.default_rng(3).integers(-1, 2, X.shape))
    assert (noisy != X).any()
    assert (canonical_order(noisy) == canonical_order(X)).all()


def test_rows_that_differ_less_than_the_grid_are_in_one_order_however_they_stood():
    X = np.vstack([np.ones((6, 2)) + 1e-13 * np.arange(6)[:, None], [[0.0, 0.0], [9.0, 9.0]]])
    mixed = X[np.random.default_rng(1).permutation(len(X))]
    assert (X[canonical_order(X)] == mixed[canonical_order(mixed)]).all()
