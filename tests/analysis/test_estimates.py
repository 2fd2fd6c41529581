"""Means, intervals and standardised differences agree with scipy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.weightstats import DescrStatsW

from se_bench.analysis.estimates import Estimate, combination, difference, estimate
from se_bench.analysis.looks import Looks

# Accuracies as a test split of 2,048 images yields them.
accuracy = st.integers(0, 2048).map(lambda correct: correct / 2048)
accuracies = st.lists(accuracy, min_size=2, max_size=30).filter(lambda values: min(values) < max(values))


def sides(found: list[tuple[float, float]]) -> tuple[dict[int, float], dict[int, float]]:
    return dict(enumerate(one for one, _ in found)), dict(enumerate(other for _, other in found))


@settings(deadline=None)
@given(accuracies, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_interval_is_students(values: list[float], confidence: float) -> None:
    found = estimate(values, tail=(1 - confidence) / 2)
    low, high = stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-12)
    assert (found.low, found.high) == pytest.approx(
        DescrStatsW(values).tconfint_mean(1 - confidence), rel=1e-9, abs=1e-12
    )
    assert found.n == len(values)
    assert found.mean == pytest.approx(np.mean(values), rel=1e-12)
    assert found.spread == pytest.approx(np.std(values, ddof=1), rel=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=30, unique_by=lambda pair: pair[0]))
def test_the_interval_and_p_of_a_difference_are_those_of_the_paired_t_test(found: list[tuple[float, float]]) -> None:
    one, other = sides(found)
    gaps = np.diff(np.sort(np.abs([a - b for a, b in found])))
    if np.sum(gaps > 1e-9) + 1 <= len(found) / 2:
        return  # so many ties are another test's
    expected = stats.ttest_rel(list(one.values()), list(other.values()))
    ours = difference(one, other)
    assert ours.p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)
    assert (ours.low, ours.high) == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-6, abs=1e-9)


def test_no_value_has_no_mean() -> None:
    assert estimate([]) == Estimate(0, None, None, None, None)


def test_one_value_has_no_interval() -> None:
    assert estimate([0.75]) == Estimate(1, 0.75, None, None, None)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_equal_values_have_no_interval(n: int) -> None:
    assert estimate([0.1] * n) == Estimate(n, pytest.approx(0.1), None, None, 0.0)


def test_two_seeds_have_an_interval_and_no_p_value() -> None:
    found = difference({0: 0.75, 1: 0.5}, {0: 0.5, 1: 0.375})
    assert found.low is not None
    assert found.p is None


@settings(deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 50), st.lists(st.integers(0, 9_000), min_size=2, max_size=5))
def test_differences_of_equally_many_images_have_no_spread_whatever_rounding_says(
    images: int, more: int, correct: list[int]
) -> None:
    """0.9 - 0.89 and 0.8 - 0.79 differ in floating point; a p-value from that would be a verdict from nothing."""
    one = {seed: (own + more) / images for seed, own in enumerate(correct)}
    other = {seed: own / images for seed, own in enumerate(correct)}
    found = difference(one, other)
    assert (found.low, found.high, found.spread, found.d_z, found.bootstrap) == (None, None, 0.0, None, None)
    assert found.p is None or found.p > 0.05
    assert found.mean == pytest.approx(more / images, rel=1e-9)


def test_one_image_more_in_one_seed_is_a_spread() -> None:
    images = 10_000_000
    found = difference({0: 9_000_002 / images, 1: 9_000_001 / images}, {0: 9_000_000 / images, 1: 9_000_000 / images})
    assert found.spread == pytest.approx(1 / images / math.sqrt(2), rel=1e-6)


def test_seeds_that_only_one_side_has_are_left_out() -> None:
    one = {0: 0.9, 2: 0.7, 1: 0.8, 7: 0.1}
    other = {1: 0.5, 2: 0.6, 0: 0.4, 9: 0.99}
    assert difference(one, other).values == pytest.approx([0.5, 0.3, 0.1])
    assert difference(one, {}).mean is None


def test_a_weighted_sum_is_taken_seed_by_seed_in_the_order_of_the_seeds() -> None:
    terms = [(0.5, {0: 1.0, 1: 3.0, 2: 5.0}), (-2.0, {0: 0.0, 1: 1.0, 2: 4.0}), (1.0, {1: 1.0, 2: 0.0, 3: 9.0})]
    assert combination(terms).values == (0.5, -5.5)
    assert combination(terms, seeds=(2, 0, 1)).values == (-5.5, 0.5)


@pytest.mark.parametrize("n", [3, 5, 12, 40])
def test_standardised_effects_are_cohens_and_hedges(n: int) -> None:
    values = np.random.default_rng(n).normal(0.01, 0.02, n)
    found = difference(dict(enumerate(values)), dict.fromkeys(range(n), 0.0))
    d = values.mean() / values.std(ddof=1)
    df = n - 1
    assert found.d_z == pytest.approx(d, rel=1e-9)
    exact = special.gamma(df / 2) / (math.sqrt(df / 2) * special.gamma((df - 1) / 2))
    assert found.g_z == pytest.approx(exact * d, rel=1e-9)
    assert exact == pytest.approx(1 - 3 / (4 * df - 1), abs=0.03)  # the usual approximation


def test_hedges_correction_removes_the_bias_of_the_standardised_effect() -> None:
    draws = np.random.default_rng(1).normal(1.0, 1.0, size=(20_000, 4))
    found = [difference(dict(enumerate(row)), dict.fromkeys(range(4), 0.0)) for row in draws]
    assert np.mean([each.g_z for each in found]) == pytest.approx(1.0, abs=0.03)
    assert np.mean([each.d_z for each in found]) > 1.2


def test_the_interval_covers_the_truth_in_95_of_100_studies() -> None:
    draws = np.random.default_rng(20250301).normal(0.9, 0.007, size=(4000, 5))
    found = [estimate(list(row)) for row in draws]
    covered = np.mean([each.low <= 0.9 <= each.high for each in found])
    assert abs(covered - 0.95) < 3 * math.sqrt(0.95 * 0.05 / len(draws))


def test_an_interval_of_growing_data_is_wider_and_agrees_with_its_test() -> None:
    values = np.random.default_rng(2).normal(0.01, 0.01, 12)
    looks = Looks(3, 20)
    zero = dict.fromkeys(range(12), 0.0)
    plain, wide = (difference(dict(enumerate(values)), zero, each) for each in (None, looks))
    assert wide.low < plain.low < plain.high < wide.high
    alone = stats.ttest_1samp(values - wide.low, 0, alternative="greater").pvalue
    assert alone == pytest.approx(looks.level(0.025, 12), rel=1e-9)
    early = difference(dict(enumerate(values[:3])), zero, looks)
    assert (early.n, early.low) == (3, None)
