"""Which differences mean something is decided by numbers that can be checked by hand."""

import numpy as np
import pytest

from segmenter.choose.methods import (
    Agreement,
    MethodCandidate,
    MethodChoice,
    MethodScore,
    difference,
    mean_pairwise_agreement,
    recommend_method,
    silhouette_error,
)

STEADY = Agreement(0.95, 0.01)


def contender(key, widths, refits=None, **known):
    widths = np.array(widths, dtype=float)
    given = {"n_segments": 3, "over_samples": STEADY, "over_seeds": STEADY, "noise_share": 0.0, "largest_share": 0.5}
    score = MethodScore(MethodChoice(key), silhouette=float(np.nanmean(widths)), **{**given, **known})
    return MethodCandidate(score, widths, None if refits is None else np.array(refits))


def test_a_difference_is_paired_by_customer_and_by_sample():
    first, second = (
        contender("k-means", [0.1, 0.2, 0.3, 0.4], [0.2, 0.3]),
        contender("b", [0.2, 0.3, 0.4, 0.7], [0.4, 0.6]),
    )
    found = difference(second, first)
    # Differences .1 .1 .1 .3: mean .15, variance .01; of the refits .2 .3: variance .005.
    assert found.value == pytest.approx(0.15)
    assert found.standard_error == pytest.approx(np.sqrt(0.01 / 4 + 0.005))
    assert not found.counts
    assert str(found) == "higher by 0.150 ± 0.087: within chance"


def test_only_customers_that_both_placed_are_compared():
    found = difference(contender("b", [0.5, np.nan, 0.7]), contender("k-means", [0.4, 0.9, np.nan]))
    assert found is None
    found = difference(contender("b", [0.5, np.nan, 0.7, 0.6]), contender("k-means", [0.4, 0.9, 0.6, 0.5]))
    assert (found.value, found.standard_error) == (pytest.approx(0.1), pytest.approx(0.0, abs=1e-12))


def test_the_error_of_a_silhouette_adds_both_sources():
    assert silhouette_error(np.array([0.0, 1.0, np.nan]), np.array([0.5, 0.7])) == pytest.approx(
        np.sqrt(0.5 / 2 + 0.02)
    )
    assert silhouette_error(np.array([np.nan, 1.0]), None) is None


def test_few_customers_beside_all_others_are_segments_where_the_groups_are_known_to_be_such():
    both = [contender("k-means", [0.1, 0.2, 0.3]), contender("b", [0.4, 0.5, 0.61], largest_share=0.97)]
    assert recommend_method(both).recommended == MethodChoice("k-means")
    assert recommend_method(both, few_apart=True).recommended == MethodChoice("b")
    weighed = recommend_method([both[0], contender("b", [0.1, 0.2, 0.29], largest_share=0.97)], few_apart=True)
    assert "K-Means does not follow the groups" in weighed.recommendation
    assert "Stay with" not in weighed.recommendation


def test_a_better_and_steady_method_is_recommended():
    weighed = recommend_method([contender("k-means", [0.1, 0.2, 0.3]), contender("b", [0.4, 0.5, 0.61])])
    assert weighed.recommended == MethodChoice("b")
    assert "separates these customers better than K-Means does (0.50 against 0.20)" in weighed.recommendation


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"over_seeds": Agreement(0.2, 0.1)}, "b agrees poorly over its own seeds."),
        ({"over_samples": Agreement(0.2, 0.1)}, "b forms other segments from other samples."),
        ({"noise_share": 0.4}, "b leaves many customers in no segment."),
        ({"largest_share": 0.97}, "b puts nearly everybody in one segment."),
    ],
)
def test_a_higher_score_alone_does_not_win(known, words):
    weighed = recommend_method([contender("k-means", [0.1, 0.2, 0.3]), contender("b", [0.4, 0.5, 0.61], **known)])
    assert weighed.recommended == MethodChoice("k-means")
    assert words in weighed.recommendation


def test_nine_tenths_in_one_segment_and_a_fifth_in_none_are_just_taken():
    just = contender("b", [0.4, 0.5, 0.61], largest_share=0.9, noise_share=0.2)
    weighed = recommend_method([contender("k-means", [0.1, 0.2, 0.3]), just])
    assert weighed.recommended == MethodChoice("b")


def test_the_yardsticks_own_weakness_is_said():
    shaky = contender("k-means", [0.1, 0.2, 0.3], over_samples=Agreement(0.5, 0.1))
    weighed = recommend_method([shaky, contender("b", [0.1, 0.2, 0.29])])
    assert "Even the segments of K-Means move from sample to sample (agreement 0.50)" in weighed.recommendation


def test_one_method_alone_is_compared_with_nothing():
    weighed = recommend_method([contender("k-means", [0.1, 0.2])])
    assert weighed.recommended == MethodChoice("k-means")
    assert "Only K-Means was tried" in weighed.recommendation


def test_agreement_is_the_mean_of_all_pairs_and_its_error_a_jackknife():
    same, other = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    # Agreements: same-same 1, same-other -0.5 twice; leaving one out: -0.5, -0.5, 1.
    found = mean_pairwise_agreement([same, same[::-1], other])
    assert found.mean == pytest.approx(0.0)
    assert found.standard_error == pytest.approx(np.sqrt(2 / 3 * (0.25 + 0.25 + 1.0)))


def test_customers_in_no_segment_are_a_group_of_their_own():
    first, second = np.array([0, 0, 1, 1, -1, -1]), np.array([1, 1, 0, 0, -1, -1])
    assert mean_pairwise_agreement([first, second, first]).mean == pytest.approx(1.0)


def test_every_sentence_of_a_finding_starts_with_a_capital():
    yardstick = contender("k-means", [0.5] * 100)
    noisy = contender("som", [0.4] * 100, noise_share=0.3)
    finding = recommend_method([yardstick, noisy]).findings[1]
    assert (
        ": 30 % of the customers fit no segment of it; its scores are for the others, which flatters them. S" in finding
    )


def test_a_difference_that_is_not_that_of_the_two_levels_says_what_it_is_of():
    yardstick = contender("k-means", [0.4, 0.5, 0.0])
    picky = contender("hdbscan", [0.45, 0.57, np.nan])
    finding = recommend_method([yardstick, picky]).findings[1]
    assert "0.51 against 0.30" in finding
    assert "(customer by customer, where both placed them: higher by 0.060" in finding
