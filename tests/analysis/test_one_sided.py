"""The tests that verdicts are made of: scipy's where nothing is tied, exact where much is, Holm's correction."""

from __future__ import annotations

from collections import Counter
from itertools import combinations_with_replacement
from math import comb, factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from se_bench.analysis.looks import Looks
from se_bench.analysis.one_sided import holm, p_values

untied = st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=30, unique_by=abs).map(
    lambda found: [value / 2048 for value in found]
)


@settings(deadline=None)
@given(untied)
def test_without_ties_it_is_the_t_test_of_scipy(values: list[float]) -> None:
    found = p_values(values, 0.0)
    assert found is not None
    assert not found.flipped
    for ours, alternative in ((found.above, "greater"), (found.below, "less")):
        assert ours == pytest.approx(stats.ttest_1samp(values, 0.0, alternative=alternative).pvalue, rel=1e-6)


@pytest.mark.parametrize("limit", [-0.05, 0.0, 0.01])
def test_the_limit_is_what_the_mean_is_compared_with(limit: float) -> None:
    values = list(np.random.default_rng(0).normal(0.01, 0.02, 7))
    found = p_values(values, limit)
    assert found is not None
    assert found.above == pytest.approx(stats.ttest_1samp(values, limit, alternative="greater").pvalue, rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_values_are_not_tested(n: int) -> None:
    assert p_values([0.1, 0.3][:n], 0.0) is None


@pytest.mark.parametrize(("n", "p"), [(3, 1 / 8), (5, 1 / 32), (8, 1 / 256)])
def test_equal_values_are_tested_by_their_signs(n: int, p: float) -> None:
    found = p_values([0.25] * n, 0.0)
    assert found is not None
    assert (found.above, found.below, found.flipped) == (p, 1.0, True)
    at_the_limit = p_values([0.25] * n, 0.25)
    assert at_the_limit is not None
    assert (at_the_limit.above, at_the_limit.below) == (1.0, 1.0)


def test_rounding_makes_no_difference_of_equal_values() -> None:
    values = [0.9 - 0.8, 0.8 - 0.7, 0.7 - 0.6, 0.3 - 0.2, 0.2 - 0.1]
    assert len(set(values)) > 1
    found = p_values(values, 0.0, noise=1e-15)
    assert found is not None
    assert found.flipped
    assert found.above == 1 / 32


LATTICES = {
    "signs": {-1: 0.5, 1: 0.5},
    "mostly zero": {-1: 0.2, 0: 0.6, 1: 0.2},
    "mostly not": {-1: 0.4, 0: 0.2, 1: 0.4},
    "two sizes": {-1.5: 0.375, -0.5: 0.125, 0.5: 0.125, 1.5: 0.375},
    "five": dict.fromkeys((-2, -1, 0, 1, 2), 0.2),
}


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
@pytest.mark.parametrize("name", LATTICES)
def test_on_a_coarse_grid_it_errs_in_at_most_5_of_100(name: str, n: int) -> None:
    """Every sample of a symmetric distribution on few values, by its probability: no simulation."""
    chances = LATTICES[name]
    wrong = 0.0
    for sample in combinations_with_replacement(chances, n):
        counts = Counter(sample)
        probability = factorial(n) * prod(chances[value] ** k / factorial(k) for value, k in counts.items())
        found = p_values([float(value) for value in sample], 0.0, noise=1e-9)
        assert found is not None
        if 2 * min(found.above, found.below) <= 0.05:
            wrong += probability
    assert wrong <= 0.05 + 1e-12


def test_ties_count_by_their_distance_from_the_limit() -> None:
    values = [0.1, 0.1, -0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    found = p_values(values, 0.0)
    assert found is not None
    assert found.above == (1 + comb(8, 1)) / 2**8


def test_at_each_look_it_is_the_test_of_the_values_so_far() -> None:
    """With ties, as with a small test split, some looks use signs and the others t: as each does alone."""
    rng = np.random.default_rng(3)
    looks = Looks(3, 12)
    for grid in (0.0, 0.002, 0.01):
        values = rng.normal(0.006, 0.01, 12)
        values = list(np.round(values / grid) * grid) if grid else list(values)
        alone = [p_values(values[:n], 0.0, noise=1e-12) for n in range(3, 13)]
        found = p_values(values, 0.0, noise=1e-12, looks=looks)
        assert found is not None
        assert found.above == pytest.approx(looks.p_value([each.above for each in alone if each]), rel=1e-9)
        assert found.below == pytest.approx(looks.p_value([each.below for each in alone if each]), rel=1e-9)
    assert found.flipped


def test_before_the_first_look_nothing_is_tested() -> None:
    assert p_values([0.1, 0.2, 0.3], 0.0, looks=Looks(4, 9)) is None


@settings(deadline=None, max_examples=6)  # theirs takes a tenth of a second
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(found: list[float]) -> None:
    assert holm(found) == pytest.approx(multipletests(found, method="holm")[1], rel=1e-12, abs=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_value_nor_changes_their_order(found: list[float]) -> None:
    adjusted = holm(found)
    assert all(p <= after <= 1 for p, after in zip(found, adjusted, strict=True))
    by_p = [after for _, after in sorted(zip(found, adjusted, strict=True))]
    assert by_p == sorted(by_p)


def test_holm_of_nothing_is_nothing() -> None:
    assert holm([]) == []
