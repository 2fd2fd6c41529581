"""What pairing by seed brought: how much less differences vary than they would between seeds of their own.

Var(a - b) = Var(a) + Var(b) - 2 Cov(a, b), and without pairing the covariance is 0. So pairing removed the share
1 - Var(a - b) / (Var(a) + Var(b)) of the variance, and saved that share of the seeds (Snedecor & Cochran 1989,
section 6.9); a negative share is what it added.
"""

from __future__ import annotations

import math
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
    """Covariance over the geometric mean of the variances of either side, each pooled; 0 where nothing varies."""

    @property
    def removed(self) -> float:
        """The share of the variance of differences that pairing removed; at most 1."""
        return 1 - self.paired / self.separate if self.separate else 0.0


def pairing(pairs: Iterable[tuple[Mapping[int, float], Mapping[int, float]]]) -> Pairing | None:
    """Over all ``pairs`` of candidates (seed -> value each); None where no two share three seeds."""
    moments = np.zeros((2, 2))
    degrees = comparisons = 0
    for one, other in pairs:
        seeds = sorted(one.keys() & other.keys())
        if len(seeds) < FEWEST:
            continue
        own = len(seeds) - 1
        moments += own * np.cov([one[seed] for seed in seeds], [other[seed] for seed in seeds])
        comparisons += 1
        degrees += own
    if not comparisons:
        return None
    (first, both), (_, second) = (moments / degrees).tolist()
    return Pairing(
        comparisons=comparisons,
        degrees=degrees,
        separate=first + second,
        paired=first + second - 2 * both,
        correlation=both / math.sqrt(first * second) if first * second else 0.0,
    )
