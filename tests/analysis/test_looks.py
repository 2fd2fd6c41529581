"""Repeated looks: the error rate of sequential t-tests, against simulation, a closed form and a published table."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from se_bench.analysis import looks as module
from se_bench.analysis.looks import Looks

ONE_SIDED = [0.05, 0.025, 0.025 / 6]
DESIGNS = [(3, 20), (3, 6), (5, 12)]


@cache
def p_of_each_look(first: int, last: int, effect: float = 0.0) -> np.ndarray:
    """One-sided p of the t-test after each seed, of 100,000 studies."""
    values = np.random.default_rng(last).standard_normal((100_000, last)) + effect
    n = np.arange(first, last + 1)
    sums, squares = (np.cumsum(each, axis=1)[:, first - 1 :] for each in (values, values**2))
    t = sums / n / np.sqrt((squares - sums**2 / n) / (n - 1) / n)
    return special.stdtr(n - 1, -t)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("level", ONE_SIDED)
def test_all_looks_together_err_as_often_as_their_level_says(design: tuple[int, int], level: float) -> None:
    first, last = design
    bounds = [Looks(*design).level(level, n) for n in range(first, last + 1)]
    wrong = np.mean(np.any(p_of_each_look(first, last) <= bounds, axis=1))
    assert abs(wrong - level) < 3 * np.sqrt(level / 100_000) + 0.01 * level


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_bounds_of_normal_statistics_would_err_more_often(design: tuple[int, int]) -> None:
    """Which is why they are not used: those of a Brownian motion at the same spending, by simulation."""
    first, last = design
    steps = np.random.default_rng(0).standard_normal((100_000, last))
    n = np.arange(first, last + 1)
    z = np.cumsum(steps, axis=1)[:, first - 1 :] / np.sqrt(n)
    spent = 2 * stats.norm.sf(stats.norm.isf(0.0125) / np.sqrt(n / last))
    alive, bounds = np.ones(len(z), dtype=bool), []
    for place, share in enumerate(np.diff(spent, prepend=0)):
        kept = np.sort(z[alive, place])
        crossing = round(share * len(z))
        bounds.append(kept[-crossing] if crossing else np.inf)
        alive &= z[:, place] < bounds[-1]
    wrong = np.mean(np.any(p_of_each_look(first, last) <= stats.norm.sf(bounds), axis=1))
    assert wrong > 1.05 * 0.025


def test_the_first_bound_is_what_is_published_for_this_spending() -> None:
    """At a fifth of all seeds, 2.5 %: 4.877 (gsDesign's `sfLDOF`); no look came before, so it is the normal score."""
    assert -special.ndtri(Looks(4, 20).level(0.025, 4)) == pytest.approx(4.877, abs=1e-3)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("level", [0.3, *ONE_SIDED, 1e-5])
def test_a_p_at_its_bound_is_the_level_and_the_smallest_p_counts(design: tuple[int, int], level: float) -> None:
    looks = Looks(*design)
    for n in {design[0], (design[0] + design[1]) // 2, design[1]}:
        so_far = [1.0] * (n - design[0]) + [looks.level(level, n)]
        assert looks.p_value(so_far) == pytest.approx(level, rel=1e-6)
        assert looks.p_value([*so_far, 1.0][: design[1] - design[0] + 1]) == pytest.approx(level, rel=1e-6)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=18))
def test_the_p_of_all_looks_only_falls_with_more_of_them(found: list[float]) -> None:
    looks = Looks(3, 20)
    over_time = [looks.p_value(found[: n + 1]) for n in range(len(found))]
    assert over_time == sorted(over_time, reverse=True)
    assert all(0 < p <= 1 for p in over_time)
    assert over_time[0] >= found[0] or found[0] == 0


def test_the_p_of_all_looks_is_one_under_the_hypothesis() -> None:
    """At most a with probability a, for every a at once: uniform, but for the last looks' resolution."""
    looks = Looks(3, 10)
    found = np.array([looks.p_value(row) for row in p_of_each_look(3, 10)[:5000]])
    for a in (0.01, 0.05, 0.1, 0.25):
        assert abs(np.mean(found <= a) - a) < 3.5 * np.sqrt(a * (1 - a) / len(found))


@given(st.sampled_from(DESIGNS), st.floats(1e-6, 0.5), st.floats(1e-6, 0.5))
def test_bounds_rise_with_the_level_and_loosen_with_the_seeds(
    design: tuple[int, int], one: float, other: float
) -> None:
    looks = Looks(*design)
    low, high = sorted((one, other))
    for n in range(design[0], design[1] + 1):
        assert looks.level(low, n) <= looks.level(high, n) <= high
    by_seeds = [looks.level(low / 10, n) for n in range(design[0], design[1] + 1)]
    assert by_seeds == sorted(by_seeds)


def test_an_interval_holds_at_all_looks_together() -> None:
    first, last = 3, 20
    looks = Looks(first, last)
    p = p_of_each_look(first, last)
    tails = np.array([looks.tail(0.025, n) or 0.0 for n in range(first, last + 1)])
    missed = np.any((p <= tails) | (p >= 1 - tails), axis=1)
    assert abs(np.mean(missed) - 0.05) < 3 * np.sqrt(0.05 / len(p)) + 0.0005
    assert looks.tail(0.025, 3) is None
    assert looks.tail(0.025, 2) is None
    assert looks.tail(0.025, 25) == looks.tail(0.025, 20)


def test_the_chain_of_t_statistics_has_the_transition_that_is_said() -> None:
    """P(U' >= v | U = u), by drawing Q (chi-square, n degrees; S = u sqrt(Q)) and the next value."""
    n, rng = 4, np.random.default_rng(8)
    for u in (-1.5, 0.2, 1.9):
        squares = rng.chisquare(n, 400_000)
        following = rng.standard_normal(400_000)
        drawn = (u * np.sqrt(squares) + following) / np.sqrt(squares + following**2)
        edges = np.array([-2.0, -1.2, 0.0, 0.9, 1.5, 2.1])
        ours = module._above(np.array([u]), edges, n)[0]
        theirs = [np.mean(drawn >= edge) for edge in edges]
        assert ours == pytest.approx(theirs, abs=0.003)
