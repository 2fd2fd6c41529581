"""What pairing by seed brought: how much less differences vary than they would between seeds of their own.

Var(a - b) = Var(a) + Var(b) - 2 Cov(a, b), and without pairing the covariance is 0. So pairing removed the share
1 - Var(a - b) / (Var(a) + Var(b)) of the variance, and saved that share of the seeds (Snedecor & Cochran 1989,
section 6.9); a negative share is what it added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from se_bench.analysis.one_sided import FEWEST


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pooled over comparisons, each weighted by its degrees of freedom."""

    comparisons: int
    """Pairs of candidates with at least three seeds in common."""
    degrees: int
    """Of freedom: one less than the common seeds, summed over the comparisons."""
    separate: float
    """Mean of Var(a) + Var(b)."""
    paired: float
    """Mean of Var(a - b)."""
    correlation: float
    """Covariance over the geometric mean of both variances, pooled alike; 0 where nothing varies."""

    @property
    def removed(self) -> float:
        """The share of the variance of differences that pairing removed; at most 1."""
        return 1 - self.paired / self.separate if self.separate else 0.0


def pairing(pairs: Iterable[tuple[Mapping[int, float], Mapping[int, float]]]) -> Pairing | None:
    """Over all ``pairs`` of candidates (seed -> value each); None where no two share three seeds."""
    degrees = comparisons = 0
    separate = paired = covariance = geometric = 0.0
    for one, other in pairs:
        seeds = sorted(one.keys() & other.keys())
        if len(seeds) < FEWEST:
            continue
        own = len(seeds) - 1
        (first, both), (_, second) = np.cov([one[seed] for seed in seeds], [other[seed] for seed in seeds])
        comparisons += 1
        degrees += own
        separate += own * (first + second)
        paired += own * (first + second - 2 * both)
        covariance += own * both
        geometric += own * np.sqrt(first * second)
    if not comparisons:
        return None
    correlation = covariance / geometric if geometric else 0.0
    return Pairing(comparisons, degrees, float(separate / degrees), float(paired / degrees), float(correlation))
