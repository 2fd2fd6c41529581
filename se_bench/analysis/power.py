"""Power of the paired t-test: which difference a number of seeds can show, and how many seeds a difference needs.

With d the true mean over the true standard deviation of the differences of a seed, the t statistic of n seeds is
noncentral t with n - 1 degrees of freedom and noncentrality d sqrt(n) (Cohen 1988, chapter 2; the same as
statsmodels' ``TTestPower``).
"""

from __future__ import annotations

import math

from scipy import integrate, optimize, special

from se_bench.analysis.one_sided import FEWEST

POWER = 0.8
_EXACT = 200
"""Seeds beyond which an approximation is as good."""


def power(effect: float, n: int, level: float) -> float:
    """The probability that a one-sided test of ``level`` with ``n`` seeds finds a difference.

    Args:
        effect: how far the true mean lies beyond the limit, in standard deviations of the paired differences.
        n: seeds, at least two.
        level: one-sided.
    """
    critical = special.stdtrit(n - 1, 1 - level)
    missed = float(special.nctdtr(n - 1, effect * math.sqrt(n), critical))
    return 1.0 if math.isnan(missed) else 1 - missed  # its series underflows where next to nothing is missed


def equivalence_power(margin: float, n: int, level: float) -> float:
    """The probability that two one-sided tests of ``level`` show equivalence where there is no difference.

    Both succeed where the mean lies within margin - t s / sqrt(n) of zero, over all s (Phillips, J. Pharmacokin.
    Biopharm. 18, 1990).

    Args:
        margin: in standard deviations of the paired differences.
        n: seeds, at least two.
        level: of each test.
    """
    critical = special.stdtrit(n - 1, 1 - level)
    freedom = n - 1

    def density(s: float) -> float:
        inside = 2 * special.ndtr(margin * math.sqrt(n) - critical * s) - 1
        return float(inside * _density_of_spread(s, freedom))

    return float(integrate.quad(density, 0, margin * math.sqrt(n) / critical)[0])


def _density_of_spread(s: float, freedom: int) -> float:
    """The density of a sample standard deviation whose true value is 1: chi over the root of its freedom."""
    half = freedom / 2
    logarithm = special.xlogy(freedom - 1, s) - half * s**2 + half * math.log(half) - special.gammaln(half)
    return 2 * math.exp(logarithm)


def detectable(n: int, level: float) -> float | None:
    """The least effect that ``n`` seeds show with 80 % power at a one-sided ``level``; None for too few seeds."""
    if n < FEWEST:
        return None
    most = 2.0
    while power(most, n, level) < POWER:
        most *= 2
    return float(optimize.brentq(lambda effect: power(effect, n, level) - POWER, 0.0, most, xtol=1e-6))


def seeds_needed(effect: float, level: float) -> int:
    """The fewest seeds that show ``effect`` (above 0) with 80 % power at a one-sided ``level``."""
    critical = float(special.ndtri(1 - level))
    approximately = float(((critical + special.ndtri(POWER)) / effect) ** 2)
    if approximately > _EXACT:
        return math.ceil(approximately + critical**2 / 2)  # Guenther, The American Statistician 35, 1981
    n = max(FEWEST, math.floor(approximately))
    while power(effect, n, level) < POWER:
        n += 1
    return n
