"""Means and paired differences with their intervals: Student's t over seeds.

Two candidates with the same seed share initial weights and every batch, so their difference is taken seed by
seed and varies less than either accuracy does. Where fewer than two seeds are known, or all agree to the last
digit (the resolution of a test split hides the spread), no interval is claimed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds, with its 95 % interval where there is one."""

    n: int
    """Seeds it rests on."""
    mean: float | None
    """None where n is 0."""
    low: float | None
    high: float | None
    spread: float | None
    """Standard deviation over seeds (n - 1 in the denominator); None where n is below 2."""


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """A mean of differences, seed by seed, with the p-value of there being none."""

    p: float | None
    """Two-sided paired t-test against zero, for this comparison alone; None where there is no interval."""


def estimate(values: Sequence[float], confidence: float = CONFIDENCE, *, noise: float = 0.0) -> Estimate:
    """The mean of ``values`` with its t interval: mean ± t(n - 1) · sd / sqrt(n).

    Values that lie no further apart than ``noise`` count as equal.
    """
    n = len(values)
    if n == 0:
        return Estimate(0, None, None, None, None)
    mean = math.fsum(values) / n
    spread = _spread(values, mean, noise)
    if not spread:
        return Estimate(n, mean, None, None, spread)
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * spread / math.sqrt(n)
    return Estimate(n, mean, mean - half, mean + half, spread)


def difference(candidate: Mapping[int, float], against: Mapping[int, float]) -> Difference:
    """The mean of ``candidate - against`` over the seeds that both have (seed -> value)."""
    # 0.9 - 0.8 and 0.8 - 0.7 are not equal in floating point: that is no spread, and no ground for a verdict.
    largest = max((abs(side[seed]) for side in (candidate, against) for seed in candidate.keys() & against), default=0)
    found = estimate(differences(candidate, against), noise=4 * sys.float_info.epsilon * largest)
    p = None
    if found.mean is not None and found.spread:
        statistic = t_statistic(found, 0.0)
        p = float(2 * stats.t.sf(abs(statistic), found.n - 1))
    return Difference(found.n, found.mean, found.low, found.high, found.spread, p)


def differences(candidate: Mapping[int, float], against: Mapping[int, float]) -> list[float]:
    """``candidate - against`` for each seed that both have, in order of seeds."""
    return [candidate[seed] - against[seed] for seed in sorted(candidate.keys() & against.keys())]


def t_statistic(found: Estimate, value: float) -> float:
    """How many standard errors the mean lies above ``value``; the estimate must have a spread."""
    assert found.mean is not None
    assert found.spread
    return (found.mean - value) * math.sqrt(found.n) / found.spread


def p_above(found: Estimate, value: float) -> float:
    """One-sided p-value of the hypothesis that the true mean is at most ``value``: small if it is above."""
    return float(stats.t.sf(t_statistic(found, value), found.n - 1))


def p_below(found: Estimate, value: float) -> float:
    """One-sided p-value of the hypothesis that the true mean is at least ``value``: small if it is below."""
    return float(stats.t.cdf(t_statistic(found, value), found.n - 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (Scand. J. Statist. 6, 1979): family-wise error over all that are given.

    The adjusted value of the k-th smallest of m is the largest of (m - j + 1) · p_(j) over j <= k, at most 1.
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def _spread(values: Sequence[float], mean: float, noise: float) -> float | None:
    """The sample standard deviation; exactly 0 where all values are equal, None for fewer than two."""
    if len(values) < 2:
        return None
    if max(values) - min(values) <= noise:
        return 0.0
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
