"""Looks at growing data: how a test that is repeated with each new seed keeps its error rate.

A study with ``seeds: {min, max}`` tests a comparison after min, min + 1, ... max seeds and stops at the first
verdict. Testing each time at 5 % would find something in 15 to 20 of 100 comparisons without any difference. So the
error rate is *spent* (Lan & DeMets, Biometrika 70, 1983): after n of max seeds a one-sided test of level a may have
erred with probability at most

    spent(n) = 2 - 2 Φ(z(a / 2) / sqrt(n / max))

the spending function that resembles O'Brien and Fleming's bounds: next to nothing early, nearly all at the end.

The bounds are those of the t-test itself, not of a normal approximation, which errs by up to a sixth here as
three seeds are few. Under the hypothesis, with S the sum and Q the sum of squares of n values,

    U = S / sqrt(Q) and T = U sqrt((n - 1) / (n - U²)),    U' = (U + R) / sqrt(1 + R²),    R = X' / sqrt(Q)

where X' is the next value. Q is complete and sufficient for the unknown variance, and the history of U does not
depend on that variance, so they are independent (Basu's theorem), and R sqrt(n) has Student's distribution with n
degrees of freedom: U is a Markov chain whose bounds follow look by look (Jennison & Turnbull, Biometrika 78, 1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from se_bench.analysis.arrays import Floats

_SCORES = np.arange(0.0, 5.6, 0.1)
_LEVELS = special.ndtr(-_SCORES)
"""One-sided levels for which bounds are computed, from 1/2 to 2e-8; others are interpolated by normal scores."""
_EDGES = np.linspace(-5.0, 7.5, 251)
"""Cells of the distribution of U, in normal scores of its one-sided p."""
_EARLIEST = 1e-8
"""The one-sided level below which a look has no interval: it would be thousands of standard errors wide."""
_NOTHING = 1e-300
"""Keeps the logarithm of a probability finite."""
_CENTRES = (_EDGES[:-1] + _EDGES[1:]) / 2


@dataclass(frozen=True, slots=True)
class Looks:
    """One look after ``first`` seeds and one after each further one, up to ``last``."""

    first: int
    last: int

    def p_value(self, p_values: Sequence[float] | Floats) -> float:
        """The p of one side over all looks so far, given those of each look alone, ``first`` first.

        The smallest overall level at which the side is rejected by now (a sequential p-value: Liu & Anderson,
        JASA 103, 2008). Under the hypothesis it is at most a with probability a, whenever one stops, so Holm's
        correction applies to it as to any p (Maurer & Bretz, Stat. Biopharm. Res. 5, 2013).
        """
        scores = -special.ndtri(np.asarray(p_values, dtype=float))
        bounds = _bounds(self.first, self.last)[:, : len(scores)]
        reached = np.sum(bounds <= scores, axis=0) - 1  # bounds rise as levels fall
        looks = np.flatnonzero(reached >= 0)
        if not len(looks):
            return 1.0
        below, scores = reached[looks], scores[looks]
        above = np.minimum(below + 1, len(_SCORES) - 1)
        low, high = bounds[below, looks], bounds[above, looks]
        share = np.divide(scores - low, high - low, out=np.zeros_like(low), where=high > low)
        return float(special.ndtr(-np.max(_SCORES[below] + share * (_SCORES[above] - _SCORES[below]))))

    def level(self, level: float, n: int) -> float:
        """The one-sided p that a look at ``n`` seeds needs, where all looks together have ``level``."""
        own = _bounds(self.first, self.last)[:, n - self.first]
        return float(special.ndtr(-np.interp(-special.ndtri(level), _SCORES, own)))

    def tail(self, tail: float, n: int) -> float | None:
        """What an interval at ``n`` seeds leaves out on each side, where those of all looks leave out ``tail``.

        Repeated confidence intervals (Jennison & Turnbull, JRSS B 51, 1989): they agree with the verdicts, and
        cover the truth at least as often whenever one stops. None where the look is too early for any.
        """
        found = self.level(tail, min(n, self.last)) if n >= self.first else 0.0
        return found if found > _EARLIEST else None


@lru_cache(maxsize=16)
def _bounds(first: int, last: int) -> Floats:
    """Bounds as normal scores of the one-sided p, (levels, looks)."""
    scores = -special.ndtri(_LEVELS / 2)[:, None] / np.sqrt(np.arange(first, last + 1) / last)
    spent = np.diff(2 * special.ndtr(-scores), prepend=0.0, axis=1)
    bounds = np.empty_like(spent)
    above = np.tile(special.ndtr(-_EDGES), (len(_LEVELS), 1))
    for place, n in enumerate(range(first, last + 1)):
        bounds[:, place] = [_where(row, share) for row, share in zip(above, spent[:, place], strict=True)]
        step = _above(_statistic(_CENTRES, n), _statistic(_EDGES, n + 1), n)
        above = np.maximum(_cells(above, bounds[:, place]) @ step, _NOTHING)
    return bounds


def _where(above: Floats, share: float) -> float:
    """The score that has probability ``share`` above it; at most so much where that is beyond the cells."""
    if share < above[-1]:
        return float(-special.ndtri(share))
    return float(np.interp(-np.log(share), -np.log(above), _EDGES))


def _cells(above: Floats, bounds: Floats) -> Floats:
    """The probability of each cell below the bounds, (levels, cells)."""
    beyond = [np.exp(np.interp(bound, _EDGES, np.log(row))) for bound, row in zip(bounds, above, strict=True)]
    cells: Floats = -np.diff(np.maximum(above, np.array(beyond)[:, None]), axis=1)
    return cells


def _statistic(scores: Floats, n: int) -> Floats:
    """U of ``n`` values where the one-sided p of the t-test has these normal scores."""
    t = -special.stdtrit(n - 1, special.ndtr(-scores))
    return np.asarray(t * np.sqrt(n / (n - 1 + t**2)))


def _above(now: Floats, then: Floats, n: int) -> Floats:
    """The probability that U is at least ``then`` after one more value than the ``n`` of ``now``, (now, then).

    With R = tan φ, U' is sqrt(1 + U²) cos(φ - ψ) where tan ψ = 1 / U: at least ``then`` on an arc around ψ.
    """
    middle = np.arctan2(1.0, now)[:, None]
    half = np.arccos(np.clip(then / np.sqrt(1 + now[:, None] ** 2), -1, 1))

    def below(angle: Floats) -> Floats:
        edge = np.pi / 2
        r = np.tan(np.clip(angle, -edge, edge))
        inside: Floats = special.stdtr(n, r * np.sqrt(n))
        return np.where(angle <= -edge, 0.0, np.where(angle >= edge, 1.0, inside))

    return below(middle + half) - below(middle - half) + below(middle + half - 2 * np.pi)
