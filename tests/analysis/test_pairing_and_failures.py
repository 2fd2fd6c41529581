"""What pairing brought, and how often trials fail, against numpy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from se_bench.analysis.failures import FailureRate
from se_bench.analysis.pairing import pairing


def drawn(correlation: float, spreads: tuple[float, float], seeds: int, rng: np.random.Generator):
    shared, one, other = rng.standard_normal((3, seeds))
    share, own = np.sqrt(correlation), np.sqrt(1 - correlation)
    sides = (spread * (share * shared + own * noise) for spread, noise in zip(spreads, (one, other), strict=True))
    return tuple(dict(enumerate(side)) for side in sides)


def test_of_one_comparison_it_is_the_formula() -> None:
    one, other = drawn(0.6, (1.0, 3.0), 8, np.random.default_rng(0))
    found = pairing([(one, other)])
    a, b = (np.array(list(side.values())) for side in (one, other))
    assert found is not None
    assert found.removed == pytest.approx(1 - np.var(a - b, ddof=1) / (np.var(a, ddof=1) + np.var(b, ddof=1)))
    assert found.correlation == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert (found.comparisons, found.degrees) == (1, 7)


@pytest.mark.parametrize(("correlation", "spreads"), [(0.64, (1, 1)), (0.55, (1, 5)), (0.0, (1, 1))])
def test_over_many_comparisons_it_comes_to_the_truth(correlation: float, spreads: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    found = pairing([drawn(correlation, spreads, 5, rng) for _ in range(3000)])
    assert found is not None
    one, other = spreads
    assert found.correlation == pytest.approx(correlation, abs=0.03)
    assert found.removed == pytest.approx(2 * correlation * one * other / (one**2 + other**2), abs=0.03)


def test_pairing_that_makes_it_worse_is_said() -> None:
    found = pairing([({0: 0.1, 1: 0.2, 2: 0.3}, {0: 0.3, 1: 0.2, 2: 0.1})])
    assert found is not None
    assert found.removed == pytest.approx(-1.0)
    assert found.correlation == pytest.approx(-1.0)


def test_too_few_common_seeds_say_nothing_and_equal_values_no_correlation() -> None:
    assert pairing([({0: 0.1, 1: 0.2}, {0: 0.3, 1: 0.1}), ({}, {})]) is None
    still = pairing([(dict.fromkeys(range(3), 0.5), dict.fromkeys(range(3), 0.25))])
    assert still is not None
    assert (still.removed, still.correlation) == (0.0, 0.0)


@pytest.mark.parametrize(("lost", "trials"), [(0, 5), (1, 5), (5, 5), (3, 40)])
def test_the_interval_of_a_failure_rate_is_clopper_and_pearsons(lost: int, trials: int) -> None:
    found = FailureRate(trials, lost)
    assert found.share == lost / trials
    assert found.interval == pytest.approx(proportion_confint(lost, trials, 0.05, method="beta"), abs=1e-9)


def test_no_trial_has_no_rate() -> None:
    assert (FailureRate(0, 0).share, FailureRate(0, 0).interval) == (None, None)
