"""Power and the seeds for it, against statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from se_bench.analysis.power import detectable, power, seeds_needed

THEIRS = TTestPower()
levels = st.sampled_from([0.05, 0.025, 0.025 / 6])


@settings(deadline=None)
@given(st.floats(0.0, 5.0), st.integers(3, 60), levels)
def test_power_is_that_of_statsmodels(effect: float, n: int, level: float) -> None:
    theirs = THEIRS.power(effect, n, level, alternative="larger")
    expected = 1.0 if math.isnan(theirs) else theirs  # of effects that no study misses it gives no number
    assert power(effect, n, level) == pytest.approx(expected, abs=1e-6)


def test_an_effect_that_no_study_misses_has_all_power() -> None:
    assert power(9.0, 50, 0.025) == 1.0
    assert seeds_needed(1e6, 0.025) == 3


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 60), levels)
def test_the_least_detectable_effect_is_that_of_statsmodels(n: int, level: float) -> None:
    theirs = THEIRS.solve_power(nobs=n, alpha=level, power=0.8, alternative="larger")
    assert detectable(n, level) == pytest.approx(float(theirs), rel=1e-4)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_seeds_detect_nothing(n: int) -> None:
    assert detectable(n, 0.025) is None


@settings(deadline=None, max_examples=50)
@given(st.floats(0.05, 10.0), levels)
def test_the_seeds_needed_are_the_fewest_with_the_power(effect: float, level: float) -> None:
    n = seeds_needed(effect, level)
    assert n >= 3
    assert power(effect, n, level) >= 0.7999
    assert n == 3 or power(effect, n - 1, level) < 0.8005


@pytest.mark.parametrize("effect", [0.01, 0.1, 0.25])
def test_many_seeds_are_counted_as_statsmodels_does(effect: float) -> None:
    theirs = THEIRS.solve_power(effect_size=effect, alpha=0.05, power=0.8, alternative="two-sided")
    assert seeds_needed(effect, 0.025) == pytest.approx(math.ceil(theirs), abs=2)
