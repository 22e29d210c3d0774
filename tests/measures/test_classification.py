"""How often is a classifier right: tables small enough to do by hand."""

import numpy as np
import pytest
from scipy.stats import ttest_rel
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss

from segmenter.measures.classification import calibration, compare_on_folds, confusion, report, score, standard_error

TRUTH = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.6, 0.2], [0.5, 0.4, 0.1], [0.1, 0.1, 0.8]])


def test_scores_of_six_customers_by_hand():
    scores = score(TRUTH, SAID)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    # F1: class 0 has precision 2/3 and recall 2/3; class 1 1/2 and 1/2; class 2 is told perfectly.
    assert scores.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scores.log_loss == pytest.approx(-np.log([0.7, 0.5, 0.1, 0.6, 0.4, 0.8]).mean())


def test_scores_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    truth = random.integers(0, 4, 300)
    said = random.dirichlet(np.ones(4), 300)
    scores, answer = score(truth, said), said.argmax(axis=1)
    assert scores.log_loss == pytest.approx(log_loss(truth, said))
    assert scores.balanced_accuracy == pytest.approx(balanced_accuracy_score(truth, answer))
    assert scores.macro_f1 == pytest.approx(f1_score(truth, answer, average="macro"))


def test_a_class_held_impossible_costs_much_but_not_everything():
    assert score(np.array([0]), np.array([[0.0, 1.0]])).log_loss == pytest.approx(15 * np.log(10))


def test_confusion_has_a_row_per_true_class():
    assert confusion(TRUTH, SAID.argmax(axis=1), 3).tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_the_report_counts_who_was_found_and_who_belongs():
    first = report(TRUTH, SAID.argmax(axis=1), 3)[0]
    assert (first.precision, first.recall, first.support) == pytest.approx((2 / 3, 2 / 3, 3))


def test_calibration_compares_what_was_said_with_what_came_true():
    truth = np.array([0, 0, 0, 1])
    said = np.array([[0.75, 0.25], [0.75, 0.25], [0.95, 0.05], [0.95, 0.05]])
    found = calibration(truth, said)
    assert found.said == pytest.approx((0.75, 0.95))
    assert found.true == pytest.approx((1.0, 0.5))
    assert found.count == (2, 2)
    assert found.error == pytest.approx((2 * 0.25 + 2 * 0.45) / 4)


def test_without_shared_training_rows_the_comparison_is_a_paired_t_test():
    first, second = np.array([0.52, 0.55, 0.50, 0.54, 0.53]), np.array([0.50, 0.52, 0.51, 0.50, 0.52])
    assert compare_on_folds(first, second, 0.0).p == pytest.approx(ttest_rel(first, second).pvalue)


def test_shared_training_rows_make_a_lead_less_sure():
    first, second = np.array([0.52, 0.55, 0.50, 0.54, 0.53]), np.array([0.50, 0.52, 0.51, 0.50, 0.52])
    found = compare_on_folds(first, second, 0.25)
    # Nadeau & Bengio: the variance of the differences times (1/5 + 1/4).
    assert found.se == pytest.approx(np.sqrt(np.var(first - second, ddof=1) * 0.45))
    assert found.p > compare_on_folds(first, second, 0.0).p


def test_the_standard_error_is_the_deviation_over_the_root_of_the_count():
    assert standard_error(np.array([1.0, 2.0, 3.0])) == pytest.approx(1 / np.sqrt(3))
    assert standard_error(np.array([1.0])) == 0.0


def test_a_certain_answer_stands_in_the_last_bin_with_the_nearly_certain_ones():
    found = calibration(np.array([0, 0]), np.array([[1.0, 0.0], [0.9, 0.1]]))
    assert found.count == (2,)
    assert found.said == pytest.approx((0.95,))
