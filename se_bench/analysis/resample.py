"""How sure a derived number is: the Bayesian bootstrap over seeds, the same weights for every candidate.

A resample draws weights for the seeds from Dirichlet(1, ..., 1) (Rubin, Ann. Statist. 9, 1981) and weighs each
candidate's seeds with them, so that candidates stay paired. Unlike drawing seeds with repetition it leaves no
candidate without a seed where some are missing, and gives more than three different means of two seeds. Its
variance of a mean over k seeds is s²(k - 1) / (k(k + 1)); deviations are stretched by sqrt((k + 1) / (k - 1)),
so that it is the usual s² / k.

A candidate with one seed has no spread of its own; it takes the pooled one of the others.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import stats

from se_bench.analysis.estimates import CONFIDENCE
from se_bench.analysis.measured import Floats, means, spreads

RESAMPLES = 400
ALL = slice(None)
MOST_NOISE = 4.0
"""Standard deviations by which a single seed is moved at most."""
FEWEST_SEEDS = 2
"""With fewer nothing is known of how a number would vary."""


@cache
def weights(seeds: int) -> Floats:
    """(B, S): non-negative, each row sums to 1; always the same ones, so that a study gives the same figure."""
    found = np.random.default_rng(0).dirichlet(np.ones(seeds), size=RESAMPLES)
    found.setflags(write=False)
    return found


def has_spread(values: Floats) -> bool:
    """Whether any candidate of (K, S) has seeds enough."""
    return bool((np.isfinite(values).sum(axis=1) >= FEWEST_SEEDS).any())


def resampled_means(values: Floats, rows: slice = ALL) -> Floats:
    """(B, K): the mean of each candidate of (K, S) in each resample; NaN for those without any seed.

    Candidates with equal values tie in every resample: each is summed by itself, in the same order.

    Args:
        rows: the resamples that are wanted, where all at once would not fit into memory.
    """
    first, off, centre, stretch = _deviations(values)
    known = np.isfinite(values)
    drawn = weights(values.shape[1])[rows]
    sums, total = np.zeros((2, len(drawn), len(values)))
    for column, weight in enumerate(drawn.T):
        sums += weight[:, None] * off[None, :, column]
        total += weight[:, None] * known[None, :, column]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = first + (centre + stretch * (sums / total - centre))
    single = np.flatnonzero(known.sum(axis=1) == 1)
    if single.size:
        found[:, single] += pooled_spread(values) * _noise(rows, single.size)
    return found


def bounds(values: Floats) -> tuple[Floats, Floats]:
    """(K,) each: the least and the largest mean that any resample could give a candidate."""
    first, off, centre, stretch = _deviations(values)
    known = np.isfinite(values)
    least = np.where(known, off, np.inf).min(axis=1)
    most = np.where(known, off, -np.inf).max(axis=1)
    single = np.where(known.sum(axis=1) == 1, MOST_NOISE * pooled_spread(values), 0.0)
    low, high = (first + (centre + stretch * (end - centre)) for end in (least, most))
    return low - single, high + single


def _deviations(values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The first known value of each candidate, deviations from it, their mean, and how far they are stretched."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    first = values[np.arange(len(values)), known.argmax(axis=1)]
    off = np.where(known, values - first[:, None], 0.0)
    centre = means(np.where(known, off, np.nan))
    stretch = np.where(count >= FEWEST_SEEDS, np.sqrt((count + 1) / np.maximum(count - 1, 1)), 0.0)
    return first, off, centre, stretch


def _noise(rows: slice, candidates: int) -> Floats:
    drawn = [np.random.default_rng([1, row]).standard_normal(candidates) for row in range(RESAMPLES)[rows]]
    return np.clip(drawn, -MOST_NOISE, MOST_NOISE)


def pooled_spread(values: Floats) -> float:
    """The standard deviation over seeds within candidates of (K, S); 0 where no candidate has two seeds."""
    count = np.isfinite(values).sum(axis=1)
    freedom = np.maximum(count - 1, 0)
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
    shift = 2 * stats.norm.ppf(np.clip(below, 0.5 / found.size, 1 - 0.5 / found.size))
    reach = stats.norm.ppf(0.5 + confidence / 2)
    low, high = np.quantile(found, stats.norm.cdf([shift - reach, shift + reach]))
    return float(min(low, value)), float(max(high, value))
