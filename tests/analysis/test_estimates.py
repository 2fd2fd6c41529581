"""Intervals, paired tests and Holm's correction agree with scipy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from se_bench.analysis.estimates import Estimate, difference, differences, estimate, holm, p_above, p_below

# Accuracies as a test split of 2,048 images yields them.
accuracy = st.integers(0, 2048).map(lambda correct: correct / 2048)
accuracies = st.lists(accuracy, min_size=2, max_size=30).filter(lambda values: min(values) < max(values))
pairs = st.lists(st.tuples(accuracy, accuracy), min_size=2, max_size=30).filter(
    lambda found: len({one - other for one, other in found}) > 1
)


def sides(found: list[tuple[float, float]]) -> tuple[dict[int, float], dict[int, float]]:
    return dict(enumerate(one for one, _ in found)), dict(enumerate(other for _, other in found))


@settings(deadline=None)
@given(accuracies, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_interval_is_students(values: list[float], confidence: float) -> None:
    found = estimate(values, confidence)
    low, high = stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-12)
    assert (found.low, found.high) == pytest.approx(
        DescrStatsW(values).tconfint_mean(1 - confidence), rel=1e-9, abs=1e-12
    )
    assert found.n == len(values)
    assert found.mean == pytest.approx(np.mean(values), rel=1e-12)
    assert found.spread == pytest.approx(np.std(values, ddof=1), rel=1e-9)


@settings(deadline=None)
@given(pairs)
def test_the_p_value_of_a_difference_is_that_of_the_paired_t_test(found: list[tuple[float, float]]) -> None:
    one, other = sides(found)
    expected = stats.ttest_rel(list(one.values()), list(other.values()))
    ours = difference(one, other)
    assert ours.p == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-300)
    assert (ours.low, ours.high) == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-7, abs=1e-12)


@settings(deadline=None)
@given(pairs, st.sampled_from([-0.05, 0.0, 0.01]))
def test_the_one_sided_p_values_are_scipys(found: list[tuple[float, float]], limit: float) -> None:
    each = differences(*sides(found))
    for ours, alternative in ((p_above, "greater"), (p_below, "less")):
        expected = stats.ttest_1samp(each, limit, alternative=alternative).pvalue
        assert ours(estimate(each), limit) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@settings(deadline=None, max_examples=10)  # theirs takes a tenth of a second
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], rel=1e-12, abs=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_value_nor_changes_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= after <= 1 for p, after in zip(p_values, adjusted, strict=True))
    by_p = [after for _, after in sorted(zip(p_values, adjusted, strict=True))]
    assert by_p == sorted(by_p)


def test_holm_of_nothing_is_nothing() -> None:
    assert holm([]) == []


def test_no_value_has_no_mean() -> None:
    assert estimate([]) == Estimate(0, None, None, None, None)


def test_one_value_has_no_interval() -> None:
    assert estimate([0.75]) == Estimate(1, 0.75, None, None, None)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_equal_values_have_no_interval(n: int) -> None:
    assert estimate([0.1] * n) == Estimate(n, pytest.approx(0.1), None, None, 0.0)


def test_a_difference_without_spread_has_no_p_value() -> None:
    found = difference({0: 0.75, 1: 0.5}, {0: 0.5, 1: 0.25})
    assert (found.mean, found.low, found.high, found.p) == (0.25, None, None, None)


@settings(deadline=None)
@given(st.integers(1, 20_000), st.integers(0, 50), st.lists(st.integers(0, 9_000), min_size=2, max_size=8))
def test_differences_of_equally_many_images_have_no_spread_whatever_rounding_says(
    images: int, more: int, correct: list[int]
) -> None:
    """0.9 - 0.89 and 0.8 - 0.79 differ in floating point; a p-value from that would be a verdict from nothing."""
    one = {seed: (own + more) / images for seed, own in enumerate(correct)}
    other = {seed: own / images for seed, own in enumerate(correct)}
    found = difference(one, other)
    assert (found.low, found.high, found.p, found.spread) == (None, None, None, 0.0)
    assert found.mean == pytest.approx(more / images, rel=1e-9)


def test_one_image_more_in_one_seed_is_a_spread() -> None:
    images = 10_000_000
    found = difference({0: 9_000_002 / images, 1: 9_000_001 / images}, {0: 9_000_000 / images, 1: 9_000_000 / images})
    assert found.spread == pytest.approx(1 / images / math.sqrt(2), rel=1e-6)
    assert found.p is not None


def test_seeds_that_only_one_side_has_are_left_out() -> None:
    one = {0: 0.9, 2: 0.7, 1: 0.8, 7: 0.1}
    other = {1: 0.5, 2: 0.6, 0: 0.4, 9: 0.99}
    assert differences(one, other) == pytest.approx([0.5, 0.3, 0.1])
    assert difference(one, other).n == 3
    assert difference(one, {}).mean is None


def test_the_interval_covers_the_truth_in_95_of_100_studies() -> None:
    draws = np.random.default_rng(20250301).normal(0.9, 0.007, size=(4000, 5))
    found = [estimate(list(row)) for row in draws]
    covered = np.mean([each.low <= 0.9 <= each.high for each in found])
    assert abs(covered - 0.95) < 3 * math.sqrt(0.95 * 0.05 / len(draws))
