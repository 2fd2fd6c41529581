"""The bootstrap and sign flips: by hand, by enumeration and by scipy's permutation test."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from se_bench.analysis.resampling import bootstrap_interval, sign_flip

integers = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=9)


@settings(deadline=None)
@given(integers)
def test_flipping_signs_counts_every_choice_of_them(values: list[float]) -> None:
    sums = [sum(s * v for s, v in zip(signs, values, strict=True)) for signs in product((1, -1), repeat=len(values))]
    above, below = sign_flip(values)
    assert above == sum(each >= sum(values) for each in sums) / len(sums)
    assert below == sum(each <= sum(values) for each in sums) / len(sums)


def test_flipping_signs_is_scipys_permutation_test_of_pairs() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.normal(0.9, 0.01, 9), rng.normal(0.89, 0.01, 9)
    theirs = stats.permutation_test(
        (one, other), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", alternative="greater"
    )
    assert sign_flip(one - other)[0] == pytest.approx(theirs.pvalue, rel=1e-12)


@pytest.mark.parametrize("n", [13, 14, 25])
def test_many_values_are_flipped_at_random_and_the_same_each_time(n: int) -> None:
    values = np.random.default_rng(n).normal(0.3, 1, n)
    found = sign_flip(values)
    assert found == sign_flip(values)
    approximate = stats.norm.sf(values.sum() / np.sqrt((values**2).sum()))
    assert found[0] == pytest.approx(approximate, abs=0.02)
    assert found[0] > 0


def test_a_random_p_is_never_zero() -> None:
    assert sign_flip([1.0] * 30) == (1 / 10_000, 1.0)


def test_sums_that_rounding_alone_tells_apart_are_equal() -> None:
    values = [0.1, 0.2, -0.3, 0.1 + 0.2, 0.3]
    exact = sign_flip([1.0, 2.0, -3.0, 3.0, 3.0])
    assert sign_flip(values, noise=1e-16) == exact


def test_a_bootstrap_interval_needs_eight_values_that_differ() -> None:
    assert bootstrap_interval([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], 0.95) is None
    assert bootstrap_interval([0.1] * 10, 0.95) is None


def test_the_bootstrap_interval_is_near_students_and_the_same_each_time() -> None:
    values = list(np.random.default_rng(5).normal(0.01, 0.02, 30))
    found = bootstrap_interval(values, 0.95)
    assert found == bootstrap_interval(values, 0.95)
    t = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found == pytest.approx((t.low, t.high), abs=0.0015)


def test_the_bootstrap_interval_leans_to_the_long_tail() -> None:
    values = list(np.random.default_rng(6).exponential(1.0, 20))
    low, high = bootstrap_interval(values, 0.95) or (0.0, 0.0)
    mean = float(np.mean(values))
    assert high - mean > mean - low > 0


def test_the_bootstrap_interval_of_few_values_covers_as_it_says() -> None:
    rng = np.random.default_rng(7)
    found = [bootstrap_interval(list(rng.normal(size=8)), 0.95) for _ in range(300)]
    covered = np.mean([low <= 0 <= high for low, high in filter(None, found)])
    assert abs(covered - 0.95) < 0.01 + 3 * np.sqrt(0.95 * 0.05 / 300)
