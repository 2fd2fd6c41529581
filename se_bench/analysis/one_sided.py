"""One-sided tests of a mean against a limit: what every verdict is made of.

Student's t-test, from three values on: with two, one degree of freedom is left, and whatever two values happen to
lie close together would be a verdict. Where ties leave at most half as many distances from the limit as there are
values (a small test split, nets that are all but equal), the spread is an accident of the grid and t errs, so the
exact test of sign flips stands in. It is chosen by the distances alone, which flipping signs does not change, so it
stays exact. It takes six seeds to find anything at 5 %, two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from se_bench.analysis.arrays import Floats
from se_bench.analysis.looks import Looks
from se_bench.analysis.resampling import sign_flip

FEWEST = 3
"""Values without which nothing is tested."""


@dataclass(frozen=True, slots=True)
class OneSided:
    """The p-values of both sides."""

    above: float
    """Of the hypothesis that the true mean is at most the limit: small if it is above."""
    below: float
    """Of the hypothesis that the true mean is at least the limit: small if it is below."""
    flipped: bool = False
    """Whether sign flips stood in for t."""


def p_values(
    values: Sequence[float], limit: float, *, noise: float = 0.0, looks: Looks | None = None
) -> OneSided | None:
    """Both sides' p-values; None for fewer values than a test, or the first look, needs.

    Args:
        values: one for each seed, in order of seeds.
        limit: what the mean is compared with.
        noise: values that lie no further apart count as equal.
        looks: where each further seed was another look, p is over all of them.
    """
    n = len(values)
    if n < (looks.first if looks else FEWEST):
        return None
    distances = [value - limit for value in values]
    if looks is None:
        return _alone(distances, noise)
    distances = distances[: looks.last]
    above, below = _t_of_each(np.array(distances), looks.first)
    # A look with ties enough for sign flips has at most twice as many seeds as all looks have ties.
    ties = len(distances) - _different(distances, noise)
    flipped = False
    for count in range(looks.first, min(2 * ties, len(distances)) + 1):
        alone = _alone(distances[:count], noise)
        above[count - looks.first], below[count - looks.first] = alone.above, alone.below
        flipped = flipped or alone.flipped
    return OneSided(looks.p_value(above), looks.p_value(below), flipped)


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


def _alone(distances: Sequence[float], noise: float) -> OneSided:
    n = len(distances)
    if _different(distances, noise) <= n / 2:
        above, below = sign_flip(distances, noise)
        return OneSided(above, below, flipped=True)
    mean = math.fsum(distances) / n
    variance = math.fsum((distance - mean) ** 2 for distance in distances) / (n - 1)
    t = mean / math.sqrt(variance / n)
    return OneSided(float(special.stdtr(n - 1, -t)), float(special.stdtr(n - 1, t)))


def _t_of_each(distances: Floats, first: int) -> tuple[Floats, Floats]:
    """The t-test of the first n values, for each n from ``first`` on; not a number where they have no spread."""
    counts = np.arange(first, len(distances) + 1, dtype=np.float64)
    means = np.cumsum(distances)[first - 1 :] / counts
    centred = distances - distances[0]  # a spread far below the mean would be lost in the sum of squares
    sums, squares = np.cumsum(centred)[first - 1 :], np.cumsum(centred**2)[first - 1 :]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / np.sqrt((squares - sums**2 / counts) / (counts - 1) / counts)
    return special.stdtr(counts - 1, -t), special.stdtr(counts - 1, t)


def _different(distances: Sequence[float], noise: float) -> int:
    """How many distances from the limit there are, whichever their sign."""
    sizes = sorted(abs(distance) for distance in distances)
    return 1 + sum(after - before > noise for before, after in pairwise(sizes))
