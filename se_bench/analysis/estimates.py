"""Means and paired differences with their intervals and standardised sizes.

Two candidates with the same seed share initial weights and every batch, so their difference is taken seed by
seed and varies less than either accuracy does. Where fewer than two seeds are known, or all agree to the last
digit (the resolution of a test split hides the spread), no interval is claimed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import special

from se_bench.analysis.looks import Looks
from se_bench.analysis.one_sided import p_values
from se_bench.analysis.resampling import bootstrap_interval, sign_flip

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2


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
    """A mean of one difference a seed. Tests and resampling are done when they are asked for."""

    values: tuple[float, ...]
    """The differences, in order of seeds."""
    noise: float
    """What rounding alone may make of two equal differences."""
    looks: Looks | None
    """Where seeds are added one by one, the looks at them: interval and p hold over all of them."""

    @property
    def p(self) -> float | None:
        """Two-sided against zero, for this comparison alone; None where nothing can be tested."""
        sides = p_values(self.values, 0.0, noise=self.noise, looks=self.looks)
        return min(1.0, 2 * min(sides.above, sides.below)) if sides else None

    @property
    def d_z(self) -> float | None:
        """Cohen's d of paired data: mean over standard deviation of the differences; None without a spread."""
        return self.mean / self.spread if self.mean is not None and self.spread else None

    @property
    def g_z(self) -> float | None:
        """``d_z`` without its bias in small samples (Hedges, J. Educ. Stat. 6, 1981), by the exact factor."""
        if self.d_z is None:
            return None
        df = self.n - 1
        if df < 2:
            return None
        factor = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
        return factor * self.d_z

    @property
    def bootstrap(self) -> tuple[float, float] | None:
        """The 95 % BCa interval; see :func:`bootstrap_interval`."""
        return bootstrap_interval(self.values, CONFIDENCE) if self.spread else None

    @property
    def sign_flip_p(self) -> float | None:
        """Two-sided p by flipping signs; None without a seed."""
        return min(1.0, 2 * min(sign_flip(self.values, self.noise))) if self.values else None


def estimate(values: Sequence[float], *, tail: float | None = TAIL, noise: float = 0.0) -> Estimate:
    """The mean of ``values`` with its t interval: mean ± t(n - 1) · sd / sqrt(n).

    Args:
        values: one for each seed.
        tail: the probability that the interval leaves out on each side; None for no interval.
        noise: values that lie no further apart count as equal.
    """
    n = len(values)
    if n == 0:
        return Estimate(0, None, None, None, None)
    mean = math.fsum(values) / n
    spread = _spread(values, mean, noise)
    if not spread or tail is None:
        return Estimate(n, mean, None, None, spread)
    half = -float(special.stdtrit(n - 1, tail)) * spread / math.sqrt(n)
    return Estimate(n, mean, mean - half, mean + half, spread)


def difference(candidate: Mapping[int, float], against: Mapping[int, float], looks: Looks | None = None) -> Difference:
    """The mean of ``candidate - against`` over the seeds that both have (seed -> value)."""
    return combination([(1.0, candidate), (-1.0, against)], looks=looks)


def combination(
    terms: Sequence[tuple[float, Mapping[int, float]]],
    seeds: Sequence[int] | None = None,
    looks: Looks | None = None,
) -> Difference:
    """The mean of a weighted sum of candidates, seed by seed.

    Args:
        terms: each candidate's weight and its values (seed -> value).
        seeds: the seeds that may count, in order; without it, all.
        looks: where seeds are added one by one, the looks at them.
    """
    common = set.intersection(*(set(values) for _, values in terms))
    chosen = sorted(common) if seeds is None else [seed for seed in seeds if seed in common]
    found = tuple(math.fsum(weight * values[seed] for weight, values in terms) for seed in chosen)
    # 0.9 - 0.8 and 0.8 - 0.7 are not equal in floating point: that is no spread, and no ground for a verdict.
    sizes = (math.fsum(abs(weight * values[seed]) for weight, values in terms) for seed in chosen)
    noise = 2 * sys.float_info.epsilon * max(sizes, default=0.0)
    mean = estimate(found, tail=looks.tail(TAIL, len(found)) if looks else TAIL, noise=noise)
    return Difference(mean.n, mean.mean, mean.low, mean.high, mean.spread, found, noise, looks)


def _spread(values: Sequence[float], mean: float, noise: float) -> float | None:
    """The sample standard deviation; exactly 0 where all values are equal, None for fewer than two."""
    if len(values) < 2:
        return None
    if max(values) - min(values) <= noise:
        return 0.0
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
