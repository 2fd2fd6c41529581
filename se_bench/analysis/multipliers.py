"""How sure a derived number is: the multiplier bootstrap over seeds, the same multipliers for every candidate.

In a resample each seed s has a standard normal multiplier z(s), and all a common divisor from chi-squared; the
mean of a candidate with k seeds becomes

    mean + sqrt((k - 1) / chi²(k - 1)) · sum over s of z(s) · (value(s) - mean) / sqrt(k (k - 1))

(Wu, Ann. Statist. 14, 1986, for the multipliers). Candidates stay paired, and for any two of them the share of
resamples in which one is above the other is the one-sided p-value of the paired t-test: what is said of fronts
agrees with what is said of differences. Drawing seeds with repetition instead would call three seeds that agree
certain.

A candidate with one seed has no spread of its own; it takes the pooled one of the others.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import special

from se_bench.analysis.arrays import Floats
from se_bench.analysis.estimates import CONFIDENCE
from se_bench.analysis.seed_table import means, spreads

RESAMPLES = 400
ALL = slice(None)
FEWEST_SEEDS = 2
"""With fewer nothing is known of how a number would vary."""


def has_spread(values: Floats) -> bool:
    """Whether any candidate of (K, S) has seeds enough."""
    return bool((np.isfinite(values).sum(axis=1) >= FEWEST_SEEDS).any())


def resampled_means(values: Floats, rows: slice = ALL, *, pooled: float | None = None) -> Floats:
    """(B, K): the mean of each candidate of (K, S) in each resample; NaN for those without any seed.

    Always the same resamples, so that a study gives the same figure. Candidates with equal values tie in each:
    every one is summed by itself, in the same order.

    Args:
        rows: the resamples that are wanted, where all at once would not fit into memory.
        pooled: the spread of those with one seed, where ``values`` are not all candidates of the study.
    """
    known = np.isfinite(values)
    count = known.sum(axis=1)
    mean = means(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(known, values - mean[:, None], 0.0) / np.sqrt(count * np.maximum(count - 1, 1))[:, None]
    off[spreads(values) == 0] = 0.0
    normal, scale = _multipliers(values.shape[1])
    sums = np.zeros((len(normal[rows]), len(values)))
    for column, multiplier in enumerate(normal[rows].T):
        sums += multiplier[:, None] * off[None, :, column]
    found: Floats = mean + scale[rows][:, count] * sums
    single = np.flatnonzero(count == 1)
    if single.size:
        spread = pooled_spread(values) if pooled is None else pooled
        found[:, single] += spread * _noise(rows, single.size)
    return found


@cache
def _multipliers(seeds: int) -> tuple[Floats, Floats]:
    """(B, S) normal multipliers of the seeds, and (B, S + 1) what k of them are scaled by in each multipliers.

    One uniform number a resample gives the chi-squared of every k by its quantile, spread evenly.
    """
    random = np.random.default_rng(0)
    normal = random.standard_normal((RESAMPLES, seeds))
    uniform = random.permutation((np.arange(RESAMPLES) + 0.5) / RESAMPLES)
    scale = np.ones((RESAMPLES, seeds + 1))
    for k in range(FEWEST_SEEDS, seeds + 1):
        scale[:, k] = np.sqrt((k - 1) / (2 * special.gammaincinv((k - 1) / 2, uniform)))
    return normal, scale


def _noise(rows: slice, candidates: int) -> Floats:
    return np.array([np.random.default_rng([1, row]).standard_normal(candidates) for row in range(RESAMPLES)[rows]])


def pooled_spread(values: Floats) -> float:
    """The standard deviation over seeds within candidates of (K, S); 0 where no candidate has two seeds."""
    freedom = np.maximum(np.isfinite(values).sum(axis=1) - 1, 0)
    squares = np.nansum(freedom * spreads(values) ** 2)
    return float(np.sqrt(squares / freedom.sum())) if freedom.sum() else 0.0


def interval(samples: Floats, value: float, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Both ends of the bias-corrected percentile interval (Efron, Can. J. Statist. 9, 1981); it contains ``value``.

    The best of several noisy numbers is better in a resample than in truth, so plain percentiles would lie
    beside the value itself. None where the samples do not vary.
    """
    found = samples[np.isfinite(samples)]
    if not found.size or np.ptp(found) == 0:
        return None
    below = ((found < value).sum() + 0.5 * (found == value).sum()) / found.size
    shift = 2 * special.ndtri(np.clip(below, 0.5 / found.size, 1 - 0.5 / found.size))
    reach = special.ndtri(0.5 + confidence / 2)
    low, high = (float(np.quantile(found, special.ndtr(shift + sign * reach))) for sign in (-1, 1))
    return min(low, value), max(high, value)
